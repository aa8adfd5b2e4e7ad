"""What can be drawn of a report: points with their intervals, by group or in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from refertrack.reports.frame import Figure, Line, Report, Value
from refertrack.reports.sheet import COUNT, CURRENCY, NO_GROUP, SHARE, in_unit, main_value, number
from refertrack.rules.money import Money
from refertrack.rules.periods import UNITS
from refertrack.rules.statistics import Difference, Rate, Score

MOST_DRAWINGS = 12
PERCENT = "%"


@dataclass(frozen=True)
class Series:
    """Something to draw: named points with intervals where they have one; ``times`` are points in time."""

    title: str
    unit: str
    names: tuple[str, ...]
    values: tuple[float | None, ...]
    intervals: tuple[tuple[float, float] | None, ...]
    times: bool
    level: str = "95 %"

    @property
    def caption(self) -> str:
        """What is drawn, in words, and in what unit."""
        between = f", with {self.level} intervals" if any(self.intervals) else ""
        return f"{self.title}{f', in {self.unit}' if self.unit else ''}{between}"

    def captioned(self, most: int) -> str:
        """Return the caption of a picture that has room for so many groups; of points in time it shows all."""
        count = len(self.names)
        return self.caption + (f" (the first {most} of {count})" if count > most and not self.times else "")

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest number in it, zero among them."""
        found = [value for value in self.values if value is not None]
        found += [end for between in self.intervals if between for end in between]
        return min([0.0, *found]), max([0.0, *found])


@dataclass(frozen=True)
class Points:
    """Rows to draw with their names; ``about`` is what all of them are about, ``along`` what they are named after."""

    rows: dict[str, Line | None]
    along: str
    about: str = ""


def drawings(report: Report) -> tuple[Series, ...]:
    """Return what can be drawn: a picture of one dimension, or one for each question, reason or figure of the rows.

    Each has two points or more. Of several currencies one is drawn: the one with most points, first of all that of
    most purchases.
    """
    if why_none(report):
        return ()
    return tuple(_series(report, points) for points in _drawn(report))


def why_none(report: Report) -> str:
    """Return why nothing can be drawn of a report, and what would help; nothing where something can be."""
    if not report.shown:
        figures = " | ".join(each.key for each in report.definition.figures)
        by = ",".join(report.by) or "segment"
        return f"A picture shows one figure of several groups. Say which: --by {by} --figure {figures}"
    if len(report.by) > 1:
        return f"A picture needs one dimension: --by {report.by[0]}, or --by {report.by[1]}."
    if not _drawn(report):
        return f"There is nothing to draw: {report.shown_title} is not known of two groups or more."
    return ""


def _drawn(report: Report) -> list[Points]:
    return [each for each in _points(report) if _known(report, each) > 0 and len(each.rows) > 1][:MOST_DRAWINGS]


def _known(report: Report, points: Points) -> int:
    return sum(line is not None and number(main_value(report, line)) is not None for line in points.rows.values())


def _points(report: Report) -> list[Points]:
    """Sort the rows into pictures: by what they are about, along what they are grouped by."""
    own = [key for key in report.definition.own if key != CURRENCY]
    rows = _of_one_currency(report)
    if not report.by:
        return [Points(dict(_named(report, rows, own[-1])), own[-1])] if own else []
    if len(own) > 1:
        return []
    along, about = (own[0], report.by[0]) if own and own[0] in UNITS else (report.by[0], own[0] if own else "")
    names = _names(report, along)
    if not own:
        return [Points({**names, **dict(_named(report, rows, along))}, along)]
    return [
        Points({**names, **dict(_named(report, some, along))}, along, name or NO_GROUP)
        for name in _abouts(report, about)
        if (some := [line for line in rows if _at(report, line, about) == name])
    ]


def _names(report: Report, key: str) -> dict[str, None]:
    names = dict.fromkeys(_at(report, line, key) for line in report.rows)
    return dict.fromkeys(sorted(names)) if key in UNITS else names


def _abouts(report: Report, key: str) -> list[str]:
    """Return what the rows are about, in the order of the rows for all together where there are some."""
    place = report.keys.index(key) - len(report.by)
    whole = [line.group[place] for line in report.total] if place >= 0 else []
    return list(dict.fromkeys([*whole, *(_at(report, line, key) for line in report.rows)]))


def _named(report: Report, rows: Sequence[Line], key: str) -> list[tuple[str, Line]]:
    """Name rows; two of the same name are told apart by a number behind it."""
    seen: Counter[str] = Counter()
    found = []
    for line in rows:
        name = _at(report, line, key)
        seen[name] += 1
        found.append((name if seen[name] == 1 else f"{name} ({seen[name]})", line))
    return found


def _at(report: Report, line: Line, key: str) -> str:
    return line.group[report.keys.index(key)]


def _series(report: Report, points: Points) -> Series:
    found = [None if line is None else main_value(report, line) for line in points.rows.values()]
    if report.definition.absent_is_none:
        found = [_none_of_as_many(report, name) if value is None else value
                 for name, value in zip(points.rows, found, strict=True)]  # fmt: skip
    kinds = Counter(type(value) for value in found if number(value) is not None)
    kind = kinds.most_common(1)[0][0]  # a score is drawn beside scores alone
    drawn = [
        (name, line, value if isinstance(value, kind) else None)
        for (name, line), value in zip(points.rows.items(), found, strict=True)
        if isinstance(value, kind) or points.along in report.by
    ]
    figure = _figure(report, kind)
    return Series(
        f"{figure.title} by {points.along}{f': {points.about}' if points.about else ''}",
        _unit(figure, found),
        tuple(name or NO_GROUP for name, _, _ in drawn),
        tuple(number(value) for _, _, value in drawn),
        tuple(_interval(report, line, value) for _, line, value in drawn),
        times=points.along in UNITS,
        level="80 %" if report.definition.between else "95 %",
    )


def _figure(report: Report, kind: type) -> Figure:
    """Return the figure that is drawn: that which is shown, or the score that stands in for it."""
    stands_in = (each for each in report.definition.figures if each.kind == "score" and kind is Score)
    return next(stands_in, next(each for each in report.definition.figures if each.key == report.shown))


def _unit(figure: Figure, found: Sequence[Value]) -> str:
    if figure.kind in {"rate", "change"}:
        return PERCENT
    changes = {value.unit for value in found if isinstance(value, Difference)}
    if changes:
        (unit,) = changes
        return {SHARE: "points", COUNT: ""}.get(unit, unit)
    return next((value.currency for value in found if isinstance(value, Money)), "")


def _none_of_as_many(report: Report, name: str) -> Rate:
    """Return none, of as many as the group has in its other rows."""
    rates = [report_line.values.get(report.shown) for report_line in report.rows if report_line.group[0] == name]
    return Rate(0, max((rate.n for rate in rates if isinstance(rate, Rate)), default=0))


def _interval(report: Report, line: Line | None, value: Value) -> tuple[float, float] | None:
    """Return the interval of what is drawn, in the same terms."""
    if isinstance(value, Difference):
        return in_unit(value.low, value.unit), in_unit(value.high, value.unit)
    if isinstance(value, Rate) and value.interval:
        return 100 * value.interval[0], 100 * value.interval[1]
    if line is not None and report.shown == report.definition.crossed and report.definition.between:
        low, high = (number(line.values.get(key)) for key in report.definition.between)
        return None if low is None or high is None else (low, high)
    return value.interval if isinstance(value, Score) else None


def _of_one_currency(report: Report) -> list[Line]:
    """Return the rows in the currency with most points; all where there is none to tell apart."""
    if CURRENCY not in report.keys or not report.rows:
        return list(report.rows)
    place = report.keys.index(CURRENCY)
    points: Counter[str] = Counter()
    for line in report.rows:
        points[line.group[place]] += number(main_value(report, line)) is not None
    drawn = max(points, key=lambda code: (points[code], code == report.currency))
    return [line for line in report.rows if line.group[place] == drawn]
