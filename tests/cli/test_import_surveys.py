"""Forms' exports: answers come in once, with their follow-ups, however often the file grows."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from conftest import Program

GOOGLE = (
    "Timestamp", "Email Address", "How was our service?", "How well did we keep you informed?",
    "Does it do what you bought it for?", "What one thing could we do better?", "Have you recommended us to a friend?",
    "To whom?", "How likely are you to recommend our service?", "Anything else?",
)  # fmt: skip


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture
def customers(shop: Program) -> Program:
    for name in ("Hanna Berg", "Jo Park", "Marta Oliveira"):
        shop("add-customer", name, "--email", f"{name.split()[0].lower()}@example.org")
    return shop


ROWS = [
    ("11/20/2026 10:33:12", "hanna@example.org", 1, 4, 5, "call back", "No", "", 3, "nobody called back"),
    ("11/21/2026 9:05:00", "Marta@example.org", 5, 5, 5, "", "Yes", "Rui Costa", 10, ""),
    ("11/23/2026 17:00:41", "jo@example.org", "", 3, "", "", "", "", "", ""),
]  # fmt: skip


def test_a_google_form_is_read_by_the_words_of_its_questions(customers: Program, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "answers.csv", GOOGLE, ROWS)
    found = customers("import", "surveys", file, "--json").json
    assert (found["kind"], found["added"], found["rejected"], found["follow_ups"]) == ("surveys", 3, 0, 5)
    assert found["mapping"] == {
        "customer": "Email Address",
        "answered_on": "Timestamp",
        "recommended_whom": "To whom?",
        "service": "How was our service?",
        "communication": "How well did we keep you informed?",
        "performance": "Does it do what you bought it for?",
        "improve": "What one thing could we do better?",
        "has_recommended": "Have you recommended us to a friend?",
        "would_recommend": "How likely are you to recommend our service?",
        "comment": "Anything else?",
    }
    due = customers("due", "--until", "2026-12-31", "--json").json
    assert [(item["customer"], item["what"]) for item in due] == [
        ("Hanna Berg", "recovery call"),
        ("Marta Oliveira", "thank, and ask for a referral"),
        ("Hanna Berg", "thank for the answers"),
        ("Jo Park", "thank for the answers"),
        ("Jo Park", "call: what would make it a 5?"),
    ]
    (complaint,) = customers("feedback", "--json").json
    assert (complaint["words"], complaint["survey_id"], complaint["process"]) == ("nobody called back", 1, "service")


def test_what_google_writes_today_and_an_address_spelled_in_two_ways(customers: Program, tmp_path: Path) -> None:
    header = ("Timestamp", "Email Address", "How was our service?", "If so, to whom?", "Any other comments?")
    rows = [
        ("2026/11/20 10:33:12 AM GMT+1", "hanna@example.org", 5, "", "quick [and] clean"),
        ("2026/11/21 9:05:00 PM GMT+1", "HANNA@example.org", 4, "Rui", ""),
        ("2026/11/22 9:05:00 PM GMT+1", "nobody@example.org", 4, "", ""),
        ("2026/11/22 9:05:00 PM GMT+1", "jo@example.org", 7, "", ""),
        ("2026/13/22 9:05:00 PM GMT+1", "jo@example.org", 4, "", ""),
    ]  # fmt: skip
    file, rejects = write_csv(tmp_path / "answers.csv", header, rows), tmp_path / "rejects.csv"
    found = customers("import", "surveys", file, "--rejects", rejects, "--json").json
    assert (found["added"], found["unknown_customers"]) == (2, 1)
    assert [(row["line"], row["reason"]) for row in found["rejects"]] == [
        (4, 'customer: nobody is known as "nobody@example.org".'),
        (5, 'service: "7" is no score from 0 to 5.'),
        (6, 'answered_on: "2026/13/22" is no date.'),
    ]
    assert [
        (row["answered_on"], row["comment"], row["recommended_whom"]) for row in surveys_of(customers, "hanna")
    ] == [
        ("2026-11-21", "", "Rui"),
        ("2026-11-20", "quick [and] clean", ""),
    ]


def test_a_typeform_export_with_questions_in_other_words(customers: Program, tmp_path: Path) -> None:
    header = (
        "#", "What is your email address?", "How did we do?", "Were you kept in the loop?", "Would you recommend us?",
        "Have you told a friend about us?", "Who?", "Anything you want to add?", "Response Type", "Start Date (UTC)",
        "Stage Date (UTC)", "Submit Date (UTC)", "Network ID", "Tags", "Ending",
    )  # fmt: skip
    rows = [
        ("1mzf", "hanna@example.org", 5, 4, 9, 1, "Lin Wu", "=1+1", "completed", "2026-11-22 08:00:00", "",
         "2026-11-22 08:04:10", "ab12", "", "Thanks"),
        ("2mzf", "jo@example.org", "", 3, "", 0, "", "", "completed", "2026-11-23 08:00:00", "",
         "2026-11-23 08:04:10", "ab13", "", "Thanks"),
    ]  # fmt: skip
    file = write_csv(tmp_path / "typeform.csv", header, rows)
    maps = ("--map", "service=How did we do?", "--map", "communication=Were you kept in the loop?")
    found = customers("import", "surveys", file, "--source", "typeform", *maps, "--json").json
    assert (found["added"], found["rejected"]) == (2, 0)
    assert found["mapping"] == {
        "customer": "What is your email address?",
        "answered_on": "Submit Date (UTC)",
        "recommended_whom": "Who?",
        "has_recommended": "Have you told a friend about us?",
        "would_recommend": "Would you recommend us?",
        "comment": "Anything you want to add?",
        "service": "How did we do?",
        "communication": "Were you kept in the loop?",
    }
    (hanna,), (jo,) = surveys_of(customers, "hanna"), surveys_of(customers, "jo")
    assert (hanna["scores"], hanna["has_recommended"], hanna["would_recommend"], hanna["comment"]) == (
        "service 5, communication 4", True, 9, "=1+1",
    )  # fmt: skip
    assert (jo["scores"], jo["has_recommended"], jo["would_recommend"]) == ("communication 3", False, None)


def surveys_of(customers: Program, who: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = customers("customer", who, "--json").json["surveys"]
    return found


def test_a_longer_export_adds_what_is_new_and_changes_nothing_else(customers: Program, tmp_path: Path) -> None:
    customers("import", "surveys", write_csv(tmp_path / "a.csv", GOOGLE, ROWS))
    before = customers("due", "--until", "2026-12-31", "--json").json
    customers("done", before[0]["id"])
    again = customers("import", "surveys", tmp_path / "a.csv", "--json").json
    assert (again["added"], again["unchanged"], again["follow_ups"]) == (0, 3, 0)
    newest_first = [("11/24/2026 08:00:00", "jo@example.org", 5, 5, 5, "", "", "", "", ""), *reversed(ROWS)]
    longer = customers("import", "surveys", write_csv(tmp_path / "b.csv", GOOGLE, newest_first), "--json").json
    assert (longer["added"], longer["unchanged"], longer["updated"], longer["follow_ups"]) == (1, 3, 0, 1)
    after = customers("due", "--until", "2026-12-31", "--json").json
    assert [item for item in after if item in before] == before[1:]
    assert [(item["customer"], item["what"]) for item in after if item not in before] == [
        ("Jo Park", "thank, and ask for a referral")
    ]
    assert len(customers("feedback", "--json").json) == 1
    customers("undo")
    assert customers("due", "--until", "2026-12-31", "--json").json == before[1:]


def test_an_answer_that_was_corrected_in_the_form_is_corrected_here(customers: Program, tmp_path: Path) -> None:
    customers("import", "surveys", write_csv(tmp_path / "a.csv", GOOGLE, ROWS))
    corrected = [ROWS[0], (*ROWS[1][:2], 2, *ROWS[1][3:]), ROWS[2]]
    found = customers("import", "surveys", write_csv(tmp_path / "b.csv", GOOGLE, corrected), "--json").json
    assert (found["added"], found["updated"], found["unchanged"]) == (0, 1, 2)
    assert [row["words"] for row in customers("feedback", "--json").json] == ["service 2 of 5", "nobody called back"]
    assert customers("import", "surveys", tmp_path / "b.csv", "--json").json["unchanged"] == 3


def test_rows_with_an_id_of_their_own_are_known_by_it(customers: Program, tmp_path: Path) -> None:
    header = ("Response ID", "Submitted At", "email", "service", "nps")
    rows = [("x7", "2026-11-20T10:00:00Z", "jo@example.org", 5, 9), ("x8", "2026-11-20", "jo@example.org", 4, "")]
    file = write_csv(tmp_path / "typeform.csv", header, rows)
    assert customers("import", "surveys", file, "--source", "typeform", "--json").json["added"] == 2
    rows[1] = ("x8", "2026-11-20", "jo@example.org", 3, "")
    file = write_csv(tmp_path / "typeform.csv", header, rows)
    found = customers("import", "surveys", file, "--source", "typeform", "--json").json
    assert (found["added"], found["updated"], found["unchanged"]) == (0, 1, 1)
    due = customers("due", "--until", "2026-12-31", "--json").json
    assert "call: what would make it a 5?" in [item["what"] for item in due]


def test_equal_rows_stay_apart_and_two_on_one_day_are_two(customers: Program, tmp_path: Path) -> None:
    header = ("date", "email", "service")
    rows = [
        ("2026-11-20", "jo@example.org", 5),
        ("2026-11-20", "jo@example.org", 5),
        ("2026-11-20", "jo@example.org", 4),
    ]
    file = write_csv(tmp_path / "a.csv", header, rows)
    assert customers("import", "surveys", file, "--json").json["added"] == 3
    file = write_csv(tmp_path / "b.csv", header, [("2026-11-20", "jo@example.org", 2), *rows])
    found = customers("import", "surveys", file, "--json").json
    assert (found["added"], found["unchanged"]) == (1, 3)


def test_an_invitation_is_answered_by_the_form(customers: Program, tmp_path: Path) -> None:
    customers("add-purchase", "jo", "--product", "Press", "--delivered", "2026-10-20")
    survey = next(item for item in customers("due", "--json").json if item["step"] == "survey")
    customers("done", survey["id"], "--on", "2026-11-20")
    file = write_csv(tmp_path / "a.csv", ("date", "email", "service"), [("2026-11-22", "jo@example.org", 5)])
    customers("import", "surveys", file)
    refused = customers("survey", "jo", "--service", "5")
    assert (refused.code, "has answered the survey on 2026-11-22 (survey 1)" in refused.err) == (1, True)


def test_questions_of_ones_own_are_columns_too(customers: Program, tmp_path: Path) -> None:
    import os

    from conftest import make_context
    from refertrack.store import engine, settings
    from refertrack.store.target import parse_target

    with engine.writing(parse_target(os.environ["REFERTRACK_DB"]), make_context()) as session:
        settings.save_document(session, "survey", '[[question]]\nname = "price"\nwords = "Was it worth it?"\n')
    file = write_csv(
        tmp_path / "a.csv", ("Timestamp", "email", "Was it worth it?"), [("2026-11-22", "jo@example.org", 2)]
    )
    assert customers("import", "surveys", file, "--json").json["mapping"]["price"] == "Was it worth it?"
    assert customers("feedback", "--json").json[0]["process"] == "price"
    assert customers("survey", "hanna", "--score", "price=5").code == 0
    refused = customers("survey", "marta", "--service", "5")
    assert (refused.code, 'The survey does not ask for "service".' in refused.err) == (2, True)


def test_bad_rows_are_rejected_with_their_reason(customers: Program, tmp_path: Path) -> None:
    rows = [
        ("2026-11-20", "jo@example.org", 6),
        ("2026-11-20", "jo@example.org", "4.5"),
        ("2026-11-20", "nobody@example.org", 4),
        ("2026-11-20", "", 4),
        ("", "jo@example.org", 4),
        ("2026-11-25", "jo@example.org", 4),
        ("31.2.2026", "jo@example.org", 4),
        ("2026-11-20", "jo@example.org", ""),
        ("2026-11-20", "jo@example.org", "4 - good"),
    ]
    file = write_csv(tmp_path / "a.csv", ("Timestamp", "email", "service"), rows)
    found = customers("import", "surveys", file, "--json").json
    assert (found["added"], found["unknown_customers"]) == (1, 1)
    assert [each["reason"] for each in found["rejects"]] == [
        'service: "6" is no score from 0 to 5.',
        'service: "4.5" is no score from 0 to 5.',
        'customer: nobody is known as "nobody@example.org".',
        "customer: it is blank.",
        "answered_on: it is blank.",
        "answered_on: 2026-11-25 has not come yet.",
        'answered_on: "31.2.2026" is no date.',
        "Nothing was answered.",
    ]
    assert customers("import", "surveys", file, "--strict").code == 2


def test_the_published_figures_come_out_of_an_import_and_a_report(shop: Program, tmp_path: Path) -> None:
    scores = [5] * 10 + [4] * 20 + [3] * 10 + [2] * 5 + [1] * 5
    likely = [9, 10] * 81 + [7, 8] * 54 + [0, 3, 6] * 18
    people = [(f"Person {number}", f"p{number}@example.org") for number in range(len(likely))]
    shop("import", "customers", write_csv(tmp_path / "people.csv", ("Name", "Email"), people))
    rows = [
        (f"2026-09-01 10:{n // 60:02}:{n % 60:02}", email, scores[n] if n < 50 else "", likely[n])
        for n, (_, email) in enumerate(people)
    ]
    header = ("Timestamp", "Email Address", "How was our service?", "How likely are you to recommend us?")
    found = shop("import", "surveys", write_csv(tmp_path / "answers.csv", header, rows), "--json").json
    assert (found["added"], found["rejected"], found["follow_ups"]) == (324, 0, 0)  # long past: no work
    by_question = {row["question"]: row for row in shop("report", "surveys", "--by", "all", "--json").json}
    service, likelihood = by_question["service"], by_question["would recommend"]
    assert (service["count"], service["of"], service["share"], service["mean"]) == (30, 50, 0.6, 3.5)
    assert (service["share_low"], service["share_high"]) == (0.4618, 0.7239)
    assert (likelihood["answers"], round(likelihood["nps"], 1)) == (324, 33.3)
    assert (round(likelihood["nps_low"], 2), round(likelihood["nps_high"], 2)) == (24.95, 41.11)
