"""What is drawn of a report, on a terminal and on a page, and what a cross table of times shows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import facts
import pytest
from test_reports import YEAR, ask, rows

from conftest import TODAY, Writing
from refertrack.cli.pictures import picture
from refertrack.drafts.report_charts import chart
from refertrack.reports.backtest import backtest
from refertrack.reports.drawings import Series, drawings, why_none
from refertrack.reports.frame import View
from refertrack.reports.plan import plan
from refertrack.reports.sheet import sheet
from refertrack.rules.money import Money
from refertrack.rules.periods import Period
from refertrack.rules.statistics import Rate
from refertrack.store.reader import open_reader
from refertrack.store.target import Target


@pytest.fixture
def refusing(target: Target, write: Writing) -> Target:
    """Retail said "no time" three times and "privacy" once, Private "privacy" once."""
    with write() as session:
        ann, bo = facts.customer(session, "Ann", "Retail"), facts.customer(session, "Bo", "Private")
        time, privacy = facts.reason(session, "time", "no time"), facts.reason(session, "privacy", "privacy")
        for who, why in ((ann, time), (ann, time), (ann, time), (ann, privacy), (bo, privacy)):
            facts.ask(session, who, "2026-03-01", "declined", "2026-03-05", reason_id=why)
    return target


def test_each_reason_has_its_picture_and_a_group_that_never_gave_it_none_of_as_many(refusing: Target) -> None:
    time, privacy = drawings(ask(refusing, "reasons"))
    assert time.caption == "given by segment: no time, in %, with 95 % intervals"
    assert (time.names, time.values) == (("Private", "Retail"), (0.0, 75.0))
    assert time.intervals[0] == pytest.approx([100 * end for end in Rate(0, 1).interval or ()])
    assert privacy.values == (100.0, 25.0)


def test_without_groups_the_reasons_stand_beside_each_other(refusing: Target) -> None:
    (drawn,) = drawings(ask(refusing, "reasons", "all"))
    assert (drawn.title, drawn.names, drawn.values) == ("given by reason", ("no time", "privacy"), (60.0, 40.0))
    assert not drawn.times


def test_a_score_is_drawn_as_a_score_and_beside_scores_alone(target: Target, write: Writing) -> None:
    with write() as session:
        for who, segment, score, would in (("Ann", "Retail", 5, 10), ("Bo", "Private", 3, 0)):
            number = facts.customer(session, who, segment)
            facts.survey(session, number, "2026-03-01", scores={"service": score}, would_recommend=would)
    found = {drawn.title: drawn for drawn in drawings(ask(target, "surveys"))}
    assert found["share by segment: service"].values == (0.0, 100.0)
    score = found["score by segment: would recommend"]
    assert (score.unit, score.values) == ("", (-100.0, 100.0))
    (whole,) = drawings(ask(target, "surveys", "all"))
    assert (whole.names, whole.values) == (("service", "said, not done"), (50.0, 100.0))


def test_advocates_are_drawn_by_name_and_two_of_one_name_apart(target: Target, write: Writing) -> None:
    with write() as session:
        for times in (2, 1):
            ann = facts.customer(session, "Ann")
            for _ in range(times):
                facts.referral(session, ann, "2026-03-01")
    (drawn,) = drawings(ask(target, "advocates", ""))
    assert (drawn.names, drawn.values) == (("Ann", "Ann (2)"), (2.0, 1.0))


def test_changes_since_a_plan_are_drawn_with_their_intervals(target: Target, write: Writing) -> None:
    with write() as session:
        for who, amount in (("Ann", 100), ("Bo", 300)):
            number = facts.customer(session, who, who)
            facts.purchase(session, number, "2025-01-01")
            facts.purchase(session, number, "2026-04-01", 200)
            facts.purchase(session, number, "2026-08-01", amount)
    with open_reader(target, snapshot=True) as reader:
        found = plan(View(reader, YEAR, TODAY, ("segment",)), date(2026, 6, 1))
        whole = plan(View(reader, YEAR, TODAY), date(2026, 6, 1))
    revenue = drawings(replace(found, figure="change"))[0]
    assert (revenue.title, revenue.unit) == ("change by segment: revenue from existing", "EUR")
    assert revenue.values == (-100.0, 100.0)
    assert all(revenue.intervals)
    assert why_none(whole).startswith("A picture shows one figure of several groups.")


def test_forecasts_and_facts_are_drawn_in_the_order_of_months(target: Target, write: Writing) -> None:
    with write() as session:
        late, early = facts.customer(session, "Ann", "A", joined="2026-01-20"), facts.customer(session, "Bo", "B")
        for month in range(1, 11):
            facts.purchase(session, early, f"2025-{month:02}-10")
            facts.purchase(session, early, f"2026-{month:02}-10")
            if month > 4:
                facts.purchase(session, late, f"2026-{month:02}-10")
    with open_reader(target, snapshot=True) as reader:
        found = backtest(View(reader, YEAR, TODAY, ("segment",), months=1))
    months = [head.title for head in sheet(found, crossed=True).heads[1:]]
    assert months == sorted(months)
    for drawn in drawings(found):
        assert list(drawn.names) == sorted(drawn.names)
        assert drawn.times
        assert drawn.level == "80 %"


@pytest.mark.parametrize(
    ("values", "intervals", "ends"),
    [
        ((-40.0, 20.0), (None, (10.0, 60.0)), (-40.0, 60.0)),
        ((-5.0, None), ((-9.0, -1.0), None), (-9.0, 0.0)),
        ((3.0, 4.0), (None, None), (0.0, 4.0)),
    ],
)
def test_what_is_below_zero_is_in_the_picture(
    values: tuple[float | None, ...], intervals: tuple[tuple[float, float] | None, ...], ends: tuple[float, float]
) -> None:
    drawn = Series("profit by segment", "EUR", ("Private", "Retail"), values, intervals, times=False)
    assert drawn.ends == ends
    known = sum(value is not None for value in values)
    assert "\n".join(picture(drawn, 80)).count("●") == known
    assert "\n".join(picture(replace(drawn, times=True), 80)).count("●") == known
    assert "<svg" in chart(drawn, "1-1")


def test_a_cohort_has_none_from_its_first_quarter_on_and_nothing_before(target: Target, write: Writing) -> None:
    with write() as session:
        ann = facts.customer(session, "Ann", joined="2026-01-10")
        bo = facts.customer(session, "Bo", joined="2026-05-10")
        for who, on in ((ann, "2026-01-10"), (ann, "2026-10-01"), (bo, "2026-05-10")):
            facts.purchase(session, who, on, 50)
    year = Period(date(2026, 1, 1), TODAY)
    found = ask(target, "growth", "joined-quarter,quarter", year)
    cells = [[cell.words for cell in row] for row in sheet(found, crossed=True).rows]
    assert cells == [["2026-Q1", "50.00", "0.00", "0.00", "50.00"], ["2026-Q2", "–", "50.00", "0.00", "0.00"]]
    months = ask(target, "growth", "month,joined", Period(date(2025, 12, 1), date(2026, 2, 28)))
    assert [line.group for line in months.rows] == [("2026-01", "2026", "EUR"), ("2026-02", "2026", "EUR")]


def test_each_group_has_a_row_in_each_part_of_the_time(target: Target, write: Writing) -> None:
    with write() as session:
        ann, bo = facts.customer(session, "Ann", "Retail"), facts.customer(session, "Bo", "Private")
        facts.purchase(session, ann, "2026-02-01", 70)
        facts.purchase(session, bo, "2026-08-01", 30, "SEK")
    found = rows(ask(target, "growth", "segment,quarter", Period(date(2026, 1, 1), date(2026, 9, 30))))
    assert {name: value["revenue"].amount_minor for name, value in found.items()} == {
        "Retail|2026-Q1|EUR": 7000, "Retail|2026-Q2|EUR": 0, "Retail|2026-Q3|EUR": 0,
        "Private|2026-Q1|EUR": 0, "Private|2026-Q2|EUR": 0, "Private|2026-Q3|EUR": 0,
        "Private|2026-Q1|SEK": 0, "Private|2026-Q2|SEK": 0, "Private|2026-Q3|SEK": 3000,
    }  # fmt: skip


@pytest.mark.parametrize("by", ["all", "segment", "quarter", "segment,quarter"])
def test_a_year_in_which_nothing_was_bought_has_nothing_to_report(target: Target, write: Writing, by: str) -> None:
    with write() as session:
        facts.purchase(session, facts.customer(session, "Ann", "Retail"), "2020-11-01")
    assert ask(target, "growth", by, Period(date(2023, 1, 1), date(2023, 12, 31))).rows == ()
    assert ask(target, "growth", by, Period(date(2021, 1, 1), date(2021, 12, 31))).rows != ()  # there was some before


def test_who_bought_before_the_joining_day_belongs_to_the_first_order_and_no_quarter_is_missing(
    target: Target, write: Writing
) -> None:
    with write() as session:
        ann = facts.customer(session, "Ann", joined="2026-10-01")
        facts.purchase(session, ann, "2025-02-28", 100)
        facts.purchase(session, ann, "2024-12-01", 9, status="cancelled", ended_on=date(2025, 5, 1))
    found = ask(target, "growth", "joined-quarter,quarter", Period(date(2024, 10, 1), date(2025, 12, 31)))
    shown = sheet(found, crossed=True)
    assert [head.title for head in shown.heads[1:]] == ["2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]
    # What was cancelled later stood then, and does not make the cohort.
    assert [cell.words for cell in shown.rows[0]] == ["2025-Q1", "9.00", "100.00", "0.00", "0.00", "0.00"]


def test_nothing_is_told_of_months_to_come_in_which_nothing_is_promised(target: Target, write: Writing) -> None:
    with write() as session:
        ann, bo = facts.customer(session, "Ann", "Retail"), facts.customer(session, "Bo", "Private")
        facts.purchase(session, ann, "2026-10-01", promised="2026-10-20", delivered="2026-10-19")
        facts.purchase(session, bo, "2026-11-01", promised="2027-01-10")
    span = Period(date(2026, 10, 1), date(2027, 3, 31))
    assert [line.group for line in ask(target, "service", "month", span).rows] == [
        ("2026-10",), ("2026-11",), ("2027-01",),
    ]  # fmt: skip
    assert {line.group[1] for line in ask(target, "service", "segment,month", span).rows} == {
        "2026-10", "2026-11", "2027-01",
    }  # fmt: skip


def test_spend_that_nobody_wrote_down_is_not_known(target: Target, write: Writing) -> None:
    with write() as session:
        ann = facts.customer(session, "Ann", source="fair")
        for month in (2, 4):
            facts.purchase(session, ann, f"2026-{month:02}-10")
        facts.spend(session, "2026-02-01", "fair", "winning", 300)
        facts.spend(session, "2026-03-01", "fair", "winning", 50)
    found = ask(target, "profit", "channel,month", Period(date(2026, 1, 1), date(2026, 4, 30)))
    assert [None if (spent := line.values["winning"]) is None else spent.amount_minor for line in found.rows] == [
        None, 30_000, 5_000, None,
    ]  # fmt: skip


def test_a_plan_measures_each_side_as_it_stood_on_its_last_day(target: Target, write: Writing) -> None:
    with write() as session:
        ann = facts.customer(session, "Ann")
        facts.purchase(session, ann, "2024-01-05", 50)
        facts.purchase(session, ann, "2026-03-10", 500, status="returned", ended_on=TODAY)
    with open_reader(target, snapshot=True) as reader:
        found = plan(View(reader, YEAR, TODAY), date(2026, 7, 1))
    (line,) = (line for line in found.rows if line.group[-1].startswith("revenue"))
    assert (line.values["before"], line.values["now"]) == (Money(50_000, "EUR"), Money(0, "EUR"))


def test_a_forecast_by_month_and_a_backtest_name_the_times_of_their_rows(target: Target, write: Writing) -> None:
    with write() as session:
        ann = facts.customer(session, "Ann", joined="2025-01-01")
        for month in range(1, 11):
            facts.purchase(session, ann, f"2025-{month:02}-10")
            facts.purchase(session, ann, f"2026-{month:02}-10")
    assert ask(target, "strength", "month").title.endswith("the 6 months after each month's last day")
    assert ask(target, "strength", "all").title.endswith("the 6 months after 2026-11-24")
    with open_reader(target, snapshot=True) as reader:
        found = backtest(View(reader, YEAR, TODAY, months=2))
    assert found.rows[-1].group[0] == "2026-08"
    assert found.period.until == date(2026, 10, 31)


def test_by_month_it_is_said_why_hardly_a_complaint_counts_as_recovered(target: Target, write: Writing) -> None:
    with write() as session:
        facts.complaint(session, facts.customer(session, "Ann"), "2026-03-10")
    assert any("By more time" in told for told in ask(target, "complaints", "month").sentences)
    assert not any("By more time" in told for told in ask(target, "complaints", "quarter").sentences)


@pytest.mark.parametrize(("count", "named"), [(8, 8), (13, 13), (24, 12), (120, 12)])
def test_a_chart_has_room_for_the_names_of_its_months(count: int, named: int) -> None:
    names = tuple(f"{2010 + n // 12}-{n % 12 + 1:02}" for n in range(count))
    drawn = Series("revenue by month", "EUR", names, tuple(map(float, range(count))), (None,) * count, times=True)
    svg = chart(drawn, "1-1")
    assert len([name for name in names if re.search(rf"<text[^>]*>{name}</text>", svg)]) == named
