"""Rows for reports, written as plainly as they are counted: a customer, a purchase, a survey, a complaint, a reward."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from refertrack.models.customers import Customer, CustomerStatusChange
from refertrack.models.follow_ups import FollowUp
from refertrack.models.listening import Feedback, Survey, SurveyAnswer
from refertrack.models.referrals import Ask, Reason, Recommendation, Referral, ReferralEvent, Reward
from refertrack.models.sales import Product, Purchase, Spend
from refertrack.store import journal

_tokens = itertools.count(1)


def _stored(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row


def customer(session: Session, name: str, segment: str = "", joined: str = "2024-01-01", **values: Any) -> int:
    status = values.pop("status", "active")
    values = {"joined_on": date.fromisoformat(joined), **values}
    row = _stored(session, Customer(name=name, name_key=name.casefold(), segment=segment, status=status, **values))
    session.add(CustomerStatusChange(customer_id=row.key, status=status, since=date.fromisoformat(joined)))
    return int(row.key)


def product(session: Session, name: str, margin: int | None = None) -> int:
    return int(_stored(session, Product(name=name, name_key=name.casefold(), margin=margin)).key)


def purchase(session: Session, who: int, on: str, amount: int | None = 100, currency: str = "EUR", *,
             promised: str = "", delivered: str = "", **values: Any) -> int:  # fmt: skip
    status = values.pop("status", "delivered" if delivered else "ordered")
    row = Purchase(
        customer_id=who,
        ordered_on=date.fromisoformat(on),
        amount_minor=None if amount is None else amount * 100,
        currency=currency,
        promised_on=date.fromisoformat(promised) if promised else None,
        delivered_on=date.fromisoformat(delivered) if delivered else None,
        status=status,
        **values,
    )
    return int(_stored(session, row).key)


def referral(session: Session, who: int, received: str, *moves: tuple[str, str], **values: Any) -> int:
    """A referral and its moves after it was received: ("2026-03-01", "won")."""
    path = [(received, "received"), *moves]
    row = _stored(session, Referral(referrer_id=who, name="X", received_on=date.fromisoformat(received),
                                    state=path[-1][1], moved_on=date.fromisoformat(path[-1][0]), **values))  # fmt: skip
    before = ""
    for on, state in path:
        session.add(ReferralEvent(referral_id=row.key, from_state=before, to_state=state,
                                  on_day=date.fromisoformat(on), at=journal.context_of(session).now,
                                  author="Nora"))  # fmt: skip
        before = state
    session.flush()
    return int(row.key)


def ask(session: Session, who: int, sent: str, state: str = "sent", answered: str = "", *, days: int = 7,
        form: str = "card", **values: Any) -> int:  # fmt: skip
    on = date.fromisoformat(sent)
    row = Ask(customer_id=who, asked_on=on, sent_on=on, specific="x", measurable=1, attainable=form, realistic="x",
              time_specific=on + timedelta(days=days), state=state,
              answered_on=date.fromisoformat(answered) if answered else None, **values)  # fmt: skip
    return int(_stored(session, row).key)


def reason(session: Session, code: str, words: str, merged_into: int | None = None) -> int:
    return int(_stored(session, Reason(code=code, words=words, merged_into=merged_into)).key)


def recommendation(session: Session, who: int, told: str, ask_id: int | None = None) -> None:
    session.add(Recommendation(customer_id=who, told_on=date.fromisoformat(told), ask_id=ask_id))


def survey(session: Session, who: int, answered: str = "", invited: str = "", *, scores: dict[str, int] | None = None,
           **values: Any) -> int:  # fmt: skip
    row = _stored(session, Survey(customer_id=who, token=f"t{next(_tokens)}",
                                  answered_on=date.fromisoformat(answered) if answered else None,
                                  invited_on=date.fromisoformat(invited) if invited else None, **values))  # fmt: skip
    for question, score in (scores or {}).items():
        session.add(SurveyAnswer(survey_id=row.key, question=question, score=score))
    session.flush()
    return int(row.key)


def complaint(session: Session, who: int, on: str, acknowledged: str = "", resolved: str = "", confirmed: str = "",
              kind: str = "complaint", **values: Any) -> None:  # fmt: skip
    days = {"acknowledged_on": acknowledged, "resolved_on": resolved, "confirmed_on": confirmed}
    session.add(Feedback(customer_id=who, kind=kind, on_day=date.fromisoformat(on), words="x",
                         **{name: date.fromisoformat(day) for name, day in days.items() if day}, **values))  # fmt: skip


def reward(session: Session, referral_id: int, who: int, amount: int, state: str, accrued: str, given: str = "",
           ended: str = "", *, currency: str = "EUR", line: str = "reward", **values: Any) -> None:  # fmt: skip
    session.add(Reward(referral_id=referral_id, customer_id=who, beneficiary="referrer", rule="r", rule_copy="{}",
                       line=line, kind="flat", amount_minor=amount * 100, currency=currency, state=state,
                       accrued_on=date.fromisoformat(accrued),
                       given_on=date.fromisoformat(given) if given else None,
                       ended_on=date.fromisoformat(ended) if ended else None, **values))  # fmt: skip


def spend(session: Session, month: str, channel: str, kind: str, amount: int, currency: str = "EUR") -> None:
    session.add(Spend(month=date.fromisoformat(month), channel=channel, kind=kind, amount_minor=amount * 100,
                      currency=currency))  # fmt: skip


def done(session: Session, who: int, closed: str, purpose: str = "service") -> None:
    day = date.fromisoformat(closed)
    session.add(FollowUp(customer_id=who, playbook="p", step="s", purpose=purpose, channel="phone", what="x",
                         nominal_due=day, due_on=day, state="done", closed_on=day))  # fmt: skip
