"""What the day's backup of a large file costs beside the engine's own backup call.

Fills a database with notes until it has the size asked for, and in turn, run by run:

- engine: ``sqlite3.Connection.backup`` of the whole file in one step, brought to the disk
- ours: the day's backup as ``store.backup.daily`` makes it before a day's first write: copied with its progress told,
  with its SHA-256 beside it, brought to the disk, put in place whole, and older ones thinned out

and prints the medians by CPU time and by the clock and their ratios; ours may take 1.5 times the engine's by both.
Last, it makes the backup through the program on a terminal of its own and shows what the person saw of it.

    python benchmarks/backup.py
    python benchmarks/backup.py --megabytes 100 --runs 5 --folder /somewhere/with/room
"""

from __future__ import annotations

import argparse
import os
import pty
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from refertrack.store import backup, engine
from refertrack.store.target import Target

MOST = 1.5
RUN = "from refertrack.cli.main import run; run()"
NOTE = (
    "INSERT INTO touch (created_at, customer_id, on_day, channel, direction, kind, two_way, note)"
    " VALUES ('2026-11-24', 1, '2026-11-24', 'call', 'out', 'service', 1, ?)"
)
CUSTOMER = (
    "INSERT INTO customer (created_at, version, name, company, email, phone, segment, owner, source, city, country,"
    " language, preferred_channel, status, notes, external_source, name_key, company_key, email_key, phone_key)"
    " VALUES ('2026-11-24', 1, 'Jo', '', '', '', '', '', '', '', '', '', '', 'active', '', '', 'jo', '', '', '')"
)


def fill(path: Path, megabytes: int) -> None:
    """Make a database of that size."""
    engine.prepare(Target(path=path))
    chance = Random(11)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(CUSTOMER)
        while path.stat().st_size < megabytes * 1_000_000:
            connection.executemany(NOTE, ((chance.randbytes(250).hex(),) for _ in range(20_000)))
            connection.commit()


def engines(path: Path, place: Path) -> None:
    """The engine's own call."""
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(place)) as target:
        source.backup(target)


def timed(act: Callable[[], Any]) -> tuple[float, float]:
    """The seconds of CPU and by the clock that something takes."""
    cpu, clock = time.process_time(), time.perf_counter()
    act()
    return time.process_time() - cpu, time.perf_counter() - clock


def measure(path: Path, runs: int) -> dict[str, list[tuple[float, float]]]:
    """Make backups both ways in turn."""
    took: dict[str, list[tuple[float, float]]] = {"engine": [], "ours": []}
    for run in range(runs):
        place = path.with_name("engine.db")
        today = date(2026, 1, 1) + timedelta(days=run)
        acts: dict[str, Callable[[], Any]] = {
            "engine": lambda place=place: engines(path, place),
            "ours": lambda today=today: backup.daily(path, today, lambda _done, _total: None),
        }
        for name in list(acts)[:: 1 if run % 2 else -1]:
            took[name].append(timed(acts[name]))
        place.unlink()
        shutil.rmtree(backup.folder_of(path))
    return took


def seen(path: Path) -> str:
    """What a person sees who makes the day's first write on a terminal."""
    ours, theirs = pty.openpty()
    variables = {**os.environ, "REFERTRACK_DB": str(path), "TERM": "xterm", "NO_COLOR": "1"}
    line = [sys.executable, "-c", RUN, "add-customer", "Hanna Berg"]
    with subprocess.Popen(line, stdin=theirs, stdout=theirs, stderr=theirs, env=variables) as child:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65_536):
                shown += piece
        except OSError:  # the terminal's other end was closed
            pass
        child.wait()
    return shown.decode()


def main() -> int:
    """Measure and print; 1 where ours takes more than it may."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where there is room for three of them; a temporary one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "customers.db"
        fill(path, options.megabytes)
        took = measure(path, options.runs)
        median = {name: [statistics.median(each[at] for each in runs) for at in (0, 1)] for name, runs in took.items()}
        ratios = [median["ours"][at] / median["engine"][at] for at in (0, 1)]
        for at, words in enumerate(("CPU", "clock")):
            print(
                f"{words:5} engine {median['engine'][at]:6.2f} s, ours {median['ours'][at]:6.2f} s: {ratios[at]:.2f} ×"
            )
        told = [part.strip() for part in seen(path).replace("\r", "\n").split("\n") if part.strip()]
        steps = [part for part in told if part.endswith("%")]
    print(f"On the terminal: {' · '.join([*steps[:3], '…', *steps[-2:]])}" if steps else "On the terminal: no progress")
    good = max(ratios) <= MOST and bool(steps or options.megabytes < 200)
    print(f"At most {MOST} × by both, with progress: {'good' if good else 'not kept'}.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
