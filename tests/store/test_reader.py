"""The fast way to read: what a reader sees while others write."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest

from conftest import Program, postgres_database
from refertrack.rules.errors import Busy, StoreTrouble
from refertrack.store import engine
from refertrack.store.reader import open_reader
from refertrack.store.target import Target

INSERT = "INSERT INTO tag (created_at, name, name_key) VALUES ('2026-11-24 09:00:00', 'vip', 'vip')"


def write_beside(target: Target) -> None:
    """Write as another process does that waits for nobody."""
    if target.path is None:
        with psycopg.connect(target.url, autocommit=True) as connection:
            connection.execute(INSERT)
        return
    with closing(sqlite3.connect(target.path, timeout=0)) as file:
        file.execute(INSERT)
        file.commit()


def tags(target: Target, *, snapshot: bool) -> list[int]:
    """Count twice, with somebody who writes in between."""
    with open_reader(target, snapshot=snapshot) as reader:
        first = reader.value("SELECT count(*) FROM tag")
        with suppress(sqlite3.OperationalError):  # a file is held still while it is looked at
            write_beside(target)
        return [first, reader.value("SELECT count(*) FROM tag")]


@pytest.mark.parametrize(("snapshot", "seen"), [(True, [0, 0]), (False, [0, 1])])
def test_all_statements_of_a_snapshot_see_the_same_moment(target: Target, snapshot: bool, seen: list[int]) -> None:
    assert tags(target, snapshot=snapshot) == seen


def test_what_somebody_else_holds_is_waited_for_no_longer_than_on_a_file(
    server: str, postgres_template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("refertrack.store.reader.WAIT_SECONDS", 0.2)
    with postgres_database(server, postgres_template) as target, psycopg.connect(target.url) as other:
        other.execute("LOCK TABLE tag IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Busy, match="busy with somebody else's change"), open_reader(target) as reader:
            reader.value("SELECT count(*) FROM tag")


@pytest.mark.parametrize(
    ("database", "hint"),
    [("nosuch", "createdb"), ("postgres?frob=1", "Correct the address"), ("postgres?user=nobody", "user's name")],
)
def test_what_is_wrong_with_an_address_is_told_with_the_way_out(server: str, database: str, hint: str) -> None:
    head, _, rest = server.partition("?")
    name, _, more = database.partition("?")
    query = "&".join(part for part in (rest, more) if part)
    base = head.rpartition("/")[0] if head.count("/") > 2 else head
    if "user=" in more:
        base = f"{base.partition('://')[0]}://"
    url = f"{base}{'' if base.endswith('/') else '/'}{name}?{query}"
    with pytest.raises(StoreTrouble) as told, open_reader(Target(url=url)) as reader:
        reader.value("SELECT 1")
    assert hint in told.value.hint


@pytest.mark.parametrize(
    ("setting", "statement", "hint"),
    [
        ("statement_timeout = '50ms'", "SELECT pg_sleep(2)", "statement_timeout"),
        ("work_mem = '4MB'", "SELECT pg_terminate_backend(pg_backend_pid())", "ended the connection"),
        ("transaction_read_only = on", "CREATE TABLE x (y int)", "let you write there"),
        ("search_path = nowhere", "CREATE TABLE x (y int)", "search_path"),
    ],
)
def test_what_a_server_refuses_is_told_with_the_way_out(
    server: str, postgres_template: str, setting: str, statement: str, hint: str
) -> None:
    def refused(target: Target) -> None:
        with engine.plain_errors(target), engine.create_engine(target).connect() as connection:
            connection.exec_driver_sql(f"SET LOCAL {setting}")
            connection.exec_driver_sql(statement)

    with postgres_database(server, postgres_template) as target, pytest.raises(StoreTrouble) as told:
        refused(target)
    assert hint in told.value.hint
    assert "Nothing was changed." in told.value.hint


def test_an_empty_database_that_may_only_be_read_is_told(server: str, file_shop: Program) -> None:
    name = f"empty_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
    try:
        head, _, query = server.partition("?")
        base = head.rpartition("/")[0] if head.count("/") > 2 else head
        found = file_shop("--db", f"{base}/{name}?{query}", "customers")
        assert (found.code, "holds nothing yet" in found.err, "let you write there" in found.err) == (1, True, True)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.parametrize("line", ["customers", "check", "backup", "due"])
def test_a_name_that_is_too_long_for_a_file_is_told(run: Program, tmp_path: Path, line: str) -> None:
    found = run(line, "--db", tmp_path / ("x" * 300))
    assert (found.code, "cannot be looked at: File name too long" in found.err, "--db" in found.err) == (1, True, True)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_letters_go_in_and_come_out_whatever_a_server_keeps_them_in(
    server: str, file_shop: Program, encoding: str
) -> None:
    name = f"letters_{encoding.lower()}_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0".encode()
        )
    try:
        head, _, query = server.partition("?")
        base = head.rpartition("/")[0] if head.count("/") > 2 else head
        url = f"{base}/{name}?{query}"
        assert file_shop("--db", url, "add-customer", "Åsa Müller").code == 0
        assert [row["name"] for row in file_shop("--db", url, "customers", "--json").json] == ["Åsa Müller"]
        found = file_shop("--db", url, "add-customer", "Łucja")
        assert (found.code, "UTF8" in found.err) == ((1, True) if encoding == "LATIN1" else (0, False))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
