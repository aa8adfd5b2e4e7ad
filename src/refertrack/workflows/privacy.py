"""A person is forgotten: erased everywhere, and known by keyed hashes alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from refertrack.models.customers import Suppression
from refertrack.store.erase import erase
from refertrack.store.persons import Person, person
from refertrack.workflows import customers
from refertrack.workflows.suppression import Suppressed


@dataclass(frozen=True)
class Forgotten:
    """A person who was erased, as they were known until then, and how many rows were cleared, by table."""

    who: Person
    rows: Mapping[str, int]


def forget(session: Session, customer_id: int) -> Forgotten:
    """Erase a customer everywhere, and keep keyed hashes of e-mail and phone alone.

    Raises:
        NotFound: there is no such customer.

    """
    who = person(session.connection(), customers.get(session, customer_id).key)
    known = Suppressed(session)
    keys = [*(("email", key) for key in who.email_keys), *(("phone", key) for key in who.phone_keys)]
    for kind, digest in sorted({(kind, known.digest(kind, key)) for kind, key in keys}):
        if digest not in known.digests:
            session.add(Suppression(kind=kind, digest=digest))
    return Forgotten(who, erase(session, who))


def forgotten_before(session: Session, customer_id: int) -> Forgotten:
    """Return a person who was erased before: what is left to know them by in a backup."""
    return Forgotten(person(session.connection(), customer_id), {})
