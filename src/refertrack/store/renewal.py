"""A whole new database in the place of a file, or of none: made under a passing name, put there when it is whole."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from refertrack.rules.errors import StoreTrouble
from refertrack.store import deeds, migrate
from refertrack.store.backup import beside, real
from refertrack.store.engine import discard, not_made, plain_errors
from refertrack.store.files import private_folder, take_away
from refertrack.store.reader import Reader, open_reader
from refertrack.store.restore import restore
from refertrack.store.target import Target

T = TypeVar("T")


def renew(
    path: Path, fill: Callable[[Target], T], now: datetime, needless: Callable[[Reader], bool]
) -> tuple[T, Path | None]:
    """Fill a new database, and put it in a file's place; return what was made, and where what it replaced is kept.

    What it replaced is looked at once more when nobody writes to it any longer: it is kept unless it is ``needless``.

    Raises:
        StoreTrouble: it cannot be made, or put there; what was there is as it was.

    """
    with _passing(path) as target:
        try:
            with deeds.aside():
                with plain_errors(target):
                    migrate.upgrade(target)
                made = fill(target)
        except StoreTrouble as error:
            raise not_made(path, error) from error
        kept = restore(path, target.path or path, now)
    if kept is not None and _is(kept, needless):
        take_away(kept)
        take_away(beside(kept))
        kept = None
    return made, kept


def _is(kept: Path, needless: Callable[[Reader], bool]) -> bool:
    try:
        with open_reader(Target(path=kept)) as reader:
            return needless(reader)
    except StoreTrouble:  # nobody knows what it holds, so it stays
        return False


@contextmanager
def _passing(path: Path) -> Iterator[Target]:
    """Give an empty file beside a file; it is gone when the block ends."""
    passing = real(path).with_name(f".{real(path).name}.{secrets.token_hex(4)}")
    target = Target(path=passing)
    try:
        private_folder(passing.parent)
        os.close(os.open(passing, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        yield target
    except StoreTrouble as error:  # of a file that nobody will find
        words = (error.message.replace(str(passing), str(path)), error.hint.replace(str(passing), str(path)))
        raise type(error)(*words) from error
    except OSError as error:
        raise not_made(path, error) from error
    finally:
        with suppress(StoreTrouble):  # in nobody's way; the next day's backup deletes it
            discard(passing)
