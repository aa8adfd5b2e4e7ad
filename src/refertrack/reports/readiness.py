"""The facts that readiness looks at, for one customer or for all, read as sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from refertrack.rules.readiness import WEIGHTS, Facts, Readiness, judge
from refertrack.store.reader import Reader

# Each statement gives customer_id and the facts that it is named after; {only} narrows it to one customer.
_FACTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "SELECT customer_id, 1 AS opted_out FROM opt_out WHERE purpose IN ('any', 'referral')"
        " AND channel IN ('any', 'email'){only} GROUP BY customer_id",
        ("opted_out",),
    ),
    (
        "SELECT customer_id, min(on_day) AS complaint_since FROM feedback WHERE kind IN ('complaint', 'claim')"
        " AND confirmed_on IS NULL AND customer_id IS NOT NULL{only} GROUP BY customer_id",
        ("complaint_since",),
    ),
    (
        "SELECT customer_id, max(sent_on) AS asked_on FROM ask WHERE sent_on IS NOT NULL{only} GROUP BY customer_id",
        ("asked_on",),
    ),
    (
        "SELECT customer_id, max(id) AS pending_ask FROM ask WHERE state IN ('draft', 'sent'){only}"
        " AND (state = 'draft' OR time_specific >= :no_answer_before) GROUP BY customer_id",
        ("pending_ask",),
    ),
    (
        "SELECT customer_id, max(on_day) AS compliment_on FROM feedback WHERE kind = 'compliment'"
        " AND customer_id IS NOT NULL{only} GROUP BY customer_id",
        ("compliment_on",),
    ),
    (
        "SELECT customer_id, max(ordered_on) AS purchase_on,"
        " max(CASE WHEN delivered_on < promised_on THEN delivered_on END) AS early_on,"
        " max(CASE WHEN delivered_on > promised_on THEN delivered_on END) AS late_on"
        " FROM purchase WHERE status IN ('ordered', 'delivered'){only} GROUP BY customer_id",
        ("purchase_on", "early_on", "late_on"),
    ),
    (
        "SELECT customer_id, max(on_day) AS service_contact_on FROM touch WHERE two_way AND kind <> 'selling'"
        "{only} GROUP BY customer_id",
        ("service_contact_on",),
    ),
    (
        "SELECT customer_id, max(answered_on) AS answers_on FROM survey WHERE lowest IS NOT NULL{only}"
        " GROUP BY customer_id",
        ("answers_on",),
    ),
    (
        "SELECT customer_id, max(confirmed_on) AS confirmed_on FROM feedback WHERE kind IN ('complaint', 'claim')"
        " AND customer_id IS NOT NULL{only} GROUP BY customer_id",
        ("confirmed_on",),
    ),
    (
        "SELECT referrer_id AS customer_id, max(received_on) AS referred_on FROM referral"
        " WHERE state <> 'disqualified'{only_referrer} GROUP BY referrer_id",
        ("referred_on",),
    ),
    (
        "SELECT customer_id, min(what) AS lost_touch_step FROM follow_up WHERE playbook = 'lost_touch'"
        " AND state = 'open'{only} GROUP BY customer_id",
        ("lost_touch_step",),
    ),
)
_LOWEST = (
    "SELECT s.customer_id, s.lowest AS answers_lowest, min(a.question) AS answers_lowest_about FROM survey AS s"
    " LEFT JOIN survey_answer AS a ON a.survey_id = s.id AND a.score = s.lowest"
    " JOIN (SELECT customer_id AS who, max(answered_on) AS last_on FROM survey WHERE lowest IS NOT NULL"
    " GROUP BY customer_id) AS latest ON latest.who = s.customer_id AND latest.last_on = s.answered_on"
    " WHERE s.lowest IS NOT NULL{only_survey} GROUP BY s.customer_id, s.id, s.lowest ORDER BY s.id"
)
_DAYS = frozenset(
    {
        "complaint_since", "asked_on", "compliment_on", "purchase_on", "early_on", "late_on", "service_contact_on",
        "answers_on", "confirmed_on", "referred_on",
    }
)  # fmt: skip
NO_ANSWER_DAYS = 14


def facts(reader: Reader, today: date, customer_id: int | None = None) -> dict[int, Facts]:
    """Return the facts of every customer of whom any is known, or of one customer."""
    found: dict[int, dict[str, Any]] = {}
    for number, values in _values(reader, today, customer_id):
        found.setdefault(number, {}).update(values)
    return {number: replace(Facts(), **values) for number, values in found.items()}


def _values(reader: Reader, today: date, customer_id: int | None) -> Iterator[tuple[int, dict[str, Any]]]:
    one = customer_id is not None
    only = {
        "only": " AND customer_id = :customer_id" if one else "",
        "only_referrer": " AND referrer_id = :customer_id" if one else "",
        "only_survey": " AND s.customer_id = :customer_id" if one else "",
    }
    parameters: dict[str, object] = {"customer_id": customer_id} if one else {}
    for sql, names in (*_FACTS, (_LOWEST, ("answers_lowest", "answers_lowest_about"))):
        more = {"no_answer_before": _days_before(today, NO_ANSWER_DAYS)} if ":no_answer_before" in sql else {}
        for row in reader.rows(sql.format(**only), **parameters, **more):
            yield row["customer_id"], {name: _read(name, row[name]) for name in names}


def _days_before(today: date, days: int) -> str:
    return date.fromordinal(today.toordinal() - days).isoformat()


def _read(name: str, value: Any) -> Any:
    if name in _DAYS:
        return date.fromisoformat(value) if value else None
    if name == "opted_out":
        return bool(value)
    return value if value is not None or name != "answers_lowest_about" else ""


def readiness_of(reader: Reader, customer_id: int, today: date, weights: Mapping[str, int] = WEIGHTS) -> Readiness:
    """Say whether one customer can be asked, and why."""
    return judge(facts(reader, today, customer_id).get(customer_id, Facts()), today, weights)
