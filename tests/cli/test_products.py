"""Products, promises, replacements and news, through the program."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from conftest import Outcome, Program, Writing
from refertrack.models.customers import OptOut

TODAY = "2026-11-24"


def due(shop: Program, playbook: str) -> list[dict[str, object]]:
    rows = shop("due", "--until", "2030-01-01", "--json").json
    return [row for row in rows if row["playbook"] == playbook]


def sold(shop: Program, who: str, ordered: str, *more: str, product: str = "Filter") -> Outcome:
    return shop("add-purchase", who, "--product", product, "--ordered", ordered, *more, "--json")


def test_from_a_product_to_its_replacement(shop: Program) -> None:
    """Sold, delivered late, said sorry for, nearly used up, offered again, bought again."""
    made = shop("add-product", "Filter", "--lifetime", "6 months", "--guarantee", "2 years", "--json").json
    assert (made["lifetime_days"], made["guarantee_days"]) == (180, 730)
    shop("add-customer", "Hanna Berg", "--email", "hanna@example.org")
    sold(shop, "hanna", "2026-11-02", "--promised", "2026-11-12")
    delivered = shop("deliver", "hanna", "--on", "2026-11-16", "--json").json
    assert delivered["guarantee_until"] == "2028-11-15"
    assert [each["what"] for each in delivered["next"]] == [
        "arrived and works?",
        "survey, under 2 minutes",
        "say sorry for the delay",
        "offer the replacement",
    ]
    (sorry,) = due(shop, "delivered_late")
    assert (sorry["due_on"], sorry["because"]) == ("2026-11-16", "Filter came 4 days late, promised for 12 Nov 2026")
    assert "four days late" in shop("draft", sorry["id"]).out
    (offer,) = due(shop, "replacement")
    assert (offer["due_on"], offer["because"]) == ("2027-05-03", "Filter lasts until about 15 May 2027")
    assert "until about 15 May 2027" in shop("draft", offer["id"]).out

    corrected = shop("deliver", "hanna", "--purchase", 1, "--on", "2026-11-11", "--json")
    assert (corrected.code, due(shop, "delivered_late")) == (0, [])
    (offer,) = due(shop, "replacement")
    assert (offer["due_on"], offer["because"]) == ("2027-04-26", "Filter lasts until about 10 May 2027")
    changed = shop("edit-product", "filter", "--lifetime", "8 months", "--json").json
    assert (changed["redated"], due(shop, "replacement")[0]["due_on"]) == (1, "2027-06-25")

    again = sold(shop, "hanna", TODAY)
    assert (again.code, due(shop, "replacement")) == (0, [])
    assert shop("undo").code == 0
    assert len(due(shop, "replacement")) == 1
    assert (shop("edit-product", 1, "--lifetime", "none", "--json").json["closed"], due(shop, "replacement")) == (1, [])
    assert shop("undo").code == 0
    assert len(due(shop, "replacement")) == 1


def test_a_returned_product_is_not_offered_again(shop: Program) -> None:
    shop("add-product", "Filter", "--lifetime", "180")
    shop("add-customer", "Hanna Berg")
    sold(shop, "hanna", "2026-11-02", "--delivered", "2026-11-16")
    assert len(due(shop, "replacement")) == 1
    shop("add-customer", "Jo Park")
    sold(shop, "jo", "2020-01-02", "--delivered", "2020-01-02")
    assert len(due(shop, "replacement")) == 1  # the past makes no work


def test_a_promise_is_looked_up_before_it_is_given(shop: Program) -> None:
    shop("add-customer", "Hanna Berg")
    for delivered in ("2026-08-06", "2026-08-08", "2026-08-08", "2026-08-12"):
        sold(shop, "hanna", "2026-08-03", "--delivered", delivered, product="Stove")
    few = shop("promise", "stove", "--days", 5, "--json").json
    assert (few["history_of"], few["n"], few["risky"]) == ("all", 4, False)
    sold(shop, "hanna", "2026-08-03", "--delivered", "2026-08-06", product="Stove")
    found = shop("promise", "stove", "--days", 5, "--json").json
    assert (found["history_of"], found["n"], found["within"], found["share"]) == ("product", 5, 4, 0.8)
    assert (found["days_for_90_percent"], found["risky"], found["promised_on"]) == (9, True, "2026-11-29")
    assert found["share_low"] < 0.8 < found["share_high"]
    warned = sold(shop, "hanna", TODAY, "--promised", "in 5 days", product="Stove").json
    assert warned["warning"].startswith("Mind the promise: 4 of 5 deliveries of Stove took at most 5 days")
    assert sold(shop, "hanna", TODAY, "--promised", "in 9 days", product="Stove").json["warning"] == ""


def test_a_customer_gets_a_new_day(shop: Program) -> None:
    shop("add-customer", "Hanna Berg")
    sold(shop, "hanna", "2026-11-02", "--promised", "2026-11-20", product="Stove")
    moved = shop("promise", "hanna", "--on", "next friday", "--json").json
    assert moved["promised_on"] == "2026-11-27"
    assert [row["due_on"] for row in due(shop, "undelivered")] == ["2026-11-27"]
    past = shop("promise", "hanna", "--on", "yesterday")
    assert (past.code, "2026-11-23 is past: it cannot be promised." in past.err) == (2, True)
    assert shop("undo").code == 0
    assert shop("customer", "hanna", "--json").json["purchases"][0]["promised_on"] == "2026-11-20"
    shop("deliver", "hanna")
    assert shop("promise", "hanna", "--on", "friday").code == 3
    assert shop("promise", "hanna", "--purchase", 1, "--on", "friday").code == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("add-product", "Filter", "--lifetime", "0"), 2, 'The lifetime cannot be "0".'),
        (("add-product", "Filter", "--guarantee", "for ever"), 2, "is no span of time"),
        (("add-product", "Filter", "--margin", "101"), 2, "A margin of 101 % cannot be."),
        (("add-product", " "), 2, "Name is missing"),
        (("add-product", "STOVE"), 1, "Stove is there already (1)."),
        (("edit-product", "stove"), 2, "Nothing is to be changed."),
        (("edit-product", "boat", "--margin", "5"), 3, 'No product is called "boat".'),
        (("edit-product", "stvoe", "--margin", "5"), 3, "Close: Stove."),
        (("promise", "stove", "--days", "-1"), 2, "-1 days cannot be promised."),
        (("promise", "stove"), 2, "Promise what?"),
        (("promise", "--on", "friday"), 2, "Promise what?"),
        (("announce", "stove", " "), 2, "The title is missing."),
        (("announce", "stove", "News", "--link", "javascript:alert(1)"), 2, "is no address of a web page."),
        (("announce", "boat", "News"), 3, 'No product is called "boat".'),
        (("announce", "stove", "News", "--on", "31.2."), 2, "is no date"),
        (("deliver", "hanna", "--lifetime", "own"), 2, "purchases on three days"),
        (("deliver", "hanna", "--lifetime", "0"), 2, 'The lifetime cannot be "0".'),
        (("deliver", "hanna", "--on", "2026-11-01"), 2, "before the order of 2026-11-02"),
        (("add-purchase", "hanna", "--promised", "2026-11-23"), 2, "before the order of 2026-11-24"),
    ],
)
def test_bad_input_changes_nothing(file_shop: Program, arguments: tuple[str, ...], code: int, words: str) -> None:
    file_shop("add-product", "Stove")
    file_shop("add-customer", "Hanna Berg")
    sold(file_shop, "hanna", "2026-11-02", product="Stove")
    before = file_shop("history", "--json").json
    refused = file_shop(*arguments)
    assert (refused.code, words in refused.err, refused.out) == (code, True, ""), refused.err
    assert file_shop("history", "--json").json == before


def test_a_customers_own_interval_is_offered_as_a_lifetime(shop: Program) -> None:
    assert shop("products", "--json").json == []
    shop("add-customer", "Hanna Berg", "--email", "hanna@example.org")
    for day in ("2026-03-02", "2026-05-01", "2026-07-10"):
        sold(shop, "hanna", day, "--delivered", day, product="Wax")
    sold(shop, "hanna", "2026-10-30", product="Wax")
    (wax,) = shop("products", "--json").json
    assert (wax["lifetime_days"], wax["own_interval_days"], wax["regulars"]) == (None, 70, 1)
    rhythm = shop("products", "--customer", "hanna", "--json").json
    assert [(row["product"], row["purchases"], row["interval_days"], row["next_on"]) for row in rhythm] == [
        ("", 4, 70, "2027-01-08"),
        ("Wax", 4, 70, "2027-01-08"),
    ]
    delivered = shop("deliver", "hanna", "--on", "2026-11-20")
    assert "Hanna Berg buys Wax every 70 days (the median of 4 purchases)." in delivered.err
    assert "refertrack deliver 1 --purchase 4 --lifetime own" in delivered.err
    taken = shop("deliver", 1, "--purchase", 4, "--lifetime", "own", "--json").json
    assert (taken["lifetime_days"], taken["own_interval_days"]) == (70, None)
    (offer,) = due(shop, "replacement")
    assert (offer["due_on"], offer["because"]) == ("2027-01-15", "Wax lasts until about 29 Jan 2027")
    assert shop("undo").code == 0
    assert due(shop, "replacement") == []


def test_news_for_those_who_own_a_product(shop: Program, write: Writing) -> None:
    for name in ("Hanna Berg", "Jo Park", "Al Ek"):
        shop("add-customer", name, "--email", f"{name[:2].lower()}@example.org")
    assert (shop("add-product", "Filter").code, shop("announce", "filter", "News").code) == (0, 3)
    sold(shop, "hanna", "2026-01-02", "--delivered", "2026-01-05")
    sold(shop, "hanna", "2026-02-02", "--delivered", "2026-02-05")
    sold(shop, "jo", "2026-01-02", "--delivered", "2026-01-05")
    sold(shop, "al", "2026-01-02", "--delivered", "2026-01-05", product="Stove")
    with write() as session:
        session.add(OptOut(customer_id=2, channel="any", purpose="service", since=date(2026, 11, 1)))
    tried = shop("announce", "filter", "They last longer", "--dry-run", "--json").json
    assert (tried["owners"], tried["opted_out"], tried["id"]) == (2, 1, None)
    assert due(shop, "announcement") == []
    told = shop("announce", "filter", "They last longer", "--note", "[red]All[/] of them.", "--on", "2026-12-01",
                "--link", "https://example.org/news", "--json").json  # fmt: skip
    assert (told["owners"], told["opted_out"], [each["customer_id"] for each in told["next"]]) == (2, 1, [1])
    (item,) = due(shop, "announcement")
    assert item["because"] == "Filter: They last longer"
    (letter,) = shop("draft", "announcement", "--all", "--json").json
    assert letter["subject"] == "They last longer"
    assert "[red]All[/] of them." in letter["body"]
    assert "from Tuesday 1 December on" in letter["body"]
    again = shop("announce", "filter", "they LAST longer")
    assert (again.code, "was announced to the owners of Filter on 2026-11-24" in again.err) == (1, True)
    assert shop("undo").code == 0
    assert due(shop, "announcement") == []


def test_an_import_reminds_of_what_will_be_used_up(shop: Program, tmp_path: Path) -> None:
    shop("add-product", "Filter", "--lifetime", "180", "--guarantee", "365")
    path = tmp_path / "sales.csv"
    path.write_text(
        "id,customer,product,ordered_on,promised_on,delivered_on\n"
        "1,a@example.org,Filter,2026-05-04,2026-05-10,2026-05-10\n"
        "2,a@example.org,Filter,2026-10-05,2026-10-10,2026-10-12\n"
        "3,b@example.org,Filter,2026-11-16,2026-11-18,2026-11-20\n"
        "4,c@example.org,Filter,2020-01-06,2020-01-06,2020-01-08\n"
    )
    imported = shop("import", "purchases", path, "--map", "external_id=id", "--add-customers", "--yes")
    assert imported.code == 0, imported.err
    assert [(item["email"], item["due_on"]) for item in due(shop, "replacement")] == [
        ("a@example.org", "2027-03-29"),
        ("b@example.org", "2027-05-05"),
    ]
    assert [item["email"] for item in due(shop, "delivered_late")] == ["b@example.org"]
    assert shop("import", "purchases", path, "--map", "external_id=id").code == 0
    assert len(due(shop, "replacement")) == 2
