"""Customers come, change and are grouped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, func, select

from refertrack.models.customers import Customer, CustomerStatusChange, CustomerTag, Tag
from refertrack.rules.errors import BadValue, NotFound
from refertrack.rules.names import email_key, key, parse_email, parse_phone, phone_key
from refertrack.rules.segments import check_days
from refertrack.rules.text import NAME_LIMIT, NOTE_LIMIT, clean
from refertrack.rules.words import Channel, CustomerStatus
from refertrack.store import bulk, journal
from refertrack.workflows import entering, keeping
from refertrack.workflows.suppression import Suppressed, taken_in_again

SHORT_FIELDS = (
    "name",
    "company",
    "segment",
    "owner",
    "source",
    "city",
    "country",
    "language",
    "external_source",
    "external_id",
)


@dataclass(frozen=True)
class Added:
    """A customer that was added, and whether someone with the same e-mail or phone was there before."""

    customer: Customer
    alike: Customer | None


def checked(values: Mapping[str, Any], country: str) -> dict[str, Any]:
    """Validate and normalise what people type about a customer; keys that are given come back, with their keys.

    Raises:
        BadValue: a value is not of its kind.

    """
    found: dict[str, Any] = dict(values)
    for name in SHORT_FIELDS:
        if found.get(name) is not None:
            found[name] = clean(found[name], field=name, limit=NAME_LIMIT)
    if "notes" in found:
        found["notes"] = clean(found["notes"], field="notes", limit=NOTE_LIMIT)
    if "name" in found:
        if not found["name"]:
            raise BadValue("A customer needs a name.", 'Like this: refertrack add-customer "Hanna Berg"', field="name")
        found["name_key"] = key(found["name"])
    if "company" in found:
        found["company_key"] = key(found["company"])
    if "email" in found:
        found["email"] = parse_email(found["email"]) if found["email"] else ""
        found["email_key"] = email_key(found["email"])
    if "phone" in found:
        found["phone"] = parse_phone(found["phone"], country) if found["phone"] else ""
        found["phone_key"] = phone_key(found["phone"])
    if found.get("keep_in_touch_days") is not None:
        found["keep_in_touch_days"] = check_days(found["keep_in_touch_days"], field="keep-in-touch")
    _check_channel(found.get("preferred_channel"))
    return found


def _check_channel(channel: str | None) -> None:
    if channel and channel not in list(Channel):
        raise BadValue(f'"{channel}" is no channel.', f"Say one of: {', '.join(Channel)}.", field="channel")


def add(session: Session, values: Mapping[str, Any], *, prospect: bool = False, anyway: str = "") -> Added:
    """Add a customer (a prospect, if said so) who joined today unless ``joined_on`` says otherwise.

    One who asked to be forgotten is taken in again with a reason alone (``anyway``), which their notes keep.

    Raises:
        BadValue: a value is not of its kind.
        NotAllowed: the person asked to be forgotten.

    """
    context = journal.context_of(session)
    found = checked(values, context.business.country)
    status = CustomerStatus.PROSPECT if prospect else CustomerStatus.ACTIVE
    found["joined_on"] = found.get("joined_on") or context.today
    customer = Customer(**{**found, "status": status, "owner": found.get("owner", "")})
    suppressed = Suppressed(session)
    if not anyway:
        suppressed.refuse(customer.name, customer.email_key, customer.phone_key)
    elif suppressed.kind_of(customer.email_key, customer.phone_key):
        customer.notes = taken_in_again(customer.notes, anyway)
    alike = _alike(session, customer)
    session.add(customer)
    session.flush()
    session.add(CustomerStatusChange(customer_id=customer.key, status=status, since=found["joined_on"]))
    session.flush()
    entering.enter(session, [{**customer.model_dump(), "since": customer.joined_on}])
    return Added(customer, alike)


def _alike(session: Session, customer: Customer) -> Customer | None:
    for column, value in ((Customer.email_key, customer.email_key), (Customer.phone_key, customer.phone_key)):
        if value:
            found = session.exec(select(Customer).where(column == value, Customer.merged_into == None)).first()  # noqa: E711
            if found is not None:
                return found
    return None


def get(session: Session, customer_id: int) -> Customer:
    """Return a customer by id.

    Raises:
        NotFound: there is none.

    """
    customer = session.get(Customer, customer_id)
    if customer is None or customer.status == CustomerStatus.ERASED:
        raise NotFound(f"There is no customer {customer_id}.", "See: refertrack customers")
    return customer


def set_status(session: Session, customer: Customer, status: CustomerStatus, since: date) -> None:
    """Give a customer another status from a day on; nothing happens where it has it already.

    What was said last holds: a day before the last change (a clock that was put back, something told late) becomes
    the day of that change.
    """
    if customer.status == status:
        return
    customer.status = status
    session.add(customer)
    day = max(since, status_since(session, customer.key) or since)
    session.add(CustomerStatusChange(customer_id=customer.key, status=status, since=day))
    session.flush()
    keeping.follow_status(session, customer, since)


def status_since(session: Session, customer_id: int) -> date | None:
    """Return the day of a customer's last change of status."""
    return statuses_since(session, [customer_id]).get(customer_id)


def statuses_since(session: Session, customer_ids: Sequence[int]) -> dict[int, date]:
    """Return the day of the last change of status of each of many customers."""
    who, since = col(CustomerStatusChange.customer_id), func.max(CustomerStatusChange.since)
    found: dict[int, date] = {}
    for some in bulk.in_lists(customer_ids):
        found.update(session.exec(select(who, since).where(who.in_(some)).group_by(who)).all())
    return found


def add_tags(session: Session, customer: Customer, names: list[str]) -> None:
    """Give a customer tags, once each.

    Raises:
        BadValue: a tag is empty or too long.

    """
    for name in names:
        words = clean(name, field="tag", limit=NAME_LIMIT)
        if not words:
            raise BadValue("A tag needs a name.", "Like this: --tag trade-fair", field="tag")
        tag = session.exec(select(Tag).where(Tag.name_key == key(words))).first()
        if tag is None:
            tag = Tag(name=words, name_key=key(words))
            session.add(tag)
            session.flush()
        pair = (CustomerTag.customer_id == customer.key, CustomerTag.tag_id == tag.key)
        if session.exec(select(CustomerTag).where(*pair)).first() is None:
            session.add(CustomerTag(customer_id=customer.key, tag_id=tag.key))
    session.flush()
