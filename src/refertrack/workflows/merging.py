"""Two customers who are one person become one: everything moves, nothing doubles, and undo splits them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Table, UniqueConstraint, func, select
from sqlmodel import Session, col
from sqlmodel import select as sqlmodel_select

from refertrack.models.all import MODELS, metadata
from refertrack.models.customers import Customer, CustomerStatusChange, OptOut
from refertrack.models.follow_ups import FollowUp, FollowUpAnchor, Touch
from refertrack.rules.errors import NotAllowed
from refertrack.rules.gates import opted_out
from refertrack.rules.text import NOTE_LIMIT
from refertrack.rules.words import CustomerStatus, FollowUpState
from refertrack.store import bulk, journal
from refertrack.store.persons import CUSTOMER, customer_links
from refertrack.workflows import customers, holds, merged_referrals
from refertrack.workflows.scheduling import LIVE

# Filled from the one that goes where the one that stays has nothing; a key goes with its spelling.
_FILLED = (
    ("company", "company_key"), ("email", "email_key"), ("phone", "phone_key"), ("segment",), ("owner",), ("source",),
    ("city",), ("country",), ("language",), ("preferred_channel",), ("keep_in_touch_days",),
)  # fmt: skip
# Of these a customer has one line of items at a time.
_ONE_LINE = ("keep_in_touch", "lost_touch")
_RANK = (CustomerStatus.ACTIVE, CustomerStatus.DORMANT, CustomerStatus.FORMER, CustomerStatus.PROSPECT)


@dataclass(frozen=True)
class Merged:
    """Two customers made one: rows moved and doubles left out, by table; fields filled; referrals that fell."""

    customer: Customer
    gone: Customer
    moved: Mapping[str, int]
    doubles: Mapping[str, int]
    filled: tuple[str, ...]
    fallen: tuple[int, ...]


def merge(session: Session, stays_id: int, goes_id: int) -> Merged:
    """Move all of one customer to another, and leave a tombstone that leads there.

    Raises:
        NotFound: one of them is not there.
        NotAllowed: they are one already.

    """
    stays, goes = customers.get(session, stays_id), customers.get(session, goes_id)
    if stays.key == goes.key:
        raise NotAllowed(f"{stays.name} ({stays.key}) is one customer already.", "Name two of them.")
    context = journal.context_of(session)
    keeps_line = _whose_line(session, stays, goes)
    fallen = merged_referrals.before(session, stays.key, goes.key)
    filled = _fill(session, stays, goes)
    moved, doubles = dict[str, int](), dict[str, int]()
    for table in metadata.sorted_tables:
        for column in customer_links(table):
            _move(session, table, column.name, (goes.key, stays.key), moved, doubles)
    goes.merged_into = stays.key
    session.add(goes)
    session.flush()
    _follow_status(session, stays, goes, context.today)
    _one_line(session, stays.key, keeps_line)
    _move_anchors(session, stays.key, goes.key)
    _keep_gates(session, stays.key)
    fallen += merged_referrals.after(session, stays.key)
    return Merged(stays, goes, moved, doubles, filled, tuple(fallen))


def _fill(session: Session, stays: Customer, goes: Customer) -> tuple[str, ...]:
    filled = []
    for names in _FILLED:
        if not getattr(stays, names[0]) and getattr(goes, names[0]):
            filled.append(names[0])
            for name in names:
                setattr(stays, name, getattr(goes, name))
    if goes.notes.strip() and goes.notes.strip() not in stays.notes:
        stays.notes = f"{stays.notes}\n\n{goes.notes}".strip()[:NOTE_LIMIT]
        filled.append("notes")
    if goes.joined_on and (stays.joined_on is None or goes.joined_on < stays.joined_on):
        stays.joined_on = goes.joined_on
        filled.append("joined_on")
    session.add(stays)
    session.flush()
    return tuple(filled)


def _move(
    session: Session, table: Table, name: str, way: tuple[int, int], moved: dict[str, int], doubles: dict[str, int]
) -> None:
    """Let rows that name one customer name the other; one that would stand there twice goes."""
    here, there = way
    rows = [dict(row) for row in session.connection().execute(select(table).where(table.c[name] == here)).mappings()]
    gone = _doubles(session, table, name, rows, there)
    model = MODELS[table.name]
    bulk.delete(session, model, [row["id"] for row in gone])
    left = [row for row in rows if row not in gone]
    bulk.update(session, model, [{"id": row["id"], name: there} for row in left])
    if gone:
        doubles[table.name] = doubles.get(table.name, 0) + len(gone)
    if left:
        moved[table.name] = moved.get(table.name, 0) + len(left)


def _doubles(session: Session, table: Table, name: str, rows: list[dict[str, Any]], there: int) -> list[dict[str, Any]]:
    keys = [
        [column.name for column in rule.columns]
        for rule in table.constraints
        if isinstance(rule, UniqueConstraint) and name in rule.columns
    ]
    found = []
    for names in keys:
        query = select(*(table.c[each] for each in names)).where(table.c[name] == there)
        taken = {tuple(row) for row in session.connection().execute(query)}
        for row in rows:
            if row not in found and tuple(there if each == name else row[each] for each in names) in taken:
                found.append(row)
    return found


def _follow_status(session: Session, stays: Customer, goes: Customer, today: date) -> None:
    """Give the one who stays the better status of the two; the past of both is theirs."""
    best = min((stays.status, goes.status), key=lambda status: _RANK.index(CustomerStatus(status)))
    query = select(col(CustomerStatusChange.status)).where(col(CustomerStatusChange.customer_id) == stays.key)
    order = (col(CustomerStatusChange.since).desc(), col(CustomerStatusChange.id).desc())
    last = session.connection().execute(query.order_by(*order)).scalar()
    stays.status = best
    session.add(stays)
    if last != best:
        day = max(today, customers.status_since(session, stays.key) or today)
        session.add(CustomerStatusChange(customer_id=stays.key, status=best, since=day))
    session.flush()


def _whose_line(session: Session, stays: Customer, goes: Customer) -> set[int | None]:
    """Return the items of the customer with the later contact, by which keeping in touch goes on."""
    session.flush()
    found: dict[int, set[int | None]] = {}
    for who in (stays, goes):
        query = select(col(FollowUp.id)).where(
            col(FollowUp.customer_id) == who.key, col(FollowUp.playbook).in_(_ONE_LINE), col(FollowUp.state).in_(LIVE)
        )
        found[who.key] = {row[0] for row in session.connection().execute(query)}

    def contact(who: Customer) -> tuple[bool, date]:
        query = select(func.max(col(Touch.on_day))).where(col(Touch.customer_id) == who.key, col(Touch.two_way))
        latest = session.connection().execute(query).scalar()
        return bool(found[who.key]), latest or who.joined_on or date.min

    return found[max((stays, goes), key=contact).key]


def _one_line(session: Session, customer_id: int, kept: set[int | None]) -> None:
    items = session.exec(
        sqlmodel_select(FollowUp).where(
            FollowUp.customer_id == customer_id, col(FollowUp.playbook).in_(_ONE_LINE), col(FollowUp.state).in_(LIVE)
        )
    )
    for item in items.all():
        if item.key not in kept:
            _cancel(session, item, "merged")


def _move_anchors(session: Session, stays: int, goes: int) -> None:
    """Let items that hang on the customer hang on the one who stays, where the place is free."""
    table = bulk.table_of(FollowUpAnchor)
    rows: dict[int, list[dict[str, Any]]] = {stays: [], goes: []}
    query = select(table).where(table.c.anchor_table == CUSTOMER.name, table.c.anchor_id.in_(rows))
    for row in session.connection().execute(query).mappings():
        rows[row["anchor_id"]].append(dict(row))
    taken = {(row["playbook"], row["step"]) for row in rows[stays]}
    free = [row for row in rows[goes] if (row["playbook"], row["step"]) not in taken]
    bulk.update(session, FollowUpAnchor, [{"id": row["id"], "anchor_id": stays} for row in free])


def _keep_gates(session: Session, customer_id: int) -> None:
    """Let what one did not want, and what held one's items, hold for both."""
    outs = session.exec(sqlmodel_select(OptOut).where(OptOut.customer_id == customer_id)).all()
    pairs = [(out.channel, out.purpose) for out in outs]
    live = sqlmodel_select(FollowUp).where(FollowUp.customer_id == customer_id, col(FollowUp.state).in_(LIVE))
    for item in session.exec(live).all():
        if opted_out(pairs, item.channel, item.purpose):
            _cancel(session, item, "opted out")
    session.flush()
    standing = holds.standing(session, [customer_id])
    if standing.get(customer_id, date.min) is None:
        holds.hold(session, [customer_id])


def _cancel(session: Session, item: FollowUp, reason: str) -> None:
    item.state, item.reason = FollowUpState.CANCELLED, reason
    item.closed_on = journal.context_of(session).today
    session.add(item)
    session.flush()
