"""The answer to a SMART request, and what customers say and do beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sqlmodel import Session, col, select

from refertrack.models.customers import Customer
from refertrack.models.listening import Action
from refertrack.models.referrals import Ask, Recommendation
from refertrack.rules.asks import ANSWERABLE
from refertrack.rules.dates import not_before
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.reasons import NO_ONE, OTHER
from refertrack.rules.schedule import Event
from refertrack.rules.text import NAME_LIMIT, NOTE_LIMIT, clean
from refertrack.rules.words import AskState, RecommendationSource
from refertrack.store import journal
from refertrack.workflows import asks, customers, improvements, reasons
from refertrack.workflows.moves import Moved
from refertrack.workflows.referrals import receive
from refertrack.workflows.referred import NewReferral
from refertrack.workflows.scheduling import Scheduled, cancel, trigger

# One who agreed without a day is asked after so long how it went.
SOON_DAYS = 14


@dataclass(frozen=True)
class Answered:
    """An ask that was answered; ``referrals`` are those that came of it, ``scheduled`` what else follows.

    ``action`` is the improvement that the answer calls for, where none is open for it yet.
    """

    ask: Ask
    customer: Customer
    referrals: tuple[Moved, ...] = ()
    scheduled: Scheduled = field(default_factory=Scheduled)
    action: Action | None = None


@dataclass(frozen=True)
class Recommended:
    """What a customer says they did; ``ask`` is the request that it answers."""

    recommendation: Recommendation
    customer: Customer
    ask: Ask | None = None


def named(session: Session, number: int, people: list[NewReferral], on: date | None = None) -> Answered:
    """Take the names that a customer gave.

    Raises:
        NotFound: there is no such ask.
        NotAllowed: it was answered otherwise already, or a person named is the customer.

    """
    ask = asks.get(session, number)
    customer = customers.get(session, ask.customer_id)
    if ask.state != AskState.NAMED:
        _check_answerable(ask)
    day = _day(session, ask, on)
    moved = tuple(receive(session, customer.key, replace(person, received_on=day), ask.key) for person in people)
    return Answered(ask, customer, moved)


def agreed(session: Session, number: int, promised_on: date | None, on: date | None = None) -> Answered:
    """Note that the customer will do it, and perhaps by when; on that day we ask how it went.

    Raises:
        NotFound: there is no such ask.
        NotAllowed: it was answered otherwise already.
        BadValue: the day that was promised is past.

    """
    context = journal.context_of(session)
    if promised_on is not None and promised_on < context.today:
        raise BadValue(
            f"{promised_on.isoformat()} is past: nobody can promise it.",
            "Give a day to come, or leave --on out.",
            field="on",
        )
    answered = _close(session, number, AskState.AGREED, on=on, promised_on=promised_on)
    ask = answered.ask
    day = promised_on or max(ask.time_specific, context.today + timedelta(days=SOON_DAYS))
    words = f"agreed to it on {ask.answered_on}: {ask.specific}"
    event = Event("ask_agreed", ask.customer_id, day, "ask", ask.key, words, channel=ask.channel)
    return Answered(ask, answered.customer, scheduled=trigger(session, [event]))


def no_one(session: Session, number: int, on: date | None = None) -> Answered:
    """Note that the customer has no one in mind: there is more work to do, and they are asked again in 90 days.

    Raises:
        NotFound: there is no such ask.
        NotAllowed: it was answered otherwise already.

    """
    answered = _close(session, number, AskState.NO_ONE, on=on, reason=NO_ONE)
    ask = answered.ask
    day = ask.answered_on or journal.context_of(session).today
    event = Event("ask_again", ask.customer_id, day, "ask", ask.key, f"no one in mind on {day.isoformat()}")
    reason, segment = reasons.find(session, NO_ONE), answered.customer.segment
    action = improvements.more_work(session, reason, segment, f"answer to ask {ask.key} on {day.isoformat()}")
    return Answered(ask, answered.customer, scheduled=trigger(session, [event]), action=action)


def declined(session: Session, number: int, reason: str, note: str = "", on: date | None = None) -> Answered:
    """Note that the customer declined, and why: a reason's code or words; "other" needs words of its own.

    Raises:
        NotFound: there is no such ask.
        NotAllowed: it was answered otherwise already.
        BadValue: the reason is not on the list, or "other" says nothing.

    """
    return _close(session, number, AskState.DECLINED, on=on, reason=reason, note=note)


def no_response(session: Session, number: int, on: date | None = None) -> Answered:
    """Note that nothing came back, before time does it by itself.

    Raises:
        NotFound: there is no such ask.
        NotAllowed: it was answered already.

    """
    ask = asks.get(session, number)
    if ask.state == AskState.NO_RESPONSE:
        raise NotAllowed(f"Ask {number} stands as not answered already.", "See: refertrack asks")
    return _close(session, number, AskState.NO_RESPONSE, on=on)


def recommended(
    session: Session,
    customer_id: int,
    *,
    whom: str = "",
    on: date | None = None,
    source: str = RecommendationSource.WORD,
    ask_id: int | None = None,
) -> Recommended:
    """Record that a customer says they recommended us, or that a review or a post of theirs is there.

    It is no referral: saying and doing stay apart. A review or a LinkedIn recommendation answers the ask that was
    for one; their word answers the ask that is named. Such an ask counts as agreed to, and the recommendation
    shows that it was done.

    Raises:
        NotFound: there is no such customer, or the ask is not theirs.
        BadValue: the day has not come yet, or the source is none.

    """
    context = journal.context_of(session)
    customer = customers.get(session, customer_id)
    day = on or context.today
    if day > context.today:
        raise BadValue(f"{day.isoformat()} has not come yet.", "Give the day on which it happened.", field="on")
    ask = _asked_for(session, customer, source, ask_id)
    told = Recommendation(
        customer_id=customer.key,
        ask_id=ask.key if ask else None,
        told_on=day,
        whom=clean(whom, field="whom", limit=NAME_LIMIT),
        source=RecommendationSource(source),
    )
    session.add(told)
    if ask is not None and ask.state in ANSWERABLE:
        _settle(session, ask, AskState.AGREED, max(day, ask.asked_on))
    session.flush()
    return Recommended(told, customer, ask)


def _asked_for(session: Session, customer: Customer, source: str, ask_id: int | None) -> Ask | None:
    if ask_id is not None:
        ask = session.get(Ask, ask_id)
        if ask is None or ask.customer_id != customer.key:
            raise NotFound(f"{customer.name} has no ask {ask_id}.", f"See: refertrack asks --customer {customer.key}")
        return ask
    if source == RecommendationSource.WORD:
        return None
    query = select(Ask).where(Ask.customer_id == customer.key, Ask.attainable == source, col(Ask.state).in_(ANSWERABLE))
    return session.exec(query.order_by(col(Ask.id).desc())).first()


def _close(
    session: Session,
    number: int,
    state: AskState,
    *,
    on: date | None = None,
    reason: str = "",
    note: str = "",
    promised_on: date | None = None,
) -> Answered:
    ask = asks.get(session, number)
    _check_answerable(ask)
    words = clean(note, field="note", limit=NOTE_LIMIT)
    found = reasons.find(session, reason) if reason else None
    if found is not None and found.code == OTHER and not words:
        raise BadValue('"Other" says too little.', 'Say what: --reason other --note "…"', field="reason")
    _settle(session, ask, state, _day(session, ask, on))
    ask.promised_on = promised_on
    if found is not None:
        ask.reason_id, ask.reason_words = found.key, words or found.words
    session.add(ask)
    session.flush()
    return Answered(ask, customers.get(session, ask.customer_id))


def _settle(session: Session, ask: Ask, state: AskState, day: date) -> None:
    """Give an ask its answer; what hung on it is closed. What was answered must have been asked."""
    ask.sent_on = ask.sent_on or ask.asked_on
    ask.state, ask.answered_on = state, day
    session.add(ask)
    session.flush()
    cancel(session, "ask", ask.key, f"answered: {state.replace('_', ' ')}")


def _check_answerable(ask: Ask) -> None:
    if ask.state not in ANSWERABLE:
        when = f" on {ask.answered_on.isoformat()}" if ask.answered_on else ""
        words = str(ask.state).replace("_", " ")
        raise NotAllowed(f"Ask {ask.id} was answered{when}: {words}.", "Take that back first: refertrack undo")


def _day(session: Session, ask: Ask, on: date | None) -> date:
    today = journal.context_of(session).today
    day = on or today
    if day > today:
        raise BadValue(f"{day.isoformat()} has not come yet.", "Give the day of the answer.", field="on")
    if day < ask.asked_on:
        raise BadValue(
            f"{day.isoformat()} is before the ask of {ask.asked_on.isoformat()}.",
            not_before(ask.asked_on, today),
            field="on",
        )
    return day
