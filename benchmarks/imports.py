"""How fast a file of customers goes in, beside the bare driver writing the same rows into the same table.

Writes a CSV file of plain customers (id, name, e-mail, segment, city, country, joined), and in turn:

- raw: ``executemany`` of ready tuples into a fresh ``customer`` table with its unique keys and indexes, in one
  transaction, by Python's own sqlite3; nothing is read, checked or journalled
- import: ``refertrack import customers FILE``, the whole process: reads, checks, normalises, matches, journals

and prints the medians of rows per second by CPU time and by the clock, the ratio, and the import's memory. The
seconds belong to the machine; the ratio is what counts, and it should be no less than a third.

    python benchmarks/imports.py
    python benchmarks/imports.py --rows 100000 --runs 5
    python benchmarks/imports.py --update       the same file once more: every row is known and unchanged
    python benchmarks/imports.py --no-rhythm    customers alone, without the keep-in-touch items that they call for
"""

from __future__ import annotations

import argparse
import csv
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

TODAY = "2026-11-24"
RUN = "from refertrack.cli.main import run; run()"
HEADER = ("id", "name", "email", "segment", "city", "country", "joined")
COLUMNS = (
    "created_at", "version", "name", "company", "email", "phone", "segment", "owner", "source", "city", "country",
    "language", "preferred_channel", "joined_on", "status", "notes", "external_source", "external_id", "name_key",
    "company_key", "email_key", "phone_key",
)  # fmt: skip
FIRST = ("Anna", "Bo", "Chris", "Dana", "Erik", "Fay", "Gus", "Hanna", "Ivo", "Jo", "Kim", "Lena", "Max", "Nora")
LAST = ("Ek", "Dahl", "Ito", "Berg", "Park", "Wu", "Costa", "Lind", "Meyer", "Novak", "Olsen", "Rossi", "Silva")
# Playbooks without steps: nothing is to be done for anybody.
NO_RHYTHM = "[keep_in_touch]\noff = true\n[lost_touch]\noff = true\n"


@dataclass(frozen=True)
class Took:
    """What a run took: seconds of CPU, seconds by the clock, and the most memory in megabytes."""

    cpu: float
    clock: float
    memory: float = 0.0


def write_file(path: Path, rows: int) -> None:
    """Write the customers."""
    chance = Random(11)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for number in range(1, rows + 1):
            first, last = chance.choice(FIRST), chance.choice(LAST)
            email = f"{first}.{last}{number}@example.org".lower()
            day = f"{chance.randint(2016, 2025)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
            segment = chance.choice(("Retail", "Private", "Hotel"))
            writer.writerow((f"K{number}", f"{first} {last}", email, segment, "Malmö", "Sweden", day))


def tuples(path: Path) -> list[tuple[Any, ...]]:
    """Return the file's rows as the table has them."""
    found = []
    with path.open(newline="", encoding="utf-8") as stream:
        for number, name, email, segment, city, country, joined in list(csv.reader(stream))[1:]:
            found.append((
                f"{TODAY} 09:00:00", 1, name, "", email, "", segment, "", "", city, country, "", "", joined, "active",
                "", "", number, name.lower(), "", email, "",
            ))  # fmt: skip
    return found


def raw(database: Path, file: Path) -> Took:
    """Write the rows by the driver alone, in a process of its own: the import's begins as small as it can be."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_raw, database, file).result()


def _raw(database: Path, file: Path) -> Took:
    rows = tuples(file)
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")
    statement = f"INSERT INTO customer ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    cpu, clock = time.process_time(), time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(statement, rows)
    connection.execute("COMMIT")
    took = Took(time.process_time() - cpu, time.perf_counter() - clock)
    connection.close()
    return took


def imported(database: Path, file: Path, home: Path) -> Took:
    """Run the import as a process of its own."""
    variables = {**os.environ, "REFERTRACK_DB": str(database), "REFERTRACK_TODAY": TODAY, "HOME": str(home)}
    line = [sys.executable, "-c", RUN, "import", "customers", str(file), "--quiet"]
    clock = time.perf_counter()
    child = os.posix_spawn(sys.executable, line, variables)
    _, status, used = os.wait4(child, 0)
    if status:
        sys.exit("the import failed")
    return Took(used.ru_utime + used.ru_stime, time.perf_counter() - clock, used.ru_maxrss / 1024)


def prepared(database: Path, *, rhythm: bool) -> None:
    """Make a fresh database of refertrack's form."""
    from refertrack.store.engine import prepare
    from refertrack.store.target import Target

    prepare(Target(path=database))
    if not rhythm:
        with sqlite3.connect(database) as connection:
            connection.execute(
                "INSERT INTO setting (created_at, version, name, document) VALUES (?, 1, 'playbooks', ?)",
                (f"{TODAY} 09:00:00", NO_RHYTHM),
            )


def main() -> None:
    """Measure both in turn, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--no-rhythm", action="store_true")
    wanted = parser.parse_args()
    bare: list[Took] = []
    whole: list[Took] = []
    with tempfile.TemporaryDirectory(prefix="refertrack-benchmark-") as name:
        folder = Path(name)
        file = folder / "customers.csv"
        write_file(file, wanted.rows)
        for _ in range(wanted.runs):
            for database in (folder / "raw.db", folder / "import.db"):
                database.unlink(missing_ok=True)
                prepared(database, rhythm=not wanted.no_rhythm)
            bare.append(raw(folder / "raw.db", file))
            took = imported(folder / "import.db", file, folder)
            whole.append(imported(folder / "import.db", file, folder) if wanted.update else took)
    print(f"{wanted.rows:,} customers, medians of {wanted.runs} runs in turn")
    for kind in ("cpu", "clock"):
        one, other = (statistics.median(getattr(took, kind) for took in each) for each in (bare, whole))
        print(
            f"{kind:<6} raw {wanted.rows / one:>9,.0f} rows/s   import {wanted.rows / other:>9,.0f} rows/s"
            f"   ratio {one / other:.2f}"
        )
    print(f"memory of the import at most {max(took.memory for took in whole):,.0f} MB")


if __name__ == "__main__":
    main()
