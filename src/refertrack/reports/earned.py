"""Rewards as they stood on a day: what is owed, what was given, what was taken back."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, FromClause, and_, case, or_

from refertrack.reports import tables
from refertrack.rules.periods import Period
from refertrack.rules.words import RewardState

reward, referral = tables.reward, tables.referral
currency = reward.c.currency.label("currency")
CLAWED_BACK = RewardState.CLAWED_BACK


def with_referrals() -> FromClause:
    """Return rewards with their referrals: a reward belongs to the group of the referrer."""
    return reward.join(referral, referral.c.id == reward.c.referral_id)


def owed(as_of: date) -> ColumnElement[bool]:
    """Whether a reward was accrued, held or approved on a day, and not given, lost or expired."""
    return and_(
        reward.c.state != CLAWED_BACK,
        reward.c.accrued_on <= as_of,
        or_(reward.c.given_on.is_(None), reward.c.given_on > as_of),
        or_(reward.c.ended_on.is_(None), reward.c.ended_on > as_of),
        or_(reward.c.valid_until.is_(None), reward.c.valid_until >= as_of),
        or_(reward.c.state != RewardState.VOIDED, reward.c.ended_on > as_of),
    )


def given(span: Period) -> ColumnElement[bool]:
    """Whether it was given in a period."""
    return reward.c.given_on.between(span.since, span.until)


def taken_back(span: Period) -> ColumnElement[bool]:
    """Whether it is the negative line of one that was given and taken back in a period."""
    return and_(reward.c.state == CLAWED_BACK, reward.c.ended_on.between(span.since, span.until))


def net_paid(span: Period) -> ColumnElement[int]:
    """The amount that a line cost in a period: what was given, less what was taken back; in kind at its cost."""
    return case((or_(given(span), taken_back(span)), reward.c.amount_minor), else_=0)
