"""What is in customers' way: Issue, Impact, Importance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.commands.common import CustomerArg, Limit, On, find_customer
from refertrack.cli.complete import complete_customer
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing, Record
from refertrack.rules.errors import WrongUsage
from refertrack.rules.money import Money, parse_money, to_decimal_string
from refertrack.rules.words import OpportunityState

if TYPE_CHECKING:
    from refertrack.workflows.opportunities import Noted

FIELDS = (
    "id", "customer_id", "customer", "company", "on", "issue", "impact", "importance", "value", "currency", "state",
    "closed_on",
)  # fmt: skip


def add_opportunity(
    ctx: typer.Context,
    who: CustomerArg,
    issue: Annotated[str | None, typer.Option("--issue", metavar="WORDS", help="What is in their way.")] = None,
    impact: Annotated[str, typer.Option("--impact", metavar="WORDS", help="What it costs them.")] = "",
    importance: Annotated[
        int | None, typer.Option("--importance", metavar="0-5", help="How much it matters to them; 3 if left out.")
    ] = None,
    value: Annotated[str | None, typer.Option("--value", metavar="MONEY", help="Worth to you.")] = None,
    currency: Annotated[str | None, typer.Option("--currency", metavar="CODE", help="EUR, SEK, …")] = None,
    on: On = None,
) -> None:
    """Note what is in a customer's way: Issue, Impact, Importance; on a terminal you are asked for each.

    Example: refertrack add-opportunity hanna --issue "no hot water at six" --impact "guests complain" --importance 5
    """
    desk = Desk(ctx)
    customer = find_customer(desk, who)
    known = desk.needed(issue, "Issue (what is in their way)", '--issue "…"')
    if issue is None:  # whoever is asked for the issue is asked for the rest, too
        impact = impact or desk.asked("Impact (what it costs them)")
        importance = importance if importance is not None else _asked_importance(desk)
    matters = 3 if importance is None else importance
    worth: Money | None = parse_money(value, (currency or desk.business.currency).upper()) if value else None
    day = desk.day(on, field="on", prefer="past")
    from refertrack.workflows import opportunities as workflow

    with desk.writing() as (session, _):
        noted = workflow.add(session, customer["id"], workflow.NewOpportunity(known, impact, matters, worth, day))
    sentence = f"Noted: opportunity {noted.opportunity.id} for {noted.customer.name}, importance {matters}."
    desk.screen.changed(sentence, _record(noted), "refertrack opportunities · take it back: refertrack undo")


def _asked_importance(desk: Desk) -> int:
    from refertrack.rules.listening import read_scale

    def checked(text: str) -> str:
        return str(read_scale(text, "importance", 0, 5))

    return int(desk.asked("Importance (how much it matters to them, 0 to 5)", "3", checked) or 3)


def opportunities(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones, too.")] = False,
    customer: Annotated[
        str | None, typer.Option("--customer", help="Only this customer's.", autocompletion=complete_customer)
    ] = None,
    limit: Limit = None,
) -> None:
    """What is in customers' way, the most important first.

    Example: refertrack opportunities --customer hanna
    """
    desk = Desk(ctx)
    from refertrack.reports import opportunities as report

    with desk.reading() as reader:
        number = find_customer(desk, customer, reader)["id"] if customer else None
        rows = report.listed(reader, everything=everything, customer_id=number, limit=limit)
    columns = (
        Column("id", lambda row: str(row["id"]), right=True),
        Column("customer", lambda row: f"{row['customer']}\n{row['company']}".strip()),
        Column("issue", lambda row: row["issue"]),
        Column("impact", lambda row: row["impact"]),
        Column("importance", lambda row: str(row["importance"]), right=True),
        Column("value", lambda row: f"{row['value']} {row['currency']}" if row["value"] else "", right=True),
        Column("state", lambda row: row["state"]),
    )
    desk.screen.listing(Listing(FIELDS, rows, columns))
    first = rows[0]["id"] if rows else None
    desk.screen.hint(
        f"refertrack close-opportunity {first} --won"
        if first
        else "None. Note one: refertrack add-opportunity CUSTOMER"
    )


def close_opportunity(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(metavar="ID", help="As `opportunities` shows it.")],
    won: Annotated[bool, typer.Option("--won", help="It became a sale.")] = False,
    lost: Annotated[bool, typer.Option("--lost", help="It came to nothing.")] = False,
    on: On = None,
) -> None:
    """Close an opportunity as won or lost.

    Example: refertrack close-opportunity 4 --won
    """
    desk = Desk(ctx)
    if won == lost:
        raise WrongUsage("Was it won or lost?", f"Say one: refertrack close-opportunity {number} --won")
    day = desk.day(on, field="on", prefer="past")
    state = OpportunityState.WON if won else OpportunityState.LOST
    from refertrack.workflows import opportunities as workflow

    with desk.writing() as (session, _):
        closed = workflow.close(session, number, state, on=day)
    sentence = f"Closed: opportunity {number} of {closed.customer.name}, {state}."
    desk.screen.changed(sentence, _record(closed), "Take it back: refertrack undo")


def _record(noted: Noted) -> Record:
    row = noted.opportunity
    found: dict[str, Any] = {
        "id": row.id,
        "customer_id": row.customer_id,
        "customer": noted.customer.name,
        "company": noted.customer.company,
        "on": row.on_day,
        "issue": row.issue,
        "impact": row.impact,
        "importance": row.importance,
        "value": to_decimal_string(row.value_minor, row.currency) if row.value_minor is not None else None,
        "currency": row.currency,
        "state": str(row.state),
        "closed_on": row.closed_on,
    }
    return found
