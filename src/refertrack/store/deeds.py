"""Whether this process has begun to keep something: then nobody may say any more that nothing was changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_begun: list[bool] = []
_kept: list[bool] = []


def begin() -> None:
    """Say that something is about to be kept: a change in the database, or a file."""
    _begun.append(True)


def begun() -> bool:
    """Whether something was kept, or may have been."""
    return bool(_begun)


def keep() -> None:
    """Say that a database is not as it was: a change is in it, or its form is today's, or nobody knows."""
    begin()
    _kept.append(True)


def kept() -> bool:
    """Whether a database is not as it was, or may not be; a backup that was made alone changes none."""
    return bool(_kept)


@contextmanager
def aside() -> Iterator[None]:
    """Forget what is kept within: it is in a passing file alone."""
    begun_before, kept_before = len(_begun), len(_kept)
    try:
        yield
    finally:
        del _begun[begun_before:], _kept[kept_before:]


def none() -> None:
    """Begin anew: a command starts."""
    _begun.clear()
    _kept.clear()
