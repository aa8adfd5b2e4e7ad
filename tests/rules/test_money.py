"""Amounts as people write them; never a float."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refertrack.rules.errors import BadValue
from refertrack.rules.money import (
    Money,
    check_currency,
    format_money,
    minor_from_decimal,
    parse_money,
    to_decimal_string,
)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("4200", "EUR", 420_000),
        ("4200.5", "EUR", 420_050),
        ("1,234.50", "EUR", 123_450),
        ("1.234,50", "EUR", 123_450),
        ("1 234,50", "EUR", 123_450),
        ("1\u00a0234,50", "EUR", 123_450),
        ("1'234.50", "CHF", 123_450),
        ("1,234", "EUR", 123_400),
        ("1.234", "EUR", 123_400),
        ("12,5", "EUR", 1_250),
        ("1,234,567.89", "EUR", 123_456_789),
        ("€ 12", "EUR", 1_200),
        ("12 EUR", "EUR", 1_200),
        ("EUR12", "EUR", 1_200),
        ("1500", "JPY", 1_500),
        ("1.234", "KWD", 1_234),
        ("0", "EUR", 0),
    ],
)
def test_an_amount_is_read(text: str, currency: str, minor: int) -> None:
    assert parse_money(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "words"),
    [
        ("", "EUR", "is no amount"),
        ("free", "EUR", "is no amount"),
        ("1e400", "EUR", "is no amount"),
        ("NaN", "EUR", "is no amount"),
        ("inf", "EUR", "is no amount"),
        ("1.2.3,4,5", "EUR", ""),
        ("9999999999999999999", "EUR", "too large"),
        ("1.2345", "EUR", "too many decimals"),
        ("1.5", "JPY", "JPY has none"),
        ("-1", "EUR", "less than nothing"),
        ("12 USD", "EUR", "is not in EUR"),
        ("€12", "SEK", "is not in SEK"),
        ("12", "XXQ", "There is no currency"),
        ("١٢", "EUR", "is no amount"),
    ],
)
def test_what_is_no_amount_is_refused(text: str, currency: str, words: str) -> None:
    with pytest.raises(BadValue) as error:
        parse_money(text, currency)
    assert words in str(error.value)


@given(st.integers(0, 10**14 - 1), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    assert parse_money(to_decimal_string(minor, currency), currency).amount_minor == minor
    assert parse_money(format_money(minor, currency), currency).amount_minor == minor


def test_nothing_is_rounded_unasked() -> None:
    assert minor_from_decimal(Decimal("0.120"), "EUR") == 12
    with pytest.raises(BadValue):
        minor_from_decimal(Decimal("0.125"), "EUR")


def test_a_currency_is_three_letters() -> None:
    assert check_currency(" sek ") == "SEK"
