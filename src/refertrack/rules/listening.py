"""What customers and staff tell us: the scales, who may be answered how, and who waits too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from refertrack.rules.errors import BadValue
from refertrack.rules.words import FeedbackKind

COMPLAINTS = (FeedbackKind.COMPLAINT, FeedbackKind.CLAIM)
# What can be put right or put into practice; a compliment and a remarkable deed can only be answered.
RESOLVABLE = (*COMPLAINTS, FeedbackKind.IDEA, FeedbackKind.GAP)
BECAUSE_LIMIT = 80


@dataclass(frozen=True)
class Limits:
    """Within how many days a complaint is answered, and put right; after them it is late."""

    acknowledge_days: int = 1
    resolve_days: int = 10


LIMITS = Limits()


def check_scale(value: int | None, field: str, least: int, most: int) -> int | None:
    """Return a number that lies on its scale, or None where none was given.

    Raises:
        BadValue: it lies outside.

    """
    if value is not None and not least <= value <= most:
        raise BadValue(f"{field}: {value} is not on the scale.", f"Give {least} to {most}.", field=field)
    return value


def read_scale(text: str, field: str, least: int, most: int) -> int:
    """Read a number that lies on a scale.

    Raises:
        BadValue: it is no whole number, or lies outside.

    """
    words = text.strip()
    if not words.isascii() or not words.removeprefix("-").isdecimal():
        raise BadValue(f'{field}: "{words}" is no whole number.', f"Give {least} to {most}.", field=field)
    checked = check_scale(int(words[:9]), field, least, most)  # nine digits are off every scale
    return checked if checked is not None else least


def gap_score(importance: int | None, performance: int | None) -> int | None:
    """Return how much a gap matters: importance × (importance − performance), None where one is missing."""
    if importance is None or performance is None:
        return None
    return importance * (importance - performance)


def state_of(acknowledged_on: object, resolved_on: object, confirmed_on: object) -> str:
    """Return how far something that was said has come."""
    if confirmed_on:
        return "confirmed"
    if resolved_on:
        return "resolved"
    return "acknowledged" if acknowledged_on else "open"


def late(
    kind: str,
    on: date,
    acknowledged_on: date | None,
    resolved_on: date | None,
    today: date,
    limits: Limits = LIMITS,
) -> str:
    """Return what a complaint or claim waits for too long: acknowledge, resolve, or nothing ("")."""
    if kind not in COMPLAINTS or resolved_on is not None:
        return ""
    if acknowledged_on is None and (today - on).days > limits.acknowledge_days:
        return "acknowledge"
    return "resolve" if (today - on).days > limits.resolve_days else ""


def quoted(words: str) -> str:
    """Return the first line of what somebody said, short enough for a list, in quotation marks."""
    line = words.strip().splitlines()[0].strip() if words.strip() else ""
    short = line if len(line) <= BECAUSE_LIMIT else line[: BECAUSE_LIMIT - 1].rstrip() + "…"
    return f'"{short}"' if short else ""
