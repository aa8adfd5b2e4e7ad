"""The first guess of a currency is what the Unicode consortium's data says."""

from __future__ import annotations

import pytest
from babel import Locale
from babel.numbers import get_territory_currencies

from refertrack.rules.currencies import currency_of

COUNTRIES = [code for code in Locale("en").territories if len(code) == 2 and code.isalpha()]


def test_every_country_has_its_currency() -> None:
    wrong = [
        code
        for code in COUNTRIES
        if get_territory_currencies(code) and currency_of(code) not in get_territory_currencies(code)
    ]
    assert wrong == []


@pytest.mark.parametrize(("country", "currency"), [("SE", "SEK"), ("DE", "EUR"), ("US", "USD"), ("QQ", "EUR")])
def test_some_that_everybody_knows(country: str, currency: str) -> None:
    assert currency_of(country) == currency
