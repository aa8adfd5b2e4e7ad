"""Intervals and tests against published figures."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refertrack.rules.statistics import Rate, different_from_rest, fisher_exact, holm, wilson


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
