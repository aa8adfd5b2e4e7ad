"""Whether a database is whole: pages, indexes and links, as the engine itself sees them, and values of their kinds."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from itertools import chain, islice

from refertrack.rules.errors import StoreTrouble
from refertrack.store.opening import is_there, open_to_check
from refertrack.store.reader import WAIT_SECONDS, read_words, sqlite_trouble
from refertrack.store.schema import HEAD
from refertrack.store.settings import unreadable
from refertrack.store.target import Target
from refertrack.store.views import VIEWS, create_statements

MOST = 20
_NUMBER = "typeof(\"{0}\") NOT IN ('integer', 'null')"
_NO_DAY = (
    '"{0}" IS NOT NULL AND (date("{0}", \'+0 days\') IS NOT substr("{0}", 1, 10) OR substr("{0}", 1, 4) = \'0000\')'
)
# By a column's declared type, what is not of it.
_ODD = {
    "INTEGER": _NUMBER,
    "BIGINT": _NUMBER,
    "BOOLEAN": '"{0}" NOT IN (0, 1)',
    "VARCHAR": "typeof(\"{0}\") NOT IN ('text', 'null')",
    "DATE": _NO_DAY + ' OR length("{0}") > 10',
    "DATETIME": _NO_DAY,
    "JSON": "CASE WHEN json_valid(\"{0}\") THEN json_type(\"{0}\", '$.trigger') IS NOT 'text' ELSE 1 END",
}
_JSON = {("reward", "rule_copy")}  # a rule, whole
_KINDS = {"INTEGER": "number", "BIGINT": "number", "BOOLEAN": "yes or no", "VARCHAR": "text", "DATE": "day",
          "DATETIME": "moment", "JSON": "whole rule"}  # fmt: skip


def damage(target: Target) -> list[str]:
    """Return what the engine finds wrong in a file, in its words; nothing for a server, which sees to itself.

    Raises:
        StoreTrouble: the file cannot be read at all.

    """
    if target.path is None or not is_there(target.path):
        return []
    try:
        with closing(open_to_check(target.path, WAIT_SECONDS)) as connection:
            found = [row[0] for row in connection.execute(f"PRAGMA integrity_check({MOST})") if row[0] != "ok"]
            broken = [
                f"row {row[1]} of {row[0]} points at a {row[2]} that is not there"
                for row in connection.execute("PRAGMA foreign_key_check").fetchmany(MOST)
            ]
            found = found or list(_odd_schema(connection))
            odd = [] if found else list(islice(_odd_values(connection), MOST))
            if not found and not odd:  # only what is of its kind can be read
                odd = list(islice(chain(_odd_documents(connection), _odd_history(connection)), MOST))
    except sqlite3.Error as error:
        raise sqlite_trouble(error, target.words) from error
    return found + broken + odd


def in_words(target: Target) -> StoreTrouble | None:
    """Return what to say where a command met something that it cannot read: what is damaged, or None for a sound file.

    Raises:
        StoreTrouble: the file cannot be read at all.

    """
    found = damage(target)
    return not_ours(target, found[0]) if found else None


def not_ours(target: Target, what: str) -> StoreTrouble:
    """Say that a database holds something that no command of ours wrote there."""
    way = "put a backup in its place" + ("" if target.path is None else ": refertrack restore")
    return StoreTrouble(
        f"{target.words} holds something that refertrack did not write: {what}.",
        f"Nothing was changed. See all of it: refertrack check; {way}",
    )


def _odd_schema(connection: sqlite3.Connection) -> Iterator[str]:
    """Find views that are not as they were made, whose letters the engine does not look at."""
    try:
        stored = dict(connection.execute("SELECT name, sql FROM sqlite_master").fetchall())
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
        yield "the form of a table or a view holds letters that are none"
        return
    for name, statement in zip(VIEWS, create_statements(), strict=True) if _is_todays(connection) else ():
        if stored.get(name) != statement:
            yield f"the view {name} is not as it was made"


def _is_todays(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,))


def _odd_values(connection: sqlite3.Connection) -> Iterator[str]:
    """Find values that are not of their column's kind, which the engine itself takes as they come."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    for (table,) in tables.fetchall():
        for _, name, declared, *_rest in connection.execute(f"PRAGMA table_info({table})").fetchall():
            kind = "JSON" if (table, name) in _JSON else declared.partition("(")[0]
            condition = f"{_ODD[kind]} OR id < 1" if name == "id" else _ODD.get(kind, "0")
            for row in _rows(connection, table, condition.format(name)):
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


def _odd_documents(connection: sqlite3.Connection) -> Iterator[str]:
    """Find documents of the business that do not read as their grammar has it."""
    rows = connection.execute("SELECT name, id, document FROM setting").fetchall()
    for name in unreadable({name: document for name, _, document in rows}):
        number = next(row[1] for row in rows if row[0] == name)
        yield f"row {number} of setting holds no whole words in document"


VERBS = ("insert", "update", "delete", "erase")
_RANGES = re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*", re.ASCII)
_COLUMNS = (
    "SELECT m.name, c.name, c.type FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'"
)
# By a column's declared type, what reads its value where the history keeps it as JSON.
_READ: dict[str, Callable[[str], object]] = {"DATE": date.fromisoformat, "DATETIME": datetime.fromisoformat}
_TYPES: dict[str, type] = {"INTEGER": int, "BIGINT": int, "BOOLEAN": int, "VARCHAR": str, "DATE": str, "DATETIME": str}


def _odd_history(connection: sqlite3.Connection) -> Iterator[str]:
    """Find entries of the history that name what there is not, or hold values that are not of their kind."""
    columns: dict[str, dict[str, str]] = {}
    for table, name, declared in connection.execute(_COLUMNS):
        columns.setdefault(table, {})[name] = declared.partition("(")[0]
    todays = _is_todays(connection)
    query = (
        "SELECT c.id, c.table_name, c.verb, c.row_ids, c.before, c.after, d.revision FROM change AS c"
        " JOIN command AS d ON d.id = c.command_id"
    )
    for number, table, verb, rows, before, after, revision in connection.execute(query):
        place = f"row {number} of change holds no"
        if todays and table not in columns:
            yield f"{place} table's name in table_name"
        elif verb not in VERBS:
            yield f"{place} word for a change in verb"
        elif rows and not _RANGES.fullmatch(rows):
            yield f"{place} numbers of rows in row_ids"
        else:
            known = columns[table] if todays and revision == HEAD else {}
            for side, words in (("before", before), ("after", after)):
                if not _whole(words, known):
                    yield f"{place} whole words in {side}"


def _whole(words: str, columns: Mapping[str, str]) -> bool:
    """Whether words are a row's values; where ``columns`` are known, each by its column's name and of its kind."""
    try:
        values = read_words(words)
        for name, value in values.items() if columns else ():
            kind = columns[name]
            if value is not None and not isinstance(value, _TYPES[kind]):
                return False
            if isinstance(value, str) and kind in _READ:
                _READ[kind](value)
    except (LookupError, ValueError, StoreTrouble):
        return False
    return True
