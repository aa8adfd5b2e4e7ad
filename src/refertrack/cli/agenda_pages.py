"""The staff meeting's page in its forms: a terminal, Markdown, and plain records for scripts."""

from __future__ import annotations

import html
from typing import Any

from refertrack.cli.screen import Column, Listing, Screen
from refertrack.reports.agenda import Agenda, Section
from refertrack.rules.text import safe


def record(agenda: Agenda) -> dict[str, Any]:
    """Return the page for JSON: a list of objects for each section."""
    found: dict[str, Any] = {"since": agenda.period.since, "until": agenda.period.until}
    for section in agenda.sections:
        keys = [column.replace(" ", "_") for column in section.columns]
        found[section.key] = [dict(zip(keys, row, strict=True)) for row in section.rows]
    return found


def show(screen: Screen, agenda: Agenda) -> None:
    """Show the page on a terminal, a section after the other."""
    screen.heading(agenda.title)
    for section in agenda.sections:
        screen.line()
        screen.heading(section.title)
        if section.rows:
            screen.listing(_listing(section))
        else:
            screen.line(f"  {section.nothing}")
    screen.hint("To print or to send: refertrack agenda --markdown · refertrack agenda --html agenda.html")


def _listing(section: Section) -> Listing:
    records = [dict(zip(section.columns, row, strict=True)) for row in section.rows]
    columns = tuple(Column(name, lambda row, name=name: row[name]) for name in section.columns)  # type: ignore[misc]
    return Listing(section.columns, records, columns)


def markdown(agenda: Agenda) -> str:
    """Return the page as Markdown, with what people typed kept from being read as such."""
    lines = [f"# {_mark(agenda.title)}"]
    for section in agenda.sections:
        lines += ["", f"## {section.title}", ""]
        if not section.rows:
            lines.append(section.nothing)
            continue
        lines.append(f"| {' | '.join(section.columns)} |")
        lines.append(f"|{' --- |' * len(section.columns)}")
        lines += [f"| {' | '.join(_mark(cell) for cell in row)} |" for row in section.rows]
    return "\n".join(lines)


def _mark(words: str) -> str:
    """Keep words from being read as Markdown or HTML."""
    escaped = html.escape(safe(words), quote=False)
    return "".join(f"\\{character}" if character in "\\`*_[]|#~" else character for character in escaped)
