"""The commands that are swept: where each begins, what it does, and what may never be wrong after a fault in it."""

from __future__ import annotations

import csv
import hashlib
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tracing import Call, Fault, Program, Ran, calls, injections

TODAY = "2026-11-24"
DATABASE = "customers.db"
COPY = "stick/copy.db"
ROWS = 1_000
KNOWN = 40
# What is different in every run: moments, in columns and in the journal's words.
_PASSING = ("created_at", "updated_at", "at")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*")
NEXT = ("add-customer", "After The Fault", "--json")


def variables(folder: Path) -> dict[str, str]:
    """Return what a command in a scene's folder is started with."""
    return {
        "HOME": str(folder), "REFERTRACK_DB": str(folder / DATABASE), "REFERTRACK_TODAY": TODAY, "LANG": "C.UTF-8",
        "REFERTRACK_AUTHOR": "Nora", "PATH": os.environ.get("PATH", ""),
    }  # fmt: skip


_known: dict[bytes, str] = {}


def state(path: Path) -> str:
    """Return a digest of all that a database holds, less the moments; the engine first takes back what is unfinished.

    A copy is looked at, so that the file itself is as the command left it.
    """
    if not path.exists():
        return "none"
    beside = [place for suffix in ("-journal", "-wal") if (place := path.with_name(path.name + suffix)).exists()]
    if beside:
        return _looked_at(path, beside)
    of_bytes = hashlib.sha256(path.read_bytes()).digest()
    if of_bytes not in _known:
        _known[of_bytes] = _looked_at(path, [])
    return _known[of_bytes]


def _looked_at(path: Path, beside: Sequence[Path]) -> str:
    place = path.with_name(f"{path.name}.looked-at")
    try:
        shutil.copy(path, place)
        for left in beside:
            shutil.copy(left, place.with_name(place.name + left.name.removeprefix(path.name)))
        with closing(sqlite3.connect(place)) as connection:
            whole = connection.execute("PRAGMA integrity_check").fetchall()
            if whole != [("ok",)]:
                return f"damaged: {whole[0][0]}"
            digest = hashlib.sha256()
            for words in _rows(connection):
                digest.update(words.encode())
            return digest.hexdigest()[:16]
    except sqlite3.Error as error:
        return f"unreadable: {error}"
    finally:
        for each in place.parent.glob(f"{place.name}*"):
            each.unlink()


def _rows(connection: sqlite3.Connection) -> Iterator[str]:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    for (table,) in tables:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] not in _PASSING]
        listed = ", ".join(f'"{column}"' for column in columns)
        rows = connection.execute(f"SELECT {listed} FROM {table}").fetchall()
        yield from sorted(_MOMENT.sub("", f"{table} {row}\n") for row in rows)


@dataclass(frozen=True)
class Scene:
    """A command in its surroundings, what it does to the database's state, and the calls by which it does it."""

    name: str
    line: tuple[str, ...]
    start: Path
    before: str
    after: str
    calls: tuple[Call, ...]


@dataclass(frozen=True)
class Verdict:
    """What a fault at one call led to; ``problems`` is empty where every promise was kept."""

    scene: str
    fault: str
    call: Call
    number: int
    outcome: str
    problems: tuple[str, ...]
    leftovers: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Say where it was, and what was wrong."""
        where = f"{self.scene}, call {self.number} ({self.call.name} {Path(self.call.path).name}), {self.fault}"
        return f"{where}: {self.outcome}" + "".join(f"\n    {problem}" for problem in self.problems)


def build(program: Program, folder: Path) -> list[Scene]:
    """Make every scene's beginning, and run each once without a fault."""
    folder.mkdir(parents=True)
    base = folder / "base"
    (base / "stick").mkdir(parents=True)
    _write_rows(base / "known.csv", "K", KNOWN)
    _write_rows(base / "rows.csv", "N", ROWS)
    for line in (
        ("import", "customers", str(base / "known.csv"), "--quiet"),
        ("add-purchase", "1", "--product", "pump", "--amount", "12", "--ordered", "2026-11-20"),
        ("add-purchase", "2", "--product", "filter", "--ordered", "2026-11-10", "--delivered", "2026-11-23"),
        ("backup", str(base / COPY)),
        ("log", "3", "--call", "--note", "since the copy"),
    ):
        _well(program, base, line)
    morning = shutil.copytree(base, folder / "morning")  # the day's backup is still to come
    shutil.rmtree(morning / "backups")
    ahead = shutil.copytree(base, folder / "ahead")
    with closing(sqlite3.connect(ahead / DATABASE)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    old = shutil.copytree(base, folder / "old")
    _grow_old(old / DATABASE)
    scenes = [
        ("import", ("import", "customers", "rows.csv"), base),
        ("done", ("done", "1", "--note", "all well"), morning),
        ("migration", ("customers",), old),
        ("backup", ("backup", "stick/by-hand.db"), base),
        ("restore", ("restore", COPY, "--yes"), base),
        ("ahead", ("add-customer", "Jo Park"), ahead),  # a file that writes ahead
    ]
    return [_rehearse(program, name, line, start) for name, line, start in scenes]


def _well(program: Program, folder: Path, line: tuple[str, ...]) -> None:
    ran = program.run(folder, line, variables(folder))
    if ran.code:
        raise RuntimeError(f"{line}: {ran}")


def _write_rows(path: Path, letter: str, count: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("id", "name", "email", "segment", "city", "joined"))
        for number in range(1, count + 1):
            writer.writerow((f"{letter}{number}", f"Person {letter}{number}", f"{letter}{number}@x.example",
                             ("Retail", "Private")[number % 2], "Malmö", "2025-03-04"))  # fmt: skip


def _grow_old(path: Path) -> None:
    """Put a database's rows into one of the first released form."""
    from refertrack.store import migrate
    from refertrack.store.target import Target

    today = path.with_name("today.db")
    path.rename(today)
    path.touch(0o600)
    migrate.upgrade(Target(path=path), "0001")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ATTACH ? AS new", (str(today),))
        tables = [row[0] for row in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in set(tables) - {"alembic_version", "sqlite_sequence"}:
            columns = ", ".join(f'"{row[1]}"' for row in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
        connection.commit()
    today.unlink()


def _rehearse(program: Program, name: str, line: tuple[str, ...], start: Path) -> Scene:
    with played(start) as folder:
        trace = folder.with_name("trace")
        ran = program.run(folder, line, variables(folder), ("-o", str(trace)))
        if ran.code:
            raise RuntimeError(f"{name}: {ran}")
        before, after = state(start / DATABASE), state(folder / DATABASE)
        if " " in before + after or (before == after) != (name == "backup"):
            raise RuntimeError(f"{name} begins with {before} and ends with {after}")
        return Scene(name, line, start, before, after, tuple(calls(trace, folder)))


class played:  # noqa: N801 - used as a word: with played(start) as folder
    """A copy of a scene's beginning that may be spoilt."""

    def __init__(self, start: Path) -> None:
        import tempfile

        self._start = start
        self._parent = Path(tempfile.mkdtemp(dir=start.parent, prefix="played-"))

    def __enter__(self) -> Path:
        return shutil.copytree(self._start, self._parent / "x", copy_function=shutil.copy)

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._parent)


def attempt(program: Program, scene: Scene, index: int, fault: Fault) -> Verdict | None:
    """Run a scene with a fault at one of its calls and judge what is left; None where the fault did not strike."""
    with played(scene.start) as folder:
        trace = folder.with_name("trace")
        options = ("-o", str(trace), *injections(scene.calls, index, fault))
        ran = program.run(folder, scene.line, variables(folder), options)
        if ran.code >= 0 and not any(call.injected for call in calls(trace, folder)):
            return None
        problems: list[str] = []
        outcome = _outcome(scene, folder, problems)
        mute = fault.lasting and scene.calls[index].name == "write"
        problems += _lies(scene, ran, outcome, mute=mute)
        problems += other_files(scene, folder, ran, outcome)
        leftovers = tuple(sorted(_leftovers(folder)))
        problems += next_steps(program, scene, folder, outcome, again=not fault.error)
        return Verdict(scene.name, fault.words, scene.calls[index], index + 1, outcome, tuple(problems), leftovers)


def _outcome(scene: Scene, folder: Path, problems: list[str]) -> str:
    found = state(folder / DATABASE)
    if found not in {scene.before, scene.after}:
        problems.append(f"neither all nor nothing: {found}")
        return "torn"
    if scene.before == scene.after:
        return "as before"
    return "nothing of it" if found == scene.before else "all of it"


def _lies(scene: Scene, ran: Ran, outcome: str, *, mute: bool) -> Iterator[str]:
    """Find what was said and is not so."""
    said = ran.out + ran.err
    if ran.code == 0 and outcome == "nothing of it":
        yield f"said to be done, and is not: {said.strip()[:200]}"
    if outcome == "all of it" and "othing was changed" in said:
        yield f"said to have changed nothing, and has: {said.strip()[:200]}"
    if "Traceback" in said or "inside refertrack" in said:
        yield f"no sentence for a person: {said.strip()[-300:]}"
    if ran.code > 0 and not mute and len([line for line in ran.err.splitlines() if line.strip()]) < 2:
        yield f"no sentence, or no way out: {said.strip()[:200]!r}"
    if ran.code not in {0, 1} and ran.code >= 0:
        yield f"exit code {ran.code}"


def other_files(scene: Scene, folder: Path, ran: Ran, outcome: str) -> Iterator[str]:
    """Find backups that are not what they were, or not what they say, and such as should be there and are not.

    What was there at the beginning is to stay as it is; what is new is to hold what the database held then.
    """
    copies = [*(folder / "stick").glob("*.db"), *(folder / "backups").glob("*.db")]
    for place in copies:
        there = scene.start / place.relative_to(folder)
        if (found := state(place)) != (state(there) if there.exists() else scene.before):
            yield f"{place.name} does not hold what it should: {found}"
        noted = place.with_name(f"{place.name}.sha256")
        if not noted.exists():
            yield f"{place.name} has no SHA-256"
        elif noted.read_text().split()[0] != hashlib.sha256(place.read_bytes()).hexdigest():
            yield f"{place.name} has another SHA-256 than is noted"
    for there in [*(scene.start / "stick").glob("*.db*"), *(scene.start / "backups").glob("*.db*")]:
        if not (folder / there.relative_to(scene.start)).exists():
            yield f"{there.name} is gone"
    yield from _missing(scene, {place.name for place in copies}, ran, outcome)


def _missing(scene: Scene, names: set[str], ran: Ran, outcome: str) -> Iterator[str]:
    if scene.name == "backup" and ran.code == 0 and "by-hand.db" not in names:
        yield "the backup is said to be made, and is not there"
    for command, words, wanted in (
        ("done", r"-\d{4}-\d\d-\d\d", "the day's backup before its first change"),
        ("restore", "-replaced-.*", "what was replaced"),
        ("migration", "-schema-0001.*", "what was there before the migration"),
    ):
        if (scene.name, outcome) == (command, "all of it") and not any(
            re.fullmatch(f"customers{words}\\.db", name) for name in names
        ):
            yield f"{wanted} is not kept"


def _leftovers(folder: Path) -> Iterator[str]:
    """Name what a command left that nobody asked for, in general words."""
    for place in folder.rglob("*"):
        if place.name.endswith("-journal"):
            yield "journal"
        elif place.name.endswith(("-wal", "-shm")):
            yield "what is written ahead"
        elif place.name.startswith(".refertrack-"):
            yield "passing digest"
        elif place.name.startswith(".") and not place.name.endswith(".lock"):
            yield "passing copy"
        elif place.name.endswith(".sha256") and not place.with_name(place.name.removesuffix(".sha256")).exists():
            yield "digest without its backup"


def next_steps(program: Program, scene: Scene, folder: Path, outcome: str, *, again: bool) -> Iterator[str]:
    """Find what does not work after the fault: a check, the same command ``again``, and another one.

    Where the files are the same to the byte as they were before such a step once, what comes of it is the same.
    """

    def tried(line: tuple[str, ...]) -> Iterator[str]:
        ran = program.run(folder, line, variables(folder))
        if ran.code:
            yield f"afterwards {' '.join(line[:2])} ends with {ran.code}: {(ran.err + ran.out).strip()[:300]}"

    def worked_on() -> Iterator[str]:
        undone = outcome == "nothing of it" or (scene.name == "backup" and not (folder / "stick/by-hand.db").exists())
        if again and undone:
            yield from tried(scene.line)
            if state(folder / DATABASE) != scene.after:
                yield "the same command does not do afterwards what it does without the fault"
        yield from tried(NEXT)

    def looked_at() -> Iterator[str]:
        yield from tried(("check",))
        yield from _once(("then", *place, _alike(folder)), worked_on)

    place = (scene.name, outcome, again)
    yield from _once(("first", *place, _alike(folder)), looked_at)


_found: dict[tuple[object, ...], tuple[str, ...]] = {}
# What no two runs share in the names of files: passing names, and moments.
_PASSING_NAME = re.compile(r"\.[0-9a-f]{8}$|(?<=\.refertrack-)\w{8}$|\d{8}-\d{6}")


def _once(key: tuple[object, ...], find: Callable[[], Iterable[str]]) -> tuple[str, ...]:
    if key not in _found:
        _found[key] = tuple(find())
    return _found[key]


def _alike(folder: Path) -> str:
    """Return what all folders have in common in which the same files hold the same, but for locks."""
    digest = hashlib.sha256()
    for place in sorted(folder.rglob("*")):
        digest.update(f"{_PASSING_NAME.sub('', str(place.relative_to(folder)))} {place.stat().st_mode} ".encode())
        if place.is_file() and place.suffix != ".lock":
            digest.update(hashlib.sha256(place.read_bytes()).digest())
    return digest.hexdigest()
