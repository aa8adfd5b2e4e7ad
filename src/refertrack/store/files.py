"""Files that are written for the person: whole or not at all, for their eyes alone, over nothing unasked."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from refertrack.rules.errors import FileTrouble
from refertrack.store import deeds
from refertrack.store.opening import is_ours

# How systems say that a folder cannot be opened or synced.
_NO_FOLDERS = {errno.EACCES, errno.EPERM, errno.EISDIR, errno.EBADF, errno.EINVAL, errno.ENOTSUP, errno.ENOSYS}


def safe_write(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write a file whole or not at all, readable by its owner alone (0600).

    Raises FileTrouble as ``check_target`` does, and where the system cannot write: then nothing is left
    behind, and a file that was there is as it was.
    """
    with safe_open(path, force=force) as stream:
        stream.write(data)


@contextmanager
def safe_open(path: Path, *, force: bool = False) -> Iterator[BinaryIO]:
    """Open a file to be written in pieces; it appears under its name when the block ends without an error.

    It is written under a passing name in the same folder, brought to the disk and then renamed. Raises as
    ``safe_write`` does.
    """
    check_target(path, force=force)
    kept_before = deeds.begun()
    try:
        handle, temporary_name = tempfile.mkstemp(prefix=".refertrack-", dir=path.parent)
    except OSError as error:
        raise _write_trouble(path, error, kept_before=kept_before) from error
    temporary = Path(temporary_name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield cast("BinaryIO", stream)
            stream.flush()
            os.fsync(stream.fileno())
        _put_in_place(temporary, path, force=force)
    except OSError as error:
        raise _write_trouble(path, error, kept_before=kept_before) from error
    finally:
        take_away(temporary)
    try:
        to_disk(path.parent)  # which makes the name itself last
    except OSError as error:
        raise FileTrouble(
            f"{path} is written, but the disk did not confirm it: {error.strerror or error}.",
            "Look at the disk, then write it again with --force.",
        ) from error


def check_target(path: Path, *, force: bool = False) -> None:
    """Raise FileTrouble where ``path`` may not be written; for asking before the work is done.

    Refused are a symbolic link (with ``force`` too: it may lead anywhere), a folder, a folder that is not
    there, an existing file without ``force``, and a database of ours (a backup too) whatever is said.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        pass  # nothing is there, as it should be
    except OSError as error:  # a name that is too long, a folder that may not be looked into
        raise _write_trouble(path, error, kept_before=deeds.begun()) from error
    if path.is_symlink():
        raise FileTrouble(f"{path} is a symbolic link.", "Give the name of the file itself, or another name.")
    if path.is_dir():
        raise FileTrouble(f"{path} is a folder.", "Give the name of a file in it.")
    if not path.parent.is_dir():
        raise FileTrouble(f"There is no folder {path.parent}.", "Make it first, or choose another.")
    if path.exists() and not (force and path.is_file()):
        hint = "Choose another name, or replace it with --force." if path.is_file() else "Choose another name."
        raise FileTrouble(f"{path} is there already.", hint)
    if path.exists() and _is_database(path):
        raise FileTrouble(f"{path} is a refertrack database.", "Choose another name.")


def _is_database(path: Path) -> bool:
    try:
        return is_ours(path)
    except OSError:  # nobody may look: then nobody knows that it is one
        return False


def _put_in_place(temporary: Path, path: Path, *, force: bool) -> None:
    """Give the finished file its name in one step."""
    deeds.begin()
    if force:
        check_target(path, force=True)
        temporary.replace(path)
    else:
        try:
            name_new(temporary, path)
        except FileExistsError:
            check_target(path)
            raise


def name_new(temporary: Path, path: Path) -> None:
    """Give a finished file a name that nothing has yet.

    A hard link does it, since it fails where somebody made the file in the meantime; file systems without
    hard links are left with a rename after one more look.
    """
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:
        if path.exists() or path.is_symlink():
            raise FileExistsError(17, "there is a file of that name", str(path)) from None
        temporary.replace(path)


def private_folder(folder: Path) -> None:
    """Make a folder (and those above it) that its owner alone may enter, whatever the umask; their names last."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
        each.chmod(0o700)
        to_disk(each.parent)


def private(name: str, flags: int) -> int:
    """Open a file as ``open`` has it, readable by its owner alone where it is made."""
    return os.open(name, flags, 0o600)


def take_away(passing: Path) -> None:
    """Delete a passing file that has served; one that cannot be deleted is in nobody's way."""
    with suppress(OSError):
        passing.unlink(missing_ok=True)


def to_disk(path: Path) -> None:
    """Bring a file, or a folder's names, to the disk.

    Only some systems can open a folder, and some cannot sync it: then the rename is as good as it gets. A disk that
    says that it failed is heard in either case.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in _NO_FOLDERS or not path.is_dir():
            raise


def _write_trouble(path: Path, error: OSError, *, kept_before: bool) -> FileTrouble:
    """Turn what the system says about writing into a sentence and a hint."""
    if isinstance(error, PermissionError):
        return FileTrouble(f"You may not write to {path.parent}.", "Choose a folder of yours.")
    reason = error.strerror or str(error)
    otherwise = "" if kept_before else " Nothing was changed."
    return FileTrouble(f"{path} could not be written: {reason}.{otherwise}", "Choose another place.")
