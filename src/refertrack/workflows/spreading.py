"""The wall of work that a large import makes is spread over the coming working days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from refertrack.models.follow_ups import FollowUp
from refertrack.rules.holidays import holiday_check
from refertrack.rules.schedule import spread_over
from refertrack.rules.sentences import moved_because
from refertrack.rules.words import FollowUpState
from refertrack.store import bulk, journal


@dataclass(frozen=True)
class Spread:
    """How many items were on the list, how many moved, and how many are due on each day now."""

    listed: int
    moved: int
    days: tuple[tuple[date, int], ...]


def spread(session: Session, per_day: int, *, dry_run: bool = False) -> Spread:
    """Leave so many of the items that are overdue or due today for today; move the rest over working days.

    They keep their order. What a person has moved to its day stays there, and takes its place of the day.
    """
    context = journal.context_of(session)
    is_holiday = holiday_check(context.business.country)
    listed = _listed(session, context.today)
    free = [item for item in listed if not item["moved"]]
    taken = {**_taken(session, context.today), context.today: len(listed) - len(free)}
    days = spread_over(len(free), per_day, context.today, taken, is_holiday)
    rows = [
        {"id": item["id"], "due_on": day, "moved": True, "waits": moved_because(item["due_on"])}
        for item, day in zip(free, days, strict=True)
        if day > context.today
    ]
    if not dry_run:
        bulk.update(session, FollowUp, rows)
    return Spread(len(listed), len(rows), tuple((on, len(list(same))) for on, same in groupby(days)))


def _listed(session: Session, today: date) -> list[dict[str, Any]]:
    session.flush()
    table = bulk.table_of(FollowUp)
    query = (
        select(table.c.id, table.c.due_on, table.c.moved)
        .where(table.c.state == FollowUpState.OPEN, table.c.due_on <= today)
        .where(table.c.ends_on.is_(None) | (table.c.ends_on > today))
        .order_by(table.c.due_on, table.c.priority, table.c.id)
    )
    return [dict(row) for row in session.connection().execute(query).mappings()]


def _taken(session: Session, today: date) -> dict[date, int]:
    """Return how many items stand on each day to come already."""
    table = bulk.table_of(FollowUp)
    query = (
        select(table.c.due_on, func.count())
        .where(table.c.state == FollowUpState.OPEN, table.c.due_on > today)
        .where(table.c.ends_on.is_(None) | (table.c.ends_on > table.c.due_on))
        .group_by(table.c.due_on)
    )
    return {row[0]: row[1] for row in session.connection().execute(query)}
