"""What a person can read about the program: topics in a few lines, and the whole as a page for man."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refertrack.cli.registry import COMMANDS, PANELS

TOPICS: dict[str, str] = {
    "names": """How a customer is named

A command that takes CUSTOMER takes an id (31, #31), an e-mail address, or any
part of a name or company, in any case and with or without accents composed. A
whole name counts before a part of one. Where several fit, you choose on a
terminal; in a script they are listed and the exit code is 3. Close spellings
are offered, never taken.""",
    "dates": """How days are typed

2026-12-01, 1.12.2026, 1 December 2026, today, tomorrow, yesterday, friday,
next friday, last friday, in 2 weeks, +10 days, 3 days ago, next month.
3/4/2026 is 3 April; in a business of the United States it is 4 March. A day
that was typed is echoed as 2026-12-01. A day more than 120 years off is asked
about.""",
    "money": """How amounts are typed

4200, 1,234.50, 1.234,50, 1 234,50, 1'234.50, EUR 12, 12 €. One separator with
three digits behind it groups thousands. Decimals are the currency's: two for
EUR, none for JPY, three for KWD; what is finer is refused. The currency is
--currency, else the business's: refertrack config set currency SEK""",
    "output": """What is printed, and where

Data goes to standard output, messages and questions to standard error. On a
terminal lists are tables, and long ones go through your pager (PAGER;
PAGER=cat for none). In a pipe, or with --plain, each record is a line with
tabs between whole values and dates as 2026-12-01. --json prints objects whose
keys do not change, --csv what a spreadsheet opens safely (--raw leaves cells
as they are). An error with --json is one object on standard error: code,
message, hint. --color always, auto or never; NO_COLOR and TERM=dumb are
honoured; -q silences messages.""",
    "scripts": """In scripts

Nothing is asked where standard input is no terminal, or with --no-input; what
is missing is named. --yes answers what would be asked. --dry-run shows what
would happen. "-" stands for standard input or output where a file is meant.
Exit codes: 0 done; 1 could not be done; 2 wrong usage; 3 not found, or a name
that fits several; 130 interrupted. What failed has changed nothing.""",
    "variables": """Variables

REFERTRACK_DB        the database: a file's path, or postgresql://user@host/name
REFERTRACK_CONFIG    your configuration file
REFERTRACK_AUTHOR    the name that the history shows for your changes
REFERTRACK_TODAY     the day to take for today, for tests and demonstrations
PAGER, LESS          what shows long lists
VISUAL, EDITOR       what opens documents to be edited
NO_COLOR, TERM=dumb  no colour
COLUMNS              the width of tables
XDG_CONFIG_HOME      the folder of your configuration
XDG_DATA_HOME        the folder of the database

An option counts before a variable, a variable before your file, your file
before the default.""",
}


def topic(name: str) -> str | None:
    """Return a topic's text with its title, None where there is no such topic."""
    return TOPICS.get(name)


def topics_line() -> str:
    """Return the topics' names in a line."""
    return " · ".join(TOPICS)


def man_page(group: Any, context: Any, version: str) -> str:
    """Return the manual as a page for man, made of the same words as the help."""
    lines = [
        f'.TH REFERTRACK 1 "" "refertrack {_plain(version)}"',
        ".SH NAME",
        "refertrack \\- follow up, ask for referrals at the right moment, and see what works",
        ".SH SYNOPSIS",
        ".B refertrack",
        "[OPTIONS] COMMAND \\&...",
    ]
    for panel in PANELS:
        entries = [entry for entry in COMMANDS if entry.panel == panel]
        lines += [f".SH {_plain(panel.upper())}"] if entries else []
        for entry in entries:
            lines += list(_command(group.get_command(context, entry.name), context, entry.name))
    for text in TOPICS.values():
        title, _, body = text.partition("\n\n")
        lines += [f".SH {_plain(title.upper())}", ".nf", *(_plain(line) for line in body.split("\n")), ".fi"]
    return "\n".join(lines) + "\n"


def _command(command: Any, context: Any, name: str) -> Iterator[str]:
    yield f".SS {_plain(name)}"
    first, _, example = (command.help or "").partition("Example: ")
    yield _plain(" ".join(first.split()))
    if example:
        yield from (".PP", f".B {_plain(' '.join(example.split()))}")
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and getattr(parameter, "rich_help_panel", None) is None and "--help" not in record[0]:
            yield from (".TP", f".B {_plain(record[0])}", _plain(" ".join(record[1].split())) or "\\&")


def _plain(text: str) -> str:
    """Return text that troff prints as it is."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
