"""Readiness by sets agrees with the rule for each customer, whatever their history, on both engines."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from sqlmodel import Session

from conftest import TODAY, Program, Writing
from refertrack.models.customers import OptOut
from refertrack.models.follow_ups import FollowUp, Touch
from refertrack.models.listening import Feedback, Survey
from refertrack.models.referrals import Ask, Referral
from refertrack.models.sales import Purchase
from refertrack.reports.readiness import Wanted, readiness_of, ready, ready_by
from refertrack.rules.readiness import Verdict
from refertrack.store.engine import session_reader
from refertrack.workflows import customers


def history(session: Session, chance: Random, who: int) -> None:
    """Give a customer some of everything that readiness looks at, near the limits of its windows."""

    def ago() -> date:
        return TODAY - timedelta(days=chance.choice([0, 1, 6, 7, 8, 13, 14, 15, 29, 30, 31, 89, 90, 91, 179, 180, 181]))

    def maybe(share: float, row: Any) -> None:
        if chance.random() < share:
            session.add(row)

    for _ in range(2):
        ordered = ago()
        maybe(0.5, Purchase(customer_id=who, ordered_on=ordered, promised_on=ordered + timedelta(days=5),
                            delivered_on=ordered + timedelta(days=chance.randint(3, 7)), currency="EUR",
                            status=chance.choice(["ordered", "delivered", "returned"])))  # fmt: skip
        maybe(0.6, Touch(customer_id=who, on_day=ago(), channel="call", direction="out",
                         kind=chance.choice(["service", "selling"]), two_way=chance.random() < 0.7))  # fmt: skip
        maybe(0.4, Survey(customer_id=who, token=f"{who}-{chance.random()}", answered_on=ago(),
                          lowest=chance.randint(2, 5), would_recommend=chance.choice([None, 2, 6, 7, 10])))  # fmt: skip
    resolved = chance.choice([None, ago()])
    maybe(0.2, Feedback(customer_id=who, kind="complaint", on_day=ago(), words="late", resolved_on=resolved,
                        confirmed_on=chance.choice([None, ago()])))  # fmt: skip
    maybe(0.2, Feedback(customer_id=who, kind="compliment", on_day=ago(), words="well done"))
    maybe(0.1, OptOut(customer_id=who, channel=chance.choice(["any", "email", "phone", "post"]),
                      purpose=chance.choice(["any", "referral", "survey"]), since=TODAY))  # fmt: skip
    day = ago()
    maybe(0.2, Ask(customer_id=who, asked_on=day, sent_on=chance.choice([None, day]), specific="shops", measurable=1,
                   attainable="card", realistic="glad", time_specific=day + timedelta(days=chance.randint(1, 60)),
                   state=chance.choice(["draft", "sent", "agreed", "no_one"])))  # fmt: skip
    maybe(0.1, Referral(referrer_id=who, name="Rui", received_on=ago(), moved_on=TODAY,
                        state=chance.choice(["received", "disqualified", "lost"])))  # fmt: skip
    due = TODAY + timedelta(days=chance.choice([-30, -1, 0, 1, 90]))
    step, purpose = chance.choice([("1", "service"), ("2", "service"), ("5", "referral")])
    maybe(0.2, FollowUp(customer_id=who, playbook="lost_touch", step=step, what=f"lost touch, step {step}",
                        channel="phone", purpose=purpose, nominal_due=due, due_on=due,
                        state=chance.choice(["open", "held", "done"])))  # fmt: skip


@pytest.mark.parametrize(
    ("step", "days", "verdict"),
    [("1", 90, "ask now"), ("1", 0, "not yet"), ("2", 3, "not yet"), ("5", 3, "not yet"), ("5", 0, "ask now")],
)
def test_lost_touch_keeps_from_asking_until_its_last_step(write: Writing, step: str, days: int, verdict: str) -> None:
    due = TODAY + timedelta(days=days)
    with write() as session:
        who = customers.add(session, {"name": "Hanna Berg"}).customer.key
        for row in (
            Touch(customer_id=who, on_day=TODAY, channel="call", direction="out", kind="service", two_way=True),
            Survey(customer_id=who, token="t", answered_on=TODAY, lowest=5),
            FollowUp(customer_id=who, playbook="lost_touch", step=step, what=f"lost touch, step {step}",
                     channel="phone", purpose="referral" if step == "5" else "service", nominal_due=due, due_on=due),
        ):  # fmt: skip
            session.add(row)
        session.flush()
        found = readiness_of(session_reader(session), who, TODAY)
    assert (found.verdict, f"lost touch, step {step}" in found.reasons) == (verdict, verdict == "not yet")


def test_sets_agree_with_the_rule(write: Writing) -> None:
    chance = Random(11)
    with write() as session:
        for number in range(300):
            values = {"name": f"Customer {number}", "segment": chance.choice(["Private", "Retail"])}
            more = {"email": f"c{number}@x.example", "phone": "+4681234567",
                    "preferred_channel": chance.choice(["", "email", "phone"])}  # fmt: skip
            values |= {name: value for name, value in more.items() if chance.random() < 0.6}
            added = customers.add(session, values, prospect=chance.random() < 0.1)
            history(session, chance, added.customer.key)
        session.flush()
        reader = session_reader(session)
        found = ready(reader, TODAY, Wanted())
        by_segment = ready_by(reader, TODAY, "segment", Wanted())
        one_by_one = {each.customer["id"]: readiness_of(reader, each.customer["id"], TODAY) for each in found.shown}
        limited = {most: ready(reader, TODAY, Wanted(limit=most)) for most in (1, 7, 40, 400)}
    assert len(found.shown) == 300
    assert {each.customer["id"]: each.readiness for each in found.shown} == one_by_one
    counts = {verdict: sum(each.verdict is verdict for each in one_by_one.values()) for verdict in Verdict}
    assert [found.counts, *(each.counts for each in limited.values())] == [counts] * 5
    assert all(count > 15 for count in counts.values()), counts
    totals = {verdict: sum(group[verdict] for _, group in by_segment) for verdict in Verdict}
    assert (totals, [name for name, _ in by_segment]) == (counts, ["Private", "Retail"])
    scores = [each.readiness.score for each in found.shown if each.readiness.verdict is Verdict.ASK_NOW]
    assert scores == sorted(scores, reverse=True)
    for most, few in limited.items():  # a limit cuts each section, and orders nothing anew
        sections = ([each for each in found.shown if each.readiness.verdict is verdict] for verdict in Verdict)
        assert list(few.shown) == [each for section in sections for each in section[:most]]


@pytest.mark.parametrize(
    ("resolved", "confirmed", "verdict"),
    [(None, None, "do not ask"), (6, None, "do not ask"), (7, None, "ask now"), (6, 0, "ask now")],
)
def test_a_complaint_stops_until_it_is_confirmed_or_seven_days_after_it_was_put_right(
    write: Writing, resolved: int | None, confirmed: int | None, verdict: str
) -> None:
    def ago(days: int | None) -> date | None:
        return None if days is None else TODAY - timedelta(days=days)

    with write() as session:
        who = customers.add(session, {"name": "Hanna Berg"}).customer.key
        session.add(Feedback(customer_id=who, kind="compliment", on_day=TODAY, words="so quiet"))
        session.add(Feedback(customer_id=who, kind="claim", on_day=TODAY - timedelta(days=9), words="a leak",
                             resolved_on=ago(resolved), confirmed_on=ago(confirmed)))  # fmt: skip
        session.flush()
        assert readiness_of(session_reader(session), who, TODAY).verdict == verdict


def test_an_opt_out_counts_on_the_channel_that_would_be_used(write: Writing) -> None:
    with write() as session:
        who = customers.add(
            session, {"name": "Hanna", "email": "h@x.example", "preferred_channel": "phone"}
        ).customer.key
        session.add(OptOut(customer_id=who, channel="email", purpose="referral", since=TODAY))
        reader = session_reader(session)
        assert readiness_of(reader, who, TODAY).verdict is Verdict.NOT_YET
        stopped = readiness_of(reader, who, TODAY, channel="email")
    assert stopped.reasons == ("does not want to be asked by email since 24 Nov 2026",)


def test_ready_shows_who_and_why(shop: Program) -> None:
    assert (shop("ready", "--json").json, shop("ready").code) == ([], 0)
    shop("add-customer", "Marta [red]", "--segment", "Guest house")
    shop("add-purchase", "marta", "--ordered", "2026-11-02", "--promised", "2026-11-30", "--delivered", "2026-11-16")
    shop("add-customer", "Jo Park")
    item = shop("due", "--json").json[-1]["id"]
    assert shop("done", item).code == 0  # "arrived and works?" is a contact both ways
    first, second = shop("ready", "--json").json
    assert first == {
        "id": 1, "customer": "Marta [red]", "company": "", "segment": "Guest house", "owner": "", "verdict": "ask now",
        "score": 3, "reasons": ["delivered early on 16 Nov 2026", "a contact that sold nothing on 24 Nov 2026"],
        "signs": ["delivered early on 16 Nov 2026 (+2)", "a contact that sold nothing on 24 Nov 2026 (+1)"],
        "evidence_on": "2026-11-24",
    }  # fmt: skip
    assert (second["customer"], second["verdict"]) == ("Jo Park", "not yet")
    assert shop("ready", "--by", "segment", "--json").json == [
        {"segment": "", "customers": 1, "ask_now": 0, "not_yet": 1, "do_not_ask": 0},
        {"segment": "Guest house", "customers": 1, "ask_now": 1, "not_yet": 0, "do_not_ask": 0},
    ]
    assert len(shop("ready", "--segment", "Guest house", "--csv").lines) == 2
    assert shop("ready", "--by", "shoe size").code == 2
    assert shop("ready", "--all", "--limit", "3").code == 2
