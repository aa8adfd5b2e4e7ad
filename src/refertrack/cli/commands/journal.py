"""What was changed, and taking it back."""

from __future__ import annotations

from typing import Annotated

import typer

from refertrack.cli.commands.common import Limit
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing

HISTORY_FIELDS = ("id", "at", "author", "command", "rows", "tables", "undone_by", "undoes")


def history(ctx: typer.Context, limit: Limit = 20) -> None:
    """What was changed, when, and by whom.

    Example: refertrack history --limit 5
    """
    desk = Desk(ctx)
    from refertrack.reports.lists import commands

    with desk.reading() as reader:
        records = commands(reader, limit)
    columns = (
        Column("id", lambda row: str(row["id"]), right=True),
        Column("when (UTC)", lambda row: str(row["at"])[:16].replace("T", " ")),
        Column("who", lambda row: row["author"]),
        Column("command", lambda row: row["command"]),
        Column("changed", lambda row: f"{row['rows']} in {row['tables']}" if row["rows"] else "nothing"),
        Column("", lambda row: f"taken back by {row['undone_by']}" if row["undone_by"] else ""),
    )
    desk.screen.listing(Listing(HISTORY_FIELDS, records, columns))
    desk.screen.hint("Take one back: refertrack undo ID" if records else "Nothing was changed yet.")


def undo(
    ctx: typer.Context,
    number: Annotated[int | None, typer.Argument(metavar="[COMMAND-ID]", help="As `history` shows; the last.")] = None,
) -> None:
    """Take back the last command, or any other.

    Example: refertrack undo
    """
    desk = Desk(ctx)
    from refertrack.store import undo as undoing

    with desk.writing() as (session, _):
        undone = undoing.undo(session, number if number is not None else undoing.last_command(session))
    rows = f"{undone.rows} row{'s' if undone.rows != 1 else ''}"
    record = {"id": undone.number, "command": undone.name, "rows": undone.rows}
    desk.screen.changed(
        f"Took back: command {undone.number}, {undone.name} ({rows}).", record, "Do it again: refertrack undo"
    )
