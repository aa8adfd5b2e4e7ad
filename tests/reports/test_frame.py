"""Groups, two of them, conditions and periods: what all reports share."""

from __future__ import annotations

from datetime import date
from typing import Any

import facts
import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests
from test_referral_report import YEAR, filled, report  # noqa: F401 - a fixture
from test_reports import ask

from conftest import TODAY, Program, Writing
from refertrack.reports import catalogue, figures
from refertrack.reports.frame import View
from refertrack.rules.errors import BadValue
from refertrack.rules.periods import Period
from refertrack.rules.statistics import Rate
from refertrack.store.reader import open_reader
from refertrack.store.target import Target
from refertrack.workflows import customers, purchases


def test_two_groups_and_their_sum(filled: Target) -> None:  # noqa: F811
    found = report(filled, "segment,quarter", Period(date(2026, 1, 1), date(2026, 6, 30)))
    assert found.keys == ("segment", "quarter")
    assert {line.group: line.values["referrals"] for line in found.rows} == {
        ("", "2026-Q1"): 0,
        ("", "2026-Q2"): 0,
        ("Private", "2026-Q1"): 1,
        ("Private", "2026-Q2"): 0,
        ("Retail", "2026-Q1"): 2,
        ("Retail", "2026-Q2"): 0,
    }
    assert [line.values["referrals"] for line in found.total] == [3]


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("joined", {"2026": 6}),
        ("joined-quarter", {"2026-Q1": 4, "2026-Q2": 1, "2026-Q4": 1}),
        ("referred", {"no": 5, "yes": 1}),
        ("company", {"": 6}),
        ("all", {"": 6}),
        ("referred,segment", {"no,Private": 3, "no,Retail": 2, "yes,": 1}),
    ],
)
def test_groups_of_customers(filled: Target, by: str, groups: dict[str, int]) -> None:  # noqa: F811
    found = report(filled, by)
    assert {",".join(line.group): line.values["customers"] for line in found.rows} == groups


def test_the_buyers_of_a_product(filled: Target, write: Writing) -> None:  # noqa: F811
    with write() as session:
        for who in (1, 1, 3):
            purchases.add(session, who, purchases.NewPurchase(product="Pump", ordered_on=date(2026, 5, 1)))
        purchases.add(session, 3, purchases.NewPurchase(product="Panel", ordered_on=date(2026, 5, 1)))
    found = report(filled, "product")
    assert {line.group[0]: line.values["customers"] for line in found.rows} == {"Panel": 1, "Pump": 2}
    assert found.total[0].values["customers"] == 6


def test_only_some_customers(filled: Target, write: Writing) -> None:  # noqa: F811
    with write() as session:
        customers.add_tags(session, customers.get(session, 1), ["fair"])
    with open_reader(filled, snapshot=True) as reader:
        view = View(reader, YEAR, TODAY)
        for pairs, expected in (
            (["segment=Retail"], {"Retail": 2}),
            (["segment=retail", "tag=fair"], {"Retail": 1}),
            (["referred=yes"], {"": 1}),
        ):
            where = catalogue.read_where(pairs, catalogue.definition("referrals"))
            found = catalogue.ask("referrals", "", View(reader, YEAR, TODAY, where=where))
            assert {line.group[0]: line.values["customers"] for line in found.rows} == expected
        with pytest.raises(BadValue, match="Close: Retail"):
            catalogue.ask("referrals", "", View(reader, YEAR, TODAY, where=(("segment", "Retial"),)))
        assert figures.figure(reader, "participation", view.period, TODAY) == Rate(2, 6)
        assert figures.figure(reader, "Ask-rate", view.period, TODAY, "Retail") == Rate(1, 1)
        with pytest.raises(BadValue, match="There is no figure"):
            figures.figure(reader, "luck", view.period, TODAY)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--by", "segmant"], "Close: segment."),
        (["--by", "segment,owner,tag"], "not one group or two"),
        (["--by", "segment,segment"], "not one group or two"),
        (["--by", "month,year"], "do not go together"),
        (["--by", ","], "cannot be grouped by"),
        (["--where", "Retail"], "is no condition"),
        (["--where", "month=2026-01"], "names a time"),
        (["--where", "segment=Retail"], 'No customer has segment "Retail"'),
        (["referals"], "Close: referrals."),
        (["--by", "month", "--since", "1950-01-01"], "more than 240 months"),
    ],
)
def test_bad_words_are_refused(file_shop: Program, words: list[str], message: str) -> None:
    found = file_shop("report", *words)
    assert (found.code, found.out) == (2, "")
    assert message in found.err


def test_no_data_is_no_error(shop: Program) -> None:
    assert shop("report", "--json").json == []
    found = shop("report", "--by", "segment,month", "--since", "this quarter")
    assert (found.code, found.out, found.err) == (0, "", "")
    for name in catalogue.NAMES:
        for by in ("all", "segment", "month"):
            assert shop("report", name, "--by", by, "--json").json == [], (name, by)
    assert shop("report", "growth", "--plan-start", "2026-01-01", "--json").json == []
    assert shop("report", "strength", "--backtest", "--json").json == []


def test_what_stands_out_names_the_reason_and_the_next_command(target: Target, write: Writing) -> None:
    with write() as session:
        for segment, people, took_part in (("Retail", 60, 1), ("Private", 60, 20)):
            for n in range(people):
                who = facts.customer(session, f"{segment} {n}", segment)
                if n < took_part:
                    facts.referral(session, who, "2026-03-01")
                elif n < took_part + 5:
                    facts.ask(session, who, "2026-03-01", "no_one", "2026-03-02")
    found = report(target)
    assert found.sentences == (  # of two groups the one below is named, not both
        'Retail takes part clearly less than the rest: 2% of 60 against 33% of 60. The reason given most: "no one in'
        ' mind" (5 of 5).',
    )
    assert found.following == (
        "refertrack report reasons --where segment=Retail",
        "refertrack ready --segment Retail",
    )
    assert {group for group, p_value in found.p_values.items() if p_value < 0.001} == {("Retail",), ("Private",)}
    assert report(target, "month").p_values == {}


def served(session: Any, segment: str, people: int, on_time: int) -> None:
    for n in range(people):
        who = facts.customer(session, f"{segment} {n}", segment)
        facts.purchase(session, who, "2026-03-01", promised="2026-03-10",
                       delivered="2026-03-09" if n < on_time else "2026-03-20")  # fmt: skip


def test_what_stands_out_goes_both_ways_and_is_silent_where_it_may_be_chance(target: Target, write: Writing) -> None:
    with write() as session:
        for segment, people, on_time in (
            ("Guest house", 40, 39),
            ("Retail", 40, 12),
            ("Trade", 40, 28),
            ("New", 2, 0),
        ):
            served(session, segment, people, on_time)
    found = ask(target, "service")
    assert set(found.sentences) == {
        "Guest house is served on time clearly more than the rest: 98% of 40 against 49% of 82.",
        "Retail is served on time clearly less than the rest: 30% of 40 against 82% of 82.",
    }
    assert found.following == ("refertrack report complaints --by process --where segment=Retail",)
    tables = {
        "Guest house": (39, 1, 40, 42),
        "Retail": (12, 28, 67, 15),
        "Trade": (28, 12, 51, 31),
        "New": (0, 2, 79, 41),
    }
    alone = {name: fisher_exact([[a, b], [c, d]])[1] for name, (a, b, c, d) in tables.items()}
    adjusted = multipletests(list(alone.values()), method="holm")[1]
    assert found.p_values == pytest.approx({(name,): p for name, p in zip(alone, adjusted, strict=True)})
    assert found.p_values["New",] > 0.05


def test_nothing_stands_out_among_equals_or_alone(target: Target, write: Writing) -> None:
    with write() as session:
        for segment in ("Retail", "Private", "Trade"):
            served(session, segment, 50, 25)
    assert set(ask(target, "service").p_values.values()) == {1.0}
    assert ask(target, "service").sentences == ()
    assert ask(target, "service", "country").sentences == ()  # one group has no rest


def test_a_name_in_a_command_is_quoted_for_the_shell(target: Target, write: Writing) -> None:
    with write() as session:
        served(session, "Joe's $(x) bar", 40, 5)
        served(session, "Retail", 40, 35)
    assert ask(target, "service").following == (
        """refertrack report complaints --by process --where 'segment=Joe'"'"'s $(x) bar'""",
    )


def test_answers_and_reasons_are_compared_each_with_its_like(target: Target, write: Writing) -> None:
    with write() as session:
        for segment, good, private in (("Retail", 8, 30), ("Private", 38, 2)):
            for n in range(40):
                who = facts.customer(session, f"{segment} {n}", segment)
                facts.survey(session, who, "2026-03-01", scores={"service": 5 if n < good else 2, "performance": 5})
                facts.ask(session, who, "2026-03-01", "declined", "2026-03-02",
                          reason_words="privacy" if n < private else f"other {segment}")  # fmt: skip
    assert ask(target, "surveys").sentences == (
        'Retail answers 4 or 5 to "service" clearly less than the rest: 20% of 40 against 95% of 40.',
    )
    reasons = ask(target, "reasons")
    assert 'Private gives "privacy" as the reason clearly less than the rest: 5% of 40 against 75% of 40.' in (
        reasons.sentences
    )
    # A reason that a group never gave is none of its answers, not unknown: 10 of 40 against 0 of 40, the largest p
    # but one of six, so Holm takes it twice.
    assert reasons.p_values["Retail", "other Retail"] == pytest.approx(2 * fisher_exact([[10, 30], [0, 40]])[1])


@pytest.mark.parametrize("name", catalogue.NAMES)
def test_the_keys_never_depend_on_what_is_there(shop: Program, name: str) -> None:
    shop("add-customer", "Ann", "--segment", "Retail")
    shop("add-purchase", "ann", "--amount", "10", "--promised", "2026-12-01")
    shop("refer", "ann", "Bo Dahl")
    rows = shop("report", name, "--json").json
    header = shop("report", name, "--csv").out.splitlines()[:1]
    keys = header[0].split(",") if header else []
    assert all(list(row) == keys for row in rows)
    assert set(catalogue.definition(name).own) <= set(keys)
