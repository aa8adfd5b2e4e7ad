"""Periods as people name them, and their months, quarters and years."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refertrack.rules.errors import BadValue
from refertrack.rules.periods import UNITS, Period, label, period_of

TODAY = date(2026, 11, 24)  # a Tuesday


def read(since: str | None, until: str | None = None) -> tuple[str, str]:
    found = period_of(since, until, TODAY, lambda text, _field: date.fromisoformat(text))
    return found.since.isoformat(), found.until.isoformat()


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, ("2025-11-25", "2026-11-24")),
        ("2026-01-01", None, ("2026-01-01", "2026-11-24")),
        (None, "2026-06-30", ("2025-07-01", "2026-06-30")),
        ("this week", None, ("2026-11-23", "2026-11-24")),
        ("last week", None, ("2026-11-16", "2026-11-22")),
        ("this month", None, ("2026-11-01", "2026-11-24")),
        ("last month", None, ("2026-10-01", "2026-10-31")),
        ("this quarter", None, ("2026-10-01", "2026-11-24")),
        ("Last  Quarter", None, ("2026-07-01", "2026-09-30")),
        ("previous year", None, ("2025-01-01", "2025-12-31")),
        ("last 12 months", None, ("2025-11-25", "2026-11-24")),
        ("the past 2 quarters", None, ("2026-05-25", "2026-11-24")),
        ("last 7 days", None, ("2026-11-18", "2026-11-24")),
        ("last 2 weeks", None, ("2026-11-11", "2026-11-24")),
        ("2026-Q1", None, ("2026-01-01", "2026-03-31")),
        ("2026q4", None, ("2026-10-01", "2026-11-24")),
        ("2027-Q1", None, ("2027-01-01", "2027-03-31")),
        ("2024-02", None, ("2024-02-01", "2024-02-29")),
        ("2025", None, ("2025-01-01", "2025-12-31")),
        ("2025-Q1", "2025-Q3", ("2025-01-01", "2025-09-30")),
        ("2025-03-05", "2025-04", ("2025-03-05", "2025-04-30")),
    ],
)
def test_a_period_is_read(since: str | None, until: str | None, expected: tuple[str, str]) -> None:
    assert read(since, until) == expected


@pytest.mark.parametrize(("since", "until"), [("2026-12-01", None), ("2026-05-01", "2026-04-30"), ("2026", "2025")])
def test_a_period_does_not_end_before_it_begins(since: str, until: str | None) -> None:
    with pytest.raises(BadValue, match="before it begins") as told:
        read(since, until)
    assert told.value.hint == ("Correct --since or --until." if until else "It begins after today: say --until too.")


@pytest.mark.parametrize("words", ["last 0 days", "2026-13", "2026-Q5", "0099"])
def test_what_names_no_span_is_read_as_a_day(words: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read(words)


def test_a_period_is_cut_into_its_calendar_parts() -> None:
    spring = Period(date(2026, 2, 10), date(2026, 7, 1))
    assert [label(part.since, "month") for part in spring.each("month")] == [
        "2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07",
    ]  # fmt: skip
    assert [(label(part.since, "quarter"), part.words) for part in spring.each("quarter")] == [
        ("2026-Q1", "2026-02-10 to 2026-03-31"),
        ("2026-Q2", "2026-04-01 to 2026-06-30"),
        ("2026-Q3", "2026-07-01 to 2026-07-01"),
    ]
    assert [label(part.since, "year") for part in Period(date(2025, 12, 31), date(2026, 1, 1)).each("year")] == [
        "2025",
        "2026",
    ]


@pytest.mark.parametrize(
    ("since", "until", "before"),
    [
        ("2026-01-01", "2026-12-31", "2025-01-01 to 2025-12-31"),
        ("2026-03-01", "2026-03-31", "2026-02-01 to 2026-02-28"),
        ("2025-11-25", "2026-11-24", "2024-11-25 to 2025-11-24"),
        ("2026-03-05", "2026-03-10", "2026-02-27 to 2026-03-04"),
        ("2026-01-15", "2026-02-14", "2025-12-15 to 2026-01-14"),
        ("2026-01-31", "2026-02-27", "2026-01-03 to 2026-01-30"),  # no month has its day in February
        ("2026-03-30", "2026-04-29", "2026-02-27 to 2026-03-29"),
        ("2024-02-29", "2025-02-27", "2023-03-01 to 2024-02-28"),
    ],
)
def test_the_period_before_is_as_long(since: str, until: str, before: str) -> None:
    assert Period(date.fromisoformat(since), date.fromisoformat(until)).before().words == before


@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.integers(0, 2000), st.sampled_from(UNITS))
def test_the_parts_are_the_whole(since: date, days: int, unit: str) -> None:
    whole = Period(since, date.fromordinal(since.toordinal() + days))
    parts = list(whole.each(unit))
    assert (parts[0].since, parts[-1].until) == (whole.since, whole.until)
    assert sum(part.days for part in parts) == whole.days
    assert all(later.since.toordinal() == part.until.toordinal() + 1 for part, later in pairwise(parts))
