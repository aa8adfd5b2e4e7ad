"""What an open complaint or claim holds: surveys, requests and keeping in touch, written into the rows.

So the daily list stays a plain read: a held item is not open, and one that was released is due after the
hold and says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from refertrack.models.follow_ups import FollowUp
from refertrack.models.listening import Feedback
from refertrack.rules.dates import next_working_day
from refertrack.rules.gates import HELD_BY_COMPLAINT, HOLD_DAYS
from refertrack.rules.holidays import holiday_check
from refertrack.rules.listening import COMPLAINTS
from refertrack.rules.schedule import Holiday
from refertrack.rules.words import FollowUpState
from refertrack.store import bulk, journal

REASON = "a complaint is open"


def standing(session: Session, customer_ids: Iterable[int]) -> dict[int, date | None]:
    """Return the customers whose items are held: until which day, None while a complaint is not resolved."""
    session.flush()
    today = journal.context_of(session).today
    table = bulk.table_of(Feedback)
    query = (
        select(table.c.customer_id, func.count() - func.count(table.c.resolved_on), func.max(table.c.resolved_on))
        .where(table.c.kind.in_(COMPLAINTS), table.c.confirmed_on.is_(None))
        .group_by(table.c.customer_id)
    )
    held: dict[int, date | None] = {}
    for some in bulk.in_lists(customer_ids):
        for customer_id, unresolved, resolved_on in session.connection().execute(
            query.where(table.c.customer_id.in_(some))
        ):
            if unresolved:
                held[customer_id] = None
            elif resolved_on + timedelta(days=HOLD_DAYS) > today:
                held[customer_id] = resolved_on + timedelta(days=HOLD_DAYS)
    return held


def hold(session: Session, customer_ids: Iterable[int], reason: str = REASON) -> int:
    """Hold the customers' open items that ask or sell; return how many."""
    rows = [
        {"id": row["id"], "state": FollowUpState.HELD, "reason": reason, "hold_until": None}
        for row in _items(session, customer_ids, FollowUpState.OPEN)
    ]
    bulk.update(session, FollowUp, rows)
    return len(rows)


def release(session: Session, customer_ids: Iterable[int], until: date) -> int:
    """Open the customers' held items again, none due before a day; return how many."""
    is_holiday = holiday_check(journal.context_of(session).business.country)
    rows = []
    for item in _items(session, customer_ids, FollowUpState.HELD):
        due_on, waits = after(item["due_on"], until, item["waits"], is_holiday)
        rows.append(
            {
                "id": item["id"],
                "state": FollowUpState.OPEN,
                "reason": "",
                "hold_until": until,
                "due_on": due_on,
                "waits": waits,
            }
        )
    bulk.update(session, FollowUp, rows)
    return len(rows)


def after(due_on: date, until: date, waits: str, is_holiday: Holiday) -> tuple[date, str]:
    """Return the day on which an item is due that is held until a day, and the words that say so."""
    if due_on >= until:
        return due_on, waits
    return next_working_day(until, is_holiday), f"held by a complaint: was for {due_on.isoformat()}"


def _items(session: Session, customer_ids: Iterable[int], state: FollowUpState) -> list[Any]:
    session.flush()
    table = bulk.table_of(FollowUp)
    query = select(table.c.id, table.c.due_on, table.c.waits).where(
        table.c.state == state, table.c.purpose.in_(HELD_BY_COMPLAINT)
    )
    return [
        row
        for some in bulk.in_lists(customer_ids)
        for row in session.connection().execute(query.where(table.c.customer_id.in_(some))).mappings()
    ]
