"""How long `refertrack ready` takes over 100,000 customers with four years of history.

    python benchmarks/ready.py [CUSTOMERS] [FILE]

Builds the database once (about a minute), then starts the program anew for each run, as a person does, and prints
the medians of five: seconds on the clock, and seconds of work (which other programs do not blur). Everything is
drawn from one seed, so that two runs measure the same.
"""

from __future__ import annotations

import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from refertrack.store.engine import prepare
from refertrack.store.target import Target

TODAY = date(2026, 11, 24)
NOW = "2026-11-24 09:00:00.000000"
SEGMENTS = ("Private", "Retail", "Guest house", "Trade", "Public", "")
RUNS = (
    ("ready", ["ready"]),
    ("ready --json --limit 50", ["ready", "--json", "--limit", "50"]),
    ("ready --by segment", ["ready", "--by", "segment"]),
    ("ready --segment Retail", ["ready", "--segment", "Retail"]),
    ("--version (start alone)", ["--version"]),
)


class History:
    """Rows for customers who buy, talk, answer, complain, are asked and refer, over four years."""

    def __init__(self, customers: int) -> None:
        self.chance = Random(1)
        self.customers = customers

    def rows(self) -> Iterator[tuple[str, dict[str, object]]]:
        """Give each row with its table."""
        for who in range(1, self.customers + 1):
            yield "customer", self._customer(who)
            joined = self.chance.randint(1, 1460)
            for _ in range(self.chance.choice((1, 1, 2, 3, 5))):
                yield from self._sale(who, self.chance.randint(0, joined))
            for _ in range(self.chance.randint(0, 6)):
                yield "touch", self._touch(who, self.chance.randint(0, joined))
            if self.chance.random() < 0.06:
                yield "feedback", self._feedback(who, self.chance.randint(0, joined))
            yield from self._asked(who, joined)
            for _ in range(self.chance.randint(0, 3)):
                yield "follow_up", self._item(who)
            if self.chance.random() < 0.01:
                yield (
                    "opt_out",
                    {"customer_id": who, "channel": "any", "purpose": "referral", "since": _ago(joined), "source": ""},
                )

    def _customer(self, who: int) -> dict[str, object]:
        name = f"customer {who:06}"
        return {
            "name": name.title(), "name_key": name, "company": "", "company_key": "", "email": f"c{who}@x.example",
            "email_key": f"c{who}@x.example", "phone": "", "phone_key": "", "owner": "", "source": "",
            "segment": self.chance.choice(SEGMENTS), "city": "", "country": "SE", "language": "",
            "preferred_channel": self.chance.choice(("", "", "email", "phone")), "notes": "", "version": 1,
            "status": self.chance.choice(("active",) * 9 + ("dormant",)), "external_source": "",
        }  # fmt: skip

    def _sale(self, who: int, days: int) -> Iterator[tuple[str, dict[str, object]]]:
        due = max(0, days - 14)
        came = max(0, due + self.chance.choice((-4, -1, 0, 0, 0, 1, 2, 4)))
        yield "purchase", {
            "customer_id": who, "description": "", "quantity": 1, "amount_minor": 10_000, "currency": "EUR",
            "ordered_on": _ago(days), "promised_on": _ago(due), "delivered_on": _ago(came), "status": "delivered",
            "external_source": "", "version": 1,
        }  # fmt: skip
        if self.chance.random() < 0.35:
            yield "survey", {
                "customer_id": who, "token": f"t{who}-{self.chance.random()}", "answered_on": _ago(max(0, came - 30)),
                "lowest": self.chance.choice((2, 3, 4, 4, 5, 5)), "taken_by": "", "most_important": "", "why_us": "",
                "improve": "", "comment": "", "recommended_whom": "", "undeliverable": 0, "external_source": "",
                "version": 1,
            }  # fmt: skip

    def _touch(self, who: int, days: int) -> dict[str, object]:
        kind = self.chance.choice(("service", "service", "selling", "social"))
        return {"customer_id": who, "on_day": _ago(days), "channel": "call", "direction": "out", "kind": kind,
                "two_way": int(self.chance.random() < 0.7), "note": ""}  # fmt: skip

    def _feedback(self, who: int, days: int) -> dict[str, object]:
        kind = self.chance.choice(("compliment", "complaint", "complaint", "idea"))
        return {
            "customer_id": who, "kind": kind, "origin": "customer", "on_day": _ago(days), "words": "as they said it",
            "process": "", "currency": "", "owner": "", "resolution": "", "praised": "", "version": 1,
            "confirmed_on": _ago(max(0, days - 20)) if kind == "complaint" and days > 30 else None,
        }  # fmt: skip

    def _asked(self, who: int, joined: int) -> Iterator[tuple[str, dict[str, object]]]:
        if self.chance.random() < 0.5:
            day = self.chance.randint(0, joined)
            state = self.chance.choice(("sent", "named", "agreed", "no_one", "declined"))
            yield "ask", {
                "customer_id": who, "asked_on": _ago(day), "sent_on": _ago(day), "specific": "shops", "measurable": 2,
                "attainable": "card", "realistic": "glad", "time_specific": _ago(day - 7), "state": state,
                "incentive": "", "anyway_reason": "", "channel": "", "language": "", "reason_words": "",
                "external_source": "", "version": 1,
            }  # fmt: skip
        if self.chance.random() < 0.3:
            day = self.chance.randint(0, joined)
            yield "referral", {
                "referrer_id": who, "name": "A friend", "name_key": "a friend", "company": "", "email": "",
                "email_key": "", "phone": "", "phone_key": "", "received_on": _ago(day), "moved_on": _ago(day),
                "relation": "", "consent": "none", "may_tell_referrer": 0, "state": "received", "reason": "",
                "override_reason": "", "external_source": "", "version": 1,
            }  # fmt: skip

    def _item(self, who: int) -> dict[str, object]:
        day = _ago(self.chance.randint(-90, 400))
        return {
            "customer_id": who, "playbook": "keep_in_touch", "step": "call", "purpose": "contact", "channel": "phone",
            "template": "", "what": "keep in touch", "because": "", "waits": "", "nominal_due": day, "due_on": day,
            "priority": 50, "moved": 0, "state": self.chance.choice(("open", "done", "done")), "outcome": "",
            "reason": "", "owner": "", "attempts": 0, "version": 1,
        }  # fmt: skip


def _ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def build(path: Path, customers: int) -> None:
    """Make the database, past the journal: it is measured, not kept."""
    prepare(Target(path=path))
    connection = sqlite3.connect(path)
    batches: dict[str, list[dict[str, object]]] = {}
    for table, row in History(customers).rows():
        batch = batches.setdefault(table, [])
        batch.append({**row, "created_at": NOW})
        if len(batch) == 10_000:
            _write(connection, table, batch)
    for table, batch in batches.items():
        _write(connection, table, batch)
    connection.commit()
    connection.close()


def _write(connection: sqlite3.Connection, table: str, batch: list[dict[str, object]]) -> None:
    if batch:
        names = list(batch[0])
        places = ", ".join(f":{name}" for name in names)
        connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", batch)
        batch.clear()


def measure(path: Path, words: list[str]) -> tuple[float, float]:
    """Return the seconds of one run, from the start of the process to its end: on the clock, and of work."""
    command = [sys.executable, "-c", "from refertrack.cli.main import run; run()", "--db", str(path), *words]
    began, worked = time.perf_counter(), _work()
    subprocess.run([*command, "--today", TODAY.isoformat()], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began, _work() - worked


def _work() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Build, measure, print."""
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    path = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp()) / "ready.db"
    if not path.exists():
        build(path, customers)
    print(f"{customers:,} customers, {path.stat().st_size / 1e6:.0f} MB; medians of five, seconds")
    print(f"{'':28}  clock   work")
    for name, words in RUNS:
        clock, work = zip(*(measure(path, words) for _ in range(5)), strict=True)
        print(f"{name:28} {statistics.median(clock):6.2f} {statistics.median(work):6.2f}")
    print(f"Again: python benchmarks/ready.py {customers} {path}")


if __name__ == "__main__":
    main()
