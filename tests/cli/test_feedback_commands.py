"""What customers say, through the command line: recorded, listed, answered, put right."""

from __future__ import annotations

import pytest

from conftest import Program

FIELDS = [
    "id", "kind", "state", "on_day", "customer_id", "customer", "company", "segment", "words", "process", "severity",
    "importance", "performance", "gap", "cost", "currency", "owner", "origin", "praised", "purchase_id", "product",
    "survey_id", "acknowledged_on", "days_to_acknowledge", "resolved_on", "days_to_resolve", "resolution",
    "confirmed_on", "late",
]  # fmt: skip


def test_a_complaint_from_its_first_day_to_its_confirmation(shop: Program) -> None:
    shop("add-customer", "Hanna Berg", "--email", "hanna@berg.example")
    said = shop("complain", "hanna", "nobody [called] back", "--process", "delivery", "--severity", "4", "--json")
    assert list(said.json) == [*FIELDS, "notes", "next"]
    assert (said.json["state"], said.json["owner"]) == ("open", "Nora")
    assert [item["what"] for item in said.json["next"]] == ["acknowledge the complaint"]
    assert shop("due", "--json").json[0]["because"] == 'delivery "nobody [called] back"'

    assert shop("feedback", "--late", "--json").json == []
    (late,) = shop("feedback", "--late", "--json", today="2026-11-26").json
    assert (late["late"], late["state"]) == ("acknowledge", "open")

    assert "Done: 3, Hanna Berg, acknowledge the complaint" in shop("done", "3", "--on", "2026-11-25").err
    (row,) = shop("feedback", "--open", "--process", "Delivery", "--json").json
    assert (row["state"], row["days_to_acknowledge"], row["late"]) == ("acknowledged", 1, "")

    put_right = shop("resolve", "1", "--note", "called her, new date on Friday", today="2026-11-27")
    assert 'Complaint 1 resolved: Hanna Berg, delivery, "nobody [called] back".' in put_right.err
    assert "Next: is it right now? on Fri 2026-12-04" in put_right.err
    opened = shop("confirm", "1", "--not-ok", "nobody came", "--json", today="2026-12-04").json
    assert (opened["state"], [item["what"] for item in opened["next"]]) == (
        "acknowledged",
        ["call again: still not right"],
    )
    shop("resolve", "1", "--note", "came on Saturday", today="2026-12-05")
    check = shop("due", "--until", "2026-12-31", "--json").json[0]
    assert check["what"] == "is it right now?"
    shop("done", check["id"], "--note", "yes, all well", today="2026-12-14")
    (row,) = shop("feedback", "--json").json
    assert (row["state"], row["confirmed_on"], row["days_to_resolve"]) == ("confirmed", "2026-12-14", 11)
    assert row["words"] == "nobody [called] back\n2026-12-04, not right yet: nobody came"


def test_every_kind_stands_in_the_list_and_undo_takes_each_back(shop: Program) -> None:
    shop("add-customer", "Hanna Berg", "--company", "Berg Print", "--email", "hanna@berg.example")
    shop("add-purchase", "hanna", "--product", "Press", "--delivered", "2026-11-02")
    shop("done", "3", "4")
    lines = (
        ("compliment", "hanna", "so quick!", "--praised", "Ida"),
        ("claim", "hanna", "it leaks", "--cost", "180.50", "--severity", "2"),
        ("idea", "call before you come", "--customer", "hanna"),
        ("idea", "a checklist for the van", "--from", "best-practice"),
        ("gap", "hanna", "an exact hour", "--importance", "5", "--performance", "2"),
        ("gap", "hanna", "evening visits", "--importance", "3", "--performance", "0"),
        ("gap", "hanna", "a nicer invoice", "--importance", "1", "--performance", "5"),
        ("remarkable", "drove back for a screw", "--praised", "Ida"),
    )
    for words in lines:
        assert shop(*words).code == 0
    rows = shop("feedback", "--json").json
    assert [(row["kind"], row["origin"]) for row in reversed(rows)] == [
        ("compliment", "customer"),
        ("claim", "customer"),
        ("idea", "customer"),
        ("idea", "best-practice"),
        ("gap", "customer"),
        ("gap", "customer"),
        ("gap", "customer"),
        ("remarkable", "staff"),
    ]
    claim = rows[-2]
    assert (claim["cost"], claim["currency"], claim["product"]) == ("180.50", "EUR", "Press")
    gaps = shop("feedback", "--kind", "gap", "--json").json
    assert [(row["words"], row["gap"]) for row in gaps] == [
        ("an exact hour", 15),
        ("evening visits", 9),
        ("a nicer invoice", -4),
    ]
    assert [row["id"] for row in shop("feedback", "--customer", "hanna", "--limit", "2", "--json").json] == [7, 6]
    assert shop("feedback", "--since", "2026-11-25", "--json").json == []
    assert shop("acknowledge", "8").err.startswith('Remarkable 8 praised: Ida, "drove back')
    assert shop("resolve", "3", "--note", "we call now").err.count("you said, we did") == 1
    for command in shop("history", "--json").json[: len(lines) + 2]:
        assert shop("undo", command["id"]).code == 0
    assert shop("feedback", "--json").json == []
    assert [item["what"] for item in shop("due", "--until", "2026-12-31", "--json").json] == ["survey, under 2 minutes"]


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        (["complain", "1"], 2, '"What was wrong?" is not answered.'),
        (["complain", "1", "  "], 2, '"What was wrong?" is not answered.'),
        (["complain", "1", "loud", "--severity", "9"], 2, "severity: 9 is not on the scale."),
        (["complain", "1", "loud", "--on", "2026-11-25"], 2, "2026-11-25 has not come yet."),
        (["complain", "1", "loud", "--purchase", "1", "--on", "2026-10-01"], 2, "is before purchase 1, ordered on"),
        (["complain", "1", "loud", "--purchase", "7"], 3, "Hanna Berg has no purchase 7."),
        (["complain", "nobody", "loud"], 3, 'No customer is called "nobody".'),
        (["claim", "1", "leaks", "--cost", "NaN"], 2, "is no amount"),
        (["gap", "1", "an hour", "--importance", "5"], 2, '"How well do we do it, 0 to 5?" is not answered.'),
        (["gap", "1", "an hour", "--importance", "six", "--performance", "1"], 2, '"six" is no whole number'),
        (["gap", "1", "an hour", "--importance", "6", "--performance", "1"], 2, "importance: 6 is not on the scale"),
        (["gap", "1", "an hour", "--importance", "5", "--performance", "-1"], 2, "performance: -1 is not on"),
        (["remarkable", "drove back"], 2, '"Who did it?" is not answered.'),
        (["idea", "x", "--from", "nowhere"], 2, "nowhere"),
        (["resolve", "7", "--note", "x"], 3, "There is no feedback 7."),
        (["resolve", "1", "--note", "x"], 1, "Feedback 1 is a compliment: there is nothing to resolve."),
        (["resolve", "2"], 2, '"What was done about it?" is not answered.'),
        (["resolve", "2", "--note", "x", "--on", "2026-11-01"], 2, "2026-11-01 is before it was said"),
        (["confirm", "2"], 1, "Complaint 2 is not resolved yet."),
        (["confirm", "2", "--not-ok", "x"], 1, "Complaint 2 is not resolved yet."),
        (["acknowledge", "7"], 3, "There is no feedback 7."),
        (["feedback", "--kind", "rant"], 2, "rant"),
        (["feedback", "--since", "soonish"], 2, '"soonish" is no date.'),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    file_shop: Program, line: list[str], code: int, sentence: str
) -> None:
    file_shop("add-customer", "Hanna Berg")
    file_shop("add-purchase", "1", "--product", "Press", "--ordered", "2026-11-02")
    file_shop("compliment", "1", "kind")
    file_shop("complain", "1", "loud", "--on", "2026-11-20")
    before = file_shop("history", "--json").json
    outcome = file_shop(*line)
    assert (outcome.code, outcome.out) == (code, "")
    assert sentence in outcome.err
    assert file_shop("history", "--json").json == before


def test_what_counts_as_late_is_a_setting(shop: Program) -> None:
    shop("add-customer", "Hanna Berg")
    shop("complain", "hanna", "nobody called", "--on", "2026-11-22")
    shop("complain", "hanna", "loud", "--on", "2026-11-20")
    shop("acknowledge", "2")
    assert [row["id"] for row in shop("feedback", "--late", "--json").json] == [1]
    shop("config", "set", "acknowledge-days", "2")
    shop("config", "set", "resolve-days", "3")
    assert [(row["id"], row["late"]) for row in shop("feedback", "--late", "--json").json] == [(2, "resolve")]
    assert shop("today", "--json").json["late_complaints"] == 1
    assert [row["id"] for row in shop("agenda", "--json").json["overdue"]] == ["2"]
    for text in ("-1", "soon", "²"):
        refused = shop("config", "set", "--", "resolve-days", text)
        assert (refused.code, "0 is the same day" in refused.err) == (2, True)
    shop("config", "unset", "resolve-days")
    assert shop("feedback", "--late", "--json").json == []
