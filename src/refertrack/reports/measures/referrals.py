"""Who refers: asked, took part, referrals, won, by group (``docs/metrics.md`` defines each figure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import ColumnElement, Subquery, and_, func, select

from refertrack.reports import past, tables
from refertrack.reports.frame import Definition, Figure, Group, Raw, Value, View, merged
from refertrack.reports.groups import counted, customer, groups, keyed
from refertrack.rules.statistics import Middle, Rate, median
from refertrack.rules.words import ReferralState
from refertrack.store.dialect import days_between

_ask, _referral = tables.ask, tables.referral

SUMS = ("received", "referrals", "won", "open", "decided", "spontaneous", "overridden")
FIGURES = (
    Figure("customers", "customers", "active or dormant on the period's last day"),
    Figure("ask_rate", "asked", "of the eligible (customers who had not opted out of requests and had no open"
           " complaint on the last day), those to whom a request was sent in the period", "rate",
           of=("asked", "eligible")),
    Figure("participation_rate", "took part", "of the customers, those who made a valid referral in the period",
           "rate", stem="participation", of=("took_part", "customers")),
    Figure("referrals", "referrals", "received in the period, less the disqualified"),
    Figure("won", "won", "of the valid referrals, those who became customers"),
    Figure("open", "open", "of the valid referrals, those whose end is not known yet", detail=True),
    Figure("net_conversion", "conversion", "of the valid referrals, the won", "rate", of=("won", "referrals")),
    Figure("gross_conversion", "of all received", "of all that were received, the disqualified too, the won", "rate",
           detail=True, of=("won", "received")),
    Figure("decided_conversion", "of the decided", "of those won or lost, the won", "rate", detail=True,
           of=("won", "decided")),
    Figure("per_referrer", "per referrer", "valid referrals ÷ customers who made them", "number", detail=True,
           of=("", "referrers")),
    Figure("spontaneous_share", "unasked", "of the valid referrals, those that no request led to", "rate",
           detail=True, of=("spontaneous", "referrals")),
    Figure("overridden", "by override", "of the valid referrals, those that count for a reason although a rule said no",
           detail=True),
    Figure("days_to_win", "days to win", "median days from received to won, of those won", "days", detail=True),
    Figure("k_factor", "K", "won ÷ customers: valid referrals a customer × net conversion", "number", detail=True),
)  # fmt: skip


def measure(view: View) -> dict[Group, Raw]:
    """Count who was asked, who took part and what became of it: group first, then join."""
    known = past.referrals_known(view.as_of, view.today)
    shut = past.not_to_be_asked(view.as_of)
    found = merged(
        _counted(view, "customers"),
        _counted(view, "shut", shut.subquery("shut")),
        _counted(view, "asked", _asked(view), customer.c.id.not_in(shut)),
        _made(view, known),
        _days_to_win(view, known),
    )
    return {group: raw for group, raw in found.items() if raw.get("customers") or raw.get("received")}


def values(raw: Raw) -> Mapping[str, Value]:
    """Make the figures of the counts."""
    got = Counter({name: count for name, count in raw.items() if name != "days"})
    active, valid, won, referrers = got["customers"], got["referrals"], got["won"], got["referrers"]
    return {
        "customers": active,
        "ask_rate": Rate(got["asked"], active - got["shut"]),
        "participation_rate": Rate(got["took_part"], active),
        "referrals": valid,
        "won": won,
        "open": got["open"],
        "net_conversion": Rate(won, valid),
        "gross_conversion": Rate(won, got["received"]),
        "decided_conversion": Rate(won, got["decided"]),
        "per_referrer": Middle(valid / referrers if referrers else None, referrers),
        "spontaneous_share": Rate(got["spontaneous"], valid),
        "overridden": got["overridden"],
        "days_to_win": median(raw.get("days", Counter())),
        "k_factor": Middle(won / active if active else None, active),
    }


def _counted(view: View, name: str, of: Subquery | None = None, *conditions: ColumnElement[bool]) -> dict[Group, Raw]:
    """Count the customers of the day, or those whom a list names. A short list first, then the customers in it."""
    meant = groups(view)
    people = meant.people if of is None else meant.people.join(of, of.c.customer_id == customer.c.id)
    query = select(*meant.columns, func.count()).select_from(people).where(past.active(view), *conditions)
    found = keyed(view, view.connection.execute(meant.count(query)).all())
    return {group: {name: int(count)} for group, (count,) in found}


def _asked(view: View) -> Subquery:
    return (
        select(_ask.c.customer_id)
        .where(_ask.c.sent_on.between(view.period.since, view.as_of))
        .group_by(_ask.c.customer_id)
        .subquery("asked")
    )


def _made(view: View, known: past.Known) -> dict[Group, Raw]:
    """Add up what the referrers of each group brought."""
    meant, referred = groups(view), _referred(view, known)
    some = referred.c.referrals > 0
    query = select(
        *meant.columns,
        counted(and_(some, past.active(view))),
        counted(some),
        *(func.coalesce(func.sum(referred.c[name]), 0) for name in SUMS),
    ).select_from(meant.people.join(referred, referred.c.customer_id == customer.c.id))
    found = keyed(view, view.connection.execute(meant.count(query)).all())
    names = ("took_part", "referrers", *SUMS)
    return {group: dict(zip(names, map(int, counts), strict=True)) for group, counts in found}


def _referred(view: View, known: past.Known) -> Subquery:
    """Return, for each referrer, the referrals of the period as they stood on the day."""
    won = known.state == ReferralState.WON
    return (
        select(
            _referral.c.referrer_id.label("customer_id"),
            func.count().label("received"),
            counted(known.valid).label("referrals"),
            counted(won).label("won"),
            counted(known.open).label("open"),
            counted(known.state.in_([ReferralState.WON, ReferralState.LOST])).label("decided"),
            counted(and_(known.valid, _referral.c.ask_id.is_(None))).label("spontaneous"),
            counted(and_(known.valid, _referral.c.override_reason != "")).label("overridden"),
        )
        .select_from(known.rows)
        .where(_referral.c.received_on.between(view.period.since, view.as_of))
        .group_by(_referral.c.referrer_id)
        .subquery("referred")
    )


def _days_to_win(view: View, known: past.Known) -> dict[Group, Raw]:
    meant = groups(view)
    days = days_between(known.moved_on, _referral.c.received_on)
    query = (
        select(*meant.columns, days, func.count())
        .select_from(known.rows.join(meant.people, customer.c.id == _referral.c.referrer_id))
        .where(_referral.c.received_on.between(view.period.since, view.as_of), known.state == ReferralState.WON)
    )
    found: dict[Group, Raw] = {}
    for group, (waited, count) in keyed(view, view.connection.execute(meant.count(query).group_by(days)).all()):
        found.setdefault(group, {"days": Counter()})["days"][int(waited)] += int(count)
    return found


DEFINITION = Definition(
    "referrals", "Referrals", FIGURES, measure, values, main="participation_rate", stands_out="takes part"
)
