"""What was said is answered, put right, and confirmed by the customer, or opened again."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, select

from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUpAnchor
from refertrack.models.listening import Feedback
from refertrack.rules.dates import not_before
from refertrack.rules.errors import BadValue, NotAllowed
from refertrack.rules.listening import COMPLAINTS, quoted
from refertrack.rules.schedule import Event
from refertrack.rules.text import NOTE_LIMIT, clean
from refertrack.rules.words import FeedbackKind, FollowUpState
from refertrack.store import journal
from refertrack.workflows import customers, feedback, holds
from refertrack.workflows.feedback import Heard
from refertrack.workflows.scheduling import cancel, trigger

# The steps whose doing is the answer to what was said.
ANSWERS = ("acknowledge", "recovery", "thanks", "ask")


def acknowledge(session: Session, number: int, *, on: date | None = None) -> Heard:
    """Note that somebody was answered, or that a deed was praised; the item for it is done with that.

    Raises:
        NotFound: there is no such feedback.
        NotAllowed: it was answered already.
        BadValue: the day is before it was said, or has not come.

    """
    row, customer = _get(session, number)
    if row.acknowledged_on is not None:
        raise NotAllowed(
            f"{_name(row)} was answered on {row.acknowledged_on.isoformat()}.",
            f'Put right? refertrack resolve {number} --note "…"' if row.kind in COMPLAINTS else "",
        )
    row.acknowledged_on = _day(session, on, row.on_day, "it was said")
    session.add(row)
    cancel(session, "feedback", row.key, "answered", steps=ANSWERS, state=FollowUpState.DONE)
    return Heard(row, customer)


def answered(session: Session, number: int, on: date) -> None:
    """Note that the item that answers a customer was done, where nobody noted it before."""
    row = feedback.get(session, number)
    if row.acknowledged_on is None:
        row.acknowledged_on = max(on, row.on_day)
        session.add(row)
        session.flush()


def resolve(session: Session, number: int, note: str, *, on: date | None = None) -> Heard:
    """Note what was done about it; a week later the customer is asked whether it is right now.

    An idea or a need that was put into practice is told to the customer whose it is.

    Raises:
        NotFound: there is no such feedback.
        NotAllowed: there is nothing to resolve, or it was resolved already.
        BadValue: it is not said what was done, the day is before it was said, or has not come.

    """
    row, customer = _get(session, number)
    feedback.check_resolvable(row)
    if row.resolved_on is not None:
        raise NotAllowed(
            f"{_name(row)} was resolved on {row.resolved_on.isoformat()}.",
            f'Is it right? refertrack confirm {number} · not yet: refertrack confirm {number} --not-ok "what"',
        )
    words = clean(note, field="note", limit=NOTE_LIMIT)
    if not words:
        raise BadValue("What was done about it?", f'Like this: refertrack resolve {number} --note "…"', field="note")
    day = _day(session, on, row.on_day, "it was said")
    row.resolved_on, row.resolution = day, words
    row.acknowledged_on = row.acknowledged_on or day
    session.add(row)
    cancel(session, "feedback", row.key, "resolved", steps=ANSWERS)
    session.flush()
    if row.customer_id is None:
        return Heard(row, None)
    if row.kind not in COMPLAINTS:
        event = Event("idea_done", row.customer_id, day, "feedback", row.key, quoted(row.words), row.owner)
        return Heard(row, customer, trigger(session, [event]))
    notes = _let_go(session, row.customer_id)
    event = Event("complaint_resolved", row.customer_id, day, "feedback", row.key, quoted(words), row.owner)
    return Heard(row, customer, trigger(session, [event]), notes)


def confirm(session: Session, number: int, *, on: date | None = None) -> Heard:
    """Note that the customer says: it is right now.

    Raises:
        NotFound: there is no such feedback.
        NotAllowed: it is no complaint or claim, was not resolved, or was confirmed already.
        BadValue: the day is before the resolution, or has not come.

    """
    row, customer = _get(session, number)
    _check_resolved(row)
    if row.confirmed_on is not None:
        raise NotAllowed(
            f"{_name(row)} was confirmed on {row.confirmed_on.isoformat()}.", "Take that back: refertrack undo"
        )
    row.confirmed_on = _day(session, on, row.resolved_on, "it was resolved")
    session.add(row)
    cancel(session, "feedback", row.key, "confirmed", steps=("check",), state=FollowUpState.DONE)
    return Heard(row, customer)


def reopen(session: Session, number: int, words: str, *, on: date | None = None) -> Heard:
    """Note that the customer says: it is not right. It is open again, and what asks or sells is held again.

    Raises:
        NotFound: there is no such feedback.
        NotAllowed: it is no complaint or claim, or was not resolved.
        BadValue: the day is before the resolution, or has not come.

    """
    row, customer = _get(session, number)
    _check_resolved(row)
    day = _day(session, on, row.resolved_on, "it was resolved")
    said = clean(words, field="not-ok", limit=NOTE_LIMIT)
    row.words = f"{row.words}\n{day.isoformat()}, not right yet: {said}".rstrip(" :")
    row.resolved_on = row.confirmed_on = None
    session.add(row)
    cancel(session, "feedback", row.key, "not right yet", steps=("check",), state=FollowUpState.DONE)
    _another_round(session, row)
    held = holds.hold(session, [row.customer_id] if row.customer_id else [])
    because = quoted(said) or quoted(row.words)
    event = Event("complaint_reopened", row.customer_id or 0, day, "feedback", row.key, because, row.owner)
    notes = (f"{held} other item{'s' if held > 1 else ''} held again",) if held else ()
    return Heard(row, customer, trigger(session, [event]), notes)


def _get(session: Session, number: int) -> tuple[Feedback, Customer | None]:
    row = feedback.get(session, number)
    return row, customers.get(session, row.customer_id) if row.customer_id is not None else None


def _name(row: Feedback) -> str:
    return f"{FeedbackKind(row.kind).capitalize()} {row.key}"


def _check_resolved(row: Feedback) -> None:
    if row.kind not in COMPLAINTS:
        raise NotAllowed(
            f"Feedback {row.key} is a {row.kind}, no complaint: there is nothing to confirm.",
            "See: refertrack feedback --kind complaint",
        )
    if row.resolved_on is None:
        raise NotAllowed(
            f"{_name(row)} is not resolved yet.", f'First: refertrack resolve {row.key} --note "what was done"'
        )


def _day(session: Session, on: date | None, earliest: date | None, what: str) -> date:
    today = journal.context_of(session).today
    day = on or today
    if day > today:
        raise BadValue(f"{day.isoformat()} has not come yet.", "Give the day on which it happened.", field="on")
    if earliest is not None and day < earliest:
        words = f"{day.isoformat()} is before {what}, on {earliest.isoformat()}."
        raise BadValue(words, not_before(earliest, today), field="on")
    return day


def _let_go(session: Session, customer_id: int) -> tuple[str, ...]:
    """Release what the customer's complaints held, once none of them is open."""
    standing = holds.standing(session, [customer_id])
    if standing.get(customer_id, date.max) is None:
        return ("another complaint is open: what it holds stays held",)
    until = standing.get(customer_id) or journal.context_of(session).today
    freed = holds.release(session, [customer_id], until)
    return (f"{freed} held item{'s' if freed > 1 else ''} open again from {until.isoformat()}",) if freed else ()


def _another_round(session: Session, row: Feedback) -> None:
    """Let "is it right now?" and the call be made again: the earlier ones keep their place in the history."""
    anchors = session.exec(
        select(FollowUpAnchor).where(
            FollowUpAnchor.anchor_table == "feedback",
            FollowUpAnchor.anchor_id == row.key,
            FollowUpAnchor.playbook.in_(("complaint_resolved", "complaint_reopened")),  # type: ignore[attr-defined]
        )
    ).all()
    rounds = sum(", round " in anchor.step for anchor in anchors)
    for anchor in anchors:
        if ", round " not in anchor.step:
            anchor.step = f"{anchor.step}, round {rounds + 1}"
            session.add(anchor)
    session.flush()
