"""Order lines in a file of their own: what each order costs."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Program
from refertrack.exchange.csvread import read_table
from refertrack.exchange.order_lines import OrderTotal, _in_a_row, order_totals
from refertrack.rules.errors import BadValue, FileTrouble
from refertrack.rules.money import read_decimal

LINES = """orderID,productID,unitPrice,quantity,discount
1,11,14.00,12,0
1,42,9.80,10,0.15
2,72,34.805,5,0.05
"""
ORDERS = """orderID,customerID,orderDate,requiredDate
1,ALFKI,2026-03-02,2026-03-30
2,ALFKI,2026-03-20,2026-04-18
3,ALFKI,2026-04-20,2026-05-18
"""


def put(folder: Path, text: str, name: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def totals(folder: Path, text: str) -> dict[str, OrderTotal]:
    return order_totals(read_table(put(folder, text, "lines.csv")))


def test_an_order_is_the_sum_of_its_lines(tmp_path: Path) -> None:
    found = totals(tmp_path, LINES)
    assert (found["1"].amount, found["1"].list_amount) == (Decimal("251.3000"), Decimal("266.00"))  # 168 + 98 × 0.85
    assert found["1"].values("EUR") == {"amount": "251.30", "list_amount": "266.00"}
    assert found["2"].values("EUR") == {
        "amount": "165.32",
        "list_amount": "174.03",
    }  # 165.32375 and 174.025


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 100_000)), min_size=1, max_size=30), st.randoms())
def test_the_orders_together_are_right_to_the_cent_in_whatever_order_they_come(
    lines: list[tuple[int, int]], chance: random.Random
) -> None:
    exact = {str(number): Decimal(thousandths) / 1000 for number, thousandths in lines}
    listed = list(exact.items())
    chance.shuffle(listed)
    found = _in_a_row({order: OrderTotal(amount, amount) for order, amount in listed})
    cents = {order: Decimal(total.values("EUR")["amount"]) for order, total in found.items()}
    assert sum(cents.values()) == sum(exact.values()).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert all(abs(cents[order] - exact[order]) < Decimal("0.01") for order in exact)
    assert cents == {order: Decimal(total.values("EUR")["amount"]) for order, total in _in_a_row(found).items()}


def test_a_discount_may_be_a_percentage(tmp_path: Path) -> None:
    found = totals(tmp_path, "Order;Price;Discount\nA;10,00;15\nA;10,00;0,5\nB;1.200,00;\n")
    assert found["A"].amount == Decimal("8.50") + Decimal("9.95")
    assert found["B"].amount == Decimal(1200)


def test_a_bad_line_names_itself_and_its_order_alone_is_bad(tmp_path: Path) -> None:
    found = totals(tmp_path, "Order,Price,Quantity,Discount\nA,10,x,0\nA,5,1,0\nB,10,1,120\nC,10,2,10\n")
    assert found["A"].problem.startswith("line 2 of the order lines:")
    assert found["B"].problem == "a discount of 120 is more than everything"
    assert (found["C"].problem, found["C"].amount) == ("", 18)


def test_a_file_without_prices_says_what_it_has(tmp_path: Path) -> None:
    with pytest.raises(FileTrouble, match=r"is known to hold the price\. It has: Order, Amount"):
        totals(tmp_path, "Order,Amount\n1,2\n")


@pytest.mark.parametrize(
    ("text", "number"), [("14.00", "14"), ("1.200,50", "1200.5"), ("9,8", "9.8"), ("0.0625", "0.0625")]
)
def test_numbers_as_people_write_them(text: str, number: str) -> None:
    assert read_decimal(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "x", "-1", "1e5", "NaN"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(BadValue):
        read_decimal(text)


def test_orders_and_their_lines_go_in_together(shop: Program, tmp_path: Path) -> None:
    orders, lines = put(tmp_path, ORDERS, "orders.csv"), put(tmp_path, LINES + "3,1,x,1,0\n", "lines.csv")
    words = ("import", "purchases", orders, "--lines", lines, "--add-customers", "--rejects", tmp_path / "bad.csv")
    found = shop(*words, "--json").json
    assert (found["added"], found["rejected"]) == (2, 1)
    assert found["rejects"][0]["reason"].startswith("line 5 of the order lines:")
    (tmp_path / "bad.csv").unlink()
    again = shop(*words, "--json").json
    assert (again["added"], again["unchanged"]) == (0, 2)
    (row,) = shop("report", "growth", "--by", "all", "--detail", "--json").json
    assert row["revenue"] == "416.62"  # 416.62375
    assert (row["first_discount"], row["later_discount"]) == (5.52, 5.0)  # 14.70 of 266, 8.71 of 174.03
    people = put(tmp_path, "customerID,companyName\nALFKI,Alfreds\n", "people.csv")
    wrong = shop("import", "customers", people, "--lines", lines)
    assert (wrong.code, "Lines belong to purchases" in wrong.err) == (2, True)
