"""The survey by the command line: options, questions of one's own, what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Program

FIELDS = [
    "id", "customer_id", "customer", "purchase_id", "invited_on", "answered_on", "scores", "lowest",
    "most_important", "why_us", "improve", "has_recommended", "recommended_whom", "would_recommend", "comment",
    "complaint_id", "next",
]  # fmt: skip


def test_answers_by_options_and_back(shop: Program) -> None:
    shop("add-customer", "Hanna [red] Berg")
    found = shop("survey", "hanna", "--service", "5", "--communication", "4", "--whom", "Lin Wu", "--recommend", "9",
                 "--important", "quiet", "--why", "a friend", "--improve", "call first", "--json")  # fmt: skip
    assert list(found.json) == FIELDS
    assert found.json["scores"] == [{"question": "service", "score": 5}, {"question": "communication", "score": 4}]
    assert (found.json["has_recommended"], found.json["recommended_whom"], found.json["lowest"]) == (True, "Lin Wu", 4)
    assert [item["what"] for item in found.json["next"]] == ["thank, and ask for a referral"]
    assert shop("undo").code == 0
    assert shop("due", "--until", "2026-12-31", "--json").json == []
    again = shop("survey", "hanna", "--service", "2")
    assert "Survey 2: Hanna [red] Berg. service 2. Complaint 1 is open now. Next: recovery call" in again.err


def test_the_card_shows_what_a_customer_answered_and_said(shop: Program) -> None:
    shop("add-customer", "Hanna Berg")
    shop("survey", "hanna", "--service", "2", "--recommended", "--comment", "nobody called")
    shop("compliment", "hanna", "Ida was kind", "--praised", "Ida")
    card = shop("customer", "hanna", "--json").json
    assert [(row["scores"], row["has_recommended"], row["comment"]) for row in card["surveys"]] == [
        ("service 2", True, "nobody called")
    ]
    assert [(row["kind"], row["state"], row["words"]) for row in card["feedback"]] == [
        ("compliment", "open", "Ida was kind"),
        ("complaint", "open", "nobody called"),
    ]


def test_questions_of_ones_own_are_seen_changed_and_asked_in_the_letter(shop: Program, tmp_path: Path) -> None:
    assert [row["name"] for row in shop("questions", "--json").json][:4] == [
        "service", "communication", "performance", "most_important",
    ]  # fmt: skip
    own = tmp_path / "survey.toml"
    own.write_text('[[question]]\nname = "price"\nwords = "Was it worth its price?"\n', encoding="utf-8")
    assert shop("questions", "--import", own, "--yes").code == 0
    assert shop("questions", "--json").json == [{"name": "price", "kind": "score", "words": "Was it worth its price?"}]
    shop("add-customer", "Jo Park", "--email", "jo@park.example")
    letter = shop("draft", "survey_invitation", "jo").out
    assert "1. Was it worth its price? (0 to 5)" in letter
    assert "2." not in letter
    own.write_text('[[question]]\nname = "price"\nwords = "?"\nkind = "stars"\n', encoding="utf-8")
    refused = shop("questions", "--import", own)
    assert (refused.code, 'has kind = "stars"' in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        (["survey", "1"], 2, "Nothing was answered."),
        (["survey", "1", "--service", "6"], 2, "service: 6 is not on the scale."),
        (["survey", "1", "--recommend", "11"], 2, "would_recommend: 11 is not on the scale."),
        (["survey", "1", "--score", "price=5"], 2, 'The survey does not ask for "price".'),
        (["survey", "1", "--score", "price"], 2, '"price" does not name a question and its score.'),
        (["survey", "1", "--score", "service=five"], 2, 'service: "five" is no whole number.'),
        (["survey", "1", "--service", "5", "--on", "2026-11-25"], 2, "2026-11-25 has not come yet."),
        (["survey", "1", "--service", "5", "--on", "2026-11-01", "--purchase", "1"], 2, "is before purchase 1"),
        (["survey", "1", "--service", "5", "--purchase", "7"], 3, "Hanna Berg has no purchase 7."),
        (["survey", "2", "--service", "5"], 1, "Jo Park has answered the survey on 2026-11-24 (survey 1)."),
        (["survey", "nobody", "--service", "5"], 3, 'No customer is called "nobody".'),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    file_shop: Program, line: list[str], code: int, sentence: str
) -> None:
    file_shop("add-customer", "Hanna Berg")
    file_shop("add-customer", "Jo Park")
    file_shop("add-purchase", "1", "--product", "Press", "--ordered", "2026-11-02")
    file_shop("survey", "2", "--service", "5")
    before = file_shop("history", "--json").json
    outcome = file_shop(*line)
    assert (outcome.code, outcome.out) == (code, "")
    assert sentence in outcome.err
    assert file_shop("history", "--json").json == before
