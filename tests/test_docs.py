"""What README and docs show is what the program prints: every ```console block is run, in order, on a fresh home.

Write the pages anew after a change of wording: UPDATE_DOCS=1 pytest tests/test_docs.py
"""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from refertrack.cli import desk, environment
from refertrack.cli import main as program

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r"```console\n(.*?)```\n", re.DOTALL)
TODAY = "2026-11-24"


@pytest.fixture
def terminal(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Run a command line as on a terminal of 80 columns; what it prints comes back, both streams in order."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REFERTRACK_TODAY", TODAY)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("REFERTRACK_AUTHOR", "Nora Lind")
    real = environment.Environment.of_process
    monkeypatch.setattr(desk.Environment, "of_process", lambda: replace(real(), in_terminal=False, out_terminal=True))
    monkeypatch.setattr(program.Environment, "of_process", desk.Environment.of_process)
    monkeypatch.setattr(desk.Desk, "progress", lambda *_: None)  # shown after a second only: a busy machine is no page

    def run(line: str) -> str:
        words = shlex.split(line)
        if words[0] == "cat":
            return Path(words[1]).read_text(encoding="utf-8")
        assert words[0] == "refertrack", line
        both = io.StringIO()
        monkeypatch.setattr(sys, "stdout", both)
        monkeypatch.setattr(sys, "stderr", both)
        with pytest.raises(SystemExit):
            program.run(words[1:])
        return both.getvalue().replace(str(home), "~")

    return run


def expected(block: str) -> list[tuple[str, str]]:
    """Cut a block into command lines and what they print."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_shows_what_the_program_prints(page: Path, terminal: Callable[[str], str], tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name, content in re.findall(r"<!-- file (\S+)\n(.*?)-->", text, re.DOTALL):
        (tmp_path / name).write_text(content, encoding="utf-8")
    shown, printed = [], []
    for block in BLOCK.findall(text):
        steps = expected(block)
        shown.append(block)
        printed.append("".join(f"$ {command}\n{terminal(command).strip(chr(10))}\n\n" for command, _ in steps)[:-1])
    printed = [re.sub(r"\n{3,}", "\n\n", block) for block in printed]
    if os.environ.get("UPDATE_DOCS"):
        again = iter(printed)
        page.write_text(BLOCK.sub(lambda _: f"```console\n{next(again)}```\n", text), encoding="utf-8")
        return
    assert shown == printed


def test_the_data_model_names_every_table_and_view() -> None:
    from refertrack.models.all import metadata
    from refertrack.store.views import VIEWS

    rows = {
        line.split("|")[1].strip() for line in (ROOT / "docs/data-model.md").read_text().splitlines() if "|" in line
    }
    assert set(metadata.tables) | set(VIEWS) <= rows
