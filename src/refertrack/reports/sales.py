"""Purchases that stand, first purchases, and what margin they leave: what the reports of money share."""

from __future__ import annotations

from datetime import date

from refertrack.reports.groups import STANDING
from refertrack.rules.business import Business
from refertrack.rules.forecast import BAGS
from refertrack.store.dialect import as_text, day
from refertrack.store.reader import Reader

PRODUCT = {"product": "coalesce(product.name, '')"}
WITH_PRODUCT = "purchase LEFT JOIN product ON product.id = purchase.product_id"


def standing(as_of: date) -> str:
    """Return the condition that a purchase stood on a day: neither cancelled nor returned then."""
    return f"(purchase.status IN ({STANDING}) OR purchase.ended_on > {day(as_of)})"


def first_purchases(as_of: date) -> str:
    """Return the day of each customer's first purchase."""
    return (
        "(SELECT purchase.customer_id, min(purchase.ordered_on) AS first_on FROM purchase"
        f" WHERE {standing(as_of)} AND purchase.ordered_on <= {day(as_of)} GROUP BY purchase.customer_id)"
        " AS first_purchase"
    )


def with_first(rows: str, as_of: date) -> str:
    """Return purchases joined with the first one of the same customer."""
    return f"{rows} JOIN {first_purchases(as_of)} ON first_purchase.customer_id = purchase.customer_id"


def bag_of(customer_id: str) -> str:
    """Return the bag of customers that one falls into: what is drawn anew for an interval."""
    return as_text(f"{customer_id} % {BAGS}")


def about_product(rows: str, name: str) -> str:
    """Return rows that may name a purchase, joined with its product."""
    return (
        f"{rows} LEFT JOIN purchase ON purchase.id = {name}.purchase_id"
        " LEFT JOIN product ON product.id = purchase.product_id"
    )


def main_currency(reader: Reader, business: Business) -> str:
    """Return the currency that most purchases are in; the business's own where there are none.

    Figures that are no money stand in the row of this currency.
    """
    found = reader.value(
        "SELECT currency FROM purchase WHERE amount_minor IS NOT NULL GROUP BY currency"
        " ORDER BY count(*) DESC, currency LIMIT 1"
    )
    return business.currency if found is None else str(found)
