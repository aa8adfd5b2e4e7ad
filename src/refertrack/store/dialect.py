"""What the two engines write differently, as SQL that reads the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


def day(value: date) -> str:
    """Write a day into a statement; what people typed is bound instead, never written."""
    return f"'{value.isoformat()}'"


def listed(*words: str) -> str:
    """Write words of the program's own, such as states, into a statement: for ``IN (...)``."""
    return ", ".join(f"'{word}'" for word in words)


def between(column: str, since: date, until: date) -> str:
    """Return the condition that a day lies in a period, both ends included."""
    return f"{column} BETWEEN {day(since)} AND {day(until)}"


def counted(condition: str) -> str:
    """Return the aggregate that counts the rows that meet a condition."""
    return f"count(*) FILTER (WHERE {condition})"


def as_text(number: str) -> str:
    """Return a whole number as text."""
    return f"CAST(CAST({number} AS INTEGER) AS TEXT)"


@dataclass(frozen=True)
class Dialect:
    """The expressions of one engine."""

    sqlite: bool

    def days_between(self, later: str, earlier: str) -> str:
        """Return the whole days from the second date to the first."""
        if self.sqlite:
            return f"CAST(julianday({later}) - julianday({earlier}) AS INTEGER)"
        return f"(({later})::date - ({earlier})::date)"

    def year_of(self, on: str) -> str:
        """Return the year of a date: 2026; '' where there is no date."""
        return f"coalesce({self._year(on)}, '')"

    def quarter_of(self, on: str) -> str:
        """Return the quarter of a date: 2026-Q1; '' where there is no date."""
        month = f"strftime('%m', {on})" if self.sqlite else f"extract(month FROM {on})"
        return f"coalesce({self._year(on)} || '-Q' || {as_text(f'(CAST({month} AS INTEGER) + 2) / 3')}, '')"

    def month_start(self, on: str) -> str:
        """Return the first day of a date's month."""
        if self.sqlite:
            return f"date({on}, 'start of month')"
        return f"CAST(date_trunc('month', {on}) AS DATE)"

    def _year(self, on: str) -> str:
        return as_text(f"strftime('%Y', {on})" if self.sqlite else f"extract(year FROM {on})")
