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
)
from refertrack.cli.desk import Desk
from refertrack.cli.tables import closed_result, due_page


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
    from refertrack.reports.lists import DueFilter
    from refertrack.reports.lists import due as due_items

    day = desk.day(until, field="until")
    with desk.reading() as reader:
        wanted = DueFilter(
            until=day,
            overdue=overdue,
            customer_id=find_customer(desk, customer, reader)["id"] if customer else None,
            segment=segment or "",
            owner=desk.context.author if mine else owner or "",
            limit=limit,
        )
        found = due_items(reader, desk.today, wanted)
    due_page(desk, found)


def done(ctx: typer.Context, items: ItemsArg, on: On = None, note: Note = "") -> None:
    """Close a follow-up; see what comes next.

    Example: refertrack done 38 --note "all there, very quiet"
    """
    desk = Desk(ctx)
    from refertrack.workflows.consequences import complete

    if len(items) >= 3 and desk.screen.interactive:
        desk.sure(f"Close {len(items)} items as done?")
    day = desk.day(on, field="on", prefer="past")
    with desk.writing() as (session, _):
        closed = [complete(session, number, on=day, note=note) for number in items]
    desk.screen.changes([closed_result(desk, each) for each in closed], "Take it back: refertrack undo")
