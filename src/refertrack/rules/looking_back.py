"""What one would have forecast at the end of an earlier month, knowing only what was known then, and what then came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from refertrack.rules.dates import add_months
from refertrack.rules.forecast import Columns, History, Key, collect
from refertrack.rules.periods import Period


class Sale(NamedTuple):
    """The months that decide when a purchase counts, each by its first day.

    When it was ordered, when its customer first bought, was won by referral and left, and when it was cancelled or
    returned; ``NEVER`` where that did not happen.
    """

    ordered: date
    first: date
    won: date
    ended: date
    left: date


Sales = Mapping[Sale, int]
People = Mapping[tuple[date, date], int]  # customers by the months of their first purchase and of their leaving


def year_until(day: date) -> Period:
    """Return the 12 months that end on a day."""
    return Period(add_months(day, -12) + timedelta(days=1), day)


def months_ahead(day: date, months: int) -> Period:
    """Return the months after a month's end that a forecast is about."""
    first = day + timedelta(days=1)
    return Period(first, add_months(first, months) - timedelta(days=1))


def exposed(first_month: date, year: Period) -> float:
    """Return how many of 12 months one was an existing customer: from the month after the first purchase on."""
    begun = max(year.since, add_months(first_month, 1))
    return max(0, (year.until - begun).days + 1) * 12 / year.days


def came(sales: Sales, span: Period, known_on: date) -> int:
    """Return the revenue of some months: from those who were customers before, and from those won by referral since."""
    return sum(
        amount
        for sale, amount in sales.items()
        if span.since <= sale.ordered <= span.until
        and sale.ended > known_on
        and (sale.first < span.since or span.since <= sale.won <= span.until)
    )


def sums_on(
    day: date, months: int, sales: Sales, people: People, histories: Iterable[History], each: int = 1
) -> dict[Key, float]:
    """Return the sums of which a forecast at a month's end is made, out of what was known then.

    Where the histories are those of a sample of referrers, ``each`` of them stands for so many.
    """
    columns, year = Columns(), year_until(day)
    collect((own.until(day) for own in histories), day, months, columns)  # without moves it was not known yet
    sums = {key: each * amount for key, amount in columns.total().items()}
    sums[("existing",)] = sum(
        amount
        for sale, amount in sales.items()
        if year.since <= sale.ordered <= day and sale.first < sale.ordered and sale.ended > day < sale.left
    )
    here = [(first, count) for (first, left), count in people.items() if first <= day < left]
    sums[("buyers",)] = sum(count for _, count in here)
    sums[("exposed",)] = sum(count * exposed(first, year) for first, count in here)
    return sums
