"""How much revenue the next months will bring by referral and from existing customers, and how sure that is.

All figures are ratios of sums over customers. Customers are put into bags; an interval comes from drawing as many bags
anew, many times (the bootstrap of Efron 1979, with a fixed seed, so that the same data give the same interval).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from operator import mul

from refertrack.rules.dates import add_months
from refertrack.rules.referrals import OPEN_STATES, state_today
from refertrack.rules.resampling import draws, percentiles
from refertrack.rules.words import ReferralState

BAGS, DRAWS = 200, 400
TAIL = 0.1  # an 80 % interval
AGES = 6  # months, the last one open: a referral that nobody moves expires after 180 days
later = cache(add_months)  # the same few days again and again
Key = tuple[str | int, ...]
Sums = Mapping[Key, float]


@dataclass(frozen=True)
class History:
    """A referral as far as it was known on a day: its moves, and what the person bought once won."""

    bag: int
    received_on: date
    moves: tuple[tuple[date, str], ...]
    bought: tuple[tuple[date, int], ...] = ()

    def until(self, day: date) -> History:
        """Return it as it was known on a day."""
        moves, bought = (tuple(each for each in found if each[0] <= day) for found in (self.moves, self.bought))
        return History(self.bag, self.received_on, moves, bought)  # type: ignore[arg-type]

    @property
    def won_on(self) -> date | None:
        """The day it was won, if it still is."""
        return self.moves[-1][0] if self.moves and self.moves[-1][1] == ReferralState.WON else None

    def open_on(self, day: date) -> str:
        """Return the state on a day if it was open then, else ''."""
        known = [(moved_on, state) for moved_on, state in self.moves if moved_on <= day]
        if not known:
            return ""
        state = state_today(known[-1][1], known[-1][0], day)
        return state if state in OPEN_STATES else ""


@dataclass
class Columns:
    """Sums by bag, those that hold something: what every replicate weighs anew."""

    by_key: dict[Key, dict[int, float]] = field(default_factory=dict)

    def add(self, bag: int, key: Key, amount: float = 1) -> None:
        """Add to a sum."""
        column = self.by_key.setdefault(key, {})
        column[bag] = column.get(bag, 0.0) + amount

    def total(self) -> dict[Key, float]:
        """Return the sums over all bags."""
        return {key: sum(column.values()) for key, column in self.by_key.items()}

    def __add__(self, other: Columns) -> Columns:
        """Return the sums of both together."""
        found = Columns({key: dict(column) for key, column in self.by_key.items()})
        for key, column in other.by_key.items():
            for bag, amount in column.items():
                found.add(bag, key, amount)
        return found

    def weighed(self, every: Sequence[Sequence[int]]) -> Iterator[dict[Key, float]]:
        """Give, for each draw, the sums where each bag counts as often as it was drawn."""
        full = [(key, [column.get(bag, 0.0) for bag in range(BAGS)]) for key, column in self.by_key.items()]
        dense = [(key, sums) for key, sums in full if len(self.by_key[key]) > BAGS // 3]
        few = [(key, tuple(column), tuple(column.values())) for key, column in self.by_key.items()
               if len(column) <= BAGS // 3]  # fmt: skip
        for weights in every:
            found = {key: sum(map(mul, map(weights.__getitem__, bags), sums)) for key, bags, sums in few}
            found.update((key, sum(map(mul, weights, sums))) for key, sums in dense)
            yield found


def collect(histories: Iterable[History], as_of: date, months: int, columns: Columns) -> None:
    """Add up what referrals of the past tell: conversion by state and age, by time, revenue after a win."""
    matured, year_ago = later(as_of, -months), later(as_of, -12)
    for history in histories:
        if not history.moves or history.moves[-1][1] == ReferralState.DISQUALIFIED:
            continue
        bag, won_on = history.bag, history.won_on
        if history.received_on > year_ago:
            columns.add(bag, ("received",))
        if history.received_on <= matured:
            _conversion(columns, bag, ("all",), history.received_on, won_on, months, first=0)
        _observed(columns, history, matured, months)
        state = history.open_on(as_of)
        if state:
            columns.add(bag, ("open", state, _age(history.received_on, as_of)))
        if won_on is not None:
            _revenue(columns, history, won_on, as_of, months)


def _conversion(
    columns: Columns, bag: int, key: Key, seen_on: date, won_on: date | None, months: int, *, first: int
) -> None:
    columns.add(bag, ("of", *key))
    if won_on is None:
        return
    for month in range(first, months + 1):
        if won_on <= later(seen_on, month):
            columns.add(bag, ("won", *key, month))


def _observed(columns: Columns, history: History, matured: date, months: int) -> None:
    """Look at a referral once in each month of its age while it was open."""
    for age in range(AGES):
        day = later(history.received_on, age)
        state = history.open_on(day) if day <= matured else ""
        if state:
            for key in ((state, age), (state,)):
                _conversion(columns, history.bag, key, day, history.won_on, months, first=1)


def _age(received_on: date, day: date) -> int:
    months = (day.year - received_on.year) * 12 + day.month - received_on.month
    return max(0, min(months - (later(received_on, months) > day), AGES - 1))


def _revenue(columns: Columns, history: History, won_on: date, as_of: date, months: int) -> None:
    for month in range(months + 1):
        end = later(won_on, month)
        if end <= as_of:
            columns.add(history.bag, ("customers", month))
            columns.add(history.bag, ("revenue", month), sum(amount for on, amount in history.bought if on <= end))


@dataclass(frozen=True)
class Forecast:
    """What the months ahead will bring, in minor units: by referrals still open, by those to come, by existing ones.

    ``low`` and ``high`` are the 80 % interval of the sum.
    """

    open: int
    pipeline: float
    coming: float
    existing: float
    low: float = 0.0
    high: float = 0.0

    @property
    def total(self) -> float:
        """All together."""
        return self.pipeline + self.coming + self.existing


def forecast(columns: Columns, months: int, rest: Sums) -> Forecast:
    """Return the forecast with its interval.

    Args:
        columns: the sums of a group by bag; ``("existing",)`` holds the revenue of up to 12 months from those who were
            customers in an earlier month, ``("exposed",)`` how many months each of them was one, ``("buyers",)``
            how many customers there are now.
        months: how far to look ahead.
        rest: the sums of all customers, for what a group has no experience of its own with.

    """
    point = expected(columns.total(), months, rest)
    drawn = [expected(sums, months, rest).total for sums in columns.weighed(draws(BAGS, DRAWS))]
    low, high = percentiles(drawn, TAIL)
    return replace(point, low=low, high=high)


def expected(sums: Sums, months: int, rest: Sums) -> Forecast:
    """Return the forecast of some sums, without an interval."""
    value = _value(sums, rest)
    pipeline, waiting = 0.0, 0.0
    for key, count in sums.items():
        if key[0] == "open" and count:
            waiting += count
            curve = _curve(sums, rest, (key[1:], key[1:2], ("all",)), months)
            pipeline += count * _worth(curve, months, value, first=1)
    arriving = sums.get(("received",), 0.0) / 12
    curve = _curve(sums, rest, (("all",),), months)
    coming = sum(arriving * _worth(curve, months - month, value, first=0) for month in range(1, months + 1))
    existing = sums.get(("buyers",), 0.0) * _monthly(sums, rest) * months
    return Forecast(round(waiting), pipeline, coming, existing)


def _monthly(sums: Sums, rest: Sums) -> float:
    """Return what an existing customer buys in a month: the group's own mean, else all customers'."""
    for source in (sums, rest):
        exposed = source.get(("exposed",), 0.0)
        if exposed > 0:
            return source.get(("existing",), 0.0) / exposed
    return 0.0


def _curve(sums: Sums, rest: Sums, keys: Sequence[Key], months: int) -> list[float]:
    """Return the share won within 0, 1, 2 … months: the group's own, else all customers', else of what is like it."""
    for key in keys:
        for source in (sums, rest):
            of = source.get(("of", *key), 0.0)
            if of > 0:
                return [source.get(("won", *key, month), 0.0) / of for month in range(months + 1)]
    return [0.0] * (months + 1)


def _value(sums: Sums, rest: Sums) -> Callable[[int], float]:
    """Return a function: the mean revenue of a won customer within so many months."""

    def within(month: int) -> float:
        for source in (sums, rest):
            for shorter in range(month, -1, -1):
                customers = source.get(("customers", shorter), 0.0)
                if customers > 0:
                    return source.get(("revenue", shorter), 0.0) / customers
        return 0.0

    return within


def _worth(curve: Sequence[float], months: int, value: Callable[[int], float], *, first: int) -> float:
    """Return what one referral brings in the months that remain: won in each of them × revenue after it."""
    total, before = 0.0, 0.0 if first == 0 else curve[0]
    for month in range(first, months + 1):
        total += max(0.0, curve[month] - before) * value(months - month)
        before = curve[month]
    return total
