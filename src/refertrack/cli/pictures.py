"""Pictures on a terminal, by plotext: bars with their intervals, and trends."""

from __future__ import annotations

from textwrap import wrap

from rich.cells import cell_len, set_cell_size

from refertrack.reports.drawings import PERCENT, Series
from refertrack.rules.text import safe

WIDEST, TREND_LINES, MOST_GROUPS, LONGEST = 110, 12, 20, 24
STAND_INS = 0xE000  # letters that no name has, in the area for private use


def picture(drawn: Series, width: int) -> list[str]:
    """Return the lines of a picture that is as wide as the terminal, or as is good to read, below its caption."""
    import plotext

    plotext.clear_figure()
    plotext.theme("clear")
    if drawn.times:
        _trend(drawn, width)
    else:
        _groups(drawn, width)
    lines = [line.rstrip() for line in _named(plotext.uncolorize(plotext.build()), drawn).splitlines()]
    caption = safe(drawn.captioned(MOST_GROUPS))
    return [*wrap(caption, width), *lines]  # the library drops a title that is wider than the picture


def _groups(drawn: Series, width: int) -> None:
    """Draw a point and its interval for each group, the first on top."""
    import plotext

    points = list(zip(drawn.names, drawn.values, drawn.intervals, strict=True))[:MOST_GROUPS]
    plotext.plotsize(min(width, WIDEST), 2 * len(points) + 4)  # with the frame, two lines a group
    places = list(range(len(points), 0, -1))
    for place, (_, value, between) in zip(places, points, strict=True):
        if value is None:
            continue
        low, high = between or (0.0, value)
        plotext.plot([low, high], [place, place], marker="─")
        plotext.scatter([value], [place], marker="●")
    plotext.yticks(places, [_stand_in(number, name) for number, (name, _, _) in enumerate(points)])
    plotext.ylim(0.5, len(points) + 0.5)
    plotext.xlim(*_scale(drawn))


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
    fit = min(width, WIDEST) // (max(map(len, drawn.names)) + 4)  # beside each other
    step = -(-len(drawn.names) // max(1, fit))
    plotext.xticks(list(range(0, len(drawn.names), step)), list(drawn.names[::step]))
    plotext.ylim(*_scale(drawn))


def _scale(drawn: Series) -> tuple[float, float]:
    """Return where the scale begins and ends: around zero, all values and the ends of their intervals."""
    low, high = drawn.ends
    room = 0.05 * max(1.0, high - low)
    top = max(1.0, high) + room if high > 0 or low == 0 else room
    share = drawn.unit == PERCENT and high <= 100 and low >= 0
    return (low - room if low < 0 else 0.0), min(top, 100.0) if share else top


def _short(name: str) -> str:
    shown = safe(name)
    return shown if cell_len(shown) <= LONGEST else f"{set_cell_size(shown, LONGEST - 1).rstrip()}…"


def _stand_in(number: int, name: str) -> str:
    """Return a name as the library counts it: a letter for each cell, since it takes every letter for one cell."""
    short = _short(name)
    return short if short.isascii() else chr(STAND_INS + number) * cell_len(short)


def _named(text: str, drawn: Series) -> str:
    """Put the names back for which others stood in."""
    for number, name in enumerate(drawn.names[:MOST_GROUPS]):
        stand_in, short = _stand_in(number, name), _short(name)
        text = text.replace(stand_in, short) if stand_in and stand_in != short else text
    return text
