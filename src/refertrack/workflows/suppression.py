"""People who asked to be forgotten do not come back unnoticed: they are known by keyed hashes alone."""

from __future__ import annotations

import hmac
import secrets
from functools import cached_property

from sqlalchemy import select
from sqlmodel import Session

from refertrack.models.customers import Suppression
from refertrack.models.journal import Setting
from refertrack.rules.errors import NotAllowed
from refertrack.rules.text import NOTE_LIMIT, clean
from refertrack.store import bulk

KEY = "suppression_key"
ANYWAY = 'If they came back themselves: --anyway "why"'


class Suppressed:
    """The hashes of e-mail addresses and phone numbers, read once."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @cached_property
    def digests(self) -> set[str]:
        """The hashes that are kept."""
        return {row[0] for row in self.session.connection().execute(select(bulk.table_of(Suppression).c.digest))}

    @cached_property
    def _secret(self) -> bytes:
        """The key of the hashes, which stands in the database; made when it is first needed."""
        table = bulk.table_of(Setting)
        found = self.session.connection().execute(select(table.c.document).where(table.c.name == KEY)).scalar()
        if found is None:
            found = secrets.token_hex(32)
            self.session.add(Setting(name=KEY, document=found))
            self.session.flush()
        return bytes.fromhex(found)

    def digest(self, kind: str, key: str) -> str:
        """Return the hash of an address or a number."""
        return hmac.new(self._secret, f"{kind}:{key}".encode(), "sha256").hexdigest()

    def refuse(self, name: str, email_key: str, phone_key: str) -> None:
        """Refuse to take a person in who asked to be forgotten.

        Raises:
            NotAllowed: the address or the number is one of theirs.

        """
        kind = self.kind_of(email_key, phone_key)
        if kind:
            words = "e-mail address" if kind == "email" else "phone number"
            raise NotAllowed(f"{name} asked to be forgotten: the {words} is theirs.", ANYWAY)

    def kind_of(self, email_key: str, phone_key: str) -> str:
        """Return by what a person is known who asked to be forgotten: email, phone, or '' where it is nobody."""
        if not self.digests:
            return ""
        given = (("email", email_key), ("phone", phone_key))
        return next((kind for kind, key in given if key and self.digest(kind, key) in self.digests), "")


def taken_in_again(notes: str, reason: str) -> str:
    """Return a customer's notes with the reason why they were taken in all the same.

    Raises:
        BadValue: the reason is too long.

    """
    words = f"Asked to be forgotten once; taken in again: {clean(reason, field='anyway', limit=NOTE_LIMIT)}"
    return f"{notes}\n{words}" if notes else words
