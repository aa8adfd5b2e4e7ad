"""Referrals through the command line, on both engines; every command is taken back by undo."""

from __future__ import annotations

import sys
from dataclasses import replace
from io import StringIO

import pytest

from conftest import Program
from refertrack.cli import desk as desk_module


@pytest.fixture
def marta(shop: Program) -> Program:
    """A shop with a customer who refers."""
    shop("add-customer", "Marta Oliveira", "--email", "marta@x.example", "--on", "2026-01-05")
    return shop


def state(shop: Program) -> str:
    return str(shop("referrals", "--json").json[0]["state"])


def test_each_move_says_what_follows_and_is_taken_back(marta: Program) -> None:
    assert (marta("referrals", "--json").code, marta("referrals", "--json").json) == (0, [])
    marta("refer", "marta", "Rui [red] Costa", "--email", "rui@x.example", "--relation", "neighbours")
    for words, becomes in (
        (("contacted", 1, "--consent", "introduction"), "contacted"),
        (("qualify", 1, "--consent", "consent", "--may-tell"), "qualified"),
        (("lost", 1, "--reason", "too dear"), "lost"),
        (("disqualify", 1, "--reason", "lives abroad"), "disqualified"),
        (("won", 1, "--amount", "900"), "won"),
    ):
        due = marta("due", "--json").out
        moved = marta(*words, "--json").json
        assert (moved["state"], state(marta)) == (becomes, becomes)
        assert marta("undo").code == 0
        assert (state(marta), marta("due", "--json").out) == ("received", due)
    assert "Referral 1, Rui [red] Costa: lost." in marta("lost", 1, "--reason", "x").err
    assert marta("reopen", 1, "--reason", "called back", "--json").json["state"] == "received"
    assert marta("won", 1, "--json").code == 0
    assert marta("reverse", 1, "--reason", "cancelled", "--json").json["state"] == "reversed"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("contacted", 1), 1, "neither consent nor an introduction"),
        (("lost", 1), 1, "needs a reason"),
        (("reopen", 1, "--reason", "x"), 1, "Referral 1 is received and cannot become received."),
        (("reverse", 1, "--reason", "x"), 1, "refertrack contacted 1"),
        (("won", 99), 3, "There is no referral 99."),
        (("edit-referral", 1), 2, "Nothing is said to change."),
        (("edit-referral", 1, "--email", "marta@x.example"), 1, "cannot refer themselves"),
        (("edit-referral", 1, "--email", "nonsense"), 2, "is no e-mail address"),
        (("lost", 1, "--reason", "x", "--on", "tomorrow"), 2, "has not come yet"),
        (("referrals", "--open", "--state", "won"), 2, "exclude each other"),
        (("refer", "marta", "Me", "--email", "MARTA@x.example"), 1, "cannot refer themselves"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    marta: Program, words: tuple[object, ...], code: int, says: str
) -> None:
    marta("refer", "marta", "Rui Costa")
    before = marta("history", "--json").out
    refused = marta(*words)
    assert (refused.code, says in refused.err) == (code, True), refused.err
    assert marta("history", "--json").out == before


def test_a_reason_is_asked_for_only_where_the_move_is_allowed(marta: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    marta("refer", "marta", "Rui Costa")
    marta("won", 1)
    real = desk_module.Environment.of_process
    monkeypatch.setattr(desk_module.Environment, "of_process", lambda: replace(real(), in_terminal=True))
    monkeypatch.setattr(sys, "stdin", StringIO("order [x] cancelled\n"))
    refused = marta("lost", 1)
    assert (refused.code, refused.err.splitlines()[0]) == (1, "Referral 1 is won and cannot become lost.")
    assert "Why:" in marta("reverse", 1).err
    assert marta("referrals", "--json").json[0]["reason"] == "order [x] cancelled"
    assert marta("lost", 99).code == 3


def test_at_the_win_it_is_asked_what_only_the_person_can_say(marta: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    marta("refer", "marta", "Rui Costa")
    real = desk_module.Environment.of_process
    monkeypatch.setattr(desk_module.Environment, "of_process", lambda: replace(real(), in_terminal=True))
    monkeypatch.setattr(sys, "stdin", StringIO("perhaps\nno\nyes\n"))
    won = marta("won", 1, "--json")
    assert "is neither yes nor no." in won.err
    assert (won.json["would_have_come_anyway"], won.json["may_tell_referrer"]) == (False, True)
    marta("undo")
    monkeypatch.setattr(sys, "stdin", StringIO("\n\n"))
    won = marta("won", 1, "--json").json
    assert (won["would_have_come_anyway"], won["may_tell_referrer"]) == (None, False)
    assert "cannot become won" in marta("won", 1).err  # nothing is asked for what cannot be


def test_the_way_to_a_person_ends_when_the_referral_expires_and_opens_again_with_it(marta: Program) -> None:
    def towards() -> list[tuple[str, str]]:
        rows = marta("due", "--json").json
        return [(row["what"], row["due_on"]) for row in rows if row["step"] in {"contact", "introduction"}]

    number = marta("refer", "marta", "Rui Costa", "--consent", "consent", "--json").json["next"][1]["id"]
    assert "is over on 2027-05-24" in marta("snooze", number, "2027-06-01").err
    last = marta("due", "--json", today="2027-05-23").json
    assert [row["what"] for row in last if row["step"] == "contact"] == ["contact the person referred"]
    assert marta("referrals", "--json").json[0]["state"] == "received"
    assert marta("due", "--json", today="2027-05-24").code == 0
    assert (towards(), marta("referrals", "--json").json[0]["state"]) == ([], "expired")
    refused = marta("contacted", 1)
    assert (refused.code, "refertrack reopen 1" in refused.err) == (1, True)
    reopened = marta("reopen", 1, "--reason", "she called", "--json").json
    assert (reopened["state"], towards()) == ("received", [("contact the person referred", "2027-05-24")])


def test_what_counts_by_a_reason_is_shown_in_lists_and_in_the_report(marta: Program) -> None:
    marta("add-customer", "Old [red] Friend", "--email", "old@x.example", "--on", "2026-01-05")
    marta("refer", "marta", "Old Friend", "--email", "old@x.example", "--anyway", "came back [b]")
    assert [row["override_reason"] for row in marta("referrals", "--json").json] == ["came back [b]"]
    (row,) = marta("report", "--by", "segment", "--detail", "--json").json[:1]
    assert (row["referrals"], row["overridden"]) == (1, 1)


def test_nobody_is_written_to_as_referred_without_their_leave(marta: Program) -> None:
    marta("refer", "marta", "Rui Costa", "--email", "rui@x.example")
    for kind in ("contact_referred", "introduction_email"):
        refused = marta("draft", kind, "marta")
        assert (refused.code, "Rui Costa may not be written to: no consent" in refused.err) == (1, True), refused.err
    marta("edit-referral", 1, "--consent", "introduction")
    assert "Thank you for letting Marta Oliveira introduce us." in marta("draft", "contact_referred", "marta").out
    marta("refer", "marta", "Ana Reis", "--email", "marta.o@x.example")
    marta("disqualify", 2, "--reason", "a jest")
    letter = marta("draft", "introduction_email", "marta").out  # of one who counts
    assert letter.startswith("To: Rui Costa <rui@x.example>\nSubject: Thank you for the introduction, Marta\n")
    marta("add-customer", "Rui Costa", "--email", "rui@x.example", "--prospect")
    marta("opt-out", "rui")
    assert "Rui Costa has opted out of e-mail." in marta("draft", "contact_referred", "marta").err
    assert marta("undo").code == 0
    marta("lost", 1, "--reason", "wants no more letters")
    assert marta("draft", "contact_referred", "marta").code == 1


def test_one_who_was_erased_comes_back_by_no_move(marta: Program) -> None:
    marta("refer", "marta", "Rui Costa", "--email", "rui@x.example")
    marta("add-customer", "Rui Costa", "--email", "rui@x.example", "--prospect")
    assert marta("forget-customer", "rui", "--confirm", "Rui Costa", "--yes").code == 0
    for words in (("won", 1), ("reopen", 1, "--reason", "x"), ("edit-referral", 1, "--name", "Rui")):
        refused = marta(*words)
        assert (refused.code, "the person was erased" in refused.err) == (1, True), refused.err


def test_the_list_shows_each_state_of_today_and_is_filtered(marta: Program) -> None:
    marta("add-customer", "Jo Park")
    marta("refer", "marta", "Rui Costa", "--company", "Casa Rui", "--email", "rui@x.example", "--may-tell")
    marta("refer", "jo", "Rui", "--email", "rui@x.example")
    marta("refer", "jo", "Ana Reis", "--consent", "consent")
    rows = marta("referrals", "--json").json
    assert rows[2] == {
        "id": 1, "referrer_id": 1, "referrer": "Marta Oliveira", "ask_id": None, "asked": False, "name": "Rui Costa",
        "company": "Casa Rui", "email": "rui@x.example", "phone": "", "received_on": "2026-11-24", "relation": "",
        "consent": "none", "may_tell_referrer": True, "would_have_come_anyway": None, "state": "received",
        "moved_on": "2026-11-24", "days_quiet": 0, "reason": "", "override_reason": "", "customer_id": None,
        "first_claim_id": None,
    }  # fmt: skip
    assert [(row["state"], row["first_claim_id"]) for row in rows[:2]] == [("received", None), ("disqualified", 1)]
    for words, ids in (
        (("--open",), [3, 1]), (("--referrer", "jo"), [3, 2]), (("--state", "disqualified"), [2]),
        (("--since", "tomorrow"), []), (("--limit", "1"), [3]),
    ):  # fmt: skip
        assert [row["id"] for row in marta("referrals", *words, "--json").json] == ids
    assert [row["state"] for row in marta("referrals", "--json", today="2027-06-01").json] == [
        "expired", "disqualified", "expired",
    ]  # fmt: skip
    assert marta("referrals", "--open", "--json").json == []


def test_a_purchase_that_wins_says_so_and_an_import_too(
    marta: Program, tmp_path_factory: pytest.TempPathFactory
) -> None:
    marta("refer", "marta", "Rui Costa", "--email", "rui@x.example")
    marta("refer", "marta", "Ana Reis", "--email", "ana@x.example")
    marta("add-customer", "Rui Costa", "--email", "rui@x.example")
    sold = marta("add-purchase", "rui", "--amount", "900", "--json").json
    assert sold["referrals_won"] == [1]
    file = tmp_path_factory.mktemp("files") / "orders.csv"
    file.write_text("customer,ordered_on,amount\nana@x.example,2026-11-24,500\n")
    imported = marta("import", "purchases", file, "--add-customers", "--json")
    assert imported.json["referrals_won"] == 1, imported.err
    assert [row["state"] for row in marta("referrals", "--json").json] == ["won", "won"]
    assert marta("undo").code == 0
    assert [row["state"] for row in marta("referrals", "--json").json] == ["received", "won"]


def test_consent_that_comes_later_opens_the_way(marta: Program) -> None:
    marta("refer", "marta", "Rui Costa")
    edited = marta("edit-referral", 1, "--consent", "consent", "--phone", "+351 912 345 678", "--json").json
    assert ([item["what"] for item in edited["next"]], edited["phone"]) == (
        ["contact the person referred"], "+351912345678",
    )  # fmt: skip
    assert marta("undo").code == 0
    assert [item["what"] for item in marta("due", "--json").json] == ["thank for the referral",
                                                                      "ask for an introduction"]  # fmt: skip


def test_two_who_did_not_come_and_may_not_be_named_make_one_letter(shop: Program) -> None:
    shop("add-customer", "Marta [red]", "--email", "m@example.org")
    for name, consent in (("Rui Costa", "consent"), ("Ana Reis", "consent"), ("Eva Paz", "consent")):
        shop("refer", 1, name, "--consent", consent)
    assert "tell how it went today" in shop("lost", 1, "--reason", "moves abroad").err
    assert "tell how it went" not in shop("disqualify", 2, "--reason", "lives abroad").err
    assert "tell how it went today" in shop("lost", 3, "--reason", "moves abroad", "--may-tell").err
    letters = [row for row in shop("due", "--json").json if row["what"] == "tell how it went"]
    bodies = [shop("draft", row["id"], "--json").json["body"] for row in letters]
    assert [("Rui" in body, "Ana" in body, "Eva" in body) for body in bodies] == [
        (False, False, False), (False, False, True),
    ]  # fmt: skip
    assert shop("done", letters[0]["id"]).code == 0
    shop("refer", 1, "Lin Wu")
    assert "tell how it went today" in shop("lost", 4, "--reason", "moves abroad", today="2026-12-21").err


def test_a_won_referral_is_not_corrected_into_somebody_elses(shop: Program) -> None:
    shop("add-customer", "Marta [red]", "--email", "m@example.org")
    shop("add-customer", "Jo Park", "--email", "jo@example.org")
    shop("refer", 1, "Rui Costa", "--email", "rui@example.org")
    shop("won", 1)
    shop("refer", 2, "Ana Reis", "--email", "ana@example.org")
    refused = shop("edit-referral", 1, "--email", "ana@example.org")
    assert (refused.code, refused.err) == (
        1,
        "Rui Costa is credited to referral 2: only one referrer is.\n"
        'If it is the same person: refertrack reverse 1 --reason "already referred"\n',
    )
    assert shop("edit-referral", 1, "--email", "rui@costa.example").code == 0
    assert shop("check").code == 0
