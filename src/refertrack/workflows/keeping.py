"""Keep in touch: one open item a customer, that every contact puts off, and the day on which touch is lost.

Two rows stand for what time alone brings: the item itself, and the first step of lost touch on the day on
which the item ends. Both are made when a customer comes, and both move when a contact is recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col
from sqlmodel import select as sqlmodel_select

from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp, Touch
from refertrack.rules.keeping import FIRST, KEEP, LOST, Rhythm, rhythm
from refertrack.rules.schedule import Event, plan_step
from refertrack.rules.sentences import silent_because
from refertrack.rules.words import CustomerStatus, FollowUpState
from refertrack.store import bulk, journal
from refertrack.workflows import lost_touch
from refertrack.workflows.known import LIVE, Known
from refertrack.workflows.scheduling import trigger

KEPT = frozenset({CustomerStatus.ACTIVE, CustomerStatus.PROSPECT})


def contacted(session: Session, customer_id: int, day: date) -> None:
    """Put keep in touch off, since the customer and we have spoken; one that comes late moves nothing back.

    A contact during the first step of lost touch is the answer to it: the second step follows.
    """
    customer = session.get_one(Customer, customer_id)
    if customer.status not in KEPT:
        return
    latest = _latest_contact(session, customer_id) or day
    first = lost_touch.live_step(session, customer_id, FIRST)
    if first is not None and first.nominal_due <= day:
        _reset(session, customer, latest, None)
        lost_touch.answered(session, first, day)
    else:
        _reset(session, customer, latest, first)


def current(session: Session, customer_id: int) -> FollowUp | None:
    """Return a customer's live item to keep in touch."""
    return session.exec(
        sqlmodel_select(FollowUp)
        .where(FollowUp.customer_id == customer_id, col(FollowUp.state).in_(LIVE), FollowUp.playbook == KEEP)
        .order_by(col(FollowUp.id).desc())
    ).first()


def follow_status(session: Session, customer: Customer, since: date) -> None:
    """Begin to keep in touch with somebody who is a customer (again), and stop where they are no more."""
    item, first = current(session, customer.key), lost_touch.live_step(session, customer.key, FIRST)
    if customer.status in KEPT:
        if item is None or (first is None and customer.status == CustomerStatus.ACTIVE):
            base = max(since, _latest_contact(session, customer.key) or since)
            _reset(session, customer, base, first)
        return
    gone = [item] if customer.status == CustomerStatus.DORMANT else [item, *_steps(session, customer.key)]
    for each in gone:
        if each is not None:
            _cancel(session, each, f"{customer.status} since {since.isoformat()}")


def skipped(session: Session, item: FollowUp, on: date) -> None:
    """Be in touch after another interval, unless touch is lost before."""
    customer = session.get_one(Customer, item.customer_id)
    due = on + timedelta(days=_rhythm(session, customer).keep_days)
    if customer.status in KEPT and (item.ends_on is None or due < item.ends_on):
        trigger(session, [Event(KEEP, customer.key, due, because=item.because, ends_on=item.ends_on)])


def first_moved(session: Session, customer_id: int) -> None:
    """Let what ends with the beginning of lost touch end on the day on which that now is."""
    session.flush()
    first = lost_touch.live_step(session, customer_id, FIRST)
    ends_on = first.due_on if first else None
    for item in (current(session, customer_id), *_steps(session, customer_id)):
        if item is not None and item.step != FIRST and item.ends_on != ends_on:
            item.ends_on = ends_on
            session.add(item)
    session.flush()


def _reset(session: Session, customer: Customer, base: date, first: FollowUp | None) -> None:
    """Count the customer's intervals from a day."""
    beat, because = _rhythm(session, customer), silent_because(base)
    if first is not None:
        _put_off(session, first, base, beat.lost_days, because)
    elif customer.status == CustomerStatus.ACTIVE:
        lost_touch.begin(session, customer.key, base + timedelta(days=beat.lost_days), because)
    item = current(session, customer.key)
    if item is not None:
        _put_off(session, item, base, beat.keep_days, because)
    else:
        event = Event(KEEP, customer.key, base + timedelta(days=beat.keep_days), because=because)
        trigger(session, [event])
    first_moved(session, customer.key)


def _put_off(session: Session, item: FollowUp, base: date, days: int, because: str) -> None:
    """Give an item its day anew, whoever moved it; a contact of the past never makes it earlier."""
    context = journal.context_of(session)
    playbook = context.business.playbooks.get(item.playbook)
    step = playbook.step(item.step) if playbook else None
    if step is None:
        return
    known = Known(session, context, [item.customer_id])
    planned = plan_step(step, base + timedelta(days=days), known.is_holiday)
    if planned.nominal_due < item.nominal_due and base < context.today:
        return
    item.nominal_due, item.because, item.attempts, item.moved = planned.nominal_due, because, 0, False
    item.due_on, item.waits = planned.due_on, ""
    if step.note:
        item.due_on, item.waits = known.place(item.customer_id, planned.due_on, but=item.key)
    session.add(item)
    session.flush()


def _latest_contact(session: Session, customer_id: int) -> date | None:
    table = bulk.table_of(Touch)
    query = select(func.max(table.c.on_day)).where(table.c.customer_id == customer_id, table.c.two_way)
    found: date | None = session.connection().execute(query).scalar()
    return found


def _steps(session: Session, customer_id: int) -> Sequence[FollowUp]:
    return session.exec(
        sqlmodel_select(FollowUp).where(
            FollowUp.customer_id == customer_id, col(FollowUp.state).in_(LIVE), FollowUp.playbook == LOST
        )
    ).all()


def _cancel(session: Session, item: FollowUp, reason: str) -> None:
    item.state, item.reason = FollowUpState.CANCELLED, reason
    item.closed_on = journal.context_of(session).today
    session.add(item)
    session.flush()


def _rhythm(session: Session, customer: Customer) -> Rhythm:
    segments = journal.context_of(session).business.segments
    return rhythm(segments, customer.segment, customer.keep_in_touch_days)
