"""Put a backup in the place of a database file: verified first, and what it replaces is kept."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from shlex import quote
from typing import BinaryIO

from refertrack.rules.errors import Busy, NotAllowed, NotFound, StoreTrouble
from refertrack.store import deeds
from refertrack.store.backup import (
    PIECE,
    Progress,
    as_made,
    beside,
    confirmed,
    copy,
    copy_pages,
    fresh_place,
    lock_of,
    pieces,
    reading_from,
    sha256,
    write_pieces,
)
from refertrack.store.files import private_folder, safe_open, take_away, to_disk
from refertrack.store.locks import one_at_a_time
from refertrack.store.opening import (
    connected,
    header_is_ours,
    open_at_rest,
    open_read_only,
    unfinished,
    writes_ahead,
)
from refertrack.store.reader import WAIT_SECONDS, sqlite_trouble
from refertrack.store.schema import APPLICATION_ID, OldSchema, check_revision, foreign

STEP = 64  # pages at a time, few enough to stay in the engine's memory until the whole is kept
CACHE_KIB = 65_536
_CHANGES = slice(24, 28)  # where the header of a file counts its changes


def refuse_itself(path: Path, place: Path) -> None:
    """See that a backup is not the very file that it would replace.

    Raises:
        NotAllowed: it is, by whatever name.

    """
    with _reading(place):
        itself = path.exists() and place.exists() and path.samefile(place)
    if itself:
        raise NotAllowed(f"{place} is the database itself.", "See what backups there are: refertrack restore")


def verify(place: Path) -> str:
    """See that a file is a whole database of ours; return its schema revision.

    Raises:
        NotFound: there is no such file.
        StoreTrouble: it is not ours, damaged, or newer than this program.

    """
    with _reading(place):
        if not place.is_file():
            raise NotFound(f"There is no file {place}.", "See what there is: refertrack restore")
        see_finished(place)
        if not as_made(place):
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


def see_finished(place: Path) -> None:
    """See that no unfinished change lies beside a backup.

    Raises:
        StoreTrouble: one does.

    """
    if left := unfinished(place):
        aside = left.with_name(f"{left.name}.aside")
        raise StoreTrouble(
            f"{place} was left in the middle of a change: {left.name} lies beside it.",
            f"The backup itself is as it was made. Leave the change out: mv {quote(str(left))} {quote(str(aside))}"
            if beside(place).exists() and as_made(place)
            else f"Let the change be ended or taken back, then try again: refertrack check --db {quote(str(place))}",
        )


@contextmanager
def _reading(place: Path) -> Iterator[None]:
    """Say which file cannot be read, where one cannot be.

    Raises:
        StoreTrouble: it cannot.

    """
    try:
        yield
    except sqlite3.Error as error:
        raise sqlite_trouble(error, str(place)) from error
    except OSError as error:
        raise StoreTrouble(
            f"{place} cannot be read: {error.strerror or error}.",
            "Nothing was changed. Give yourself the right to read it, or choose another backup: refertrack restore",
        ) from error


def restore(path: Path, place: Path, now: datetime) -> Path | None:
    """Put a verified backup in the place of a database file; return where the replaced file is kept.

    Raises:
        NotAllowed: it is the file itself.
        NotFound: there is no such backup.
        StoreTrouble: the backup is not ours or damaged, the file is in use, or cannot be written.

    """
    refuse_itself(path, place)
    verify(place)
    replaced: Path | None = None
    try:
        private_folder(path.parent)
        with one_at_a_time(lock_of(path)):
            if path.exists():
                replaced = fresh_place(path, f"replaced-{now:%Y%m%d-%H%M%S}")
            if replaced is None:
                _put(path.resolve(), place)
            elif _is_whole(path):
                _overwrite(path, place, replaced)
            else:
                _replace(path.resolve(), place, replaced)
    except sqlite3.Error as error:
        raise sqlite_trouble(error, str(path)) from error
    except OSError as error:
        raise StoreTrouble(f"{path} cannot be written: {error.strerror or error}.", "Nothing was changed.") from error
    return replaced


def _overwrite(path: Path, place: Path, replaced: Path) -> None:
    """Keep a whole file, and write a backup over it, in one transaction: no writer comes in between.

    A waiting writer goes on with what was restored.
    """
    told: list[int] = []

    def tell(status: int, *_: int) -> None:
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:  # the engine has waited
            raise sqlite3.OperationalError("database is locked")
        if not told:  # from its first step on the engine keeps others off, and nothing is in the file yet
            copy(path, replaced, by=_locked(read))
            deeds.begin()
        told.append(status)

    # Closed last: a system takes a program's locks from a file as soon as the program closes it once.
    with reading_from(path) as read, closing(_opened(place)) as source:
        step = min(STEP, source.execute("PRAGMA page_count").fetchone()[0] // 2)  # never all of it at once
        try:
            with closing(connected(path, "rw", WAIT_SECONDS)) as target:
                target.execute("PRAGMA synchronous=EXTRA")
                target.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
                source.backup(target, pages=max(1, step), progress=tell, sleep=0.005)
        except sqlite3.Error as error:
            if told and not isinstance(sqlite_trouble(error, str(path)), Busy):
                _look(path, place, replaced, error)
            raise


def _opened(place: Path) -> sqlite3.Connection:
    with _reading(place):
        return open_at_rest(place, WAIT_SECONDS)


def _look(path: Path, place: Path, replaced: Path, error: sqlite3.Error) -> None:
    """See whether a backup was written although that ended with an error: a lock may not be given back after it.

    Raises:
        StoreTrouble: it was, or nobody knows.

    """
    kept = f"What it replaced is kept: {replaced}"
    try:
        open_read_only(path, WAIT_SECONDS).close()  # what is unfinished is taken back
        if (now := _counted(path)) and now == _counted(replaced):  # which was copied while others were kept off
            return
    except (sqlite3.Error, OSError):
        now = b""
    if now:
        raise StoreTrouble(
            f"{path} is restored from {place}, but the disk did not confirm it ({error}).",
            f"Look at the disk; then see whether all is well: refertrack check. {kept}",
        ) from error
    raise StoreTrouble(
        f"{path} failed ({error}) while {place} was written to it: it holds all of that or nothing.",
        f"See what it holds: refertrack history. {kept}",
    ) from error


def _counted(path: Path) -> bytes:
    """Return what the engine counts up in a file's header at each change, nothing for a file that writes ahead."""
    with path.open("rb") as stream:
        head = stream.read(28)
    return b"" if writes_ahead(head) else head[_CHANGES]


def _locked(read: Callable[[int], bytes]) -> Callable[[Path, Path, Progress | None], str]:
    """Return what copies a file that this process keeps others off: its bytes are one whole commit."""

    def by(path: Path, place: Path, progress: Progress | None) -> str:
        total, head = path.stat().st_size, read(PIECE)
        if writes_ahead(head):  # the rest is in another file, and who writes hinders no reader
            copy_pages(path, place, progress)
            return sha256(place)
        return write_pieces(chain([head], pieces(read, total - len(head))), place, total, progress)

    return by


def _replace(path: Path, place: Path, replaced: Path) -> None:
    """Keep a file that is too damaged to be written into, and put a new one in its place.

    It is kept only once the new one is there: a disk that is full is no fuller afterwards. From then on every trouble
    tells where it is.
    """
    try:
        with _kept_off(path) as stream:
            _put(path, place, lambda: _keep_bytes(path, stream, replaced))
    except StoreTrouble as error:
        if replaced.exists():
            error.hint = f"{error.hint} What it replaced is kept: {replaced}"
        raise
    except OSError as error:
        if not replaced.exists():
            raise
        raise StoreTrouble(
            f"{path} cannot be written: {error.strerror or error}.", f"What was there is kept: {replaced}"
        ) from error


@contextmanager
def _kept_off(path: Path) -> Iterator[BinaryIO]:
    """Keep writers off a damaged file, where it is whole enough for anybody to write to it; give its bytes."""
    with path.open("rb", buffering=0) as stream:  # closed last, as above
        head = stream.read(100)
        stream.seek(0)
        if not header_is_ours(head) or writes_ahead(head):
            yield stream
            return
        with closing(connected(path, "rw", WAIT_SECONDS)) as connection:
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.Error as error:
                if _in_use(error):
                    raise
            yield stream


def _put(path: Path, place: Path, keep: Callable[[], None] = lambda: None) -> None:
    """Put a new file in the place of another one, or of none; ``keep`` is called when it is whole."""
    passing = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(passing, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        copy_pages(place, passing, None, _opened)
        to_disk(passing)
        keep()
        deeds.begin()
        for beside_it in _beside(path):  # the engine would roll the old file's journal back into the new one
            beside_it.unlink()
        passing.replace(path)
        confirmed(path)
    finally:
        take_away(passing)


def _is_whole(path: Path) -> bool:
    """Whether a file is whole enough to be written into."""
    try:
        with closing(open_read_only(path, WAIT_SECONDS)) as connection:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                return False
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.Error as error:
        if _in_use(error):
            raise
        return False


# What says nothing of a file's bytes: others hold it, or its disk gives no locks.
_IN_USE = (
    "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_IOERR_LOCK", "SQLITE_IOERR_RDLOCK",
    "SQLITE_IOERR_UNLOCK", "SQLITE_IOERR_CHECKRESERVEDLOCK",
)  # fmt: skip


def _in_use(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith(_IN_USE)


def _keep_bytes(path: Path, stream: BinaryIO, place: Path) -> None:
    """Keep a file that is too damaged to be copied as a database, and what the engine left beside it, as they are."""
    private_folder(place.parent)
    with safe_open(place) as target:
        shutil.copyfileobj(stream, target)
    for source in _beside(path):
        kept = place.with_name(place.name + source.name.removeprefix(path.name))
        with source.open("rb") as found, safe_open(kept) as target:
            shutil.copyfileobj(found, target)


def _beside(path: Path) -> list[Path]:
    """Return what the engine left beside a file: the journal of a change that was not finished."""
    places = (path.with_name(path.name + suffix) for suffix in ("-journal", "-wal", "-shm"))
    return [place for place in places if place.exists()]
