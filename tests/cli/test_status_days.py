"""What was said last of a customer holds, on whatever day it is said to have been."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Program

ORDERS = "order,customer,date,delivered,item\nA1,jo@x.example,2026-03-02,2026-03-05,pump\n"
REFERRALS = "referrer,name,email,received,state,moved\nhanna@x.example,Jo Park,jo@x.example,2026-02-01,won,2026-03-02\n"


@pytest.fixture
def prospect(shop: Program) -> Program:
    shop("add-customer", "Hanna Berg", "--email", "hanna@x.example", today="2026-01-10")
    shop("add-customer", "Jo Park", "--email", "jo@x.example", "--prospect", today="2026-11-24")
    return shop


def status(shop: Program, who: int = 2) -> tuple[str, int]:
    return shop("customer", who, "--json").json["status"], shop("check").code


def test_a_status_that_is_told_late_or_by_a_clock_put_back(prospect: Program) -> None:
    prospect("edit-customer", "2", "--status", "former")
    prospect("edit-customer", "2", "--status", "active", today="2026-11-20")
    assert status(prospect) == ("active", 0)


def test_an_order_from_before_they_were_known(prospect: Program) -> None:
    prospect("add-purchase", "2", "--product", "pump", "--ordered", "2026-11-02")
    assert status(prospect) == ("active", 0)


def test_orders_of_prospects_from_a_file(prospect: Program, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS, encoding="utf-8")
    maps = [f"--map={pair}" for pair in ("external_id=order", "ordered_on=date", "delivered_on=delivered")]
    done = prospect("import", "purchases", file, *maps, "--map=product=item", "--json")
    assert (done.code, done.json["added"]) == (0, 1), done.err
    assert status(prospect) == ("active", 0)
    prospect("undo")
    assert status(prospect) == ("prospect", 0)


def test_referrals_of_prospects_from_a_file(prospect: Program, tmp_path: Path) -> None:
    file = tmp_path / "referrals.csv"
    file.write_text(REFERRALS, encoding="utf-8")
    maps = [f"--map={pair}" for pair in ("received_on=received", "moved_on=moved")]
    done = prospect("import", "referrals", file, *maps, "--json")
    assert (done.code, done.json["added"]) == (0, 1), done.err + done.out
    assert status(prospect) == ("active", 0)
