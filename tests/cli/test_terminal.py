"""How the program behaves on a real terminal, in a pipe, and when it is interrupted."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from conftest import Program
from refertrack.store.target import Target

ENTRY = ["-c", "from refertrack.cli.main import run; run()"]
Typing = Callable[..., tuple[int, str]]


@pytest.fixture
def terminal(home: Path, sqlite_target: Target, monkeypatch: pytest.MonkeyPatch) -> Typing:
    """Run a command line on a terminal of 80 columns and 24 lines, and type answers where they are asked for."""
    monkeypatch.setenv("REFERTRACK_DB", str(sqlite_target.path))

    def run(*line: str, answers: list[tuple[str, str]] | None = None, **variables: str) -> tuple[int, str]:
        environment = {**os.environ, "TERM": "xterm", "PAGER": "cat", **variables}
        child = pexpect.spawn(
            sys.executable, [*ENTRY, *line], env=environment, encoding="utf-8", timeout=30, dimensions=(24, 80)
        )  # fmt: skip
        shown = ""
        for question, answer in answers or []:
            child.expect_exact(question)
            shown += child.before + question
            child.sendline(answer) if answer != "^C" else child.sendintr()
        child.expect(pexpect.EOF)
        child.close()
        return int(child.exitstatus or 0), (shown + child.before).replace("\r\n", "\n")

    return run


def plain(shown: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", shown)


def test_what_is_missing_is_asked_for_one_by_one_until_it_is_right(terminal: Typing) -> None:
    code, shown = terminal(
        "add-customer",
        answers=[("Name: ", "Hanna [red] Berg"), ("Company: ", ""), ("E-mail: ", "hanna"),
                 ("E-mail: ", "hanna@berg.example"), ("Phone: ", ""), ("(segment): ", "Private")],
    )  # fmt: skip
    assert (code, '"hanna" is no e-mail address.' in shown) == (0, True)
    assert "Added: 1, Hanna [red] Berg." in shown
    code, shown = terminal("customer", answers=[("CUSTOMER: ", "hanna")])
    assert (code, "hanna@berg.example" in shown) == (0, True)


def test_a_customer_is_corrected_field_by_field(terminal: Typing) -> None:
    terminal("add-customer", "Hanna Berg", "--email", "hanna@berg.example", "--city", "Lund")
    answers = [("Name [Hanna Berg]: ", ""), ("Company: ", "Berg Print"), ("[hanna@berg.example]: ", "-")]
    answers += [(question, "") for question in ("Phone: ", "(segment): ", "after by: ", "[Lund]: ", "Country: ")]
    code, shown = terminal("edit-customer", "hanna", answers=[*answers, ("remember: ", "")])
    assert (code, "company none → Berg Print; email hanna@berg.example → none." in shown) == (0, True)


def test_several_of_one_name_are_offered_to_choose_from(terminal: Typing) -> None:
    for name in ("Hanna Berg", "Hanna Ek"):
        terminal("add-customer", name)
    code, shown = terminal("customer", "hanna", answers=[("Which one?", "2")])
    assert (code, "Hanna Ek (2)" in shown) == (0, True)


def test_a_long_list_goes_through_the_pager_a_short_one_does_not(terminal: Typing, file_shop: Program) -> None:
    for number in range(30):
        file_shop("add-customer", f"Customer {number:02}")
    numbered = "sed s/^/:/"
    _, long = terminal("customers", PAGER=numbered)
    paged = [line.split() for line in plain(long).splitlines() if line.startswith(":")]
    assert (len(paged), paged[1]) == (31, [":", "1", "Customer", "00", "active"])
    assert "\n30 customers · refertrack customer 1" in plain(long)
    for variables in ({"PAGER": "cat"}, {"PAGER": ""}, {"PAGER": numbered, "TERM": "dumb"}, {"PAGER": "/no/pager"}):
        _, shown = terminal("customers", **variables)
        assert (plain(shown).count("Customer "), "\n:" in shown) == (30, False)
    _, short = terminal("customers", "--limit", "5", PAGER=numbered)
    assert not any(line.startswith(":") for line in short.splitlines())
