"""Every change on record: who, when, which command, before and after.

Rows that go through the session are recorded at each flush; rows written in bulk are recorded by
``store.bulk`` as one entry a table. The session's ``info`` carries the context and the command's row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, event, func, inspect, select
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import Session

from refertrack.models.base import Base, Editable
from refertrack.models.journal import Change, Command
from refertrack.rules.context import Context
from refertrack.store.schema import HEAD

_UNRECORDED = (Command, Change)
_COUNTING = ("updated_at", "version")  # not what a person changed, and never taken back


def attach(session: Session, context: Context) -> None:
    """Record everything that this session changes, under the context's command."""
    session.info["context"] = context
    event.listen(session, "before_flush", _before_flush)
    event.listen(session, "after_flush", _after_flush)


def context_of(session: Session | OrmSession) -> Context:
    """Return the context that the session was opened with."""
    context: Context = session.info["context"]
    return context


def command_id(session: Session | OrmSession) -> int:
    """Return the id of this command in the journal; its row is written at the first change."""
    if "command_id" not in session.info:
        context = context_of(session)
        table = Command.__table__  # type: ignore[attr-defined]
        connection = session.connection()
        number = {}
        if connection.dialect.name != "sqlite":  # a server's sequence leaves a gap where a command was given up
            number = {"id": select(func.coalesce(func.max(table.c.id), 0) + 1).scalar_subquery()}
        result = connection.execute(
            table.insert().values(
                **number,
                name=context.command,
                author=context.author,
                at=context.now,
                created_at=context.now,
                revision=HEAD,
            )
        )
        key = result.inserted_primary_key
        session.info["command_id"] = key[0] if key else None
    found: int = session.info["command_id"]
    return found


def changed(session: Session) -> bool:
    """Whether the command has changed anything so far."""
    session.flush()
    return "command_id" in session.info


def record(session: Session | OrmSession, entries: Iterable[dict[str, Any]]) -> None:
    """Write entries of the journal: ``table_name``, ``row_id``, ``verb``, and what was before and after."""
    common = {"command_id": command_id(session), "created_at": context_of(session).now}
    blank = {"row_ids": "", "before": "", "after": ""}
    rows = [{**common, **blank, **entry} for entry in entries]
    if rows:
        session.connection().execute(Change.__table__.insert(), rows)  # type: ignore[attr-defined]


def touch(table: Table, now: datetime) -> dict[str, Any]:
    """Return what a write in bulk sets beside its own values: the next version, and when it was."""
    if "version" not in table.c:
        return {}
    return {"version": table.c.version + 1, "updated_at": now}


def as_json(values: dict[str, Any]) -> str:
    """Write a row's values as JSON; dates and moments as ISO text."""
    return json.dumps(values, ensure_ascii=False, default=_iso, separators=(",", ":"))


def _iso(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written to the journal")


def _before_flush(session: OrmSession, _context: object, _instances: object) -> None:
    now = context_of(session).now
    for row in session.new:
        if isinstance(row, Base) and row.created_at is None:
            row.created_at = now
    for row in session.dirty:
        if isinstance(row, Base) and session.is_modified(row):
            if isinstance(row, Editable):
                row.updated_at = now
                row.version += 1
            _remember_unread(session, row)


def _remember_unread(session: OrmSession, row: Base) -> None:
    """Read what a row holds in the database where an attribute was set without having been read."""
    state = inspect(row)
    unread = [
        attribute.key
        for attribute in state.mapper.column_attrs
        if (history := state.attrs[attribute.key].history).added and not history.deleted
    ]
    if unread:
        table = row.__table__  # type: ignore[attr-defined]
        query = select(*(table.c[name] for name in unread)).where(table.c.id == row.id)
        found = session.connection().execute(query).mappings().one()
        session.info.setdefault("unread", {})[row.__tablename__, row.id] = dict(found)


def _after_flush(session: OrmSession, _context: object) -> None:
    entries = [
        *(_entry(session, row, "insert") for row in session.new if not isinstance(row, _UNRECORDED)),
        *(_entry(session, row, "update") for row in session.dirty if session.is_modified(row)),
        *(_entry(session, row, "delete") for row in session.deleted),
    ]
    if entries:
        record(session, entries)


def _entry(session: OrmSession, row: Any, verb: str) -> dict[str, Any]:
    state = inspect(row)
    unread = session.info.get("unread", {}).pop((row.__tablename__, row.id), {})
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        current = getattr(row, attribute.key)
        if verb == "insert":
            after[attribute.key] = current
        elif verb == "delete":
            before[attribute.key] = current
        elif history.has_changes() and attribute.key not in _COUNTING:
            before[attribute.key] = history.deleted[0] if history.deleted else unread.get(attribute.key)
            after[attribute.key] = current
    return {
        "table_name": row.__tablename__,
        "row_id": row.id,
        "verb": verb,
        "before": as_json(before) if before else "",
        "after": as_json(after) if after else "",
    }
