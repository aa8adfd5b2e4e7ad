"""Products: how long they last, what they guarantee, and what a change means for those who own them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from refertrack.models.sales import Product, Purchase
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.names import key
from refertrack.rules.text import NAME_LIMIT, clean
from refertrack.rules.words import PurchaseStatus
from refertrack.workflows import replacement
from refertrack.workflows.scheduling import Scheduled, cancel, trigger


@dataclass(frozen=True)
class Changed:
    """A product that was added or changed, and what follows for those who own it.

    ``redated`` counts open reminders that moved, ``closed`` those that went, ``guaranteed`` deliveries that have a
    guarantee now.
    """

    product: Product
    scheduled: Scheduled = field(default_factory=Scheduled)
    redated: int = 0
    closed: int = 0
    guaranteed: int = 0


def add(session: Session, name: str, values: Mapping[str, Any]) -> Changed:
    """Add a product.

    Raises:
        BadValue: the name is missing, or a value is not of its kind.
        NotAllowed: there is one of that name.

    """
    words = _name(name)
    there = session.exec(select(Product).where(Product.name_key == key(words))).first()
    if there is not None:
        raise NotAllowed(
            f"{there.name} is there already ({there.key}).",
            f"Change it: refertrack edit-product {there.key} --lifetime 90",
        )
    product = Product(name=words, name_key=key(words), **checked(values))
    session.add(product)
    session.flush()
    return Changed(product)


def edit(session: Session, product_id: int, values: Mapping[str, Any]) -> Changed:
    """Change a product; reminders that are open follow its lifetime, and deliveries without a guarantee get one.

    Raises:
        NotFound: there is no such product.
        BadValue: nothing is to be changed, or a value is not of its kind.
        NotAllowed: another product has the new name.

    """
    product = session.get(Product, product_id)
    if product is None:
        raise NotFound(f"There is no product {product_id}.", "See: refertrack products")
    if not values:
        raise BadValue("Nothing is to be changed.", "Give one of: --name, --lifetime, --guarantee, --margin.")
    found = checked(values)
    if "name" in values:
        _rename(session, product, values["name"])
    was = product.lifetime_days
    for name, value in found.items():
        setattr(product, name, value)
    session.add(product)
    session.flush()
    guaranteed = _guarantee(session, product) if "guarantee_days" in found else 0
    if product.lifetime_days == was:
        return Changed(product, guaranteed=guaranteed)
    return _relive(session, product, guaranteed)


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a product, seen to be of their kind.

    Raises:
        BadValue: one is not.

    """
    found = {name: values[name] for name in ("lifetime_days", "guarantee_days", "margin") if name in values}
    margin = found.get("margin")
    if margin is not None and not 0 <= margin <= 100:
        raise BadValue(f"A margin of {margin} % cannot be.", "Give a share of the price, 0 to 100.", field="margin")
    return found


def _name(text: str) -> str:
    words = clean(text, field="name", limit=NAME_LIMIT)
    if not words:
        raise BadValue("A product needs a name.", 'Like this: refertrack add-product "Heat pump"', field="name")
    return words


def _rename(session: Session, product: Product, name: str) -> None:
    words = _name(name)
    there = session.exec(select(Product).where(Product.name_key == key(words))).first()
    if there is not None and there.key != product.key:
        raise NotAllowed(f"{there.name} is there already ({there.key}).", "Choose another name.")
    product.name, product.name_key = words, key(words)


def _delivered(session: Session, product: Product) -> list[Purchase]:
    return list(
        session.exec(
            select(Purchase)
            .where(Purchase.product_id == product.key, Purchase.status == PurchaseStatus.DELIVERED)
            .order_by(col(Purchase.delivered_on), col(Purchase.id))
        ).all()
    )


def _guarantee(session: Session, product: Product) -> int:
    """Give deliveries that have no guarantee the product's; one that was given stays as it was promised."""
    counted = 0
    for purchase in _delivered(session, product) if product.guarantee_days else ():
        if purchase.guarantee_until is None and purchase.delivered_on is not None:
            purchase.guarantee_until = purchase.delivered_on + timedelta(days=product.guarantee_days or 0)
            session.add(purchase)
            counted += 1
    session.flush()
    return counted


def _relive(session: Session, product: Product, guaranteed: int) -> Changed:
    """Let reminders follow the product's lifetime; those that nobody moved by hand get their new day."""
    owned = [purchase for purchase in _delivered(session, product) if purchase.lifetime_days is None]
    if product.lifetime_days is None:
        closed = [
            item
            for purchase in owned
            for item in cancel(session, "purchase", purchase.key, "no lifetime any more", steps=(replacement.STEP,))
        ]
        return Changed(product, closed=len(closed), guaranteed=guaranteed)
    events = replacement.events_by_id(session, [purchase.key for purchase in owned])
    moved = replacement.move(session, events)
    return Changed(product, trigger(session, events), moved, guaranteed=guaranteed)
