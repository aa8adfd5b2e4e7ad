"""Revenue that comes again, new customers, referrals: this period against the one before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Subquery, and_, case, func, select

from refertrack.reports import past, tables
from refertrack.reports.frame import Definition, Figure, Group, Raw, Value, View, merged
from refertrack.reports.groups import brought_by_referral, counted, customer
from refertrack.reports.sales import PRODUCT, currency, first_purchases, purchase, standing, with_product
from refertrack.reports.tally import spread, tally
from refertrack.rules.money import Money
from refertrack.rules.periods import Period
from refertrack.rules.statistics import Change, Middle, Rate, median

_referral = tables.referral
YEAR_DAYS = 365

FIGURES = (
    Figure("revenue", "revenue", "purchases in the period that stand", "money"),
    Figure("revenue_before", "before", "the same in the period of the same length before", "money", detail=True),
    Figure("revenue_growth", "growth", "(period − before) ÷ before; new where there was nothing before", "change"),
    Figure("existing_revenue", "from existing", "purchases in the period by customers whose first purchase is before"
           " the period", "money"),
    Figure("existing_before", "before", "the same in the period before", "money", detail=True),
    Figure("existing_growth", "growth", "(period − before) ÷ before", "change"),
    Figure("repeat_share", "came again", "of the customers who bought in the period, those who did so on two days or"
           " more", "rate", detail=True, of=("repeat_buyers", "buyers")),
    Figure("referred_share", "new by referral", "of the customers whose first purchase is in the period, those won by"
           " referral", "rate", of=("new_referred", "new_customers")),
    Figure("referrals", "referrals", "valid referrals received in the period"),
    Figure("referrals_before", "before", "the same in the period before", detail=True),
    Figure("referral_growth", "growth", "(period − before) ÷ before", "change"),
    Figure("stay_referrers", "referrers stay", "of the customers who had bought and referred before the day 365 days"
           " ago, those who bought since", "rate", detail=True, of=("referrers_stayed", "referrers_before")),
    Figure("stay_others", "others stay", "of those who had bought and not referred before that day, those who bought"
           " since", "rate", detail=True, of=("others_stayed", "others_before")),
    Figure("first_discount", "first discount", "median discount of first purchases in percent of the list price,"
           " where that is known", "days", detail=True),
    Figure("later_discount", "later discount", "the same of later purchases", "days", detail=True),
)  # fmt: skip
_PEOPLE = (
    "buyers", "repeat_buyers", "new_customers", "new_referred", "referrals", "referrals_before", "referrers_before",
    "referrers_stayed", "others_before", "others_stayed",
)  # fmt: skip


def measure(view: View) -> dict[Group, Raw]:
    """Add up purchases by group and currency, and count people and referrals in the row of the main currency."""
    now = Period(view.period.since, view.as_of)
    if view.period.since > view.as_of:
        return {}
    before = now.before()
    people = merged(
        _buyers(view, now),
        _new(view, now),
        _received(view, now, "referrals"),
        _received(view, before, "referrals_before"),
        _stayed(view),
    )
    carried = {(*group, view.currency): {**dict.fromkeys(_PEOPLE, 0), **raw} for group, raw in people.items()}
    return merged(_revenue(view, now, before), _discounts(view, now), carried)


def _revenue(view: View, now: Period, before: Period) -> dict[Group, Raw]:
    """Add up the purchases of the period and of the one before it in one go."""
    first = first_purchases(view.as_of)
    rows = with_product().join(first, first.c.customer_id == purchase.c.customer_id)
    amount, counts = func.coalesce(purchase.c.amount_minor, 0), {}
    for span, every, existing in ((now, "revenue", "existing_revenue"), (before, "revenue_before", "existing_before")):
        bought = purchase.c.ordered_on.between(span.since, span.until)
        counts[every] = func.sum(case((bought, amount), else_=0))
        counts[existing] = func.sum(case((and_(bought, first.c.first_on < span.since), amount), else_=0))
    within = purchase.c.ordered_on.between(before.since, now.until)
    return tally(view, rows, purchase.c.customer_id, counts, standing(view.as_of), within, own=PRODUCT, more=[currency])


def _buyers(view: View, span: Period) -> dict[Group, Raw]:
    days = (
        select(purchase.c.customer_id, func.count(purchase.c.ordered_on.distinct()).label("days"))
        .where(standing(view.as_of), purchase.c.ordered_on.between(span.since, span.until))
        .group_by(purchase.c.customer_id)
        .subquery("buying_days")
    )
    counts = {"buyers": func.count(), "repeat_buyers": counted(days.c.days > 1)}
    return tally(view, days, days.c.customer_id, counts)


def _new(view: View, span: Period) -> dict[Group, Raw]:
    first, brought = first_purchases(view.as_of), brought_by_referral()
    rows = first.outerjoin(brought, brought.c.customer_id == first.c.customer_id)
    by_referral = brought.c.customer_id.is_not(None) | (customer.c.source == "referral")
    counts = {"new_customers": func.count(), "new_referred": counted(by_referral)}
    return tally(view, rows, first.c.customer_id, counts, first.c.first_on.between(span.since, span.until))


def _received(view: View, span: Period, name: str) -> dict[Group, Raw]:
    known = past.referrals_known(view.as_of, view.today)
    return tally(
        view,
        known.rows,
        _referral.c.referrer_id,
        {name: func.count()},
        known.valid,
        _referral.c.received_on.between(span.since, span.until),
    )


def _stayed(view: View) -> dict[Group, Raw]:
    """Count who bought in the year after the index day, among those who had referred before it and the others."""
    index = view.as_of - timedelta(days=YEAR_DAYS)
    first, referred, again = first_purchases(view.as_of), _referred_before(view, index), _bought_since(view, index)
    rows = first.outerjoin(referred, referred.c.customer_id == first.c.customer_id).outerjoin(
        again, again.c.customer_id == first.c.customer_id
    )
    did, stayed = referred.c.customer_id.is_not(None), again.c.customer_id.is_not(None)
    counts = {
        "referrers_before": counted(did),
        "referrers_stayed": counted(and_(did, stayed)),
        "others_before": counted(~did),
        "others_stayed": counted(and_(~did, stayed)),
    }
    return tally(view, rows, first.c.customer_id, counts, first.c.first_on < index)


def _referred_before(view: View, index: date) -> Subquery:
    known = past.referrals_known(view.as_of, view.today)
    return (
        select(_referral.c.referrer_id.label("customer_id"))
        .select_from(known.rows)
        .where(known.valid, _referral.c.received_on < index)
        .group_by(_referral.c.referrer_id)
        .subquery("referred_before")
    )


def _bought_since(view: View, index: date) -> Subquery:
    return (
        select(purchase.c.customer_id)
        .where(standing(view.as_of), purchase.c.ordered_on.between(index, view.as_of))
        .group_by(purchase.c.customer_id)
        .subquery("bought_since")
    )


def _discounts(view: View, span: Period) -> dict[Group, Raw]:
    """Count discounts in hundredths of a percent, of first purchases and of later ones."""
    first = first_purchases(view.as_of)
    rows = with_product().join(first, first.c.customer_id == purchase.c.customer_id)
    off = ((purchase.c.list_amount_minor - purchase.c.amount_minor) * 10_000) // purchase.c.list_amount_minor
    meant = (
        standing(view.as_of),
        purchase.c.ordered_on.between(span.since, span.until),
        purchase.c.list_amount_minor > 0,
    )
    kind = case((purchase.c.ordered_on == first.c.first_on, "first_off"), else_="later_off").label("kind")
    told = spread(view, rows, purchase.c.customer_id, "off", off, *meant, own=PRODUCT, more=[kind, currency])
    found: dict[Group, Raw] = {}
    for (*group, name, code), raw in told.items():
        found.setdefault((*group, code), {})[name] = raw["off"]
    return found


def values(raw: Raw) -> Mapping[str, Value]:
    """Make the figures of the counts; in the rows of other currencies people and referrals are left out."""
    code = str(raw.get("currency", ""))
    money = {name: raw.get(name, 0) for name in ("revenue", "revenue_before", "existing_revenue", "existing_before")}
    found: dict[str, Value] = {name: Money(amount, code) for name, amount in money.items()}
    found |= {
        "revenue_growth": Change(money["revenue"], money["revenue_before"]),
        "existing_growth": Change(money["existing_revenue"], money["existing_before"]),
        "first_discount": _percent(raw.get("first_off", Counter())),
        "later_discount": _percent(raw.get("later_off", Counter())),
    }
    if "referrals" not in raw:
        return found
    return found | {
        "repeat_share": Rate(raw["repeat_buyers"], raw["buyers"]),
        "referred_share": Rate(raw["new_referred"], raw["new_customers"]),
        "referrals": raw["referrals"],
        "referrals_before": raw["referrals_before"],
        "referral_growth": Change(raw["referrals"], raw["referrals_before"]),
        "stay_referrers": Rate(raw["referrers_stayed"], raw["referrers_before"]),
        "stay_others": Rate(raw["others_stayed"], raw["others_before"]),
    }


def _percent(off: Counter[int]) -> Middle:
    middle = median(off)
    return replace(middle, value=None if middle.value is None else middle.value / 100)


DEFINITION = Definition(
    "growth",
    "Growth",
    FIGURES,
    measure,
    values,
    own=("currency",),
    main="referred_share",
    crossed="revenue",
    stands_out="comes by referral",
)
