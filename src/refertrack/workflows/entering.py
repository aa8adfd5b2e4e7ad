"""New customers enter keep in touch: one way for one of them and for an import of a million."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlmodel import Session

from refertrack.models.follow_ups import FollowUp
from refertrack.rules.gates import channel_for
from refertrack.rules.holidays import holiday_check
from refertrack.rules.keeping import FIRST, KEEP, LOST, entry, first_days, rhythm
from refertrack.rules.playbooks import Step
from refertrack.rules.schedule import Planned, plan_step
from refertrack.rules.sentences import silent_because
from refertrack.rules.words import CustomerStatus
from refertrack.store import bulk, journal

Row = Mapping[str, Any]


def enter(session: Session, customers: Sequence[Row]) -> None:
    """Make the items that time alone brings for customers who are new, and have neither contacts nor opt-outs.

    Each row is a customer's, with ``since``: the day from which the intervals count, or None where nobody
    knows. Those whose day has gone by, or who have none, are staggered over their interval.
    """
    entrance = _Entrance(session)
    entrance.write([customer for customer in customers if customer["status"] in entrance.kept])


class _Entrance:
    """The days and steps that are the same for many customers, worked out once."""

    kept = frozenset({CustomerStatus.ACTIVE, CustomerStatus.PROSPECT})

    def __init__(self, session: Session) -> None:
        self.session = session
        context = journal.context_of(session)
        is_holiday = holiday_check(context.business.country)
        self.today = context.today
        keep, lost = (context.business.playbooks.get(name) for name in (KEEP, LOST))
        self.keep = keep.steps[0] if keep and keep.steps else None
        self.first = lost.step(FIRST) if lost else None
        self.rhythm = cache(lambda segment, own: rhythm(context.business.segments, segment, own))
        self.days = cache(lambda keep_days: first_days(context.today, keep_days, is_holiday))
        self.because = cache(silent_because)
        self.planned = cache(lambda step, on: plan_step(step, on, is_holiday))

    def write(self, customers: Sequence[Row]) -> None:
        kept, lost = [], []
        for customer in customers:
            beat = self.rhythm(customer["segment"], customer["keep_in_touch_days"])
            since = entry(customer["since"], beat, self.today, customer["id"], self.days(beat.keep_days))
            because = self.because(since if since == customer["since"] else None)
            ends_on = None
            if self.first is not None and customer["status"] == CustomerStatus.ACTIVE:
                planned = self.planned(self.first, since + timedelta(days=beat.lost_days))
                lost.append(_row(customer, self.first, planned, because, None))
                ends_on = planned.due_on
            if self.keep is not None:
                planned = self.planned(self.keep, since + timedelta(days=beat.keep_days))
                kept.append(_row(customer, self.keep, planned, because, ends_on))
        for playbook, step, rows in ((KEEP, self.keep, kept), (LOST, self.first, lost)):
            if step is not None:
                self._insert(playbook, step, rows)

    def _insert(self, playbook: str, step: Step, rows: list[dict[str, Any]]) -> None:
        for row, number in zip(rows, bulk.allocate(self.session, FollowUp, len(rows)), strict=True):
            row["id"] = number
        same = {
            "playbook": playbook,
            "step": step.name,
            "purpose": step.purpose,
            "template": step.template,
            "what": step.what,
            "priority": step.priority,
        }
        bulk.insert(self.session, FollowUp, rows, same=same)


def _row(customer: Row, step: Step, planned: Planned, because: str, ends_on: date | None) -> dict[str, Any]:
    return {
        "customer_id": customer["id"],
        "channel": step.channel
        or channel_for(*(customer.get(name, "") for name in ("preferred_channel", "email", "phone"))),
        "owner": customer["owner"],
        "because": because,
        "nominal_due": planned.nominal_due,
        "due_on": planned.due_on,
        "ends_on": ends_on,
    }
