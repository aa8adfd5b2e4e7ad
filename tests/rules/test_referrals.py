"""The state machine of a referral, and attribution's warnings."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from refertrack.rules.errors import NotAllowed
from refertrack.rules.referrals import ALLOWED, Person, check_move, same_person, state_today, warnings
from refertrack.rules.words import ReferralState

STATES = list(ReferralState)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("wanted", STATES)
def test_only_allowed_moves_pass_and_a_refusal_names_the_ways(state: ReferralState, wanted: ReferralState) -> None:
    if wanted in ALLOWED[state]:
        check_move(7, state, wanted, "because")
        return
    with pytest.raises(NotAllowed) as error:
        check_move(7, state, wanted, "because")
    assert str(error.value) == f"Referral 7 is {state} and cannot become {wanted}."
    assert error.value.hint


@pytest.mark.parametrize("wanted", [ReferralState.LOST, ReferralState.DISQUALIFIED])
def test_an_end_needs_its_reason(wanted: ReferralState) -> None:
    with pytest.raises(NotAllowed, match="needs a reason"):
        check_move(7, ReferralState.RECEIVED, wanted, " ")


def test_reopening_needs_a_reason() -> None:
    with pytest.raises(NotAllowed, match="reopened needs a reason"):
        check_move(7, ReferralState.LOST, ReferralState.RECEIVED, "")


@pytest.mark.parametrize(
    ("state", "days", "found"),
    [("received", 180, "received"), ("received", 181, "expired"), ("qualified", 400, "expired"), ("won", 400, "won")],
)
def test_a_referral_that_nobody_moved_expires(state: str, days: int, found: str) -> None:
    today = date(2026, 11, 24)
    assert state_today(state, today - timedelta(days=days), today) == found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Person("A", email_key="a@x.example"), Person("B", email_key="a@x.example"), True),
        (Person("A", phone_key="4681"), Person("B", phone_key="4681"), True),
        (Person("A"), Person("A"), False),
        (Person("A", email_key="a@x.example"), Person("A", email_key="b@x.example"), False),
    ],
)
def test_the_same_address_is_the_same_person(one: Person, other: Person, same: bool) -> None:
    assert same_person(one, other) is same


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (Person("Hanna Berg"), Person("Otto Berg"), ["both are called Berg"]),
        (Person("Hanna Berg"), Person("Otto Lind"), []),
        (
            Person("A B", email_key="a@firm.example"),
            Person("C D", email_key="c@firm.example"),
            ["both write from firm.example"],
        ),
        (Person("A B", email_key="a@gmail.com"), Person("C D", email_key="c@gmail.com"), []),
        (Person("A B", company="Berg Print"), Person("C D", company="BERG print"), ["both are with Berg Print"]),
        (Person("Cher"), Person("Cher"), []),
    ],
)
def test_families_and_colleagues_deserve_a_look(one: Person, other: Person, words: list[str]) -> None:
    assert warnings(one, other) == words
