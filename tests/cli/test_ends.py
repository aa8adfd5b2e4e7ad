"""How a command ends when something comes between: what is said about it is so."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from conftest import Program, postgres_database
from refertrack.store import engine
from refertrack.store.target import Target, parse_target

RUN = [sys.executable, "-c", "from refertrack.cli.main import run; run()"]


def names(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as file:
        return [row[0] for row in file.execute("SELECT name FROM customer ORDER BY id")]


def test_an_interruption_after_the_commit_does_not_say_that_nothing_was_changed(
    shop: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from refertrack.cli.screen import Screen

    def interrupted(*_words: object, **_more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Screen, "changed", interrupted)
    found = shop("add-customer", "Hanna Berg")
    assert (found.code, found.err) == (130, "\nInterrupted. See what was done before that: refertrack history\n")
    assert [row["name"] for row in shop("customers", "--json").json] == ["Hanna Berg"]
    monkeypatch.setattr(engine, "writing", interrupted)
    found = shop("add-customer", "Jo Park")
    assert (found.code, found.err) == (130, "\nInterrupted; nothing was changed.\n")


def test_a_mistake_after_the_commit_does_not_say_that_nothing_was_changed(
    shop: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from refertrack.cli.screen import Screen

    def broken(*_words: object, **_more: object) -> None:
        raise AttributeError

    monkeypatch.setattr(Screen, "changed", broken)
    found = shop("add-customer", "Hanna Berg")
    assert found.code == 1
    assert "nothing was changed" not in found.err
    assert "(AttributeError). See what was done before that: refertrack history" in found.err


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (1, 2), (0, 1, 2)])
def test_closed_streams_harm_nothing(sqlite_target: Target, home: Path, closed: tuple[int, ...]) -> None:
    def close() -> None:
        for number in closed:
            os.close(number)

    line = [*RUN, "--db", str(sqlite_target.path), "add-customer", "Hanna Berg", "--json"]
    done = subprocess.run(line, preexec_fn=close, capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr, "inside refertrack" in done.stderr) == (0, False, False)
    assert sqlite_target.path is not None
    assert names(sqlite_target.path) == ["Hanna Berg"]


@pytest.mark.parametrize("name", ["shop%20a.db", "what?x=1.db", "a#b&c.db", "file:x.db", "d[1].db", "50%25 off/x.db"])
def test_any_name_is_the_files_own(file_shop: Program, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "names"
    path = folder / name
    path.parent.mkdir(parents=True)
    for who in ("Hanna Berg", "Jo Park"):
        assert file_shop("--db", path, "add-customer", who).code == 0
    assert names(path) == ["Hanna Berg", "Jo Park"]
    assert [row["name"] for row in file_shop("--db", path, "customers", "--json").json] == ["Hanna Berg", "Jo Park"]
    made = {each.relative_to(folder).parts[0] for each in folder.rglob("*")}
    assert made <= {path.relative_to(folder).parts[0], "backups"}


def test_another_programs_database_on_a_server_gets_no_tables(
    file_shop: Program, server: str, postgres_template: str
) -> None:
    with postgres_database(server, postgres_template) as target:
        with psycopg.connect(target.url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
            connection.execute("CREATE TABLE foo (id integer)")
        found = file_shop("--db", target.url, "due")
        assert (found.code, "is not a refertrack database" in found.err) == (1, True)
        with psycopg.connect(target.url) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        assert tables == [("foo",)]


def test_a_password_is_never_shown() -> None:
    words = parse_target("postgresql://nora:a@b@host/shop?user=u&password=secret&port=1").words
    assert words == "postgresql://host/shop?user=u&password=…&port=1"


def test_a_day_far_off_is_no_today(file_shop: Program) -> None:
    found = file_shop("--today", "9999-12-31", "due")
    assert (found.code, "more than 120 years off" in found.err) == (2, True)


def test_a_pipe_is_no_database(file_shop: Program, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    found = file_shop("--db", tmp_path / "pipe", "due")
    assert (found.code, "is no file that can hold data" in found.err) == (1, True)


CLOSING = """
from sqlalchemy.engine.default import DefaultDialect
def do_close(self, connection):
    raise KeyboardInterrupt
DefaultDialect.do_close = do_close
from refertrack.cli.main import run
run()
"""


@pytest.mark.parametrize("debug", [False, True])
def test_an_interruption_while_a_connection_closes_shows_no_log(sqlite_target: Target, home: Path, debug: bool) -> None:
    line = ["add-customer", "Hanna Berg", "--db", str(sqlite_target.path), *(["--debug"] if debug else [])]
    found = subprocess.run([sys.executable, "-c", CLOSING, *line], capture_output=True, text=True, check=False)
    assert found.returncode == 130
    assert ("Traceback" in found.stderr) == debug
    assert "Interrupted" in found.stderr
