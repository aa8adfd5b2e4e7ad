"""Reports on a terminal: pictures where there is room, shaded cross tables, and none of it in a pipe."""

from __future__ import annotations

from refertrack.cli.pictures import picture
from refertrack.reports.drawings import Series


def test_points_with_their_intervals() -> None:
    drawn = Series("took part by segment", "%", ("Retail", "Private"), (4.0, 12.0), ((2.0, 7.0), (9.0, 15.0)), False)
    lines = picture(drawn, 80)
    retail, private = (next(line for line in lines if line.lstrip().startswith(name)) for name in ("Retail", "Private"))
    assert retail.count("●") == private.count("●") == 1
    assert retail.index("●") < private.index("●")
    assert retail.index("─") < retail.index("●") < len(retail.rstrip("│ "))
    assert max(map(len, lines)) <= 80


def test_a_trend_names_its_months() -> None:
    names = tuple(f"2026-{month:02d}" for month in range(1, 7))
    drawn = Series("revenue by month", "EUR", names, (1.0, 4.0, 2.0, None, 8.0, 9.0), (None,) * 6, True)
    lines = picture(drawn, 90)
    assert "2026-01" in lines[-1]
    assert "2026-06" in lines[-1]
    assert sum(line.count("●") for line in lines) == 5
