"""What is known of a customer is corrected: each field, the status, the tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from refertrack.models.customers import Customer, CustomerTag, Tag
from refertrack.models.follow_ups import FollowUp
from refertrack.rules.errors import BadValue, Conflict, NotAllowed, NotFound
from refertrack.rules.keeping import rhythm
from refertrack.rules.names import key
from refertrack.rules.words import CustomerStatus, FollowUpState
from refertrack.store import journal
from refertrack.workflows import beginnings, customers, rhythms

_KEYS = frozenset({"name_key", "company_key", "email_key", "phone_key"})


@dataclass(frozen=True)
class Correction:
    """What is to be changed of a customer; what is left out stays as it is."""

    values: Mapping[str, Any]
    status: CustomerStatus | None = None
    tags: Sequence[str] = ()
    untags: Sequence[str] = ()


@dataclass(frozen=True)
class Edited:
    """A customer as it is now, and each change as (field, before, after); ``closed`` items went with it."""

    customer: Customer
    changes: tuple[tuple[str, Any, Any], ...]
    closed: int = 0


def edit(session: Session, customer_id: int, correction: Correction, *, seen_version: int | None = None) -> Edited:
    """Correct what is known of a customer.

    Raises:
        NotFound: there is no such customer, or it does not carry a tag that is to go.
        Conflict: somebody else changed the customer since ``seen_version`` was read.
        BadValue: a value is not of its kind.
        NotAllowed: another customer has the same external id.

    """
    context = journal.context_of(session)
    customer = customers.get(session, customer_id)
    if seen_version is not None and customer.version != seen_version:
        raise Conflict(
            f"{customer.name} ({customer.id}) was changed by somebody else since you looked; nothing was changed.",
            f"Look again: refertrack customer {customer.id}",
        )
    values = customers.checked(correction.values, context.business.country)
    changes = [
        (name, getattr(customer, name), value)
        for name, value in values.items()
        if getattr(customer, name) != value and name not in _KEYS
    ]
    _refuse_taken_id(session, customer, values)
    segments = context.business.segments
    before = rhythm(segments, customer.segment, customer.keep_in_touch_days)
    for name, value in values.items():
        if getattr(customer, name) != value:
            setattr(customer, name, value)
    session.add(customer)
    session.flush()
    after = rhythm(segments, customer.segment, customer.keep_in_touch_days)
    rhythms.follow(session, {customer.key: (before, after)})
    closed = 0
    if correction.status is not None and correction.status != customer.status:
        changes.append(("status", customer.status, correction.status))
        closed = _give_status(session, customer, correction.status, context.today)
    if customer.joined_on is not None and any(name == "joined_on" for name, _, _ in changes):
        beginnings.begin_by(session, {customer.key: customer.joined_on})
    changes += _retag(session, customer, correction)
    return Edited(customer, tuple(changes), closed)


def _refuse_taken_id(session: Session, customer: Customer, values: Mapping[str, Any]) -> None:
    source = values.get("external_source", customer.external_source)
    external = values.get("external_id", customer.external_id)
    if external is None:
        return
    same = (Customer.external_source == source, Customer.external_id == external, Customer.id != customer.id)
    other = session.exec(select(Customer).where(*same)).first()
    if other is not None:
        raise NotAllowed(
            f'{other.name} ({other.id}) has the external id "{external}" already.',
            f"See: refertrack customer {other.id}",
        )


def _give_status(session: Session, customer: Customer, status: CustomerStatus, today: date) -> int:
    """Give a customer another status; who is no customer any more is not followed up. Return the items closed."""
    if status == CustomerStatus.ERASED:
        raise BadValue(
            "A customer is not erased by a status.", f"Like this: refertrack forget-customer {customer.id}",
            field="status",
        )  # fmt: skip
    customers.set_status(session, customer, status, today)
    if status != CustomerStatus.FORMER:
        return 0
    live = (FollowUp.customer_id == customer.key, col(FollowUp.state).in_([FollowUpState.OPEN, FollowUpState.HELD]))
    items = session.exec(select(FollowUp).where(*live)).all()
    for item in items:
        item.state, item.closed_on, item.reason = FollowUpState.CANCELLED, today, "no customer any more"
        session.add(item)
    session.flush()
    return len(items)


def _retag(session: Session, customer: Customer, correction: Correction) -> list[tuple[str, Any, Any]]:
    before = tags_of(session, customer)
    customers.add_tags(session, customer, list(correction.tags))
    for name in correction.untags:
        pair = (Tag.name_key == key(name), CustomerTag.customer_id == customer.key)
        link = session.exec(select(CustomerTag).join(Tag, col(Tag.id) == col(CustomerTag.tag_id)).where(*pair)).first()
        if link is None:
            raise NotFound(f'{customer.name} carries no tag "{name}".', f"See: refertrack customer {customer.id}")
        session.delete(link)
    session.flush()
    after = tags_of(session, customer)
    return [("tags", before, after)] if before != after else []


def tags_of(session: Session, customer: Customer) -> list[str]:
    """Return the names of a customer's tags, in the order of the alphabet."""
    query = (
        select(Tag.name)
        .join(CustomerTag, col(CustomerTag.tag_id) == col(Tag.id))
        .where(CustomerTag.customer_id == customer.key)
        .order_by(Tag.name_key)
    )
    return list(session.exec(query).all())
