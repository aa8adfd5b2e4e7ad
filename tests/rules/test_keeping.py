"""When to be in touch, when touch is lost, and how new customers are staggered: a table of cases for each rule."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refertrack.rules.dates import parse_period
from refertrack.rules.holidays import holiday_check, no_holiday
from refertrack.rules.keeping import Rhythm, entry, first_days, rhythm
from refertrack.rules.playbooks import read_playbooks
from refertrack.rules.schedule import plan_step, spread_over
from refertrack.rules.segments import read_segments

TODAY = date(2026, 11, 24)  # a Tuesday
SEGMENTS = read_segments(
    {
        "*": {"keep_in_touch_days": 90, "lost_touch_days": 180},
        "VIP": {"keep_in_touch_days": 30},
        "Retail": {"lost_touch_days": 400},
    }
)


@pytest.mark.parametrize(
    ("segment", "own_days", "expected"),
    [
        ("", None, Rhythm(90, 180)),
        ("unheard of", None, Rhythm(90, 180)),
        ("VIP", None, Rhythm(30, 180)),
        ("VIP", 14, Rhythm(14, 180)),
        ("Retail", None, Rhythm(90, 400)),
        ("Retail", 365, Rhythm(365, 400)),
    ],
)
def test_a_customers_own_interval_comes_before_the_segments(
    segment: str, own_days: int | None, expected: Rhythm
) -> None:
    assert rhythm(SEGMENTS, segment, own_days) == expected


@pytest.mark.parametrize(
    ("since", "kept"),
    [
        (TODAY, True),
        (TODAY - timedelta(days=89), True),
        (TODAY - timedelta(days=90), True),  # due today
        (TODAY - timedelta(days=91), False),
        (date(1997, 1, 1), False),
        (None, False),
    ],
)
def test_who_had_no_recent_contact_enters_staggered(since: date | None, kept: bool) -> None:
    days = first_days(TODAY, 90, no_holiday)
    counted = entry(since, Rhythm(90, 180), TODAY, 7, days)
    due = counted + timedelta(days=90)
    assert (counted == since) is kept
    assert due >= TODAY
    assert kept or due in days


@pytest.mark.parametrize(
    ("keep_days", "country", "first", "count"),
    [
        (7, "", "2026-11-25", 5),
        (7, "US", "2026-11-25", 4),  # Thanksgiving
        (1, "", "2026-11-25", 1),
        (90, "", "2026-11-25", 64),
    ],
)
def test_the_days_of_the_first_round(keep_days: int, country: str, first: str, count: int) -> None:
    days = first_days(TODAY, keep_days, holiday_check(country))
    assert (days[0].isoformat(), len(days)) == (first, count)


def test_an_interval_that_holds_no_working_day_still_has_one() -> None:
    assert first_days(date(2026, 11, 27), 2, no_holiday) == [date(2026, 11, 30)]  # Friday


@given(st.integers(1, 5_000_000), st.integers(500, 3000))
def test_however_many_come_they_fill_the_days_evenly(first: int, many: int) -> None:
    days = first_days(TODAY, 90, no_holiday)
    rhythm_ = Rhythm(90, 180)
    due = Counter(entry(None, rhythm_, TODAY, number, days) for number in range(first, first + many))
    even = many / len(days)
    assert max(due.values()) <= even + 4
    assert min(due[day - timedelta(days=90)] for day in days) >= even - 4


@pytest.mark.parametrize(
    ("words", "expected"),
    [("3 working days", (3, "working day")), ("1 working day", (1, "working day")), ("3 days", (3, "day")),
     ("2 weeks", (2, "week"))],
)  # fmt: skip
def test_an_offset_may_count_working_days(words: str, expected: tuple[int, str]) -> None:
    assert parse_period(words) == expected


@pytest.mark.parametrize(
    ("on", "country", "due_on"),
    [
        ("2026-11-24", "", "2026-11-27"),
        ("2026-11-25", "", "2026-11-30"),
        ("2026-11-27", "", "2026-12-02"),
        ("2026-11-28", "", "2026-12-02"),  # a Saturday
        ("2026-11-24", "US", "2026-11-30"),
        ("2026-12-23", "DE", "2026-12-29"),
    ],
)
def test_the_steps_of_lost_touch_are_three_working_days_apart(on: str, country: str, due_on: str) -> None:
    step = read_playbooks({"e": {"step": [{"name": "s", "what": "w", "after": "3 working days"}]}})["e"].steps[0]
    assert plan_step(step, date.fromisoformat(on), holiday_check(country)).due_on.isoformat() == due_on


@pytest.mark.parametrize(
    ("count", "per_day", "taken", "expected"),
    [
        (0, 5, {}, []),
        (3, 5, {}, ["24", "24", "24"]),
        (3, 2, {}, ["24", "24", "25"]),
        (3, 1, {"25": 1}, ["24", "26", "27"]),
        (2, 1, {"24": 1}, ["25", "26"]),
        (5, 1, {}, ["24", "25", "26", "27", "30"]),
        (2, 3, {"24": 9}, ["25", "25"]),
    ],
)
def test_a_wall_is_spread_in_order(count: int, per_day: int, taken: dict[str, int], expected: list[str]) -> None:
    standing = {date(2026, 11, int(day)): number for day, number in taken.items()}
    days = spread_over(count, per_day, TODAY, standing, no_holiday)
    assert [f"{day.day}" for day in days] == expected


@given(st.integers(0, 300), st.integers(1, 20), st.dictionaries(st.integers(0, 40), st.integers(0, 30), max_size=20))
def test_spreading_keeps_the_order_and_the_limit(count: int, per_day: int, standing: dict[int, int]) -> None:
    taken = {TODAY + timedelta(days=days): number for days, number in standing.items()}
    days = spread_over(count, per_day, TODAY, taken, no_holiday)
    assert days == sorted(days)
    assert all(day.weekday() < 5 for day in days)
    assert all(number + taken.get(day, 0) <= per_day for day, number in Counter(days).items())
