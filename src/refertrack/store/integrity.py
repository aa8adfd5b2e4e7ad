"""Whether a database is whole: pages, indexes and links, as the engine itself sees them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from refertrack.store.opening import open_read_only
from refertrack.store.reader import WAIT_SECONDS, sqlite_trouble
from refertrack.store.target import Target

MOST = 20


def damage(target: Target) -> list[str]:
    """Return what the engine finds wrong in a file, in its words; nothing for a server, which sees to itself.

    Raises:
        StoreTrouble: the file cannot be read at all.

    """
    if target.path is None or not target.path.exists():
        return []
    try:
        with closing(open_read_only(target.path, WAIT_SECONDS)) as connection:
            found = [row[0] for row in connection.execute(f"PRAGMA integrity_check({MOST})") if row[0] != "ok"]
            broken = [
                f"row {row[1]} of {row[0]} points at a {row[2]} that is not there"
                for row in connection.execute("PRAGMA foreign_key_check").fetchmany(MOST)
            ]
    except sqlite3.Error as error:
        raise sqlite_trouble(error, target.words) from error
    return found + broken
