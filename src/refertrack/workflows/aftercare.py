"""What a delivery calls for beside the check-in: an apology where it was late, and the next one in time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as sqlmodel_select

from refertrack.models.sales import Product, Purchase
from refertrack.reports.products import Rhythm
from refertrack.rules.errors import Ambiguous, BadValue, NotAllowed, NotFound
from refertrack.rules.promises import late_event
from refertrack.rules.schedule import Event, is_past
from refertrack.rules.words import PurchaseStatus
from refertrack.store import bulk, journal
from refertrack.workflows import customers, purchases, replacement
from refertrack.workflows.purchases import NewPurchase, Sold, words_for
from refertrack.workflows.scheduling import Scheduled, cancel, trigger


@dataclass(frozen=True)
class Cared:
    """A purchase that was recorded, delivered or promised anew, with all that follows.

    ``bought_again`` counts reminders that were closed since this replaces what they were for; ``own`` is the
    customer's own interval, where nobody has said how long this lasts.
    """

    sold: Sold
    scheduled: Scheduled = field(default_factory=Scheduled)
    bought_again: int = 0
    own: Rhythm | None = None


def add(session: Session, customer_id: int, new: NewPurchase, lifetime: replacement.Lifetime = None) -> Cared:
    """Record a purchase, and what its delivery calls for.

    Raises:
        BadValue: a day is before another that it cannot be before, or a value is not of its kind.

    """
    return _follow(session, purchases.add(session, customer_id, new), lifetime)


def deliver(
    session: Session,
    customer_id: int,
    on: date | None,
    purchase_id: int | None = None,
    lifetime: replacement.Lifetime = None,
) -> Cared:
    """Record a delivery, and what it calls for; for one that was recorded before, only how long it lasts.

    Raises:
        NotFound: nothing waits, or the named purchase is not this customer's.
        Ambiguous: several wait.
        BadValue: the delivery would be before the order or after today, or there is no own interval.
        NotAllowed: it was cancelled or returned, or has been delivered.

    """
    purchase = session.get(Purchase, purchase_id) if purchase_id is not None and on is None and lifetime else None
    if purchase is not None and purchase.customer_id == customer_id and purchase.status == PurchaseStatus.DELIVERED:
        customer = customers.get(session, customer_id)
        return _follow(session, Sold(purchase, customer, _what(session, purchase), Scheduled()), lifetime)
    return _follow(session, purchases.deliver(session, customer_id, on, purchase_id), lifetime)


def promise_again(session: Session, customer_id: int, on: date, purchase_id: int | None = None) -> Cared:
    """Give a customer a new day for what they wait for; the question whether it was delivered moves with it.

    Raises:
        NotFound: nothing waits, or the named purchase is not this customer's.
        Ambiguous: several wait.
        BadValue: the day is past.
        NotAllowed: it was delivered, cancelled or returned.

    """
    customer = customers.get(session, customer_id)
    purchase = _waiting(session, customer_id, customer.name, purchase_id)
    if on < journal.context_of(session).today:
        raise BadValue(f"{on.isoformat()} is past: it cannot be promised.", "Give a day from today on.", field="on")
    sold = purchases.promise(session, purchase, on)
    return Cared(sold, sold.scheduled)


def _follow(session: Session, sold: Sold, lifetime: replacement.Lifetime) -> Cared:
    purchase = sold.purchase
    replacement.give_lifetime(session, purchase, lifetime)
    late = late_event(purchase.key, purchase.customer_id, sold.what, purchase.delivered_on, purchase.promised_on)
    if not late:
        cancel(session, "purchase", purchase.key, "not late after all", steps=("apology",))
    events = [*late, *replacement.events_by_id(session, [purchase.key])]
    replacement.move(session, events)
    scheduled = _together(sold.scheduled, trigger(session, events))
    again = replacement.close_superseded(session, [purchase.customer_id])
    own = replacement.offered(session, purchase) if purchase.delivered_on else None
    return Cared(sold, scheduled, again, own)


def _together(first: Scheduled, second: Scheduled) -> Scheduled:
    return Scheduled(
        made=[*first.made, *second.made],
        shared=first.shared + second.shared,
        suppressed=first.suppressed + second.suppressed,
        left_out=first.left_out + second.left_out,
        waiting=first.waiting + second.waiting,
    )


def _what(session: Session, purchase: Purchase) -> str:
    return words_for(session.get(Product, purchase.product_id) if purchase.product_id else None, purchase)


def _waiting(session: Session, customer_id: int, name: str, purchase_id: int | None) -> Purchase:
    if purchase_id is not None:
        named = session.get(Purchase, purchase_id)
        if named is None or named.customer_id != customer_id:
            raise NotFound(f"{name} has no purchase {purchase_id}.", f"See: refertrack customer {customer_id}")
        if named.status != PurchaseStatus.ORDERED:
            raise NotAllowed(
                f"Purchase {named.key} was {named.status}: there is nothing left to promise.",
                f"See: refertrack customer {customer_id}",
            )
        return named
    found = session.exec(
        sqlmodel_select(Purchase)
        .where(Purchase.customer_id == customer_id, Purchase.status == PurchaseStatus.ORDERED)
        .order_by(col(Purchase.ordered_on), col(Purchase.id))
    ).all()
    if not found:
        raise NotFound(
            f"{name} waits for no delivery.", f"Record the sale first: refertrack add-purchase {customer_id}"
        )
    if len(found) > 1:
        raise Ambiguous(
            f"{name} waits for {len(found)} deliveries:",
            f"Say which: --purchase {found[0].key}",
            candidates=tuple((row.key, f"{_what(session, row)}, ordered {row.ordered_on}") for row in found),
        )
    return found[0]


def lasting_products(session: Session) -> frozenset[int]:
    """Return the products that have a lifetime or a guarantee."""
    table = bulk.table_of(Product)
    query = select(table.c.id).where(table.c.lifetime_days.is_not(None) | table.c.guarantee_days.is_not(None))
    return frozenset(row[0] for row in session.connection().execute(query))


def concerns(row: Mapping[str, Any], lasting: frozenset[int], today: date) -> bool:
    """Whether a purchase of a file calls for more than the check-in: it is of a lasting product, or came late."""
    delivered_on, promised_on = row["delivered_on"], row["promised_on"]
    if delivered_on is None:
        return False
    late = promised_on is not None and delivered_on > promised_on and not is_past(delivered_on, today)
    return late or row["product_id"] in lasting


def imported(session: Session, purchase_ids: Sequence[int]) -> int:
    """Let deliveries that came from a file have their guarantee and what they call for; return how many items.

    What would be due more than 30 days ago is not made.
    """
    session.flush()
    today = journal.context_of(session).today
    table, product = bulk.table_of(Purchase), bulk.table_of(Product)
    query = (
        select(table, product.c.name, product.c.guarantee_days)
        .outerjoin(product, product.c.id == table.c.product_id)
        .where(table.c.status == PurchaseStatus.DELIVERED, table.c.delivered_on.is_not(None))
        .order_by(table.c.id)
    )
    events: list[Event] = []
    guaranteed: list[dict[str, Any]] = []
    concerned: set[int] = set()
    for some in bulk.in_lists(purchase_ids):
        for row in session.connection().execute(query.where(table.c.id.in_(some))).mappings():
            concerned.add(row["customer_id"])
            what = row["name"] or (row["description"].splitlines() or ["order"])[0]
            events += late_event(row["id"], row["customer_id"], what, row["delivered_on"], row["promised_on"])
            if row["guarantee_days"] and row["guarantee_until"] is None:
                until = row["delivered_on"] + timedelta(days=row["guarantee_days"])
                guaranteed.append({"id": row["id"], "guarantee_until": until})
    bulk.update(session, Purchase, guaranteed)
    events += replacement.events_by_id(session, purchase_ids)
    replacement.move(session, events)
    scheduled = trigger(session, _coming(events, today))
    replacement.close_superseded(session, sorted(concerned))
    return len(scheduled.made)


def _coming(events: Iterable[Event], today: date) -> list[Event]:
    return [event for event in events if not is_past(event.on, today)]
