"""A referral from the day it is received to its end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, or_, select

from refertrack.models.customers import Customer
from refertrack.models.referrals import Ask, Referral, ReferralEvent, Reward
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.money import Money
from refertrack.rules.names import email_key, key, parse_email, parse_phone, phone_key
from refertrack.rules.referrals import OPEN_STATES, Person, check_move, same_person, state_today, warnings
from refertrack.rules.schedule import Event, is_past
from refertrack.rules.text import NAME_LIMIT, NOTE_LIMIT, clean
from refertrack.rules.words import AskState, Consent, CustomerStatus, FollowUpState, ReferralState
from refertrack.store import journal
from refertrack.workflows import customers, purchases, rewards
from refertrack.workflows.scheduling import Scheduled, cancel, trigger

DEAD = (ReferralState.DISQUALIFIED, ReferralState.EXPIRED, ReferralState.REVERSED)


@dataclass(frozen=True)
class NewReferral:
    """A person referred, as typed."""

    name: str
    company: str = ""
    email: str = ""
    phone: str = ""
    relation: str = ""
    consent: Consent = Consent.NONE
    received_on: date | None = None
    override: str = ""


@dataclass(frozen=True)
class Moved:
    """A referral that was received or moved, its referrer, and what follows; ``warnings`` deserve a look."""

    referral: Referral
    referrer: Customer
    scheduled: Scheduled
    warnings: tuple[str, ...] = ()
    customer: Customer | None = None
    rewards: tuple[Reward, ...] = ()


def receive(session: Session, referrer_id: int, new: NewReferral, ask_id: int | None = None) -> Moved:
    """Record a referral and decide who is credited: the first valid claim.

    One who is a customer already, or was referred before, is kept as disqualified (unless ``override``
    gives a reason). What follows is to thank the referrer and to contact the person, or, without their
    consent, to ask for an introduction.

    Raises:
        NotAllowed: referrer and person referred are the same.
        NotFound: the ask is not this customer's.
        BadValue: a value is not of its kind.

    """
    context = journal.context_of(session)
    referrer = customers.get(session, referrer_id)
    ask = _ask(session, referrer, ask_id)
    referral = _new(session, referrer, new, ask)
    _refuse_self(referrer, referral)
    state, reason, first = _attribution(session, referral)
    if state is ReferralState.DISQUALIFIED and new.override.strip():
        referral.override_reason = clean(new.override, field="anyway", limit=NOTE_LIMIT)
        state, reason = ReferralState.RECEIVED, ""
    referral.state, referral.reason = state, reason
    referral.first_claim_id = first.key if first else None
    session.add(referral)
    session.flush()
    _event(session, referral, "", state, referral.received_on, reason)
    if ask is not None and ask.state in {
        AskState.DRAFT,
        AskState.SENT,
        AskState.AGREED,
        AskState.NO_RESPONSE,
    }:
        ask.state, ask.answered_on = AskState.NAMED, referral.received_on
        ask.sent_on = ask.sent_on or ask.asked_on
        session.add(ask)
        cancel(session, "ask", ask.key, "answered")
    scheduled = (
        Scheduled() if state is not ReferralState.RECEIVED else trigger(session, [_received(referral, context.today)])
    )
    earned = _rewards(session, referral, "", referral.received_on, scheduled)
    return Moved(referral, referrer, scheduled, tuple(warnings(_person(referrer), _person(referral))), rewards=earned)


def arrived(session: Session, referrer_id: int, customer: Customer) -> Moved:
    """Record that a new customer came by somebody's word: a spontaneous referral that is won.

    Raises:
        NotAllowed: the two are the same.

    """
    context = journal.context_of(session)
    referrer = customers.get(session, referrer_id)
    day = customer.joined_on or context.today
    new = NewReferral(
        customer.name,
        customer.company,
        customer.email,
        customer.phone,
        consent=Consent.CONSENT,
        received_on=day,
    )
    referral = _new(session, referrer, new, None)
    _refuse_self(referrer, referral)
    referral.state, referral.customer_id = ReferralState.WON, customer.key
    customer.source = customer.source or "referral"
    session.add(referral)
    session.add(customer)
    session.flush()
    _event(session, referral, "", ReferralState.RECEIVED, day)
    _event(session, referral, ReferralState.RECEIVED, ReferralState.WON, day)
    event = replace(_received(referral, day), skip=frozenset({"contact", "introduction"}))
    scheduled = trigger(session, [event])
    earned = () if is_past(day, context.today) else _rewards(session, referral, "", day, scheduled)
    return Moved(referral, referrer, scheduled, customer=customer, rewards=earned)


def move(session: Session, number: int, to: ReferralState, *, on: date | None = None, reason: str = "") -> Moved:
    """Move a referral to another state.

    Raises:
        NotFound: there is no such referral.
        NotAllowed: the state machine does not allow it, or a reason is missing.

    """
    context = journal.context_of(session)
    referral, referrer = get(session, number)
    day = _not_ahead(on or context.today, context.today, referral.received_on)
    words = clean(reason, field="reason", limit=NOTE_LIMIT)
    before = state_today(referral.state, referral.moved_on, context.today)
    check_move(number, before, to, words)
    referral.state, referral.reason, referral.moved_on = to, words, day
    session.add(referral)
    session.flush()
    _event(session, referral, before, to, day, words)
    if to not in OPEN_STATES:
        cancel(session, "referral", referral.key, f"referral {to}", steps=("contact", "introduction"))
    if to == ReferralState.CONTACTED:
        cancel(session, "referral", referral.key, "contacted", steps=("contact",), state=FollowUpState.DONE)
    scheduled = Scheduled()
    if to == ReferralState.LOST:
        scheduled = trigger(session, [_ended("referral_lost", referral, day)])
    elif to == ReferralState.RECEIVED:
        scheduled = trigger(session, [_received(referral, day)])
    return Moved(referral, referrer, scheduled, rewards=_rewards(session, referral, before, day, scheduled))


def win(
    session: Session,
    number: int,
    *,
    on: date | None = None,
    amount: Money | None = None,
    product: str = "",
    customer_id: int | None = None,
    came_anyway: bool | None = None,
) -> Moved:
    """Win a referral: the person becomes a customer (or is linked to one), with the purchase if an amount is given.

    Raises:
        NotFound: there is no such referral or customer.
        NotAllowed: the state machine does not allow it, or the link would close a circle.

    """
    context = journal.context_of(session)
    referral, referrer = get(session, number)
    day = _not_ahead(on or context.today, context.today, referral.received_on)
    before = state_today(referral.state, referral.moved_on, context.today)
    check_move(number, before, ReferralState.WON, "")
    customer = _won_customer(session, referral, customer_id, day)
    _refuse_cycle(session, referrer, customer)
    referral.state, referral.reason, referral.moved_on = ReferralState.WON, "", day
    referral.customer_id = customer.key
    referral.would_have_come_anyway = came_anyway
    session.add(referral)
    session.flush()
    _event(session, referral, before, ReferralState.WON, day)
    cancel(session, "referral", referral.key, "referral won", steps=("contact", "introduction"))
    scheduled = trigger(session, [_ended("referral_won", referral, day)])
    if amount is not None or product:
        sold = purchases.add(
            session, customer.key, purchases.NewPurchase(product=product, amount=amount, ordered_on=day)
        )
        scheduled.made.extend(sold.scheduled.made)
    earned = _rewards(session, referral, before, day, scheduled)
    return Moved(referral, referrer, scheduled, customer=customer, rewards=earned)


def _rewards(session: Session, referral: Referral, before: str, day: date, scheduled: Scheduled) -> tuple[Reward, ...]:
    """Let a move earn or lose what the incentives say; return what stands."""
    followed = rewards.follow(session, referral, before, day)
    scheduled.made.extend(followed.scheduled.made)
    return (*rewards.standing(session, referral.key), *followed.fallen)


def get(session: Session, number: int) -> tuple[Referral, Customer]:
    """Return a referral and its referrer.

    Raises:
        NotFound: there is none.

    """
    referral = session.get(Referral, number)
    if referral is None:
        raise NotFound(f"There is no referral {number}.", "See: refertrack referrals")
    return referral, customers.get(session, referral.referrer_id)


def _new(session: Session, referrer: Customer, new: NewReferral, ask: Ask | None) -> Referral:
    context = journal.context_of(session)
    name = clean(new.name, field="name", limit=NAME_LIMIT)
    if not name:
        raise BadValue("The person referred needs a name.", 'refertrack refer REFERRER "Rui Costa"', field="name")
    email = parse_email(new.email) if new.email else ""
    phone = parse_phone(new.phone, context.business.country) if new.phone else ""
    day = _not_ahead(new.received_on or context.today, context.today, None)
    return Referral(
        referrer_id=referrer.key,
        ask_id=ask.key if ask else None,
        name=name,
        company=clean(new.company, field="company", limit=NAME_LIMIT),
        email=email,
        phone=phone,
        name_key=key(name),
        email_key=email_key(email),
        phone_key=phone_key(phone),
        received_on=day,
        moved_on=day,
        relation=clean(new.relation, field="relation", limit=NAME_LIMIT),
        consent=new.consent,
    )


def _attribution(session: Session, referral: Referral) -> tuple[ReferralState, str, Referral | None]:
    """Decide whether a new referral is valid: not a customer already, and the first claim."""
    same_claim = _same_keys(Referral, referral)
    if same_claim is not None:
        first = session.exec(
            select(Referral).where(same_claim, col(Referral.state).not_in(DEAD)).order_by(col(Referral.id))
        ).first()
        if first is not None:
            return ReferralState.DISQUALIFIED, "already referred", first
    same_customer = _same_keys(Customer, referral)
    if same_customer is not None:
        known = session.exec(
            select(Customer).where(
                same_customer, col(Customer.status).not_in([CustomerStatus.PROSPECT, CustomerStatus.ERASED])
            )
        ).first()
        if known is not None:
            return ReferralState.DISQUALIFIED, "existing customer", None
    return ReferralState.RECEIVED, "", None


def _same_keys(model: type[Customer] | type[Referral], referral: Referral):  # type: ignore[no-untyped-def]
    same = []
    if referral.email_key:
        same.append(col(model.email_key) == referral.email_key)
    if referral.phone_key:
        same.append(col(model.phone_key) == referral.phone_key)
    return or_(*same) if same else None


def _won_customer(session: Session, referral: Referral, customer_id: int | None, day: date) -> Customer:
    customer: Customer | None = None
    if customer_id is not None:
        customer = customers.get(session, customer_id)
    else:
        same = _same_keys(Customer, referral)
        if same is not None:
            customer = session.exec(select(Customer).where(same, col(Customer.merged_into).is_(None))).first()
    if customer is None:
        values = {
            "name": referral.name,
            "company": referral.company,
            "email": referral.email,
            "phone": referral.phone,
            "source": "referral",
            "joined_on": day,
        }
        return customers.add(session, values).customer
    customer.source = customer.source or "referral"
    session.add(customer)
    if customer.status == CustomerStatus.PROSPECT:
        customers.set_status(session, customer, CustomerStatus.ACTIVE, day)
    return customer


def _refuse_self(referrer: Customer, referral: Referral) -> None:
    if same_person(_person(referrer), _person(referral)):
        raise NotAllowed(
            f"{referrer.name} cannot refer themselves: the e-mail or the phone is the same.",
            "Correct --email or --phone.",
        )


def _refuse_cycle(session: Session, referrer: Customer, customer: Customer) -> None:
    """Walk up from the referrer; whoever brought them cannot be brought by them."""
    seen: set[int] = set()
    current: int | None = referrer.key
    while current is not None and current not in seen:
        if current == customer.key:
            raise NotAllowed(
                f"{customer.name} stands above {referrer.name} in the line of referrals: that would close a circle.",
                f"See: refertrack customer {customer.key}",
            )
        seen.add(current)
        current = session.exec(
            select(Referral.referrer_id).where(Referral.customer_id == current, Referral.state == ReferralState.WON)
        ).first()


def _ask(session: Session, referrer: Customer, ask_id: int | None) -> Ask | None:
    if ask_id is None:
        return None
    ask = session.get(Ask, ask_id)
    if ask is None or ask.customer_id != referrer.key:
        raise NotFound(f"{referrer.name} has no ask {ask_id}.", f"See: refertrack customer {referrer.key}")
    return ask


def _received(referral: Referral, day: date) -> Event:
    may_contact = referral.consent in {Consent.CONSENT, Consent.INTRODUCTION}
    return Event(
        "referral_received",
        referral.referrer_id,
        day,
        "referral",
        referral.key,
        f"referred {referral.name}",
        skip=frozenset({"introduction" if may_contact else "contact"}),
    )


def _ended(name: str, referral: Referral, day: date) -> Event:
    words = "became a customer" if name == "referral_won" else "did not come to us"
    return Event(name, referral.referrer_id, day, "referral", referral.key, f"{referral.name} {words}")


def _event(session: Session, referral: Referral, before: str, after: ReferralState, on: date, reason: str = "") -> None:
    context = journal.context_of(session)
    session.add(
        ReferralEvent(
            referral_id=referral.key,
            from_state=before,
            to_state=after,
            on_day=on,
            at=context.now,
            author=context.author,
            reason=reason,
        )
    )
    session.flush()


def _person(row: Customer | Referral) -> Person:
    return Person(row.name, row.company, row.email_key, row.phone_key)


def _not_ahead(day: date, today: date, received_on: date | None) -> date:
    if day > today:
        raise BadValue(f"{day.isoformat()} has not come yet.", "Give the day on which it happened.", field="on")
    if received_on is not None and day < received_on:
        raise BadValue(
            f"{day.isoformat()} is before the referral was received ({received_on.isoformat()}).",
            "Give a later day.",
            field="on",
        )
    return day
