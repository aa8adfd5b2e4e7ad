"""The exports of well-known programs: data in ``presets.toml``, recognised by the names of their columns."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from refertrack.exchange.fields import header_key

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Preset:
    """One program's export. Columns are written as ``header_key`` writes them; see presets.toml for the rest."""

    key: str
    source: str
    title: str
    kind: str
    marks: frozenset[str]
    any_of: frozenset[str]
    columns: tuple[tuple[str, tuple[str, ...]], ...]
    constants: tuple[tuple[str, str], ...]
    clean: str
    continuation: str
    skip: tuple[str, ...]


@cache
def presets() -> tuple[Preset, ...]:
    """Return all presets; the one that asks for most columns comes first."""
    document = tomllib.loads(files("refertrack.exchange").joinpath("presets.toml").read_text("utf-8"))
    found = [
        Preset(
            key=key,
            source=entry.get("source", key),
            title=entry["title"],
            kind=entry["kind"],
            marks=frozenset(map(header_key, entry["all"])),
            any_of=frozenset(map(header_key, entry.get("any", []))),
            columns=tuple((name, tuple(map(header_key, them))) for name, them in entry["columns"].items()),
            constants=tuple(entry.get("constants", {}).items()),
            clean=entry.get("clean", ""),
            continuation=header_key(entry.get("continuation", "")),
            skip=tuple(entry.get("skip", [])),
        )
        for key, entry in document.items()
    ]
    return tuple(sorted(found, key=lambda preset: -len(preset.marks)))


def recognise(columns: Sequence[str], kind: str = "") -> Preset | None:
    """Return the preset that these columns come from, of one kind of record or of any; None for no match."""
    keys = {header_key(column) for column in columns}
    for preset in presets():
        if kind in {"", preset.kind} and preset.marks <= keys and (not preset.any_of or preset.any_of & keys):
            return preset
    return None
