"""Contacts of many customers at once: keep in touch and lost touch are put off for all of them in sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp, Touch
from refertrack.rules.keeping import FIRST, KEEP, LOST, rhythm
from refertrack.rules.schedule import plan_step
from refertrack.rules.sentences import silent_because
from refertrack.rules.words import CustomerStatus
from refertrack.store import bulk, journal
from refertrack.workflows.known import LIVE, Known

Row = dict[str, Any]
_COLUMNS = ("id", "customer_id", "playbook", "step", "nominal_due", "due_on", "ends_on", "because", "attempts", "moved",
            "waits")  # fmt: skip


def put_off(session: Session, spoken: Mapping[int, date]) -> list[int]:
    """Put keep in touch off for customers who spoke with us; return those for whom it takes more than that.

    It takes more where an item is missing, where lost touch has begun, and where a customer was dormant:
    these are for ``keeping.contacted``, one by one.
    """
    session.flush()
    customers, items = _customers(session, spoken), _items(session, spoken)
    latest = _latest(session, spoken)
    plain: list[int] = []
    others: list[int] = []
    for who, day in spoken.items():
        is_plain = who in customers and _is_plain(customers[who], items[who], day)
        (plain if is_plain else others).append(who)
    known = Known(session, journal.context_of(session), plain)
    changed = [
        row for who in plain for row in _moved(session, known, customers[who], items[who], latest.get(who, spoken[who]))
    ]
    bulk.update(session, FollowUp, changed)
    return others


def _is_plain(customer: Row, items: list[Row], day: date) -> bool:
    """Whether an active customer has one item of each kind, and lost touch is still to come."""
    steps = sorted(item["step"] for item in items if item["playbook"] == LOST)
    keeps = sum(item["playbook"] == KEEP for item in items)
    return (
        customer["status"] == CustomerStatus.ACTIVE
        and keeps == 1
        and steps == [FIRST]
        and all(item["nominal_due"] > day for item in items if item["playbook"] == LOST)
    )


def _moved(session: Session, known: Known, customer: Row, items: list[Row], base: date) -> Iterable[Row]:
    """Give the rows of a customer's two items as they are from now on."""
    context = journal.context_of(session)
    beat = rhythm(context.business.segments, customer["segment"], customer["keep_in_touch_days"])
    first = next(item for item in items if item["playbook"] == LOST)
    keep = next(item for item in items if item["playbook"] == KEEP)
    for item, days in ((first, beat.lost_days), (keep, beat.keep_days)):
        playbook = context.business.playbooks.get(item["playbook"])
        step = playbook.step(item["step"]) if playbook else None
        if step is None:
            continue
        planned = plan_step(step, base + timedelta(days=days), known.is_holiday)
        if planned.nominal_due < item["nominal_due"]:
            continue
        item["nominal_due"], item["due_on"], item["waits"] = planned.nominal_due, planned.due_on, ""
        item["because"], item["attempts"], item["moved"] = silent_because(base), 0, False
        if step.note:
            item["due_on"], item["waits"] = known.place(customer["id"], planned.due_on, but=item["id"])
        known.set_day(customer["id"], item["id"], item["due_on"])
    keep["ends_on"] = first["due_on"]
    names = [name for name in _COLUMNS if name not in {"customer_id", "playbook", "step"}]
    return [{name: item[name] for name in names} for item in (first, keep)]


def _customers(session: Session, ids: Iterable[int]) -> dict[int, Row]:
    table = bulk.table_of(Customer)
    query = select(table.c.id, table.c.status, table.c.segment, table.c.keep_in_touch_days)
    return {
        row["id"]: dict(row)
        for some in bulk.in_lists(ids)
        for row in session.connection().execute(query.where(table.c.id.in_(some))).mappings()
    }


def _items(session: Session, ids: Iterable[int]) -> dict[int, list[Row]]:
    table = bulk.table_of(FollowUp)
    query = select(*(table.c[name] for name in _COLUMNS)).where(
        table.c.state.in_(LIVE), table.c.playbook.in_((KEEP, LOST))
    )
    found: dict[int, list[Row]] = defaultdict(list)
    for some in bulk.in_lists(ids):
        for row in session.connection().execute(query.where(table.c.customer_id.in_(some))).mappings():
            found[row["customer_id"]].append(dict(row))
    return found


def _latest(session: Session, ids: Iterable[int]) -> dict[int, date]:
    table = bulk.table_of(Touch)
    query = select(table.c.customer_id, func.max(table.c.on_day)).where(table.c.two_way).group_by(table.c.customer_id)
    return {
        who: day
        for some in bulk.in_lists(ids)
        for who, day in session.connection().execute(query.where(table.c.customer_id.in_(some)))
    }
