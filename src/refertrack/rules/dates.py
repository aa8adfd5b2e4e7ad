"""Dates as people type them, and the arithmetic of due days."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

from refertrack.rules.errors import BadValue

FORMS = "Like this: 2026-12-01, tomorrow, next friday, in 2 weeks."
YEARS_OFF = 120
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})$")
_STAMP = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?$"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_NUMERIC = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{2,4})(?:[ T]\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?)?$")
_PERIOD = re.compile(r"\+?\s*(\d{1,4})\s*(d|days?|w|weeks?|months?|y|years?)$")
_WORKING_PERIOD = re.compile(r"(\d{1,4})\s*working days?$")
_UNITS = {"d": "day", "w": "week", "m": "month", "y": "year"}
WORKING_DAY = "working day"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = r"[a-z]{3,9}\.?"
_NTH = r"\d{1,2}(?:st|nd|rd|th)?\.?"
_WRITTEN = re.compile(rf"(?:{_NTH} {_MONTH}(?:,? ?\d{{4}})?|{_MONTH} {_NTH}(?:,? ?\d{{4}})?)$")


def parse_date(text: str, today: date, *, order: str = "DMY", field: str = "date", prefer: str = "future") -> date:
    """Read a date as a person types it: ISO first, without any library.

    Args:
        text: such as 2026-12-01, tomorrow, friday, next friday, in 2 weeks, 3 days ago, 15 nov 2026.
        today: what relative words count from.
        order: how 3/4/2026 is read, DMY or MDY.
        field: what to call it in an error.
        prefer: whether a bare weekday or a day without a year is the coming one or the last one.

    Raises:
        BadValue: it is no date.

    """
    words = " ".join(text.strip().casefold().split())
    iso = _ISO.match(words)
    found = (
        _made(*map(int, iso.groups()))
        if iso
        else _relative(words, today, prefer) or _absolute(words, today, order, prefer)
    )
    if found is None or found.year < 1800:
        raise BadValue(f'"{text}" is no date.', FORMS, field=field)
    return found


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _relative(words: str, today: date, prefer: str) -> date | None:
    simple = {"today": 0, "now": 0, "tomorrow": 1, "yesterday": -1}
    if words in simple:
        return today + timedelta(days=simple[words])
    which, _, weekday = words.rpartition(" ")
    if weekday in _WEEKDAYS and which in {"", "next", "last", "this", "on", "coming"}:
        ahead = (_WEEKDAYS.index(weekday) - today.weekday()) % 7
        if which == "last" or (which in {"", "on"} and prefer == "past"):
            return today - timedelta(days=(7 - ahead) % 7 or 7)
        return today + timedelta(days=ahead or 7) if which != "this" else today + timedelta(days=ahead)
    if words in {"next week", "next month", "next year"}:
        return add_offset(today, 1, words.split()[1])
    if words.endswith(" ago"):
        return _shifted(words.removesuffix(" ago"), today, -1)
    return _shifted(words.removeprefix("in "), today, 1) if words.startswith(("in ", "+")) else None


def _shifted(words: str, today: date, sign: int) -> date | None:
    numbers = {"a": "1", "an": "1", "one": "1", "two": "2", "three": "3", "four": "4", "six": "6"}
    first, _, rest = words.partition(" ")
    match = _PERIOD.match(f"{numbers.get(first, first)} {rest}".strip())
    if match is None:
        return None
    try:
        return add_offset(today, sign * int(match[1]), _UNITS[match[2][0]])
    except (OverflowError, ValueError):
        return None


def _absolute(words: str, today: date, order: str, prefer: str) -> date | None:
    numeric = parse_iso_like(words) or parse_with_order(words, order)
    if numeric is not None or not _WRITTEN.match(words):
        return numeric
    import dateparser

    moment = dateparser.parse(
        words.replace(".", " "),
        languages=["en"],
        settings={
            "RELATIVE_BASE": datetime(today.year, today.month, today.day),  # noqa: DTZ001 - a day, no moment
            "PREFER_DATES_FROM": prefer,
            "STRICT_PARSING": False,
            "REQUIRE_PARTS": ["day", "month"],
            "PARSERS": ["absolute-time"],
        },
    )
    return moment.date() if moment else None


def far_off(day: date, today: date) -> bool:
    """Whether a day is more than 120 years from today."""
    return abs(day.year - today.year) > YEARS_OFF


def not_before(earliest: date, today: date) -> str:
    """Say what to type where something was said to be on a day before the one that it follows.

    Where that one is still ahead, it is the clock that is wrong, now or then.
    """
    if earliest > today:
        is_it = f"Today is {today.isoformat()} here. If it is not, put the clock right, or add:"
        return f"{is_it} --today {earliest.isoformat()}"
    return f"Give that day or a later one: --on {earliest.isoformat()}"


def parse_iso_like(text: str) -> date | None:
    """Read 1996-07-04, 1996-07-04 00:00:00.000, 2025-10-02 17:09:34 -0300, 19970101: the day as written."""
    match = _STAMP.match(text) or _COMPACT.match(text)
    return _made(*map(int, match.groups())) if match else None


def detect_order(values: Iterable[str]) -> str | None:
    """Tell how a column writes its dates: ISO, DMY or MDY; None where it cannot be told."""
    order = None
    for value in values:
        if not value or parse_iso_like(value):
            order = order or ("ISO" if value else None)
            continue
        match = _NUMERIC.match(value)
        if match is None:
            continue
        order = None if order == "ISO" else order
        if int(match[1]) > 12:
            return "DMY"
        if int(match[2]) > 12:
            return "MDY"
    return order


def parse_with_order(text: str, order: str) -> date | None:
    """Read 3/4/2026 or 3.4.26 in an order, DMY or MDY, or a written date such as 05 Mar 2024."""
    match = _NUMERIC.match(text.strip())
    if match is None:
        return None
    first, second, year = (int(part) for part in match.groups())
    if len(match[1]) > 2 or len(match[3]) == 3:
        return None
    year += 2000 if len(match[3]) == 2 else 0
    return _made(year, first, second) if order == "MDY" else _made(year, second, first)


def add_months(day: date, months: int) -> date:
    """Add calendar months, clamped to the month's end: 31 January + 1 month is 28 or 29 February."""
    from calendar import monthrange

    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_offset(day: date, count: int, unit: str) -> date:
    """Add so many days, weeks, months or years."""
    if unit in {"month", "year"}:
        return add_months(day, count * (12 if unit == "year" else 1))
    return day + timedelta(days=count * (7 if unit == "week" else 1))


def is_working_day(day: date, is_holiday: Callable[[date], bool]) -> bool:
    """Whether a day is neither a weekend's nor a holiday."""
    return day.weekday() < 5 and not is_holiday(day)


def next_working_day(day: date, is_holiday: Callable[[date], bool]) -> date:
    """Return the day itself, or the first working day after it."""
    while not is_working_day(day, is_holiday):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int, is_holiday: Callable[[date], bool]) -> date:
    """Return the working day that is so many working days after a day."""
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1), is_holiday)
    return day


def parse_period(text: str) -> tuple[int, str]:
    """Read an offset such as "7 days", "3 working days" or "1 month" as (7, "day").

    Raises:
        BadValue: it is none.

    """
    working = _WORKING_PERIOD.match(text.strip().casefold())
    if working is not None:
        return int(working[1]), WORKING_DAY
    match = _PERIOD.match(text.strip().casefold())
    if match is None:
        raise BadValue(f'"{text}" is no span of time.', "Like this: 7 days, 2 weeks, 1 month.", field="after")
    return int(match[1]), _UNITS[match[2][0]]


def span_words(days: int) -> str:
    """Return a number of days in words: 1 day, 3 days."""
    return "1 day" if days == 1 else f"{days} days"


def day_begins(day: date, zone: str, days: int = 0) -> datetime:
    """Return the moment at which a day (or one some days later) begins in a time zone, else in the machine's own.

    Raises:
        BadValue: there is no such zone.

    """
    begin = datetime.combine(day + timedelta(days=days), time())
    if not zone:
        return begin.astimezone()
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return begin.replace(tzinfo=ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadValue(f'There is no time zone "{zone}".', "Like this: Europe/Stockholm", field="zone") from error


def local_today(zone: str, now: datetime) -> date:
    """Return the date in a time zone (the machine's own, if none is named) at a moment.

    Raises:
        BadValue: there is no such zone.

    """
    if not zone:
        return now.astimezone().date()
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return now.astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadValue(f'There is no time zone "{zone}".', "Like this: Europe/Stockholm", field="zone") from error
