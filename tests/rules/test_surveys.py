"""The survey's document, and what answers mean."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from refertrack.rules.errors import BadValue
from refertrack.rules.listening import Limits, gap_score, late, quoted, read_scale, state_of
from refertrack.rules.surveys import (
    Answers,
    Meaning,
    because,
    check_answers,
    lowest_question,
    meaning,
    read_survey,
)
from refertrack.store.settings import load_business

FORM = load_business({}).survey
DAY = date(2026, 11, 20)


def test_the_survey_that_ships_asks_nine_questions() -> None:
    assert [question.name for question in FORM.questions] == [
        "service", "communication", "performance", "most_important", "why_us", "improve", "recommended",
        "would_recommend", "comment",
    ]  # fmt: skip
    assert (FORM.scores, FORM.throttle_days) == (("service", "communication", "performance"), 90)


@pytest.mark.parametrize(
    ("lowest", "expected"),
    [
        (None, Meaning.NONE),
        (0, Meaning.LOW),
        (2, Meaning.LOW),
        (3, Meaning.THREE),
        (4, Meaning.HIGH),
        (5, Meaning.HIGH),
    ],
)
def test_the_lowest_answer_decides(lowest: int | None, expected: Meaning) -> None:
    assert meaning(lowest) is expected


@pytest.mark.parametrize(
    ("answers", "lowest", "question", "words"),
    [
        (Answers({"performance": 5, "service": 4}), 4, "service", "4 5 on 20 Nov 2026"),
        (Answers({"service": 3, "communication": 3}), 3, "service", "service 3/5 on 20 Nov 2026"),
        (
            Answers({"service": 4, "communication": 1}, improve="call", comment="nobody called\nback"),
            1,
            "communication",
            'communication 1/5 on 20 Nov 2026: "nobody called"',
        ),
        (Answers(would_recommend=0), None, "", "answered on 20 Nov 2026"),
        (Answers({"on_time": 2}), 2, "on_time", "on time 2/5 on 20 Nov 2026"),
    ],
)
def test_answers_in_a_few_words(answers: Answers, lowest: int | None, question: str, words: str) -> None:
    assert (answers.lowest, lowest_question(answers, FORM), because(answers, FORM, DAY)) == (lowest, question, words)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (Answers(), "Nothing was answered."),
        (Answers({"service": 6}), "service: 6 is not on the scale."),
        (Answers({"service": -1}), "service: -1 is not on the scale."),
        (Answers({"price": 5}), 'The survey does not ask for "price".'),
        (Answers(would_recommend=11), "would_recommend: 11 is not on the scale."),
    ],
)
def test_answers_that_cannot_be(answers: Answers, words: str) -> None:
    with pytest.raises(BadValue) as error:
        check_answers(answers, FORM)
    assert str(error.value) == words


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"days": 3}, 'The survey has a key "days" that nobody reads.'),
        ({"throttle_days": -1}, "throttle_days = -1"),
        ({"throttle_days": True}, "throttle_days = True"),
        ({"question": "service"}, "has no list of questions"),
        ({"question": ["service"]}, "has no list of questions"),
        ({"question": [{"name": "service"}]}, "question 1, has no words"),
        ({"question": [{"words": "How?"}]}, "question 1, has no name"),
        ({"question": [{"name": "a b", "words": "How?"}]}, 'is called "a b"'),
        ({"question": [{"name": "comment", "words": "How?"}]}, 'is called "comment"'),
        ({"question": [{"name": "price", "words": "How?", "kind": "stars"}]}, 'has kind = "stars"'),
        ({"question": [{"name": "price", "words": "How?", "kind": "text"}]}, 'is a text called "price"'),
        ({"question": [{"name": "price", "words": "How?", "scale": 5}]}, 'has a key "scale" that nobody reads'),
        ({"question": [{"name": "a", "words": "A?"}, {"name": "a", "words": "B?"}]}, 'asks "a" twice'),
    ],
)
def test_a_mistake_in_the_document_is_named_with_its_place(document: dict[str, Any], words: str) -> None:
    with pytest.raises(BadValue) as error:
        read_survey(document)
    assert words in str(error.value)


def test_questions_of_ones_own_take_the_place_of_those_that_ship() -> None:
    form = load_business({"survey": '[[question]]\nname = "price"\nwords = "Was it worth it?"\n'}).survey
    assert (form.scores, form.throttle_days) == (("price",), 90)


@pytest.mark.parametrize(
    ("kind", "acknowledged", "resolved", "today", "expected"),
    [
        ("complaint", None, None, date(2026, 11, 21), ""),
        ("complaint", None, None, date(2026, 11, 22), "acknowledge"),
        ("claim", None, None, date(2026, 12, 25), "acknowledge"),
        ("complaint", DAY, None, date(2026, 11, 30), ""),
        ("complaint", DAY, None, date(2026, 12, 1), "resolve"),
        ("complaint", DAY, DAY, date(2027, 12, 1), ""),
        ("idea", None, None, date(2027, 12, 1), ""),
    ],
)
def test_who_waits_too_long(
    kind: str, acknowledged: date | None, resolved: date | None, today: date, expected: str
) -> None:
    assert late(kind, DAY, acknowledged, resolved, today) == expected


@pytest.mark.parametrize(
    ("importance", "performance", "score"), [(5, 2, 15), (5, 5, 0), (0, 5, 0), (1, 5, -4), (None, 2, None)]
)
def test_a_gap_scores_by_what_matters(importance: int | None, performance: int | None, score: int | None) -> None:
    assert gap_score(importance, performance) == score


def test_small_words() -> None:
    assert quoted("  \n") == ""
    assert quoted("one\ntwo") == '"one"'
    assert len(quoted("x" * 200)) == 82
    assert [state_of(*days) for days in ((None, None, None), (1, None, None), (1, 1, None), (1, 1, 1))] == [
        "open", "acknowledged", "resolved", "confirmed",
    ]  # fmt: skip
    assert read_scale(" 4 ", "service", 0, 5) == 4
    for text in ("four", "4.5", "", "٤", "99999999999"):
        with pytest.raises(BadValue):
            read_scale(text, "service", 0, 5)


def test_how_long_is_too_long_is_the_businesss_own() -> None:
    business = load_business({"business": 'acknowledge_days = "0"\nresolve_days = "3"\n'})
    assert business.limits == Limits(0, 3)
    assert load_business({}).limits == Limits(1, 10)
    day_after = DAY + timedelta(days=1)
    assert late("complaint", DAY, None, None, day_after) == ""
    assert late("complaint", DAY, None, None, day_after, business.limits) == "acknowledge"
    assert late("complaint", DAY, DAY, None, DAY + timedelta(days=4), business.limits) == "resolve"


@pytest.mark.parametrize("value", ["-1", "soon", "3651", "1.5", "²", "9" * 40])
def test_a_limit_that_is_no_number_of_days(value: str) -> None:
    with pytest.raises(BadValue, match="resolve_days"):
        load_business({"business": f'resolve_days = "{value}"\n'})
