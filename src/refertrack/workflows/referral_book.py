"""Referrals of many rows at once: who is credited, no circles, and everything written in sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from refertrack.models.customers import Customer
from refertrack.models.referrals import Referral, ReferralEvent
from refertrack.rules.referrals import expires_on
from refertrack.rules.schedule import Event, is_past
from refertrack.rules.words import Consent, ReferralState
from refertrack.store import bulk, journal
from refertrack.workflows.scheduling import trigger

RECEIVED, WON, LOST = ReferralState.RECEIVED, ReferralState.WON, ReferralState.LOST
Row = dict[str, Any]


@dataclass
class Written:
    """What follows from referrals that were written: follow-ups made, and those that the past needs no more."""

    due: int = 0
    left_out: int = 0


@dataclass
class ReferralBook:
    """Who brought whom so far, in the database and in what is being written."""

    session: Session
    referrer_of: dict[int, int] = field(default_factory=dict)
    referral_of: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read every won referral: a few bytes each, so that no circle is missed."""
        table = bulk.table_of(Referral)
        query = select(table.c.id, table.c.customer_id, table.c.referrer_id).where(
            table.c.state == WON.value, table.c.customer_id.is_not(None)
        )
        for number, customer_id, referrer_id in self.session.connection().execute(query.order_by(table.c.id)):
            self.credit(number, customer_id, referrer_id)

    def credit(self, referral_id: int, customer_id: int, referrer_id: int) -> None:
        """Remember who brought a customer; the first one counts."""
        self.referrer_of.setdefault(customer_id, referrer_id)
        self.referral_of.setdefault(customer_id, referral_id)

    def closes_circle(self, referrer_id: int, customer_id: int) -> bool:
        """Whether the customer stands above the referrer already, or is the referrer."""
        seen: set[int] = set()
        current: int | None = referrer_id
        while current is not None and current not in seen:
            if current == customer_id:
                return True
            seen.add(current)
            current = self.referrer_of.get(current)
        return False

    def write(self, rows: Sequence[Row]) -> Written:
        """Write referrals that carry their ids, with their events and with what they call for lately."""
        if not rows:
            return Written()
        bulk.insert(self.session, Referral, rows)
        self._events(rows)
        self._sources([row["customer_id"] for row in rows if row["state"] == WON])
        return self._follow(rows)

    def _events(self, rows: Sequence[Row]) -> None:
        context = journal.context_of(self.session)
        steps: list[tuple[int, str, str, date, str]] = []
        for row in rows:
            first = row["state"] if row["state"] == ReferralState.DISQUALIFIED else RECEIVED.value
            steps.append((row["id"], "", first, row["received_on"], row["reason"] if first != RECEIVED else ""))
            if row["state"] != first:
                before = WON.value if row["state"] == ReferralState.REVERSED else first
                if before != first:
                    steps.append((row["id"], first, before, row["received_on"], ""))
                steps.append((row["id"], before, row["state"], row["moved_on"], row["reason"]))
        ids = bulk.allocate(self.session, ReferralEvent, len(steps))
        names = ("id", "referral_id", "from_state", "to_state", "on_day", "at", "author", "reason")
        events = [
            (number, referral, before, after, on, context.now, context.author, reason)
            for number, (referral, before, after, on, reason) in zip(ids, steps, strict=True)
        ]
        bulk.insert_tuples(self.session, ReferralEvent, names, events)

    def _sources(self, customer_ids: Iterable[int]) -> None:
        """Say of customers who came by a referral that they did, where nothing else is said."""
        table = bulk.table_of(Customer)
        blank = [
            row[0]
            for some in bulk.in_lists(sorted(set(customer_ids)))
            for row in self.session.connection().execute(
                select(table.c.id).where(table.c.id.in_(some), table.c.source == "")
            )
        ]
        bulk.update(self.session, Customer, [{"id": number, "source": "referral"} for number in blank])

    def _follow(self, rows: Sequence[Row]) -> Written:
        today = journal.context_of(self.session).today
        events, past = [], 0
        for row in rows:
            event = event_of(row)
            if event is None:
                continue
            if is_past(event.on, today):
                past += 1
            else:
                events.append(event)
        scheduled = trigger(self.session, events)
        return Written(len(scheduled.made), scheduled.left_out + past)


def event_of(row: Row) -> Event | None:
    """Return what a referral calls for in the state that it is in."""
    referrer, number, name = row["referrer_id"], row["id"], row["name"]
    if row["state"] in {RECEIVED, ReferralState.CONTACTED, ReferralState.QUALIFIED}:
        may_contact = row["consent"] in {Consent.CONSENT, Consent.INTRODUCTION}
        skip = (
            {"contact", "introduction"} if row["state"] != RECEIVED else {"introduction" if may_contact else "contact"}
        )
        because = f"referred {name}"
        return Event(
            "referral_received", referrer, row["received_on"], "referral", number, because, skip=frozenset(skip),
            ends_on=expires_on(row["moved_on"]),
        )  # fmt: skip
    if row["state"] == WON:
        return Event("referral_won", referrer, row["moved_on"], "referral", number, f"{name} became a customer")
    if row["state"] == LOST:
        return Event("referral_lost", referrer, row["moved_on"], "referral", number, f"{name} did not come to us")
    return None
