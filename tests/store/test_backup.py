"""A copy of the file is the same bytes of one moment, and a restore keeps it, whatever others write meanwhile."""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from refertrack.rules.errors import Busy, NotAllowed, StoreTrouble
from refertrack.store import backup, locks, restore
from refertrack.store.engine import prepare
from refertrack.store.target import Target

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
WRITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0)
try:
    connection.execute("DELETE FROM alembic_version")
    connection.commit()
except sqlite3.OperationalError as error:
    print(error)
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.db"
    prepare(Target(path=path))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE filler (words TEXT)")
        connection.execute("INSERT INTO filler VALUES (hex(randomblob(3000000)))")
        connection.commit()
    return path


def write_from_another_process(path: Path) -> str:
    """Try to change a file without waiting; return what the engine said."""
    return subprocess.run(
        [sys.executable, "-c", WRITE, path], capture_output=True, text=True, check=True
    ).stdout.strip()


def words_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT words FROM filler").fetchone()[0])


def test_a_copy_is_the_same_bytes_with_their_digest(own: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    made = backup.copy(own, tmp_path / "copy.db", lambda done, total: told.append((done, total)))
    assert made.path.read_bytes() == own.read_bytes()
    assert made.sha256 == hashlib.sha256(own.read_bytes()).hexdigest()
    assert told == sorted(told)
    assert told[-1] == (own.stat().st_size, own.stat().st_size)
    assert len(told) > 3


def test_no_writer_changes_the_file_while_it_is_copied(own: Path, tmp_path: Path) -> None:
    before, said = own.read_bytes(), list[str]()

    def tell(done: int, total: int) -> None:
        said.append(write_from_another_process(own))

    made = backup.copy(own, tmp_path / "copy.db", tell)
    assert set(said) == {"database is locked"}
    assert made.path.read_bytes() == before
    assert write_from_another_process(own) == ""
    assert own.read_bytes() != before


def test_a_file_that_writes_ahead_is_copied_with_what_was_not_yet_moved_into_it(own: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(own)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("UPDATE filler SET words = 'written ahead'")
        writer.commit()
        made = backup.copy(own, tmp_path / "copy.db")
    with closing(sqlite3.connect(made.path)) as copied:
        assert copied.execute("SELECT words FROM filler").fetchall() == [("written ahead",)]
    assert made.sha256 == hashlib.sha256(made.path.read_bytes()).hexdigest()


def test_a_file_that_was_cut_short_is_not_taken_for_a_whole_one(own: Path, tmp_path: Path) -> None:
    own.write_bytes(own.read_bytes()[:-5_000])
    with pytest.raises(StoreTrouble, match="damaged"):
        backup.copy(own, tmp_path / "copy.db")
    assert [place.name for place in tmp_path.iterdir()] == ["own.db"]


def test_a_disk_that_cannot_be_read_is_said(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(StoreTrouble, match=r"own\.db cannot be read: Input/output error\."):
        backup.copy(own, tmp_path / "copy.db")
    assert [place.name for place in tmp_path.iterdir()] == ["own.db"]


def test_no_write_falls_between_what_a_restore_keeps_and_what_it_writes(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = backup.copy(own, tmp_path / "copy.db").path
    with closing(sqlite3.connect(own)) as writer:
        writer.execute("UPDATE filler SET words = 'since'")
        writer.commit()
    before, said = own.read_bytes(), list[str]()

    def copy(*arguments: Any, **named: Any) -> backup.Backup:
        said.append(write_from_another_process(own))
        made = backup.copy(*arguments, **named)
        said.append(write_from_another_process(own))
        return made

    monkeypatch.setattr(restore, "copy", copy)
    kept = restore.restore(own, place, NOW)
    assert said == ["database is locked", "database is locked"]
    assert kept is not None
    assert (kept.read_bytes(), backup.as_made(kept)) == (before, True)
    assert words_of(own) == words_of(place) != words_of(kept) == "since"


def test_nor_where_a_file_is_damaged_and_can_still_be_written(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = backup.copy(own, tmp_path / "copy.db").path
    own.write_bytes(own.read_bytes()[:-8_000] + b"x" * 8_000)
    before, said = own.read_bytes(), list[str]()
    put = restore._put

    def slowly(*arguments: Path) -> None:
        said.append(write_from_another_process(own))
        put(*arguments)

    monkeypatch.setattr(restore, "_is_whole", lambda _: False)
    monkeypatch.setattr(restore, "_put", slowly)
    kept = restore.restore(own, place, NOW)
    assert said == ["database is locked"]
    assert kept is not None
    assert kept.read_bytes() == before
    assert words_of(own) == words_of(place)


def test_a_restore_keeps_what_a_file_that_writes_ahead_has_beside_it(own: Path, tmp_path: Path) -> None:
    place = backup.copy(own, tmp_path / "copy.db").path
    with closing(sqlite3.connect(own)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("UPDATE filler SET words = 'written ahead'")
        writer.commit()
        kept = restore.restore(own, place, NOW)
    assert kept is not None
    assert words_of(own) == words_of(place) != words_of(kept) == "written ahead"


def test_a_copy_that_cannot_be_kept_leaves_the_file_as_it_was(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = backup.copy(own, tmp_path / "copy.db").path
    assert write_from_another_process(own) == ""
    before = own.read_bytes()

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(backup, "name_new", refused)
    with pytest.raises(StoreTrouble, match="cannot be written: No space left on device"):
        restore.restore(own, place, NOW)
    assert own.read_bytes() == before
    assert sorted(found.name for found in tmp_path.iterdir()) == ["backups", "copy.db", "copy.db.sha256", "own.db"]
    assert write_from_another_process(own) == ""


@pytest.mark.parametrize("whole", [True, False])
def test_a_restore_through_a_link_goes_to_the_file_it_leads_to(own: Path, tmp_path: Path, whole: bool) -> None:
    place = backup.copy(own, tmp_path / "copy.db").path
    link = tmp_path / "link" / "own.db"
    link.parent.mkdir()
    link.symlink_to(own)
    own.write_bytes(own.read_bytes()[: None if whole else 20_000])
    kept = restore.restore(link, place, NOW)
    assert kept is not None
    assert (link.is_symlink(), kept.parent) == (True, backup.folder_of(link))
    assert words_of(own) == words_of(place)


@pytest.mark.parametrize("way", ["itself", "hard link", "link"])
def test_a_file_is_not_restored_onto_itself(own: Path, tmp_path: Path, way: str) -> None:
    place = tmp_path / "other.db"
    if way == "itself":
        place = own
    elif way == "link":
        place.symlink_to(own)
    else:
        place.hardlink_to(own)
    before = own.read_bytes()
    with pytest.raises(NotAllowed, match="is the database itself"):
        restore.restore(own, place, NOW)
    assert own.read_bytes() == before
    assert not backup.folder_of(own).exists()


def test_what_could_not_replace_a_damaged_file_leaves_no_copy_of_it(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = backup.copy(own, tmp_path / "copy.db").path
    own.write_bytes(own.read_bytes()[:20_000])
    before = own.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(restore, "copy_pages", full)
    with pytest.raises(StoreTrouble, match="No space left on device"):
        restore.restore(own, place, NOW)
    assert (own.read_bytes(), list(backup.folder_of(own).glob("*.db"))) == (before, [])


@pytest.mark.parametrize("step", ["replace", "confirm"])
def test_where_a_damaged_file_is_kept_is_told_whatever_fails_afterwards(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    place = backup.copy(own, tmp_path / "copy.db").path
    own.write_bytes(own.read_bytes()[:20_000])
    before = own.read_bytes()
    journal = own.with_name("own.db-journal")
    journal.write_bytes(b"half")

    def refused(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    def unconfirmed(folder: Path) -> None:
        if folder == own.parent:
            refused()

    if step == "replace":
        monkeypatch.setattr(Path, "replace", lambda *_: refused())
        monkeypatch.setattr(restore, "_keep_bytes", lambda path, _, kept: kept.write_bytes(path.read_bytes()))
        (tmp_path / "backups").mkdir(exist_ok=True)
    else:
        monkeypatch.setattr(backup, "to_disk", unconfirmed)
    with pytest.raises(StoreTrouble, match="Input/output error") as told:
        restore.restore(own, place, NOW)
    (kept,) = (tmp_path / "backups").glob("*.db")
    assert (str(kept) in told.value.hint, "Nothing was changed" in told.value.hint) == (True, False), told.value.hint
    assert (kept.read_bytes() == before, journal.exists()) == (True, False)


def test_who_waits_long_for_the_backups_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(locks, "FELT_SECONDS", 0.0)
    lock = tmp_path / ".own.lock"
    with locks.one_at_a_time(lock):
        locks.tell_by(said.append)
        with pytest.raises(Busy), locks.one_at_a_time(lock, wait=0.1):
            pass
    assert said == [f"Waiting for process {os.getpid()}, which sees to the backups."]
