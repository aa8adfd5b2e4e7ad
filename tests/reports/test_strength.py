"""The forecast from the database, its backtest, and a plan's before and since, on both engines."""

from __future__ import annotations

from datetime import date
from typing import Any

import facts
import pytest

from conftest import TODAY, Program, Writing
from refertrack.reports import catalogue
from refertrack.reports.frame import Report, View
from refertrack.rules.errors import BadValue
from refertrack.rules.money import Money
from refertrack.rules.periods import Period
from refertrack.rules.statistics import Rate
from refertrack.store import engine
from refertrack.store.target import Target

YEAR = Period(date(2025, 11, 25), TODAY)


@pytest.fixture
def filled(target: Target, write: Writing) -> Target:
    """The hand-made example of the forecast's own tests, and a customer who buys 100 in each month."""
    with write() as session:
        ann, bo = facts.customer(session, "Ann", "Retail"), facts.customer(session, "Bo", "Private")
        cy = facts.customer(session, "Cy")
        facts.purchase(session, cy, "2026-01-20", 100)
        facts.purchase(session, cy, "2026-02-10", 50)
        facts.purchase(session, cy, "2026-02-11", 999, "USD")
        for month in range(1, 13):
            facts.purchase(session, bo, f"2025-{month:02d}-15", 100)
            if month < 12:
                facts.purchase(session, bo, f"2026-{month:02d}-15", 100)
        facts.referral(session, ann, "2026-01-01", ("2026-01-20", "won"), customer_id=cy)
        facts.referral(session, ann, "2026-01-01", ("2026-03-15", "lost"))
        facts.referral(session, ann, "2026-11-20")
        facts.referral(session, ann, "2026-11-20", ("2026-11-21", "disqualified"))
    return target


def ask(target: Target, by: str = "segment", **more: Any) -> Report:
    with engine.reading(target) as connection:
        return catalogue.ask("strength", by, View(connection, YEAR, TODAY, months=2, **more))


def test_the_forecast_of_each_segment_and_of_all(filled: Target) -> None:
    found = {line.group: line.values for line in ask(filled).rows}
    retail = found["Retail", "EUR"]
    assert (retail["open"], retail["pipeline"], retail["coming"]) == (1, Money(7500, "EUR"), Money(1250, "EUR"))
    assert retail["existing"] == Money(0, "EUR")
    assert found["Private", "EUR"]["existing"] == Money(20_000, "EUR")  # 12 × 100 in 12 months, 2 months ahead
    assert found["", "EUR"]["existing"] == Money(round(5000 / 12 * 2), "EUR")  # Cy's second purchase
    (whole,) = (line.values for line in ask(filled).total if line.group == ("EUR",))
    assert whole["total"] == Money(7500 + 1250 + 20_833, "EUR")
    assert whole["low"].amount_minor < whole["total"].amount_minor < whole["high"].amount_minor


def test_the_forecast_of_the_past_knows_only_the_past(filled: Target) -> None:
    with engine.reading(filled) as connection:
        view = View(connection, Period(date(2025, 2, 1), date(2026, 1, 31)), TODAY, months=2)
        found = {line.group: line.values for line in catalogue.ask("strength", "", view).rows}
    assert found["Retail", "EUR"]["open"] == 1  # the one that was lost in March
    assert found["Private", "EUR"]["existing"] == Money(20_000, "EUR")


def test_the_backtest_sets_forecasts_against_facts(filled: Target) -> None:
    with engine.reading(filled) as connection:
        found = catalogue.ask_backtest(View(connection, YEAR, TODAY, months=2))
    lines = {line.group: line.values for line in found.rows if line.group[1] == "EUR"}
    assert (min(lines)[0], max(lines)[0]) == ("2025-09", "2026-08")
    last = lines["2026-08", "EUR"]
    assert last["fact"] == Money(20_000, "EUR")  # 15 September and 15 October
    assert last["inside"] in {"yes", "no"}
    # December's forecast knows nothing of Cy; the fact holds Cy's purchases, won in January.
    assert lines["2025-12", "EUR"]["fact"] == Money(20_000 + 15_000, "EUR")
    assert lines["2025-12", "EUR"]["forecast"] == Money(round(1100 / 12 * 2 * 100), "EUR")  # Bo's first was in January
    assert "of" in found.sentences[0]


def test_a_plan_is_measured_before_and_since(target: Target, write: Writing) -> None:
    start = date(2026, 11, 1)  # 24 days since, 24 before: from 8 October
    with write() as session:
        for n in range(40):
            who = facts.customer(session, f"C{n}", "Retail")
            facts.purchase(session, who, "2026-01-01", 10)
            facts.purchase(session, who, "2026-10-10", 10)
            facts.purchase(session, who, "2026-11-10", 30)
            if n < 20:
                facts.referral(session, who, "2026-11-02")
            if n < 5:
                facts.referral(session, who, "2026-10-08")
            facts.survey(session, who, "2026-10-09", scores={"service": 4 if n < 10 else 1})
            facts.survey(session, who, "2026-11-09", scores={"service": 5 if n < 12 else 1})
    with engine.reading(target) as connection:
        found = catalogue.ask_plan("segment", View(connection, YEAR, TODAY), start)
        with pytest.raises(BadValue, match="has not come yet"):
            catalogue.ask_plan("", View(connection, YEAR, TODAY), TODAY)
    lines = {line.group: line.values for line in found.rows}
    revenue = lines["Retail", "revenue from existing"]
    assert (revenue["before"], revenue["now"]) == (Money(40_000, "EUR"), Money(120_000, "EUR"))
    assert (revenue["change"].value, revenue["change"].clear) == (80_000, True)
    assert (lines["Retail", "referrals"]["before"], lines["Retail", "referrals"]["now"]) == (5, 20)
    assert lines["Retail", "participation"]["now"] == Rate(20, 40)
    assert lines["Retail", "participation"]["change"].clear
    satisfied = lines["Retail", "satisfied"]
    assert (satisfied["before"], satisfied["now"]) == (Rate(10, 40), Rate(12, 40))
    assert not satisfied["change"].clear
    assert ("Retail", "complaints recovered") not in lines  # nobody complained
    assert found.sentences[0] == "Retail: revenue from existing rose by more than chance."
    assert {line.group for line in found.total} >= {("referrals",), ("participation",)}


def test_the_command_line_asks_for_forecasts_and_plans(shop: Program) -> None:
    shop("add-customer", "Ann", "--segment", "Retail")
    shop("add-purchase", "ann", "--amount", "100", "--ordered", "2026-01-05")
    shop("add-purchase", "ann", "--amount", "100", "--ordered", "2026-09-05")
    (row,) = shop("report", "strength", "--months", "3", "--json").json
    assert (row["existing"], row["currency"]) == ("25.00", "EUR")
    tested = shop("report", "strength", "--months", "1", "--backtest", "--json").json
    assert tested[-1] | {"low": "", "high": ""} == {
        "month": "2026-09", "currency": "EUR", "forecast": "8.33", "low": "", "high": "", "fact": "0.00",
        "inside": "yes",
    }  # fmt: skip
    plan = {row["figure"]: row for row in shop("report", "growth", "--plan-start", "2026-09-01", "--json").json}
    revenue = plan["revenue from existing"]
    assert (revenue["before"], revenue["now"], revenue["change"]) == ("0.00", "100.00", "100.00")
    assert revenue["change_clear"] is False
    for words in (["growth", "--backtest"], ["service", "--plan-start", "2026-09-01"]):
        assert shop("report", *words).code == 2
