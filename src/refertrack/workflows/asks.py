"""A SMART request: recorded and sent. Its answer is in ``answers``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select as select_rows
from sqlmodel import Session, col, select

from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp, FollowUpAnchor
from refertrack.models.referrals import Ask
from refertrack.reports.readiness import readiness_of
from refertrack.rules import evidence, smart
from refertrack.rules.asks import ANSWERABLE
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.gates import channel_for
from refertrack.rules.readiness import Readiness, Verdict
from refertrack.rules.schedule import Event
from refertrack.rules.text import NOTE_LIMIT, clean
from refertrack.rules.words import AskState, Channel, FollowUpState, Purpose
from refertrack.store import bulk, journal
from refertrack.store.engine import session_reader
from refertrack.workflows import customers
from refertrack.workflows.known import LIVE
from refertrack.workflows.scheduling import Scheduled, cancel, trigger


@dataclass(frozen=True)
class Asked:
    """An ask that was recorded, why this customer can be asked, and what follows."""

    ask: Ask
    customer: Customer
    readiness: Readiness
    scheduled: Scheduled


def record(
    session: Session,
    customer_id: int,
    request: smart.Smart,
    *,
    anyway: str = "",
    incentive: str = "",
    channel: str = "",
) -> Asked:
    """Record a SMART request; the item to send it is due today, and ends with the request's own day.

    ``request.realistic`` may be empty: then the evidence of readiness stands there. The ask keeps the channel
    (the customer's, if none is given) and the customer's language. It is a draft until it was ``sent``.

    Raises:
        BadValue: one of the five letters is not as it should be, or a public word is to be paid for.
        NotAllowed: the customer should not be asked (yet), and ``anyway`` gives no reason.

    """
    context = journal.context_of(session)
    customer = customers.get(session, customer_id)
    way = check_channel(channel) or channel_for(customer.preferred_channel, customer.email, customer.phone)
    weights = context.business.weights
    readiness = readiness_of(session_reader(session), customer.key, context.today, weights, way)
    reason = clean(anyway, field="anyway", limit=NOTE_LIMIT)
    check_ready(customer.key, customer.name, readiness, request.attainable, reason)
    request = replace(
        request, realistic=request.realistic or readiness.evidence or reason or evidence.known(customer.joined_on)
    )
    smart.check(request, context.today)
    ask = Ask(
        customer_id=customer.key,
        asked_on=context.today,
        specific=request.specific,
        measurable=request.measurable,
        attainable=request.attainable,
        realistic=request.realistic,
        time_specific=request.time_specific,
        incentive=smart.check_incentive(request.attainable, incentive),
        anyway_reason=reason if readiness.verdict is not Verdict.ASK_NOW else "",
        channel=way,
        language=customer.language,
    )
    session.add(ask)
    session.flush()
    _close_plans(session, ask)
    event = sending(customer.key, ask.key, ask.specific, ask.time_specific, context.today, way)
    return Asked(ask, customer, readiness, trigger(session, [event]))


def check_ready(customer_id: int, name: str, readiness: Readiness, form: str, anyway: str) -> None:
    """See that a customer may be asked in a form.

    A public review is asked of everybody alike, not only of the delighted. A reason to ask all the same counts
    for everything but what the customers themselves have refused.

    Raises:
        NotAllowed: they may not be asked (yet); the hint says what to do first.

    """
    if readiness.verdict is Verdict.ASK_NOW:
        return
    if readiness.barred:
        raise NotAllowed(
            f"{name} must not be asked: {', '.join(readiness.reasons)}.",
            f"That is their word, and no reason outweighs it. Another way: refertrack ask {customer_id} --channel …",
        )
    if anyway or (form == smart.REVIEW and readiness.verdict is Verdict.NOT_YET):
        return
    stopped = readiness.verdict is Verdict.DO_NOT_ASK
    raise NotAllowed(
        f"{name} should not be asked{'' if stopped else ' yet'}: {', '.join(readiness.reasons)}.",
        f'{_first(readiness)}: refertrack customer {customer_id} · ask all the same: --anyway "why"',
    )


def check_channel(text: str) -> str:
    """Return a channel, or "" where none is given.

    Raises:
        BadValue: it is none.

    """
    word = text.strip().casefold()
    if word and word not in list(Channel):
        raise BadValue(f'"{text}" is no channel.', f"Say one of: {', '.join(Channel)}.", field="channel")
    return word


def sent(session: Session, number: int, on: date) -> Ask:
    """Note that a request was sent: from then on it counts, and on its day it is due to remind of it.

    Raises:
        NotFound: there is no such ask.
        NotAllowed: the day by which it asks was over when it was sent.

    """
    ask = get(session, number)
    if ask.state != AskState.DRAFT:
        return ask
    if on > ask.time_specific:
        raise NotAllowed(
            f"Ask {number} was for {ask.time_specific.isoformat()}: that day is over, and it was not sent.",
            f"Ask anew: refertrack ask {ask.customer_id} · if it was sent in time, give its day: --on DAY",
        )
    ask.state, ask.sent_on = AskState.SENT, max(on, ask.asked_on)
    session.add(ask)
    session.flush()
    trigger(session, [reminder(ask.customer_id, ask.key, ask.specific, ask.time_specific, ask.channel)])
    return ask


def sending(customer_id: int, number: int, specific: str, by: date, today: date, channel: str = "") -> Event:
    """Return what a request that was not sent yet calls for, until its day is over."""
    because, ends_on = _wanted(specific or "a referral", by), by + timedelta(days=1)
    return Event("ask", customer_id, today, "ask", number, because, channel=channel, ends_on=ends_on)


def reminder(customer_id: int, number: int, specific: str, by: date, channel: str = "") -> Event:
    """Return what a request that was sent calls for on its day, where no answer has come before."""
    because = f"asked for {_wanted(specific or 'a referral', by)}"
    return Event("ask_due", customer_id, by, "ask", number, because, channel=channel)


def named(session: Session, answered: Mapping[int, date]) -> None:
    """Let asks that waited for an answer have brought a name: their ids, and the day on which it came."""
    table = bulk.table_of(Ask)
    query = select_rows(table.c.id, table.c.asked_on, table.c.sent_on).where(table.c.state.in_(ANSWERABLE))
    rows = [
        {"id": row.id, "state": AskState.NAMED, "answered_on": max(answered[row.id], row.asked_on),
         "sent_on": row.sent_on or row.asked_on}
        for some in bulk.in_lists(sorted(answered))
        for row in session.connection().execute(query.where(table.c.id.in_(some)))
    ]  # fmt: skip
    bulk.update(session, Ask, rows)
    close_items(session, [row["id"] for row in rows])


def close_items(session: Session, numbers: Iterable[int], reason: str = "answered") -> None:
    """Close what still hangs on asks that were answered, or cancelled."""
    anchor, item = bulk.table_of(FollowUpAnchor), bulk.table_of(FollowUp)
    query = select_rows(anchor.c.anchor_id).distinct().join(item, item.c.id == anchor.c.follow_up_id)
    query = query.where(anchor.c.anchor_table == "ask", item.c.state.in_(LIVE))
    for some in bulk.in_lists(sorted(set(numbers))):
        for number in session.connection().execute(query.where(anchor.c.anchor_id.in_(some))).scalars().all():
            cancel(session, "ask", number, reason)


def get(session: Session, number: int) -> Ask:
    """Return an ask by id.

    Raises:
        NotFound: there is none.

    """
    ask = session.get(Ask, number) if number < 2**62 else None
    if ask is None:
        raise NotFound(f"There is no ask {number}.", "See: refertrack asks")
    return ask


def _wanted(specific: str, by: date) -> str:
    return f"{specific}, by {by.isoformat()}"


def _first(readiness: Readiness) -> str:
    return "Put it right first" if any("complaint" in reason for reason in readiness.reasons) else "See"


def _close_plans(session: Session, ask: Ask) -> None:
    """Let go of items that were to ask: a plan to ask again is done with this, "thank, and ask" is to thank now."""
    query = select(FollowUp).where(
        FollowUp.customer_id == ask.customer_id,
        FollowUp.step == "ask",
        FollowUp.purpose == Purpose.REFERRAL,
        col(FollowUp.state).in_(LIVE),
    )
    for item in session.exec(query).all():
        if item.playbook == "ask_again":
            item.state, item.closed_on, item.reason = FollowUpState.DONE, ask.asked_on, "asked"
        else:
            item.what, item.waits = "say thanks", f"asked on {ask.asked_on.isoformat()}: ask {ask.key}"
        session.add(item)
    session.flush()
