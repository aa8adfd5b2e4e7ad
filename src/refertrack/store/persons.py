"""All rows of a person, in every table: found by the links between tables, so that no table is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, or_, select

from refertrack.models.all import metadata
from refertrack.store import bulk

CUSTOMER = metadata.tables["customer"]
JOURNAL = ("command", "change")


@dataclass(frozen=True)
class Person:
    """A customer with those who were merged into them, and every name, address and number that they had."""

    ids: tuple[int, ...]
    born: tuple[tuple[int, datetime], ...]  # id and moment of each row: the same row in a backup
    names: tuple[str, ...]
    words: tuple[str, ...]  # e-mail addresses and phone numbers as typed
    name_keys: tuple[str, ...]
    email_keys: tuple[str, ...]
    phone_keys: tuple[str, ...]


def person(connection: Connection, customer_id: int) -> Person:
    """Return what is known of a customer by name, address and number."""
    ids, fresh = [customer_id], [customer_id]
    while fresh:
        query = select(CUSTOMER.c.id).where(CUSTOMER.c.merged_into.in_(fresh))
        fresh = [row[0] for row in connection.execute(query) if row[0] not in ids]
        ids += fresh
    rows = [dict(row) for row in connection.execute(select(CUSTOMER).where(CUSTOMER.c.id.in_(ids))).mappings()]

    def all_of(*columns: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row[name] for row in rows for name in columns if row[name]))

    return Person(
        ids=tuple(ids),
        born=tuple((row["id"], row["created_at"]) for row in rows),
        names=all_of("name"),
        words=all_of("email", "phone"),
        name_keys=all_of("name_key"),
        email_keys=all_of("email_key"),
        phone_keys=all_of("phone_key"),
    )


def rows_of(connection: Connection, ids: Sequence[int]) -> dict[str, list[int]]:
    """Return the ids of all rows that belong to customers, by table.

    A row belongs to a person by a link to ``customer``; where its table has none, by a link to a row that does.
    """
    found: dict[str, list[int]] = {CUSTOMER.name: list(ids)}
    for table in metadata.sorted_tables:
        if table is CUSTOMER or table.name in JOURNAL:
            continue
        conditions = [column.in_(ids) for column in customer_links(table)]
        if not conditions:
            conditions = [
                link.parent.in_(some)
                for link in table.foreign_keys
                if link.column.table is not table
                for some in bulk.in_lists(found.get(link.column.table.name, []))
            ]
        if conditions:
            query = select(table.c.id).where(or_(*conditions)).order_by(table.c.id)
            found[table.name] = [row[0] for row in connection.execute(query)]
    return {name: numbers for name, numbers in found.items() if numbers}


def customer_links(table: Table) -> list[Any]:
    """Return the columns of a table that name a customer."""
    return [link.parent for link in table.foreign_keys if link.column.table is CUSTOMER]


def belonging_tables() -> set[str]:
    """Return the tables whose rows belong to a person."""
    found = {CUSTOMER.name}
    for table in metadata.sorted_tables:
        parents = {link.column.table.name for link in table.foreign_keys} - {table.name}
        if table.name not in JOURNAL and parents & found:
            found.add(table.name)
    return found


def read_rows(connection: Connection, name: str, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return rows of a table by their ids."""
    table = metadata.tables[name]
    rows = []
    for some in bulk.in_lists(ids):
        query = select(table).where(table.c.id.in_(some)).order_by(table.c.id)
        rows += [dict(row) for row in connection.execute(query).mappings()]
    return rows
