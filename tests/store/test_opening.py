"""A writer that was killed in the middle of its commit, a power cut included, is in nobody's way."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from conftest import Program
from refertrack.store import backup as backups
from refertrack.store.engine import create_engine
from refertrack.store.target import Target


def cut_off(path: Path) -> Path:
    """Leave a file as a writer leaves it that is killed in the middle of its commit; return the journal."""
    work = path.with_name("work.db")
    shutil.copy(path, work)
    connection = sqlite3.connect(work, isolation_level=None)
    connection.execute("PRAGMA cache_size=1")  # so that pages go to the file before the end
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE customer SET name = 'Half ' || id, notes = hex(zeroblob(3000))")
    connection.execute("CREATE TABLE half (x)")
    connection.executemany("INSERT INTO half VALUES (?)", [("x" * 2000,)] * 100)
    journal = path.with_name(f"{path.name}-journal")
    shutil.copy(work, path)
    shutil.copy(work.with_name(f"{work.name}-journal"), journal)
    connection.close()
    assert journal.stat().st_size
    return journal


@pytest.fixture
def own(file_shop: Program, sqlite_target: Target) -> Path:
    assert sqlite_target.path is not None
    file_shop("add-customer", "Hanna Berg")
    return sqlite_target.path


@pytest.mark.parametrize(
    "line", [("customers",), ("check",), ("due",), ("backup",), ("report",), ("add-customer", "Jo"), ("restore",)]
)
def test_any_command_takes_back_what_was_not_finished(file_shop: Program, own: Path, line: tuple[str, ...]) -> None:
    journal = cut_off(own)
    result = file_shop(*line)
    assert (result.code, journal.exists()) == (0, line == ("restore",)), result.err
    assert "Hanna Berg" in [row["name"] for row in file_shop("customers", "--json").json]
    assert file_shop("check").code == 0


def test_another_programs_unfinished_change_is_left_to_it(file_shop: Program, own: Path) -> None:
    with sqlite3.connect(own) as connection:
        connection.execute("PRAGMA application_id = 7")
    journal = cut_off(own)
    before = own.read_bytes(), journal.read_bytes()
    for line in (["customers"], ["add-customer", "Jo"], ["check"], ["report"]):
        result = file_shop(*line)
        assert (result.code, "Traceback" in result.err) == (1, False), result
        assert (own.read_bytes(), journal.read_bytes()) == before, line


def test_a_copy_with_its_journal_is_put_right_before_it_is_restored(
    file_shop: Program, own: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "stick.db"
    file_shop("backup", copy)
    copy.with_name("stick.db.sha256").unlink()
    cut_off(copy)
    told = file_shop("restore", copy, "--yes")
    assert (told.code, "in the middle of a change" in told.err) == (1, True)
    assert f"refertrack check --db {copy}" in told.err
    assert file_shop("check", "--db", copy).code == 0
    assert file_shop("restore", copy, "--yes").code == 0
    assert [row["name"] for row in file_shop("customers", "--json").json] == ["Hanna Berg"]


def test_a_damaged_file_takes_its_journal_along_when_it_is_replaced(
    file_shop: Program, own: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "stick.db"
    file_shop("backup", copy)
    journal = cut_off(own)
    left = journal.read_bytes()
    data = bytearray(own.read_bytes())
    data[:100] = bytes(100)  # the header: nobody can tell whose it is
    own.write_bytes(data)
    result = file_shop("restore", copy, "--yes", "--json")
    assert (result.code, journal.exists()) == (0, False), result.err
    kept = Path(result.json["replaced"])
    assert (kept.read_bytes(), kept.with_name(f"{kept.name}-journal").read_bytes()) == (bytes(data), left)
    assert [row["name"] for row in file_shop("customers", "--json").json] == ["Hanna Berg"]
    assert file_shop("check").code == 0


def test_a_restore_does_not_wait_forever(file_shop: Program, own: Path, tmp_path: Path) -> None:
    copy = tmp_path / "stick.db"
    file_shop("backup", copy)
    holder = sqlite3.connect(own, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    before = own.read_bytes()
    told = file_shop("restore", copy, "--yes")
    holder.execute("ROLLBACK")
    holder.close()
    assert (told.code, "in use by another program" in told.err, own.read_bytes() == before) == (1, True, True)
    assert file_shop("restore", copy, "--yes").code == 0


def test_a_power_cut_brings_no_journal_back(sqlite_target: Target) -> None:
    with create_engine(sqlite_target).connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 3  # EXTRA: the folder is synced too


def test_what_a_killed_backup_left_goes_with_the_next_days(file_shop: Program, own: Path) -> None:
    folder = backups.folder_of(own)
    old = [own.with_name(f".{own.name}.0a1b2c3d"), folder / f".{own.stem}-2026-01-02.db.0a1b2c3d",
           folder / f".{own.stem}-2026-01-02.db.0a1b2c3d-journal", folder / ".refertrack-ab_d3f7h"]  # fmt: skip
    kept = [own.with_name(".mine.db.0a1b2c3d"), own.with_name(".refertrack-ab_d3f7h"),
            folder / f".{own.stem}-2026-01-03.db.0a1b2c3d"]  # fmt: skip
    for place in (*old, *kept):
        place.write_bytes(b"x")
        if place != kept[-1]:
            os.utime(place, (0, 0))
    for daily in folder.glob(f"{own.stem}-20*.db"):
        daily.unlink()
    assert file_shop("add-customer", "Jo Park").code == 0
    assert [place for place in old if place.exists()] == []
    assert [place for place in kept if not place.exists()] == []


def test_a_schema_whose_letters_are_damaged_is_told(file_shop: Program, own: Path) -> None:
    data = own.read_bytes()
    place = data.index(b"CREATE TABLE customer") + len("CREATE T")
    own.write_bytes(data[:place] + b"\xff" + data[place + 1 :])
    for line in (["customers"], ["check"], ["add-customer", "Jo"], ["backup"]):
        result = file_shop(*line)
        assert (result.code, "is damaged" in result.err, "refertrack restore" in result.err) == (1, True, True), result


@pytest.mark.parametrize("command", [("customers",), ("add-customer", "Bo"), ("check",), ("report",), ("undo",)])
def test_what_cannot_be_a_file_is_told_with_the_way_out(
    file_shop: Program, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "leads.db").symlink_to(tmp_path / "stick" / "customers.db")
    (tmp_path / "folder").mkdir()
    for name, words in (
        ("leads.db", f"leads to {tmp_path}/stick/customers.db, where nothing is"),
        ("folder", "folder"),
    ):
        told = file_shop("--db", tmp_path / name, *command)
        assert (told.code, words in told.err, "with --db" in told.err) == (1, True, True), told.err
    assert not (tmp_path / "stick").exists()
