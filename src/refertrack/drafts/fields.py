"""The fields of one letter, as its template sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from refertrack.drafts.catalogue import FIELDS
from refertrack.rules.errors import LetterTrouble
from refertrack.rules.money import Money

LANGUAGE_FIELD = "_language"  # the letter's own language, for the filters
Value = str | int | Decimal | date | Money


class Group(Mapping[str, object]):
    """Fields under one name, such as ``customer``; empty ones are left out. ``path`` is the name."""

    def __init__(self, path: str, fields: Mapping[str, object]) -> None:
        self.path = path
        self._fields = fields

    def __getitem__(self, key: str) -> object:
        return self._fields[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return self.path


def tidy(fields: Mapping[str, object], path: str = "") -> Group:
    """Return the fields without the empty ones: None, blank text, a list or group of nothing.

    Zero and False are values. So a template's ``{% if field %}`` and the refusal of empty fields agree.

    Raises:
        LetterTrouble: a value is of a kind that no letter can print.

    """
    kept: dict[str, object] = {}
    for key, value in fields.items():
        name = f"{path}.{key}" if path else key
        tidied = _tidy_value(_listed(value) if _is_list(name) else value, name)
        if tidied is not None:
            kept[key] = tidied
    return Group(path, kept)


def _tidy_value(value: object, path: str) -> object:
    if isinstance(value, Mapping):
        return tidy(value, path) or None
    if isinstance(value, list | tuple):
        items = (_tidy_value(item, path) for item in value)
        return tuple(item for item in items if item is not None) or None
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, Value):
        raise LetterTrouble(
            f'"{path}" cannot be printed in a letter.', "Give text, a number, a date, money or a list of these."
        )
    return value


def _is_list(name: str) -> bool:
    return name in FIELDS and FIELDS[name].kind == "list"


def _listed(value: object) -> object:
    """Return a list that a person typed, an item a line or parted by semicolons, as a list."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.replace(";", "\n").splitlines()]
