"""What the names of a database file's backups begin with, so that two files of one folder never share them."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from refertrack.store.opening import is_ours

_GIVEN = re.compile(r"-(\d{4}-\d\d-\d\d|(by-hand|replaced)-\d{8}-\d{6}(-\d+)?|schema-(\d{4}|None)(-\d+)?)\.db")


def base_of(path: Path) -> str:
    """Return what the names of a file's new backups begin with: ``x`` for x.db, ``x.sqlite.`` for x.sqlite.

    The dot keeps x and x.sqlite apart from x.db and x.sqlite.db.
    """
    return path.stem if path.suffix == ".db" else f"{path.name}."


def bases_of(path: Path) -> tuple[str, ...]:
    """Return what the names of a file's backups may begin with: once it was the name without its suffix for any file.

    What is named so belongs to the file of that name with ``.db``, where there is one.
    """
    if path.with_name(f"{path.stem}.db").exists():
        return (base_of(path),)
    return tuple(dict.fromkeys((base_of(path), path.stem)))


def is_given(name: str, bases: tuple[str, ...]) -> bool:
    """Whether this program gives a name to a backup of one of these bases, and to that of no longer one."""
    return any(_GIVEN.fullmatch(name.removeprefix(base)) for base in bases if name.startswith(base))


def of_others(path: Path, bases: tuple[str, ...]) -> tuple[str, ...]:
    """Return what begins the names of backups of other databases beside a file, where it looks like its own."""
    begins, found = tuple(f"{base}-" for base in bases), list[str]()
    with suppress(OSError):  # the folder may not be looked into
        for other in path.parent.iterdir():
            with suppress(OSError):  # it is gone, or may not be read
                if other.name.startswith(begins) and _is_another(other, path):
                    found.extend(f"{base}-" for base in bases_of(other) if base.startswith(begins))
    return tuple(found)


def _is_another(other: Path, path: Path) -> bool:
    """Whether a file is a database of ours, and no other name of this one (whose locks a reading would end)."""
    return other.is_file() and not (path.exists() and other.samefile(path)) and is_ours(other)
