"""What was said, as a list: what is open, who waits too long, and which gap matters most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from refertrack.rules.errors import NotFound
from refertrack.rules.listening import LIMITS, Limits, gap_score, late, state_of
from refertrack.store.reader import Reader, Row

# A complaint is open until the customer confirms, an idea or a need until it is put into practice, praise until
# it was answered or passed on.
STILL_OPEN = (
    "CASE WHEN kind IN ('complaint', 'claim') THEN confirmed_on WHEN kind IN ('idea', 'gap') THEN resolved_on"
    " ELSE acknowledged_on END IS NULL"
)


@dataclass(frozen=True)
class FeedbackFilter:
    """Which feedback is wanted; everything that is left out matches."""

    kind: str = ""
    open: bool = False
    late: bool = False
    process: str = ""
    owner: str = ""
    customer_id: int | None = None
    since: date | None = None
    until: date | None = None
    limit: int | None = None


def feedback(reader: Reader, today: date, wanted: FeedbackFilter, limits: Limits = LIMITS) -> list[Row]:
    """Return what was said, the newest first; gaps by how much they matter."""
    where, values = ["1 = 1"], dict[str, object]()
    for column in ("kind", "owner", "customer_id"):
        if getattr(wanted, column):
            where.append(f"{column} = :{column}")
            values[column] = getattr(wanted, column)
    if wanted.process:
        where.append("lower(process) = lower(:process)")
        values["process"] = wanted.process
    for column, sign in (("since", ">="), ("until", "<=")):
        if getattr(wanted, column) is not None:
            where.append(f"on_day {sign} :{column}")
            values[column] = getattr(wanted, column).isoformat()
    if wanted.open or wanted.late:
        where.append(STILL_OPEN)
    if wanted.late:
        where.append("kind IN ('complaint', 'claim')")
    sql = f"SELECT * FROM feedback_line WHERE {' AND '.join(where)} ORDER BY on_day DESC, id DESC"  # noqa: S608
    rows = [with_facts(row, today, limits) for row in reader.rows(sql, **values)]
    if wanted.late:
        rows = [row for row in rows if row["late"]]
    if wanted.kind == "gap":
        rows.sort(key=lambda row: -(row["gap"] or 0))
    return rows[: wanted.limit]


def line(reader: Reader, number: int, today: date, limits: Limits = LIMITS) -> Row:
    """Return one thing that was said.

    Raises:
        NotFound: there is none of that id.

    """
    row = reader.row("SELECT * FROM feedback_line WHERE id = :id", id=number)
    if row is None:
        raise NotFound(f"There is no feedback {number}.", "See: refertrack feedback")
    return with_facts(row, today, limits)


def with_facts(row: Row, today: date, limits: Limits = LIMITS) -> Row:
    """Add how far it has come, how long that took, who waits too long, and what a gap scores."""
    on, acknowledged, resolved = (_day(row[name]) for name in ("on_day", "acknowledged_on", "resolved_on"))
    said_on = on or today
    return {
        **row,
        "state": state_of(row["acknowledged_on"], row["resolved_on"], row["confirmed_on"]),
        "late": late(row["kind"], said_on, acknowledged, resolved, today, limits),
        "days_open": None if resolved else (today - said_on).days,
        "days_to_acknowledge": (acknowledged - said_on).days if acknowledged else None,
        "days_to_resolve": (resolved - said_on).days if resolved else None,
        "gap": gap_score(row["importance"], row["performance"]) if row["kind"] == "gap" else None,
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
