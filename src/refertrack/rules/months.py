"""Months as people type them."""

from __future__ import annotations

import re
from datetime import date

from refertrack.rules.dates import add_months, parse_date
from refertrack.rules.errors import BadValue

_MONTH_FIRST = re.compile(r"(\d{1,2})[./-](\d{4})$")
_YEAR_FIRST = re.compile(r"(\d{4})[./-]?(\d{2})$")
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(rf"({'|'.join(_NAMES)})[a-z]*\.?(?:,? (\d{{4}}))?$")


def parse_month(text: str, today: date, *, field: str = "month") -> date:
    """Read a month as people type it, and return its first day.

    Args:
        text: such as 2026-11, 11/2026, november, Nov 2026, last month, or a day within it.
        today: what relative words count from; a name without a year is the last such month.
        field: what to call it in an error.

    Raises:
        BadValue: it is no month.

    """
    words = " ".join(text.strip().casefold().split())
    found = _relative(words, today) or _numeric(words)
    if found is None:
        try:
            found = parse_date(words, today, field=field, prefer="past").replace(day=1)
        except BadValue as error:
            raise BadValue(
                f'"{text}" is no month.', "Like this: 2026-11, november, last month.", field=field
            ) from error
    return found


def _relative(words: str, today: date) -> date | None:
    if words in {"this month", "last month"}:
        return add_months(today.replace(day=1), 0 if words == "this month" else -1)
    named = _NAMED.match(words)
    if named is None:
        return None
    month = _NAMES.index(named[1]) + 1
    return date(int(named[2]) if named[2] else today.year - (month > today.month), month, 1)


def _numeric(words: str) -> date | None:
    parts = _YEAR_FIRST.match(words)
    year, month = (int(parts[1]), int(parts[2])) if parts else (0, 0)
    if parts is None and (parts := _MONTH_FIRST.match(words)):
        year, month = int(parts[2]), int(parts[1])
    return date(year, month, 1) if 1 <= month <= 12 and 1800 <= year <= 2200 else None
