"""Open a database file for reading alone; what a writer left unfinished is first taken back.

A writer that was killed in the middle of its commit leaves its journal beside the file. Until the engine has rolled
it back nobody may read, and a connection for reading alone cannot do it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from refertrack.rules.errors import StoreTrouble
from refertrack.store.schema import APPLICATION_ID

if TYPE_CHECKING:
    from sqlite3 import Connection

_APPLICATION_ID = slice(68, 72)  # where it stands in the header of a file
_WAL = slice(18, 19)  # where the header of a file says that it writes ahead
# What the engine says where only a writer may put right what another one left.
UNFINISHED = ("SQLITE_READONLY_ROLLBACK", "SQLITE_READONLY_RECOVERY", "SQLITE_READONLY_CANTINIT")


def is_there(path: Path) -> bool:
    """Whether there is a database file at a place, or something that may be one.

    Raises:
        StoreTrouble: what is there cannot be one: a folder, a link that leads to nothing, a name that is too long.

    """
    try:
        return _found(path)
    except OSError as error:
        raise StoreTrouble(
            f"{path} cannot be looked at: {error.strerror or error}.",
            "Nothing was changed. Give another name with --db.",
        ) from error


def _found(path: Path) -> bool:
    if path.is_dir():
        raise StoreTrouble(f"{path} is a folder.", "Give the name of a file in it with --db.")
    if path.exists():
        if not path.is_file():
            raise StoreTrouble(f"{path} is no file that can hold data.", "Give the name of a file with --db.")
        return True
    if path.is_symlink():
        raise StoreTrouble(
            f"{path} leads to {path.resolve()}, where nothing is.",
            "Is a disk not connected? Else give the place itself with --db.",
        )
    return False


def is_ahead(path: Path) -> bool:
    """Whether changes lie beside a file that writes ahead: not in the file itself yet, or never to be."""
    beside = path.with_name(f"{path.name}-wal")
    return beside.exists() and beside.stat().st_size > 0


def unfinished(path: Path) -> Path | None:
    """Return what holds an unfinished change beside a file at rest; an empty file, or the index of one, holds none."""
    places = (path.with_name(path.name + suffix) for suffix in ("-journal", "-wal"))
    return next((place for place in places if place.exists() and place.stat().st_size), None)


def open_at_rest(path: Path, timeout: float) -> Connection:
    """Return a connection to a file that nobody writes to, a backup: nothing is left beside it, or needs to be made.

    Raises sqlite3.Error as ``open_read_only`` does.
    """
    with path.open("rb") as stream:
        ahead = writes_ahead(stream.read(100))
    if not ahead or unfinished(path):
        return open_read_only(path, timeout)
    return connected(path, "ro&immutable=1", timeout)


def open_read_only(path: Path, timeout: float) -> Connection:
    """Return a connection through which nothing can be written.

    Raises sqlite3.Error where the file cannot be opened, is no database, or holds an unfinished change that this
    person may not take back.
    """
    import sqlite3

    connection = connected(path, "ro", timeout)
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()  # reads the whole of the schema
    except UnicodeDecodeError as error:  # the driver's, where the engine names what is damaged by its damaged name
        connection.close()
        raise sqlite3.DatabaseError("database disk image is malformed") from error
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorname not in UNFINISHED or not is_ours(path):
            raise
        _take_back(path, timeout)
        return connected(path, "ro", timeout)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def open_to_check(path: Path, timeout: float) -> Connection:
    """Return a connection for ``integrity_check``, through which nothing can be written either.

    The engine looks at a table's own rules only where it may write the file.

    Raises sqlite3.Error as ``open_read_only`` does.
    """
    open_read_only(path, timeout).close()
    connection = connected(path, "rw", timeout)
    connection.execute("PRAGMA query_only=ON")
    return connection


def connected(path: Path, mode: str, timeout: float) -> Connection:
    """Return a connection to a file that is there (``mode`` begins with ``rw`` or ``ro``): none is made."""
    import sqlite3

    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=timeout)


def _take_back(path: Path, timeout: float) -> None:
    """Let the engine roll back what a writer left unfinished; it does so at the first read."""
    from contextlib import closing

    with closing(connected(path, "rw", timeout)) as connection:
        connection.execute("PRAGMA schema_version")


def is_ours(path: Path) -> bool:
    """Whether a file's header says that it is ours: another program's is left as it is."""
    with path.open("rb") as stream:
        return header_is_ours(stream.read(100))


def header_is_ours(head: bytes) -> bool:
    """Whether the first hundred bytes of a file say that it is ours."""
    return head[_APPLICATION_ID] == APPLICATION_ID.to_bytes(4, "big")


def writes_ahead(head: bytes) -> bool:
    """Whether the first hundred bytes of a file say that it writes ahead: its last changes are in another file."""
    return head[_WAL] == b"\x02"
