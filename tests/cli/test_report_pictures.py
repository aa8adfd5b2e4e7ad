"""Reports on a terminal: pictures where there is room, shaded cross tables, and none of it in a pipe."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from refertrack.cli.pictures import picture
from refertrack.reports.drawings import Series
from refertrack.rules.text import safe


def test_points_with_their_intervals() -> None:
    drawn = Series("took part by segment", "%", ("Retail", "Private"), (4.0, 12.0), ((2.0, 7.0), (9.0, 15.0)), False)
    lines = picture(drawn, 80)
    retail, private = (next(line for line in lines if line.lstrip().startswith(name)) for name in ("Retail", "Private"))
    assert retail.count("●") == private.count("●") == 1
    assert retail.index("●") < private.index("●")
    assert retail.index("─") < retail.index("●") < len(retail.rstrip("│ "))
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", ["x\x1b[2Jy", "x\x1b[31mred", "two\nlines", "tab\tand\rreturn"])
def test_what_steers_a_terminal_is_made_visible_in_a_picture(name: str) -> None:
    drawn = Series("took part by segment", "%", (name, "Private"), (4.0, 12.0), ((2.0, 7.0), (9.0, 15.0)), False)
    lines = picture(drawn, 80)
    assert any(line.lstrip().startswith(safe(name)) for line in lines)
    assert "\x1b" not in "".join(lines)
    assert len({cell_len(line) for line in lines[1:] if line.endswith(("┐", "│", "┘"))}) == 1


def test_a_picture_says_how_many_groups_it_leaves_out() -> None:
    names = tuple(f"A customer group with a long name, number {number}" for number in range(25))
    drawn = Series("took part by segment", "%", names, (4.0,) * 25, (None,) * 25, False)
    lines = picture(drawn, 80)
    assert lines[0] == "took part by segment, in % (the first 20 of 25)"
    assert sum("A customer group with a…" in line for line in lines) == 20
    assert drawn.captioned(25) == drawn.caption


def test_thirteen_months_all_have_their_names_where_there_is_room() -> None:
    names = (*(f"2025-{month:02d}" for month in range(1, 13)), "2026-01")
    drawn = Series("revenue by month", "EUR", names, tuple(map(float, range(13))), (None,) * 13, True)
    axis = picture(drawn, 160)[-1].split()
    assert axis == [name for name in names if name in axis]
    assert len(axis) in {7, 13}  # all, or every other


def test_a_trend_names_its_months() -> None:
    names = tuple(f"2026-{month:02d}" for month in range(1, 7))
    drawn = Series("revenue by month", "EUR", names, (1.0, 4.0, 2.0, None, 8.0, 9.0), (None,) * 6, True)
    lines = picture(drawn, 90)
    assert "2026-01" in lines[-1]
    assert "2026-06" in lines[-1]
    assert sum(line.count("●") for line in lines) == 5
