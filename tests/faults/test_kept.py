"""Whether a change was kept whose commit ended with an error: looked for, and told as it is."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from conftest import make_context
from refertrack.models.customers import Customer
from refertrack.rules.errors import StoreTrouble
from refertrack.store import engine, migrate
from refertrack.store.reader import sqlite_trouble
from refertrack.store.target import Target
from refertrack.workflows import customers
from scenes import DATABASE, variables
from tracing import Program, Ran, missing

traced = pytest.mark.skipif(bool(missing()), reason=missing())
ADD = ("add-customer", "Jo Park")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with Program(tmp_path_factory.mktemp("program")) as found:
        yield found


@pytest.fixture
def place(program: Program, tmp_path: Path) -> Path:
    """A folder with a database of one customer."""
    assert program.run(tmp_path, ("add-customer", "Hanna Berg"), variables(tmp_path)).code == 0
    return tmp_path


def struck(program: Program, place: Path, *how: str) -> Ran:
    """Add a customer while calls fail."""
    options = [word for each in how for word in ("-e", each)]
    return program.run(place, ADD, variables(place), ("-o", str(place / "trace"), *options))


def names(program: Program, place: Path) -> list[str]:
    return [row["name"] for row in json.loads(program.run(place, ("customers", "--json"), variables(place)).out)]


@traced
@pytest.mark.parametrize("error", ["ENOLCK", "EIO"])
@pytest.mark.parametrize("from_the_end", [2, 1])
def test_a_lock_that_cannot_be_given_back_after_the_change_is_kept(
    program: Program, place: Path, error: str, from_the_end: int
) -> None:
    before = (place / DATABASE).read_bytes()
    assert struck(program, place, "trace=fcntl").code == 0
    locks = (place / "trace").read_text().count(f"{DATABASE}>, F_SETLK")
    (place / DATABASE).write_bytes(before)
    ran = struck(program, place, "trace=fcntl", f"inject=fcntl:error={error}:when={locks - from_the_end}")
    assert (ran.code, ran.out, "Nothing was changed" in ran.err) == (1, "", False), ran
    assert "The change is written to" in ran.err
    assert "refertrack history" in ran.err
    assert names(program, place) == ["Hanna Berg", "Jo Park"]


RESTORE = ("restore", "copy.db", "--yes")


@pytest.fixture
def restoring(program: Program, place: Path) -> list[int]:
    """Return which calls of a restore lock the database; the folder is as it was before it."""
    assert program.run(place, ("backup", "copy.db"), variables(place)).code == 0
    assert program.run(place, ADD, variables(place)).code == 0
    before = (place / DATABASE).read_bytes()
    assert program.run(place, RESTORE, variables(place), ("-o", str(place / "trace"), "-e", "trace=fcntl")).code == 0
    (place / DATABASE).write_bytes(before)
    for kept in (place / "backups").glob("*replaced*"):
        kept.unlink()
    locks = [row for row in (place / "trace").read_text().splitlines() if "F_SETLK" in row]
    return [number for number, row in enumerate(locks, 1) if f"/{DATABASE}>" in row]


def restore(program: Program, place: Path, struck: int) -> Ran:
    how = ("-e", "trace=fcntl", "-e", f"inject=fcntl:error=EIO:when={struck}")
    return program.run(place, RESTORE, variables(place), ("-o", str(place / "trace"), *how))


@traced
@pytest.mark.parametrize(("from_the_end", "there"), [(2, ["Hanna Berg"]), (4, ["Hanna Berg", "Jo Park"])])
def test_a_restore_whose_locks_are_refused_is_told_as_it_is(
    program: Program, place: Path, restoring: list[int], from_the_end: int, there: list[str]
) -> None:
    """From the end: the lock that is given back, and the one for writing."""
    ran = restore(program, place, restoring[-from_the_end])
    assert (ran.code, "Nothing was changed" in ran.err) == (1, len(there) == 2), ran
    assert ("is restored from" in ran.err) == (len(there) == 1)
    assert names(program, place) == there


@traced
def test_a_file_whose_disk_gives_no_lock_is_not_taken_for_a_damaged_one(
    program: Program, place: Path, restoring: list[int]
) -> None:
    """What is kept of a damaged file has no digest, and it is replaced without a lock."""
    for struck in restoring[:15]:
        ran = restore(program, place, struck)
        kept = list((place / "backups").glob("*replaced*.db"))
        assert len(kept) == (ran.code == 0), ran
        assert all(one.with_name(f"{one.name}.sha256").exists() for one in kept), (struck, ran)
        for one in kept:
            one.unlink()


@traced
def test_what_stays_beside_a_file_that_writes_ahead_is_not_said_to_be_nothing(program: Program, place: Path) -> None:
    with closing(sqlite3.connect(place / DATABASE)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    bad = "error=EIO:when=2+"
    ran = struck(program, place, "trace=fdatasync,unlink", f"inject=fdatasync:{bad}", f"inject=unlink:{bad}")
    assert (ran.code, ran.out, "Nothing was changed" in ran.err) == (1, "", False), ran
    assert "refertrack history" in ran.err


@traced
def test_a_change_that_the_disk_refused_is_said_to_be_none(program: Program, place: Path) -> None:
    ran = struck(program, place, "trace=fdatasync", "inject=fdatasync:error=EIO")
    assert (ran.code, "Nothing was changed" in ran.err) == (1, True), ran
    assert names(program, place) == ["Hanna Berg"]


def gone(_: Session) -> None:
    raise OperationalError("", {}, Exception("the line is dead"), connection_invalidated=True)


def add(target: Target, moment: str, what: Callable[[Session], None]) -> None:
    """Add a customer; something happens at a moment of the commit."""
    with engine.writing(target, make_context()) as session:
        customers.add(session, {"name": "Jo"})
        session.flush()
        event.listen(session, moment, what)


@pytest.mark.parametrize(
    ("moment", "words", "there"), [("after_commit", "The change is written to", 1), ("before_commit", "dead", 0)]
)
def test_it_is_looked_for_on_each_engine(target: Target, moment: str, words: str, there: int) -> None:
    with pytest.raises(StoreTrouble) as told:
        add(target, moment, gone)
    assert words in told.value.message
    assert ("Nothing was changed" in told.value.hint) == (there == 0)
    assert count(target) == there


@pytest.mark.parametrize("moment", ["after_commit", "before_commit"])
def test_where_nobody_can_look_nobody_says_that_there_is_nothing(
    target: Target, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object, **__: object) -> None:
        raise StoreTrouble("It does not answer.")

    def cut_off(session: Session) -> None:
        monkeypatch.setattr(engine, "create_engine", closed)
        gone(session)

    with pytest.raises(StoreTrouble, match="all of it or nothing"):
        add(target, moment, cut_off)
    monkeypatch.undo()
    assert count(target) == (moment == "after_commit")


def count(target: Target) -> int:
    with engine.reading(target) as connection:
        return len(connection.execute(select(Customer)).all())


@traced
def test_a_folder_that_cannot_be_brought_to_the_disk_after_the_change_is_kept(program: Program, place: Path) -> None:
    before = (place / DATABASE).read_bytes()
    assert struck(program, place, "trace=fdatasync").code == 0
    syncs = (place / "trace").read_text().count("fdatasync(")
    (place / DATABASE).write_bytes(before)
    ran = struck(program, place, "trace=fdatasync", f"inject=fdatasync:error=EIO:when={syncs}")
    assert (ran.code, "The change is written to" in ran.err) == (1, True), ran
    assert names(program, place) == ["Hanna Berg", "Jo Park"]


def test_nothing_is_said_to_be_written_where_another_change_was_taken_back() -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_DIR_FSYNC"  # its journal is gone, the folder is not on the disk
    told = sqlite_trouble(error, "x.db")
    assert ("is written" in told.message, "Nothing was changed" in told.hint) == (False, True)


@traced
def test_nothing_is_not_said_to_be_changed_where_the_form_was(program: Program, tmp_path: Path) -> None:
    old, line, trace = tmp_path / DATABASE, ("customers",), str(tmp_path / "trace")
    old.touch(0o600)
    migrate.upgrade(Target(path=old), "0001")
    before = old.read_bytes()
    assert program.run(tmp_path, line, variables(tmp_path), ("-o", trace, "-e", "trace=fcntl")).code == 0
    rows = [row for row in Path(trace).read_text().splitlines() if "F_SETLK" in row]
    ours = [number for number, row in enumerate(rows, 1) if f"/{DATABASE}>" in row]
    told = []
    for struck in (ours[0], ours[-3]):
        old.write_bytes(before)
        how = ("-o", trace, "-e", "trace=fcntl", "-e", f"inject=fcntl:error=EIO:when={struck}")
        ran = program.run(tmp_path, line, variables(tmp_path), how)
        told.append((ran.code, "Nothing was changed" in ran.err, old.read_bytes() == before))
    assert told == [(1, True, True), (1, False, False)]


@traced
@pytest.mark.parametrize("struck", [2, 4])
@pytest.mark.parametrize("line", [("demo", "--yes", "--json", "--db"), ("init", "--business", "Acme", "--db")])
def test_what_fails_in_a_passing_file_is_told_of_the_place_that_was_named(
    program: Program, tmp_path: Path, line: tuple[str, ...], struck: int
) -> None:
    place = tmp_path / "d" / "b.db"
    place.parent.mkdir()
    how = ("-o", str(tmp_path / "trace"), "-P", str(place.parent), "-e", "trace=fdatasync")
    inject = ("-e", f"inject=fdatasync:error=EIO:when={struck}")
    ran = program.run(tmp_path, (*line, str(place)), variables(tmp_path), (*how, *inject))
    if ran.code == 0:
        return  # it syncs less often
    assert (ran.code, ".b.db." in ran.err) == (1, False), ran
    if not place.exists():
        assert f"{place} cannot be made: " in ran.err
        assert "Nothing was changed." in ran.err
