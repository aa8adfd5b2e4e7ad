"""Lost touch: five steps, each after the one before it; who never answers is left in peace for a while."""

from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import Session, col, select

from refertrack.models.follow_ups import FollowUp
from refertrack.rules.dates import next_working_day
from refertrack.rules.holidays import holiday_check
from refertrack.rules.keeping import ATTEMPT_DAYS, ATTEMPTS, FIRST, LOST, REST_DAYS
from refertrack.rules.schedule import Event
from refertrack.rules.sentences import day_words
from refertrack.rules.words import FollowUpState
from refertrack.store import journal
from refertrack.workflows.known import LIVE
from refertrack.workflows.scheduling import Scheduled, trigger

REQUEST = "5"


def live_step(session: Session, customer_id: int, step: str) -> FollowUp | None:
    """Return a customer's live item of one step."""
    return session.exec(
        select(FollowUp)
        .where(FollowUp.customer_id == customer_id, col(FollowUp.state).in_(LIVE))
        .where(FollowUp.playbook == LOST, FollowUp.step == step)
        .order_by(col(FollowUp.id).desc())
    ).first()


def begin(session: Session, customer_id: int, on: date, because: str) -> Scheduled:
    """Let lost touch begin on a day to come: its first step stands on the list from then on."""
    return trigger(session, [Event(LOST, customer_id, on, because=because, skip=_all_but(session, FIRST))])


def answered(session: Session, item: FollowUp, on: date) -> Scheduled:
    """Close step 1, since the customer has spoken with us, and go on with step 2."""
    item.state, item.closed_on, item.outcome = FollowUpState.DONE, on, f"in touch on {day_words(on)}"
    session.add(item)
    session.flush()
    return advance(session, item, on)


def advance(session: Session, item: FollowUp, on: date) -> Scheduled:
    """Make the step after one that is done; it ends where silence would begin anew."""
    playbook = journal.context_of(session).business.playbooks.get(LOST)
    names = [step.name for step in playbook.steps] if playbook else []
    later = names[names.index(item.step) + 1 :] if item.step in names else []
    if not later or live_step(session, item.customer_id, later[0]) is not None:
        return Scheduled()
    first = live_step(session, item.customer_id, FIRST)
    event = Event(
        LOST,
        item.customer_id,
        on,
        because=f"step {item.step} done {day_words(on)}",
        skip=_all_but(session, later[0]),
        ends_on=first.due_on if first else None,
    )
    return trigger(session, [event])


def unanswered(session: Session, item: FollowUp, on: date) -> bool:
    """Let step 1 wait for its next attempt; return whether the last one has been made.

    Then the item is closed, and the customer is left in peace for 180 days.
    """
    if item.attempts < ATTEMPTS:
        is_holiday = holiday_check(journal.context_of(session).business.country)
        item.due_on = next_working_day(on + timedelta(days=ATTEMPT_DAYS), is_holiday)
        item.waits = f"attempt {item.attempts} on {day_words(on)}"
        session.add(item)
        session.flush()
        return False
    item.state, item.closed_on = FollowUpState.CANCELLED, on
    item.reason = f"{ATTEMPTS} attempts without an answer"
    session.add(item)
    rest(session, item.customer_id, on, f"{ATTEMPTS} attempts without an answer until {day_words(on)}")
    return True


def close_request(session: Session, customer_id: int, on: date) -> None:
    """Close the last step, since the request has been sent."""
    item = live_step(session, customer_id, REQUEST)
    if item is not None:
        item.state, item.closed_on, item.outcome = FollowUpState.DONE, on, "the request was sent"
        session.add(item)
        session.flush()


def rest(session: Session, customer_id: int, on: date, because: str) -> None:
    """Leave a customer in peace: lost touch begins anew after 180 days, unless they speak with us before."""
    session.flush()
    begin(session, customer_id, on + timedelta(days=REST_DAYS), because)


def _all_but(session: Session, step: str) -> frozenset[str]:
    playbook = journal.context_of(session).business.playbooks.get(LOST)
    return frozenset(each.name for each in playbook.steps if each.name != step) if playbook else frozenset()
