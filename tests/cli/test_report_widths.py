"""Reports on terminals of any width: numbers stay whole, sentences wrap, pictures come where there is room."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from rich.cells import cell_len

from conftest import Program
from refertrack.reports import catalogue

ENTRY = ["-c", "from refertrack.cli.main import run; run()"]
Terminal = Callable[..., str]


@pytest.fixture
def terminal(file_shop: Program) -> Terminal:
    """A small business, and a way to look at its reports on a terminal of some width."""
    for who, segment in (("Ann Ek", "Guest house"), ("Bo Dahl", "Private")):
        file_shop("add-customer", who, "--segment", segment)
        for day in ("2025-10-01", "2026-03-01", "2026-06-01"):
            file_shop("add-purchase", who, "--amount", "1234567.89", "--ordered", day, "--promised", "2026-07-01",
                      "--delivered", "2026-07-02")  # fmt: skip
    file_shop("refer", "ann", "Cy Ek")

    # What the tests run in may say how wide it is; the terminal is to be asked.
    around = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}

    def look(columns: int, *words: str, **variables: str) -> str:
        child = pexpect.spawn(
            sys.executable, [*ENTRY, "report", *words], encoding="utf-8", timeout=60, dimensions=(60, columns),
            env={**around, "TERM": "xterm-256color", "PAGER": "cat", **variables},
        )  # fmt: skip
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0, child.before
        return str(child.before).replace("\r\n", "\n")

    return look


def plain(shown: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", shown)


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_no_number_is_broken_where_it_is_narrow(terminal: Terminal, columns: int) -> None:
    shown = plain(terminal(columns, "growth", "--detail"))
    assert "2,469,135.78" in shown
    assert "1 of 1" in " ".join(shown.split()) or "0 of " in " ".join(shown.split())
    table = shown.split("\n\n")[1:-3]
    assert [line for block in table for line in block.splitlines() if len(line) > columns] == []
    assert "│" not in shown  # no picture below 100 columns


def test_amounts_of_one_currency_stay_on_a_line_and_it_is_named_once(terminal: Terminal, file_shop: Program) -> None:
    shown = plain(terminal(80, "growth"))
    assert ("2,469,135.78 " in shown, shown.count("EUR"), "\nAmounts in EUR.\n" in shown) == (True, 1, True)
    assert shown.count("2,469,135.78 EUR") == 0
    assert "2,469,135.78 EUR" in plain(terminal(160, "growth", "--no-chart"))  # where there is room
    file_shop("add-purchase", "bo", "--amount", "7", "--currency", "SEK", "--ordered", "2026-06-01")
    narrow = plain(terminal(80, "strength"))
    assert not [line for line in narrow.splitlines() if re.match(r"^ *\d* ?(EUR|SEK)( |$)", line)]
    assert max(map(len, narrow.splitlines())) <= 80
    two = plain(terminal(90, "growth"))
    assert ("Amounts in" in two, two.count("SEK") > 1) == (False, True)


def test_a_table_of_many_rows_keeps_to_the_width_as_well(
    terminal: Terminal, file_shop: Program, tmp_path: Path
) -> None:
    rows = [f"Customer {number},A segment with a long name {number},2020-01-01" for number in range(130)]
    people = tmp_path / "people.csv"
    people.write_text("\n".join(["name,segment,joined", *rows]), encoding="utf-8")
    assert file_shop("import", "customers", people).code == 0
    shown = plain(terminal(80, "asks", "--by", "segment", "--detail", "--no-chart"))
    table = plain(terminal(60, "referrals", "--no-chart"))
    assert max(len(line) for text in (shown, table) for line in text.splitlines()) <= 80
    assert table.count("A segment with a long") >= 130


def test_of_groups_of_many_values_it_is_said_that_they_need_not_sum(terminal: Terminal, file_shop: Program) -> None:
    assert file_shop("edit-customer", "ann", "--tag", "Vip").code == 0
    words = "the rows need not sum to all"
    assert words in plain(terminal(80, "growth", "--by", "tag"))
    assert words not in plain(terminal(80, "growth", "--by", "segment"))


def test_a_narrow_terminal_shows_a_figure_a_line(terminal: Terminal) -> None:
    shown = plain(terminal(40, "growth"))
    assert "Guest house\n  revenue          2,469,135.78 EUR\n" in shown


def test_a_picture_comes_with_a_hundred_columns_or_when_asked_for(terminal: Terminal) -> None:
    assert "●" in terminal(100, "referrals")
    assert "●" not in terminal(100, "referrals", "--no-chart")
    narrow = plain(terminal(60, "referrals", "--chart"))
    assert "●" in narrow
    assert max(len(line) for line in narrow.splitlines() if "│" in line) <= 60
    assert "nothing to draw" in terminal(100, "referrals", "--by", "all", "--chart")
    crossed = plain(terminal(100, "referrals", "--by", "segment,quarter", "--chart"))
    assert "A picture needs one dimension: --by segment, or --by quarter." in crossed


def test_each_question_has_its_picture_when_asked_for(terminal: Terminal, file_shop: Program) -> None:
    for who, score in (("ann", "5"), ("bo", "3")):
        assert file_shop("survey", who, "--service", score, "--communication", score).code == 0
    asked = plain(terminal(60, "surveys", "--chart"))
    assert re.findall(r"share by segment: (\w+), in %", asked) == ["communication", "service"]
    assert asked.count("●") == 4
    assert "●" not in terminal(120, "surveys")  # unasked one picture at most
    assert "share by question, in %" in plain(terminal(120, "surveys", "--by", "all"))


def test_of_two_currencies_the_one_of_most_purchases_is_drawn(terminal: Terminal, file_shop: Program) -> None:
    file_shop("add-purchase", "bo", "--amount", "7", "--currency", "SEK", "--ordered", "2026-06-01")
    words = ("growth", "--by", "month", "--since", "2026-03-01", "--until", "2026-06-30", "--chart")
    shown = plain(terminal(100, *words))
    assert "revenue by month, in EUR" in shown
    assert shown.count("●") == 4
    assert "nothing to draw" in plain(terminal(100, *words, "--figure", "first_discount"))


def test_a_cohort_triangle_is_shaded_and_without_colour_it_is_a_table(terminal: Terminal) -> None:
    words = ("growth", "--by", "joined-quarter,quarter", "--since", "2025-10-01", "--no-chart")
    assert "\x1b[48" in terminal(120, *words)
    assert "\x1b[" not in terminal(120, *words, NO_COLOR="1")


@pytest.mark.parametrize("name", ["日本 旅館", "Café 🎉 Zürich", "नमस्ते", "plain"])
def test_the_frame_of_a_picture_stays_straight_beside_names_of_any_width(
    terminal: Terminal, file_shop: Program, name: str
) -> None:
    assert file_shop("edit-customer", "ann", "--segment", name).code == 0
    shown = plain(terminal(70, "referrals", "--chart"))
    framed = [line for line in shown.splitlines() if line.rstrip().endswith(("┐", "│", "┘"))]
    assert len(framed) > 3
    assert len({cell_len(line.rstrip()) for line in framed}) == 1
    assert any(name in line for line in framed)


@pytest.mark.parametrize("name", catalogue.NAMES)
def test_sentences_wrap_between_words(terminal: Terminal, name: str) -> None:
    shown = plain(terminal(80, name))
    prose = shown.rsplit("\n\n", 2)[-2:]
    assert all(len(line) <= 80 for part in prose for line in part.splitlines() if not line.startswith("refertrack "))


def test_a_cross_table_of_one_currency_names_it_once_and_of_two_there_is_a_row_each(
    terminal: Terminal, file_shop: Program
) -> None:
    shown = plain(terminal(60, "growth", "--by", "segment,quarter", "--since", "2025-10-01", "--until", "2026-06-30"))
    assert shown.count("EUR") == 1
    assert "Shown: revenue in EUR." in shown
    assert "1,234,567.89 " in shown
    sold = file_shop("add-purchase", "bo", "--amount", "7", "--currency", "SEK", "--ordered", "2026-06-01")
    assert sold.code == 0
    two = plain(terminal(100, "growth", "--by", "segment", "--since", "2025-10-01", "--until", "2026-06-30"))
    assert ("7.00 SEK" in two, "3,703,703.67 EUR" in two) == (True, True)
    assert "Shown:" not in two
    assert {"segment", "currency", "revenue", "referrals"} <= set(two.split())
    narrow = plain(terminal(40, "growth", "--since", "2025-10-01", "--until", "2026-06-30"))
    assert "Private · SEK\n  revenue          7.00 SEK\n" in narrow
