"""The staff meeting's page in its forms: a terminal, Markdown, HTML, and plain records for scripts."""

from __future__ import annotations

import html
from typing import Any

from refertrack.cli.screen import Column, Listing, Screen
from refertrack.reports.agenda import Agenda, Section
from refertrack.rules.text import safe

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #ddd}"
    "th{color:#555;font-weight:600}p.none{color:#555}@media print{body{margin:0}}"
)


def record(agenda: Agenda) -> dict[str, Any]:
    """Return the page for JSON: a list of objects for each section."""
    found: dict[str, Any] = {"since": agenda.period.since, "until": agenda.period.until}
    for section in agenda.sections:
        keys = [column.replace(" ", "_") for column in section.columns]
        found[section.key] = [dict(zip(keys, row, strict=True)) for row in section.rows]
    return found


def show(screen: Screen, agenda: Agenda) -> None:
    """Show the page on a terminal, a section after the other."""
    screen.heading(title(agenda))
    for section in agenda.sections:
        screen.line()
        screen.heading(section.title)
        if section.rows:
            screen.listing(_listing(section))
        else:
            screen.line(f"  {section.nothing}")
    screen.hint("To print or to send: refertrack agenda --markdown · refertrack agenda --html agenda.html")


def title(agenda: Agenda) -> str:
    """Return what the page is called."""
    return f"Staff meeting, {agenda.period.words}"


def _listing(section: Section) -> Listing:
    records = [dict(zip(section.columns, row, strict=True)) for row in section.rows]
    columns = tuple(Column(name, lambda row, name=name: row[name]) for name in section.columns)  # type: ignore[misc]
    return Listing(section.columns, records, columns)


def markdown(agenda: Agenda) -> str:
    """Return the page as Markdown, with what people typed kept from being read as such."""
    lines = [f"# {_mark(title(agenda))}"]
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


def page(agenda: Agenda) -> str:
    """Return the page as HTML of one file."""
    parts = [f"<h1>{html.escape(title(agenda))}</h1>"]
    for section in agenda.sections:
        parts.append(f"<h2>{html.escape(section.title)}</h2>")
        if not section.rows:
            parts.append(f'<p class="none">{html.escape(section.nothing)}</p>')
            continue
        head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in section.columns)
        body = "".join(
            f"<tr>{''.join(f'<td>{html.escape(safe(cell))}</td>' for cell in row)}</tr>\n" for row in section.rows
        )
        parts.append(f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title(agenda))}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )
