"""Whether a database is whole: pages, indexes and links, as the engine itself sees them, and values of their kinds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice

from refertrack.store.opening import is_there, open_read_only
from refertrack.store.reader import WAIT_SECONDS, sqlite_trouble
from refertrack.store.target import Target

MOST = 20
# By a column's declared type, what is not of it.
_ODD = {
    "INTEGER": "typeof(\"{0}\") NOT IN ('integer', 'null')",
    "BOOLEAN": '"{0}" NOT IN (0, 1)',
    "VARCHAR": "typeof(\"{0}\") NOT IN ('text', 'null')",
    "DATE": '"{0}" IS NOT NULL AND (date("{0}") IS NULL OR date("{0}", \'+0 days\') <> "{0}")',
    "DATETIME": '"{0}" IS NOT NULL AND datetime("{0}") IS NULL',
    "JSON": '"{0}" <> \'\' AND NOT json_valid("{0}")',
}
_JSON = {("change", "before"), ("change", "after")}
_KINDS = {"INTEGER": "number", "BOOLEAN": "yes or no", "VARCHAR": "text", "DATE": "day", "DATETIME": "moment",
          "JSON": "whole words"}  # fmt: skip


def damage(target: Target) -> list[str]:
    """Return what the engine finds wrong in a file, in its words; nothing for a server, which sees to itself.

    Raises:
        StoreTrouble: the file cannot be read at all.

    """
    if target.path is None or not is_there(target.path):
        return []
    try:
        with closing(open_read_only(target.path, WAIT_SECONDS)) as connection:
            found = [row[0] for row in connection.execute(f"PRAGMA integrity_check({MOST})") if row[0] != "ok"]
            broken = [
                f"row {row[1]} of {row[0]} points at a {row[2]} that is not there"
                for row in connection.execute("PRAGMA foreign_key_check").fetchmany(MOST)
            ]
            odd = [] if found else list(islice(_odd_values(connection), MOST))
    except sqlite3.Error as error:
        raise sqlite_trouble(error, target.words) from error
    return found + broken + odd


def _odd_values(connection: sqlite3.Connection) -> Iterator[str]:
    """Find values that are not of their column's kind, which the engine itself takes as they come."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    for (table,) in tables.fetchall():
        for _, name, declared, *_rest in connection.execute(f"PRAGMA table_info({table})").fetchall():
            kind = "JSON" if (table, name) in _JSON else declared.partition("(")[0]
            for row in _rows(connection, table, _ODD[kind].format(name)) if kind in _ODD else ():
                yield f"row {row} of {table} holds no {_KINDS[kind]} in {name}"
        try:
            for _ in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608
                pass
        except sqlite3.OperationalError as error:
            if "decode" not in str(error):
                raise
            yield f"a row of {table} holds letters that are none"


def _rows(connection: sqlite3.Connection, table: str, condition: str) -> list[int]:
    query = f'SELECT rowid FROM "{table}" WHERE {condition} LIMIT {MOST}'  # noqa: S608 - our own names
    return [row[0] for row in connection.execute(query)]
