"""What a report says to type next where it holds nothing: only what holds something, with what was typed."""

from __future__ import annotations

import shlex
import sys

import pytest

from conftest import Program
from refertrack.reports.instead import FIRST_DATA


@pytest.fixture
def seen(shop: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program as on a terminal, so that its hints are seen."""
    monkeypatch.setattr("refertrack.cli.environment._is_terminal", lambda stream: stream is sys.stdout)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("PAGER", "")
    return shop


@pytest.fixture
def terminal(seen: Program) -> Program:
    """A terminal with two customers who have bought, and one who has not."""
    shop = seen
    shop("add-customer", "Ann Ek", "--segment", "Guest house")
    shop("add-customer", "Bo Dahl", "--segment", "Private", "--owner", "Nora")
    shop("add-customer", "Cy Lund")
    shop("add-purchase", "ann", "--amount", "100", "--ordered", "2024-03-01", "--promised", "2024-04-01",
         "--delivered", "2024-04-01")  # fmt: skip
    shop("add-purchase", "bo", "--amount", "100", "--ordered", "2026-03-01")
    shop("add-purchase", "bo", "--amount", "100", "--ordered", "2026-04-01")
    return shop


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (
            "growth --by owner,segment --since 2020-01-01 --until 2020-06-30",
            "The last 12 months: refertrack report growth --by owner,segment",
        ),
        ("growth --since 2027-01-01 --until 2027-02-01", "The last 12 months: refertrack report growth"),
        (
            "service --by owner --where 'segment=Guest house'",
            "Since 2020: refertrack report service --by owner --where 'segment=Guest house' --since 2020-01-01",
        ),
        (
            "growth --where segment=Private --where 'segment=Guest house'",
            "Of all customers: refertrack report growth",
        ),
        ("strength --where 'segment=(none)'", "Of all customers: refertrack report strength"),
        ("strength --until 2023-01-01 --months 2", "As of today: refertrack report strength --months 2"),
        ("strength --backtest --by segment --where 'segment=(none)'",
         "Of all customers: refertrack report strength --backtest --by segment"),
        ("growth --plan-start 2026-03-15 --by segment --where 'segment=(none)'",
         "Of all customers: refertrack report growth --plan-start 2026-03-15 --by segment"),
        ("growth --by tag", "Without groups: refertrack report growth --by all"),
        ("rewards", ""),
    ],
)  # fmt: skip
def test_where_nothing_is_found_the_hint_is_what_finds_something(terminal: Program, words: str, hint: str) -> None:
    found = terminal("report", *shlex.split(words))
    assert (found.code, "Nothing to report" in found.out) == (0, True)
    assert found.err.strip() == hint
    if hint:
        again = terminal(*shlex.split(hint.partition(": refertrack ")[2]))
        assert (again.code, "Nothing to report" in again.out) == (0, False)


def test_an_empty_database_is_told_how_to_begin(seen: Program) -> None:
    for words in (["growth"], ["strength", "--backtest"], ["growth", "--plan-start", "2026-01-01"]):
        assert seen("report", *words).err.strip() == FIRST_DATA


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("growth --plan-start 2026-02-01 --by month", 'grouped by "month"', "or two: segment,owner."),
        ("strength --backtest --by month", 'grouped by "month"', "or two: segment,owner."),
        ("growth --where foo=bar", 'narrowed by "foo"', "product, tag; as in"),
        ("growth --where segmant=Private", "Close: segment.", "Say one of: segment"),
        ("growth --where segment,owner=x", 'narrowed by "segment,owner"', "Say one of: segment"),
        ("growth --where all=x", 'narrowed by "all"', "Say one of: segment"),
        ("growth --where quarter=2026-Q1", "names a time", "--since and --until"),
        ("growth --where 'company=(none)' --where 'referred=(none)'", 'No customer has referred "(none)"', "--by ref"),
    ],
)
def test_what_is_offered_is_taken(terminal: Program, words: str, message: str, hint: str) -> None:
    found = terminal("report", *shlex.split(words))
    assert (found.code, found.out) == (2, "")
    assert message in found.err
    assert hint in found.err
    assert "year" not in found.err or "--by month" in words


def test_those_without_a_group_are_named_as_they_are_shown(terminal: Program) -> None:
    terminal("edit-customer", "bo", "--tag", "fair")
    terminal("add-product", "Pump")
    terminal("add-purchase", "ann", "--amount", "70", "--ordered", "2026-04-01", "--product", "Pump")
    for where, customers in (("segment=(none)", 1), ("Segment=(None)", 1), ("owner=(none)", 2), ("tag=(none)", 2),
                             ("product=(none)", 2)):  # fmt: skip
        (row,) = terminal("report", "--by", "all", "--where", where, "--json").json
        assert row["customers"] == customers, where
    (row,) = terminal("report", "growth", "--by", "product", "--where", "product=(none)", "--json").json
    assert (row["product"], row["revenue"]) == ("", "200.00")


def test_a_report_of_one_figure_offers_no_other(terminal: Program) -> None:
    assert terminal("ask", "ann", "--specific", "shops", "--by", "2026-11-30", "--anyway", "she offered",
                    today="2026-11-20").code == 0  # fmt: skip
    assert terminal("answer", "1", "--declined", "--reason", "privacy", today="2026-11-22").code == 0
    shown = terminal("report", "reasons", today="2026-11-24").out
    assert "Shown: given." in shown
    assert "Another figure" not in shown
