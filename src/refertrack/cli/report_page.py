"""How a report looks: one renderer for all of them, as a table, plain lines, JSON or CSV."""

from __future__ import annotations

from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing, Record
from refertrack.reports.frame import ALL, Figure, Line, Report, Value
from refertrack.reports.words import fields, record, words
from refertrack.rules.statistics import Score

P_VALUE = "p_value"
NO_GROUP = "(none)"
CURRENCY = "currency"
CELL = 15
LEGEND = "[ ] 95 % interval   * fewer than 30: only an indication"


def show(desk: Desk, report: Report, *, detail: bool = False) -> None:
    """Show a report in the form that was asked for."""
    screen = desk.screen
    figures = tuple(figure for figure in report.definition.figures if detail or not figure.detail)
    if screen.mode == "table" and not report.rows:
        screen.heading(report.title)
        screen.line()
        screen.line("Nothing to report in this period.")
        screen.hint("Another one: refertrack report --since 2020-01-01 · first data: refertrack import customers FILE")
        return
    screen.heading(report.title)
    screen.line()
    table = screen.mode == "table"
    crossed = table and crosses(report, screen.width)
    screen.listing(_crossed(report) if crossed else _listing(report, figures, detail=detail, whole=table))
    screen.line()
    if any(figure.kind in {"rate", "score"} for figure in figures):
        screen.line(LEGEND)
    for sentence in report.sentences:
        screen.line(sentence)
    screen.hint(" · ".join(report.following))


def _listing(report: Report, figures: tuple[Figure, ...], *, detail: bool, whole: bool) -> Listing:
    """Return the rows with all keys; on a terminal with the row for all together."""
    every = report.definition.figures
    keys = (*report.keys, *fields(every), *((P_VALUE,) if detail and report.p_values else ()))
    rows = [_row(report, line) for line in report.rows]
    if whole:
        rows += [_row(report, _whole(report, line)) for line in report.total]
    columns = [_group_column(report, report.keys.index(key)) for key in _shown_keys(report)]
    columns += [_figure_column(figure) for figure in figures]
    if detail and report.p_values:
        columns.append(Column("p", lambda row: _p_words(row.get(P_VALUE)), right=True))
    return Listing(keys, rows, tuple(columns), gap=1)


def _whole(report: Report, line: Line) -> Line:
    filled = (ALL, *[""] * (len(report.by) - 1)) if report.by else ()
    return Line((*filled, *line.group), line.values)


def _row(report: Report, line: Line) -> Record:
    return {
        **record(report.definition.figures, line.values),
        **dict(zip(report.keys, line.group, strict=True)),
        P_VALUE: _rounded(report.p_values.get(line.group)),
        "line": line,
    }


def _rounded(p_value: float | None) -> float | None:
    return None if p_value is None else float(f"{p_value:.3g}")


def _group_column(report: Report, place: int) -> Column:
    last = len(report.by) - 1

    def cell(row: Record) -> str:
        group = row["line"].group
        if group[0] == ALL and 0 < place <= last and not any(group[1 : last + 1]):
            return ""
        return str(group[place] or NO_GROUP)

    return Column(report.keys[place], cell)


def _figure_column(figure: Figure) -> Column:
    right = figure.kind != "words"
    return Column(figure.title, lambda row: words(row["line"].values.get(figure.key)), right=right)


def _p_words(p_value: float | None) -> str:
    return "–" if p_value is None else "<0.001" if p_value < 0.001 else f"{p_value:.3f}"


def crosses(report: Report, width: int) -> bool:
    """Whether two dimensions fit as a cross table of one figure."""
    keys = _shown_keys(report)
    if len(keys) != 2 or not report.shown:
        return False
    across = {line.group[report.keys.index(keys[1])] for line in report.rows}
    return 22 + CELL * len(across) <= max(width, 80)


def _shown_keys(report: Report) -> tuple[str, ...]:
    """Return what rows are grouped by, less a currency that is the same in all."""
    place = report.keys.index(CURRENCY) if CURRENCY in report.keys else -1
    same = place >= 0 and len({line.group[place] for line in report.rows}) == 1
    return tuple(key for key in report.keys if not (same and key == CURRENCY))


def _crossed(report: Report) -> Listing:
    """Return one figure with the first dimension down and the second across, and all together below."""
    first, second = (report.keys.index(key) for key in _shown_keys(report))
    across = list(dict.fromkeys(line.group[second] for line in report.rows))
    if second < len(report.by):
        across.sort(key=lambda name: (name.casefold(), name))
    cells: dict[str, dict[str, str]] = {}
    for line in report.rows:
        cells.setdefault(line.group[first], {})[line.group[second]] = words(_main(report, line))
    if second >= len(report.by):
        for line in report.total:
            cells.setdefault(ALL, {})[line.group[second - len(report.by)]] = words(_main(report, line))
    columns = [Column(report.keys[first], lambda row: str(row["name"] or NO_GROUP))]
    columns += [
        Column(name or NO_GROUP, lambda row, name=name: row["cells"].get(name, "–"), right=True)  # type: ignore[misc]
        for name in across
    ]
    rows = [{"name": name, "cells": found} for name, found in cells.items()]
    return Listing(report.keys, rows, tuple(columns), gap=1)


def _main(report: Report, line: Line) -> Value:
    """Return the figure that is shown; for a question without it, its score."""
    value = line.values.get(report.shown)
    if value is not None:
        return value
    return next((each for each in line.values.values() if isinstance(each, Score)), None)
