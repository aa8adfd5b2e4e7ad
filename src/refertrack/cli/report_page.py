"""How a report looks: one renderer for all of them, as a table with a picture, plain lines, JSON or CSV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from refertrack.cli.desk import Desk
from refertrack.cli.screen import MOST_FITTED, Column, Listing, Record
from refertrack.reports.drawings import drawings, why_none
from refertrack.reports.frame import MANY_VALUED, Line, Report, View
from refertrack.reports.sheet import (
    LEGEND,
    Sheet,
    across,
    fitted,
    least_width,
    other_figures,
    sheet,
    shown_keys,
    stacked,
    width_of,
)
from refertrack.reports.words import fields, record

P_VALUE = "p_value"
WIDE = 100
SHADES = ("", "on grey15", "on grey19", "on grey23", "on grey27", "on grey30")


def show(desk: Desk, report: Report, *, detail: bool = False, chart: bool | None = None) -> None:
    """Show a report in the form that was asked for; with a picture where there is room, or as wished."""
    screen = desk.screen
    if screen.mode != "table":
        screen.listing(records(report, detail=detail))
        return
    screen.heading(report.title)
    screen.line()
    if not report.rows:
        screen.line("Nothing to report in this period.")
        if report.following:
            screen.hint("\n".join(report.following))
        return
    shown = _show_table(desk, report, detail=detail)
    _draw(desk, report, chart)
    words = [LEGEND] if shown.uncertain else []
    if report.total and any(name in MANY_VALUED for name in report.by):
        words.append("A customer may have several tags and products: the rows need not sum to all.")
    for number, sentence in enumerate([*words, *report.sentences]):
        if not number:
            screen.line()
        screen.text(sentence)
    hints = " · ".join(report.following)
    screen.hint(hints if len(hints) <= screen.width else "\n".join(report.following))


def _draw(desk: Desk, report: Report, chart: bool | None) -> None:
    """Draw what can be drawn, as wished; unasked one picture, where there is room."""
    screen = desk.screen
    drawn = drawings(report)
    if chart is None and (screen.width < WIDE or len(drawn) != 1):
        return
    if drawn and chart is not False:
        from refertrack.cli.pictures import picture

        for each in drawn:
            screen.line()
            for line in picture(each, screen.width):
                screen.line(line)
    elif chart:
        screen.line()
        screen.text(why_none(report))


def _show_table(desk: Desk, report: Report, *, detail: bool) -> Sheet:
    """Show the figures as a table, or group by group where the terminal is too narrow for the numbers; return them."""
    screen = desk.screen
    found = sheet(report, detail=detail, crossed=across(report) > 0)
    if found.crossed and width_of(found) > screen.width:
        found = sheet(report, detail=detail)
    if not found.crossed and width_of(found) > screen.width:
        found = sheet(report, detail=detail, bare=True)
    fits = len(found.rows) <= MOST_FITTED or width_of(found) + len(found.heads) <= screen.width
    if fits and least_width(found) <= screen.width:
        screen.listing(_listing(found, screen.width))
        if found.unit and not found.crossed:
            screen.line()
            screen.text(f"Amounts in {found.unit}.")
        if found.crossed:
            screen.line()
            figure = f"{report.shown_title}{f' in {found.unit}' if found.unit else ''}"
            others = " | ".join(other_figures(report))
            screen.text(f"Shown: {figure}.{f' Another figure: --figure {others}' if others else ''}")
        return found
    found = sheet(report, detail=detail)
    for number, lines in enumerate(stacked(found, len(shown_keys(report)), screen.width)):
        if number:
            screen.line()
        for line in lines:
            screen.line(line)
    return found


def write_page(desk: Desk, path: Path, reports: Sequence[Report], view: View, *, detail: bool, force: bool) -> None:
    """Write reports as one page that needs nothing else."""
    from refertrack.drafts.report_page import render
    from refertrack.reports.tree import who_brought_whom
    from refertrack.store.files import check_target, safe_write

    check_target(path, force=force)
    network = who_brought_whom(view.reader) if len(reports) > 1 or reports[0].definition.name == "referrals" else ()
    page = render(reports, network, view.business.name, desk.today, detail=detail)
    safe_write(path, page.encode(), force=force)
    record = {"file": str(path), "reports": [report.definition.name for report in reports]}
    desk.screen.changed(f"Written: {path}", record, "Open it in a browser; it prints on A4.")


def records(report: Report, *, detail: bool) -> Listing:
    """Return the rows with all their keys, which never depend on what the rows hold."""
    keys = (*report.keys, *fields(report.definition.figures), *((P_VALUE,) if detail else ()))
    return Listing(keys, [_record(report, line) for line in report.rows], ())


def _record(report: Report, line: Line) -> Record:
    p_value = report.p_values.get(report.compared_as(line))
    return {
        **record(report.definition.figures, line.values),
        **dict(zip(report.keys, line.group, strict=True)),
        P_VALUE: None if p_value is None else float(f"{p_value:.3g}"),
    }


def _listing(found: Sheet, width: int) -> Listing:
    rows: list[Record] = [{"cells": cells} for cells in (*found.rows, *found.total)]
    columns = tuple(
        Column(
            head.title,
            lambda row, place=place: row["cells"][place].words,  # type: ignore[misc]
            right=head.right,
            style=lambda row, place=place: _shade(row["cells"][place].strength),  # type: ignore[misc]
            width=wide,
        )
        for place, (head, wide) in enumerate(zip(found.heads, fitted(found, width), strict=True))
    )
    return Listing((), rows, columns, gap=1, fitted=width_of(found) + len(found.heads) > width)


def _shade(strength: float | None) -> str:
    """Return a background that is the stronger, the larger a cell of a cross table is."""
    return SHADES[min(len(SHADES) - 1, int(strength * len(SHADES)))] if strength else ""
