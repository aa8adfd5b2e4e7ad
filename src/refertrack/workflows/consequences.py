"""What closing a follow-up means for the thing that it hangs on: a line for each step that means something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from sqlmodel import Session

from refertrack.models.follow_ups import FollowUp
from refertrack.rules.referrals import OPEN_STATES
from refertrack.rules.words import ReferralState
from refertrack.workflows import asks, follow_ups, moves, recovery, referrals, rewards, surveys

# What follows when a step is done: the item, the id of what it hangs on, and the day on which it was done.
Consequence = Callable[[Session, FollowUp, int, date], None]


def complete(session: Session, number: int, *, on: date | None = None, note: str = "") -> follow_ups.Closed:
    """Close an item as done, with what that means: a request was sent, a person referred was contacted.

    Raises:
        NotFound: there is no such item.
        NotAllowed: it is closed already.
        BadValue: the day has not come yet, or the note is too long.

    """
    closed = follow_ups.complete(session, number, on=on, note=note)
    _follow(session, closed.item)
    return follow_ups.Closed(closed.item, closed.customer, follow_ups.next_for(session, closed.item))


def _follow(session: Session, item: FollowUp) -> None:
    consequence = CONSEQUENCES.get((item.playbook, item.step))
    if consequence is None or item.closed_on is None:
        return
    for anchor in follow_ups.anchors_of(session, item):
        consequence(session, item, anchor.anchor_id, item.closed_on)


def _request_sent(session: Session, _item: FollowUp, ask: int, on: date) -> None:
    asks.sent(session, ask, on)


def _referred_contacted(session: Session, _item: FollowUp, number: int, on: date) -> None:
    referral, _ = moves.get(session, number)
    if referral.state in OPEN_STATES and referral.state == ReferralState.RECEIVED:
        referrals.move(session, referral.key, ReferralState.CONTACTED, on=on)


def _reward_approved(session: Session, _item: FollowUp, number: int, _on: date) -> None:
    rewards.approve(session, number)


def _reward_given(session: Session, _item: FollowUp, number: int, on: date) -> None:
    rewards.give(session, number, on)


def _answered(session: Session, _item: FollowUp, feedback: int, on: date) -> None:
    recovery.answered(session, feedback, on)


def _confirmed(session: Session, _item: FollowUp, feedback: int, on: date) -> None:
    recovery.confirm(session, feedback, on=on)


def _invited(session: Session, item: FollowUp, purchase: int, on: date) -> None:
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
}
