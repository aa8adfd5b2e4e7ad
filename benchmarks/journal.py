"""What the journal adds to a write: the same commands with it and, for comparison only, with its recording cut out.

In turn, on databases of their own with 2,000 customers each:

- purchase: one for a customer, its follow-ups made, in a transaction of its own, as ``add-purchase`` does
- done: a follow-up closed and the next one made, in a transaction of its own, as ``done`` does
- import: a file of plain customers in one transaction, as ``import customers`` does, once the file is read

and prints the medians of CPU time and of the clock, and what the journal adds; 20 % at most. Of the single writes the
transaction alone is measured, not the program's start, so that the share is the largest that there is.

    python benchmarks/journal.py
    python benchmarks/journal.py --runs 9 --writes 100 --rows 50000
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from refertrack.models.follow_ups import FollowUp
from refertrack.rules.context import Context
from refertrack.store import engine, journal, settings
from refertrack.store.target import Target
from refertrack.workflows import consequences, purchases
from refertrack.workflows.import_customers import import_customers
from refertrack.workflows.imports import Line, SourceFile

TODAY = date(2026, 11, 24)
MOST = 0.20
CUSTOMERS = 2_000
BUSINESS = settings.load_business({})
Took = tuple[float, float]


def context(command: str) -> Context:
    """What a command is given."""
    return Context(TODAY, datetime(2026, 11, 24, 9, tzinfo=UTC), "Nora", command, BUSINESS)


@contextmanager
def recording(on: bool) -> Iterator[None]:
    """Let the journal record, or cut out what it does for that: reading what was, and writing both down."""
    if on:
        yield
        return
    names = ("record", "_after_flush", "_remember_unread")
    kept = {name: getattr(journal, name) for name in names}
    try:
        for name in names:
            setattr(journal, name, lambda *_: None)
        yield
    finally:
        for name, function in kept.items():
            setattr(journal, name, function)


def lines(rows: int, first: int = 0) -> list[Line]:
    """Rows of plain customers, as they come from a file."""
    return [
        Line(number, {"external_id": f"c{number}", "name": f"Anna {number}", "email": f"anna{number}@x.example",
                      "segment": ("Private", "Retail")[number % 2], "city": "Lund", "joined_on": "2026-10-01"})
        for number in range(first, first + rows)
    ]  # fmt: skip


def take_in(target: Target, rows: list[Line]) -> None:
    """Import rows in one transaction."""
    with engine.writing(target, context("import")) as session:
        import_customers(session, lambda: rows, SourceFile("people.csv", f"{rows[0].number:064}", "crm"))


def buy(target: Target, number: int) -> None:
    """Record a purchase in a transaction of its own."""
    ordered = TODAY - timedelta(days=number % 5)
    with engine.writing(target, context("add-purchase")) as session:
        new = purchases.NewPurchase(product="pump", ordered_on=ordered, promised_on=TODAY + timedelta(days=9))
        purchases.add(session, number + 1, new)


def close(target: Target, number: int) -> None:
    """Close the follow-up of a purchase in a transaction of its own."""
    with engine.writing(target, context("done")) as session:
        query = select(FollowUp.id).where(FollowUp.customer_id == number + 1, FollowUp.playbook == "order")
        item = session.exec(query.order_by(col(FollowUp.id))).first()
        assert item is not None
        consequences.complete(session, item, note="all there")


def timed(act: Callable[[], Any]) -> Took:
    """The seconds of CPU and by the clock that something takes."""
    cpu, clock = time.process_time(), time.perf_counter()
    act()
    return time.process_time() - cpu, time.perf_counter() - clock


def measure(runs: int, writes: int, rows: int) -> dict[str, dict[bool, list[Took]]]:
    """Do the same with and without the journal, write by write in turn, and the imports run by run."""
    took: dict[str, dict[bool, list[Took]]] = {name: {True: [], False: []} for name in ("purchase", "done", "import")}
    with tempfile.TemporaryDirectory() as folder:
        targets = {on: Target(path=Path(folder) / f"{on}.db") for on in (True, False)}
        for target in targets.values():
            take_in(target, lines(CUSTOMERS))
        for name, act in (("purchase", buy), ("done", close)):
            for number in range(writes):
                for on in (number % 2 == 0, number % 2 == 1):
                    with recording(on):
                        took[name][on].append(timed(lambda on=on, act=act, n=number: act(targets[on], n)))
        for run in range(runs):
            more = lines(rows, CUSTOMERS + run * rows)
            for on in (run % 2 == 0, run % 2 == 1):
                with recording(on):
                    took["import"][on].append(timed(lambda on=on, more=more: take_in(targets[on], more)))
    return took


def main() -> int:
    """Measure and print; 1 where the journal adds more than it may."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=7, help="imports on each side")
    parser.add_argument("--writes", type=int, default=300, help="single writes of each kind on each side")
    parser.add_argument("--rows", type=int, default=20_000, help="rows of an import")
    options = parser.parse_args()
    over = []
    for name, sides in measure(options.runs, options.writes, options.rows).items():
        cpu, clock = ([statistics.median(each[at] for each in sides[on]) for on in (True, False)] for at in (0, 1))
        added = cpu[0] / cpu[1] - 1
        print(
            f"{name:9} CPU {cpu[0] * 1000:8.1f} ms, without {cpu[1] * 1000:8.1f}: {added:+6.1%}   "
            f"clock {clock[0] * 1000:8.1f} ms, without {clock[1] * 1000:8.1f}: {clock[0] / clock[1] - 1:+6.1%}"
        )
        over += [name] if added > MOST else []
    print(f"The journal adds more than {MOST:.0%} to: {', '.join(over)}." if over else f"At most {MOST:.0%}: good.")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
