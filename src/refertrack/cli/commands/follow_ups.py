"""The daily list and what is done with it."""

from __future__ import annotations

from typing import Annotated

import typer

from refertrack.cli.commands.common import (
    ItemsArg,
    Limit,
    Note,
    On,
    Owner,
    Segment,
    find_customer,
    groups,
)
from refertrack.cli.complete import complete_item
from refertrack.cli.desk import Desk
from refertrack.cli.tables import closed_result, due_page
from refertrack.rules.dates import parse_date
from refertrack.rules.errors import WrongUsage


def due(
    ctx: typer.Context,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="Also what is due until a day.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    customer: Annotated[str | None, typer.Option("--customer", help="Only this customer's items.")] = None,
    segment: Segment = None,
    owner: Owner = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only what you look after.")] = False,
    limit: Limit = None,
) -> None:
    """Whom to contact today, and why.

    Example: refertrack due --until friday
    """
    desk = Desk(ctx)
    if mine and owner:
        raise WrongUsage("--mine and --owner contradict each other.", "Give one of them.")
    from refertrack.reports.lists import DueFilter
    from refertrack.reports.lists import due as due_items

    day = desk.day(until, field="until")
    with desk.reading() as reader:
        named = groups(desk, reader, segment=segment, owner=owner)
        if mine:
            named["owner"] = desk.context.author
        wanted = DueFilter(
            until=day,
            overdue=overdue,
            customer_id=find_customer(desk, customer, reader)["id"] if customer else None,
            limit=limit,
            **named,
        )
        found = due_items(reader, desk.today, wanted)
    due_page(desk, found, whose=desk.context.author if mine else "")


def done(
    ctx: typer.Context,
    items: ItemsArg,
    on: On = None,
    note: Note = "",
    attempt: Annotated[bool, typer.Option("--attempt", help="Nobody answered: it stays open.")] = False,
    not_ok: Annotated[
        str | None, typer.Option("--not-ok", metavar="WORDS", help="What was not right: opens a complaint.")
    ] = None,
) -> None:
    """Close a follow-up; see what comes next.

    Example: refertrack done 38 --note "all there, very quiet"
    """
    desk = Desk(ctx)
    if attempt and not_ok is not None:
        raise WrongUsage("Who did not answer said nothing, either.", "Give --attempt or --not-ok.")
    numbers = _sure(desk, items, "Close {} items as done?")
    said = "" if not_ok is None else desk.needed(not_ok, "What was not right", '--not-ok "…"')
    day = desk.day(on, field="on", prefer="past")
    from refertrack.workflows import consequences

    with desk.writing() as (session, _):
        if attempt:
            closed = [consequences.attempt(session, number, on=day, note=note) for number in numbers]
        else:
            closed = [consequences.complete(session, number, on=day, note=note, not_ok=said) for number in numbers]
    desk.screen.changes([closed_result(desk, each) for each in closed], "Take it back: refertrack undo")


def snooze(
    ctx: typer.Context,
    item: Annotated[int, typer.Argument(metavar="ID", help="As `due` shows it.", autocompletion=complete_item)],
    day: Annotated[str, typer.Argument(metavar="DAY", help="After today: friday, in 2 weeks, 2026-12-01.")],
) -> None:
    """Move an item to a later day.

    Example: refertrack snooze 44 "next friday"
    """
    desk = Desk(ctx)
    wanted = parse_date(day, desk.today, field="day", order=desk.date_order)
    from refertrack.workflows import follow_ups

    with desk.writing() as (session, _):
        moved = follow_ups.snooze(session, item, wanted)
    row = moved.item
    sentence = (
        f"Moved: {row.id}, {moved.customer.name}, {row.what}: {moved.was_due.isoformat()} → {row.due_on.isoformat()}."
    )
    if row.ends_on is not None and row.due_on >= row.ends_on:
        sentence += f" Before that, on {row.ends_on.isoformat()}, touch counts as lost."
    record = {
        "id": row.id,
        "customer_id": row.customer_id,
        "customer": moved.customer.name,
        "what": row.what,
        "was_due_on": moved.was_due,
        "due_on": row.due_on,
    }
    desk.screen.changed(sentence, record, "refertrack due · take it back: refertrack undo")


def skip(
    ctx: typer.Context,
    items: ItemsArg,
    reason: Annotated[str | None, typer.Option("--reason", metavar="WORDS", help="Why it will not be done.")] = None,
) -> None:
    """Close an item that will not be done, and say why.

    Example: refertrack skip 44 --reason "on leave until spring"
    """
    desk = Desk(ctx)
    why = desk.needed(reason, "Reason", '--reason "…"')
    numbers = _sure(desk, items, "Skip {} items?")
    from refertrack.workflows import consequences

    with desk.writing() as (session, _):
        closed = [consequences.skip(session, number, why) for number in numbers]
    desk.screen.changes([closed_result(desk, each) for each in closed], "Take it back: refertrack undo")


def spread(
    ctx: typer.Context,
    per_day: Annotated[int, typer.Option("--per-day", metavar="N", min=1, help="At most so many a day.")] = 20,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would move.")] = False,
) -> None:
    """Spread what is overdue and due today over the coming working days.

    Example: refertrack spread --per-day 15 --dry-run
    """
    desk = Desk(ctx)
    from refertrack.workflows import spreading

    with desk.writing() as (session, _):
        found = spreading.spread(session, per_day, dry_run=True)
        if found.moved >= 3 and desk.screen.interactive and not dry_run:
            desk.sure(f"Move {found.moved} items, until {found.days[-1][0].isoformat()}?")
        if not dry_run:
            spreading.spread(session, per_day)
    last = found.days[-1][0].isoformat() if found.days else ""
    verb = "Would move" if dry_run else "Moved"
    sentence = f"{verb} {found.moved} of {found.listed} items, at most {per_day} a day, until {last}."
    record = {
        "listed": found.listed,
        "moved": found.moved,
        "dry_run": dry_run,
        "days": [{"day": day, "items": count} for day, count in found.days],
    }
    hint = "refertrack spread" if dry_run else "refertrack due · take it back: refertrack undo"
    desk.screen.changed(sentence if found.moved else "Nothing needs to move.", record, hint)


def _sure(desk: Desk, items: list[int], question: str) -> list[int]:
    """Return the items, each once; three or more are asked for on a terminal."""
    numbers = list(dict.fromkeys(items))
    if len(numbers) >= 3 and desk.screen.interactive:
        desk.sure(question.format(len(numbers)))
    return numbers
