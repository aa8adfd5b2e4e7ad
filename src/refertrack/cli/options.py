"""The options that every command takes, before or after its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from typer import Context
from typer.core import TyperOption

KEY = "refertrack.options"
COMMON = "Options of every command"


@dataclass(frozen=True)
class Options:
    """The common options as they were given."""

    db: str = ""
    today: str = ""
    json: bool = False
    csv: bool = False
    raw: bool = False
    plain: bool = False
    color: str = ""
    no_color: bool = False
    quiet: bool = False
    yes: bool = False
    no_input: bool = False
    debug: bool = False


# name, declarations, is a flag, help, hidden
_COMMON: tuple[tuple[str, list[str], bool, str, bool], ...] = (
    ("db", ["--db"], False, "Database: a file's path, or postgresql://user@host/name.", False),
    ("json", ["--json"], True, "Print JSON.", False),
    ("csv", ["--csv"], True, "Print CSV, safe to open in a spreadsheet.", False),
    ("raw", ["--raw"], True, "With --csv: leave cells as they are.", True),
    ("plain", ["--plain"], True, "Print plain tab-separated lines, as in a pipe.", False),
    ("yes", ["--yes", "-y"], True, "Answer yes to what is asked.", False),
    ("no_input", ["--no-input"], True, "Never ask anything.", False),
    ("quiet", ["--quiet", "-q"], True, "Print no messages.", False),
    ("color", ["--color"], False, "always, auto or never.", True),
    ("no_color", ["--no-color"], True, "Print without colour.", True),
    ("today", ["--today"], False, "Take this day for today.", True),
    ("debug", ["--debug"], True, "Show the trace of an unexpected error.", True),
)


def common_parameters(taken: set[str]) -> list[TyperOption]:
    """Return the common options as parameters of a command, less those that it has itself."""
    return [
        TyperOption(
            param_decls=[name, *declarations],
            is_flag=flag,
            type=None if flag else str,
            default=False if flag else None,
            help=words,
            hidden=hidden,
            expose_value=False,
            callback=_keep,
            rich_help_panel=COMMON,
            metavar=None if flag else "PLACE" if name == "db" else "WORD",
        )
        for name, declarations, flag, words, hidden in _COMMON
        if name not in taken
    ]


def _keep(context: Context, parameter: Any, value: Any) -> Any:
    if value not in (None, False):
        context.meta.setdefault(KEY, {})[parameter.name] = value
    return value


def options_of(context: Context) -> Options:
    """Return the common options that were given on either side of the command's name."""
    return Options(**context.meta.get(KEY, {}))
