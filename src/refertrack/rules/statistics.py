"""How sure a figure is: intervals and tests, each with its source."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import erfc, exp, lgamma, log, sqrt
from typing import TypeVar

Z95 = 1.959963984540054  # the normal distribution's 97.5 % point
TAIL95 = 0.025  # what a 95 % interval leaves on either side
INDICATIVE_BELOW = 30
SUMMED_UP_TO = 200  # for more, Wilson and Hilferty's limits are less than a thousandth off
_HALVINGS = 60
K = TypeVar("K", bound=Hashable)


def wilson(k: int, n: int, z: float = Z95) -> tuple[float, float] | None:
    """Return the score interval of k of n (Wilson 1927; Newcombe 1998, method 3), None where n is 0."""
    if n == 0:
        return None
    share, square = k / n, z * z
    middle = share + square / (2 * n)
    half = z * sqrt(share * (1 - share) / n + square / (4 * n * n))
    below = 0.0 if k == 0 else (middle - half) / (1 + square / n)
    above = 1.0 if k == n else (middle + half) / (1 + square / n)
    return below, above


@dataclass(frozen=True)
class Rate:
    """So many of so many: never shown without its n."""

    k: int
    n: int

    @property
    def value(self) -> float | None:
        """The share from 0 to 1, None where n is 0."""
        return self.k / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % Wilson interval, None where n is 0."""
        return wilson(self.k, self.n)

    @property
    def indicative(self) -> bool:
        """Whether n is too small for more than an indication."""
        return self.n < INDICATIVE_BELOW


def fisher_exact(a: int, b: int, c: int, d: int) -> float:
    """Return the two-sided p of Fisher's exact test for the table ((a, b), (c, d)).

    The sum of the probabilities, under the hypergeometric distribution, of all tables with the same margins
    that are no more probable than the one observed (Fisher 1935). Probabilities fall on both sides of the
    most probable table, so each side is summed from where it begins until it adds nothing more: large
    tables cost no more than small ones.
    """
    row, column, total = a + b, a + c, a + b + c + d
    least, most = max(0, row + column - total), min(row, column)

    def log_probability(x: int) -> float:
        return _log_choose(column, x) + _log_choose(total - column, row - x) - _log_choose(total, row)

    observed = log_probability(a) + 1e-7
    top = min(most, max(least, (row + 1) * (column + 1) // (total + 2)))
    below = _last(least, top, lambda x: log_probability(x) <= observed)
    above = _last(-most, -top, lambda x: log_probability(-x) <= observed)
    if below is not None and below == top:  # the table observed is the most probable one
        return 1.0
    left = _tail(below, least, -1, log_probability) if below is not None else 0.0
    right = _tail(-above, most, 1, log_probability) if above is not None else 0.0
    return min(1.0, left + right)


def _last(first: int, end: int, holds: Callable[[int], bool]) -> int | None:
    """Return the last number from ``first`` to ``end`` for which something holds that holds for all before it."""
    if not holds(first):
        return None
    while first < end:
        middle = (first + end + 1) // 2
        if holds(middle):
            first = middle
        else:
            end = middle - 1
    return first


def _tail(start: int, end: int, step: int, log_probability: Callable[[int], float]) -> float:
    total = 0.0
    for x in range(start, end + step, step):
        term = exp(log_probability(x))
        total += term
        if term < total * 1e-17:
            break
    return total


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number (Holm 1979), in the order given."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def different_from_rest(*families: Mapping[K, Rate]) -> dict[K, float]:
    """Return, for each group, Holm's p of Fisher's exact test against all others of its family together.

    Holm adjusts for all groups of all families, since all of them are looked at.
    """
    found: dict[K, float] = {}
    for family in families:
        shown = {name: rate for name, rate in family.items() if rate.n}
        if len(shown) < 2:
            continue
        k, n = sum(rate.k for rate in shown.values()), sum(rate.n for rate in shown.values())
        found |= {
            name: fisher_exact(rate.k, rate.n - rate.k, k - rate.k, (n - rate.n) - (k - rate.k))
            for name, rate in shown.items()
        }
    return dict(zip(found, holm(list(found.values())), strict=True))


@dataclass(frozen=True)
class Middle:
    """The middle (median, or mean) of n values; None where n is 0."""

    value: float | None
    n: int


def median(counts: Mapping[int, int]) -> Middle:
    """Return the median of whole numbers that are given with how often each occurs."""
    n = sum(counts.values())
    if n == 0:
        return Middle(None, 0)
    low, high = (n - 1) // 2, n // 2
    seen, first = 0, None
    for value in sorted(counts):
        seen += counts[value]
        if first is None and seen > low:
            first = value
        if first is not None and seen > high:
            return Middle((first + value) / 2, n)
    raise AssertionError("counts do not add up")


@dataclass(frozen=True)
class Score:
    """A net promoter score: of n answers from 0 to 10, those of 9 and 10 less those of 0 to 6, in points."""

    promoters: int
    detractors: int
    n: int

    @property
    def value(self) -> float | None:
        """The score as it is, from -100 to 100; None where n is 0."""
        return 100 * (self.promoters - self.detractors) / self.n if self.n else None

    @property
    def error(self) -> float | None:
        """The standard error of the score."""
        if not self.n:
            return None
        up, down = self.promoters / self.n, self.detractors / self.n
        return 100 * sqrt((up + down - (up - down) ** 2) / self.n)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval, adjusted Wald: three quarters of an answer more on either side (Rocks 2016)."""
        if not self.n:
            return None
        adjusted = Score(4 * self.promoters + 3, 4 * self.detractors + 3, 4 * self.n + 12)
        middle, error = adjusted.value or 0.0, 2 * (adjusted.error or 0.0)
        return max(-100.0, middle - Z95 * error), min(100.0, middle + Z95 * error)

    @property
    def indicative(self) -> bool:
        """Whether n is too small for more than an indication."""
        return self.n < INDICATIVE_BELOW


@dataclass(frozen=True)
class Change:
    """From a figure to another, where both are amounts or counts."""

    now: float
    before: float

    @property
    def value(self) -> float | None:
        """The growth as a share of what was; None where that was nothing."""
        return (self.now - self.before) / self.before if self.before else None


@dataclass(frozen=True)
class Difference:
    """A change with its 95 % interval, in a unit: a share, a count, or minor units of a currency."""

    value: float
    low: float
    high: float
    unit: str = "share"

    @property
    def clear(self) -> bool:
        """Whether it is more than chance: the interval does not span zero."""
        return self.low > 0 or self.high < 0

    def stretched(self, times: float) -> Difference:
        """Return it with both ends so many times as far away."""
        low, high = (self.value + (end - self.value) * times for end in (self.low, self.high))
        return Difference(self.value, low, high, self.unit)


def difference(now: Rate, before: Rate, z: float = Z95) -> tuple[float, float, float] | None:
    """Return the difference of two rates and its interval, of 95 % if not said (Newcombe 1998b, method 10)."""
    later, earlier = wilson(now.k, now.n, z), wilson(before.k, before.n, z)
    if now.value is None or before.value is None or later is None or earlier is None:
        return None
    change = now.value - before.value
    return (
        change,
        change - _apart(now.value - later[0], earlier[1] - before.value),
        change + _apart(later[1] - now.value, before.value - earlier[0]),
    )


def difference_of_rates(now: Rate, before: Rate, tail: float = TAIL95) -> Difference | None:
    """Return the difference of two rates as a figure, with an interval that leaves a tail on either side."""
    found = difference(now, before, normal_point(tail))
    return Difference(*found) if found else None


def difference_of_counts(now: int, before: int, tail: float = TAIL95) -> Difference:
    """Return the difference of two Poisson counts, with an interval that leaves a tail on either side.

    The limits of each count are brought together as Zou and Donner (2008; for Poisson rates Li, Tang, Poon and Tang
    2011) do: from the change to its lower end is the root of the squares of how far the later count may be below
    and the earlier one above what was seen. Unlike the normal approximation it is right for few: 5 against 0
    may be chance, 6 against 0 is more.
    """
    change = now - before
    (later_low, later_high), (low, high) = poisson_limits(now, tail), poisson_limits(before, tail)
    return Difference(
        change,
        change - _apart(now - later_low, high - before),
        change + _apart(later_high - now, before - low),
        "count",
    )


def _apart(one: float, other: float) -> float:
    return sqrt(one * one + other * other)


@lru_cache(maxsize=4096)
def poisson_limits(count: int, tail: float = TAIL95) -> tuple[float, float]:
    """Return the exact limits of a Poisson mean (Garwood 1936).

    They are the means for which so many or more, and so many or fewer, have the probability ``tail``. Large counts
    have the approximation of Wilson and Hilferty (1931).
    """
    if count > SUMMED_UP_TO:
        z = normal_point(tail)
        return _cubed(count, -z), _cubed(count + 1, z)
    widest = count + 10 * sqrt(count + 1) - 4 * log(tail)
    low = _first_above(lambda mean: 1 - _up_to(count - 1, mean) >= tail, float(count)) if count else 0.0
    return low, _first_above(lambda mean: _up_to(count, mean) <= tail, widest)


def _cubed(count: int, z: float) -> float:
    return float(count * (1 - 1 / (9 * count) + z / (3 * sqrt(count))) ** 3)


def _up_to(count: int, mean: float) -> float:
    """Return the probability of so many or fewer for a Poisson mean."""
    term = total = exp(-mean)
    for number in range(1, count + 1):
        term *= mean / number
        total += term
    return total


@lru_cache(maxsize=256)
def normal_point(tail: float) -> float:
    """Return the point of the normal distribution above which lies a tail."""
    return Z95 if tail == TAIL95 else _first_above(lambda z: erfc(z / sqrt(2)) / 2 <= tail, 40.0)


def _first_above(holds: Callable[[float], bool], high: float) -> float:
    """Return the number from 0 to ``high`` from which on something holds, by halving."""
    low = 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
