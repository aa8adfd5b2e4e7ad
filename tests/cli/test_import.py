"""Files in, through the command line: mapping, identity, updates, rejects, dry runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Program

CUSTOMERS = """customerID,companyName,contactName,country,phone,region
ALFKI,Alfreds Futterkiste,Maria Anders,Germany,030-0074321,NULL
BERGS,Berglunds snabbköp,Christina Berglund,Sweden,0921-12 34 65,NULL
"""
ORDERS = """orderID,customerID,orderDate,requiredDate,shippedDate,freight
1,ALFKI,2026-11-02 00:00:00.000,2026-11-30 00:00:00.000,2026-11-16 00:00:00.000,3.5
2,BERGS,2026-11-20 00:00:00.000,2026-12-18 00:00:00.000,NULL,4
3,ALFKI,2019-01-02 00:00:00.000,2019-01-30 00:00:00.000,2019-01-10 00:00:00.000,5
"""


def put(folder: Path, text: str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_customers_and_orders_go_in_and_the_past_makes_no_work(shop: Program, tmp_path: Path) -> None:
    added = shop("import", "customers", put(tmp_path, CUSTOMERS), "--map", "segment=country", "--json").json
    assert (added["read"], added["added"], added["rejected"]) == (2, 2, 0)
    card = shop("customer", "anders", "--json").json
    assert (card["segment"], card["country"], card["company"], card["phone"]) == (
        "Germany", "Germany", "Alfreds Futterkiste", "+49300074321",
    )  # fmt: skip
    orders = shop("import", "purchases", put(tmp_path, ORDERS, "orders.csv"), "--json").json
    assert (orders["added"], orders["follow_ups_left_out"]) == (3, 3)
    assert [(item["customer"], item["what"], item["because"]) for item in shop("due", "--json").json] == [
        ("Maria Anders", "thank-you card", "ordered 2 Nov 2026"),
        ("Christina Berglund", "thank-you card", "ordered 20 Nov 2026"),
        ("Maria Anders", "arrived and works?", "delivered 16 Nov 2026, 14 days early"),
    ]


def test_the_same_file_twice_changes_nothing(shop: Program, tmp_path: Path) -> None:
    customers, orders = put(tmp_path, CUSTOMERS), put(tmp_path, ORDERS, "orders.csv")
    for again in range(2):
        first = shop("import", "customers", customers, "--json").json
        second = shop("import", "purchases", orders, "--json").json
        assert (first["unchanged"], second["unchanged"]) == ((2, 3) if again else (0, 0))
    assert len(shop("customers", "--json").json) == 2
    assert len(shop("due", "--json").json) == 3


def test_rows_without_an_id_are_known_by_file_and_line(shop: Program, tmp_path: Path) -> None:
    path = put(tmp_path, "name,city\nJo Park,Malmö\nJo Park,Malmö\n")
    assert shop("import", "customers", path, "--json").json["added"] == 2
    assert shop("import", "customers", path, "--json").json["unchanged"] == 2
    assert len(shop("customers", "park", "--json").json) == 2


def test_an_import_updates_by_external_id_and_blank_cells_change_nothing(shop: Program, tmp_path: Path) -> None:
    shop("import", "customers", put(tmp_path, "id,name,email,city\n7,Jo Park,jo@park.example,Malmö\n"))
    changed = put(tmp_path, "id,name,email,city\n7,Jo Park-Lee,,Lund\n", "new.csv")
    result = shop("import", "customers", changed, "--json").json
    assert (result["added"], result["updated"]) == (0, 1)
    card = shop("customer", "jo@park.example", "--json").json
    assert (card["name"], card["city"]) == ("Jo Park-Lee", "Lund")


def test_a_known_e_mail_address_is_the_same_customer(shop: Program, tmp_path: Path) -> None:
    shop("add-customer", "Jo Park", "--email", "jo@park.example")
    path = put(tmp_path, "id,name,email,segment\n7,Jo Park,JO@park.example,Retail\n")
    assert shop("import", "customers", path, "--json").json["updated"] == 1
    (card,) = shop("customers", "--json").json
    assert (card["segment"], card["external_id"]) == ("Retail", "7")


def test_bad_rows_go_to_a_file_with_line_and_reason(shop: Program, tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "name,email,joined\nJo Park,jo@park.example,2026-02-30\nAnna Ek,no-address,2026-02-01\n,,\nBo,,2026-02-01\n",
    )
    result = shop("import", "customers", path, "--map", "joined_on=joined", "--json").json
    assert (result["added"], [row["line"] for row in result["rejects"]]) == (1, [2, 3])
    rejects = Path(result["rejects_file"]).read_text(encoding="utf-8").splitlines()
    assert rejects[0] == "name,email,joined,line,reason"
    assert 'joined_on: ""2026-02-30"" is no date' in rejects[1]
    assert "no e-mail address" in rejects[2]


def test_strict_stops_at_the_first_bad_row(shop: Program, tmp_path: Path) -> None:
    path = put(tmp_path, "name,email\nJo Park,jo@park.example\nAnna Ek,no-address\n")
    result = shop("import", "customers", path, "--strict")
    assert (result.code, "Line 3" in result.err, shop("customers", "--json").json) == (2, True, [])


def test_a_dry_run_changes_nothing(shop: Program, tmp_path: Path) -> None:
    result = shop("import", put(tmp_path, CUSTOMERS), "--dry-run")
    assert result.err.startswith("Would add 2 customers")
    assert shop("customers", "--json").json == []
    assert shop("history", "--json").json == []


def test_unknown_customers_are_rejected_or_added(shop: Program, tmp_path: Path) -> None:
    path = put(tmp_path, "customer,ordered,amount\nA1,2026-11-20,12.50\nA1,2026-11-21,7\nann@x.example,2026-11-21,0\n")
    refused = shop("import", "purchases", path)
    assert (refused.code, "--add-customers" in refused.err) == (1, True)
    added = shop("import", "purchases", path, "--add-customers", "--json").json
    assert (added["added"], added["new_customers"]) == (3, 2)
    assert [row["name"] for row in shop("customers", "--json").json] == ["ann@x.example", "Customer A1"]


def test_an_opt_out_comes_in_and_referred_by_counts(shop: Program, tmp_path: Path) -> None:
    path = put(tmp_path, "id,name,email,referred by,newsletter\n1,Jo,jo@x.example,,no\n2,Anna,anna@x.example,1,yes\n")
    result = shop(
        "import", "customers", path, "--map", "referred_by=referred by", "--map", "opt_out=newsletter", "--json"
    )
    assert result.json["added"] == 2, result.err
    row = shop("report", "--json").json[0]
    assert (row["customers"], row["referrals"], row["won"]) == (2, 1, 1)


def test_an_import_is_taken_back_as_a_whole(shop: Program, tmp_path: Path) -> None:
    shop("import", "customers", put(tmp_path, CUSTOMERS))
    shop("import", "purchases", put(tmp_path, ORDERS, "orders.csv"))
    assert shop("undo").code == 0
    assert shop("due", "--json").json == []
    assert shop("undo", 1).code == 0
    assert shop("customers", "--json").json == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["customers", "missing.csv"], 1, "missing.csv"),
        (["customers"], 2, "Which file?"),
        (["invoices", "{file}"], 2, '"invoices" cannot be imported'),
        (["customers", "{file}", "--map", "nmae=name"], 2, 'Close: "name"'),
        (["customers", "{file}", "--map", "name=Nmae"], 2, 'no column "Nmae"'),
        (["customers", "{folder}"], 1, "folder"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(
    file_shop: Program, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    path = put(tmp_path, "name,email\nJo,jo@x.example\n")
    told = [argument.format(file=path, folder=tmp_path) for argument in arguments]
    result = file_shop("import", *told)
    assert (result.code, words in result.err) == (code, True), result.err
    assert file_shop("customers", "--json").json == []


def test_tags_and_opt_outs_come_in_once(shop: Program, tmp_path: Path) -> None:
    text = 'id,name,tags,newsletter\n1,Jo Park,"fair; VIP",no\n2,Anna Ek,vip,yes\n1,Jo Park,press,no\n'
    path = put(tmp_path, text)
    for _ in range(2):
        shop("import", "customers", path, "--map", "opt_out=newsletter")
        assert [row["id"] for row in shop("customers", "--tag", "vip", "--json").json] == [2, 1]
        assert shop("customer", 1, "--json").json["tags"] == ["fair", "press", "VIP"]


def test_a_later_row_of_one_id_says_more(shop: Program, tmp_path: Path) -> None:
    path = put(tmp_path, "id,name,city,phone\n7,Jo Park,Malmö,\n7,Jo Park-Lee,,+46 70 123 45 67\n")
    result = shop("import", "customers", path, "--json").json
    assert (result["added"], result["unchanged"]) == (1, 1)
    (card,) = shop("customers", "--json").json
    assert (card["name"], card["city"], card["phone"]) == ("Jo Park-Lee", "Malmö", "+46701234567")


def test_a_referrer_whom_nobody_knows_is_told_and_the_customer_is_in(shop: Program, tmp_path: Path) -> None:
    path = put(tmp_path, "id,name,email,referred by\nA,Jo,jo@x.example,A\nB,Anna,anna@x.example,C\nC,Bo,,A\nD,Fay,,1\n")
    result = shop("import", "customers", path, "--json").json
    assert (result["added"], [row["line"] for row in result["doubts"]]) == (4, [2, 5])
    assert shop("customer", 2, "--json").json["referred_by"] == "Bo"
    assert shop("customer", 4, "--json").json["referred_by"] is None


def test_rows_of_an_earlier_group_are_known_again(
    shop: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("refertrack.store.bulk.BATCH", 2)
    rows = "".join(f"K{number % 5},Name {number},n{number}@x.example\n" for number in range(11))
    result = shop("import", "customers", put(tmp_path, f"id,name,email\n{rows}"), "--json").json
    assert (result["added"], result["unchanged"], result["read"]) == (5, 6, 11)
    found = {row["external_id"]: row["name"] for row in shop("customers", "--json").json}
    assert found == {"K0": "Name 10", "K1": "Name 6", "K2": "Name 7", "K3": "Name 8", "K4": "Name 9"}


def test_customers_who_brought_each_other_in_a_circle_are_told(shop: Program, tmp_path: Path) -> None:
    path = put(tmp_path, "id,name,referred by\nA,Jo,C\nB,Anna,A\nC,Bo,B\nD,Fay,D\n")
    result = shop("import", "customers", path, "--json").json
    assert (result["added"], [row["line"] for row in result["doubts"]]) == (4, [4, 5])
    assert "close a circle" in result["doubts"][0]["reason"]
    assert shop("check").code == 0


def test_one_address_in_two_spellings_is_one_customer_and_one_that_is_none_stops_no_other(
    shop: Program, tmp_path: Path
) -> None:
    orders = put(
        tmp_path,
        "id,customer,product,ordered_on\n1,JO@park.example,Press,2026-11-02\n2,jo@park.example,Press,2026-11-03\n"
        "3,jo@park,Press,2026-11-04\n4,JO@PARK,Press,2026-11-04\n",
    )
    found = shop("import", "purchases", orders, "--add-customers", "--rejects", tmp_path / "no.csv", "--json").json
    assert (found["added"], found["new_customers"], found["rejected"]) == (2, 1, 2)
    assert [row["reason"] for row in found["rejects"]] == ['"jo@park" is no e-mail address.'] * 2
    assert [row["email"] for row in shop("customers", "--json").json] == ["JO@park.example"]
    again = shop("import", "purchases", orders, "--add-customers", "--rejects", tmp_path / "no2.csv", "--json").json
    assert (again["added"], again["new_customers"], again["unchanged"]) == (0, 0, 2)


def test_bad_rows_that_cannot_go_beside_the_file_are_told_and_fetched_later(shop: Program, tmp_path: Path) -> None:
    rows = "id,name,email\n1,Ann,ann@x.example\n2,Bo,at home\n"
    file = put(tmp_path, rows, "a" * 248 + ".csv")  # the name of the file beside it would be too long
    first = shop("import", "customers", file)
    assert (first.code, "Nothing was" in first.err) == (1, False)
    assert first.err.index("Added 1 customer") < first.err.index("1 row is in, but the 1 rejected row could not be")
    again = shop("import", "customers", file, "--rejects", tmp_path / "bad.csv", "--json").json
    assert (again["added"], again["unchanged"]) == (0, 1)
    assert "Bo" in (tmp_path / "bad.csv").read_text()
    nowhere = shop("import", "customers", file, "--rejects", "/proc/bad.csv", "--json")
    told = json.loads(nowhere.err)
    assert (nowhere.code, nowhere.json["rejects_file"], nowhere.json["unchanged"]) == (1, None, 1)
    assert told["message"].startswith("1 row is in, but the 1 rejected row could not be written to /proc/bad.csv: ")
    assert "--rejects OTHER" in told["hint"]
