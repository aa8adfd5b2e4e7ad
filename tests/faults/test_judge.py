"""The judge of faults sees what became of the files beside the database."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from scenes import DATABASE, Scene, other_files, state
from tracing import Ran

DAY, REPLACED = "backups/customers-2026-11-24.db", "backups/customers-replaced-20261124-090000.db"
COPY = "stick/copy.db"


def hold(path: Path, words: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE note (words)")
        file.execute("INSERT INTO note VALUES (?)", (words,))
        file.commit()
    path.with_name(f"{path.name}.sha256").write_text(hashlib.sha256(path.read_bytes()).hexdigest())


SPOILT: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "no backup of the day": ("done", lambda folder: (folder / DAY).unlink(), "the day's backup"),
    "a backup of the day with the change in it": ("done", lambda folder: hold(folder / DAY, "after"), "does not hold"),
    "a backup that was restored is gone": ("restore", lambda folder: (folder / COPY).unlink(), "copy.db is gone"),
    "another file is kept as the one replaced": (
        "restore", lambda folder: hold(folder / REPLACED, "copy"), "does not hold what it should"
    ),
    "nothing is kept of what was replaced": (
        "restore", lambda folder: (folder / REPLACED).unlink(), "what was replaced is not kept"
    ),
    "no digest": ("restore", lambda folder: (folder / f"{REPLACED}.sha256").unlink(), "has no SHA-256"),
    "a digest of other bytes": (
        "restore", lambda folder: (folder / f"{COPY}.sha256").write_text("0" * 64), "another SHA-256"
    ),
}  # fmt: skip


def played(folder: Path, name: str, spoil: Callable[[Path], object]) -> list[str]:
    start, end = folder / "start", folder / "end"
    hold(start / DATABASE, "before")
    hold(start / COPY, "copy")
    shutil.copytree(start, end)
    hold(end / DATABASE, "after" if name == "done" else "copy")
    hold(end / (DAY if name == "done" else REPLACED), "before")
    spoil(end)
    scene = Scene(name, (), start, state(start / DATABASE), state(end / DATABASE), ())
    return list(other_files(scene, end, Ran(0, "", ""), "all of it"))


@pytest.mark.parametrize("case", SPOILT)
def test_what_became_of_a_backup_is_seen(tmp_path: Path, case: str) -> None:
    name, spoil, words = SPOILT[case]
    assert played(tmp_path / "well", name, lambda _: None) == []
    found = played(tmp_path / "spoilt", name, spoil)
    assert any(words in each for each in found), found
