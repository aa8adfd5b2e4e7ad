"""What deliveries of the past say about a promise, and how long a thing lasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from refertrack.rules.dates import parse_period, span_words
from refertrack.rules.errors import BadValue
from refertrack.rules.schedule import Event
from refertrack.rules.sentences import ORDER, day_words
from refertrack.rules.statistics import wilson

NINE_OF_TEN = 0.9
# A product's own deliveries count from so many on; before that those of all products do.
OWN_DELIVERIES = 5
OWN_PURCHASES = 3
LEAD_DAYS = 14
MOST_DAYS = 36_500
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


@dataclass(frozen=True)
class Kept:
    """How many of the deliveries of the past took at most so many days, and how many days 90 % of them needed.

    ``product`` is empty where there are too few of its own, and all deliveries were counted.
    """

    days: int
    product: str
    n: int
    within: int
    needed: int | None
    interval: tuple[float, float] | None

    @property
    def share(self) -> float | None:
        """The share of deliveries within the days, None where there are none."""
        return self.within / self.n if self.n else None

    @property
    def risky(self) -> bool:
        """Whether the history, where it is long enough, says that such a promise would often be broken."""
        return self.share is not None and self.share < NINE_OF_TEN and self.n >= OWN_DELIVERIES


def kept_within(days: int, product: str, own: Mapping[int, int], every: Mapping[int, int]) -> Kept:
    """Return how often a promise of so many days would have been kept.

    Args:
        days: from the order to the delivery.
        product: its name; "" for no product in particular.
        own: deliveries of the product, by the days that they took.
        every: all deliveries.

    Raises:
        BadValue: the days are none.

    """
    if not 0 <= days <= MOST_DAYS:
        raise BadValue(f"{days} days cannot be promised.", "Give a whole number of days from 0 on.", field="days")
    is_own = bool(product) and sum(own.values()) >= OWN_DELIVERIES
    counts = own if is_own else every
    n = sum(counts.values())
    within = sum(count for took, count in counts.items() if took <= days)
    return Kept(days, product if is_own else "", n, within, days_for(NINE_OF_TEN, counts), wilson(within, n))


def days_for(share: float, counts: Mapping[int, int]) -> int | None:
    """Return the fewest days within which such a share was delivered; None where nothing was."""
    n, sofar = sum(counts.values()), 0
    for took in sorted(counts):
        sofar += counts[took]
        if sofar >= share * n - 1e-9:
            return took
    return None


def kept_words(kept: Kept) -> str:
    """Say what history says about a promise."""
    if not kept.n or kept.share is None:
        return "No delivery is on record yet, so nothing can be said about it."
    of = f"of {kept.product}" if kept.product else "of all products"
    words = (
        f"{kept.within} of {kept.n} deliver{'ies' if kept.n != 1 else 'y'} {of} took at most {span_words(kept.days)}"
        f" ({kept.share:.0%})".replace("%", " %")
    )
    few = " That is too few to go by." if kept.n < OWN_DELIVERIES else ""
    return f"{words}; 90 % needed up to {span_words(kept.needed or 0)}.{few}"


def own_interval(days: Iterable[date]) -> int | None:
    """Return the median number of days between a customer's purchases; None for fewer than three days of purchase."""
    distinct = sorted(set(days))
    if len(distinct) < OWN_PURCHASES:
        return None
    return int(median((later - earlier).days for earlier, later in pairwise(distinct)))


def reminder_day(delivered_on: date, lifetime_days: int) -> date:
    """Return the day on which to offer the next one: 14 days before it is used up.

    What lasts less than four weeks is offered when half of it is over.
    """
    return delivered_on + timedelta(days=lifetime_days - min(LEAD_DAYS, lifetime_days // 2))


def parse_days(text: str, *, field: str) -> int | None:
    """Read a span such as 90, "90 days", "18 months" or "2 years" as days; "none" is no span.

    A month counts 30 days, a year 365.

    Raises:
        BadValue: it is no span, or none from 1 day to 100 years.

    """
    words = text.strip().casefold()
    if words in {"", "none"}:
        return None
    count, unit = (int(words), "day") if words.isdecimal() and len(words) < 8 else parse_period(words)
    days = count * _DAYS[unit]
    if not 0 < days <= MOST_DAYS:
        raise BadValue(
            f'The {field} cannot be "{text.strip()}".', "Give 1 day to 100 years: 90, 18 months, 2 years.", field=field
        )
    return days


def late_event(
    purchase_id: int, customer_id: int, what: str, delivered_on: date | None, promised_on: date | None
) -> list[Event]:
    """Return what a late delivery calls for: an apology."""
    if delivered_on is None or promised_on is None or delivered_on <= promised_on:
        return []
    late = span_words((delivered_on - promised_on).days)
    because = f"{_named(what)} came {late} late, promised for {day_words(promised_on)}"
    return [Event("delivered_late", customer_id, delivered_on, "purchase", purchase_id, because)]


def replacement_event(purchase_id: int, customer_id: int, what: str, delivered_on: date, lifetime_days: int) -> Event:
    """Return the day before something is used up on which to offer the next one."""
    over = delivered_on + timedelta(days=lifetime_days)
    on = reminder_day(delivered_on, lifetime_days)
    because = f"{_named(what)} lasts until about {day_words(over)}"
    return Event("replacement", customer_id, on, "purchase", purchase_id, because)


def _named(what: str) -> str:
    return "the order" if what == ORDER else what
