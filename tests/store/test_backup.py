"""A copy of the file: the same bytes, counted up, of one moment, whatever others write meanwhile."""

from __future__ import annotations

import errno
import hashlib
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from refertrack.rules.errors import StoreTrouble
from refertrack.store import backup
from refertrack.store.engine import prepare
from refertrack.store.target import Target

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
