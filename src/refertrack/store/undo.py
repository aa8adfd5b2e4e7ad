"""Take back whole commands, by the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, Table, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, UTCDateTime

from refertrack.models.all import metadata
from refertrack.models.journal import Change, Command
from refertrack.rules.errors import NotAllowed, NotFound
from refertrack.store import bulk, journal
from refertrack.store.reader import read_words
from refertrack.store.schema import HEAD
from refertrack.store.standing import in_spans, joined, later_commands, spans_of

_change, _command = bulk.table_of(Change), bulk.table_of(Command)
_customer = metadata.tables["customer"]
_NEWEST_SHOWN = 8


@dataclass(frozen=True)
class Undone:
    """A command that was taken back.

    ``by`` is the number of the taking back, ``rows`` how many rows went back to what they were, ``left`` how
    many did not, since they belong to people who were erased.
    """

    number: int
    name: str
    by: int
    rows: int
    left: int


class StoodUpon(NotAllowed):
    """Later commands stand on the one that is to be taken back; ``later`` holds their numbers."""

    code = "stood_upon"

    def __init__(self, message: str, hint: str, later: tuple[int, ...]) -> None:
        super().__init__(message, hint)
        self.later = later
        self.candidates: tuple[tuple[int, str], ...] = ()


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

    What was erased is not brought back: rows of erased people stay as they are.

    Raises:
        NotFound: there is no such command.
        NotAllowed: it was taken back already, it erased a person, or the schema has changed since.
        StoodUpon: later changes stand on it.

    """
    session.flush()
    connection = session.connection()
    found = connection.execute(select(_command).where(_command.c.id == number)).mappings().first()
    if found is None:
        raise NotFound(f"There is no command {number}.", "See: refertrack history")
    command = dict(found)
    query = select(_change).where(_change.c.command_id == number).order_by(_change.c.id.desc())
    changes = [dict(row) for row in connection.execute(query).mappings()]
    _refuse(connection, command, changes)
    own = journal.command_id(session)
    back = _Back(session)
    try:
        for (name, verb), run in groupby(changes, key=lambda change: (change["table_name"], change["verb"])):
            back.take(metadata.tables[name], verb, list(run))
    except IntegrityError as error:
        raise NotAllowed(
            f"Command {number} ({command['name']}) cannot be taken back: what came later has taken its place.",
            "See what came later: refertrack history",
        ) from error
    if not back.rows:
        raise NotAllowed(
            f"Command {number} ({command['name']}) changed only people who were erased; that is not brought back.",
            "See: refertrack history",
        )
    _mark(connection, command, own)
    session.expire_all()
    return Undone(number, command["name"], own, back.rows, back.left)


def _refuse(connection: Connection, command: Mapping[str, Any], changes: Sequence[Mapping[str, Any]]) -> None:
    number, name = command["id"], command["name"]
    if command["undone_by_id"] is not None:
        raise NotAllowed(
            f"Command {number} ({name}) was taken back already.",
            f"Do it again: refertrack undo {command['undone_by_id']}",
        )
    if any(change["verb"] == "erase" for change in changes):
        raise NotAllowed(
            f"Command {number} ({name}) erased a person; that is not brought back.",
            "Take back another one: refertrack history",
        )
    if command["revision"] != HEAD:
        raise NotAllowed(
            f"Command {number} ({name}) was made in an older form of the database ({command['revision']}).",
            _older_backup(connection, command["revision"]),
        )
    later = sorted(later_commands(connection, number, changes))
    if later:
        raise StoodUpon(
            f"Command {number} ({name}) cannot be taken back alone; later ones stand on it:",
            f"Take those back first, the latest first: refertrack undo {later[-1]}",
            tuple(later[-_NEWEST_SHOWN:]),
        )


def _older_backup(connection: Connection, revision: str) -> str:
    """Name the backup that was made before the database left that form."""
    from refertrack.store.backup import before_migration

    database = connection.engine.url.database
    place = before_migration(Path(database), revision) if connection.dialect.name == "sqlite" and database else None
    if place is None:
        return "Restore a backup from before the migration: refertrack restore"
    return f"It stands in the backup from before the migration: refertrack restore {place}"


def _mark(connection: Connection, command: Mapping[str, Any], own: int) -> None:
    """Write down what stands now.

    Where an undo is taken back, what it had undone stands again; where that was an undo itself, what *it*
    had undone is undone again, and so on down.
    """

    def undone(number: int, by: int | None) -> None:
        connection.execute(_command.update().where(_command.c.id == number).values(undone_by_id=by))

    undone(command["id"], own)
    connection.execute(_command.update().where(_command.c.id == own).values(undoes_id=command["id"]))
    above, below, stands = command["id"], command["undoes_id"], True
    while below is not None:
        undone(below, None if stands else above)
        above, stands = below, not stands
        below = connection.execute(select(_command.c.undoes_id).where(_command.c.id == below)).scalar()


class _Back:
    """Rows on their way back to what they were, a run of one table's changes at a time, the latest first."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.connection = session.connection()
        self.now = journal.context_of(session).now
        self.rows = 0
        self.left = 0
        query = select(_customer.c.id).where(_customer.c.status == "erased")
        self.erased = {row[0] for row in self.connection.execute(query)}

    def take(self, table: Table, verb: str, run: Sequence[Mapping[str, Any]]) -> None:
        """Take back a run of changes."""
        entries = {"insert": self._take_out, "delete": self._put_back, "update": self._set_back}[verb](table, run)
        journal.record(self.session, [{"table_name": table.name, **entry} for entry in entries])
        self.rows += len(entries)

    def _take_out(self, table: Table, run: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Delete what was inserted; the entries hold the rows, so that they can be put back."""
        entries = []
        for condition in in_spans(table.c.id, joined(span for change in run for span in spans_of(change))):
            query = select(table).where(condition).order_by(table.c.id.desc())
            for row in self.connection.execute(query).mappings():
                entries.append({"row_id": row["id"], "verb": "delete", "before": journal.as_json(dict(row))})  # noqa: PERF401
            self.connection.execute(table.delete().where(condition))
        return entries

    def _put_back(self, table: Table, run: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        rows = [row for row in (_values(table, change["before"]) for change in run) if not self._of_erased(table, row)]
        self.left += len(run) - len(rows)
        for some in bulk.batches(rows, bulk.BATCH):
            self.connection.execute(table.insert(), some)
        return [{"row_id": row["id"], "verb": "insert", "after": journal.as_json(row)} for row in rows]

    def _set_back(self, table: Table, run: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        wanted: dict[int, dict[str, Any]] = {}
        for change in run:  # the latest first, so that the value before the first change is what remains
            wanted.setdefault(change["row_id"], {}).update(_values(table, change["before"]))
        entries = []
        for some in bulk.in_lists(sorted(wanted)):
            query = select(table).where(table.c.id.in_(some))
            for row in [dict(found) for found in self.connection.execute(query).mappings()]:
                if self._of_erased(table, row):
                    self.left += 1
                    del wanted[row["id"]]
                    continue
                before = wanted[row["id"]]
                after = {name: row[name] for name in before}
                entries.append(
                    {
                        "row_id": row["id"],
                        "verb": "update",
                        "before": journal.as_json(after),
                        "after": journal.as_json(before),
                    }
                )
        self._write(table, wanted)
        return entries

    def _write(self, table: Table, wanted: Mapping[int, Mapping[str, Any]]) -> None:
        """Write rows by the columns that they have in common; a version only ever grows."""
        by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for number, values in wanted.items():
            by_columns.setdefault(tuple(values), []).append({"key_": number, **values})
        for names, rows in by_columns.items():
            statement = table.update().where(table.c.id == bindparam("key_"))
            statement = statement.values({**journal.touch(table, self.now), **{n: bindparam(n) for n in names}})
            for some in bulk.batches(rows, bulk.BATCH):
                self.connection.execute(statement, some)

    def _of_erased(self, table: Table, row: Mapping[str, Any]) -> bool:
        """Whether a row is, or belongs to, a person who was erased."""
        if not self.erased:
            return False
        if table is _customer:
            return row["id"] in self.erased
        links = [link.parent.name for link in table.foreign_keys if link.column.table is _customer]
        return any(row[name] in self.erased for name in links)


def _values(table: Table, words: str) -> dict[str, Any]:
    """Read a row's values as the journal keeps them; the counting of versions is not theirs."""
    return {name: _read(table, name, value) for name, value in read_words(words).items()}


def _read(table: Table, name: str, value: Any) -> Any:
    kind = table.c[name].type
    if isinstance(value, str) and isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(value, str) and isinstance(kind, UTCDateTime):
        return datetime.fromisoformat(value)
    return value
