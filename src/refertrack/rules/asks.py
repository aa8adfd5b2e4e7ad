"""What an ask is on a day: one that nobody answered in time has had no response, without anybody's doing."""

from __future__ import annotations

from datetime import date, timedelta

from refertrack.rules.words import AskState

# So long after its day an ask still waits for its answer.
PATIENCE_DAYS = 14
# Customers who have no one in mind are asked again after so long.
AGAIN_DAYS = 90
# What can still be answered: a late answer is an answer.
ANSWERABLE = (AskState.DRAFT, AskState.SENT, AskState.AGREED, AskState.NO_RESPONSE)
PENDING = frozenset({AskState.DRAFT, AskState.SENT})


def no_response_before(today: date) -> date:
    """Return the day before which a request's day must lie for it to count as not answered."""
    return today - timedelta(days=PATIENCE_DAYS)


def state_today(state: str, time_specific: date, today: date) -> AskState:
    """Return an ask's state as it is on a day.

    One that was sent waits until 14 days after its day; then it has had no response. A draft that was never
    sent has lapsed once its day is over: it keeps nobody from being asked.
    """
    if state == AskState.SENT and time_specific < no_response_before(today):
        return AskState.NO_RESPONSE
    if state == AskState.DRAFT and time_specific < today:
        return AskState.CANCELLED
    return AskState(state)
