"""A customer's or a segment's interval changes: open items that nobody moved change with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session

from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp
from refertrack.rules.dates import next_working_day
from refertrack.rules.holidays import holiday_check
from refertrack.rules.keeping import FIRST, KEEP, LOST, Rhythm, rhythm
from refertrack.rules.segments import Segments
from refertrack.store import bulk, journal
from refertrack.workflows.known import LIVE

Change = tuple[Rhythm, Rhythm]  # before, after


def follow(session: Session, changes: Mapping[int, Change]) -> int:
    """Move the open items to keep in touch, and the beginning of lost touch, of customers by id; return how many.

    What a person moved stays, and so does a first step of lost touch that was tried already.
    """
    changes = {number: change for number, change in changes.items() if change[0] != change[1]}
    is_holiday = holiday_check(journal.context_of(session).business.country)
    moved, ends = [], dict[int, Any]()
    items = _items(session, changes)
    for item in items:
        before, after = changes[item["customer_id"]]
        days = after.keep_days - before.keep_days if item["playbook"] == KEEP else after.lost_days - before.lost_days
        fresh = {name: item[name] for name in ("id", "nominal_due", "due_on", "waits", "ends_on")}
        if days and not item["moved"] and not item["attempts"]:
            nominal = item["nominal_due"] + timedelta(days=days)
            fresh.update(nominal_due=nominal, due_on=next_working_day(nominal, is_holiday), waits="")
        if item["playbook"] == LOST:
            ends[item["customer_id"]] = fresh["due_on"]
        moved.append((item, fresh))
    for item, fresh in moved:
        if item["playbook"] == KEEP:
            fresh["ends_on"] = ends.get(item["customer_id"], item["ends_on"])
    rows = [fresh for item, fresh in moved if any(item[name] != value for name, value in fresh.items())]
    bulk.update(session, FollowUp, rows)
    return len(rows)


def segments_changed(session: Session, before: Segments, after: Segments) -> int:
    """Let the customers of segments whose intervals changed follow them; return how many items moved."""
    session.flush()
    table = bulk.table_of(Customer)
    query = select(table.c.id, table.c.segment, table.c.keep_in_touch_days).order_by(table.c.id)
    moved = 0
    for some in bulk.batches(session.connection().execute(query).all(), bulk.BATCH):
        moved += follow(
            session,
            {
                number: (rhythm(before, segment, own_days), rhythm(after, segment, own_days))
                for number, segment, own_days in some
            },
        )
    return moved


def _items(session: Session, customer_ids: Mapping[int, Change]) -> list[dict[str, Any]]:
    session.flush()
    table = bulk.table_of(FollowUp)
    names = ("id", "customer_id", "playbook", "nominal_due", "due_on", "waits", "ends_on", "moved", "attempts")
    query = select(*(table.c[name] for name in names)).where(
        table.c.state.in_(LIVE),
        or_(table.c.playbook == KEEP, (table.c.playbook == LOST) & (table.c.step == FIRST)),
    )
    return [
        dict(row)
        for some in bulk.in_lists(sorted(customer_ids))
        for row in session.connection().execute(query.where(table.c.customer_id.in_(some))).mappings()
    ]
