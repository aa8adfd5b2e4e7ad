"""Groups of customers as SQL: each dimension is an expression, and what has to be joined for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Subquery, case, func, select

from refertrack.reports import tables
from refertrack.reports.frame import View
from refertrack.rules.errors import BadValue
from refertrack.rules.words import CustomerStatus, PurchaseStatus, ReferralState
from refertrack.store.dialect import quarter_of, year_of

customer = tables.customer
_tag, _customer_tag = tables.tag, tables.customer_tag
_product, _purchase, _referral = tables.product, tables.purchase, tables.referral
STANDING = (PurchaseStatus.ORDERED, PurchaseStatus.DELIVERED)
PLAIN = ("segment", "source", "owner", "company", "country")


@dataclass(frozen=True)
class Groups:
    """Customers, joined with what their groups need: ``columns`` name the groups, ``where`` narrows them."""

    columns: tuple[ColumnElement[str], ...]
    people: FromClause
    where: tuple[ColumnElement[bool], ...]

    def count(self, query: Any) -> Select[Any]:
        """Narrow a statement to the customers who are meant, and group it."""
        narrowed: Select[Any] = query.where(*self.where).group_by(*self.columns)
        return narrowed


def groups(view: View, own: Mapping[str, ColumnElement[str]] | None = None) -> Groups:
    """Return the customers of a view in its groups.

    Args:
        view: what is asked.
        own: expressions of the counted rows themselves for dimensions that they have of their own
            (a purchase's product, a complaint's process), instead of the customer's.

    """
    people: FromClause = customer
    joined: dict[str, ColumnElement[str]] = dict(own or {})
    where: list[ColumnElement[bool]] = [customer.c.merged_into.is_(None)]
    for name in (*view.by, *(name for name, _ in view.where)):
        if name not in joined:
            joined[name], people = _dimension(name, people)
    for name, value in view.where:
        where.append(joined[name] == _known(view, name, joined[name], people, own or {}, value))
    columns = tuple(joined[name].label(f"group_{place}") for place, name in enumerate(view.by))
    return Groups(columns, people, tuple(where))


def _dimension(name: str, people: FromClause) -> tuple[ColumnElement[str], FromClause]:
    if name in PLAIN:
        return customer.c[name], people
    if name == "joined":
        return year_of(customer.c.joined_on), people
    if name == "joined-quarter":
        return quarter_of(customer.c.joined_on), people
    if name == "tag":
        tagged = people.join(_customer_tag, _customer_tag.c.customer_id == customer.c.id)
        return _tag.c.name, tagged.join(_tag, _tag.c.id == _customer_tag.c.tag_id)
    if name == "product":
        owned = _owned()
        return owned.c.product, people.join(owned, owned.c.customer_id == customer.c.id)
    if name == "referred":
        brought = brought_by_referral("brought_group")
        said = case((brought.c.customer_id.is_not(None), "yes"), (customer.c.source == "referral", "yes"), else_="no")
        return said, people.outerjoin(brought, brought.c.customer_id == customer.c.id)
    raise BadValue(f'There is no dimension "{name}" here.', "See: refertrack report --help", field="by")


def _owned() -> Subquery:
    """The customers of each product."""
    return (
        select(_purchase.c.customer_id, _product.c.name.label("product"))
        .join(_product, _product.c.id == _purchase.c.product_id)
        .where(_purchase.c.status.in_(STANDING))
        .group_by(_purchase.c.customer_id, _product.c.name)
        .subquery("owned")
    )


def brought_by_referral(name: str = "brought") -> Subquery:
    """The customers whom a referral that was won brought."""
    return (
        select(_referral.c.customer_id)
        .where(_referral.c.state == ReferralState.WON, _referral.c.customer_id.is_not(None))
        .group_by(_referral.c.customer_id)
        .subquery(name)
    )


def _known(
    view: View,
    name: str,
    column: ColumnElement[str],
    people: FromClause,
    own: Mapping[str, ColumnElement[str]],
    value: str,
) -> str:
    """Return the value as it is spelt in the data.

    Raises:
        BadValue: nobody is in such a group.

    """
    if name in own:
        return value
    spelt = [
        str(row[0] or "")
        for row in view.connection.execute(
            select(column).select_from(people).where(customer.c.status != CustomerStatus.ERASED).distinct()
        )
    ]
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


def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows meet a condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def keyed(view: View, rows: Sequence[Any], extra: int = 0) -> list[tuple[tuple[str, ...], tuple[Any, ...]]]:
    """Cut rows into the names of their groups and the rest."""
    width = len(view.by) + extra
    return [(tuple(str(name or "") for name in row[:width]), tuple(row[width:])) for row in rows]
