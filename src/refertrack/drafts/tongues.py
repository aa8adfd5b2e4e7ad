"""Dates, numbers and lists in languages other than English. Loads Babel: call it only where a letter needs it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from refertrack.rules.money import digits

if TYPE_CHECKING:
    from babel import Locale

_CODE = re.compile(r"([a-z]{2,3})(?:[-_]([a-z0-9]{2,8}))?")


def codes(language: str) -> tuple[str, ...]:
    """Return the codes that a customer's language has in the names of letters, the closest first: pt-br, pt.

    A language that is written out ("Swedish", "svenska") is known by Babel.
    """
    words = language.strip().casefold()
    if not words:
        return ()
    code = _CODE.fullmatch(words)
    if code:
        return (f"{code[1]}-{code[2]}", code[1]) if code[2] else (code[1],)
    found = _named().get(words)
    return (found,) if found else ()


@lru_cache(maxsize=1)
def _named() -> dict[str, str]:
    """Return the codes of languages by their English names and by their own."""
    from babel import Locale

    english = {name.casefold(): code for code, name in Locale("en").languages.items() if len(code) <= 3}
    own = {}
    for code in sorted(set(english.values())):
        locale = locale_of(code)
        if locale is not None and locale.language_name:
            own[locale.language_name.casefold()] = code
    return {**own, **english}


@lru_cache(maxsize=32)
def locale_of(language: str) -> Locale | None:
    """Return Babel's locale for a language's code, None where it knows none."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(language, sep="-" if "-" in language else "_")
    except (UnknownLocaleError, ValueError):
        return None


def is_foreign(language: str) -> bool:
    """Whether a letter is in a language other than English that Babel knows."""
    return language not in {"", "en"} and not language.startswith("en-") and locale_of(language) is not None


def day(value: date, language: str, *, year: bool, weekday: bool) -> str:
    """Write a date as people write it in a language, the month as a word."""
    from babel.dates import format_date, format_skeleton

    locale = locale_of(language)
    written = str(format_skeleton("yMMMMd" if year else "MMMMd", value, locale=locale))
    return f"{format_date(value, 'EEEE', locale=locale)} {written}" if weekday else written


def money(amount_minor: int, currency: str, language: str) -> str:
    """Write an amount as people write it in a language."""
    from decimal import Decimal

    from babel.numbers import format_currency

    return str(format_currency(Decimal(amount_minor).scaleb(-digits(currency)), currency, locale=locale_of(language)))


def days(number: int, language: str) -> str:
    """Write a number of days."""
    from babel.dates import format_timedelta

    return str(format_timedelta(timedelta(days=number), granularity="day", threshold=10**6, locale=locale_of(language)))


def listed(words: Sequence[str], language: str) -> str:
    """Join a list as people say it in a language."""
    from babel.lists import format_list

    return str(format_list(list(words), locale=locale_of(language)))
