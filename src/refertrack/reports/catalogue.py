"""Which reports there are, and how one is asked for by its name."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

from refertrack.reports.frame import Definition, Report, View, compared, read_dimensions, run
from refertrack.reports.standing_out import following, sentences
from refertrack.rules.close import close_to
from refertrack.rules.errors import BadValue

NAMES = ("referrals",)
DEFAULT_BY: dict[str, str] = {}


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
    found: Definition = import_module(f"refertrack.reports.{word}").DEFINITION
    return found


def ask(name: str, by: str, view: View) -> Report:
    """Ask a report and say what stands out in it; ``by`` is as typed, '' for what is usual.

    Raises:
        BadValue: there is no such report, dimension or group.

    """
    found = definition(name)
    dimensions = read_dimensions(by or DEFAULT_BY.get(found.name, "segment"), found)
    report = run(found, replace(view, by=dimensions))
    report = replace(report, p_values=compared(report))
    return replace(report, sentences=sentences(report, view), following=following(report))


def read_where(pairs: list[str], found: Definition) -> tuple[tuple[str, str], ...]:
    """Read conditions such as ``segment=Retail``.

    Raises:
        BadValue: it is none, or its dimension does not narrow customers.

    """
    conditions = []
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise BadValue(f'"{pair}" is no condition.', "Like this: --where segment=Retail", field="where")
        (dimension,) = read_dimensions(name, found) or ("",)
        if dimension in {"", "month", "quarter", "year"}:
            raise BadValue(f'"{pair}" names a time.', "Say that with --since and --until.", field="where")
        conditions.append((dimension, value.strip()))
    return tuple(conditions)
