"""Whoever opted out gets nothing of it: every channel and purpose, at every gate, told by a table of its own."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from conftest import TODAY, Program, Writing
from refertrack.drafts.compose import Stationery, Wish, for_customer
from refertrack.drafts.templates import list_templates
from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp
from refertrack.rules.errors import NotAllowed, RefertrackError
from refertrack.rules.smart import Smart
from refertrack.rules.words import Channel, Consent, OptOutChannel, OptOutPurpose, TouchChannel
from refertrack.store.reader import open_reader
from refertrack.store.target import Target
from refertrack.workflows import announcements, asks, customers, feedback, opt_outs, purchases, referrals, touches

# What each opt-out closes, said once more: nothing stops our own errands, only "any" the answer to a complaint.
CLOSES = {
    "service": {"service", "contact"},
    "survey": {"survey"},
    "referral": {"referral"},
    "any": {"service", "contact", "survey", "referral", "recovery"},
}
PAIRS = [(channel.value, purpose.value) for channel, purpose in product(OptOutChannel, OptOutPurpose)]
PREFERRED = ("email", "phone", "post", "meeting")


def stopped(pair: tuple[str, str], channel: str, purpose: str) -> bool:
    return pair[0] in {"any", channel} and purpose in CLOSES[pair[1]]


def come(session: Session, preferred: str, number: int) -> int:
    values = {"name": f"{preferred} {number}", "email": f"{preferred}{number}@x.example", "phone": ""}
    return customers.add(session, {**values, "preferred_channel": preferred}).customer.key


def live(session: Session, who: int, *, refuses: bool = False) -> None:
    """All that calls for something: orders, late and early deliveries, praise, complaints, a meeting, friends, news."""
    bought = purchases.NewPurchase(product="pump", ordered_on=TODAY, promised_on=TODAY + timedelta(days=9))
    purchases.add(session, who, bought)
    late = {"ordered_on": TODAY - timedelta(days=20), "promised_on": TODAY - timedelta(days=9)}
    purchases.add(session, who, purchases.NewPurchase(product="pump", delivered_on=TODAY - timedelta(days=2), **late))
    touches.record(session, who, touches.NewTouch(TouchChannel.MEETING, two_way=True))
    feedback.compliment(session, who, feedback.NewFeedback("quick and clean"))
    request = Smart("bakers", 2, "card", "", TODAY + timedelta(days=6))
    if refuses:  # not even a reason lets a request through that was refused
        with pytest.raises(NotAllowed, match="must not be asked"):
            asks.record(session, who, request, anyway="they offered")
    else:
        asks.record(session, who, request, anyway="they offered")
    for consent in (Consent.NONE, Consent.CONSENT):
        referrals.receive(session, who, referrals.NewReferral(f"Friend of {who}, {consent}", consent=consent))
    feedback.complain(session, who, feedback.NewFeedback("nobody called back", recovery=True))


def items(session: Session, who: int) -> set[tuple[str, str, str, str]]:
    """The live items of a customer, by playbook, step, channel and purpose."""
    query = select(FollowUp).where(FollowUp.customer_id == who, col(FollowUp.state).in_(["open", "held"]))
    return {(item.playbook, item.step, item.channel, item.purpose) for item in session.exec(query).all()}


@pytest.mark.parametrize("preferred", PREFERRED)
@pytest.mark.parametrize("order", ["before", "after"])
def test_no_item_is_made_or_left_that_an_opt_out_stops(write: Writing, preferred: str, order: str) -> None:
    with write() as session:
        control = come(session, preferred, 0)
        live(session, control)
        announcements.announce(session, 1, "before")
        full = items(session, control)
        assert {purpose for *_, purpose in full} == {
            "service", "survey", "referral", "contact", "recovery", "internal",
        }  # fmt: skip
        assert {preferred, "phone"} <= {channel for _, _, channel, _ in full}
        for number, pair in enumerate(PAIRS, 1):
            who = come(session, preferred, number)
            if order == "before":
                opt_outs.put(session, who, OptOutChannel(pair[0]), OptOutPurpose(pair[1]))
            live(session, who, refuses=order == "before" and stopped(pair, preferred, "referral"))
            if order == "after":
                opt_outs.put(session, who, OptOutChannel(pair[0]), OptOutPurpose(pair[1]))
        announcements.announce(session, 1, "after")
        full = items(session, control)
        for number, pair in enumerate(PAIRS, 1):
            who = session.exec(select(Customer.id).where(Customer.name == f"{preferred} {number}")).one()
            assert who is not None
            expected = {item for item in full if not stopped(pair, item[2], item[3])}
            found = items(session, who)
            assert [item for item in found if stopped(pair, item[2], item[3])] == [], pair
            # Who must not be asked is thanked for kind words instead.
            assert {item for item in found if item[:2] != ("compliment", "thanks")} == expected, pair


@pytest.mark.parametrize("preferred", PREFERRED)
def test_a_file_closes_what_it_names_and_what_is_listed_and_drafted_is_what_is_left(
    shop: Program, write: Writing, target: Target, tmp_path: Path, preferred: str
) -> None:
    with write() as session:
        people = [come(session, preferred, number) for number in range(5)]
        for who in people:
            live(session, who)
    channels = ("", *(channel.value for channel in OptOutChannel))
    rows = [f"{preferred} {n},{preferred}{n}@x.example,{channel}" for n, channel in enumerate(channels)]
    file = tmp_path / "people.csv"
    file.write_text("Name,Email,Opt\n" + "\n".join(rows), encoding="utf-8")
    line = ("import", "customers", file, "--map", "opt_out=Opt", "--json")
    assert shop(*line).json["updated"] == 4
    due = {who: shop("due", "--until", "2028-01-01", "--customer", who, "--json").json for who in people}
    full = {(row["what"], row["channel"], row["purpose"]) for row in due[people[0]]}
    for who, channel in zip(people, channels, strict=True):
        left = {item for item in full if not stopped((channel or "none", "any"), item[1], item[2])}
        assert {(row["what"], row["channel"], row["purpose"]) for row in due[who]} == left, channel
    drafted = shop("draft", "--all", "--json")
    allowed = {row["id"] for rows in due.values() for row in rows}
    assert {row["id"] for row in drafted.json} <= allowed
    gone = {item.id for item in _closed(write)}
    assert gone
    for number in sorted(gone)[:5]:
        assert shop("draft", number).code == 1
    file.write_text("Name,Email,Opt\n" + "\n".join(row.rpartition(",")[0] + "," for row in rows), encoding="utf-8")
    shop(*line)  # an import never takes an opt-out away
    again = {who: shop("due", "--until", "2028-01-01", "--customer", who, "--json").json for who in people}
    assert again == due


def _closed(write: Writing) -> list[FollowUp]:
    with write() as session:
        return list(session.exec(select(FollowUp).where(FollowUp.state == "cancelled")).all())


def test_no_letter_of_any_kind_is_drafted_past_an_opt_out(write: Writing, target: Target) -> None:
    """Every letter that there is, for all who opted out, by every channel, with a reason to write all the same."""
    with write() as session:
        who = {pair: come(session, "email", number) for number, pair in enumerate(PAIRS)}
        for pair, number in who.items():
            opt_outs.put(session, number, OptOutChannel(pair[0]), OptOutPurpose(pair[1]))
    stationery = Stationery(TODAY, {"name": "Nora", "business": "Lind"}, None)
    letters = [info for info in list_templates() if info.name == info.base and info.to != "referred"]
    assert {info.purpose for info in letters} >= {"service", "survey", "referral", "contact", "recovery", "internal"}
    wrong = []
    with open_reader(target) as reader:
        for info, (pair, number), channel in product(letters, who.items(), Channel):
            refused = False
            try:
                for_customer(reader, info.name, number, stationery, Wish(channel, {}, anyway=True))
            except NotAllowed as told:
                refused = "has opted out" in told.message
            except RefertrackError:  # a field is missing: the gate came first
                pass
            if refused != stopped(pair, channel, info.purpose):
                wrong.append((info.name, pair, channel, refused))
    assert wrong == []


def test_whoever_must_not_be_asked_is_not_ready_and_not_asked(shop: Program, write: Writing) -> None:
    with write() as session:
        who = {(pair, preferred): come(session, preferred, number)
               for number, pair in enumerate(PAIRS) for preferred in PREFERRED}  # fmt: skip
        for (pair, _), number in who.items():
            feedback.compliment(session, number, feedback.NewFeedback("well done"))
            opt_outs.put(session, number, OptOutChannel(pair[0]), OptOutPurpose(pair[1]))
    verdicts = {row["id"]: row["verdict"] for row in shop("ready", "--limit", 500, "--json").json}
    asked = ("--specific", "bakers", "--form", "card", "--by", "in 6 days", "--anyway", "they offered")
    for (pair, preferred), number in who.items():
        closed = stopped(pair, preferred, "referral")
        assert (verdicts[number] == "do not ask") == closed, (pair, preferred)
        if preferred == "phone":
            assert (shop("ask", number, *asked).code == 1) == closed, pair


def test_taking_back_what_closed_an_item_does_not_open_it_past_an_opt_out(shop: Program, write: Writing) -> None:
    with write() as session:
        who = come(session, "email", 1)
    shop("add-purchase", who, "--product", "pump", "--ordered", "2026-11-24")
    (card,) = [row["id"] for row in shop("due", "--json").json if row["what"] == "thank-you card"]
    shop("skip", card, "--reason", "wrong")
    skipped = shop("history", "--json").json[0]["id"]
    shop("opt-out", who)
    told = shop("undo", skipped)
    assert told.code == 0
    assert [row for row in shop("due", "--customer", who, "--json").json if row["id"] == card] == []
    assert shop("draft", card).code == 1
    assert shop("undo").code == 0  # and back again
    assert shop("undo", shop("history", "--command", "opt-out", "--json").json[0]["id"]).code == 0
    assert shop("check", "--json").json == []


def test_nobody_who_opted_out_is_written_to_as_somebodys_friend(shop: Program, write: Writing) -> None:
    """The person referred is a customer who wants nothing: known by address, by number, or by the referral's link."""
    with write() as session:
        friend, who = come(session, "email", 1), come(session, "email", 2)
    shop("opt-out", who)
    told = shop("refer", friend, "Two", "--email", "email2@x.example", "--consent", "consent", "--anyway", "she asked")
    assert told.code == 0, told.err
    refused = shop("draft", "contact_referred", friend, "--set", "referral.name=Two", "--set", "referral.basis=consent")
    contact = [row for row in shop("due", "--json").json if row["what"] == "contact the person referred"]
    letters = [shop("draft", row["id"]) for row in contact]
    assert [letter.code for letter in letters if letter.code == 0] == [], letters
    assert refused.code == 1, refused
