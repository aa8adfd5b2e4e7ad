"""What has to be known of customers before an item is made for them, read in sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from refertrack.models.customers import Customer, OptOut
from refertrack.models.follow_ups import FollowUp, FollowUpAnchor
from refertrack.models.listening import Survey
from refertrack.rules.context import Context
from refertrack.rules.gates import HELD_BY_COMPLAINT, channel_for, opted_out
from refertrack.rules.holidays import holiday_check
from refertrack.rules.schedule import FLOOD_DAYS, PAST_DAYS, room
from refertrack.rules.words import FollowUpState, Purpose
from refertrack.store import bulk
from refertrack.workflows import holds

LIVE = (FollowUpState.OPEN, FollowUpState.HELD)


class Known:
    """Customers, their opt-outs and open complaints, and their items: live ones, and those done of late."""

    def __init__(self, session: Session, context: Context, customer_ids: Iterable[int]) -> None:
        session.flush()
        self.session = session
        self.context = context
        self.is_holiday = holiday_check(context.business.country)
        self.throttle_days = context.business.survey.throttle_days
        self.ids = ids = sorted(set(customer_ids))
        self.customers = self._customers(ids)
        self.opt_outs = self._opt_outs(ids)
        self.held = holds.standing(session, ids)
        self.items: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for item in self._items(ids):
            self.items[item["customer_id"]].append(item)

    def channel(self, customer_id: int) -> str:
        """Return how a customer is reached: as they prefer, else by what they have."""
        customer = self.customers[customer_id]
        return channel_for(customer["preferred_channel"], customer["email"], customer["phone"])

    def gate(self, customer_id: int, channel: str, purpose: str, due_on: date) -> tuple[str, str]:
        """Return the state in which a new item begins, and why it is not open."""
        if opted_out(self.opt_outs[customer_id], channel, purpose):
            return FollowUpState.SUPPRESSED, "opted out"
        if purpose == Purpose.SURVEY and self._surveyed(customer_id, due_on):
            return FollowUpState.SUPPRESSED, f"one survey in {self.throttle_days} days"
        if purpose in HELD_BY_COMPLAINT and self.held.get(customer_id, self.context.today) is None:
            return FollowUpState.HELD, holds.REASON
        return FollowUpState.OPEN, ""

    def hold_until(self, customer_id: int, purpose: str) -> date | None:
        """Return the day until which a complaint that was put right still holds a new item."""
        return self.held.get(customer_id) if purpose in HELD_BY_COMPLAINT else None

    def place(self, customer_id: int, due_on: date, *, but: int | None = None) -> tuple[date, str]:
        """Return the day for a note that keeps its distance from those before it, and why it waits.

        ``but`` is the id of the note itself, where it stands on the list already.
        """
        notes = [item["day"] for item in self.items[customer_id] if item["id"] != but and self.is_note(item)]
        day = room(due_on, notes, self.is_holiday)
        return day, "" if day == due_on else waits_words(due_on)

    def make_room(self, host: dict[str, Any]) -> Iterable[dict[str, Any]]:
        """Let open notes wait that would follow a new one within seven days; give those that moved."""
        if host["state"] not in LIVE:
            return
        before = [host["day"]]
        following = (
            item
            for item in self.items[host["customer_id"]]
            if item is not host and self.is_note(item) and item["day"] > host["day"]
        )
        for item in sorted(following, key=lambda item: item["day"]):
            day = room(item["day"], before, self.is_holiday)
            if day != item["day"] and item["state"] == FollowUpState.OPEN and not item["moved"]:
                item["waits"] = item["waits"] or waits_words(item["day"])
                item["day"] = item["due_on"] = day
                yield item
            before.append(item["day"])

    def set_day(self, customer_id: int, number: int, day: date) -> None:
        """Take note that an item stands on another day now."""
        for item in self.items[customer_id]:
            if item["id"] == number:
                item["day"] = item["due_on"] = day

    def is_note(self, item: dict[str, Any]) -> bool:
        """Whether an item is a note that was not asked for, and was or will be sent."""
        playbook = self.context.business.playbooks.get(item["playbook"])
        step = playbook.step(item["step"]) if playbook else None
        return bool(step and step.note) and item["state"] in {*LIVE, FollowUpState.DONE}

    def _surveyed(self, customer_id: int, due_on: date) -> bool:
        """Whether a survey is, was or will be near a day: on the list, sent, or answered, by phone or in a form."""
        listed = (
            item["day"]
            for item in self.items[customer_id]
            if item["purpose"] == Purpose.SURVEY and item["state"] in {*LIVE, FollowUpState.DONE}
        )
        days = (*listed, *self.surveys[customer_id])
        return any(abs((day - due_on).days) < self.throttle_days for day in days)

    @cached_property
    def surveys(self) -> dict[int, list[date]]:
        """The days on which customers were invited to the survey, or answered it."""
        table = bulk.table_of(Survey)
        query = select(table.c.customer_id, table.c.invited_on, table.c.answered_on).where(
            table.c.undeliverable.is_(False)
        )
        found: dict[int, list[date]] = defaultdict(list)
        for some in bulk.in_lists(self.ids):
            rows = self.session.connection().execute(query.where(table.c.customer_id.in_(some)))
            for customer_id, *days in rows:
                found[customer_id] += [day for day in days if day is not None]
        return found

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

    def _items(self, ids: Sequence[int]) -> Iterable[dict[str, Any]]:
        """Return live items, and done ones that new ones may be too near to, with the day that counts for that."""
        table, anchors = bulk.table_of(FollowUp), bulk.table_of(FollowUpAnchor)
        since = self.context.today - timedelta(days=PAST_DAYS + max(self.throttle_days, FLOOD_DAYS))
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
            .outerjoin(anchors, anchors.c.follow_up_id == table.c.id)
            .group_by(*(table.c[name] for name in names))
            .where(
                table.c.state.in_(LIVE) | ((table.c.state == FollowUpState.DONE) & (table.c.closed_on >= since)),
            )
        )
        for some in bulk.in_lists(ids):
            for row in self.session.connection().execute(query.where(table.c.customer_id.in_(some))).mappings():
                yield {**row, "day": row["closed_on"] or row["due_on"]}


def waits_words(day: date) -> str:
    """Say why a note waits, and since when."""
    return f"one note in {FLOOD_DAYS} days: was for {day.isoformat()}"
