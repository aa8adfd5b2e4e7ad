"""The forecast, worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from refertrack.rules.forecast import BAGS, Columns, Forecast, History, collect, forecast

AS_OF = date(2026, 11, 24)


def day(text: str) -> date:
    return date.fromisoformat(text)


def history(received: str, *moves: tuple[str, str], bag: int = 0, bought: tuple[tuple[str, int], ...] = ()) -> History:
    path = tuple((day(on), state) for on, state in ((received, "received"), *moves))
    return History(bag, day(received), path, tuple((day(on), amount) for on, amount in bought))


WON = history("2026-01-01", ("2026-01-20", "won"), bought=(("2026-01-20", 100), ("2026-02-10", 50)))
LOST = history("2026-01-01", ("2026-03-15", "lost"), bag=1)
OPEN = history("2026-11-20", bag=2)


def columns(*histories: History, existing: float = 0) -> Columns:
    found = Columns()
    collect(histories, AS_OF, 2, found)
    if existing:  # from five customers, two of them for half a year: 48 months in all
        for key, amount in (("existing", existing), ("exposed", 48), ("buyers", 5)):
            found.add(3, (key,), amount)
    return found


def test_a_forecast_by_hand() -> None:
    """Two months ahead.

    Of the two of the past, in their first month of age, one was won within a month: the open one brings
    0.5 × 150 (what was bought within the month that remains). Three referrals in the last 12 months are 0.25 a
    month: the first month's have one month left, 0.25 × 0.5 × 100 (bought on the day of the win). An existing
    customer bought 1200 ÷ 48 = 25 in a month; there are five: 2 × 125.
    """
    found = forecast(columns(WON, LOST, OPEN, existing=1200), 2, {})
    assert (found.open, found.pipeline, found.coming, found.existing) == (1, 75.0, 12.5, 250.0)
    assert found.total == 337.5
    assert found.low <= found.total <= found.high


def test_the_same_data_give_the_same_interval() -> None:
    assert forecast(columns(WON, LOST, OPEN), 2, {}) == forecast(columns(WON, LOST, OPEN), 2, {})


def test_a_group_without_experience_takes_that_of_all() -> None:
    everybody = columns(WON, LOST, OPEN).total()
    assert forecast(columns(OPEN), 2, everybody).pipeline == 75.0
    assert forecast(columns(OPEN), 2, {}).total == 0.0


@pytest.mark.parametrize(
    ("waiting", "expected"),
    [
        (history("2026-11-20", ("2026-11-21", "disqualified")), 0),
        (history("2026-11-20", ("2026-11-21", "lost")), 0),
        (history("2026-05-20"), 0),  # nobody moved it for 180 days
        (history("2026-05-20", ("2026-11-01", "contacted")), 1),
    ],
)
def test_only_open_referrals_are_in_the_pipeline(waiting: History, expected: int) -> None:
    assert forecast(columns(WON, LOST, waiting), 2, {}).open == expected


@pytest.mark.parametrize(
    ("received", "on", "age"),
    [
        ("2025-11-30", "2026-02-28", 3),  # as the history counts: three months after the 30th
        ("2025-11-29", "2026-02-28", 3),
        ("2025-12-01", "2026-02-28", 2),
        ("2026-02-28", "2026-02-28", 0),
        ("2026-01-31", "2026-02-27", 0),
    ],
)
def test_the_age_of_an_open_referral_is_counted_as_in_the_history(received: str, on: str, age: int) -> None:
    found = Columns()
    collect([history(received, (received, "contacted"))], day(on), 2, found)
    assert {key for key in found.by_key if key[0] == "open"} == {("open", "contacted", age)}


def test_a_win_that_was_reversed_is_none() -> None:
    assert history("2026-01-01", ("2026-01-20", "won"), ("2026-02-01", "reversed")).won_on is None


def test_customers_of_this_month_buy_like_those_of_all() -> None:
    new = Columns()
    new.add(0, ("buyers",), 4)
    assert forecast(new, 3, {("existing",): 100.0, ("exposed",): 20.0}).existing == 4 * 5 * 3
    assert forecast(new, 3, {}).existing == 0.0


def test_the_interval_is_the_bootstraps() -> None:
    """One customer a bag, every second one with 12 a year: 100 a month, with a spread of √(200 × ¼), or 7.07."""
    found = Columns()
    for bag in range(BAGS):
        found.add(bag, ("existing",), 12.0 * (bag % 2))
        found.add(bag, ("exposed",), 12.0)
        found.add(bag, ("buyers",), 1)
    outlook = forecast(found, 1, {})
    assert outlook == Forecast(0, 0.0, 0.0, 100.0, outlook.low, outlook.high)
    assert outlook.low == pytest.approx(100 - 1.2816 * 7.07, abs=1.5)
    assert outlook.high == pytest.approx(100 + 1.2816 * 7.07, abs=1.5)
