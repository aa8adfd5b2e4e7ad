"""A customer's card tells all that is known, in one dated timeline."""

from __future__ import annotations

from conftest import Program


def test_a_card_follows_a_customer_through_the_trade(shop: Program) -> None:
    shop("add-customer", "Hanna Berg", "--company", "Berg Print", "--email", "hanna@berg.example", "--on", "2026-01-10",
         "--segment", "Private", "--tag", "vip", "--note", "likes tea\nhas a dog [red]")  # fmt: skip
    shop("add-purchase", "hanna", "--product", "Heat pump", "--amount", "4200", "--ordered", "2026-11-02",
         "--promised", "2026-11-20", "--delivered", "2026-11-16")  # fmt: skip
    check = next(row for row in shop("due", "--json").json if row["what"] == "arrived and works?")
    shop("done", check["id"], "--note", "all there,\nvery quiet")
    shop("ask", "hanna", "--specific", "owners of guest houses", "--count", "1", "--form", "card", "--by", "in 6 days")
    send = next(row for row in shop("due", "--json").json if row["playbook"] == "ask")
    shop("done", send["id"])
    shop("answer", 1, "--named", "Rui Costa", "--email", "rui@costa.example")
    card = shop("customer", "hanna", "--json").json
    told = [(event["on"], event["kind"], event["what"], event["note"]) for event in card["history"]]
    for event in (
        ("2026-01-10", "status", "came as active", ""),
        ("2026-11-02", "purchase", "Heat pump ordered", ""),
        ("2026-11-16", "delivery", "Heat pump delivered, 4 days early", ""),
        ("2026-11-24", "done", "arrived and works?", "all there,\nvery quiet"),
        ("2026-11-24", "ask", "asked for owners of guest houses", ""),
        ("2026-11-24", "referral", "referred Rui Costa", ""),
    ):
        assert event in told
    assert [event[0] for event in told] == sorted((event[0] for event in told), reverse=True)
    assert sum(event[1] == "contact" for event in told) == 0  # a closed item is told once, not as a contact again
    assert (card["readiness"], card["last_contact_on"], card["tags"]) == ("do not ask", "2026-11-24", ["vip"])
    assert card["purchases"][0]["amount"] == "4200.00"


def test_a_card_of_somebody_new_is_short_and_whole(shop: Program) -> None:
    shop("add-customer", "Jo Park", "--prospect")
    card = shop("customer", "jo", "--json").json
    assert (card["history"], card["due"] is not None) == (
        [{"on": "2026-11-24", "kind": "status", "what": "came as prospect", "note": "", "id": None}],
        True,
    )
    assert (card["opt_outs"], card["feedback"], card["last_contact_on"]) == ([], [], None)
    lines = {line[0]: line[1:] for line in shop("customer", "jo").lines}
    assert lines["readiness"] == ["not yet"]
    assert lines["history"] == ["2026-11-24", "status", "came as prospect", "", ""]
