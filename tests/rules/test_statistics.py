"""Intervals and tests against published figures."""

from __future__ import annotations

from collections import Counter
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refertrack.rules.statistics import (
    SUMMED_UP_TO,
    Change,
    Middle,
    Rate,
    Score,
    difference,
    difference_of_counts,
    difference_of_rates,
    different_from_rest,
    fisher_exact,
    holm,
    median,
    normal_point,
    poisson_limits,
    wilson,
)  # fmt: skip


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [  # Newcombe 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (30, 50, 0.4618, 0.7239),
    ],
)
def test_wilsons_interval_is_newcombes(k: int, n: int, low: float, high: float) -> None:
    found = wilson(k, n)
    assert found is not None
    assert (round(found[0], 4), round(found[1], 4)) == (low, high)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_the_share_and_stays_within_0_and_1(counts: tuple[int, int]) -> None:
    k, n = counts
    low, high = wilson(k, n) or (2, 2)
    assert 0 <= low <= k / n <= high <= 1


def test_a_rate_of_nobody_is_none() -> None:
    assert (Rate(0, 0).value, Rate(0, 0).interval, Rate(0, 0).indicative) == (None, None, True)
    assert (Rate(15, 30).indicative, Rate(15, 29).indicative) == (False, True)


def exact(a: int, b: int, c: int, d: int) -> float:
    """Fisher's test in whole numbers: the oracle."""
    row, column, total = a + b, a + c, a + b + c + d
    ways = {
        x: comb(column, x) * comb(total - column, row - x)
        for x in range(max(0, row + column - total), min(row, column) + 1)
    }
    return sum(way for way in ways.values() if way <= ways[a]) / comb(total, row)


@pytest.mark.parametrize(
    ("table", "p_value"),
    [((3, 1, 1, 3), 0.4857), ((8, 2, 1, 5), 0.0350), ((0, 10, 10, 0), 0.0000108), ((5, 5, 5, 5), 1.0)],
)  # the first is Fisher's lady tasting tea, both sides
def test_fishers_test(table: tuple[int, int, int, int], p_value: float) -> None:
    assert fisher_exact(*table) == pytest.approx(p_value, abs=5e-5)


@given(*[st.integers(0, 60)] * 4)
def test_fishers_test_agrees_with_whole_numbers(a: int, b: int, c: int, d: int) -> None:
    assert fisher_exact(a, b, c, d) == pytest.approx(exact(a, b, c, d), rel=1e-6, abs=1e-9)


def test_holm_adjusts_for_the_number_of_groups() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_a_group_is_compared_with_all_others_together() -> None:
    groups = {"Retail": Rate(8, 210), "Private": Rate(61, 512), "Guest house": Rate(14, 84), "new": Rate(0, 0)}
    found = different_from_rest(groups)
    assert set(found) == {"Retail", "Private", "Guest house"}
    assert found["Retail"] < 0.001
    assert found["Private"] > 0.05
    assert different_from_rest({"one": Rate(1, 2)}) == {}


def test_scipy_and_statsmodels_agree() -> None:
    from scipy.stats import fisher_exact as scipys
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

    for table in ((8, 202, 75, 521), (14, 70, 69, 653), (3000, 97_000, 3300, 96_700), (0, 5, 7, 9)):
        a, b, c, d = table
        assert fisher_exact(*table) == pytest.approx(scipys([[a, b], [c, d]])[1], rel=1e-6)
        assert wilson(a, a + b) == pytest.approx(proportion_confint(a, a + b, method="wilson"), abs=1e-9)
        change = difference_of_rates(Rate(a, a + b), Rate(c, c + d))
        assert change is not None
        theirs = confint_proportions_2indep(a, a + b, c, c + d, method="newcomb", compare="diff")
        assert (change.low, change.high) == pytest.approx(theirs, abs=1e-9)
    p_values = [0.004, 0.2, 0.03, 0.01, 0.9]
    assert holm(p_values) == pytest.approx(list(multipletests(p_values, method="holm")[1]))


def test_the_difference_of_two_rates_is_newcombes() -> None:
    found = difference_of_rates(Rate(56, 70), Rate(48, 80))  # Newcombe 1998b, table II, method 10
    assert found is not None
    assert (round(found.value, 4), round(found.low, 4), round(found.high, 4)) == (0.2, 0.0524, 0.3339)
    assert found.clear
    assert difference_of_rates(Rate(0, 0), Rate(1, 2)) is None
    assert difference(Rate(56, 70), Rate(48, 80)) == (found.value, found.low, found.high)


@pytest.mark.parametrize(
    ("now", "before", "low", "high", "clear"),
    [  # from the limits in Garwood's table: 6 has 2.202 and 13.059, 5 has 1.623 and 11.668, 0 has 0 and 3.689
        (6, 0, 6 - (3.798**2 + 3.689**2) ** 0.5, 6 + 7.059, True),
        (0, 6, -6 - 7.059, -6 + (3.798**2 + 3.689**2) ** 0.5, True),
        (5, 0, 5 - (3.377**2 + 3.689**2) ** 0.5, 5 + 6.668, False),
        (4, 0, 4 - (2.910**2 + 3.689**2) ** 0.5, 4 + 6.242, False),
        (0, 0, -3.689, 3.689, False),
    ],
)
def test_the_difference_of_two_counts(now: int, before: int, low: float, high: float, clear: bool) -> None:
    found = difference_of_counts(now, before)
    assert (found.value, found.clear, found.unit) == (now - before, clear, "count")
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.002)


@pytest.mark.parametrize("total", [*range(1, 31), 60, 100, 150])
def test_a_difference_is_clear_only_where_the_exact_test_says_so_too(total: int) -> None:
    """Of so many in all, how they fall on two times of one length is binomial with a half: the oracle."""
    for now in range(total + 1):
        tail = sum(comb(total, k) for k in range(max(now, total - now), total + 1)) / 2**total
        clear = difference_of_counts(now, total - now).clear
        assert not clear or 2 * tail < 0.065, (now, total - now)
        assert clear or 2 * tail > 0.01, (now, total - now)


@given(st.integers(0, 3000), st.sampled_from([0.025, 0.005, 0.025 / 60, 0.025 / 1000]))
def test_scipy_knows_the_same_limits_of_a_count(count: int, tail: float) -> None:
    from scipy.stats import chi2, norm

    low, high = poisson_limits(count, tail)
    exact = (chi2.ppf(tail, 2 * count) / 2 if count else 0.0, chi2.isf(tail, 2 * count + 2) / 2)
    assert (low, high) == pytest.approx(exact, rel=1e-9 if count <= SUMMED_UP_TO else 1e-3)
    assert normal_point(tail) == pytest.approx(norm.isf(tail), rel=1e-9)


def test_more_that_is_looked_at_asks_for_wider_intervals() -> None:
    assert difference_of_counts(8, 0).clear
    assert not difference_of_counts(8, 0, 0.025 / 10).clear
    rates = Rate(56, 70), Rate(48, 80)
    wide, narrow = difference_of_rates(*rates, 0.025 / 10), difference_of_rates(*rates)
    assert wide is not None
    assert narrow is not None
    assert (wide.low < narrow.low, wide.high > narrow.high, wide.clear, narrow.clear) == (True, True, False, True)


def test_the_net_promoter_score_and_its_interval() -> None:
    score = Score(162, 54, 324)
    assert (round(score.value or 0, 1), round(score.error or 0, 4)) == (33.3, 4.1409)
    low, high = score.interval or (0, 0)
    assert (round(low, 2), round(high, 2), round((low + high) / 2, 2)) == (24.95, 41.11, 33.03)
    assert (Score(30, 0, 30).interval or (0, 0))[1] == 100.0
    assert (Score(0, 0, 0).value, Score(0, 0, 0).interval) == (None, None)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([], None), ([3], 3), ([1, 2], 1.5), ([5, 1, 1], 1), ([4, 1, 2, 2, 9, 9], 3), ([-2, -2, 7], -2)],
)
def test_the_median_of_counted_numbers(numbers: list[int], expected: float | None) -> None:
    assert median(Counter(numbers)) == Middle(expected, len(numbers))


@given(st.lists(st.integers(-50, 50), min_size=1))
def test_the_median_is_the_standard_librarys(numbers: list[int]) -> None:
    import statistics

    assert median(Counter(numbers)).value == statistics.median(numbers)


def test_growth_from_nothing_is_no_number() -> None:
    assert (Change(3, 2).value, Change(3, 0).value) == (0.5, None)
