"""What closing a follow-up means for the thing that it hangs on."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session

from refertrack.models.follow_ups import FollowUp
from refertrack.rules.referrals import OPEN_STATES
from refertrack.rules.words import ReferralState
from refertrack.workflows import asks, follow_ups, referrals


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
    if item.closed_on is None:
        return
    for anchor in follow_ups.anchors_of(session, item):
        if (item.playbook, item.step) == ("ask", "send"):
            asks.sent(session, anchor.anchor_id, item.closed_on)
        elif (item.playbook, item.step) == ("referral_received", "contact"):
            referral, _ = referrals.get(session, anchor.anchor_id)
            if referral.state in OPEN_STATES and referral.state == ReferralState.RECEIVED:
                referrals.move(session, referral.key, ReferralState.CONTACTED, on=item.closed_on)
