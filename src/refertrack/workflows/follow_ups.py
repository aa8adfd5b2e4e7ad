"""A follow-up comes to its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, select

from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp, FollowUpAnchor
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.keeping import FIRST, KEEP, LOST
from refertrack.rules.sentences import moved_because
from refertrack.rules.text import NOTE_LIMIT, clean
from refertrack.rules.words import FollowUpState, Purpose, TouchChannel
from refertrack.store import journal
from refertrack.workflows import customers, keeping, touches
from refertrack.workflows.scheduling import Scheduled
from refertrack.workflows.touches import NewTouch

_TOUCH_CHANNELS = {"email": TouchChannel.EMAIL, "phone": TouchChannel.CALL, "meeting": TouchChannel.MEETING}


@dataclass(frozen=True)
class Closed:
    """A follow-up that was closed (or tried in vain), the customer's next one, and what a bad answer brought about."""

    item: FollowUp
    customer: Customer
    next: FollowUp | None
    scheduled: Scheduled = field(default_factory=Scheduled)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Snoozed:
    """A follow-up that a person moved, and where it stood before."""

    item: FollowUp
    customer: Customer
    was_due: date


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
    item = get_open(session, number)
    customer = customers.get(session, item.customer_id)
    day = _day(session, on)
    item.state = FollowUpState.DONE
    item.closed_on = day
    item.outcome = clean(note, field="note", limit=NOTE_LIMIT)
    session.add(item)
    if item.purpose != Purpose.INTERNAL:
        touches.record(session, item.customer_id, _touch(session, item, day))
    session.flush()
    return Closed(item, customer, next_for(session, item))


def attempt(session: Session, number: int, *, on: date | None = None, note: str = "") -> Closed:
    """Record that nobody answered: the item stays open, and keep in touch is not put off.

    Raises:
        NotFound: there is no such item.
        NotAllowed: it is closed already, or is done without an answer.
        BadValue: the day has not come yet, or the note is too long.

    """
    item = get_open(session, number)
    if not _talks(session, item):
        raise NotAllowed(f"Item {number}, {item.what}, needs no answer.", f"Close it: refertrack done {number}")
    customer = customers.get(session, item.customer_id)
    day = _day(session, on)
    touches.record(session, item.customer_id, _touch(session, item, day, note=note, two_way=False))
    item.attempts += 1
    session.add(item)
    session.flush()
    return Closed(item, customer, next_for(session, item))


def snooze(session: Session, number: int, day: date) -> Snoozed:
    """Move an item to a day after today; nothing but a person moves it again.

    Raises:
        NotFound: there is no such item.
        NotAllowed: it is closed already.
        BadValue: the day is not after today, the item is due then as it is, or nobody needs it any more by then.

    """
    item = get_open(session, number)
    customer = customers.get(session, item.customer_id)
    if day <= journal.context_of(session).today:
        raise BadValue(f"{day.isoformat()} is not after today.", "Give a later day, such as tomorrow.", field="day")
    if day == item.due_on:
        raise BadValue(f"Item {number} is due on {day.isoformat()} as it is.", "Give another day.", field="day")
    if item.playbook not in {KEEP, LOST} and item.ends_on is not None and day >= item.ends_on:
        words = f"Item {number}, {item.what}, is over on {item.ends_on.isoformat()}."
        raise BadValue(words, "Give a day before that.", field="day")
    was_due = item.due_on
    item.due_on, item.moved, item.waits = day, True, moved_because(was_due)
    session.add(item)
    if (item.playbook, item.step) == (LOST, FIRST) and was_due > journal.context_of(session).today:
        keeping.first_moved(session, item.customer_id)
    session.flush()
    return Snoozed(item, customer, was_due)


def skip(session: Session, number: int, reason: str) -> Closed:
    """Close an item that will not be done, and keep the reason.

    Raises:
        NotFound: there is no such item.
        NotAllowed: it is closed already.
        BadValue: there is no reason, or it is too long.

    """
    item = get_open(session, number)
    customer = customers.get(session, item.customer_id)
    words = clean(reason, field="reason", limit=NOTE_LIMIT)
    if not words:
        raise BadValue("To skip needs a reason.", f'Like this: refertrack skip {number} --reason "…"', field="reason")
    item.state, item.reason = FollowUpState.SKIPPED, words
    item.closed_on = journal.context_of(session).today
    session.add(item)
    session.flush()
    return Closed(item, customer, next_for(session, item))


def _day(session: Session, on: date | None) -> date:
    today = journal.context_of(session).today
    if on is not None and on > today:
        raise BadValue(f"{on.isoformat()} has not come yet.", "Give the day on which it was done.", field="on")
    return on or today


def _talks(session: Session, item: FollowUp) -> bool:
    """Whether an item is done only when the customer has answered."""
    playbook = journal.context_of(session).business.playbooks.get(item.playbook)
    step = playbook.step(item.step) if playbook else None
    return bool(step and step.talk)


def _touch(session: Session, item: FollowUp, day: date, *, note: str = "", two_way: bool | None = None) -> NewTouch:
    return NewTouch(
        channel=_TOUCH_CHANNELS.get(item.channel, TouchChannel.POST),
        on_day=day,
        two_way=_talks(session, item) if two_way is None else two_way,
        note=note or item.outcome,
        follow_up_id=item.key,
    )


def next_for(session: Session, item: FollowUp) -> FollowUp | None:
    """Return the next open item of an item's customer."""
    return next_of(session, item.customer_id)


def next_of(session: Session, customer_id: int) -> FollowUp | None:
    """Return a customer's next open item, less those that have ended."""
    today = journal.context_of(session).today
    return session.exec(
        select(FollowUp)
        .where(FollowUp.customer_id == customer_id, FollowUp.state == FollowUpState.OPEN)
        .where(col(FollowUp.ends_on).is_(None) | (col(FollowUp.ends_on) > today))
        .order_by(FollowUp.due_on, FollowUp.priority, FollowUp.id)  # type: ignore[arg-type]
    ).first()


def anchors_of(session: Session, item: FollowUp) -> list[FollowUpAnchor]:
    """Return what an item hangs on, in the order in which it came."""
    return list(
        session.exec(
            select(FollowUpAnchor).where(FollowUpAnchor.follow_up_id == item.key).order_by(FollowUpAnchor.id)  # type: ignore[arg-type]
        ).all()
    )
