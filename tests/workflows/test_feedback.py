"""Complaints hold what asks and sells, until they are put right and a week more; on both engines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from conftest import TODAY, Writing
from refertrack.models.follow_ups import FollowUp, Touch
from refertrack.models.sales import Purchase
from refertrack.rules.errors import Ambiguous, BadValue, NotAllowed, NotFound
from refertrack.rules.schedule import Event
from refertrack.rules.words import FeedbackKind, Origin
from refertrack.workflows import customers, feedback, recovery
from refertrack.workflows.feedback import NewFeedback
from refertrack.workflows.scheduling import trigger


def customer(session: Session, **values: Any) -> int:
    return customers.add(session, {"name": "Hanna Berg", "email": "hanna@berg.example", **values}).customer.key


def live(session: Session) -> list[tuple[str, str, date]]:
    kept = (col(FollowUp.state).in_(("open", "held")), col(FollowUp.playbook).not_in(("keep_in_touch", "lost_touch")))
    found = session.exec(select(FollowUp).where(*kept).order_by(col(FollowUp.id))).all()
    return [(item.what, str(item.state), item.due_on) for item in found]


def test_a_complaint_holds_the_survey_and_lets_it_go_a_week_after_it_was_put_right(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        trigger(session, [Event("delivered", who, TODAY - timedelta(days=26), "purchase", 1)])
        heard = feedback.complain(session, who, NewFeedback("too loud", process="installation", severity=4))
        assert heard.notes == ("2 other items held until it is put right",)
        assert live(session) == [
            ("arrived and works?", "open", date(2026, 11, 5)),
            ("survey, under 2 minutes", "held", date(2026, 11, 30)),
            ("acknowledge the complaint", "open", TODAY),
        ]
        put_right = recovery.resolve(session, heard.feedback.key, "moved the unit")
        assert put_right.notes == ("2 held items open again from 2026-12-01",)
        assert live(session)[1:] == [
            ("survey, under 2 minutes", "open", date(2026, 12, 1)),
            ("is it right now?", "open", date(2026, 12, 1)),
        ]
        survey = session.exec(select(FollowUp).where(FollowUp.step == "survey")).one()
        assert (survey.waits, survey.hold_until) == ("held by a complaint: was for 2026-11-30", date(2026, 12, 1))
    with write(today=date(2026, 12, 1)) as session:
        confirmed = recovery.confirm(session, heard.feedback.key)
        assert confirmed.feedback.confirmed_on == date(2026, 12, 1)
        assert [what for what, _, _ in live(session)] == ["arrived and works?", "survey, under 2 minutes"]


def test_what_is_made_in_the_week_after_the_resolution_waits_for_its_end(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        heard = feedback.complain(session, who, NewFeedback("too loud"))
        recovery.resolve(session, heard.feedback.key, "moved it")
        found = trigger(session, [Event("ask", who, TODAY, "ask", 1)])
        item = session.get(FollowUp, found.made[0].id)
        assert item is not None
        assert (item.due_on, item.hold_until, item.waits) == (
            TODAY + timedelta(days=7),
            TODAY + timedelta(days=7),
            f"held by a complaint: was for {TODAY.isoformat()}",
        )


def test_two_complaints_hold_until_the_last_is_put_right(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        first = feedback.complain(session, who, NewFeedback("too loud"))
        second = feedback.claim(session, who, NewFeedback("broken"))
        assert feedback.open_complaint(session, who) is first.feedback
        trigger(session, [Event("ask", who, TODAY, "ask", 1)])
        assert recovery.resolve(session, first.feedback.key, "done").notes == (
            "another complaint is open: what it holds stays held",
        )
        assert recovery.resolve(session, second.feedback.key, "done").notes == (
            "2 held items open again from 2026-12-01",
        )


def test_a_no_opens_it_again_as_often_as_it_is_said(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        number = feedback.complain(session, who, NewFeedback("too loud")).feedback.key
        for _ in range(3):
            recovery.resolve(session, number, "moved it")
            again = recovery.reopen(session, number, "still loud")
            assert [made.what for made in again.scheduled.made] == ["call again: still not right"]
        assert again.feedback.words.splitlines()[1:] == ["2026-11-24, not right yet: still loud"] * 3
        assert again.feedback.resolved_on is None
        assert [what for what, _, _ in live(session)] == ["call again: still not right"]


def test_a_recovery_call_is_the_acknowledgement_too(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        heard = feedback.complain(session, who, NewFeedback("nobody called", recovery=True, because="service 1/5"))
        assert [(made.what, made.due_on, made.because) for made in heard.scheduled.made] == [
            ("recovery call", TODAY + timedelta(days=1), "service 1/5")
        ]
        assert session.exec(select(Touch)).all() == []  # the survey is the contact
        recovery.acknowledge(session, heard.feedback.key)
        assert live(session) == []


def test_a_compliment_asks_only_who_is_ready(write: Writing) -> None:
    with write() as session:
        ready, unhappy = customer(session), customer(session, name="Jo Park")
        feedback.complain(session, unhappy, NewFeedback("too loud"))
        asked = feedback.compliment(session, ready, NewFeedback("so quiet!", praised="Ida"))
        thanked = feedback.compliment(session, unhappy, NewFeedback("Ida was kind"))
    assert [made.what for made in asked.scheduled.made] == ["thank, and ask for a referral"]
    assert [made.what for made in thanked.scheduled.made] == ["thank for the compliment"]


def test_a_customer_is_told_what_became_of_the_idea(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        theirs = feedback.share(session, FeedbackKind.IDEA, NewFeedback("call before you come"), who)
        ours = feedback.share(session, FeedbackKind.IDEA, NewFeedback("a checklist", origin=Origin.STAFF))
        told = recovery.resolve(session, theirs.feedback.key, "we call the day before")
        kept = recovery.resolve(session, ours.feedback.key, "printed it")
    assert [made.what for made in told.scheduled.made] == ["you said, we did"]
    assert kept.scheduled.made == []


def bought(session: Session, who: int, until: date | None) -> int:
    row = Purchase(customer_id=who, ordered_on=date(2026, 1, 5), delivered_on=date(2026, 1, 9), status="delivered",
                   guarantee_until=until)  # fmt: skip
    session.add(row)
    session.flush()
    return row.key


def test_a_claim_finds_its_purchase_and_says_how_the_guarantee_stands(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        assert feedback.claim(session, who, NewFeedback("broken")).notes == (
            "no delivered purchase is on record for it",
            "1 other item held until it is put right",
        )
        ended = bought(session, who, date(2026, 11, 23))
        assert feedback.claim(session, who, NewFeedback("broken")).notes == ("after the guarantee's end on 2026-11-23",)
        covered = bought(session, who, TODAY)
        heard = feedback.claim(session, who, NewFeedback("broken"))
        assert (heard.feedback.purchase_id, heard.notes) == (covered, ())
        bought(session, who, TODAY)
        with pytest.raises(Ambiguous, match="2 purchases under guarantee"):
            feedback.claim(session, who, NewFeedback("broken"))
        assert feedback.claim(session, who, NewFeedback("broken", purchase_id=ended)).feedback.purchase_id == ended


@pytest.mark.parametrize(
    ("new", "error", "words"),
    [
        (NewFeedback("  "), BadValue, "The words are missing"),
        (NewFeedback("loud", severity=6), BadValue, "severity: 6 is not on the scale"),
        (NewFeedback("loud", severity=0), BadValue, "severity: 0 is not on the scale"),
        (NewFeedback("loud", on_day=TODAY + timedelta(days=1)), BadValue, "has not come yet"),
        (NewFeedback("loud", purchase_id=9), NotFound, "Hanna Berg has no purchase 9"),
        (NewFeedback("loud", purchase_id=1, on_day=date(2026, 1, 4)), BadValue, "2026-01-04 is before purchase 1"),
    ],
)
def test_what_cannot_be_is_refused(write: Writing, new: NewFeedback, error: type[Exception], words: str) -> None:
    with write() as session:
        who = customer(session)
        bought(session, who, None)
        with pytest.raises(error, match=words):
            feedback.complain(session, who, new)


def test_the_order_of_the_steps_is_kept(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        loud = feedback.complain(session, who, NewFeedback("loud", on_day=date(2026, 11, 20))).feedback.key
        praise = feedback.compliment(session, who, NewFeedback("kind")).feedback.key
        for refused, words in (
            (lambda: recovery.confirm(session, loud), "Complaint 1 is not resolved yet"),
            (lambda: recovery.resolve(session, praise, "x"), "Feedback 2 is a compliment: there is nothing to"),
            (lambda: recovery.confirm(session, praise), "Feedback 2 is a compliment, no complaint"),
        ):
            with pytest.raises(NotAllowed, match=words):
                refused()
        with pytest.raises(NotFound, match="There is no feedback 9"):
            recovery.resolve(session, 9, "x")
        with pytest.raises(BadValue, match="What was done about it"):
            recovery.resolve(session, loud, " ")
        with pytest.raises(BadValue, match="2026-11-19 is before it was said, on 2026-11-20"):
            recovery.resolve(session, loud, "x", on=date(2026, 11, 19))
        recovery.resolve(session, loud, "x")
        with pytest.raises(NotAllowed, match="Complaint 1 was resolved on 2026-11-24"):
            recovery.resolve(session, loud, "x")
        recovery.confirm(session, loud)
        with pytest.raises(NotAllowed, match="Complaint 1 was confirmed on 2026-11-24"):
            recovery.confirm(session, loud)
