"""Whatever happens in whatever order, a referral's rules hold (docs/asking.md lists them)."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from conftest import TODAY, writer
from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp, FollowUpAnchor
from refertrack.models.referrals import Referral, ReferralEvent
from refertrack.rules.errors import RefertrackError
from refertrack.rules.referrals import ALLOWED, EXPIRES_AFTER_DAYS, NEED_REASON, OPEN_STATES, state_today
from refertrack.rules.words import Consent, ReferralState
from refertrack.store.target import Target
from refertrack.workflows import customers, purchases, referrals
from refertrack.workflows.referred import Edit, NewReferral, edit

PEOPLE = 3
CONSENTS = st.sampled_from([*Consent])
REFERRALS = st.integers(1, 5)
EVENTS = st.one_of(
    st.tuples(st.just("receive"), st.integers(0, 2 * PEOPLE - 1), st.integers(0, PEOPLE - 1), CONSENTS, st.booleans()),
    st.tuples(st.just("move"), REFERRALS, st.sampled_from([*ReferralState]), CONSENTS, st.booleans()),
    st.tuples(st.just("win"), REFERRALS, st.integers(0, 2 * PEOPLE), st.booleans()),
    st.tuples(st.just("buy"), st.integers(0, PEOPLE - 1), st.integers(0, 40)),
    st.tuples(st.just("arrive"), st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1), st.booleans()),
    st.tuples(st.just("edit"), REFERRALS, CONSENTS, st.integers(-1, PEOPLE - 1)),
    st.tuples(st.just("wait"), st.sampled_from([1, 30, EXPIRES_AFTER_DAYS + 1, 366])),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EVENTS, min_size=3, max_size=14))
def test_every_sequence_keeps_the_rules(sqlite_template: Path, tmp_path: Path, sequence: list[tuple[Any, ...]]) -> None:
    path = tmp_path / "sequence.db"
    shutil.copy(sqlite_template, path)
    write, today = writer(Target(path=path)), TODAY
    with write(today=today) as session:
        for number in range(PEOPLE):
            values = {"name": f"Referrer {number}", "email": f"r{number}@x.example", "joined_on": date(2020, 1, 1)}
            customers.add(session, values)
    before: list[str] = []
    for event in sequence:
        if event[0] == "wait":
            today += timedelta(days=event[1])
        refused = False
        try:
            with write(today=today) as session:
                _happen(session, today, *event)
        except RefertrackError:
            refused = True
        with write(today=today) as session:
            _check(session, today)
            after = _shot(session)
            assert not (refused and before) or after == before  # what is refused changes nothing
            before = after


def _happen(session: Session, today: date, kind: str, *details: Any) -> None:
    {"receive": _receive, "move": _move, "win": _win, "buy": _buy, "arrive": _arrive, "edit": _edit,
     "wait": lambda *_: None}[kind](session, today, *details)  # fmt: skip


def _receive(session: Session, _today: date, referrer: int, friend: int, consent: Consent, override: bool) -> None:
    who = session.exec(select(Customer.id).order_by(col(Customer.id)).offset(referrer)).first()
    new = NewReferral(f"Friend {friend}", email=f"f{friend}@x.example", consent=consent,
                      override="she says so" if override else "")  # fmt: skip
    referrals.receive(session, who or 1, new)


def _move(session: Session, _today: date, number: int, to: ReferralState, consent: Consent, reason: bool) -> None:
    if to not in {ReferralState.WON, ReferralState.EXPIRED}:
        given_consent = consent if consent != Consent.NONE else None
        referrals.move(session, number, to, reason="because" if reason else "", consent=given_consent)


def _win(session: Session, _today: date, number: int, customer: int, override: bool) -> None:
    referrals.win(session, number, customer_id=customer or None, override="she says so" if override else "")


def _buy(session: Session, today: date, friend: int, ago: int) -> None:
    found = session.exec(select(Customer).where(Customer.email_key == f"f{friend}@x.example")).first()
    day = today - timedelta(days=ago)
    if found is None:
        values = {"name": f"Friend {friend}", "email": f"f{friend}@x.example", "joined_on": day}
        found = customers.add(session, values).customer
    purchases.add(session, found.key, purchases.NewPurchase(ordered_on=day))


def _arrive(session: Session, _today: date, referrer: int, friend: int, prospect: bool) -> None:
    values = {"name": f"Friend {friend}", "email": f"f{friend}@x.example"}
    referrals.arrived(session, referrer + 1, customers.add(session, values, prospect=prospect).customer)


def _edit(session: Session, _today: date, number: int, consent: Consent, friend: int) -> None:
    edit(session, number, Edit(consent=consent, email=f"f{friend}@x.example" if friend >= 0 else None))


def _shot(session: Session) -> list[str]:
    return [repr(row.model_dump()) for model in (Referral, ReferralEvent, Customer, FollowUp)
            for row in session.exec(select(model).order_by(col(model.id))).all()]  # fmt: skip


def _check(session: Session, today: date) -> None:
    rows = session.exec(select(Referral).order_by(col(Referral.id))).all()
    _one_is_credited(rows, today)
    _nobody_in_a_circle(session, rows)
    for referral in rows:
        _states_follow_each_other(session, referral)
        _consent_before_contact(referral)
        _only_the_right_items(session, referral)
        if referral.state in NEED_REASON:
            assert referral.reason
        if referral.reason == "already referred":
            assert referral.first_claim_id is not None


def _one_is_credited(rows: Any, today: date) -> None:
    alive = [row for row in rows if state_today(row.state, row.moved_on, today) in {*OPEN_STATES, ReferralState.WON}]
    for known in ("email_key", "customer_id"):
        people = [getattr(row, known) for row in alive if getattr(row, known)]
        assert len(people) == len(set(people)), f"two are credited by {known}"


def _nobody_in_a_circle(session: Session, rows: Any) -> None:
    by = {row.customer_id: row.referrer_id for row in rows if row.state == ReferralState.WON}
    assert None not in by
    for start, referrer in by.items():
        seen, current = {start}, referrer
        while current in by:
            assert current not in seen, "a circle"
            seen.add(current)
            current = by[current]
        assert session.get(Customer, start) is not None
        assert referrer != start


def _states_follow_each_other(session: Session, referral: Referral) -> None:
    query = select(ReferralEvent).where(ReferralEvent.referral_id == referral.key).order_by(col(ReferralEvent.id))
    events = session.exec(query).all()
    assert (events[0].from_state, events[0].to_state) in {("", "received"), ("", "disqualified")}
    for one, other in pairwise(events):
        expired = other.from_state == ReferralState.EXPIRED and one.to_state in OPEN_STATES
        assert other.from_state == one.to_state or expired
        assert ReferralState(other.to_state) in ALLOWED[ReferralState(other.from_state)]
        assert other.on_day >= one.on_day
        assert other.reason or other.to_state not in NEED_REASON
    assert (events[-1].to_state, events[-1].on_day) == (referral.state, referral.moved_on)


def _consent_before_contact(referral: Referral) -> None:
    if referral.state in {ReferralState.CONTACTED, ReferralState.QUALIFIED}:
        assert referral.consent != Consent.NONE


def _only_the_right_items(session: Session, referral: Referral) -> None:
    query = (
        select(FollowUp.step)
        .join(FollowUpAnchor, col(FollowUpAnchor.follow_up_id) == col(FollowUp.id))
        .where(FollowUpAnchor.anchor_table == "referral", FollowUpAnchor.anchor_id == referral.key)
        .where(FollowUp.state == "open")
    )
    steps = set(session.exec(query).all()) - {"thanks"}
    if referral.state == ReferralState.RECEIVED:
        assert steps <= {"introduction" if referral.consent == Consent.NONE else "contact"}
    elif referral.state in OPEN_STATES or referral.state == ReferralState.REVERSED:
        assert not steps
    else:
        assert steps <= {"tell"}
