"""After an erasing: the bytes go from the file, and from the backups that still hold the person."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from refertrack.rules.context import Context
from refertrack.rules.errors import FileTrouble, RefertrackError, StoreTrouble
from refertrack.store import migrate
from refertrack.store.backup import as_made, backups, beside, copy_pages, folder_of, lock_of, sha256
from refertrack.store.engine import plain_errors, writing
from refertrack.store.erase import erase
from refertrack.store.files import safe_write, take_away, to_disk
from refertrack.store.locks import one_at_a_time
from refertrack.store.opening import connected, open_at_rest
from refertrack.store.persons import Person, person
from refertrack.store.reader import WAIT_SECONDS, sqlite_trouble
from refertrack.store.restore import see_finished, verify
from refertrack.store.target import Target


@dataclass(frozen=True)
class Swept:
    """What became of a file's backups after an erasing.

    ``anew`` were written anew without the person, ``holding`` hold the person, ``unsure`` may hold the person, since
    they could not be read or written anew; ``troubles`` says of each what is wrong with it.
    """

    anew: tuple[Path, ...] = ()
    holding: tuple[Path, ...] = ()
    unsure: tuple[Path, ...] = ()
    troubles: tuple[str, ...] = ()


def compact(target: Target) -> str:
    """Write a file anew, so that nothing of what was erased is left in its unused pages; return what went wrong.

    A server sees to its own dead rows.
    """
    if target.path is None:
        return ""
    try:
        _written_anew(target.path)
    except sqlite3.Error as error:
        trouble = sqlite_trouble(error, target.words).message
        return f"Unused pages of {target.words} may still hold traces: {trouble}"
    return ""


def _written_anew(path: Path) -> None:
    with closing(connected(path, "rw", WAIT_SECONDS)) as connection:
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA synchronous=EXTRA")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def holding(path: Path, who: Person) -> Swept:
    """Return the backups of a file that still hold a person, the latest first, and those of which nobody knows."""
    return _each(path, who, None)


def purge(path: Path, who: Person, context: Context) -> Swept:
    """Write each backup that holds a person anew without them; one that cannot be is told, and the others go on."""
    return _each(path, who, context)


def _each(path: Path, who: Person, context: Context | None) -> Swept:
    """Look at each backup while no other command makes one, thins them out or writes them anew."""
    anew, held, unsure, troubles = list[Path](), list[Path](), list[Path](), list[str]()
    try:
        with one_at_a_time(lock_of(path)):
            for place in [backup.path for backup in backups(path)]:
                try:
                    if numbers := _in(place, who):
                        if context is not None:
                            _purge(place, numbers, context)
                        (held if context is None else anew).append(place)
                except FileTrouble as error:  # it holds them no more
                    anew.append(place)
                    troubles.append(error.message)
                except RefertrackError as error:
                    unsure.append(place)
                    troubles.append(f"{error.message} It may still hold them.")
    except RefertrackError as error:  # the lock is not to be had
        troubles.append(f"The backups in {folder_of(path)} may still hold them: {error.message} {error.hint}".rstrip())
    return Swept(tuple(anew), tuple(held), tuple(unsure), tuple(troubles))


def _in(place: Path, who: Person) -> list[int]:
    """Return the ids under which a backup holds a person; a row is the same by its id and its moment.

    Raises:
        StoreTrouble: the backup cannot be read, or is not as it was made, so nobody knows.

    """
    try:
        if not as_made(place):
            raise StoreTrouble(f"{place} is damaged: its SHA-256 differs.")
        see_finished(place)
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
    except OSError as error:
        raise StoreTrouble(f"{place} cannot be read: {error.strerror or error}.") from error


def _purge(place: Path, numbers: Sequence[int], context: Context) -> None:
    """Write a backup anew without a person; it is whole before it takes the old one's place.

    One of an older form is brought to today's form on the way.

    Raises:
        StoreTrouble: it cannot be read or written; the backup is as it was.
        FileTrouble: it is written anew, only its digest could not be noted, or the disk did not confirm it.

    """
    if place.is_symlink():
        raise StoreTrouble(f"{place} is a link to {place.resolve()}, which is left as it is.")
    passing = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    target = Target(path=passing)
    try:
        verify(place)
        os.close(os.open(passing, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        copy_pages(place, passing, None, _opened)
        with plain_errors(target):
            migrate.upgrade(target)
        with writing(target, context) as session:
            for number in numbers:
                erase(session, person(session.connection(), number))
        _written_anew(passing)
        to_disk(passing)
        made = place.stat().st_mtime
        os.utime(passing, (made, made))
        _put_in_place(passing, place)
    except sqlite3.Error as error:
        raise sqlite_trouble(error, str(place)) from error
    except OSError as error:
        raise StoreTrouble(f"{place} cannot be written anew: {error.strerror or error}.") from error
    except StoreTrouble as error:  # of a file that nobody will find
        raise StoreTrouble(error.message.replace(str(passing), str(place))) from error
    finally:
        take_away(passing)


def _opened(place: Path) -> sqlite3.Connection:
    return open_at_rest(place, WAIT_SECONDS)


def _put_in_place(passing: Path, place: Path) -> None:
    """Give a backup that was written anew its name, with its digest beside it."""
    digest, before = sha256(passing), sha256(place)
    noted = beside(place).exists()
    beside(place).unlink(missing_ok=True)  # never a digest beside a file that is not its own
    try:
        passing.replace(place)
    except OSError:
        if noted:
            with suppress(FileTrouble):
                _note(place, before)
        raise
    try:
        _note(place, digest)
    except FileTrouble as error:
        raise FileTrouble(f"{place} is written anew without them, but its SHA-256 could not be noted.") from error
    try:
        to_disk(place.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileTrouble(
            f"{place} is written anew without them, but the disk did not confirm it: {reason}."
        ) from error


def _note(place: Path, digest: str) -> None:
    safe_write(beside(place), f"{digest}  {place.name}\n".encode(), force=True)
