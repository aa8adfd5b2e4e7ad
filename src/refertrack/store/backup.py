"""Backups of a database file: one a day before the first write, and whenever the person asks.

A backup is made with SQLite's own backup call to a passing name, brought to the disk and put in its place
whole, readable by its owner alone, with its SHA-256 beside it.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from pathlib import Path

from refertrack.rules.errors import NotAllowed, NotFound, StoreTrouble
from refertrack.rules.retention import kept
from refertrack.store.reader import sqlite_trouble
from refertrack.store.schema import APPLICATION_ID, OldSchema, check_revision, foreign
from refertrack.store.target import Target

FOLDER = "backups"
PAGES = 2_000
LOCK_SECONDS = 600
SHARE_OF_DISK = 0.10
_DAILY = re.compile(r"-(\d{4}-\d{2}-\d{2})\.db$")

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Backup:
    """A backup: its file, when it was made, its size in bytes and its digest ('' where none was written)."""

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


def folder_of(path: Path) -> Path:
    """Return the folder where a file's backups are kept."""
    return path.parent / FOLDER


def daily(path: Path, today: date, progress: Progress | None = None) -> Path | None:
    """Make the day's backup before the first write, if there is none yet; return it if it was made now.

    Eight writers at once make one: the first takes a lock file, the others wait for its backup.

    Raises:
        StoreTrouble: it cannot be made, so nothing is written either.

    """
    place = folder_of(path) / f"{path.stem}-{today.isoformat()}.db"
    if place.exists() or not path.exists():
        return None
    with _lock(path, place) as ours:
        if not ours or place.exists():
            return None
        copy(path, place, progress)
        thin_out(path)
        return place


def copy(path: Path, place: Path, progress: Progress | None = None) -> Backup:
    """Copy a database file to a new place, whole or not at all.

    Raises:
        NotAllowed: there is a file already.
        StoreTrouble: the file cannot be read, or the place cannot be written.

    """
    if place.exists() or place.is_symlink():
        raise NotAllowed(f"{place} is there already.", "Choose another name.")
    passing = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        _folder(place.parent)
        os.close(os.open(passing, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        _copy_pages(path, passing, progress)
        _to_disk(passing)
        os.link(passing, place)
        digest = sha256(place)
        _write(place.with_name(place.name + ".sha256"), f"{digest}  {place.name}\n")
        _to_disk(place.parent)
    except sqlite3.Error as error:
        raise sqlite_trouble(error, str(path)) from error
    except OSError as error:
        raise StoreTrouble(f"{place} cannot be written: {error.strerror or error}.", "Nothing was changed.") from error
    finally:
        passing.unlink(missing_ok=True)
    return _read(place)


def backups(path: Path) -> list[Backup]:
    """Return the backups of a file, the latest first."""
    folder = folder_of(path)
    found = [_read(place) for place in folder.glob(f"{path.stem}-*.db")] if folder.is_dir() else []
    return sorted(found, key=lambda backup: (backup.made_at, backup.path.name), reverse=True)


def fresh_place(path: Path, words: str) -> Path:
    """Return a name in the folder of backups that no file has yet: two of one second stay apart."""
    names = (f"{path.stem}-{words}{f'-{number}' if number > 1 else ''}.db" for number in count(1))
    return next(place for name in names if not (place := folder_of(path) / name).exists())


def thin_out(path: Path, share: float = SHARE_OF_DISK) -> list[Path]:
    """Delete daily backups that need not be kept, and the oldest ones that take too much of the disk.

    The latest one stays, and so does what a person made or a restore kept.
    """
    dated = {
        date.fromisoformat(match[1]): backup
        for backup in backups(path)
        if (match := _DAILY.search(backup.path.name)) and backup.path.name == f"{path.stem}-{match[1]}.db"
    }
    keep = kept(dated)
    gone = [backup for day, backup in dated.items() if day not in keep]
    staying = sorted(day for day in dated if day in keep)
    allowed = shutil.disk_usage(path.parent).total * share
    while len(staying) > 1 and sum(dated[day].size for day in staying) > allowed:
        gone.append(dated[staying.pop(0)])
    for backup in gone:
        backup.path.unlink(missing_ok=True)
        backup.path.with_name(backup.path.name + ".sha256").unlink(missing_ok=True)
    return [backup.path for backup in gone]


def verify(place: Path) -> str:
    """See that a file is a whole database of ours; return its schema revision.

    Raises:
        NotFound: there is no such file.
        StoreTrouble: it is not ours, damaged, or newer than this program.

    """
    if not place.is_file():
        raise NotFound(f"There is no file {place}.", "See what there is: refertrack restore")
    beside = place.with_name(place.name + ".sha256")
    if beside.exists() and beside.read_text(encoding="utf-8").split()[:1] != [sha256(place)]:
        raise StoreTrouble(f"{place} is not as it was made: its SHA-256 differs.", "Choose another backup.")
    try:
        with closing(sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise foreign(str(place))
            damage = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if damage != "ok":
                raise StoreTrouble(f"{place} is damaged ({damage}).", "Choose another backup: refertrack restore")
            revision = str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    except sqlite3.Error as error:
        raise sqlite_trouble(error, str(place)) from error
    try:
        check_revision(revision, str(place))
    except OldSchema:  # an older one is migrated when it is next used
        return revision
    return revision


def restore(path: Path, place: Path, now: datetime) -> Path | None:
    """Put a verified backup in the place of a database file; return where the replaced file is kept.

    Raises:
        NotFound: there is no such backup.
        StoreTrouble: the backup is not ours or damaged, the file is in use, or cannot be written.

    """
    verify(place)
    replaced: Path | None = None
    try:
        _folder(path.parent)
        if path.exists():
            replaced = fresh_place(path, f"replaced-{now:%Y%m%d-%H%M%S}")
            _keep_replaced(path, replaced)
        _put_in_place(path, place)
    except sqlite3.Error as error:
        raise sqlite_trouble(error, str(path)) from error
    except OSError as error:
        raise StoreTrouble(f"{path} cannot be written: {error.strerror or error}.", "Nothing was changed.") from error
    return replaced


def _put_in_place(path: Path, place: Path) -> None:
    """Write a backup's pages into the file in one transaction, so that a waiting writer goes on with them.

    A file that is too damaged for that is replaced by a new one.
    """
    if _is_ours(path):
        with (
            closing(sqlite3.connect(path, timeout=5)) as target,
            closing(sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro", uri=True)) as source,
        ):
            source.backup(target)
        return
    passing = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(passing, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        _copy_pages(place, passing, None)
        _to_disk(passing)
        passing.replace(path)
        _to_disk(path.parent)
    finally:
        passing.unlink(missing_ok=True)


def _is_ours(path: Path) -> bool:
    """Whether a file is there and whole enough to be written into."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                return False
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return False


def _keep_replaced(path: Path, place: Path) -> None:
    """Keep a file as it is, byte for byte if it is too damaged to be copied as a database."""
    try:
        copy(path, place)
    except StoreTrouble:
        _folder(place.parent)
        with path.open("rb") as source, open(place, "xb", opener=_private) as target:
            shutil.copyfileobj(source, target)


def _copy_pages(path: Path, place: Path, progress: Progress | None) -> None:
    def tell(_status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
    with closing(source), closing(sqlite3.connect(place)) as target:
        source.backup(target, pages=PAGES if progress else -1, progress=tell if progress else None, sleep=0.005)


@contextmanager
def _lock(path: Path, place: Path) -> Iterator[bool]:
    """Hold the lock file while a backup is made; False where somebody else has made it meanwhile."""
    lock = folder_of(path) / f".{path.stem}.lock"
    try:
        _folder(lock.parent)
        while True:
            try:
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0o600))
                break
            except FileExistsError:
                if _age(lock) > LOCK_SECONDS:  # whoever held it was killed
                    lock.unlink(missing_ok=True)
                elif place.exists():
                    yield False
                    return
                time.sleep(0.02)
    except OSError as error:
        raise StoreTrouble(
            f"The day's backup cannot be made in {lock.parent}: {error.strerror or error}.", "Nothing was changed."
        ) from error
    try:
        yield True
    finally:
        lock.unlink(missing_ok=True)


def _age(lock: Path) -> float:
    try:
        return time.time() - lock.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        folder.chmod(0o700)


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _write(path: Path, words: str) -> None:
    with open(path, "w", encoding="utf-8", opener=_private) as stream:
        stream.write(words)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _read(place: Path) -> Backup:
    stat = place.stat()
    beside = place.with_name(place.name + ".sha256")
    digest = beside.read_text(encoding="utf-8").split()[0] if beside.exists() else ""
    return Backup(place, datetime.fromtimestamp(stat.st_mtime).astimezone(), stat.st_size, digest)
