"""More work to do: what customers' answers tell the business to improve."""

from __future__ import annotations

from sqlmodel import Session, col, select

from refertrack.models.listening import Action
from refertrack.models.referrals import Reason
from refertrack.workflows import actions


def more_work(session: Session, reason: Reason, segment: str, because: str) -> Action | None:
    """Open an action for a reason that customers of a segment gave; None where one is open already.

    It is measured by how often they give that reason: the report of reasons says so before and after.
    ``because`` names no person: an action outlives what is kept of a customer.
    """
    query = select(Action).where(
        Action.reason_id == reason.key, Action.segment == segment, col(Action.done_on).is_(None)
    )
    if session.exec(query).first() is not None:
        return None
    group = f" ({segment})" if segment else ""
    new = actions.NewAction(
        title=f'More work to do: "{reason.words}"{group}',
        because=because,
        reason=reason.code,
        segment=segment,
    )
    return actions.add(session, new).action
