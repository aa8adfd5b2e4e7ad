"""What was spent: by month, by channel, on winning customers or on keeping them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from refertrack.cli.commands.common import Limit
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing
from refertrack.rules.money import format_money, to_decimal_string
from refertrack.rules.words import SpendKind

SPEND_FIELDS = ("month", "channel", "kind", "amount", "currency")


def add_spend(
    ctx: typer.Context,
    month: Annotated[str, typer.Argument(metavar="MONTH", help="2026-11, november, last month.")],
    channel: Annotated[
        str, typer.Argument(metavar="CHANNEL", help="What it was spent on: adverts, fairs, a newsletter.")
    ],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="What it cost.")],
    kind: Annotated[
        SpendKind, typer.Option("--kind", help="On winning new customers, or on keeping those you have.")
    ] = SpendKind.WINNING,
    currency: Annotated[str | None, typer.Option("--currency", metavar="CODE", help="EUR, SEK, …")] = None,
    instead: Annotated[bool, typer.Option("--instead", help="In place of what stands there; else it adds up.")] = False,
) -> None:
    """Record what was spent on winning or keeping customers.

    Example: refertrack add-spend 2026-11 "local paper" 300
    """
    desk = Desk(ctx)
    from refertrack.rules.money import parse_money
    from refertrack.rules.months import parse_month
    from refertrack.workflows import spending

    first = parse_month(month, desk.today)
    money = parse_money(amount, currency.upper() if currency else desk.business.currency)
    with desk.writing() as (session, _):
        spent = spending.add(session, first, channel, money, str(kind), instead=instead)
    record = _record(f"{spent.spend.month:%Y-%m}", spent.spend.channel, str(spent.spend.kind),
                     spent.spend.amount_minor, spent.spend.currency)  # fmt: skip
    desk.screen.changed(_sentence(spent, instead=instead), record, "refertrack spend · take it back: refertrack undo")


def spend(
    ctx: typer.Context,
    since: Annotated[str | None, typer.Option("--since", metavar="MONTH", help="From a month on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="MONTH", help="Up to a month.")] = None,
    kind: Annotated[SpendKind | None, typer.Option("--kind", help="Only this kind.")] = None,
    channel: Annotated[str, typer.Option("--channel", metavar="NAME", help="Only this channel.")] = "",
    limit: Limit = None,
) -> None:
    """What was spent, by month and channel.

    Example: refertrack spend --since 2026-01
    """
    desk = Desk(ctx)
    from refertrack.reports.spending import SpendFilter, spending
    from refertrack.rules.months import parse_month

    first, last = (parse_month(text, desk.today, field="month") if text else None for text in (since, until))
    with desk.reading() as reader:
        rows = spending(reader, SpendFilter(first, last, str(kind) if kind else "", channel, limit))
    records = [
        _record(*(row[name] for name in ("month", "channel", "kind", "amount_minor", "currency"))) for row in rows
    ]
    columns = (
        Column("month", lambda row: row["month"]),
        Column("channel", lambda row: row["channel"]),
        Column("for", lambda row: row["kind"]),
        Column("spent", lambda row: f"{row['amount']} {row['currency']}", right=True),
    )
    desk.screen.listing(Listing(SPEND_FIELDS, records, columns))
    desk.screen.hint(
        "refertrack report profit" if records else "Record some: refertrack add-spend MONTH CHANNEL AMOUNT"
    )


def _record(month: str, channel: str, kind: str, amount_minor: int, currency: str) -> dict[str, Any]:
    amount = to_decimal_string(amount_minor, currency)
    return {"month": month, "channel": channel, "kind": kind, "amount": amount, "currency": currency}


def _sentence(spent: Any, *, instead: bool) -> str:
    row = spent.spend
    total = format_money(row.amount_minor, row.currency)
    place = f"{row.channel}, {row.month:%Y-%m}, {row.kind}"
    if spent.before is None:
        return f"Spent: {total} ({place})."
    before = format_money(spent.before, row.currency)
    if instead:
        return f"Spent: {total} ({place}), in place of {before}."
    more = format_money(row.amount_minor - spent.before, row.currency)
    return f"Spent: {more} more ({place}), {total} in all. To correct it: --instead"
