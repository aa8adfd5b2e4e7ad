"""What a forecast learns from: referrals as they moved, and purchases by when the customers came, for each group."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from refertrack.reports import past
from refertrack.reports.frame import CUSTOMER_DIMENSIONS, Group, View
from refertrack.reports.groups import STANDING, groups, keyed
from refertrack.reports.sales import WITH_PRODUCT, first_purchases, standing, with_first
from refertrack.reports.tally import tally
from refertrack.rules.dates import add_months
from refertrack.rules.forecast import BAGS, History
from refertrack.rules.looking_back import Sale
from refertrack.rules.periods import NEVER
from refertrack.rules.words import ReferralState
from refertrack.store.dialect import between, day

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
    bought = _bought(view)
    moves: dict[tuple[Group, int, int, int | None, str], list[tuple[date, str]]] = {}
    for group, (number, referrer, who, received_on, on, state) in _moves(view):
        moves.setdefault((group, number, referrer, who, received_on), []).append((date.fromisoformat(on), state))
    found: dict[Group, list[History]] = defaultdict(list)
    for code in sorted({view.currency} | {code for each in bought.values() for code in each}):
        for (group, _, referrer, who, received_on), path in moves.items():
            sold = tuple(bought.get(who, {}).get(code, ())) if who is not None else ()
            found[(*group, code)].append(History(referrer % BAGS, date.fromisoformat(received_on), tuple(path), sold))
    return found


def _moves(view: View) -> list[tuple[Group, tuple[Any, ...]]]:
    """Return each move of each referral, in their order."""
    meant = groups(view)
    columns = (*meant.columns, "referral.id", "referral.referrer_id", "referral.customer_id", "referral.received_on",
               "referral_event.on_day", "referral_event.to_state")  # fmt: skip
    known = (f"referral.received_on <= {day(view.as_of)}", f"referral_event.on_day <= {day(view.as_of)}")
    rows = view.reader.tuples(
        f"SELECT {', '.join(columns)} FROM referral_event JOIN referral ON referral.id = referral_event.referral_id"
        f" JOIN customer ON customer.id = referral.referrer_id{meant.joins} WHERE {meant.met(*known)}"
        f" ORDER BY {', '.join((*meant.columns, 'referral.id', 'referral_event.on_day', 'referral_event.id'))}",
        **meant.values,
    )
    return keyed(rows, len(meant.columns))


def _bought(view: View) -> Bought:
    """Return the purchases of everybody whom a referral won, by customer and currency."""
    found: Bought = {}
    rows = view.reader.tuples(
        "SELECT purchase.customer_id, purchase.currency, purchase.ordered_on, purchase.amount_minor FROM purchase"
        " JOIN (SELECT customer_id FROM referral WHERE customer_id IS NOT NULL"
        f" AND received_on <= {day(view.as_of)} GROUP BY customer_id) AS won"
        " ON won.customer_id = purchase.customer_id"
        f" WHERE {standing(view.as_of)} AND purchase.ordered_on <= {day(view.as_of)}"
        " AND purchase.amount_minor IS NOT NULL"
    )
    for who, code, on, amount in rows:
        found.setdefault(who, {}).setdefault(code, []).append((date.fromisoformat(on), amount))
    return found


def sales(view: View) -> dict[Group, Counter[Sale]]:
    """Add up the purchases that past forecasts know of or are about, by month and by when the customers came.

    A customer's first purchase is the one that is known as the first on the view's day.
    """
    rows = f"{with_first(WITH_PRODUCT, view.as_of)} LEFT JOIN {_won(view.as_of)} ON won.customer_id ="
    rows, left = past.with_leaving(f"{rows} purchase.customer_id", view, "purchase.customer_id")
    stands = f"purchase.status IN ({STANDING})"
    ended = f"CASE WHEN {stands} THEN {day(NEVER)} ELSE purchase.ended_on END"
    since = add_months(view.as_of.replace(day=1), -24 - view.months)
    days = ("purchase.ordered_on", "first_purchase.first_on", f"coalesce(won.won_on, {day(NEVER)})", ended, left)
    found = tally(
        view,
        rows,
        "purchase.customer_id",
        {"revenue": "sum(purchase.amount_minor)"},
        f"{stands} OR purchase.ended_on IS NOT NULL",
        between("purchase.ordered_on", since, view.as_of),
        more=[*map(view.reader.dialect.month_start, days), "purchase.currency"],
    )
    result: dict[Group, Counter[Sale]] = defaultdict(Counter)
    for (*group, bought, begun, brought, over, gone, code), raw in found.items():
        sale = Sale(*map(date.fromisoformat, (bought, begun, brought, over, gone)))
        result[(*group, code)][sale] += raw["revenue"]
    return result


def people(view: View) -> dict[Group, Counter[tuple[date, date]]]:
    """Count the customers who have bought by the months of their first purchase and of their leaving."""
    who = "first_purchase.customer_id"
    rows, left = past.with_leaving(first_purchases(view.as_of), view, who)
    months = [*map(view.reader.dialect.month_start, ("first_purchase.first_on", left))]
    found = tally(view, rows, who, {"customers": "count(*)"}, more=months)
    result: dict[Group, Counter[tuple[date, date]]] = defaultdict(Counter)
    for (*group, begun, gone), raw in found.items():
        result[(*group, "")][date.fromisoformat(begun), date.fromisoformat(gone)] += raw["customers"]
    return result


def _won(as_of: date) -> str:
    return (
        "(SELECT customer_id, max(moved_on) AS won_on FROM referral"
        f" WHERE state = '{ReferralState.WON}' AND customer_id IS NOT NULL AND moved_on <= {day(as_of)}"
        " GROUP BY customer_id) AS won"
    )
