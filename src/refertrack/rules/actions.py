"""An improvement's measure: a share before and after, over spans of the same length, and whether it moved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from refertrack.rules.periods import Period
from refertrack.rules.statistics import Rate, difference

WINDOW_DAYS = 90
_MEASURED = re.compile(r"(\d+)/(\d+) (\d{4}-\d{2}-\d{2}) to (\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True)
class Measured:
    """So many of so many, within a period."""

    rate: Rate
    period: Period

    @property
    def text(self) -> str:
        """How it is kept: 12/84 2026-08-27 to 2026-11-24."""
        return f"{self.rate.k}/{self.rate.n} {self.period.words}"

    @property
    def words(self) -> str:
        """How it is shown: 12 of 84 (14 %)."""
        value = self.rate.value
        return f"{self.rate.k} of {self.rate.n}" + ("" if value is None else f" ({100 * value:.0f} %)")


def read_measured(text: str) -> Measured | None:
    """Read what ``Measured.text`` wrote; None where nothing was measured."""
    match = _MEASURED.fullmatch(text)
    if match is None:
        return None
    since, until = (date.fromisoformat(match[place]) for place in (3, 4))
    return Measured(Rate(int(match[1]), int(match[2])), Period(since, until))


def windows(added_on: date, until: date) -> tuple[Period, Period]:
    """Return the spans before and after an action began, of one length: as long as it lasted, 90 days at most.

    The day on which it was added belongs to what was before; the span after ends with the last day.
    """
    days = max(1, min(WINDOW_DAYS, (until - added_on).days))
    before = Period(added_on - timedelta(days=days - 1), added_on)
    return before, Period(until - timedelta(days=days - 1), until)


@dataclass(frozen=True)
class Effect:
    """What became of a figure: the difference and its 95 % interval, None where one of them has no n."""

    before: Measured
    after: Measured

    @property
    def interval(self) -> tuple[float, float, float] | None:
        """The difference, and the least and the most that it may be."""
        return difference(self.after.rate, self.before.rate)

    @property
    def moved(self) -> bool:
        """Whether the interval leaves out zero."""
        found = self.interval
        return found is not None and (found[1] > 0 or found[2] < 0)

    @property
    def words(self) -> str:
        """What became of it, as a sentence says it."""
        found = self.interval
        from_to = f"from {self.before.words} to {self.after.words}"
        if found is None:
            return f"{from_to}: too little to compare"
        points, least, most = (round(100 * value) for value in found)
        span = f"{points:+d} points, 95 % interval {least:+d} to {most:+d}"
        if not self.moved:
            return f"{from_to}: {span}; it spans zero, so it may be chance"
        return f"{from_to}: {span}; it moved {'up' if points >= 0 else 'down'}"
