"""Backups, restoring, and looking whether all is well."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing

if TYPE_CHECKING:
    from refertrack.store.backup import Backup

BACKUP_FIELDS = ("path", "made_at", "size", "sha256")


def backup(
    ctx: typer.Context,
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="Where to; the backups' folder.")] = None,
) -> None:
    """Copy the database to a safe place.

    Example: refertrack backup /media/stick/customers.db
    """
    desk = Desk(ctx)
    from refertrack.store import backup as backups

    with desk.reading():  # an older one is migrated first, one that is not ours is refused
        path = backups.file_of(desk.target)
    place = Path(file).expanduser() if file else None
    desk.tell_of_waiting()
    made = backups.by_hand(path, place, desk.environment.now(), desk.progress("Copying"))
    desk.screen.changed(
        f"Copied to {made.path}\nSHA-256 {made.sha256}", _record(made), f"refertrack restore {made.path}"
    )


def restore(
    ctx: typer.Context,
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="A backup; without it, the list.")] = None,
) -> None:
    """Put a backup in the place of the database; what it replaces is kept.

    Example: refertrack restore
    """
    desk = Desk(ctx)
    from refertrack.store import backup as backups
    from refertrack.store import restore as restoring

    path = backups.file_of(desk.target)
    if file is None:
        _list(desk, backups.backups(path))
        return
    place = Path(file).expanduser()
    restoring.refuse_itself(path, place)
    restoring.verify(place)
    desk.sure(f"Put {place} in the place of {path}?")
    desk.tell_of_waiting()
    kept = restoring.restore(path, place, desk.environment.now())
    words = f"\nWhat it replaced is kept: {kept}" if kept else ""
    record = {"database": str(path), "restored": str(place), "replaced": str(kept) if kept else None}
    desk.screen.changed(f"Restored {path} from {place}.{words}", record, f"Back again: refertrack restore {kept}")


def check(ctx: typer.Context) -> None:
    """See whether the database is whole and keeps its own rules.

    Example: refertrack check
    """
    desk = Desk(ctx)
    from refertrack.reports.checks import findings
    from refertrack.store.integrity import damage

    broken = damage(desk.target)
    with desk.reading() as reader:
        found = [] if broken else findings(reader)
    records: list[dict[str, Any]] = [
        {"name": "damage", "words": words, "count": 1, "ids": [], "hint": "refertrack restore"} for words in broken
    ]
    records += [{"name": f.name, "words": f.words, "count": f.count, "ids": list(f.ids), "hint": f.hint} for f in found]
    columns = (
        Column("how many", lambda row: str(row["count"]), right=True),
        Column(
            "what is wrong", lambda row: row["words"] + (f": {', '.join(map(str, row['ids']))}" if row["ids"] else "")
        ),
        Column("what to type", lambda row: row["hint"]),
    )
    desk.screen.listing(Listing(("name", "count", "words", "ids", "hint"), records, columns))
    if records:
        raise typer.Exit(1)
    desk.screen.say(f"All is well: {desk.target.words} is whole and keeps its rules.")


def _list(desk: Desk, found: list[Backup]) -> None:
    columns = (
        Column("made", lambda row: row["made_at"][:16].replace("T", " ")),
        Column("size", lambda row: f"{row['size'] / 1_000_000:,.1f} MB", right=True),
        Column("file", lambda row: row["path"]),
    )
    desk.screen.listing(Listing(BACKUP_FIELDS, [_record(backup) for backup in found], columns))
    hint = f"refertrack restore {found[0].path}" if found else "There is no backup yet. Make one: refertrack backup"
    desk.screen.hint(hint)


def _record(backup: Backup) -> dict[str, Any]:
    return {
        "path": str(backup.path),
        "made_at": backup.made_at.isoformat(timespec="seconds"),
        "size": backup.size,
        "sha256": backup.sha256,
    }
