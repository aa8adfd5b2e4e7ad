"""Which customers, which days, in which order: what people narrow a report by is met by all of its figures alike."""

from __future__ import annotations

from datetime import date
from typing import Any

import facts
import pytest
from test_reports import ask, euro

from conftest import Writing
from refertrack.models.customers import CustomerTag
from refertrack.models.customers import Tag as TagRow
from refertrack.reports.frame import Report
from refertrack.rules.errors import BadValue
from refertrack.rules.periods import Period
from refertrack.rules.statistics import Rate
from refertrack.store.target import Target

NEXT_YEAR = Period(date(2027, 1, 1), date(2027, 6, 30))


@pytest.fixture
def shop(target: Target, write: Writing) -> Target:
    """Three customers: Ann bought a carpet and is tagged twice, Bo bought both, Cy came by an advert."""
    with write() as session:
        ann, bo = facts.customer(session, "Ann", "Retail"), facts.customer(session, "Bo", "Private")
        facts.customer(session, "Cy", "Private", source="Advert")
        carpet, lamp = facts.product(session, "100% wool"), facts.product(session, "Lamp")
        facts.purchase(
            session, ann, "2026-03-01", 100, product_id=carpet, promised="2026-03-05", delivered="2026-03-04"
        )
        facts.purchase(session, bo, "2026-03-02", 40, product_id=carpet)
        facts.purchase(session, bo, "2026-03-03", 7, product_id=lamp)
        facts.purchase(session, bo, "2026-12-24", 7, product_id=lamp, promised="2026-12-24")
        facts.complaint(session, ann, "2026-03-09", process="delivery")
        facts.spend(session, "2026-03-01", "Advert", "winning", 300)
        facts.spend(session, "2026-03-01", "Fair", "winning", 500)
        for number, name in enumerate(("VIP", "a:b"), 1):
            session.add(TagRow(name=name, name_key=name.casefold()))
            session.flush()
            session.add(CustomerTag(customer_id=ann, tag_id=number))
        session.add(CustomerTag(customer_id=bo, tag_id=1))
    return target


def values(found: Report) -> Any:
    (line,) = found.rows
    return line.values


def test_a_condition_is_spelt_by_nobody_in_one_way_only(shop: Target) -> None:
    """Whatever counts the rows themselves and whatever counts customers: both know the name as it is written."""
    found = values(ask(shop, "growth", "all", where=(("product", "100% WOOL"),)))
    assert (found["revenue"], found["repeat_share"]) == (euro(140), Rate(1, 2))
    assert values(ask(shop, "profit", "all", where=(("product", "100% Wool"),)))["revenue"] == euro(140)
    assert values(ask(shop, "complaints", "all", where=(("process", "Delivery"),)))["received"] == 1
    assert values(ask(shop, "service", "all", where=(("product", "100% WOOL"),)))["promised"] == 1


@pytest.mark.parametrize(
    ("report", "name", "value", "words"),
    [
        ("service", "product", "wol", 'No customer has product "wol"'),
        ("growth", "product", "Lmap", "Close: Lamp"),
        ("complaints", "process", "delvery", "There is no process .* Close: delivery"),
        ("profit", "channel", "advrt", "There is no channel .* Close: Advert"),
    ],
)
def test_a_condition_that_nothing_meets_is_told(shop: Target, report: str, name: str, value: str, words: str) -> None:
    with pytest.raises(BadValue, match=words):
        ask(shop, report, "all", where=((name, value),))


def test_each_condition_on_tags_and_products_stands_for_itself(shop: Target) -> None:
    """Who has both tags is meant by both; who has one tag is grouped by all that they have."""
    both = (("tag", "VIP"), ("tag", "A:B"))
    assert values(ask(shop, "referrals", "all", where=both))["customers"] == 1
    assert (
        values(ask(shop, "referrals", "all", where=(("product", "lamp"), ("product", "100% wool"))))["customers"] == 1
    )
    by_tag = ask(shop, "referrals", "tag", where=(("tag", "a:b"),))
    assert {line.group[0]: line.values["customers"] for line in by_tag.rows} == {"VIP": 1, "a:b": 1}


def test_spend_belongs_to_all_and_to_channels_alone(shop: Target) -> None:
    assert values(ask(shop, "profit", "all"))["winning"] == euro(800)
    advert = ask(shop, "profit", "channel", where=(("channel", "advert"),))
    assert values(advert)["winning"] == euro(300)
    assert not any("add-spend" in words for words in advert.sentences)
    retail = ask(shop, "profit", "all", where=(("segment", "Retail"),))
    assert values(retail)["winning"] is None
    assert not any("add-spend" in words for words in retail.sentences)  # what is spent on a segment nobody says


@pytest.mark.parametrize(
    "name", ["referrals", "asks", "reasons", "surveys", "complaints", "rewards", "profit", "growth"]
)
def test_of_days_that_have_not_come_nothing_is_known(shop: Target, name: str) -> None:
    assert ask(shop, name, "all", NEXT_YEAR).rows == ()
    months = ask(shop, name, "month", Period(date(2026, 3, 1), date(2027, 2, 28))).rows
    assert [line.group[0] for line in months if line.group[0] > "2026-11"] == []


def test_what_is_promised_for_days_to_come_is_told(shop: Target) -> None:
    found = ask(shop, "service", "month", Period(date(2026, 12, 1), date(2026, 12, 31)))
    assert [(line.group, line.values["promised"]) for line in found.rows] == [(("2026-12",), 1)]


def test_currencies_stand_in_the_same_order_on_both_engines(target: Target, write: Writing) -> None:
    with write() as session:
        for number in range(40):
            who = facts.customer(session, f"C{number}", "Retail")
            facts.purchase(session, who, "2026-03-01", 10, ("SEK", "JPY", "EUR", "CHF", "USD")[number % 5])
    for by in ("all", "segment", "month"):
        codes = [line.group[-1] for line in ask(target, "growth", by, Period(date(2026, 3, 1), date(2026, 3, 31))).rows]
        assert codes == ["CHF", "EUR", "JPY", "SEK", "USD"], by
