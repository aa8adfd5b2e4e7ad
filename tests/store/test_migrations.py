"""Every released schema comes to today's with its data; what is not ours, newer or damaged is left as it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData
from sqlalchemy.exc import OperationalError

from conftest import Program, make_context, postgres_database
from refertrack.models.all import metadata
from refertrack.rules.errors import StoreTrouble
from refertrack.store import backup as backups
from refertrack.store import engine, migrate
from refertrack.store.schema import HEAD, REVISIONS
from refertrack.store.target import Target, parse_target
from refertrack.workflows import customers

BEFORE_HEAD = [revision for revision in REVISIONS if revision != HEAD]


def test_the_migrations_lead_to_the_models(target: Target) -> None:
    with engine.create_engine(target, write=False).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_no_migration_lets_sqlite_use_an_id_twice(sqlite_target: Target) -> None:
    with engine.create_engine(sqlite_target, write=False).connect() as connection:
        made = dict(connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all())
    assert [name for name in metadata.tables if "AUTOINCREMENT" not in made[name]] == []


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    """A database without any table, on each engine in turn."""
    if request.param == "sqlite":
        path = tmp_path / "old.db"
        sqlite3.connect(path).close()
        yield Target(path=path)
        return
    import psycopg

    server = request.getfixturevalue("server")
    name = f"old_{tmp_path.name[-30:].replace('-', '_')}".lower()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
    head, _, query = server.partition("?")
    base = head.rpartition("/")[0] if head.count("/") > 2 else head
    yield parse_target(f"{base}/{name}{'?' + query if query else ''}")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


OWN: dict[tuple[str, str], Any] = {
    ("follow_up", "state"): "open", ("customer", "status"): "active", ("purchase", "status"): "ordered",
    ("ask", "state"): "sent", ("ask", "measurable"): 2, ("referral", "state"): "received",
    ("referral", "consent"): "none",
    ("feedback", "kind"): "idea", ("reward", "state"): "accrued", ("reward", "kind"): "flat",
    ("opt_out", "channel"): "any",
    ("opt_out", "purpose"): "any", ("opportunity", "importance"): 3, ("survey_answer", "score"): 4,
    ("survey", "would_recommend"): 9, ("follow_up_anchor", "anchor_table"): "customer", ("setting", "name"): "nobody's",
    ("setting", "document"): "",
}  # fmt: skip


def fill(target: Target) -> dict[str, dict[str, Any]]:
    """Put a row with a value in every column into every table of an old schema; return the rows."""
    known = MetaData()
    filled: dict[str, dict[str, Any]] = {}
    with engine.create_engine(target).begin() as connection:
        known.reflect(connection)
        for table in known.sorted_tables:
            if table.name == "alembic_version":
                continue
            values = {}
            for column in table.columns:
                links = [link.column.table.name for link in column.foreign_keys]
                if links:
                    values[column.name] = 1 if links[0] in filled else None
                elif (table.name, column.name) in OWN:
                    values[column.name] = OWN[table.name, column.name]
                else:
                    kinds = {str: f"{table.name} {column.name}", int: 1, bool: True, date: date(2026, 1, 2),
                             datetime: datetime(2026, 1, 2, 3, 4, 5)}  # fmt: skip # noqa: DTZ001
                    values[column.name] = kinds[column.type.python_type]
            connection.execute(table.insert().values(values))
            filled[table.name] = values
    return filled


@pytest.mark.parametrize("revision", BEFORE_HEAD)
def test_an_old_schema_comes_to_todays_with_its_data(empty: Target, revision: str) -> None:
    migrate.upgrade(empty, revision)
    filled = fill(empty)
    with engine.reading(empty) as connection:  # any command migrates first
        for name, values in filled.items():
            row = connection.execute(metadata.tables[name].select()).mappings().one()
            same = {column: row[column] for column in values if column in row and not isinstance(row[column], datetime)}
            assert same == {column: values[column] for column in same}, name
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert engine.current_revision(connection, empty) == HEAD


def test_what_was_there_before_is_kept_before_a_file_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    sqlite3.connect(path).close()
    migrate.upgrade(Target(path=path), "0001")
    fill(Target(path=path))
    engine.prepare(Target(path=path))
    (kept,) = backups.backups(path)
    assert (kept.path.name, backups.before_migration(path, "0001")) == ("old-schema-0001.db", kept.path)
    with sqlite3.connect(kept.path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
    engine.prepare(Target(path=path))
    assert len(backups.backups(path)) == 1


def test_an_older_file_where_nothing_may_be_written_says_what_it_needs(run: Program, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    sqlite3.connect(path).close()
    migrate.upgrade(Target(path=path), "0001")
    (tmp_path / "backups").write_text("a file where the folder of backups belongs", encoding="utf-8")
    before = path.read_bytes()
    for words in (["report"], ["customers"], ["add-customer", "Ann"]):
        found = run(*words, "--db", path)
        assert (found.code, found.out) == (1, "")
        assert "has the form of an older refertrack and has to be brought up to date." in found.err
        assert "No backup can be made in" in found.err
        assert "In a folder of yours a copy of it can be: --db COPY" in found.err
    assert path.read_bytes() == before


def _newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def _foreign(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE customer (name TEXT)")


def _no_revision(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM alembic_version")


REFUSED = {
    "newer": (_newer, "written by a newer refertrack"),
    "another program's": (_foreign, "is not a refertrack database"),
    "without a revision": (_no_revision, ""),
    "empty": (lambda path: path.write_bytes(b""), "is not a refertrack database"),
    "text": (lambda path: path.write_bytes(b"name,email\n" * 500), "is not a refertrack database"),
    "cut short": (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "damaged"),
    "a header alone": (lambda path: path.write_bytes(path.read_bytes()[:100]), ""),
}
COMMANDS = (["due"], ["add-customer", "Jo"], ["customers"], ["report"], ["check"], ["undo"], ["history"], ["backup"])


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_trusted_is_left_as_it_is(file_shop: Program, sqlite_target: Target, case: str) -> None:
    path = sqlite_target.path
    assert path is not None
    file_shop("add-customer", "Hanna Berg")
    spoil, words = REFUSED[case]
    spoil(path)
    before = path.read_bytes()
    for line in COMMANDS:
        result = file_shop(*line)
        assert result.code == 1, (line, result)
        assert "Traceback" not in result.err
        told = result.err + result.out
        assert words in told or "malformed" in told or "damaged" in told, (line, told)
        assert path.read_bytes() == before, line


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    sqlite3.connect(path).close()
    migrate.upgrade(Target(path=path), "0001")
    fill(Target(path=path))
    before = path.read_bytes()
    monkeypatch.setattr(migrate, "create_statements", lambda: ["CREATE VIEW broken AS SELECT"])
    with pytest.raises(StoreTrouble):
        engine.prepare(Target(path=path))
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
    assert len(path.read_bytes()) == len(before)
    monkeypatch.undo()
    with engine.writing(Target(path=path), make_context()) as session:
        customers.add(session, {"name": "Jo"})


def test_a_newer_database_of_a_server_is_refused(server: str, postgres_template: str) -> None:
    def become(connection: Any, revision: str) -> None:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")

    with postgres_database(server, postgres_template) as target:
        with engine.create_engine(target).begin() as connection:
            become(connection, "9999")
        try:
            with pytest.raises(StoreTrouble, match="written by a newer refertrack"):
                engine.prepare(target)
        finally:  # the database is used again
            with engine.create_engine(target).begin() as connection:
                become(connection, HEAD)


@pytest.mark.parametrize("kept", [True, False])
def test_a_migration_that_is_kept_although_its_commit_ended_with_an_error_is_gone_on_with(
    sqlite_target: Target, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    assert sqlite_target.path is not None
    sqlite_target.path.unlink()
    sqlite_target.path.touch(0o600)
    migrate.upgrade(sqlite_target, "0001")
    real = migrate.upgrade

    def not_confirmed(target: Target, **_: object) -> None:
        if kept:
            real(target)
        raise OperationalError("", {}, sqlite3.OperationalError("disk I/O error"))

    monkeypatch.setattr(migrate, "upgrade", not_confirmed)
    if kept:
        engine.prepare(sqlite_target)
    else:
        with pytest.raises(StoreTrouble, match="disk I/O error"):
            engine.prepare(sqlite_target)
