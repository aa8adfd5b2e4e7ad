"""One thing that a column of a file can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["text", "name", "email", "phone", "date", "money", "int", "id", "code", "list", "opt_out"]


@dataclass(frozen=True)
class Field:
    """One thing that a column can hold.

    ``words`` are headers as ``header_key`` writes them, the surest first. A header that has one of
    ``within`` somewhere, and none of ``never``, is taken where no header fits exactly.
    """

    name: str
    kind: FieldKind
    words: tuple[str, ...]
    within: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    required: bool = False


def field(
    name: str, kind: FieldKind, words: str, *, within: str = "", never: str = "", required: bool = False
) -> Field:
    """Make a field from words that are separated by commas."""
    return Field(name, kind, listed(words), listed(within), listed(never), required)


def listed(words: str) -> tuple[str, ...]:
    """Split words at commas; no words are an empty list."""
    return tuple(words.split(", ")) if words else ()
