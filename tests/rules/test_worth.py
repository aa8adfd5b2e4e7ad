"""The customer referral value against the published example, and the settings that it needs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from refertrack.rules.errors import BadValue
from refertrack.rules.worth import Flow, Worth, read_worth, referral_value
from refertrack.store.settings import load_business

RATE = 1.15**0.5 - 1
EXAMPLE = (Flow(100, 40, 10, 20), Flow(100, 0, 10, 0))  # Kumar, Petersen & Leone 2010


def test_the_published_example() -> None:
    found = referral_value([(0.0, EXAMPLE), (1.0, EXAMPLE)], RATE)
    assert (round(found.type_one, 3), round(found.type_two, 3)) == (143.536, 18.650)
    assert round(found.total, 3) == 162.186
    assert found.net == pytest.approx(found.total - 40 / 1.15**0.5)


def test_one_of_whom_nobody_knows_is_half_and_half() -> None:
    half = referral_value([(0.5, EXAMPLE)], RATE)
    assert half.total == pytest.approx((143.536 + 18.650) / 2, abs=0.001)


def test_the_shipped_settings() -> None:
    worth = load_business({}).worth
    assert worth == Worth()
    assert worth.rate == pytest.approx(RATE)
    own = load_business({"worth": "margin = 40\nfollow_up_cost = 2.5\nperiod_months = 12\n"}).worth
    assert (own.margin, own.follow_up_cost, own.periods) == (40, Decimal("2.5"), 2)
    assert own.rate == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"margn": 1}, 'key "margn"'),
        ({"margin": 101}, "whole number from 0 to 100"),
        ({"margin": True}, "whole number"),
        ({"periods": 0}, "from 1 to 40"),
        ({"follow_up_cost": -1}, "amount from 0 on"),
        ({"follow_up_cost": "two"}, "amount from 0 on"),
        ({"acquisition_saved": float("nan")}, "amount from 0 on"),
    ],
)
def test_bad_settings_are_refused(document: dict[str, object], message: str) -> None:
    with pytest.raises(BadValue) as refused:
        read_worth(document)
    assert message in f"{refused.value.message} {refused.value.hint}"
