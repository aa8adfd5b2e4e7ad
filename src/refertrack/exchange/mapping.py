"""Which column of a file holds what: guessed from the header, recognised from known programs, or told.

A ``Mapping`` is found by ``guess``, changed by ``with_options`` (module ``map_options``), checked by
``check_required`` and put to work by ``apply`` and ``records`` (module ``records``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from refertrack.exchange.field import Field, FieldKind
from refertrack.exchange.fields import FIELDS, STANDS_IN, TOLD_BY_COLUMNS, header_key
from refertrack.exchange.presets import Preset, recognise
from refertrack.rules.errors import BadValue, FileTrouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refertrack.exchange.csvread import Row

# What people add to a program's export by hand, or as a field of their own: looked for beside a preset.
_BESIDE_PRESETS = frozenset(
    {
        "segment", "tags", "owner", "referred_by", "keep_in_touch_days", "preferred_channel",
        "product", "promised_on", "delivered_on",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Mapping:
    """Fields and the columns (by place, from 0) that hold them; the first that is filled in a row counts.

    ``constants`` are values that every row gets. ``title`` names a program that was recognised ("Google
    Contacts"), ``source`` is its short name for external ids ("google"); both are empty for other files.
    ``clean``, ``continuation`` and ``skip`` are the preset's (see presets.toml); ``told`` are the fields that
    the person mapped, which the preset leaves alone. ``catalogue`` are the fields that there are.
    """

    kind: str
    columns: tuple[str, ...]
    sources: dict[str, tuple[int, ...]]
    constants: dict[str, str] = field(default_factory=dict)
    title: str = ""
    source: str = ""
    clean: str = ""
    continuation: int | None = None
    skip: tuple[str, ...] = ()
    told: frozenset[str] = frozenset()
    catalogue: tuple[Field, ...] = ()

    @property
    def fields(self) -> frozenset[str]:
        """The fields that rows will have."""
        return frozenset(self.sources) | frozenset(self.constants)

    @property
    def unused(self) -> tuple[str, ...]:
        """The columns that are left out, in the file's order."""
        used = {place for places in self.sources.values() for place in places}
        return tuple(column for place, column in enumerate(self.columns) if place not in used)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What stands for what, to show: ("First Name, Last Name", "name"), ("= Retail", "segment")."""
        shown = [(", ".join(self.columns[at] for at in places), name) for name, places in self.sources.items()]
        if "name" not in self.sources:
            parts = [self.sources[part] for part in ("first_name", "last_name") if part in self.sources]
            if parts:
                shown = [(words, name) for words, name in shown if name not in {"first_name", "last_name"}]
                shown.insert(0, (", ".join(self.columns[at] for places in parts for at in places), "name"))
        return tuple(shown) + tuple((f"= {value}", name) for name, value in self.constants.items())


def fields_of(kind: str, own: tuple[Field, ...] = ()) -> dict[str, Field]:
    """Return the fields of a kind of record by name; BadValue for a kind that there is none of."""
    if kind not in FIELDS:
        raise BadValue(f'"{kind}" cannot be imported.', f"One of: {', '.join(FIELDS)}.", field="kind")
    return {field_.name: field_ for field_ in own or FIELDS[kind]}


def guess(kind: str, columns: Sequence[str], sample: Sequence[Row], own: tuple[Field, ...] = ()) -> Mapping:
    """Find which columns hold what, by a known program's names, else by the words of the header.

    ``sample`` are the first rows: a column of phone numbers without any digit is passed over. No column is
    used twice. Fields that are not found are left out; ``check_required`` says whether that will do. ``own``
    are the business's fields, where it has its own (the questions of its survey).
    """
    catalogue = fields_of(kind, own)
    names = tuple(columns)
    keys = [header_key(column) for column in names]
    preset = recognise(names, kind)
    if preset is None:
        fields = tuple(catalogue.values())
        return Mapping(kind, names, _by_words(fields, keys, sample, frozenset()), catalogue=fields)
    sources = _by_preset(preset, keys)
    constants = {name: value for name, value in preset.constants if name not in sources}
    taken = frozenset(place for places in sources.values() for place in places)
    wanted = [it for it in catalogue.values() if it.name in _BESIDE_PRESETS and it.name not in sources]
    beside = _by_words(tuple(it for it in wanted if it.name not in constants), keys, sample, taken, exact=True)
    return Mapping(
        kind,
        names,
        sources | beside,
        constants,
        title=preset.title,
        source=preset.source,
        clean=preset.clean,
        continuation=keys.index(preset.continuation) if preset.continuation in keys else None,
        skip=preset.skip,
        catalogue=tuple(catalogue.values()),
    )


def guess_kind(columns: Sequence[str], sample: Sequence[Row]) -> str:
    """Tell what kind of record a file holds: a known program's, else the kind that more columns fit.

    "" where no kind has its required fields. Referrals, asks and spending look too much like the rest to be told.
    """
    preset = recognise(columns)
    if preset is not None:
        return preset.kind
    fitting = {}
    for kind in TOLD_BY_COLUMNS:
        mapping = guess(kind, columns, sample)
        if not missing_fields(mapping):
            fitting[kind] = len(mapping.sources)
    return max(fitting, key=lambda kind: fitting[kind], default="")


def missing_fields(mapping: Mapping) -> tuple[str, ...]:
    """Return the required fields that neither a column nor a constant gives."""
    has = mapping.fields
    return tuple(
        it.name
        for it in FIELDS[mapping.kind]
        if it.required and it.name not in has and not has.intersection(STANDS_IN.get(it.name, ()))
    )


def check_required(mapping: Mapping, file_name: str) -> None:
    """Raise FileTrouble, with the columns that are there, where a required field has no column."""
    missing = missing_fields(mapping)
    if not missing:
        return
    free = mapping.unused or mapping.columns
    example = f'--map {missing[0]}="{free[0]}"' if free else f"--map {missing[0]}=COLUMN"
    raise FileTrouble(
        f"No column of {file_name} is known to hold {' or '.join(missing)}. It has: {', '.join(mapping.columns)}.",
        f"Say which column it is, for example: {example}",
    )


def _by_preset(preset: Preset, keys: list[str]) -> dict[str, tuple[int, ...]]:
    """Return the places of a preset's columns, for the fields that the file has any of."""
    sources = {}
    for name, wanted in preset.columns:
        places = tuple(keys.index(key) for key in wanted if key in keys)
        if places:
            sources[name] = places
    return sources


def _by_words(
    fields: tuple[Field, ...],
    keys: list[str],
    sample: Sequence[Row],
    taken: frozenset[int],
    *,
    exact: bool = False,
) -> dict[str, tuple[int, ...]]:
    """Find one column for each field: first all exact words, then words within a header unless ``exact``."""
    free = [place for place in range(len(keys)) if place not in taken]
    found: dict[str, int] = {}
    for it in fields:
        fitting = ((place, word) for word in it.words for place in free if keys[place] == word)
        at = next((place for place, _ in fitting if _plausible(it.kind, place, sample)), None)
        if at is not None:
            found[it.name] = at
            free.remove(at)
    for it in () if exact else fields:
        if it.name in found:
            continue
        at = next((p for p in free if _is_within(it, keys[p]) and _plausible(it.kind, p, sample)), None)
        if at is not None:
            found[it.name] = at
            free.remove(at)
    return {it.name: (found[it.name],) for it in fields if it.name in found}


def _is_within(it: Field, key: str) -> bool:
    """Whether a header has one of the field's words somewhere, as whole words, and none that speaks against."""
    padded = f" {key} "
    return any(f" {word} " in padded for word in it.within) and not any(f" {no} " in padded for no in it.never)


def _plausible(kind: FieldKind, place: int, sample: Sequence[Row]) -> bool:
    """Whether the first rows' cells can be of this kind; empty ones speak neither for nor against."""
    cells = [row.cells[place] for row in sample if row.cells[place].strip()]
    if not cells:
        return True
    if kind == "email":
        return any("@" in cell for cell in cells)
    if kind == "name":
        return any(character.isalpha() for cell in cells for character in cell)
    if kind in {"phone", "date", "money", "int"}:
        return any(character.isdigit() for cell in cells for character in cell)
    return True
