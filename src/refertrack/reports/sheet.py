"""A report as a sheet of words, the same for a terminal and for a page: heads, rows, and how strong a cell is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from refertrack.reports.frame import ALL, Figure, Line, Report, Value
from refertrack.reports.words import NOTHING, words
from refertrack.rules.money import Money, to_decimal_string
from refertrack.rules.periods import UNITS
from refertrack.rules.statistics import Change, Difference, Middle, Rate, Score

NO_GROUP = "(none)"
CURRENCY = "currency"
SHARE, COUNT = "share", "count"  # units of a change that is no money
SHORTEST = 12  # letters of a name that stay together in a narrow table
LEGEND = "[ ] 95 % interval   * fewer than 30: only an indication"


@dataclass(frozen=True)
class Head:
    """A column's title, whether it is a number's, and what it means."""

    title: str
    right: bool = False
    definition: str = ""


@dataclass(frozen=True)
class Cell:
    """What stands in a cell; ``strength`` from 0 to 1 is its share of the largest in a cross table."""

    words: str
    strength: float | None = None


@dataclass(frozen=True)
class Sheet:
    """Heads, rows and the rows for all together."""

    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[tuple[Cell, ...], ...] = ()
    crossed: bool = False
    unit: str = ""  # the currency of all amounts, where its cells do not repeat it

    @property
    def uncertain(self) -> bool:
        """Whether a figure stands in it with an interval."""
        return any(
            head.right and "[" in cell.words
            for row in (*self.rows, *self.total)
            for head, cell in zip(self.heads, row, strict=True)
        )


def other_figures(report: Report) -> tuple[str, ...]:
    """Return the keys of the figures that a cross table could show instead, the everyday ones."""
    return tuple(each.key for each in report.definition.figures if each.key != report.shown and not each.detail)


def width_of(found: Sheet) -> int:
    """Return how wide a table is where nothing of it is folded."""
    return _beside_each_other(_widths(found))


def least_width(found: Sheet) -> int:
    """Return how wide a table must be so that no number is broken, and no name within its first twelve letters."""
    return _beside_each_other(_least_widths(found))


def fitted(found: Sheet, width: int) -> tuple[int, ...]:
    """Return the widths of a table's columns where it may be so wide: the widest gives way first."""
    widths, least = list(_widths(found)), _least_widths(found)
    while _beside_each_other(widths) > width:
        can = [place for place, wide in enumerate(widths) if wide > least[place]]
        if not can:
            break
        widths[max(can, key=lambda place: widths[place])] -= 1
    return tuple(widths)


def _widths(found: Sheet) -> list[int]:
    return _longest(found, lambda text, _: text.split("\n"), lambda title: [title])


def _least_widths(found: Sheet) -> list[int]:
    return _longest(found, lambda text, number: text.split("\n") if number else text[:SHORTEST].split(), str.split)


def _longest(found: Sheet, parts: Callable[[str, bool], list[str]], of_title: Callable[[str], list[str]]) -> list[int]:
    """Return the length of the longest part in each column."""
    lengths = []
    for place, head in enumerate(found.heads):
        texts = [each for row in (*found.rows, *found.total) for each in parts(row[place].words, head.right)]
        lengths.append(max(map(len, [*of_title(head.title), *texts]), default=0))
    return lengths


def _beside_each_other(widths: Sequence[int]) -> int:
    return sum(widths) + len(widths) - 1


def stacked(found: Sheet, names: int, width: int) -> list[list[str]]:
    """Return each row as lines for a narrow terminal: the group, then a figure a line.

    Args:
        found: the sheet.
        names: how many of its first columns name the group.
        width: how many columns the terminal has.

    """
    title = max((len(head.title) for head in found.heads[names:]), default=0)
    blocks = []
    for row in (*found.rows, *found.total):
        lines = [" · ".join(cell.words for cell in row[:names]) or ALL]
        for head, cell in zip(found.heads[names:], row[names:], strict=True):
            first, *more = cell.words.splitlines() or [""]
            line = "  ".join([f"  {head.title:<{title}}", first, *more])
            short = len(line) <= width
            lines += [line] if short else [f"  {head.title:<{title}}  {first}", " " * (title + 4) + " ".join(more)]
        blocks.append(lines)
    return blocks


def shown_keys(report: Report) -> tuple[str, ...]:
    """Return what rows are grouped by, less a currency that is the same in all."""
    place = report.keys.index(CURRENCY) if CURRENCY in report.keys else -1
    same = place >= 0 and len({line.group[place] for line in report.rows}) == 1
    return tuple(key for key in report.keys if not (same and key == CURRENCY))


def across(report: Report) -> int:
    """Return how many columns a cross table would have; 0 where there are not two dimensions to cross.

    Currencies are not crossed: amounts in them are not alike, and all figures of a group are told a row a currency.
    """
    keys = shown_keys(report)
    if len(keys) != 2 or CURRENCY in keys or not report.shown or not report.by:
        return 0
    return len({line.group[report.keys.index(keys[1])] for line in report.rows})


def sheet(report: Report, *, detail: bool = False, crossed: bool = False, bare: bool = False) -> Sheet:
    """Return a report in words: as a cross table of one figure, or all figures a row a group.

    With ``bare`` the cells do not repeat a currency that all amounts are in, or that stands in the row's own column.
    """
    if crossed:
        return _crossed(report)
    figures = [each for each in report.definition.figures if detail or not each.detail]
    lines = (*report.rows, *report.total)
    figures = [each for each in figures if any(line.values.get(each.key) is not None for line in lines)]
    keys = shown_keys(report)
    heads = [Head(key.replace("_", " ")) for key in keys]
    heads += [Head(each.title, each.kind != "words", each.definition) for each in figures]
    if detail and report.p_values:
        heads.append(Head("p", True, "Holm's p of Fisher's exact test of a group against all others together"))
    places = [report.keys.index(key) for key in keys]
    unit = _unit([line.values.get(figure.key) for line in lines for figure in figures]) if bare else ""
    shown = _Shown(tuple(places), tuple(figures), unit, bare, bool(detail and report.p_values))
    rows = tuple(_row(report, line, line.group, shown) for line in report.rows)
    total = tuple(_row(report, line, _whole(report, line), shown) for line in report.total)
    return Sheet(tuple(heads), rows, total, unit=unit)


@dataclass(frozen=True)
class _Shown:
    """What a row shows: where in its group its names stand, its figures, and the currency that is left out."""

    places: tuple[int, ...]
    figures: tuple[Figure, ...]
    unit: str
    bare: bool
    p_values: bool


def _unit(values: Iterable[Value]) -> str:
    """Return the currency of all amounts, where that is one and the same."""
    units = {value.currency for value in values if isinstance(value, Money)}
    return units.pop() if len(units) == 1 else ""


def _whole(report: Report, line: Line) -> tuple[str, ...]:
    return (ALL, *([NOTHING] * (len(report.by) - 1)), *line.group)


def _row(report: Report, line: Line, group: tuple[str, ...], shown: _Shown) -> tuple[Cell, ...]:
    cells = [Cell(group[place] or NO_GROUP) for place in shown.places]
    own = CURRENCY in report.keys and report.keys.index(CURRENCY) in shown.places
    unit = line.group[-1] if shown.bare and own else shown.unit
    cells += [Cell(_without(unit, line.values.get(figure.key))) for figure in shown.figures]
    if shown.p_values:
        one = len(line.group) == len(report.keys)
        cells.append(Cell(_p_words(report.p_values.get(report.compared_as(line)) if one else None)))
    return tuple(cells)


def _p_words(p_value: float | None) -> str:
    return NOTHING if p_value is None else "<0.001" if p_value < 0.001 else f"{p_value:.3f}"


def _crossed(report: Report) -> Sheet:
    """Return one figure with the first dimension down and the second across, and all together below."""
    first, second = (report.keys.index(key) for key in shown_keys(report))
    names = list(dict.fromkeys(line.group[second] for line in report.rows))
    if second < len(report.by) or report.keys[second] in UNITS:
        names.sort(key=lambda name: (name.casefold(), name))
    cells: dict[str, dict[str, Value]] = {}
    for line in report.rows:
        cells.setdefault(line.group[first], {})[line.group[second]] = main_value(report, line)
    if report.definition.absent_is_none:
        cells = {name: _none_of_as_many(row, names) for name, row in cells.items()}
    whole = {}
    if second >= len(report.by):
        whole = {line.group[second - len(report.by)]: main_value(report, line) for line in report.total}
    inside = [value for row in cells.values() for value in row.values()]
    most: dict[str, float] = {}
    for value in inside:
        most[_kind(value)] = max(most.get(_kind(value), 0.0), number(value) or 0.0)
    known = [value for value in (*inside, *whole.values()) if value is not None]
    units = {value.currency if isinstance(value, Money) else "" for value in known}
    unit = units.pop() if len(units) == 1 else ""
    heads = (Head(report.keys[first]), *(Head(name or NO_GROUP, True) for name in names))
    rows = tuple(
        (Cell(name or NO_GROUP), *(_cell(row.get(each), most, unit) for each in names)) for name, row in cells.items()
    )
    total = ((Cell(ALL), *(Cell(_without(unit, whole.get(each))) for each in names)),) if whole else ()
    return Sheet(heads, rows, total, crossed=True, unit=unit)


def _none_of_as_many(row: Mapping[str, Value], names: list[str]) -> dict[str, Value]:
    """Return a group's rates by name, with none of as many for the names that it has no row for."""
    of = max((rate.n for rate in row.values() if isinstance(rate, Rate)), default=0)
    return {name: row.get(name, Rate(0, of)) for name in names}


def _cell(value: Value, most: Mapping[str, float], unit: str) -> Cell:
    size, largest = number(value), most.get(_kind(value), 0.0)
    return Cell(_without(unit, value), max(0.0, size / largest) if size is not None and largest > 0 else None)


def _kind(value: Value) -> str:
    """Return what a figure may be compared with: amounts in its own currency, rates, counts."""
    return value.currency if isinstance(value, Money) else type(value).__name__


def _without(unit: str, value: Value) -> str:
    return words(value).removesuffix(f" {unit}") if unit else words(value)


def in_unit(value: float, unit: str) -> float:
    """Return a change as a number to draw: points of a percent, a count, or money in its currency's whole units."""
    if unit in {SHARE, COUNT}:
        return 100 * value if unit == SHARE else value
    return float(to_decimal_string(round(value), unit))


def main_value(report: Report, line: Line) -> Value:
    """Return the figure that is shown; for a question without it, its score."""
    value = line.values.get(report.shown)
    if value is not None:
        return value
    return next((each for each in line.values.values() if isinstance(each, Score)), None)


def number(value: Value) -> float | None:
    """Return a figure as a number to draw: a rate or a growth in percent, money in its currency's whole units."""
    if isinstance(value, Rate | Change):
        return None if value.value is None else 100 * value.value
    if isinstance(value, Score | Middle):
        return value.value
    if isinstance(value, Money):
        return float(to_decimal_string(value.amount_minor, value.currency))
    if isinstance(value, Difference):
        return in_unit(value.value, value.unit)
    return float(value) if isinstance(value, int | float) else None
