"""The day of something is corrected, or it never came to pass: what was to follow moves, or goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from refertrack.models.follow_ups import FollowUp, FollowUpAnchor
from refertrack.rules.schedule import Event, plan_step
from refertrack.store import bulk, journal
from refertrack.workflows.known import LIVE, Known

_JOINT = "; "
Anchor = tuple[str, int, str]  # table, id, playbook
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Redated:
    """An open item whose day followed a correction: where it stood, and where it stands."""

    id: int
    customer_id: int
    what: str
    was_due: date
    due_on: date


def redate(session: Session, events: Iterable[Event]) -> list[Redated]:
    """Let items follow events that were recorded before, and whose day (or reason) has been corrected.

    Open items that nobody moved by hand are due anew; those that were moved keep their day, closed ones stay
    as they are. What has no item yet is left to ``scheduling.trigger``.
    """
    by_anchor = {(event.anchor_table, event.anchor_id, event.name): event for event in events}
    anchors = _anchors(session, by_anchor)
    changed = [row for row in anchors if row["anchor_on"] != by_anchor[_key(row)].on]
    if not changed:
        return []
    bulk.update(session, FollowUpAnchor, [{"id": row["id"], "anchor_on": by_anchor[_key(row)].on} for row in changed])
    return _follow(session, by_anchor, sorted({row["follow_up_id"] for row in changed}))


def _key(row: Mapping[str, Any]) -> Anchor:
    return row["anchor_table"], row["anchor_id"], row["playbook"]


def _anchors(session: Session, wanted: Mapping[Anchor, Event]) -> Rows:
    session.flush()
    table = bulk.table_of(FollowUpAnchor)
    by_table: dict[str, set[int]] = defaultdict(set)
    for name, number, _ in wanted:
        by_table[name].add(number)
    found = [
        dict(row)
        for name, ids in by_table.items()
        for some in bulk.in_lists(sorted(ids))
        for row in session.connection()
        .execute(select(table).where(table.c.anchor_table == name, table.c.anchor_id.in_(some)))
        .mappings()
    ]
    return [row for row in found if _key(row) in wanted]


def _follow(session: Session, by_anchor: Mapping[Anchor, Event], numbers: Sequence[int]) -> list[Redated]:
    """Give live items the day of their first anchor, and the reasons of all."""
    context = journal.context_of(session)
    items, anchors = _live(session, numbers), _all_anchors(session, numbers)
    known = Known(session, context, [item["customer_id"] for item in items])
    moved: list[Redated] = []
    rows: Rows = []
    for item in items:
        own = anchors[item["id"]]
        fresh = {name: item[name] for name in ("id", "because", "nominal_due", "due_on", "waits")}
        fresh["because"] = _because(item["because"], own, by_anchor)
        playbook = context.business.playbooks.get(item["playbook"])
        step = playbook.step(item["step"]) if playbook else None
        if step is not None and not item["moved"]:
            planned = plan_step(step, min(row["anchor_on"] for row in own), known.is_holiday)
            due_on, waits = planned.due_on, ""
            if step.note:
                due_on, waits = known.place(item["customer_id"], planned.due_on, but=item["id"])
            fresh.update(nominal_due=planned.nominal_due, due_on=due_on, waits=waits)
        rows.append(fresh)
        if fresh["due_on"] != item["due_on"]:
            moved.append(Redated(item["id"], item["customer_id"], item["what"], item["due_on"], fresh["due_on"]))
            known.set_day(item["customer_id"], item["id"], fresh["due_on"])
    bulk.update(session, FollowUp, rows)
    return moved


def _live(session: Session, numbers: Sequence[int]) -> Rows:
    table = bulk.table_of(FollowUp)
    return [
        dict(row)
        for some in bulk.in_lists(numbers)
        for row in session.connection()
        .execute(select(table).where(table.c.id.in_(some), table.c.state.in_(LIVE)).order_by(table.c.id))
        .mappings()
    ]


def _all_anchors(session: Session, numbers: Sequence[int]) -> dict[int, Rows]:
    table = bulk.table_of(FollowUpAnchor)
    found: dict[int, Rows] = defaultdict(list)
    for some in bulk.in_lists(numbers):
        query = select(table).where(table.c.follow_up_id.in_(some)).order_by(table.c.id)
        for row in session.connection().execute(query).mappings():
            found[row["follow_up_id"]].append(dict(row))
    return found


def _because(words: str, anchors: Rows, by_anchor: Mapping[Anchor, Event]) -> str:
    """Put corrected reasons in the place of the old ones; reasons stand in the order of their anchors."""
    parts = words.split(_JOINT)
    if len(parts) != len(anchors):
        return words
    return _JOINT.join(
        by_anchor[_key(row)].because if _key(row) in by_anchor else part
        for part, row in zip(parts, anchors, strict=True)
    )


def release(session: Session, anchor_table: str, anchor_id: int) -> int:
    """Take something that came to nothing out of the live items that serve others too; return how many."""
    session.flush()
    table = bulk.table_of(FollowUpAnchor)
    query = select(table.c.follow_up_id).where(table.c.anchor_table == anchor_table, table.c.anchor_id == anchor_id)
    numbers = sorted({row[0] for row in session.connection().execute(query)})
    anchors, rows, gone = _all_anchors(session, numbers), [], []
    for item in _live(session, numbers):
        own = anchors[item["id"]]
        parts = item["because"].split(_JOINT)
        gone_anchor = (anchor_table, anchor_id)
        kept = [index for index, row in enumerate(own) if (row["anchor_table"], row["anchor_id"]) != gone_anchor]
        if not kept:
            continue
        gone += [row["id"] for index, row in enumerate(own) if index not in kept]
        if len(parts) == len(own):
            rows.append({"id": item["id"], "because": _JOINT.join(parts[index] for index in kept)})
    bulk.update(session, FollowUp, rows)
    for number in gone:
        session.delete(session.get_one(FollowUpAnchor, number))
    session.flush()
    return len(gone)
