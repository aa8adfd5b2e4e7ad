"""From when on somebody was a customer: what is told of an earlier day moves their beginning back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby, takewhile
from operator import itemgetter
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from refertrack.models.customers import CustomerStatusChange
from refertrack.rules.words import CustomerStatus
from refertrack.store import bulk

_CUSTOMER = frozenset({CustomerStatus.ACTIVE, CustomerStatus.DORMANT})
_DAY = timedelta(days=1)

Row = Mapping[str, Any]


def begin_by(session: Session, days: Mapping[int, date]) -> None:
    """Let customers have been customers from these days on at the latest, so that a report of the past counts them.

    Only the beginning of their first being a customer moves, and with it that of having been a prospect before.
    Whoever is a prospect stays one, and what came later stays as it is.
    """
    table = bulk.table_of(CustomerStatusChange)
    columns = (table.c.id, table.c.customer_id, table.c.status, table.c.since)
    query = select(*columns).order_by(table.c.customer_id, table.c.since, table.c.id)
    moved: list[dict[str, Any]] = []
    for some in bulk.in_lists(sorted(days)):
        rows = session.connection().execute(query.where(table.c.customer_id.in_(some))).mappings().all()
        for who, changes in groupby(rows, itemgetter("customer_id")):
            moved += _moved([dict(change) for change in changes], days[who])
    bulk.update(session, CustomerStatusChange, moved)


def _moved(changes: Sequence[Row], day: date) -> list[dict[str, Any]]:
    """Return the rows of one customer that change; of two that begin on one day the later one holds."""
    before = list(takewhile(lambda change: change["status"] == CustomerStatus.PROSPECT, changes))
    first = next(iter(changes[len(before) :]), None)
    begins = [(change["id"], change["since"], day) for change in before]
    if first is not None and first["status"] in _CUSTOMER:
        begins = [(number, since, day if number < first["id"] else day - _DAY) for number, since, _ in begins]
        begins.append((first["id"], first["since"], day))
    return [{"id": number, "since": to} for number, since, to in begins if to < since]
