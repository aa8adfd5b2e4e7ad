"""A figure in words for people, and as plain values for scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from refertrack.reports.frame import Figure, Value
from refertrack.rules.money import Money, format_money, to_decimal_string
from refertrack.rules.statistics import Change, Difference, Middle, Rate, Score

NOTHING = "–"
NEW = "new"
SMALL = 10


def words(value: Value) -> str:
    """Return a figure for people; what has an interval takes two lines."""
    for kind, told in _TOLD:
        if isinstance(value, kind):
            return str(told(value))
    return NOTHING if value is None else str(value)


def change_words(change: Change) -> str:
    """Return a growth: +12 %, new where there was nothing before."""
    if change.value is None:
        return NEW if change.now else NOTHING
    return f"{100 * change.value:+.0f}%"


def _rate(rate: Rate) -> str:
    value, interval = rate.value, rate.interval
    if value is None or interval is None:
        return NOTHING
    mark = "*" if rate.indicative else ""
    low, high = interval
    return f"{rate.k:,} of {rate.n:,}\n{100 * value:.0f}% [{100 * low:.0f}–{100 * high:.0f}]{mark}"


def _score(score: Score) -> str:
    value, interval = score.value, score.interval
    if value is None or interval is None:
        return NOTHING
    mark = "*" if score.indicative else ""
    count = f"{score.n:,} answer{'' if score.n == 1 else 's'}"
    return f"{count}\n{value:+.0f} [{interval[0]:+.0f} to {interval[1]:+.0f}]{mark}"


def _number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".") if value != int(value) else f"{int(value):,}"


def _middle(middle: Middle) -> str:
    return NOTHING if middle.value is None else _number(middle.value)


def _difference(change: Difference) -> str:
    """Return a change with its interval: points of a percent, a count, or money."""
    if change.unit == "share":
        value, low, high = (f"{100 * each:+.0f}" for each in (change.value, change.low, change.high))
        value += " points"
    elif change.unit == "count":
        value, low, high = f"{change.value:+,.0f}", _end(change.low), _end(change.high)
    else:
        value, low, high = (
            f"{'+' if each > 0 else ''}{format_money(round(each), change.unit)}"
            for each in (change.value, change.low, change.high)
        )
        low, high = low.removesuffix(f" {change.unit}"), high.removesuffix(f" {change.unit}")
    return f"{value}\n[{low} to {high}]{'' if change.clear else ' may be chance'}"


def _end(count: float) -> str:
    """Return an end of a count's interval: of small ones with a tenth, so that what is clear is not told as zero."""
    return f"{count:+,.1f}" if abs(count) < SMALL else f"{count:+,.0f}"


_TOLD: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (Rate, _rate),
    (Score, _score),
    (Middle, _middle),
    (Change, change_words),
    (Difference, _difference),
    (Money, lambda money: format_money(money.amount_minor, money.currency)),
    (int, lambda count: f"{count:,}"),
    (float, _number),
)


def fields(figures: tuple[Figure, ...]) -> tuple[str, ...]:
    """Return the keys of figures in JSON and CSV, in their order."""
    own = {figure.key for figure in figures}
    found: dict[str, None] = {}
    for figure in figures:
        for key in _keys(figure, own):
            found[key] = None
    return tuple(found)


def _keys(figure: Figure, own: set[str]) -> Iterator[str]:
    stem = figure.stem or figure.key
    yield from (key for key in figure.of if key and key not in own)
    yield figure.key
    if figure.kind == "difference":
        yield from (f"{stem}_low", f"{stem}_high", f"{stem}_unit", f"{stem}_clear")
    if figure.kind in {"rate", "score"}:
        yield from (f"{stem}_low", f"{stem}_high", f"{stem}_indicative")
    if figure.kind == "days":
        yield f"{stem}_of"


def record(figures: tuple[Figure, ...], values: Mapping[str, Value]) -> dict[str, Any]:
    """Return figures as flat plain values with stable keys: each rate with its numerator and denominator."""
    found: dict[str, Any] = {}
    for figure in figures:
        found.update(_plain(figure, values.get(figure.key)))
    found.update({key: value for key, value in values.items() if isinstance(value, int | str)})
    return found


def _plain(figure: Figure, value: Value) -> dict[str, Any]:
    key, stem, (top, bottom) = figure.key, figure.stem or figure.key, figure.of
    if isinstance(value, Rate | Score):
        low, high = value.interval or (None, None)
        counts = {top: value.k, bottom: value.n} if isinstance(value, Rate) else {bottom: value.n}
        return {
            **counts,
            key: _rounded(value.value),
            f"{stem}_low": _rounded(low),
            f"{stem}_high": _rounded(high),
            f"{stem}_indicative": value.indicative,
        }
    if isinstance(value, Middle):
        count = f"{stem}_of" if figure.kind == "days" else bottom
        return {key: _rounded(value.value), **({count: value.n} if count else {})}
    if isinstance(value, Difference):
        return {key: _in_unit(value.value, value.unit), f"{stem}_low": _in_unit(value.low, value.unit),
                f"{stem}_high": _in_unit(value.high, value.unit), f"{stem}_unit": value.unit,
                f"{stem}_clear": value.clear}  # fmt: skip
    if isinstance(value, Change):
        return {key: _rounded(value.value)}
    if isinstance(value, Money):
        return {key: to_decimal_string(value.amount_minor, value.currency)}
    return {key: _rounded(value) if isinstance(value, float) else value}


def _in_unit(value: float, unit: str) -> Any:
    return _rounded(value) if unit in {"share", "count"} else to_decimal_string(round(value), unit)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
