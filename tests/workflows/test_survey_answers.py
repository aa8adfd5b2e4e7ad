"""Answers and their consequences, on both engines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from conftest import TODAY, Writing
from refertrack.models.follow_ups import FollowUp, Touch
from refertrack.models.listening import Feedback, Survey, SurveyAnswer
from refertrack.models.referrals import Recommendation
from refertrack.models.sales import Purchase
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.surveys import Answers
from refertrack.workflows import consequences, customers, follow_ups, purchases, surveys
from refertrack.workflows.purchases import NewPurchase

GOOD = Answers({"service": 5, "communication": 4, "performance": 5}, has_recommended=True, whom="Lin Wu")
BAD = Answers({"service": 1, "communication": 4}, comment="nobody called back")


def customer(session: Session, **values: Any) -> int:
    return customers.add(session, {"name": "Hanna Berg", "email": "hanna@berg.example", **values}).customer.key


def rows(session: Session, model: Any) -> list[Any]:
    return list(session.exec(select(model).order_by(model.id)).all())


def hanging(session: Session) -> list[FollowUp]:
    """The items that hang on something; those that time alone brings have tests of their own."""
    return [item for item in rows(session, FollowUp) if item.playbook not in ("keep_in_touch", "lost_touch")]


def live(session: Session) -> list[tuple[str, date]]:
    return [(item.what, item.due_on) for item in hanging(session) if item.state in {"open", "held"}]


def test_an_invitation_that_was_sent_is_answered(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        purchases.add(session, who, NewPurchase("Press", delivered_on=TODAY - timedelta(days=30)))
        for item in hanging(session):
            consequences.complete(session, item.key)
        (survey,) = rows(session, Survey)
        assert (survey.invited_on, survey.purchase_id, len(survey.token) >= 32) == (TODAY, 1, True)
        taken = surveys.answer(session, who, GOOD)
        assert (taken.survey.key, taken.survey.answered_on, taken.survey.lowest) == (survey.key, TODAY, 4)
        assert {row.question: row.score for row in rows(session, SurveyAnswer)} == dict(GOOD.scores)
        (told,) = rows(session, Recommendation)
        assert (told.customer_id, told.told_on, told.whom) == (who, TODAY, "Lin Wu")
        touch = rows(session, Touch)[-1]
        assert (touch.channel, touch.two_way, touch.direction) == ("survey", True, "in")
        assert live(session) == [("thank, and ask for a referral", TODAY + timedelta(days=1))]


def test_an_answer_by_phone_before_the_invitation_takes_its_place(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        purchases.add(session, who, NewPurchase("Press", delivered_on=TODAY - timedelta(days=20)))
        taken = surveys.answer(session, who, GOOD)
        invitation = next(item for item in hanging(session) if item.step == "survey")
    assert (taken.survey.invited_on, taken.survey.purchase_id, taken.survey.taken_by) == (None, 1, "Nora")
    assert (invitation.state, invitation.reason) == ("cancelled", "answered on 2026-11-24")


def test_a_low_answer_opens_one_complaint_with_a_recovery_call(write: Writing) -> None:
    with write() as session:
        who = customer(session, owner="Ida")
        taken = surveys.answer(session, who, BAD)
        (complaint,) = rows(session, Feedback)
        assert taken.followed.complaints == {taken.survey.key: complaint.key}
        assert (complaint.words, complaint.process, complaint.owner) == ("nobody called back", "service", "Ida")
        assert live(session) == [
            ("recovery call", date(2026, 11, 25)),
            ("thank for the answers", date(2026, 11, 25)),
        ]
        call = hanging(session)[0]
        assert call.because == 'service 1/5 on 24 Nov 2026: "nobody called back"'
        again = surveys.answer(session, who, BAD, again=True)
        assert again.followed.open_before == {who: complaint.key}
        assert len(rows(session, Feedback)) == 1
        consequences.complete(session, call.key)
        assert complaint.acknowledged_on == TODAY


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (Answers({"service": 3, "communication": 5}), ["thank for the answers", "call: what would make it a 5?"]),
        (Answers({"service": 4}), ["thank, and ask for a referral"]),
        (Answers(would_recommend=0), ["thank for the answers"]),
        (Answers({"service": 5}, would_recommend=7), ["thank, and ask for a referral"]),
        (Answers({"service": 5}, would_recommend=6), ["thank for the answers"]),
    ],
)
def test_what_the_lowest_answer_calls_for(write: Writing, answers: Answers, expected: list[str]) -> None:
    with write() as session:
        surveys.answer(session, customer(session), answers)
        assert [what for what, _ in live(session)] == expected


def test_high_answers_do_not_ask_whom_a_complaint_or_an_opt_out_keeps(write: Writing) -> None:
    from refertrack.models.customers import OptOut

    with write() as session:
        who = customer(session)
        session.add(OptOut(customer_id=who, channel="any", purpose="referral", since=TODAY))
        surveys.answer(session, who, GOOD)
        assert [what for what, _ in live(session)] == ["thank for the answers"]


def test_old_answers_make_neither_complaint_nor_work(write: Writing) -> None:
    with write() as session:
        taken = surveys.answer(session, customer(session), BAD, on=TODAY - timedelta(days=40))
        assert (rows(session, Feedback), live(session), taken.followed.scheduled.left_out) == ([], [], 1)


def test_what_cannot_be_is_refused(write: Writing) -> None:
    with write() as session:
        who = customer(session)
        session.add(Purchase(customer_id=who, ordered_on=TODAY, delivered_on=TODAY, status="delivered"))
        session.flush()
        with pytest.raises(BadValue, match="2026-11-23 is before purchase 1, ordered on 2026-11-24"):
            surveys.answer(session, who, GOOD, on=date(2026, 11, 23), purchase_id=1)
        with pytest.raises(NotFound, match="Hanna Berg has no purchase 2"):
            surveys.answer(session, who, GOOD, purchase_id=2)
        with pytest.raises(BadValue, match="has not come yet"):
            surveys.answer(session, who, GOOD, on=TODAY + timedelta(days=1))
        surveys.answer(session, who, GOOD)
        with pytest.raises(NotAllowed, match=r"Hanna Berg has answered the survey on 2026-11-24 \(survey 1\)"):
            surveys.answer(session, who, GOOD)
        assert surveys.answer(session, who, GOOD, again=True).survey.key == 2


@pytest.mark.parametrize(("days", "letters"), [(0, 1), (5, 1), (14, 1), (15, 2)])
@pytest.mark.parametrize("sent", [True, False])
def test_two_answers_in_a_fortnight_get_one_letter_of_thanks(
    write: Writing, days: int, letters: int, sent: bool
) -> None:
    with write() as session:
        who = customer(session)
        surveys.answer(session, who, GOOD)
    if sent:
        with write(today=TODAY + timedelta(days=1)) as session:
            (thanks,) = [item for item in hanging(session) if item.what.startswith("thank")]
            follow_ups.complete(session, thanks.key)
    with write(today=TODAY + timedelta(days=days)) as session:
        surveys.answer(session, who, BAD, again=True)
        assert len([item for item in rows(session, FollowUp) if item.what.startswith("thank")]) == letters
