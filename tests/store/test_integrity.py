"""A check finds what is not of its kind, which the engine itself takes as it comes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from conftest import Program
from refertrack.store.target import Target

ODD = {
    "no date": ("UPDATE purchase SET ordered_on = '2026-1q-02'", "row 1 of purchase holds no day in ordered_on"),
    "a day that is none": ("UPDATE purchase SET ordered_on = '2026-02-30'", "holds no day in ordered_on"),
    "no moment": ("UPDATE command SET at = '2026x11-24'", "of command holds no moment in at"),
    "no number": ("UPDATE purchase SET quantity = 'x'", "holds no number in quantity"),
    "no text": ("UPDATE customer SET notes = x'ff00'", "holds no text in notes"),
    "no JSON": (
        "UPDATE change SET after = substr(after, 3) WHERE id = 1",
        "of change holds no whole words in after",
    ),
    "no letters": ("UPDATE customer SET city = CAST(x'ff41' AS TEXT)", "a row of customer holds letters that are none"),
}


@pytest.mark.parametrize("case", ODD)
def test_a_value_that_is_not_of_its_kind_is_found_and_told(
    file_shop: Program, sqlite_target: Target, case: str
) -> None:
    path = sqlite_target.path
    assert isinstance(path, Path)
    file_shop("add-customer", "Hanna Berg")
    file_shop("add-purchase", "1", "--product", "pump", "--ordered", "2026-11-20")
    assert file_shop("check").code == 0
    statement, words = ODD[case]
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute(statement)
    connection.close()
    found = file_shop("check", "--json")
    assert (found.code, found.json[0]["hint"]) == (1, "refertrack restore")
    assert any(words in row["words"] for row in found.json), found.out
    before = path.read_bytes()
    for line in (("history", "1"), ("undo",), ("customer", "1"), ("report",)):
        result = file_shop(*line)
        assert result.code == 0 or ("refertrack check" in result.err and path.read_bytes() == before), (line, result)
        path.write_bytes(before)
