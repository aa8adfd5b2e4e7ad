"""Who brought whom: as a tree, as a graph, as rows; circles end, names are harmless, long chains are no trouble."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from conftest import TODAY, Program, Writing
from refertrack.cli.commands.referral_list import _guides
from refertrack.exchange.graphs import dot, mermaid
from refertrack.models.customers import Customer
from refertrack.models.referrals import Referral
from refertrack.models.sales import Purchase
from refertrack.reports.network import Network, Node, network
from refertrack.store import bulk
from refertrack.store.engine import session_reader


def brought(session: Session, pairs: list[tuple[int, int]], amounts: dict[int, int]) -> Network:
    """Make customers 1, 2, 3 …, who brought whom, and what each bought; return the network."""
    most = max(who for pair in pairs for who in pair)
    names = [{"id": number, "name": f"c{number}", "name_key": f"c{number}"} for number in range(1, most + 1)]
    bulk.insert(session, Customer, [{**row, "joined_on": TODAY} for row in names])
    links = [{"id": number, "referrer_id": a, "customer_id": b, "name": f"c{b}", "received_on": TODAY,
              "moved_on": TODAY, "state": "won"} for number, (a, b) in enumerate(pairs, 1)]  # fmt: skip
    bulk.insert(session, Referral, links)
    sales = [{"id": number, "customer_id": who, "amount_minor": amount, "currency": "EUR", "ordered_on": TODAY}
             for number, (who, amount) in enumerate(amounts.items(), 1)]  # fmt: skip
    bulk.insert(session, Purchase, sales)
    return network(session_reader(session), "EUR")


def shape(nodes: tuple[Node, ...]) -> list[tuple[int, int, int, int]]:
    return [(node.depth, node.id, node.brought_in_all, node.below) for node in nodes]


def test_the_most_valuable_come_first_with_what_they_brought(write: Writing) -> None:
    with write() as session:
        found = brought(session, [(1, 2), (1, 3), (3, 4), (5, 6)], {2: 100, 3: 20, 4: 300, 6: 50, 1: 7})
        one = network(session_reader(session), "EUR", 3)
        flat = network(session_reader(session), "EUR", depth=1, limit=1)
    assert shape(found.nodes) == [
        (0, 1, 3, 420), (1, 3, 1, 300), (2, 4, 0, 0), (1, 2, 0, 0), (0, 5, 1, 50), (1, 6, 0, 0),
    ]  # fmt: skip
    assert (found.trees, shape(one.nodes)) == (2, [(0, 3, 1, 300), (1, 4, 0, 0)])
    assert [(node.id, node.hidden) for node in flat.nodes] == [(1, 0), (3, 1), (2, 0)]


@pytest.mark.parametrize(
    "pairs",
    [
        [(1, 2), (2, 3), (3, 1)],
        [(1, 2), (2, 1), (3, 1)],
        [(1, 1), (1, 2)],
        [(1, 2), (1, 3), (2, 4), (3, 4), (4, 5)],
    ],
    ids=["a circle", "a circle that hangs on one", "oneself", "two referrers"],
)
def test_circles_of_old_data_end(write: Writing, pairs: list[tuple[int, int]]) -> None:
    with write() as session:
        found = brought(session, pairs, {1: 10, 2: 20})
    people = {who for pair in pairs for who in pair}
    assert {node.id for node in found.nodes} == people
    assert len(found.nodes) <= len(pairs) + found.trees
    assert len(list(_guides(found.nodes))) == len(found.nodes)


def test_a_chain_of_thousands_with_tens_of_thousands_beside_it(write: Writing) -> None:
    chain = [(number, number + 1) for number in range(1, 5_000)]
    wide = [(number % 5_000 + 1, number) for number in range(5_002, 30_000)]
    with write() as session:
        began = time.process_time()
        found = brought(session, chain + wide, dict.fromkeys(range(1, 30_000, 3), 100))
        taken = time.process_time() - began
    assert (len(found.nodes), found.nodes[0].brought_in_all) == (len(chain) + len(wide) + 1, len(chain) + len(wide))
    assert taken < 60


NASTY = 'Eve "]; drop[/] --> <script>#quot;\\\n\x1b[31m`|{}'


def test_names_do_no_harm_in_graphs() -> None:
    nodes = [Node(1, NASTY, 0, brought=1), Node(2, "Bo", 1, referrer_id=1), Node(1, NASTY, 1, referrer_id=2)]
    for lines in (list(mermaid(nodes, lambda node: "")), list(dot(nodes, lambda node: ""))):
        assert all(character.isprintable() for line in lines for character in line)
        assert sum("Eve" in line for line in lines) == 1
    (label,) = [line for line in mermaid(nodes, lambda node: "") if "Eve" in line]
    assert (label.count('"'), label.count("["), "<" in label, label.count("--")) == (2, 1, False, 1)
    (quoted,) = [line for line in dot(nodes, lambda node: "") if "Eve" in line]
    inner = quoted[quoted.index('"') + 1 : quoted.rindex('"')]
    assert '"' not in inner.replace("\\\\", "").replace('\\"', "")


def test_the_tree_is_drawn_with_guides() -> None:
    nodes = [Node(1, "a", 0), Node(2, "b", 1), Node(3, "c", 2), Node(4, "d", 1), Node(5, "e", 2), Node(6, "f", 0)]
    assert [guide + node.name for guide, node in zip(_guides(nodes), nodes, strict=True)] == [
        "a", "├── b", "│   └── c", "└── d", "    └── e", "f",
    ]  # fmt: skip


def test_the_command_in_each_form(shop: Program) -> None:
    assert (shop("network", "--json").code, shop("network", "--json").json) == (0, [])
    shop("add-customer", "Marta [red]", "--on", "2026-01-05")
    shop("refer", "marta", "Rui Costa")
    shop("won", 1, "--amount", "900")
    rows: list[dict[str, Any]] = shop("network", "--json").json
    assert rows == [
        {"id": 1, "customer": "Marta [red]", "depth": 0, "referrer_id": None, "referral_id": None, "won_on": None,
         "brought": 1, "brought_in_all": 1, "amount": "0.00", "amount_below": "900.00", "currency": "EUR",
         "again": False},
        {"id": 2, "customer": "Rui Costa", "depth": 1, "referrer_id": 1, "referral_id": 1,
         "won_on": date(2026, 11, 24).isoformat(), "brought": 0, "brought_in_all": 0, "amount": "900.00",
         "amount_below": "0.00", "currency": "EUR", "again": False},
    ]  # fmt: skip
    assert shop("network", "rui", "--plain").lines[0][:2] == ["2", "Rui Costa"]
    assert shop("network", "--mermaid").out.splitlines()[0] == "graph TD"
    assert "c1 -> c2;" in shop("network", "marta", "--dot").out
    assert (shop("network", "--dot", "--mermaid").code, shop("network", "nobody").code) == (2, 3)
