"""The HTML report: one file with its tables, charts, definitions and the network, and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from refertrack.drafts import pages
from refertrack.drafts.report_charts import MOST_GROUPS, chart, described
from refertrack.reports.drawings import drawings
from refertrack.reports.frame import Report
from refertrack.reports.sheet import Sheet, across, sheet

if TYPE_CHECKING:
    from refertrack.reports.tree import Node

WIDEST_CROSS, MOST_COLUMNS = 13, 7
UPRIGHT_COLUMNS = 10  # more are printed on a sheet that lies


@dataclass(frozen=True)
class Chart:
    """A chart, the same in words, and what stands below it."""

    svg: str
    words: str
    caption: str


@dataclass(frozen=True)
class Section:
    """One report on the page: its table, its charts, and what stands out."""

    anchor: str
    report: Report
    sheet: Sheet
    charts: tuple[Chart, ...]

    @property
    def wide(self) -> bool:
        """Whether the table has so many columns that its letters have to be smaller."""
        return len(self.sheet.heads) > MOST_COLUMNS

    @property
    def broad(self) -> bool:
        """Whether the table is printed across the sheet."""
        return len(self.sheet.heads) > UPRIGHT_COLUMNS


def render(reports: Sequence[Report], network: Sequence[Node], business: str, today: date, *, detail: bool) -> str:
    """Return the page for one report or several."""
    sections = [_section(number, report, detail=detail) for number, report in enumerate(reports, 1)]
    return pages.render("report", sections=sections, network=network, business=business, today=today)


def _section(number: int, report: Report, *, detail: bool) -> Section:
    crossed = 0 < across(report) <= WIDEST_CROSS
    return Section(
        f"{report.definition.name}-{number}",
        report,
        sheet(report, detail=detail, crossed=crossed, bare=True),
        tuple(
            Chart(chart(each, f"{number}-{place}"), described(each), each.captioned(MOST_GROUPS))
            for place, each in enumerate(drawings(report), 1)
        ),
    )
