"""Dates, numbers and lists in languages other than English. Loads Babel: call it only where a letter needs it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from refertrack.rules.languages import ENGLISH, locale_of
from refertrack.rules.money import digits

# A number of days as a letter says it of an event: geliefert einen Tag früher, drei Tage früher.
_DAYS = {
    "de": ("einen Tag", "Tage", "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"),
    "es": ("un día", "días", "dos tres cuatro cinco seis siete ocho nueve diez once doce"),
    "fr": ("un jour", "jours", "deux trois quatre cinq six sept huit neuf dix onze douze"),
    "sv": ("en dag", "dagar", "två tre fyra fem sex sju åtta nio tio elva tolv"),
}


def is_foreign(language: str) -> bool:
    """Whether a letter is in a language other than English that Babel knows."""
    return (
        language not in {"", ENGLISH}
        and not language.startswith(f"{ENGLISH}-")
        and locale_of(language) is not None
    )  # fmt: skip


def day(value: date, language: str, *, year: bool, weekday: bool) -> str:
    """Write a date as people write it in a language, the month as a word."""
    from babel.dates import format_date, format_skeleton

    locale = locale_of(language)
    written = str(format_date(value, "long", locale) if year else format_skeleton("MMMMd", value, locale=locale))
    if value.day == 1 and _base(language) == "fr":
        written = f"1er{written.removeprefix('1')}"
    if not weekday:
        return written
    comma = "," if locale is not None and "EEEE," in locale.date_formats["full"].pattern else ""
    return f"{format_date(value, 'EEEE', locale=locale)}{comma} {written}"


def money(amount_minor: int, currency: str, language: str) -> str:
    """Write an amount as people write it in a language."""
    from decimal import Decimal

    from babel.numbers import format_currency

    return str(format_currency(Decimal(amount_minor).scaleb(-digits(currency)), currency, locale=locale_of(language)))


def days(number: int, language: str) -> str:
    """Write a number of days."""
    from babel.dates import format_timedelta

    known = _DAYS.get(_base(language))
    if known is None:
        span = timedelta(days=number)
        return str(format_timedelta(span, granularity="day", threshold=10**6, locale=locale_of(language)))
    one, many, words = known
    if number == 1:
        return one
    written = words.split()
    return f"{written[number - 2] if 2 <= number < len(written) + 2 else number} {many}"


def listed(words: Sequence[str], language: str) -> str:
    """Join a list as people say it in a language."""
    from babel.lists import format_list

    return str(format_list(list(words), locale=locale_of(language)))


def _base(language: str) -> str:
    return language.partition("-")[0]
