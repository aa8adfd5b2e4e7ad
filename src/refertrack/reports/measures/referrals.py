"""Who refers: asked, took part, referrals, won, by group (``docs/metrics.md`` defines each figure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from refertrack.reports import past
from refertrack.reports.asks import MADE
from refertrack.reports.frame import Definition, Figure, Group, Raw, Value, View, merged
from refertrack.reports.groups import asked, groups
from refertrack.reports.tally import spread
from refertrack.rules.statistics import Middle, Rate, median
from refertrack.rules.words import ReferralState
from refertrack.store.dialect import between, counted, listed

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
    in_time = between("sent_on", view.period.since, view.as_of)
    asked_in_time = f"SELECT DISTINCT customer_id FROM ask WHERE {in_time} AND {MADE}"
    found = merged(
        _counted(view, "customers"),
        _counted(view, "shut", shut),
        _counted(view, "asked", asked_in_time, f"customer.id NOT IN ({shut})"),
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


def _counted(view: View, name: str, of: str = "", *conditions: str) -> dict[Group, Raw]:
    """Count the customers of the day, or those whom a list names. A short list first, then the customers in it."""
    rows = f"({of}) AS named JOIN customer ON customer.id = named.customer_id" if of else "customer"
    found = asked(view, groups(view), ("count(*)",), rows, past.active(view), *conditions)
    return {group: {name: int(count)} for group, (count,) in found}


def _made(view: View, known: past.Known) -> dict[Group, Raw]:
    """Add up what the referrers of each group brought."""
    rows = f"{_referred(view, known)} JOIN customer ON customer.id = referred.referrer_id"
    some = "referred.referrals > 0"
    counts = {
        "took_part": counted(f"{some} AND {past.active(view)}"),
        "referrers": counted(some),
        **{name: f"coalesce(sum(referred.{name}), 0)" for name in SUMS},
    }
    found = asked(view, groups(view), tuple(counts.values()), rows)
    return {group: dict(zip(counts, map(int, sums), strict=True)) for group, sums in found}


def _referred(view: View, known: past.Known) -> str:
    """Return, for each referrer, the referrals of the period as they stood on the day."""
    decided = listed(ReferralState.WON, ReferralState.LOST)
    sums = {
        "received": "count(*)",
        "referrals": counted(known.valid),
        "won": counted(known.won),
        "open": counted(known.open),
        "decided": counted(f"{known.state} IN ({decided})"),
        "spontaneous": counted(f"{known.valid} AND referral.ask_id IS NULL"),
        "overridden": counted(f"{known.valid} AND referral.override_reason <> ''"),
    }
    columns = ", ".join(f"{sql} AS {name}" for name, sql in sums.items())
    return (
        f"(SELECT referral.referrer_id, {columns} FROM {known.rows} WHERE {_received(view)}"
        " GROUP BY referral.referrer_id) AS referred"
    )


def _received(view: View) -> str:
    return between("referral.received_on", view.period.since, view.as_of)


def _days_to_win(view: View, known: past.Known) -> dict[Group, Raw]:
    days = view.reader.dialect.days_between(known.moved_on, "referral.received_on")
    return spread(view, known.rows, "referral.referrer_id", "days", days, _received(view), known.won)


DEFINITION = Definition(
    "referrals", "Referrals", FIGURES, measure, values, main="participation_rate", stands_out="takes part"
)
