"""Single figures by name, so many of so many: what an action measures before and after, what a page mentions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refertrack.reports.catalogue import definition, prepared
from refertrack.reports.frame import Line, View, run
from refertrack.rules.close import close_to
from refertrack.rules.errors import BadValue
from refertrack.rules.periods import Period
from refertrack.rules.statistics import Rate

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

SATISFIED = "satisfied"
OTHER_QUESTIONS = ("would recommend", "has recommended", "response", "without an invitation", "said, not done")
# name → the report, the key of its figure, and the survey's question where it is about one
FIGURES: dict[str, tuple[str, str, str]] = {
    "participation": ("referrals", "participation_rate", ""),
    "ask rate": ("referrals", "ask_rate", ""),
    "conversion": ("referrals", "net_conversion", ""),
    "spontaneous share": ("referrals", "spontaneous_share", ""),
    "ask yield": ("asks", "ask_yield", ""),
    "on time": ("service", "on_time_rate", ""),
    "complaint recovery": ("complaints", "recovery_rate", ""),
    "new by referral": ("growth", "referred_share", ""),
    SATISFIED: ("surveys", "share", SATISFIED),
    "response": ("surveys", "share", "response"),
    "has recommended": ("surveys", "share", "has recommended"),
}


def figure(connection: Connection, name: str, period: Period, today: date, segment: str = "") -> Rate:
    """Return a figure for a period: of all customers, or of one segment.

    ``satisfied`` is of all questions together, ``satisfied communication`` of one.

    Raises:
        BadValue: there is no such figure or segment.

    """
    report, key, question = _named(name)
    where = (("segment", segment),) if segment else ()
    found = definition(report)
    rows = run(found, prepared(found, View(connection, period, today, (), where))).rows
    rates = [line.values.get(key) for line in rows if not question or _about(line, question)]
    known = [rate for rate in rates if isinstance(rate, Rate)]
    return Rate(sum(rate.k for rate in known), sum(rate.n for rate in known))


def _named(name: str) -> tuple[str, str, str]:
    word = " ".join(name.casefold().replace("-", " ").replace("_", " ").split())
    if word in FIGURES:
        return FIGURES[word]
    if word.startswith(f"{SATISFIED} "):
        return "surveys", "share", word.removeprefix(f"{SATISFIED} ")
    close = close_to(word, list(FIGURES))
    raise BadValue(
        f'There is no figure "{name}".{f" Close: {close[0]}." if close else ""}',
        f"Say one of: {', '.join(FIGURES)}.",
        field="measure",
    )


def _about(line: Line, question: str) -> bool:
    own = line.group[-1]
    return own not in OTHER_QUESTIONS if question == SATISFIED else own.casefold() == question
