"""From events to follow-ups, on both engines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from conftest import TODAY, Writing
from refertrack.models.customers import OptOut
from refertrack.models.follow_ups import FollowUp, FollowUpAnchor
from refertrack.models.listening import Feedback
from refertrack.rules.keeping import KEEP, LOST
from refertrack.rules.schedule import Event
from refertrack.workflows import customers
from refertrack.workflows.scheduling import Scheduled, cancel, trigger


def customer(session: Session, **values: Any) -> int:
    return customers.add(session, {"name": "Hanna Berg", "email": "hanna@berg.example", **values}).customer.key


def event(customer_id: int, name: str, on: date, anchor: int = 1, because: str = "") -> Event:
    return Event(name, customer_id, on, "purchase", anchor, because)


def items(session: Session) -> list[FollowUp]:
    """The items that hang on something; those that time alone brings have tests of their own."""
    query = select(FollowUp).where(col(FollowUp.playbook).not_in((KEEP, LOST))).order_by(col(FollowUp.id))
    return list(session.exec(query).all())


def test_the_same_event_twice_makes_its_items_once(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        first = trigger(session, [event(who, "delivered", TODAY), event(who, "delivered", TODAY)])
        again = trigger(session, [event(who, "delivered", TODAY)])
    assert ([made.what for made in first.made], again.made) == (["arrived and works?", "survey, under 2 minutes"], [])


def test_the_past_makes_no_work_and_is_counted(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        found = trigger(session, [event(who, "delivered", TODAY - timedelta(days=45))])
    assert (found.left_out, [made.what for made in found.made]) == (1, ["survey, under 2 minutes"])


def test_deliveries_within_fourteen_days_share_one_check(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        trigger(session, [event(who, "delivered", TODAY, 1, "pump delivered")])
        found = trigger(session, [event(who, "delivered", TODAY + timedelta(days=14), 2, "filter delivered")])
        later = trigger(session, [event(who, "delivered", TODAY + timedelta(days=15), 3, "hose delivered")])
        check = items(session)[0]
        anchors = session.exec(select(FollowUpAnchor).where(FollowUpAnchor.follow_up_id == check.id)).all()
    assert (found.shared, found.made) == (2, [])
    assert check.because == "pump delivered; filter delivered"
    assert [anchor.anchor_id for anchor in anchors] == [1, 2]
    assert [made.what for made in later.made] == ["arrived and works?"]


def test_a_note_waits_for_the_one_before_it_and_says_so(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        trigger(session, [event(who, "delivered", TODAY - timedelta(days=7), 1)])  # check today
        found = trigger(session, [event(who, "order", TODAY + timedelta(days=2), 2)])
        card = session.get(FollowUp, found.made[0].id)
        assert card is not None
        assert (card.due_on, card.waits) == (date(2026, 12, 1), "one note in 7 days: was for 2026-11-26")


def test_a_later_note_moves_back_for_a_new_one_before_it(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        trigger(session, [event(who, "delivered", TODAY, 1)])  # check on 1 December
        found = trigger(session, [event(who, "order", TODAY + timedelta(days=3), 2)])  # card on Friday the 27th
        check = items(session)[0]
        assert (found.made[0].due_on, found.waiting) == (date(2026, 11, 27), 1)
        assert (check.due_on, check.nominal_due, check.moved) == (date(2026, 12, 4), date(2026, 12, 1), False)


def test_what_a_person_moved_is_not_moved_again(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        trigger(session, [event(who, "delivered", TODAY, 1)])
        check = items(session)[0]
        check.moved = True
        session.add(check)
        found = trigger(session, [event(who, "order", TODAY + timedelta(days=3), 2)])
        assert (found.waiting, items(session)[0].due_on) == (0, date(2026, 12, 1))


@pytest.mark.parametrize(
    ("channel", "purpose", "suppressed"),
    [("any", "any", 2), ("email", "any", 2), ("phone", "any", 0), ("any", "survey", 1), ("any", "referral", 0)],
)
def test_an_opt_out_stops_items_of_its_channel_and_purpose(
    write: Writing, channel: str, purpose: str, suppressed: int
) -> None:
    with write() as session:
        who = customer(session)
        session.add(OptOut(customer_id=who, channel=channel, purpose=purpose, since=TODAY))
        session.flush()
        found = trigger(session, [event(who, "delivered", TODAY)])
        kept = [item for item in items(session) if item.state == "suppressed"]
    assert (found.suppressed, len(found.made)) == (suppressed, 2 - suppressed)
    assert all((item.reason, item.closed_on) == ("opted out", TODAY) for item in kept)


def test_one_survey_in_ninety_days(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        first = trigger(session, [event(who, "delivered", TODAY, 1)])
        second = trigger(session, [event(who, "delivered", TODAY + timedelta(days=40), 2)])
        third = trigger(session, [event(who, "delivered", TODAY + timedelta(days=100), 3)])
    assert [len(found.made) for found in (first, second, third)] == [2, 1, 2]
    assert second.suppressed == 1


def test_an_open_complaint_holds_what_asks_and_lets_service_go_on(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        session.add(Feedback(customer_id=who, kind="complaint", on_day=TODAY, words="too loud"))
        session.flush()
        found = trigger(session, [event(who, "delivered", TODAY)])
    assert [(made.what, made.state) for made in found.made] == [
        ("arrived and works?", "open"),
        ("survey, under 2 minutes", "held"),
    ]


def test_the_channel_is_the_customers_own_else_what_they_have(write: Writing) -> None:
    with write() as session:
        ids = [
            customer(session, preferred_channel="phone"),
            customer(session),
            customer(session, email="", phone="+46 8 123 456"),
            customer(session, email=""),
        ]
        trigger(session, [event(who, "order", TODAY, number) for number, who in enumerate(ids)])
        assert [item.channel for item in items(session)] == ["phone", "email", "phone", "post"]


def test_cancelling_closes_what_hangs_on_one_thing_alone(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        found: Scheduled = trigger(session, [event(who, "order", TODAY, 1), event(who, "order", TODAY, 2)])
        assert cancel(session, "purchase", 1, "returned") == []  # the second order still calls for the card
        trigger(session, [event(who, "delivered", TODAY, 2)])
        closed = cancel(session, "purchase", 2, "returned", steps=("check",))
    assert found.shared == 1
    assert [(item.step, item.state, item.reason) for item in closed] == [("check", "cancelled", "returned")]
