"""How feedback looks: the sentence for one, and the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing, Record
from refertrack.cli.tables import next_records, next_words
from refertrack.rules.listening import quoted
from refertrack.rules.money import to_decimal_string
from refertrack.rules.sentences import day_words

if TYPE_CHECKING:
    from refertrack.workflows.feedback import Heard

FEEDBACK_FIELDS = (
    "id", "kind", "state", "on_day", "customer_id", "customer", "company", "segment", "words", "process", "severity",
    "importance", "performance", "gap", "cost", "currency", "owner", "origin", "praised", "purchase_id", "product",
    "survey_id", "acknowledged_on", "days_to_acknowledge", "resolved_on", "days_to_resolve", "resolution",
    "confirmed_on", "late",
)  # fmt: skip


def tell(desk: Desk, heard: Heard, what: str = "") -> None:
    """Say what was recorded or has changed, what follows, and what to know of it."""
    from refertrack.reports.feedback import line

    with desk.reading() as reader:
        row = line(reader, heard.feedback.key, desk.today, desk.business.limits)
    about = [part for part in (row["customer"] or "", row["praised"], row["process"]) if part]
    head = f"{row['kind'].capitalize()} {row['id']}{f' {what}' if what else ''}: {', '.join([*about, _said(row)])}."
    parts = [head, next_words(desk, heard.scheduled), *(f"{_capital(note)}." for note in heard.notes)]
    record = {**feedback_record(row), "notes": list(heard.notes), "next": next_records(heard.scheduled)}
    hint = f"{_next(row)} · take it back: refertrack undo"
    desk.screen.changed(" ".join(part for part in parts if part), record, hint)


def feedback_page(desk: Desk, rows: Sequence[Record], kind: str) -> None:
    """Show what was said as a list, and what to type next."""
    screen, today = desk.screen, desk.today
    columns = [
        Column("id", lambda row: str(row["id"]), right=True),
        Column("day", lambda row: _day(date.fromisoformat(row["on_day"]), today)),
        Column("who", _who),
        Column("kind", lambda row: row["kind"]),
        Column("what", _what),
    ]
    if kind == "gap":
        columns[3] = Column(
            "gap", lambda row: f"{row['gap']}\n{row['importance']}×({row['importance']}−{row['performance']})"
        )
    else:
        columns.append(Column("state", lambda row: _state(row, today), style=lambda row: "red" if row["late"] else ""))
    screen.listing(Listing(FEEDBACK_FIELDS, [feedback_record(row) for row in rows], tuple(columns)))
    if not rows:
        screen.hint('Nothing here. Record it: refertrack complain CUSTOMER "…" · refertrack compliment CUSTOMER "…"')
        return
    waiting = sum(bool(row["late"]) for row in rows)
    if waiting:
        screen.line()
        screen.line(f"{waiting} wait{'s' if waiting == 1 else ''} too long (red).")
    screen.hint(_next(next((row for row in rows if row["late"]), rows[0])))


def feedback_record(row: Record) -> dict[str, Any]:
    """Return feedback for JSON, CSV and a pipe."""
    cost = row["cost_minor"]
    amount = None if cost is None else to_decimal_string(cost, row["currency"])
    return {name: amount if name == "cost" else row[name] for name in FEEDBACK_FIELDS}


def _said(row: Record) -> str:
    return quoted(row["words"])


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _day(day: date, today: date) -> str:
    return f"{day.day} {day:%b}" if 0 <= (today - day).days < 180 else day_words(day)


def _who(row: Record) -> str:
    name = row["customer"] or row["origin"]
    return f"{name}\n{row['company']}" if row["company"] and row["company"] != name else name


def _what(row: Record) -> str:
    about = [row["process"], f"severity {row['severity']}" if row["severity"] else "", row["praised"]]
    if row["cost"] is not None:
        about.append(f"{row['cost']} {row['currency']}")
    words = ", ".join(part for part in about if part)
    return f"{_said(row)}\n{words}" if words else _said(row)


def _gap(row: Record) -> str:
    importance, performance = row["importance"], row["performance"]
    return f"{row['gap']}\n{importance}×({importance}−{performance})"


def _state(row: Record, today: date) -> str:
    if row["late"]:
        days = (today - date.fromisoformat(row["on_day"])).days
        return f"{days} days, {'not answered' if row['late'] == 'acknowledge' else 'not put right'}"
    if row["state"] == "open" and row["kind"] in {"complaint", "claim"}:
        return "open"
    took = row["days_to_resolve"]
    if row["state"] in {"resolved", "confirmed"} and took is not None:
        return f"{row['state']}\nin {took} day{'' if took == 1 else 's'}"
    return str(row["state"])


def _next(row: Record) -> str:
    number, kind, state = row["id"], row["kind"], row["state"]
    if kind in {"complaint", "claim"} and state == "resolved":
        words = f'refertrack confirm {number} · not yet: refertrack confirm {number} --not-ok "…"'
    elif kind in {"complaint", "claim", "idea", "gap"} and state in {"open", "acknowledged"}:
        words = f'refertrack resolve {number} --note "…"'
    elif kind in {"compliment", "remarkable"} and state == "open":
        words = f"{'Thanked' if kind == 'compliment' else 'Praised'}: refertrack acknowledge {number}"
    else:
        words = "refertrack feedback --open"
    return words
