"""When to be in touch with a customer again, and from when on silence means that touch is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from refertrack.rules.dates import is_working_day, next_working_day
from refertrack.rules.schedule import Holiday
from refertrack.rules.segments import Segments

KEEP = "keep_in_touch"
LOST = "lost_touch"
FIRST = "1"
# Lost touch: how often somebody who does not answer is tried, how many days apart, and how long they rest then.
ATTEMPTS = 3
ATTEMPT_DAYS = 14
REST_DAYS = 180
# The golden ratio's fraction: its multiples fill any span evenly, however many there are in the end.
_GOLDEN = 0.618_033_988_749_895


class Rhythm(NamedTuple):
    """After how many days of silence to be in touch, and after how many touch is lost."""

    keep_days: int
    lost_days: int


def rhythm(segments: Segments, segment: str, own_days: int | None) -> Rhythm:
    """Return a customer's rhythm: their own interval, else the segment's, else everybody's."""
    group = segments.of(segment)
    return Rhythm(own_days or group.keep_in_touch_days, group.lost_touch_days)


def first_days(today: date, keep_days: int, is_holiday: Holiday) -> list[date]:
    """Return the working days over which those who enter without recent contact are staggered."""
    span = (today + timedelta(days=number) for number in range(1, keep_days + 1))
    return [day for day in span if is_working_day(day, is_holiday)] or [
        next_working_day(today + timedelta(days=1), is_holiday)
    ]


def entry(since: date | None, rhythm: Rhythm, today: date, number: int, days: Sequence[date]) -> date:
    """Return the day from which a new customer's intervals count.

    That is ``since``, if the first contact is still to come; else a day that staggers them: customer
    ``number`` is due on one of ``days``, and all customers together fill these evenly.
    """
    if since is not None and since + timedelta(days=rhythm.keep_days) >= today:
        return since
    due = days[int(len(days) * (number * _GOLDEN % 1.0))]
    return due - timedelta(days=rhythm.keep_days)
