"""Backups of a database file: one a day before the first write, and whenever the person asks.

A backup is copied to a passing name while writers are kept off, brought to the disk and put in its place whole,
readable by its owner alone, with its SHA-256 beside it.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import TypeVar

from refertrack.rules.errors import NotAllowed, StoreTrouble
from refertrack.rules.retention import kept
from refertrack.store.files import name_new, private_folder, safe_write, take_away, to_disk
from refertrack.store.locks import in_the_way, one_at_a_time
from refertrack.store.naming import base_of, bases_of, is_given, of_others
from refertrack.store.opening import open_read_only
from refertrack.store.reader import WAIT_SECONDS, sqlite_trouble
from refertrack.store.target import Target

FOLDER = "backups"
PAGES = 2_000
PIECE = 1 << 16  # more is no quicker, and slower where memory for each is brought anew
SHARE_OF_DISK = 0.10
_DAY = 24 * 60 * 60
_DAILY = re.compile(r"-(\d{4}-\d{2}-\d{2})\.db$")

Progress = Callable[[int, int], None]
Opening = Callable[[Path], sqlite3.Connection]
Copying = Callable[[Path, Path, Progress | None], str]
T = TypeVar("T")


@dataclass(frozen=True)
class Backup:
    """A backup: its file, when it was made, its size in bytes and its digest ('' where none is to be read)."""

    path: Path
    made_at: datetime
    size: int
    sha256: str


def file_of(target: Target) -> Path:
    """Return the database's file.

    Raises:
        NotAllowed: the database is on a server, which has tools of its own for this.

    """
    if target.path is None:
        raise NotAllowed(
            "Backups of a server's database are made with the server's own tools.",
            "For PostgreSQL: pg_dump, pg_restore",
        )
    return target.path


def real(path: Path) -> Path:
    """Return the file that a link leads to: whatever name it is used by, its backups and its lock are the same."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def folder_of(path: Path) -> Path:
    """Return the folder where a file's backups are kept: beside the file itself, not beside a link to it."""
    return real(path).parent / FOLDER


def _folders(path: Path) -> set[str]:
    """Return the folders that are searched for a file's backups, whatever links lead to them."""
    return {os.path.realpath(each.parent / FOLDER) for each in (real(path), path)}


def lock_of(path: Path) -> Path:
    """Return the lock file of whoever makes, thins out or writes anew a file's backups."""
    return folder_of(path) / f".{base_of(real(path))}.lock"


def daily(path: Path, today: date, progress: Progress | None = None) -> Path | None:
    """Make the day's backup before the first write, if there is none yet; return it if it was made now.

    Eight writers at once make one: the first takes a lock file, the others wait for its backup.

    Raises:
        StoreTrouble: it cannot be made, so nothing is written either.

    """
    path = real(path)
    place = folder_of(path) / f"{base_of(path)}-{today.isoformat()}.db"
    if place.is_file() or not path.exists():
        return None
    lock = lock_of(path)
    with one_at_a_time(lock):
        if place.is_file():
            return None
        if os.path.lexists(place):
            raise StoreTrouble(f"{place} is no backup, and is in the way of the day's.", "Give it another name.")
        clear_leftovers(path, lock.stat().st_mtime)
        copy(path, place, progress)
        thin_out(path, just_made=place)
        return place


def by_hand(path: Path, place: Path | None, now: datetime, progress: Progress | None = None) -> Backup:
    """Make a backup that a person asks for: in the place that they name, else in the folder of backups.

    There it is made while no other command sees to the backups, so that one who is forgotten meanwhile is not in it.
    Elsewhere nothing is looked after, and a folder in which nothing can be made is in nobody's way.

    Raises:
        Busy, NotAllowed, StoreTrouble: as ``copy`` and ``one_at_a_time`` do.

    """
    if place is not None and os.path.realpath(place.parent) not in _folders(path):
        return copy(path, place, progress)
    with one_at_a_time(lock_of(path)):
        return copy(path, place or fresh_place(path, f"by-hand-{now:%Y%m%d-%H%M%S}"), progress)


def before_migrating(path: Path, revision: str | None, current: Callable[[], str | None]) -> Path | None:
    """Keep a file as it is before it is migrated from a revision, unless another command has migrated it.

    Raises:
        StoreTrouble: it cannot be kept, so nothing is migrated either.

    """
    with one_at_a_time(lock_of(path)):
        if current() != revision:
            return None
        return copy(path, fresh_place(path, f"schema-{revision}")).path


def before_migration(path: Path, revision: str) -> Path | None:
    """Return the latest backup that was made before a file left a revision."""
    begins = tuple(f"{base}-schema-{revision}" for each in (path, real(path)) for base in bases_of(each))
    with suppress(StoreTrouble):  # the folder may not be looked into
        return next((one.path for one in backups(path) if one.path.name.startswith(begins)), None)
    return None


def copy(path: Path, place: Path, progress: Progress | None = None, by: Copying | None = None) -> Backup:
    """Copy a database file to a new place, whole or not at all; ``by`` copies what somebody else has locked.

    Raises:
        NotAllowed: there is a file already.
        StoreTrouble: the file cannot be read, or the place cannot be written.

    """
    if place.exists() or place.is_symlink():
        raise NotAllowed(f"{place} is there already.", "Choose another name.")
    passing = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        private_folder(place.parent)
        os.close(os.open(passing, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        digest = (by or copy_bytes)(path, passing, progress)
        to_disk(passing)
        safe_write(beside(place), f"{digest}  {place.name}\n".encode(), force=True)
        name_new(passing, place)
        confirmed(place)
    except sqlite3.Error as error:
        raise sqlite_trouble(error, str(path)) from error
    except OSError as error:
        reason, hint = in_the_way(place.parent, error)
        raise StoreTrouble(f"{place} cannot be written: {reason}.", f"Nothing was changed. {hint}".rstrip()) from error
    finally:
        take_away(passing)
    return _read(place)


def confirmed(place: Path) -> None:
    """Make the name of a new backup last."""
    try:
        to_disk(place.parent)
    except OSError as error:
        raise StoreTrouble(
            f"{place} is written, but the disk did not confirm it: {error.strerror or error}.",
            "Look at the disk; then see whether it is whole: refertrack check",
        ) from error


def backups(path: Path) -> list[Backup]:
    """Return the backups of a file, the latest first; a folder, or a link that leads to nothing, is none.

    Where the file is used through a link, those that lie beside the link are among them.

    Raises:
        StoreTrouble: a folder of backups cannot be looked through, so nobody knows what it holds.

    """
    found = {backup.path: backup for each in dict.fromkeys((real(path), path)) for backup in _of(each)}
    return sorted(found.values(), key=lambda backup: (backup.made_at, backup.path.name), reverse=True)


def _of(path: Path) -> Iterator[Backup]:
    """Give the backups in the folder beside a file that are its own by their names."""
    folder, bases = path.parent / FOLDER, bases_of(path)
    try:
        if not os.path.lexists(folder):
            return
        begins, others = tuple(f"{base}-" for base in bases), of_others(path, bases)
        for place in folder.iterdir():
            with suppress(FileNotFoundError):  # another command has thinned it out just now
                own = place.name.startswith(begins) and (
                    is_given(place.name, bases) or not place.name.startswith(others)
                )
                if own and place.suffix == ".db" and place.is_file():
                    yield _read(place)
    except OSError as error:
        reason, hint = in_the_way(folder, error)
        raise StoreTrouble(f"{folder} cannot be looked through: {reason}.", hint) from error


def fresh_place(path: Path, words: str) -> Path:
    """Return a name in the folder of backups that no file has yet: two of one second stay apart."""
    names = (f"{base_of(real(path))}-{words}{f'-{number}' if number > 1 else ''}.db" for number in count(1))
    return next(place for name in names if not os.path.lexists(place := folder_of(path) / name))


def thin_out(path: Path, share: float = SHARE_OF_DISK, just_made: Path | None = None) -> list[Path]:
    """Delete daily backups that need not be kept, and the oldest ones that take too much of the disk.

    The latest one stays, as does the one just made where a clock was wrong before, and what a person made or a restore
    kept. Where nobody may look into the folder, all stay.
    """
    path = real(path)
    try:
        dated = {day: backup for backup in backups(path) if (day := _day_of(path, backup.path.name))}
    except StoreTrouble:
        return []
    keep = {*kept(dated), *(day for day, backup in dated.items() if backup.path == just_made)}
    gone = [backup for day, backup in dated.items() if day not in keep]
    staying = sorted(keep & dated.keys(), key=lambda day: (dated[day].path == just_made, day))
    allowed = shutil.disk_usage(path.parent).total * share
    while len(staying) > 1 and sum(dated[day].size for day in staying) > allowed:
        gone.append(dated[staying.pop(0)])
    for backup in gone:
        take_away(backup.path)
        take_away(beside(backup.path))
    return [backup.path for backup in gone]


def _day_of(path: Path, name: str) -> date | None:
    """Return the day of a daily backup by its name; None for any other."""
    match = _DAILY.search(name)
    with suppress(ValueError):  # a day that no calendar has
        if match and name == f"{base_of(path)}-{match[1]}.db":
            return date.fromisoformat(match[1])
    return None


def clear_leftovers(path: Path, now: float) -> None:
    """Delete the passing files of commands that were killed, since they hold what the database held.

    One that is younger than a day may still be in use.
    """
    copies = re.compile(rf"\.{re.escape(path.stem)}[-.].*\.[0-9a-f]{{8}}(-journal)?")
    digests = re.compile(r"\.refertrack-[a-z0-9_]{8}")
    for folder, names in ((path.parent, (copies,)), (folder_of(path), (copies, digests))):
        for found in list(folder.glob(".*")):
            passing = any(name.fullmatch(found.name) for name in names)
            with suppress(FileNotFoundError):  # another command has taken it away just now
                if passing and now - found.lstat().st_mtime > _DAY:
                    take_away(found)


def copy_bytes(path: Path, place: Path, progress: Progress | None) -> str:
    """Copy a database byte by byte under the engine's lock for reading, and return the SHA-256 of what was copied.

    No writer changes the file while somebody reads, so it is one whole commit; one that writes ahead into another file
    does, and is copied page by page. Raises sqlite3.Error, OSError and StoreTrouble.
    """
    # Closed last: a system takes a program's locks from a file as soon as the program closes it once.
    with reading_from(path) as read, closing(open_read_only(path, WAIT_SECONDS)) as reader:
        reader.execute("BEGIN")
        total = reader.execute("PRAGMA page_count").fetchone()[0] * reader.execute("PRAGMA page_size").fetchone()[0]
        if reader.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            copy_pages(path, place, progress)
            return sha256(place)
        return write_pieces(pieces(read, total), place, total, progress)


def pieces(read: Callable[[int], bytes], total: int) -> Iterator[bytes]:
    """Read so many bytes piece by piece, or fewer where there are no more."""
    while total and (piece := read(min(PIECE, total))):
        total -= len(piece)
        yield piece


def write_pieces(found: Iterable[bytes], place: Path, total: int, progress: Progress | None = None) -> str:
    """Write a database's bytes to a place; return their SHA-256. Raises sqlite3.Error where they are too few."""
    digest, done = hashlib.sha256(), 0
    with place.open("wb") as target:
        for piece in found:
            digest.update(piece)
            done += target.write(piece)
            if progress is not None:
                progress(done, total)
    if done != total:
        raise sqlite3.DatabaseError("database disk image is malformed")
    return digest.hexdigest()


@contextmanager
def reading_from(path: Path) -> Iterator[Callable[[int], bytes]]:
    """Give what reads a file piece by piece; says it where that fails."""

    def trying(act: Callable[[], T]) -> T:
        try:
            return act()
        except OSError as error:
            raise StoreTrouble(f"{path} cannot be read: {error.strerror or error}.", "Nothing was changed.") from error

    with trying(lambda: path.open("rb", buffering=0)) as stream:
        yield lambda size: trying(lambda: stream.read(size))


def _opened(path: Path) -> sqlite3.Connection:
    return open_read_only(path, WAIT_SECONDS)


def copy_pages(path: Path, place: Path, progress: Progress | None, opened: Opening = _opened) -> None:
    """Copy a database page by page with the engine's own call, which waits for writers and sees whole commits."""

    def tell(status: int, remaining: int, total: int) -> None:
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:  # the engine has waited; left alone it waits forever
            raise sqlite3.OperationalError("database is locked")
        if progress is not None:
            progress(total - remaining, total)

    target_file = sqlite3.connect(place, timeout=WAIT_SECONDS)
    with closing(target_file) as target, closing(opened(path)) as source:
        target.execute("PRAGMA synchronous=EXTRA")
        source.backup(target, pages=PAGES if progress else -1, progress=tell, sleep=0.005)


def beside(place: Path) -> Path:
    """Return the file that holds a backup's SHA-256."""
    return place.with_name(place.name + ".sha256")


def sha256(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb", buffering=0) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read(place: Path) -> Backup:
    stat = place.stat()
    made_at = datetime.fromtimestamp(stat.st_mtime).astimezone()
    return Backup(place, made_at, stat.st_size, _noted(place) or "")


def as_made(place: Path) -> bool:
    """Whether a backup is as it was made, by the digest beside it; where none was written, nobody knows better."""
    noted = _noted(place)
    return noted is None or noted == sha256(place)


def _noted(place: Path) -> str | None:
    """Return the digest beside a backup: None where there is none, '' where it cannot be read as one."""
    try:
        words = beside(place).read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        return ""
    return words[0] if words else ""
