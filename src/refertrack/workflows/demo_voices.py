"""What the sample business's customers and staff say: answers, complaints put right, deeds and ideas."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from random import Random

from sqlmodel import Session, select

from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp
from refertrack.rules.surveys import Answers
from refertrack.rules.words import FeedbackKind, FollowUpState, Origin, Purpose
from refertrack.workflows import feedback, recovery, surveys
from refertrack.workflows.consequences import complete
from refertrack.workflows.feedback import NewFeedback

On = Callable[[date], AbstractContextManager[None]]
ANSWER, TELL = 0.6, 0.35  # how many of those invited answer, and how many tell a friend
GRUDGES = (
    ("service", "nobody called back"),
    ("communication", "they came an hour late and nobody said so"),
    ("performance", "it hums at night"),
)
DEEDS = (
    ("drove back for a missing screw on a Friday evening", "Ida"),
    ("explained the thermostat to a customer's mother, twice", "Ben"),
)
IDEAS = (
    ("call every customer the day before we come", "delivery"),
    ("a checklist for the van", "installation"),
)


def hear(session: Session, on: On, customer: Customer, today: date, chance: Random) -> None:
    """Invite a customer to the surveys that were due, and let some answer; what was bad is put right."""
    session.flush()
    due = session.exec(
        select(FollowUp).where(
            FollowUp.customer_id == customer.key,
            FollowUp.purpose == Purpose.SURVEY,
            FollowUp.state == FollowUpState.OPEN,
            FollowUp.due_on < today - timedelta(days=15),
        )
    ).all()
    for item in due:
        answered_on = item.due_on + timedelta(days=chance.randint(1, 9))
        draws = [chance.random() for _ in range(5)]
        with on(item.due_on):
            complete(session, item.key)
        if draws[0] < ANSWER:
            with on(answered_on):
                taken = surveys.answer(session, customer.key, _answers(draws, chance))
            for complaint in taken.followed.complaints.values():
                _put_right(session, on, complaint, answered_on, today, chance)


def _answers(draws: list[float], chance: Random) -> Answers:
    scores = {name: chance.choice((5, 5, 5, 4, 4, 4, 3)) for name in ("service", "communication", "performance")}
    words = ""
    if draws[1] < 0.12:
        about, words = chance.choice(GRUDGES)
        scores[about] = chance.choice((1, 2))
    lowest = min(scores.values())
    likely = max(0, min(10, 2 * lowest + chance.choice((-1, 0, 1, 2))))
    return Answers(scores, comment=words, has_recommended=draws[2] < TELL and lowest >= 4, would_recommend=likely)


def _put_right(session: Session, on: On, number: int, day: date, today: date, chance: Random) -> None:
    resolved_on = day + timedelta(days=chance.randint(2, 6))
    confirmed_on = resolved_on + timedelta(days=chance.randint(7, 10))
    if confirmed_on >= today:
        return
    with on(resolved_on):
        recovery.resolve(session, number, "went there, put it right, and said sorry")
    with on(confirmed_on):
        recovery.confirm(session, number)


def staff(session: Session, on: On, today: date) -> None:
    """Let the staff say what was done well, and what could be done better."""
    for place, (words, who) in enumerate(DEEDS):
        with on(today - timedelta(days=2 + 3 * place)):
            new = NewFeedback(words, praised=who, origin=Origin.STAFF)
            feedback.share(session, FeedbackKind.REMARKABLE, new)
    for place, (words, process) in enumerate(IDEAS):
        with on(today - timedelta(days=9 + 8 * place)):
            feedback.share(session, FeedbackKind.IDEA, NewFeedback(words, process=process, origin=Origin.STAFF))
