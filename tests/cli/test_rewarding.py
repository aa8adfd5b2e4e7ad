"""Rewards and incentives through the command line, on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Program

REWARD_KEYS = [
    "id", "customer_id", "customer", "words", "amount", "currency", "state", "accrued_on", "hold_until", "valid_until",
    "approved_on", "given_on", "ended_on", "reason", "referral_id", "referred", "beneficiary", "rule", "kind", "line",
    "approval",
]  # fmt: skip


def test_a_thank_you_from_the_rule_to_the_dinner(shop: Program) -> None:
    shop("add-customer", "Marta Oliveira", "--email", "marta@casa.example")
    told = shop(
        "set-incentive", "thanks", "--gives", "dinner for two", "--cost", "60", "--hold", "30", "--per-year", "2"
    )
    assert told.err.startswith(
        "thanks: When a referral is won, the referrer gets dinner for two"
        " (costs 60.00 EUR; held for 30 days; at most 2 in a year)."
    )
    shop("refer", "marta", "Rui Costa", "--email", "rui@x.example")
    won = shop("won", 1)
    assert 'Marta Oliveira gets "dinner for two" on 2026-12-24 (reward 1), as your rule says.' in won.err
    letter = shop("draft", "7").out
    assert "dinner for two is waiting for you from 24 December" in letter
    (row,) = shop("rewards", "--json").json
    assert list(row) == REWARD_KEYS
    assert (row["state"], row["amount"], row["hold_until"]) == ("held", "60.00", "2026-12-24")
    assert shop("rewards", "--owed", "--json").json == [{"currency": "EUR", "rewards": 1, "amount": "60.00"}]
    assert shop("give", 1).code == 1
    due = shop("due", "--json", today="2026-12-24").json
    assert [item["what"] for item in due if item["playbook"] == "reward"] == ["give the thank-you"]
    assert "our thank-you: dinner for two" in shop("draft", due[-1]["id"]).out.replace("\n", " ")
    given = shop("give", 1, "--json").json
    assert [(each["state"], each["given_on"]) for each in given] == [("given", "2026-12-24")]
    assert shop("rewards", "--state", "open", "--json").json == []
    assert shop("undo").code == 0
    assert [row["state"] for row in shop("rewards", "--json").json] == ["accrued"]
    assert [item["playbook"] for item in shop("due", "--json").json][-1:] == ["reward"]


def test_approval_refusal_and_filters(shop: Program) -> None:
    shop("add-customer", "Marta Oliveira")
    shop("add-customer", "Jo Park")
    shop("set-incentive", "thanks", "--amount", "50", "--approval")
    for who, name in (("marta", "Rui Costa"), ("jo", "Lin Wu")):
        shop("refer", who, name)
    shop("won", 1), shop("won", 2)
    assert shop("give", 1).err.splitlines() == ["Reward 1 is not approved yet.", "Approve it: refertrack approve 1"]
    assert shop("approve", 1).err.startswith("Approved: 50.00 EUR for Marta Oliveira (1).")
    assert shop("approve", 2, "--refuse", "a test").code == 0
    assert [row["id"] for row in shop("rewards", "--state", "approved", "--json").json] == [1]
    assert [row["reason"] for row in shop("rewards", "--customer", "jo", "--json").json] == ["a test"]
    assert shop("rewards", "--since", "2026-11-25", "--json").json == []
    assert shop("rewards", "--state", "rich").code == 2
    assert shop("give", 9).code == 3
    assert shop("give", 1, 9).code == 3
    assert [row["state"] for row in shop("rewards", "--json", "--limit", "1").json] == ["voided"]


def test_a_first_purchase_from_a_file_earns_what_has_waited_for_it(shop: Program, tmp_path: Path) -> None:
    shop("add-customer", "Marta Oliveira")
    shop("set-incentive", "thanks", "--percent", "5", "--minimum", "100")
    shop("refer", "marta", "Rui Costa", "--email", "rui@x.example")
    shop("won", 1)
    assert shop("rewards", "--json").json == []
    file = tmp_path / "orders.csv"
    file.write_text("id,customer,ordered_on,amount\nO1,rui@x.example,2026-11-24,4000\n")
    assert shop("import", "purchases", file, "--json").json["follow_ups"] == 2  # the card, and the thank-you
    assert [row["amount"] for row in shop("rewards", "--json").json] == ["200.00"]
    shop("import", "purchases", file)
    assert len(shop("rewards", "--json").json) == 1
    assert shop("undo").code == 0


def test_a_sale_that_comes_to_nothing_names_the_referral_that_brought_it(shop: Program) -> None:
    shop("add-customer", "Marta Oliveira")
    shop("refer", "marta", "Rui Costa", "--email", "rui@x.example")
    shop("won", 1, "--amount", "900")
    shop("add-purchase", "rui", "--amount", "100")
    first = shop("return-purchase", "rui", "--purchase", "1", "--json").json
    assert first["referral_to_reverse"] is None  # something else is left
    ended = shop("return-purchase", "rui")
    assert 'Referral 1 brought them: if that is over, too: refertrack reverse 1 --reason "…"' in ended.err
    assert shop("reverse", 1, "--reason", "cancelled").code == 0
    assert [row["state"] for row in shop("rewards", "--json").json] == ["voided"]


def test_what_the_referrer_is_told_gives_no_purchase_away(shop: Program) -> None:
    shop("add-customer", "Marta Oliveira")
    shop("set-incentive", "thanks", "--percent", "5")
    shop("refer", "marta", "Rui Costa")
    item = shop("won", 1, "--amount", "4200", "--may-tell", "--json").json["next"][0]
    told = shop("draft", item["id"]).out
    assert (item["what"], "your share is waiting for you" in told) == ("tell how it went", True)
    assert [words for words in ("210", "4200", "4,200", "EUR") if words in told] == []


def test_what_comes_back_is_not_said_to_be_earned(shop: Program) -> None:
    shop("add-customer", "Marta [red]")
    shop("refer", "marta", "Rui Costa")
    shop("won", 1), shop("give", 1)
    told = shop("reverse", 1, "--reason", "cancelled").err.splitlines()[0]
    assert told == 'Referral 1, Rui Costa: reversed. "a small present" for Marta [red] is to come back (reward 2).'


def test_rules_are_printed_checked_taken_in_and_put_back(shop: Program, tmp_path: Path) -> None:
    (shipped,) = shop("incentives", "--json").json
    assert (shipped["name"], shipped["kind"], shipped["hold_days"], shipped["approval"]) == (
        "thanks", "in_kind", 0, False,
    )  # fmt: skip
    path = tmp_path / "rules.toml"
    assert shop("incentives", "--export", path).code == 0
    assert shop("incentives", "--export", path).code == 1
    path.write_text(path.read_text() + '\n[cash]\nkind = "flat"\nvalue = 50\nhold_days = 14\n')
    assert shop("incentives", "--check", path).code == 0
    assert shop("incentives", "--import", path).code == 0
    assert [row["name"] for row in shop("incentives", "--json").json] == ["thanks", "cash"]
    path.write_text('[cash]\nkind = "flat"\nvalue = "a lot"\n')
    bad = shop("incentives", "--import", path)
    assert (bad.code, "[cash] has value = 'a lot'" in bad.err) == (2, True)
    assert shop("incentives", "--reset", "--yes").code == 0
    assert [row["name"] for row in shop("incentives", "--json").json] == ["thanks"]
    assert shop("undo").code == 0
    assert [row["name"] for row in shop("incentives", "--json").json] == ["thanks", "cash"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "Nothing was said"),
        (["--gives", "dinner", "--amount", "5"], "Say one thing"),
        (["--amount", "lots"], "amount"),
        (["--percent", "101"], "percentage"),
        (["--amount", "5", "--currency", "QQQ"], "currency"),
        (["--when", "received", "--to", "referred"], "before the referral is won"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(file_shop: Program, options: list[str], words: str) -> None:
    result = file_shop("set-incentive", "thanks", *options)
    assert (result.code, words in result.err) == (2, True), result.err
    assert file_shop("history", "--json").json == []


def test_an_earned_reward_keeps_the_rule_that_it_was_earned_by(file_shop: Program) -> None:
    file_shop("add-customer", "Marta Oliveira")
    file_shop("refer", "marta", "Rui Costa")
    file_shop("won", 1)
    file_shop("set-incentive", "thanks", "--amount", "50", "--approval")
    assert file_shop("give", 1).err.startswith("Given: a small present for Marta Oliveira (1).")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (("--percent", "5"), "Marta [red] gets 5 % of the first purchase once it is on record:"),
        (
            ("--gives", "dinner", "--minimum", "100"),
            "Marta [red] gets dinner once a first purchase of 100.00 EUR or more is on record:",
        ),
        (("--percent", "5", "--to", "referred"), "Rui Costa gets 5 % of the first purchase once it is on record:"),
    ],
)
def test_a_win_says_what_waits_for_a_first_purchase(shop: Program, rule: tuple[str, ...], words: str) -> None:
    shop("add-customer", "Marta [red]")
    assert shop("set-incentive", "thanks", *rule).code == 0
    shop("refer", 1, "Rui Costa")
    told = shop("won", 1)
    assert f"{words} refertrack add-purchase 2 --amount MONEY" in told.err
    assert shop("undo").code == 0
    won = shop("won", 1, "--product", "Heat pump", "--json").json
    assert won["unearned"] == ["thanks: it waits for the first purchase"]
    assert shop("rewards", "--json").json == []
    assert shop("add-purchase", won["customer_id"], "--amount", "200").code == 0
    assert len(shop("rewards", "--json").json) == 1
    shop("refer", 1, "Ana Reis")
    assert "once" not in shop("won", 2, "--amount", "300").err


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (("--percent", "5", "--currency", "SEK"), "the first purchase is in EUR, the rule in SEK"),
        (("--gives", "dinner", "--minimum", "500"), "the first purchase is under 500.00 EUR"),
        (("--gives", "dinner", "--per-year", "1"), "at most 1 in a year, and 1 were earned"),
        (("--gives", "dinner", "--from", "3"), ""),
        (("--gives", "dinner", "--off"), ""),
    ],
)
def test_a_win_says_why_it_earns_nothing(shop: Program, rule: tuple[str, ...], words: str) -> None:
    shop("add-customer", "Marta [red]")
    shop("refer", 1, "Rui Costa")
    shop("won", 1, "--amount", "300")
    assert shop("set-incentive", "thanks", *rule).code == 0
    shop("refer", 1, "Ana Reis")
    told = shop("won", 2, "--amount", "300").err
    assert ('Marta [red] gets nothing by your rule "thanks": ' in told) == bool(words)
    assert words in told
    assert len(shop("rewards", "--json").json) == 1
