"""From a complaint to an improvement and its measured effect; and the staff meeting's page."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Program

FIELDS = [
    "id", "title", "because", "reason", "feedback_id", "segment", "owner", "staff_incentive", "added_on", "due_on",
    "done_on", "measure", "before_k", "before_n", "after_k", "after_n", "difference", "difference_low",
    "difference_high", "moved",
]  # fmt: skip


def test_an_improvement_from_a_complaint_to_its_measured_effect(shop: Program) -> None:
    for number in range(8):
        shop("add-customer", f"Customer {number}", "--segment", "Retail", today="2026-06-01")
    shop("complain", "Customer 0", "nobody calls before they come", "--process", "delivery", today="2026-09-14")
    begun = shop("add-action", "call the day before", "--feedback", "1", "--measure", "participation", "--segment",
                 "Retail", "--due", "2026-10-31", "--incentive", "a free Friday", "--owner", "Ida", "--json",
                 today="2026-09-15").json  # fmt: skip
    assert list(begun) == FIELDS
    assert (begun["because"], begun["before_k"], begun["before_n"], begun["after_n"]) == (
        "nobody calls before they come", 0, 8, None,
    )  # fmt: skip
    for number in range(6):
        shop("refer", f"Customer {number}", f"Friend {number}", today="2026-10-10")
    assert [row["id"] for row in shop("actions", "--mine", "--json").json] == []
    finished = shop("finish-action", "1", today="2026-10-20")
    assert "Participation from 0 of 8 (0 %) to 6 of 8 (75 %): +75 points" in finished.err
    assert "it moved up. The team gets: a free Friday." in finished.err
    assert "Next: you said, we did" in finished.err
    (row,) = shop("actions", "--all", "--json").json
    assert (row["after_k"], row["after_n"], row["moved"], row["done_on"]) == (6, 8, True, "2026-10-20")
    assert row["difference"] == 0.75
    told = next(item for item in shop("due", "--json").json if item["what"] == "you said, we did")
    letter = shop("draft", told["id"]).out
    assert "You told us: “nobody calls before they come.”" in letter
    assert "This is what we have changed: call the day before." in letter
    page = shop("agenda", "--json").json
    assert [each["id"] for each in page["actions"]] == ["1"]
    for command in shop("history", "--json").json[:1]:
        shop("undo", command["id"])
    assert [row["moved"] for row in shop("actions", "--json").json] == [None]


def test_an_action_without_a_measure_is_finished_and_says_so(shop: Program) -> None:
    shop("add-customer", "Jo Park", "--email", "jo@park.example")
    shop("idea", "an exact hour", "--customer", "jo")
    shop("add-action", "hours instead of days", "--feedback", "1")
    done = shop("finish-action", "1")
    assert "It had no measure: whether it moved anything is not known." in done.err
    assert "Next: you said, we did today" in done.err
    (idea,) = shop("feedback", "--json").json
    assert (idea["state"], idea["resolution"]) == ("resolved", "hours instead of days")


def test_an_action_that_lasted_no_day_compares_nothing(file_shop: Program) -> None:
    file_shop("add-customer", "Jo Park")
    file_shop("add-action", "call", "--measure", "participation")
    assert "there is nothing to compare yet" in file_shop("finish-action", "1").err
    assert file_shop("actions", "--all", "--json").json[0]["after_n"] is None


def test_one_open_action_for_a_reason_and_a_segment(shop: Program) -> None:
    shop("add-customer", "Jo Park", "--segment", "Retail")
    assert shop("add-action", "explain what we do", "--reason", "unclear", "--segment", "Retail").code == 0
    refused = shop("add-action", "a leaflet", "--reason", "unclear", "--segment", "Retail")
    assert (refused.code, 'Action 1 is open for "does not know what we do" in Retail' in refused.err) == (1, True)
    assert shop("add-action", "a leaflet", "--reason", "unclear").code == 0
    shop("finish-action", "1")
    assert shop("add-action", "a leaflet", "--reason", "unclear", "--segment", "Retail").code == 0


def asked(shop: Program, who: str, *answer: str, today: str) -> None:
    ask = shop("ask", who, "--specific", "owners of shops", "--anyway", "they offered", "--json", today=today).json
    answered = shop("answer", ask["id"], *answer)
    assert answered.code == 0, answered.err


def test_what_an_ask_opened_is_measured_by_the_reason_that_was_given(shop: Program) -> None:
    for number in range(12):
        shop("add-customer", f"Customer {number:02}", "--segment", "Retail", today="2026-06-01")
    shop("add-customer", "Mill", "--segment", "Hotel", today="2026-06-01")
    asked(shop, "mill", "--no-one", today="2026-08-31")
    for number in range(5):
        asked(shop, f"Customer {number:02}", "--no-one", today="2026-09-01")
    asked(shop, "Customer 05", "--declined", "--reason", "privacy", today="2026-09-01")
    found = {(row["segment"], row["reason"]): (row["count"], row["answers"])
             for row in shop("report", "reasons", "--by", "segment", "--json").json}  # fmt: skip
    assert found["Retail", "no one in mind"] == (5, 6)
    (action,) = [row for row in shop("actions", "--json").json if row["segment"] == "Retail"]
    assert (action["title"], action["measure"], action["before_k"], action["before_n"]) == (
        'More work to do: "no one in mind" (Retail)', "reason no one in mind", 1, 1,
    )  # fmt: skip
    for number in range(6, 12):
        asked(shop, f"Customer {number:02}", "--declined", "--reason", "privacy", today="2026-10-20")
    finished = shop("finish-action", action["id"], today="2026-11-24")
    assert "Reason no one in mind from 5 of 6 (83 %) to 0 of 6 (0 %): -83 points, 95 % interval" in finished.err
    assert "it moved down." in finished.err
    (row,) = [row for row in shop("actions", "--all", "--json").json if row["segment"] == "Retail"]
    assert (row["after_k"], row["after_n"], row["moved"]) == (0, 6, True)
    assert row["difference_high"] < 0
    assert shop("undo").code == 0
    assert [row["moved"] for row in shop("actions", "--json").json if row["segment"] == "Retail"] == [None]


def test_an_action_for_a_reason_is_measured_by_it(shop: Program) -> None:
    shop("add-customer", "Jo Park", "--segment", "Retail")
    shop("reasons", "--add", "too_busy", "has no time: none")
    asked(shop, "jo", "--declined", "--reason", "too_busy", today="2026-11-24")
    by_reason = shop("add-action", "ask in summer", "--reason", "too-busy", "--segment", "Retail")
    assert "Reason has no time: none over the last 90 days: 1 of 1 (100 %)." in by_reason.err
    by_name = shop("add-action", "ask later", "--measure", "reason:too_busy", "--json").json
    assert (by_name["before_k"], by_name["before_n"]) == (1, 1)
    other = shop("add-action", "explain", "--measure", "reason privacy", "--json").json
    assert (other["before_k"], other["before_n"]) == (0, 1)
    shop("reasons", "--merge", "too_busy", "privacy")
    merged = shop("add-action", "write less", "--measure", "reason too_busy", "--json").json
    assert (merged["before_k"], merged["before_n"]) == (1, 1)


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        (["add-action", "x", "--measure", "reason weather"], 2, 'There is no reason "weather".'),
        (["add-action"], 2, '"What will be done?" is not answered.'),
        (["add-action", "x"], 2, "Why? An action has a cause."),
        (["add-action", "x", "--because", "y", "--due", "yesterday"], 2, "2026-11-23 is past."),
        (["add-action", "x", "--measure", "happiness"], 2, 'There is no figure "happiness".'),
        (["add-action", "x", "--reason", "weather"], 2, '"weather" is not on the list of reasons.'),
        (["add-action", "x", "--feedback", "9"], 3, "There is no feedback 9."),
        (["finish-action", "9"], 3, "There is no action 9."),
        (["finish-action", "1", "--on", "2026-11-25"], 2, "2026-11-25 has not come yet."),
        (["finish-action", "1", "--on", "2026-11-23"], 2, "2026-11-23 is before it was added, on 2026-11-24."),
        (["agenda", "--since", "2026-11-20", "--until", "2026-11-01"], 2, ""),
    ],
)
def test_what_cannot_be_is_said(file_shop: Program, line: list[str], code: int, sentence: str) -> None:
    file_shop("add-action", "first", "--because", "it is time")
    outcome = file_shop(*line)
    assert (outcome.code, outcome.out) == (code, "")
    assert sentence in outcome.err


def test_the_agenda_has_all_that_a_meeting_needs(shop: Program, tmp_path: Path) -> None:
    shop("add-customer", "Hanna | <b>Berg</b> *[x](y)*", "--segment", "Retail")
    shop("complain", "1", "nobody called", "--process", "delivery", "--severity", "4", "--on", "2026-11-20")
    shop("complain", "1", "late again", "--process", "delivery", "--on", "2026-11-01")
    shop("remarkable", "drove back for a screw", "--praised", "Ida")
    shop("idea", "a checklist for the van", "--from", "staff")
    shop("gap", "1", "an exact hour", "--importance", "5", "--performance", "2")
    shop("add-action", "call back within the hour", "--because", "two complaints", "--due", "2026-11-27")
    shop("ask", "1", "--specific", "owners of shops", "--anyway", "she offered", "--by", "in 6 days")
    shop("answer", "1", "--declined", "--reason", "privacy")
    page = shop("agenda", "--json").json
    assert list(page) == ["since", "until", "overdue", "processes", "reasons", "praise", "actions", "ideas", "gaps"]
    assert [(row["id"], row["state"]) for row in page["overdue"]] == [("2", "not answered"), ("1", "not answered")]
    assert page["processes"] == [
        {"process": "delivery", "complaints": "2", "put_right": "0 of 2", "confirmed": "0 of 2", "worst_severity": "4"}
    ]
    assert page["reasons"] == [{"reason": "privacy", "answers": "1 of 1", "segments": "1"}]
    assert [row["who"] for row in page["praise"]] == ["Ida"]
    assert [row["when"] for row in page["actions"]] == ["due 2026-11-27"]
    assert [row["from"] for row in page["ideas"]] == ["staff"]
    assert [row["gap"] for row in page["gaps"]] == ["5 × (5 − 2) = 15"]

    text = shop("agenda", "--markdown").out
    assert text.startswith("# Staff meeting, 2026-10-26 to 2026-11-24\n\n## Recoveries overdue\n")
    assert "Hanna \\| &lt;b&gt;Berg&lt;/b&gt; \\*\\[x\\](y)\\*" in text
    file = tmp_path / "agenda.html"
    assert shop("agenda", "--html", file).code == 0
    html = file.read_text(encoding="utf-8")
    assert "<td>Hanna | &lt;b&gt;Berg&lt;/b&gt; *[x](y)*</td>" in html
    assert shop("agenda", "--html", file).code == 1
    assert shop("agenda", "--html", file, "--force").code == 0
    assert shop("agenda", "--since", "2026-11-24", "--json").json["reasons"] != []
