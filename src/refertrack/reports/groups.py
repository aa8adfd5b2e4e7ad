"""Groups of customers as SQL: each dimension is an expression, and what has to be joined for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from refertrack.reports import past
from refertrack.reports.frame import COHORTS, View
from refertrack.rules.errors import BadValue
from refertrack.rules.words import PurchaseStatus
from refertrack.store.dialect import listed

STANDING = listed(PurchaseStatus.ORDERED, PurchaseStatus.DELIVERED)
PLAIN = ("segment", "source", "owner", "company", "country")
_OWNED = (
    "(SELECT purchase.customer_id, product.name AS product FROM purchase JOIN product ON product.id ="
    f" purchase.product_id WHERE purchase.status IN ({STANDING}) GROUP BY purchase.customer_id, product.name)"
)
# Who bought before they were written down joined with the first purchase, as did those of whom no day is known.
_BEGUN = (
    "(SELECT purchase.customer_id, min(purchase.ordered_on) AS first_on FROM purchase"
    f" WHERE purchase.status IN ({STANDING}) GROUP BY purchase.customer_id)"
)
# Where the names of a dimension stand; those of the others stand with the customers themselves.
_NAMES = {
    "tag": "SELECT name FROM tag",
    "product": "SELECT name FROM product",
    "process": "SELECT DISTINCT process FROM feedback",
}
# Of a dimension of which a customer may have several, each condition stands for itself.
_HAVING = {
    "tag": "SELECT customer_tag.customer_id FROM customer_tag JOIN tag ON tag.id = customer_tag.tag_id WHERE tag.name",
    "product": "SELECT purchase.customer_id FROM purchase JOIN product ON product.id = purchase.product_id"
    f" WHERE purchase.status IN ({STANDING}) AND product.name",
}
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
    several = _HAVING.keys() - named.keys()
    for name in (*view.by, *(name for name, _ in view.where if name not in several)):
        if name not in named:
            named[name], join = _dimension(view, name)
            joins += join
    values = {}
    for place, (name, value) in enumerate(view.where):
        bound = "where_" + "x" * (place + 1)  # names of parameters are letters
        if name in several:
            having = f"IN ({_HAVING[name]} = :{bound})" if value else f"NOT IN ({_HAVING[name]} <> :{bound})"
            where.append(f"customer.id {having}")
        else:
            where.append(f"{named[name]} = :{bound}")
        none_is_known = name in several or name in (own or {})
        values[bound] = spelt(view, name, value) if value or not none_is_known else ""
    return Groups(tuple(named[name] for name in view.by), joins, tuple(where), values)


def _dimension(view: View, name: str) -> tuple[str, str]:
    """Return the expression of a dimension, and what is joined to the customers for it."""
    dialect = view.reader.dialect
    if name in PLAIN:
        return f"customer.{name}", ""
    if name in COHORTS:
        part, begun = (dialect.year_of, "begun") if name == "joined" else (dialect.quarter_of, "begun_quarter")
        joins = f" LEFT JOIN {_BEGUN} AS {begun} ON {begun}.customer_id = customer.id"
        earlier = f"customer.joined_on IS NULL OR {begun}.first_on < customer.joined_on"
        return part(f"CASE WHEN {earlier} THEN {begun}.first_on ELSE customer.joined_on END"), joins
    if name == "tag":
        return "tag.name", _JOINS["tag"]
    if name == "product":
        return "owned.product", _JOINS["product"]
    if name == "referred":
        joins, brought = past.with_won_by_referral("", view, "customer.id", "brought_group")
        return f"CASE WHEN {brought} THEN 'yes' ELSE 'no' END", joins
    raise BadValue(f'There is no dimension "{name}" here.', "See: refertrack report --help", field="by")


def spelt(view: View, name: str, value: str) -> str:
    """Return the name of a group as it is spelt in the data.

    Raises:
        BadValue: there is no such group.

    """
    key = ("names", name)
    if key not in view.memory:
        view.memory[key] = _names(view, name)
    names: list[str] = view.memory[key]
    if value in names:
        return value
    same = [each for each in names if each.casefold() == value.casefold()]
    if same:
        return same[0]
    if name == "segment" and value in {segment.name for segment in view.business.segments.own}:
        return value
    from refertrack.rules.close import close_to

    close = close_to(value, [each for each in names if each])
    raise BadValue(
        f'{"There is no" if name in ("process", "channel") else "No customer has"} {name} "{value or "(none)"}".'
        + (f" Close: {close[0]}." if close else ""),
        f"See: refertrack report --by {name}",
        field="where",
    )


def channels(view: View) -> dict[str, str]:
    """Return how each channel of spend is called: as a source of customers that differs in capitals alone."""
    sources = [str(row[0]) for row in view.reader.tuples("SELECT DISTINCT source FROM customer ORDER BY source DESC")]
    alike = {source.casefold(): source for source in sources}
    spent = [str(row[0]) for row in view.reader.tuples("SELECT DISTINCT channel FROM spend")]
    return {channel: channel if channel in sources else alike.get(channel.casefold(), channel) for channel in spent}


def _names(view: View, name: str) -> list[str]:
    if name == "channel":
        return [*channels(view).values(), *_names(view, "source")]
    sql = _NAMES.get(name, "")
    if not sql:
        column, joins = _dimension(view, name)
        sql = f"SELECT DISTINCT {column} FROM customer{joins} WHERE customer.status <> 'erased'"
    return [str(row[0] or "") for row in view.reader.tuples(sql)]


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
