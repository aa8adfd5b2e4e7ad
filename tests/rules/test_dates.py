"""Dates as people type them: a table of cases, and what is no date."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refertrack.rules import dates
from refertrack.rules.errors import BadValue
from refertrack.rules.holidays import no_holiday

TODAY = date(2026, 11, 24)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-01", "2026-12-01"),
        (" 2026-12-01 ", "2026-12-01"),
        ("today", "2026-11-24"),
        ("Tomorrow", "2026-11-25"),
        ("yesterday", "2026-11-23"),
        ("friday", "2026-11-27"),
        ("tuesday", "2026-12-01"),
        ("next friday", "2026-11-27"),
        ("this tuesday", "2026-11-24"),
        ("last friday", "2026-11-20"),
        ("last tuesday", "2026-11-17"),
        ("in 2 weeks", "2026-12-08"),
        ("in a week", "2026-12-01"),
        ("in 1 month", "2026-12-24"),
        ("in three days", "2026-11-27"),
        ("3 days ago", "2026-11-21"),
        ("a year ago", "2025-11-24"),
        ("+3d", "2026-11-27"),
        ("+2w", "2026-12-08"),
        ("next week", "2026-12-01"),
        ("next month", "2026-12-24"),
        ("15.11.2026", "2026-11-15"),
        ("15/11/2026", "2026-11-15"),
        ("3/4/2026", "2026-04-03"),
        ("2026/11/15", "2026-11-15"),
        ("20261115", "2026-11-15"),
        ("15 nov 2026", "2026-11-15"),
        ("15 November 2026", "2026-11-15"),
        ("Nov 15, 2026", "2026-11-15"),
        ("1st december 2026", "2026-12-01"),
        ("5 december", "2026-12-05"),
        ("2028-02-29", "2028-02-29"),
    ],
)
def test_a_day_is_read_as_it_is_said(text: str, day: str) -> None:
    assert dates.parse_date(text, TODAY).isoformat() == day


@pytest.mark.parametrize(
    "text",
    ["", "31.2.", "30 February", "30 february 2026", "2026-02-30", "2026-13-01", "0001-01-01", "bo", "may", "12",
     "now-ish", "soon",
     "friday-ish", "99/99/2026", "in weeks", "in 99999999 days", "1e400", "2026", "13/13/2026", "next bo",
     "2027-02-29"],
)  # fmt: skip
def test_what_is_no_day_shows_the_accepted_forms(text: str) -> None:
    with pytest.raises(BadValue) as error:
        dates.parse_date(text, TODAY)
    assert str(error.value) == f'"{text}" is no date.'
    assert error.value.hint == "Like this: 2026-12-01, tomorrow, next friday, in 2 weeks."


def test_a_bare_weekday_is_the_last_one_where_the_past_is_meant() -> None:
    assert dates.parse_date("friday", TODAY, prefer="past") == date(2026, 11, 20)
    assert dates.parse_date("tuesday", TODAY, prefer="past") == date(2026, 11, 17)
    assert dates.parse_date("5 december", TODAY, prefer="past") == date(2025, 12, 5)


def test_the_order_of_day_and_month_is_the_countrys() -> None:
    assert dates.parse_date("3/4/2026", TODAY, order="MDY") == date(2026, 3, 4)


@given(st.dates(date(1800, 1, 1)))
def test_an_iso_date_is_read_back(day: date) -> None:
    assert dates.parse_date(day.isoformat(), TODAY) == day


@given(st.text(max_size=12))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    try:
        found = dates.parse_date(text, TODAY)
    except BadValue:
        return
    assert isinstance(found, date)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1996-07-04 00:00:00.000", "1996-07-04"),
        ("2025-10-02 17:09:34 -0300", "2025-10-02"),
        ("2025-10-02T17:09:34Z", "2025-10-02"),
        ("19970101", "1997-01-01"),
        ("2025/1/2", "2025-01-02"),
        ("02.01.2025", None),
        ("hello", None),
        ("2025-02-30", None),
    ],
)
def test_an_exports_stamps_are_days_as_written(text: str, day: str | None) -> None:
    found = dates.parse_iso_like(text)
    assert (found.isoformat() if found else None) == day


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["1/2/2026", "13/2/2026"], "DMY"),
        (["1/2/2026", "2/13/2026"], "MDY"),
        (["1/2/2026"], None),
        (["2026-01-02"], "ISO"),
        ([], None),
    ],
)
def test_a_columns_order_is_told_from_its_days(values: list[str], order: str | None) -> None:
    assert dates.detect_order(values) == order


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [("2026-01-31", 1, "2026-02-28"), ("2028-01-31", 1, "2028-02-29"), ("2026-03-31", -1, "2026-02-28"),
     ("2026-11-30", 3, "2027-02-28"), ("2026-01-15", 12, "2027-01-15")],
)  # fmt: skip
def test_months_are_clamped(day: str, months: int, found: str) -> None:
    assert dates.add_months(date.fromisoformat(day), months).isoformat() == found


@pytest.mark.parametrize(
    ("text", "period"),
    [("7 days", (7, "day")), ("1 month", (1, "month")), ("2w", (2, "week")), ("1 year", (1, "year"))],
)
def test_a_span_is_read(text: str, period: tuple[int, str]) -> None:
    assert dates.parse_period(text) == period


def test_working_days_pass_over_weekends() -> None:
    assert dates.add_working_days(date(2026, 11, 26), 3, no_holiday) == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Pacific/Kiritimati", "2026-11-24T10:30", "2026-11-25"),  # UTC+14
        ("Pacific/Pago_Pago", "2026-11-24T10:30", "2026-11-23"),  # UTC-11
        ("Europe/Stockholm", "2026-03-29T00:59", "2026-03-29"),  # the hour before the clocks change
        ("Europe/Stockholm", "2026-10-24T22:30", "2026-10-25"),
    ],
)
def test_today_is_the_zones_date(zone: str, moment: str, day: str) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert dates.local_today(zone, now).isoformat() == day


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(BadValue, match='There is no time zone "Mars/Base"'):
        dates.local_today("Mars/Base", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(("year", "far"), [(1906, False), (1905, True), (2146, False), (2147, True)])
def test_far_off(year: int, far: bool) -> None:
    assert dates.far_off(date(year, 11, 24), TODAY) is far
