"""The day on one screen."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.commands.common import Owner
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Record, Screen
from refertrack.rules.listening import quoted
from refertrack.rules.sentences import day_words

if TYPE_CHECKING:
    from refertrack.reports.day import Day

NAME_WIDTH = 24


def today(
    ctx: typer.Context,
    owner: Owner = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only what you look after.")] = False,
) -> None:
    """What is due, whom to recover, whom to praise, whom to ask, and this week's figures.

    Example: refertrack today --mine
    """
    desk = Desk(ctx)
    from refertrack.reports.day import day

    whose = desk.context.author if mine else owner or ""
    with desk.reading() as reader:
        rules = desk.business
        found = day(reader, desk.today, owner=whose, weights=rules.weights, limits=rules.limits)
    desk.screen.record(_record(desk.today, found), lambda: _show(desk.screen, desk.today, found))


def _record(on: date, found: Day) -> dict[str, Any]:
    return {
        "today": on,
        "overdue": found.due.overdue,
        "due_today": found.due.today,
        "coming": found.due.coming,
        "held": found.due.held,
        "open_complaints": found.open_complaints,
        "late_complaints": sum(bool(row["late"]) for row in found.recover),
        "ready": found.ready_count,
        "asks_waiting": found.asks_waiting,
        "week_since": found.monday,
        "due": [_some(row, "id", "due_on", "customer_id", "customer", "what", "because") for row in found.due.items],
        "recover": [_some(row, "id", "on_day", "customer_id", "customer", "words", "late") for row in found.recover],
        "praise": [_some(row, "id", "on_day", "praised", "customer_id", "customer", "words") for row in found.praise],
        "ask": [_some(row, "id", "name", "company", "segment") for row in found.ready],
        "week": [
            {"figure": each.name, "this_week": each.this_week, "week_before": each.week_before} for each in found.week
        ],
    }


def _some(row: Record, *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _show(screen: Screen, on: date, found: Day) -> None:
    screen.heading(f"{on:%A} {on.day} {on:%B %Y}")
    counts = f"{found.due.overdue} overdue, {found.due.today} today, {found.due.coming} more in the next 7 days"
    held = f", {found.due.held} held by a complaint" if found.due.held else ""
    _section(screen, f"Due: {counts}{held}", [_due_line(row, on) for row in found.due.items], "Nothing is due.")
    _section(
        screen,
        f"Recover: {found.open_complaints} open",
        [_complaint_line(row, on) for row in found.recover],
        "Nobody complains.",
    )
    _section(screen, "Praise", [_praise_line(row) for row in found.praise], "Nothing to pass on yet.")
    names = ", ".join(f"{row['name']} ({row['id']})" for row in found.ready)
    more = found.ready_count - len(found.ready)
    waiting = f", {found.asks_waiting} asked and waiting" if found.asks_waiting else ""
    names += f" and {more} more" if more > 0 else ""
    _section(screen, f"Ask: {found.ready_count} ready{waiting}", [names] if names else [], "Nobody is ready yet.")
    screen.line()
    screen.heading(f"This week, since {day_words(found.monday)} (the week before)")
    figures = [f"{each.name:<22}{each.this_week:>4} ({each.week_before})" for each in found.week]
    for at in range(0, len(figures), 2):
        screen.line("  " + "".join(figure.ljust(40) for figure in figures[at : at + 2]).rstrip())
    screen.hint("refertrack due · refertrack feedback --open · refertrack ready")


def _section(screen: Screen, title: str, lines: list[str], nothing: str) -> None:
    screen.line()
    screen.heading(title)
    for line in lines or [nothing]:
        screen.line(f"  {line if len(line) <= screen.width - 2 else line[: screen.width - 3] + '…'}")


def _due_line(row: Record, on: date) -> str:
    days = (on - date.fromisoformat(row["due_on"])).days
    when = f"{days} d late" if days else "today"
    because = f": {row['because']}" if row["because"] else ""
    return f"{row['id']:>4}  {when:<9} {_name(row['customer'])}  {row['what']}{because}"


def _complaint_line(row: Record, on: date) -> str:
    days = (on - date.fromisoformat(row["on_day"])).days
    late = {"acknowledge": "not answered", "resolve": "not put right"}.get(row["late"], row["state"])
    since = f"{days} d, {late}" if days else f"today, {late}"
    return f"{row['id']:>4}  {since:<20} {_name(row['customer'])}  {quoted(row['words'])}"


def _praise_line(row: Record) -> str:
    who = row["praised"] or "everybody"
    said = f", says {row['customer']}" if row["kind"] == "compliment" else ""
    return f"{row['id']:>4}  {_name(who)}  {quoted(row['words'])}{said}"


def _name(name: str) -> str:
    return name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…"
