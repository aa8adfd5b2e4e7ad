"""Who brings customers: referrals, what those who came bought, and the customer referral value."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from refertrack.reports import earned, past, sales
from refertrack.reports.frame import Definition, Figure, Group, Raw, Report, Value, View
from refertrack.reports.groups import asked, groups
from refertrack.reports.measures import profit
from refertrack.rules.dates import add_months
from refertrack.rules.money import Money, digits
from refertrack.rules.periods import Period
from refertrack.rules.worth import Flow, Worth, referral_value
from refertrack.store.dialect import between, counted, day

FIRST_YEAR = 365
COSTS_IN = "costs_in"  # beside the figures: the currency of the costs that a value cannot be set off against
UNKNOWN_ANYWAY = 0.5  # nobody asked whether they would have come anyway: half would have

FIGURES = (
    Figure("referrals", "referrals", "valid referrals received in the period"),
    Figure("won", "won", "of them, the won"),
    Figure("won_value", "brought", "purchases of each customer won within 365 days of the first", "money"),
    Figure("young_value", "so far", "the same of those whose first 365 days are not over", "money"),
    Figure("crv", "referral value", "customer referral value as published (Kumar, Petersen & Leone 2010): margin −"
           " incentive − keeping + winning saved of those who would not have come otherwise, winning saved of those who"
           " would have come anyway (half where nobody asked), in today's money; never to be added to what the"
           " referred are worth themselves", "money", detail=True),
    Figure("crv_net", "net of incentives", "the same less the incentives paid for those who would have come anyway",
           "money", detail=True),
)  # fmt: skip


def measure(view: View) -> dict[Group, Raw]:
    """Return the customers with most valid referrals, and what those whom they won bought."""
    found: dict[Group, Raw] = {}
    foreign = _costs_in_another_currency(view)
    saved, referrers = None if foreign else _saved(view), _referrers(view)
    won_by = _won_people(view, {number for _, number, *_ in referrers})
    for group, number, name, referrals, won in referrers:
        people = won_by.get(number, [])
        codes = sorted({code for person in people for code in person.by_currency} | {view.currency})
        for code in codes:
            raw: Raw = _money(view, people, code)
            if code == view.currency:
                value = None if foreign else _crv(view.business.worth, people, code, saved, view)
                raw |= {"referrals": referrals, "won": won, "crv": value, COSTS_IN: foreign}
            found[(*group, str(number), name, code)] = raw
    return found


def _referrers(view: View) -> list[tuple[Group, int, str, int, int]]:
    known = past.referrals_known(view.as_of, view.today)
    rows = f"{known.rows} JOIN customer ON customer.id = referral.referrer_id"
    columns = ("customer.id", "customer.name", "count(*)", counted(known.won))
    best = f"ORDER BY count(*) DESC, {counted(known.won)} DESC, customer.id LIMIT {view.limit:d}"
    found = asked(view, groups(view), columns, rows, known.valid, _received(view), grouped=2, then=best)
    return [(group, int(row[0]), str(row[1]), int(row[2]), int(row[3])) for group, row in found]


def _received(view: View) -> str:
    return between("referral.received_on", view.period.since, view.as_of)


@dataclass(frozen=True)
class _Person:
    """One whom a referrer won: when they first bought, whether they would have come anyway, and their purchases."""

    first_on: date
    anyway: float
    purchases: Sequence[tuple[date, str, int, int | None]]
    rewards: Sequence[tuple[date, str, int]]

    @property
    def by_currency(self) -> set[str]:
        """The currencies in which they bought."""
        return {code for _, code, _, _ in self.purchases}


def _won_people(view: View, referrers: Collection[int]) -> dict[int, list[_Person]]:
    """Return those whom some customers won, by the customer who did."""
    known = past.referrals_known(view.as_of, view.today)
    sql = (
        "SELECT referral.referrer_id, referral.id, referral.customer_id, referral.would_have_come_anyway,"
        f" {known.moved_on} FROM {known.rows} WHERE {known.won} AND {_received(view)}"
    )
    rows = sorted(_about(view, sql, "referral.referrer_id", referrers), key=lambda row: int(row[1]))
    bought = _purchases(view, {row[2] for row in rows if row[2] is not None})
    paid = _rewards(view, {row[1] for row in rows})
    found: dict[int, list[_Person]] = {}
    for referrer, number, customer_id, anyway, moved_on in rows:
        purchases = bought.get(customer_id, [])
        begun = min((each[0] for each in purchases), default=date.fromisoformat(moved_on))
        likely = UNKNOWN_ANYWAY if anyway is None else float(bool(anyway))
        priced = [(on, code, amount, margin) for on, code, amount, margin in purchases if amount is not None]
        found.setdefault(referrer, []).append(_Person(begun, likely, priced, paid.get(number, [])))
    return found


def _about(view: View, sql: str, column: str, numbers: Collection[int]) -> list[Any]:
    """Return the rows of a statement about some numbers alone; about none nothing is asked."""
    return view.reader.tuples(f"{sql} AND {column} IN ({', '.join(map(str, sorted(numbers)))})") if numbers else []


def _purchases(view: View, customers: Collection[int]) -> dict[int, list[tuple[date, str, int | None, int | None]]]:
    """Return what some customers bought: the day, the currency, the amount and the product's margin."""
    sql = (
        "SELECT purchase.customer_id, purchase.ordered_on, purchase.currency, purchase.amount_minor, product.margin"
        f" FROM {sales.WITH_PRODUCT} WHERE {sales.standing(view.as_of)} AND purchase.ordered_on <= {day(view.as_of)}"
    )
    found: dict[int, list[tuple[date, str, int | None, int | None]]] = {}
    for who, on, *bought in _about(view, sql, "purchase.customer_id", customers):
        found.setdefault(who, []).append((date.fromisoformat(on), *bought))
    return found


def _rewards(view: View, referrals: Collection[int]) -> dict[int, list[tuple[date, str, int]]]:
    """Return what was given for some referrals, and taken back."""
    on = f"CASE WHEN {earned.NOT_TAKEN_BACK} THEN reward.given_on ELSE reward.ended_on END"
    sql = (
        f"SELECT reward.referral_id, {on}, reward.currency, reward.amount_minor FROM reward"
        f" WHERE {on} <= {day(view.as_of)}"
    )
    found: dict[int, list[tuple[date, str, int]]] = {}
    for referral, paid_on, code, amount in _about(view, sql, "reward.referral_id", referrals):
        found.setdefault(referral, []).append((date.fromisoformat(paid_on), code, amount))
    return found


def _money(view: View, people: Sequence[_Person], code: str) -> Raw:
    raw = {"won_value": 0, "young_value": 0}
    for person in people:
        end = person.first_on + timedelta(days=FIRST_YEAR)
        kind = "won_value" if end <= view.as_of else "young_value"
        raw[kind] += sum(amount for on, own, amount, _ in person.purchases if own == code and on < end)
    return raw


def _costs_in_another_currency(view: View) -> str:
    """Return the business's currency where costs are set in it and most purchases are in another; else nothing."""
    worth, code = view.business.worth, view.business.currency
    return code if code != view.currency and (worth.retention_cost or worth.acquisition_saved) else ""


def _saved(view: View) -> float | None:
    """Return what winning a customer costs otherwise: the setting, else spend to win ÷ new customers."""
    setting = view.business.worth.acquisition_saved
    if setting is not None:
        return float(setting.scaleb(digits(view.currency)))
    values = [profit.values({**raw, "currency": group[-1]}) for group, raw in
              profit.measure(replace(view, by=(), where=())).items() if group[-1] == view.currency]  # fmt: skip
    cost = values[0]["cost_of_winning"] if values else None
    return float(cost.amount_minor) if isinstance(cost, Money) else None


def _crv(worth: Worth, people: Sequence[_Person], code: str, saved: float | None, view: View) -> tuple[int, int] | None:
    """Return the value as published and net, or nothing where a margin is not known."""
    flows = []
    for person in people:
        margins = [worth.margin if own is None else own for _, currency, _, own in person.purchases if currency == code]
        if None in margins:
            return None
        flows.append((person.anyway, _flows(worth, person, code, saved or 0.0, view.as_of)))
    value = referral_value(flows, worth.rate)
    return round(value.total), round(value.net)


def _flows(worth: Worth, person: _Person, code: str, saved: float, as_of: date) -> list[Flow]:
    flows = []
    for number in range(worth.periods):
        since = add_months(person.first_on, number * worth.period_months)
        span = Period(since, add_months(since, worth.period_months) - timedelta(days=1))
        if since > as_of:
            break
        margin = sum(
            amount * ((worth.margin or 0) if own is None else own) / 100
            for on, currency, amount, own in person.purchases
            if currency == code and span.since <= on <= span.until
        )
        paid = sum(
            amount
            for on, own, amount in person.rewards
            if own == code and (span.since <= on or number == 0) and on <= span.until
        )  # what was given before the first purchase was given for it
        marketing = float(worth.retention_cost.scaleb(digits(code)))
        flows.append(Flow(margin, paid, marketing, saved if number == 0 else 0.0))
    return flows


def values(raw: Raw) -> Mapping[str, Value]:
    """Make the figures of the sums."""
    code = str(raw["currency"])
    crv = raw.get("crv")
    return {
        "referrals": raw.get("referrals"),
        "won": raw.get("won"),
        "won_value": Money(raw["won_value"], code),
        "young_value": Money(raw["young_value"], code),
        "crv": Money(crv[0], code) if crv else None,
        "crv_net": Money(crv[1], code) if crv else None,
        COSTS_IN: raw.get(COSTS_IN) or None,
    }


NO_VALUE = (
    "The referral value (--detail) needs a margin: refertrack config set worth.margin 40, or for one product"
    " refertrack edit-product NAME --margin 40"
)


FOREIGN_COSTS = (
    "The referral value (--detail) is not known, as costs are set in {own} (worth.retention_cost,"
    " worth.acquisition_saved) and these customers buy in {code}: to leave the costs out, refertrack config unset"
    " worth.retention_cost, and worth.acquisition_saved"
)


def said(report: Report) -> tuple[str, ...]:
    """Say how the referral value becomes known, where somebody won customers and it is not."""
    missing = [line for line in report.rows if line.values["won"] and line.values["crv"] is None]
    for line in missing:
        if line.values[COSTS_IN]:
            return (FOREIGN_COSTS.format(own=line.values[COSTS_IN], code=line.group[-1]),)
    return (NO_VALUE,) if missing else ()


DEFINITION = Definition(
    "advocates",
    "Advocates",
    FIGURES,
    measure,
    values,
    own=("customer_id", "customer", "currency"),
    crossed="referrals",
    total=False,
    said=said,
)
