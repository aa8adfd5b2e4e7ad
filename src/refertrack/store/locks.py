"""One at a time: a lock file that the system lets go of when its holder ends, however it ends."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shlex import quote

from refertrack.rules.errors import Busy, StoreTrouble
from refertrack.store.files import private_folder

WAIT_SECONDS = 600.0
FELT_SECONDS = 2.0  # who waits longer is told what for
_PAUSE = 0.02
_NAME_BYTES = 20


@contextmanager
def one_at_a_time(lock: Path, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold a lock file, which names the process that holds it; wait while another one does.

    Whoever is killed lets go of it, since the lock is the system's and not the file's being there.

    Raises:
        Busy: another process holds it for longer than we wait.
        StoreTrouble: the file cannot be made.

    """
    try:
        private_folder(lock.parent)
        handle = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        reason, hint = in_the_way(lock.parent, error)
        raise StoreTrouble(
            f"No backup can be made in {lock.parent}: {reason}.", f"Nothing was changed. {hint}".rstrip()
        ) from error
    try:
        _take(handle, lock, wait)
        with suppress(OSError):  # a full disk: the lock holds all the same, only nobody learns whose it is
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0) if hasattr(os, "pwrite") else None
        yield
    finally:
        os.close(handle)  # which lets go of the lock


def in_the_way(folder: Path, error: OSError) -> tuple[str, str]:
    """Return in words why a folder of backups cannot be used, and what to do about it."""
    reason = error.strerror or str(error)
    if isinstance(error, PermissionError):
        return reason, f"Give yourself the right, or ask who may: chmod u+rwx {quote(str(folder))}"
    if error.errno == errno.EROFS:
        return reason, "Let the disk be written to, or copy the database to another one."
    if folder.is_symlink() and not folder.exists():
        return f"it is a link to {folder.readlink()}, where nothing is", "Connect that disk, or take the link away."
    if folder.exists() and not folder.is_dir():
        return (
            "there is a file of that name",
            f"Give that file another name: mv {quote(str(folder))} {quote(f'{folder}.old')}",
        )
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return reason, "Make room on the disk."
    return reason, ""


def tell_by(tell: Callable[[str], None]) -> None:
    """Let whoever waits long be told, once a process."""
    _tell[:] = [tell]


_tell: list[Callable[[str], None]] = []


def _take(handle: int, lock: Path, wait: float) -> None:
    began = time.monotonic()
    while not _taken(handle):
        waited = time.monotonic() - began
        if waited > min(wait, FELT_SECONDS):
            holder = lock.read_bytes()[:_NAME_BYTES].decode("ascii", "replace") or "another one"
            if _tell and waited <= wait:
                _tell.pop()(f"Waiting for process {holder}, which sees to the backups.")
        if waited > wait:
            raise Busy(f"Process {holder} is making a backup and does not come to an end.", "End it, and try again.")
        time.sleep(_PAUSE)


def _taken(handle: int) -> bool:
    """Take the system's lock on an open file if it is free; where there are no locks, nobody has to wait."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: copies are put in place whole, so that two of them do no harm
        return True
    return True
