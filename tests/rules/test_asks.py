"""What an ask is on a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from refertrack.rules.asks import state_today

BY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("state", "days", "found"),
    [
        ("sent", 14, "sent"), ("sent", 15, "no_response"), ("draft", 0, "draft"), ("draft", 1, "cancelled"),
        ("named", 400, "named"), ("agreed", 400, "agreed"), ("no_one", 400, "no_one"), ("declined", 400, "declined"),
    ],
)  # fmt: skip
def test_time_alone_answers_an_ask_that_nobody_answered(state: str, days: int, found: str) -> None:
    assert state_today(state, BY, BY + timedelta(days=days)) == found
