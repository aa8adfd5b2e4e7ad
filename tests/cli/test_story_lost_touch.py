"""Two customers whom nobody spoke with: one comes back through five steps, the other is left in peace."""

from __future__ import annotations

from typing import Any

from conftest import Program


def due(shop: Program, today: str) -> list[tuple[int, str]]:
    return [(item["id"], item["what"]) for item in shop("due", "--json", today=today).json]


def next_item(shop: Program, today: str, what: str) -> int:
    (found,) = [number for number, words in due(shop, today) if words.startswith(what)]
    return found


def card(shop: Program, today: str) -> Any:
    return shop("customer", "1", "--json", today=today).json


def test_from_two_hundred_days_of_silence_to_a_request(shop: Program) -> None:
    shop("add-customer", "Old Mill Hotel", "--email", "mill@mill.example", today="2026-01-05")
    assert due(shop, "2026-04-06") == [(1, "keep in touch")]  # ninety days later, after the weekend
    assert due(shop, "2026-07-24") == [(2, "lost touch, step 1")]  # day 200; keep in touch has ended

    item = next_item(shop, "2026-07-24", "lost touch, step 1")
    done = shop("done", item, "--note", "glad that I called", today="2026-07-24")
    assert "Next: lost touch, step 2: sum up on Wed 2026-07-29" in done.err
    assert due(shop, "2026-07-28") == []
    for today, step in (("2026-07-29", "2"), ("2026-08-03", "3"), ("2026-08-06", "4")):
        item = next_item(shop, today, f"lost touch, step {step}")
        assert shop("done", item, "--note", "ok", today=today).code == 0
    noted = shop("add-opportunity", "mill", "--issue", "cold rooms", "--impact", "guests leave", "--importance", "5",
                 "--value", "4200", today="2026-08-03")  # fmt: skip
    assert noted.err.startswith("Noted: opportunity 1 for Old Mill Hotel, importance 5.")

    item = next_item(shop, "2026-08-11", "lost touch, step 5")
    early = shop("done", item, today="2026-08-11")
    assert (early.code, "The request is not recorded yet." in early.err) == (1, True)
    asked = shop("ask", "mill", "--specific", "owners of guest houses", "--count", "2", "--form", "card",
                 "--by", "2026-08-20", today="2026-08-11")  # fmt: skip
    assert asked.code == 0, asked.err
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
