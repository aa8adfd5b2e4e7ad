"""A follow-up comes to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, select

from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp, FollowUpAnchor
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.text import NOTE_LIMIT, clean
from refertrack.rules.words import FollowUpState, Purpose, TouchChannel
from refertrack.store import journal
from refertrack.workflows import customers, touches
from refertrack.workflows.touches import NewTouch

_TOUCH_CHANNELS = {"email": TouchChannel.EMAIL, "phone": TouchChannel.CALL, "meeting": TouchChannel.MEETING}


@dataclass(frozen=True)
class Closed:
    """A follow-up that was closed, and the customer's next one."""

    item: FollowUp
    customer: Customer
    next: FollowUp | None


def get(session: Session, number: int) -> FollowUp:
    """Return an item by id.

    Raises:
        NotFound: there is none.

    """
    item = session.get(FollowUp, number)
    if item is None:
        raise NotFound(f"There is no item {number}.", "See: refertrack due")
    return item


def get_open(session: Session, number: int) -> FollowUp:
    """Return an open or held item by id.

    Raises:
        NotFound: there is none.
        NotAllowed: it is closed already.

    """
    item = get(session, number)
    if item.state not in {FollowUpState.OPEN, FollowUpState.HELD}:
        when = f" since {item.closed_on.isoformat()}" if item.closed_on else ""
        raise NotAllowed(f"Item {number} is {item.state}{when}.", "See what is open: refertrack due")
    return item


def complete(session: Session, number: int, *, on: date | None = None, note: str = "") -> Closed:
    """Close an item as done, and record the contact that it was.

    Raises:
        NotFound: there is no such item.
        NotAllowed: it is closed already.
        BadValue: the day has not come yet, or the note is too long.

    """
    context = journal.context_of(session)
    item = get_open(session, number)
    customer = customers.get(session, item.customer_id)
    day = on or context.today
    if day > context.today:
        raise BadValue(f"{day.isoformat()} has not come yet.", "Give the day on which it was done.", field="on")
    item.state = FollowUpState.DONE
    item.closed_on = day
    item.outcome = clean(note, field="note", limit=NOTE_LIMIT, multiline=True)
    session.add(item)
    if item.purpose != Purpose.INTERNAL:
        touches.record(session, item.customer_id, _touch(session, item, day))
    session.flush()
    return Closed(item, customer, next_for(session, item))


def _touch(session: Session, item: FollowUp, day: date) -> NewTouch:
    playbook = journal.context_of(session).business.playbooks.get(item.playbook)
    step = playbook.step(item.step) if playbook else None
    return NewTouch(
        channel=_TOUCH_CHANNELS.get(item.channel, TouchChannel.POST),
        on_day=day,
        two_way=bool(step and step.talk),
        note=item.outcome,
        follow_up_id=item.key,
    )


def next_for(session: Session, item: FollowUp) -> FollowUp | None:
    """Return the customer's next open item."""
    return session.exec(
        select(FollowUp)
        .where(FollowUp.customer_id == item.customer_id, FollowUp.state == FollowUpState.OPEN)
        .order_by(FollowUp.due_on, FollowUp.priority, FollowUp.id)  # type: ignore[arg-type]
    ).first()


def anchors_of(session: Session, item: FollowUp) -> list[FollowUpAnchor]:
    """Return what an item hangs on, in the order in which it came."""
    return list(
        session.exec(
            select(FollowUpAnchor).where(FollowUpAnchor.follow_up_id == item.key).order_by(FollowUpAnchor.id)  # type: ignore[arg-type]
        ).all()
    )
