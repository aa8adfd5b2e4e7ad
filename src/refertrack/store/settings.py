"""The business's documents: the program's defaults, and what the business has put in their place."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from refertrack.rules.business import Business, read_business
from refertrack.rules.errors import BadValue

if TYPE_CHECKING:
    from sqlmodel import Session

NAMES = ("business", "playbooks", "segments", "weights", "incentives", "survey", "worth")
_DEFAULTS = Path(__file__).parent / "defaults"


def default_document(name: str) -> str:
    """Return the text of a document as it ships."""
    return (_DEFAULTS / f"{name}.toml").read_text(encoding="utf-8")


def parse_document(name: str, text: str) -> Mapping[str, Any]:
    """Read a document's TOML.

    Raises:
        BadValue: it is no TOML; the sentence says where.

    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadValue(f"The {name} cannot be read: {error}.", "Write it as TOML.", field=name) from error


def load_business(stored: Mapping[str, str], *, currency: str = "EUR") -> Business:
    """Read the business from its stored documents over the defaults; a table of its own replaces a default."""
    documents = {
        name: {
            **parse_document(name, default_document(name)),
            **(parse_document(name, stored[name]) if name in stored else {}),
        }
        for name in NAMES
    }
    return read_business(documents, currency=currency)


def stored_documents(rows: Callable[[str], Sequence[Mapping[str, Any]]]) -> dict[str, str]:
    """Return the documents that stand in the database, through a reader's ``rows``."""
    return {row["name"]: row["document"] for row in rows("SELECT name, document FROM setting")}


def unreadable(stored: Mapping[str, str]) -> dict[str, str]:
    """Return, of stored documents, those that do not read as their grammar has it, each with what is wrong."""
    found = {}
    for name in NAMES:
        if name in stored:
            try:
                load_business({name: stored[name]})
            except BadValue as error:
                found[name] = error.message.rstrip(".")
    return found


def save_document(session: Session, name: str, text: str, *, seen_version: int | None = None) -> None:
    """Put a document in the place of what holds now.

    Raises:
        BadValue: it does not read as its grammar has it; nothing is changed.
        Conflict: somebody else changed it since ``seen_version``.

    """
    from sqlmodel import select

    from refertrack.models.journal import Setting
    from refertrack.rules.errors import Conflict

    load_business({name: text})
    row = session.exec(select(Setting).where(Setting.name == name)).first()
    if seen_version is not None and (row.version if row else 0) != seen_version:
        raise Conflict(f"The {name} were changed by somebody else meanwhile.", "Look at them again, then edit.")
    if row is None:
        session.add(Setting(name=name, document=text))
    else:
        row.document = text
        session.add(row)
    session.flush()
