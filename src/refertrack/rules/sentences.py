"""Why something is due, in the words that the list shows."""

from __future__ import annotations

from datetime import date

from refertrack.rules.dates import span_words

ORDER = "order"


def _named(what: str) -> str:
    return "" if what == ORDER else f"{what} "


def day_words(day: date) -> str:
    """Return a day as the list names it: 15 Nov 2026."""
    return f"{day.day} {day:%b} {day.year}"


def spoken_day(day: date, today: date) -> str:
    """Return a day as a letter names it: 15 November, with its year unless that is this one."""
    return f"{day.day} {day:%B}" + (f" {day.year}" if day.year != today.year else "")


def ordered_because(what: str, ordered_on: date) -> str:
    """Say that something was ordered; ``what`` is ORDER where nobody said what."""
    return f"{_named(what)}ordered {day_words(ordered_on)}"


def delivered_because(what: str, delivered_on: date, promised_on: date | None) -> str:
    """Say that something was delivered, and whether earlier or later than promised."""
    words = f"{_named(what)}delivered {day_words(delivered_on)}"
    if promised_on is None or promised_on == delivered_on:
        return words
    days = abs((delivered_on - promised_on).days)
    return f"{words}, {span_words(days)} {'early' if delivered_on < promised_on else 'late'}"


def promised_because(what: str, promised_on: date | None, ordered_on: date) -> str:
    """Say why it is asked whether something was delivered."""
    if promised_on is not None:
        return f"{_named(what)}promised for {day_words(promised_on)}"
    return ordered_because(what, ordered_on)


def met_because(on: date) -> str:
    """Say that a meeting was held."""
    return f"met {day_words(on)}"


def silent_because(since: date | None) -> str:
    """Say since when nobody spoke with the customer, or that no contact is on record."""
    return f"no contact since {day_words(since)}" if since else "no contact on record"


def moved_because(was_due: date) -> str:
    """Say where an item stood before a person moved it."""
    return f"moved: was for {was_due.isoformat()}"
