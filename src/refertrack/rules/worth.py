"""What a customer and a referral are worth: the business's own settings, and the customer referral value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from refertrack.rules.errors import BadValue

KEYS = ("margin", "follow_up_cost", "retention_cost", "acquisition_saved", "yearly_rate", "periods", "period_months")


@dataclass(frozen=True)
class Worth:
    """The settings; None is unknown, and nothing is guessed in its place. Costs are in the business's currency."""

    margin: int | None = None
    follow_up_cost: Decimal = Decimal(0)
    retention_cost: Decimal = Decimal(0)
    acquisition_saved: Decimal | None = None
    yearly_rate: Decimal = Decimal(15)
    periods: int = 2
    period_months: int = 6

    @property
    def rate(self) -> float:
        """The interest of one period."""
        return float((1 + self.yearly_rate / 100) ** (Decimal(self.period_months) / 12)) - 1


def read_worth(document: Mapping[str, Any]) -> Worth:
    """Read the settings from a parsed TOML document.

    Raises:
        BadValue: a key is unknown, or a value is not in its range.

    """
    unknown = sorted(set(document) - set(KEYS))
    if unknown:
        raise BadValue(f'Worth has a key "{unknown[0]}" that nobody reads.', f"Known are: {', '.join(KEYS)}.",
                       field="worth")  # fmt: skip
    plain = Worth()
    return Worth(
        margin=None if "margin" not in document else _whole(document, "margin", 0, 100),
        follow_up_cost=_amount(document, "follow_up_cost") or plain.follow_up_cost,
        retention_cost=_amount(document, "retention_cost") or plain.retention_cost,
        acquisition_saved=_amount(document, "acquisition_saved"),
        yearly_rate=_amount(document, "yearly_rate") if "yearly_rate" in document else plain.yearly_rate,  # type: ignore[arg-type]
        periods=_whole(document, "periods", 1, 40) if "periods" in document else plain.periods,
        period_months=_whole(document, "period_months", 1, 12) if "period_months" in document else plain.period_months,
    )


def _whole(document: Mapping[str, Any], key: str, least: int, most: int) -> int:
    value = document[key]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadValue(f"Worth has {key} = {value!r}.", f"Write a whole number from {least} to {most}.", field="worth")
    return value


def _amount(document: Mapping[str, Any], key: str) -> Decimal | None:
    if key not in document:
        return None
    value = document[key]
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal(-1)
    if isinstance(value, bool) or not amount.is_finite() or not 0 <= amount < 10**12:
        raise BadValue(f"Worth has {key} = {value!r}.", "Write an amount from 0 on, such as 2.50.", field="worth")
    return amount


@dataclass(frozen=True)
class Flow:
    """What one referred customer brings and costs in one period."""

    margin: float = 0.0
    incentive: float = 0.0
    marketing: float = 0.0
    saved: float = 0.0


@dataclass(frozen=True)
class ReferralValue:
    """The customer referral value of a referrer (Kumar, Petersen & Leone 2010), in today's money.

    ``type_one`` is from those who would not have come otherwise, ``type_two`` from those who would have come
    anyway; ``paid`` are the incentives for the latter, which the published formula leaves out.
    """

    type_one: float
    type_two: float
    paid: float

    @property
    def total(self) -> float:
        """The value as published."""
        return self.type_one + self.type_two

    @property
    def net(self) -> float:
        """The value less what was paid for those who would have come anyway."""
        return self.total - self.paid


def referral_value(people: Sequence[tuple[float, Sequence[Flow]]], rate: float) -> ReferralValue:
    """Return a referrer's value.

    Args:
        people: each person whom the referrer brought: the chance from 0 to 1 that they would have come anyway,
            and the flows of the periods after they came.
        rate: the interest of one period.

    """
    one = two = paid = 0.0
    for anyway, flows in people:
        for period, flow in enumerate(flows, 1):
            today = (1 + rate) ** -period
            one += (1 - anyway) * today * (flow.margin - flow.incentive - flow.marketing + flow.saved)
            two += anyway * today * flow.saved
            paid += anyway * today * flow.incentive
    return ReferralValue(one, two, paid)
