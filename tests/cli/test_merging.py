"""Two customers who are one person become one: nothing is left behind, nothing doubles, and undo splits them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from conftest import TODAY, Program, writer
from refertrack.models.all import metadata
from refertrack.models.customers import OptOut
from refertrack.reports.duplicates import pairs
from refertrack.store import engine
from refertrack.store.persons import customer_links
from refertrack.store.reader import open_reader
from refertrack.store.target import Target
from refertrack.workflows import feedback

COUNTED = {"updated_at", "version"}


def everything(target: Target) -> dict[str, list[dict[str, Any]]]:
    with engine.create_engine(target, write=False).connect() as connection:
        return {
            table.name: [
                {name: value for name, value in row.items() if name not in COUNTED}
                for row in connection.execute(select(table).order_by(table.c.id)).mappings()
            ]
            for table in metadata.sorted_tables
            if table.name not in {"command", "change"}
        }


@pytest.fixture
def twins(shop: Program) -> Program:
    """Hanna twice, each with a life of her own, and two friends."""
    one = ("--email", "hanna@berg.example", "--tag", "vip", "--tag", "oslo", "--on", "2024-05-01")
    two = ("--phone", "+46701234567", "--city", "Oslo", "--tag", "vip", "--note", "likes tea", "--on", "2023-02-01")
    shop("add-customer", "Hanna Berg", *one)
    shop("add-customer", "Hana Berg", *two)
    shop("add-customer", "Rui Costa")
    shop("add-purchase", 1, "--product", "pump", "--ordered", "2026-11-10", "--delivered", "2026-11-20")
    shop("add-purchase", 2, "--product", "boiler", "--ordered", "2026-11-12")
    shop("done", 1)
    shop("refer", 2, "Ines Sol", "--email", "ines@sol.example", "--consent", "consent")
    shop("won", 1, "--amount", "100")
    return shop


def test_all_moves_and_undo_splits_them_again(twins: Program, target: Target) -> None:
    before = everything(target)
    tried = twins("merge-customers", 1, 2, "--dry-run")
    assert (tried.code, tried.err.startswith("Would be one: Hanna Berg (1), with Hana Berg (2).")) == (0, True)
    moved = next(line for line in tried.err.splitlines() if line.startswith("Moved: "))
    assert ("1 purchase," in moved, "_" in moved, "follow up" in moved, "customer status" in moved) == (
        True, False, False, False,
    )  # fmt: skip
    assert everything(target) == before
    merged = twins("merge-customers", 1, 2, "--json").json
    assert (merged["moved"]["purchase"], merged["moved"]["referral"], merged["doubles"]) == (1, 1, {"customer_tag": 1})
    assert set(merged["filled"]) == {"phone", "city", "notes", "joined_on"}
    after = everything(target)
    for table in metadata.sorted_tables:
        for column in customer_links(table):
            assert [row for row in after[table.name] if row[column.name] == 2] == [], table.name
    one = twins("customer", 1, "--json").json
    assert (one["phone"], one["city"], one["joined_on"], one["tags"]) == (
        "+46701234567", "Oslo", "2023-02-01", ["oslo", "vip"],
    )  # fmt: skip
    assert twins("check", "--json").json == []
    assert twins("undo").code == 0
    assert everything(target) == before


def test_the_one_who_went_leads_to_the_one_who_stays(twins: Program) -> None:
    twins("edit-customer", 2, "--email", "old@berg.example")
    twins("merge-customers", 1, 2)
    for who in (2, "old@berg.example", "hanna"):
        assert twins("customer", who, "--json").json["id"] == 1
    assert [row["id"] for row in twins("customers", "berg", "--json").json] == [1]
    assert twins("add-purchase", 2, "--product", "pump").code == 0
    again = twins("merge-customers", 1, 2)
    assert (again.code, "is one customer already" in again.err) == (1, True)


def test_an_import_follows_and_does_not_bring_the_other_back(shop: Program, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Id,Name,Email,City\na,Anna Ek,anna@ek.example,\nb,Ana Ek,ana@ek.example,Lund\n")
    line = ("import", "customers", file, "--map", "external_id=Id", "--source", "crm", "--json")
    shop(*line)
    shop("merge-customers", 1, 2)
    file.write_text("Id,Name,Email,City\na,Anna Ekman,anna@ek.example,\nb,Ana Ek,ana@ek.example,Malmo\n")
    assert (shop(*line).json["added"], len(shop("customers", "--json").json)) == (0, 1)
    one = shop("customer", 1, "--json").json
    assert (one["name"], one["email"], one["city"]) == ("Anna Ekman", "anna@ek.example", "Lund")
    other = tmp_path / "other.csv"
    other.write_text("Name,Email\nAna Ek,ana@ek.example\n")
    assert shop("import", "customers", other, "--json").json["added"] == 0


def test_nobody_refers_themselves_is_brought_twice_or_in_a_circle(shop: Program) -> None:
    for name in ("Anna", "Bo", "Cia", "Dan"):
        shop("add-customer", name)
    shop("add-customer", "Anna Two", "--referred-by", "1")  # 5: brought by whom she is
    shop("add-customer", "Bo Two", "--referred-by", "3")  # 6
    shop("add-customer", "Bo Three", "--referred-by", "4")  # 7: brought by another
    shop("add-customer", "Cia Two", "--referred-by", "6")  # 8: Cia brought Bo Two, who brought her
    assert shop("merge-customers", 1, 5, "--json").json["referrals_disqualified"] == [1]
    assert shop("merge-customers", 6, 7, "--json").json["referrals_disqualified"] == [3]
    assert shop("merge-customers", 3, 8, "--json").json["referrals_disqualified"] == [4]
    assert shop("check", "--json").json == []
    for _ in range(3):
        merges = shop("history", "--command", "merge-customers", "--json").json
        shop("undo", next(row["id"] for row in merges if row["undone_by"] is None))
    assert len(shop("customers", "--json").json) == 8
    assert shop("check", "--json").json == []


def test_opt_outs_hold_for_both_and_a_complaint_holds_their_items(twins: Program, target: Target) -> None:
    with writer(target)() as session:
        feedback.complain(session, 2, feedback.NewFeedback("too late"))
        session.add(OptOut(customer_id=2, channel="any", purpose="service", since=TODAY))
        session.add(OptOut(customer_id=1, channel="any", purpose="service", since=TODAY))
    before = twins("due", "--until", "2027-12-31", "--customer", "1", "--json").json
    assert {"survey", "service"} <= {row["purpose"] for row in before}
    assert twins("merge-customers", 1, 2, "--json").json["doubles"] == {"customer_tag": 1, "opt_out": 1}
    due = twins("due", "--until", "2027-12-31", "--customer", "1", "--json").json
    assert {row["purpose"] for row in due} & {"survey", "referral", "contact", "service"} == set()
    assert twins("undo").code == 0
    # An undo opens nothing past the opt-out that Hanna has herself.
    wanted = [row for row in before if row["purpose"] not in {"service", "contact"}]
    assert twins("due", "--until", "2027-12-31", "--customer", "1", "--json").json == wanted


def test_pairs_who_may_be_one(shop: Program) -> None:
    people = [
        ("Hanna Berg", "h@x.example", ""), ("Hana Berg", "", ""), ("Berg, Hanna", "", ""),
        ("Jo Park", "h@x.example", ""), ("Shop 12", "", "+46701234567"), ("Shop 13", "", ""),
        ("Zoe", "", "+46701234567"),
    ]  # fmt: skip
    for name, email, phone in people:
        shop("add-customer", name, "--email", email, "--phone", phone)
    found = shop("customers", "--duplicates", "--json").json
    assert {(row["id"], row["other_id"]): row["why"] for row in found} == {
        (1, 4): "same e-mail", (5, 7): "same phone", (1, 3): "same name", (1, 2): "names alike (94 %)",
        (2, 3): "names alike (94 %)",
    }  # fmt: skip
    assert (found[0]["score"], shop("customers", "--duplicates", "--limit", "1", "--json").json) == (100, found[:1])


def test_many_names_take_seconds(file_shop: Program, sqlite_target: Target, tmp_path: Path) -> None:
    import time

    file = tmp_path / "people.csv"
    lines = [f"Person{number % 97} Family{number % 613} {number},p{number}@x.example" for number in range(20_000)]
    file.write_text("Name,Email\n" + "\n".join(lines))
    file_shop("import", "customers", file)
    began = time.process_time()
    with open_reader(sqlite_target) as reader:
        assert pairs(reader) == []
    assert time.process_time() - began < 10
