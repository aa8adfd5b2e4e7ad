"""While a complaint or a claim is open, nothing asks or sells; service and recovery go on."""

from __future__ import annotations

import pytest

from conftest import Program


def listed(shop: Program) -> set[str]:
    return {row["what"] for row in shop("due", "--until", "2028-01-01", "--json").json}


@pytest.mark.parametrize("words", [("complain", "hanna", "it hums"), ("claim", "hanna", "it leaks")])
def test_all_that_asks_or_sells_waits(shop: Program, words: tuple[str, ...]) -> None:
    shop("add-product", "Filter", "--lifetime", "6 months", today="2026-01-05")
    shop("add-customer", "Hanna [red] Berg", "--email", "hanna@berg.example")
    shop("add-purchase", "hanna", "--product", "Filter", "--ordered", "2026-01-05", "--delivered", "2026-01-05")
    shop("compliment", "hanna", "so quiet", today="2026-11-20")
    shop("ask", "hanna", "--specific", "owners of guest houses", "--anyway", "she offered")
    shop("add-purchase", "hanna", "--product", "Pump", "--delivered", "2026-11-20")
    shop("announce", "pump", "A quieter fan")
    before = listed(shop)
    asking = {"send the SMART request", "survey, under 2 minutes", "keep in touch", "tell the news"}
    assert asking <= before

    assert shop(*words).code == 0
    assert listed(shop) & asking == set()
    assert {"thank-you card", "arrived and works?", "acknowledge the complaint"} <= listed(shop)
    assert shop("due", "--json").err == ""
    shop("add-purchase", "hanna", "--product", "Filter", "--delivered", "2026-11-20")  # and what comes after it, too
    shop("announce", "pump", "A longer hose")
    assert listed(shop) & {"offer the replacement", "tell the news"} == set()
    (verdict,) = [row["verdict"] for row in shop("ready", "--all", "--json").json]
    assert verdict == "do not ask"

    shop("resolve", "2", "--note", "a new seal")
    shop("confirm", "2")
    assert asking | {"offer the replacement"} <= listed(shop)
    assert shop("check").code == 0


def test_a_second_complaint_keeps_holding(shop: Program) -> None:
    shop("add-customer", "Hanna Berg")
    shop("complain", "hanna", "it hums")
    shop("claim", "hanna", "it leaks")
    assert "Another complaint is open: what it holds stays held." in shop("resolve", "1", "--note", "x").err
    assert "keep in touch" not in listed(shop)
    shop("resolve", "2", "--note", "y")
    assert "keep in touch" in listed(shop)
