"""Which backups stay: 7 days, 4 weeks, 12 months."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from refertrack.rules.retention import kept

LAST = date(2026, 11, 24)


def test_after_a_year_of_days_there_are_seven_four_and_twelve() -> None:
    days = [LAST - timedelta(days=back) for back in range(400)]
    found = sorted(kept(days), reverse=True)
    assert found[:7] == days[:7]
    sundays = [day for day in found if day.weekday() == 6]
    assert [day.isoformat() for day in sundays][:3] == ["2026-11-22", "2026-11-15", "2026-11-08"]
    month_ends = [day.isoformat() for day in found if (day + timedelta(days=1)).day == 1]
    assert month_ends[0] == "2026-10-31"
    assert month_ends[-1] == "2025-12-31"
    assert len(found) == 7 + 2 + 11  # this week's and this month's latest are among the seven days


@given(st.lists(st.dates(date(2020, 1, 1), date(2030, 1, 1)), max_size=60))
def test_the_latest_stays_and_pruning_twice_changes_nothing(days: list[date]) -> None:
    found = kept(days)
    assert found <= set(days)
    assert not days or max(days) in found
    assert kept(found) == found
