"""Reports by group."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from refertrack.cli.complete import complete_dimension, complete_report
from refertrack.cli.desk import Desk
from refertrack.rules.errors import WrongUsage
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
        list[str] | None, typer.Option("--where", metavar="GROUP=NAME", help="Only these: segment=Retail; or =(none).")
    ] = None,
    detail: Annotated[bool, typer.Option("--detail", help="All figures, with p-values, K and the like.")] = False,
    figure: Annotated[str, typer.Option("--figure", metavar="KEY", help="The figure of a cross table.")] = "",
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="With advocates: so many; 20.")
    ] = None,
    months: Annotated[
        int | None, typer.Option("--months", metavar="N", min=1, max=24, help="With strength: ahead; 6.")
    ] = None,
    backtest: Annotated[bool, typer.Option("--backtest", help="With strength: earlier forecasts and facts.")] = False,
    plan_start: Annotated[
        str | None, typer.Option("--plan-start", metavar="DAY", help="With growth: before and since a plan began.")
    ] = None,
    chart: Annotated[bool | None, typer.Option("--chart/--no-chart", help="A picture.")] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="As a page; `all`: every report.")] = None,
    force: Annotated[bool, typer.Option("--force", help="With --html: over an existing file.")] = False,
) -> None:  # fmt: skip
    """Who refers, who does not: by group, with honest uncertainty.

    Example: refertrack report --by segment --since 2026-01-01
    """
    desk = Desk(ctx)
    from refertrack.cli.report_page import show, write_page
    from refertrack.reports import catalogue
    from refertrack.reports.frame import View

    names = catalogue.wanted(what, page=html is not None)
    _check_page(html)
    _check(names, plan_start=plan_start, span=since or until, backtest=backtest, months=months, limit=limit)
    began = desk.day(plan_start, field="plan-start", prefer="past")
    conditions = catalogue.read_where(where or [], catalogue.definition(names[0]))
    span = period_of(since, until, desk.today, lambda text, name: desk.day(text, field=name, prefer="past"))
    business = desk.business
    with desk.reporting() as reader:
        view = View(reader, span, desk.today, (), conditions, business, months=months or View.months,
                    limit=limit or View.limit, hints=html is None and desk.screen.mode == "table")  # fmt: skip
        if began is not None:
            found = [catalogue.ask_plan(by, view, began, figure)]
        elif backtest:
            found = [catalogue.ask_backtest(by, view, figure)]
        else:
            found = [catalogue.ask(name, by, view, figure) for name in names]
        if html is not None:
            write_page(desk, html, found, view, detail=detail, force=force)
            return
    show(desk, found[0], detail=detail, chart=chart)


def _check_page(html: Path | None) -> None:
    if html == Path("-"):
        raise WrongUsage("A page is a file, and is not printed.", "Like this: --html report.html")


def _check(
    names: Sequence[str],
    *,
    plan_start: str | None,
    span: str | None,
    backtest: bool,
    months: int | None,
    limit: int | None,
) -> None:
    """Refuse what would change nothing in the reports that are wanted."""
    only = names if len(names) == 1 else ()
    if plan_start and "growth" not in only:
        raise WrongUsage("A plan is measured by growth.", f"refertrack report growth --plan-start {plan_start}")
    if plan_start and span:
        raise WrongUsage(
            "A plan has its own time: the days since it began, and as many before.",
            f"Without --since and --until: refertrack report growth --plan-start {plan_start}",
        )
    if backtest and "strength" not in only:
        raise WrongUsage("Only the forecast has a backtest.", "refertrack report strength --backtest")
    if months is not None and "strength" not in names:
        raise WrongUsage("Only the forecast looks ahead.", f"refertrack report strength --months {months}")
    if limit is not None and "advocates" not in names:
        raise WrongUsage("Only the advocates are a list of so many.", f"refertrack report advocates --limit {limit}")
