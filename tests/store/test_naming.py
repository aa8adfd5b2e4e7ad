"""Each database has its own backups, by whatever path it or they are named, and whatever lies beside it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conftest import Program
from refertrack.rules.errors import Busy
from refertrack.store import backup as backups
from refertrack.store import naming
from refertrack.store.locks import one_at_a_time

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def own(sqlite_template: Path, tmp_path: Path) -> Path:
    path = tmp_path / "real" / "own.db"
    (path.parent / "backups").mkdir(parents=True)
    shutil.copy(sqlite_template, path)
    return path


@pytest.mark.parametrize(
    "way",
    ["plain", "there and back", "linked parent", "linked folder", "beside a link", "linked, beside the file", "else"],
)
def test_a_backup_by_hand_among_the_others_takes_their_lock(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    path, folder, other = own, own.parent / "backups", tmp_path / "other"
    other.mkdir()
    if way == "there and back":
        folder = folder / ".." / "backups"
    elif way == "linked parent":
        (tmp_path / "linked").symlink_to(own.parent)
        folder = tmp_path / "linked" / "backups"
    elif way == "linked folder":
        folder.rename(other / "kept")
        folder.symlink_to(other / "kept")
        folder = other / "kept"
    elif way in {"beside a link", "linked, beside the file"}:
        path = other / "link.db"
        path.symlink_to(own)
        folder = other / "backups" if way == "beside a link" else folder
        folder.mkdir(exist_ok=True)
    elif way == "else":
        folder = other
    held, whole = [], backups.copy_bytes

    def copying(database: Path, place: Path, progress: backups.Progress | None) -> str:
        try:
            with one_at_a_time(backups.lock_of(path), wait=0):
                held.append(False)
        except Busy:
            held.append(True)
        return whole(database, place, progress)

    monkeypatch.setattr(backups, "copy_bytes", copying)
    backups.by_hand(path, folder / f"{'link' if way == 'beside a link' else 'own'}-mine.db", NOW)
    assert held == [way != "else"]
    assert len(backups.backups(path)) == (way != "else")


@pytest.mark.parametrize(
    ("name", "base"),
    [("x.db", "x"), ("x.sqlite", "x.sqlite."), ("x.db3", "x.db3."), ("x", "x."), ("x.y.db", "x.y"), (".db", ".db.")],
)
def test_the_base_of_a_files_backups(name: str, base: str) -> None:
    assert naming.base_of(Path(name)) == base


def listed(run: Program, path: Path) -> list[str]:
    return sorted(Path(row["path"]).name for row in run("restore", "--db", path, "--json").json)


@pytest.mark.parametrize(("first", "second"), [("x.db", "x.sqlite"), ("x.db", "x"), ("x.sqlite.db", "x.sqlite")])
def test_two_databases_of_one_stem_have_a_days_backup_each(
    run: Program, tmp_path: Path, first: str, second: str
) -> None:
    one, two = tmp_path / first, tmp_path / second
    for path in (one, two):
        run("add-customer", "Hanna Berg", "--db", path)
        run("add-customer", "Jo Park", "--db", path)
        run("backup", "--db", path)
    names = [listed(run, path) for path in (one, two)]
    assert [len(each) for each in names] == [2, 2], names
    assert all(name.startswith(f"{second}.-") for name in names[1])
    assert not set(names[0]) & set(names[1])
    assert len({backups.lock_of(path) for path in (one, two)}) == 2


def test_what_was_named_by_the_stem_before_is_found_and_purged(run: Program, tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    run("add-customer", "Hanna Zetterqvist", "--db", path)
    old = tmp_path / "backups" / "x-by-hand-20260101-120000.db"
    run("backup", old, "--db", path)
    assert old.name in listed(run, path)
    forgotten = run(
        "forget-customer", 1, "--confirm", "Hanna Zetterqvist", "--purge-backups", "--json", "--db", path
    ).json
    assert str(old) in forgotten["backups_purged"]
    run("add-customer", "Jo Park", "--db", tmp_path / "x.db")
    assert old.name not in listed(run, path)
    assert old.name in listed(run, tmp_path / "x.db")


def test_backups_of_a_database_with_a_longer_name_are_not_listed(run: Program, tmp_path: Path) -> None:
    names = ["x.db", "x-y.db", "x-z.sqlite"]
    for name in names:
        run("add-customer", "Hanna Berg", "--db", tmp_path / name)
        run("add-customer", "Jo Park", "--db", tmp_path / name)
        run("backup", "--db", tmp_path / name)
        run("backup", tmp_path / "backups" / f"{naming.base_of(tmp_path / name)}-mine.db", "--db", tmp_path / name)
    (tmp_path / "x-mine.txt").write_text("no database")
    (tmp_path / "x-mine.db").symlink_to(tmp_path / "x.db")
    found = [listed(run, tmp_path / name) for name in names]
    assert [len(each) for each in found] == [3, 3, 3], found
    assert len({name for each in found for name in each}) == 9
    shutil.copy(tmp_path / "x.db", tmp_path / "x-by-hand.db")  # what the program itself names so stays
    assert listed(run, tmp_path / "x.db") == found[0]
    (tmp_path / "x-y.db").unlink()  # then nobody else would show them
    assert len(listed(run, tmp_path / "x.db")) == 6
