"""What stands on a command: later commands that changed the same rows, or point at rows that it made."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, or_, select

from refertrack.models.all import metadata
from refertrack.models.journal import Change, Command
from refertrack.store import bulk

Span = tuple[int, int]

_change, _command = bulk.table_of(Change), bulk.table_of(Command)
_JOURNAL = {_change.name, _command.name}
_FIRST, _LAST = 0, 1


def later_commands(connection: Connection, number: int, changes: Sequence[Mapping[str, Any]]) -> set[int]:
    """Return the commands that must be taken back before this one."""
    touched, made = _rows_of(changes), _rows_of(change for change in changes if change["verb"] == "insert")
    found: set[int] = set()
    for name, spans in touched.items():
        found |= _that_changed(connection, number, name, spans)
    for name, column, condition in _links(made):
        table = metadata.tables[name]
        query = select(table.c.id).where(column.is_not(None), condition).order_by(table.c.id)
        own = touched.get(name, [])
        pointing = [row[0] for row in connection.execute(query) if not within(row[0], own)]
        if pointing:
            found |= _that_changed(connection, number, name, bulk.spans(bulk.ranges(pointing)), column.name)
    return found


def within(number: int, spans: Sequence[Span]) -> bool:
    """Whether a number lies in one of some sorted spans."""
    place = bisect_right(spans, (number, 1 << 62)) - 1
    return place >= 0 and spans[place][_FIRST] <= number <= spans[place][_LAST]


def spans_of(change: Mapping[str, Any]) -> list[Span]:
    """Return the rows of an entry of the journal."""
    return bulk.spans(change["row_ids"]) if change["row_ids"] else [(change["row_id"], change["row_id"])]


def _rows_of(changes: Iterable[Mapping[str, Any]]) -> dict[str, list[Span]]:
    """Return the rows that changes touch, by table, as sorted spans that do not overlap."""
    by_table: dict[str, list[Span]] = defaultdict(list)
    for change in changes:
        by_table[change["table_name"]].extend(spans_of(change))
    return {name: joined(spans) for name, spans in by_table.items()}


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans sorted, those that touch made one."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][_LAST] + 1:
            found[-1] = (found[-1][_FIRST], max(last, found[-1][_LAST]))
        else:
            found.append((first, last))
    return found


def _that_changed(connection: Connection, number: int, name: str, spans: Sequence[Span], column: str = "") -> set[int]:
    """Return later standing commands that changed one of some rows of a table, or one column of them."""
    lowest, highest = spans[0][_FIRST], spans[-1][_LAST]
    query = _standing_after(number).where(
        _change.c.table_name == name,
        _change.c.row_id <= highest,
        or_(_change.c.row_id >= lowest, _change.c.row_ids != ""),
    )
    rows = (dict(row) for row in connection.execute(query).mappings())
    return {row["command_id"] for row in rows if _overlap(spans_of(row), spans) and _sets(row["after"], column)}


def _sets(after: str, column: str) -> bool:
    """Whether a change gave a column a value; of rows inserted in bulk the journal does not say."""
    return not column or not after or json.loads(after).get(column) is not None


def _overlap(some: Sequence[Span], others: Sequence[Span]) -> bool:
    for first, last in some:
        place = bisect_right(others, (last, 1 << 62)) - 1
        if place >= 0 and others[place][_LAST] >= first:
            return True
    return False


def _standing_after(number: int) -> Select[Any]:
    """Return the changes of later commands whose effect is there.

    One that was taken back has none; nor has the taking back of a later one, for the two cancel out. The
    taking back of an earlier one counts: what it changed has changed since.
    """
    return (
        select(_change.c.command_id, _change.c.row_id, _change.c.row_ids, _change.c.after)
        .join(_command, _command.c.id == _change.c.command_id)
        .where(
            _change.c.command_id > number,
            _change.c.verb != "erase",
            _command.c.undone_by_id.is_(None),
            or_(_command.c.undoes_id.is_(None), _command.c.undoes_id < number),
        )
    )


def _links(made: Mapping[str, list[Span]]) -> Iterator[tuple[str, Column[Any], ColumnElement[bool]]]:
    """Give the columns that may point at rows, and the condition under which they do; anchors, too."""
    for table in metadata.sorted_tables:
        if table.name in _JOURNAL:
            continue
        for link in table.foreign_keys:
            for condition in in_spans(link.parent, made.get(link.column.table.name, [])):
                yield table.name, link.parent, condition
        if {"anchor_table", "anchor_id"} <= set(table.c.keys()):
            for name, spans in made.items():
                for condition in in_spans(table.c.anchor_id, spans):
                    yield table.name, table.c.anchor_id, and_(table.c.anchor_table == name, condition)


def in_spans(column: Column[Any], spans: Sequence[Span]) -> Iterator[ColumnElement[bool]]:
    """Give conditions that together find the rows of some spans, each of them by an index."""
    for first, last in spans:
        if first != last:
            yield column.between(first, last)
    for some in bulk.in_lists(first for first, last in spans if first == last):
        yield column.in_(some)
