"""Counting the rows of a table by the groups of their customers: the one shape that most reports have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from refertrack.reports.frame import Group, Raw, View
from refertrack.reports.groups import asked, groups

Own = Mapping[str, str]


def tally(
    view: View,
    rows: str,
    customer_id: str,
    counts: Mapping[str, str],
    *conditions: str,
    own: Own | None = None,
    more: Sequence[str] = (),
) -> dict[Group, Raw]:
    """Return counts (or sums) by name for each group.

    Args:
        view: what is asked.
        rows: what is counted: tables, joined.
        customer_id: the customer whose group a row belongs to.
        counts: the aggregates by name.
        conditions: which rows count.
        own: dimensions that the rows have of their own.
        more: further columns to group by, which come behind the groups of the view.

    """
    found = asked(view, groups(view, own), (*more, *counts.values()), _joined(rows, customer_id), *conditions,
                  named=len(more))  # fmt: skip
    return {  # in the same order on both engines
        group: {name: int(value or 0) for name, value in zip(counts, values, strict=True)}
        for group, values in sorted(found, key=lambda each: each[0])
    }


def spread(
    view: View,
    rows: str,
    customer_id: str,
    name: str,
    number: str,
    *conditions: str,
    own: Own | None = None,
    more: Sequence[str] = (),
) -> dict[Group, Raw]:
    """Return, for each group, how often each whole number occurs: what a median needs.

    Rows without a number are left out here: asking the engine to do so would have it work the number out twice.
    """
    columns = (*more, number, "count(*)")
    listed = asked(view, groups(view, own), columns, _joined(rows, customer_id), *conditions,
                   named=len(more), grouped=1)  # fmt: skip
    found: dict[Group, Raw] = {}
    for group, (value, count) in sorted(listed, key=lambda each: each[0]):
        if value is not None:
            found.setdefault(group, {name: Counter()})[name][int(value)] += int(count)
    return found


def _joined(rows: str, customer_id: str) -> str:
    return f"{rows} JOIN customer ON customer.id = {customer_id}"
