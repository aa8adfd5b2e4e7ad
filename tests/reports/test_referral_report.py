"""The report by group: every figure counted by hand, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from conftest import TODAY, Writing
from refertrack.models.customers import OptOut
from refertrack.models.listening import Feedback
from refertrack.reports import catalogue
from refertrack.reports.frame import Line, Report, View
from refertrack.rules.errors import BadValue
from refertrack.rules.periods import Period
from refertrack.rules.smart import Smart
from refertrack.rules.words import CustomerStatus, ReferralState
from refertrack.store.reader import open_reader
from refertrack.store.target import Target
from refertrack.workflows import asks, customers, referrals

YEAR = Period(date(2025, 11, 25), TODAY)


def on(session: Session, day: date) -> None:
    session.info["context"] = replace(session.info["context"], today=day)


def add(session: Session, name: str, segment: str, day: date, **values: Any) -> int:
    on(session, day)
    return customers.add(session, {"name": name, "segment": segment, **values}).customer.key


def refer(session: Session, who: int, name: str, day: date) -> int:
    on(session, day)
    return referrals.receive(session, who, referrals.NewReferral(name, email=f"{name.lower()}@x.example")).referral.key


def ask(session: Session, who: int, day: date) -> int:
    on(session, day)
    request = Smart("guest houses", 1, "card", "", day + timedelta(days=7))
    number = asks.record(session, who, request, anyway="a test").ask.key
    asks.sent(session, number, day)
    return number


@pytest.fixture
def filled(target: Target, write: Writing) -> Target:
    """Two segments; the day each thing happened decides where it counts."""
    with write() as session:
        ann = add(session, "Ann", "Retail", date(2026, 1, 5))
        bo = add(session, "Bo", "Retail", date(2026, 1, 5), owner="Nora", source="fair")
        cy = add(session, "Cy", "Private", date(2026, 2, 1), country="SE")
        dee = add(session, "Dee", "Private", date(2026, 2, 1))
        add(session, "Eve", "Private", date(2026, 11, 20))  # joined late
        prospect = add(session, "Flo", "Retail", date(2026, 3, 1))
        customers.set_status(session, customers.get(session, prospect), CustomerStatus.PROSPECT, date(2026, 3, 1))
        ask(session, ann, date(2026, 3, 2))
        ask(session, cy, date(2025, 3, 2))  # before the period
        ask(session, dee, date(2026, 3, 3))
        won = refer(session, ann, "Gil", date(2026, 3, 4))
        on(session, date(2026, 4, 10))
        referrals.win(session, won)
        lost = refer(session, ann, "Hal", date(2026, 3, 5))
        on(session, date(2026, 5, 1))
        referrals.move(session, lost, ReferralState.LOST, reason="too dear")
        out = refer(session, bo, "Ida", date(2026, 3, 6))
        on(session, date(2026, 3, 7))
        referrals.move(session, out, ReferralState.DISQUALIFIED, reason="no need")
        refer(session, cy, "Jon", date(2026, 11, 1))  # still open
        refer(session, cy, "Kim", date(2026, 2, 10))  # nobody moved it: expired, and valid
        refer(session, cy, "Lea", date(2025, 11, 24))  # the day before the period
        on(session, TODAY)
        session.add(OptOut(customer_id=bo, channel="any", purpose="referral", since=date(2026, 6, 1)))
        session.add(Feedback(customer_id=dee, kind="complaint", on_day=date(2026, 6, 1), words="late"))
    return target


def report(target: Target, by: str = "segment", period: Period = YEAR) -> Report:
    with open_reader(target, snapshot=True) as reader:
        return catalogue.ask("referrals", by, View(reader, period, TODAY))


def counts(lines: tuple[Line, ...]) -> dict[str, tuple[int, ...]]:
    """Customers, eligible, asked, took part, referrals, won and open of each group."""
    return {line.group[0] if line.group else "all": _counts(line) for line in lines}


def _counts(line: Line) -> tuple[int, ...]:
    value: Any = line.values
    asked, part = value["ask_rate"], value["participation_rate"]
    return (part.n, asked.n, asked.k, part.k, value["referrals"], value["won"], value["open"])


def test_every_figure_by_segment(filled: Target) -> None:
    found = report(filled)
    assert counts(found.rows) == {
        "": (1, 1, 0, 0, 0, 0, 0),  # Gil, who was won and is in no segment
        "Private": (3, 2, 0, 1, 2, 0, 1),  # Dee was asked and complains: not eligible
        "Retail": (2, 1, 1, 1, 2, 1, 0),
    }
    assert counts(found.total) == {"all": (6, 4, 1, 2, 4, 1, 1)}


def test_a_past_period_is_told_as_it_stood_on_its_last_day(filled: Target) -> None:
    found = counts(report(filled, period=Period(date(2026, 3, 1), date(2026, 3, 31))).rows)
    # Hal and Gil were received and open in March; Bo had not opted out, Dee had not complained; Eve was not there.
    assert found == {"Private": (2, 2, 1, 0, 0, 0, 0), "Retail": (2, 2, 1, 1, 2, 0, 2)}


def test_each_month_is_a_period_of_its_own(filled: Target) -> None:
    found = counts(report(filled, "month", Period(date(2026, 2, 1), date(2026, 4, 30))).rows)
    assert found == {
        "2026-02": (4, 4, 0, 1, 1, 0, 1),
        "2026-03": (4, 4, 2, 1, 2, 0, 2),
        "2026-04": (5, 5, 0, 0, 0, 0, 0),
    }


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("owner", {"": 5, "Nora": 1}),
        ("source", {"": 4, "fair": 1, "referral": 1}),
        ("country", {"": 5, "SE": 1}),
    ],
)
def test_other_groups(filled: Target, by: str, groups: dict[str, int]) -> None:
    assert {line.group[0]: line.values["customers"] for line in report(filled, by).rows} == groups


def test_tags_need_not_sum_to_all(filled: Target, write: Writing) -> None:
    with write() as session:
        customers.add_tags(session, customers.get(session, 1), ["fair", "press"])
    found = report(filled, "tag")
    assert {name: (row[0], row[4]) for name, row in counts(found.rows).items()} == {"fair": (1, 2), "press": (1, 2)}
    assert counts(found.total)["all"][0] == 6


def test_an_unknown_group_is_refused(filled: Target) -> None:
    with pytest.raises(BadValue, match="cannot be grouped by"):
        report(filled, "colour")


def test_a_period_without_anybody_is_empty(filled: Target) -> None:
    empty = report(filled, period=Period(date(2020, 1, 1), date(2020, 12, 31)))
    assert (empty.rows, empty.total) == ((), ())
