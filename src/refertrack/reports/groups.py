"""Groups of customers as SQL: each dimension is an expression, and what has to be joined for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from refertrack.reports.frame import View
from refertrack.rules.errors import BadValue
from refertrack.rules.words import PurchaseStatus, ReferralState
from refertrack.store.dialect import listed

STANDING = listed(PurchaseStatus.ORDERED, PurchaseStatus.DELIVERED)
PLAIN = ("segment", "source", "owner", "company", "country")
_OWNED = (
    "(SELECT purchase.customer_id, product.name AS product FROM purchase JOIN product ON product.id ="
    f" purchase.product_id WHERE purchase.status IN ({STANDING}) GROUP BY purchase.customer_id, product.name)"
)
_JOINS = {
    "tag": " JOIN customer_tag ON customer_tag.customer_id = customer.id JOIN tag ON tag.id = customer_tag.tag_id",
    "product": f" JOIN {_OWNED} AS owned ON owned.customer_id = customer.id",
}


@dataclass(frozen=True)
class Groups:
    """What names the groups of customers, what is joined to ``customer`` for it, and who is meant.

    ``values`` are bound to the names in the conditions: they are what people typed.
    """

    columns: tuple[str, ...]
    joins: str
    where: tuple[str, ...]
    values: Mapping[str, str]

    def met(self, *conditions: str) -> str:
        """Return the condition of who is meant, and of what else has to hold."""
        return " AND ".join(f"({condition})" for condition in (*self.where, *conditions))


def groups(view: View, own: Mapping[str, str] | None = None) -> Groups:
    """Return the groups of a view.

    Args:
        view: what is asked.
        own: expressions of the counted rows themselves for dimensions that they have of their own
            (a purchase's product, a complaint's process), instead of the customer's.

    """
    named, joins, where = dict(own or {}), "", ["customer.merged_into IS NULL"]
    for name in (*view.by, *(name for name, _ in view.where)):
        if name not in named:
            named[name], join = _dimension(view, name)
            joins += join
    values = {}
    for place, (name, value) in enumerate(view.where):
        bound = "where_" + "x" * (place + 1)  # names of parameters are letters
        where.append(f"{named[name]} = :{bound}")
        values[bound] = value if name in (own or {}) else _known(view, name, named[name], joins, value)
    return Groups(tuple(named[name] for name in view.by), joins, tuple(where), values)


def _dimension(view: View, name: str) -> tuple[str, str]:
    """Return the expression of a dimension, and what is joined to the customers for it."""
    dialect = view.reader.dialect
    if name in PLAIN:
        return f"customer.{name}", ""
    if name == "joined":
        return dialect.year_of("customer.joined_on"), ""
    if name == "joined-quarter":
        return dialect.quarter_of("customer.joined_on"), ""
    if name == "tag":
        return "tag.name", _JOINS["tag"]
    if name == "product":
        return "owned.product", _JOINS["product"]
    if name == "referred":
        said = (
            "CASE WHEN brought_group.customer_id IS NOT NULL OR customer.source = 'referral' THEN 'yes' ELSE 'no' END"
        )
        return said, f" LEFT JOIN {brought_by_referral('brought_group')} ON brought_group.customer_id = customer.id"
    raise BadValue(f'There is no dimension "{name}" here.', "See: refertrack report --help", field="by")


def brought_by_referral(name: str = "brought") -> str:
    """Return the customers whom a referral that was won brought."""
    return (
        f"(SELECT referral.customer_id FROM referral WHERE referral.state = '{ReferralState.WON}'"
        f" AND referral.customer_id IS NOT NULL GROUP BY referral.customer_id) AS {name}"
    )


def _known(view: View, name: str, column: str, joins: str, value: str) -> str:
    """Return the value as it is spelt in the data.

    Raises:
        BadValue: nobody is in such a group.

    """
    found = view.reader.tuples(f"SELECT DISTINCT {column} FROM customer{joins} WHERE customer.status <> 'erased'")
    spelt = [str(row[0] or "") for row in found]
    if value in spelt:
        return value
    same = [each for each in spelt if each.casefold() == value.casefold()]
    if same:
        return same[0]
    if name == "segment" and value in {segment.name for segment in view.business.segments.own}:
        return value
    from refertrack.rules.close import close_to

    close = close_to(value, [each for each in spelt if each])
    raise BadValue(
        f'No customer has {name} "{value}".{f" Close: {close[0]}." if close else ""}',
        f"See: refertrack report --by {name}",
        field="where",
    )


def asked(
    view: View,
    meant: Groups,
    columns: Sequence[str],
    rows: str,
    *conditions: str,
    named: int = 0,
    grouped: int = 0,
    then: str = "",
) -> list[tuple[tuple[str, ...], tuple[Any, ...]]]:
    """Ask for columns of the rows of each group; return the names of the group, and the rest of each row.

    Args:
        view: what is asked.
        meant: its groups.
        columns: what is selected behind the groups.
        rows: what is selected from, with ``customer`` in it.
        conditions: which rows are meant.
        named: how many of the columns name groups too.
        grouped: by how many columns behind those the rows are grouped besides.
        then: what stands behind that: an order, and how many are meant.

    """
    width = len(meant.columns) + named
    selected = ", ".join((*meant.columns, *columns))
    by = ", ".join(str(place + 1) for place in range(width + grouped))
    grouping = f"GROUP BY {by}" if by else ""
    sql = f"SELECT {selected} FROM {rows}{meant.joins} WHERE {meant.met(*conditions)} {grouping} {then}"
    return keyed(view.reader.tuples(sql, **meant.values), width)


def keyed(rows: Sequence[Any], width: int) -> list[tuple[tuple[str, ...], tuple[Any, ...]]]:
    """Cut rows into the names of their groups and the rest."""
    return [(tuple(str(name or "") for name in row[:width]), tuple(row[width:])) for row in rows]
