"""What is spent on a channel stands beside the customers it won, whatever capitals somebody types."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Program


def channels(shop: Program) -> list[tuple[str, str]]:
    return sorted((row["month"], row["channel"]) for row in shop("spend", "--json").json)


def imported(shop: Program, tmp_path: Path, *rows: str) -> None:
    file = tmp_path / "spend.csv"
    file.write_text("month,channel,amount\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    done = shop("import", "spend", file, "--json")
    assert done.code == 0, done.err


@pytest.fixture
def fair(shop: Program) -> Program:
    shop("add-customer", "Ann", "--source", "Fair")
    shop("add-purchase", "ann", "--amount", "10")
    return shop


def test_the_channel_is_spelt_as_the_customers_source(fair: Program) -> None:
    said = fair("add-spend", "2026-11", "fair", "30")
    assert "(Fair, 2026-11, winning)" in said.err
    (row,) = fair("report", "profit", "--by", "channel", "--since", "2026-11-01", "--json").json
    assert (row["channel"], row["new_customers"], row["winning"], row["cost_of_winning"]) == (
        "Fair",
        1,
        "30.00",
        "30.00",
    )


def test_an_exact_spelling_stays(fair: Program) -> None:
    fair("add-customer", "Bo", "--source", "fair")
    fair("add-spend", "2026-11", "fair", "30")
    fair("add-spend", "2026-10", "FAIR", "30")
    assert channels(fair) == [("2026-10", "Fair"), ("2026-11", "fair")]


def test_spending_before_there_are_customers_keeps_to_one_spelling(shop: Program) -> None:
    shop("add-spend", "2026-09", "Fair", "30")
    shop("add-spend", "2026-10", "FAIR", "30")
    shop("add-customer", "Ann", "--source", "fair")
    shop("add-spend", "2026-11", "Fair", "30")
    assert channels(shop) == [("2026-09", "Fair"), ("2026-10", "Fair"), ("2026-11", "fair")]


def test_a_file_is_read_alike_and_twice_changes_nothing(fair: Program, tmp_path: Path) -> None:
    rows = ("2026-09,fair,10", "2026-10,FAIR,10", "2026-09,Straße,5", "2026-10,STRASSE,5", "2026-10,straße,1")
    imported(fair, tmp_path, *rows)
    assert channels(fair) == [("2026-09", "Fair"), ("2026-09", "Straße"), ("2026-10", "Fair"), ("2026-10", "Straße")]
    again = fair("import", "spend", tmp_path / "spend.csv", "--json").json
    assert (again["added"], again["updated"], again["unchanged"]) == (0, 0, 5)


def test_undo_takes_it_back(fair: Program) -> None:
    fair("add-spend", "2026-11", "fair", "30")
    fair("undo")
    assert channels(fair) == []
