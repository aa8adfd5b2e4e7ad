"""The staff meeting's page: what is overdue, what went wrong and why, whom to praise, what to improve."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from refertrack.reports.feedback import STILL_OPEN, with_facts
from refertrack.rules.actions import Effect, read_measured
from refertrack.rules.errors import NotFound
from refertrack.rules.listening import LIMITS, Limits, quoted
from refertrack.rules.periods import Period
from refertrack.store.reader import Reader, Row

AHEAD_DAYS = 7
MOST = 20


@dataclass(frozen=True)
class Section:
    """A part of the page: its name for scripts, its title, its columns and rows, all in words."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    nothing: str


@dataclass(frozen=True)
class Agenda:
    """The page of a period."""

    period: Period
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        """What the page is called."""
        return f"Staff meeting, {self.period.words}"


def actions(reader: Reader, *, everything: bool = False, owner: str = "") -> list[Row]:
    """Return improvement actions, what is due first; finished ones, too, where everything is wanted."""
    where = "1 = 1" if everything else "done_on IS NULL"
    where += " AND owner = :owner" if owner else ""
    rows = reader.rows(
        f"SELECT * FROM action_line WHERE {where}"  # noqa: S608
        " ORDER BY done_on IS NOT NULL, due_on IS NULL, due_on, id",
        **({"owner": owner} if owner else {}),
    )
    return [with_effect(row) for row in rows]


def action_line(reader: Reader, number: int) -> Row:
    """Return one action.

    Raises:
        NotFound: there is none of that id.

    """
    row = reader.row("SELECT * FROM action_line WHERE id = :id", id=number)
    if row is None:
        raise NotFound(f"There is no action {number}.", "See: refertrack actions")
    return with_effect(row)


def with_effect(row: Row) -> Row:
    """Add what was measured before and after, and what became of it in words."""
    before, after = read_measured(row["before"]), read_measured(row["after"])
    effect = Effect(before, after) if before and after else None
    interval = effect.interval if effect else None
    grouped = row["segment"] and row["segment"] not in row["title"]
    return {
        **row,
        "words": f"{row['title']} ({row['segment']})" if grouped else row["title"],
        "before_k": before.rate.k if before else None,
        "before_n": before.rate.n if before else None,
        "after_k": after.rate.k if after else None,
        "after_n": after.rate.n if after else None,
        "difference": round(interval[0], 4) if interval else None,
        "difference_low": round(interval[1], 4) if interval else None,
        "difference_high": round(interval[2], 4) if interval else None,
        "moved": effect.moved if effect else None,
        "effect": effect.words if effect else before.words if before else "",
    }


def agenda(reader: Reader, today: date, period: Period, limits: Limits = LIMITS) -> Agenda:
    """Return the page for a period."""
    days = {"since": period.since.isoformat(), "until": period.until.isoformat()}
    return Agenda(
        period,
        (
            _overdue(reader, today, limits),
            _processes(reader, days),
            _reasons(reader, days),
            _deeds(reader, days),
            _actions(reader, today, period),
            _ideas(reader, days),
            _gaps(reader),
        ),
    )


def _overdue(reader: Reader, today: date, limits: Limits) -> Section:
    found = [
        with_facts(row, today, limits)
        for row in reader.rows(
            f"SELECT * FROM feedback_line WHERE kind IN ('complaint', 'claim') AND {STILL_OPEN}"  # noqa: S608
            " ORDER BY on_day, id"
        )
    ]
    words = {"acknowledge": "not answered", "resolve": "not put right"}
    rows = tuple(
        (
            str(row["id"]),
            f"{row['days_open']} days",
            row["customer"] or "",
            quoted(row["words"]),
            words[row["late"]],
            row["owner"],
        )
        for row in found
        if row["late"]
    )
    columns = ("id", "since", "customer", "what", "state", "owner")
    return Section("overdue", "Recoveries overdue", columns, rows, "None: every complaint is in hand.")


def _processes(reader: Reader, days: dict[str, str]) -> Section:
    found = reader.rows(
        "SELECT process, count(*) AS n, count(resolved_on) AS resolved, count(confirmed_on) AS confirmed,"
        " max(severity) AS worst FROM feedback WHERE kind IN ('complaint', 'claim')"
        " AND on_day BETWEEN :since AND :until GROUP BY process ORDER BY count(*) DESC, process",
        **days,
    )
    rows = tuple(
        (
            row["process"] or "(not said)",
            str(row["n"]),
            f"{row['resolved']} of {row['n']}",
            f"{row['confirmed']} of {row['n']}",
            str(row["worst"] or "–"),
        )
        for row in found
    )
    columns = ("process", "complaints", "put right", "confirmed", "worst severity")
    return Section("processes", "Complaints by process", columns, rows, "No complaints in this time.")


def _reasons(reader: Reader, days: dict[str, str]) -> Section:
    found = reader.rows(
        "SELECT r.words AS reason, count(*) AS n, count(DISTINCT c.segment) AS segments FROM ask AS a"
        " JOIN reason AS r ON r.id = a.reason_id JOIN customer AS c ON c.id = a.customer_id"
        " WHERE a.answered_on BETWEEN :since AND :until GROUP BY r.words ORDER BY count(*) DESC, r.words",
        **days,
    )
    total = sum(row["n"] for row in found)
    rows = tuple((row["reason"], f"{row['n']} of {total}", str(row["segments"])) for row in found)
    columns = ("reason", "answers", "segments")
    return Section("reasons", "Why customers do not refer", columns, rows, "Nobody gave a reason in this time.")


def _deeds(reader: Reader, days: dict[str, str]) -> Section:
    found = reader.rows(
        "SELECT * FROM feedback_line WHERE kind IN ('remarkable', 'compliment') AND on_day BETWEEN :since AND :until"
        " ORDER BY on_day DESC, id DESC LIMIT :most",
        most=MOST,
        **days,
    )
    rows = tuple(
        (str(row["id"]), row["praised"] or "everybody", quoted(row["words"]), row["customer"] or "us") for row in found
    )
    return Section("praise", "Deeds to praise", ("id", "who", "what", "said by"), rows, "Nothing on record yet.")


def _actions(reader: Reader, today: date, period: Period) -> Section:
    ahead = (today + timedelta(days=AHEAD_DAYS)).isoformat()
    rows = tuple(
        (
            str(row["id"]),
            row["words"],
            row["owner"],
            _when(row, today),
            f"{row['measure']} {row['effect']}".strip(),
        )
        for row in actions(reader, everything=True)
        if _belongs(row, period, ahead)
    )
    columns = ("id", "action", "owner", "when", "measure")
    return Section("actions", "Actions due, and finished", columns, rows, "No action is due.")


def _belongs(row: Row, period: Period, ahead: str) -> bool:
    if row["done_on"]:
        return bool(period.since.isoformat() <= row["done_on"] <= period.until.isoformat())
    return row["due_on"] is None or bool(row["due_on"] <= ahead)


def _when(row: Row, today: date) -> str:
    if row["done_on"]:
        return f"done {row['done_on']}"
    if not row["due_on"]:
        return "open"
    return f"{'overdue since' if row['due_on'] < today.isoformat() else 'due'} {row['due_on']}"


def _ideas(reader: Reader, days: dict[str, str]) -> Section:
    found = reader.rows(
        "SELECT * FROM feedback_line WHERE kind = 'idea' AND (resolved_on IS NULL OR resolved_on BETWEEN :since"
        " AND :until) AND on_day <= :until ORDER BY CASE WHEN origin = 'customer' THEN 1 ELSE 0 END, on_day, id"
        " LIMIT :most",
        most=MOST,
        **days,
    )
    rows = tuple(
        (
            str(row["id"]),
            row["customer"] or row["origin"],
            quoted(row["words"]),
            row["process"],
            f"done {row['resolved_on']}" if row["resolved_on"] else "open",
        )
        for row in found
    )
    columns = ("id", "from", "idea", "process", "state")
    return Section("ideas", "Ideas of the staff and of customers", columns, rows, "No idea is open.")


def _gaps(reader: Reader) -> Section:
    found = reader.rows(
        "SELECT * FROM feedback_line WHERE kind = 'gap' AND resolved_on IS NULL AND importance > performance"
        " ORDER BY importance * (importance - performance) DESC, id LIMIT 5"
    )
    rows = tuple(
        (
            str(row["id"]),
            row["customer"] or "",
            quoted(row["words"]),
            f"{row['importance']} × ({row['importance']} − {row['performance']})"
            f" = {row['importance'] * (row['importance'] - row['performance'])}",
        )
        for row in found
    )
    return Section("gaps", "What matters and is done badly", ("id", "customer", "what", "gap"), rows, "No open gap.")
