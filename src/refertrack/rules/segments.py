"""Customer groups and their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from refertrack.rules.errors import BadValue

EVERY = "*"
KEEP_IN_TOUCH_DAYS = 90
LOST_TOUCH_DAYS = 180
MOST_DAYS = 3650


@dataclass(frozen=True)
class Segment:
    """A group: after how many days to be in touch again, after how many it counts as lost."""

    name: str
    keep_in_touch_days: int = KEEP_IN_TOUCH_DAYS
    lost_touch_days: int = LOST_TOUCH_DAYS
    prospects: str = ""


@dataclass(frozen=True)
class Segments:
    """All groups that have settings of their own, and the one for everybody else."""

    every: Segment = Segment(EVERY)
    own: tuple[Segment, ...] = ()

    def of(self, name: str) -> Segment:
        """Return the settings for a segment; everybody's where it has none of its own."""
        return next((segment for segment in self.own if segment.name == name), self.every)


def read_segments(document: Mapping[str, Any]) -> Segments:
    """Read segments from a parsed TOML document.

    Raises:
        BadValue: a key is unknown, or days are not from 1 to 3650.

    """
    every = _segment(EVERY, document.get(EVERY, {}), Segment(EVERY))
    own = tuple(_segment(name, table, every) for name, table in document.items() if name != EVERY)
    return Segments(every, own)


def _segment(name: str, table: object, fallback: Segment) -> Segment:
    if not isinstance(table, Mapping):
        raise BadValue(f'Segment "{name}" is no table.', f'Write ["{name}"] and its keys below.', field="segments")
    unknown = sorted(set(table) - {"keep_in_touch_days", "lost_touch_days", "prospects"})
    if unknown:
        raise BadValue(
            f'Segment "{name}" has a key "{unknown[0]}" that nobody reads.',
            "Known are: keep_in_touch_days, lost_touch_days, prospects.",
            field="segments",
        )
    return Segment(
        name,
        _days(name, "keep_in_touch_days", table.get("keep_in_touch_days", fallback.keep_in_touch_days)),
        _days(name, "lost_touch_days", table.get("lost_touch_days", fallback.lost_touch_days)),
        str(table.get("prospects", fallback.prospects)),
    )


def check_days(days: int, *, field: str) -> int:
    """Return a number of days after which to be in touch again.

    Raises:
        BadValue: it is not from 1 to 3650.

    """
    if not 1 <= days <= MOST_DAYS:
        raise BadValue(f"{days} days cannot be kept.", f"Give a number of days from 1 to {MOST_DAYS}.", field=field)
    return days


def _days(name: str, key: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_DAYS:
        raise BadValue(
            f'Segment "{name}" has {key} = {value!r}.',
            f"Write a number of days from 1 to {MOST_DAYS}.",
            field="segments",
        )
    return value
