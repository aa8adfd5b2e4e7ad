"""A referral from the day it is received to its end."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session

from refertrack.models.customers import Customer
from refertrack.models.referrals import Ask, Referral
from refertrack.rules.asks import ANSWERABLE
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.money import Money
from refertrack.rules.referrals import OPEN_STATES, check_consent, check_move, state_today, warnings
from refertrack.rules.schedule import is_past
from refertrack.rules.text import NOTE_LIMIT, clean
from refertrack.rules.words import AskState, Consent, CustomerStatus, ReferralState
from refertrack.store import journal
from refertrack.workflows import claims, customers, purchases, rewards
from refertrack.workflows.claims import ALREADY_REFERRED, EXISTING
from refertrack.workflows.moves import (
    TOWARDS,
    Moved,
    become_customer,
    earn,
    get,
    go,
    not_ahead,
    note_event,
    received_event,
)
from refertrack.workflows.referred import NewReferral, new_referral
from refertrack.workflows.scheduling import Scheduled, cancel, trigger
from refertrack.workflows.suppression import Suppressed


def receive(session: Session, referrer_id: int, new: NewReferral, ask_id: int | None = None) -> Moved:
    """Record a referral and decide who is credited: the first valid claim.

    One who is a customer already, or was referred before, is kept as disqualified (unless ``override``
    gives a reason). What follows is to thank the referrer and to contact the person, or, without their
    consent, to ask for an introduction.

    Raises:
        NotAllowed: referrer and person referred are the same, or an override would credit a second referrer.
        NotFound: the ask is not this customer's.
        BadValue: a value is not of its kind.

    """
    context = journal.context_of(session)
    referrer = customers.get(session, referrer_id)
    ask = _ask(session, referrer, ask_id)
    referral = new_referral(session, referrer, new, ask)
    claims.refuse_self(referrer, referral)
    if not new.override.strip():
        Suppressed(session).refuse(referral.name, referral.email_key, referral.phone_key)
    first = _attribute(session, referral, referrer, clean(new.override, field="anyway", limit=NOTE_LIMIT))
    session.add(referral)
    session.flush()
    state = ReferralState(referral.state)
    note_event(session, referral, "", state, referral.received_on, referral.reason)
    if first is not None and state is ReferralState.RECEIVED:
        _give_way(session, first, referral)
    if ask is not None and ask.state in ANSWERABLE:
        ask.state, ask.answered_on = AskState.NAMED, max(referral.received_on, ask.asked_on)
        ask.sent_on = ask.sent_on or ask.asked_on
        session.add(ask)
        cancel(session, "ask", ask.key, "answered")
    scheduled = _thanks(session, referral, first, context.today)
    earned = earn(session, referral, "", referral.received_on, scheduled)
    look = tuple(warnings(claims.person(referrer), claims.person(referral)))
    return Moved(referral, referrer, scheduled, look, rewards=earned)


def arrived(session: Session, referrer_id: int, customer: Customer) -> Moved:
    """Record that a customer who was just added came by somebody's word: a spontaneous referral that is won.

    A prospect's is received, and won with the first purchase. Where the same referrer had referred the person
    before, that referral is won; where another had, theirs is the first claim, and this one does not count.

    Raises:
        NotAllowed: the two are the same.

    """
    context = journal.context_of(session)
    referrer = customers.get(session, referrer_id)
    day = min(customer.joined_on or context.today, context.today)
    new = NewReferral(customer.name, customer.company, customer.email, customer.phone,
                      consent=Consent.CONSENT, received_on=day)  # fmt: skip
    referral = new_referral(session, referrer, new, None)
    claims.refuse_self(referrer, referral)
    first = claims.standing_claim(session, referral, customer.key)
    if first is not None and first.referrer_id == referrer.key and first.state != ReferralState.WON:
        return _came_after_all(session, first, referrer, customer, max(day, first.moved_on))
    prospect = customer.status == CustomerStatus.PROSPECT
    _decide(referral, first, claims.known_customer(session, referral, but=customer.key))
    counts = referral.state == ReferralState.RECEIVED
    if counts:
        referral.customer_id = customer.key
        referral.state = ReferralState.RECEIVED if prospect else ReferralState.WON
        customer.source = customer.source or "referral"
    session.add(referral)
    session.add(customer)
    session.flush()
    note_event(session, referral, "", ReferralState.RECEIVED if counts else ReferralState.DISQUALIFIED, day,
               referral.reason)  # fmt: skip
    if referral.state == ReferralState.WON:
        note_event(session, referral, ReferralState.RECEIVED, ReferralState.WON, day)
    scheduled = trigger(session, [received_event(referral, day, skip=TOWARDS)])
    earned = () if is_past(day, context.today) else earn(session, referral, "", day, scheduled)
    return Moved(referral, referrer, scheduled, customer=customer if counts else None, rewards=earned)


def move(
    session: Session,
    number: int,
    to: ReferralState,
    *,
    on: date | None = None,
    reason: str = "",
    consent: Consent | None = None,
    may_tell: bool | None = None,
) -> Moved:
    """Move a referral to another state; the person's consent may come with it.

    Raises:
        NotFound: there is no such referral.
        NotAllowed: the state machine does not allow it, a reason or the consent is missing, or another referrer
            is credited meanwhile.

    """
    referral, referrer = get(session, number)
    day = not_ahead(session, on, referral)
    words = clean(reason, field="reason", limit=NOTE_LIMIT)
    before = state_today(referral.state, referral.moved_on, journal.context_of(session).today)
    check_move(number, before, to, words)
    check_consent(number, to, consent if consent is not None else referral.consent)
    if to == ReferralState.RECEIVED:
        claims.check_free(session, referral)
        if before == ReferralState.DISQUALIFIED:
            referral.override_reason, referral.first_claim_id = words, None
    referral.consent = consent if consent is not None else referral.consent
    referral.may_tell_referrer = referral.may_tell_referrer if may_tell is None else may_tell
    came_from, scheduled = go(session, referral, to, day, words)
    return Moved(referral, referrer, scheduled, rewards=earn(session, referral, came_from, day, scheduled))


def win(
    session: Session,
    number: int,
    *,
    on: date | None = None,
    amount: Money | None = None,
    product: str = "",
    customer_id: int | None = None,
    came_anyway: bool | None = None,
    may_tell: bool | None = None,
    override: str = "",
) -> Moved:
    """Win a referral: the person becomes a customer (or is linked to one), with the purchase if an amount is given.

    Raises:
        NotFound: there is no such referral or customer.
        NotAllowed: the state machine does not allow it, another referrer is credited, the link would close a circle,
            or the customer was one before the referral (unless ``override`` gives a reason).

    """
    context = journal.context_of(session)
    referral, referrer = get(session, number)
    day = not_ahead(session, on, referral)
    before = state_today(referral.state, referral.moved_on, context.today)
    check_move(number, before, ReferralState.WON, "")
    customer = _customer_to_be(session, referral, customer_id)
    claims.check_free(session, referral, customer.key if customer else None)
    reason = clean(override, field="anyway", limit=NOTE_LIMIT)
    if customer is not None:
        claims.refuse_cycle(session, referrer, customer)
        _check_new(referral, customer, reason)
    customer = customer or _add_customer(session, referral, referrer.language, day)
    become_customer(session, referral, customer, day)
    referral.override_reason = reason or referral.override_reason
    referral.would_have_come_anyway = came_anyway if came_anyway is not None else referral.would_have_come_anyway
    referral.may_tell_referrer = referral.may_tell_referrer if may_tell is None else may_tell
    came_from, scheduled = go(session, referral, ReferralState.WON, day)
    if amount is not None or product:
        new = purchases.NewPurchase(product=product, amount=amount, ordered_on=day)
        scheduled.made.extend(purchases.add(session, customer.key, new).scheduled.made)
    earned = earn(session, referral, came_from, day, scheduled)
    unearned = rewards.unearned(session, referral, day)
    return Moved(referral, referrer, scheduled, customer=customer, rewards=earned, unearned=unearned)


def _attribute(session: Session, referral: Referral, referrer: Customer, override: str) -> Referral | None:
    """Decide whether a new referral is valid; return the claim that was there before it.

    Raises:
        NotAllowed: an override would credit a second referrer, or close a circle.

    """
    first = claims.standing_claim(session, referral)
    known = claims.known_customer(session, referral)
    _decide(referral, first, known)
    if referral.state == ReferralState.RECEIVED or not override:
        return first
    if first is not None and first.state == ReferralState.WON:
        raise NotAllowed(
            f"Referral {first.key} has won {first.name} already: only one referrer is credited.",
            f'If that was a mistake: refertrack reverse {first.key} --reason "…"',
        )
    if known is not None:
        claims.refuse_cycle(session, referrer, known)
    referral.state, referral.reason, referral.first_claim_id = ReferralState.RECEIVED, "", None
    referral.override_reason = override
    return first


def _decide(referral: Referral, first: Referral | None, known: Customer | None) -> None:
    """Write into a new referral whether it counts."""
    referral.state = ReferralState.RECEIVED
    if first is not None:
        referral.state, referral.reason = ReferralState.DISQUALIFIED, ALREADY_REFERRED
        referral.first_claim_id = first.key
    elif known is not None:
        referral.state, referral.reason = ReferralState.DISQUALIFIED, EXISTING


def _give_way(session: Session, first: Referral, credited: Referral) -> None:
    """Let an open first claim go, since a later one was given the credit; its referrer is not told anything."""
    if first.state not in OPEN_STATES:
        return
    day = max(credited.received_on, first.moved_on)
    reason = f"credited to referral {credited.key}"
    before, _ = go(session, first, ReferralState.DISQUALIFIED, day, reason, tell=False)
    first.first_claim_id = credited.key
    session.add(first)
    earn(session, first, before, day, Scheduled())


def _thanks(session: Session, referral: Referral, first: Referral | None, today: date) -> Scheduled:
    """Thank whoever refers, whether or not it counts; only the same person named twice by one is thanked once."""
    if referral.state == ReferralState.RECEIVED:
        return trigger(session, [received_event(referral, today)])
    if first is not None and first.referrer_id == referral.referrer_id:
        return Scheduled()
    return trigger(session, [received_event(referral, today, skip=TOWARDS)])


def _came_after_all(session: Session, referral: Referral, referrer: Customer, customer: Customer, day: date) -> Moved:
    if referral.state == ReferralState.LOST:
        go(session, referral, ReferralState.RECEIVED, day, "came after all")
    become_customer(session, referral, customer, day)
    before, scheduled = go(session, referral, ReferralState.WON, day)
    earned = earn(session, referral, before, day, scheduled)
    return Moved(referral, referrer, scheduled, customer=customer, rewards=earned)


def _check_new(referral: Referral, customer: Customer, override: str) -> None:
    joined_on = customer.joined_on
    prospect = customer.status == CustomerStatus.PROSPECT
    if prospect or override or joined_on is None or joined_on >= referral.received_on:
        return
    raise NotAllowed(
        f"{customer.name} was a customer since {joined_on.isoformat()}, before the referral.",
        f'refertrack disqualify {referral.id} --reason "{EXISTING}" · if it counts all the same: --anyway "why"',
    )


def _customer_to_be(session: Session, referral: Referral, customer_id: int | None) -> Customer | None:
    known = customer_id if customer_id is not None else referral.customer_id
    return customers.get(session, known) if known is not None else claims.same_customer(session, referral)


def _add_customer(session: Session, referral: Referral, language: str, day: date) -> Customer:
    """Add the person referred as a customer, who is taken to read what the letters before were written in."""
    values = {"name": referral.name, "company": referral.company, "email": referral.email, "phone": referral.phone,
              "language": language, "source": "referral", "joined_on": day}  # fmt: skip
    try:
        return customers.add(session, values, anyway=referral.override_reason or "referred by a customer").customer
    except BadValue as error:  # nobody has typed it now: it came with an older form, or from a damaged file
        raise NotAllowed(
            f"Referral {referral.id} cannot become a customer as it stands: {error.message}",
            f"Correct it: refertrack edit-referral {referral.id} --{error.field} …",
        ) from error


def _ask(session: Session, referrer: Customer, ask_id: int | None) -> Ask | None:
    if ask_id is None:
        return None
    ask = session.get(Ask, ask_id)
    if ask is None or ask.customer_id != referrer.key:
        raise NotFound(f"{referrer.name} has no ask {ask_id}.", f"See: refertrack asks --customer {referrer.key}")
    return ask
