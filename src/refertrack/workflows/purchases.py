"""A sale and its delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp
from refertrack.models.referrals import Referral
from refertrack.models.sales import Product, Purchase
from refertrack.rules.dates import not_before
from refertrack.rules.errors import Ambiguous, BadValue, NotAllowed, NotFound
from refertrack.rules.money import Money
from refertrack.rules.names import key
from refertrack.rules.schedule import Event, is_past
from refertrack.rules.sentences import day_words, delivered_because, ordered_because, promised_because
from refertrack.rules.text import NAME_LIMIT, NOTE_LIMIT, clean
from refertrack.rules.words import CustomerStatus, PurchaseStatus, ReferralState
from refertrack.store import journal
from refertrack.workflows import beginnings, customers, moves, rewards
from refertrack.workflows.corrections import Redated, redate, release
from refertrack.workflows.scheduling import Scheduled, cancel, trigger

DELIVERY_DAYS = 14


@dataclass(frozen=True)
class Sold:
    """A purchase that was recorded, delivered, corrected or ended, and what follows.

    ``was_delivered_on`` is the day that was corrected; ``redated`` are open items that moved with it, and
    ``closed`` those that went; ``won`` are referrals that it wins; ``hollow`` is the won referral of a customer
    who has nothing left that they bought.
    """

    purchase: Purchase
    customer: Customer
    what: str
    scheduled: Scheduled
    won: tuple[moves.Moved, ...] = ()
    was_delivered_on: date | None = None
    redated: tuple[Redated, ...] = ()
    closed: tuple[FollowUp, ...] = ()
    hollow: int | None = None


@dataclass(frozen=True)
class NewPurchase:
    """A purchase as it is typed; days that are left out are unknown."""

    product: str = ""
    description: str = ""
    quantity: int = 1
    amount: Money | None = None
    list_amount: Money | None = None
    ordered_on: date | None = None
    promised_on: date | None = None
    delivered_on: date | None = None


def add(session: Session, customer_id: int, new: NewPurchase) -> Sold:
    """Record a purchase; one that was delivered at once is both ordered and delivered.

    Raises:
        BadValue: a day is before another that it cannot be before, or a value is not of its kind.

    """
    context = journal.context_of(session)
    customer = customers.get(session, customer_id)
    ordered_on = new.ordered_on or new.delivered_on or context.today
    check_days(ordered_on, new.promised_on, new.delivered_on)
    if new.quantity < 1:
        raise BadValue(f"{new.quantity} is no quantity.", "Give a whole number from 1 on.", field="quantity")
    product = find_product(session, new.product) if new.product.strip() else None
    money = new.amount or new.list_amount
    purchase = Purchase(
        customer_id=customer.key,
        product_id=product.key if product else None,
        description=clean(new.description, field="description", limit=NOTE_LIMIT),
        quantity=new.quantity,
        amount_minor=new.amount.amount_minor if new.amount else None,
        list_amount_minor=new.list_amount.amount_minor if new.list_amount else None,
        currency=money.currency if money else context.business.currency,
        ordered_on=ordered_on,
        promised_on=new.promised_on,
        delivered_on=new.delivered_on,
        guarantee_until=guarantee_until(product, new.delivered_on),
        status=PurchaseStatus.DELIVERED if new.delivered_on else PurchaseStatus.ORDERED,
    )
    session.add(purchase)
    session.flush()
    if customer.status in {CustomerStatus.PROSPECT, CustomerStatus.DORMANT}:
        customers.set_status(session, customer, CustomerStatus.ACTIVE, ordered_on)
    beginnings.begin_by(session, {customer.key: ordered_on})
    what = words_for(product, purchase)
    scheduled = trigger(session, events_of(purchase, what, context.today))
    won = tuple(moves.bought(session, [customer.key]))
    for moved in won:
        scheduled.made.extend(moved.scheduled.made)
    scheduled.made.extend(rewards.bought(session, [customer.key], {purchase.key}).scheduled.made)
    return Sold(purchase, customer, what, scheduled, won)


def deliver(session: Session, customer_id: int, on: date | None, purchase_id: int | None = None) -> Sold:
    """Record the delivery of the one purchase that waits, or of the one that is named.

    Where the named one was delivered on another day, that day is corrected: open items that nobody moved by
    hand move with it.

    Raises:
        NotFound: nothing waits, or the named purchase is not this customer's.
        Ambiguous: several wait.
        BadValue: the delivery would be before the order or after today.
        NotAllowed: it was cancelled or returned, or has been delivered on that very day.

    """
    context = journal.context_of(session)
    day = on or context.today
    customer = customers.get(session, customer_id)
    purchase = _waiting(session, customer, purchase_id)
    was = purchase.delivered_on
    _check_stands(purchase)
    if was is not None and on in {None, was}:
        raise NotAllowed(
            f"Purchase {purchase.key} was delivered on {was.isoformat()}.",
            f"Was it another day? refertrack deliver {customer.key} --purchase {purchase.key} --on DAY",
        )
    if day > context.today:
        raise BadValue(f"{day.isoformat()} has not come yet.", "Give the day on which it was delivered.", field="on")
    check_days(purchase.ordered_on, purchase.promised_on, day, hint=not_before(purchase.ordered_on, context.today))
    product = session.get(Product, purchase.product_id) if purchase.product_id else None
    purchase.delivered_on = day
    purchase.guarantee_until = guarantee_until(product, day)
    purchase.status = PurchaseStatus.DELIVERED
    return _followed(session, purchase, customer, was)


def promise(session: Session, purchase: Purchase, promised_on: date) -> Sold:
    """Correct the day that was promised: the question whether it was delivered moves with it.

    Raises:
        BadValue: the day is before the order.
        NotAllowed: it was cancelled or returned.

    """
    _check_stands(purchase)
    check_days(purchase.ordered_on, promised_on, purchase.delivered_on)
    purchase.promised_on = promised_on
    return _followed(session, purchase, customers.get(session, purchase.customer_id), purchase.delivered_on)


def end(
    session: Session, customer_id: int, on: date | None, purchase_id: int | None = None, *, reason: str = ""
) -> Sold:
    """Take a purchase back: returned, if it was delivered, else cancelled. Its open items are closed.

    Raises:
        NotFound: there is no such purchase, or none that could be meant.
        Ambiguous: several could be meant, and none is named.
        BadValue: the day is before the order or after today.
        NotAllowed: it was cancelled or returned already.

    """
    context = journal.context_of(session)
    customer = customers.get(session, customer_id)
    purchase = _standing(session, customer, purchase_id)
    _check_stands(purchase)
    day = on or context.today
    began, what_began = (purchase.delivered_on or purchase.ordered_on), "delivery" if purchase.delivered_on else "order"
    if day > context.today:
        raise BadValue(f"{day.isoformat()} has not come yet.", "Give the day on which it came back.", field="on")
    if day < began:
        words = f"{day.isoformat()} is before the {what_began} of {began.isoformat()}."
        raise BadValue(words, not_before(began, context.today), field="on")
    purchase.status = PurchaseStatus.RETURNED if purchase.delivered_on else PurchaseStatus.CANCELLED
    purchase.ended_on = day
    session.add(purchase)
    session.flush()
    words = clean(reason, field="reason", limit=NOTE_LIMIT)
    closed = give_up(session, purchase.key, f"{purchase.status} {day_words(day)}{f': {words}' if words else ''}")
    what = words_for(session.get(Product, purchase.product_id) if purchase.product_id else None, purchase)
    return Sold(purchase, customer, what, Scheduled(), closed=tuple(closed), hollow=_hollow(session, customer))


def _hollow(session: Session, customer: Customer) -> int | None:
    """Return the won referral of a customer who has nothing left that they bought: perhaps it is to be reversed."""
    if _of(session, customer, PurchaseStatus.ORDERED, PurchaseStatus.DELIVERED):
        return None
    query = select(Referral.id).where(Referral.customer_id == customer.key, Referral.state == ReferralState.WON)
    return session.exec(query.order_by(col(Referral.id))).first()


def give_up(session: Session, number: int, reason: str) -> list[FollowUp]:
    """Close what was to follow a purchase; items that serve others too go on without it."""
    closed = cancel(session, "purchase", number, reason)
    release(session, "purchase", number)
    return closed


def _followed(session: Session, purchase: Purchase, customer: Customer, was: date | None) -> Sold:
    """Let what follows a purchase follow its days as they are now."""
    session.add(purchase)
    session.flush()
    what = words_for(session.get(Product, purchase.product_id) if purchase.product_id else None, purchase)
    events = events_of(purchase, what, journal.context_of(session).today)
    closed = (
        cancel(session, "purchase", purchase.key, "delivered", steps=("question",)) if purchase.delivered_on else []
    )
    redated = redate(session, events)
    scheduled = trigger(session, events)
    return Sold(purchase, customer, what, scheduled, (), was, tuple(redated), tuple(closed))


def events_of(purchase: Purchase, what: str, today: date) -> list[Event]:
    """Return what a purchase means for its customer: ordered, and delivered where it is; else to be asked about."""
    if purchase.status in {PurchaseStatus.CANCELLED, PurchaseStatus.RETURNED}:
        return []
    events = [
        Event(
            "order",
            purchase.customer_id,
            purchase.ordered_on,
            "purchase",
            purchase.key,
            ordered_because(what, purchase.ordered_on),
        )
    ]
    if purchase.delivered_on is not None:
        because = delivered_because(what, purchase.delivered_on, purchase.promised_on)
        events.append(
            Event("delivered", purchase.customer_id, purchase.delivered_on, "purchase", purchase.key, because)
        )
    else:
        asked_on = question_day(purchase.ordered_on, purchase.promised_on)
        because = promised_because(what, purchase.promised_on, purchase.ordered_on)
        if not is_past(asked_on, today):
            events.append(Event("undelivered", purchase.customer_id, asked_on, "purchase", purchase.key, because))
    return events


def question_day(ordered_on: date, promised_on: date | None) -> date:
    """Return the day on which to ask whether something was delivered: as promised, else 14 days after the order."""
    return promised_on or ordered_on + timedelta(days=DELIVERY_DAYS)


def check_days(ordered_on: date, promised_on: date | None, delivered_on: date | None, *, hint: str = "") -> None:
    """See that nothing was promised or delivered before it was ordered; ``hint`` says what to type.

    Raises:
        BadValue: it was.

    """
    for field, day in (("promised", promised_on), ("delivered", delivered_on)):
        if day is not None and day < ordered_on:
            raise BadValue(
                f"It cannot be {field} on {day.isoformat()}, before the order of {ordered_on.isoformat()}.",
                hint or f"Correct --{field} or --ordered.",
                field=field,
            )


def find_product(session: Session, name: str) -> Product:
    """Return the product of that name; a new one is added.

    Raises:
        BadValue: the name is too long or holds what no name can.

    """
    words = clean(name, field="product", limit=NAME_LIMIT)
    product = session.exec(select(Product).where(Product.name_key == key(words))).first()
    if product is None:
        product = Product(name=words, name_key=key(words))
        session.add(product)
        session.flush()
    return product


def guarantee_until(product: Product | None, delivered_on: date | None) -> date | None:
    """Return the last day of the guarantee, which runs from the delivery."""
    if product is None or product.guarantee_days is None or delivered_on is None:
        return None
    return delivered_on + timedelta(days=product.guarantee_days)


def words_for(product: Product | None, purchase: Purchase) -> str:
    """Return what was bought in words: the product, else the first line of the description."""
    if product is not None:
        return product.name
    return purchase.description.splitlines()[0] if purchase.description else "order"


def _check_stands(purchase: Purchase) -> None:
    if purchase.status in {PurchaseStatus.CANCELLED, PurchaseStatus.RETURNED}:
        raise NotAllowed(f"Purchase {purchase.key} was {purchase.status}.", "Record a new one: refertrack add-purchase")


def _waiting(session: Session, customer: Customer, purchase_id: int | None) -> Purchase:
    if purchase_id is not None:
        return _named(session, customer, purchase_id)
    waiting = _of(session, customer, PurchaseStatus.ORDERED)
    if not waiting:
        raise NotFound(
            f"{customer.name} waits for no delivery.",
            f"Record the sale first: refertrack add-purchase {customer.key}",
        )
    if len(waiting) > 1:
        said = f"{customer.name} waits for {len(waiting)} deliveries:"
        raise _several(session, waiting, said, f"refertrack deliver {customer.key}")
    return waiting[0]


def _standing(session: Session, customer: Customer, purchase_id: int | None) -> Purchase:
    if purchase_id is not None:
        return _named(session, customer, purchase_id)
    standing = _of(session, customer, PurchaseStatus.ORDERED, PurchaseStatus.DELIVERED)
    if not standing:
        raise NotFound(
            f"{customer.name} has bought nothing that could come back.", f"See: refertrack customer {customer.key}"
        )
    if len(standing) > 1:
        said = f"{customer.name} has {len(standing)} purchases:"
        raise _several(session, standing, said, f"refertrack return-purchase {customer.key}")
    return standing[0]


def _named(session: Session, customer: Customer, purchase_id: int) -> Purchase:
    purchase = session.get(Purchase, purchase_id)
    if purchase is None or purchase.customer_id != customer.key:
        raise NotFound(f"{customer.name} has no purchase {purchase_id}.", f"See: refertrack customer {customer.key}")
    return purchase


def _of(session: Session, customer: Customer, *states: PurchaseStatus) -> Sequence[Purchase]:
    return session.exec(
        select(Purchase)
        .where(Purchase.customer_id == customer.key, col(Purchase.status).in_(states))
        .order_by(Purchase.ordered_on, Purchase.id)  # type: ignore[arg-type]
    ).all()


def _several(session: Session, found: Sequence[Purchase], sentence: str, command: str) -> Ambiguous:
    candidates = []
    for purchase in found:
        product = session.get(Product, purchase.product_id) if purchase.product_id else None
        candidates.append((purchase.key, f"{words_for(product, purchase)}, ordered {purchase.ordered_on.isoformat()}"))
    return Ambiguous(sentence, f"Say which: {command} --purchase {found[0].key}", candidates=tuple(candidates))
