"""The statements that tell what readiness looks at: each gives ``customer_id`` and the facts that it names.

``{customers}`` narrows a statement to some customers; the names of its columns are those of ``Facts``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from refertrack.reports.asks import MADE
from refertrack.rules.asks import no_response_before
from refertrack.rules.gates import HOLD_DAYS, channel_for
from refertrack.rules.readiness import Facts
from refertrack.rules.sentences import day_words
from refertrack.store.reader import Reader, Row

IN_LIST = 500
# A complaint or claim that holds what asks: ``rules.gates.complaint_stands`` in SQL.
COMPLAINT_STANDS = (
    "kind IN ('complaint', 'claim') AND confirmed_on IS NULL AND (resolved_on IS NULL OR resolved_on > :settled_before)"
)
# An ask that waits for its answer: ``rules.asks.state_today`` in SQL.
ASK_PENDING = "(state = 'sent' AND time_specific >= :no_answer_before OR state = 'draft' AND time_specific >= :today)"
# Lost touch keeps from asking from the day on which its first step comes, until the step that asks is due. (A first
# step waits in the future for everybody; one that was snoozed has begun all the same.)
LOST_TOUCH = (
    "playbook = 'lost_touch' AND state IN ('open', 'held') AND (step <> '1' OR nominal_due <= :today)"
    " AND (purpose <> 'referral' OR due_on > :today)"
)
LOST_TOUCH_ASKS = "playbook = 'lost_touch' AND purpose = 'referral' AND state = 'open' AND due_on <= :today"
LATEST_SURVEY = (
    "NOT EXISTS (SELECT 1 FROM survey AS l WHERE l.customer_id = s.customer_id AND l.lowest IS NOT NULL"
    " AND (l.answered_on > s.answered_on OR l.answered_on = s.answered_on AND l.id > s.id))"
)

# The column that names the customer, and the statement.
_STATEMENTS: tuple[tuple[str, str], ...] = (
    ("id", "SELECT id AS customer_id, status FROM customer WHERE {customers}"),
    (
        "customer_id",
        "SELECT customer_id, min(on_day) AS complaint_since, min(process) AS complaint_about FROM feedback"
        f" WHERE {COMPLAINT_STANDS} AND {{customers}} GROUP BY customer_id",
    ),
    (
        "customer_id",
        f"SELECT customer_id, max(sent_on) AS asked_on FROM ask WHERE {MADE} AND {{customers}} GROUP BY customer_id",
    ),
    (
        "customer_id",
        "SELECT customer_id, max(id) AS pending_ask, max(CASE WHEN state = 'draft' THEN id END) AS draft_ask"
        f" FROM ask WHERE {ASK_PENDING} AND {{customers}}"
        " GROUP BY customer_id",
    ),
    (
        "customer_id",
        "SELECT customer_id, max(on_day) AS compliment_on FROM feedback WHERE kind = 'compliment' AND {customers}"
        " GROUP BY customer_id",
    ),
    (
        "customer_id",
        "SELECT customer_id, max(ordered_on) AS purchase_on,"
        " max(CASE WHEN delivered_on < promised_on AND delivered_on <= :today THEN delivered_on END) AS early_on,"
        " max(CASE WHEN delivered_on > promised_on AND delivered_on <= :today THEN delivered_on END) AS late_on"
        " FROM purchase WHERE status IN ('ordered', 'delivered') AND {customers} GROUP BY customer_id",
    ),
    (
        "customer_id",
        "SELECT customer_id, max(on_day) AS service_contact_on FROM touch WHERE two_way AND kind <> 'selling'"
        " AND {customers} GROUP BY customer_id",
    ),
    (
        "s.customer_id",
        "SELECT s.customer_id, s.answered_on AS answers_on, s.lowest AS answers_lowest,"
        " s.would_recommend AS answers_would,"
        " (SELECT min(a.question) FROM survey_answer AS a WHERE a.survey_id = s.id AND a.score = s.lowest)"
        f" AS answers_lowest_about FROM survey AS s WHERE s.lowest IS NOT NULL AND {{customers}} AND {LATEST_SURVEY}",
    ),
    (
        "customer_id",
        "SELECT customer_id, max(confirmed_on) AS confirmed_on FROM feedback WHERE kind IN ('complaint', 'claim')"
        " AND confirmed_on IS NOT NULL AND {customers} GROUP BY customer_id",
    ),
    (
        "referrer_id",
        "SELECT referrer_id AS customer_id, max(received_on) AS referred_on FROM referral"
        " WHERE state <> 'disqualified' AND {customers} GROUP BY referrer_id",
    ),
    (
        "customer_id",
        f"SELECT customer_id, min(what) AS lost_touch_step FROM follow_up WHERE {LOST_TOUCH} AND {{customers}}"
        " GROUP BY customer_id",
    ),
    (
        "customer_id",
        f"SELECT customer_id, max(due_on) AS back_on FROM follow_up WHERE {LOST_TOUCH_ASKS} AND {{customers}}"
        " GROUP BY customer_id",
    ),
)
_OPT_OUTS = (
    "SELECT c.id AS customer_id, c.preferred_channel, c.email, c.phone, o.channel, o.since"
    " FROM opt_out AS o JOIN customer AS c ON c.id = o.customer_id"
    " WHERE o.purpose IN ('any', 'referral') AND {customers} ORDER BY o.id DESC"
)
_DAYS = frozenset(name for name in Facts.__dataclass_fields__ if name.endswith(("_on", "_since")))


def days_of(today: date) -> dict[str, str]:
    """Return the days by which the statements know what holds today."""
    return {
        "today": today.isoformat(),
        "settled_before": (today - timedelta(days=HOLD_DAYS)).isoformat(),
        "no_answer_before": no_response_before(today).isoformat(),
    }


def read(reader: Reader, sql: str, days: dict[str, str], **more: object) -> list[Row]:
    """Return a statement's rows; of the days it gets those that it names."""
    return reader.rows(sql, **{name: day for name, day in days.items() if f":{name}" in sql}, **more)


def facts(reader: Reader, today: date, customer_ids: Sequence[int] | None, channel: str = "") -> dict[int, Facts]:
    """Return the facts of some customers, or of everybody of whom any is known.

    ``channel`` is the way on which they would be asked, where it is not the one that they like best.
    """
    found: dict[int, dict[str, Any]] = {}
    for row in _rows(reader, days_of(today), customer_ids):
        values = found.setdefault(row.pop("customer_id"), {})
        values.update({name: _read(name, value) for name, value in row.items()})
    for who, words in _opted_out(reader, customer_ids, channel):
        found.setdefault(who, {})["opted_out"] = words
    return {number: replace(Facts(), **values) for number, values in found.items()}


def _rows(reader: Reader, days: dict[str, str], customer_ids: Sequence[int] | None) -> Iterator[Row]:
    for column, sql in _STATEMENTS:
        for narrowed in _narrowed(sql, column, customer_ids):
            yield from read(reader, narrowed, days)


def _opted_out(reader: Reader, customer_ids: Sequence[int] | None, channel: str) -> Iterator[tuple[int, str]]:
    for sql in _narrowed(_OPT_OUTS, "c.id", customer_ids):
        for row in reader.rows(sql):
            used = channel or channel_for(row["preferred_channel"], row["email"], row["phone"])
            if row["channel"] in {"any", used}:
                way = "" if row["channel"] == "any" else f" by {used}"
                yield row["customer_id"], f"does not want to be asked{way} since {_day_words(row['since'])}"


def _narrowed(sql: str, column: str, customer_ids: Sequence[int] | None) -> Iterable[str]:
    if customer_ids is None:
        return [sql.format(customers=f"{column} IS NOT NULL")]
    some = (customer_ids[start : start + IN_LIST] for start in range(0, len(customer_ids), IN_LIST))
    return [sql.format(customers=f"{column} IN ({', '.join(str(int(each)) for each in ids)})") for ids in some]


def _read(name: str, value: Any) -> Any:
    if name in _DAYS:
        return date.fromisoformat(value) if value else None
    may_be_none = {"answers_lowest", "answers_would", "pending_ask", "draft_ask"}
    return value if value is not None or name in may_be_none else ""


def _day_words(text: str) -> str:
    return day_words(date.fromisoformat(text))
