"""Customers who were merged lead to those whom they are part of, wherever rows name them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from sqlalchemy import select
from sqlmodel import Session

from refertrack.models.customers import Customer
from refertrack.store import bulk

Identity = tuple[str, str]


class MergedCustomers:
    """Those who were merged: by identity and by e-mail address, with the id of the one who stays."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @cached_property
    def stays(self) -> dict[int, int]:
        """Who is part of whom, at the end of the chain."""
        table = bulk.table_of(Customer)
        query = select(table.c.id, table.c.merged_into).where(table.c.merged_into.is_not(None))
        parts: dict[int, int] = {row[0]: row[1] for row in self.session.connection().execute(query)}

        def end(number: int) -> int:
            while number in parts:
                number = parts[number]
            return number

        return {number: end(number) for number in parts}

    def by_identity(self, identities: Iterable[Identity]) -> dict[Identity, int]:
        """Return who stays for those identities that belonged to somebody who was merged."""
        wanted = set(identities)
        table = bulk.table_of(Customer)
        query = select(table.c.external_source, table.c.external_id, table.c.id)
        return {
            (source, external_id): self.stays[number]
            for some in bulk.in_lists(self.stays)
            for source, external_id, number in self.session.connection().execute(query.where(table.c.id.in_(some)))
            if (source, external_id) in wanted
        }

    def by_email(self, emails: Iterable[str]) -> dict[str, int]:
        """Return who stays for those addresses that belonged to somebody who was merged."""
        wanted = set(emails)
        table = bulk.table_of(Customer)
        query = select(table.c.email_key, table.c.id)
        return {
            email: self.stays[number]
            for some in bulk.in_lists(self.stays)
            for email, number in self.session.connection().execute(query.where(table.c.id.in_(some)))
            if email and email in wanted
        }
