"""From events to follow-ups: one way for a single command and for an import of a hundred thousand rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col
from sqlmodel import select as sqlmodel_select

from refertrack.models.customers import Customer, OptOut
from refertrack.models.follow_ups import FollowUp, FollowUpAnchor
from refertrack.rules.context import Context
from refertrack.rules.gates import HELD_BY_COMPLAINT, channel_for, opted_out
from refertrack.rules.holidays import holiday_check
from refertrack.rules.schedule import FLOOD_DAYS, Event, Planned, is_past, plan, room
from refertrack.rules.words import FollowUpState, Purpose
from refertrack.store import bulk, journal
from refertrack.workflows import holds

SURVEY_THROTTLE_DAYS = 90
LIVE = (FollowUpState.OPEN, FollowUpState.HELD)

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
        _Desk(session, context, [event for event, _ in wanted]).make(wanted, scheduled)
    return scheduled


def _planned(context: Context, events: Iterable[Event], scheduled: Scheduled) -> list[tuple[Event, Planned]]:
    is_holiday = holiday_check(context.business.country)
    wanted: list[tuple[Event, Planned]] = []
    for event in events:
        playbook = context.business.playbooks.get(event.name)
        for planned in plan(playbook, event.on, is_holiday, event.skip) if playbook else ():
            if is_past(planned.due_on, context.today):
                scheduled.left_out += 1
            else:
                wanted.append((event, planned))
    return sorted(wanted, key=lambda pair: (pair[0].customer_id, pair[1].due_on))


class _Desk:
    """What has to be known of the customers concerned, read in sets, and the rows that are made."""

    def __init__(self, session: Session, context: Context, events: Sequence[Event]) -> None:
        session.flush()
        self.session = session
        self.context = context
        self.is_holiday = holiday_check(context.business.country)
        customer_ids = sorted({event.customer_id for event in events})
        self.customers = self._customers(customer_ids)
        self.opt_outs = self._opt_outs(customer_ids)
        self.held = holds.standing(session, customer_ids)
        self.anchored = self._anchored(events)
        self.items: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for item in self._items(customer_ids):
            self.items[item["customer_id"]].append(item)

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
            self.anchored.add(self._anchor(event, planned))
            host = self._host(event, planned)
            if host is None:
                host = self._row(next(ids), event, planned)
                new.append(host)
                made.add(host["id"])
                for later in self._make_room(host) if planned.step.note else ():
                    if later["id"] not in made:
                        waiting[later["id"]] = {name: later[name] for name in ("id", "due_on", "waits")}
                self.items[event.customer_id].append(host)
            else:
                host["because"] = _joined(host["because"], event.because)
                scheduled.shared += 1
                if host["id"] not in made:
                    grown[host["id"]] = {"id": host["id"], "because": host["because"]}
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
        customer = self.customers[event.customer_id]
        usual = channel_for(customer["preferred_channel"], customer["email"], customer["phone"])
        channel = step.channel or event.channel or usual
        state, reason = self._state(event, planned, channel)
        due_on, waits = planned.due_on, ""
        until = self.held.get(event.customer_id) if step.purpose in HELD_BY_COMPLAINT else None
        if until is not None and state in LIVE:
            due_on, waits = holds.after(due_on, until, waits, self.is_holiday)
        if step.note and state in LIVE:
            notes = [item for item in self.items[event.customer_id] if self._is_note(item)]
            day = room(due_on, [item["day"] for item in notes], self.is_holiday)
            if day != due_on:
                due_on, waits = day, _waits(planned.due_on)
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
            "hold_until": until if state in LIVE else None,
            "state": state,
            "closed_on": None if state in LIVE else self.context.today,
            "reason": reason,
            "owner": event.owner or customer["owner"],
            "anchor_on": event.on,
            "day": due_on,
        }

    def _make_room(self, host: dict[str, Any]) -> Iterable[dict[str, Any]]:
        """Let open notes wait that would follow a new one within seven days; give those that moved."""
        if host["state"] not in LIVE:
            return
        before = [host["day"]]
        following = (
            item
            for item in self.items[host["customer_id"]]
            if item is not host and self._is_note(item) and item["day"] > host["day"]
        )
        for item in sorted(following, key=lambda item: item["day"]):
            day = room(item["day"], before, self.is_holiday)
            if day != item["day"] and item["state"] == FollowUpState.OPEN and not item["moved"]:
                item["waits"] = item["waits"] or _waits(item["day"])
                item["day"] = item["due_on"] = day
                yield item
            before.append(item["day"])

    def _state(self, event: Event, planned: Planned, channel: str) -> tuple[str, str]:
        purpose = planned.step.purpose
        if opted_out(self.opt_outs[event.customer_id], channel, purpose):
            return FollowUpState.SUPPRESSED, "opted out"
        if purpose == Purpose.SURVEY and self._surveyed(event.customer_id, planned.due_on):
            return FollowUpState.SUPPRESSED, f"one survey in {SURVEY_THROTTLE_DAYS} days"
        if purpose in HELD_BY_COMPLAINT and self.held.get(event.customer_id, self.context.today) is None:
            return FollowUpState.HELD, holds.REASON
        return FollowUpState.OPEN, ""

    def _surveyed(self, customer_id: int, due_on: date) -> bool:
        return any(
            item["purpose"] == Purpose.SURVEY
            and item["state"] in {*LIVE, FollowUpState.DONE}
            and abs((item["day"] - due_on).days) < SURVEY_THROTTLE_DAYS
            for item in self.items[customer_id]
        )

    def _is_note(self, item: dict[str, Any]) -> bool:
        playbook = self.context.business.playbooks.get(item["playbook"])
        step = playbook.step(item["step"]) if playbook else None
        return bool(step and step.note) and item["state"] in {*LIVE, FollowUpState.DONE}

    def _host(self, event: Event, planned: Planned) -> dict[str, Any] | None:
        """Return the open item of the same step that is near enough to serve this event too."""
        if not planned.step.share:
            return None
        return next(
            (
                item
                for item in self.items[event.customer_id]
                if (item["playbook"], item["step"], item["state"]) == (event.name, planned.step.name, "open")
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

    def _customers(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        table = bulk.table_of(Customer)
        columns = (table.c.id, table.c.owner, table.c.preferred_channel, table.c.email, table.c.phone)
        return {
            row["id"]: dict(row)
            for some in bulk.in_lists(ids)
            for row in self.session.connection().execute(select(*columns).where(table.c.id.in_(some))).mappings()
        }

    def _opt_outs(self, ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
        table = bulk.table_of(OptOut)
        found: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for some in bulk.in_lists(ids):
            query = select(table.c.customer_id, table.c.channel, table.c.purpose).where(table.c.customer_id.in_(some))
            for customer_id, channel, purpose in self.session.connection().execute(query):
                found[customer_id].append((channel, purpose))
        return found

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

    def _items(self, ids: Sequence[int]) -> Iterable[dict[str, Any]]:
        """Return live items, and done ones of the last months, with the day that counts for the flood rule."""
        table, anchors = bulk.table_of(FollowUp), bulk.table_of(FollowUpAnchor)
        since = self.context.today - timedelta(days=SURVEY_THROTTLE_DAYS)
        names = (
            "id",
            "customer_id",
            "playbook",
            "step",
            "purpose",
            "state",
            "due_on",
            "closed_on",
            "because",
            "waits",
            "moved",
        )
        query = (
            select(*(table.c[name] for name in names), func.min(anchors.c.anchor_on).label("anchor_on"))
            .join(anchors, anchors.c.follow_up_id == table.c.id)
            .group_by(*(table.c[name] for name in names))
            .where(
                table.c.state.in_(LIVE) | ((table.c.state == FollowUpState.DONE) & (table.c.closed_on >= since)),
            )
        )
        for some in bulk.in_lists(ids):
            for row in self.session.connection().execute(query.where(table.c.customer_id.in_(some))).mappings():
                yield {**row, "day": row["closed_on"] or row["due_on"]}


def _waits(day: date) -> str:
    return f"one note in {FLOOD_DAYS} days: was for {day.isoformat()}"


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
