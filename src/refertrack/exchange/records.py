"""Rows of a file to values by field: what an import works on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from refertrack.exchange.cleaners import CLEANERS
from refertrack.exchange.csvwrite import unprefix
from refertrack.exchange.fields import FIELDS, header_key
from refertrack.exchange.mapping import Mapping
from refertrack.rules.words import OptOutChannel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from refertrack.exchange.csvread import Row

    Converter = Callable[[str], str]

_SEVERAL = re.compile(r"\s*(?:[;,]|:::)\s*")
_NO = frozenset(
    {"no", "n", "false", "f", "0", "off", "unsubscribed", "opted out", "not subscribed", "nein", "non", "nej", "nee"}
)
# Said of an opt-out, these mean that there is none, or that nobody knows.
_NONE = (_NO - {"unsubscribed", "opted out", "not subscribed"}) | {"none", "never", "unknown", "-", "subscribed"}
_CONSENT = re.compile(r"\b(?:accepts|opt(?:ed)? in|newsletter|subscribed|subscription|consent)\b")
_CHANNEL_WORDS = (
    (re.compile(r"\b(?:email|newsletter)\b"), OptOutChannel.EMAIL),
    (re.compile(r"\b(?:sms|phone|call)\b"), OptOutChannel.PHONE),
    (re.compile(r"\b(?:post|mail)\b"), OptOutChannel.POST),
)


class Plan(NamedTuple):
    """What to take from a row: cells that stand as they are, and fields that have several columns or a converter."""

    plain: tuple[tuple[str, int], ...]
    others: tuple[tuple[str, tuple[tuple[int, Converter | None], ...]], ...]
    named: bool  # a name may have to be made from what else the row says


class Record(NamedTuple):
    """A row of the file and its values by field; ``values`` is empty where ``row.reason`` says it is bad."""

    row: Row
    values: dict[str, str]


def records(rows: Iterable[Row], mapping: Mapping) -> Iterator[Record]:
    """Yield the records of a file: rows that hold none are left out, rows that belong together are one."""
    if mapping.skip:
        rows = (row for row in rows if row.reason or row.cells[0].strip().casefold() not in mapping.skip)
    return merge_continuations(rows, mapping)


def apply(mapping: Mapping, row: Row) -> dict[str, str]:
    """Return a good row's values by field, all of them text, without blanks around them; "" for none.

    The apostrophe that an export puts before formulas is taken off. ``name`` is made from its parts, or from
    the company, where it is empty. ``opt_out`` is the channel that is closed ("email", "any", …) or "". Of
    several e-mail addresses or phone numbers in one cell the first is taken; ``tags`` are joined by ", ".
    """
    return _values(_plan(mapping), mapping, row)


def merge_continuations(rows: Iterable[Row], mapping: Mapping) -> Iterator[Record]:
    """Yield a record for each row, or for each run of rows that are one record (Shopify's line items).

    A row continues the one above where its continuation column is the same, or is empty and so are the date
    and the customer. The first line item is the ``product``, all of them are joined in ``description``. Bad
    rows come as they are, at once. Without a continuation column each row is a record.
    """
    plan = _plan(mapping)
    key_at = mapping.continuation
    open_record: Record | None = None
    key = ""
    items: list[str] = []
    for row in rows:
        if row.reason:
            yield Record(row, {})
            continue
        values = _values(plan, mapping, row)
        if key_at is None:
            yield Record(row, values)
            continue
        own = row.cells[key_at].strip()
        if open_record is not None and _continues(own, key, values):
            items.append(_item(values))
            continue
        if open_record is not None:
            yield _closed(open_record, items)
        open_record, key, items = Record(row, values), own, [_item(values)]
    if open_record is not None:
        yield _closed(open_record, items)


def _continues(own: str, key: str, values: dict[str, str]) -> bool:
    """Whether a row belongs to the record above it."""
    return own == key if own else not (values.get("ordered_on") or values.get("customer"))


def _item(values: dict[str, str]) -> str:
    """Name one line item: "Blue Widget", or "3 × Blue Widget"."""
    product, quantity = values.get("product", ""), values.get("quantity", "")
    return f"{quantity} × {product}" if product and quantity not in {"", "1"} else product


def _closed(record: Record, items: list[str]) -> Record:
    """Return a record with all its line items in the description; one item alone is the product already."""
    if len(items) < 2:
        return record
    described = "; ".join(filter(None, [record.values.get("description", ""), *items]))
    return Record(record.row, record.values | {"description": described})


def _plan(mapping: Mapping) -> Plan:
    """Return for each field its columns' places with the function that puts a cell right."""
    kinds = {it.name: it.kind for it in mapping.catalogue or FIELDS[mapping.kind]}
    plain, others = [], []
    for name, places in mapping.sources.items():
        if len(places) == 1 and kinds[name] != "opt_out" and kinds[name] not in _CONVERTERS:
            plain.append((name, places[0]))
            continue
        steps: list[tuple[int, Converter | None]] = []
        for place in places:
            is_opt_out = kinds[name] == "opt_out"
            steps.append((place, _opt_out(mapping.columns[place]) if is_opt_out else _CONVERTERS.get(kinds[name])))
        others.append((name, tuple(steps)))
    made = {"first_name", "last_name", "company"} & {*mapping.sources, *mapping.constants} or mapping.clean
    named = mapping.kind in {"customers", "referrals"} and bool(made or "name" not in mapping.sources)
    return Plan(tuple(plain), tuple(others), named)


def _values(plan: Plan, mapping: Mapping, row: Row) -> dict[str, str]:
    """Return a row's values (see ``apply``)."""
    values = dict(mapping.constants)
    cells = row.cells
    for name, place in plan.plain:
        cell = cells[place]
        values[name] = (unprefix(cell) if cell[:1] == "'" else cell).strip()
    for name, steps in plan.others:
        value = ""
        for place, convert in steps:
            cell = cells[place]
            if cell[:1] == "'":
                cell = unprefix(cell)
            value = cell.strip()
            if value and convert is not None:
                value = convert(value)
            if value:
                break
        values[name] = value
    if mapping.clean:
        kept = {name: values[name] for name in mapping.told & values.keys()}
        CLEANERS[mapping.clean](values)
        values.update(kept)
    if plan.named:
        _name(values)
    return values


def _name(values: dict[str, str]) -> None:
    """Make the name from its parts, or from the company, where there is none; the parts go."""
    parts = (values.pop("first_name", ""), values.pop("last_name", ""))
    values["name"] = values.get("name") or " ".join(filter(None, parts)) or values.get("company", "")


def _first(value: str) -> str:
    """Return the first of several addresses in one cell."""
    return _SEVERAL.split(value, maxsplit=1)[0] if ("," in value or ";" in value or ":::" in value) else value


def _phone(value: str) -> str:
    """Return the first of several numbers, without the apostrophe that keeps a spreadsheet from counting."""
    return _first(value.removeprefix("'"))


def _listed(value: str) -> str:
    """Join a list of words by a comma, whatever parted them."""
    return ", ".join(filter(None, _SEVERAL.split(value)))


_CONVERTERS: dict[str, Converter] = {
    "email": _first,
    "phone": _phone,
    "id": lambda value: value.removeprefix("'"),
    "list": _listed,
}


def _opt_out(header: str) -> Converter:
    """Return how a column of this name tells an opt-out.

    "Accepts Email Marketing" tells one by "no"; "Unsubscribed" by anything but "no". A cell that names a
    channel (as our own export writes it) closes that channel.
    """
    key = header_key(header)
    channel = next((words for pattern, words in _CHANNEL_WORDS if pattern.search(key)), OptOutChannel.ANY)
    asks_consent = _CONSENT.search(key) is not None

    def convert(value: str) -> str:
        said = value.casefold()
        if asks_consent:
            return channel if said in _NO else ""
        if said in {*OptOutChannel}:
            return said
        return "" if said in _NONE else channel

    return convert
