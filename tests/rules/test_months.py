"""Months as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from refertrack.rules.errors import BadValue
from refertrack.rules.months import parse_month

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-11", (2026, 11)), ("2026/1", None), ("2026/01", (2026, 1)), ("202601", (2026, 1)), ("1/2026", (2026, 1)),
        ("11.2025", (2025, 11)), ("November", (2026, 11)), ("dec", (2025, 12)), ("Nov 2024", (2024, 11)),
        ("sept. 2024", (2024, 9)), ("this month", (2026, 11)), ("last  month", (2026, 10)), ("2026-11-03", (2026, 11)),
        ("yesterday", (2026, 11)), ("2026-13", None), ("0/2026", None), ("wibble", None), ("", None), ("0001-01", None),
    ],
)  # fmt: skip
def test_months(text: str, month: tuple[int, int] | None) -> None:
    if month is None:
        with pytest.raises(BadValue, match="is no month"):
            parse_month(text, TODAY)
    else:
        assert parse_month(text, TODAY) == date(*month, 1)
