"""Locks that are answered slowly, as over a network, or not at all: waited for or told; nothing lost or done twice."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from scenes import DATABASE, variables
from tracing import Program, Ran, missing

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

LOCKING = ("-e", "trace=fcntl")
SLOW = (*LOCKING, "-e", "inject=fcntl:delay_enter=20000")  # what a server far away takes for an answer


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Program]]:
    """Two programs, loaded once."""
    with Program(tmp_path_factory.mktemp("one")) as one, Program(tmp_path_factory.mktemp("two")) as two:
        yield [one, two]


@pytest.fixture
def place(programs: list[Program], tmp_path: Path) -> Path:
    """A folder with a database of one customer."""
    assert programs[0].run(tmp_path, ("add-customer", "Hanna Berg"), variables(tmp_path)).code == 0
    return tmp_path


def run(program: Program, place: Path, how: tuple[str, ...], *line: str) -> Ran:
    return program.run(place, line, variables(place), ("-o", str(place / f"trace-{program.folder.name}"), *how))


def names(program: Program, place: Path) -> list[str]:
    assert program.run(place, ("check",), variables(place)).code == 0
    return [row["name"] for row in json.loads(program.run(place, ("customers", "--json"), variables(place)).out)]


def told_busy(ran: Ran) -> bool:
    return ran.code == 1 and "is in use by another program" in ran.err and "Nothing was changed" in ran.err


def test_slow_answers_are_waited_for(programs: list[Program], place: Path) -> None:
    ran = run(programs[0], place, SLOW, "add-customer", "Jo Park")
    assert ran.code == 0, ran
    delayed = (place / f"trace-{programs[0].folder.name}").read_text().count("(DELAYED)")
    assert delayed > 10
    assert names(programs[0], place) == ["Hanna Berg", "Jo Park"]


@pytest.mark.parametrize("seconds", [0.6, 30.0])
def test_a_lock_that_lasts_behind_slow_answers(programs: list[Program], place: Path, seconds: float) -> None:
    """It is waited for as long as any other, and no longer."""
    before = (place / DATABASE).read_bytes()
    with closing(sqlite3.connect(place / DATABASE, isolation_level=None, check_same_thread=False)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        letting_go = threading.Timer(seconds, holder.execute, ("ROLLBACK",))
        letting_go.start()
        ran = run(programs[0], place, SLOW, "add-customer", "Jo Park")
        letting_go.cancel()
        letting_go.join()
        unchanged = (place / DATABASE).read_bytes() == before
        if holder.in_transaction:
            holder.execute("ROLLBACK")
    if seconds < 5:
        assert ran.code == 0, ran
    else:
        assert (told_busy(ran), unchanged) == (True, True), ran
        assert ran.seconds < 15
    assert len(names(programs[0], place)) == (1 if ran.code else 2)


def test_two_who_write_at_once_over_slow_answers(programs: list[Program], place: Path) -> None:
    def work(number: int) -> list[tuple[str, Ran]]:
        marks = [f"P{number} {turn}" for turn in range(2)]
        return [(mark, run(programs[number], place, SLOW, "add-customer", mark)) for mark in marks]

    with ThreadPoolExecutor(2) as pool:
        did = [each for some in pool.map(work, range(2)) for each in some]
    assert all(ran.code == 0 or told_busy(ran) for _, ran in did), did
    assert sorted(names(programs[0], place)) == sorted(["Hanna Berg", *(mark for mark, ran in did if ran.code == 0)])


@pytest.mark.parametrize(
    ("error", "line"), [("ENOLCK", ("add-customer", "Jo Park")), ("EIO", ("done", "1")), ("EIO", ("customers",))]
)
def test_a_disk_without_locks(programs: list[Program], place: Path, error: str, line: tuple[str, ...]) -> None:
    """A network disk without a service for locks, or one that went away."""
    before = (place / DATABASE).read_bytes()
    ran = run(programs[0], place, (*LOCKING, "-e", f"inject=fcntl:error={error}"), *line)
    assert (ran.code, ran.out, len(ran.err.strip().splitlines())) == (1, "", 2), ran
    assert "Nothing was changed" in ran.err
    assert "inside refertrack" not in ran.err
    assert (place / DATABASE).read_bytes() == before
    assert names(programs[0], place) == ["Hanna Berg"]
