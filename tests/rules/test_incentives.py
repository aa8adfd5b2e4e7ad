"""What a referral earns: the grammar of the rules, and their arithmetic."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refertrack.rules.errors import BadValue
from refertrack.rules.incentives import (
    Earned,
    Grant,
    Rule,
    decide,
    loses,
    percent_words,
    read_incentives,
    rule_words,
    share,
    state_on,
    triggers_of,
)
from refertrack.rules.money import Money
from refertrack.rules.words import RewardState, Trigger

DAY = date(2026, 11, 24)
DINNER = {"kind": "in_kind", "value": "dinner for two", "cost": 60}


def rule(**table: Any) -> Rule:
    return read_incentives({"dinner": {**DINNER, **table}}, "EUR")["dinner"]


def flat(value: str = "50", **table: Any) -> Rule:
    return read_incentives({"cash": {"kind": "flat", "value": value, **table}}, "EUR")["cash"]


def percent(value: object = 5, **table: Any) -> Rule:
    return read_incentives({"share": {"kind": "percent", "value": value, **table}}, "EUR")["share"]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "When a referral is won, the referrer gets dinner for two (costs 60.00 EUR)."),
        ({"cost": 0, "off": True}, "Off: when a referral is won, the referrer gets dinner for two."),
        ({"trigger": "received", "hold_days": 30, "approval": True},
         "When a referral is received, the referrer gets dinner for two"
         " (costs 60.00 EUR; held for 30 days; needs approval)."),
        ({"beneficiary": "referred", "kind": "flat", "value": "12.50", "cost": None},
         "When a referral is won, the person referred gets 12.50 EUR."),
        ({"kind": "percent", "value": 2.5, "cost": None, "minimum_purchase": 100, "cap_amount": "300", "cap_count": 3},
         "When a referral is won, the referrer gets 2.5 % of the first purchase (first purchase of at least"
         " 100.00 EUR; at most 3 in a year; at most 300.00 EUR in a year)."),
        ({"from_nth": 3, "valid_days": 365},
         "When a referral is won, the referrer gets dinner for two"
         " (costs 60.00 EUR; won referrals from number 3 on; expires after 365 days)."),
        ({"until_nth": 2, "currency": "JPY"},
         "When a referral is won, the referrer gets dinner for two (costs 60 JPY; the won referrals 1 to 2)."),
    ],
)  # fmt: skip
def test_a_rule_reads_as_a_sentence(table: dict[str, Any], words: str) -> None:
    document = {key: value for key, value in {**DINNER, **table}.items() if value is not None}
    assert rule_words(read_incentives({"r": document}, "EUR")["r"]) == words


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"prize": 1}, 'has a key "prize"'),
        ({"value": ""}, "does not say what is given"),
        ({"kind": "cash"}, 'has kind = "cash"'),
        ({"trigger": "lost"}, 'has trigger = "lost"'),
        ({"beneficiary": "staff"}, 'has beneficiary = "staff"'),
        ({"cost": -1}, "has cost = -1"),
        ({"cost": "1e400"}, "has cost"),
        ({"cost": "NaN"}, "has cost"),
        ({"cost": "60.005"}, "at most 2 decimals"),
        ({"cost": True}, "has cost = True"),
        ({"cost": "9999999999999999"}, "has cost"),
        ({"hold_days": -1}, "has hold_days = -1"),
        ({"hold_days": 1.5}, "has hold_days = 1.5"),
        ({"hold_days": True}, "has hold_days = True"),
        ({"cap_count": 1001}, "has cap_count = 1001"),
        ({"approval": "yes"}, "has approval = 'yes'"),
        ({"currency": "euro"}, 'has currency = "euro"'),
        ({"kind": "flat", "value": "50"}, "has a cost beside its amount"),
        ({"trigger": "received", "beneficiary": "referred"}, "before the referral is won"),
        ({"trigger": "received", "minimum_purchase": 10}, "before the referral is won"),
        ({"from_nth": 3, "until_nth": 2}, "ends at number 2"),
    ],
)
def test_a_bad_rule_is_named_with_its_place(table: dict[str, Any], words: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_incentives({"dinner": {**DINNER, **table}}, "EUR")
    assert "[dinner]" in caught.value.message
    assert words in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("value", [0, "0", 100.01, "-5", "abc", None, 0.001])
def test_a_percentage_is_above_nothing_and_at_most_all(value: object) -> None:
    with pytest.raises(BadValue):
        percent(value)


def test_a_document_that_is_no_table_is_refused() -> None:
    with pytest.raises(BadValue, match="is no table"):
        read_incentives({"dinner": "for two"}, "EUR")
    with pytest.raises(BadValue, match="gives nothing"):
        flat("0")


@pytest.mark.parametrize(
    ("rule", "nth", "purchase", "earned", "outcome"),
    [
        (rule(), 1, None, Earned(), (6000, "dinner for two")),
        (rule(off=True), 1, None, Earned(), "the rule is off"),
        (rule(from_nth=3), 2, None, Earned(), "it is for won referrals from number 3 on, and this is number 2"),
        (rule(from_nth=3), 3, None, Earned(), (6000, "dinner for two")),
        (rule(until_nth=2), 3, None, Earned(), "it is for the won referrals 1 to 2, and this is number 3"),
        (rule(cap_count=2), 9, None, Earned(1, 6000), (6000, "dinner for two")),
        (rule(cap_count=2), 9, None, Earned(2, 12000), "at most 2 in a year, and 2 were earned"),
        (rule(cap_amount=100), 1, None, Earned(1, 6000), "at most 100.00 EUR in a year"),
        (flat(), 1, None, Earned(), (5000, "50.00 EUR")),
        (flat(cap_amount=70), 1, None, Earned(1, 5000), (2000, "20.00 EUR")),
        (flat(cap_amount=70), 1, None, Earned(2, 7000), "at most 70.00 EUR in a year"),
        (percent(), 1, None, Earned(), "it waits for the first purchase"),
        (percent(), 1, Money(420_000, "EUR"), Earned(), (21_000, "210.00 EUR")),
        (percent(), 1, Money(420_000, "SEK"), Earned(), "the first purchase is in SEK, the rule in EUR"),
        (percent(2.5), 1, Money(101, "EUR"), Earned(), (3, "0.03 EUR")),
        (flat(minimum_purchase=100), 1, Money(9_999, "EUR"), Earned(), "the first purchase is under 100.00 EUR"),
        (flat(minimum_purchase=100), 1, Money(10_000, "EUR"), Earned(), (5000, "50.00 EUR")),
        (flat(minimum_purchase=100), 1, None, Earned(), "it waits for the first purchase"),
    ],
)
def test_what_a_rule_grants(
    rule: Rule, nth: int, purchase: Money | None, earned: Earned, outcome: str | tuple[int, str]
) -> None:
    decision = decide(rule, DAY, nth, purchase, earned)
    assert decision == outcome if isinstance(decision, str) else (decision.amount_minor, decision.words) == outcome


@pytest.mark.parametrize(
    ("table", "state", "hold_until", "valid_until"),
    [
        ({}, RewardState.ACCRUED, None, None),
        ({"hold_days": 30}, RewardState.HELD, date(2026, 12, 24), None),
        ({"valid_days": 10}, RewardState.ACCRUED, None, date(2026, 12, 4)),
        ({"hold_days": 30, "valid_days": 10}, RewardState.HELD, date(2026, 12, 24), date(2027, 1, 3)),
    ],
)
def test_holds_and_validity(
    table: dict[str, int], state: RewardState, hold_until: date | None, valid_until: date | None
) -> None:
    grant = decide(rule(**table), DAY, 1, None, Earned())
    assert isinstance(grant, Grant)
    assert (grant.state, grant.hold_until, grant.valid_until) == (state, hold_until, valid_until)


@pytest.mark.parametrize(
    ("state", "hold", "valid", "today", "then"),
    [
        ("held", 0, None, -1, "held"),
        ("held", 0, None, 0, "accrued"),
        ("accrued", None, 0, 0, "accrued"),
        ("accrued", None, 0, 1, "expired"),
        ("approved", None, 0, 1, "expired"),
        ("held", 5, 9, 10, "expired"),
        ("given", None, 0, 1, "given"),
        ("voided", None, 0, 1, "voided"),
    ],
)
def test_time_ends_a_hold_and_a_reward(state: str, hold: int | None, valid: int | None, today: int, then: str) -> None:
    days = [DAY + timedelta(days=each) if each is not None else None for each in (hold, valid)]
    assert state_on(state, days[0], days[1], DAY + timedelta(days=today)) == then


@pytest.mark.parametrize(
    ("state", "reached", "lost"),
    [
        ("", 0, 0), ("received", 1, 0), ("contacted", 1, 0), ("qualified", 2, 0), ("won", 3, 0), ("lost", 0, 0),
        ("expired", 0, 0), ("disqualified", 0, 3), ("reversed", 0, 1),
    ],
)  # fmt: skip
def test_how_far_a_referral_has_come(state: str, reached: int, lost: int) -> None:
    assert (len(triggers_of(state)), len(loses(state))) == (reached, lost)
    assert loses("reversed") == (Trigger.WON,)


def test_shares_are_written_shortly() -> None:
    assert [percent_words(points) for points in (500, 250, 10_000, 1)] == ["5 %", "2.5 %", "100 %", "0.01 %"]


@given(st.integers(0, 10**14), st.integers(1, 10_000))
def test_a_share_is_never_more_than_the_whole_and_never_off_by_more_than_half(amount: int, points: int) -> None:
    found = share(amount, points)
    assert 0 <= found <= amount
    assert abs(found * 10_000 - amount * points) <= 5_000


@given(
    st.lists(st.integers(0, 10**9), max_size=20),
    st.integers(0, 5),
    st.integers(0, 10**7),
    st.sampled_from(["flat", "percent", "in_kind"]),
)
def test_caps_are_never_passed(purchases: list[int], count: int, cap_minor: int, kind: str) -> None:
    value = {"flat": "50", "percent": 10, "in_kind": "dinner"}[kind]
    cost = {"cost": 60} if kind == "in_kind" else {}
    document = {"kind": kind, "value": value, "cap_count": count, "cap_amount": f"{cap_minor / 100:.2f}", **cost}
    found = read_incentives({"r": document}, "EUR")["r"]
    earned = Earned()
    for nth, amount in enumerate(purchases, 1):
        grant = decide(found, DAY, nth, Money(amount, "EUR"), earned)
        if isinstance(grant, Grant):
            assert grant.amount_minor >= 0
            earned = Earned(earned.count + 1, earned.amount_minor + grant.amount_minor)
    assert not count or earned.count <= count
    assert not found.cap_amount or earned.amount_minor <= found.cap_amount
