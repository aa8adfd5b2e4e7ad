"""The customers that rows of a file name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select
from sqlmodel import Session

from refertrack.models.customers import Customer
from refertrack.rules.names import email_key
from refertrack.rules.words import CustomerStatus
from refertrack.store import bulk


def known_references(session: Session, references: Iterable[str], source: str) -> dict[str, int]:
    """Return the customers that other rows name, by external id (of the same source first) or by e-mail."""
    table = bulk.table_of(Customer)
    wanted = sorted({reference for reference in references if reference})
    found: dict[str, list[tuple[bool, int]]] = {}
    connection = session.connection()
    standing = table.c.status != CustomerStatus.ERASED
    query = select(table.c.id, table.c.external_source, table.c.external_id, table.c.merged_into).where(standing)
    # An id of the same source counts first, and is found by an index; only the rest is looked for in all of them.
    for condition in (table.c.external_source == source, table.c.external_source != source):
        for some in bulk.in_lists([reference for reference in wanted if reference not in found]):
            rows = connection.execute(query.where(condition, table.c.external_id.in_(some)))
            for number, own_source, reference, merged in rows:
                if not own_source.startswith("file:"):
                    found.setdefault(reference, []).append((own_source != source, merged or number))
    by_email: dict[str, list[str]] = defaultdict(list)  # one address may be spelled in several ways
    for reference in wanted:
        if "@" in reference:
            by_email[email_key(reference)].append(reference)
    for some in bulk.in_lists(sorted(by_email)):
        query = select(table.c.id, table.c.email_key, table.c.merged_into)
        for row in connection.execute(query.where(table.c.email_key.in_(some), standing)).mappings():
            for reference in by_email[row["email_key"]]:
                found.setdefault(reference, []).append((False, row["merged_into"] or row["id"]))
    return {reference: min(several)[1] for reference, several in found.items()}
