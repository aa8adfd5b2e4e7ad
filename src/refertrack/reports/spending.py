"""What was spent on winning and keeping customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from refertrack.rules.names import key
from refertrack.store.reader import Reader, Row


@dataclass(frozen=True)
class SpendFilter:
    """Which spending is wanted; everything that is left out matches. Months are their first days."""

    since: date | None = None
    until: date | None = None
    kind: str = ""
    channel: str = ""
    limit: int | None = None


def spending(reader: Reader, wanted: SpendFilter) -> list[Row]:
    """Return the spending by month, kind and channel, the latest month first."""
    rows = reader.rows(
        "SELECT month, channel, kind, amount_minor, currency FROM spend WHERE month >= :since AND month <= :until"
        " ORDER BY month DESC, kind DESC, channel, currency",
        since=(wanted.since or date(1, 1, 1)).isoformat(),
        until=(wanted.until or date(9999, 1, 1)).isoformat(),
    )
    fitting = [
        {**row, "month": row["month"][:7]}
        for row in rows
        if (not wanted.kind or row["kind"] == wanted.kind)
        and (not wanted.channel or key(row["channel"]) == key(wanted.channel))
    ]
    return fitting[: wanted.limit]
