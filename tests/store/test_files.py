"""Files for the person: whole or not at all, 0600, over nothing unasked."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from refertrack.rules.errors import FileTrouble
from refertrack.store import deeds, files
from refertrack.store.files import check_target, safe_open, safe_write


def only(folder):
    return sorted(path.name for path in folder.iterdir())


def test_written_for_the_owner_alone_whatever_the_umask(tmp_path):
    path = tmp_path / "report.csv"
    before = os.umask(0)
    try:
        safe_write(path, b"a\n")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"a\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert only(tmp_path) == ["report.csv"]
    assert path.stat().st_nlink == 1


def test_an_existing_file_is_replaced_only_by_force(tmp_path):
    path = tmp_path / "report.csv"
    path.write_bytes(b"old")
    path.chmod(0o644)
    with pytest.raises(FileTrouble, match="is there already") as caught:
        safe_write(path, b"new")
    assert "--force" in caught.value.hint
    assert path.read_bytes() == b"old"
    safe_write(path, b"new", force=True)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("there", [False, True])
def test_never_through_a_symbolic_link(tmp_path, force, there):
    target = tmp_path / "target.csv"
    if there:
        target.write_bytes(b"old")
    link = tmp_path / "link.csv"
    link.symlink_to(target)
    with pytest.raises(FileTrouble, match="is a symbolic link"):
        safe_write(link, b"new", force=force)
    assert link.is_symlink()
    assert (target.read_bytes() if there else target.exists()) == (b"old" if there else False)


@pytest.mark.parametrize("force", [False, True])
def test_what_is_no_place_for_a_file(tmp_path, force):
    with pytest.raises(FileTrouble, match="is a folder"):
        check_target(tmp_path, force=force)
    with pytest.raises(FileTrouble, match="There is no folder"):
        check_target(tmp_path / "none" / "x.csv", force=force)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(FileTrouble, match="is there already") as caught:
        check_target(pipe, force=force)
    assert "--force" not in caught.value.hint


def test_a_failure_leaves_nothing_behind(tmp_path):
    path = tmp_path / "report.csv"
    path.write_bytes(b"old")

    def half():
        with safe_open(path, force=True) as stream:
            stream.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert path.read_bytes() == b"old"
    assert only(tmp_path) == ["report.csv"]


def test_a_full_disk_is_told_and_changes_nothing(tmp_path, monkeypatch):
    path = tmp_path / "report.csv"
    path.write_bytes(b"old")

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    deeds.none()
    with pytest.raises(FileTrouble, match=r"No space left on device\. Nothing was changed"):
        safe_write(path, b"new", force=True)
    deeds.begin()  # of a command that has kept something before it says no more than it knows
    with pytest.raises(FileTrouble, match=r"No space left on device\.$"):
        safe_write(path, b"new", force=True)
    assert path.read_bytes() == b"old"
    assert only(tmp_path) == ["report.csv"]


def test_a_folder_that_may_not_be_written(tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(FileTrouble, match="You may not write to"):
        safe_write(tmp_path / "report.csv", b"x")


def test_a_file_made_in_the_meantime_is_not_overwritten(tmp_path):
    path = tmp_path / "report.csv"

    def slowly():
        with safe_open(path) as stream:
            stream.write(b"ours")
            path.write_bytes(b"theirs")

    with pytest.raises(FileTrouble, match="is there already"):
        slowly()
    assert path.read_bytes() == b"theirs"
    assert only(tmp_path) == ["report.csv"]


def test_a_file_system_without_hard_links(tmp_path, monkeypatch):
    def refuse(*_args):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    safe_write(tmp_path / "report.csv", b"x")
    assert (tmp_path / "report.csv").read_bytes() == b"x"
    assert only(tmp_path) == ["report.csv"]


@pytest.mark.parametrize("force", [False, True])
def test_a_database_of_ours_is_never_replaced(sqlite_target, force):
    path = sqlite_target.path
    before = path.read_bytes()
    with pytest.raises(FileTrouble, match="is a refertrack database" if force else "is there already"):
        safe_write(path, b"a page", force=force)
    assert path.read_bytes() == before


def test_the_names_of_new_folders_last(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(files, "to_disk", synced.append)
    files.private_folder(tmp_path / "a" / "b" / "c")
    assert synced == [tmp_path, tmp_path / "a", tmp_path / "a" / "b"]
