"""The history in words, by customer, command and day; and undo, which says what went back."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Program


@pytest.fixture
def lived(shop: Program) -> Program:
    """Six commands: a customer, a sale, a note, a friend, and the friend won."""
    shop("add-customer", "Marta [red]Oliveira[/]", "--segment", "Guest house")
    shop("add-customer", "Jo Park")
    sold = shop(
        "add-purchase", "marta", "--product", "pump", "--ordered", "2026-11-20", "--delivered", "2026-11-22", "--json"
    )
    (card,) = [item["id"] for item in sold.json["next"] if item["what"] == "thank-you card"]
    shop("done", card, "--note", "well")
    shop("refer", "marta", "Rui Costa", "--email", "rui@costa.example", "--consent", "consent")
    shop("won", "1", "--amount", "900")
    return shop


def test_the_history_says_what_each_command_changed(lived: Program) -> None:
    rows = lived("history", "--json").json
    assert [(row["id"], row["command"]) for row in rows] == [
        (6, "won"), (5, "refer"), (4, "done"), (3, "add-purchase"), (2, "add-customer"), (1, "add-customer"),
    ]  # fmt: skip
    won, refer, done, sale, _, first = (row["what"] for row in rows)
    assert won.startswith("customer 3 Rui Costa, purchase 2, ")
    assert "; changed referral 1 Rui Costa, item 9 contact the person referred" in won
    assert refer.startswith("referral 1 Rui Costa, items 8, 9")
    assert (done.startswith("contact 1"), "changed item 5 thank-you card" in done) == (True, True)
    assert sale.startswith("product 1 pump, purchase 1, items 5, 6, 7")
    assert first.startswith("customer 1 Marta [red]Oliveira[/]")
    assert set(rows[0]) == {"id", "at", "author", "command", "rows", "what", "undone_by", "undoes"}
    assert {row["author"] for row in rows} == {"Nora"}
    assert rows[0]["at"].endswith("+00:00")


def ids(result: list[dict[str, int]]) -> list[int]:
    return [row["id"] for row in result]


def test_the_history_of_a_customer_holds_what_came_and_went(lived: Program) -> None:
    assert ids(lived("history", "--customer", "marta", "--json").json) == [6, 5, 4, 3, 1]
    assert ids(lived("history", "--customer", "jo", "--json").json) == [2]
    lived("undo", 6)
    assert ids(lived("history", "--customer", "marta", "--json").json) == [7, 6, 5, 4, 3, 1]


def test_an_import_is_in_the_history_of_each_of_its_customers(shop: Program, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Name,Email\nAnna Ek,anna@ek.example\nBo Dahl,bo@dahl.example\n")
    shop("import", "customers", file)
    shop("add-customer", "Jo Park")
    assert ids(shop("history", "--customer", "bo dahl", "--json").json) == [1]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--command", "add-customer"], [2, 1]),
        (["--limit", "2"], [6, 5]),
        (["--since", "2100-01-01"], []),
        (["--until", "2001-01-01"], []),
        (["--since", "2001-01-01", "--until", "2099-01-01", "--limit", "1"], [6]),
    ],
)
def test_the_history_is_filtered(lived: Program, options: list[str], wanted: list[int]) -> None:
    result = lived("history", *options, "--json")
    assert (result.code, ids(result.json)) == (0, wanted)


def test_one_command_field_by_field(lived: Program) -> None:
    rows = lived("history", 6, "--json").json
    assert set(rows[0]) == {"table", "row_id", "rows", "what", "kind", "field", "before", "after"}
    changed = [(row["table"], row["field"], row["before"], row["after"]) for row in rows if row["kind"] == "changed"]
    assert ("referral", "state", "received", "won") in changed
    assert ("referral", "customer_id", "–", "3") in changed
    assert (lived("history", 99).code, lived("history", 99).out) == (3, "")


def test_undo_says_what_went_back_and_the_dry_run_changes_nothing(lived: Program) -> None:
    before = lived("customers", "--json").out + lived("due", "--json").out
    tried = lived("undo", "--dry-run")
    assert tried.err.startswith("Would take back: 6 won: changed referral 1 Rui Costa")
    assert lived("customers", "--json").out + lived("due", "--json").out == before
    done = lived("undo")
    assert done.err.startswith("Took back: 6 won: ")
    assert "customer 3 Rui Costa, purchase 2, " in done.err
    assert " are gone." in done.err
    assert "  referral 1 Rui Costa: state won → received" in done.err
    assert lived("undo", "--json").json["command"] == "undo"  # taken back in turn
    assert lived("customers", "--json").out + lived("due", "--json").out == before


def test_undo_is_refused_with_the_list_of_what_stands_on_it(lived: Program) -> None:
    before = lived("history", "--json").out
    refused = lived("undo", 3)
    assert refused.code == 1
    assert "Command 3 (add-purchase) cannot be taken back alone; later ones stand on it:" in refused.err
    assert "  4  done: contact 1" in refused.err
    assert "refertrack undo 4" in refused.err
    assert lived("history", "--json").out == before


def test_a_whole_import_is_taken_back_as_one_thing(shop: Program, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    lines = [f"Person {number},p{number}@x.example" for number in range(1200)]
    file.write_text("Name,Email\n" + "\n".join(lines))
    shop("import", "customers", file)
    assert "1,200 customers" in shop("history", "--json").json[0]["what"]
    assert "1,200 customers, 2,400 items, 1 file are gone" in shop("undo").err
    assert shop("customers", "--json").json == []
    assert shop("undo").code == 0
    assert len(shop("customers", "--json").json) == 1200
    assert shop("check").code == 0


def test_of_a_long_text_the_lines_that_differ_are_told(shop: Program) -> None:
    for key, value in (("currency", "SEK"), ("zone", "Asia/Tokyo"), ("zone", "Europe/Oslo")):
        shop("config", "set", key, value)
    told = shop("undo").err.splitlines()
    assert told[1:4] == ["  setting 1 business: document", '    - zone = "Europe/Oslo"', '    + zone = "Asia/Tokyo"']
    assert [row["before"] for row in shop("history", 3, "--json").json] == ['currency = "SEK"\nzone = "Asia/Tokyo"\n']
