"""Rewards as they stood on a day: what is owed, what was given, what was taken back."""

from __future__ import annotations

from datetime import date

from refertrack.rules.periods import Period
from refertrack.rules.words import RewardState
from refertrack.store.dialect import between, day

# A reward belongs to the group of the referrer.
WITH_REFERRALS = "reward JOIN referral ON referral.id = reward.referral_id"
NOT_TAKEN_BACK = f"reward.state <> '{RewardState.CLAWED_BACK}'"


def owed(as_of: date) -> str:
    """Return the condition that a reward was accrued, held or approved on a day, and not given, lost or expired."""
    on = day(as_of)
    return (
        f"({NOT_TAKEN_BACK} AND reward.accrued_on <= {on}"
        f" AND (reward.given_on IS NULL OR reward.given_on > {on})"
        f" AND (reward.ended_on IS NULL OR reward.ended_on > {on})"
        f" AND (reward.valid_until IS NULL OR reward.valid_until >= {on})"
        f" AND (reward.state <> '{RewardState.VOIDED}' OR reward.ended_on > {on}))"
    )


def given(span: Period) -> str:
    """Return the condition that it was given in a period."""
    return between("reward.given_on", span.since, span.until)


def taken_back(span: Period) -> str:
    """Return the condition that it is the negative line of one that was given and taken back in a period."""
    return f"(reward.state = '{RewardState.CLAWED_BACK}' AND {between('reward.ended_on', span.since, span.until)})"


def net_paid(span: Period) -> str:
    """Return what a line cost in a period: what was given, less what was taken back; in kind at its cost."""
    return f"CASE WHEN {given(span)} OR {taken_back(span)} THEN reward.amount_minor ELSE 0 END"
