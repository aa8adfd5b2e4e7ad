"""Revenue that comes again, new customers, referrals: this period against the one before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from refertrack.reports import past, sales
from refertrack.reports.frame import Definition, Figure, Group, Raw, Value, View, merged
from refertrack.reports.tally import spread, tally
from refertrack.rules.money import Money
from refertrack.rules.periods import Period
from refertrack.rules.statistics import Change, Middle, Rate, median
from refertrack.store.dialect import between, counted, day

YEAR_DAYS = 365
LARGE = 10**14

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
_STAYED = ("referrers_before", "referrers_stayed", "others_before", "others_stayed")
_PEOPLE = ("buyers", "repeat_buyers", "new_customers", "new_referred", "referrals", "referrals_before", *_STAYED)


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
    counts = {}
    for span, every, existing in ((now, "revenue", "existing_revenue"), (before, "revenue_before", "existing_before")):
        bought = _bought(span)
        counts[every] = _amounts(bought)
        counts[existing] = _amounts(f"{bought} AND first_purchase.first_on < {day(span.since)}")
    meant = (sales.standing(view.as_of), _bought(Period(before.since, now.until)))
    return tally(view, sales.with_first(sales.WITH_PRODUCT, view.as_of), "purchase.customer_id", counts, *meant,
                 own=sales.PRODUCT, more=["purchase.currency"])  # fmt: skip


def _bought(span: Period) -> str:
    return between("purchase.ordered_on", span.since, span.until)


def _amounts(condition: str) -> str:
    return f"sum(CASE WHEN {condition} THEN coalesce(purchase.amount_minor, 0) ELSE 0 END)"


def _buyers(view: View, span: Period) -> dict[Group, Raw]:
    days = (
        "(SELECT purchase.customer_id, count(DISTINCT purchase.ordered_on) AS days FROM purchase"
        f" WHERE {sales.standing(view.as_of)} AND {_bought(span)} GROUP BY purchase.customer_id) AS buying_days"
    )
    counts = {"buyers": "count(*)", "repeat_buyers": counted("buying_days.days > 1")}
    return tally(view, days, "buying_days.customer_id", counts)


def _new(view: View, span: Period) -> dict[Group, Raw]:
    rows, by_referral = past.with_won_by_referral(sales.first_purchases(view.as_of), view, "first_purchase.customer_id")
    counts = {"new_customers": "count(*)", "new_referred": counted(by_referral)}
    begun = between("first_purchase.first_on", span.since, span.until)
    return tally(view, rows, "first_purchase.customer_id", counts, begun)


def _received(view: View, span: Period, name: str) -> dict[Group, Raw]:
    known = past.referrals_known(view.as_of, view.today)
    received = between("referral.received_on", span.since, span.until)
    return tally(view, known.rows, "referral.referrer_id", {name: "count(*)"}, known.valid, received)


def _stayed(view: View) -> dict[Group, Raw]:
    """Count who bought in the year after the index day, among those who had referred before it and the others."""
    index = view.as_of - timedelta(days=YEAR_DAYS)
    rows = (
        f"{sales.first_purchases(view.as_of)} LEFT JOIN {_referred_before(view, index)}"
        " ON referred_before.customer_id = first_purchase.customer_id"
        f" LEFT JOIN {_bought_since(view, index)} ON bought_since.customer_id = first_purchase.customer_id"
    )
    did, did_not = "referred_before.customer_id IS NOT NULL", "referred_before.customer_id IS NULL"
    stayed = "bought_since.customer_id IS NOT NULL"
    counts = {
        "referrers_before": counted(did),
        "referrers_stayed": counted(f"{did} AND {stayed}"),
        "others_before": counted(did_not),
        "others_stayed": counted(f"{did_not} AND {stayed}"),
    }
    return tally(view, rows, "first_purchase.customer_id", counts, f"first_purchase.first_on < {day(index)}")


def _referred_before(view: View, index: date) -> str:
    known = past.referrals_known(view.as_of, view.today)
    return (
        f"(SELECT referral.referrer_id AS customer_id FROM {known.rows} WHERE {known.valid}"
        f" AND referral.received_on < {day(index)} GROUP BY referral.referrer_id) AS referred_before"
    )


def _bought_since(view: View, index: date) -> str:
    return (
        f"(SELECT purchase.customer_id FROM purchase WHERE {sales.standing(view.as_of)}"
        f" AND {_bought(Period(index, view.as_of))} GROUP BY purchase.customer_id) AS bought_since"
    )


def _discounts(view: View, span: Period) -> dict[Group, Raw]:
    """Count discounts in hundredths of a percent, of first purchases and of later ones."""
    rows = sales.with_first(sales.WITH_PRODUCT, view.as_of)
    less = "(purchase.list_amount_minor - purchase.amount_minor)"
    off = (  # of amounts so large that the product would not fit, the quotient is taken first
        f"CASE WHEN abs({less}) < {LARGE} THEN {less} * 10000 / nullif(purchase.list_amount_minor, 0)"
        f" ELSE {less} / nullif(purchase.list_amount_minor / 10000, 0) END"
    )
    meant = (sales.standing(view.as_of), _bought(span), "purchase.list_amount_minor > 0")
    kind = "CASE WHEN purchase.ordered_on = first_purchase.first_on THEN 'first_off' ELSE 'later_off' END"
    told = spread(view, rows, "purchase.customer_id", "off", off, *meant, own=sales.PRODUCT,
                  more=[kind, "purchase.currency"])  # fmt: skip
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
    standing=_STAYED,
)
