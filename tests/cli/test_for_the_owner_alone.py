"""All that holds personal data is for its owner's eyes alone, whatever the umask; nothing goes through a link."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Program

PEOPLE = "Name,Email\nAnna Ek,anna@ek.example\nBo Dahl,not-an-address\n"


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def place(home: Path, run: Program, open_umask: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which nothing is yet; the database and the configuration go where they go by themselves."""
    for name in ("REFERTRACK_DB", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(home)
    (home / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (home / "people.csv").chmod(0o600)
    return home


def lines(home: Path) -> dict[str, tuple[object, ...]]:
    """Every way in which a file comes about, by what it is; ``FILE`` is the file that is named."""
    return {
        "database": ("add-customer", "Hanna Berg", "--email", "hanna@berg.example"),
        "import, with its rejects": ("import", "customers", home / "people.csv", "--rejects", "FILE"),
        "backup": ("backup", "FILE"),
        "backup in its folder": ("backup",),
        "person": ("export-customer", "hanna", "FILE"),
        "letter": ("draft", "thank_you_card", "hanna", "--set=purchase.what=pump", "--eml", "FILE"),
        "report": ("report", "--html", "FILE"),
        "agenda": ("agenda", "--html", "FILE"),
        "playbooks": ("playbooks", "--export", "FILE"),
        "segments": ("segments", "--export", "FILE"),
        "questions": ("questions", "--export", "FILE"),
        "incentives": ("incentives", "--export", "FILE"),
        "configuration": ("config", "set", "sender", "Nora Lind"),
        "own letter": ("templates", "--copy-to-mine", "thank_you_card"),
        "demo": ("demo",),
    }


def modes(folder: Path) -> dict[str, str]:
    """What others could see: each file and folder that is not its owner's alone."""
    return {
        str(path.relative_to(folder)): oct(stat.S_IMODE(path.lstat().st_mode))
        for path in folder.rglob("*")
        if stat.S_IMODE(path.lstat().st_mode) & 0o077
    }


def test_whatever_the_umask_nobody_else_reads_it(place: Path, run: Program) -> None:
    before = set(place.rglob("*"))
    for number, line in enumerate(lines(place).values()):
        named = place / f"out{number}"
        result = run(*[named if word == "FILE" else word for word in line], "--yes")
        assert result.code == 0, (line, result.err)
        assert named.exists() == ("FILE" in line), line
    run("add-purchase", "hanna", "--product", "pump")
    assert run("draft", "--all", "--eml", place / "letters").code == 0
    backups = list(place.rglob("backups/*.db"))
    assert run("restore", backups[0], "--yes").code == 0
    made = [path for path in place.rglob("*") if path not in before]
    assert len(made) > 25
    assert modes(place) == {}


@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing"])
def test_nothing_is_written_through_a_link(place: Path, run: Program, there: bool) -> None:
    run("add-customer", "Hanna Berg", "--email", "hanna@berg.example")
    for number, (name, line) in enumerate(lines(place).items()):
        if "FILE" not in line:
            continue
        target, link = place / f"target{number}", place / f"link{number}"
        if there:
            target.write_text("mine")
        link.symlink_to(target)
        for more in ((), ("--force",)):
            result = run(*[link if word == "FILE" else word for word in line], *more, "--yes")
            assert (result.code != 0, "Traceback" in result.err) == (True, False), (name, result)
            assert (link.is_symlink(), target.read_text() if there else target.exists()) == (
                True, "mine" if there else False,
            ), name  # fmt: skip


def test_a_database_and_a_configuration_behind_links_stay_where_they_are(place: Path, run: Program) -> None:
    """Whoever keeps them elsewhere has linked them on purpose: they are used there, and stay for the owner alone."""
    elsewhere = place / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    run("--db", elsewhere / "x.db", "add-customer", "Hanna Berg")
    link = place / "x.db"
    link.symlink_to(elsewhere / "x.db")
    assert run("--db", link, "add-customer", "Jo Park").code == 0
    assert link.is_symlink()
    assert modes(elsewhere) == {}
