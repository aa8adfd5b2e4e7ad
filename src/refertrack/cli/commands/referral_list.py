"""Referrals as a list, and the tree of who brought whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from refertrack.cli.commands.common import Limit, find_customer
from refertrack.cli.complete import complete_customer
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing, Record
from refertrack.rules.errors import WrongUsage
from refertrack.rules.referrals import OPEN_STATES
from refertrack.rules.words import Consent, ReferralState

if TYPE_CHECKING:
    from refertrack.reports.network import Network, Node

REFERRAL_FIELDS = (
    "id", "referrer_id", "referrer", "ask_id", "asked", "name", "company", "email", "phone", "received_on", "relation",
    "consent", "may_tell_referrer", "would_have_come_anyway", "state", "moved_on", "days_quiet", "reason",
    "override_reason", "customer_id", "first_claim_id",
)  # fmt: skip
NETWORK_FIELDS = (
    "id", "customer", "depth", "referrer_id", "referral_id", "won_on", "brought", "brought_in_all", "amount",
    "amount_below", "currency", "again",
)  # fmt: skip
# What a terminal shows where nobody asks for more.
TREES, LEVELS = 20, 6


def referrals(
    ctx: typer.Context,
    state: Annotated[
        list[ReferralState] | None, typer.Option("--state", help="Only in this state; may be repeated.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Only those that have not come to an end.")] = False,
    referrer: Annotated[
        str | None, typer.Option("--referrer", help="Only this customer's.", autocompletion=complete_customer)
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="Only those received from a day on.")
    ] = None,
    limit: Limit = None,
) -> None:
    """List the people who were referred to you, and what became of them.

    Example: refertrack referrals --open --referrer marta
    """
    desk = Desk(ctx)
    from refertrack.reports.referral_list import ReferralFilter
    from refertrack.reports.referral_list import referrals as matching

    if state and open_:
        raise WrongUsage("--state and --open exclude each other.", "Give one of them.")
    states = tuple(sorted(OPEN_STATES)) if open_ else tuple(str(each) for each in state or [])
    day = desk.day(since, field="since", prefer="past")
    with desk.reading() as reader:
        who = find_customer(desk, referrer, reader)["id"] if referrer else None
        rows, total = matching(reader, desk.today, ReferralFilter(states, who, day, limit))
    desk.screen.listing(Listing(REFERRAL_FIELDS, rows, _COLUMNS))
    if not rows:
        desk.screen.hint('Nobody was referred like that. Record one: refertrack refer CUSTOMER "NAME"')
        return
    shown = f"{len(rows)} of {total}" if total > len(rows) else str(total)
    desk.screen.hint(f"{shown} referral{'s' if total != 1 else ''} · {_next(rows)}")


def _next(rows: Sequence[Record]) -> str:
    first = next((row for row in rows if row["state"] in OPEN_STATES), None)
    if first is None:
        return "refertrack network"
    if first["consent"] == Consent.NONE:
        return f"refertrack contacted {first['id']} --consent introduction"
    verb = "contacted" if first["state"] == ReferralState.RECEIVED else "won"
    return f'refertrack {verb} {first["id"]} · refertrack lost {first["id"]} --reason "…"'


def _became(row: Record) -> str:
    lines = [row["state"]]
    if row["reason"]:
        lines.append(row["reason"])
    if row["override_reason"]:
        lines.append(f"counts all the same: {row['override_reason']}")
    if row["state"] in OPEN_STATES:
        lines.append("no leave to write yet" if row["consent"] == Consent.NONE else f"by {row['consent']}")
    return "\n".join(lines)


_COLUMNS = (
    Column("id", lambda row: str(row["id"]), right=True),
    Column("received", lambda row: f"{row['received_on']}\n{'asked' if row['asked'] else 'unasked'}"),
    Column("person", lambda row: "\n".join(filter(None, (row["name"], row["company"])))),
    Column("from", lambda row: row["referrer"]),
    Column("became", _became),
)


def network(
    ctx: typer.Context,
    who: Annotated[
        str | None,
        typer.Argument(metavar="[CUSTOMER]", help="Whose tree; all, if left out.", autocompletion=complete_customer),
    ] = None,
    depth: Annotated[int | None, typer.Option("--depth", metavar="N", min=0, help="So many levels down.")] = None,
    limit: Limit = None,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print a Mermaid graph.")] = False,
    dot: Annotated[bool, typer.Option("--dot", help="Print a DOT graph, for Graphviz.")] = False,
) -> None:
    """The tree of who brought whom, and what they bought.

    Example: refertrack network marta
    """
    desk = Desk(ctx)
    from refertrack.reports.network import network as trees

    if mermaid and dot:
        raise WrongUsage("--mermaid and --dot exclude each other.", "Give one of them.")
    drawn = desk.screen.mode == "table" and not (mermaid or dot)
    with desk.reading() as reader:
        root = find_customer(desk, who, reader)["id"] if who else None
        found = trees(
            reader,
            desk.business.currency,
            root,
            depth=LEVELS if depth is None and drawn else depth,
            limit=TREES if limit is None and drawn else limit,
        )
    if mermaid or dot:
        _write_graph(desk, found, dot=dot)
    elif drawn:
        _draw(desk, found)
    else:
        desk.screen.listing(Listing(NETWORK_FIELDS, [_record(node, found.currency) for node in found.nodes], ()))


def _write_graph(desk: Desk, found: Network, *, dot: bool) -> None:
    from refertrack.exchange import graphs

    lines = graphs.dot if dot else graphs.mermaid
    for line in lines(found.nodes, _words(found.currency)):
        desk.screen.write(line)


def _words(currency: str) -> Callable[[Node], str]:
    from refertrack.rules.money import format_money

    def words(node: Node) -> str:
        parts = [format_money(node.bought, currency)] if node.bought else []
        if node.brought:
            all_ = f" ({node.brought_in_all} in all)" if node.brought_in_all > node.brought else ""
            value = f" worth {format_money(node.below, currency)}" if node.below else ""
            parts.append(f"brought {node.brought}{all_}{value}")
        return " · ".join(parts)

    return words


def _draw(desk: Desk, found: Network) -> None:
    screen, words = desk.screen, _words(found.currency)
    for node, guide in zip(found.nodes, _guides(found.nodes), strict=True):
        more = "see above" if node.again else words(node)
        more += f" · {node.hidden} below, hidden: --depth" if node.hidden else ""
        screen.line(f"{guide}{node.name} ({node.id})  {more}".rstrip())
    if not found.nodes:
        screen.hint("Nobody has brought anybody yet. Whom to ask: refertrack ready")
        return
    if found.other_currencies:
        screen.line()
        screen.line(f"Not counted: {found.other_currencies} purchases in other currencies than {found.currency}.")
    shown = sum(node.depth == 0 for node in found.nodes)
    left = f"{shown} of {found.trees} trees: --limit {found.trees} · " if shown < found.trees else ""
    screen.hint(f"{left}refertrack network {found.nodes[0].id} --mermaid · refertrack customer {found.nodes[0].id}")


def _guides(nodes: Sequence[Node]) -> Iterator[str]:
    """Give the lines that lead to each node of a tree."""
    last: list[bool] = []
    more_at: set[int] = set()
    for node in reversed(nodes):
        last.append(node.depth not in more_at)
        more_at = {depth for depth in more_at if depth <= node.depth} | {node.depth}
    open_at: list[str] = []
    for node, is_last in zip(nodes, reversed(last), strict=True):
        if node.depth == 0:
            open_at = []
            yield ""
            continue
        open_at = open_at[: node.depth - 1]
        yield "".join(open_at) + ("└── " if is_last else "├── ")
        open_at.append("    " if is_last else "│   ")


def _record(node: Node, currency: str) -> Record:
    from refertrack.rules.money import to_decimal_string

    return {
        "id": node.id,
        "customer": node.name,
        "depth": node.depth,
        "referrer_id": node.referrer_id,
        "referral_id": node.referral_id,
        "won_on": node.won_on or None,
        "brought": node.brought,
        "brought_in_all": node.brought_in_all,
        "amount": to_decimal_string(node.bought, currency),
        "amount_below": to_decimal_string(node.below, currency),
        "currency": currency,
        "again": node.again,
    }
