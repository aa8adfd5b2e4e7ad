"""The day on one screen."""

from __future__ import annotations

import pytest

from conftest import Program
from refertrack.cli import desk, environment


def test_an_empty_day_says_so(shop: Program) -> None:
    found = shop("today", "--json").json
    assert list(found) == [
        "today", "overdue", "due_today", "coming", "held", "open_complaints", "late_complaints", "ready",
        "asks_waiting", "week_since", "due", "recover", "praise", "ask", "week",
    ]  # fmt: skip
    assert (found["due"], found["open_complaints"], found["ready"], found["week_since"]) == ([], 0, 0, "2026-11-23")


def test_what_is_due_whom_to_recover_whom_to_praise_and_whom_to_ask(shop: Program) -> None:
    for name in ("Hanna Berg", "Jo Park", "Marta Oliveira"):
        shop("add-customer", name, "--owner", "Ida")
    shop("complain", "hanna", "nobody called", "--on", "2026-11-20", "--owner", "Ida")
    shop("complain", "jo", "too loud", "--owner", "Ben")
    shop("compliment", "marta", "so kind", "--praised", "Ida")
    shop("remarkable", "drove back for a screw", "--praised", "Ben", "--on", "2026-11-10")
    shop("remarkable", "long ago", "--praised", "Ben", "--on", "2026-09-01")
    found = shop("today", "--json").json
    assert [row["words"] for row in found["recover"]] == ["nobody called", "too loud"]
    assert (found["open_complaints"], found["late_complaints"]) == (2, 1)
    assert [row["praised"] for row in found["praise"]] == ["Ida", "Ben"]
    assert [row["name"] for row in found["ask"]] == ["Marta Oliveira"]
    assert (found["overdue"], found["due_today"]) == (1, 2)
    week = {row["figure"]: (row["this_week"], row["week_before"]) for row in found["week"]}
    assert week["complaints and claims"] == (1, 1)
    assert (week["compliments"], week["contacts both ways"]) == ((1, 0), (2, 1))
    shop("acknowledge", "4")
    assert [row["praised"] for row in shop("today", "--json").json["praise"]] == ["Ida"]
    assert [row["words"] for row in shop("today", "--owner", "Ben", "--json").json["recover"]] == ["too loud"]
    assert "open_complaints\t2" in shop("today").out.splitlines()


def test_it_fits_a_terminal(file_shop: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    file_shop("add-customer", "[red]Hanna[/red] " + "Berg" * 20)
    file_shop("complain", "1", "nobody [b]called[/b] back \x1b[2J " + "again and " * 12)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    real = environment.Environment.of_process
    monkeypatch.setattr(desk.Environment, "of_process", lambda: replace(real(), out_terminal=True))
    out = file_shop("today").out
    assert max(map(len, out.splitlines())) <= 80
    assert "[red]Hanna[/red]" in out
    assert "\x1b" not in out
    assert "complaints and claims    1 (0)" in out
