"""Rewards through the life of a referral: earned, held, approved, given, voided, clawed back; whatever the order."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from conftest import TODAY, Writing, make_context
from refertrack.models.follow_ups import FollowUp
from refertrack.models.referrals import Referral, Reward
from refertrack.reports import rewards as report
from refertrack.rules.errors import BadValue, NotAllowed, RefertrackError
from refertrack.rules.incentives import OWED, read_incentives, state_on
from refertrack.rules.money import Money
from refertrack.rules.words import ReferralState, RewardState
from refertrack.store import engine
from refertrack.store import settings as store_settings
from refertrack.store.engine import session_reader
from refertrack.store.target import Target
from refertrack.workflows import consequences, customers, purchases, referrals, rewards

DINNER: dict[str, Any] = {"kind": "in_kind", "value": "dinner for two", "cost": 60}


def rules(**tables: dict[str, Any]) -> dict[str, Any]:
    return {"incentives": read_incentives(tables, "EUR")}


def referral(session: Session, name: str = "Rui Costa", **values: Any) -> int:
    known = session.info.setdefault("referrer", None)
    if known is None:
        known = session.info["referrer"] = customers.add(session, {"name": "Marta Oliveira"}).customer.key
    return referrals.receive(session, known, referrals.NewReferral(name, **values)).referral.key


def lines(session: Session) -> list[tuple[str, str, int]]:
    found = session.exec(select(Reward).order_by(Reward.id)).all()  # type: ignore[arg-type]
    return [(each.line.split()[0], str(each.state), each.amount_minor) for each in found]


def test_a_win_earns_once_and_is_held(write: Writing) -> None:
    with write(**rules(dinner={**DINNER, "hold_days": 30})) as session:
        number = referral(session)
        moved = referrals.win(session, number)
        (reward,) = moved.rewards
        assert (reward.words, reward.state, reward.hold_until) == ("dinner for two", "held", date(2026, 12, 24))
        item = session.exec(select(FollowUp).where(FollowUp.playbook == "reward")).one()
        assert (item.step, item.due_on) == ("give", date(2026, 12, 24))
        with pytest.raises(NotAllowed, match="held until 2026-12-24"):
            rewards.give(session, reward.key)
    with write(today=date(2026, 12, 24)) as session:
        consequences.complete(session, item.key)
        given_back = rewards.get(session, reward.key)
        assert (given_back.state, given_back.given_on) == ("given", date(2026, 12, 24))
        with pytest.raises(NotAllowed, match="was given on 2026-12-24"):
            rewards.give(session, reward.key)


def test_giving_closes_the_item_and_approval_comes_first(write: Writing) -> None:
    with write(**rules(dinner={**DINNER, "approval": True})) as session:
        (reward,) = referrals.win(session, referral(session)).rewards
        with pytest.raises(NotAllowed, match="not approved yet"):
            rewards.give(session, reward.key)
        rewards.approve(session, reward.key)
        rewards.give(session, reward.key)
        items = session.exec(select(FollowUp).where(FollowUp.playbook == "reward").order_by(FollowUp.id)).all()  # type: ignore[arg-type]
        assert [(item.step, item.state) for item in items] == [("approve", "done"), ("give", "done")]


def test_a_reversed_win_voids_what_was_not_given_and_claws_back_what_was(write: Writing) -> None:
    with write(**rules(dinner=DINNER, early={**DINNER, "trigger": "received", "value": "flowers"})) as session:
        first, second = referral(session), referral(session, "Lin Wu")
        referrals.win(session, first)
        (gave, *_) = [each for each in referrals.win(session, second).rewards if each.rule == "dinner"]
        rewards.give(session, gave.key)
        referrals.move(session, first, ReferralState.REVERSED, reason="cancelled")
        referrals.move(session, second, ReferralState.REVERSED, reason="cancelled")
        assert sorted(lines(session)) == [
            ("claw_back", "clawed_back", -6000),
            ("reward", "accrued", 6000),
            ("reward", "accrued", 6000),
            ("reward", "given", 6000),
            ("reward", "voided", 6000),
        ]
        live = session.exec(
            select(FollowUp).where(FollowUp.playbook == "reward", FollowUp.state == "open", FollowUp.step == "give")
        ).all()
        assert [item.because for item in live] == ["flowers: referred Rui Costa", "flowers: referred Lin Wu"]


def test_a_disqualified_referral_loses_all_and_can_earn_anew(write: Writing) -> None:
    with write(**rules(early={**DINNER, "trigger": "received"})) as session:
        number = referral(session)
        referrals.move(session, number, ReferralState.DISQUALIFIED, reason="a test")
        assert lines(session) == [("reward", "voided", 6000)]
        referrals.move(session, number, ReferralState.RECEIVED, reason="no test after all")
        referrals.move(session, number, ReferralState.LOST, reason="too dear")
        referrals.move(session, number, ReferralState.RECEIVED, reason="came back")
        assert lines(session) == [("reward", "voided", 6000), ("reward", "accrued", 6000)]


def test_a_share_waits_for_the_first_purchase(write: Writing) -> None:
    with write(**rules(share={"kind": "percent", "value": 5, "minimum_purchase": 100})) as session:
        moved = referrals.win(session, referral(session))
        assert moved.rewards == ()
        assert moved.customer is not None
        purchases.add(session, moved.customer.key, purchases.NewPurchase(amount=Money(420_000, "EUR")))
        purchases.add(session, moved.customer.key, purchases.NewPurchase(amount=Money(990_000, "EUR")))
        assert lines(session) == [("reward", "accrued", 21_000)]
        other = referrals.win(session, referral(session, "Lin Wu"), amount=Money(9_000, "EUR"))
        assert other.rewards == ()


def test_a_share_is_of_the_first_purchase_and_of_no_win_of_the_past(write: Writing) -> None:
    with write(today=TODAY - timedelta(days=400), **rules()) as session:  # no such rule yet
        known = referrals.win(session, referral(session), amount=Money(100_000, "EUR")).customer
        assert known is not None
        known_id = known.key
    with write(**rules(share={"kind": "percent", "value": 5})) as session:
        purchases.add(session, known_id, purchases.NewPurchase(amount=Money(420_000, "EUR")))
        assert lines(session) == []  # the first purchase was another
        marta = customers.add(session, {"name": "Hanna Berg"}).customer.key
        old = customers.add(session, {"name": "Lin Wu", "joined_on": TODAY - timedelta(days=90)}).customer
        referrals.arrived(session, marta, old)
        bought_on = TODAY - timedelta(days=80)
        purchases.add(session, old.key, purchases.NewPurchase(amount=Money(50_000, "EUR"), ordered_on=bought_on))
        assert lines(session) == []


def test_a_purchase_before_the_win_earns_on_the_day_of_the_win(write: Writing) -> None:
    with write(today=TODAY - timedelta(days=9), **rules(share={"kind": "percent", "value": 5})) as session:
        number = referral(session)
    with write(**rules(share={"kind": "percent", "value": 5})) as session:
        won = referrals.win(session, number).customer
        assert won is not None
        ordered = TODAY - timedelta(days=3)
        purchases.add(session, won.key, purchases.NewPurchase(amount=Money(420_000, "EUR"), ordered_on=ordered))
        (reward,) = session.exec(select(Reward)).all()
        assert (reward.amount_minor, reward.accrued_on) == (21_000, TODAY)


def test_caps_hold_in_a_calendar_year(write: Writing) -> None:
    with write(**rules(cash={"kind": "flat", "value": "50", "cap_amount": "120"})) as session:
        for name in ("Rui Costa", "Lin Wu", "Jo Park", "Anna Ek"):
            referrals.win(session, referral(session, name))
        assert [amount for _, _, amount in lines(session)] == [5000, 5000, 2000]


def test_the_person_referred_can_be_rewarded(write: Writing) -> None:
    with write(**rules(hello={**DINNER, "beneficiary": "referred"})) as session:
        moved = referrals.win(session, referral(session))
        assert moved.customer is not None
        assert [each.customer_id for each in moved.rewards] == [moved.customer.key]


def test_a_reward_expires_and_is_refused_with_a_reason(write: Writing) -> None:
    with write(**rules(dinner={**DINNER, "valid_days": 10})) as session:
        one = referrals.win(session, referral(session)).rewards[0].key
        two = referrals.win(session, referral(session, "Lin Wu")).rewards[0].key
        rewards.refuse(session, two, "they want nothing")
        with pytest.raises(NotAllowed, match="needs a reason"):
            rewards.refuse(session, one, " ")
        with pytest.raises(BadValue, match="before the reward was earned"):
            rewards.give(session, one, TODAY - timedelta(days=1))
        with pytest.raises(NotAllowed, match="was voided"):
            rewards.approve(session, two)
    with write(today=TODAY + timedelta(days=11)) as session:
        with pytest.raises(NotAllowed, match="expired on 2026-12-04"):
            rewards.give(session, one)
        assert rewards.give(session, one, TODAY + timedelta(days=9)).state == RewardState.GIVEN


def test_old_news_earns_nothing(write: Writing) -> None:
    with write(**rules(dinner=DINNER)) as session:
        marta = customers.add(session, {"name": "Marta"}).customer
        old = customers.add(session, {"name": "Rui", "joined_on": date(2024, 1, 1)}).customer
        new = customers.add(session, {"name": "Lin"}).customer
        assert referrals.arrived(session, marta.key, old).rewards == ()
        assert len(referrals.arrived(session, marta.key, new).rewards) == 1


EVENTS = ("receive", "contacted", "qualified", "win", "lost", "disqualified", "reversed", "reopen", "buy",
          "approve", "give", "refuse", "day")  # fmt: skip
PLANS: tuple[dict[str, dict[str, Any]], ...] = (
    {"dinner": {**DINNER, "cap_count": 2}},
    {"cash": {"kind": "flat", "value": "50", "cap_amount": "120", "hold_days": 3, "valid_days": 9}},
    {"early": {**DINNER, "trigger": "received", "cap_count": 3},
     "share": {"kind": "percent", "value": 7.5, "cap_amount": "90", "approval": True},
     "hello": {"kind": "flat", "value": "10", "beneficiary": "referred", "minimum_purchase": "20"}},
    {"third": {**DINNER, "from_nth": 2, "cap_amount": "100"}, "mid": {**DINNER, "trigger": "qualified"}},
)  # fmt: skip


@contextmanager
def _opened(path: Path, day: date, plan: dict[str, Any]) -> Iterator[Session]:
    business = replace(store_settings.load_business({}), incentives=read_incentives(plan, "EUR"))
    with engine.writing(Target(path=path), make_context(day, business=business)) as session:
        yield session


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(PLANS),
    st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 3), st.integers(1, 200_00)), min_size=5, max_size=40),
)
def test_no_order_of_events_pays_twice_or_passes_a_cap(
    sqlite_template: Path, plan: dict[str, Any], events: list[tuple[str, int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        shutil.copy(sqlite_template, path)
        day = TODAY
        with _opened(path, day, plan) as session:
            for event, which, amount in events:
                if event == "day":
                    day += timedelta(days=which + 1)
                    session.info["context"] = replace(session.info["context"], today=day)
                    continue
                try:
                    _happen(session, event, which, amount)
                except RefertrackError:
                    session.flush()
                _check(session, plan)


def _happen(session: Session, event: str, which: int, amount: int) -> None:
    if event == "receive":
        referral(session, f"Friend {which}", email=f"friend{which}@x.example")
        return
    number = which + 1
    if event in {"approve", "give", "refuse"}:
        {"approve": rewards.approve, "give": rewards.give, "refuse": lambda s, n: rewards.refuse(s, n, "no")}[event](
            session, number
        )
    elif event == "win":
        referrals.win(session, number, amount=Money(amount, "EUR") if amount % 2 else None)
    elif event == "buy":
        moved, _ = referrals.get(session, number)
        if moved.customer_id:
            purchases.add(session, moved.customer_id, purchases.NewPurchase(amount=Money(amount, "EUR")))
    else:
        state = ReferralState.RECEIVED if event == "reopen" else ReferralState(event)
        referrals.move(session, number, state, reason="because")


def _check(session: Session, plan: dict[str, Any]) -> None:
    all_lines = session.exec(select(Reward)).all()
    found = read_incentives(plan, "EUR")
    by_reward: dict[tuple[int, str, str], list[Reward]] = {}
    by_year: dict[tuple[int, str, int], list[Reward]] = {}
    for each in all_lines:
        by_reward.setdefault((each.referral_id, each.rule, each.beneficiary), []).append(each)
        if each.state != RewardState.VOIDED:
            by_year.setdefault((each.customer_id, each.rule, each.accrued_on.year), []).append(each)
    for several in by_reward.values():
        given_sum = sum(each.amount_minor for each in several if each.state == RewardState.GIVEN)
        back = -sum(each.amount_minor for each in several if each.state == RewardState.CLAWED_BACK)
        alive = [each for each in several if each.state in OWED]
        kept = [each for each in several if each.state == RewardState.GIVEN]
        taken = [each for each in several if each.state == RewardState.CLAWED_BACK]
        assert back <= given_sum, "clawed back more than was given"
        assert len(alive) + len(kept) - len(taken) <= 1, "earned twice"
        owed_back = [-line.amount_minor for line in taken]
        assert not Counter(owed_back) - Counter(line.amount_minor for line in kept), "what comes back was not given"
    _check_states(session, all_lines)
    for (_, name, _), several in by_year.items():
        rule, back_count = found[name], sum(each.state == RewardState.CLAWED_BACK for each in several)
        assert not rule.cap_count or len(several) - 2 * back_count <= rule.cap_count
        assert not rule.cap_amount or sum(each.amount_minor for each in several) <= rule.cap_amount


def _check_states(session: Session, all_lines: Sequence[Reward]) -> None:
    """See that nothing was given before its time, and that nothing is owed for a referral that came to nothing."""
    today = session.info["context"].today
    for each in all_lines:
        rule = json.loads(each.rule_copy)
        assert (each.amount_minor <= 0) if each.line.startswith("claw_back") else (each.amount_minor >= 0)
        if each.given_on is not None and each.state == RewardState.GIVEN:
            assert each.hold_until is None or each.given_on >= each.hold_until, "given while it was held"
            assert each.valid_until is None or each.given_on <= each.valid_until, "given when it had expired"
            assert each.approved_on is not None or not rule["approval"], "given without approval"
        state = session.get_one(Referral, each.referral_id).state
        if state == ReferralState.DISQUALIFIED or (state == ReferralState.REVERSED and rule["trigger"] == "won"):
            assert each.state not in OWED, "owed for nothing"
    owed = sum(line.amount_minor for line in all_lines
               if state_on(line.state, line.hold_until, line.valid_until, today) in OWED)  # fmt: skip
    session.flush()
    assert sum(each.amount_minor for each in report.owed(session_reader(session), today)) == owed
