"""Whether this process has begun to keep something: then nobody may say any more that nothing was changed."""

from __future__ import annotations

_begun: list[bool] = []


def begin() -> None:
    """Say that something is about to be kept: a change in the database, or a file."""
    _begun.append(True)


def begun() -> bool:
    """Whether something was kept, or may have been."""
    return bool(_begun)


def none() -> None:
    """Begin anew: a command starts."""
    _begun.clear()
