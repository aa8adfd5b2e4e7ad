"""Complaints and claims: how many, about what, and whether they were put right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

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
from refertrack.reports.past import COMPLAINTS
from refertrack.reports.sales import PRODUCT, about_product
from refertrack.reports.tally import spread, tally
from refertrack.rules.money import Money
from refertrack.rules.periods import MONTH, UNITS
from refertrack.rules.statistics import Rate, median
from refertrack.rules.words import FeedbackKind
from refertrack.store.dialect import between, counted, day

# Complaints with the product that they are about, and their own dimensions.
ROWS = about_product("feedback", "feedback")
OWN = {**PRODUCT, "process": "feedback.process"}
WHO = "feedback.customer_id"
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


def _meant(view: View) -> tuple[str, str]:
    """Return which feedback is meant."""
    return f"feedback.kind IN ({COMPLAINTS})", between("feedback.on_day", view.period.since, view.as_of)


def _cost(view: View) -> dict[Group, Raw]:
    counts = {"costed": "count(*)", "cost": "sum(feedback.cost_minor)"}
    known = "feedback.cost_minor IS NOT NULL"
    return tally(view, ROWS, WHO, counts, *_meant(view), known, own=OWN, more=["feedback.currency"])


def counted_by_group(view: View) -> dict[Group, Raw]:
    """Count the complaints of the period by what had become of them."""
    meant, as_of = _meant(view), day(view.as_of)
    resolved = f"coalesce(feedback.resolved_on <= {as_of}, FALSE)"
    confirmed = f"feedback.confirmed_on <= {as_of}"
    old = f"feedback.on_day <= {day(view.as_of - timedelta(days=OLD_DAYS))}"
    counts = {
        "received": "count(*)",
        "claims": counted(f"feedback.kind = '{FeedbackKind.CLAIM}'"),
        "open": counted(f"NOT {resolved}"),
        "old": counted(old),
        "recovered": counted(f"{old} AND {resolved} AND {confirmed}"),
    }
    days_between = view.reader.dialect.days_between
    acknowledged = days_between("feedback.acknowledged_on", "feedback.on_day")
    put_right = days_between("feedback.resolved_on", "feedback.on_day")
    known = f"feedback.acknowledged_on <= {as_of}"
    return merged(
        tally(view, ROWS, WHO, counts, *meant, own=OWN),
        spread(view, ROWS, WHO, "days_to_acknowledge", acknowledged, *meant, known, own=OWN),
        spread(view, ROWS, WHO, "days_to_resolve", put_right, *meant, resolved, own=OWN),
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


TOO_SOON = (
    f"A complaint counts among those that were recovered, or not, once it is {OLD_DAYS} days old on the last day of its"
    " month: hardly one is. By more time: refertrack report complaints --by quarter"
)


def said(report: Report) -> tuple[str, ...]:
    """Say why months know of hardly a recovery."""
    return (TOO_SOON,) if MONTH in report.by and report.rows else ()


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
    said=said,
)
