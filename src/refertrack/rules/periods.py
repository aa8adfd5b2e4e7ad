"""Spans of days that a report looks at, both ends included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from refertrack.rules.dates import add_months
from refertrack.rules.errors import BadValue


@dataclass(frozen=True)
class Period:
    """From a day to a day, both included."""

    since: date
    until: date

    @property
    def words(self) -> str:
        """The period in words, with ISO dates."""
        return f"{self.since.isoformat()} to {self.until.isoformat()}"

    def months(self) -> Iterator[Period]:
        """Give the calendar months of the period, the first and the last cut to it."""
        start = self.since
        while start <= self.until:
            following = add_months(start.replace(day=1), 1)
            yield Period(start, min(self.until, following - timedelta(days=1)))
            start = following


def period(since: date | None, until: date | None, today: date) -> Period:
    """Return the period between two days; without them, the last 12 months.

    Raises:
        BadValue: it would end before it begins.

    """
    last = until or today
    first = since or add_months(last, -12) + timedelta(days=1)
    if first > last:
        raise BadValue(
            f"The period would end ({last.isoformat()}) before it begins ({first.isoformat()}).",
            "Correct --since or --until.",
            field="since",
        )
    return Period(first, last)
