"""The forecast at earlier month ends, set against what then came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from refertrack.reports.frame import CUSTOMER_DIMENSIONS, MANY_VALUED, Figure, Line, Report, View
from refertrack.reports.measures import strength
from refertrack.reports.past_forecasts import month_ends
from refertrack.reports.stream import remembered, sales
from refertrack.rules.looking_back import came, months_ahead, year_until
from refertrack.rules.money import Money
from refertrack.rules.periods import Period, label

INSIDE, BELOW, ABOVE = "yes", "less came", "more came"
FIGURES = (
    Figure("forecast", "forecast", "what the forecast said at the end of that month, knowing only what was known"
           " then", "money"),
    Figure("low", "at least", "the lower end of its 80 % interval, which allows for what forecasts before it missed",
           "money"),
    Figure("high", "at most", "the upper end of that interval", "money"),
    Figure("fact", "fact", "what then came: revenue from those who were customers, and from those won by referral"
           " since", "money"),
    Figure("tried", "tried", "earlier forecasts that the interval allows for; with fewer than four it knows only of"
           " chance between customers"),
    Figure("inside", "inside", "whether the fact lies in the interval, else on which side", "words"),
)  # fmt: skip


DEFINITION = replace(
    strength.DEFINITION,
    title="Forecast and fact",
    figures=FIGURES,
    dimensions=(*CUSTOMER_DIMENSIONS, *MANY_VALUED),
    own=("month", "currency"),
    crossed="fact",
)


def backtest(view: View) -> Report:
    """Stand at earlier month ends and compare the forecast with what came."""
    lines = tuple(sorted(_tested(view), key=lambda line: line.group[:-2]))
    ends = list(month_ends(view))
    period = Period(ends[0], months_ahead(ends[-1], view.months).until)  # from the first forecast to the last fact
    return Report(DEFINITION, view.by, period, view.where, lines, sentences=tuple(_sentences(lines)),
                  following=("refertrack report strength",))  # fmt: skip


def _tested(view: View) -> Iterator[Line]:
    sold = remembered(view, sales)
    for day in month_ends(view):
        for (*group, code), raw in strength.measure(replace(view, period=year_until(day))).items():
            outlook = raw["forecast"]
            fact = came(sold.get((*group, code), {}), months_ahead(day, view.months), view.as_of)
            yield Line((*group, label(day, "month"), code), {
                "forecast": Money(round(outlook.total), code),
                "low": Money(round(outlook.low), code),
                "high": Money(round(outlook.high), code),
                "fact": Money(fact, code),
                "tried": raw["record"].tried,
                "inside": BELOW if fact < outlook.low else ABOVE if fact > outlook.high else INSIDE,
            })  # fmt: skip


def _sentences(lines: Sequence[Line]) -> Iterator[str]:
    """Say how many facts lay inside, apart for intervals that could learn from earlier misses and those that not."""
    from refertrack.rules.calibration import ENOUGH

    learnt = [line for line in lines if int(str(line.values["tried"])) >= ENOUGH]
    for found, words in ((learnt, "with four earlier forecasts or more to learn from"),
                         ([line for line in lines if line not in learnt], "with fewer")):  # fmt: skip
        if found:
            inside = sum(line.values["inside"] == INSIDE for line in found)
            less = sum(line.values["inside"] == BELOW for line in found)
            yield (
                f"{inside} of {len(found)} facts lie in the 80 % interval {words};"
                f" less came {less} times, more {len(found) - inside - less}."
            )
