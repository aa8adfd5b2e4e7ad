"""Put a backup in the place of a database file: verified first, and what it replaces is kept."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from refertrack.rules.errors import NotFound, StoreTrouble
from refertrack.store.backup import as_made, confirmed, copy, copy_pages, fresh_place
from refertrack.store.files import private_folder, safe_open, take_away, to_disk
from refertrack.store.opening import open_read_only
from refertrack.store.reader import WAIT_SECONDS, sqlite_trouble
from refertrack.store.schema import APPLICATION_ID, OldSchema, check_revision, foreign


def verify(place: Path) -> str:
    """See that a file is a whole database of ours; return its schema revision.

    Raises:
        NotFound: there is no such file.
        StoreTrouble: it is not ours, damaged, or newer than this program.

    """
    if not place.is_file():
        raise NotFound(f"There is no file {place}.", "See what there is: refertrack restore")
    if any(left.stat().st_size for left in _beside(place)):
        raise StoreTrouble(
            f"{place} was copied in the middle of a change: {_beside(place)[0].name} lies beside it.",
            f"Let the change be taken back, then restore it: refertrack check --db {place}",
        )
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


def restore(path: Path, place: Path, now: datetime) -> Path | None:
    """Put a verified backup in the place of a database file; return where the replaced file is kept.

    Raises:
        NotFound: there is no such backup.
        StoreTrouble: the backup is not ours or damaged, the file is in use, or cannot be written.

    """
    verify(place)
    replaced: Path | None = None
    try:
        private_folder(path.parent)
        whole = _is_whole(path)
        if path.exists():
            replaced = fresh_place(path, f"replaced-{now:%Y%m%d-%H%M%S}")
            (copy if whole else _keep_bytes)(path, replaced)
        if whole:  # in one transaction, so that a waiting writer goes on with what was restored
            copy_pages(place, path, None)
        else:
            _replace(path, place)
    except sqlite3.Error as error:
        raise sqlite_trouble(error, str(path)) from error
    except OSError as error:
        raise StoreTrouble(f"{path} cannot be written: {error.strerror or error}.", "Nothing was changed.") from error
    return replaced


def _replace(path: Path, place: Path) -> None:
    """Put a new file in the place of one that is too damaged to be written into, or of none."""
    passing = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(passing, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        copy_pages(place, passing, None)
        to_disk(passing)
        for beside_it in _beside(path):  # the engine would roll the old file's journal back into the new one
            beside_it.unlink()
        passing.replace(path)
        confirmed(path)
    finally:
        take_away(passing)


def _is_whole(path: Path) -> bool:
    """Whether a file is there and whole enough to be written into."""
    if not path.exists():
        return False
    try:
        with closing(open_read_only(path, WAIT_SECONDS)) as connection:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                return False
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN")):
            raise
        return False


def _keep_bytes(path: Path, place: Path) -> None:
    """Keep a file that is too damaged to be copied as a database, and what the engine left beside it, as they are."""
    private_folder(place.parent)
    for source in (path, *_beside(path)):
        kept = place.with_name(place.name + source.name.removeprefix(path.name))
        with source.open("rb") as stream, safe_open(kept) as target:
            shutil.copyfileobj(stream, target)


def _beside(path: Path) -> list[Path]:
    """Return what the engine left beside a file: the journal of a change that was not finished."""
    places = (path.with_name(path.name + suffix) for suffix in ("-journal", "-wal", "-shm"))
    return [place for place in places if place.exists()]
