"""From events to follow-ups: one way for a single command and for an import of a hundred thousand rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as sqlmodel_select

from refertrack.models.follow_ups import FollowUp, FollowUpAnchor
from refertrack.rules.context import Context
from refertrack.rules.holidays import holiday_check
from refertrack.rules.schedule import Event, Planned, is_past, plan
from refertrack.rules.words import FollowUpState
from refertrack.store import bulk, journal
from refertrack.workflows import holds
from refertrack.workflows.known import LIVE, Known

__all__ = ["LIVE", "Made", "Scheduled", "cancel", "trigger"]

Anchor = tuple[str, int, str, str]  # table, id, playbook, step


@dataclass(frozen=True)
class Made:
    """A follow-up that a command has made."""

    id: int
    customer_id: int
    what: str
    due_on: date
    state: str
    because: str


@dataclass
class Scheduled:
    """What became of events: items made, shared with others, suppressed, left to the past, or made to wait."""

    made: list[Made] = field(default_factory=list)
    shared: int = 0
    suppressed: int = 0
    left_out: int = 0
    waiting: int = 0


def trigger(session: Session, events: Iterable[Event]) -> Scheduled:
    """Make the follow-ups that events call for.

    A second trigger of the same event adds nothing; a step that would be born more than 30 days overdue is
    not made and counted as left out; opt-outs, holds, the survey throttle and the rule that nobody is
    flooded are kept.
    """
    context = journal.context_of(session)
    scheduled = Scheduled()
    wanted = _planned(context, events, scheduled)
    if wanted:
        _Maker(session, context, [event for event, _ in wanted]).make(wanted, scheduled)
    return scheduled


def _planned(context: Context, events: Iterable[Event], scheduled: Scheduled) -> list[tuple[Event, Planned]]:
    is_holiday = holiday_check(context.business.country)
    wanted: list[tuple[Event, Planned]] = []
    for event in events:
        playbook = context.business.playbooks.get(event.name)
        for planned in plan(playbook, event.on, is_holiday, event.skip) if playbook else ():
            if event.anchor_table and is_past(planned.due_on, context.today):
                scheduled.left_out += 1
            else:
                wanted.append((event, planned))
    return sorted(wanted, key=lambda pair: (pair[0].customer_id, pair[1].due_on))


class _Maker:
    """The rows that events call for, and what has to be known before they are made."""

    def __init__(self, session: Session, context: Context, events: Sequence[Event]) -> None:
        self.session = session
        self.context = context
        self.known = Known(session, context, [event.customer_id for event in events])
        self.items = self.known.items
        self.anchored = self._anchored(events)

    def make(self, wanted: Sequence[tuple[Event, Planned]], scheduled: Scheduled) -> None:
        """Make rows for the steps that are new, and write them."""
        new: list[dict[str, Any]] = []
        anchors: list[dict[str, Any]] = []
        made: set[int] = set()
        grown: dict[int, dict[str, Any]] = {}
        waiting: dict[int, dict[str, Any]] = {}
        ids = iter(bulk.allocate(self.session, FollowUp, len(wanted)))
        for event, planned in wanted:
            if self._anchor(event, planned) in self.anchored:
                continue
            host = self._host(event, planned)
            if host is None:
                host = self._row(next(ids), event, planned)
                if not event.anchor_table and host["state"] not in LIVE:
                    continue
                new.append(host)
                made.add(host["id"])
                for later in self.known.make_room(host) if planned.step.note else ():
                    if later["id"] not in made:
                        waiting[later["id"]] = {name: later[name] for name in ("id", "due_on", "waits")}
                self.items[event.customer_id].append(host)
            else:
                host["because"] = _joined(host["because"], event.because)
                scheduled.shared += 1
                if host["id"] not in made:
                    grown[host["id"]] = {"id": host["id"], "because": host["because"]}
            if event.anchor_table:
                self.anchored.add(self._anchor(event, planned))
                anchors.append(self._anchor_row(host["id"], event, planned))
        columns = [{key: value for key, value in row.items() if key not in {"anchor_on", "day"}} for row in new]
        bulk.insert(self.session, FollowUp, columns)
        for row, number in zip(anchors, bulk.allocate(self.session, FollowUpAnchor, len(anchors)), strict=True):
            row["id"] = number
        bulk.insert(self.session, FollowUpAnchor, anchors)
        bulk.update(self.session, FollowUp, list(grown.values()))
        bulk.update(self.session, FollowUp, list(waiting.values()))
        scheduled.waiting += len(waiting)
        scheduled.suppressed += sum(row["state"] == FollowUpState.SUPPRESSED for row in new)
        scheduled.made.extend(
            Made(row["id"], row["customer_id"], row["what"], row["due_on"], row["state"], row["because"])
            for row in new
            if row["state"] in LIVE
        )

    def _row(self, number: int, event: Event, planned: Planned) -> dict[str, Any]:
        step = planned.step
        customer = self.known.customers[event.customer_id]
        channel = step.channel or event.channel or self.known.channel(event.customer_id)
        state, reason = self.known.gate(event.customer_id, channel, step.purpose, planned.due_on)
        due_on, waits = planned.due_on, ""
        until = self.known.hold_until(event.customer_id, step.purpose) if state in LIVE else None
        if until is not None:
            due_on, waits = holds.after(due_on, until, waits, self.known.is_holiday)
        if step.note and state in LIVE:
            day, why = self.known.place(event.customer_id, due_on)
            due_on, waits = day, why or waits
        return {
            "id": number,
            "customer_id": event.customer_id,
            "playbook": event.name,
            "step": step.name,
            "purpose": step.purpose,
            "channel": channel,
            "template": step.template,
            "what": step.what,
            "because": event.because,
            "waits": waits,
            "nominal_due": planned.nominal_due,
            "due_on": due_on,
            "priority": step.priority,
            "moved": False,
            "hold_until": until,
            "ends_on": event.ends_on,
            "state": state,
            "closed_on": None if state in LIVE else self.context.today,
            "reason": reason,
            "owner": event.owner or customer["owner"],
            "anchor_on": event.on,
            "day": due_on,
        }

    def _host(self, event: Event, planned: Planned) -> dict[str, Any] | None:
        """Return the open (or held) item of the same step that is near enough to serve this event too."""
        if not planned.step.share:
            return None
        return next(
            (
                item
                for item in self.items[event.customer_id]
                if (item["playbook"], item["step"]) == (event.name, planned.step.name)
                and item["state"] in LIVE
                and abs((item["anchor_on"] - event.on).days) <= planned.step.share
            ),
            None,
        )

    @staticmethod
    def _anchor(event: Event, planned: Planned) -> Anchor:
        return event.anchor_table, event.anchor_id, event.name, planned.step.name

    @staticmethod
    def _anchor_row(follow_up_id: int, event: Event, planned: Planned) -> dict[str, Any]:
        return {
            "follow_up_id": follow_up_id,
            "playbook": event.name,
            "step": planned.step.name,
            "anchor_table": event.anchor_table,
            "anchor_id": event.anchor_id,
            "anchor_on": event.on,
        }

    def _anchored(self, events: Sequence[Event]) -> set[Anchor]:
        table = bulk.table_of(FollowUpAnchor)
        by_table: dict[str, set[int]] = defaultdict(set)
        for event in events:
            by_table[event.anchor_table].add(event.anchor_id)
        return {
            tuple(row)
            for name, ids in by_table.items()
            for some in bulk.in_lists(sorted(ids))
            for row in self.session.connection().execute(
                select(table.c.anchor_table, table.c.anchor_id, table.c.playbook, table.c.step).where(
                    table.c.anchor_table == name, table.c.anchor_id.in_(some)
                )
            )
        }


def _joined(because: str, more: str) -> str:
    return because if not more or more in because else f"{because}; {more}" if because else more


def cancel(
    session: Session,
    anchor_table: str,
    anchor_id: int,
    reason: str,
    *,
    steps: Sequence[str] = (),
    state: FollowUpState = FollowUpState.CANCELLED,
) -> list[FollowUp]:
    """Close the live items that hang on something alone (those of some steps, if named); return them."""
    session.flush()
    context = journal.context_of(session)
    query = (
        sqlmodel_select(FollowUp)
        .join(FollowUpAnchor, col(FollowUpAnchor.follow_up_id) == col(FollowUp.id))
        .where(
            FollowUpAnchor.anchor_table == anchor_table,
            FollowUpAnchor.anchor_id == anchor_id,
            col(FollowUp.state).in_(LIVE),
        )
    )
    if steps:
        query = query.where(col(FollowUp.step).in_(steps))
    closed = []
    for item in session.exec(query).all():
        anchors = session.exec(sqlmodel_select(FollowUpAnchor).where(FollowUpAnchor.follow_up_id == item.key)).all()
        if len(anchors) > 1:  # others still call for it
            continue
        item.state, item.closed_on, item.reason = state, context.today, reason
        session.add(item)
        closed.append(item)
    session.flush()
    return closed
