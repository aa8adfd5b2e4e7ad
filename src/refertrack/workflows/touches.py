"""A contact with a customer: who began it, in which form, what it was about, and whether it was answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from refertrack.models.follow_ups import Touch
from refertrack.rules.errors import BadValue
from refertrack.rules.schedule import Event
from refertrack.rules.sentences import met_because
from refertrack.rules.text import NOTE_LIMIT, clean
from refertrack.rules.words import CustomerStatus, Direction, TouchChannel, TouchKind
from refertrack.store import bulk, journal
from refertrack.workflows import customers, keeping, keeping_many
from refertrack.workflows.scheduling import trigger


@dataclass(frozen=True)
class NewTouch:
    """A contact as it is recorded; one that nobody answered (``two_way`` is false) is an attempt."""

    channel: TouchChannel
    two_way: bool
    kind: TouchKind = TouchKind.SERVICE
    direction: Direction = Direction.OUT
    on_day: date | None = None
    note: str = ""
    follow_up_id: int | None = None


def record(session: Session, customer_id: int, new: NewTouch) -> Touch:
    """Record a contact; every contact of every command comes through here.

    Raises:
        BadValue: its day has not come yet, or the note is too long.

    """
    context = journal.context_of(session)
    day = new.on_day or context.today
    if day > context.today:
        raise BadValue(f"{day.isoformat()} has not come yet.", "Give the day on which it happened.", field="on")
    touch = Touch(
        customer_id=customer_id,
        on_day=day,
        channel=new.channel,
        direction=new.direction,
        kind=new.kind,
        two_way=new.two_way,
        note=clean(new.note, field="note", limit=NOTE_LIMIT),
        follow_up_id=new.follow_up_id,
    )
    session.add(touch)
    session.flush()
    if new.two_way:
        _answered(session, customer_id, day)
    if new.channel == TouchChannel.MEETING and new.two_way:
        trigger(session, [Event("meeting", customer_id, day, "touch", touch.key, met_because(day))])
    return touch


def record_many(session: Session, contacts: Iterable[tuple[int, NewTouch]]) -> int:
    """Record contacts of many customers at once; their values are as they should be. Return how many."""
    today = journal.context_of(session).today
    kept = list(contacts)
    rows = [
        {
            "customer_id": customer_id,
            "on_day": new.on_day or today,
            "channel": new.channel,
            "direction": new.direction,
            "kind": new.kind,
            "two_way": new.two_way,
            "note": new.note,
            "follow_up_id": new.follow_up_id,
        }
        for customer_id, new in kept
    ]
    for row, number in zip(rows, bulk.allocate(session, Touch, len(rows)), strict=True):
        row["id"] = number
    bulk.insert(session, Touch, rows)
    latest: dict[int, date] = {}
    for customer_id, new in kept:
        if new.two_way:
            day = new.on_day or today
            latest[customer_id] = max(day, latest.get(customer_id, day))
    for customer_id in keeping_many.put_off(session, latest):
        _answered(session, customer_id, latest[customer_id])
    return len(rows)


def _answered(session: Session, customer_id: int, day: date) -> None:
    """Let a contact both ways do its work: who was dormant is a customer again, and keep in touch is put off."""
    customer = customers.get(session, customer_id)
    if customer.status == CustomerStatus.DORMANT:
        customers.set_status(session, customer, CustomerStatus.ACTIVE, day)
    keeping.contacted(session, customer_id, day)
