"""Every figure of every report, with the test that counts it by hand or with another program.

Whoever adds a figure adds its line here, and the test; whoever removes a test is told which figure is left without one.
"""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import facts
import pytest
from test_reports import YEAR, ask, rows

from conftest import TODAY, Writing
from refertrack.models.customers import OptOut
from refertrack.reports import backtest, catalogue, plan
from refertrack.rules.periods import Period
from refertrack.rules.statistics import Middle, Rate
from refertrack.store.target import Target

TESTS = Path(__file__).parents[1]
EXAMPLE = "reports/test_every_metric.py::test_the_example_of_the_referral_report"
REPORTS, STRENGTH = "reports/test_reports.py", "reports/test_strength.py"

# report → figure → the test
COUNTED_BY_HAND: dict[str, dict[str, str]] = {
    "referrals": {
        **dict.fromkeys(
            ("customers", "open", "ask_rate", "participation_rate", "referrals", "won", "net_conversion",
             "gross_conversion", "decided_conversion", "per_referrer", "spontaneous_share", "days_to_win", "k_factor"),
            EXAMPLE,
        ),
        "overridden": "cli/test_referring.py::test_what_counts_by_a_reason_is_shown_in_lists_and_in_the_report",
    },
    "reasons": {"share": f"{REPORTS}::test_reasons"},
    "asks": dict.fromkeys(
        ("sent", "named", "agreed", "no_one", "declined", "no_response", "waiting", "ask_yield", "public_yield",
         "days_to_answer"), f"{REPORTS}::test_requests",
    ),
    "growth": {
        **dict.fromkeys(
            ("revenue", "revenue_before", "revenue_growth", "existing_revenue", "existing_before", "existing_growth",
             "repeat_share", "referred_share", "referrals", "referrals_before", "referral_growth"),
            f"{REPORTS}::test_growth",
        ),
        **dict.fromkeys(("stay_referrers", "stay_others"), f"{REPORTS}::test_those_who_refer_stay"),
        **dict.fromkeys(("first_discount", "later_discount"), f"{REPORTS}::test_discounts"),
    },
    "strength": {
        **dict.fromkeys(("open", "pipeline", "coming", "existing", "total"),
                        f"{STRENGTH}::test_the_forecast_of_each_segment_and_of_all"),
        **dict.fromkeys(("low", "high", "tried", "below", "miss"),
                        f"{STRENGTH}::test_the_interval_allows_for_what_earlier_forecasts_missed"),
    },
    "surveys": {
        **dict.fromkeys(("answers", "share", "mean"), f"{REPORTS}::test_what_customers_say"),
        "nps": f"{REPORTS}::test_the_net_promoter_score",
    },
    "service": dict.fromkeys(
        ("promised", "on_time_rate", "early", "on_the_day", "late", "undelivered", "days_off", "days_late",
         "days_needed"), f"{REPORTS}::test_promises",
    ),
    "complaints": dict.fromkeys(
        ("received", "claims", "open", "recovery_rate", "days_to_acknowledge", "days_to_resolve", "costed", "cost"),
        f"{REPORTS}::test_complaints",
    ),
    "rewards": dict.fromkeys(
        ("accrued", "given", "paid", "owed", "liability", "won", "cost_per_win"), f"{REPORTS}::test_rewards"
    ),
    "profit": dict.fromkeys(
        ("revenue", "margin", "no_margin", "incentives", "follow_up_cost", "profit", "new_customers", "winning",
         "cost_of_winning", "won", "cost_per_win", "keeping", "cost_of_keeping"), f"{REPORTS}::test_profit",
    ),
    "advocates": dict.fromkeys(
        ("referrals", "won", "won_value", "young_value", "crv", "crv_net"), f"{REPORTS}::test_advocates"
    ),
    "plan": dict.fromkeys(("before", "now", "change"), f"{STRENGTH}::test_a_plan_is_measured_before_and_since"),
    "backtest": dict.fromkeys(
        ("forecast", "low", "high", "fact", "tried", "inside"),
        f"{STRENGTH}::test_the_command_line_asks_for_forecasts_and_plans",
    ),
    # What stands in no report of its own.
    "intervals": {
        "wilson": "rules/test_statistics.py::test_wilsons_interval_is_newcombes",
        "fisher_exact": "rules/test_statistics.py::test_scipy_and_statsmodels_agree",
        "holm": "rules/test_statistics.py::test_scipy_and_statsmodels_agree",
        "Score": "rules/test_statistics.py::test_the_net_promoter_score_and_its_interval",
        "difference_of_rates": "rules/test_statistics.py::test_the_difference_of_two_rates_is_newcombes",
        "difference_of_counts": "rules/test_statistics.py::test_the_difference_of_two_counts",
        "allowance": "rules/test_calibration.py::test_numpy_finds_the_same_quantile",
        "referral_value": "rules/test_worth.py::test_the_published_example",
        "gap_score": "rules/test_surveys.py::test_a_gap_scores_by_what_matters",
    },
}  # fmt: skip
DEFINITIONS = {
    **{name: catalogue.definition(name) for name in catalogue.NAMES},
    "plan": plan.DEFINITION,
    "backtest": backtest.DEFINITION,
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_figure_has_its_test(name: str) -> None:
    assert set(COUNTED_BY_HAND[name]) == {figure.key for figure in DEFINITIONS[name].figures}
    assert all(figure.definition for figure in DEFINITIONS[name].figures)


@pytest.mark.parametrize(
    ("figure", "test"), sorted({(key, test) for tests in COUNTED_BY_HAND.values() for key, test in tests.items()})
)
def test_the_test_that_is_named_speaks_of_the_figure(figure: str, test: str) -> None:
    file, _, function = test.partition("::")
    source = (TESTS / file).read_text(encoding="utf-8")
    (found,) = [node for node in ast.parse(source).body if getattr(node, "name", "") == function]
    assert figure in (ast.get_source_segment(source, found) or "")


def test_the_example_of_the_referral_report(target: Target, write: Writing) -> None:
    """The numbers of docs/metrics.md: 100 active, 80 eligible, 40 asked; 15 received, 14 valid, by 12; 5 won."""
    with write() as session:
        people = [facts.customer(session, f"C{n:03}") for n in range(100)]
        for who in people[80:]:
            session.add(OptOut(customer_id=who, channel="any", purpose="referral", since=date(2026, 1, 1)))
        asks = [facts.ask(session, who, "2026-02-01", "named", "2026-02-02") for who in people[:40]]
        facts.ask(session, people[90], "2026-02-01")  # asked before; opted out by the last day
        facts.ask(session, people[0], "2026-06-01")  # twice asked is one who was asked
        won = [("2026-03-06", "won"), ("2026-03-11", "won"), ("2026-03-21", "won"), ("2026-04-10", "won"),
               ("2026-04-30", "won")]  # fmt: skip
        moves = [
            *won,
            *[("2026-05-01", "lost")] * 4,
            *[("2026-05-01", "expired")] * 2,
            ("2026-11-01", "contacted"),
            None,
            None,
        ]
        for n, move in enumerate(moves):
            facts.referral(session, people[n % 12], "2026-03-01", *([move] if move else []),
                           ask_id=asks[n % 12] if n < 8 else None)  # fmt: skip
        facts.referral(session, people[20], "2026-03-01", ("2026-03-02", "disqualified"))
    (line,) = ask(target, "referrals", "all").rows
    found = line.values
    assert found["customers"] == 100
    assert found["ask_rate"] == Rate(40, 80)
    assert found["participation_rate"] == Rate(12, 100)
    assert (found["referrals"], found["won"]) == (14, 5)
    assert found["open"] == 1  # of the three without an end nobody moved two for 180 days
    assert found["net_conversion"] == Rate(5, 14)
    assert found["gross_conversion"] == Rate(5, 15)
    assert found["decided_conversion"] == Rate(5, 9)
    assert found["per_referrer"] == Middle(14 / 12, 12)
    assert found["spontaneous_share"] == Rate(6, 14)
    assert found["days_to_win"] == Middle(20.0, 5)  # 5, 10, 20, 40 and 60 days
    assert found["k_factor"] == Middle(0.05, 100)
    assert found["k_factor"].value == pytest.approx(14 / 100 * 5 / 14)  # i × c


def test_the_groups_of_the_example_add_up(target: Target, write: Writing) -> None:
    """Medians and people of groups that do not overlap come from all, whatever they are grouped by."""
    with write() as session:
        for segment, days in (("Retail", (1, 2)), ("Private", (30,))):
            for n, waited in enumerate(days):
                who = facts.customer(session, f"{segment}{n}", segment)
                facts.referral(session, who, "2026-03-01", (f"2026-03-{1 + waited:02}", "won"))
    found = ask(target, "referrals", "segment", Period(date(2026, 1, 1), TODAY))
    assert rows(found)["Private"]["days_to_win"] == Middle(30.0, 1)
    assert [line.values["days_to_win"] for line in found.total] == [Middle(2.0, 3)]
    assert [line.values["days_to_win"] for line in ask(target, "referrals", "all", YEAR).rows] == [Middle(2.0, 3)]
