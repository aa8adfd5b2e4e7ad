"""How lists and cards look: the columns of each, and the keys that scripts lean on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing, Record
from refertrack.rules.sentences import day_words

if TYPE_CHECKING:
    from refertrack.reports.lists import DueList
    from refertrack.workflows.follow_ups import Closed
    from refertrack.workflows.scheduling import Scheduled

DUE_FIELDS = (
    "id", "due_on", "days_late", "customer_id", "customer", "company", "segment", "what", "because", "waits",
    "channel", "purpose", "playbook", "step", "template", "owner", "priority", "email", "phone", "moved", "stale",
)  # fmt: skip
CUSTOMER_FIELDS = (
    "id", "name", "company", "email", "phone", "segment", "owner", "source", "city", "country", "language",
    "preferred_channel", "joined_on", "status", "keep_in_touch_days", "notes", "external_source", "external_id",
)  # fmt: skip


def due_page(desk: Desk, found: DueList, whose: str = "") -> None:
    """Show the daily list under its counts, and what to type next."""
    screen, today = desk.screen, desk.today
    for item in found.items:
        item["moved"] = bool(item["moved"])
    if screen.mode == "table":
        counts = f"{found.overdue} overdue, {found.today} today, {found.coming} more in the next 7 days"
        screen.heading(f"{today:%A} {today.day} {today:%B %Y} · {counts}")
        screen.line()
    columns = (
        Column("id", lambda item: str(item["id"]), right=True),
        Column("when", lambda item: _when(item, today), style=_when_style),
        Column("customer", lambda item: _two_lines(item["customer"], item["company"])),
        Column("what", lambda item: item["what"]),
        Column("why", lambda item: _two_lines(item["because"], item["waits"])),
    )
    screen.listing(Listing(DUE_FIELDS, found.items, columns))
    if found.held:
        wait = "1 more waits" if found.held == 1 else f"{found.held} more wait"
        screen.line()
        screen.line(f"{wait} until a complaint is put right: refertrack feedback --kind complaint --open")
    if not found.items:
        nothing = "Nothing is due." if not found.coming else "Nothing is due today."
        if whose and not found.coming:
            screen.hint(f'{nothing} You are "{whose}" here, and items belong to whom the customer has as --owner.')
            return
        screen.hint(f"{nothing} See ahead: refertrack due --until {(today + timedelta(days=7)).isoformat()}")
        return
    first = found.items[0]["id"]
    screen.hint(f'refertrack draft {first} · refertrack done {first} --note "…" · refertrack customer NAME')


def _when(item: Record, today: date) -> str:
    late = item["days_late"]
    if late > 0:
        return f"{late} d late{', stale' if item['stale'] else ''}"
    due_on = date.fromisoformat(item["due_on"])
    return "today" if late == 0 else "tomorrow" if late == -1 else _short(due_on, today)


def _when_style(item: Record) -> str:
    return "red" if item["days_late"] > 0 else ""


def _short(day: date, today: date) -> str:
    return f"{day:%a} {day.day} {day:%b}" if abs((day - today).days) < 180 else day_words(day)


def _two_lines(first: str, second: str) -> str:
    return f"{first}\n{second}" if second and second != first else first


def closed_result(desk: Desk, closed: Closed) -> tuple[str, Record]:
    """Say that an item is done and what is next for its customer."""
    item, upcoming = closed.item, closed.next
    said = "Done" if item.state == "done" else "Skipped" if item.state == "skipped" else "Nobody answered"
    sentence = f"{said}: {item.id}, {closed.customer.name}, {item.what}"
    if said == "Nobody answered":
        sentence += f", attempt {item.attempts}" + (f"; {item.reason}" if item.reason else "")
    if closed.scheduled.made:
        sentence += ". A complaint is open: " + ", ".join(
            f"{made.what} {long_day(made.due_on, desk.today)} ({made.id})" for made in closed.scheduled.made
        )
        sentence = ". ".join([sentence, *(note[:1].upper() + note[1:] for note in closed.notes)])
    elif upcoming is not None:
        sentence += f". Next: {upcoming.what} {long_day(upcoming.due_on, desk.today)} ({upcoming.id})"
    record = {
        "id": item.id,
        "customer_id": item.customer_id,
        "customer": closed.customer.name,
        "what": item.what,
        "state": str(item.state),
        "closed_on": item.closed_on,
        "outcome": item.outcome,
        "reason": item.reason,
        "attempts": item.attempts,
        "due_on": item.due_on,
        "next_id": upcoming.id if upcoming else None,
        "next_what": upcoming.what if upcoming else None,
        "next_due_on": upcoming.due_on if upcoming else None,
    }
    return f"{sentence}.", record


def long_day(day: date, today: date) -> str:
    """Name a day in a sentence, with the ISO date beside it, since what was typed is always echoed so."""
    if day == today:
        return "today"
    return f"{'since' if day < today else 'on'} {day:%a} {day.isoformat()}"


def next_words(desk: Desk, scheduled: Scheduled) -> str:
    """Say what follows from a change: the new items, and what was left out and why."""
    following = [
        f"{made.what} {long_day(made.due_on, desk.today)} ({made.id})"
        + (" once the complaint is settled" if made.state == "held" else "")
        for made in sorted(scheduled.made, key=lambda made: (made.due_on, made.id))
    ]
    parts = [f"Next: {'; '.join(following)}"] if following else []
    if scheduled.shared:
        parts.append("It shares an item that is open already")
    if scheduled.suppressed:
        parts.append(f"{scheduled.suppressed} not made: opted out, or asked not long ago")
    if scheduled.waiting:
        parts.append(f"{scheduled.waiting} other{'s' if scheduled.waiting > 1 else ''} moved back: one note in 7 days")
    if scheduled.left_out:
        parts.append(f"{scheduled.left_out} left out: more than 30 days past")
    return ". ".join(parts) + "." if parts else ""


def next_records(scheduled: Scheduled) -> list[dict[str, Any]]:
    """Return the new items for JSON."""
    return [
        {
            "id": made.id,
            "customer_id": made.customer_id,
            "what": made.what,
            "due_on": made.due_on,
            "state": made.state,
        }
        for made in scheduled.made
    ]


def customer_listing(rows: Sequence[Record]) -> Listing:
    """Return the list of customers."""
    columns = (
        Column("id", lambda row: str(row["id"]), right=True),
        Column("customer", lambda row: _two_lines(row["name"], row["company"])),
        Column("segment", lambda row: row["segment"]),
        Column("e-mail, phone", lambda row: _two_lines(row["email"] or row["phone"], row["phone"])),
        Column("status", lambda row: row["status"]),
    )
    return Listing(CUSTOMER_FIELDS, rows, columns)
