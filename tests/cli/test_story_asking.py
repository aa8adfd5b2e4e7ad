"""From a delivery to a thanked and rewarded referrer whose friend is a customer, through the command line alone."""

from __future__ import annotations

from typing import Any

from conftest import Program


def item(shop: Program, what: str, until: str = "2027-12-31") -> Any:
    """Return the open item of that name."""
    return next(row for row in shop("due", "--until", until, "--json").json if row["what"] == what)


def test_a_delivery_leads_to_a_friend_who_buys_and_a_referrer_who_is_thanked(shop: Program) -> None:
    shop("add-customer", "Marta Oliveira", "--email", "marta@casadomar.example", "--segment", "Guest house",
         "--channel", "email", "--language", "pt")  # fmt: skip
    shop("add-purchase", "marta", "--product", "Heat pump", "--amount", "4200", "--ordered", "2026-11-02",
         "--promised", "2026-11-30", "--delivered", "2026-11-16")  # fmt: skip
    (before,) = shop("ready", "--json").json
    assert (before["verdict"], before["reasons"]) == ("not yet", ["sees you only when you sell: log a call"])

    assert shop("done", item(shop, "arrived and works?")["id"], "--note", "all there, very quiet").code == 0
    shop("survey", "marta", "--service", "5", "--communication", "5", "--performance", "5", "--recommend", "9")
    (now,) = shop("ready", "--json").json
    assert (now["verdict"], now["score"], now["reasons"][0]) == ("ask now", 7, "every answer 5 on 24 Nov 2026")

    asked = shop("ask", "marta", "--specific", "owners of guest houses", "--by", "in 6 days", "--incentive",
                 "a dinner for two", "--json").json  # fmt: skip
    assert (asked["channel"], asked["language"], asked["state"]) == ("email", "pt", "draft")
    letter = shop("draft", item(shop, "send the SMART request")["id"], "--json")
    assert letter.code == 0, letter.err
    assert item(shop, "say thanks")["waits"] == "asked on 2026-11-24: ask 1"
    assert shop("done", item(shop, "send the SMART request")["id"]).code == 0
    assert shop("ready", "--json").json[0]["verdict"] == "do not ask"

    shop("answer", asked["id"], "--named", "Rui Costa", "--email", "rui@costa.example", today="2026-11-26")
    thanks = item(shop, "thank for the referral")
    assert shop("draft", thanks["id"]).code == 0
    assert shop("done", thanks["id"]).code == 0
    assert shop("contacted", 1).code == 1  # nobody has introduced us yet
    introduction = item(shop, "ask for an introduction")
    assert (introduction["customer"], shop("done", introduction["id"]).code) == ("Marta Oliveira", 0)
    shop("edit-referral", 1, "--consent", "introduction")
    contact = item(shop, "contact the person referred")
    assert "Rui" in shop("draft", contact["id"]).out
    assert shop("done", contact["id"], today="2026-11-30").code == 0
    assert shop("qualify", 1, "--may-tell", "--json").json["state"] == "qualified"

    bought = shop("add-customer", "Rui Costa", "--email", "rui@costa.example", today="2026-12-03")
    assert bought.code == 0
    sold = shop("add-purchase", "rui", "--product", "Heat pump", "--amount", "3900", "--json").json
    assert sold["referrals_won"] == [1]
    (won,) = shop("referrals", "--json").json
    assert (won["state"], won["customer_id"], won["asked"]) == ("won", 2, True)
    assert shop("customer", "rui", "--json").json["referred_by"] == "Marta Oliveira"

    tell = item(shop, "tell how it went")
    told = shop("draft", tell["id"]).out
    assert ("Rui" in told, "3900" in told, "3,900" in told) == (True, False, False)
    assert shop("done", tell["id"]).code == 0
    (reward,) = shop("rewards", "--json").json
    assert shop("give", reward["id"], "--json").json[0]["state"] == "given"
    assert [(row["customer"], row["brought"], row["amount_below"]) for row in shop("network", "--json").json] == [
        ("Marta Oliveira", 1, "3900.00"), ("Rui Costa", 0, "0.00"),
    ]  # fmt: skip
    report = {row["segment"]: row for row in shop("report", "--by", "segment", "--json").json}["Guest house"]
    assert (report["asked"], report["took_part"], report["referrals"], report["won"]) == (1, 1, 1, 1)
    assert shop("check").code == 0
