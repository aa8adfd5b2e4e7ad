"""What groups of customers leave, and what winning and keeping them costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from refertrack.reports import earned, past, sales
from refertrack.reports.frame import (
    CUSTOMER_DIMENSIONS,
    MANY_VALUED,
    Definition,
    Figure,
    Group,
    Raw,
    Report,
    Value,
    View,
    merged,
)
from refertrack.reports.groups import channels, keyed, spelt
from refertrack.reports.tally import Own, tally
from refertrack.rules.money import Money, digits
from refertrack.rules.periods import UNITS, Period
from refertrack.rules.words import FollowUpState, Purpose, SpendKind
from refertrack.store.dialect import between, counted, day

CHANNEL = "channel"
_NOBODY = {"new_customers": 0, "existing": 0, "won": 0}  # who stand in the row of the main currency

FIGURES = (
    Figure("revenue", "revenue", "purchases in the period that stand", "money"),
    Figure("margin", "margin", "purchases × the product's margin, else the business's", "money"),
    Figure("no_margin", "margin unknown", "of the revenue, that of products without a margin", "money", detail=True),
    Figure("incentives", "incentives", "given for referrals in the period, in kind at cost, less taken back", "money"),
    Figure("follow_up_cost", "follow-up", "follow-ups done in the period × what one costs, in the business's"
           " currency", "money"),
    Figure("profit", "profit", "margin − incentives − follow-up", "money"),
    Figure("new_customers", "new", "customers whose first purchase is in the period, and who were not referred"),
    Figure("winning", "spent to win", "spend on winning customers, in the months that begin in the period", "money"),
    Figure("cost_of_winning", "a new one costs", "spent to win ÷ new customers not referred", "money"),
    Figure("won", "won", "referrals that were won in the period, less those taken back since"),
    Figure("cost_per_win", "a referred one costs", "incentives ÷ referrals won", "money"),
    Figure("keeping", "spent to keep", "spend on keeping customers", "money", detail=True),
    Figure("cost_of_keeping", "keeping one costs", "spent to keep ÷ customers whose first purchase is before the"
           " period", "money", detail=True),
)  # fmt: skip


def measure(view: View) -> dict[Group, Raw]:
    """Add up what came in and what it cost, by group and currency."""
    if view.period.since > view.as_of:
        return {}
    span = Period(view.period.since, view.as_of)
    own = {CHANNEL: "customer.source"}
    paid = tally(
        view,
        earned.WITH_REFERRALS,
        "referral.referrer_id",
        {"incentives": f"sum({earned.net_paid(span)})"},
        f"{earned.given(span)} OR {earned.taken_back(span)}",
        own=own,
        more=["reward.currency"],
    )
    people = merged(_first(view, span, own), _won(view, span, own))
    carried = {(*group, view.currency): raw for group, raw in people.items()}
    found = merged(_sold(view, span, own), paid, carried, _worked(view, span, own), _spent(view, span))
    return {group: {**_NOBODY, **raw} if group[-1] == view.currency else raw for group, raw in found.items()}


def _sold(view: View, span: Period, own: Own) -> dict[Group, Raw]:
    general = view.business.worth.margin
    margin = "product.margin" if general is None else f"coalesce(product.margin, {general:d})"
    amount = "coalesce(purchase.amount_minor, 0)"
    counts = {
        "revenue": f"sum({amount})",
        "margin_hundredfold": f"sum({amount} * coalesce({margin}, 0))",
        "no_margin": f"sum(CASE WHEN {margin} IS NULL THEN {amount} ELSE 0 END)",
    }
    return tally(
        view,
        sales.WITH_PRODUCT,
        "purchase.customer_id",
        counts,
        sales.standing(view.as_of),
        between("purchase.ordered_on", span.since, span.until),
        own={**sales.PRODUCT, **own},
        more=["purchase.currency"],
    )


def _first(view: View, span: Period, own: Own) -> dict[Group, Raw]:
    rows, by_referral = past.with_won_by_referral(sales.first_purchases(view.as_of), view, "first_purchase.customer_id")
    since = day(span.since)
    counts = {
        "new_customers": counted(f"NOT {by_referral} AND first_purchase.first_on >= {since}"),
        "existing": counted(f"first_purchase.first_on < {since}"),
    }
    return tally(view, rows, "first_purchase.customer_id", counts, own=own)


def _won(view: View, span: Period, own: Own) -> dict[Group, Raw]:
    """Count the referrals won in the period; one that was taken back since is none."""
    known = past.referrals_known(view.as_of, view.today)
    won = (known.won, between(known.moved_on, span.since, span.until))
    return tally(view, known.rows, "referral.referrer_id", {"won": "count(*)"}, *won, own=own)


def _worked(view: View, span: Period, own: Own) -> dict[Group, Raw]:
    """Count the follow-ups done, and say what one costs: that is set in the business's own currency."""
    done = (
        f"follow_up.state = '{FollowUpState.DONE}'",
        f"follow_up.purpose <> '{Purpose.INTERNAL}'",
        between("follow_up.closed_on", span.since, span.until),
    )
    counts = tally(view, "follow_up", "follow_up.customer_id", {"follow_ups": "count(*)"}, *done, own=own)
    each, code = view.business.worth.follow_up_cost, view.business.currency
    unit_cost = each.scaleb(digits(code))
    return {(*group, code if each else view.currency): {**raw, "unit_cost": unit_cost} for group, raw in counts.items()}


def _spent(view: View, span: Period) -> dict[Group, Raw]:
    """Add up spend: for all, by channel, or of one channel; it belongs to no other group."""
    if view.by not in {(), (CHANNEL,)} or not _of_channels(view.where):
        return {}
    meant = {spelt(view, *each) for each in view.where}
    sums = (f"sum(CASE WHEN kind = '{kind}' THEN amount_minor ELSE 0 END)" for kind in SpendKind)
    rows = view.reader.tuples(
        f"SELECT channel, currency, {', '.join(sums)} FROM spend WHERE {between('month', span.since, span.until)}"
        " GROUP BY channel, currency ORDER BY channel, currency"
    )
    called, found = channels(view), dict[Group, Counter[str]]()
    for (channel, code), spent in keyed(rows, 2):
        if meant <= {called[channel]}:
            group = (called[channel], code) if view.by else (code,)
            found.setdefault(group, Counter()).update(dict(zip(SpendKind, map(int, spent), strict=True)))
    return {group: {kind: spent[kind] for kind in SpendKind} for group, spent in found.items()}


def _of_channels(where: tuple[tuple[str, str], ...]) -> bool:
    """Whether spend belongs to what is meant: to all, or to channels alone."""
    return all(name == CHANNEL for name, _ in where)


def values(raw: Raw) -> Mapping[str, Value]:
    """Make the figures of the sums."""
    code = str(raw["currency"])
    margin = _rounded(Decimal(raw.get("margin_hundredfold", 0)) / 100)
    work = _rounded(raw.get("unit_cost", Decimal(0)) * raw.get("follow_ups", 0))
    incentives, revenue = raw.get("incentives", 0), raw.get("revenue", 0)
    known = revenue == 0 or raw.get("no_margin", 0) < revenue
    winning, keeping = raw.get(SpendKind.WINNING), raw.get(SpendKind.KEEPING)
    return {
        "revenue": Money(revenue, code),
        "margin": Money(margin, code) if known else None,
        "no_margin": Money(raw.get("no_margin", 0), code),
        "incentives": Money(incentives, code),
        "follow_up_cost": Money(work, code),
        "profit": Money(margin - incentives - work, code) if known else None,
        "new_customers": raw.get("new_customers"),
        "winning": None if winning is None else Money(winning, code),
        "cost_of_winning": _each(winning, raw.get("new_customers"), code),
        "won": raw.get("won"),
        "cost_per_win": _each(incentives, raw.get("won"), code),
        "keeping": None if keeping is None else Money(keeping, code),
        "cost_of_keeping": _each(keeping, raw.get("existing"), code),
    }


def _rounded(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_EVEN))


def _each(amount: int | None, count: int | None, code: str) -> Money | None:
    return Money(_rounded(Decimal(amount) / count), code) if amount is not None and count else None


NO_MARGIN = (
    "Of {share:.0%} of the revenue in {code} no margin is known, and none is guessed: refertrack config set"
    " worth.margin 40, or for one product refertrack edit-product NAME --margin 40"
)
NO_SPEND = "What winning customers costs is not known for this period: refertrack add-spend {month} adverts 300"


def said(report: Report) -> tuple[str, ...]:
    """Say what is not known, and which command makes it known."""
    found, lines = [], report.total if report.by else report.rows
    for line in lines:
        revenue, unknown = line.values["revenue"], line.values["no_margin"]
        if isinstance(revenue, Money) and isinstance(unknown, Money) and unknown.amount_minor:
            share = unknown.amount_minor / revenue.amount_minor
            found.append(NO_MARGIN.format(share=share, code=revenue.currency))
    if (
        lines
        and report.by in {(), (CHANNEL,)}
        and _of_channels(report.where)
        and all(line.values["winning"] is None for line in lines)
    ):
        found.append(NO_SPEND.format(month=f"{report.period.until:%Y-%m}"))
    return tuple(found)


DEFINITION = Definition(
    "profit",
    "Profit",
    FIGURES,
    measure,
    values,
    dimensions=(*CUSTOMER_DIMENSIONS, CHANNEL, *MANY_VALUED, *UNITS),
    own=("currency",),
    crossed="profit",
    apart=False,
    recorded=tuple(SpendKind),
    said=said,
)
