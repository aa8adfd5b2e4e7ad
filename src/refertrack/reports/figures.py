"""Single figures by name, so many of so many: what an action measures before and after, what a page mentions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refertrack.reports.catalogue import definition
from refertrack.reports.frame import View, run
from refertrack.rules.close import close_to
from refertrack.rules.errors import BadValue
from refertrack.rules.periods import Period
from refertrack.rules.statistics import Rate

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

# name → the report and the key of its figure
FIGURES: dict[str, tuple[str, str]] = {
    "participation": ("referrals", "participation_rate"),
    "ask rate": ("referrals", "ask_rate"),
    "conversion": ("referrals", "net_conversion"),
    "spontaneous share": ("referrals", "spontaneous_share"),
}


def figure(connection: Connection, name: str, period: Period, today: date, segment: str = "") -> Rate:
    """Return a figure for a period: of all customers, or of one segment.

    Raises:
        BadValue: there is no such figure or segment.

    """
    word = " ".join(name.casefold().replace("-", " ").replace("_", " ").split())
    if word not in FIGURES:
        close = close_to(word, list(FIGURES))
        raise BadValue(
            f'There is no figure "{name}".{f" Close: {close[0]}." if close else ""}',
            f"Say one of: {', '.join(FIGURES)}.",
            field="measure",
        )
    report, key = FIGURES[word]
    where = (("segment", segment),) if segment else ()
    rows = run(definition(report), View(connection, period, today, (), where)).rows
    value = rows[0].values[key] if rows else None
    return value if isinstance(value, Rate) else Rate(0, 0)
