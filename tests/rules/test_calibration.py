"""What earlier forecasts missed, and an interval that allows for it."""

from __future__ import annotations

from math import ceil
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refertrack.rules.calibration import Past, TrackRecord, allowance, allowing, track_record
from refertrack.rules.forecast import Forecast

MISSED = [Past(100, fact) for fact in (90, 120, 70, 101, 60)]  # by 10, 20, 30, 1 and 40 %


def test_the_allowance_by_hand() -> None:
    assert allowance(MISSED) == pytest.approx(0.4)  # the ⌈0.8 × 6⌉ = 5th smallest of five
    assert allowance(MISSED[:4]) == pytest.approx(0.3)  # the 4th of four
    assert allowance([*MISSED, *MISSED[:4]]) == pytest.approx(0.3)  # the 8th of 1 1 10 10 20 20 30 30 40
    assert allowance(MISSED[:3]) is None


@given(st.lists(st.floats(0, 1000), min_size=4, max_size=60))
def test_numpy_finds_the_same_quantile(facts: list[float]) -> None:
    tried = [Past(100, fact) for fact in facts]
    level = min(1.0, ceil(0.8 * (len(facts) + 1) - 1e-9) / len(facts))
    misses = [abs(fact - 100) / 100 for fact in facts]
    assert allowance(tried) == pytest.approx(np.quantile(misses, level, method="inverted_cdf"))


def test_an_interval_becomes_wider_and_never_narrower() -> None:
    narrow = Forecast(0, 0.0, 0.0, 1000.0, 950.0, 1040.0)
    assert (allowing(narrow, MISSED).low, allowing(narrow, MISSED).high) == pytest.approx((600.0, 1400.0))
    wide = Forecast(0, 0.0, 0.0, 1000.0, 100.0, 1900.0)
    assert allowing(wide, MISSED) == wide
    assert allowing(narrow, MISSED[:3]) == narrow
    assert allowing(narrow, [Past(100, 350)] * 4).low == 0.0  # no revenue is less than none


def test_four_of_five_next_facts_lie_within() -> None:
    """Where times do not change, the share of next ones inside is the one that is promised."""
    chance = Random(5)
    inside = 0
    for _ in range(2000):
        *tried, following = (Past(100, 100 * chance.lognormvariate(-0.3, 0.3)) for _ in range(13))
        inside += abs(following.miss) <= (allowance(tried) or 0)
    assert inside / 2000 == pytest.approx(11 / 13, abs=0.025)  # the 11th of 12: at least 80 %


def test_the_record_of_earlier_forecasts() -> None:
    assert track_record(MISSED) == TrackRecord(5, 3, 2, pytest.approx(-0.1))
    assert track_record([]) == TrackRecord(0, 0, 0, 0.0)
