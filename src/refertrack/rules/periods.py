"""Spans of days that a report looks at, both ends included."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from refertrack.rules.dates import add_months
from refertrack.rules.errors import BadValue

MONTH, QUARTER, YEAR = "month", "quarter", "year"
UNITS = (MONTH, QUARTER, YEAR)
_MONTHS = {MONTH: 1, QUARTER: 3, YEAR: 12}
_ONE = re.compile(r"(this|last|current|previous) (week|month|quarter|year)$")
_MANY = re.compile(r"(?:the )?(?:last|past) (\d{1,3}) (day|week|month|quarter|year)s?$")
_YEAR = re.compile(r"(\d{4})$")
_QUARTER = re.compile(r"(\d{4})[- ]?q([1-4])$")
_MONTH = re.compile(r"(\d{4})-(\d{2})$")
MOST_BUCKETS = 240
NEVER = date(9000, 1, 1)  # the day of what has not happened


@dataclass(frozen=True)
class Period:
    """From a day to a day, both included."""

    since: date
    until: date

    @property
    def words(self) -> str:
        """The period in words, with ISO dates."""
        return f"{self.since.isoformat()} to {self.until.isoformat()}"

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    def months(self) -> Iterator[Period]:
        """Give the calendar months of the period, the first and the last cut to it."""
        return self.each(MONTH)

    def each(self, unit: str) -> Iterator[Period]:
        """Give its calendar months, quarters or years, the first and the last cut to it."""
        start = self.since
        while start <= self.until:
            following = add_months(_first_day(start, unit), _MONTHS[unit])
            yield Period(start, min(self.until, following - timedelta(days=1)))
            start = following

    def before(self) -> Period:
        """Return the period of the same length before it: as many whole months where it has whole months.

        A month is whole from a day to the same day of the next one; where a month has no such day, days are counted.
        """
        following = self.until + timedelta(days=1)
        months = (following.year - self.since.year) * 12 + following.month - self.since.month
        first = add_months(self.since, -months)
        if not months or not self.since.day == following.day == first.day:
            first = self.since - timedelta(days=self.days)
        return Period(first, self.since - timedelta(days=1))


def label(day: date, unit: str) -> str:
    """Return the name of the month, quarter or year that a day is in: 2026-03, 2026-Q1, 2026."""
    if unit == MONTH:
        return f"{day:%Y-%m}"
    return f"{day.year}-Q{(day.month + 2) // 3}" if unit == QUARTER else f"{day.year}"


def _first_day(day: date, unit: str) -> date:
    if unit == MONTH:
        return day.replace(day=1)
    return day.replace(month=(day.month - 1) // 3 * 3 + 1 if unit == QUARTER else 1, day=1)


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
            "Correct --since or --until." if until else "It begins after today: say --until too.",
            field="since",
        )
    return Period(first, last)


def period_of(since: str | None, until: str | None, today: date, day: Callable[[str, str], date | None]) -> Period:
    """Return the period that two texts name: days, or spans such as "this quarter", "last 12 months", 2026-Q1.

    A span at ``since`` alone is the period itself, up to today; ``day`` reads what is no span.

    Raises:
        BadValue: a text is neither, or the period would end before it begins.

    """
    first, last = named(since or "", today), named(until or "", today)
    begin = first.since if first else day(since, "since") if since else None
    if last is not None:
        end: date | None = last.until
    elif until:
        end = day(until, "until")
    else:
        end = min(first.until, today) if first and first.since <= today else first.until if first else None
    return period(begin, end, today)


def named(words: str, today: date) -> Period | None:
    """Return the span that words name, or None where they name none."""
    text = " ".join(words.casefold().split())
    if one := _ONE.match(text):
        return _one(one[2], today, back=one[1] in {"last", "previous"})
    if many := _MANY.match(text):
        return _many(int(many[1]), many[2], today)
    if quarter := _QUARTER.match(text):
        return _calendar(int(quarter[1]), int(quarter[2]) * 3 - 2, 3)
    if month := _MONTH.match(text):
        return _calendar(int(month[1]), int(month[2]), 1)
    if year := _YEAR.match(text):
        return _calendar(int(year[1]), 1, 12)
    return None


def _calendar(year: int, month: int, months: int) -> Period | None:
    if not (1800 <= year <= 9000 and 1 <= month <= 12):
        return None
    first = date(year, month, 1)
    return Period(first, add_months(first, months) - timedelta(days=1))


def _one(unit: str, today: date, *, back: bool) -> Period:
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + (7 if back else 0))
        return Period(monday, monday + timedelta(days=6))
    first = _first_day(today, unit)
    if back:
        first = add_months(first, -_MONTHS[unit])
    return Period(first, add_months(first, _MONTHS[unit]) - timedelta(days=1))


def _many(count: int, unit: str, today: date) -> Period | None:
    if count == 0:
        return None
    if unit in {"day", "week"}:
        return Period(today - timedelta(days=count * (7 if unit == "week" else 1) - 1), today)
    return Period(add_months(today, -count * _MONTHS[unit]) + timedelta(days=1), today)
