"""What the person says about columns: ``--map field=Column``, ``--map field:=value`` and ``--map field=``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from refertrack.exchange.mapping import Mapping, fields_of
from refertrack.rules.errors import BadValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from refertrack.exchange.field import Field

_FORM = 'Like this: --map segment="Customer group", --map segment:=Retail, or --map notes= to leave a field out.'

_GROUPS = frozenset({"segment", "source", "owner", "tags"})


@dataclass(frozen=True)
class MapOption:
    """A field, and either the place of its column, or a constant value, or neither: it is left out."""

    field: str
    column: int | None = None
    constant: str | None = None


def parse_map_options(
    kind: str, columns: Sequence[str], options: Iterable[str], own: tuple[Field, ...] = ()
) -> tuple[MapOption, ...]:
    """Read options of the forms field=Column, field:=value and field= (leave the field out).

    A column is named as the file spells it; capitals do not matter where no other column differs by them
    alone. Raises BadValue for another form, an unknown field or column (with the closest), or a field that is
    told twice.
    """
    fields = fields_of(kind, own)
    parsed: list[MapOption] = []
    for option in options:
        left, equals, right = option.partition("=")
        constant = left.endswith(":")
        name = left.removesuffix(":").strip().replace("-", "_")
        if not equals or not name or (constant and not right.strip()):
            raise BadValue(f'"{option}" does not say which column a field has.', _FORM, field="map")
        if name not in fields:
            message = f'{kind.capitalize()} have no field "{name}".{_close(name, fields)}'
            raise BadValue(message, f"The fields: {', '.join(fields)}.", field="map")
        if any(earlier.field == name for earlier in parsed):
            raise BadValue(f'The field "{name}" is mapped twice.', "Leave one of the two out.", field="map")
        if constant:
            parsed.append(MapOption(name, constant=right.strip()))
        elif right.strip():
            parsed.append(MapOption(name, column=_place(right.strip(), columns)))
        else:
            parsed.append(MapOption(name))
    return tuple(parsed)


def with_options(mapping: Mapping, options: Iterable[str]) -> Mapping:
    """Return the mapping as changed by ``--map`` options; raises as ``parse_map_options`` does.

    A column that the person gives to one field is taken from the field that it was guessed for, unless it
    says how customers are grouped: a country can be the segment and the country.
    """
    parsed = parse_map_options(mapping.kind, mapping.columns, options, mapping.catalogue)
    told = {option.field for option in parsed}
    claimed = {option.column for option in parsed if option.field not in _GROUPS}
    sources = {}
    for name, places in mapping.sources.items():
        left = tuple(place for place in places if place not in claimed)
        if name not in told and left:
            sources[name] = left
    constants = {name: value for name, value in mapping.constants.items() if name not in told}
    for option in parsed:
        if option.column is not None:
            sources[option.field] = (option.column,)
        elif option.constant is not None:
            constants[option.field] = option.constant
    if "name" in told and "name" in sources:
        # Where the whole name is told, its parts are not wanted beside it.
        for part in {"first_name", "last_name"} - told:
            sources.pop(part, None)
    return replace(mapping, sources=sources, constants=constants, told=mapping.told | told)


def _place(column: str, columns: Sequence[str]) -> int:
    """Return the place of a column by its name; BadValue with the closest names where there is none."""
    if column in columns:
        return columns.index(column)
    alike = [place for place, name in enumerate(columns) if name.casefold() == column.casefold()]
    if len(alike) == 1:
        return alike[0]
    raise BadValue(
        f'The file has no column "{column}".{_close(column, columns)}',
        f"The columns: {', '.join(columns)}.",
        field="map",
    )


def _close(word: str, choices: Iterable[str]) -> str:
    """Return ' Close: "…".' for the nearest spelling, or nothing."""
    from rapidfuzz import fuzz, process

    found = process.extractOne(word, list(choices), scorer=fuzz.WRatio, processor=str.casefold, score_cutoff=70)
    return f' Close: "{found[0]}".' if found else ""
