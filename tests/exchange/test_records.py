"""Rows become values by field: joined, cleaned, merged."""

from __future__ import annotations

import pytest

from refertrack.exchange.csvread import Row
from refertrack.exchange.map_options import with_options
from refertrack.exchange.mapping import guess
from refertrack.exchange.records import apply, merge_continuations, records


def values(kind, options=(), **cells):
    """Return what a row says whose columns are the keywords ("_" for a blank)."""
    return one(kind, {name.replace("_", " "): cell for name, cell in cells.items()}, options)


def one(kind, row, options=()):
    mapping = with_options(guess(kind, tuple(row), []), options)
    return apply(mapping, Row(2, list(row.values())))


def test_blanks_go_and_constants_come():
    assert values("customers", ["segment:=Retail"], Name="  Anna Ek ", Email="") == {
        "name": "Anna Ek",
        "email": "",
        "segment": "Retail",
    }


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ({"Name": "Anna Ek", "First_Name": "Ann", "Last_Name": "E"}, "Anna Ek"),
        ({"Name": "", "First_Name": "Anna", "Last_Name": "Ek"}, "Anna Ek"),
        ({"First_Name": "Anna", "Last_Name": ""}, "Anna"),
        ({"First_Name": "", "Last_Name": "Ek", "Company": "Ek AB"}, "Ek"),
        ({"First_Name": "", "Last_Name": "", "Company": "Ek AB"}, "Ek AB"),
        ({"First_Name": "", "Email": "anna@example.org"}, ""),
    ],
)
def test_names(cells, name):
    found = values("customers", **cells)
    assert found["name"] == name
    assert not found.keys() & {"first_name", "last_name"}


@pytest.mark.parametrize(
    ("column", "cell", "field", "value"),
    [
        ("Name", "'=1+1", "name", "=1+1"),
        ("Name", "''=1+1", "name", "'=1+1"),
        ("Name", "'t Hooft", "name", "'t Hooft"),
        ("Phone", "'+46 8 123", "phone", "+46 8 123"),
        ("Phone", "555 0123 ::: 555 0124", "phone", "555 0123"),
        ("Customer ID", "'00123", "external_id", "00123"),
        ("Email", "a@example.org; b@example.org", "email", "a@example.org"),
        ("Email", "a@example.org, b@example.org", "email", "a@example.org"),
        ("Tags", "vip;  retail,old ", "tags", "vip, retail, old"),
        ("Notes", "a; b, c", "notes", "a; b, c"),
    ],
)
def test_cells_are_put_right(column, cell, field, value):
    assert one("customers", {column: cell})[field] == value


@pytest.mark.parametrize(
    ("column", "cell", "channel"),
    [
        ("Accepts Email Marketing", "no", "email"),
        ("Accepts Email Marketing", "YES", ""),
        ("Accepts Email Marketing", "", ""),
        ("Accepts Marketing", "no", "any"),
        ("Email Subscription Status", "Unsubscribed", "email"),
        ("Email Subscription Status", "Unknown", ""),
        ("Newsletter", "0", "email"),
        ("Email Opt In", "false", "email"),
        ("Opt out", "yes", "any"),
        ("Opt out", "no", ""),
        ("Opt out", "", ""),
        ("Opt out", "phone", "phone"),
        ("Unsubscribed", "2024-05-01", "any"),
        ("Unsubscribed", "False", ""),
        ("Email Opt Out", "1", "email"),
        ("Do not call", "x", "phone"),
        ("Do not mail", "x", "post"),
    ],
)
def test_opt_outs(column, cell, channel):
    assert one("customers", {column: cell})["opt_out"] == channel


def test_the_first_filled_column_counts():
    row = {"First Name": "A", "Last Name": "B", "E-mail Address": "", "Business Phone": "2", "Mobile Phone": " "}
    found = one("customers", row)
    assert (found["phone"], found["email"]) == ("2", "")


@pytest.mark.parametrize(
    ("labels", "segment", "tags"),
    [
        ("* myContacts", "", None),
        ("* myContacts ::: VIP", "VIP", None),
        ("VIP ::: * myContacts ::: Retail ::: Old", "VIP", "Retail, Old"),
        ("", "", None),
    ],
)
def test_google_labels(labels, segment, tags):
    row = {"First Name": "A", "Last Name": "B", "Organization Name": "", "Labels": labels}
    found = one("customers", row)
    assert (found["segment"], found.get("tags")) == (segment, tags)


@pytest.mark.parametrize(
    ("customer", "full_name", "expected"),
    [
        ("Acme AB", "Anna Ek", {"name": "Anna Ek", "company": "Acme AB"}),
        ("Anna Ek", "Anna Ek", {"name": "Anna Ek", "company": ""}),
        ("Ek, Anna", "Anna Ek", {"name": "Anna Ek", "company": ""}),
        ("Ek, Anna", "", {"name": "Anna Ek", "company": ""}),
        ("Acme, Inc.", "", {"name": "Acme, Inc.", "company": ""}),
        ("Acme, Inc.", "Bo Dahl", {"name": "Bo Dahl", "company": "Acme, Inc."}),
        ("Acme AB:Kitchen", "", {"name": "Kitchen", "company": "Acme AB"}),
        ("Acme AB:Ek, Anna", "", {"name": "Anna Ek", "company": "Acme AB"}),
        ("Old Mill (deleted)", "", {"name": "Old Mill", "company": "", "status": "former"}),
    ],
)
def test_quickbooks_names(customer, full_name, expected):
    row = {"Customer": customer, "Full Name": full_name, "Phone Numbers": "Phone:(510) 555-0101 Mobile:x"}
    assert one("customers", row) == {"phone": "(510) 555-0101"} | expected


def test_quickbooks_totals_are_no_customers():
    columns = ("Customer", "Phone Numbers", "Full Name")
    rows = [Row(2, ["Acme", "", ""]), Row(3, ["TOTAL", "", ""]), Row(4, ["Total", "x", "", ""], "bad")]
    found = list(records(rows, guess("customers", columns, [])))
    assert [(record.row.line, record.row.reason) for record in found] == [(2, ""), (4, "bad")]


@pytest.mark.parametrize(("stage", "status"), [("customer", "active"), ("Lead", "prospect"), ("", "")])
def test_hubspot_stages(stage, status):
    row = {"Record ID": "1", "First Name": "A", "Last Name": "B", "Lifecycle Stage": stage}
    assert one("customers", row)["status"] == status


ORDERS = (
    "Name", "Email", "Created at", "Total", "Lineitem name", "Lineitem quantity", "Cancelled at", "Financial Status",
)  # fmt: skip


def order(line, name, email="", day="", total="", item="", quantity="1", cancelled="", paid=""):
    return Row(line, [name, email, day, total, item, quantity, cancelled, paid])


@pytest.mark.parametrize(
    ("cancelled", "paid", "status"),
    [
        ("", "paid", ""),
        ("", "partially_refunded", ""),
        ("", "refunded", "returned"),
        ("", "voided", "cancelled"),
        ("2025-10-02 17:09:34 -0300", "refunded", "cancelled"),
    ],
)
def test_shopify_states(cancelled, paid, status):
    mapping = guess("purchases", ORDERS, [])
    row = order(2, "#1", "a@x.se", "2025-01-01", cancelled=cancelled, paid=paid)
    assert apply(mapping, row)["status"] == status
    assert apply(with_options(mapping, ["status:=delivered"]), row)["status"] == "delivered"


def test_rows_that_continue_an_order():
    bad = Row(6, ["x"] * 9, "9 cells where the header has 8")
    rows = [
        order(2, "#1", "a@example.org", "2025-01-05", "100.00", "Blue Widget", "2"),
        order(3, "#1", item="Red Gadget"),
        order(4, "", item="Manual", quantity="3"),
        order(5, "#2", "b@example.org", "2025-01-20", "50.00", "Blue Widget"),
        bad,
        order(7, "#2", "b@example.org", "2025-01-20", "50.00", "Sticker", ""),
        order(8, "#3", "", "2025-01-25", "25.00", "Free Sample"),
        order(9, "", "c@example.org", "2025-02-01", "1.00", "Unnumbered"),
        order(10, "#4", item="Orphan"),
    ]
    found = list(records(rows, guess("purchases", ORDERS, [])))
    shown = [
        (row.line, values.get("external_id"), values.get("product"), values.get("description")) for row, values in found
    ]
    assert shown == [
        (2, "#1", "Blue Widget", "2 × Blue Widget; Red Gadget; 3 × Manual"),
        (6, None, None, None),
        (5, "#2", "Blue Widget", "Blue Widget; Sticker"),
        (8, "#3", "Free Sample", None),
        (9, "", "Unnumbered", None),
        (10, "#4", "Orphan", None),
    ]
    assert found[0].values["amount"] == "100.00"
    assert found[1].row == bad
    assert found[5].values["ordered_on"] == ""


def test_a_first_row_that_continues_nothing_is_a_record():
    found = list(merge_continuations([order(2, "", item="Lost")], guess("purchases", ORDERS, [])))
    assert [record.row.line for record in found] == [2]


def test_without_continuations_equal_rows_stay_apart():
    mapping = guess("purchases", ("Order ID", "Email", "Date"), [])
    rows = [Row(2, ["1", "a@x.se", "2025-01-01"]), Row(3, ["1", "", ""]), Row(4, ["1"], "bad")]
    assert [(record.row.line, bool(record.values)) for record in records(rows, mapping)] == [
        (2, True),
        (3, True),
        (4, False),
    ]
