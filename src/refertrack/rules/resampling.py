"""Intervals by drawing anew: the bootstrap, with a fixed seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from operator import mul
from random import Random

from refertrack.rules.statistics import Difference

SEED = 7


@cache
def draws(bags: int, times: int) -> tuple[tuple[int, ...], ...]:
    """Return, so many times, how often each bag was drawn when as many bags as there are were drawn anew."""
    chance = Random(SEED)  # noqa: S311 - the same draws each time, no secret
    drawn = (Counter(chance.choices(range(bags), k=bags)) for _ in range(times))
    return tuple(tuple(counted[bag] for bag in range(bags)) for counted in drawn)


def percentiles(values: Sequence[float], tail: float) -> tuple[float, float]:
    """Return the values that leave a tail below and a tail above."""
    ordered = sorted(values)
    return ordered[int(len(ordered) * tail)], ordered[int(len(ordered) * (1 - tail)) - 1]


def difference_of_sums(now: Sequence[float], before: Sequence[float], unit: str, times: int = 400) -> Difference:
    """Return the difference of two sums over the same customers (by bag) with its 95 % interval."""
    changes = [later - earlier for later, earlier in zip(now, before, strict=True)]
    low, high = percentiles([sum(map(mul, weights, changes)) for weights in draws(len(changes), times)], 0.025)
    return Difference(sum(changes), low, high, unit)
