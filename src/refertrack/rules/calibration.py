"""How far off earlier forecasts were, and an interval that allows for it.

The bootstrap tells how much chance there is between customers; it knows nothing of times that change. What earlier
forecasts missed by tells both. The interval reaches as far as eight of ten of them missed: split conformal prediction
with the miss as a share of the forecast for its score (Lei, G'Sell, Rinaldo, Tibshirani & Wasserman 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from refertrack.rules.forecast import Forecast

ENOUGH = 4  # with fewer no miss has four fifths of all below it


@dataclass(frozen=True)
class Past:
    """An earlier forecast, and what then came."""

    forecast: float
    fact: float

    @property
    def miss(self) -> float:
        """How far the fact was from the forecast, as a share of the forecast; below 0 less came."""
        return (self.fact - self.forecast) / self.forecast


def allowance(tried: Sequence[Past]) -> float | None:
    """Return the share of a forecast that four fifths of the earlier ones missed by at most; None where too few are.

    Of n misses it is the ⌈0.8 (n + 1)⌉-th smallest, so that a next one like them lies within in 80 % of cases.
    """
    rank = -(-8 * (len(tried) + 1) // 10)
    return sorted(abs(each.miss) for each in tried)[rank - 1] if rank <= len(tried) else None


def allowing(found: Forecast, tried: Sequence[Past]) -> Forecast:
    """Widen a forecast's interval by what earlier ones missed; it never becomes narrower."""
    share = allowance(tried)
    if share is None:
        return found
    return replace(
        found,
        low=min(found.low, max(0.0, found.total * (1 - share))),
        high=max(found.high, found.total * (1 + share)),
    )


@dataclass(frozen=True)
class TrackRecord:
    """How earlier forecasts did: how many were tried, of them the facts below and above, and the middle miss."""

    tried: int
    below: int
    above: int
    middle: float


def track_record(tried: Sequence[Past]) -> TrackRecord:
    """Return how earlier forecasts did."""
    misses = [each.miss for each in tried]
    below, above = sum(miss < 0 for miss in misses), sum(miss > 0 for miss in misses)
    return TrackRecord(len(misses), below, above, median(misses) if misses else 0.0)
