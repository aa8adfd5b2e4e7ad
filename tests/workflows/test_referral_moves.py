"""Referrals from the day they are received to their end, on both engines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from conftest import TODAY, Writing
from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp
from refertrack.models.referrals import Referral, ReferralEvent
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.money import Money
from refertrack.rules.words import Consent, ReferralState
from refertrack.workflows import customers, purchases, referrals
from refertrack.workflows.consequences import complete
from refertrack.workflows.referred import Edit, NewReferral, edit

RUI = NewReferral("Rui Costa", email="rui@x.example")


def customer(session: Session, name: str, **values: Any) -> Customer:
    email = f"{name.split(maxsplit=1)[0].lower()}@x.example"
    known = {"name": name, "email": email, "joined_on": TODAY - timedelta(days=400), **values}
    return customers.add(session, known, prospect=False).customer


def live(session: Session) -> list[tuple[str, str]]:
    hangs = col(FollowUp.playbook).not_in(["keep_in_touch", "lost_touch"])
    query = select(FollowUp).where(col(FollowUp.state).in_(["open", "held"]), hangs).order_by(col(FollowUp.id))
    return [(item.step, item.because) for item in session.exec(query).all()]


def events(session: Session, number: int) -> list[tuple[str, str]]:
    query = select(ReferralEvent).where(ReferralEvent.referral_id == number).order_by(col(ReferralEvent.id))
    return [(event.from_state, event.to_state) for event in session.exec(query).all()]


def test_the_way_to_the_person_is_by_introduction_until_they_consent(write: Writing) -> None:
    with write() as session:
        marta = customer(session, "Marta Oliveira").key
        number = referrals.receive(session, marta, RUI).referral.key
        assert [step for step, _ in live(session)] == ["thanks", "introduction"]
        with pytest.raises(NotAllowed, match="neither consent nor an introduction"):
            referrals.move(session, number, ReferralState.CONTACTED)
        edit(session, number, Edit(consent=Consent.CONSENT))
        assert [step for step, _ in live(session)] == ["thanks", "contact"]
        edit(session, number, Edit(consent=Consent.NONE))
        assert [step for step, _ in live(session)] == ["thanks", "introduction"]
        moved = referrals.move(session, number, ReferralState.CONTACTED, consent=Consent.INTRODUCTION)
        assert (moved.referral.consent, [step for step, _ in live(session)]) == ("introduction", ["thanks"])
        with pytest.raises(NotAllowed, match="cannot be taken back"):
            edit(session, number, Edit(consent=Consent.NONE))


def test_contacting_by_the_list_moves_the_referral(write: Writing) -> None:
    with write() as session:
        marta = customer(session, "Marta Oliveira").key
        moved = referrals.receive(session, marta, NewReferral("Rui", consent=Consent.CONSENT))
        complete(session, next(made.id for made in moved.scheduled.made if made.what == "contact the person referred"))
        assert moved.referral.state == "contacted"


def test_the_first_claim_is_credited_and_a_later_one_is_kept_with_a_link(write: Writing) -> None:
    with write() as session:
        marta, jo = customer(session, "Marta Oliveira").key, customer(session, "Jo Park").key
        first = referrals.receive(session, marta, RUI).referral
        later = referrals.receive(session, jo, NewReferral("R. Costa", email="RUI@x.example"))
        assert (later.referral.state, later.referral.reason, later.referral.first_claim_id) == (
            "disqualified", "already referred", first.key,
        )  # fmt: skip
        assert [made.what for made in later.scheduled.made] == ["thank for the referral"]  # whoever refers is thanked
        twice = referrals.receive(session, marta, RUI)
        assert (twice.referral.state, twice.scheduled.made) == ("disqualified", [])
        with pytest.raises(NotAllowed, match="only one referrer is"):
            referrals.move(session, later.referral.key, ReferralState.RECEIVED, reason="she insists")
        other = referrals.receive(session, jo, NewReferral("Nobody known")).referral
        with pytest.raises(NotAllowed, match="only one referrer is"):
            edit(session, other.key, Edit(email="rui@x.example"))


def test_an_override_gives_the_credit_to_another_and_says_why(write: Writing) -> None:
    with write() as session:
        marta, jo = customer(session, "Marta Oliveira").key, customer(session, "Jo Park").key
        first = referrals.receive(session, marta, RUI).referral
        later = referrals.receive(session, jo, NewReferral("Rui", email="rui@x.example", override="he names Jo"))
        assert (later.referral.state, later.referral.override_reason) == ("received", "he names Jo")
        assert (first.state, first.reason, first.first_claim_id) == (
            "disqualified", f"credited to referral {later.referral.key}", later.referral.key,
        )  # fmt: skip
        assert all(step != "tell" for step, _ in live(session))
        referrals.win(session, later.referral.key)
        with pytest.raises(NotAllowed, match="has won Rui already"):
            referrals.receive(session, marta, NewReferral("Rui", email="rui@x.example", override="I was first"))


@pytest.mark.parametrize(
    ("days", "state"), [(180, "disqualified"), (181, "received")], ids=["still open", "expired by itself"]
)
def test_a_claim_that_has_expired_makes_room(write: Writing, days: int, state: str) -> None:
    with write(today=TODAY - timedelta(days=days)) as session:
        marta, jo = (customer(session, name, joined_on=date(2020, 1, 1)).key for name in ("Marta O", "Jo Park"))
        first = referrals.receive(session, marta, RUI).referral.key
    with write() as session:
        later = referrals.receive(session, jo, RUI).referral
        assert later.state == state
        if state == "received":
            with pytest.raises(NotAllowed, match="credited to referral"):
                referrals.win(session, first)


def test_one_who_was_a_customer_is_not_brought(write: Writing) -> None:
    with write() as session:
        marta, rui = customer(session, "Marta Oliveira").key, customer(session, "Rui Costa")
        moved = referrals.receive(session, marta, RUI)
        assert (moved.referral.state, moved.referral.reason) == ("disqualified", "existing customer")
        number = referrals.receive(session, marta, NewReferral("Rui Costa")).referral.key  # nothing to know him by
        with pytest.raises(NotAllowed, match="was a customer since"):
            referrals.win(session, number, customer_id=rui.key)
        won = referrals.win(session, number, customer_id=rui.key, override="he had left us")
        assert (won.referral.customer_id, won.referral.override_reason) == (rui.key, "he had left us")


def test_nobody_refers_themselves_nor_in_a_circle(write: Writing) -> None:
    with write() as session:
        marta = customer(session, "Marta Oliveira", phone="+4681234567")
        for new in (NewReferral("Me", email="marta@x.example"), NewReferral("Me", phone="+46 8 123 45 67")):
            with pytest.raises(NotAllowed, match="cannot refer themselves"):
                referrals.receive(session, marta.key, new)
        number = referrals.receive(session, marta.key, NewReferral("Somebody")).referral.key
        with pytest.raises(NotAllowed, match="cannot refer themselves"):
            referrals.win(session, number, customer_id=marta.key)
        rui = referrals.win(session, referrals.receive(session, marta.key, RUI).referral.key).customer
        assert rui is not None
        ana = referrals.win(session, referrals.receive(session, rui.key, NewReferral("Ana")).referral.key).customer
        assert ana is not None
        back = referrals.receive(session, ana.key, NewReferral("M. Oliveira")).referral.key
        with pytest.raises(NotAllowed, match="close a circle"):
            referrals.win(session, back, customer_id=marta.key)


def test_families_and_colleagues_are_only_worth_a_look(write: Writing) -> None:
    with write() as session:
        hanna = customer(session, "Hanna Berg", company="Berg Print").key
        moved = referrals.receive(session, hanna, NewReferral("Otto Berg", company="BERG print"))
    assert (moved.referral.state, moved.warnings) == ("received", ("both are called Berg", "both are with Berg Print"))


def test_each_end_tells_the_referrer_without_reasons_and_again_when_it_comes_to_another(write: Writing) -> None:
    with write() as session:
        marta = customer(session, "Marta Oliveira").key
        number = referrals.receive(session, marta, RUI).referral.key
        lost = referrals.move(session, number, ReferralState.LOST, reason="too dear", may_tell=True)
        assert (lost.referral.may_tell_referrer, [made.because for made in lost.scheduled.made]) == (
            True, ["Rui Costa did not come to us"],
        )  # fmt: skip
        assert [step for step, _ in live(session)] == ["thanks", "tell"]
        referrals.move(session, number, ReferralState.RECEIVED, reason="called back")
        assert [step for step, _ in live(session)] == ["thanks", "introduction"]
        referrals.move(session, number, ReferralState.LOST, reason="no after all")
        assert [step for step, _ in live(session)] == ["thanks", "tell"]
        referrals.move(session, number, ReferralState.RECEIVED, reason="again")
        won = referrals.win(session, number)
        assert won.scheduled.made[0].because == "Rui Costa became a customer"
        referrals.move(session, number, ReferralState.REVERSED, reason="order cancelled")
        assert [step for step, _ in live(session)] == ["thanks"]
        assert events(session, number) == [
            ("", "received"), ("received", "lost"), ("lost", "received"), ("received", "lost"), ("lost", "received"),
            ("received", "won"), ("won", "reversed"),
        ]  # fmt: skip
        with pytest.raises(NotAllowed, match="is reversed and cannot become received"):
            referrals.move(session, number, ReferralState.RECEIVED, reason="x")


def test_a_first_purchase_within_a_year_wins_the_referral(write: Writing) -> None:
    with write(today=TODAY - timedelta(days=365)) as session:
        marta = customer(session, "Marta Oliveira", joined_on=date(2020, 1, 1)).key
        number = referrals.receive(session, marta, RUI).referral.key
    with write() as session:  # it has expired meanwhile, and counts all the same
        rui = customer(session, "Rui Costa", joined_on=TODAY)
        sold = purchases.add(session, rui.key, purchases.NewPurchase(amount=Money(9_000, "EUR")))
        assert [(moved.referral.key, moved.referral.state) for moved in sold.won] == [(number, "won")]
        assert (rui.source, events(session, number)[-1]) == ("referral", ("expired", "won"))
        assert purchases.add(session, rui.key, purchases.NewPurchase()).won == ()


@pytest.mark.parametrize("days", [366, -1], ids=["too late", "before the referral"])
def test_another_purchase_wins_nothing(write: Writing, days: int) -> None:
    received = TODAY - timedelta(days=max(days, 0))
    with write(today=received) as session:
        marta = customer(session, "Marta Oliveira", joined_on=date(2020, 1, 1)).key
        referrals.receive(session, marta, RUI)
    with write() as session:
        rui = customer(session, "Rui Costa", joined_on=TODAY)
        bought_on = TODAY if days > 0 else TODAY - timedelta(days=1)
        assert purchases.add(session, rui.key, purchases.NewPurchase(ordered_on=bought_on)).won == ()


def test_a_prospect_who_was_brought_is_won_by_the_first_purchase(write: Writing) -> None:
    with write() as session:
        marta = customer(session, "Marta Oliveira").key
        jo = customers.add(session, {"name": "Jo Park"}, prospect=True).customer
        arrived = referrals.arrived(session, marta, jo)
        assert (arrived.referral.state, arrived.referral.customer_id) == ("received", jo.key)
        sold = purchases.add(session, jo.key, purchases.NewPurchase())
        assert (arrived.referral.state, len(sold.won), jo.status) == ("won", 1, "active")


def test_one_who_arrives_was_perhaps_referred_before(write: Writing) -> None:
    with write() as session:
        marta, hanna = customer(session, "Marta Oliveira").key, customer(session, "Hanna Berg").key
        first = referrals.receive(session, marta, RUI).referral
        rui = customer(session, "Rui Costa", joined_on=TODAY)
        other = referrals.arrived(session, hanna, rui)
        assert (other.referral.state, other.referral.first_claim_id, other.customer) == (
            "disqualified",
            first.key,
            None,
        )
        same = referrals.arrived(session, marta, rui)
        assert (same.referral.key, first.state, first.customer_id) == (first.key, "won", rui.key)
        assert len(session.exec(select(Referral)).all()) == 2


@pytest.mark.parametrize(("on", "words"), [(1, "has not come yet"), (-1, "is before the referral was received")])
def test_nothing_happens_tomorrow_or_before_the_referral(write: Writing, on: int, words: str) -> None:
    with write() as session:
        number = referrals.receive(session, customer(session, "Marta Oliveira").key, RUI).referral.key
        with pytest.raises(BadValue, match=words):
            referrals.move(session, number, ReferralState.LOST, on=TODAY + timedelta(days=on), reason="x")


def test_what_is_not_there(write: Writing) -> None:
    with write() as session:
        for number in (99, 2**70):
            with pytest.raises(NotFound, match="There is no referral"):
                referrals.win(session, number)
        with pytest.raises(BadValue, match="needs a name"):
            referrals.receive(session, customer(session, "Marta Oliveira").key, NewReferral(" "))
