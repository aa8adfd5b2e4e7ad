"""A backup of a file that writes ahead is only read: nothing is left beside it, and an empty file is no change."""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from conftest import Program
from refertrack.store import backup as backups
from refertrack.store.target import Target

NAME = "Hanna Zetterqvist"
RUN = "from refertrack.cli.main import run; run()"


@pytest.fixture
def made(file_shop: Program, sqlite_target: Target, tmp_path: Path) -> Path:
    """Return a backup of a file that writes ahead, in a folder of its own."""
    file_shop("add-customer", NAME)
    with closing(sqlite3.connect(str(sqlite_target.path))) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    place = tmp_path / "stick" / "w.db"
    assert file_shop("backup", place).code == 0
    file_shop("add-customer", "Jo Park")
    return place


def beside(place: Path) -> list[str]:
    return sorted(each.name for each in place.parent.iterdir() if each.name.startswith(place.name))


def left_ahead(place: Path) -> Path:
    """Leave a change beside a backup, as who wrote to it and was killed; return what holds it."""
    left, work = place.with_name(f"{place.name}-wal"), place.parent.parent / "work.db"
    shutil.copy(place, work)
    with closing(sqlite3.connect(work)) as connection:
        connection.execute("UPDATE customer SET notes = 'ahead'")
        connection.commit()
        shutil.copy(f"{work}-wal", left)
    assert left.stat().st_size
    return left


def test_a_backup_that_writes_ahead_is_restored_again_and_again(
    file_shop: Program, sqlite_target: Target, made: Path
) -> None:
    before = made.read_bytes()
    for damaged in (False, False, True, True):
        if damaged:
            Path(str(sqlite_target.path)).write_bytes(b"no database")
        result = file_shop("restore", made, "--yes")
        assert (result.code, beside(made)) == (0, ["w.db", "w.db.sha256"]), result.err
        assert [row["name"] for row in file_shop("customers", "--json").json] == [NAME]
    assert made.read_bytes() == before


def test_what_a_reader_left_beside_a_backup_is_no_change(file_shop: Program, made: Path) -> None:
    assert file_shop("customers", "--db", made).code == 0
    made.with_name("w.db-shm").write_bytes(b"\0" * 32768)
    made.with_name("w.db-wal").touch()
    made.with_name("w.db-journal").touch()
    assert file_shop("restore", made, "--yes").code == 0


@pytest.mark.parametrize("noted", [True, False])
def test_a_change_left_beside_a_backup_is_named_and_the_way_out_works(
    file_shop: Program, made: Path, noted: bool
) -> None:
    if not noted:
        backups.beside(made).unlink()
    left = left_ahead(made)
    made.with_name("w.db-shm").write_bytes(b"\0" * 32768)
    refused = file_shop("restore", made, "--yes", "--json")
    assert (refused.code, f"{left.name} lies beside it" in refused.err) == (1, True)
    way = shlex.split(refused.err.replace("\n", " ").split('"hint"')[1].split(": ", 2)[2].split('"')[0])
    if noted:
        assert way == ["mv", str(left), f"{left}.aside"]
        subprocess.run(way, check=True)
    else:
        assert file_shop(*way[1:]).code == 0
    assert file_shop("restore", made, "--yes").code == 0
    (row,) = file_shop("customers", "--json").json
    with closing(sqlite3.connect(os.environ["REFERTRACK_DB"])) as connection:
        (notes,) = connection.execute("SELECT notes FROM customer").fetchone()
    assert (row["name"], notes == "ahead") == (NAME, not noted)


def test_a_backup_that_writes_ahead_is_purged_and_one_with_a_change_is_told(
    file_shop: Program, sqlite_target: Target, made: Path
) -> None:
    path = sqlite_target.path
    assert path is not None
    one, two = (backups.folder_of(path) / f"{path.stem}-by-hand-{letter}.db" for letter in "ab")
    for place in (one, two):
        shutil.copy(made, place)
    one.with_name(f"{one.name}-wal").touch()
    left_ahead(two)
    result = file_shop("forget-customer", 1, "--confirm", NAME, "--purge-backups", "--json")
    assert (result.code, f"{two.name}-wal lies beside it" in result.err) == (1, True), result.out + result.err
    assert b"etterqvist" not in one.read_bytes()
    assert not list(one.parent.glob(".*.db.*"))


@pytest.mark.parametrize("damaged", [False, True])
def test_a_backup_in_a_folder_that_is_only_read_is_restored(sqlite_target: Target, made: Path, damaged: bool) -> None:
    nobody = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"] if os.geteuid() == 0 else []
    line = [*nobody, sys.executable, "-c", RUN, "restore", str(made), "--yes"]
    made.parent.chmod(0o555)
    if damaged:
        Path(str(sqlite_target.path)).write_bytes(b"no database")
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    made.parent.chmod(0o755)
    assert (done.returncode, beside(made)) == (0, ["w.db", "w.db.sha256"]), done.stderr
