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
from refertrack.rules.keeping import FIRST, KEEP, LOST, Rhythm, entry, first_days, rhythm
from refertrack.rules.playbooks import Step
from refertrack.rules.schedule import plan_step
from refertrack.rules.sentences import silent_because
from refertrack.rules.words import CustomerStatus
from refertrack.store import bulk, journal

Row = Mapping[str, Any]
# What a customer has of whom nothing else is known.
BLANK: dict[str, Any] = {
    "segment": "", "owner": "", "preferred_channel": "", "email": "", "phone": "", "keep_in_touch_days": None
}  # fmt: skip
# Whether active, from when the intervals count and whether that is known, the rhythm, the channel, the owner.
_Kind = tuple[bool, date, bool, Rhythm, str, str]


def enter(session: Session, customers: Sequence[Row], since: str = "since") -> None:
    """Make the items that time alone brings for customers who are new, and have neither contacts nor opt-outs.

    Each row is a customer's. The column ``since`` says from which day the intervals count; None where nobody
    knows. Those whose day has gone by, or who have none, are staggered over their interval.
    """
    entrance = _Entrance(session)
    entrance.write([customer for customer in customers if customer["status"] in entrance.kept], since)


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
        self.planned = cache(lambda step, on: plan_step(step, on, is_holiday))

    def write(self, customers: Sequence[Row], since_column: str) -> None:
        kinds: dict[_Kind, int] = {}
        pairs: list[tuple[int, int]] = []
        for customer in customers:
            number, stated, own = customer["id"], customer[since_column], customer["keep_in_touch_days"]
            active = customer["status"] == CustomerStatus.ACTIVE
            beat = self.rhythm(customer["segment"], own)
            since = entry(stated, beat, self.today, number, self.days(beat.keep_days))
            channel = channel_for(customer["preferred_channel"], customer["email"], customer["phone"])
            kind = (active, since, since == stated, beat, channel, customer["owner"])
            pairs.append((number, kinds.setdefault(kind, len(kinds))))
        if self.keep is not None:
            self._insert(KEEP, self.keep, pairs, list(kinds))
        if self.first is not None:
            lost = {place for place, (active, *_) in enumerate(kinds) if active}
            self._insert(LOST, self.first, [pair for pair in pairs if pair[1] in lost], list(kinds))

    def _insert(self, playbook: str, step: Step, pairs: list[tuple[int, int]], kinds: list[_Kind]) -> None:
        columns = [self._columns(playbook, step, *kind) for kind in kinds]
        bulk.insert_alike(self.session, FollowUp, "customer_id", pairs, columns)

    def _columns(
        self, playbook: str, step: Step, active: bool, since: date, known: bool, beat: Rhythm, channel: str, owner: str
    ) -> dict[str, Any]:
        """Return what the items of one kind have in common."""
        over = self.planned(self.first, since + timedelta(days=beat.lost_days)) if self.first and active else None
        if playbook == LOST and over is not None:
            planned, ends_on = over, None
        else:
            planned = self.planned(step, since + timedelta(days=beat.keep_days))
            ends_on = over.due_on if over else None
        return {
            "playbook": playbook,
            "step": step.name,
            "purpose": step.purpose,
            "template": step.template,
            "what": step.what,
            "priority": step.priority,
            "channel": step.channel or channel,
            "owner": owner,
            "because": silent_because(since if known else None),
            "nominal_due": planned.nominal_due,
            "due_on": planned.due_on,
            "ends_on": ends_on,
        }
