"""A customer is asked how we did, and answers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sqlmodel import Session, col, select

from refertrack.models.customers import Customer
from refertrack.models.listening import Survey, SurveyAnswer
from refertrack.models.sales import Purchase
from refertrack.rules.dates import not_before
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.surveys import TEXTS, Answers, check_answers
from refertrack.rules.text import NAME_LIMIT, NOTE_LIMIT, clean
from refertrack.rules.words import PurchaseStatus
from refertrack.store import journal
from refertrack.workflows import customers
from refertrack.workflows.survey_follow import Answered, Followed, follow


@dataclass(frozen=True)
class Taken:
    """A survey that was answered, and what follows from it."""

    survey: Survey
    customer: Customer
    answers: Answers
    followed: Followed = field(default_factory=Followed)


def new_token() -> str:
    """Return a word that nobody can guess, for a survey's page."""
    return secrets.token_urlsafe(24)


def invited(session: Session, customer_id: int, purchase_id: int | None, on: date) -> Survey:
    """Note that a customer was invited to the survey; one that waits for an answer is not made twice.

    Raises:
        NotFound: there is no such customer.

    """
    customer = customers.get(session, customer_id)
    waiting = waiting_for(session, customer.key)
    if waiting is not None and waiting.invited_on == on:
        return waiting
    survey = Survey(customer_id=customer.key, purchase_id=purchase_id, token=new_token(), invited_on=on)
    session.add(survey)
    session.flush()
    return survey


def waiting_for(session: Session, customer_id: int) -> Survey | None:
    """Return the customer's latest invitation that is not answered yet."""
    return session.exec(
        select(Survey)
        .where(
            Survey.customer_id == customer_id, col(Survey.answered_on).is_(None), col(Survey.undeliverable).is_(False)
        )
        .order_by(col(Survey.invited_on).desc(), col(Survey.id).desc())
    ).first()


def answer(
    session: Session,
    customer_id: int,
    answers: Answers,
    *,
    on: date | None = None,
    purchase_id: int | None = None,
    again: bool = False,
) -> Taken:
    """Record what a customer answered, about a purchase or in general, and draw the consequences.

    Raises:
        NotFound: there is no such customer, or the purchase is not theirs.
        NotAllowed: they have answered lately, and ``again`` does not say that it is meant.
        BadValue: nothing was answered, a score is off its scale, or the day is before the purchase.

    """
    context = journal.context_of(session)
    customer = customers.get(session, customer_id)
    answers = cleaned(answers)
    check_answers(answers, context.business.survey)
    day = on or context.today
    if day > context.today:
        raise BadValue(f"{day.isoformat()} has not come yet.", "Give the day of the answer.", field="on")
    survey = waiting_for(session, customer.key)
    if survey is not None and ((survey.invited_on or day) > day or purchase_id not in {None, survey.purchase_id}):
        survey = None
    about = purchase_id or (survey.purchase_id if survey else _latest(session, customer.key, day))
    _check_purchase(session, customer, about, day)
    if not again:
        _check_first(session, customer, about, day)
    if survey is None:
        survey = Survey(customer_id=customer.key, token=new_token(), taken_by=context.author)
    _fill(survey, answers, day, about)
    session.add(survey)
    session.flush()
    for name, score in answers.scores.items():
        session.add(SurveyAnswer(survey_id=survey.key, question=name, score=score))
    session.flush()
    followed = follow(session, [Answered(survey.key, customer.key, about, day, answers)])
    return Taken(survey, customer, answers, followed)


def cleaned(answers: Answers) -> Answers:
    """Return answers whose words are clean.

    Raises:
        BadValue: some hold what no text can, or are too long.

    """

    def words(name: str) -> str:
        return clean(getattr(answers, name), field=name, limit=NOTE_LIMIT)

    return replace(
        answers,
        most_important=words("most_important"),
        why_us=words("why_us"),
        improve=words("improve"),
        comment=words("comment"),
        whom=clean(answers.whom, field="whom", limit=NAME_LIMIT),
    )


def _fill(survey: Survey, answers: Answers, day: date, purchase_id: int | None) -> None:
    survey.answered_on, survey.purchase_id = day, purchase_id
    for name in TEXTS:
        setattr(survey, name, getattr(answers, name))
    survey.has_recommended, survey.recommended_whom = answers.has_recommended, answers.whom
    survey.would_recommend, survey.lowest = answers.would_recommend, answers.lowest


def _latest(session: Session, customer_id: int, day: date) -> int | None:
    """Return the purchase that was delivered last before a day."""
    return session.exec(
        select(Purchase.id)
        .where(
            Purchase.customer_id == customer_id,
            Purchase.status == PurchaseStatus.DELIVERED,
            col(Purchase.delivered_on) <= day,
        )
        .order_by(col(Purchase.delivered_on).desc(), col(Purchase.id).desc())
    ).first()


def _check_purchase(session: Session, customer: Customer, purchase_id: int | None, day: date) -> None:
    purchase = session.get(Purchase, purchase_id) if purchase_id is not None else None
    if purchase_id is not None and (purchase is None or purchase.customer_id != customer.key):
        raise NotFound(f"{customer.name} has no purchase {purchase_id}.", f"See: refertrack customer {customer.key}")
    if purchase is not None and day < purchase.ordered_on:
        raise BadValue(
            f"{day.isoformat()} is before purchase {purchase_id}, ordered on {purchase.ordered_on.isoformat()}.",
            f"Correct --purchase. {not_before(purchase.ordered_on, journal.context_of(session).today)}",
            field="on",
        )


def _check_first(session: Session, customer: Customer, purchase_id: int | None, day: date) -> None:
    """See that the customer has not answered about the same purchase lately."""
    since = day - timedelta(days=journal.context_of(session).business.survey.throttle_days)
    before = session.exec(
        select(Survey)
        .where(
            Survey.customer_id == customer.key,
            Survey.purchase_id == purchase_id,
            col(Survey.answered_on) > since,
        )
        .order_by(col(Survey.answered_on).desc())
    ).first()
    if before is not None and before.answered_on is not None:
        raise NotAllowed(
            f"{customer.name} has answered the survey on {before.answered_on.isoformat()} (survey {before.key}).",
            "Once more all the same: --again · about another purchase: --purchase ID",
        )
