"""Who brought whom: trees of customers with what was bought, read without SQLAlchemy and walked without recursion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from refertrack.store.reader import Reader, Row


@dataclass(frozen=True)
class Node:
    """A customer in the line of referrals, whom they brought, and what was bought, in minor units.

    ``bought`` is their own, ``below`` all that those bought whom they brought, over however many steps.
    """

    id: int
    name: str
    depth: int
    referrer_id: int | None = None
    referral_id: int | None = None
    won_on: str = ""
    brought: int = 0
    brought_in_all: int = 0
    bought: int = 0
    below: int = 0
    again: bool = False
    hidden: int = 0


@dataclass(frozen=True)
class Network:
    """The trees of who brought whom, each in the order in which it is shown; amounts in one currency."""

    nodes: tuple[Node, ...]
    currency: str
    other_currencies: int
    trees: int


def network(
    reader: Reader, currency: str, root: int | None = None, *, depth: int | None = None, limit: int | None = None
) -> Network:
    """Return who brought whom: below one customer, or everybody who brought somebody, the most valuable first.

    ``depth`` is how many levels are shown below a root, ``limit`` how many trees.
    Each customer stands once with those whom they brought; where a circle of old or imported data, or a second
    referrer, leads to them again, they are named without going on.
    """
    edges = _edges(reader)
    people = {who for edge in edges for who in (edge["referrer_id"], edge["customer_id"])} | ({root} if root else set())
    names, bought, others = _names(reader), _bought(reader, currency), _others(reader, currency)
    children: dict[int, list[Row]] = {}
    for edge in edges:
        children.setdefault(edge["referrer_id"], []).append(edge)
    below = _below(children, people, bought)
    roots = [root] if root is not None else _roots(children, edges)
    roots.sort(key=lambda who: (-below[who][1], -below[who][0], who))
    walk = _Walk(children, names, bought, below, depth)
    nodes = [node for who in roots[:limit] for node in walk.tree(who)]
    return Network(tuple(nodes), currency, others, len(roots))


def _edges(reader: Reader) -> list[Row]:
    return reader.rows(
        "SELECT id, referrer_id, customer_id, moved_on FROM referral"
        " WHERE state = 'won' AND customer_id IS NOT NULL ORDER BY moved_on, id"
    )


_IN_NETWORK = (
    "(SELECT referrer_id FROM referral WHERE state = 'won' AND customer_id IS NOT NULL"
    " UNION SELECT customer_id FROM referral WHERE state = 'won' AND customer_id IS NOT NULL)"
)


def _names(reader: Reader) -> dict[int, str]:
    rows = reader.rows(f"SELECT id, name FROM customer WHERE id IN {_IN_NETWORK}")
    return {row["id"]: row["name"] for row in rows}


_STANDING = "status IN ('ordered', 'delivered') AND amount_minor IS NOT NULL"


def _bought(reader: Reader, currency: str) -> dict[int, int]:
    rows = reader.rows(
        f"SELECT customer_id, sum(amount_minor) AS amount FROM purchase WHERE {_STANDING} AND currency = :currency"
        f" AND customer_id IN {_IN_NETWORK} GROUP BY customer_id",
        currency=currency,
    )
    return {row["customer_id"]: int(row["amount"]) for row in rows}


def _others(reader: Reader, currency: str) -> int:
    """Count purchases in other currencies: no sum holds them."""
    sql = f"SELECT count(*) FROM purchase WHERE {_STANDING} AND currency <> :currency AND customer_id IN {_IN_NETWORK}"
    return int(reader.value(sql, currency=currency))


def _roots(children: dict[int, list[Row]], edges: Iterable[Row]) -> list[int]:
    """Return who brought somebody and was brought by nobody; of a circle that hangs on nobody, its first."""
    brought = {edge["customer_id"] for edge in edges}
    roots = [who for who in children if who not in brought]
    reached = _reached(children, roots)
    for who in sorted(children):
        if who not in reached:
            roots.append(who)
            reached |= _reached(children, [who])
    return roots


def _reached(children: dict[int, list[Row]], starts: Iterable[int]) -> set[int]:
    seen, open_ = set[int](), list(starts)
    while open_:
        who = open_.pop()
        if who not in seen:
            seen.add(who)
            open_ += [edge["customer_id"] for edge in children.get(who, ())]
    return seen


def _below(children: dict[int, list[Row]], people: Iterable[int], bought: dict[int, int]) -> dict[int, tuple[int, int]]:
    """Return for each how many stand below, and what these bought; in a circle nobody is counted for ever."""
    done: dict[int, tuple[int, int]] = {}
    for start in people:
        stack, path = [(start, False)], set[int]()
        while stack:
            who, leaving = stack.pop()
            if leaving:
                path.discard(who)
                under = [edge["customer_id"] for edge in children.get(who, ())]
                known = [(each, done.get(each, (0, 0))) for each in under if each != who]
                done[who] = (
                    sum(1 + count for _, (count, _) in known),
                    sum(bought.get(each, 0) + amount for each, (_, amount) in known),
                )
            elif who not in done and who not in path:
                path.add(who)
                stack.append((who, True))
                stack += [(edge["customer_id"], False) for edge in children.get(who, ())]
    return done


class _Walk:
    """From a root down, everybody once, without recursion."""

    def __init__(
        self,
        children: dict[int, list[Row]],
        names: dict[int, str],
        bought: dict[int, int],
        below: dict[int, tuple[int, int]],
        depth: int | None,
    ) -> None:
        self.children, self.names, self.bought, self.below, self.depth = children, names, bought, below, depth
        self.shown: set[int] = set()

    def tree(self, root: int) -> Iterable[Node]:
        stack: list[tuple[int, int, Row | None]] = [(root, 0, None)]
        while stack:
            who, depth, edge = stack.pop()
            node = self._node(who, depth, edge)
            yield node
            if node.again or node.hidden:
                continue
            under = sorted(
                self.children.get(who, ()), key=lambda edge: (self.below[edge["customer_id"]][1], -edge["id"])
            )
            stack += [(each["customer_id"], depth + 1, each) for each in under]

    def _node(self, who: int, depth: int, edge: Row | None) -> Node:
        count, amount = self.below.get(who, (0, 0))
        brought = len(self.children.get(who, ()))
        again = who in self.shown
        self.shown.add(who)
        return Node(
            id=who,
            name=self.names.get(who, ""),
            depth=depth,
            referrer_id=edge["referrer_id"] if edge else None,
            referral_id=edge["id"] if edge else None,
            won_on=edge["moved_on"] if edge else "",
            brought=brought,
            brought_in_all=count,
            bought=self.bought.get(who, 0),
            below=amount,
            again=again and brought > 0,
            hidden=count if self.depth is not None and depth >= self.depth and brought else 0,
        )
