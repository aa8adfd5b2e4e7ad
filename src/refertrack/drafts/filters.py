"""How letters write dates, numbers, money and lists. Loads Jinja: import it only where a letter is rendered."""

from __future__ import annotations

from datetime import date
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

from refertrack.drafts import tongues
from refertrack.drafts.catalogue import fill_hint
from refertrack.drafts.fields import LANGUAGE_FIELD, Group
from refertrack.rules.errors import LetterTrouble
from refertrack.rules.money import Money, format_money

# Written out, since strftime would follow the machine's language.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@pass_context
def day(context: Context, value: object) -> str:
    """Write a date as 15 November, with its year unless that is today's.

    Raises:
        LetterTrouble: it is no date.

    """
    found = _date(value, "day")
    language = _language(context)
    if tongues.is_foreign(language):
        return tongues.day(found, language, year=_other_year(context, found), weekday=False)
    return _english(context, found)


@pass_context
def weekday(context: Context, value: object) -> str:
    """Write a date as Monday 30 November.

    Raises:
        LetterTrouble: it is no date.

    """
    found = _date(value, "weekday")
    language = _language(context)
    if tongues.is_foreign(language):
        return tongues.day(found, language, year=_other_year(context, found), weekday=True)
    return f"{_WEEKDAYS[found.weekday()]} {_english(context, found)}"


@pass_context
def money(context: Context, value: object) -> str:
    """Write an amount as 1,234.50 EUR.

    Raises:
        LetterTrouble: it is no amount of money.

    """
    if not isinstance(value, Money):
        raise _unfit(value, "money", "an amount of money")
    language = _language(context)
    if tongues.is_foreign(language):
        return tongues.money(value.amount_minor, value.currency, language)
    return format_money(value.amount_minor, value.currency)


@pass_context
def count_words(context: Context, value: object) -> str:
    """Write a number up to twelve as a word (in English), a larger one in digits.

    Raises:
        LetterTrouble: it is no whole number.

    """
    number = _whole(value, "count_words")
    written = 0 <= number < len(_NUMBERS) and not tongues.is_foreign(_language(context))
    return _NUMBERS[number] if written else str(number)


@pass_context
def days(context: Context, value: object) -> str:
    """Write a number of days: one day, three days.

    Raises:
        LetterTrouble: it is no whole number.

    """
    number = _whole(value, "days")
    if tongues.is_foreign(_language(context)):
        return tongues.days(number, _language(context))
    return f"{count_words(context, number)} {'day' if number == 1 else 'days'}"


@pass_context
def list_words(context: Context, value: object, field: str = "") -> str:
    """Join a list as people say it: a, b and c.

    Args:
        context: the letter's.
        value: texts, or groups of fields.
        field: which field of each group to take.

    Raises:
        LetterTrouble: it is no list, or holds something else than text.

    """
    if not isinstance(value, tuple | list):
        raise _unfit(value, "list_words", "a list")
    words = [_word(item, field) for item in value]
    if tongues.is_foreign(_language(context)):
        return tongues.listed(words, _language(context))
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1] if words else "") if part)


def full_stop(value: object) -> str:
    """End a text with a full stop, unless it ends a sentence already.

    Raises:
        LetterTrouble: it is no text.

    """
    if not isinstance(value, str):
        raise _unfit(value, "full_stop", "text")
    text = value.rstrip()
    return text if text.endswith((".", "!", "?", "…", "”", "“", "»")) else f"{text}."


def _language(context: Context) -> str:
    return str(context.get(LANGUAGE_FIELD) or "")


def _english(context: Context, value: date) -> str:
    return f"{value.day} {_MONTHS[value.month - 1]}{f' {value.year}' if _other_year(context, value) else ''}"


def _other_year(context: Context, value: date) -> bool:
    today = context.get("today")
    return not (isinstance(today, date) and today.year == value.year)


def _word(item: object, field: str) -> str:
    if isinstance(item, Group) and field:
        path = f"{item.path}.{field}"
        if field not in item:
            raise LetterTrouble(f'"{path}" has no value.', fill_hint(path))
        item = item[field]
    if not isinstance(item, str):
        raise LetterTrouble("list_words found something that is no text.", 'Name a field: list_words("what")')
    return item


def _date(value: object, name: str) -> date:
    if not isinstance(value, date):
        raise _unfit(value, name, "a date")
    return value


def _whole(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _unfit(value, name, "a whole number")
    return value


def _unfit(value: Any, name: str, wanted: str) -> LetterTrouble:
    if isinstance(value, Undefined):
        str(value)  # an empty field says for itself which one it is
    return LetterTrouble(f'"{name}" needs {wanted}, and "{value}" is none.', "Take another field, or no filter.")


FILTERS = {
    "day": day,
    "weekday": weekday,
    "money": money,
    "count_words": count_words,
    "days": days,
    "list_words": list_words,
    "full_stop": full_stop,
}
