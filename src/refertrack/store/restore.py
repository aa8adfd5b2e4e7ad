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
from refertrack.store.backup import beside, copy, copy_pages, fresh_place, sha256
from refertrack.store.files import private, private_folder, to_disk
from refertrack.store.reader import sqlite_trouble
from refertrack.store.schema import APPLICATION_ID, OldSchema, check_revision, foreign


def verify(place: Path) -> str:
    """See that a file is a whole database of ours; return its schema revision.

    Raises:
        NotFound: there is no such file.
        StoreTrouble: it is not ours, damaged, or newer than this program.

    """
    if not place.is_file():
        raise NotFound(f"There is no file {place}.", "See what there is: refertrack restore")
    noted = beside(place)
    if noted.exists() and noted.read_text(encoding="utf-8").split()[:1] != [sha256(place)]:
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
        copy_pages(place, passing, None)
        to_disk(passing)
        passing.replace(path)
        to_disk(path.parent)
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
        private_folder(place.parent)
        with path.open("rb") as source, open(place, "xb", opener=private) as target:
            shutil.copyfileobj(source, target)
