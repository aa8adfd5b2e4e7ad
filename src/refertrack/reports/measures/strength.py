"""The strength of the revenue stream: what the next months bring by referral and from existing customers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Subquery, func, select

from refertrack.models.referrals import Referral, ReferralEvent
from refertrack.reports.frame import Definition, Figure, Group, Line, Raw, Report, Value, View
from refertrack.reports.groups import customer, groups, keyed
from refertrack.reports.sales import currency, first_purchases, purchase, standing, with_product
from refertrack.reports.tally import tally
from refertrack.rules.dates import add_months
from refertrack.rules.forecast import BAGS, Columns, History, collect, forecast
from refertrack.rules.money import Money
from refertrack.rules.periods import Period, label
from refertrack.rules.words import ReferralState
from refertrack.store.bulk import table_of
from refertrack.store.dialect import as_text, month_start

_referral, _event = table_of(Referral), table_of(ReferralEvent)
POINTS = 12

FIGURES = (
    Figure("open", "open", "referrals still open"),
    Figure("pipeline", "from these", "referrals still open × the share that referrals of that state and age went on to"
           " win × the mean revenue of a won customer in the months that remain", "money"),
    Figure("coming", "from new ones", "valid referrals a month, as in the last 12 × the share won in the months that"
           " remain × the mean revenue of a won customer after the win", "money"),
    Figure("existing", "from existing", "mean monthly revenue of the last 12 months from customers whose first"
           " purchase was in an earlier month", "money"),
    Figure("total", "together", "all three", "money"),
    Figure("low", "at least", "the lower end of the 80 % interval (bootstrap over customers, fixed seed)", "money"),
    Figure("high", "at most", "the upper end of the 80 % interval", "money"),
)  # fmt: skip


def measure(view: View) -> dict[Group, Raw]:
    """Return the forecast of each group and currency for the months after the day."""
    parts = _columns(view)
    whole = _columns(replace(view, by=())) if view.by else parts
    rest = {group[-1]: columns.total() for group, columns in whole.items()}
    found: dict[Group, Raw] = {}
    for group, columns in sorted(parts.items()):
        outlook = forecast(columns, view.months, rest.get(group[-1], {}))
        if outlook.open or outlook.high:
            found[group] = {"forecast": outlook}
    return found


def _columns(view: View) -> dict[Group, Columns]:
    """Add up the history of each group by bag, apart by currency."""
    found: dict[Group, Columns] = defaultdict(Columns)
    bought = _bought(view)
    for group, histories in _histories(view, bought).items():
        for code in sorted({view.currency} | {code for codes in bought.values() for code in codes}):
            collect(histories[code], view.as_of, view.months, found[(*group, code)])
    for group, raw in _existing(view).items():
        found[(*group[:-2], group[-1])].add(int(group[-2]), ("existing",), raw["revenue"])
    return found


Bought = dict[int, dict[str, list[tuple[date, int]]]]


def _bought(view: View) -> Bought:
    """Return the purchases of everybody whom a referral won, by customer and currency."""
    won = (
        select(_referral.c.customer_id)
        .where(_referral.c.customer_id.is_not(None), _referral.c.received_on <= view.as_of)
        .group_by(_referral.c.customer_id)
        .subquery("won_customers")
    )
    query = (
        select(purchase.c.customer_id, purchase.c.currency, purchase.c.ordered_on, purchase.c.amount_minor)
        .join(won, won.c.customer_id == purchase.c.customer_id)
        .where(standing(view.as_of), purchase.c.ordered_on <= view.as_of, purchase.c.amount_minor.is_not(None))
    )
    found: Bought = {}
    for who, code, on, amount in view.connection.execute(query):
        found.setdefault(who, {}).setdefault(code, []).append((on, amount))
    return found


def _histories(view: View, bought: Bought) -> dict[Group, dict[str, list[History]]]:
    """Return the referrals of each group as they were known, with the purchases in each currency."""
    meant = groups(view)
    query = (
        select(
            *meant.columns, _referral.c.id, _referral.c.referrer_id, _referral.c.customer_id, _referral.c.received_on,
            _event.c.on_day, _event.c.to_state,
        )
        .select_from(_event.join(_referral, _referral.c.id == _event.c.referral_id)
                     .join(meant.people, customer.c.id == _referral.c.referrer_id))
        .where(*meant.where, _referral.c.received_on <= view.as_of, _event.c.on_day <= view.as_of)
        .order_by(*meant.columns, _referral.c.id, _event.c.on_day, _event.c.id)
    )  # fmt: skip
    moves: dict[tuple[Group, int, int, int | None, date], list[tuple[date, str]]] = {}
    for group, (number, referrer, who, received_on, on, state) in keyed(view, view.connection.execute(query).all()):
        moves.setdefault((group, number, referrer, who, received_on), []).append((on, state))
    codes = {view.currency} | {code for each in bought.values() for code in each}
    found: dict[Group, dict[str, list[History]]] = {}
    for (group, _, referrer, who, received_on), path in moves.items():
        for code in codes:
            sold = tuple(bought.get(who, {}).get(code, ())) if who is not None else ()
            history = History(referrer % BAGS, received_on, tuple(path), sold)
            found.setdefault(group, defaultdict(list))[code].append(history)
    return found


def _existing(view: View) -> dict[Group, Raw]:
    """Add up 12 months of revenue from customers whose first purchase was in an earlier month, by bag."""
    first = first_purchases(view.as_of)
    rows = with_product().join(first, first.c.customer_id == purchase.c.customer_id)
    year = Period(add_months(view.as_of, -12) + timedelta(days=1), view.as_of)
    return tally(
        view,
        rows,
        purchase.c.customer_id,
        {"revenue": func.sum(purchase.c.amount_minor)},
        standing(view.as_of),
        purchase.c.ordered_on.between(year.since, year.until),
        first.c.first_on < month_start(purchase.c.ordered_on),
        more=[as_text(purchase.c.customer_id % BAGS).label("bag"), currency],
    )


def values(raw: Raw) -> Mapping[str, Value]:
    """Make the figures of the forecast."""
    outlook, code = raw["forecast"], str(raw["currency"])
    names = ("pipeline", "coming", "existing", "total", "low", "high")
    return {"open": outlook.open, **{name: Money(round(getattr(outlook, name)), code) for name in names}}


DEFINITION = Definition(
    "strength",
    "Strength of the revenue stream",
    FIGURES,
    measure,
    values,
    own=("currency",),
    crossed="total",
    apart=False,
    ahead=True,
)

BACKTEST_FIGURES = (
    Figure("forecast", "forecast", "what the forecast said at the end of that month, knowing only what was known"
           " then", "money"),
    Figure("low", "at least", "the lower end of its 80 % interval", "money"),
    Figure("high", "at most", "the upper end of its 80 % interval", "money"),
    Figure("fact", "fact", "what then came: revenue from those who were customers, and from those won by referral"
           " since", "money"),
    Figure("inside", "inside", "whether the fact lies in the interval", "words"),
)  # fmt: skip


def backtest(view: View) -> Report:
    """Stand at earlier month ends and compare the forecast with what came."""
    definition = replace(DEFINITION, title="Forecast and fact", figures=BACKTEST_FIGURES, own=("month", "currency"))
    lines = [line for day in _month_ends(view) for line in _tested(view, day)]
    inside = sum(line.values["inside"] == "yes" for line in lines)
    words = f"{inside} of {len(lines)} facts lie in the 80 % interval." if lines else ""
    period = Period(view.period.since, view.as_of)
    return Report(definition, (), period, view.where, tuple(lines), sentences=(words,) if words else (),
                  following=("refertrack report strength",))  # fmt: skip


def _month_ends(view: View) -> Iterator[date]:
    """Give the ends of past months after which all the months looked ahead are over, the earliest first."""
    last = add_months(view.as_of, -view.months).replace(day=1) - timedelta(days=1)
    for back in range(POINTS - 1, -1, -1):
        yield add_months(last.replace(day=1), 1 - back) - timedelta(days=1)


def _tested(view: View, day: date) -> Iterator[Line]:
    then = replace(view, period=Period(add_months(day, -12) + timedelta(days=1), day), by=())
    facts = _facts(view, day)
    for group, raw in measure(then).items():
        outlook, code = raw["forecast"], group[-1]
        fact = facts.get(code, 0)
        yield Line((label(day, "month"), code), {
            "forecast": Money(round(outlook.total), code),
            "low": Money(round(outlook.low), code),
            "high": Money(round(outlook.high), code),
            "fact": Money(fact, code),
            "inside": "yes" if outlook.low <= fact <= outlook.high else "no",
        })  # fmt: skip


def _facts(view: View, day: date) -> dict[str, int]:
    """Return the revenue of the months after a day: from customers of then, and from those won since."""
    span = Period(day + timedelta(days=1), add_months(day + timedelta(days=1), view.months) - timedelta(days=1))
    first, won = first_purchases(view.as_of), _won_by(span)
    rows = with_product().join(first, first.c.customer_id == purchase.c.customer_id)
    rows = rows.outerjoin(won, won.c.customer_id == purchase.c.customer_id)
    found = tally(
        replace(view, by=()),
        rows,
        purchase.c.customer_id,
        {"revenue": func.sum(purchase.c.amount_minor)},
        standing(view.as_of),
        purchase.c.ordered_on.between(span.since, span.until),
        (first.c.first_on <= day) | won.c.customer_id.is_not(None),
        more=[currency],
    )
    return {group[-1]: raw["revenue"] for group, raw in found.items()}


def _won_by(span: Period) -> Subquery:
    return (
        select(_referral.c.customer_id)
        .where(
            _referral.c.state == ReferralState.WON,
            _referral.c.customer_id.is_not(None),
            _referral.c.moved_on.between(span.since, span.until),
        )
        .group_by(_referral.c.customer_id)
        .subquery("won_since")
    )
