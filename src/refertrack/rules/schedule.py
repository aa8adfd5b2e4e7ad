"""When a playbook's steps are due: anchor + offset, rolled forward to a working day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from refertrack.rules.dates import WORKING_DAY, add_offset, add_working_days, next_working_day
from refertrack.rules.playbooks import Playbook, Step

PAST_DAYS = 30
FLOOD_DAYS = 7

Holiday = Callable[[date], bool]


@dataclass(frozen=True)
class Event:
    """Something happened to a customer, on a day, and what it is anchored to.

    ``because`` is shown as the reason of what follows; ``skip`` names steps that do not apply here; ``channel``
    is the way that was agreed on, where it is not the one that the customer likes best. An event without an
    anchor is one that time brings (``rules.keeping``): its items hang on the customer alone. From ``ends_on`` on
    the items are no longer wanted.
    """

    name: str
    customer_id: int
    on: date
    anchor_table: str = ""
    anchor_id: int = 0
    because: str = ""
    owner: str = ""
    skip: frozenset[str] = frozenset()
    channel: str = ""
    ends_on: date | None = None


@dataclass(frozen=True)
class Planned:
    """A step with its days: as the playbook says, and as it is listed."""

    step: Step
    nominal_due: date
    due_on: date


def plan(playbook: Playbook, on: date, is_holiday: Holiday, skip: frozenset[str] = frozenset()) -> list[Planned]:
    """Return the days of a playbook's steps for an event on a day.

    Every step is anchor + offset, never previous step + offset; a weekend or holiday rolls forward to the
    next working day, and later steps do not move with it.
    """
    return [plan_step(step, on, is_holiday) for step in playbook.steps if step.name not in skip]


def plan_step(step: Step, on: date, is_holiday: Holiday) -> Planned:
    """Return the days of one step for an event on a day."""
    if step.unit == WORKING_DAY:
        nominal = add_working_days(on, step.count, is_holiday)
    else:
        nominal = add_offset(on, step.count, step.unit)
    return Planned(step, nominal, next_working_day(nominal, is_holiday))


def is_past(due_on: date, today: date) -> bool:
    """Whether a step would be born more than 30 days overdue: the past makes no work."""
    return due_on < today - timedelta(days=PAST_DAYS)


def room(due_on: date, notes: Iterable[date], is_holiday: Holiday) -> date:
    """Return the first day from ``due_on`` on that keeps seven days from each note on or before it.

    At most one note that was not asked for reaches a customer in seven days; the later one waits.
    """
    day = due_on
    for other in sorted(notes):
        if other <= day < other + timedelta(days=FLOOD_DAYS):
            day = next_working_day(other + timedelta(days=FLOOD_DAYS), is_holiday)
    return day


def spread_over(count: int, per_day: int, today: date, taken: Mapping[date, int], is_holiday: Holiday) -> list[date]:
    """Return a working day from today on for each of so many items, at most ``per_day`` with those that stand there."""
    day, days = next_working_day(today, is_holiday), list[date]()
    free = per_day - taken.get(day, 0)
    for _ in range(count):
        while free <= 0:
            day = next_working_day(day + timedelta(days=1), is_holiday)
            free = per_day - taken.get(day, 0)
        days.append(day)
        free -= 1
    return days
