"""Many contacts at once come to the same as one after the other, on both engines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, select

from conftest import TODAY, Writing
from refertrack.models.follow_ups import FollowUp
from refertrack.rules.words import Direction, TouchChannel
from refertrack.workflows import customers, touches
from refertrack.workflows.purchases import NewPurchase, add
from refertrack.workflows.touches import NewTouch

BEGUN = TODAY - timedelta(days=400)


def business(session: Session) -> list[int]:
    """Customers of every kind: new, silent for long, with purchases, with an interval of their own, a prospect."""
    joined = (TODAY, TODAY - timedelta(days=50), TODAY - timedelta(days=100), TODAY - timedelta(days=300))
    ids = [
        customers.add(session, {"name": f"Customer {place}", "email": f"c{place}@x.example", "joined_on": day}).customer
        for place, day in enumerate(joined)
    ]
    own = customers.add(session, {"name": "Own", "keep_in_touch_days": 30, "joined_on": TODAY - timedelta(days=20)})
    prospect = customers.add(session, {"name": "Prospect", "joined_on": TODAY - timedelta(days=5)}, prospect=True)
    add(session, ids[0].key, NewPurchase("Press", delivered_on=TODAY))
    return [*(row.key for row in ids), own.customer.key, prospect.customer.key]


def state(session: Session) -> list[tuple[Any, ...]]:
    session.flush()
    session.expire_all()
    rows = session.exec(select(FollowUp).where(FollowUp.playbook.in_(("keep_in_touch", "lost_touch")))).all()  # type: ignore[attr-defined]
    return sorted(
        (row.customer_id, row.playbook, row.step, row.state, row.nominal_due, row.due_on, str(row.ends_on), row.because,
         row.waits, row.moved, row.attempts)
        for row in rows
    )  # fmt: skip


def contacts(ids: list[int]) -> list[tuple[int, NewTouch]]:
    days = [TODAY, TODAY - timedelta(days=3), TODAY - timedelta(days=10), TODAY - timedelta(days=1), TODAY, TODAY]
    late = [(ids[0], NewTouch(TouchChannel.SURVEY, two_way=True, on_day=TODAY - timedelta(days=60)))]
    answered = [
        (who, NewTouch(TouchChannel.SURVEY, two_way=True, direction=Direction.IN, on_day=day))
        for who, day in zip(ids, days, strict=True)
    ]
    return [*answered, *late, (ids[1], NewTouch(TouchChannel.CALL, two_way=False, on_day=TODAY))]


def test_at_once_is_as_one_after_the_other(write: Writing) -> None:
    with write() as session:
        ids = business(session)
        one_by_one = contacts(ids)
        nested = session.connection().begin_nested()
        for who, new in one_by_one:
            touches.record(session, who, new)
        expected = state(session)
        nested.rollback()
        session.expire_all()
        before = state(session)
        assert touches.record_many(session, one_by_one) == len(one_by_one)
        assert state(session) == expected
        assert expected != before


def test_a_contact_that_comes_in_late_moves_nothing_back(write: Writing) -> None:
    with write() as session:
        ids = business(session)
        touches.record_many(session, contacts(ids))
        before = state(session)
        old = NewTouch(TouchChannel.SURVEY, two_way=True, on_day=date(2026, 8, 1))
        touches.record_many(session, [(who, old) for who in ids[:2]])
        assert state(session) == before
