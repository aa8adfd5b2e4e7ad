"""Promises kept: deliveries against the days that were promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import and_, func, or_

from refertrack.reports import tables
from refertrack.reports.frame import Definition, Figure, Group, Raw, Value, View, merged
from refertrack.reports.groups import counted
from refertrack.reports.tally import spread, tally
from refertrack.rules.statistics import Rate, median
from refertrack.rules.words import PurchaseStatus
from refertrack.store.dialect import days_between

_purchase, _product = tables.purchase, tables.product

FIGURES = (
    Figure("promised", "promised", "purchases whose promised day is in the period, less those cancelled undelivered"),
    Figure("on_time_rate", "on time", "of the purchases promised for the period and delivered, those delivered on or"
           " before the promised day", "rate", stem="on_time", of=("on_time", "delivered")),
    Figure("early", "early", "delivered before the promised day"),
    Figure("on_the_day", "on the day", "delivered on the promised day", detail=True),
    Figure("late", "late", "delivered after the promised day"),
    Figure("undelivered", "still out", "promised for a day that has come, and not delivered yet"),
    Figure("days_off", "days off", "median days from the promised day to the delivery: below 0 is early", "days",
           detail=True),
    Figure("days_late", "days late", "median days that the late ones were late", "days", detail=True),
    Figure("days_needed", "days needed", "median days from the order to the delivery", "days", detail=True),
)  # fmt: skip


def measure(view: View) -> dict[Group, Raw]:
    """Count the purchases that were promised for the period by whether the promise was kept."""
    rows = _purchase.outerjoin(_product, _product.c.id == _purchase.c.product_id)
    own = {"product": func.coalesce(_product.c.name, "")}
    who = _purchase.c.customer_id
    delivered = and_(_purchase.c.delivered_on.is_not(None), _purchase.c.delivered_on <= view.as_of)
    off = days_between(_purchase.c.delivered_on, _purchase.c.promised_on)
    standing = or_(delivered, _purchase.c.status != PurchaseStatus.CANCELLED, _purchase.c.ended_on > view.as_of)
    promised = (_purchase.c.promised_on.between(view.period.since, view.period.until), standing)
    counts = {
        "promised": func.count(),
        "delivered": counted(delivered),
        "on_time": counted(and_(delivered, off <= 0)),
        "early": counted(and_(delivered, off < 0)),
        "on_the_day": counted(and_(delivered, off == 0)),
        "late": counted(and_(delivered, off > 0)),
        "undelivered": counted(and_(~delivered, _purchase.c.promised_on <= view.as_of)),
    }
    needed = days_between(_purchase.c.delivered_on, _purchase.c.ordered_on)
    return merged(
        tally(view, rows, who, counts, *promised, own=own),
        spread(view, rows, who, "days_off", off, *promised, delivered, own=own),
        spread(view, rows, who, "days_late", off, *promised, delivered, off > 0, own=own),
        spread(view, rows, who, "days_needed", needed, *promised, delivered, own=own),
    )


def values(raw: Raw) -> Mapping[str, Value]:
    """Make the figures of the counts."""
    counts = {name: count for name, count in raw.items() if isinstance(count, int)}
    days = {name: median(raw.get(name, Counter())) for name in ("days_off", "days_late", "days_needed")}
    return {**counts, **days, "on_time_rate": Rate(raw["on_time"], raw["delivered"])}


DEFINITION = Definition(
    "service", "Promises kept", FIGURES, measure, values, main="on_time_rate", stands_out="is served on time"
)
