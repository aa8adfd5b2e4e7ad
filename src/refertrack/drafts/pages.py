"""Pages for a browser or a printer: templates in HTML, where everything that people typed is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refertrack.drafts.templates import template_root
from refertrack.rules.text import safe

if TYPE_CHECKING:
    from refertrack.reports.agenda import Agenda

FOLDER = "report"


def render(name: str, **values: object) -> str:
    """Return a page made from a template; a value that is missing is an error."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_root() / FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["safe_words"] = safe
    return environment.get_template(f"{name}.html.j2").render(**values)


def agenda_page(agenda: Agenda, business: str) -> str:
    """Return the staff meeting's page."""
    return render("agenda", title=agenda.title, sections=agenda.sections, business=business)
