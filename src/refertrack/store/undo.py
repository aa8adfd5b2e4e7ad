"""Take back whole commands, by the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Date, Select, Table, select
from sqlmodel import Session, UTCDateTime

from refertrack.models.all import metadata
from refertrack.models.journal import Change, Command
from refertrack.rules.errors import NotAllowed, NotFound
from refertrack.store import bulk, journal
from refertrack.store.schema import HEAD

_change, _command = bulk.table_of(Change), bulk.table_of(Command)


@dataclass(frozen=True)
class Undone:
    """A command that was taken back: its number and name, and how many rows went back to what they were."""

    number: int
    name: str
    rows: int


def last_command(session: Session) -> int:
    """Return the number of the latest command that stands.

    Raises:
        NotFound: there is none.

    """
    query = select(_command.c.id).where(_command.c.undone_by_id.is_(None)).order_by(_command.c.id.desc()).limit(1)
    found = session.connection().execute(query).scalar()
    if found is None:
        raise NotFound("There is nothing to take back.", "See: refertrack history")
    return int(found)


def undo(session: Session, number: int) -> Undone:
    """Take back one command as a whole; the taking back is a command that can be taken back, too.

    Raises:
        NotFound: there is no such command.
        NotAllowed: it was taken back already, later changes stand on it, or the schema has changed since.

    """
    connection = session.connection()
    command = connection.execute(select(_command).where(_command.c.id == number)).mappings().first()
    if command is None:
        raise NotFound(f"There is no command {number}.", "See: refertrack history")
    if command["undone_by_id"] is not None:
        raise NotAllowed(
            f"Command {number} ({command['name']}) was taken back already.",
            f"Do it again: refertrack undo {command['undone_by_id']}",
        )
    if command["revision"] != HEAD:
        raise NotAllowed(
            f"Command {number} was made with an older schema.", "Restore the backup made before the migration."
        )
    changes = (
        connection.execute(select(_change).where(_change.c.command_id == number).order_by(_change.c.id.desc()))
        .mappings()
        .all()
    )
    _refuse_if_built_upon(connection, number, [dict(change) for change in changes])
    own = journal.command_id(session)
    rows = sum(_reverse(session, dict(change)) for change in changes)
    connection.execute(_command.update().where(_command.c.id == number).values(undone_by_id=own))
    connection.execute(_command.update().where(_command.c.id == own).values(undoes_id=number))
    if command["undoes_id"] is not None:  # an undo is taken back: what it had undone stands again
        connection.execute(_command.update().where(_command.c.id == command["undoes_id"]).values(undone_by_id=None))
    session.expire_all()
    return Undone(number, command["name"], rows)


def _refuse_if_built_upon(connection: Connection, number: int, changes: list[dict[str, Any]]) -> None:
    """Refuse where a later command that still stands has changed the same rows, or points at rows that would go."""
    later = _later_on_same_rows(connection, number, changes) | _later_pointing(connection, number, changes)
    if not later:
        return
    query = select(_command.c.id, _command.c.name).where(_command.c.id.in_(sorted(later)[-8:])).order_by(_command.c.id)
    listed = tuple((row.id, row.name) for row in connection.execute(query))
    raise NotAllowed(
        f"Command {number} cannot be taken back alone; later ones stand on it: "
        + ", ".join(f"{identity} {name}" for identity, name in listed)
        + ".",
        f"Take those back first, the latest first: refertrack undo {max(later)}",
    )


def _later_on_same_rows(connection: Connection, number: int, changes: list[dict[str, Any]]) -> set[int]:
    found: set[int] = set()
    standing = _standing(number)
    for name in {change["table_name"] for change in changes}:
        own = {identity for change in changes if change["table_name"] == name for identity in _ids(change)}
        for row in connection.execute(standing.where(_change.c.table_name == name)).mappings():
            if not own.isdisjoint(_ids(row)):
                found.add(row["command_id"])
    return found


def _later_pointing(connection: Connection, number: int, changes: list[dict[str, Any]]) -> set[int]:
    """Return later commands that inserted rows which point at rows that this command inserted."""
    found: set[int] = set()
    inserted: dict[str, set[int]] = {}
    for change in changes:
        if change["verb"] == "insert":
            inserted.setdefault(change["table_name"], set()).update(_ids(change))
    for table in metadata.sorted_tables:
        for link in table.foreign_keys:
            targets = inserted.get(link.column.table.name)
            if not targets or table.name in {"change", "command"}:
                continue
            own = inserted.get(table.name, set())
            for some in bulk.in_lists(sorted(targets)):
                query = select(table.c.id).where(link.parent.in_(some))
                pointing = {row[0] for row in connection.execute(query)} - own
                found |= _inserted_by(connection, table.name, pointing, number)
    return found


def _inserted_by(connection: Connection, table_name: str, ids: set[int], after: int) -> set[int]:
    if not ids:
        return set()
    query = _standing(after).where(_change.c.table_name == table_name, _change.c.verb == "insert")
    return {row["command_id"] for row in connection.execute(query).mappings() if not ids.isdisjoint(_ids(row))}


def _standing(after: int) -> Select[Any]:
    """Return the changes of later commands that stand; an undo is none of its own."""
    return (
        select(_change.c.command_id, _change.c.row_id, _change.c.row_ids)
        .join(_command, _command.c.id == _change.c.command_id)
        .where(_change.c.command_id > after, _command.c.undone_by_id.is_(None), _command.c.undoes_id.is_(None))
    )


def _ids(change: Any) -> list[int]:
    return bulk.from_ranges(change["row_ids"]) if change["row_ids"] else [change["row_id"]]


def _reverse(session: Session, change: dict[str, Any]) -> int:
    table = metadata.tables[change["table_name"]]
    connection = session.connection()
    if change["verb"] == "insert":
        ids = _ids(change)
        gone = list(_delete(session, table, ids))
        journal.record(session, gone)
        return len(ids)
    before = _values(table, change["before"])
    if change["verb"] == "update":
        current = connection.execute(select(table).where(table.c.id == change["row_id"])).mappings().one()
        after = {name: current[name] for name in before}
        connection.execute(table.update().where(table.c.id == change["row_id"]).values(before))
        entry = {"verb": "update", "before": journal.as_json(after), "after": journal.as_json(before)}
    else:
        connection.execute(table.insert().values(before))
        entry = {"verb": "insert", "after": journal.as_json(before)}
    journal.record(session, [{"table_name": table.name, "row_id": change["row_id"], **entry}])
    return 1


def _delete(session: Session, table: Table, ids: list[int]) -> Iterator[dict[str, Any]]:
    """Delete rows, and give the journal's entries that hold them, so that the undo can be undone."""
    connection = session.connection()
    for some in bulk.in_lists(sorted(ids, reverse=True)):
        rows = connection.execute(select(table).where(table.c.id.in_(some)).order_by(table.c.id.desc())).mappings()
        for row in rows.all():
            yield {
                "table_name": table.name,
                "row_id": row["id"],
                "verb": "delete",
                "before": journal.as_json(dict(row)),
            }
        connection.execute(table.delete().where(table.c.id.in_(some)))


def _values(table: Table, words: str) -> dict[str, Any]:
    return {name: _read(table, name, value) for name, value in json.loads(words).items()} if words else {}


def _read(table: Table, name: str, value: Any) -> Any:
    kind = table.c[name].type
    if isinstance(value, str) and isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(value, str) and isinstance(kind, UTCDateTime):
        return datetime.fromisoformat(value)
    return value
