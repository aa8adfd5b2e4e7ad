"""What keeps the everyday commands fast: what they load, and how their statements find their rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conftest import TODAY, Program
from refertrack.reports import look_up
from refertrack.reports.card import card
from refertrack.reports.catalogue import NAMES
from refertrack.reports.lists import CustomerFilter, DueFilter, customers, due
from refertrack.rules.errors import NotFound
from refertrack.store.reader import Reader, open_reader
from refertrack.store.target import Target

HEAVY = {
    "sqlalchemy", "sqlmodel", "pydantic", "alembic", "jinja2", "babel", "dateparser", "phonenumbers", "holidays",
    "email_validator", "tomlkit", "rich.console", "importlib.metadata",
}  # fmt: skip
ENTRY = """
import sys, json
from refertrack.cli.main import run
try:
    run()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def loaded(*line: str, **variables: str) -> tuple[str, set[str]]:
    """Run a command line in a process of its own; what it printed, and which modules it had loaded."""
    run = subprocess.run(
        [sys.executable, "-c", ENTRY, *line], capture_output=True, text=True, check=False,
        env={**os.environ, **variables},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout, set(json.loads(run.stderr.splitlines()[-1]))


@pytest.fixture
def stocked(file_shop: Program) -> Program:
    for name in ("Hanna Berg", "Jo Park"):
        file_shop("add-customer", name, "--segment", "Private", "--email", f"{name[:2]}@x.example", "--tag", "vip")
    file_shop("add-purchase", "hanna", "--amount", "12", "--ordered", "2026-11-20", "--promised", "2026-12-01")
    return file_shop


@pytest.mark.parametrize(
    "line",
    [
        ("due",),
        ("due", "--customer", "hanna", "--until", "2026-12-01", "--json"),
        ("customers", "berg", "--segment", "Private", "--tag", "vip"),
        ("customer", "hanna"),
        ("customer", "hanna", "--json"),
        ("customer", "hana berk", "--debug"),
        ("tags",),
        ("today",),
        ("feedback", "--open", "--json"),
        *(("report", name, "--by", "all", "--json") for name in NAMES),
        ("report", "growth", "--plan-start", "2026-10-01", "--json"),
        ("report", "strength", "--backtest", "--json"),
        ("report", "--by", "segment,quarter", "--where", "tag=vip", "--json"),
    ],
    ids=" ".join,
)
def test_an_everyday_read_loads_nothing_heavy(stocked: Program, line: tuple[str, ...]) -> None:
    if "--debug" in line:
        line = line[:-1]
        result = subprocess.run([sys.executable, "-c", ENTRY, *line], capture_output=True, text=True, check=False)
        modules = set(json.loads(result.stderr.splitlines()[-1]))
        assert "Close: Hanna Berg (1)." in result.stderr
    else:
        out, modules = loaded(*line)
        assert out
    assert modules & HEAVY == set()


@pytest.mark.parametrize(
    ("words", "offered"),
    [("refertrack customer ha@", "ha@x.example"), ("refertrack customer han", "hanna\\ Berg"),
     ("refertrack done ", "1"), ("refertrack customers --tag v", "vip"),
     ("refertrack customers --segment P", "Private"), ("refertrack cust", "customers")],
)  # fmt: skip
def test_completion_loads_nothing_heavy_and_offers_what_is_there(stocked: Program, words: str, offered: str) -> None:
    parts = words.split(" ")
    variables = {"COMP_WORDS": words, "COMP_CWORD": str(len(parts) - 1), "_REFERTRACK_COMPLETE": "complete_bash"}
    out, modules = loaded(**variables)
    assert offered in out.splitlines()
    assert modules & HEAVY == set()


def test_help_and_version_open_no_database(file_shop: Program, tmp_path: Path) -> None:
    for line in (("--help",), ("due", "--help"), ("--version",)):
        out, modules = loaded(*line, REFERTRACK_DB=str(tmp_path / "none" / "x.db"))
        assert "refertrack" in out
        assert modules & {"sqlalchemy", "sqlite3"} == set()
    assert not (tmp_path / "none").exists()


def test_everyday_statements_read_no_whole_table(stocked: Program, sqlite_target: Target) -> None:
    scans: list[str] = []
    with open_reader(sqlite_target) as reader:
        watched = Reader(_watching(reader, scans), reader.dialect)
        due(watched, TODAY, DueFilter(limit=50))
        due(watched, TODAY, DueFilter(owner="Nora", limit=50))
        due(watched, TODAY, DueFilter(customer_id=1))
        for sort in ("name", "id", "newest"):
            customers(watched, CustomerFilter(limit=1, sort=sort))
        customers(watched, CustomerFilter(segment="Private", limit=1))
        customers(watched, CustomerFilter(search="berg", limit=1))
        card(watched, look_up.customer(watched, "hanna berg"), TODAY)
        look_up.customer(watched, "hanna@x.example".replace("hanna", "ha"))
        look_up.customer(watched, "anna")
        with pytest.raises(NotFound):
            look_up.customer(watched, "hana berk")
    assert scans == []


def _watching(reader: Reader, scans: list[str]) -> Any:
    """Run statements, and note those whose plan reads a table from end to end without an index."""

    def run(sql: str, parameters: Mapping[str, object]) -> tuple[list[str], list[Any]]:
        plan = [row[3] for row in reader.tuples(f"EXPLAIN QUERY PLAN {sql}", **parameters)]
        by_id_in_order = sql.count("ORDER BY id") == 1
        scans.extend(
            f"{step}: {sql}"
            for step in plan
            if step.startswith("SCAN ") and "INDEX" not in step and "CONSTANT" not in step and not by_id_in_order
        )
        rows = reader.rows(sql, **parameters)
        columns = list(rows[0]) if rows else []
        return columns, [tuple(row.values()) for row in rows]

    return run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_hostile_name_is_never_offered_to_a_shell(file_shop: Program, shell: str) -> None:
    for name in ("Al $(touch x)", "Al `x`", 'Al"; x', "Al'; x #", "Al\\$(x)", "Al [/]", "Al *", "Al\x1b[2J", "Al Good"):
        file_shop("add-customer", name, "--company", "[/red] $(x) 'q'")
    line = "refertrack customer al"
    variables = {"COMP_WORDS": line, "COMP_CWORD": "2", "_REFERTRACK_COMPLETE": f"complete_{shell}"}
    out, _ = loaded(**variables, _TYPER_COMPLETE_ARGS=line, _TYPER_COMPLETE_FISH_ACTION="get-args")
    out = out.replace("_arguments '*: :((", "")
    assert "al" in out
    assert "Good" in out
    assert "touch" not in out
    assert not set(out.replace("al\\ Good", "")) & set("$`;\\*\x1b")
