"""Claims under guarantee: which purchase, how its guarantee stands, what it costs, and what waits for it."""

from __future__ import annotations

import pytest

from conftest import Program


@pytest.fixture
def hanna(shop: Program) -> Program:
    shop("add-product", "Press", "--guarantee", "1 year", today="2025-09-01")
    shop("add-customer", "Hanna [red] Berg", "--email", "hanna@berg.example")
    shop("add-purchase", "hanna", "--product", "Press", "--ordered", "2025-09-20", "--delivered", "2025-10-01",
         today="2025-10-01")  # fmt: skip
    return shop


def test_a_claim_after_the_guarantees_end_is_taken_and_says_so(hanna: Program) -> None:
    inside = hanna("claim", "hanna", "it [b]leaks[/b]", "--cost", "180.50", "--json", today="2026-10-01").json
    assert (inside["kind"], inside["purchase_id"], inside["cost"], inside["currency"]) == ("claim", 1, "180.50", "EUR")
    assert not [note for note in inside["notes"] if "guarantee" in note]
    assert hanna("undo").code == 0
    after = hanna("claim", "hanna", "it [b]leaks[/b]", "--cost", "180.50", today="2026-10-02")
    assert (after.code, "After the guarantee's end on 2026-10-01." in after.err) == (0, True)
    (claim,) = hanna("feedback", "--kind", "claim", "--json").json
    assert (claim["state"], claim["product"], claim["words"]) == ("open", "Press", "it [b]leaks[/b]")
    refused = hanna("ask", "hanna", "--specific", "owners of print shops")
    assert (refused.code, "a complaint is open since 2 Oct 2026" in refused.err) == (1, True)


def test_which_one_where_several_are_under_guarantee(hanna: Program) -> None:
    hanna("add-purchase", "hanna", "--product", "Press", "--delivered", "2026-08-03", today="2026-08-03")
    several = hanna("claim", "hanna", "leaks", today="2026-09-01")
    assert (several.code, several.err.splitlines()[1:3]) == (
        3, ["  2  Press, delivered 2026-08-03", "  1  Press, delivered 2025-10-01"],
    )  # fmt: skip
    assert (
        hanna("claim", "hanna", "leaks", "--json", today="2026-10-02").json["purchase_id"] == 2
    )  # the other has ended
    early = hanna("claim", "hanna", "leaks", "--purchase", "2", "--on", "2026-08-01")
    assert (early.code, "2026-08-01 is before purchase 2, ordered on 2026-08-03." in early.err) == (2, True)
    assert hanna("claim", "hanna", "leaks", "--purchase", "9").code == 3


def test_a_claim_without_a_purchase_is_taken_too(shop: Program) -> None:
    shop("add-customer", "Jo Park")
    claim = shop("claim", "jo", "leaks", "--json").json
    assert (claim["purchase_id"], claim["notes"][0]) == (None, "no delivered purchase is on record for it")


def test_deliveries_share_one_survey_while_a_complaint_holds_it(shop: Program) -> None:
    shop("add-customer", "Jo Park")
    shop("claim", "jo", "leaks")
    for day in ("2026-11-20", "2026-11-24"):
        shop("add-purchase", "jo", "--product", "Ink", "--ordered", day, "--delivered", day)
    shop("resolve", "1", "--note", "a new seal")
    (survey,) = [row for row in shop("due", "--until", "2027-03-01", "--json").json if row["purpose"] == "survey"]
    assert survey["because"] == "Ink delivered 20 Nov 2026; Ink delivered 24 Nov 2026"
