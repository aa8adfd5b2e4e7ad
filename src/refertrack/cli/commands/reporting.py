"""Reports by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing, Record
from refertrack.rules.errors import BadValue
from refertrack.rules.periods import period

if TYPE_CHECKING:
    from refertrack.reports.referrals import ReferralReport, ReferralRow
    from refertrack.rules.statistics import Rate

REPORTS = ("referrals",)
REFERRAL_FIELDS = (
    "customers", "eligible", "asked", "ask_rate", "ask_rate_low", "ask_rate_high",
    "took_part", "participation_rate", "participation_low", "participation_high", "participation_indicative",
    "referrals", "won", "open", "net_conversion", "net_conversion_low", "net_conversion_high",
    "net_conversion_indicative",
)  # fmt: skip
CLEARLY = 0.05


def report(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="[WHAT]", help="referrals, if left out.")] = "referrals",
    by: Annotated[str, typer.Option("--by", help="segment, source, owner, country, tag or month.")] = "segment",
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="From this day on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="Up to this day.")] = None,
) -> None:
    """Who refers, who does not: by group, with honest uncertainty.

    Example: refertrack report --by segment --since 2026-01-01
    """
    desk = Desk(ctx)
    if what not in REPORTS:
        raise BadValue(f'There is no report "{what}".', f"Say one of: {', '.join(REPORTS)}.", field="report")
    span = period(
        desk.day(since, field="since", prefer="past"), desk.day(until, field="until", prefer="past"), desk.today
    )
    from refertrack.reports.referrals import referral_report

    with desk.reporting() as connection:
        found = referral_report(connection, span, by.strip().casefold(), desk.today)
    show_referrals(desk, found)


def show_referrals(desk: Desk, found: ReferralReport) -> None:
    """Show the report: a row a group and one for all, the marks explained, and what stands out."""
    screen = desk.screen
    screen.heading(f"Referrals by {found.by}, {found.period.words}")
    screen.line()
    rows = [_record(found.by, row) for row in found.rows]
    if screen.mode == "table":
        rows.append(_record(found.by, found.total))
    name = {"tag": "tag", "month": "month"}.get(found.by, found.by)
    columns = (
        Column(name, lambda row: row[found.by] or "(none)"),
        Column("customers", lambda row: str(row["customers"]), right=True),
        Column("asked", lambda row: _rate_words(row["rates"][0]), right=True),
        Column("took part", lambda row: _rate_words(row["rates"][1]), right=True),
        Column("referrals", lambda row: str(row["referrals"]), right=True),
        Column("won", lambda row: str(row["won"]), right=True),
        Column("conversion", lambda row: _rate_words(row["rates"][2]), right=True),
    )
    screen.listing(Listing((found.by, *REFERRAL_FIELDS), rows, columns, gap=1))
    if not found.rows:
        screen.hint("Nobody to report on yet. Begin: refertrack add-customer · refertrack import customers FILE")
        return
    screen.line()
    screen.line("[ ] 95 % interval   * fewer than 30: only an indication")
    for sentence in outstanding(found):
        screen.line(sentence)
    screen.hint("refertrack report --by owner · refertrack report --since 2026-01-01")


def outstanding(found: ReferralReport) -> list[str]:
    """Say which groups take part clearly more or less than the rest, only where the statistics carry it."""
    from refertrack.rules.statistics import Rate, different_from_rest

    if found.by in {"month", "tag"}:
        return []
    groups = {row.group: row.participation for row in found.rows if row.customers}
    k, n = sum(rate.k for rate in groups.values()), sum(rate.n for rate in groups.values())
    sentences = []
    for name, p_value in sorted(different_from_rest(groups).items(), key=lambda pair: pair[1]):
        own = groups[name]
        rest = Rate(k - own.k, n - own.n)
        if p_value >= CLEARLY or own.value is None or rest.value is None:
            continue
        more = "more" if own.value > rest.value else "less"
        sentences.append(
            f"{name or '(none)'} takes part clearly {more} than the rest:"
            f" {own.value:.0%} of {own.n} against {rest.value:.0%} of {rest.n}."
        )
    return sentences


def _record(by: str, row: ReferralRow) -> Record:
    asked, part, conversion = row.ask_rate, row.participation, row.net_conversion
    return {
        by: row.group,
        "customers": row.customers,
        "eligible": row.eligible,
        "asked": row.asked,
        **_rate_fields("ask_rate", "ask_rate", asked),
        "took_part": row.took_part,
        **_rate_fields("participation_rate", "participation", part),
        "participation_indicative": part.indicative,
        "referrals": row.referrals,
        "won": row.won,
        "open": row.still_open,
        **_rate_fields("net_conversion", "net_conversion", conversion),
        "net_conversion_indicative": conversion.indicative,
        "rates": (asked, part, conversion),
    }


def _rate_fields(name: str, stem: str, rate: Rate) -> Record:
    value, interval = rate.value, rate.interval
    return {
        name: None if value is None else round(value, 4),
        f"{stem}_low": None if interval is None else round(interval[0], 4),
        f"{stem}_high": None if interval is None else round(interval[1], 4),
    }


def _rate_words(rate: Rate) -> str:
    value, interval = rate.value, rate.interval
    if value is None or interval is None:
        return "–"
    mark = "*" if rate.indicative else ""
    return f"{rate.k} of {rate.n}\n{100 * value:.0f}% [{100 * interval[0]:.0f}–{100 * interval[1]:.0f}]{mark}"
