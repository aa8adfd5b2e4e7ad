"""A document of the business's rules changes, and what hangs on it changes with it."""

from __future__ import annotations

from sqlmodel import Session

from refertrack.store import journal
from refertrack.store.settings import load_business, save_document
from refertrack.workflows import rhythms


def save(session: Session, name: str, text: str, *, seen_version: int | None = None) -> int:
    """Put a document in the place of what holds now; return how many open items moved with it.

    Raises:
        BadValue: it does not read as its grammar has it; nothing is changed.
        Conflict: somebody else changed it since ``seen_version``.

    """
    save_document(session, name, text, seen_version=seen_version)
    if name != "segments":
        return 0
    before, after = journal.context_of(session).business.segments, load_business({name: text}).segments
    return rhythms.segments_changed(session, before, after)
