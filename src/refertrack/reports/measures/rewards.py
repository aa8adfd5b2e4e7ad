"""What referrals earn: owed, given, and what a win costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from refertrack.reports import earned, past
from refertrack.reports.frame import Definition, Figure, Group, Raw, Value, View, merged
from refertrack.reports.tally import tally
from refertrack.rules.money import Money
from refertrack.rules.periods import Period
from refertrack.store.dialect import between, counted

LONG_AGO = date(1800, 1, 1)

FIGURES = (
    Figure("accrued", "earned", "rewards that were earned in the period"),
    Figure("given", "given", "rewards that were given in the period"),
    Figure("paid", "paid", "what was given in the period, in kind at its cost, less what was taken back", "money"),
    Figure("owed", "owed", "rewards earned, held or approved and not given on the period's last day"),
    Figure("liability", "liability", "their amounts, in kind at their cost", "money"),
    Figure("won", "won", "referrals received in the period that were won"),
    Figure("cost_per_win", "cost of a win", "(given for the period's referrals, in kind at its cost, − taken back) ÷"
           " won", "money"),
)  # fmt: skip


def measure(view: View) -> dict[Group, Raw]:
    """Add up rewards by the group of the referrer and by currency."""
    span, ever = Period(view.period.since, view.as_of), Period(LONG_AGO, view.as_of)
    if view.period.since > view.as_of:
        return {}
    owed = earned.owed(view.as_of)
    accrued = between("reward.accrued_on", span.since, span.until)
    cohort = between("referral.received_on", span.since, span.until)
    counts = {
        "accrued": counted(f"{accrued} AND {earned.NOT_TAKEN_BACK}"),
        "given": counted(earned.given(span)),
        "paid": f"sum({earned.net_paid(span)})",
        "owed": counted(owed),
        "liability": f"sum(CASE WHEN {owed} THEN reward.amount_minor ELSE 0 END)",
        "cohort_paid": f"sum(CASE WHEN {cohort} THEN {earned.net_paid(ever)} ELSE 0 END)",
    }
    rewards = tally(view, earned.WITH_REFERRALS, "referral.referrer_id", counts, more=["reward.currency"])
    known = past.referrals_known(view.as_of, view.today)
    won = tally(view, known.rows, "referral.referrer_id", {"won": "count(*)"}, cohort, known.won)
    seen = {group: raw for group, raw in rewards.items() if any(raw.values())}
    return merged(seen, {(*group, view.currency): raw for group, raw in won.items()})


def values(raw: Raw) -> Mapping[str, Value]:
    """Make the figures of the counts."""
    code, won = str(raw["currency"]), raw.get("won", 0)
    return {
        "accrued": raw.get("accrued", 0),
        "given": raw.get("given", 0),
        "paid": Money(raw.get("paid", 0), code),
        "owed": raw.get("owed", 0),
        "liability": Money(raw.get("liability", 0), code),
        "won": raw.get("won"),
        "cost_per_win": Money(round(raw.get("cohort_paid", 0) / won), code) if won else None,
    }


DEFINITION = Definition("rewards", "Rewards", FIGURES, measure, values, own=("currency",), crossed="paid")
