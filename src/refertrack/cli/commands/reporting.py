"""Reports by group."""

from __future__ import annotations

from typing import Annotated

import typer

from refertrack.cli.complete import complete_dimension, complete_report
from refertrack.cli.desk import Desk
from refertrack.rules.periods import period_of


def report(
    ctx: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="[WHAT]", help="referrals, if left out.", autocompletion=complete_report)
    ] = "referrals",
    by: Annotated[
        str,
        typer.Option(
            "--by", metavar="GROUP", help="segment, owner, month …; two: segment,quarter.",
            autocompletion=complete_dimension,
        ),
    ] = "",
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help='From this day on; or "this quarter", 2026-Q1.')
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="Up to this day.")] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", metavar="GROUP=NAME", help="Only these customers: segment=Retail.")
    ] = None,
    detail: Annotated[bool, typer.Option("--detail", help="All figures, with p-values and K.")] = False,
) -> None:  # fmt: skip
    """Who refers, who does not: by group, with honest uncertainty.

    Example: refertrack report --by segment --since 2026-01-01
    """
    desk = Desk(ctx)
    from refertrack.cli.report_page import show
    from refertrack.reports import catalogue
    from refertrack.reports.frame import View

    conditions = catalogue.read_where(where or [], catalogue.definition(what))
    span = period_of(since, until, desk.today, lambda text, name: desk.day(text, field=name, prefer="past"))
    business = desk.business
    with desk.reporting() as connection:
        found = catalogue.ask(what, by, View(connection, span, desk.today, (), conditions, business))
    show(desk, found, detail=detail)
