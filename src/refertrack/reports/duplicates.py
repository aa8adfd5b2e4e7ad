"""Customers who may be one person: the same address or number, or names spelled alike.

Names are compared within blocks alone (the same last word and first letter, the same first word and last
letter, the same letters in another order), so that a hundred thousand take seconds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from refertrack.store.reader import Reader, Row

ALIKE = 90  # of a hundred
BLOCK = 60  # larger blocks are sorted, and each name is compared with those beside it
BESIDE = 8
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Pair:
    """Two customers, the older one first, and why they may be one; ``score`` is 100 for an address or a number."""

    first: Row
    second: Row
    why: str
    score: int


def pairs(reader: Reader) -> list[Pair]:
    """Return the pairs of customers who may be one person, the surest first."""
    rows = {row["id"]: row for row in reader.rows("SELECT * FROM customer_card ORDER BY id")}
    found: dict[tuple[int, int], tuple[str, int]] = {}
    for why, column in (("same e-mail", "email_key"), ("same phone", "phone_key")):
        for ids in _same(rows.values(), column):
            for pair in combinations(ids[:BLOCK], 2):
                words = f"{found[pair][0]}, {why}" if pair in found else why
                found[pair] = (words, 100)
    for pair, score in _alike(rows.values()):
        words = "same name" if score == 100 else f"names alike ({score} %)"
        found[pair] = (f"{found[pair][0]}, {words}", 100) if pair in found else (words, min(score, 99))
    listed = [Pair(rows[first], rows[second], why, score) for (first, second), (why, score) in found.items()]
    return sorted(listed, key=lambda pair: (-pair.score, pair.first["id"], pair.second["id"]))


def _same(rows: Iterable[Row], column: str) -> Iterator[list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row[column]:
            groups[row[column]].append(row["id"])
    return (ids for ids in groups.values() if len(ids) > 1)


def _alike(rows: Iterable[Row]) -> Iterator[tuple[tuple[int, int], int]]:
    from rapidfuzz import fuzz

    names = {row["id"]: str(row["name_key"]).replace(",", " ") for row in rows}
    blocks: dict[str, list[int]] = defaultdict(list)
    for number, name in names.items():
        words = sorted(name.split()) if len(name.split()) > 1 else [name]
        for block in {f"{words[0]}|{words[-1][:1]}", f"{words[0][:1]}|{words[-1]}", "".join(words)[:12]}:
            blocks[block].append(number)
    seen: set[tuple[int, int]] = set()
    for ids in blocks.values():
        for first, second in _compared(ids, names):
            pair = (min(first, second), max(first, second))
            if pair in seen:
                continue
            seen.add(pair)
            if _DIGITS.findall(names[first]) != _DIGITS.findall(names[second]):  # "Shop 12" is not "Shop 13"
                continue
            score = fuzz.token_sort_ratio(names[first], names[second], score_cutoff=ALIKE)
            if score:
                yield pair, int(score)


def _compared(ids: list[int], names: dict[int, str]) -> Iterator[tuple[int, int]]:
    if len(ids) <= BLOCK:
        yield from combinations(ids, 2)
        return
    ordered = sorted(ids, key=lambda number: names[number])
    for place, number in enumerate(ordered):
        for other in ordered[place + 1 : place + 1 + BESIDE]:
            yield number, other
