"""News about a product, for those who own it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import Session
from sqlmodel import select as sqlmodel_select

from refertrack.models.customers import Customer
from refertrack.models.sales import Announcement, Notice, Product, Purchase
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.names import key
from refertrack.rules.preferences import check_link
from refertrack.rules.schedule import Event
from refertrack.rules.text import NAME_LIMIT, NOTE_LIMIT, clean
from refertrack.rules.words import CustomerStatus, PurchaseStatus
from refertrack.store import bulk, journal
from refertrack.workflows.scheduling import Scheduled, trigger

_GONE = (CustomerStatus.FORMER, CustomerStatus.ERASED)


@dataclass(frozen=True)
class Announced:
    """An announcement, how many own the product, and the items that tell them."""

    announcement: Announcement
    product: Product
    owners: int
    scheduled: Scheduled


def announce(
    session: Session, product_id: int, title: str, *, text: str = "", from_on: date | None = None, link: str = ""
) -> Announced:
    """Record news, with an item for each owner of the product whom opt-outs do not stop.

    Raises:
        NotFound: there is no such product, or nobody owns it.
        BadValue: the title is missing or too long, or the link is no address of a web page.
        NotAllowed: the same was announced already.

    """
    context = journal.context_of(session)
    product = session.get(Product, product_id)
    if product is None:
        raise NotFound(f"There is no product {product_id}.", "See: refertrack products")
    words = clean(title, field="title", limit=NAME_LIMIT)
    if not words:
        raise BadValue("What is the news? The title is missing.", 'Like this: refertrack announce "Heat pump" "…"')
    _refuse_twice(session, product, words)
    owners = _owners(session, product.key)
    if not owners:
        raise NotFound(f"Nobody owns {product.name} yet, so there is nobody to tell.", "See: refertrack products")
    news = Announcement(
        product_id=product.key,
        on_day=context.today,
        title=words,
        text=clean(text, field="note", limit=NOTE_LIMIT),
        from_on=from_on,
        link=check_link(link) if link.strip() else "",
    )
    session.add(news)
    session.flush()
    ids = bulk.allocate(session, Notice, len(owners))
    notices = [
        {"id": number, "announcement_id": news.key, "customer_id": owner}
        for number, owner in zip(ids, owners, strict=True)
    ]
    bulk.insert(session, Notice, notices)
    because = f"{product.name}: {words}"
    events = [Event("announcement", row["customer_id"], context.today, "notice", row["id"], because) for row in notices]
    return Announced(news, product, len(owners), trigger(session, events))


def _refuse_twice(session: Session, product: Product, title: str) -> None:
    for news in session.exec(sqlmodel_select(Announcement).where(Announcement.product_id == product.key)).all():
        if key(news.title) == key(title):
            raise NotAllowed(
                f'"{news.title}" was announced to the owners of {product.name} on {news.on_day.isoformat()}.',
                "Give it another title, if it is other news.",
            )


def _owners(session: Session, product_id: int) -> list[int]:
    """Return the customers who have bought a product and not given it back, by id."""
    customer, purchase = bulk.table_of(Customer), bulk.table_of(Purchase)
    query = (
        select(purchase.c.customer_id)
        .join(customer, customer.c.id == purchase.c.customer_id)
        .where(
            purchase.c.product_id == product_id,
            purchase.c.status.in_([PurchaseStatus.ORDERED, PurchaseStatus.DELIVERED]),
            customer.c.status.not_in(_GONE),
            customer.c.merged_into.is_(None),
        )
        .distinct()
        .order_by(purchase.c.customer_id)
    )
    return [row[0] for row in session.connection().execute(query)]
