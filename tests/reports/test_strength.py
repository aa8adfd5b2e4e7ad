"""The forecast from the database, its backtest, and a plan's before and since, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import facts
import pytest

from conftest import TODAY, Program, Writing
from refertrack.models.customers import Customer, CustomerStatusChange
from refertrack.reports import catalogue
from refertrack.reports import past_forecasts as past_forecasts_module
from refertrack.reports.frame import Report, View
from refertrack.reports.measures import strength
from refertrack.reports.past_forecasts import month_ends, past_forecasts
from refertrack.rules.errors import BadValue
from refertrack.rules.looking_back import year_until
from refertrack.rules.money import Money
from refertrack.rules.periods import Period
from refertrack.rules.statistics import Rate
from refertrack.store.reader import open_reader
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
    with open_reader(target, snapshot=True) as reader:
        return catalogue.ask("strength", by, View(reader, YEAR, TODAY, months=2, **more))


def test_the_forecast_of_each_segment_and_of_all(filled: Target) -> None:
    found = {line.group: line.values for line in ask(filled).rows}
    retail = found["Retail", "EUR"]
    assert (retail["open"], retail["pipeline"], retail["coming"]) == (1, Money(7500, "EUR"), Money(1250, "EUR"))
    assert retail["existing"] == Money(0, "EUR")
    assert found["Private", "EUR"]["existing"] == Money(20_000, "EUR")  # 12 × 100 in 12 months, 2 months ahead
    # Cy's second purchase: 50 in the 297 days from 1 February on, of the year's 365, which are 9.76 months.
    assert found["", "EUR"]["existing"] == Money(round(5000 / (297 * 12 / 365) * 2), "EUR")
    (whole,) = (line.values for line in ask(filled).total if line.group == ("EUR",))
    # Of all: two customers, 1250 in 12 + 9.76 months.
    assert whole["existing"] == Money(round(2 * 125_000 / (12 + 297 * 12 / 365) * 2), "EUR")
    assert whole["total"].amount_minor == 7500 + 1250 + whole["existing"].amount_minor
    assert whole["low"].amount_minor < whole["total"].amount_minor < whole["high"].amount_minor


@pytest.mark.parametrize("first", ["2025-10-10", "2025-11-10", "2025-11-28"])
def test_exposure_begins_with_the_month_after_the_first_purchase(target: Target, write: Writing, first: str) -> None:
    with write() as session:
        ann = facts.customer(session, "Ann", joined="2025-01-01")
        facts.purchase(session, ann, first, 100)
        facts.purchase(session, ann, "2026-01-10", 240)
    (line,) = ask(target, "all").rows
    days = 365 if first < "2025-11" else 359  # of the year to 24 November, or from 1 December on
    assert line.values["existing"] == Money(round(24_000 / (days * 12 / 365) * 2), "EUR")


def test_the_forecast_of_the_past_knows_only_the_past(filled: Target) -> None:
    with open_reader(filled, snapshot=True) as reader:
        view = View(reader, Period(date(2025, 2, 1), date(2026, 1, 31)), TODAY, months=2)
        found = {line.group: line.values for line in catalogue.ask("strength", "", view).rows}
    assert found["Retail", "EUR"]["open"] == 1  # the one that was lost in March
    assert found["Private", "EUR"]["existing"] == Money(20_000, "EUR")


def test_the_backtest_sets_forecasts_against_facts(filled: Target) -> None:
    with open_reader(filled, snapshot=True) as reader:
        found = catalogue.ask_backtest("", View(reader, YEAR, TODAY, months=2))
    lines = {line.group: line.values for line in found.rows if line.group[1] == "EUR"}
    assert (min(lines)[0], max(lines)[0]) == ("2025-09", "2026-08")
    last = lines["2026-08", "EUR"]
    assert last["fact"] == Money(20_000, "EUR")  # 15 September and 15 October
    assert last["inside"] in {"yes", "no"}
    # December's forecast knows nothing of Cy; the fact holds Cy's purchases, won in January.
    assert lines["2025-12", "EUR"]["fact"] == Money(20_000 + 15_000, "EUR")
    # Bo's first was in January: 11 purchases in the 334 days from February on, which are 10.98 months.
    assert lines["2025-12", "EUR"]["forecast"] == Money(round(1100 / (334 * 12 / 365) * 2 * 100), "EUR")


@pytest.fixture
def lively(target: Target, write: Writing) -> Target:
    """Three years of purchases, returns, referrals and leavings, drawn with a fixed seed."""
    chance = Random(3)
    start = date(2023, 11, 1)

    def day(least: int, most: int) -> date:
        return start + timedelta(days=chance.randint(least, most))

    with write() as session:
        for n in range(30):
            who = facts.customer(session, f"C{n}", chance.choice(["Retail", "Private"]), joined="2023-11-01")
            if n % 5 == 0:
                session.add(CustomerStatusChange(customer_id=who, status="former", since=day(300, 1000)))
                session.get_one(Customer, who).status = "former"
            facts.purchase(session, who, day(0, 400).isoformat(), 50)
            for _ in range(chance.randint(0, 9)):
                on, gone = day(400, 1100), chance.random() < 0.2
                over = min(TODAY, on + timedelta(days=chance.randint(1, 90))) if gone else None
                currency, status = chance.choice(["EUR", "EUR", "USD"]), "returned" if gone else "delivered"
                facts.purchase(session, who, on.isoformat(), chance.randint(10, 200), currency, status=status,
                               ended_on=over)  # fmt: skip
            on = day(0, 1000)
            moves = [("contacted", 10), (chance.choice(["won", "lost", "contacted"]), chance.randint(20, 120))]
            facts.referral(session, who, on.isoformat(),
                           *(((on + timedelta(days=after)).isoformat(), state) for state, after in moves),
                           customer_id=chance.randint(1, who) if moves[1][0] == "won" else None)  # fmt: skip
    return target


def test_looking_back_in_one_pass_is_standing_at_each_month_end(lively: Target) -> None:
    """The interval's past forecasts, made of one look at the data, are those that the report itself gives then."""
    with open_reader(lively, snapshot=True) as reader:
        view = View(reader, YEAR, TODAY, ("segment",), currency="EUR", months=3)
        own, together = past_forecasts(view)
        for by, found in ((("segment",), own), ((), together)):
            stood: dict[Any, list[Any]] = {}
            for day in month_ends(view):
                then = replace(view, by=by, period=year_until(day), memory={})
                for group, raw in strength.measure(then).items():
                    stood.setdefault(group, []).append(round(raw["forecast"].total))
            told = {
                group: [round(each.forecast) for each in pasts if round(each.forecast)]
                for group, pasts in found.items()
            }
            assert told == {group: [each for each in totals if each] for group, totals in stood.items()}
            assert all(len(totals) == 12 for totals in told.values())


def test_past_forecasts_add_up_in_one_order(lively: Target) -> None:
    """Sums of floats hang on their order in the last digit, and the order of a set on the run."""
    with open_reader(lively, snapshot=True) as reader:
        known = past_forecasts_module._known(View(reader, YEAR, TODAY, ("segment",), currency="EUR", months=3))
    for day in (TODAY, TODAY - timedelta(days=100), TODAY - timedelta(days=200)):
        groups = list(known.sums(day, 3))
        assert len(groups) > 3
        assert groups == sorted(groups)


def test_the_interval_allows_for_what_earlier_forecasts_missed(lively: Target) -> None:
    with open_reader(lively, snapshot=True) as reader:
        view = View(reader, YEAR, TODAY, months=3)
        by_segment, alone = catalogue.ask("strength", "segment", view), catalogue.ask("strength", "all", view)
        tried = past_forecasts(replace(view, currency="EUR"))[1]["EUR",]
    (whole,) = (line.values for line in by_segment.total if line.group == ("EUR",))
    (row,) = (line.values for line in alone.rows if line.group == ("EUR",))
    assert dict(whole) == dict(row)  # all together is asked of all customers, never added up from the groups
    misses = sorted(abs(each.fact - each.forecast) / each.forecast for each in tried)
    share = misses[10]  # of 12, the ⌈0.8 × 13⌉th
    assert whole["tried"] == 12
    assert whole["below"] == sum(each.fact < each.forecast for each in tried)
    assert whole["high"].amount_minor >= round(whole["total"].amount_minor * (1 + share)) - 1
    lows = [line.values["low"].amount_minor for line in by_segment.rows if line.group[-1] == "EUR"]
    assert sum(lows) != whole["low"].amount_minor
    assert alone.sentences[0].startswith(f"EUR: less came than was forecast at {whole['below']} of the last 12 month")


def test_without_a_past_the_interval_says_what_it_does_not_cover(filled: Target) -> None:
    with open_reader(filled, snapshot=True) as reader:
        young = View(reader, Period(date(2025, 1, 1), date(2025, 4, 30)), TODAY, months=2)
        assert catalogue.ask("strength", "all", young).sentences == (strength.UNTRIED,)


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
    with open_reader(target, snapshot=True) as reader:
        found = catalogue.ask_plan("segment", View(reader, YEAR, TODAY), start)
        with pytest.raises(BadValue, match="nothing is known yet"):
            catalogue.ask_plan("", View(reader, YEAR, TODAY), TODAY)
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


PLAN = date(2026, 11, 1)


def test_few_referrals_are_more_than_chance_only_where_the_exact_test_says_so(target: Target, write: Writing) -> None:
    def sentences(by: str = "") -> tuple[str, ...]:
        with open_reader(target, snapshot=True) as reader:
            return catalogue.ask_plan(by, View(reader, YEAR, TODAY), PLAN).sentences

    with write() as session:
        ann = facts.customer(session, "Ann", "Retail", country="DE")
        for _ in range(5):
            facts.referral(session, ann, "2026-11-02")
    assert sentences() == ("No change is more than chance yet.",)  # 5 against 0: the exact test's p is 0.0625
    with write() as session:
        facts.referral(session, ann, "2026-11-02")
    assert sentences() == ("referrals rose by more than chance.",)  # 6 against 0: 0.031
    # With groups it has to be more than chance for all rows that are looked at, and each row is named in full.
    with write() as session:
        for n in range(10):
            bo = facts.customer(session, f"Bo{n}", f"S{n}", country="DE")
            facts.referral(session, bo, "2026-11-03")
    assert sentences("segment,country") == ("No change is more than chance yet, of 22 looked at.",)
    with write() as session:
        for _ in range(20):
            facts.referral(session, ann, "2026-11-02")
    assert sentences("segment,country") == ("Retail × DE: referrals rose by more than chance.",)


def test_who_answers_many_questions_is_one_customer(target: Target, write: Writing) -> None:
    scores = [{"service": 5, "speed": 3, "price": 4}, {"service": 5, "speed": 2, "price": 4}, {"service": 4}]
    with write() as session:
        for n, given in enumerate(scores):  # means of 4, 3.67 and 4
            who = facts.customer(session, f"C{n}", "Retail")
            bought = facts.purchase(session, who, "2026-10-01", product_id=facts.product(session, f"P{n}"))
            facts.survey(session, who, "2026-11-09", scores=given, purchase_id=bought)
        facts.survey(session, who, "2026-10-12", scores={"service": 1, "speed": 5}, purchase_id=bought)
    with open_reader(target, snapshot=True) as reader:
        view = View(reader, YEAR, TODAY)
        (line,) = (line for line in catalogue.ask_plan("", view, PLAN).rows if line.group == ("satisfied",))
        by_product = catalogue.ask_plan("product", view, PLAN)
    assert (line.values["before"], line.values["now"]) == (Rate(0, 1), Rate(2, 3))
    (line,) = (line for line in by_product.rows if line.group == ("P2", "satisfied"))
    assert (line.values["before"], line.values["now"]) == (Rate(0, 1), Rate(1, 1))


def test_the_command_line_asks_for_forecasts_and_plans(shop: Program) -> None:
    shop("add-customer", "Ann", "--segment", "Retail")
    shop("add-purchase", "ann", "--amount", "100", "--ordered", "2026-01-05")
    shop("add-purchase", "ann", "--amount", "100", "--ordered", "2026-09-05")
    (row,) = shop("report", "strength", "--months", "3", "--json").json
    assert (row["existing"], row["currency"]) == ("30.72", "EUR")  # 100 in 297 days, or 9.76 months: 10.24 × 3
    tested = shop("report", "strength", "--months", "1", "--backtest", "--json").json
    assert tested[-1] | {"low": "", "high": ""} == {
        "month": "2026-09", "currency": "EUR", "forecast": "12.57", "low": "", "high": "", "fact": "0.00", "tried": 0,
        "inside": "yes",
    }  # fmt: skip
    plan = {row["figure"]: row for row in shop("report", "growth", "--plan-start", "2026-09-01", "--json").json}
    revenue = plan["revenue from existing"]
    assert (revenue["before"], revenue["now"], revenue["change"]) == ("0.00", "100.00", "100.00")
    assert revenue["change_clear"] is False
    for words in (["growth", "--backtest"], ["service", "--plan-start", "2026-09-01"]):
        assert shop("report", *words).code == 2


@pytest.fixture
def selling(shop: Program) -> Program:
    shop("add-customer", "Ann", "--segment", "Retail")
    for on in ("2025-01-05", "2026-01-05", "2026-09-05"):
        shop("add-purchase", "ann", "--amount", "100", "--ordered", on)
    return shop


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (["growth", "--plan-start", "2026-09-01"], "Before and since the plan"),
        (["strength", "--backtest", "--by", "segment"], "Forecast and fact by segment"),
    ],
)
def test_a_plan_and_a_backtest_have_pages_of_their_own(
    selling: Program, tmp_path: Path, words: list[str], title: str
) -> None:
    page = tmp_path / "page.html"
    assert selling("report", *words, "--html", page).code == 0
    assert f'-title">{title}</h2>' in page.read_text(encoding="utf-8")


def test_the_figure_of_a_plan_or_a_backtest_by_group_can_be_chosen(selling: Program, tmp_path: Path) -> None:
    backtest = ("report", "strength", "--backtest", "--by", "segment", "--figure")
    plan = ("report", "growth", "--plan-start", "2026-09-01", "--by", "segment", "--figure")
    page = tmp_path / "page.html"
    for words, key, title in ((backtest, "low", "at least in EUR"), (plan, "before", "before")):
        assert selling(*words, key, "--html", page, "--force").code == 0
        assert f"<caption>{title}" in page.read_text(encoding="utf-8")
        assert selling(*words, "revenue").code == 2  # a key of the ordinary report


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["growth", "--plan-start", "2026-09-01", "--since", "2026-01-01"], "own time", "report growth --plan-start"),
        (["growth", "--plan-start", "2026-09-01", "--until", "2026-01-01"], "own time", "report growth --plan-start"),
        (["growth", "--plan-start", "2026-09-01", "--figure", "change"], "only with one group", "--by segment"),
        (["growth", "--plan-start", "2026-09-01", "--figure", "chnge", "--by", "tag"], "Close: change", "now, change."),
        (["strength", "--backtest", "--figure", "low"], "only with one group", "--by segment"),
        (["strength", "--backtest", "--figure", "total", "--by", "tag"], "no figure", "fact"),
        (["growth", "--months", "3"], "Only the forecast looks ahead.", "report strength --months 3"),
        (["--limit", "3"], "Only the advocates", "report advocates --limit 3"),
        (["--html", "-"], "page is a file", "--html report.html"),
        (["all", "--backtest", "--html", "x.html"], "Only the forecast has", "report strength --backtest"),
        (["all", "--plan-start", "2026-09-01", "--html", "x.html"], "by growth", "report growth --plan-start"),
    ],
)
def test_what_would_change_nothing_is_refused(file_shop: Program, words: list[str], message: str, hint: str) -> None:
    found = file_shop("report", *words)
    assert (found.code, found.out) == (2, "")
    assert message in found.err
    assert hint in found.err


def test_all_reports_take_what_one_of_them_takes(file_shop: Program, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert file_shop("report", "all", "--months", "3", "--limit", "5", "--html", page).code == 0
