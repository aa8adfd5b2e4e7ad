"""An export of old orders tells how promises were kept, and how often each customer comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Program

CUSTOMERS = """customerID,companyName,contactName,country
ALFKI,Alfreds Futterkiste,Maria Anders,Germany
ANATR,Ana Trujillo Emparedados,Ana Trujillo,Mexico
CENTC,Centro comercial Moctezuma,Francisco Chang,Mexico
LAZYK,Lazy K Kountry Store,John Steel,USA
"""
# Customer, ordered, promised, delivered.
ORDERS = """
ALFKI 1997-08-25 1997-09-22 1997-09-02
ALFKI 1997-10-03 1997-10-31 1997-10-13
ALFKI 1997-10-13 1997-11-24 1997-10-21
ALFKI 1998-01-15 1998-02-12 1998-01-21
ALFKI 1998-03-16 1998-04-27 1998-03-24
ALFKI 1998-04-09 1998-05-07 1998-04-13
ANATR 1996-09-18 1996-10-16 1996-09-24
ANATR 1997-08-08 1997-09-05 1997-08-14
ANATR 1997-11-28 1997-12-26 1997-12-12
ANATR 1998-03-04 1998-04-01 1998-03-11
CENTC 1996-07-18 1996-08-15 1996-07-25
LAZYK 1997-03-21 1997-04-18 1997-04-10
LAZYK 1997-05-22 1997-06-19 1997-06-26
LAZYK 1998-05-01 1998-05-29 NULL
"""
TODAY = "1998-05-06"


@pytest.fixture
def past(shop: Program, tmp_path: Path) -> Program:
    customers, orders = tmp_path / "customers.csv", tmp_path / "orders.csv"
    customers.write_text(CUSTOMERS, encoding="utf-8")
    lines = ["orderID,customerID,orderDate,requiredDate,shippedDate"]
    for row in ORDERS.split("\n")[1:-1]:
        who, *days = row.split()
        stamps = ",".join(day if day == "NULL" else f"{day} 00:00:00.000" for day in days)
        lines.append(f"{10000 + len(lines)},{who},{stamps}")
    orders.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert shop("import", "customers", customers, "--json", today=TODAY).json["added"] == 4
    assert shop("import", "purchases", orders, "--json").json["added"] == 14
    return shop


def test_how_promises_were_kept_by_country(past: Program) -> None:
    span = ("--since", "1996-01-01", "--until", "1998-12-31", "--json")
    (whole,) = past("report", "service", "--by", "all", *span).json
    assert (whole["on_time"], whole["delivered"], whole["promised"], whole["late"]) == (12, 13, 14, 1)
    rows = past("report", "service", "--by", "country", *span).json
    assert [(row["country"], row["on_time"], row["delivered"]) for row in rows] == [
        ("Germany", 6, 6), ("Mexico", 5, 5), ("USA", 1, 2),
    ]  # fmt: skip


def test_each_customers_own_interval_is_offered_as_a_lifetime(past: Program) -> None:
    found = {
        name: [(row["purchases"], row["interval_days"], row["next_on"])
               for row in past("products", "--customer", name, "--json").json]
        for name in ("anders", "trujillo", "chang", "steel")
    }  # fmt: skip
    assert found == {
        "anders": [(6, 39, "1998-05-18")],  # between them 39, 10, 94, 60 and 24 days
        "trujillo": [(4, 112, "1998-06-24")],  # 324, 112, 96
        "chang": [(1, None, None)],
        "steel": [(3, 203, "1998-11-20")],  # 62, 344
    }
    taken = past("deliver", "anders", "--purchase", "6", "--lifetime", "own", "--json").json
    assert (taken["lifetime_days"], [item["due_on"] for item in taken["next"]]) == (39, ["1998-05-08"])
    (offer,) = [row for row in past("due", "--until", "1998-06-01", "--json").json if row["playbook"] == "replacement"]
    assert offer["because"] == "the order lasts until about 22 May 1998"
    none = past("deliver", "chang", "--purchase", "11", "--lifetime", "own")
    assert (none.code, "An own interval needs purchases on three days." in none.err) == (2, True)


def test_what_history_says_about_a_promise(past: Program) -> None:
    # 35, 20, 14, 10, 8, 8, 8, 7, 7, 6, 6, 6, 4 days from order to delivery: nine in ten are twelve of thirteen.
    looked = past("promise", "--days", "7", "--json").json
    assert (looked["within"], looked["n"], looked["days_for_90_percent"], looked["risky"]) == (6, 13, 20, True)
    given = past("promise", "steel", "--on", "1998-05-12")
    assert given.code == 0
    assert "Mind the promise: 10 of 13 deliveries of all products took at most 11 days (77 %)" in given.err
    assert past("promise", "steel", "--on", "1998-05-21", "--json").json["warning"] == ""
