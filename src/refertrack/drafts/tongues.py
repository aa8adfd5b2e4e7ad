"""Dates, numbers and lists in languages other than English. Loads Babel: call it only where a letter needs it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from refertrack.rules.languages import ENGLISH, locale_of
from refertrack.rules.money import digits
from refertrack.rules.surveys import SCALES

# A number of days as a letter says it of an event: geliefert einen Tag früher, drei Tage früher.
_DAYS = {
    "de": ("einen Tag", "Tage", "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"),
    "es": ("un día", "días", "dos tres cuatro cinco seis siete ocho nueve diez once doce"),
    "fr": ("un jour", "jours", "deux trois quatre cinq six sept huit neuf dix onze douze"),
    "sv": ("en dag", "dagar", "två tre fyra fem sex sju åtta nio tio elva tolv"),
}
# How a question of a survey is answered, as it stands in brackets after the question (rules.surveys.SCALES).
_SCALES = {
    "de": ("0 bis 5", "0 bis 10", "ja oder nein, und wem"),
    "es": ("de 0 a 5", "de 0 a 10", "sí o no, y a quién"),
    "fr": ("de 0 à 5", "de 0 à 10", "oui ou non, et à qui"),
    "sv": ("0 till 5", "0 till 10", "ja eller nej, och för vem"),
}
# Languages whose dates have a comma after the weekday where they stand alone, and none in a sentence.
_NO_COMMA = frozenset({"es"})
# Before its own sound the Spanish "y" is "e": padres e hijos, but agua y hielo.
_SOUNDS_AS_Y = re.compile(r"h?[ií](?![aeoáéó])", re.IGNORECASE)


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
    alone = locale is not None and "EEEE," in locale.date_formats["full"].pattern
    comma = "," if alone and _base(language) not in _NO_COMMA else ""
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

    joined = str(format_list(list(words), locale=locale_of(language)))
    last = words[-1] if words else ""
    if _base(language) == "es" and joined.endswith(f" y {last}") and _SOUNDS_AS_Y.match(last):
        return f"{joined.removesuffix(f' y {last}')} e {last}"
    return joined


def scaled(question: str, language: str) -> str:
    """Return a question of a survey with the way to answer it in a language; the question is the business's."""
    for english, own in zip(SCALES.values(), _SCALES.get(_base(language), ()), strict=False):
        if question.endswith(f" ({english})"):
            return f"{question.removesuffix(f'({english})')}({own})"
    return question


def _base(language: str) -> str:
    return language.partition("-")[0]
