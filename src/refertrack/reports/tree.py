"""Who brought whom: the tree of won referrals, the longest lines first."""

from __future__ import annotations

from dataclasses import dataclass

from refertrack.rules.words import CustomerStatus, ReferralState
from refertrack.store.reader import Reader

ROOTS, DEEPEST = 12, 12


@dataclass(frozen=True)
class Node:
    """A customer, and those whom they brought."""

    name: str
    brought: tuple[Node, ...] = ()

    @property
    def count(self) -> int:
        """How many came by this customer, directly or through others."""
        return sum(1 + node.count for node in self.brought)


def who_brought_whom(reader: Reader, roots: int = ROOTS) -> tuple[Node, ...]:
    """Return the customers who were not referred and brought most, each with those whom they brought."""
    edges = reader.tuples(
        f"SELECT referrer_id, customer_id FROM referral WHERE state = '{ReferralState.WON}'"
        " AND customer_id IS NOT NULL ORDER BY id"
    )
    brought: dict[int, list[int]] = {}
    for referrer, customer in edges:
        brought.setdefault(referrer, []).append(customer)
    came = {customer for _, customer in edges}
    sizes = {who: _size(who, brought) for who in brought if who not in came}
    first = sorted(sizes, key=lambda who: (-sizes[who], who))[:roots]
    wanted = {person for who in first for person in _all(who, brought)}
    names = _names(reader, wanted)
    return tuple(_node(who, brought, names) for who in first)


def _all(who: int, brought: dict[int, list[int]]) -> set[int]:
    found, waiting = {who}, [who]
    while waiting:
        for person in brought.get(waiting.pop(), ()):
            if person not in found:
                found.add(person)
                waiting.append(person)
    return found


def _size(who: int, brought: dict[int, list[int]]) -> int:
    return len(_all(who, brought)) - 1


def _names(reader: Reader, ids: set[int]) -> dict[int, str]:
    listed = ", ".join(map(str, sorted(ids))) or "NULL"
    return {
        number: "(erased)" if status == CustomerStatus.ERASED else name
        for number, name, status in reader.tuples(f"SELECT id, name, status FROM customer WHERE id IN ({listed})")
    }


def _node(who: int, brought: dict[int, list[int]], names: dict[int, str], depth: int = 0) -> Node:
    below = brought.get(who, ()) if depth < DEEPEST else ()
    return Node(names.get(who, ""), tuple(_node(person, brought, names, depth + 1) for person in below))
