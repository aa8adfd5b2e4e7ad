"""Fields of a letter that a person gives by hand: ``--set meeting.about="the annexe"``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from refertrack.drafts.catalogue import FIELDS, LetterField, unknown_hint
from refertrack.rules.errors import BadValue
from refertrack.rules.money import parse_money
from refertrack.rules.text import NOTE_LIMIT, clean

_FORM = 'Like this: --set meeting.about="the annexe"'
_YES = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}

ReadDay = Callable[[str, str], date | None]


def read_given(pairs: Iterable[str], read_day: ReadDay, currency: str) -> dict[str, object]:
    """Return fields by name, each read by the kind that the catalogue gives it; an empty value empties the field.

    Args:
        pairs: as typed, ``field=value``.
        read_day: reads a date as people type it; gets the text and the field's name.
        currency: what amounts are in unless they say so.

    Raises:
        BadValue: there is no such field, or the value is not of its kind.

    """
    found: dict[str, object] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        name = name.strip()
        if not equals or not name:
            raise BadValue(f'"{pair}" gives no field a value.', _FORM, field="set")
        field = FIELDS.get(name)
        if field is None:
            raise BadValue(f'Letters have no field "{name}".', unknown_hint(name), field="set")
        if name.startswith("ask.evidence"):
            raise BadValue("The evidence is read from the request.", 'Say it in words: --set ask.because="…"')
        if name.startswith("purchases."):
            raise BadValue(f'"{name}" stands once for each purchase.', 'Set the list: --set purchases="one; another"')
        found[name] = _value(field, text.strip(), read_day, currency)
    return found


def _value(field: LetterField, text: str, read_day: ReadDay, currency: str) -> object:
    if not text:
        return None
    readers: dict[str, Callable[[], object]] = {
        "date": lambda: read_day(text, field.name),
        "number": lambda: _number(field, text),
        "money": lambda: parse_money(text, currency, field=field.name),
        "yes/no": lambda: _yes_or_no(field, text),
        "list": lambda: _list(field, text),
        "lines": lambda: _text(field, text),
        "text": lambda: " ".join(_text(field, text).split()),
    }
    return readers[field.kind]()


def _text(field: LetterField, text: str) -> str:
    return clean(text, field=field.name, limit=NOTE_LIMIT)


def _list(field: LetterField, text: str) -> list[object]:
    parts = [part.strip() for part in _text(field, text).replace(";", "\n").splitlines() if part.strip()]
    return [{"what": part} if field.name == "purchases" else part for part in parts]


def _yes_or_no(field: LetterField, text: str) -> bool:
    if text.casefold() not in _YES:
        raise BadValue(f'"{text}" is neither yes nor no.', f"Like this: --set {field.name}=yes", field="set")
    return _YES[text.casefold()]


def _number(field: LetterField, text: str) -> int:
    if not text.lstrip("-").isdecimal() or len(text) > 9:
        raise BadValue(f'"{text}" is no whole number.', f"Like this: --set {field.name}=3", field="set")
    return int(text)


def with_given(fields: Mapping[str, Any], given: Mapping[str, object]) -> dict[str, Any]:
    """Return a letter's fields with those that were given in the place of what is known."""
    merged: dict[str, Any] = dict(fields)
    if "ask.because" in given and merged.get("ask"):
        merged["ask"] = {**merged["ask"], "evidence": []}
    for name, value in given.items():
        group, _, part = name.partition(".")
        if not part:
            merged[group] = value
        else:
            merged[group] = {**(merged.get(group) or {}), part: value}
    return merged
