"""What a command that writes asks of a server, and what it says of a file that goes away under it."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
import pytest

from conftest import make_context, postgres_database
from refertrack.rules.errors import StoreTrouble
from refertrack.store import engine, purge
from refertrack.store.target import Target
from refertrack.workflows import customers


@pytest.mark.parametrize(("set_to", "found"), [("off", "on"), ("local", "local"), ("remote_apply", "remote_apply")])
def test_a_change_is_on_a_servers_disk_before_it_is_told(
    server: str, postgres_template: str, set_to: str, found: str
) -> None:
    with postgres_database(server, postgres_template) as target:
        with psycopg.connect(target.url, autocommit=True) as keeper:
            keeper.execute(f"ALTER DATABASE {keeper.info.dbname} SET synchronous_commit = {set_to}".encode())
        try:
            with engine.writing(target, make_context()) as session:
                customers.add(session, {"name": "Jo"})
                shown = session.connection().exec_driver_sql("SHOW synchronous_commit").scalar_one()
        finally:
            with psycopg.connect(target.url, autocommit=True) as keeper:
                keeper.execute(f"ALTER DATABASE {keeper.info.dbname} RESET synchronous_commit".encode())
    assert shown == found


@pytest.fixture
def path(sqlite_target: Target, tmp_path: Path) -> Path:
    """A database with a name in which an address would read signs of its own."""
    assert sqlite_target.path is not None
    odd = tmp_path / "100 %? #ä.db"
    shutil.move(sqlite_target.path, odd)
    return odd


def test_a_file_that_was_deleted_just_now_is_not_made_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sorted(path.parent.iterdir())
    real = engine.prepare

    def prepared_and_deleted(target: Target) -> bool:
        made = real(target)
        path.unlink()
        return made

    monkeypatch.setattr(engine, "prepare", prepared_and_deleted)
    with pytest.raises(StoreTrouble, match="moved or deleted"), engine.writing(Target(path=path), make_context()) as it:
        customers.add(it, {"name": "Jo"})
    assert sorted(path.parent.iterdir()) == [place for place in before if place != path]


def test_nor_by_what_comes_after_an_erasing(path: Path) -> None:
    path.unlink()
    assert "moved or deleted" in purge.compact(Target(path=path))
    assert not path.exists()


@pytest.mark.parametrize("deleted", [True, False])
def test_a_file_that_is_replaced_while_a_command_waits_is_told(
    path: Path, tmp_path: Path, deleted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copy(path, tmp_path / "copy.db")
    whole = copy.read_bytes()
    trouble = pytest.raises(StoreTrouble, match="moved, replaced or deleted by another program")

    def write() -> None:
        with engine.writing(Target(path=path), make_context()) as session:
            session.connection()  # the file is open, and nothing is written yet
            path.unlink()
            if not deleted:
                copy.rename(path)
            customers.add(session, {"name": "Jo"})

    with trouble as told:
        write()
    assert told.value.hint == "Nothing was changed. Try again."
    assert (path.exists(), path.exists() and path.read_bytes() == whole) == (not deleted, not deleted)
