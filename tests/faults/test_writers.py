"""Many processes at once, and a server that is stopped in the middle: nothing is lost, nothing is done twice.

More of it: python tests/faults/writers.py
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlmodel import select

from conftest import SERVER_VARIABLE, make_context, postgres_database
from refertrack.models.customers import Customer
from refertrack.rules.errors import StoreTrouble
from refertrack.store import engine
from refertrack.store.target import Target
from refertrack.workflows import customers

PROGRAM = Path(__file__).with_name("writers.py")


def run(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("REFERTRACK_")}
    return subprocess.run(
        [sys.executable, str(PROGRAM), *map(str, arguments)], capture_output=True, text=True, check=False,
        env={**variables, "TMPDIR": str(folder)},
    )  # fmt: skip


def test_eight_processes_write_at_once(
    target: Target, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    ran = run("--processes", 8, "--commands", 5, "--database", target.path or target.url, folder=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    record_property("told", ran.stdout.strip())
    assert "40 commands of 8 processes" in ran.stdout
    if target.path is not None:
        copies = list((target.path.parent / "backups").glob("*.db"))
        assert len(copies) == 1


@pytest.mark.skipif(bool(os.environ.get(SERVER_VARIABLE)), reason="a server of somebody else's is not stopped")
def test_a_server_that_is_stopped_did_what_was_said(
    server: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    ran = run("--stop", "--commands", 30, folder=Path("/tmp"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    record_property("told", ran.stdout.strip())


def test_a_server_that_goes_away_while_it_keeps_a_change_is_asked_again(server: str, postgres_template: str) -> None:
    with postgres_database(server, postgres_template) as target:
        told = pytest.raises(StoreTrouble, match="does not answer as it should")
        with told as trouble, engine.writing(target, make_context()) as session:
            customers.add(session, {"name": "Jo"})
            session.flush()
            own = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with psycopg.connect(target.url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (own,))
        assert "Nothing was changed" in trouble.value.hint
        with engine.reading(target) as connection:
            assert connection.execute(select(Customer)).all() == []
