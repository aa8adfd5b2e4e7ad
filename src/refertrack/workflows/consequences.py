"""What closing a follow-up means for the thing that it hangs on: a line for each step that means something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from refertrack.models.follow_ups import FollowUp
from refertrack.rules.errors import NotAllowed
from refertrack.rules.keeping import FIRST, KEEP, LOST
from refertrack.rules.listening import quoted
from refertrack.rules.referrals import OPEN_STATES
from refertrack.rules.words import AskState, CustomerStatus, FollowUpState, ReferralState
from refertrack.store import journal
from refertrack.workflows import customers, follow_ups, keeping, lost_touch
from refertrack.workflows.follow_ups import Closed
from refertrack.workflows.scheduling import cancel

if TYPE_CHECKING:
    from refertrack.workflows.feedback import Heard

# A step's workflow is imported when such a step is done: an everyday "done" needs none of them, and begins sooner.
# What follows when a step is done: the item, the id of what it hangs on, and the day on which it was done.
Consequence = Callable[[Session, FollowUp, int, date], None]


def complete(session: Session, number: int, *, on: date | None = None, note: str = "", not_ok: str = "") -> Closed:
    """Close an item as done, with what that means: a request was sent, a person referred was contacted.

    ``not_ok`` is what the customer was not content with: it opens a complaint, or opens one again.

    Raises:
        NotFound: there is no such item.
        NotAllowed: it is closed already.
        BadValue: the day has not come yet, or the note is too long.

    """
    closed = follow_ups.complete(session, number, on=on, note=note or not_ok)
    item = closed.item
    heard = _bad_answer(session, item, not_ok) if not_ok else None
    consequence = CONSEQUENCES.get((item.playbook, item.step))
    answered_well = not not_ok or item.playbook != "complaint_resolved"
    if consequence is not None and item.closed_on is not None and answered_well:
        for hangs_on in _hangs_on(session, item):
            consequence(session, item, hangs_on, item.closed_on)
    upcoming = follow_ups.next_for(session, item)
    if heard is None:
        return Closed(item, closed.customer, upcoming)
    return Closed(item, closed.customer, upcoming, heard.scheduled, heard.notes)


def _hangs_on(session: Session, item: FollowUp) -> list[int]:
    """Return the ids of what an item hangs on: of the customer, where it is time that brought it."""
    return [anchor.anchor_id for anchor in follow_ups.anchors_of(session, item)] or [item.customer_id]


def attempt(session: Session, number: int, *, on: date | None = None, note: str = "") -> Closed:
    """Record that nobody answered; after the third attempt in lost touch the customer is dormant.

    Raises:
        NotFound: there is no such item.
        NotAllowed: it is closed already, or is done without an answer.
        BadValue: the day has not come yet, or the note is too long.

    """
    tried, today = follow_ups.get_open(session, number), journal.context_of(session).today
    if (tried.playbook, tried.step) == (LOST, FIRST) and tried.due_on > today:
        raise NotAllowed(
            f"Item {number} is not due before {tried.due_on.isoformat()}.",
            f"Log the attempt: refertrack log {tried.customer_id} --call --attempt",
        )
    closed = follow_ups.attempt(session, number, on=on, note=note)
    item, day = closed.item, on or journal.context_of(session).today
    if (item.playbook, item.step) == (LOST, FIRST) and lost_touch.unanswered(session, item, day):
        customers.set_status(session, closed.customer, CustomerStatus.DORMANT, day)
    return Closed(item, closed.customer, follow_ups.next_for(session, item))


def skip(session: Session, number: int, reason: str) -> Closed:
    """Close an item that will not be done; what time brings again comes after another interval.

    Raises:
        NotFound: there is no such item.
        NotAllowed: it is closed already.
        BadValue: there is no reason, or it is too long.

    """
    closed = follow_ups.skip(session, number, reason)
    item, today = closed.item, journal.context_of(session).today
    if item.playbook == KEEP:
        keeping.skipped(session, item, today)
    elif (item.playbook, item.step) == (LOST, FIRST):
        lost_touch.rest(session, item.customer_id, today, item.because)
        if item.due_on > today:  # touch was not lost yet: keep in touch goes on until the new day
            keeping.first_moved(session, item.customer_id)
    return Closed(item, closed.customer, follow_ups.next_for(session, item))


def _bad_answer(session: Session, item: FollowUp, words: str) -> Heard:
    """Open a complaint, or the one again of which the customer was asked whether it is right now."""
    from refertrack.workflows import feedback, recovery

    anchors = follow_ups.anchors_of(session, item)
    if item.playbook == "complaint_resolved":
        return recovery.reopen(session, anchors[0].anchor_id, words, on=item.closed_on)
    bought = [anchor.anchor_id for anchor in anchors if anchor.anchor_table == "purchase"]
    new = feedback.NewFeedback(
        words=words,
        on_day=item.closed_on,
        purchase_id=bought[0] if bought else None,
        owner=item.owner or journal.context_of(session).author,
        recovery=True,
        because=f"{item.what} {quoted(words)}",
    )
    return feedback.complain(session, item.customer_id, new)


def _request_sent(session: Session, item: FollowUp, ask: int, on: date) -> None:
    from refertrack.workflows import asks

    asks.sent(session, ask, on)
    lost_touch.close_request(session, item.customer_id, on)


def _referred_contacted(session: Session, _item: FollowUp, number: int, on: date) -> None:
    from refertrack.workflows import moves, referrals

    referral, _ = moves.get(session, number)
    if referral.state in OPEN_STATES and referral.state == ReferralState.RECEIVED:
        referrals.move(session, referral.key, ReferralState.CONTACTED, on=on)


def _reward_approved(session: Session, _item: FollowUp, number: int, _on: date) -> None:
    from refertrack.workflows import rewards

    rewards.approve(session, number)


def _reward_given(session: Session, _item: FollowUp, number: int, on: date) -> None:
    from refertrack.workflows import rewards

    rewards.give(session, number, on)


def _delivered(session: Session, item: FollowUp, number: int, on: date) -> None:
    """Take "delivered?" as answered with yes."""
    from refertrack.workflows import purchases

    purchases.deliver(session, item.customer_id, on, number)


def _lost_step_done(session: Session, item: FollowUp, _customer: int, on: date) -> None:
    lost_touch.advance(session, item, on)


def _lost_request_sent(session: Session, _item: FollowUp, customer: int, on: date) -> None:
    """Let the last step of lost touch count as the sending of the request that was recorded for it."""
    from refertrack.models.referrals import Ask
    from refertrack.workflows import asks

    ask = session.exec(
        select(Ask).where(Ask.customer_id == customer, Ask.state == AskState.DRAFT).order_by(col(Ask.id).desc())
    ).first()
    if ask is None:
        raise NotAllowed("The request is not recorded yet.", f"First: refertrack ask {customer}")
    asks.sent(session, ask.key, on)
    cancel(session, "ask", ask.key, "sent", steps=("send",), state=FollowUpState.DONE)


def _answered(session: Session, _item: FollowUp, feedback: int, on: date) -> None:
    from refertrack.workflows import recovery

    recovery.answered(session, feedback, on)


def _confirmed(session: Session, _item: FollowUp, feedback: int, on: date) -> None:
    from refertrack.workflows import recovery

    recovery.confirm(session, feedback, on=on)


def _invited(session: Session, item: FollowUp, purchase: int, on: date) -> None:
    from refertrack.workflows import surveys

    surveys.invited(session, item.customer_id, purchase, on)


CONSEQUENCES: Mapping[tuple[str, str], Consequence] = {
    ("ask", "send"): _request_sent,
    ("referral_received", "contact"): _referred_contacted,
    ("referral_reopened", "contact"): _referred_contacted,
    ("reward", "approve"): _reward_approved,
    ("reward", "give"): _reward_given,
    ("delivered", "survey"): _invited,
    ("complaint", "acknowledge"): _answered,
    ("complaint", "recovery"): _answered,
    ("complaint_resolved", "check"): _confirmed,
    ("compliment", "thanks"): _answered,
    ("compliment", "ask"): _answered,
    ("undelivered", "question"): _delivered,
    **{(LOST, step): _lost_step_done for step in ("1", "2", "3", "4")},
    (LOST, lost_touch.REQUEST): _lost_request_sent,
}
