"""A referral goes from one state to another: the one way by which every command moves it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, or_, select

from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp, FollowUpAnchor
from refertrack.models.referrals import Referral, ReferralEvent, Reward
from refertrack.models.sales import Purchase
from refertrack.rules.dates import not_before
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.incentives import Rule
from refertrack.rules.referrals import OPEN_STATES, check_consent, check_move, expires_on, in_window, state_today
from refertrack.rules.schedule import Event
from refertrack.rules.words import Consent, CustomerStatus, FollowUpState, PurchaseStatus, ReferralState
from refertrack.store import bulk, journal
from refertrack.workflows import beginnings, claims, customers, rewards
from refertrack.workflows.scheduling import LIVE, Scheduled, cancel, trigger

# The items that lead to the person referred; they end with the referral.
TOWARDS = ("contact", "introduction")
FIRST_PURCHASE = "first purchase"


@dataclass(frozen=True)
class Moved:
    """A referral that was received or moved, its referrer, and what follows; ``warnings`` deserve a look.

    ``unearned`` are the rules by which a win earned nothing, or nothing yet, and why.
    """

    referral: Referral
    referrer: Customer
    scheduled: Scheduled
    warnings: tuple[str, ...] = ()
    customer: Customer | None = None
    rewards: tuple[Reward, ...] = ()
    unearned: tuple[tuple[Rule, str], ...] = ()


def get(session: Session, number: int) -> tuple[Referral, Customer]:
    """Return a referral and its referrer.

    Raises:
        NotFound: there is none.
        NotAllowed: the person referred was erased.

    """
    referral = session.get(Referral, number) if number < 2**62 else None
    if referral is None:
        raise NotFound(f"There is no referral {number}.", "See: refertrack referrals")
    if not referral.name:
        raise NotAllowed(f"Referral {number} has ended: the person was erased.", "See: refertrack referrals")
    return referral, customers.get(session, referral.referrer_id)


def go(
    session: Session, referral: Referral, to: ReferralState, day: date, reason: str = "", *, tell: bool = True
) -> tuple[str, Scheduled]:
    """Move a referral, with its event and its items; return the state it came from, and what follows.

    At an end the referrer is told how it went, unless ``tell`` is off.

    Raises:
        NotAllowed: the state machine does not allow it, a reason is missing, or the person may not be spoken with.

    """
    before = state_today(referral.state, referral.moved_on, journal.context_of(session).today)
    check_move(referral.key, before, to, reason)
    check_consent(referral.key, to, referral.consent)
    referral.state, referral.moved_on = to, day
    referral.reason = "" if to == ReferralState.RECEIVED else reason  # why it was opened again stands in its event
    session.add(referral)
    session.flush()
    note_event(session, referral, before, to, day, reason)
    return before, _follow(session, referral, to, day, tell=tell)


def note_event(
    session: Session, referral: Referral, before: str, after: ReferralState, on: date, reason: str = ""
) -> None:
    """Keep that a referral changed its state: when, by whom, why."""
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


def earn(session: Session, referral: Referral, before: str, day: date, scheduled: Scheduled) -> tuple[Reward, ...]:
    """Let a move earn or lose what the incentives say; return what stands and what fell."""
    followed = rewards.follow(session, referral, before, day)
    scheduled.made.extend(followed.scheduled.made)
    return (*rewards.standing(session, referral.key), *followed.fallen)


def received_event(
    referral: Referral, day: date, *, name: str = "referral_received", skip: Sequence[str] = ()
) -> Event:
    """Return what follows a referral: thanks, and the way to the person that is open, until it expires."""
    closed = "contact" if referral.consent == Consent.NONE else "introduction"
    because = f"referred {referral.name}"
    return Event(name, referral.referrer_id, day, "referral", referral.key, because, skip=frozenset({closed, *skip}),
                 ends_on=expires_on(referral.moved_on))  # fmt: skip


def towards(session: Session, referral: Referral, day: date) -> Scheduled:
    """Open the way to the person referred: contact them, or ask for an introduction; perhaps once more."""
    step = "introduction" if referral.consent == Consent.NONE else "contact"
    for playbook in ("referral_received", "referral_reopened"):
        scheduled = trigger(session, [received_event(referral, day, name=playbook, skip=["thanks"])])
        if scheduled.made or scheduled.suppressed:
            return scheduled
        if _revive(session, referral, playbook, step, day):
            return Scheduled()
    return Scheduled()


def bought(session: Session, customer_ids: Iterable[int]) -> list[Moved]:
    """Win the referrals of customers whose first purchase came within 365 days of them."""
    session.flush()
    moved: list[Moved] = []
    if session.exec(select(Referral.id).where(col(Referral.state).in_(OPEN_STATES)).limit(1)).first() is None:
        return moved
    for some in bulk.in_lists(sorted(set(customer_ids))):
        known = session.exec(select(Customer).where(col(Customer.id).in_(some)).order_by(col(Customer.id))).all()
        claiming = _claiming(session, known)
        for customer in known if claiming else ():
            found = _owed(session, customer, claiming)
            if found is not None:
                moved.append(_won_by_purchase(session, customer, *found))
    return moved


def not_ahead(session: Session, on: date | None, referral: Referral | None = None) -> date:
    """Return the day on which something happened: today, or a day that is past and after the referral's last move.

    Raises:
        BadValue: it has not come yet, or it is before what happened last.

    """
    today = journal.context_of(session).today
    day = on or today
    if day > today:
        raise BadValue(f"{day.isoformat()} has not come yet.", "Give the day on which it happened.", field="on")
    if referral is not None and day < referral.moved_on:
        raise BadValue(
            f"{day.isoformat()} is before the referral was {referral.state} ({referral.moved_on.isoformat()}).",
            not_before(referral.moved_on, today),
            field="on",
        )
    return day


def become_customer(session: Session, referral: Referral, customer: Customer, day: date) -> None:
    """Link the customer whom a person referred has become; a prospect becomes active."""
    referral.customer_id = customer.key
    customer.source = customer.source or "referral"
    session.add(customer)
    if customer.status == CustomerStatus.PROSPECT:
        customers.set_status(session, customer, CustomerStatus.ACTIVE, day)
        beginnings.begin_by(session, {customer.key: day})


def _follow(session: Session, referral: Referral, to: ReferralState, day: date, *, tell: bool) -> Scheduled:
    """Close the items that have served, and make those that the new state calls for."""
    if to in {ReferralState.CONTACTED, ReferralState.QUALIFIED}:
        cancel(session, "referral", referral.key, f"referral {to}", steps=TOWARDS, state=FollowUpState.DONE)
        return Scheduled()
    cancel(session, "referral", referral.key, f"referral {to}", steps=(*TOWARDS, "tell"))
    if to == ReferralState.RECEIVED:
        return towards(session, referral, day)
    if to == ReferralState.WON:
        return _tell(session, "referral_won", referral, day, "became a customer")
    if to in {ReferralState.LOST, ReferralState.DISQUALIFIED} and tell and not _told_with_another(session, referral):
        return _tell(session, "referral_lost", referral, day, "did not come to us")
    return Scheduled()


def _tell(session: Session, name: str, referral: Referral, day: date, words: str) -> Scheduled:
    """Let the referrer be told how it went: at each end anew."""
    event = Event(name, referral.referrer_id, day, "referral", referral.key, f"{referral.name} {words}")
    scheduled = trigger(session, [event])
    if not scheduled.made:
        _revive(session, referral, name, "tell", day)
    return scheduled


def _told_with_another(session: Session, referral: Referral) -> bool:
    """Whether the letter that waits for the same referrer says the same: without leave it names nobody."""
    if referral.may_tell_referrer:
        return False
    query = (
        select(Referral.id)
        .join(FollowUpAnchor, col(FollowUpAnchor.anchor_id) == col(Referral.id))
        .join(FollowUp, col(FollowUp.id) == col(FollowUpAnchor.follow_up_id))
        .where(
            FollowUpAnchor.anchor_table == "referral",
            FollowUp.playbook == "referral_lost",
            FollowUp.customer_id == referral.referrer_id,
            col(FollowUp.state).in_(LIVE),
            Referral.id != referral.id,
            col(Referral.may_tell_referrer).is_(False),
        )
    )
    return session.exec(query.limit(1)).first() is not None


def _revive(session: Session, referral: Referral, playbook: str, step: str, day: date) -> bool:
    """Open an item again that was made before and closed without having been done; whether there is one."""
    query = (
        select(FollowUp)
        .join(FollowUpAnchor, col(FollowUpAnchor.follow_up_id) == col(FollowUp.id))
        .where(
            FollowUpAnchor.anchor_table == "referral",
            FollowUpAnchor.anchor_id == referral.key,
            FollowUp.playbook == playbook,
            FollowUp.step == step,
            FollowUp.state == FollowUpState.CANCELLED,
        )
    )
    item = session.exec(query).first()
    if item is None:
        return False
    item.state, item.closed_on, item.reason, item.due_on = FollowUpState.OPEN, None, "", day
    item.ends_on = expires_on(referral.moved_on) if step in TOWARDS else None
    session.add(item)
    session.flush()
    return True


def _claiming(session: Session, known: Sequence[Customer]) -> dict[str, list[Referral]]:
    """Return the open referrals of customers, by whatever they know the person by."""
    same = or_(
        col(Referral.customer_id).in_([customer.key for customer in known]),
        col(Referral.email_key).in_([customer.email_key for customer in known if customer.email_key]),
        col(Referral.phone_key).in_([customer.phone_key for customer in known if customer.phone_key]),
    )
    query = select(Referral).where(same, col(Referral.state).in_(OPEN_STATES)).order_by(col(Referral.id))
    found: dict[str, list[Referral]] = {}
    for referral in session.exec(query).all():
        for name, value in _names(referral.customer_id, referral):
            if value:
                found.setdefault(name, []).append(referral)
    return found


def _names(customer_id: int | None, row: Customer | Referral) -> tuple[tuple[str, object], ...]:
    keys = (("id", customer_id), ("email", row.email_key), ("phone", row.phone_key))
    return tuple((f"{kind} {value}", value) for kind, value in keys)


def _owed(session: Session, customer: Customer, claiming: dict[str, list[Referral]]) -> tuple[Referral, date] | None:
    """Return the referral to which a customer's first purchase is owed, and the day of it."""
    names = _names(customer.key, customer)
    matching = {referral.key: referral for name, _ in names for referral in claiming.get(name, ())}
    if not matching:
        return None
    query = select(col(Purchase.ordered_on)).where(
        Purchase.customer_id == customer.key,
        col(Purchase.status).in_([PurchaseStatus.ORDERED, PurchaseStatus.DELIVERED]),
    )
    first = session.exec(query.order_by(col(Purchase.ordered_on))).first()
    if first is None:
        return None
    today = journal.context_of(session).today
    fitting = [
        referral
        for referral in matching.values()
        if referral.state in OPEN_STATES
        and in_window(referral.received_on, first)
        and claims.standing_claim(session, referral, customer.key) is None
        and not claims.closes_circle(session, referral.referrer_id, customer.key)
    ]
    alive = [each for each in fitting if state_today(each.state, each.moved_on, today) in OPEN_STATES]
    best = min(alive or fitting, key=lambda referral: referral.key, default=None)
    return (best, first) if best else None


def _won_by_purchase(session: Session, customer: Customer, referral: Referral, first: date) -> Moved:
    day = max(first, referral.moved_on)
    become_customer(session, referral, customer, day)
    before, scheduled = go(session, referral, ReferralState.WON, day, "")
    earned = earn(session, referral, before, day, scheduled)
    referrer = customers.get(session, referral.referrer_id)
    return Moved(referral, referrer, scheduled, customer=customer, rewards=earned)
