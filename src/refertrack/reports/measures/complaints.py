"""Complaints and claims: how many, about what, and whether they were put right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import ColumnElement, FromClause, and_, func

from refertrack.reports import tables
from refertrack.reports.frame import (
    CUSTOMER_DIMENSIONS,
    MANY_VALUED,
    Definition,
    Figure,
    Group,
    Raw,
    Value,
    View,
    merged,
)
from refertrack.reports.groups import counted
from refertrack.reports.past import COMPLAINTS
from refertrack.reports.tally import spread, tally
from refertrack.rules.money import Money
from refertrack.rules.periods import UNITS
from refertrack.rules.statistics import Rate, median
from refertrack.rules.words import FeedbackKind
from refertrack.store.dialect import days_between

_feedback, _purchase, _product = tables.feedback, tables.purchase, tables.product
OLD_DAYS = 30

FIGURES = (
    Figure("received", "received", "complaints and guarantee claims of the period"),
    Figure("claims", "claims", "of them, guarantee claims", detail=True),
    Figure("open", "open", "not resolved on the period's last day"),
    Figure("recovery_rate", "recovered", "of those at least 30 days old, those that were resolved and that the"
           " customer confirmed", "rate", stem="recovery", of=("recovered", "old")),
    Figure("days_to_acknowledge", "to acknowledge", "median days from received to acknowledged", "days"),
    Figure("days_to_resolve", "to resolve", "median days from received to resolved", "days"),
    Figure("costed", "with a cost", "of the guarantee claims, those whose cost is on record", detail=True),
    Figure("cost", "claims cost", "what the guarantee claims of the period cost, as far as it is on record", "money"),
)  # fmt: skip


def measure(view: View) -> dict[Group, Raw]:
    """Count the complaints of the period by what had become of them, and add up what they cost, apart by currency."""
    found = {(*group, view.currency): raw for group, raw in counted_by_group(view).items()}
    return merged(found, _cost(view))


def _rows(view: View) -> tuple[FromClause, Mapping[str, ColumnElement[str]], tuple[ColumnElement[bool], ...]]:
    """Return complaints with the product that they are about, their own dimensions, and which of them are meant."""
    bought = _purchase.outerjoin(_product, _product.c.id == _purchase.c.product_id)
    rows = _feedback.outerjoin(bought, _purchase.c.id == _feedback.c.purchase_id)
    own = {"product": func.coalesce(_product.c.name, ""), "process": _feedback.c.process}
    return rows, own, (_feedback.c.kind.in_(COMPLAINTS), _feedback.c.on_day.between(view.period.since, view.as_of))


def _cost(view: View) -> dict[Group, Raw]:
    rows, own, meant = _rows(view)
    counts = {"costed": func.count(), "cost": func.sum(_feedback.c.cost_minor)}
    known, code = _feedback.c.cost_minor.is_not(None), _feedback.c.currency.label("currency")
    return tally(view, rows, _feedback.c.customer_id, counts, *meant, known, own=own, more=[code])


def counted_by_group(view: View) -> dict[Group, Raw]:
    """Count the complaints of the period by what had become of them."""
    rows, own, meant = _rows(view)
    who, as_of = _feedback.c.customer_id, view.as_of
    resolved = func.coalesce(_feedback.c.resolved_on <= as_of, False)
    confirmed = func.coalesce(_feedback.c.confirmed_on <= as_of, False)
    old = _feedback.c.on_day <= as_of - timedelta(days=OLD_DAYS)
    counts = {
        "received": func.count(),
        "claims": counted(_feedback.c.kind == FeedbackKind.CLAIM),
        "open": counted(~resolved),
        "old": counted(old),
        "recovered": counted(and_(old, resolved, confirmed)),
    }
    acknowledged = days_between(_feedback.c.acknowledged_on, _feedback.c.on_day)
    put_right = days_between(_feedback.c.resolved_on, _feedback.c.on_day)
    known = _feedback.c.acknowledged_on <= as_of
    return merged(
        tally(view, rows, who, counts, *meant, own=own),
        spread(view, rows, who, "days_to_acknowledge", acknowledged, *meant, known, own=own),
        spread(view, rows, who, "days_to_resolve", put_right, *meant, _feedback.c.resolved_on <= as_of, own=own),
    )


def values(raw: Raw) -> Mapping[str, Value]:
    """Make the figures of the counts; in the rows of other currencies there is nothing but the cost."""
    cost = {"costed": raw.get("costed", 0), "cost": Money(raw["cost"], str(raw["currency"])) if "cost" in raw else None}
    if "received" not in raw:
        return cost
    return cost | {
        "received": raw["received"],
        "claims": raw["claims"],
        "open": raw["open"],
        "recovery_rate": Rate(raw["recovered"], raw["old"]),
        "days_to_acknowledge": median(raw.get("days_to_acknowledge", Counter())),
        "days_to_resolve": median(raw.get("days_to_resolve", Counter())),
    }


DEFINITION = Definition(
    "complaints",
    "Complaints",
    FIGURES,
    measure,
    values,
    dimensions=(*CUSTOMER_DIMENSIONS, "process", *MANY_VALUED, *UNITS),
    own=("currency",),
    main="recovery_rate",
    stands_out="is put right",
)
