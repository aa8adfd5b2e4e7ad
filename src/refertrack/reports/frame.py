"""What all reports share: figures with their definitions, groups, periods, and the rows that come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from refertrack.rules.business import Business
from refertrack.rules.errors import BadValue
from refertrack.rules.money import Money
from refertrack.rules.periods import MOST_BUCKETS, QUARTER, UNITS, YEAR, Period, label
from refertrack.rules.statistics import Change, Difference, Middle, Rate, Score
from refertrack.store.reader import Reader

Value = int | float | str | Rate | Score | Middle | Change | Difference | Money | None
CUSTOMER_DIMENSIONS = ("segment", "source", "owner", "company", "country", "referred", "joined", "joined-quarter")
MANY_VALUED = ("product", "tag")
COHORTS = {"joined": YEAR, "joined-quarter": QUARTER}
ALL = "all"


@dataclass(frozen=True)
class Figure:
    """One column of a report: its key in JSON, its title, what it means, and whether only ``--detail`` shows it.

    A rate's interval is named after ``stem``, its numerator and denominator after ``of``.
    """

    key: str
    title: str
    definition: str
    kind: str = "count"  # count, rate, score, days, money, change, number, words
    detail: bool = False
    stem: str = ""
    of: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class View:
    """What a report is asked: over which period, by which groups, of which customers, as known on which day."""

    reader: Reader
    period: Period
    today: date
    by: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    business: Business = field(default_factory=Business)
    currency: str = ""  # the row in which figures stand that are no money
    months: int = 6  # how far a forecast looks ahead
    limit: int = 20  # how many a list of the best shows
    hints: bool = False  # whether, where nothing is found, it is looked for near to what was asked
    memory: dict[Any, Any] = field(default_factory=dict, compare=False)  # what is asked again and again, once

    @property
    def as_of(self) -> date:
        """The day whose knowledge counts: the period's last, or today if that is earlier."""
        return min(self.period.until, self.today)


Group = tuple[str, ...]
Raw = dict[str, Any]  # counts by name, and counters (such as days → how often) that a median comes from


@dataclass(frozen=True)
class Line:
    """What came out for one group: the values of its dimensions in their order, and the figures by key."""

    group: Group
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Definition:
    """A report: what it is called, what it can be grouped by, its figures, and how they are measured.

    ``measure`` counts for each group, as sets in SQL; ``values`` makes the figures of the counts, so that the
    counts of groups that do not overlap can be added for the total.
    """

    name: str
    title: str
    figures: tuple[Figure, ...]
    measure: Callable[[View], dict[Group, Raw]]
    values: Callable[[Raw], Mapping[str, Value]]
    dimensions: tuple[str, ...] = (*CUSTOMER_DIMENSIONS, *MANY_VALUED, *UNITS)
    own: tuple[str, ...] = ()  # dimensions that its rows always have
    main: str = ""  # the rate by which groups are compared
    crossed: str = ""  # the figure that a cross table and a picture show, where that is another one
    between: tuple[str, ...] = ()  # the figures that are the ends of that one's interval
    total: bool = True
    apart: bool = True  # whether the counts of groups that do not overlap may be added
    ahead: bool = False  # whether it looks ahead
    coming: bool = False  # whether it tells of days that have not come, such as those that are promised
    stands_out: str = (
        ""  # the words for a group whose main figure differs: "takes part"; {own} is what its row is about
    )
    stands_out_in: Mapping[str, str] = field(default_factory=dict)  # the words for some such rows
    recorded: tuple[str, ...] = ()  # counts that are not known, and not none, where nobody wrote them down
    standing: tuple[str, ...] = ()  # counts that tell nothing of a period in which nothing else was counted
    absent_is_none: bool = False  # whether a group without a row of its own had none, of as many as in its other rows
    said: Callable[[Report], tuple[str, ...]] | None = None  # what else it says of itself
    then: tuple[str, ...] = ()  # the commands that one would type after it, where it has its own


@dataclass(frozen=True)
class Report:
    """What came out: the groups in order, all together, and what stands out."""

    definition: Definition
    by: tuple[str, ...]
    period: Period
    where: tuple[tuple[str, str], ...]
    rows: tuple[Line, ...]
    total: tuple[Line, ...] = ()
    p_values: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()
    following: tuple[str, ...] = ()
    figure: str = ""
    ahead: int = 0  # the months that a forecast looks ahead
    currency: str = ""  # that of most purchases, where its rows are told apart by currency

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of what its rows are grouped by."""
        return (*self.by, *self.definition.own)

    def compared_as(self, line: Line) -> Group:
        """Return the name by which a row is compared with others: all that it is grouped by but the currency."""
        return tuple(name for key, name in zip(self.keys, line.group, strict=True) if key != "currency")

    @property
    def shown(self) -> str:
        """The figure that a cross table and a picture show."""
        return self.figure or self.definition.crossed or self.definition.main

    @property
    def shown_title(self) -> str:
        """The title of that figure."""
        return next((each.title for each in self.definition.figures if each.key == self.shown), "")

    @property
    def heading(self) -> str:
        """What it is about, in words, without its time."""
        by = f" by {' and '.join(self.by)}" if self.by else ""
        only = "".join(f", {name} {value or '(none)'}" for name, value in self.where)
        return f"{self.definition.title}{by}{only}"

    @property
    def span_words(self) -> str:
        """The time that it is about, in words."""
        if self.ahead:
            unit = next((name for name in self.by if name in UNITS), "")
            after = f"each {unit}'s last day" if unit else self.period.until.isoformat()
            return f"the {self.ahead} months after {after}"
        return self.period.words

    @property
    def title(self) -> str:
        """What it is about, and its time."""
        return f"{self.heading}, {self.span_words}"


def read_dimensions(text: str, definition: Definition) -> tuple[str, ...]:
    """Read ``segment`` or ``segment,quarter``; ``all`` is no group at all.

    Raises:
        BadValue: a dimension is unknown to this report, named twice, or there are more than two.

    """
    names = tuple(name.strip().casefold() for name in text.split(",") if name.strip())
    if names == (ALL,):
        return ()
    unknown = [name for name in names if name not in definition.dimensions]
    if unknown or not names:
        raise _no_dimension(unknown[0] if unknown else text, definition)
    if len(names) > 2 or len(set(names)) < len(names):
        raise BadValue(f'"{text}" is not one group or two.', f"Like this: --by {_two(definition)}", field="by")
    if sum(name in UNITS for name in names) > 1:
        raise BadValue("Months, quarters and years do not go together.", "Take one of them.", field="by")
    return names


def _two(definition: Definition) -> str:
    return f"segment,{'quarter' if 'quarter' in definition.dimensions else 'owner'}"


def _no_dimension(name: str, definition: Definition) -> BadValue:
    from refertrack.rules.close import close_to

    close = close_to(name, definition.dimensions)
    return BadValue(
        f'{definition.title} cannot be grouped by "{name}".{f" Close: {close[0]}." if close else ""}',
        f"Say one of: {', '.join(definition.dimensions)}; or two: {_two(definition)}.",
        field="by",
    )


def run(definition: Definition, view: View) -> Report:
    """Ask a report: for each group, in each month, quarter or year where it is grouped by them, and for all."""
    counts = _counted(definition, view)
    width = len(view.by)
    lines = [_line(definition, group, raw) for group, raw in counts.items()]
    own = int(definition.own == ("currency",))  # whatever else is a report's own has its own order
    lines.sort(key=lambda line: _order(line.group[: width + own]))
    total: dict[Group, Raw] = {}
    if definition.total and view.by:
        apart = definition.apart and all(name in CUSTOMER_DIMENSIONS for name in view.by)
        total = _added(counts, width) if apart else definition.measure(replace(view, by=()))
    whole = [_line(definition, group, raw) for group, raw in total.items() if counts and not _blank(raw)]
    whole.sort(key=lambda line: _order(line.group[:own]))
    return Report(definition, view.by, view.period, view.where, tuple(lines), tuple(whole))


def _counted(definition: Definition, view: View) -> dict[Group, Raw]:
    """Count for each group, in each month, quarter or year where it is grouped by them; nothing without data."""
    unit = next((name for name in view.by if name in UNITS), "")
    groups = tuple(name for name in view.by if name not in UNITS)
    known = definition.ahead or definition.coming
    parts = {name: part for name, part in _parts(view.period, unit) if known or part.since <= view.today}
    counts: dict[Group, Raw] = {}
    for name, part in parts.items():
        for group, raw in definition.measure(replace(view, period=part, by=groups)).items():
            counts[_placed(view.by, group, name)] = raw
    if all(_blank(raw, definition.standing) for raw in counts.values()):
        return {}
    if unit and not set(definition.own) - {"currency"}:
        told = {name for name, part in parts.items() if part.since <= view.today or _any_in(name, view.by, counts)}
        return _with_empty_parts(definition, view.by, counts, {name: parts[name] for name in parts if name in told})
    return counts if unit else {group: raw for group, raw in counts.items() if not _blank(raw)}


def _any_in(part: str, by: tuple[str, ...], counts: Mapping[Group, Raw]) -> bool:
    """Whether anything was counted in a part of the time."""
    place = next(place for place, name in enumerate(by) if name in UNITS)
    return any(group[place] == part and not _blank(raw) for group, raw in counts.items())


def _with_empty_parts(
    definition: Definition, by: tuple[str, ...], counts: Mapping[Group, Raw], parts: Mapping[str, Period]
) -> dict[Group, Raw]:
    """Give each group its row in each part of the time, with none of anything where nothing was counted.

    Those who joined in a year or a quarter begin with it, and nothing is told of a time that is no part.
    """
    place = next(place for place, name in enumerate(by) if name in UNITS)
    counts = {group: raw for group, raw in counts.items() if group[place] in parts}
    cohort = next((name for name in by if name in COHORTS), "")
    none: dict[Group, Raw] = {}
    for group, raw in counts.items():
        zeros = none.setdefault((*group[:place], *group[place + 1 :]), {})
        unknown = {*definition.recorded, *zeros}
        zeros.update({name: _none_of(value) for name, value in raw.items() if name not in unknown})
    filled = dict(counts)
    for rest, zeros in none.items():
        begun = False
        for name, part in parts.items():
            group = (*rest[:place], name, *rest[place:])
            begun = begun or group in counts or not cohort or (
                label(part.until, COHORTS[cohort]) >= group[by.index(cohort)]
            )  # fmt: skip
            if begun:
                filled.setdefault(group, dict(zeros))
    return filled


def _none_of(value: Any) -> Any:
    """Return nothing of a count, or of how often each number occurs; what one costs stays."""
    return Counter() if isinstance(value, Counter) else 0 if isinstance(value, int) else value


def _blank(raw: Raw, beside: tuple[str, ...] = ()) -> bool:
    """Whether nothing was counted: without groups a statement gives a row of zeros for no rows at all."""
    return all(not value or isinstance(value, Decimal) or name in beside for name, value in raw.items())


def _line(definition: Definition, group: Group, raw: Raw) -> Line:
    """Make the figures; the report's own dimensions are told beside the counts."""
    own = dict(zip(reversed(definition.own), reversed(group), strict=False))
    return Line(group, definition.values({**raw, **own}))


def _added(counts: Mapping[Group, Raw], width: int) -> dict[Group, Raw]:
    """Add up groups that do not overlap, apart for what a report's rows have of their own (a currency)."""
    total: dict[Group, Raw] = {}
    for group, raw in counts.items():
        whole = total.setdefault(group[width:], {})
        for name, value in raw.items():
            if isinstance(value, Counter):
                whole[name] = whole.get(name, Counter()) + value
            else:
                whole[name] = whole.get(name, 0) + value
    return total


def _parts(period: Period, unit: str) -> list[tuple[str, Period]]:
    if not unit:
        return [("", period)]
    parts = []
    for part in period.each(unit):
        parts.append((label(part.since, unit), part))
        if len(parts) > MOST_BUCKETS:
            raise BadValue(f"That makes more than {MOST_BUCKETS} {unit}s.", "Take a shorter period.", field="by")
    return parts


def _placed(by: tuple[str, ...], group: tuple[str, ...], part: str) -> tuple[str, ...]:
    """Put the name of the month, quarter or year where the question has it."""
    rest = iter(group)
    return (*(part if name in UNITS else next(rest) for name in by), *rest)


def _order(group: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name.casefold(), name) for name in group)


def compared(report: Report) -> Mapping[Group, float]:
    """Return Holm's p of each group against all others together, where groups do not overlap.

    Only for one dimension that parts customers into groups; months and tags are not compared. Rows that a report
    has of its own (a question, a reason) are compared each with its like.
    """
    from refertrack.rules.statistics import different_from_rest

    if len(report.by) != 1 or report.by[0] not in CUSTOMER_DIMENSIONS or not report.definition.main:
        return {}
    return different_from_rest(*families(report))


def families(report: Report) -> list[dict[Group, Rate]]:
    """Return the main rate of each group, apart by what the report's rows are about."""
    rates: dict[Group, Rate] = {}
    sizes: dict[Group, int] = {}
    for line in report.rows:
        rate = line.values.get(report.definition.main)
        if isinstance(rate, Rate):
            rates[report.compared_as(line)] = rate
            sizes[line.group[:1]] = rate.n
    found: dict[Group, dict[Group, Rate]] = {}
    for group, rate in rates.items():
        found.setdefault(group[1:], {})[group] = rate
    if report.definition.absent_is_none:
        for own, family in found.items():
            family |= {(*group, *own): Rate(0, n) for group, n in sizes.items() if (*group, *own) not in family}
    return list(found.values())


def merged(*parts: Mapping[Group, Raw]) -> dict[Group, Raw]:
    """Bring together what several statements counted for the same groups."""
    found: dict[Group, Raw] = {}
    for part in parts:
        for group, values in part.items():
            found.setdefault(group, {}).update(values)
    return found
