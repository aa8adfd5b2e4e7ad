"""The sample business: one command sets it up and walks through it."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Program, limited


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
    assert (refused.code, "holds a business of yours" in refused.err, own.read_bytes() == before) == (1, True, True)


def test_a_sample_that_was_worked_in_is_replaced_when_asked_and_kept(run: Program, tmp_path: Path) -> None:
    place = tmp_path / "demo.db"
    run("demo", "--db", place, "--json")
    assert run("demo", "--db", place, "--json").json["replaced"] is None, "nothing was written since"
    assert not list((tmp_path / "backups").glob("*.db*"))
    run("--db", place, "add-customer", "Real One")
    refused = run("demo", "--db", place, "--no-input")
    assert (refused.code, "1 command. Nothing was changed." in refused.err, "--yes" in refused.err) == (1, True, True)
    assert run("--db", place, "customer", "Real One").code == 0
    assert run("demo", "--keep", "--db", place, "--json").json["customers"] == 97
    replaced = run("demo", "--db", place, "--yes", "--json").json["replaced"]
    assert "-replaced-" in replaced
    assert run("--db", place, "customer", "Real One").code == 3
    assert run("--db", place, "restore", replaced, "--yes").code == 0
    assert run("--db", place, "customer", "Real One").code == 0


def test_a_server_is_no_place_for_a_sample(run: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused = run("demo", "--db", "postgresql://nobody@nowhere/none")
    assert (refused.code, "is kept in a file" in refused.err) == (2, True)
    assert [each.name for each in tmp_path.iterdir()] == ["home"]


def test_a_business_without_customers_is_left_alone(file_shop: Program, tmp_path: Path) -> None:
    file_shop("config", "set", "name", "Lind")
    own = next(tmp_path.glob("*.db"))
    assert "holds a business of yours" in file_shop("demo", "--db", own, "--yes").err
    assert file_shop("config", "get", "name").out.strip() == "Lind"


def test_where_there_is_no_room_the_sample_is_as_it_was(run: Program, tmp_path: Path) -> None:
    place = tmp_path / "demo.db"
    run("demo", "--db", place, "--json")
    before = place.read_bytes()
    for size in (100_000, 1_000_000):  # no room for the tables, none for the rows
        with limited(size):
            failed = run("demo", "--db", place, "--json")
            fresh = run("demo", "--db", tmp_path / "fresh.db", "--json")
        assert (failed.code, "Nothing was changed" in failed.err, f"{place} " in failed.err) == (1, True, True)
        assert (fresh.code, place.read_bytes() == before) == (1, True)
        assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["demo.db"]


def test_a_link_that_leads_to_nothing_is_refused(run: Program, tmp_path: Path) -> None:
    (tmp_path / "demo.db").symlink_to(tmp_path / "stick.db")
    refused = run("demo", "--db", tmp_path / "demo.db", "--json")
    assert (refused.code, "where nothing is" in refused.err, (tmp_path / "stick.db").exists()) == (1, True, False)
