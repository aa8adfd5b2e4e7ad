"""The sample business: one command sets it up and walks through it."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Program


def test_the_walk_shows_the_list_a_letter_and_the_report(run: Program, home: Path) -> None:
    walk = run("demo")
    assert walk.code == 0, walk.err
    for words in ("Hanna Berg", "arrived and works?", "Dear Hanna,", "Guest house", "[ ] 95 % interval", "demo.db"):
        assert words in walk.out
    place = run("demo", "--keep", "--json").json["database"]
    assert Path(place).is_relative_to(home)
    rows = {row["segment"]: row for row in run("--db", place, "report", "--json").json}
    assert set(rows) == {"Guest house", "Private", "Retail"}
    assert all(row["referrals"] >= row["won"] for row in rows.values())


@pytest.mark.parametrize("today", ["2024-02-29", "2026-11-24", "2027-01-01", "2026-08-30"])
def test_it_is_a_believable_morning_on_any_day(run: Program, today: str, tmp_path: Path) -> None:
    made = run("demo", "--json", "--db", tmp_path / "demo.db", today=today)
    assert made.json["customers"] > 80
    due = run("--db", tmp_path / "demo.db", "due", "--json").json
    assert 2 <= len(due) <= 20
    assert max(item["days_late"] for item in due) < 10


def test_a_file_with_customers_of_ones_own_is_left_alone(file_shop: Program, tmp_path: Path) -> None:
    file_shop("add-customer", "Hanna Berg")
    own = next(tmp_path.glob("*.db"))
    before = own.read_bytes()
    refused = file_shop("demo", "--db", own)
    assert (refused.code, "holds customers of yours" in refused.err, own.read_bytes() == before) == (1, True, True)
