"""Incentives: the grammar of their rules, and what a referral earns by them. Whole minor units throughout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from refertrack.rules.errors import BadValue
from refertrack.rules.money import MOST, Money, digits, format_money
from refertrack.rules.text import NAME_LIMIT
from refertrack.rules.words import Beneficiary, ReferralState, RewardKind, RewardState, Trigger

RULE_KEYS = (
    "title", "trigger", "beneficiary", "kind", "value", "cost", "currency", "minimum_purchase", "hold_days",
    "cap_count", "cap_amount", "from_nth", "until_nth", "valid_days", "approval", "off",
)  # fmt: skip
MOST_DAYS = 3650
# What may still be paid: the liability. An expired, voided or given reward owes nothing more.
OWED = frozenset({RewardState.ACCRUED, RewardState.HELD, RewardState.APPROVED})
# Why a rule that needs a first purchase grants nothing yet: it will, once there is one.
WAITS = "it waits for the first purchase"


@dataclass(frozen=True)
class Rule:
    """What a referral earns, for whom and when.

    ``basis_points`` are hundredths of a percent of the first purchase; ``what`` is a thing in kind and
    ``amount_minor`` its cost, else the flat amount. Caps hold for a beneficiary in a calendar year; ``from_nth``
    and ``until_nth`` count the referrer's won referrals. 0 is "no limit" everywhere.
    """

    name: str
    title: str
    trigger: str
    beneficiary: str
    kind: str
    currency: str
    what: str = ""
    amount_minor: int = 0
    basis_points: int = 0
    minimum_purchase: int = 0
    hold_days: int = 0
    cap_count: int = 0
    cap_amount: int = 0
    from_nth: int = 0
    until_nth: int = 0
    valid_days: int = 0
    approval: bool = False
    off: bool = False

    @property
    def needs_purchase(self) -> bool:
        """Whether nothing can be said before the first purchase is known."""
        return self.kind == RewardKind.PERCENT or self.minimum_purchase > 0

    def counts(self, nth: int) -> bool:
        """Whether it is for the so-and-so-many-th won referral of a referrer."""
        return nth >= self.from_nth and (not self.until_nth or nth <= self.until_nth)

    def words(self) -> str:
        """Return what is given, in words: dinner for two, 50.00 EUR, 5 % of the first purchase."""
        if self.kind == RewardKind.IN_KIND:
            return self.what
        if self.kind == RewardKind.PERCENT:
            return f"{percent_words(self.basis_points)} of the first purchase"
        return format_money(self.amount_minor, self.currency)


@dataclass(frozen=True)
class Earned:
    """What the beneficiary had by the same rule in the same year: how many rewards, and their sum."""

    count: int = 0
    amount_minor: int = 0


@dataclass(frozen=True)
class Grant:
    """What a rule gives: the amount (a thing's cost), its words, and the days from and until which it is theirs."""

    amount_minor: int
    currency: str
    words: str
    hold_until: date | None
    valid_until: date | None

    @property
    def state(self) -> RewardState:
        """The state that the reward begins in."""
        return RewardState.HELD if self.hold_until else RewardState.ACCRUED


def decide(rule: Rule, day: date, nth: int, first_purchase: Money | None, earned: Earned) -> Grant | str:
    """Return what a rule grants, or in words why it grants nothing (yet).

    Args:
        rule: one that the event triggers.
        day: of the event.
        nth: how many referrals of the referrer are won, this one included.
        first_purchase: of the person referred, if there is one.
        earned: what the beneficiary had by this rule in the day's calendar year.

    """
    if rule.off:
        return "the rule is off"
    if not rule.counts(nth):
        return f"it is for {_tier_words(rule)}, and this is number {nth}"
    if rule.needs_purchase:
        refused = _purchase_trouble(rule, first_purchase)
        if refused:
            return refused
    if rule.cap_count and earned.count >= rule.cap_count:
        return f"at most {rule.cap_count} in a year, and {earned.count} were earned"
    amount = rule.amount_minor
    if rule.kind == RewardKind.PERCENT and first_purchase is not None:
        amount = share(first_purchase.amount_minor, rule.basis_points)
    if rule.cap_amount:
        left = max(0, rule.cap_amount - earned.amount_minor)
        if amount > left and (rule.kind == RewardKind.IN_KIND or left == 0):
            return f"at most {format_money(rule.cap_amount, rule.currency)} in a year"
        amount = min(amount, left)
    hold_until = day + timedelta(days=rule.hold_days) if rule.hold_days else None
    valid_until = (hold_until or day) + timedelta(days=rule.valid_days) if rule.valid_days else None
    words = rule.what or format_money(amount, rule.currency)
    return Grant(amount, rule.currency, words, hold_until, valid_until)


def _purchase_trouble(rule: Rule, first_purchase: Money | None) -> str:
    if first_purchase is None:
        return WAITS
    if first_purchase.currency != rule.currency:
        return f"the first purchase is in {first_purchase.currency}, the rule in {rule.currency}"
    if first_purchase.amount_minor < rule.minimum_purchase:
        least = format_money(rule.minimum_purchase, rule.currency)
        return f"the first purchase is under {least}"
    return ""


def share(amount_minor: int, basis_points: int) -> int:
    """Return so many hundredths of a percent of an amount, rounded half to even."""
    return int((Decimal(amount_minor) * basis_points / 10_000).to_integral_value(ROUND_HALF_EVEN))


def state_on(state: str, hold_until: date | None, valid_until: date | None, today: date) -> RewardState:
    """Return a reward's state as it is on a day: a hold ends and a reward expires without anybody's doing."""
    stored = RewardState(state)
    if stored in OWED and valid_until is not None and valid_until < today:
        return RewardState.EXPIRED
    if stored is RewardState.HELD and hold_until is not None and hold_until <= today:
        return RewardState.ACCRUED
    return stored


def triggers_of(state: str) -> tuple[Trigger, ...]:
    """Return what a referral in this state has been: one that is won was received and has qualified, too."""
    reached = {
        ReferralState.RECEIVED: 1, ReferralState.CONTACTED: 1, ReferralState.QUALIFIED: 2, ReferralState.WON: 3,
    }  # fmt: skip
    return tuple(Trigger)[: reached.get(ReferralState(state) if state else ReferralState.LOST, 0)]


def loses(state: str) -> tuple[Trigger, ...]:
    """Return the triggers whose rewards fall when a referral comes into a state.

    A win that is reversed takes what the win earned; a referral that never counted takes everything.
    """
    if state == ReferralState.DISQUALIFIED:
        return tuple(Trigger)
    return (Trigger.WON,) if state == ReferralState.REVERSED else ()


def percent_words(basis_points: int) -> str:
    """Return hundredths of a percent as people write them: 5 %, 2.5 %."""
    return f"{(Decimal(basis_points) / 100).normalize():f} %"


def _tier_words(rule: Rule) -> str:
    if rule.until_nth:
        return f"the won referrals {max(rule.from_nth, 1)} to {rule.until_nth}"
    return f"won referrals from number {rule.from_nth} on"


def rule_words(rule: Rule) -> str:
    """Return a rule as a sentence that its owner can check."""
    when = {Trigger.RECEIVED: "is received", Trigger.QUALIFIED: "qualifies", Trigger.WON: "is won"}[
        Trigger(rule.trigger)
    ]
    whom = "the referrer" if rule.beneficiary == Beneficiary.REFERRER else "the person referred"
    more = []
    if rule.kind == RewardKind.IN_KIND and rule.amount_minor:
        more.append(f"costs {format_money(rule.amount_minor, rule.currency)}")
    if rule.minimum_purchase:
        more.append(f"first purchase of at least {format_money(rule.minimum_purchase, rule.currency)}")
    if rule.from_nth or rule.until_nth:
        more.append(_tier_words(rule))
    if rule.hold_days:
        more.append(f"held for {rule.hold_days} days")
    if rule.approval:
        more.append("needs approval")
    if rule.cap_count:
        more.append(f"at most {rule.cap_count} in a year")
    if rule.cap_amount:
        more.append(f"at most {format_money(rule.cap_amount, rule.currency)} in a year")
    if rule.valid_days:
        more.append(f"expires after {rule.valid_days} days")
    tail = f" ({'; '.join(more)})" if more else ""
    return f"{'Off: w' if rule.off else 'W'}hen a referral {when}, {whom} gets {rule.words()}{tail}."


def read_incentives(document: Mapping[str, Any], currency: str) -> dict[str, Rule]:
    """Read the rules from a parsed TOML document; amounts are in the business's currency unless a rule has its own.

    Raises:
        BadValue: a table, a key or a value is not as the grammar has it; the sentence names the place.

    """
    return {name: _rule(name, table, currency) for name, table in document.items()}


def _rule(name: str, table: object, currency: str) -> Rule:
    if not isinstance(table, Mapping):
        raise _bad(name, "is no table", f"Write [{name}] and its keys below.")
    if not name.strip() or len(name) > NAME_LIMIT:
        raise _bad(name, "has no usable name", "Write a short word, such as [dinner].")
    unknown = sorted(set(table) - set(RULE_KEYS))
    if unknown:
        raise _bad(name, f'has a key "{unknown[0]}" that nobody reads', f"Known are: {', '.join(RULE_KEYS)}.")
    kind = RewardKind(_word(name, table, "kind", RewardKind, RewardKind.IN_KIND))
    own_currency = str(table.get("currency", currency))
    if len(own_currency) != 3 or not (own_currency.isascii() and own_currency.isupper()):
        raise _bad(name, f'has currency = "{own_currency}"', "Write three letters: EUR, USD, SEK …")
    trigger = Trigger(_word(name, table, "trigger", Trigger, Trigger.WON))
    beneficiary = Beneficiary(_word(name, table, "beneficiary", Beneficiary, Beneficiary.REFERRER))
    rule = Rule(
        name=name,
        title=str(table.get("title", name)),
        trigger=trigger,
        beneficiary=beneficiary,
        kind=kind,
        currency=own_currency,
        **_value(name, table, kind, own_currency),
        minimum_purchase=_amount(name, table, "minimum_purchase", own_currency),
        hold_days=_number(name, table, "hold_days", MOST_DAYS),
        cap_count=_number(name, table, "cap_count", 1000),
        cap_amount=_amount(name, table, "cap_amount", own_currency),
        from_nth=_number(name, table, "from_nth", 1000),
        until_nth=_number(name, table, "until_nth", 1000),
        valid_days=_number(name, table, "valid_days", MOST_DAYS),
        approval=_yes(name, table, "approval"),
        off=_yes(name, table, "off"),
    )
    _check_sense(rule)
    return rule


def _check_sense(rule: Rule) -> None:
    if rule.trigger != Trigger.WON and (rule.beneficiary == Beneficiary.REFERRED or rule.needs_purchase):
        what = "gives to the person referred" if rule.beneficiary == Beneficiary.REFERRED else "asks for a purchase"
        raise _bad(rule.name, f"{what} before the referral is won", 'Write trigger = "won".')
    if rule.until_nth and rule.until_nth < rule.from_nth:
        raise _bad(rule.name, f"ends at number {rule.until_nth} before it begins", "Correct from_nth or until_nth.")


def _value(name: str, table: Mapping[str, Any], kind: RewardKind, currency: str) -> dict[str, Any]:
    """Read what is given: words and a cost for a thing in kind, a share, or an amount."""
    value = table.get("value")
    if kind == RewardKind.IN_KIND:
        if not isinstance(value, str) or not value.strip() or len(value) > NAME_LIMIT:
            raise _bad(name, "does not say what is given", 'Write value = "dinner for two".')
        return {"what": value.strip(), "amount_minor": _amount(name, table, "cost", currency)}
    if "cost" in table:
        raise _bad(name, "has a cost beside its amount", 'A cost is for kind = "in_kind" alone.')
    if kind == RewardKind.PERCENT:
        points = _scaled(name, "value", value, 2)
        if not 0 < points <= 10_000:
            raise _bad(name, f"has value = {value!r}", "Write a percentage above 0, up to 100.")
        return {"basis_points": points}
    amount = _amount(name, table, "value", currency)
    if amount <= 0:
        raise _bad(name, "gives nothing", 'Write value = "50".')
    return {"amount_minor": amount}


def _amount(name: str, table: Mapping[str, Any], key: str, currency: str) -> int:
    return _scaled(name, key, table.get(key, 0), digits(currency))


def _scaled(name: str, key: str, value: object, places: int) -> int:
    """Read a plain number, written with or without quotation marks, as whole units of its last place."""
    try:
        number = Decimal(str(value).strip()) if isinstance(value, int | float | str | Decimal) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite() or not 0 <= number < MOST:
        raise _bad(name, f"has {key} = {value!r}", "Write a plain number from 0 on, such as 60 or 12.50.")
    scaled = number.scaleb(places)
    if scaled != scaled.to_integral_value() or scaled >= MOST:
        raise _bad(name, f"has {key} = {value!r}", f"Write at most {places} decimals.")
    return int(scaled)


def _number(name: str, table: Mapping[str, Any], key: str, most: int) -> int:
    value = table.get(key, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise _bad(name, f"has {key} = {value!r}", f"Write a whole number from 0 to {most}.")
    return value


def _yes(name: str, table: Mapping[str, Any], key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise _bad(name, f"has {key} = {value!r}", "Write true or false.")
    return value


def _word(name: str, table: Mapping[str, Any], key: str, words: type[StrEnum], default: str) -> str:
    value = table.get(key, default)
    if value not in [word.value for word in words]:
        raise _bad(name, f'has {key} = "{value}"', f"Write one of: {', '.join(word.value for word in words)}.")
    return str(value)


def _bad(name: str, what: str, hint: str) -> BadValue:
    return BadValue(f"Incentive [{name}] {what}.", hint, field="incentives")
