"""Which reports there are, and how one is asked for by its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib import import_module

from refertrack.reports.frame import Definition, Report, View, compared, read_dimensions, run
from refertrack.reports.instead import instead, other_times
from refertrack.reports.sheet import NO_GROUP
from refertrack.reports.standing_out import following, sentences
from refertrack.rules.close import close_to
from refertrack.rules.errors import BadValue
from refertrack.rules.periods import UNITS

ALL_OF_THEM = "all"
NAMES = ("referrals", "reasons", "asks", "growth", "strength", "surveys", "service", "complaints", "rewards",
         "profit", "advocates")  # fmt: skip
DEFAULT_BY = {"advocates": "all"}


def definition(name: str) -> Definition:
    """Return a report by its name.

    Raises:
        BadValue: there is no such report.

    """
    word = name.strip().casefold()
    if word not in NAMES:
        close = close_to(word, NAMES)
        raise BadValue(
            f'There is no report "{name}".{f" Close: {close[0]}." if close else ""}',
            f"Say one of: {', '.join(NAMES)}.",
            field="report",
        )
    found: Definition = import_module(f"refertrack.reports.measures.{word}").DEFINITION
    return found


def wanted(name: str, *, page: bool) -> tuple[str, ...]:
    """Return the reports that a word names: one, or with ``all`` every one, which only a page can hold.

    Raises:
        BadValue: there is no such report, or all are wanted and not as a page.

    """
    if name.strip().casefold() != ALL_OF_THEM:
        return (definition(name).name,)
    if not page:
        raise BadValue("All reports together make a page.", "refertrack report all --html report.html", field="report")
    return NAMES


def ask(name: str, by: str, view: View, figure: str = "") -> Report:
    """Ask a report and say what stands out in it.

    Args:
        name: the report's.
        by: the groups, as typed; '' for what is usual.
        view: period, day, conditions.
        figure: the key of the figure that a cross table and a picture show; '' for the usual one.

    Raises:
        BadValue: there is no such report, dimension, group or figure.

    """
    found = definition(name)
    check_figure(figure, found)
    dimensions = read_dimensions(by or DEFAULT_BY.get(found.name, "segment"), found)
    known = prepared(found, replace(view, by=dimensions))
    report = replace(run(found, known), figure=figure, ahead=view.months if found.ahead else 0, currency=known.currency)
    report = replace(report, p_values=compared(report))
    told = sentences(report, view) + (found.said(report) if found.said else ())
    if report.rows:
        return replace(report, sentences=told, following=following(report))
    near = instead(
        replace(view, by=dimensions),
        lambda other: run(found, prepared(found, other)),
        f"refertrack report {found.name}",
        read_dimensions(DEFAULT_BY.get(found.name, "segment"), found),
        other_times(view, ahead=found.ahead),
    )
    return replace(report, sentences=told, following=near)


def check_figure(figure: str, found: Definition) -> None:
    """Raise BadValue where a report has no such figure."""
    keys = [each.key for each in found.figures]
    if figure and figure not in keys:
        close = close_to(figure, keys)
        raise BadValue(
            f'{found.title} has no figure "{figure}".{f" Close: {close[0]}." if close else ""}',
            f"Say one of: {', '.join(keys)}.",
            field="figure",
        )


def prepared(found: Definition, view: View) -> View:
    """Return the view with what the report needs to know beforehand: the currency of most purchases."""
    if "currency" not in found.own:
        return view
    from refertrack.reports.sales import main_currency

    return replace(view, currency=main_currency(view.reader, view.business))


def ask_plan(by: str, view: View, start: date, figure: str = "") -> Report:
    """Ask what has changed since a plan began; ``by`` and the key of a cross table's figure are as typed.

    Raises:
        BadValue: there is no such dimension or figure, or it has not begun.

    """
    from refertrack.reports.plan import DEFINITION, plan

    asked = replace(view, by=_crossing(by, figure, DEFINITION))
    report = replace(plan(asked, start), figure=figure)
    if report.rows:
        return report
    command = f"refertrack report growth --plan-start {start.isoformat()}"
    return replace(report, following=instead(asked, lambda other: plan(other, start), command))


def ask_backtest(by: str, view: View, figure: str = "") -> Report:
    """Ask what earlier forecasts said and what then came; ``by`` and the key of a figure are as typed.

    Raises:
        BadValue: there is no such dimension or figure.

    """
    from refertrack.reports.backtest import DEFINITION, backtest

    asked = replace(prepared(DEFINITION, view), by=_crossing(by, figure, DEFINITION))
    report = replace(backtest(asked), figure=figure)
    if report.rows:
        return report
    times = other_times(view, ahead=True)
    return replace(report, following=instead(asked, backtest, "refertrack report strength --backtest", times=times))


def _crossing(by: str, figure: str, found: Definition) -> tuple[str, ...]:
    """Return the dimensions; a figure is one of a cross table, which rows of their own make with one dimension."""
    check_figure(figure, found)
    dimensions = read_dimensions(by or ALL_OF_THEM, found)
    if figure and len(dimensions) != 1:
        raise BadValue(
            f"{found.title} makes a cross table, and shows one figure, only with one group.",
            f"Leave --figure out, or say as well: --by {found.dimensions[0]}",
            field="figure",
        )
    return dimensions


def read_where(pairs: list[str], found: Definition) -> tuple[tuple[str, str], ...]:
    """Read conditions such as ``segment=Retail``; ``segment=(none)`` are those without one, as reports show them.

    Raises:
        BadValue: it is none, or its dimension does not narrow customers.

    """
    narrowing = [each for each in found.dimensions if each not in UNITS]
    conditions = []
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise BadValue(f'"{pair}" is no condition.', "Like this: --where segment=Retail", field="where")
        dimension, value = name.strip().casefold(), value.strip()
        if dimension in UNITS:
            raise BadValue(f'"{pair}" names a time.', "Say that with --since and --until.", field="where")
        if dimension not in narrowing:
            close = close_to(dimension, narrowing)
            raise BadValue(
                f'{found.title} cannot be narrowed by "{name.strip()}".{f" Close: {close[0]}." if close else ""}',
                f"Say one of: {', '.join(narrowing)}; as in --where segment=Retail.",
                field="where",
            )
        conditions.append((dimension, "" if value.casefold() == NO_GROUP else value))
    return tuple(conditions)
