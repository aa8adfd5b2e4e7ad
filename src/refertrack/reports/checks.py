"""What may be wrong in a database, in words: the program's own invariants."""

from __future__ import annotations

from dataclasses import dataclass

from refertrack.reports.invariants import INVARIANTS
from refertrack.store.reader import Reader
from refertrack.store.settings import stored_documents, unreadable

SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be: in words, how often, some ids, and what to type."""

    name: str
    words: str
    count: int
    ids: tuple[int, ...]
    hint: str


def findings(reader: Reader) -> list[Finding]:
    """Return everything that breaks an invariant, referral circles included."""
    found = []
    for name, words, sql, hint in INVARIANTS:
        ids = [next(iter(row.values())) for row in reader.rows(sql)]
        if ids:
            found.append(Finding(name, words, len(ids), tuple(ids[:SHOWN]), hint))
    circle = _circle(reader)
    if circle:
        words, hint = "customers brought each other in a circle", f"refertrack customer {circle[0]}"
        found.append(Finding("referral_circles", words, len(circle), circle[:SHOWN], hint))
    for name, wrong in unreadable(stored_documents(reader.rows)).items():  # of a file, ``store.integrity`` tells it
        hint = "Put a backup in its place."
        found.append(Finding("unreadable_document", f"document that does not read ({name}): {wrong}", 1, (), hint))
    return found


def _circle(reader: Reader) -> tuple[int, ...]:
    """Return the customers of one circle of referrals, or nothing."""
    brought_by = {
        row["customer_id"]: row["referrer_id"]
        for row in reader.rows(
            "SELECT customer_id, referrer_id FROM referral WHERE state = 'won' AND customer_id IS NOT NULL ORDER BY id"
        )
    }
    cleared: set[int] = set()
    for start in brought_by:
        path: list[int] = []
        current: int | None = start
        while current is not None and current not in cleared:
            if current in path:
                return tuple(path[path.index(current) :])
            path.append(current)
            current = brought_by.get(current)
        cleared.update(path)
    return ()
