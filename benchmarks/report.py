"""How long the referral report by segment takes over 1,000,000 customers, beside hand-written SQL.

    python benchmarks/report.py [FILE]

Builds a database with 1,000,000 customers, 300,000 referrals and 500,000 requests (once, where FILE is given), then
runs the report's own statements and the best SQL that we could write by hand for the same figures, in turn, on the
same connection's engine, and prints the medians and their ratio. Both give the same figures, which is checked.
Exits with 1 where the report takes more than 1.5 times as long.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from refertrack.reports.catalogue import definition
from refertrack.reports.frame import View, run
from refertrack.rules.periods import Period
from refertrack.rules.statistics import Rate
from refertrack.store.engine import prepare, reading
from refertrack.store.target import Target

CUSTOMERS, REFERRALS, ASKS, RUNS, MOST = 1_000_000, 300_000, 500_000, 5, 1.5
TODAY = date(2026, 11, 24)
PERIOD = Period(date(2025, 11, 25), TODAY)
NOW = "2026-11-24 09:00:00.000000"
SEGMENTS = ("Private", "Retail", "Guest house", "Trade", "Public", "Office", "Farm", "")
STATES = ("received", "contacted", "qualified", "won", "lost", "disqualified")

# One pass over each table, grouped before it is joined; ids are looked up by the primary key.
BY_HAND = """
WITH referred AS (
  SELECT referrer_id AS customer_id, sum(state <> 'disqualified') AS valid, sum(state = 'won') AS won
  FROM referral WHERE received_on BETWEEN :since AND :until GROUP BY referrer_id
), asked AS (
  SELECT DISTINCT customer_id FROM ask WHERE sent_on BETWEEN :since AND :until
), out AS (
  SELECT DISTINCT customer_id FROM opt_out
  WHERE purpose IN ('any', 'referral') AND channel = 'any' AND since <= :until
), complaining AS (
  SELECT DISTINCT customer_id FROM feedback WHERE kind IN ('complaint', 'claim') AND on_day <= :until
  AND (resolved_on IS NULL OR resolved_on > :until) AND customer_id IS NOT NULL
)
SELECT c.segment, sum(c.status IN ('active', 'dormant')),
  sum(c.status IN ('active', 'dormant') AND a.customer_id IS NOT NULL AND o.customer_id IS NULL
      AND f.customer_id IS NULL),
  sum(c.status IN ('active', 'dormant') AND coalesce(r.valid, 0) > 0), coalesce(sum(r.valid), 0),
  coalesce(sum(r.won), 0)
FROM customer AS c LEFT JOIN referred AS r ON r.customer_id = c.id LEFT JOIN asked AS a ON a.customer_id = c.id
LEFT JOIN out AS o ON o.customer_id = c.id LEFT JOIN complaining AS f ON f.customer_id = c.id
WHERE c.merged_into IS NULL GROUP BY c.segment ORDER BY c.segment
"""
DAYS_BY_HAND = """
SELECT c.segment, CAST(julianday(r.moved_on) - julianday(r.received_on) AS INTEGER) AS days, count(*)
FROM referral AS r JOIN customer AS c ON c.id = r.referrer_id
WHERE r.received_on BETWEEN :since AND :until AND r.state = 'won' AND c.merged_into IS NULL GROUP BY c.segment, days
"""


def build(path: Path) -> None:
    """Fill a database; the same one each time."""
    prepare(Target(path=path))
    chance = Random(1)
    with sqlite3.connect(path) as connection:
        for table, rows in (("customer", _customers(chance)), ("ask", _asks(chance)), ("referral", _referrals(chance)),
                            ("opt_out", _opt_outs(chance)), ("feedback", _complaints(chance))):  # fmt: skip
            first = next(rows)
            names = ", ".join(first)
            marks = ", ".join(f":{name}" for name in first)
            connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", first)
            connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


def _customers(chance: Random) -> Iterator[dict[str, object]]:
    texts = (
        "company", "email", "phone", "owner", "source", "city", "country", "language", "notes", "preferred_channel",
        "external_source", "company_key", "email_key", "phone_key",
    )  # fmt: skip
    for who in range(1, CUSTOMERS + 1):
        name = f"customer {who:07}"
        yield {
            **dict.fromkeys(texts, ""), "id": who, "name": name, "name_key": name, "created_at": NOW, "version": 1,
            "segment": chance.choice(SEGMENTS), "status": chance.choice(("active",) * 8 + ("dormant", "prospect")),
        }  # fmt: skip


def _asks(chance: Random) -> Iterator[dict[str, object]]:
    for _ in range(ASKS):
        on = TODAY - timedelta(days=chance.randrange(1500))
        yield {"customer_id": chance.randrange(1, CUSTOMERS + 1), "asked_on": on.isoformat(), "specific": "x",
               "sent_on": on.isoformat(), "measurable": 1, "attainable": "card", "realistic": "x", "incentive": "",
               "time_specific": (on + timedelta(days=7)).isoformat(), "anyway_reason": "", "channel": "",
               "state": chance.choice(("sent", "named", "declined", "no_one")), "reason_words": "",
               "external_source": "", "language": "", "version": 1, "created_at": NOW}  # fmt: skip


def _referrals(chance: Random) -> Iterator[dict[str, object]]:
    blank = dict.fromkeys(("company", "email", "phone", "name_key", "email_key", "phone_key", "relation", "reason",
                           "override_reason", "external_source"), "")  # fmt: skip
    for _ in range(REFERRALS):
        on = TODAY - timedelta(days=chance.randrange(1500))
        moved = min(TODAY, on + timedelta(days=chance.randrange(90)))
        yield {**blank, "referrer_id": chance.randrange(1, CUSTOMERS + 1), "name": "x", "received_on": on.isoformat(),
               "moved_on": moved.isoformat(), "state": chance.choice(STATES), "consent": "none",
               "may_tell_referrer": 0, "version": 1, "created_at": NOW}  # fmt: skip


def _opt_outs(chance: Random) -> Iterator[dict[str, object]]:
    for who in chance.sample(range(1, CUSTOMERS + 1), 20_000):
        yield {"customer_id": who, "channel": "any", "purpose": "referral", "since": "2025-01-01", "source": "",
               "created_at": NOW}  # fmt: skip


def _complaints(chance: Random) -> Iterator[dict[str, object]]:
    for who in chance.sample(range(1, CUSTOMERS + 1), 20_000):
        yield {"customer_id": who, "kind": "complaint", "origin": "customer", "on_day": "2026-06-01", "words": "x",
               "process": "", "currency": "", "owner": "", "resolution": "", "praised": "", "version": 1,
               "resolved_on": chance.choice((None, "2026-06-10")), "created_at": NOW}  # fmt: skip


def by_hand(path: Path) -> list[tuple[object, ...]]:
    """Ask with hand-written SQL through the standard library's driver."""
    values = {"since": PERIOD.since.isoformat(), "until": PERIOD.until.isoformat()}
    connection = sqlite3.connect(path)
    rows = connection.execute(BY_HAND, values).fetchall()
    connection.execute(DAYS_BY_HAND, values).fetchall()
    connection.close()
    return rows


def by_report(path: Path) -> list[tuple[object, ...]]:
    """Ask the report, the total and its intervals included."""
    with reading(Target(path=path)) as connection:
        found = run(definition("referrals"), View(connection, PERIOD, TODAY, ("segment",)))
    rows = []
    for line in found.rows:
        asked, part = line.values["ask_rate"], line.values["participation_rate"]
        assert isinstance(asked, Rate)
        assert isinstance(part, Rate)
        rows.append((line.group[0], part.n, asked.k, part.k, line.values["referrals"], line.values["won"]))
    return rows


def main(path: Path) -> int:
    """Measure both in turn and print the ratio."""
    if not path.exists():
        build(path)
    assert sorted(by_hand(path)) == sorted(by_report(path))
    spent: dict[str, list[float]] = {"by hand": [], "report": []}
    for _ in range(RUNS):
        for name, ask in (("by hand", by_hand), ("report", by_report)):
            begun = time.process_time()
            ask(path)
            spent[name].append(time.process_time() - begun)
    medians = {name: statistics.median(times) for name, times in spent.items()}
    ratio = medians["report"] / medians["by hand"]
    for name, seconds in medians.items():
        print(f"{name:<8} {seconds:6.2f} s")
    print(f"ratio    {ratio:6.2f}   (at most {MOST})")
    return int(ratio > MOST)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1])))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(Path(folder) / "report.db"))
