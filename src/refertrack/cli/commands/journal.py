"""What was changed, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.commands.common import Limit, find_customer
from refertrack.cli.complete import complete_customer
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing
from refertrack.rules.dates import day_begins
from refertrack.rules.errors import NotFound

if TYPE_CHECKING:
    from datetime import date, datetime

    from refertrack.reports.history import Changed

HISTORY_FIELDS = ("id", "at", "author", "command", "rows", "what", "undone_by", "undoes")
CHANGE_FIELDS = ("table", "row_id", "rows", "what", "kind", "field", "before", "after")
SHOWN = 20


def history(
    ctx: typer.Context,
    number: Annotated[int | None, typer.Argument(metavar="[COMMAND-ID]", help="What one command changed.")] = None,
    customer: Annotated[
        str | None, typer.Option("--customer", help="Only what concerns a customer.", autocompletion=complete_customer)
    ] = None,
    command: Annotated[str, typer.Option("--command", metavar="NAME", help="Only commands of that name.")] = "",
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="From that day on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="Until that day.")] = None,
    limit: Limit = None,
) -> None:
    """What was changed, when, and by whom.

    Example: refertrack history --customer hanna --since "last monday"
    """
    desk = Desk(ctx)
    if number is not None:
        _show_one(desk, number)
        return
    from refertrack.reports.history import Wanted, commands

    begin, end = desk.day(since, field="since", prefer="past"), desk.day(until, field="until", prefer="past")
    with desk.reading() as reader:
        who = find_customer(desk, customer, reader)["id"] if customer else None
        wanted = Wanted(who, command, _moment(desk, begin), _moment(desk, end, days=1), limit or SHOWN)
        records = commands(reader, wanted)
    columns = (
        Column("id", lambda row: str(row["id"]), right=True),
        Column("when (UTC)", lambda row: str(row["at"])[:16].replace("T", " ")),
        Column("who", lambda row: row["author"]),
        Column("command", lambda row: row["command"]),
        Column("what", lambda row: row["what"] + (f"\ntaken back by {row['undone_by']}" if row["undone_by"] else "")),
    )
    desk.screen.listing(Listing(HISTORY_FIELDS, records, columns))
    if records:
        first = records[0]["id"]
        desk.screen.hint(f"refertrack history {first} (before and after) · refertrack undo {first} (take it back)")
    else:
        desk.screen.hint("Nothing was changed." if customer or command or begin or end else "Nothing was changed yet.")


def _moment(desk: Desk, day: date | None, days: int = 0) -> datetime | None:
    return None if day is None else day_begins(day, desk.business.zone, days)


def _show_one(desk: Desk, number: int) -> None:
    """Show what one command changed, before and after."""
    from refertrack.reports.history import detail

    with desk.reading() as reader:
        if reader.row("SELECT id FROM command WHERE id = :id", id=number) is None:
            raise NotFound(f"There is no command {number}.", "See: refertrack history")
        records = [vars(change) for change in detail(reader, number)]
    columns = (
        Column("what", lambda row: row["what"]),
        Column("", lambda row: row["field"] or row["kind"]),
        Column("before", lambda row: "\n".join(_differing(row["before"], row["after"])[0])),
        Column("after", lambda row: "\n".join(_differing(row["before"], row["after"])[1])),
    )
    desk.screen.listing(Listing(CHANGE_FIELDS, records, columns))
    desk.screen.hint(f"Take it back: refertrack undo {number}")


def undo(
    ctx: typer.Context,
    number: Annotated[int | None, typer.Argument(metavar="[COMMAND-ID]", help="As `history` shows; the last.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go back; change nothing.")] = False,
) -> None:
    """Take back the last command, or any other, as a whole.

    Example: refertrack undo --dry-run
    """
    desk = Desk(ctx)
    from refertrack.reports.history import describe, detail
    from refertrack.store import undo as undoing
    from refertrack.store.engine import session_reader
    from refertrack.workflows.opt_outs import keep_closed

    with desk.writing() as (session, _):
        session.info["dry_run"] = dry_run
        reader = session_reader(session)
        try:
            undone = undoing.undo(session, number if number is not None else undoing.last_command(session))
        except undoing.StoodUpon as refused:
            refused.candidates = tuple((each, _called(reader, each)) for each in refused.later)
            raise
        closed = keep_closed(session, undone.by)
        _, words = describe(reader, undone.by)
        fields = [] if undone.rows > SHOWN else [change for change in detail(reader, undone.by) if change.field]
    lines = [f"{'Would take back' if dry_run else 'Took back'}: {undone.number} {undone.name}: {words}."]
    lines += [line for each in fields for line in _went(each)]
    if undone.left:
        lines.append(f"{undone.left} rows of people who were erased stay as they are.")
    if closed:
        lines.append(f"{closed} items stay closed: the customer has opted out since.")
    record: dict[str, Any] = {
        "id": undone.number, "command": undone.name, "rows": undone.rows, "left": undone.left, "what": words,
        "by": None if dry_run else undone.by, "dry_run": dry_run,
    }  # fmt: skip
    again = "Without --dry-run it is done." if dry_run else "Do it again: refertrack undo"
    desk.screen.changed("\n".join(lines), record, again)


def _went(change: Changed) -> list[str]:
    """Say what a field was and is; of a text of many lines those alone that differ."""
    gone, come = _differing(change.before, change.after)
    if "\n" not in change.before + change.after:
        return [f"  {change.what}: {change.field} {change.before} → {change.after}"]
    lines = [*(f"    - {line}" for line in gone), *(f"    + {line}" for line in come)]
    more = [f"    … and {len(lines) - SHOWN} lines more"] if len(lines) > SHOWN else []
    return [f"  {change.what}: {change.field}", *lines[:SHOWN], *more]


def _differing(before: str, after: str) -> tuple[list[str], list[str]]:
    """Return the lines of two texts that the other has not; a text of one line as it is."""
    if "\n" not in before + after:
        return [before], [after]
    import difflib

    told = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [line[2:] for line in told if line[0] == "-"], [line[2:] for line in told if line[0] == "+"]


def _called(reader: Any, number: int) -> str:
    """Name a command in a list: what it was and what it changed."""
    from refertrack.reports.history import describe

    name = reader.value("SELECT name FROM command WHERE id = :id", id=number)
    return f"{name}: {describe(reader, number)[1]}"
