"""Every command can be looked up, shows an example that works, and stands on a page."""

from __future__ import annotations

import inspect
import re
import shlex
from importlib import import_module
from typing import Any

import pytest
import typer

from conftest import Program
from refertrack.cli import main
from refertrack.cli.manual import TOPICS
from refertrack.cli.registry import COMMANDS, PANELS, Entry

NAMES = [entry.name for entry in COMMANDS]


@pytest.fixture(scope="module")
def root() -> typer.Context:
    group: Any = main.program()
    found: typer.Context = group.make_context("refertrack", ["due"])
    return found


@pytest.mark.parametrize("entry", COMMANDS, ids=NAMES)
def test_every_command_has_a_line_of_help_and_an_example_that_parses(entry: Entry, root: typer.Context) -> None:
    function = getattr(import_module(f"refertrack.cli.commands.{entry.module}"), entry.function)
    words = inspect.getdoc(function) or ""
    head, _, example = words.partition("Example: ")
    assert head.splitlines()[0].endswith((".", "?"))
    assert example.startswith(f"refertrack {entry.name}")
    line = shlex.split(example.splitlines()[0])[2:]
    command = main.build(entry)
    command.make_context(entry.name, line, parent=root)  # type: ignore[arg-type]


@pytest.mark.parametrize("entry", COMMANDS, ids=NAMES)
def test_every_option_says_what_it_is(entry: Entry, root: typer.Context) -> None:
    command = main.build(entry)
    silent = [parameter.name for parameter in command.params
              if not getattr(parameter, "help", "") and not getattr(parameter, "hidden", False)]  # fmt: skip
    assert silent == []


def test_names_are_of_one_form_and_in_a_panel() -> None:
    assert [name for name in NAMES if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []
    assert len(set(NAMES)) == len(NAMES)
    assert {entry.panel for entry in COMMANDS} <= set(PANELS)


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_stands_everywhere_and_opens_no_database(run: Program, flag: str, home: object) -> None:
    assert run(flag).out.startswith("\nUsage: refertrack")
    for name in ("due", "import", "help"):
        shown = run(name, flag)
        assert (shown.code, f"Usage: refertrack {name}" in shown.out) == (0, True)
        assert "Example: refertrack" in shown.out
        assert "--db PLACE  --json" in shown.out


def test_the_front_page_is_short_and_the_whole_is_whole(run: Program) -> None:
    front, whole = run("--help").out, run("help", "--all").out
    assert run("help").out.strip() == front.strip()
    listed = re.findall(r"^  ([a-z-]+) {2,}\S", front, re.MULTILINE)
    assert len(listed) < 22
    assert max(map(len, front.splitlines())) <= 80
    for entry in COMMANDS:
        assert re.search(rf"^  {entry.name} +{re.escape(entry.words)}$", whole, re.MULTILINE)
        assert re.search(rf"\b{entry.name}\b", front)
    assert all(part in front for part in ("REFERTRACK_DB", "_CONFIG", "_TODAY", "_AUTHOR", "--json", "--no-input"))
    for variable in ("REFERTRACK_DB", "REFERTRACK_CONFIG", "REFERTRACK_TODAY", "REFERTRACK_AUTHOR", "PAGER", "EDITOR"):
        assert variable in whole


@pytest.mark.parametrize("name", list(TOPICS))
def test_a_topic_fits_a_screen(run: Program, name: str) -> None:
    shown = run("help", name)
    assert (shown.code, max(map(len, shown.out.splitlines())) <= 80, len(shown.out.splitlines()) < 24) == (
        0,
        True,
        True,
    )


def test_help_on_a_command_is_the_commands_help(run: Program) -> None:
    assert run("help", "due").out.strip() == run("due", "--help").out.strip()
    assert run("help", "nothing").code == 3


def test_the_manual_names_every_command_and_no_line_is_taken_for_an_order(run: Program) -> None:
    manual = run("help", "--man").out
    assert manual.startswith(".TH REFERTRACK 1")
    for name in NAMES:
        assert f".SS {name.replace('-', chr(92) + '-')}\n" in manual
    orders = {line.split()[0] for line in manual.splitlines() if line.startswith((".", "'"))}
    assert orders <= {".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".nf", ".fi"}


def test_the_version_stands_alone(run: Program) -> None:
    assert re.fullmatch(r"refertrack \d+\.\d+\.\d+\S*\n", run("--version").out)


def test_completion_can_be_shown_and_installed(run: Program, home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    shown = run("--show-completion", "bash")
    assert "_REFERTRACK_COMPLETE=complete_bash" in shown.out
    assert run("--install-completion", "bash").code == 0
    assert "refertrack" in (home / ".bashrc").read_text()
