"""What to type where a report holds nothing: only what was tried and holds something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from shlex import quote
from types import MappingProxyType

from refertrack.reports.frame import ALL, Report, View
from refertrack.reports.sheet import NO_GROUP
from refertrack.rules.periods import Period, period

LONG_AGO = date(2020, 1, 1)
FIRST_DATA = "First data: refertrack import customers FILE"


def instead(
    asked: View,
    ask: Callable[[View], Report],
    command: str,
    usual: tuple[str, ...] = (),
    times: Mapping[str, Period] = MappingProxyType({}),
) -> tuple[str, ...]:
    """Return the command that comes nearest to the one that found nothing, if one finds something.

    Args:
        asked: the view that held nothing.
        ask: asks the same report of another view.
        command: what stands in front of the options of every report.
        usual: what the report is grouped by, if nothing is said.
        times: other times that may hold something, with what they are called.

    """
    if not asked.hints:
        return ()
    if asked.reader.value("SELECT 1 FROM customer LIMIT 1") is None:
        return (FIRST_DATA,)
    for words, other in _others(asked, times):
        if ask(other).rows:
            return (f"{words}: {_typed(other, command, usual)}",)
    return ()


def other_times(view: View, *, ahead: bool = False) -> Mapping[str, Period]:
    """Return the times near to a view's; a forecast stands on its last day, whatever was before."""
    usual = period(None, None, view.today)
    if ahead:
        return {"As of today": usual} if view.as_of < view.today else {}
    spans = {"The last 12 months": usual, f"Since {LONG_AGO.year}": Period(LONG_AGO, view.today)}
    return {words: span for words, span in spans.items() if span != view.period}


def _others(view: View, times: Mapping[str, Period]) -> Iterator[tuple[str, View]]:
    """Give the questions near to one: at another time, of all customers, both, without groups."""
    for words, span in times.items():
        yield words, replace(view, period=span)
    if view.where:
        yield "Of all customers", replace(view, where=())
        for words, span in times.items():
            yield f"{words}, of all customers", replace(view, where=(), period=span)
    if view.by:
        yield "Without groups", replace(view, by=())


def _typed(view: View, command: str, usual: tuple[str, ...]) -> str:
    """Return a command with the options that make a view."""
    words = [command]
    if view.by != usual:
        words.append(f"--by {','.join(view.by) or ALL}")
    words += [f"--where {quote(f'{name}={value or NO_GROUP}')}" for name, value in view.where]
    if view.months != View.months:
        words.append(f"--months {view.months}")
    if "--plan-start" not in command and view.period != period(None, None, view.today):
        words.append(f"--since {view.period.since.isoformat()}")
        if view.period.until != view.today:
            words.append(f"--until {view.period.until.isoformat()}")
    return " ".join(words)
