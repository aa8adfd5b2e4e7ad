"""Which backups to keep: the last days, then one a week, then one a month."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

DAILY, WEEKLY, MONTHLY = 7, 4, 12


def kept(days: Iterable[date]) -> set[date]:
    """Return the days whose backups are kept: the 7 latest, the latest of 4 weeks and of 12 months.

    A week and a month count where a backup of them is there, so that a business that rests keeps its old ones.
    """
    latest_first = sorted(set(days), reverse=True)
    weeks: dict[tuple[int, int], date] = {}
    months: dict[tuple[int, int], date] = {}
    for day in latest_first:
        weeks.setdefault(day.isocalendar()[:2], day)
        months.setdefault((day.year, day.month), day)
    return {*latest_first[:DAILY], *list(weeks.values())[:WEEKLY], *list(months.values())[:MONTHLY]}
