"""What a forecast learns from: referrals as they moved, and purchases by when the customers came, for each group."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import case, func, or_, select

from refertrack.reports import past, tables
from refertrack.reports.frame import CUSTOMER_DIMENSIONS, Group, View
from refertrack.reports.groups import customer, groups, keyed
from refertrack.reports.sales import STANDING, currency, first_purchases, purchase, standing, with_product
from refertrack.reports.tally import tally
from refertrack.rules.dates import add_months
from refertrack.rules.forecast import BAGS, History
from refertrack.rules.looking_back import Sale
from refertrack.rules.periods import NEVER
from refertrack.rules.words import ReferralState
from refertrack.store.dialect import month_start

_referral, _event = tables.referral, tables.referral_event
T = TypeVar("T")
Bought = dict[int, dict[str, list[tuple[date, int]]]]


def remembered(view: View, make: Callable[[View], dict[Group, T]]) -> dict[Group, T]:
    """Ask something of a view once only."""
    key = (make.__name__, view.period, view.by, view.where, view.months)
    if key not in view.memory:
        view.memory[key] = make(view)
    found: dict[Group, T] = view.memory[key]
    return found


def of_all(view: View, make: Callable[[View], dict[Group, T]], add: Callable[[T, T], T]) -> dict[Group, T]:
    """Ask the same of all groups together: added up, where the groups of the view do not overlap."""
    whole = replace(view, by=())
    key = (make.__name__, whole.period, whole.by, whole.where, whole.months)
    if key not in view.memory and view.by and all(name in CUSTOMER_DIMENSIONS for name in view.by):
        found: dict[Group, T] = {}
        for group, part in sorted(remembered(view, make).items(), key=lambda each: each[0]):
            found[group[-1:]] = add(found[group[-1:]], part) if group[-1:] in found else part
        view.memory[key] = found
    return remembered(whole, make)


def histories(view: View) -> dict[Group, list[History]]:
    """Return the referrals of each group as they were known, with what those won bought in each currency."""
    meant, bought = groups(view), _bought(view)
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
    found: dict[Group, list[History]] = defaultdict(list)
    for code in sorted({view.currency} | {code for each in bought.values() for code in each}):
        for (group, _, referrer, who, received_on), path in moves.items():
            sold = tuple(bought.get(who, {}).get(code, ())) if who is not None else ()
            found[(*group, code)].append(History(referrer % BAGS, received_on, tuple(path), sold))
    return found


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


def sales(view: View) -> dict[Group, Counter[Sale]]:
    """Add up the purchases that past forecasts know of or are about, by month and by when the customers came.

    A customer's first purchase is the one that is known as the first on the view's day.
    """
    first, won = first_purchases(view.as_of), _won(view.as_of)
    rows = with_product().join(first, first.c.customer_id == purchase.c.customer_id)
    rows = rows.outerjoin(won, won.c.customer_id == purchase.c.customer_id)
    people, left = past.with_leaving(rows, view, purchase.c.customer_id)
    stands = purchase.c.status.in_(STANDING)
    ended = case((stands, NEVER), else_=purchase.c.ended_on)
    since = add_months(view.as_of.replace(day=1), -24 - view.months)
    found = tally(
        view,
        people,
        purchase.c.customer_id,
        {"revenue": func.sum(purchase.c.amount_minor)},
        or_(stands, purchase.c.ended_on.is_not(None)),
        purchase.c.ordered_on.between(since, view.as_of),
        more=[*_months(purchase.c.ordered_on, first.c.first_on, func.coalesce(won.c.won_on, NEVER), ended, left),
              currency],
    )  # fmt: skip
    result: dict[Group, Counter[Sale]] = defaultdict(Counter)
    for (*group, bought, begun, brought, over, gone, code), raw in found.items():
        sale = Sale(*map(date.fromisoformat, (bought, begun, brought, over, gone)))
        result[(*group, code)][sale] += raw["revenue"]
    return result


def people(view: View) -> dict[Group, Counter[tuple[date, date]]]:
    """Count the customers who have bought by the months of their first purchase and of their leaving."""
    first = first_purchases(view.as_of)
    rows, left = past.with_leaving(first, view, first.c.customer_id)
    found = tally(view, rows, first.c.customer_id, {"customers": func.count()}, more=_months(first.c.first_on, left))
    result: dict[Group, Counter[tuple[date, date]]] = defaultdict(Counter)
    for (*group, begun, gone), raw in found.items():
        result[(*group, "")][date.fromisoformat(begun), date.fromisoformat(gone)] += raw["customers"]
    return result


def _months(*days: Any) -> list[Any]:
    return [month_start(day).label(f"month_{place}") for place, day in enumerate(days)]


def _won(as_of: date) -> Any:
    return (
        select(_referral.c.customer_id, func.max(_referral.c.moved_on).label("won_on"))
        .where(
            _referral.c.state == ReferralState.WON,
            _referral.c.customer_id.is_not(None),
            _referral.c.moved_on <= as_of,
        )
        .group_by(_referral.c.customer_id)
        .subquery("won_since")
    )
