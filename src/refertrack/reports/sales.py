"""Purchases that stand, first purchases, and what margin they leave: what the reports of money share."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, FromClause, Subquery, func, or_, select

from refertrack.reports import tables
from refertrack.rules.business import Business
from refertrack.rules.words import PurchaseStatus

if TYPE_CHECKING:
    from sqlalchemy import Connection

purchase, product = tables.purchase, tables.product
STANDING = (PurchaseStatus.ORDERED, PurchaseStatus.DELIVERED)
PRODUCT = {"product": func.coalesce(product.c.name, "")}
currency = purchase.c.currency.label("currency")


def standing(as_of: date) -> ColumnElement[bool]:
    """Whether a purchase stood on a day: neither cancelled nor returned then."""
    return or_(purchase.c.status.in_(STANDING), purchase.c.ended_on > as_of)


def with_product() -> FromClause:
    """Return purchases joined with their products."""
    return purchase.outerjoin(product, product.c.id == purchase.c.product_id)


def first_purchases(as_of: date) -> Subquery:
    """Return the day of each customer's first purchase."""
    return (
        select(purchase.c.customer_id, func.min(purchase.c.ordered_on).label("first_on"))
        .where(standing(as_of), purchase.c.ordered_on <= as_of)
        .group_by(purchase.c.customer_id)
        .subquery("first_purchase")
    )


def main_currency(connection: Connection, business: Business) -> str:
    """Return the currency that most purchases are in; the business's own where there are none.

    Figures that are no money stand in the row of this currency.
    """
    found = connection.execute(
        select(purchase.c.currency, func.count())
        .where(purchase.c.amount_minor.is_not(None))
        .group_by(purchase.c.currency)
        .order_by(func.count().desc(), purchase.c.currency)
        .limit(1)
    ).first()
    return str(found[0]) if found else business.currency
