"""Money in several currencies: each amount stands in its own, and none is set off against another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import facts
import pytest
from test_reports import YEAR, ask, euro, rows

from conftest import TODAY, Writing
from refertrack.drafts.report_charts import chart, described
from refertrack.models.sales import Purchase
from refertrack.reports.drawings import drawings
from refertrack.reports.frame import View
from refertrack.reports.plan import plan
from refertrack.reports.sheet import across, sheet
from refertrack.rules.business import Business
from refertrack.rules.money import Money
from refertrack.rules.periods import Period
from refertrack.rules.worth import Worth
from refertrack.store.reader import open_reader
from refertrack.store.target import Target


def krona(amount: int) -> Money:
    return Money(amount * 100, "SEK")


@pytest.fixture
def abroad(target: Target, write: Writing) -> Target:
    """A business in euros whose customers mostly buy in kronor: one won another, and was called twice."""
    with write() as session:
        ann, cy = facts.customer(session, "Ann", "Retail"), facts.customer(session, "Cy", "Retail", source="referral")
        for on in ("2026-03-01", "2026-04-01"):
            facts.purchase(session, cy, on, 1000, "SEK")
        facts.purchase(session, ann, "2026-03-01", 100)
        facts.referral(session, ann, "2026-02-01", ("2026-03-01", "won"), customer_id=cy)
        for on in ("2026-03-03", "2026-03-04"):
            facts.done(session, ann, on)
    return target


@pytest.mark.parametrize(("by", "group"), [("all", ""), ("segment", "Retail|"), ("month", "2026-03|")])
def test_follow_ups_cost_money_of_the_business(abroad: Target, by: str, group: str) -> None:
    business = Business(worth=Worth(margin=50, follow_up_cost=Decimal(20)))
    found = rows(ask(abroad, "profit", by, business=business))
    assert (found[f"{group}EUR"]["follow_up_cost"], found[f"{group}EUR"]["profit"]) == (euro(40), euro(10))
    assert found[f"{group}SEK"]["follow_up_cost"] == krona(0)
    assert found[f"{group}SEK"]["profit"] == found[f"{group}SEK"]["margin"]


def test_a_currency_without_decimals_takes_whole_units(target: Target, write: Writing) -> None:
    with write() as session:
        facts.done(session, facts.customer(session, "Ann"), "2026-03-03")
    yen = Business(currency="JPY", worth=Worth(margin=50, follow_up_cost=Decimal(300)))
    assert rows(ask(target, "profit", "all", business=yen))["JPY"]["follow_up_cost"] == Money(300, "JPY")


def test_follow_ups_that_cost_nothing_make_no_row_of_their_own(target: Target, write: Writing) -> None:
    with write() as session:
        ann = facts.customer(session, "Ann")
        facts.purchase(session, ann, "2026-03-01", 100, "SEK")
        facts.done(session, ann, "2026-03-03")
    assert list(rows(ask(target, "profit", "all"))) == ["SEK"]


@pytest.mark.parametrize("costs", [{"retention_cost": Decimal(5)}, {"acquisition_saved": Decimal(20)}])
def test_no_referral_value_of_two_currencies(abroad: Target, costs: dict[str, Decimal]) -> None:
    found = ask(abroad, "advocates", "", business=Business(worth=Worth(margin=50, **costs)))
    (line,) = found.rows
    assert (line.group[-1], line.values["won_value"], line.values["young_value"]) == ("SEK", krona(0), krona(2000))
    assert (line.values["crv"], line.values["crv_net"]) == (None, None)
    (told,) = [each for each in found.sentences if "referral value" in each]
    assert "set in EUR" in told
    assert "buy in SEK" in told
    assert "refertrack config unset worth.retention_cost" in told


@pytest.mark.parametrize("costs", [{}, {"acquisition_saved": Decimal(0)}])
def test_a_referral_value_without_costs_needs_no_other_currency(abroad: Target, costs: dict[str, Decimal]) -> None:
    found = ask(abroad, "advocates", "", business=Business(worth=Worth(margin=50, **costs)))
    assert isinstance(found.rows[0].values["crv"], Money)
    assert found.sentences == ()


def test_costs_in_the_currency_of_the_customers_count(abroad: Target) -> None:
    kronor = Business(currency="SEK", worth=Worth(margin=50, retention_cost=Decimal(5), acquisition_saved=Decimal(20)))
    assert isinstance(ask(abroad, "advocates", "", business=kronor).rows[0].values["crv"], Money)


@pytest.mark.parametrize(("code", "minor"), [("EUR", 5_250_000), ("JPY", 52_500), ("KWD", 52_500_000)])
def test_a_picture_is_drawn_in_whole_units(target: Target, write: Writing, code: str, minor: int) -> None:
    with write() as session:
        for who, share in (("Ann", 1), ("Bo", 2)):
            number = facts.customer(session, who, who)
            session.add(Purchase(customer_id=number, ordered_on=date(2026, 3, 1), amount_minor=minor * share,
                                 currency=code))  # fmt: skip
    (drawn,) = drawings(ask(target, "growth"))
    assert (drawn.unit, drawn.names, drawn.values) == (code, ("Ann", "Bo"), (52_500.0, 105_000.0))
    assert f"Bo 105,000 {code}" in described(drawn)
    assert "105k" in chart(drawn, "1")


@pytest.mark.parametrize("name", ["growth", "profit", "rewards", "complaints"])
def test_of_two_currencies_each_group_has_a_row_with_all_figures(abroad: Target, write: Writing, name: str) -> None:
    with write() as session:
        ann, won = facts.customer(session, "Eve", "Retail"), facts.referral(session, 1, "2026-05-01")
        for line, code in enumerate(("EUR", "SEK")):
            facts.reward(session, won, ann, 50, "given", "2026-05-01", "2026-05-02", currency=code, line=str(line))
            facts.complaint(session, ann, "2026-05-01", kind="claim", cost_minor=500, currency=code)
    found = ask(abroad, name)
    assert across(found) == 0
    shown, whole = sheet(found), sheet(ask(abroad, name, "all"))
    assert [head.title for head in shown.heads[:2]] == ["segment", "currency"]
    grouped = [head.title for head in shown.heads[2:]]  # what spend gives stands in no segment
    assert grouped == [head.title for head in whole.heads[1:] if head.title in grouped]
    assert len(grouped) > 5
    rows_of = [(row[0].words, row[1].words) for row in (*shown.rows, *shown.total)]
    assert rows_of == [("Retail", "EUR"), ("Retail", "SEK"), ("all", "EUR"), ("all", "SEK")]


def test_two_dimensions_are_crossed_and_shaded_in_one_currency_alone(abroad: Target, write: Writing) -> None:
    with write() as session:
        for on, amount in (("2026-06-01", 300), ("2026-07-01", 600)):
            facts.purchase(session, 1, on, amount, "SEK")
    assert across(ask(abroad, "growth", "segment,month")) == 0
    summer = ask(abroad, "growth", "segment,month", Period(date(2026, 6, 1), date(2026, 8, 31)))
    assert across(summer) == 3
    shown = sheet(summer, crossed=True)
    assert (shown.unit, shown.rows[0][1].words) == ("SEK", "300.00")
    assert [cell.strength for cell in shown.rows[0][1:]] == [0.5, 1.0, 0.0]


def test_what_is_not_alike_is_shaded_apart(abroad: Target, write: Writing) -> None:
    with write() as session:
        for on in ("2026-05-10", "2026-06-10"):
            facts.purchase(session, 1, on, 900, "SEK")
            facts.referral(session, 2, on)
    with open_reader(abroad, snapshot=True) as reader:
        found = plan(View(reader, YEAR, TODAY, ("segment",)), date(2026, 5, 1))
    (row,) = sheet(replace(found, figure="now"), crossed=True).rows
    strengths = {cell.words: cell.strength for cell in row[1:]}
    assert strengths["2"] == 1.0
    assert strengths["1,800.00 SEK"] == 1.0


def test_of_two_currencies_that_with_most_points_is_drawn(abroad: Target) -> None:
    (drawn,) = drawings(ask(abroad, "growth", "month", period=Period(date(2026, 3, 1), date(2026, 5, 31))))
    assert (drawn.caption, drawn.names) == ("revenue by month, in SEK", ("2026-03", "2026-04", "2026-05"))
    assert drawn.values == (1000.0, 1000.0, 0.0)
