"""How sure a figure is: intervals and tests, each with its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma, sqrt

Z95 = 1.959963984540054  # the normal distribution's 97.5 % point
INDICATIVE_BELOW = 30


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
    that are no more probable than the one observed (Fisher 1935).
    """
    row, column, total = a + b, a + c, a + b + c + d
    least, most = max(0, row + column - total), min(row, column)

    def log_probability(x: int) -> float:
        return _log_choose(column, x) + _log_choose(total - column, row - x) - _log_choose(total, row)

    observed = log_probability(a)
    return min(1.0, sum(exp(p) for x in range(least, most + 1) if (p := log_probability(x)) <= observed + 1e-7))


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


def different_from_rest(groups: Mapping[str, Rate]) -> dict[str, float]:
    """Return, for each group, Holm's p of Fisher's exact test against all other groups together."""
    shown = {name: rate for name, rate in groups.items() if rate.n}
    if len(shown) < 2:
        return {}
    k, n = sum(rate.k for rate in shown.values()), sum(rate.n for rate in shown.values())
    p_values = [
        fisher_exact(rate.k, rate.n - rate.k, k - rate.k, (n - rate.n) - (k - rate.k)) for rate in shown.values()
    ]
    return dict(zip(shown, holm(p_values), strict=True))
