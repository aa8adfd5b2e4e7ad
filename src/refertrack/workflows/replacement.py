"""Before it runs out: the reminder to offer the next one, made when the last one is delivered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlmodel import Session

from refertrack.models.follow_ups import FollowUp, FollowUpAnchor
from refertrack.models.sales import Product, Purchase
from refertrack.reports.products import Rhythm, own_rhythm
from refertrack.rules.errors import BadValue
from refertrack.rules.holidays import holiday_check
from refertrack.rules.promises import replacement_event
from refertrack.rules.schedule import Event, plan
from refertrack.rules.sentences import ORDER
from refertrack.rules.words import FollowUpState, PurchaseStatus
from refertrack.store import bulk, journal
from refertrack.store.engine import session_reader

PLAYBOOK, STEP = "replacement", "offer"
OWN = "own"
Lifetime = int | str | None  # days, or OWN: the customer's own interval between purchases
_STANDING = (PurchaseStatus.ORDERED, PurchaseStatus.DELIVERED)
_LIVE = (FollowUpState.OPEN, FollowUpState.HELD)
_purchase = bulk.table_of(Purchase)
_later = _purchase.alias("later")


def events_by_id(session: Session, purchase_ids: Sequence[int]) -> list[Event]:
    """Return the reminders that deliveries call for: of what has a lifetime, and was not bought again since."""
    session.flush()
    product = bulk.table_of(Product)
    query = (
        select(_purchase, product.c.name, product.c.lifetime_days.label("usual_days"))
        .outerjoin(product, product.c.id == _purchase.c.product_id)
        .where(
            _purchase.c.status == PurchaseStatus.DELIVERED,
            _purchase.c.delivered_on.is_not(None),
            or_(_purchase.c.lifetime_days.is_not(None), product.c.lifetime_days.is_not(None)),
            ~_bought_again(),
        )
        .order_by(_purchase.c.id)
    )
    return [
        _event(row)
        for some in bulk.in_lists(purchase_ids)
        for row in session.connection().execute(query.where(_purchase.c.id.in_(some))).mappings()
    ]


def _event(row: Any) -> Event:
    what = row["name"] or (row["description"].splitlines() or [ORDER])[0]
    days = row["lifetime_days"] or row["usual_days"]
    return replacement_event(row["id"], row["customer_id"], what, row["delivered_on"], days)


def _bought_again() -> ColumnElement[bool]:
    """Whether the same was bought by the same customer later on."""
    same = or_(
        _later.c.product_id == _purchase.c.product_id,
        and_(_later.c.product_id.is_(None), _purchase.c.product_id.is_(None)),
    )
    after = or_(
        _later.c.ordered_on > _purchase.c.ordered_on,
        and_(_later.c.ordered_on == _purchase.c.ordered_on, _later.c.id > _purchase.c.id),
    )
    of_customer = _later.c.customer_id == _purchase.c.customer_id
    return exists().where(of_customer, same, after, _later.c.status.in_(_STANDING)).correlate(_purchase)


def give_lifetime(session: Session, purchase: Purchase, lifetime: Lifetime) -> None:
    """Say how long a purchase lasts, where that differs from its product.

    Raises:
        BadValue: it is to be the customer's own interval, and they have bought on fewer than three days.

    """
    if lifetime == OWN:
        own = own_rhythm(session_reader(session), purchase.customer_id, purchase.product_id)
        if own is None:
            raise BadValue(
                "An own interval needs purchases on three days.",
                "Say how long it lasts: --lifetime 90",
                field="lifetime",
            )
        lifetime = own.interval_days
    if isinstance(lifetime, int):
        purchase.lifetime_days = lifetime
        session.add(purchase)
        session.flush()


def offered(session: Session, purchase: Purchase) -> Rhythm | None:
    """Return the customer's own interval, where nobody has said how long this lasts; None where it is known."""
    product = session.get(Product, purchase.product_id) if purchase.product_id else None
    if purchase.lifetime_days or (product is not None and product.lifetime_days):
        return None
    return own_rhythm(session_reader(session), purchase.customer_id, purchase.product_id)


def close_superseded(session: Session, customer_ids: Iterable[int]) -> int:
    """Close live reminders to replace what was bought again since; return how many."""
    session.flush()
    item, anchor = bulk.table_of(FollowUp), bulk.table_of(FollowUpAnchor)
    standing = (
        exists()
        .where(
            anchor.c.follow_up_id == item.c.id,
            anchor.c.anchor_table == "purchase",
            anchor.c.anchor_id == _purchase.c.id,
            ~_bought_again(),
        )
        .correlate(item)
    )
    query = select(item.c.id).where(item.c.playbook == PLAYBOOK, item.c.state.in_(_LIVE), ~standing)
    today = journal.context_of(session).today
    rows = [
        {"id": row[0], "state": FollowUpState.CANCELLED, "closed_on": today, "reason": "bought again"}
        for some in bulk.in_lists(customer_ids)
        for row in session.connection().execute(query.where(item.c.customer_id.in_(some)))
    ]
    bulk.update(session, FollowUp, rows)
    return len(rows)


def move(session: Session, moved: Sequence[Event]) -> int:
    """Give live items that hang on a purchase alone the day and the reason that it has now; return how many moved.

    Items that somebody moved by hand keep their day.
    """
    session.flush()
    context = journal.context_of(session)
    is_holiday = holiday_check(context.business.country)
    wanted = {(event.name, event.anchor_id): event for event in moved}
    items, anchors, changed = [], [], 0
    for anchor, item in _hanging(session, [event.anchor_id for event in moved]):
        event = wanted.get((anchor["playbook"], anchor["anchor_id"]))
        playbook = context.business.playbooks.get(anchor["playbook"])
        step = playbook.step(anchor["step"]) if playbook else None
        if event is None or playbook is None or step is None or anchor["anchor_on"] == event.on:
            continue
        planned = next(each for each in plan(playbook, event.on, is_holiday) if each.step is step)
        due_on = item["due_on"] if item["moved"] else planned.due_on
        anchors.append({"id": anchor["id"], "anchor_on": event.on})
        items.append({"id": item["id"], "because": event.because, "nominal_due": planned.nominal_due, "due_on": due_on})
        changed += due_on != item["due_on"]
    bulk.update(session, FollowUpAnchor, anchors)
    bulk.update(session, FollowUp, items)
    return changed


def _hanging(session: Session, purchase_ids: Iterable[int]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Give the live items that hang on one purchase alone, with what they hang on by."""
    item, anchor = bulk.table_of(FollowUp), bulk.table_of(FollowUpAnchor)
    other = anchor.alias("other")
    shared = exists().where(other.c.follow_up_id == item.c.id, other.c.id != anchor.c.id).correlate(item, anchor)
    query = (
        select(
            *(anchor.c[name] for name in ("id", "playbook", "step", "anchor_id", "anchor_on")),
            item.c.id.label("item"),
            item.c.due_on,
            item.c.moved,
        )
        .join(item, item.c.id == anchor.c.follow_up_id)
        .where(anchor.c.anchor_table == "purchase", item.c.state.in_(_LIVE), ~shared)
        .order_by(anchor.c.id)
    )
    for some in bulk.in_lists(sorted(set(purchase_ids))):
        for row in session.connection().execute(query.where(anchor.c.anchor_id.in_(some))).mappings():
            found = dict(row)
            yield found, {"id": found["item"], "due_on": found["due_on"], "moved": found["moved"]}
