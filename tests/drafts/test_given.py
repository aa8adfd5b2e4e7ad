"""Fields that a person gives a letter by hand."""

from __future__ import annotations

from datetime import date

import pytest

from refertrack.drafts.catalogue import FIELDS
from refertrack.drafts.given import read_given, with_given
from refertrack.rules.dates import parse_date
from refertrack.rules.errors import BadValue

TODAY = date(2026, 11, 24)


def given(*pairs: str) -> dict[str, object]:
    return read_given(pairs, lambda text, field: parse_date(text, TODAY, field=field), "EUR")


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("meeting.about=the annexe", "the annexe"),
        ("meeting.about = two\nlines ", "two lines"),
        ("complaint.text=two\nlines", "two\nlines"),
        ("purchase.expected_on=in 2 weeks", date(2026, 12, 8)),
        ("purchase.expected_on=2026-12-01", date(2026, 12, 1)),
        ("survey.score=0", 0),
        ("referral.may_tell=Yes", True),
        ("referral.may_tell=no", False),
        ("talk.shared=one; two\nthree;", ["one", "two", "three"]),
        ("purchases=heat pump; thermostat", [{"what": "heat pump"}, {"what": "thermostat"}]),
        ("ask.where=a=b", "a=b"),
        ("meeting.next=", None),
    ],
)
def test_a_value_is_read_by_its_fields_kind(pair: str, value: object) -> None:
    assert list(given(pair).values()) == [value]


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("meeting.about", "gives no field a value"),
        ("=x", "gives no field a value"),
        ("meeting.abuot=x", 'no field "meeting.abuot"'),
        ("purchases.what=x", "stands once for each purchase"),
        ("survey.score=three", "is no whole number"),
        ("survey.score=²", "is no whole number"),
        ("survey.score=9999999999", "is no whole number"),
        ("referral.may_tell=perhaps", "neither yes nor no"),
        ("purchase.expected_on=31.2.", "is no date"),
        ("meeting.about=\x00", "NUL"),
        ("complaint.text=" + "x" * 20_001, "20,001 characters"),
    ],
)
def test_what_does_not_fit_is_refused(pair: str, words: str) -> None:
    with pytest.raises(BadValue, match=words) as caught:
        given(pair)
    assert caught.value.hint


def test_a_misspelled_field_gets_the_close_one() -> None:
    with pytest.raises(BadValue) as caught:
        given("meeting.abuot=x")
    assert "meeting.about" in caught.value.hint


def test_given_fields_take_the_place_of_known_ones() -> None:
    known = {"ask": {"form": "card", "count": 2}, "purchases": ["x"], "talk": None}
    merged = with_given(known, {"ask.where": "at fairs", "ask.count": 1, "talk.shared": ["a"], "purchases": None})
    assert merged == {"ask": {"form": "card", "count": 1, "where": "at fairs"}, "purchases": None,
                      "talk": {"shared": ["a"]}}  # fmt: skip
    assert known["ask"] == {"form": "card", "count": 2}


def test_every_kind_of_field_can_be_given() -> None:
    examples = {
        "text": "x",
        "lines": "x",
        "number": "1",
        "date": "tomorrow",
        "money": "1",
        "yes/no": "yes",
        "list": "x",
    }
    names = [name for name in FIELDS if not name.startswith(("purchases.", "ask.evidence"))]
    assert list(given(*(f"{name}={examples[FIELDS[name].kind]}" for name in names))) == names
