"""One unhappy and one delighted customer, from purchase to recovery and to thanks, through the command line alone."""

from __future__ import annotations

from typing import Any

from conftest import Program


def due(shop: Program, who: str, until: str, today: str) -> list[tuple[str, str]]:
    items = shop("due", "--customer", who, "--until", until, "--json", today=today).json
    return [(item["what"], item["due_on"]) for item in items]


def item(shop: Program, who: str, what: str) -> Any:
    items = shop("due", "--customer", who, "--until", "2027-06-30", "--json").json
    return next(each["id"] for each in items if each["what"] == what)


def test_an_unhappy_customer_is_heard_and_won_back(shop: Program) -> None:
    shop(
        "add-customer", "Hanna Berg", "--email", "hanna@berg.example", "--phone", "+46 8 123 45 67", today="2026-09-01"
    )
    shop("add-purchase", "hanna", "--product", "Heat pump", "--ordered", "2026-09-01", "--promised", "2026-09-21")
    shop("deliver", "hanna", today="2026-09-24")
    on_the_day = [(what, "2026-09-24") for what in ("thank-you card", "say sorry for the delay")]
    for what, day in (*on_the_day, ("arrived and works?", "2026-10-01")):
        assert shop("done", item(shop, "hanna", what), today=day).code == 0

    # The survey is sent, and answered on the phone: the service was bad.
    assert shop("done", item(shop, "hanna", "survey, under 2 minutes"), today="2026-10-26").code == 0
    answered = shop("survey", "hanna", "--service", "1", "--communication", "4", "--performance", "5",
                    "--comment", "nobody called back", "--not-recommended", "--recommend", "3", "--json",
                    today="2026-10-28").json  # fmt: skip
    assert (answered["invited_on"], answered["lowest"], answered["complaint_id"]) == ("2026-10-26", 1, 1)
    assert due(shop, "hanna", "2026-10-29", "2026-10-29") == [
        ("recovery call", "2026-10-29"),
        ("thank for the answers", "2026-10-29"),
    ]
    call = shop("draft", item(shop, "hanna", "recovery call")).out
    assert "1 out of 5 for service on 28 October" in call
    assert "nobody called back" in call
    assert shop("ask", "hanna", "--specific", "owners of guest houses").code == 1

    # The call is made, a new promise given and kept; a week later she is asked whether it is right now.
    shop("done", item(shop, "hanna", "recovery call"), "--note", "Ida calls back the same day from now on")
    assert shop("feedback", "--open", "--json").json[0]["state"] == "acknowledged"
    shop("resolve", "1", "--note", "a number of her own, answered by Ida", today="2026-11-02")
    assert due(shop, "hanna", "2026-11-09", "2026-11-09")[-1] == ("is it right now?", "2026-11-09")
    letter = shop("draft", item(shop, "hanna", "is it right now?")).out
    assert "This is what we have done since: a number of her own, answered by Ida." in letter
    again = shop("confirm", "1", "--not-ok", "still no answer on Fridays", "--json", today="2026-11-09").json
    assert [made["what"] for made in again["next"]] == ["call again: still not right"]
    shop("done", item(shop, "hanna", "call again: still not right"))
    shop("resolve", "1", "--note", "Ben takes Fridays", today="2026-11-10")
    shop("done", item(shop, "hanna", "is it right now?"), "--note", "yes, thank you", today="2026-11-17")
    (complaint,) = shop("feedback", "--json").json
    assert (complaint["state"], complaint["confirmed_on"]) == ("confirmed", "2026-11-17")

    # What was a complaint is now a reason to ask.
    ready = shop("ready", "--json").json
    assert [(row["customer"], row["verdict"]) for row in ready] == [("Hanna Berg", "ask now")]


def test_a_delighted_customer_is_thanked_and_asked(shop: Program) -> None:
    shop("add-customer", "Marta Oliveira", "--email", "marta@casadomar.example", today="2026-10-01")
    shop("add-purchase", "marta", "--product", "Heat pump", "--ordered", "2026-10-01", "--promised", "2026-10-20")
    shop("deliver", "marta", today="2026-10-16")
    shop("done", item(shop, "marta", "thank-you card"), item(shop, "marta", "arrived and works?"), today="2026-10-23")
    shop("done", item(shop, "marta", "survey, under 2 minutes"), today="2026-11-16")
    answered = shop("survey", "marta", "--service", "5", "--communication", "4", "--performance", "5",
                    "--important", "quiet nights", "--whom", "Rui Costa", "--recommend", "10", "--json",
                    today="2026-11-20").json  # fmt: skip
    assert (answered["has_recommended"], answered["complaint_id"]) == (True, None)
    assert [(made["what"], made["due_on"]) for made in answered["next"]] == [
        ("thank, and ask for a referral", "2026-11-23")  # the 21st is a Saturday
    ]
    shop("compliment", "marta", "Ida was quick and kind", "--praised", "Ida", today="2026-11-23")
    assert [row["praised"] for row in shop("today", "--json").json["praise"]] == ["Ida"]
    assert due(shop, "marta", "2026-11-23", "2026-11-23") == [
        ("thank, and ask for a referral", "2026-11-23"),
        ("thank for the compliment", "2026-11-23"),
    ]
    thanks = shop("draft", item(shop, "marta", "thank, and ask for a referral")).out
    assert "Thank you for answering our questions" in thanks or "You found kind words" in thanks
    asked = shop(
        "ask", "marta", "--specific", "owners of guest houses", "--form", "card", "--by", "in 6 days", "--json"
    )
    assert asked.json["state"] == "draft"
