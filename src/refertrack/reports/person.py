"""All that is kept on one person: every row of every table that belongs to them, and its history."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select

from refertrack.models.all import metadata
from refertrack.models.journal import Change, Command
from refertrack.rules.money import to_decimal_string
from refertrack.store import bulk
from refertrack.store.persons import person, read_rows, rows_of

_KEYS = {"name_key", "company_key", "email_key", "phone_key"}  # spellings to match by: they say nothing new
_NAMED = {"product": "name", "tag": "name", "reason": "words", "import_batch": "file_name"}


def everything(connection: Connection, customer_id: int) -> dict[str, Any]:
    """Return a person's rows by table, those of customers merged into them included, and what was changed when."""
    ids = person(connection, customer_id).ids
    rows = rows_of(connection, ids)
    found: dict[str, Any] = {}
    for name, numbers in rows.items():
        found[name] = [_plain(row, _names(connection, name)) for row in read_rows(connection, name, numbers)]
    found["history"] = _history(connection, rows)
    return found


def _names(connection: Connection, name: str) -> dict[str, dict[int, str]]:
    """Return what the rows are called that a table points at, by column."""
    found: dict[str, dict[int, str]] = {}
    for link in metadata.tables[name].foreign_keys:
        other = link.column.table
        if other.name in _NAMED:
            query = select(other.c.id, other.c[_NAMED[other.name]])
            found[link.parent.name] = {row[0]: row[1] for row in connection.execute(query)}
    return found


def _plain(row: Any, names: dict[str, dict[int, str]]) -> dict[str, Any]:
    """Return a row as JSON holds it; what it points at is named, too."""
    plain: dict[str, Any] = {}
    for name, value in row.items():
        if name in _KEYS:
            continue
        if name.endswith("_minor"):
            currency = row.get("currency") or ""
            plain[name.removesuffix("_minor")] = to_decimal_string(value, currency) if value and currency else value
        else:
            plain[name] = value.isoformat() if hasattr(value, "isoformat") else value
        if name in names and value is not None:
            plain[name.removesuffix("_id")] = names[name].get(value)
    return plain


def _history(connection: Connection, rows: dict[str, list[int]]) -> list[dict[str, Any]]:
    """Return what was changed in the rows, when and by whom, as the journal holds it."""
    change, command = bulk.table_of(Change), bulk.table_of(Command)
    columns = (command.c.at, command.c.author, command.c.name, change.c.table_name, change.c.row_id, change.c.verb)
    found = []
    for name, ids in rows.items():
        for some in bulk.in_lists(ids):
            query = (
                select(*columns, change.c.before, change.c.after, change.c.id)
                .join(command, command.c.id == change.c.command_id)
                .where(change.c.table_name == name, change.c.row_id.in_(some), change.c.row_ids == "")
            )
            found += [dict(row) for row in connection.execute(query).mappings()]
    return [_entry(row) for row in sorted(found, key=lambda row: row["id"])]


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": row["at"].isoformat(),
        "author": row["author"],
        "command": row["name"],
        "table": row["table_name"],
        "row_id": row["row_id"],
        "verb": row["verb"],
        "before": json.loads(row["before"]) if row["before"] else None,
        "after": json.loads(row["after"]) if row["after"] else None,
    }
