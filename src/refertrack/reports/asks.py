"""Asks as they stand today, and the reasons that were given, without SQLAlchemy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from refertrack.rules.asks import PENDING, no_response_before
from refertrack.rules.reasons import SHIPPED
from refertrack.store.reader import Reader, Row

# A request that was made: it was sent, and nobody cancelled it.
MADE = "(ask.sent_on IS NOT NULL AND ask.state <> 'cancelled')"
# ``rules.asks.state_today`` in SQL.
STATE = (
    "CASE WHEN a.state = 'sent' AND a.time_specific < :no_answer_before THEN 'no_response'"
    " WHEN a.state = 'draft' AND a.time_specific < :today THEN 'cancelled' ELSE a.state END"
)


@dataclass(frozen=True)
class AskFilter:
    """Which asks are wanted; everything that is left out matches."""

    states: tuple[str, ...] = ()
    customer_id: int | None = None
    segment: str = ""
    since: date | None = None
    limit: int | None = None


WAITING = tuple(str(state) for state in sorted(PENDING))


def asks(reader: Reader, today: date, wanted: AskFilter) -> tuple[list[Row], int]:
    """Return the asks that match, the latest first, each in its state of today, and how many match in all."""
    where, values = _where(wanted)
    days = {"today": today.isoformat(), "no_answer_before": no_response_before(today).isoformat()}
    inner = (
        f"SELECT a.*, {STATE} AS state_today, c.company, c.segment FROM ask_line AS a"  # noqa: S608 - constants
        " JOIN customer AS c ON c.id = a.customer_id"
    )
    matching = f"FROM ({inner}) AS line WHERE {where}"
    referrals = (
        "(SELECT count(*) FROM referral AS r WHERE r.ask_id = line.id AND r.state <> 'disqualified') AS referrals,"
        " (SELECT count(*) FROM recommendation AS t WHERE t.ask_id = line.id) AS recommendations"
    )
    rows = reader.rows(
        f"SELECT line.*, {referrals} {matching} ORDER BY asked_on DESC, id DESC LIMIT :limit",
        limit=wanted.limit or 1_000_000_000,
        **values,
        **days,
    )
    for row in rows:
        row["state"] = row.pop("state_today")
        row["reason"] = row.pop("reason_words")
    if wanted.limit is None or len(rows) < wanted.limit:
        return rows, len(rows)
    return rows, int(reader.value(f"SELECT count(*) {matching}", **values, **days))


def _where(wanted: AskFilter) -> tuple[str, dict[str, object]]:
    parts, values = ["1 = 1"], dict[str, object]()
    if wanted.states:
        listed = ", ".join(f"'{state}'" for state in wanted.states)
        parts.append(f"state_today IN ({listed})")
    for name in ("customer_id", "segment"):
        if value := getattr(wanted, name):
            parts.append(f"{name} = :{name}")
            values[name] = value
    if wanted.since:
        parts.append("asked_on >= :since")
        values["since"] = wanted.since.isoformat()
    return " AND ".join(parts), values


def reasons(reader: Reader) -> list[Row]:
    """Return the reasons that can be given, the most frequent first: how often, by how many, and when last."""
    rows = reader.rows(
        "SELECT r.code, r.words, count(a.id) AS given, count(DISTINCT a.customer_id) AS customers,"
        " max(a.answered_on) AS last_on FROM reason AS r LEFT JOIN ask AS a ON a.reason_id = r.id"
        " WHERE r.merged_into IS NULL GROUP BY r.id, r.code, r.words ORDER BY given DESC, r.id"
    )
    if rows:
        return rows
    return [
        {"code": code, "words": words, "given": 0, "customers": 0, "last_on": None} for code, words in SHIPPED.items()
    ]


def usual_prospects(reader: Reader, segment: str) -> str:
    """Return whom customers of a segment were asked to think of when they named somebody most often, or ""."""
    row = reader.row(
        "SELECT a.specific, count(*) AS times FROM ask AS a JOIN customer AS c ON c.id = a.customer_id"
        " WHERE a.state = 'named' AND c.segment = :segment GROUP BY a.specific ORDER BY times DESC, max(a.id) DESC"
        " LIMIT 1",
        segment=segment,
    )
    return str(row["specific"]) if row else ""
