"""A business's documents as texts that people read and edit: whole, with their comments, checked before they count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from refertrack.rules.errors import BadValue, Conflict, NotFound
from refertrack.store.settings import NAMES, default_document, load_business, parse_document

if TYPE_CHECKING:
    from sqlmodel import Session

    from refertrack.store.reader import Reader

Path = tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """A document as it holds now: its whole text, and of it what the business wrote (``version`` 0: nothing)."""

    name: str
    text: str
    written: str = ""
    version: int = 0

    @property
    def own(self) -> bool:
        """Whether the business has put it in the default's place."""
        return self.version > 0


def document(reader: Reader, name: str) -> Document:
    """Return a document whole: what the business wrote, and the default's tables that it says nothing about.

    Raises:
        NotFound: there is no such document.

    """
    if name not in NAMES:
        raise NotFound(f'There is no document "{name}".', f"There are: {', '.join(NAMES)}.")
    row = reader.row("SELECT document, version FROM setting WHERE name = :name", name=name)
    if row is None:
        return Document(name, default_document(name))
    return Document(name, _completed(name, row["document"]), row["document"], row["version"])


def _completed(name: str, text: str) -> str:
    missing = [key for key in parse_document(name, default_document(name)) if key not in parse_document(name, text)]
    if not missing:
        return text
    import tomlkit

    whole, default = tomlkit.parse(text), tomlkit.parse(default_document(name))
    for key in missing:
        whole[key] = default[key]
    return tomlkit.dumps(whole)


def check(name: str, text: str) -> None:
    """See that a text reads as its grammar has it.

    Raises:
        BadValue: it does not; the sentence names the place.

    """
    load_business({name: text})


def differs(text: str, name: str, key: str) -> bool:
    """Whether what a business wrote has something of its own under a key, other than the default."""
    own = value(text, (key,))
    return own is not None and own != value(default_document(name), (key,))


def value(text: str, path: Path) -> Any:
    """Return what stands at a place of a document, None where nothing does."""
    import tomllib

    found: Any = tomllib.loads(text)
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def with_value(name: str, text: str, path: Path, new: Any) -> str:
    """Return what a business wrote with a value put in its place; everything else stays as it is written.

    A table replaces the default's as a whole, so the first value of one brings the default's others along.

    Raises:
        BadValue: the place lies within a value that is no table.

    """
    import tomlkit

    whole = tomlkit.parse(text)
    default = tomlkit.parse(default_document(name))
    if len(path) > 1 and path[0] not in whole and path[0] in default:
        whole[path[0]] = default[path[0]]
    table: Any = whole
    for key in path[:-1]:
        if key not in table:
            table[key] = tomlkit.table()
        table = table[key]
        if not hasattr(table, "items"):
            raise BadValue(f'"{key}" holds no other values.', "See the whole: refertrack config", field=".".join(path))
    table[path[-1]] = tomlkit.string(new, multiline="\n" in new) if isinstance(new, str) else new
    return tomlkit.dumps(whole)


def without_value(text: str, path: Path) -> str:
    """Return a document's text without what stands at a place; nothing happens where nothing does."""
    import tomlkit

    whole = tomlkit.parse(text)
    table: Any = whole
    for key in path[:-1]:
        table = table.get(key) if hasattr(table, "get") else None
        if table is None:
            return text
    if path[-1] in table:
        del table[path[-1]]
    return tomlkit.dumps(whole)


def reset(session: Session, name: str, *, seen_version: int) -> bool:
    """Give a document back to the default that ships with the program; return whether it was another.

    Raises:
        Conflict: somebody else changed it since ``seen_version``.

    """
    from sqlmodel import select

    from refertrack.models.journal import Setting

    row = session.exec(select(Setting).where(Setting.name == name)).first()
    if (row.version if row else 0) != seen_version:
        raise Conflict(f"The {name} were changed by somebody else meanwhile.", "Look at them again first.")
    if row is not None:
        session.delete(row)
        session.flush()
    return row is not None
