"""Asking and answering through the command line, on both engines; every command is taken back by undo."""

from __future__ import annotations

import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from conftest import Program
from refertrack.cli import desk as desk_module

ASK = ("ask", "marta", "--specific", "owners of guest houses", "--by", "2026-11-30")


@pytest.fixture
def marta(shop: Program) -> Program:
    """A shop with a customer who may be asked."""
    shop("add-customer", "Marta Oliveira", "--email", "marta@x.example", "--segment", "Guest house")
    shop("add-purchase", "marta", "--ordered", "2026-11-02", "--promised", "2026-11-30", "--delivered", "2026-11-16")
    assert shop("done", shop("due", "--json").json[-1]["id"]).code == 0
    return shop


def rows(shop: Program, *words: str) -> list[Any]:
    found: list[Any] = shop(*words, "--json").json
    return found


def test_people_named_keep_the_addresses_that_follow_them(marta: Program) -> None:
    marta(*ASK)
    answered = marta(
        "answer", 1, "--named", "Rui Costa", "--named=Ana Reis", "--email", "ana@x.example", "--phone=+351 912 345 678",
        "--named", "Eva Dias <eva@x.example>", "--company", "Dias & Co", "--consent", "introduction", "--json",
    ).json  # fmt: skip
    kept = ("name", "email", "phone", "company", "consent")
    assert [[each[name] for name in kept] for each in answered["referrals"]] == [
        ["Rui Costa", "", "", "", "none"], ["Ana Reis", "ana@x.example", "+351912345678", "", "none"],
        ["Eva Dias", "eva@x.example", "", "Dias & Co", "introduction"],
    ]  # fmt: skip
    (ask,) = rows(marta, "asks")
    assert (ask["state"], ask["referrals"]) == ("named", 3)
    assert marta("undo").code == 0
    assert (rows(marta, "asks")[0]["state"], rows(marta, "asks", "--pending")[0]["id"]) == ("draft", 1)


def test_several_who_were_named_at_once_are_one_letter_of_thanks(marta: Program) -> None:
    marta(*ASK)
    marta("answer", 1, "--named", "Rui [b] Costa", "--named", "Ana Reis", "--named", "Eva Dias")
    (item,) = [row for row in marta("due", "--json").json if row["template"] == "referral_thanks"]
    assert item["because"] == "referred Rui [b] Costa; referred Ana Reis; referred Eva Dias"
    body = marta("draft", item["id"], "--json").json["body"]
    assert "Thank you for telling Rui [b] Costa, Ana Reis and Eva Dias about us." in body
    assert "I will look after them" in body
    assert marta("done", item["id"]).code == 0
    marta("refer", "marta", "Bo Ek")  # thanked already: a letter of its own
    (item,) = [row for row in marta("due", "--json").json if row["template"] == "referral_thanks"]
    assert "for telling Bo Ek about us" in marta("draft", item["id"]).out


@pytest.mark.parametrize(
    "words",
    [
        ("--email", "a@x.example", "--named", "Rui"),
        ("--named", "Rui", "--email", "a@x.example", "--email", "b@x.example"),
        ("--named", "Rui", "--no-one"),
        ("--declined",),
        ("--agreed", "--reason", "privacy"),
        ("--no-one", "--email", "a@x.example"),
        (),
        ("--declined", "--reason", "too shy"),
        ("--agreed", "--on", "2026-11-23"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_and_changes_nothing(marta: Program, words: tuple[str, ...]) -> None:
    marta(*ASK)
    before = marta("history", "--json").out
    refused = marta("answer", 1, *words)
    assert (refused.code, bool(refused.err), marta("history", "--json").out) == (2, True, before)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--count", "0"), "0 is no number that one can keep.\nAsk for 1, 2 or 3."),
        (("--count", "50"), "50 is no number that one can keep.\nAsk for 1, 2 or 3."),
        (("--count", "-1"), "-1 is no number that one can keep.\nAsk for 1, 2 or 3."),
        (("--specific", "[anyone]"), ""),
        (("--specific", "anyone"), '"anyone" brings no name to mind.\nSay a role, a trade or a situation.'),
        (("--specific", " "), "Whom should they think of?\nSay a role, a trade or a situation."),
        (("--by", "yesterday"), "2026-11-23 is no day to wait for.\nGive one from tomorrow to 2027-01-23."),
        (("--by", "today"), "2026-11-24 is no day to wait for."),
        (("--by", "2027-01-24"), "2027-01-24 is no day to wait for."),
        (("--by", "2026-02-30"), '"2026-02-30" is no date.'),
        (("--form", "telepathy"), "One of: introduction, card, linkedin, review."),
        (("--form", "review", "--incentive", "dinner"), "An online review is public: nothing may be promised for it."),
        (("--form", "linkedin", "--incentive", "dinner"), "A LinkedIn recommendation is public"),
        (("--channel", "pigeon"), '"pigeon" is no channel.'),
    ],
)
def test_a_request_that_cannot_be_is_refused_with_what_to_say_instead(
    marta: Program, options: tuple[str, ...], says: str
) -> None:
    before = marta("history", "--json").out
    refused = marta(*ASK, *options)
    if not says:  # words in brackets are words
        assert (refused.code, rows(marta, "asks")[0]["specific"]) == (0, "[anyone]")
        return
    assert (refused.code, says in refused.err) == (2, True), refused.err
    assert (marta("history", "--json").out, rows(marta, "asks")) == (before, [])


def test_each_answer_is_taken_back(marta: Program) -> None:
    marta(*ASK)
    for words, state in (
        (("--no-one",), "no_one"), (("--declined", "--reason", "privacy"), "declined"),
        (("--agreed", "--on", "friday"), "agreed"), (("--no-response",), "no_response"),
    ):  # fmt: skip
        due = marta("due", "--until", "2027-12-31", "--json").out
        assert marta("answer", 1, *words, "--json").json["state"] == state
        assert marta("undo").code == 0
        assert (rows(marta, "asks")[0]["state"], marta("due", "--until", "2027-12-31", "--json").out) == ("draft", due)


def test_time_alone_makes_no_response_and_the_customer_may_be_asked_again(marta: Program) -> None:
    item = marta(*ASK, "--json").json["next"][0]["id"]
    assert marta("done", item).code == 0
    assert [row["id"] for row in rows(marta, "asks", "--pending")] == [1]
    later = marta("asks", "--json", today="2026-12-15").json[0]
    assert (later["state"], later["sent_on"]) == ("no_response", "2026-11-24")
    assert rows(marta, "asks", "--state", "no_response")[0]["id"] == 1
    assert rows(marta, "asks", "--answered")[0]["id"] == 1
    assert marta("answer", 1, "--agreed", "--json").json["state"] == "agreed"


def test_a_request_that_was_not_sent_in_time_leaves_the_list_and_is_written_no_more(marta: Program) -> None:
    item = marta(*ASK, "--json").json["next"][0]["id"]
    (ask,) = rows(marta, "asks")
    assert (ask["state"], ask["sent_on"]) == ("draft", None)
    assert marta("draft", item).code == 0
    last = marta("due", "--json", today="2026-11-30").json
    assert [row["what"] for row in last if row["playbook"].startswith("ask")] == ["send the SMART request"]
    over = marta("due", "--json", today="2026-12-01").json
    assert [row["what"] for row in over if row["playbook"].startswith("ask")] == []
    for words, says in ((("draft", item), "is over since 2026-12-01"), (("done", item), "that day is over")):
        refused = marta(*words)
        assert (refused.code, says in refused.err) == (1, True), refused.err
    (ask,) = rows(marta, "asks")
    assert (ask["state"], ask["sent_on"]) == ("cancelled", None)
    assert rows(marta, "ready")[0]["verdict"] == "ask now"
    assert marta("done", item, "--on", "2026-11-25").code == 0
    assert (rows(marta, "asks")[0]["sent_on"], rows(marta, "asks")[0]["state"]) == ("2026-11-25", "sent")
    assert [row["due_on"] for row in marta("due", "--json").json if row["playbook"] == "ask_due"] == ["2026-11-30"]
    assert marta("undo").code == 0
    assert rows(marta, "asks")[0]["sent_on"] is None


def test_the_points_are_settings_and_the_score_is_their_sum(
    marta: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    marta("compliment", "marta", "so quiet")
    assert marta("config", "set", "weights.compliment", "50").code == 0
    (found,) = marta("ready", "--why", "--json").json
    points = [int(words.rpartition("(+")[2].rstrip(")")) for words in found["signs"]]
    assert (max(points), sum(points)) == (50, found["score"])
    for key, value in (("weights.smile", "5"), ("weights.compliment", "many"), ("weights.compliment", "101")):
        assert marta("config", "set", key, value).code == 2
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho \'"smile" = 1\' > "$1"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    monkeypatch.delenv("VISUAL", raising=False)
    refused = marta("config", "edit", "weights")
    assert (refused.code, "what you typed is kept: refertrack config set weights.KEY VALUE" in refused.err) == (2, True)
    assert marta("ready", "--json").json[0]["score"] == found["score"]


def test_a_reason_to_ask_all_the_same_is_kept_and_shown(shop: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    shop("add-customer", "Jo [red] Park")
    refused = shop("ask", "jo", "--specific", "shop owners")
    assert (refused.code, "should not be asked yet: sees you only when you sell" in refused.err) == (1, True)
    asked = shop("ask", "jo", "--specific", "shop owners", "--anyway", "offered [it]", "--json").json
    assert (asked["anyway_reason"], asked["realistic"]) == ("offered [it]", "offered [it]")
    real = desk_module.Environment.of_process
    monkeypatch.setattr(desk_module.Environment, "of_process", lambda: replace(real(), out_terminal=True))
    assert "all the same: offered [it]" in shop("asks").out


def test_asks_are_filtered(marta: Program) -> None:
    marta(*ASK)
    assert len(rows(marta, "asks", "--customer", "marta", "--segment", "Guest house", "--since", "today")) == 1
    for words in (("--segment", "Retail"), ("--since", "tomorrow"), ("--state", "named")):
        empty = marta("asks", *words, "--json")
        assert (empty.code, empty.json) == (0, [])
    assert marta("asks", "--pending", "--answered").code == 2


def test_reasons_through_the_command_line(marta: Program) -> None:
    assert rows(marta, "reasons")[0] == {
        "code": "not_asked_before", "words": "not asked before", "given": 0, "customers": 0, "last_on": None,
    }  # fmt: skip
    assert marta("reasons", "--add", "too_busy", "has no time", "--json").json["code"] == "too_busy"
    marta(*ASK)
    marta("answer", 1, "--declined", "--reason", "has no time")
    assert rows(marta, "reasons")[0] == {
        "code": "too_busy", "words": "has no time", "given": 1, "customers": 1, "last_on": "2026-11-24",
    }  # fmt: skip
    assert marta("reasons", "--merge", "too_busy", "unclear", "--json").json["asks"] == 1
    assert rows(marta, "reasons")[0]["code"] == "unclear"
    assert marta("undo").code == 0
    assert rows(marta, "reasons")[0]["code"] == "too_busy"
    for words in (("--add", "x"), ("--merge", "a"), ("too_busy",), ("--add", "--merge", "a", "b")):
        assert marta("reasons", *words).code == 2
    assert marta("reasons", "--remove", "too_busy").code == 1
    assert marta("reasons", "--remove", "competitor", "--json").json["code"] == "competitor"


def test_a_recommendation_is_kept_apart_from_referrals(marta: Program) -> None:
    told = marta("recommended", "marta", "--whom", "her [red] sister", "--on", "yesterday", "--json").json
    assert told == {
        "id": 1, "customer_id": 1, "customer": "Marta Oliveira", "told_on": "2026-11-23", "whom": "her [red] sister",
        "source": "word", "ask_id": None, "ask_state": None,
    }  # fmt: skip
    assert "says they recommended you to her [red] sister" in marta("recommended", "marta", "--whom",
                                                                    "her [red] sister").err  # fmt: skip
    assert marta("recommended", "marta", "--on", "tomorrow").code == 2
    assert marta("undo").code == 0


def test_the_letters_are_asked_for_until_they_are_right(marta: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    real = desk_module.Environment.of_process
    monkeypatch.setattr(desk_module.Environment, "of_process", lambda: replace(real(), in_terminal=True))
    monkeypatch.setattr(sys, "stdin", StringIO("anyone\nowners of guest houses\n50\n2\n\nyesterday\n\n"))
    asked = marta("ask", "marta", "--json")
    assert asked.code == 0, asked.err
    letters = ("specific", "measurable", "attainable", "time_specific")
    assert [asked.json[name] for name in letters] == ["owners of guest houses", 2, "card", "2026-12-01"]
    for words in (
        '"anyone" brings no name to mind. Say a role, a trade or a situation.',
        "50 is no number that one can keep. Ask for 1, 2 or 3.",
        "2026-11-23 is no day to wait for.",
    ):
        assert words in asked.err


@pytest.mark.parametrize(
    ("typed", "state", "kept"),
    [
        ("what\nnamed\nRui [b] Costa\nno address\nrui@x.example\nAna\n\n\n", "named",
         [("Rui [b] Costa", "rui@x.example"), ("Ana", "")]),
        ("agreed\nperhaps\nfriday\n", "agreed", "2026-11-27"),
        ("no one\n", "no_one", "no one in mind"),
        ("declined\nshy\nother\n[says] it is private\n", "declined", "[says] it is private"),
        ("nothing\n", "no_response", ""),
    ],
)  # fmt: skip
def test_the_answer_is_asked_for(
    marta: Program, monkeypatch: pytest.MonkeyPatch, typed: str, state: str, kept: object
) -> None:
    marta(*ASK)
    real = desk_module.Environment.of_process
    monkeypatch.setattr(desk_module.Environment, "of_process", lambda: replace(real(), in_terminal=True))
    monkeypatch.setattr(sys, "stdin", StringIO(typed))
    answered = marta("answer", 1, "--json")
    assert answered.code == 0, answered.err
    found = answered.json
    people = [(each["name"], each["email"]) for each in found["referrals"]]
    assert (found["state"], people or found["promised_on"] or found["reason"]) == (state, kept)
    asked_before = marta("answer", 9)
    assert (asked_before.code, "There is no ask 9." in asked_before.err) == (3, True)
    if state not in {"named", "agreed", "no_response"}:
        assert marta("answer", 1).code == 1  # nothing is asked for what cannot be
    monkeypatch.setattr(sys, "stdin", StringIO("privacy\n"))
    assert (marta("undo").code, marta("answer", 1, "--declined", "--json").json["reason"]) == (0, "privacy")


def test_what_was_answered_with_names_is_the_next_default(marta: Program) -> None:
    assert marta("ask", "marta").code == 2  # nothing is known: say whom
    marta(*ASK)
    marta("answer", 1, "--named", "Rui")
    marta("add-customer", "Jo Park", "--segment", "Guest house")
    asked = marta("ask", "jo", "--anyway", "she offered it", "--json").json
    assert (asked["specific"], asked["anyway_reason"]) == ("owners of guest houses", "she offered it")
