"""What must be on the disk before what: a kill leaves the system's memory, a power cut does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from tracing import Call

_WRITES = {"write", "pwrite64", "writev", "pwritev", "ftruncate", "truncate", "fallocate", "copy_file_range"}
_SYNCS = {"fsync", "fdatasync"}
_NAMES = {"rename", "renameat", "renameat2", "link", "linkat"}
_DELETES = {"unlink", "unlinkat"}


def broken_order(calls: Iterable[Call], screens: Iterable[str]) -> Iterator[str]:
    """Find what a power cut could undo or tear, in the calls of one command.

    A database's pages are written only once its journal and the journal's name are on the disk; the journal is deleted
    only once the pages are; a file gets its name only once it is there whole; and nothing is told to a person
    (written to one of the ``screens``) before all of that has reached the disk, the folders' names included.
    """
    told, disk = set(screens), _Disk()
    for call in calls:
        yield from disk.unready() if call.path in told else disk.take(call)
    yield from disk.unready()


class _Disk:
    """What has not reached the disk yet, while a command's calls go by."""

    def __init__(self) -> None:
        self.files: set[str] = set()  # with bytes that have not
        self.folders: set[str] = set()  # with names that have not
        self.journals: set[str] = set()

    def take(self, call: Call) -> Iterator[str]:
        """Take a call in; say what it should have waited for.

        What a lock file holds, and the engine's own scratch files, need not last.
        """
        if call.name in _WRITES and not call.path.endswith(".lock") and "/etilqs_" not in call.path:
            yield from self._write(call.path)
        elif call.name in _SYNCS:
            self.files.discard(call.path)
            self.folders.discard(call.path)
        elif call.name in _DELETES:
            yield from self._delete(call.path)
        elif call.name in _NAMES:
            self.folders.add(_folder(call.paths[-1]))
            if call.path in self.files:
                yield f"{call.path} got its name before it was on the disk"

    def unready(self) -> Iterator[str]:
        """Say what would not survive a power cut now."""
        yield from (f"told before {path} was on the disk" for path in sorted(self.files))
        yield from (f"told before the names in {path} were on the disk" for path in sorted(self.folders))

    def _write(self, path: str) -> Iterator[str]:
        journal = f"{path}-journal"
        if path.endswith("-journal") and path not in self.journals:
            self.journals.add(path)
            self.folders.add(_folder(path))
        if journal in self.journals and (journal in self.files or _folder(path) in self.folders):
            yield f"{path} was written before its journal was on the disk"
        self.files.add(path)

    def _delete(self, path: str) -> Iterator[str]:
        self.files.discard(path)
        if path in self.journals:
            self.journals.remove(path)
            self.folders.add(_folder(path))
            if path.removesuffix("-journal") in self.files:
                yield f"{path} was deleted before what it protects was on the disk"


def _folder(path: str) -> str:
    return str(PurePath(path).parent)
