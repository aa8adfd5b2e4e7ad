"""Customers of a file came by others: who brought whom, for a few and for a hundred thousand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from refertrack.models.customers import Customer
from refertrack.models.referrals import Referral
from refertrack.reports import look_up
from refertrack.rules.errors import NotAllowed, NotFound, RefertrackError
from refertrack.rules.referrals import Person, same_person
from refertrack.rules.schedule import is_past
from refertrack.rules.words import Consent, CustomerStatus, ReferralState
from refertrack.store import bulk, journal
from refertrack.store.engine import session_reader
from refertrack.workflows import customers, referrals
from refertrack.workflows.imports import SourceFile
from refertrack.workflows.known_customers import known_references
from refertrack.workflows.referral_book import ReferralBook, Row

Named = tuple[int, str, int]  # the customer, who referred them as the file says, and the line
_PERSON = ("id", "name", "company", "email", "phone", "name_key", "email_key", "phone_key", "joined_on", "status")


def credit(session: Session, file: SourceFile, named: Sequence[Named]) -> list[tuple[int, str]]:
    """Credit those who brought customers of a file; return the lines that credit nobody, and why.

    A customer whom somebody is credited with already stays as they are. Old news is written in sets; what is
    recent, or disputed, goes the way of a single referral, with its thanks and its reward.
    """
    if not named:
        return []
    desk = _Desk(session, file)
    return [doubt for some in bulk.batches(named, bulk.BATCH) for doubt in desk.credit(some)]


class _Desk:
    def __init__(self, session: Session, file: SourceFile) -> None:
        self.session = session
        self.today = journal.context_of(session).today
        self.file = file
        self.book = ReferralBook(session)
        self.names: dict[str, int] = {}

    def credit(self, named: Sequence[Named]) -> list[tuple[int, str]]:
        known = known_references(self.session, (text for _, text, _ in named), self.file.source)
        people = self._people({number for number, _, _ in named} | set(known.values()))
        settled, disputed = self._claimed({number: people[number] for number, _, _ in named})
        rows: list[Row] = []
        doubts = []
        for number, text, line in named:
            if number in settled:
                continue
            settled.add(number)
            try:
                referrer = known.get(text) or self._by_name(text)
                if self.book.closes_circle(referrer, number):
                    raise NotAllowed(f'"{text}" came by this customer, or is the same: that would close a circle.')
                if number in disputed or not self._is_old(people[number]):
                    moved = referrals.arrived(self.session, referrer, customers.get(self.session, number))
                    self.book.credit(moved.referral.key, number, referrer)
                else:
                    rows.append(self._row(referrer, people[number], people.get(referrer)))
                    self.book.credit(0, number, referrer)
            except RefertrackError as error:
                doubts.append((line, f"referred_by: {error.message}"))
        for row, key in zip(rows, bulk.allocate(self.session, Referral, len(rows)), strict=True):
            row["id"] = key
        self.book.write(rows)
        return doubts

    def _is_old(self, person: Row) -> bool:
        joined_on = person["joined_on"]
        return person["status"] == CustomerStatus.ACTIVE and joined_on is not None and is_past(joined_on, self.today)

    def _row(self, referrer: int, person: Row, referrer_row: Row | None) -> Row:
        if referrer_row is not None and same_person(_person(referrer_row), _person(person)):
            raise NotAllowed("nobody can refer themselves: the e-mail or the phone is the same.")
        copied = ("name", "company", "email", "phone", "name_key", "email_key", "phone_key")
        return {
            **{name: person[name] for name in copied}, "referrer_id": referrer, "customer_id": person["id"],
            "received_on": person["joined_on"], "moved_on": person["joined_on"], "consent": Consent.CONSENT.value,
            "state": ReferralState.WON.value, "reason": "",
        }  # fmt: skip

    def _people(self, ids: Iterable[int]) -> dict[int, Row]:
        table = bulk.table_of(Customer)
        query = select(*(table.c[name] for name in _PERSON))
        return {row["id"]: row for row in self._rows(query, table.c.id, ids)}

    def _claimed(self, people: dict[int, Row]) -> tuple[set[int], set[int]]:
        """Return those whom a referral has linked already, and those on whom somebody else may have a claim."""
        emails = {row["email_key"]: number for number, row in people.items() if row["email_key"]}
        phones = {row["phone_key"]: number for number, row in people.items() if row["phone_key"]}
        table, other = bulk.table_of(Referral), bulk.table_of(Customer)
        linked = {row["customer_id"] for row in self._rows(select(table.c.customer_id), table.c.customer_id, people)}
        disputed = set()
        for column, keys in (("email_key", emails), ("phone_key", phones)):
            disputed |= {keys[row[column]] for row in self._rows(select(table.c[column]), table.c[column], keys)}
            again = self._rows(select(other.c.id, other.c[column]), other.c[column], keys)
            disputed |= {keys[row[column]] for row in again if row["id"] != keys[row[column]]}
        return linked, disputed

    def _rows(self, query: Any, column: Any, values: Iterable[Any]) -> Iterable[Row]:
        for some in bulk.in_lists(sorted(values)):
            for row in self.session.connection().execute(query.where(column.in_(some))).mappings():
                yield dict(row)

    def _by_name(self, text: str) -> int:
        """Return the customer of a name; a number is the other system's, never our own.

        Raises:
            NotFound: nobody is meant, or several are.

        """
        if text not in self.names:
            if text.lstrip("#").isdecimal():
                raise NotFound(f'nobody is known as "{text}".')
            self.names[text] = int(look_up.customer(session_reader(self.session), text)["id"])
        return self.names[text]


def _person(row: Row) -> Person:
    return Person(row["name"], row["company"], row["email_key"], row["phone_key"])
