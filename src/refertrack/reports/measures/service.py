"""Promises kept: deliveries against the days that were promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from refertrack.reports.frame import Definition, Figure, Group, Raw, Value, View, merged
from refertrack.reports.sales import PRODUCT, WITH_PRODUCT
from refertrack.reports.tally import spread, tally
from refertrack.rules.statistics import Rate, median
from refertrack.rules.words import PurchaseStatus
from refertrack.store.dialect import between, counted, day

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
    rows, who, as_of = WITH_PRODUCT, "purchase.customer_id", day(view.as_of)
    days_between = view.reader.dialect.days_between
    delivered = f"coalesce(purchase.delivered_on <= {as_of}, FALSE)"
    off = days_between("purchase.delivered_on", "purchase.promised_on")
    needed = days_between("purchase.delivered_on", "purchase.ordered_on")
    standing = f"{delivered} OR purchase.status <> '{PurchaseStatus.CANCELLED}' OR purchase.ended_on > {as_of}"
    promised = (between("purchase.promised_on", view.period.since, view.period.until), standing)
    counts = {
        "promised": "count(*)",
        "delivered": counted(delivered),
        "on_time": counted(f"{delivered} AND {off} <= 0"),
        "early": counted(f"{delivered} AND {off} < 0"),
        "on_the_day": counted(f"{delivered} AND {off} = 0"),
        "late": counted(f"{delivered} AND {off} > 0"),
        "undelivered": counted(f"NOT {delivered} AND purchase.promised_on <= {as_of}"),
    }
    return merged(
        tally(view, rows, who, counts, *promised, own=PRODUCT),
        spread(view, rows, who, "days_off", off, *promised, delivered, own=PRODUCT),
        spread(view, rows, who, "days_late", off, *promised, delivered, f"{off} > 0", own=PRODUCT),
        spread(view, rows, who, "days_needed", needed, *promised, delivered, own=PRODUCT),
    )


def values(raw: Raw) -> Mapping[str, Value]:
    """Make the figures of the counts."""
    counts = {name: count for name, count in raw.items() if isinstance(count, int)}
    days = {name: median(raw.get(name, Counter())) for name in ("days_off", "days_late", "days_needed")}
    return {**counts, **days, "on_time_rate": Rate(raw["on_time"], raw["delivered"])}


DEFINITION = Definition(
    "service",
    "Promises kept",
    FIGURES,
    measure,
    values,
    main="on_time_rate",
    stands_out="is served on time",
    coming=True,
)
