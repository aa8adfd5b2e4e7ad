"""Pages that belong to no single command: the welcome, and the help in panels."""

from __future__ import annotations

from refertrack.cli.desk import Desk
from refertrack.cli.registry import COMMANDS, PANELS

WELCOME = """Nothing here yet. Three ways to begin:
  refertrack import contacts.csv   your customers, from Google, Outlook, HubSpot …
  refertrack add-customer          one by one
  refertrack demo                  look around in a sample business first"""

EXAMPLES = """
Begin:      refertrack demo · refertrack import contacts.csv
Each day:   refertrack due · refertrack draft 41 · refertrack done 41
See:        refertrack report --by segment · refertrack customer hanna
"""


def front_page(*, everything: bool = False) -> str:
    """Return the help page: the dozen commands of every day in panels, the rest named in a line a panel."""
    lines = ["", "Usage: refertrack [OPTIONS] COMMAND …", ""]
    lines.append("Follow up, ask for referrals at the right moment, and see what works.")
    for panel in PANELS:
        entries = [entry for entry in COMMANDS if entry.panel == panel]
        if not entries:
            continue
        lines += ["", panel]
        shown = [entry for entry in entries if everything or entry.first]
        lines += [f"  {entry.name:<16} {entry.words}" for entry in shown]
        rest = [entry.name for entry in entries if entry not in shown]
        if rest:
            lines += _wrapped(("also: " if shown else "") + " · ".join(rest))
    lines += [EXAMPLES.rstrip(), ""]
    lines.append("Options, anywhere: --db PLACE  --json  --csv  --plain  --yes  --no-input  -q")
    lines.append("Completion in your shell: refertrack --install-completion")
    if everything:
        from refertrack.cli.manual import TOPICS, topics_line

        lines += ["", TOPICS["variables"], "", f"Topics, refertrack help TOPIC: {topics_line()}"]
        lines.append("One command: refertrack help COMMAND. The manual for man: refertrack help --man")
    else:
        lines.append("Variables: REFERTRACK_DB  _CONFIG  _TODAY  _AUTHOR: refertrack help variables")
        lines.append("One command: refertrack help COMMAND. Everything: refertrack help --all")
    return "\n".join(lines) + "\n"


def _wrapped(words: str, width: int = 76) -> list[str]:
    import textwrap

    return textwrap.wrap(words, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def welcome(desk: Desk) -> None:
    """Greet on an empty database; else show today's list."""
    with desk.reading() as reader:
        empty = reader.value("SELECT id FROM customer LIMIT 1") is None
        if not empty:
            from refertrack.cli.tables import due_page
            from refertrack.reports.lists import DueFilter, due

            found = due(reader, desk.today, DueFilter(limit=20))
    if empty:
        desk.screen.write(WELCOME)
    else:
        due_page(desk, found)
