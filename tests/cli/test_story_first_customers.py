"""A person's first days with the program, through the command line alone."""

from __future__ import annotations

from conftest import Program


def test_from_the_first_customer_to_a_friend_who_is_one_too(shop: Program) -> None:
    assert shop().out.startswith("Nothing here yet. Three ways to begin:")
    added = shop("add-customer", "Marta Oliveira", "--company", "Casa do Mar", "--email", "marta@casadomar.example",
                 "--segment", "Guest house", "--json")  # fmt: skip
    assert (added.code, added.json["id"], added.json["status"]) == (0, 1, "active")

    sold = shop("add-purchase", "marta", "--product", "Heat pump", "--amount", "4,200.50", "--ordered", "2026-11-02",
                "--promised", "2026-11-30", "--json")  # fmt: skip
    assert [item["what"] for item in sold.json["next"]] == ["thank-you card", "delivered?"]
    delivered = shop("deliver", "marta@casadomar.example", "--on", "2026-11-16", "--json")
    assert [(item["what"], item["due_on"]) for item in delivered.json["next"]] == [
        ("arrived and works?", "2026-11-23"),
        ("survey, under 2 minutes", "2026-12-16"),
    ]

    due = shop("due", "--json").json
    assert [(item["what"], item["days_late"]) for item in due] == [("thank-you card", 22), ("arrived and works?", 1)]
    assert due[1]["because"] == "Heat pump delivered 16 Nov 2026, 14 days early"
    done = shop("done", due[0]["id"], due[1]["id"], "--note", "all there, very quiet")
    assert "Next: survey, under 2 minutes on Wed 2026-12-16" in done.err
    assert shop("due", "--json").json == []

    refused = shop("ask", "marta", "--specific", "anyone")
    assert (refused.code, '"anyone" brings no name to mind.' in refused.err) == (2, True)
    asked = shop("ask", "marta", "--specific", "owners of guest houses", "--count", "2", "--form", "card",
                 "--by", "in 6 days", "--json").json  # fmt: skip
    assert (asked["time_specific"], asked["state"]) == ("2026-11-30", "draft")
    assert asked["realistic"].startswith("we delivered earlier than promised, on 16 November")
    assert shop("done", asked["next"][0]["id"]).code == 0

    answered = shop("answer", asked["id"], "--named", "Rui Costa", "--email", "rui@costa.example", "--json").json
    referral = answered["referrals"][0]["id"]
    assert answered["state"] == "named"
    won = shop("won", referral, "--amount", "900", "--json").json
    assert won["state"] == "won"
    assert shop("customer", won["customer_id"], "--json").json["referred_by"] == "Marta Oliveira"

    (row,) = [row for row in shop("report", "--by", "segment", "--json").json if row["segment"] == "Guest house"]
    assert (row["customers"], row["asked"], row["took_part"], row["referrals"], row["won"]) == (1, 1, 1, 1, 1)
    assert (row["net_conversion"], row["net_conversion_low"]) == (1.0, 0.2065)


def test_a_customer_who_came_by_word_of_mouth(shop: Program) -> None:
    shop("add-customer", "Hanna Berg")
    added = shop("add-customer", "Jo Park", "--referred-by", "hanna", "--json")
    assert added.json["source"] == "referral"
    assert [item["what"] for item in shop("due", "--json").json] == ["thank for the referral", "give the thank-you"]
    row = shop("report", "--by", "segment", "--json").json[0]
    assert (row["customers"], row["took_part"], row["referrals"], row["won"]) == (2, 1, 1, 1)
