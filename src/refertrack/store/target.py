"""Where the database is: a file of SQLite, or a server that speaks PostgreSQL's protocol."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from refertrack.rules.errors import BadValue

POSTGRES = ("postgresql://", "postgres://", "postgresql+psycopg://")


@dataclass(frozen=True)
class Target:
    """One database: ``path`` for SQLite, else ``url`` for a server."""

    path: Path | None = None
    url: str = ""

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a file of SQLite."""
        return self.path is not None

    @property
    def words(self) -> str:
        """What to call it in a sentence; a password is not shown."""
        if self.path is not None:
            return str(self.path)
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://{re.sub('(?<=password=)[^&]*', '…', rest.rpartition('@')[2])}"


def parse_target(text: str) -> Target:
    """Read a path or a URL as ``--db`` takes it.

    Raises:
        BadValue: the URL names an engine that refertrack does not run on.

    """
    for prefix in POSTGRES:
        if text.startswith(prefix):
            return Target(url="postgresql://" + text[len(prefix) :])
    if text.startswith("sqlite:///"):
        text = text[len("sqlite:///") :]
    elif "://" in text:
        raise BadValue(
            f"There is no way to use {text.partition('://')[0]}:// as a database.",
            "Give the path of a file, or postgresql://user@host/name.",
            field="db",
        )
    if not text.strip():
        raise BadValue("The database has no name.", "Give the path of a file.", field="db")
    return Target(path=Path(text).expanduser().absolute())
