"""Money: whole minor units and an ISO 4217 currency; never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from refertrack.rules.errors import BadValue

MOST = 10**15
# Currencies whose minor unit is not a hundredth.
_DIGITS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR"}
# Digits alone, or groups of thousands (of lakhs, too) behind one kind of separator; then perhaps decimals.
_AMOUNT = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?:([.,'’\s])[0-9]{2,3})(?:\1[0-9]{2,3})*)(?:(?!\1)[.,][0-9]+)?")


@dataclass(frozen=True)
class Money:
    """An amount in minor units (cents) of a currency."""

    amount_minor: int
    currency: str


def digits(currency: str) -> int:
    """Return how many decimals a currency has."""
    return _DIGITS.get(currency, 2)


def check_currency(currency: str) -> str:
    """Return a currency's three letters.

    Raises:
        BadValue: there is no such currency.

    """
    from babel.numbers import list_currencies

    code = currency.strip().upper()
    if code not in list_currencies():
        raise BadValue(f'There is no currency "{currency}".', "Give three letters: EUR, USD, SEK …", field="currency")
    return code


def parse_money(text: str, currency: str, *, field: str = "amount") -> Money:
    """Read an amount as people write it: 1,234.50 · 1.234,50 · 1 234,50 · € 12 · 12 EUR.

    One separator with three digits behind it ("1,234") groups thousands, unless the currency has three decimals.

    Raises:
        BadValue: it is no amount, is negative, too large, has too many decimals, or names another currency.

    """
    words, named = text.strip(), ""
    for symbol, code in _SYMBOLS.items():
        if symbol in words:
            words, named = (
                words.replace(symbol, ""),
                currency if symbol == "$" and currency in {"CAD", "AUD"} else code,
            )
    if not any(character.isdecimal() for character in words):
        raise BadValue(f'"{text}" is no amount.', "Like this: 4200, 1,234.50 or 1.234,50", field=field)
    letters = re.search(r"(?:^|[\s\d])([A-Za-z]{3})(?:$|[\s\d])", words)
    if letters:
        words, named = words.replace(letters[1], ""), check_currency(letters[1])
    words = words.strip()
    if not _AMOUNT.fullmatch(words):
        raise BadValue(f'"{text}" is no amount.', "Like this: 4200, 1,234.50 or 1.234,50", field=field)
    code = check_currency(currency)
    if named and named != code:
        raise BadValue(f'"{text}" is not in {code}.', f"Say it with --currency {named}", field=field)
    amount = Decimal(_plain(words, digits(code)))
    if amount < 0:
        raise BadValue(f'"{text}" is less than nothing.', "Give an amount from 0 on.", field=field)
    return Money(minor_from_decimal(amount, code, text=text, field=field), code)


def read_decimal(text: str, *, field: str = "amount") -> Decimal:
    """Read a number from 0 on that has no currency, such as a price in a list; it may have any number of decimals.

    A separator that stands alone and once is the decimal one: 34.805 is no thirty-four thousand.

    Raises:
        BadValue: it is no number, or less than nothing.

    """
    words = text.strip()
    if not _AMOUNT.fullmatch(words) or not any(character.isdigit() for character in words):
        raise BadValue(f'"{text}" is no number.', "Like this: 12, 14.50 or 14,50", field=field)
    number = Decimal(_plain(words, 3))
    if number < 0:
        raise BadValue(f'"{text}" is less than nothing.', "Give a number from 0 on.", field=field)
    return number


def _plain(words: str, decimals: int) -> str:
    """Return the number with a point before its decimals and nothing between thousands."""
    bare = re.sub(r"['’\s]", "", words)
    point, comma = bare.rfind("."), bare.rfind(",")
    last = max(point, comma)
    if last == -1:
        return bare
    separator = bare[last]
    behind = len(bare) - last - 1
    both = point != -1 and comma != -1
    thousands = behind == 3 and decimals != 3 and not bare.lstrip("-").startswith("0")  # 0.001 groups nothing
    if bare.count(separator) > 1 or (not both and thousands):
        return re.sub(r"[.,]", "", bare)
    return re.sub(r"[.,]", "", bare[:last]) + "." + bare[last + 1 :]


def minor_from_decimal(amount: Decimal, currency: str, *, text: str = "", field: str = "amount") -> int:
    """Return an amount in minor units.

    Args:
        amount: in units of the currency.
        currency: ISO 4217.
        text: how it was written, for the error.
        field: what to call it in the error.

    Raises:
        BadValue: it is finer than the minor unit, or too large.

    """
    words, places = text or str(amount), digits(currency)
    if not amount.is_finite() or abs(amount) >= Decimal(MOST) / 10**places:
        raise BadValue(f'"{words}" is too large an amount.', "Check the digits.", field=field)
    scaled = amount.scaleb(places)
    if scaled != scaled.to_integral_value():
        raise BadValue(
            f'"{words}" has too many decimals: {currency} has {places or "none"}.',
            "Round it yourself.",
            field=field,
        )
    return int(scaled)


def to_decimal_string(amount_minor: int, currency: str) -> str:
    """Return an amount as a plain decimal: 12.50."""
    places = digits(currency)
    return f"{Decimal(amount_minor).scaleb(-places):.{places}f}"


def format_money(amount_minor: int, currency: str) -> str:
    """Return an amount for people: 1,234.50 EUR."""
    places = digits(currency)
    return f"{Decimal(amount_minor).scaleb(-places):,.{places}f} {currency}".strip()
