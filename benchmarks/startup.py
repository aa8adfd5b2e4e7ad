"""How long the everyday commands take beside the bare imports that they cannot do without.

Builds a database of 100,000 customers with 500,000 follow-ups, runs each command and each yardstick in turn,
and prints the medians of their CPU time (user and system) with the ratios. Milliseconds belong to the machine;
the ratios are what counts:

    python benchmarks/startup.py
    python benchmarks/startup.py --customers 1000 --follow-ups 5000 --runs 3
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

TODAY = date(2026, 11, 24)
NOW = "2026-11-24 09:00:00+00:00"
READ = "import typer, sqlite3, rich.table"
WRITE = "import sqlmodel"
RUN = "from refertrack.cli.main import run; run()"


@dataclass(frozen=True)
class Case:
    """A command line, the imports it is measured by, and the most that it may cost as their multiple."""

    words: str
    line: tuple[str, ...]
    yardstick: str
    limit: float
    variables: tuple[tuple[str, str], ...] = ()


def completion(words: str) -> tuple[tuple[str, str], ...]:
    """Return what a shell sets when Tab is pressed behind the words."""
    return (
        ("_REFERTRACK_COMPLETE", "complete_bash"), ("COMP_WORDS", words), ("COMP_CWORD", str(len(words.split()) - 1))
    )  # fmt: skip


CASES = (
    Case("due", ("due", "--limit", "50"), READ, 1.5),
    Case("customers", ("customers", "--limit", "50"), READ, 1.5),
    Case("customers WORDS", ("customers", "berg 777", "--limit", "50"), READ, 1.5),
    Case("customer ID", ("customer", "50000"), READ, 1.5),
    Case("customer NAME", ("customer", "Berg 77770"), READ, 1.5),
    Case("customer PART", ("customer", "erg 77770"), READ, 1.5),
    Case("customer MISSPELT", ("customer", "Breg 77777x"), READ, 3.0),
    Case("--help", ("--help",), READ, 2.0),
    Case("due --help", ("due", "--help"), READ, 2.0),
    Case("completion of a name", (), READ, 3.0, completion("refertrack customer Berg")),
    Case("completion of an item", (), READ, 3.0, completion("refertrack done 1")),
    Case("completion of a command", (), READ, 3.0, completion("refertrack cust")),
    Case("done", ("done", "{item}"), WRITE, 1.35),
)


def build(path: Path, customers: int, follow_ups: int) -> None:
    """Make a database of refertrack's form and fill it through the driver."""
    from refertrack.store.engine import prepare
    from refertrack.store.target import Target

    prepare(Target(path=path))
    chance = Random(7)
    surnames = ("Berg", "Ek", "Dahl", "Ito", "Park", "Oliveira", "Yılmaz", "Nair", "Costa", "Lind")
    segments = ("Private", "Retail", "Guest house", "Office")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    people = (
        (number, NOW, NOW, f"{surnames[number % 10]} {number}", f"{surnames[number % 10]} {number}".casefold(),
         f"c{number}@example.org", f"c{number}@example.org", segments[number % 4],
         (TODAY - timedelta(days=chance.randrange(2000))).isoformat())
        for number in range(1, customers + 1)
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO customer (id, created_at, updated_at, name, name_key, email, email_key, segment, joined_on,"
        " version, company, phone, owner, source, city, country, language, preferred_channel, status, notes,"
        " external_source, company_key, phone_key)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, '', '', '', '', '', '', '', '', 'active', '', '', '', '')",
        people,
    )
    connection.executemany(
        "INSERT INTO follow_up (id, created_at, version, customer_id, playbook, step, purpose, channel, template,"
        " what, because, waits, nominal_due, due_on, priority, moved, state, outcome, closed_on, reason, owner,"
        " attempts) VALUES (?, ?, 1, ?, 'order', 'thanks', 'service', 'email', '', 'thank-you card', 'ordered', '',"
        " ?, ?, 50, 0, ?, '', ?, '', '', 0)",
        (_follow_up(number, customers, chance) for number in range(1, follow_ups + 1)),
    )
    connection.commit()
    connection.close()


def _follow_up(number: int, customers: int, chance: Random) -> tuple[object, ...]:
    """Return a follow-up: one in ten is open, and due from a week ago to three months ahead."""
    is_open = number % 10 == 0
    day = (TODAY + timedelta(days=chance.randrange(-7, 90) if is_open else -chance.randrange(1, 700))).isoformat()
    state, closed = ("open", None) if is_open else ("done", day)
    return number, NOW, 1 + number * 7 % customers, day, day, state, closed


def cpu(command: list[str], environment: dict[str, str]) -> float:
    """Run a command with its output thrown away; return its user and system time in milliseconds."""
    with Path(os.devnull).open("wb") as nowhere:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=nowhere, stderr=nowhere, env=environment)
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return (used.ru_utime + used.ru_stime) * 1000


def measure(path: Path, runs: int) -> dict[str, float]:
    """Run every yardstick and every case in turn, so often; return the medians."""
    environment = {**os.environ, "REFERTRACK_DB": str(path), "REFERTRACK_TODAY": TODAY.isoformat(), "LANG": "C.UTF-8"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    taken: dict[str, list[float]] = {}
    item = 10
    for turn in range(-1, runs):  # the first turn warms the caches, and makes the day's backup
        for yardstick in (READ, WRITE):
            spent = cpu([sys.executable, "-c", yardstick], environment)
            if turn >= 0:
                taken.setdefault(yardstick, []).append(spent)
        for case in CASES:
            line = [word.format(item=item) for word in case.line]
            item += 10 if "{item}" in case.line else 0
            spent = cpu([sys.executable, "-c", RUN, *line], {**environment, **dict(case.variables)})
            if turn >= 0:
                taken.setdefault(case.words, []).append(spent)
    return {name: statistics.median(values) for name, values in taken.items()}


def main() -> int:
    """Build, measure and print; the exit code is 1 where a case costs more than it may."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--follow-ups", type=int, default=500_000)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--db", type=Path, help="keep the database here, and use it again if it is there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.db or Path(folder) / "customers.db"
        if not path.exists():
            began = time.perf_counter()
            build(path, given.customers, given.follow_ups)
            print(
                f"{given.customers:,} customers, {given.follow_ups:,} follow-ups in {time.perf_counter() - began:.0f} s"
            )
        medians = measure(path, given.runs)
    for yardstick in (READ, WRITE):
        print(f"{f'python -c {chr(34)}{yardstick}{chr(34)}':<52}{medians[yardstick]:>6.0f} ms")
    over = 0
    print(f"\n{'':<26}{'CPU':>9}{'ratio':>9}{'at most':>9}")
    for case in CASES:
        ratio = medians[case.words] / medians[case.yardstick]
        over += ratio > case.limit
        verdict = "  over" if ratio > case.limit else ""
        print(f"{case.words:<26}{medians[case.words]:>6.0f} ms{ratio:>9.2f}{case.limit:>9.2f}{verdict}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
