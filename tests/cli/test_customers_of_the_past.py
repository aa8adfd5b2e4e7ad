"""Reports of the past know customers since their first purchase or the day they joined, however that was told."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Program

ORDERED = ("--amount", "5", "--ordered", "2025-02-01")
IMPORTED = "customer,ordered_on,external_id,amount\n{},{},{},5\n"


def customers_of(shop: Program, year: int) -> int:
    span = ("--since", f"{year}-01-01", "--until", f"{year}-12-31")
    return sum(row["customers"] for row in shop("report", "referrals", "--by", "all", *span, "--json").json)


def statuses(shop: Program, who: int = 1) -> list[tuple[str, str]]:
    """Return what a customer was and from when on, as the card tells it, the latest first."""
    events = shop("customer", who, "--json").json["history"]
    return [(event["on"], event["what"]) for event in events if event["kind"] == "status"]


@pytest.fixture
def one(shop: Program) -> Program:
    assert shop("add-customer", "A One", "--email", "a@x.example").code == 0
    return shop


def bought(shop: Program, tmp_path: Path, day: str, number: str = "P1") -> None:
    file = tmp_path / "orders.csv"
    file.write_text(IMPORTED.format("a@x.example", day, number), encoding="utf-8")
    done = shop("import", "purchases", file, "--json")
    assert done.code == 0, done.err


def test_a_purchase_of_the_past(one: Program) -> None:
    assert one("add-purchase", "1", *ORDERED).code == 0
    assert (customers_of(one, 2024), customers_of(one, 2025), customers_of(one, 2026)) == (0, 1, 1)
    assert one("undo").code == 0
    assert (customers_of(one, 2025), one("check").code) == (0, 0)


def test_a_purchase_is_entered_and_imported_alike(one: Program, tmp_path: Path) -> None:
    bought(one, tmp_path, "2025-02-01")
    imported = statuses(one)
    one("undo")
    one("add-purchase", "1", *ORDERED)
    assert statuses(one) == imported == [("2025-02-01", "came as active")]


def test_a_later_purchase_changes_nothing(one: Program) -> None:
    one("add-purchase", "1", *ORDERED)
    one("add-purchase", "1", "--amount", "5", "--ordered", "2025-06-01")
    one("add-purchase", "1", "--amount", "5")
    assert statuses(one) == [("2025-02-01", "came as active")]


def test_a_joining_day_that_is_corrected(one: Program) -> None:
    one("edit-customer", "1", "--on", "2025-03-01")
    assert (customers_of(one, 2024), customers_of(one, 2025)) == (0, 1)
    one("undo")
    assert customers_of(one, 2025) == 0


def test_a_joining_day_that_a_file_corrects(one: Program, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("name,email,joined_on\nA One,a@x.example,2025-03-01\n", encoding="utf-8")
    assert one("import", "customers", file, "--json").json["updated"] == 1
    assert statuses(one) == [("2025-03-01", "came as active")]
    one("undo")
    assert customers_of(one, 2025) == 0


def test_a_file_that_corrects_the_day_of_an_order(one: Program, tmp_path: Path) -> None:
    bought(one, tmp_path, "2026-11-24")
    bought(one, tmp_path, "2025-02-01")
    assert customers_of(one, 2025) == 1


def test_a_prospect_stays_one_until_they_buy(shop: Program) -> None:
    shop("add-customer", "A One", "--prospect")
    shop("edit-customer", "1", "--on", "2025-03-01")
    assert (customers_of(shop, 2025), statuses(shop)) == (0, [("2025-03-01", "came as prospect")])
    shop("add-purchase", "1", "--amount", "5", "--ordered", "2025-05-01")
    assert (customers_of(shop, 2024), customers_of(shop, 2025)) == (0, 1)
    shop("add-purchase", "1", "--amount", "5", "--ordered", "2024-05-01")
    assert (customers_of(shop, 2023), customers_of(shop, 2024), shop("check").code) == (0, 1, 0)


def test_a_prospect_who_has_bought_since_and_what_is_told_late(shop: Program, tmp_path: Path) -> None:
    shop("add-customer", "A One", "--email", "a@x.example", "--prospect", today="2026-10-01")
    shop("add-purchase", "1", "--amount", "5", today="2026-11-01")
    bought(shop, tmp_path, "2025-02-01")
    assert (customers_of(shop, 2025), shop("check").code) == (1, 0)


def test_who_left_was_a_customer_before_and_is_none_since(one: Program) -> None:
    one("edit-customer", "1", "--status", "former")
    one("add-purchase", "1", *ORDERED)
    assert (customers_of(one, 2025), customers_of(one, 2026)) == (1, 0)
    assert one("customer", 1, "--json").json["status"] == "former"


def test_who_came_as_a_former_customer_did_not_leave_with_their_first_order(shop: Program, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("name,email,joined_on,status\nA One,a@x.example,2026-03-01,former\n", encoding="utf-8")
    shop("import", "customers", file)
    bought(shop, tmp_path, "2025-02-01")
    shop("add-purchase", "1", "--amount", "5", "--ordered", "2025-04-01")
    assert (statuses(shop), customers_of(shop, 2025)) == ([("2026-03-01", "came as former")], 0)


def test_a_merged_customer_has_the_earlier_beginning(one: Program) -> None:
    one("add-customer", "A Two", "--prospect", today="2026-10-01")
    one("merge-customers", "1", "2", "--yes")
    one("add-purchase", "1", *ORDERED)
    assert (customers_of(one, 2024), customers_of(one, 2025), one("check").code) == (0, 1, 0)


def test_a_win_of_the_past_makes_a_customer_of_a_prospect(one: Program) -> None:
    one("add-customer", "B Two", "--email", "b@x.example", "--prospect")
    one("refer", "1", "B Two", "--email", "b@x.example", "--on", "2025-02-01")
    done = one("won", "1", "--customer", "2", "--on", "2025-04-01")
    assert done.code == 0, done.err
    assert (customers_of(one, 2025), one("check").code) == (1, 0)
