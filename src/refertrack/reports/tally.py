"""Counting the rows of a table by the groups of their customers: the one shape that most reports have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, select

from refertrack.reports.frame import Group, Raw, View
from refertrack.reports.groups import customer, groups, keyed

Own = Mapping[str, ColumnElement[str]]


def tally(
    view: View,
    rows: FromClause,
    customer_id: ColumnElement[int],
    counts: Mapping[str, ColumnElement[Any]],
    *conditions: ColumnElement[bool],
    own: Own | None = None,
    more: Sequence[ColumnElement[str]] = (),
) -> dict[Group, Raw]:
    """Return counts (or sums) by name for each group.

    Args:
        view: what is asked.
        rows: what is counted.
        customer_id: the customer whose group a row belongs to.
        counts: the aggregates by name.
        conditions: which rows count.
        own: dimensions that the rows have of their own.
        more: further columns to group by, which come behind the groups of the view.

    """
    meant = groups(view, own)
    query = (
        select(*meant.columns, *more, *counts.values())
        .select_from(rows.join(meant.people, customer.c.id == customer_id))
        .where(*conditions)
    )
    found = view.connection.execute(meant.count(query).group_by(*more)).all()
    return {
        group: {name: int(value or 0) for name, value in zip(counts, values, strict=True)}
        for group, values in keyed(view, found, len(more))
    }


def spread(
    view: View,
    rows: FromClause,
    customer_id: ColumnElement[int],
    name: str,
    number: ColumnElement[int],
    *conditions: ColumnElement[bool],
    own: Own | None = None,
    more: Sequence[ColumnElement[str]] = (),
) -> dict[Group, Raw]:
    """Return, for each group, how often each whole number occurs: what a median needs."""
    meant = groups(view, own)
    query = (
        select(*meant.columns, *more, number, func.count())
        .select_from(rows.join(meant.people, customer.c.id == customer_id))
        .where(number.is_not(None), *conditions)
    )
    found: dict[Group, Raw] = {}
    rows_found = view.connection.execute(meant.count(query).group_by(*more, number)).all()
    for group, (value, count) in keyed(view, rows_found, len(more)):
        found.setdefault(group, {name: Counter()})[name][int(value)] += int(count)
    return found
