"""Before and after, over spans of one length, with the interval of the difference."""

from __future__ import annotations

from datetime import date

import pytest

from refertrack.rules.actions import Effect, Measured, read_measured, windows
from refertrack.rules.periods import Period
from refertrack.rules.statistics import Rate

SPAN = Period(date(2026, 8, 27), date(2026, 11, 24))


def measured(k: int, n: int) -> Measured:
    return Measured(Rate(k, n), SPAN)


@pytest.mark.parametrize(
    ("until", "before", "after"),
    [
        (date(2026, 11, 24), ("2026-11-24", "2026-11-24"), ("2026-11-24", "2026-11-24")),
        (date(2026, 11, 25), ("2026-11-24", "2026-11-24"), ("2026-11-25", "2026-11-25")),
        (date(2026, 12, 24), ("2026-10-26", "2026-11-24"), ("2026-11-25", "2026-12-24")),
        (date(2027, 2, 22), ("2026-08-27", "2026-11-24"), ("2026-11-25", "2027-02-22")),
        (date(2027, 11, 24), ("2026-08-27", "2026-11-24"), ("2027-08-27", "2027-11-24")),
    ],
)
def test_both_spans_have_one_length_and_do_not_meet(
    until: date, before: tuple[str, str], after: tuple[str, str]
) -> None:
    first, second = windows(date(2026, 11, 24), until)
    assert (first.since.isoformat(), first.until.isoformat()) == before
    assert (second.since.isoformat(), second.until.isoformat()) == after
    assert first.days == second.days


def test_what_is_kept_is_read_again() -> None:
    kept = measured(12, 84)
    assert kept.text == "12/84 2026-08-27 to 2026-11-24"
    assert read_measured(kept.text) == kept
    assert [read_measured(text) for text in ("", "refertrack report reasons", "1/2")] == [None, None, None]
    assert measured(0, 0).words == "0 of 0"


def test_the_interval_of_the_difference_decides() -> None:
    # Newcombe 1998b, table II: 56/70 and 48/80, method 10: 0.0524 to 0.3339
    effect = Effect(measured(48, 80), measured(56, 70))
    assert effect.interval is not None
    assert [round(value, 4) for value in effect.interval] == [0.2, 0.0524, 0.3339]
    assert effect.moved
    assert effect.words == ("from 48 of 80 (60 %) to 56 of 70 (80 %): +20 points, 95 % interval +5 to +33; it moved up")
    chance = Effect(measured(2, 9), measured(3, 9))
    assert not chance.moved
    assert chance.words.endswith("it spans zero, so it may be chance")
    assert Effect(measured(30, 40), measured(2, 40)).words.endswith("it moved down")
    nothing = Effect(measured(0, 0), measured(3, 9))
    assert (nothing.interval, nothing.moved, nothing.words) == (
        None,
        False,
        "from 0 of 0 to 3 of 9 (33 %): too little to compare",
    )
