"""Every figure of the reports, counted by hand, on both engines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import facts
import pytest

from conftest import TODAY, Writing
from refertrack.reports import catalogue, figures
from refertrack.reports.frame import Report, View
from refertrack.reports.sheet import sheet
from refertrack.rules.business import Business
from refertrack.rules.money import Money
from refertrack.rules.periods import Period
from refertrack.rules.statistics import Change, Middle, Rate, Score
from refertrack.rules.worth import Worth
from refertrack.store.reader import open_reader
from refertrack.store.target import Target

YEAR = Period(date(2025, 11, 25), TODAY)
EUR = "EUR"


def ask(target: Target, name: str, by: str = "segment", period: Period = YEAR, **more: Any) -> Report:
    with open_reader(target, snapshot=True) as reader:
        return catalogue.ask(name, by, View(reader, period, TODAY, **more))


def rows(found: Report) -> dict[str, Any]:
    return {"|".join(line.group): line.values for line in found.rows}


def euro(amount: float) -> Money:
    return Money(round(amount * 100), EUR)


def test_requests(target: Target, write: Writing) -> None:
    with write() as session:
        ann, bo = facts.customer(session, "Ann", "Retail"), facts.customer(session, "Bo", "Private")
        named = facts.ask(session, ann, "2026-03-01", "named", "2026-03-05")
        facts.referral(session, ann, "2026-03-05", ask_id=named)
        facts.referral(session, ann, "2026-03-06", ask_id=named)
        facts.ask(session, ann, "2026-04-01", "declined", "2026-04-11")
        facts.ask(session, ann, "2026-05-01")  # nobody answered: silent by now
        facts.ask(session, ann, "2026-11-03", days=7)  # 10 + 14 November: its time is up on the 24th, not past
        facts.ask(session, ann, "2025-11-24", "declined", "2026-01-01")  # sent the day before
        review = facts.ask(session, bo, "2026-02-01", "agreed", "2026-02-02", form="review")
        facts.recommendation(session, bo, "2026-02-20", review)
        facts.ask(session, bo, "2026-02-01", "no_one", "2026-02-04", form="linkedin")
        facts.ask(session, bo, "2026-02-01", "cancelled")
    found = rows(ask(target, "asks"))
    retail, private = found["Retail"], found["Private"]
    assert [retail[key] for key in ("sent", "named", "declined", "no_response", "waiting")] == [4, 1, 1, 1, 1]
    assert (retail["ask_yield"], retail["public_yield"]) == (Rate(1, 3), Rate(0, 0))
    assert retail["days_to_answer"] == Middle(7.0, 2)  # 4 and 10 days
    assert [private[key] for key in ("sent", "agreed", "no_one")] == [2, 1, 1]
    assert (private["ask_yield"], private["public_yield"]) == (Rate(0, 0), Rate(1, 2))
    # In the past the answer had not come, and the referral had not been received.
    before = rows(ask(target, "asks", period=Period(date(2026, 3, 1), date(2026, 3, 4))))["Retail"]
    assert (before["sent"], before["named"], before["waiting"], before["ask_yield"]) == (1, 0, 1, Rate(0, 0))


def test_reasons(target: Target, write: Writing) -> None:
    with write() as session:
        ann, bo = facts.customer(session, "Ann", "Retail"), facts.customer(session, "Bo", "Private")
        privacy = facts.reason(session, "privacy", "privacy")
        other = facts.reason(session, "data", "my data", merged_into=privacy)
        for who, reason_id, state in ((ann, privacy, "declined"), (ann, other, "declined"), (ann, None, "no_one"),
                                      (bo, None, "declined"), (bo, privacy, "agreed")):  # fmt: skip
            facts.ask(session, who, "2026-02-01", state, "2026-02-04", reason_id=reason_id)
        facts.ask(session, ann, "2026-02-01", "declined", "2026-02-04", reason_words="too busy")
        facts.ask(session, ann, "2025-01-01", "declined", "2025-02-01", reason_id=privacy)  # another year
    found = ask(target, "reasons")
    assert {key: values["share"] for key, values in rows(found).items()} == {
        "Retail|privacy": Rate(2, 4),
        "Retail|no one in mind": Rate(1, 4),
        "Retail|too busy": Rate(1, 4),
        "Private|no reason given": Rate(1, 1),
    }
    assert [line.group for line in found.total] == [
        ("privacy",), ("no one in mind",), ("no reason given",), ("too busy",),
    ]  # fmt: skip
    assert found.total[0].values["share"] == Rate(2, 5)
    told = {row[0].words: [cell.words.split("\n")[0] for cell in row[1:]] for row in sheet(found, crossed=True).rows}
    assert told == {"Private": ["1 of 1", "0 of 1", "0 of 1", "0 of 1"],
                    "Retail": ["0 of 4", "2 of 4", "1 of 4", "1 of 4"]}  # fmt: skip


def test_promises(target: Target, write: Writing) -> None:
    with write() as session:
        ann, bo = facts.customer(session, "Ann", "Retail"), facts.customer(session, "Bo", "Private")
        pump = facts.product(session, "Pump")
        for promised, delivered in (("2026-03-10", "2026-03-08"), ("2026-03-10", "2026-03-10"),
                                    ("2026-03-10", "2026-03-15"), ("2026-03-10", "2026-03-17")):  # fmt: skip
            facts.purchase(session, ann, "2026-03-01", promised=promised, delivered=delivered, product_id=pump)
        facts.purchase(session, ann, "2026-03-01", promised="2026-03-20")  # never came
        facts.purchase(session, ann, "2026-11-01", promised="2026-11-24", delivered="2026-11-20")
        facts.purchase(session, ann, "2026-11-01", promised="2026-12-24")  # for later
        facts.purchase(session, ann, "2026-11-01", delivered="2026-11-02")  # nothing was promised
        facts.purchase(session, bo, "2026-03-01", promised="2026-03-10", status="cancelled",
                       ended_on=date(2026, 3, 5))  # fmt: skip
        facts.purchase(session, bo, "2026-03-01", promised="2026-03-10", delivered="2026-03-10", status="returned",
                       ended_on=date(2026, 3, 20))  # fmt: skip
    found = rows(ask(target, "service"))
    retail = found["Retail"]
    assert [retail[key] for key in ("promised", "early", "on_the_day", "late", "undelivered")] == [6, 2, 1, 2, 1]
    assert retail["on_time_rate"] == Rate(3, 5)
    assert retail["days_off"] == Middle(0.0, 5)  # -4 -2 0 5 7
    assert retail["days_late"] == Middle(6.0, 2)
    assert retail["days_needed"] == Middle(14.0, 5)  # 7 9 14 16 19
    assert (found["Private"]["promised"], found["Private"]["on_time_rate"]) == (1, Rate(1, 1))
    assert {key: row["on_time_rate"] for key, row in rows(ask(target, "service", "product")).items()} == {
        "": Rate(2, 2),
        "Pump": Rate(2, 4),
    }
    # On 12 March two had come, two were late but not here yet, and Bo's cancelled one counted no more.
    then = rows(ask(target, "service", period=Period(date(2026, 3, 1), date(2026, 3, 12))))["Retail"]
    assert (then["on_time_rate"], then["undelivered"]) == (Rate(2, 2), 2)


def test_complaints(target: Target, write: Writing) -> None:
    with write() as session:
        ann, bo = facts.customer(session, "Ann", "Retail"), facts.customer(session, "Bo", "Private")
        pump = facts.product(session, "Pump")
        bought = facts.purchase(session, ann, "2026-01-01", product_id=pump)
        facts.complaint(session, ann, "2026-03-01", "2026-03-02", "2026-03-08", "2026-03-15", process="delivery",
                        purchase_id=bought)  # fmt: skip
        facts.complaint(session, ann, "2026-03-10", "2026-03-13", "2026-03-20", process="delivery")  # not confirmed
        facts.complaint(session, ann, "2026-04-01", kind="claim", process="invoice",
                        cost_minor=18_000, currency="EUR")  # fmt: skip
        facts.complaint(session, ann, "2026-11-20", "2026-11-20")  # too young to judge
        facts.complaint(session, ann, "2026-11-21", kind="claim", process="invoice", cost_minor=2_050, currency="EUR")
        facts.complaint(session, ann, "2026-11-22", kind="claim", cost_minor=700, currency="USD")
        facts.complaint(session, bo, "2026-03-01", kind="compliment")
    found = rows(ask(target, "complaints"))
    assert list(found) == ["Retail|EUR", "Retail|USD"]
    retail, dollars = found["Retail|EUR"], found["Retail|USD"]
    assert [retail[key] for key in ("received", "claims", "open")] == [6, 3, 4]
    assert (retail["costed"], retail["cost"]) == (2, euro(200.50))  # 180 and 20.50
    assert (dollars["costed"], dollars["cost"], dollars.get("received")) == (1, Money(700, "USD"), None)
    assert retail["recovery_rate"] == Rate(1, 3)
    assert (retail["days_to_acknowledge"], retail["days_to_resolve"]) == (Middle(1.0, 3), Middle(8.5, 2))
    by_process = {key: row["received"] for key, row in rows(ask(target, "complaints", "process")).items()
                  if "received" in row}  # fmt: skip
    assert by_process == {"|EUR": 2, "delivery|EUR": 2, "invoice|EUR": 2}
    by_product = rows(ask(target, "complaints", "product"))
    assert (by_product["|EUR"]["received"], by_product["Pump|EUR"]["received"]) == (5, 1)
    then = rows(ask(target, "complaints", period=Period(date(2026, 3, 1), date(2026, 3, 10))))["Retail|EUR"]
    assert (then["received"], then["open"], then["days_to_acknowledge"]) == (2, 1, Middle(1.0, 1))


def test_what_customers_say(target: Target, write: Writing) -> None:
    with write() as session:
        people = [facts.customer(session, f"C{n}", "Retail") for n in range(50)]
        for who, score in zip(people, [5] * 10 + [4] * 20 + [3] * 10 + [2] * 5 + [1] * 5, strict=True):
            facts.survey(session, who, "2026-03-01", scores={"service": score})
        again = people[0]  # the latest answer counts, and the scores of other questions stay
        facts.survey(session, again, "2026-02-01", scores={"service": 0, "communication": 3})
        facts.survey(session, again, "2025-01-01", scores={"performance": 5})  # another year
        facts.survey(session, again, invited="2026-06-01")
        facts.survey(session, again, "2026-06-20", invited="2026-06-10", has_recommended=True, would_recommend=10)
        facts.survey(session, people[1], "2026-06-20", has_recommended=False, would_recommend=3)
        facts.survey(session, people[2], invited="2026-06-01", undeliverable=True)
        facts.survey(session, people[3], invited="2026-11-01")  # 23 days ago
    found = rows(ask(target, "surveys"))
    service = found["Retail|service"]
    assert (service["answers"], service["share"], service["mean"]) == (50, Rate(30, 50), Middle(3.5, 50))
    assert found["Retail|communication"]["share"] == Rate(0, 1)
    assert "Retail|performance" not in found
    assert found["Retail|response"]["share"] == Rate(1, 2)
    assert found["Retail|without an invitation"]["answers"] == 52
    assert found["Retail|has recommended"]["share"] == Rate(1, 2)
    assert found["Retail|would recommend"]["nps"] == Score(1, 1, 2)
    with open_reader(target, snapshot=True) as reader:
        assert figures.figure(reader, "satisfied", YEAR, TODAY, "Retail") == Rate(30, 51)
        assert figures.figure(reader, "satisfied service", YEAR, TODAY) == Rate(30, 50)
        assert figures.figure(reader, "response", YEAR, TODAY) == Rate(1, 2)


def test_the_net_promoter_score(target: Target, write: Writing) -> None:
    with write() as session:
        scores = [9] * 100 + [10] * 62 + [7] * 54 + [8] * 54 + [0] * 27 + [6] * 27
        for n, score in enumerate(scores):
            facts.survey(session, facts.customer(session, f"C{n}"), "2026-03-01", would_recommend=score)
    score = rows(ask(target, "surveys", "all"))["would recommend"]["nps"]
    low, high = score.interval
    assert (score.n, round(score.value, 1), round(score.error, 4)) == (324, 33.3, 4.1409)
    assert (round(low, 2), round(high, 2)) == (24.95, 41.11)


def test_said_and_not_done(target: Target, write: Writing) -> None:
    with write() as session:
        five = [facts.customer(session, name) for name in ("Ann", "Bo", "Cy", "Dee", "Eve")]
        for who in five[:3]:
            facts.survey(session, who, "2026-03-01", would_recommend=9)
        facts.survey(session, five[3], "2026-03-01", would_recommend=8)  # has not said it
        facts.survey(session, five[4], "2026-08-27", would_recommend=10)  # 89 days ago
        facts.ask(session, five[3], "2026-04-01", "agreed", "2026-04-02")
        facts.referral(session, five[0], "2026-03-02")
        facts.referral(session, five[1], "2026-02-28")  # before they said so
        facts.recommendation(session, five[3], "2026-04-02")
    assert rows(ask(target, "surveys", "all"))["said, not done"]["share"] == Rate(2, 4)


def test_growth(target: Target, write: Writing) -> None:
    quarter = Period(date(2026, 4, 1), date(2026, 6, 30))
    with write() as session:
        ann, bo = facts.customer(session, "Ann", "Retail"), facts.customer(session, "Bo", "Retail")
        cy = facts.customer(session, "Cy", "Retail", source="referral")
        facts.purchase(session, ann, "2025-12-31", 70)  # the quarter before that
        facts.purchase(session, ann, "2026-03-31", 100)
        facts.purchase(session, ann, "2026-04-01", 40)
        facts.purchase(session, ann, "2026-06-30", 20, "USD")
        facts.purchase(session, ann, "2026-05-01", 999, status="returned", ended_on=date(2026, 5, 3))
        facts.purchase(session, bo, "2026-05-02", 30)
        facts.purchase(session, bo, "2026-05-03", 5)
        facts.purchase(session, cy, "2026-05-04", None)
        facts.referral(session, ann, "2026-04-05", ("2026-05-04", "won"), customer_id=cy)
        facts.referral(session, ann, "2026-02-05")
        facts.referral(session, ann, "2026-02-06")
        facts.referral(session, ann, "2026-02-07", ("2026-02-08", "disqualified"))
    found = rows(ask(target, "growth", period=quarter))
    euros, dollars = found["Retail|EUR"], found["Retail|USD"]
    assert (euros["revenue"], euros["existing_revenue"]) == (euro(75), euro(40))
    assert (euros["revenue_before"], euros["existing_before"]) == (euro(100), euro(100))
    assert (euros["revenue_growth"], euros["existing_growth"]) == (Change(7500, 10000), Change(4000, 10000))
    assert euros["revenue_growth"].value == -0.25
    assert euros["referred_share"] == Rate(1, 2)
    assert euros["repeat_share"] == Rate(2, 3)  # Ann on two days, Bo on two; Cy on one
    assert (euros["referrals"], euros["referrals_before"], euros["referral_growth"]) == (1, 2, Change(1, 2))
    assert (dollars["revenue"], dollars["existing_revenue"]) == (Money(2000, "USD"), Money(2000, "USD"))
    assert "referrals" not in dollars  # people stand in the row of the main currency alone
    assert dollars["revenue_growth"] == Change(2000, 0)
    assert dollars["revenue_growth"].value is None
    with open_reader(target, snapshot=True) as reader:
        assert figures.figure(reader, "new by referral", quarter, TODAY, "Retail") == Rate(1, 2)


@pytest.mark.parametrize(
    ("state", "source", "by_referral"),
    [
        ("won", "referral", True),
        ("won", "fair", True),
        ("reversed", "referral", False),  # a win that is taken back is none
        ("lost", "referral", False),  # they came after all, by another way
        ("", "referral", True),  # whose referral nobody wrote down
        ("", "fair", False),
    ],
)
def test_who_came_by_referral_is_who_was_won_by_one(
    target: Target, write: Writing, state: str, source: str, by_referral: bool
) -> None:
    with write() as session:
        ann, cy = facts.customer(session, "Ann"), facts.customer(session, "Cy", source=source)
        facts.purchase(session, cy, "2026-05-04")
        if state:
            steps = ([("2026-05-04", "won")] if state in ("won", "reversed") else []) + (
                [] if state == "won" else [("2026-08-01", state)]
            )
            facts.referral(session, ann, "2026-04-05", *steps, customer_id=cy)
    period, spring = Period(date(2026, 1, 1), date(2026, 11, 24)), Period(date(2026, 1, 1), date(2026, 6, 30))
    assert rows(ask(target, "growth", "all", period=period))[EUR]["referred_share"] == Rate(int(by_referral), 1)
    assert rows(ask(target, "profit", "all", period=period))[EUR]["new_customers"] == int(not by_referral)
    group = "yes|EUR" if by_referral else "no|EUR"
    assert rows(ask(target, "growth", "referred", period=period))[group]["referred_share"].n == 1
    known_then = 1 if state in ("won", "reversed") else int(by_referral)
    assert rows(ask(target, "growth", "all", period=spring))[EUR]["referred_share"] == Rate(known_then, 1)


def test_those_who_refer_stay(target: Target, write: Writing) -> None:
    with write() as session:  # the index day is 24 November 2025
        ann, bo, cy = (facts.customer(session, name) for name in ("Ann", "Bo", "Cy"))
        for who in (ann, bo):
            facts.purchase(session, who, "2025-11-23")
        facts.purchase(session, cy, "2025-11-24")
        facts.referral(session, ann, "2025-11-23")
        facts.referral(session, bo, "2025-11-24")
        facts.purchase(session, ann, "2026-11-24")
    found = rows(ask(target, "growth", "all"))[EUR]
    assert (found["stay_referrers"], found["stay_others"]) == (Rate(1, 1), Rate(0, 1))


def test_discounts(target: Target, write: Writing) -> None:
    with write() as session:
        ann, bo = facts.customer(session, "Ann"), facts.customer(session, "Bo")
        facts.purchase(session, ann, "2026-01-01", 80, list_amount_minor=10000)
        facts.purchase(session, bo, "2026-01-01", 90, list_amount_minor=10000)
        facts.purchase(session, ann, "2026-02-01", 95, list_amount_minor=10000)
        facts.purchase(session, ann, "2026-03-01", 95)
    found = rows(ask(target, "growth", "all"))[EUR]
    assert (found["first_discount"], found["later_discount"]) == (Middle(15.0, 2), Middle(5.0, 1))


def test_rewards(target: Target, write: Writing) -> None:
    with write() as session:
        ann = facts.customer(session, "Ann", "Retail")
        won = [facts.referral(session, ann, "2026-03-01", ("2026-03-20", "won")) for _ in range(2)]
        facts.referral(session, ann, "2026-03-01")
        old = facts.referral(session, ann, "2025-01-01", ("2025-02-01", "won"))
        facts.reward(session, won[0], ann, 50, "given", "2026-03-20", "2026-04-01")
        facts.reward(session, won[1], ann, 50, "given", "2026-03-20", "2026-04-01")
        facts.reward(session, won[1], ann, -50, "clawed_back", "2026-03-20", ended="2026-05-01", line="claw_back")
        facts.reward(session, won[0], ann, 10, "held", "2026-03-20", line="second")
        facts.reward(session, won[0], ann, 7, "accrued", "2026-03-20", line="third", valid_until=date(2026, 11, 23))
        facts.reward(session, won[0], ann, 9, "voided", "2026-03-20", ended="2026-04-20", line="fourth")
        facts.reward(session, old, ann, 20, "given", "2025-02-01", "2026-01-01")
        facts.reward(session, old, ann, 30, "approved", "2025-02-01", currency="USD", line="second")
    found = rows(ask(target, "rewards"))
    euros, dollars = found["Retail|EUR"], found["Retail|USD"]
    assert (euros["accrued"], euros["given"], euros["paid"]) == (5, 3, euro(70))
    assert (euros["owed"], euros["liability"]) == (1, euro(10))
    assert (euros["won"], euros["cost_per_win"]) == (2, euro(25))
    assert (dollars["owed"], dollars["liability"], dollars["won"]) == (1, Money(3000, "USD"), None)
    # On 10 April both were given, none was taken back, and the one that was voided later was owed.
    then = rows(ask(target, "rewards", period=Period(date(2026, 3, 1), date(2026, 4, 10))))["Retail|EUR"]
    assert (then["paid"], then["owed"], then["liability"]) == (euro(100), 3, euro(26))


def test_profit(target: Target, write: Writing) -> None:
    business = Business(worth=Worth(margin=None, follow_up_cost=Decimal("2.50")))
    with write() as session:
        ann, bo = facts.customer(session, "Ann", "Retail", source="fair"), facts.customer(session, "Bo", "Retail")
        cy = facts.customer(session, "Cy", "Retail", source="referral")
        pump, gift = facts.product(session, "Pump", 40), facts.product(session, "Gift")
        facts.purchase(session, ann, "2026-03-01", 1000, product_id=pump)
        facts.purchase(session, bo, "2026-03-01", 201, product_id=gift)
        facts.purchase(session, bo, "2025-03-01", 1, product_id=gift)
        facts.purchase(session, cy, "2026-03-01", 10, product_id=pump)
        won = facts.referral(session, ann, "2026-02-01", ("2026-03-01", "won"), customer_id=cy)
        facts.reward(session, won, ann, 50, "given", "2026-03-01", "2026-03-02")
        for purpose in ("service", "referral", "internal"):
            facts.done(session, ann, "2026-03-03", purpose)
        facts.spend(session, "2026-03-01", "fair", "winning", 300)
        facts.spend(session, "2026-04-01", "paper", "winning", 100)
        facts.spend(session, "2026-04-01", "paper", "keeping", 20)
        facts.spend(session, "2025-11-01", "paper", "winning", 999)  # that month began before the period
    retail = rows(ask(target, "profit", business=business))["Retail|EUR"]
    assert (retail["revenue"], retail["margin"], retail["no_margin"]) == (euro(1211), euro(404), euro(201))
    assert (retail["incentives"], retail["follow_up_cost"], retail["profit"]) == (euro(50), euro(5), euro(349))
    assert (retail["new_customers"], retail["won"], retail["cost_per_win"]) == (1, 1, euro(50))
    assert (retail["winning"], retail["cost_of_winning"]) == (None, None)  # spend belongs to no segment
    whole = rows(ask(target, "profit", "all", business=business))[EUR]
    assert (whole["winning"], whole["cost_of_winning"]) == (euro(400), euro(400))
    assert (whole["keeping"], whole["cost_of_keeping"]) == (euro(20), euro(20))
    channels = rows(ask(target, "profit", "channel", business=business))
    assert channels["fair|EUR"]["cost_of_winning"] == euro(300)
    assert (channels["paper|EUR"]["winning"], channels["paper|EUR"]["new_customers"]) == (euro(100), 0)
    with_margin = Business(worth=Worth(margin=10))
    assert rows(ask(target, "profit", "all", business=with_margin))[EUR]["margin"] == euro(404 + 20.1)


def test_a_win_that_was_taken_back_is_none(target: Target, write: Writing) -> None:
    with write() as session:
        ann = facts.customer(session, "Ann", "Retail", source="fair")
        won = facts.referral(session, ann, "2026-02-01", ("2026-03-01", "won"))
        back = facts.referral(session, ann, "2026-02-01", ("2026-03-01", "won"), ("2026-06-01", "reversed"))
        facts.reward(session, won, ann, 50, "given", "2026-03-01", "2026-03-02")
        facts.reward(session, back, ann, 50, "given", "2026-03-01", "2026-03-02")
        facts.reward(session, back, ann, -50, "clawed_back", "2026-03-01", ended="2026-06-01", line="claw_back")
    for by, group in (("all", EUR), ("segment", "Retail|EUR"), ("channel", "fair|EUR")):
        found = rows(ask(target, "profit", by))[group]
        assert (found["won"], found["incentives"], found["cost_per_win"]) == (1, euro(50), euro(50))
    spring = Period(date(2026, 1, 1), date(2026, 5, 31))  # nothing was taken back yet
    found = rows(ask(target, "profit", "all", spring))[EUR]
    assert (found["won"], found["cost_per_win"]) == (2, euro(50))
    since = Period(date(2026, 6, 1), TODAY)
    assert rows(ask(target, "profit", "all", since))[EUR]["won"] == 0


def test_advocates(target: Target, write: Writing) -> None:
    with write() as session:
        ann, bo = facts.customer(session, "Ann", "Retail"), facts.customer(session, "Bo", "Private")
        cy, dee = facts.customer(session, "Cy"), facts.customer(session, "Dee")
        pump = facts.product(session, "Pump", 50)
        facts.purchase(session, cy, "2025-11-10", 200, product_id=pump)  # 200 × 50 % = 100 in each half-year
        facts.purchase(session, cy, "2026-05-10", 200, product_id=pump)
        facts.purchase(session, cy, "2026-11-10", 70, product_id=pump)  # the 365 days are over
        facts.purchase(session, dee, "2026-06-01", 30, product_id=pump)
        one = facts.referral(session, ann, "2025-11-01", ("2025-11-10", "won"), customer_id=cy,
                             would_have_come_anyway=False)  # fmt: skip
        facts.referral(session, ann, "2026-05-01", ("2026-06-01", "won"), customer_id=dee)
        facts.referral(session, bo, "2026-05-01")
        facts.reward(session, one, ann, 40, "given", "2025-11-10", "2025-11-20")
    period = Period(date(2025, 10, 1), TODAY)
    worth = Worth(retention_cost=Decimal(10), acquisition_saved=Decimal(20))
    found = ask(target, "advocates", "", period=period, business=Business(worth=worth))
    assert [line.group[1] for line in found.rows] == ["Ann", "Bo"]
    first, second = (line.values for line in found.rows)
    assert (first["referrals"], first["won"]) == (2, 2)
    assert (first["won_value"], first["young_value"]) == (euro(400), euro(30))
    # Cy as in the published example: 143.536. Dee half and half: half of (15 − 10 + 20) and half of 20, in the
    # first half-year, ÷ 1.15^0.5, half-year two has not begun.
    assert first["crv"] == euro(143.536 + (12.5 + 10) / 1.15**0.5)
    assert first["crv"] == first["crv_net"]
    assert (second["referrals"], second["won"], second["crv"]) == (1, 0, euro(0))
    assert len(ask(target, "advocates", "", period=period, limit=1).rows) == 1
    unknown = ask(target, "advocates", "", period=period)
    assert unknown.rows[0].values["crv"] is not None  # the products have margins


def test_what_was_given_before_the_first_purchase_was_given_for_it(target: Target, write: Writing) -> None:
    with write() as session:
        ann, cy = facts.customer(session, "Ann"), facts.customer(session, "Cy")
        facts.purchase(session, cy, "2026-01-20", 100)
        won = facts.referral(session, ann, "2026-01-01", ("2026-01-20", "won"), customer_id=cy,
                             would_have_come_anyway=False)  # fmt: skip
        facts.reward(session, won, ann, 50, "given", "2026-01-01", "2026-01-02")
    worth = Business(worth=Worth(margin=40, acquisition_saved=Decimal(0)))
    (line,) = ask(target, "advocates", "", business=worth).rows
    assert line.values["crv"] == euro((40 - 50) / 1.15**0.5)


def test_spend_on_a_channel_is_that_of_a_source_in_other_capitals(target: Target, write: Writing) -> None:
    with write() as session:
        for name, source in (("Ann", "Fair"), ("Bo", "Paper"), ("Cy", "paper")):
            facts.purchase(session, facts.customer(session, name, source=source), "2026-11-02")
        for channel, amount in (("fair", 30), ("FAIR", 12), ("paper", 5), ("Radio", 7)):
            facts.spend(session, "2026-11-01", channel, "winning", amount)
    found = rows(ask(target, "profit", "channel"))
    assert {name: (line["winning"], line["new_customers"]) for name, line in found.items()} == {
        "Fair|EUR": (euro(42), 1), "Paper|EUR": (None, 1), "paper|EUR": (euro(5), 1), "Radio|EUR": (euro(7), 0),
    }  # fmt: skip
    for typed in ("fair", "FAIR", "Fair"):
        (line,) = ask(target, "profit", "all", where=(("channel", typed),)).rows
        assert (line.values["winning"], line.values["cost_of_winning"]) == (euro(42), euro(42))


def test_whose_joining_day_is_not_known_joined_with_the_first_purchase(target: Target, write: Writing) -> None:
    with write() as session:
        ann, bo, cy = (facts.customer(session, name, joined_on=None) for name in ("Ann", "Bo", "Cy"))
        dee = facts.customer(session, "Dee", joined="2026-08-01")
        facts.purchase(session, ann, "2025-12-20", 1, status="cancelled", ended_on=date(2025, 12, 21))
        for who, on in ((ann, "2026-01-20"), (ann, "2026-05-20"), (bo, "2026-04-01"), (dee, "2026-02-01")):
            facts.purchase(session, who, on, 10)
        facts.referral(session, cy, "2026-03-01")
    found = rows(ask(target, "growth", "joined-quarter,quarter", Period(date(2026, 1, 1), date(2026, 6, 30))))
    assert {name: line["revenue"] for name, line in found.items() if line["revenue"].amount_minor} == {
        "2026-Q1|2026-Q1|EUR": euro(20), "2026-Q1|2026-Q2|EUR": euro(10), "2026-Q2|2026-Q2|EUR": euro(10)
    }  # fmt: skip
    assert rows(ask(target, "referrals", "joined"))[""]["referrals"] == 1
    (line,) = ask(target, "growth", "joined-quarter", YEAR, where=(("joined", "2026"),)).rows[:1]
    assert line.group == ("2026-Q1", EUR)


def test_a_discount_on_a_very_large_price_is_the_same_on_both_engines(target: Target, write: Writing) -> None:
    with write() as session:
        for name, off in (("Ann", 0), ("Bo", 25)):
            who, price = facts.customer(session, name, name), 9_300_000_000_000
            facts.purchase(session, who, "2026-05-01", price * (100 - off) // 100, list_amount_minor=price * 100)
        tiny = facts.customer(session, "Cy", "Cy")
        facts.purchase(session, tiny, "2026-05-01", 9_300_000_000_000, list_amount_minor=1)
    found = rows(ask(target, "growth"))
    assert [found[f"{name}|EUR"]["first_discount"].value for name in ("Ann", "Bo", "Cy")] == [0.0, 25.0, None]


def test_an_advocates_value_needs_a_margin(target: Target, write: Writing) -> None:
    with write() as session:
        ann, cy = facts.customer(session, "Ann"), facts.customer(session, "Cy")
        facts.purchase(session, cy, "2026-05-10", 200)
        facts.referral(session, ann, "2026-05-01", ("2026-05-10", "won"), customer_id=cy)
    assert ask(target, "advocates", "").rows[0].values["crv"] is None


@pytest.mark.parametrize("name", catalogue.NAMES)
@pytest.mark.parametrize("by", ["segment,quarter", "referred", "product", "tag", "joined-quarter,month"])
def test_every_report_groups_by_every_dimension(target: Target, write: Writing, name: str, by: str) -> None:
    with write() as session:
        ann = facts.customer(session, "Ann", "Retail")
        facts.purchase(session, ann, "2026-03-01", promised="2026-03-02", delivered="2026-03-03")
        facts.survey(session, ann, "2026-03-01", scores={"service": 5}, would_recommend=9)
        facts.referral(session, ann, "2026-03-01")
    found = ask(target, name, by, Period(date(2026, 1, 1), date(2026, 6, 30)))
    assert found.keys == (*by.split(","), *catalogue.definition(name).own)
    assert all(len(line.group) == len(found.keys) for line in found.rows)
