"""What merging two customers means for referrals: nobody refers themselves, nobody is brought twice or in a circle."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session, col, select

from refertrack.models.referrals import Referral, ReferralEvent
from refertrack.rules.words import ReferralState
from refertrack.store import journal
from refertrack.workflows import rewards
from refertrack.workflows.scheduling import cancel

_SELF = "merged: referrer and person referred are one"
_CIRCLE = "merged: existing customer"
_SECOND = "merged: already referred"


def before(session: Session, stays: int, goes: int) -> list[int]:
    """Let referrals between the two fall, since they are one; return them."""
    both = [stays, goes]
    query = select(Referral).where(col(Referral.referrer_id).in_(both), col(Referral.customer_id).in_(both))
    return _fall(session, session.exec(query.order_by(col(Referral.id))).all(), _SELF)


def after(session: Session, customer_id: int) -> list[int]:
    """Let all but the first referral that brought a customer fall, and one that closes a circle."""
    won = (Referral.customer_id == customer_id, Referral.state == ReferralState.WON)
    query = select(Referral).where(*won).order_by(col(Referral.received_on), col(Referral.id))
    claims = list(session.exec(query).all())
    fallen = _fall(session, [claim for claim in claims if _closes_circle(session, claim, customer_id)], _CIRCLE)
    standing = [claim for claim in claims if claim.key not in fallen]
    for later in standing[1:]:
        later.first_claim_id = standing[0].key
    return fallen + _fall(session, standing[1:], _SECOND, link=True)


def _closes_circle(session: Session, claim: Referral, customer_id: int) -> bool:
    """Walk up from who brought the customer; whoever meets the customer on the way stands below them."""
    seen, fresh = set[int](), {claim.referrer_id}
    while fresh:
        if customer_id in fresh:
            return True
        seen |= fresh
        query = select(Referral.referrer_id).where(
            col(Referral.customer_id).in_(fresh), Referral.state == ReferralState.WON, Referral.id != claim.key
        )
        fresh = set(session.exec(query).all()) - seen
    return False


def _fall(session: Session, claims: Iterable[Referral], reason: str, *, link: bool = False) -> list[int]:
    """Disqualify referrals, with what they earned and what was to be done; the customer is theirs no more."""
    context, fallen = journal.context_of(session), []
    for claim in claims:
        was = claim.state
        claim.state, claim.reason, claim.moved_on = ReferralState.DISQUALIFIED, reason, context.today
        claim.customer_id = claim.customer_id if link else None
        session.add(claim)
        session.add(
            ReferralEvent(
                referral_id=claim.key,
                from_state=was,
                to_state=ReferralState.DISQUALIFIED,
                on_day=context.today,
                at=context.now,
                author=context.author,
                reason=reason,
            )
        )
        session.flush()
        rewards.follow(session, claim, was, context.today)
        cancel(session, "referral", claim.key, "merged")
        fallen.append(claim.key)
    return fallen
