"""Two customers whom nobody spoke with: one comes back through five steps, the other is left in peace."""

from __future__ import annotations

from typing import Any

from conftest import Program


def due(shop: Program, today: str) -> list[tuple[int, str]]:
    return [(item["id"], item["what"]) for item in shop("due", "--json", today=today).json]


def next_item(shop: Program, today: str, what: str) -> int:
    (found,) = [number for number, words in due(shop, today) if words.startswith(what)]
    return found


def letter(shop: Program, item: int) -> str:
    drafted = shop("draft", item)
    assert drafted.code == 0, drafted.err
    return drafted.out


def card(shop: Program, today: str) -> Any:
    return shop("customer", "1", "--json", today=today).json


def test_from_two_hundred_days_of_silence_to_a_request(shop: Program) -> None:
    shop("config", "set", "sender", "Nora Lind")
    shop("config", "set", "sender_phone", "+46 8 123 45 67")
    shop("add-customer", "Old Mill Hotel", "--email", "mill@mill.example", today="2026-01-05")
    assert due(shop, "2026-04-06") == [(1, "keep in touch")]  # ninety days later, after the weekend
    assert due(shop, "2026-07-24") == [(2, "lost touch, step 1")]  # day 200; keep in touch has ended

    # 1: the silence was ours, and nothing is sold.
    item = next_item(shop, "2026-07-24", "lost touch, step 1")
    first = letter(shop, item)
    assert "That is my fault, not yours." in first
    shop("config", "set", "selling_words", "trust*, price")
    refused = shop("draft", item)
    assert (refused.code, "must not sell anything, and says “trust”" in refused.err) == (1, True)
    shop("config", "unset", "selling_words")
    done = shop("done", item, "--note", "glad that I called; the [red]annexe[/] opens in May", today="2026-07-24")
    assert "Next: lost touch, step 2: sum up on Wed 2026-07-29" in done.err
    assert due(shop, "2026-07-28") == []

    # 2: what they shared, how to reach us, and when we are in touch again.
    item = next_item(shop, "2026-07-29", "lost touch, step 2")
    second = letter(shop, item)
    assert "- glad that I called\n- the [red]annexe[/] opens in May\n" in second
    assert "Nora Lind · +46 8 123 45 67" in second
    assert "I will be in touch again on Thursday 22 October." in second
    assert shop("done", item, today="2026-07-29").code == 0

    # 3: issue, impact, importance.
    item = next_item(shop, "2026-08-03", "lost touch, step 3")
    assert "- The importance: from 0 to 5" in letter(shop, item)
    noted = shop("add-opportunity", "mill", "--issue", "cold rooms", "--impact", "guests leave", "--importance", "5",
                 "--value", "4200", "--currency", "sek")  # fmt: skip
    assert noted.err.startswith("Noted: opportunity 1 for Old Mill Hotel, importance 5.")
    assert [(row["issue"], row["value"], row["currency"]) for row in shop("opportunities", "--json").json] == [
        ("cold rooms", "4200.00", "SEK")
    ]
    assert "“cold rooms.” And what it costs you: “guests leave.”" in letter(shop, item)
    assert shop("done", item, "--note", "they want a quote in May").code == 0

    # 4: something that somebody did right.
    item = next_item(shop, "2026-08-06", "lost touch, step 4")
    empty = shop("draft", item)
    assert (empty.code, 'refertrack remarkable "…" --customer 1' in empty.err) == (1, True)
    shop("remarkable", "The night porter fetched a guest", "--customer", "1", "--praised", "Ana Reis")
    assert "It was Ana Reis who did it, and it did not go unseen." in letter(shop, item)
    assert shop("done", item).code == 0

    # 5: the SMART request.
    item = next_item(shop, "2026-08-11", "lost touch, step 5")
    early = shop("done", item, today="2026-08-11")
    assert (early.code, "The request is not recorded yet." in early.err) == (1, True)
    assert [(row["customer"], row["verdict"]) for row in shop("ready", "--json").json] == [
        ("Old Mill Hotel", "ask now")
    ]
    asked = shop("ask", "mill", "--specific", "owners of guest houses", "--count", "2", "--form", "card",
                 "--by", "2026-08-20", today="2026-08-11")  # fmt: skip
    assert asked.code == 0, asked.err
    last = letter(shop, item)
    assert "I am looking for owners of guest houses. Who comes to mind? Two people are plenty." in last
    assert "by Thursday 20 August" in last
    assert shop("done", item, today="2026-08-11").code == 0
    assert [ask["state"] for ask in shop("asks", "--json", today="2026-08-11").json] == ["sent"]
    assert due(shop, "2026-08-12") == []
    # Step 3 was a talk: everything counts from there again.
    assert [(each["what"], each["due_on"]) for each in card(shop, "2026-08-12")["due"]][-2:] == [
        ("keep in touch", "2026-11-02"), ("lost touch, step 1", "2027-02-01"),
    ]  # fmt: skip


def test_three_attempts_without_an_answer_and_then_peace(shop: Program) -> None:
    shop("add-customer", "Old Mill Hotel", "--phone", "+46812345678", today="2026-01-05")
    for today, after in (("2026-07-24", "2026-08-07"), ("2026-08-07", "2026-08-21")):
        item = next_item(shop, today, "lost touch, step 1")
        tried = shop("done", item, "--attempt", "--note", "no answer", "--json", today=today).json[0]
        assert (tried["state"], tried["due_on"]) == ("open", after)
        assert due(shop, today) == []
    last = shop("done", next_item(shop, "2026-08-21", "lost touch, step 1"), "--attempt", today="2026-08-21")
    assert "3 attempts without an answer" in last.err
    assert card(shop, "2026-08-21")["status"] == "dormant"
    assert due(shop, "2027-02-16") == []
    assert [what for _, what in due(shop, "2027-02-17")] == ["lost touch, step 1"]  # 180 days later

    shop("log", "mill", "they called back", "--call", "--in", today="2026-10-01")
    assert card(shop, "2026-10-01")["status"] == "active"
    assert due(shop, "2026-12-30") == [(due(shop, "2026-12-30")[0][0], "keep in touch")]
    assert shop("undo", today="2026-10-02").code == 0
    assert card(shop, "2026-10-02")["status"] == "dormant"
    assert shop("check").code == 0


def test_an_open_complaint_stops_at_step_two_until_it_is_put_right(shop: Program) -> None:
    shop("add-customer", "Old Mill Hotel", "--phone", "+46812345678", today="2026-01-05")
    shop("done", next_item(shop, "2026-07-24", "lost touch, step 1"), today="2026-07-24")
    shop("complain", "mill", "it leaks", today="2026-07-24")
    shop("done", next_item(shop, "2026-07-29", "lost touch, step 2"), today="2026-07-29")
    assert not [what for _, what in due(shop, "2026-08-03") if what.startswith("lost touch")]
    shop("resolve", "1", "--note", "sealed it", today="2026-08-03")
    assert "lost touch, step 3: diagnose" in [what for _, what in due(shop, "2026-08-10")]
