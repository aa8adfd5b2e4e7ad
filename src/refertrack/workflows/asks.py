"""A SMART request: recorded, sent, answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, select

from refertrack.models.customers import Customer
from refertrack.models.referrals import Ask, Reason
from refertrack.reports.readiness import readiness_of
from refertrack.rules import smart
from refertrack.rules.asks import ANSWERABLE
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.readiness import Readiness, Verdict
from refertrack.rules.schedule import Event
from refertrack.rules.text import NOTE_LIMIT, clean
from refertrack.rules.words import AskState
from refertrack.store import journal
from refertrack.store.engine import session_reader
from refertrack.workflows import customers
from refertrack.workflows.referrals import Moved, NewReferral, receive
from refertrack.workflows.scheduling import Scheduled, cancel, trigger

# Why customers do not refer; the business adds its own words with `reasons`.
REASONS = {
    "not_asked_before": "not asked before",
    "no_one": "no one in mind",
    "reputation": "reputation risk",
    "privacy": "privacy",
    "bad_experience": "past bad experience",
    "complaint": "unresolved complaint",
    "incentive": "dislikes incentives",
    "unclear": "does not know what we do",
    "competitor": "competitor tie",
    "other": "other",
}


@dataclass(frozen=True)
class Asked:
    """An ask that was recorded, why this customer can be asked, and what follows."""

    ask: Ask
    customer: Customer
    readiness: Readiness
    scheduled: Scheduled


@dataclass(frozen=True)
class Answered:
    """An ask that was answered; ``referrals`` are those that came of it."""

    ask: Ask
    customer: Customer
    referrals: tuple[Moved, ...] = ()


def record(session: Session, customer_id: int, request: smart.Smart, *, anyway: str = "", incentive: str = "") -> Asked:
    """Record a SMART request; the item to send it is due today, and the reminder on its last day.

    ``request.realistic`` may be empty: then the evidence of readiness stands there.

    Raises:
        BadValue: one of the five letters is not as it should be.
        NotAllowed: the customer should not be asked (yet), and ``anyway`` gives no reason.

    """
    context = journal.context_of(session)
    customer = customers.get(session, customer_id)
    readiness = readiness_of(session_reader(session), customer.key, context.today, context.business.weights)
    reason = clean(anyway, field="anyway", limit=NOTE_LIMIT)
    if readiness.verdict is not Verdict.ASK_NOW and not reason:
        raise not_ready_words(customer.key, customer.name, readiness)
    request = replace(request, realistic=request.realistic or readiness.evidence or reason)
    smart.check(request, context.today)
    ask = Ask(
        customer_id=customer.key,
        asked_on=context.today,
        specific=request.specific,
        measurable=request.measurable,
        attainable=request.attainable,
        realistic=request.realistic,
        time_specific=request.time_specific,
        incentive=clean(incentive, field="incentive", limit=NOTE_LIMIT),
        anyway_reason=reason,
    )
    session.add(ask)
    session.flush()
    because = f"{request.specific}, by {request.time_specific.isoformat()}"
    events = [
        Event("ask", customer.key, context.today, "ask", ask.key, because),
        Event("ask_due", customer.key, request.time_specific, "ask", ask.key, f"asked for {because}"),
    ]
    return Asked(ask, customer, readiness, trigger(session, events))


def not_ready_words(customer_id: int, name: str, readiness: Readiness) -> NotAllowed:
    """Say why a customer should not be asked."""
    should = "should not be asked" if readiness.verdict is Verdict.DO_NOT_ASK else "should not be asked yet"
    return NotAllowed(
        f"{name} {should}: {', '.join(readiness.reasons)}.",
        f'See: refertrack customer {customer_id} · ask all the same: --anyway "why"',
    )


def sent(session: Session, number: int, on: date) -> Ask:
    """Note that a request was sent: from then on it counts.

    Raises:
        NotFound: there is no such ask.

    """
    ask = get(session, number)
    if ask.state == AskState.DRAFT:
        ask.state, ask.sent_on = AskState.SENT, on
        session.add(ask)
        session.flush()
    return ask


def named(session: Session, number: int, people: list[NewReferral]) -> Answered:
    """Take the names that a customer gave.

    Raises:
        NotFound: there is no such ask.
        NotAllowed: it was answered otherwise already, or a person named is the customer.

    """
    ask = get(session, number)
    customer = customers.get(session, ask.customer_id)
    if ask.state != AskState.NAMED:
        _check_answerable(ask)
    moved = tuple(receive(session, customer.key, person, ask.key) for person in people)
    return Answered(ask, customer, moved)


def agreed(session: Session, number: int, promised_on: date | None) -> Answered:
    """Note that the customer will do it, and perhaps by when.

    Raises:
        NotFound: there is no such ask.
        NotAllowed: it was answered otherwise already.

    """
    return _close(session, number, AskState.AGREED, promised_on=promised_on)


def no_one(session: Session, number: int) -> Answered:
    """Note that the customer has no one in mind.

    Raises:
        NotFound: there is no such ask.
        NotAllowed: it was answered otherwise already.

    """
    return _close(session, number, AskState.NO_ONE, reason="no_one")


def declined(session: Session, number: int, reason: str) -> Answered:
    """Note that the customer declined, and why: a reason's code or words.

    Raises:
        NotFound: there is no such ask.
        NotAllowed: it was answered otherwise already.
        BadValue: the reason is not on the list.

    """
    return _close(session, number, AskState.DECLINED, reason=reason)


def get(session: Session, number: int) -> Ask:
    """Return an ask by id.

    Raises:
        NotFound: there is none.

    """
    ask = session.get(Ask, number)
    if ask is None:
        raise NotFound(f"There is no ask {number}.", "See: refertrack asks")
    return ask


def _check_answerable(ask: Ask) -> None:
    if ask.state not in ANSWERABLE:
        when = f" on {ask.answered_on.isoformat()}" if ask.answered_on else ""
        raise NotAllowed(f"Ask {ask.id} was answered{when}: {ask.state}.", "Take that back first: refertrack undo")


def _close(
    session: Session, number: int, state: AskState, *, reason: str = "", promised_on: date | None = None
) -> Answered:
    context = journal.context_of(session)
    ask = get(session, number)
    _check_answerable(ask)
    ask.sent_on = ask.sent_on or ask.asked_on
    ask.state, ask.answered_on, ask.promised_on = state, context.today, promised_on
    if reason:
        found = find_reason(session, reason)
        ask.reason_id, ask.reason_words = found.key, found.words
    session.add(ask)
    session.flush()
    cancel(session, "ask", ask.key, f"answered: {state}")
    return Answered(ask, customers.get(session, ask.customer_id))


def find_reason(session: Session, text: str) -> Reason:
    """Return a reason by its code or words; the shipped list is written down when it is first needed.

    Raises:
        BadValue: it is not on the list.

    """
    known = {reason.code: reason for reason in session.exec(select(Reason)).all()}
    for code, words in REASONS.items():
        if code not in known:
            known[code] = Reason(code=code, words=words)
            session.add(known[code])
    session.flush()
    wanted = text.strip().casefold()
    for reason in known.values():
        if wanted in {reason.code.casefold(), reason.words.casefold()}:
            return reason
    raise BadValue(
        f'"{text}" is not on the list of reasons.',
        f"One of: {', '.join(reason.words for reason in known.values())}.",
        field="reason",
    )
