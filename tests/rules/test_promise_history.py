"""What history says about a promise, and how long things last."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refertrack.rules.errors import BadValue
from refertrack.rules.promises import (
    days_for,
    kept_within,
    kept_words,
    late_event,
    own_interval,
    parse_days,
    reminder_day,
    replacement_event,
)

OWN = Counter({3: 2, 5: 2, 9: 1})
ALL = Counter({3: 2, 5: 2, 9: 1, 20: 5})


@pytest.mark.parametrize(
    ("days", "product", "own", "of", "n", "within", "needed", "risky"),
    [
        (5, "stove", OWN, "stove", 5, 4, 9, True),
        (9, "stove", OWN, "stove", 5, 5, 9, False),
        (2, "stove", OWN, "stove", 5, 0, 9, True),
        (0, "stove", OWN, "stove", 5, 0, 9, True),
        (5, "stove", Counter({3: 4}), "", 10, 4, 20, True),  # four of its own are too few
        (20, "", Counter(), "", 10, 10, 20, False),
    ],
)
def test_how_often_a_promise_was_kept(
    days: int, product: str, own: Counter[int], of: str, n: int, within: int, needed: int, risky: bool
) -> None:
    kept = kept_within(days, product, own, ALL)
    assert (kept.product, kept.n, kept.within, kept.needed, kept.risky) == (of, n, within, needed, risky)


def test_without_any_delivery_nothing_is_said() -> None:
    kept = kept_within(5, "stove", Counter(), Counter())
    assert (kept.n, kept.share, kept.needed, kept.interval, kept.risky) == (0, None, None, None, False)
    assert kept_words(kept) == "No delivery is on record yet, so nothing can be said about it."


def test_the_words_say_how_many() -> None:
    assert kept_words(kept_within(5, "stove", OWN, ALL)) == (
        "4 of 5 deliveries of stove took at most 5 days (80 %); 90 % needed up to 9 days."
    )
    assert kept_words(kept_within(1, "", OWN, Counter({1: 1}))) == (
        "1 of 1 delivery of all products took at most 1 day (100 %); 90 % needed up to 1 day. That is too few to go by."
    )
    assert not kept_within(0, "", OWN, Counter({1: 4})).risky


@pytest.mark.parametrize("days", [-1, 36_501])
def test_days_that_cannot_be_promised(days: int) -> None:
    with pytest.raises(BadValue, match="cannot be promised"):
        kept_within(days, "", Counter(), Counter())


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60))
def test_the_days_for_90_percent_are_the_fewest_that_do(took: list[int]) -> None:
    counts = Counter(took)
    needed = days_for(0.9, counts)
    assert needed is not None
    assert sum(days <= needed for days in took) >= 0.9 * len(took) - 1e-9
    assert sum(days < needed for days in took) < 0.9 * len(took)


@pytest.mark.parametrize(
    ("days", "interval"),
    [
        ([], None),
        ([0, 30], None),
        ([0, 30, 30], None),  # two on one day are one
        ([0, 30, 60], 30),
        ([60, 0, 30], 30),
        ([0, 10, 50, 60], 10),
        ([0, 10, 21, 60, 90], 20),  # 10, 11, 30, 39: the middle of 11 and 30, rounded down
    ],
)
def test_a_customers_own_interval(days: list[int], interval: int | None) -> None:
    assert own_interval([date(2026, 1, 1) + timedelta(days=each) for each in days]) == interval


@pytest.mark.parametrize(("lifetime", "after"), [(180, 166), (28, 14), (20, 10), (14, 7), (2, 1), (1, 1)])
def test_the_reminder_comes_two_weeks_before_the_end(lifetime: int, after: int) -> None:
    assert reminder_day(date(2026, 1, 1), lifetime) == date(2026, 1, 1) + timedelta(days=after)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("90", 90),
        ("90 days", 90),
        ("2 weeks", 14),
        ("18 months", 540),
        ("2 years", 730),
        ("100 years", 36_500),
        (" None ", None),
        ("", None),
    ],
)
def test_spans(text: str, days: int | None) -> None:
    assert parse_days(text, field="lifetime") == days


@pytest.mark.parametrize("text", ["0", "0 days", "-5", "1.5", "101 years", "9" * 9, "for ever", "²"])
def test_no_spans(text: str) -> None:
    with pytest.raises(BadValue) as caught:
        parse_days(text, field="lifetime")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("delivered", "promised", "because"),
    [
        (date(2026, 11, 15), date(2026, 11, 12), ["stove came 3 days late, promised for 12 Nov 2026"]),
        (date(2026, 11, 13), date(2026, 11, 12), ["stove came 1 day late, promised for 12 Nov 2026"]),
        (date(2026, 11, 12), date(2026, 11, 12), []),
        (date(2026, 11, 1), date(2026, 11, 12), []),
        (date(2026, 11, 1), None, []),
        (None, date(2026, 11, 12), []),
    ],
)
def test_only_a_late_delivery_calls_for_an_apology(
    delivered: date | None, promised: date | None, because: list[str]
) -> None:
    assert [event.because for event in late_event(1, 2, "stove", delivered, promised)] == because


def test_a_replacement_says_when_it_is_used_up() -> None:
    event = replacement_event(1, 2, "order", date(2026, 11, 15), 100)
    assert (event.name, event.on, event.because) == (
        "replacement",
        date(2027, 2, 9),
        "the order lasts until about 23 Feb 2027",
    )
