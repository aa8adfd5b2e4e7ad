"""Charts for the HTML report: SVG by pygal, in the page's own colours, so that one file is light and dark."""

from __future__ import annotations

import re
from typing import Any

from refertrack.reports.drawings import Series
from refertrack.rules.text import safe

MOST_GROUPS, MOST_LABELS = 16, 13
_ID = re.compile(r"chart-[0-9a-f-]{36}")
_NOT_WANTED = re.compile(r"<!--.*?-->|<script.*?</script>", re.DOTALL)


def chart(drawn: Series, number: str) -> str:
    """Return a chart as an SVG element: bars with intervals for groups, columns or a line for points in time."""
    pygal = _pygal()
    timed_money = drawn.times and not any(drawn.intervals)
    kind = pygal.Line if timed_money else pygal.Bar if drawn.times else pygal.HorizontalBar
    points = list(zip(drawn.names, drawn.values, drawn.intervals, strict=True))
    points = points if drawn.times else points[:MOST_GROUPS][::-1]  # pygal draws the first at the bottom
    made = kind(style=_style(), range=_scale(drawn), **_settings(len(points), horizontal=not drawn.times))
    thousands = max(map(abs, _scale(drawn))) >= 10_000  # long numbers would be cut on the axis
    made.value_formatter = lambda value: (
        f"{value / 1000:,.0f}k" if thousands else f"{value:,.0f}{'%' if drawn.unit == '%' else ''}"
    )
    made.x_labels = [name if len(name) <= 24 else f"{name[:23]}…" for name in (safe(name) for name, _, _ in points)]
    made.add(drawn.title, [_point(value, between) for _, value, between in points])
    svg = _NOT_WANTED.sub("", made.render())
    return _ID.sub(f"chart-{number}", str(svg)).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def _pygal() -> Any:
    """Import pygal, and take its finder of plug-ins out again, which slows and disturbs every later import."""
    import sys

    import pygal

    sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]
    return pygal


def described(drawn: Series) -> str:
    """Return the chart in words, for those who do not see it."""
    unit = "" if not drawn.unit else "%" if drawn.unit == "%" else f" {drawn.unit}"
    told = [
        f"{name} {value:,.0f}{unit}" + (f" ({between[0]:,.0f} to {between[1]:,.0f})" if between else "")
        for name, value, between in zip(drawn.names, drawn.values, drawn.intervals, strict=True)
        if value is not None
    ]
    return f"{drawn.title}: {', '.join(told)}"


def _point(value: float | None, between: tuple[float, float] | None) -> Any:
    if value is None:
        return None
    rounded = round(value, 1)
    if between is None:
        return rounded
    return {"value": rounded, "ci": {"low": round(between[0], 1), "high": round(between[1], 1)}}


def _scale(drawn: Series) -> tuple[float, float]:
    """Return where the scale begins and ends: around zero, all values and the ends of their intervals."""
    low, high = drawn.ends
    top = max(1.0, high) * 1.06 if high > 0 or low == 0 else 0.0
    return low * 1.06, min(top, 100.0) if drawn.unit == "%" and high <= 100 else top


def _settings(count: int, *, horizontal: bool) -> dict[str, Any]:
    return {
        "js": (),
        "disable_xml_declaration": True,
        "show_legend": False,
        "width": 760,
        "height": 60 + 46 * count if horizontal else 300,
        "include_x_axis": True,
        "x_label_rotation": 0 if horizontal or count <= 8 else 30,
        "margin": 6,
        "margin_bottom": 6 if horizontal or count <= 8 else 22,  # names that are turned hang lower
        "show_minor_x_labels": False,
        "x_labels_major_every": 1 if horizontal else -(-count // MOST_LABELS),
        "margin_right": 22,  # half of the last number on the axis
        "spacing": 8,
        "dots_size": 4,
        "stroke_style": {"width": 2.5},
        "rounded_bars": 3,
        "show_x_guides": horizontal,
        "show_y_guides": not horizontal,
    }


def _style() -> Any:
    from pygal.style import Style

    ink, faint = "var(--ink)", "var(--line)"
    return Style(
        background="transparent",
        plot_background="transparent",
        foreground=ink,
        foreground_strong=ink,
        foreground_subtle=faint,
        colors=("var(--bar)",),
        value_colors=(ink,),
        ci_colors=(ink,),
        opacity="1",
        opacity_hover="1",
        transition="none",
        font_family="inherit",
        label_font_size=15,
        major_label_font_size=15,
        guide_stroke_color=faint,
        major_guide_stroke_color=faint,
        guide_stroke_dasharray="none",
        major_guide_stroke_dasharray="none",
    )
