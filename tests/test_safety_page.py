"""Every promise on the page names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/safety.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def found_in(path: Path) -> set[str]:
    """The tests that a file holds, those of its classes too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test")}


def test_every_test_that_the_page_names_exists() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > 50
    assert [f"{place}::{name}" for place, name in named if not (ROOT / place).is_file()] == []
    assert [f"{place}::{name}" for place, name in named if name not in found_in(ROOT / place)] == []


def test_every_promise_names_a_test() -> None:
    tables = PAGE.split("| promise | proved by |\n| --- | --- |\n")[1:]
    rows = [line for table in tables for line in table.split("\n\n")[0].splitlines()]
    assert len(rows) > 30
    assert [row for row in rows if not NAMED.search(row)] == []
