"""Who brought whom: the tree of won referrals, the longest lines first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from refertrack.reports import tables
from refertrack.rules.words import CustomerStatus, ReferralState

if TYPE_CHECKING:
    from sqlalchemy import Connection

_customer, _referral = tables.customer, tables.referral
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


def who_brought_whom(connection: Connection, roots: int = ROOTS) -> tuple[Node, ...]:
    """Return the customers who were not referred and brought most, each with those whom they brought."""
    edges = connection.execute(
        select(_referral.c.referrer_id, _referral.c.customer_id)
        .where(_referral.c.state == ReferralState.WON, _referral.c.customer_id.is_not(None))
        .order_by(_referral.c.id)
    ).all()
    brought: dict[int, list[int]] = {}
    for referrer, customer in edges:
        brought.setdefault(referrer, []).append(customer)
    came = {customer for _, customer in edges}
    sizes = {who: _size(who, brought) for who in brought if who not in came}
    first = sorted(sizes, key=lambda who: (-sizes[who], who))[:roots]
    wanted = {person for who in first for person in _all(who, brought)}
    names = _names(connection, wanted)
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


def _names(connection: Connection, ids: set[int]) -> dict[int, str]:
    query = select(_customer.c.id, _customer.c.name, _customer.c.status).where(_customer.c.id.in_(sorted(ids)))
    return {
        number: "(erased)" if status == CustomerStatus.ERASED else name
        for number, name, status in connection.execute(query)
    }


def _node(who: int, brought: dict[int, list[int]], names: dict[int, str], depth: int = 0) -> Node:
    below = brought.get(who, ()) if depth < DEEPEST else ()
    return Node(names.get(who, ""), tuple(_node(person, brought, names, depth + 1) for person in below))
