"""The fast way to read: the engine's own driver over the views, without SQLAlchemy.

Everyday lists answer in the time that it takes to start Python, so nothing heavy may be imported here.
Statements are written with ``:name`` parameters for both engines.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from refertrack.rules.errors import Busy, StoreTrouble
from refertrack.store.dialect import Dialect
from refertrack.store.opening import UNFINISHED, is_there, open_read_only
from refertrack.store.schema import APPLICATION_ID, OldSchema, check_revision, foreign
from refertrack.store.target import Target

Row = dict[str, Any]
Run = Callable[[str, Mapping[str, object]], tuple[list[str], list[Any]]]
WAIT_SECONDS = 5.0
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")


class Reader:
    """Rows for a statement, as dictionaries in the order of the columns."""

    def __init__(self, run: Run, dialect: Dialect) -> None:
        self._run = run
        self.dialect = dialect

    def rows(self, sql: str, **parameters: object) -> list[Row]:
        """Return all rows of a statement."""
        columns, rows = self._run(sql, parameters)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def tuples(self, sql: str, **parameters: object) -> list[Any]:
        """Return all rows of a statement as bare tuples: for a hundred thousand of them."""
        return self._run(sql, parameters)[1]

    def row(self, sql: str, **parameters: object) -> Row | None:
        """Return the first row of a statement, or None."""
        found = self.rows(sql, **parameters)
        return found[0] if found else None

    def value(self, sql: str, **parameters: object) -> Any:
        """Return the first column of the first row, or None."""
        _, rows = self._run(sql, parameters)
        return rows[0][0] if rows else None


@contextmanager
def open_reader(target: Target, *, snapshot: bool = False) -> Iterator[Reader]:
    """Open a database for reading alone.

    Args:
        target: the database.
        snapshot: whether all statements see the same moment, for figures that have to agree with each other.

    Raises:
        OldSchema: it does not exist yet or is older: let ``store.engine.prepare`` see to it and try again.
        StoreTrouble: it is newer, not ours, damaged, locked or cannot be reached.

    """
    opened = (_sqlite if target.is_sqlite else _postgres)(target, snapshot=snapshot)
    with opened as reader:
        yield reader


@contextmanager
def _sqlite(target: Target, *, snapshot: bool) -> Iterator[Reader]:
    import sqlite3

    path, words = target.path, target.words
    if path is None or not is_there(path):
        raise OldSchema(f"{words} does not exist yet.")
    connection: sqlite3.Connection | None = None
    try:
        connection = open_read_only(path, WAIT_SECONDS)
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise foreign(words)
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        check_revision(found and found[0], words)

        def run(sql: str, parameters: Mapping[str, object]) -> tuple[list[str], list[Any]]:
            cursor = connection.execute(sql, parameters)
            return [column[0] for column in cursor.description], cursor.fetchall()

        if snapshot:
            connection.execute("BEGIN")
        yield Reader(run, Dialect(sqlite=True))
    except sqlite3.Error as error:
        raise sqlite_trouble(error, words) from error
    finally:
        if connection is not None:
            connection.close()


@contextmanager
def _postgres(target: Target, *, snapshot: bool) -> Iterator[Reader]:
    import psycopg

    keep_quiet("psycopg")
    try:
        with psycopg.connect(target.url, connect_timeout=10, client_encoding="utf8") as connection:
            connection.read_only = True
            if snapshot:
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.execute(f"SET lock_timeout = '{round(WAIT_SECONDS * 1000)}ms'".encode())
            if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
                raise OldSchema(f"{target.words} holds nothing yet.")
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            check_revision(found[0] if found else None, target.words)

            def run(sql: str, parameters: Mapping[str, object]) -> tuple[list[str], list[Any]]:
                converted = _PARAMETER.sub(r"%(\1)s", sql.replace("%", "%%"))
                cursor = connection.execute(converted.encode(), parameters)
                columns = [column.name for column in cursor.description or ()]
                return columns, [tuple(plain(value) for value in row) for row in cursor.fetchall()]

            yield Reader(run, Dialect(sqlite=False))
    except psycopg.Error as error:
        raise postgres_trouble(error, target.words) from error


def keep_quiet(library: str) -> None:
    """See that a library's own log stays out of a person's sight, unless it is asked for (``--debug``)."""
    import logging

    log = logging.getLogger(library)
    if not log.handlers:
        log.addHandler(logging.NullHandler())


def plain(value: Any) -> Any:
    """Give dates as SQLite does: as ISO text, so that one reading serves both engines."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def read_words(words: str) -> dict[str, Any]:
    """Read a row's values as the journal keeps them.

    Raises:
        StoreTrouble: they are not whole.

    """
    import json

    try:
        found = json.loads(words) if words else {}
    except ValueError as error:
        raise _damaged_history() from error
    if not isinstance(found, dict):
        raise _damaged_history()
    return found


def _damaged_history() -> StoreTrouble:
    return StoreTrouble("The history is damaged.", "See where: refertrack check")


# What the engine says (its error's name, or words of its message), the sentence for it, and what to do.
_TROUBLES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("SQLITE_READONLY_DBMOVED",),
        "{words} was moved, replaced or deleted by another program while this command waited.",
        "Nothing was changed. Try again.",
    ),
    (
        UNFINISHED,
        "{words} holds a change that was not finished, and you may not take it back.",
        "Give yourself the right to write the file and its folder; the next command then takes it back.",
    ),
    (
        ("malformed", "corrupt"),
        "{words} is damaged ({error}).",
        "Nothing was changed. See what a backup holds: refertrack restore",
    ),
    (
        ("readonly", "read-only"),
        "{words} may not be written.",
        "Give yourself the right to write the file and its folder.",
    ),
    (
        ("full",),
        "The disk that holds {words} is full.",
        "Nothing was changed. Make room and try again.",
    ),
)


def sqlite_trouble(error: BaseException, words: str) -> StoreTrouble:
    """Turn an error of SQLite into a sentence, without the statement's data."""
    text = f"{getattr(error, 'sqlite_errorname', '')} {str(error).lower()}"
    if "locked" in text or "busy" in text:
        return Busy(
            f"{words} is in use by another program.",
            "Nothing was changed. Try again in a moment; if it stays so, close what holds it open.",
        )
    if "not a database" in text or "no such table: alembic_version" in text:
        return foreign(words)
    if "SQLITE_CANTOPEN" in text and not os.path.lexists(words):
        return StoreTrouble(
            f"There is no {words} any more: another program has moved or deleted it while this command ran.",
            "Nothing was changed. Put it back and try again.",
        )
    for signs, sentence, hint in _TROUBLES:
        if any(sign in text for sign in signs):
            return StoreTrouble(sentence.format(words=words, error=error), hint)
    return StoreTrouble(f"{words} cannot be used: {error}.", "Nothing was changed. See: refertrack check")


_LATER = "Try again in a moment."
# What a server says (words of its message), and what to do.
_ANSWERS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("database", "does not exist"), "Make it first (createdb), or give another name with --db."),
    (("role", "does not exist"), "Correct the user's name in --db or REFERTRACK_DB."),
    (("password",), "Correct the password in --db or REFERTRACK_DB."),
    (("authentication",), "Correct the user's name or the password in --db or REFERTRACK_DB."),
    (("too many",), _LATER),
    (("connection slots",), _LATER),
    (("starting up",), _LATER),
    (("shutting down",), _LATER),
    (("read-only",), "Who keeps the server can let you write there."),
    (("permission denied",), "Who keeps the server can give you the right."),
    (
        ("has no equivalent in encoding",),
        "Who keeps the server can make it anew in UTF8, which holds all letters.",
    ),
    (("invalid uri",), "Correct the address in --db or REFERTRACK_DB."),
    (("resolve host",), "Correct the server's name in --db or REFERTRACK_DB."),
)


# The same by the states that a server gives beside its words, which may be in any language.
_STATES = {
    "57014": "It took longer than the server allows, or was cut short there. Try again; if it stays so, who keeps the"
    " server can allow more (statement_timeout).",
    "57P01": f"Who keeps the server ended the connection. {_LATER}",
    "57P02": _LATER,
    "57P03": _LATER,
    "3F000": "There is no schema to keep it in: who keeps the server can set your search_path to one.",
    "25006": "Who keeps the server can let you write there.",
    "42501": "Who keeps the server can give you the right.",
}


def postgres_trouble(error: BaseException, words: str) -> StoreTrouble:
    """Turn an error of PostgreSQL into a sentence, without the statement's data."""
    import psycopg

    if isinstance(error, psycopg.errors.LockNotAvailable):
        return Busy(f"{words} is busy with somebody else's change.", "Nothing was changed. Try again in a moment.")
    first_line = (str(error).splitlines() or [type(error).__name__])[0]
    text = first_line.lower()
    of_words = next((hint for signs, hint in _ANSWERS if all(sign in text for sign in signs)), "Is the server up?")
    hint = _STATES.get(str(getattr(error, "sqlstate", "")), of_words)
    return StoreTrouble(f"{words} does not answer as it should: {first_line}", f"Nothing was changed. {hint}")
