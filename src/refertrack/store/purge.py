"""After an erasing: the bytes go from the file, and from the backups that still hold the person."""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from refertrack.rules.context import Context
from refertrack.rules.errors import StoreTrouble
from refertrack.store import migrate
from refertrack.store.backup import backups, beside, copy_pages, sha256
from refertrack.store.engine import writing
from refertrack.store.erase import erase
from refertrack.store.files import safe_write, take_away, to_disk
from refertrack.store.persons import Person, person
from refertrack.store.reader import WAIT_SECONDS, sqlite_trouble
from refertrack.store.target import Target


def compact(target: Target) -> None:
    """Write a file anew, so that nothing of what was erased is left in its unused pages.

    A server sees to its own dead rows.

    Raises:
        StoreTrouble: there is no room, or the file is in use; what was erased is erased all the same.

    """
    if target.path is None:
        return
    try:
        with closing(sqlite3.connect(target.path, timeout=WAIT_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("PRAGMA synchronous=EXTRA")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        trouble = sqlite_trouble(error, target.words)
        raise StoreTrouble(
            f"The person is erased, but unused pages of {target.words} may still hold traces: {trouble.message}",
            "Try again in a moment: refertrack forget-customer ID",
        ) from error


def holding(path: Path, who: Person) -> list[Path]:
    """Return the backups of a file that still hold a person, the latest first."""
    return [backup.path for backup in backups(path) if _in(backup.path, who)]


def _in(place: Path, who: Person) -> list[int]:
    """Return the ids under which a backup holds a person; a row is the same by its id and its moment."""
    try:
        with closing(sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            return [
                number
                for number, born in who.born
                for _ in connection.execute(
                    "SELECT 1 FROM customer WHERE id = ? AND substr(created_at, 1, 19) = ? AND status <> 'erased'",
                    (number, f"{born:%Y-%m-%d %H:%M:%S}"),
                )
            ]
    except sqlite3.Error as error:
        raise sqlite_trouble(error, str(place)) from error


def purge(place: Path, who: Person, context: Context) -> None:
    """Write a backup anew without a person; it is whole before it takes the old one's place.

    One of an older form is brought to today's form on the way.

    Raises:
        StoreTrouble: it cannot be read or written; the backup is as it was.

    """
    passing = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    target = Target(path=passing)
    try:
        os.close(os.open(passing, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        copy_pages(place, passing, None)
        migrate.upgrade(target)
        with writing(target, context) as session:
            for number in _in(place, who):
                erase(session, person(session.connection(), number))
        compact(target)
        to_disk(passing)
        made = place.stat().st_mtime
        os.utime(passing, (made, made))
        digest = sha256(passing)
        beside(place).unlink(missing_ok=True)  # never a digest beside a file that is not its own
        passing.replace(place)
        safe_write(beside(place), f"{digest}  {place.name}\n".encode(), force=True)
        to_disk(place.parent)
    except sqlite3.Error as error:
        raise sqlite_trouble(error, str(place)) from error
    except OSError as error:
        raise StoreTrouble(
            f"{place} cannot be written anew: {error.strerror or error}.", "It still holds the person."
        ) from error
    finally:
        take_away(passing)
