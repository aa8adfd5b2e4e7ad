"""Disks that are full, files that may not be written, locks that last, bytes that are wrong: told, and nothing lost.

More of the last: python tests/faults/damage.py
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import Program, limited
from damage import examine
from refertrack.store import backup, engine, integrity, reader, restore
from refertrack.store.target import Target

RUN = "from refertrack.cli.main import run; run()"
SEED = "REFERTRACK_FAULT_SEED"
LINES: dict[str, tuple[str, ...]] = {
    "add-customer": ("add-customer", "Jo Park"),
    "done": ("done", "1"),
    "import": ("import", "customers", "rows.csv", "--rejects", "rejects.csv"),
    "backup": ("backup", "stick.db"),
    "restore": ("restore", "copy.db", "--yes"),
}


@pytest.fixture
def own(file_shop: Program, sqlite_target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with its backup of the day, and files to import and to restore, in the folder that one stands in."""
    assert sqlite_target.path is not None
    monkeypatch.chdir(tmp_path)
    file_shop("add-customer", "Hanna Berg")
    file_shop("backup", "copy.db")
    rows = "".join(f"Person {number},p{number}@x.example\n" for number in range(500))
    (tmp_path / "rows.csv").write_text(f"name,email\n{rows}", encoding="utf-8")
    return sqlite_target.path


def told(result: object, *words: str) -> None:
    """See that a command was refused with a sentence and a way out."""
    code, said = getattr(result, "code", None), getattr(result, "err", "")
    assert code == 1, result
    assert any(word in said for word in words), said
    assert len([line for line in said.splitlines() if line.strip()]) >= 2, said
    assert "inside refertrack" not in said


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """Mount a disk of that size in a folder."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def may_mount() -> bool:
    """Whether we may mount a disk here: where we may not, full disks are those of the sweep and of the limits below."""
    with tempfile.TemporaryDirectory() as name:
        try:
            with small_disk(Path(name), 1 << 20):
                return True
        except (OSError, subprocess.CalledProcessError):
            return False


if may_mount():

    @pytest.mark.parametrize("room", [0, 4, 16, 64, 256])
    @pytest.mark.parametrize("name", LINES)
    def test_a_full_disk_is_told_and_changes_nothing(
        file_shop: Program,
        own: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        name: str,
        room: int,
    ) -> None:
        """So many kilobytes are left when the command begins."""
        disk = tmp_path / "disk"
        disk.mkdir()
        things = [own, tmp_path / "copy.db", tmp_path / "copy.db.sha256", tmp_path / "rows.csv"]
        need = 2 * own.stat().st_size + (own.parent / "backups").stat().st_size + 2_000_000
        with small_disk(disk, need):
            for thing in things:
                shutil.copy(thing, disk)
            shutil.copytree(own.parent / "backups", disk / "backups")
            monkeypatch.chdir(disk)
            monkeypatch.setenv("REFERTRACK_DB", str(disk / own.name))
            ballast = disk / "ballast"
            fill(ballast, shutil.disk_usage(disk).free - room * 1024)
            before = (disk / own.name).read_bytes()
            result = file_shop(*LINES[name])
            if result.code:
                told(result, "full", "No space left")
                assert (disk / own.name).read_bytes() == before
            assert result.code or room, "a disk without room takes nothing"
            ballast.unlink()
            all_is_well(file_shop, done=result.code == 0 and name in {"add-customer", "import"})


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 1.0, 1.1])
@pytest.mark.parametrize("name", LINES)
def test_a_limit_on_the_size_of_files_is_told_and_changes_nothing(
    file_shop: Program, own: Path, name: str, share: float
) -> None:
    """A file may grow to such a share of the database's size: so do quotas, and old file systems."""
    before = own.read_bytes()
    with limited(int(len(before) * share)):
        result = file_shop(*LINES[name])
    if result.code:
        told(result, "too large", "disk I/O", "full")
        assert file_shop("check").code == 0  # takes back what the engine could not, since no page may be written there
        assert own.read_bytes() == before
    assert result.code or share >= (0.9 if name in {"add-customer", "done"} else 1), "there is no room for it"
    all_is_well(file_shop, done=result.code == 0 and name in {"add-customer", "import"})


def all_is_well(shop: Program, *, done: bool) -> None:
    """See that the file is whole, holds all or nothing of the command, and takes the next one."""
    assert shop("check").code == 0
    known = [row["name"] for row in shop("customers", "--limit", "1000", "--json").json]
    assert len(known) in ({2, 501} if done else {1}), known
    assert shop("add-customer", "After").code == 0


def fill(place: Path, size: int) -> None:
    """Write a file that takes so much of its disk, or as much as there is."""
    with place.open("wb", buffering=0) as stream:
        try:
            while size > 0:
                size -= stream.write(bytes(min(size, 1 << 16)))
        except OSError:
            return


def as_anybody(folder: Path, *line: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process that no right overrides, as root's do."""
    nobody = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"] if os.geteuid() == 0 else []
    return subprocess.run(
        [*nobody, sys.executable, "-c", RUN, *line], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_file_or_a_folder_that_may_not_be_written(file_shop: Program, own: Path, tmp_path: Path) -> None:
    before = own.read_bytes()
    try:
        for mode, place in ((0o400, own), (0o500, own.parent)):
            place.chmod(mode)
            for line in (LINES["done"], LINES["import"]):
                ran = as_anybody(tmp_path, *line)
                told_by = [each for each in ran.stderr.splitlines() if each.strip()]
                assert (ran.returncode, len(told_by) >= 2, ran.stdout) == (1, True, ""), ran
                assert "right" in ran.stderr, ran.stderr
                assert own.read_bytes() == before
            reads = as_anybody(tmp_path, "customers")
            assert (reads.returncode, "Hanna Berg" in reads.stdout) == (0, True), reads
            place.chmod(0o700)
    finally:
        own.parent.chmod(0o700)
        own.chmod(0o600)
    assert file_shop(*LINES["done"]).code == 0


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a fifth of a second for a lock instead of five."""
    for module in (reader, engine, backup, restore, integrity):
        monkeypatch.setattr(module, "WAIT_SECONDS", 0.2)


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
@pytest.mark.parametrize("name", LINES)
def test_a_file_that_is_locked_for_long(file_shop: Program, own: Path, soon: None, name: str, lock: str) -> None:
    holder = sqlite3.connect(own, isolation_level=None)
    holder.execute(f"BEGIN {lock}")
    before = own.read_bytes()
    result = file_shop(*LINES[name])
    reads = file_shop("customers")
    holder.execute("ROLLBACK")
    holder.close()
    if name == "backup" and lock == "IMMEDIATE":  # who only reads is not kept out yet
        assert result.code == 0
    else:
        told(result, "in use by another program")
    assert own.read_bytes() == before
    if lock == "EXCLUSIVE":
        told(reads, "in use by another program")
    assert file_shop("add-customer", "After").code == 0


def test_a_reader_that_stays_holds_a_writer_up_and_harms_nothing(file_shop: Program, own: Path, soon: None) -> None:
    holder = sqlite3.connect(own, isolation_level=None)
    holder.execute("BEGIN")
    holder.execute("SELECT count(*) FROM customer").fetchone()
    told(file_shop("add-customer", "Jo Park"), "in use by another program")
    holder.execute("ROLLBACK")
    holder.close()
    assert [row["name"] for row in file_shop("customers", "--json").json] == ["Hanna Berg"]


def test_a_lock_that_ends_in_time_is_waited_for(file_shop: Program, own: Path) -> None:
    holder = sqlite3.connect(own, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")

    def let_go() -> None:
        holder.execute("ROLLBACK")
        holder.close()

    slow = threading.Timer(0.7, let_go)
    slow.start()
    result = file_shop("add-customer", "Jo Park")
    slow.join()
    assert result.code == 0, result.err


def test_whatever_is_damaged_is_told_or_does_no_harm(
    tmp_path: Path, home: Path, record_property: Callable[[str, object], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = int(os.environ.get(SEED) or int.from_bytes(os.urandom(3), "big"))
    for name in ("REFERTRACK_DB", "HOME", "LANG"):  # which the examination sets for itself
        monkeypatch.setenv(name, "")
    found = examine(tmp_path, flips=5, cuts=3, odds=5, copies=2, seed=seed)
    record_property("told", f"15 files damaged; the same ones again: {SEED}={seed} pytest tests/faults/test_disks.py")
    problems = [(one.damage, one.problems) for each in found.values() for one in each if one.problems]
    assert problems == [], f"{SEED}={seed}"
    assert {one.outcome for one in found["cut short"]} <= {"said by check"}
