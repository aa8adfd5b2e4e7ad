"""Who is credited with a person referred: one referrer, the first valid claim."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, or_, select

from refertrack.models.customers import Customer
from refertrack.models.referrals import Referral
from refertrack.rules.errors import NotAllowed
from refertrack.rules.referrals import Person, holds_claim, same_person
from refertrack.rules.words import CustomerStatus, ReferralState
from refertrack.store import journal

ALREADY_REFERRED, EXISTING = "already referred", "existing customer"


def person(row: Customer | Referral) -> Person:
    """Return who somebody is, as far as attribution looks."""
    return Person(row.name, row.company, row.email_key, row.phone_key)


def standing_claim(session: Session, referral: Referral, customer_id: int | None = None) -> Referral | None:
    """Return another referral that claims the same person (or the customer whom they became), the first of them."""
    same = [*_same_keys(Referral, referral)]
    who = customer_id if customer_id is not None else referral.customer_id
    if who is not None:
        same.append(col(Referral.customer_id) == who)
    if not same:
        return None
    today = journal.context_of(session).today
    query = select(Referral).where(or_(*same)).order_by(col(Referral.id))
    found = (other for other in session.exec(query).all() if other.id != referral.id)
    return next((other for other in found if _holds(other, today)), None)


def known_customer(session: Session, referral: Referral, but: int | None = None) -> Customer | None:
    """Return the customer who is the person referred, and was one before the referral."""
    same = [*_same_keys(Customer, referral)]
    if not same:
        return None
    query = select(Customer).where(
        or_(*same),
        col(Customer.merged_into).is_(None),
        col(Customer.status).not_in([CustomerStatus.PROSPECT, CustomerStatus.ERASED]),
    )
    return next((each for each in session.exec(query).all() if each.id != but and was_before(each, referral)), None)


def was_before(customer: Customer, referral: Referral) -> bool:
    """Whether somebody was a customer already when they were referred."""
    return customer.joined_on is None or customer.joined_on <= referral.received_on


def same_customer(session: Session, referral: Referral) -> Customer | None:
    """Return the customer or prospect who has the e-mail address or the phone number of the person referred."""
    same = [*_same_keys(Customer, referral)]
    if not same:
        return None
    query = select(Customer).where(
        or_(*same), col(Customer.merged_into).is_(None), Customer.status != CustomerStatus.ERASED
    )
    return session.exec(query.order_by(col(Customer.id))).first()


def check_free(session: Session, referral: Referral, customer_id: int | None = None) -> None:
    """See that nobody else is credited with the person.

    Raises:
        NotAllowed: somebody is.

    """
    other = standing_claim(session, referral, customer_id)
    if other is not None and other.state != ReferralState.LOST:
        end = "reverse" if referral.state == ReferralState.WON else "disqualify"
        raise NotAllowed(
            f"{referral.name} is credited to referral {other.key}: only one referrer is.",
            f'If it is the same person: refertrack {end} {referral.id} --reason "{ALREADY_REFERRED}"',
        )


def refuse_self(referrer: Customer, referral: Referral) -> None:
    """See that nobody refers themselves.

    Raises:
        NotAllowed: the e-mail address or the phone number is the referrer's.

    """
    if same_person(person(referrer), person(referral)):
        raise NotAllowed(
            f"{referrer.name} cannot refer themselves: the e-mail or the phone is the same.",
            "Correct --email or --phone.",
        )


def refuse_cycle(session: Session, referrer: Customer, customer: Customer) -> None:
    """See that nobody is brought by somebody whom they brought, over however many steps.

    Raises:
        NotAllowed: they would be.

    """
    if customer.key == referrer.key:
        raise NotAllowed(f"{referrer.name} cannot refer themselves.", "Name another with --customer.")
    if closes_circle(session, referrer.key, customer.key):
        raise NotAllowed(
            f"{customer.name} stands above {referrer.name} in the line of referrals: that would close a circle.",
            f"See: refertrack network {customer.key}",
        )


def closes_circle(session: Session, referrer_id: int, customer_id: int) -> bool:
    """Whether a customer stands above a referrer already; circles of old or imported data end the walk."""
    above, seen = [referrer_id], set[int]()
    while above:
        current = above.pop()
        if current == customer_id:
            return True
        if current in seen:
            continue
        seen.add(current)
        query = select(Referral.referrer_id).where(Referral.customer_id == current, Referral.state == ReferralState.WON)
        above.extend(session.exec(query).all())
    return False


def _holds(referral: Referral, today: date) -> bool:
    return holds_claim(referral.state, referral.moved_on, referral.received_on, today)


def _same_keys(model: type[Customer] | type[Referral], referral: Referral) -> Iterator[ColumnElement[bool]]:
    if referral.email_key:
        yield col(model.email_key) == referral.email_key
    if referral.phone_key:
        yield col(model.phone_key) == referral.phone_key
