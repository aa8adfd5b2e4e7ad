"""Public holidays of the business's country, by the holidays library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from refertrack.rules.errors import BadValue


def no_holiday(_day: date) -> bool:
    """Say that a day is no holiday; for a business that has not named its country."""
    return False


@lru_cache(maxsize=8)
def holiday_check(country: str) -> Callable[[date], bool]:
    """Return a function that says whether a day is a public holiday in a country (ISO 3166, two letters).

    Raises:
        BadValue: nobody knows the holidays of that country.

    """
    if not country:
        return no_holiday
    import holidays

    try:
        calendar = holidays.country_holidays(country)
    except NotImplementedError as error:
        raise BadValue(
            f'Nobody here knows the holidays of "{country}".',
            "Give two letters, such as SE or DE.",
            field="country",
        ) from error
    return lambda day: day in calendar
