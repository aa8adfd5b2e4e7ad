"""What every import has in common: rows and their file, what became of them, and reading of cells."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import ClassVar, NamedTuple

from sqlmodel import Session

from refertrack.models.customers import ImportBatch
from refertrack.rules.dates import detect_order, parse_date, parse_iso_like, parse_with_order
from refertrack.rules.errors import BadValue, RefertrackError
from refertrack.rules.names import parse_email
from refertrack.rules.text import NAME_LIMIT, clean
from refertrack.store import bulk, journal

# Addresses of this plain form need no library to be told right.
_PLAIN_EMAIL = re.compile(
    r"[a-z0-9][a-z0-9_+-]*(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9]+(?:-+[a-z0-9]+)*\.)+[a-z]{2,}", re.ASCII
)
DATE_FORMS = "Like this: 2026-11-24, 24.11.2026 or 24 Nov 2026."
SAMPLE = 5_000


class Line(NamedTuple):
    """A row of a file: its line, its values by field, and what was wrong with it already when it was read."""

    number: int
    values: Mapping[str, str]
    problem: str = ""


Lines = Callable[[], Iterable[Line]]


@dataclass(frozen=True)
class SourceFile:
    """Where rows come from: the file's name and digest, and the name of the system that its ids belong to."""

    name: str
    digest: str
    source: str = ""

    def identity(self, line: Line) -> tuple[str, str]:
        """Return what a row is known by: its own id, else the file's digest and the row's line.

        Raises:
            BadValue: the id is too long.

        """
        own = line.values.get("external_id", "").strip()
        if own:
            return self.source, clean(own, field="external_id", limit=NAME_LIMIT)
        return f"file:{self.digest[:16]}", f"row {line.number}"


@dataclass
class Imported:
    """What became of a file's rows."""

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)
    new_customers: int = 0
    unknown_customers: set[str] = field(default_factory=set)
    left_out: int = 0
    due: int = 0
    won: int = 0
    phones_as_written: int = 0
    doubts: list[tuple[int, str]] = field(default_factory=list)  # rows that are in, but not in all they say

    def reject(self, line: Line, error: RefertrackError, *, strict: bool) -> None:
        """Note a bad row with its reason.

        Raises:
            BadValue: ``strict``.

        """
        if strict:
            raise BadValue(f"Line {line.number}: {error.message}", "Nothing was imported (--strict).") from error
        self.rejected.append((line.number, error.message))


def start_batch(session: Session, kind: str, file: SourceFile) -> ImportBatch:
    """Write down that a file is being imported; rows point at it."""
    batch = ImportBatch(kind=kind, file_name=file.name, file_hash=file.digest)
    session.add(batch)
    session.flush()
    return batch


def finish_batch(session: Session, batch: ImportBatch, result: Imported) -> None:
    """Write down what became of the file."""
    batch.rows_read, batch.rows_added, batch.rows_updated = result.read, result.added, result.updated
    batch.rows_unchanged, batch.rows_rejected = result.unchanged, len(result.rejected)
    session.add(batch)
    session.flush()


class FileImport(ABC):
    """One import: the rows of a file, group by group, until what became of them is written down."""

    kind: ClassVar[str]
    days: ClassVar[tuple[str, ...]]

    def __init__(self, session: Session, file: SourceFile, *, strict: bool) -> None:
        self.session = session
        self.context = journal.context_of(session)
        self.file = file
        self.strict = strict
        self.result = Imported()
        self.batch = start_batch(session, self.kind, file)

    def run(self, lines: Lines) -> Imported:
        """Take in all rows.

        Raises:
            BadValue: ``strict``, and a row is bad.

        """
        order = date_order(lines, self.days, self.context.business.date_order)
        for group in bulk.batches(lines(), bulk.BATCH):
            self._group(group, order)
        self._finish()
        return self.result

    @abstractmethod
    def _group(self, group: Sequence[Line], order: str) -> None:
        """Take in some rows; ``order`` is how the file writes its dates."""

    def _finish(self) -> None:
        """Write down what became of the file; a kind that has to see all rows first does so before."""
        finish_batch(self.session, self.batch, self.result)


def date_order(lines: Lines, fields: tuple[str, ...], fallback: str) -> str:
    """Tell how a file writes its dates, DMY or MDY; ``fallback`` where it cannot be told."""
    numeric = []
    for line in lines():
        for name in fields:
            value = line.values.get(name, "")
            if value and parse_iso_like(value) is None:
                numeric.append(value)
        if len(numeric) >= SAMPLE or (not numeric and line.number > SAMPLE):
            break
    order = detect_order(numeric)
    return order if order in {"DMY", "MDY"} else fallback


@lru_cache(maxsize=4096)
def read_day(text: str, order: str, name: str) -> date:
    """Read a cell that holds a date.

    Raises:
        BadValue: it holds none, or one before 1800 or after 2200.

    """
    words = text.strip()
    found = parse_iso_like(words) or parse_with_order(words, order)
    if found is None:
        try:
            found = parse_date(words, date(2000, 1, 1), order=order, field=name) if re.search(r"\d{4}", words) else None
        except BadValue:
            found = None
    if found is None or not 1800 <= found.year <= 2200:
        raise BadValue(f'{name}: "{words}" is no date.', DATE_FORMS, field=name)
    return found


def read_email(text: str) -> str:
    """Read a cell that holds an e-mail address.

    Raises:
        BadValue: it holds none.

    """
    words = text.strip()
    return words if _PLAIN_EMAIL.fullmatch(words) else parse_email(words)


def read_whole(text: str, name: str) -> int:
    """Read a cell that holds a whole number from 1 on; 2.0 is one, too.

    Raises:
        BadValue: it holds none.

    """
    match = re.fullmatch(r"(\d{1,9})(?:[.,]0+)?", text.strip())
    if match is None or int(match[1]) < 1:
        raise BadValue(f'{name}: "{text}" is no whole number from 1 on.', field=name)
    return int(match[1])


def read_word(text: str, name: str, allowed: list[str]) -> str:
    """Read a cell that holds one of some words.

    Raises:
        BadValue: it holds another.

    """
    word = text.strip().casefold()
    if word not in allowed:
        raise BadValue(f'{name}: "{text}" is none of {", ".join(allowed)}.', field=name)
    return word
