"""Pictures on a terminal, by plotext: bars with their intervals, and trends."""

from __future__ import annotations

from refertrack.reports.sheet import Series

WIDEST, TREND_LINES, MOST_GROUPS = 110, 12, 20


def picture(drawn: Series, width: int) -> list[str]:
    """Return the lines of a picture that is as wide as the terminal, or as is good to read."""
    import plotext

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.title(drawn.caption)
    if drawn.times:
        _trend(drawn, width)
    else:
        _groups(drawn, width)
    return [line.rstrip() for line in plotext.uncolorize(plotext.build()).splitlines()]


def _groups(drawn: Series, width: int) -> None:
    """Draw a point and its interval for each group, the first on top."""
    import plotext

    points = list(zip(drawn.names, drawn.values, drawn.intervals, strict=True))[:MOST_GROUPS]
    plotext.plotsize(min(width, WIDEST), 2 * len(points) + 3)
    places = list(range(len(points), 0, -1))
    for place, (_, value, between) in zip(places, points, strict=True):
        if value is None:
            continue
        low, high = between or (0.0, value)
        plotext.plot([low, high], [place, place], marker="─")
        plotext.scatter([value], [place], marker="●")
    plotext.yticks(places, [name[:24] for name, _, _ in points])
    plotext.ylim(0.5, len(points) + 0.5)
    plotext.xlim(0, _top(drawn))


def _trend(drawn: Series, width: int) -> None:
    """Draw a line through the points in time, with the ends of the intervals."""
    import plotext

    plotext.plotsize(min(width, WIDEST), TREND_LINES)
    known = [(x, value) for x, value in enumerate(drawn.values) if value is not None]
    for x, between in enumerate(drawn.intervals):
        if between is not None:
            plotext.plot([x, x], list(between), marker="│")
    plotext.plot([x for x, _ in known], [value for _, value in known], marker="braille")
    plotext.scatter([x for x, _ in known], [value for _, value in known], marker="●")
    step = max(1, len(drawn.names) // 8)
    plotext.xticks(list(range(0, len(drawn.names), step)), list(drawn.names[::step]))
    plotext.ylim(0, _top(drawn))


def _top(drawn: Series) -> float:
    ends = [value for value in drawn.values if value is not None] + [each[1] for each in drawn.intervals if each]
    return max([1.0, *ends]) * 1.05
