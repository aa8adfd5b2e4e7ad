"""Erasing a person: every personal field, in their rows, in the history, and where others' rows name them.

This is the one write that the journal does not keep, since nothing may bring it back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, String, Table, and_, cast, func, literal, or_, select
from sqlmodel import Session

from refertrack.models.all import metadata
from refertrack.models.journal import Change
from refertrack.rules.personal import BLOT, MENTIONS, PERSONAL, REFERRED, pattern
from refertrack.rules.referrals import OPEN_STATES
from refertrack.rules.words import ReferralState
from refertrack.store import bulk, journal
from refertrack.store.persons import CUSTOMER, Person, customer_links, rows_of

_CHANGE = bulk.table_of(Change)
# What stays open ends with the person.
_ENDINGS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "follow_up": (("open", "held"), "cancelled", "closed_on"),
    "ask": (("draft", "sent", "agreed", "no_response"), "cancelled", "answered_on"),
    "opportunity": (("open",), "closed", "closed_on"),
    "reward": (("accrued", "held", "approved"), "voided", "ended_on"),
}


def erase(session: Session, who: Person) -> dict[str, int]:
    """Erase a person; return how many rows were cleared, by table.

    The journal keeps that it was done, and nothing of what was there.
    """
    session.flush()
    return _Eraser(session, who).run()


class _Eraser:
    """One person's erasing."""

    def __init__(self, session: Session, who: Person) -> None:
        self.connection = session.connection()
        self.session = session
        self.today = journal.context_of(session).today
        self.who = who
        self.rows = rows_of(self.connection, who.ids)
        self.referred = self._referred()
        self.counts: dict[str, int] = {}
        alone = not self._namesakes()
        full = [name for name in who.names if alone and (" " in name.strip() or len(name) > 5)]
        self.mention = pattern((*full, *who.words))
        self.mentioned = (*full, *who.words)

    def run(self) -> dict[str, int]:
        for name in PERSONAL:
            self._clear(metadata.tables[name], self.rows.get(name, []), PERSONAL[name])
        self._clear(metadata.tables["referral"], self.referred, REFERRED)
        self._end()
        self._blot_mentions()
        self._clear_journal()
        journal.record(
            self.session, [{"table_name": "customer", "row_id": number, "verb": "erase"} for number in self.who.ids]
        )
        self.session.expire_all()
        return self.counts

    def _referred(self) -> list[int]:
        """Return the referrals in which this person is the one referred: by link, by address or by number."""
        table = metadata.tables["referral"]
        query = select(table.c.id).where(
            or_(
                table.c.customer_id.in_(self.who.ids),
                and_(table.c.customer_id.is_(None), table.c.email_key.in_(self.who.email_keys)),
                and_(table.c.customer_id.is_(None), table.c.phone_key.in_(self.who.phone_keys)),
            )
        )
        return [row[0] for row in self.connection.execute(query)]

    def _namesakes(self) -> bool:
        query = select(CUSTOMER.c.id).where(
            CUSTOMER.c.name_key.in_(self.who.name_keys), ~CUSTOMER.c.id.in_(self.who.ids)
        )
        return self.connection.execute(query.limit(1)).first() is not None

    def _clear(self, table: Table, ids: Sequence[int], columns: Sequence[str]) -> None:
        values: dict[str, Any] = {name: None if table.c[name].nullable else "" for name in columns}
        if "token" in values:  # it opens the survey's page, and has to be unlike all others
            values["token"] = literal("erased-") + cast(table.c.id, String)
        for some in bulk.in_lists(ids):
            self.connection.execute(table.update().where(table.c.id.in_(some)).values(values))
        if ids:
            self.counts[table.name] = len(set(ids))

    def _end(self) -> None:
        """End what is open, take the tags off, and give the person their last status."""
        ids, connection = self.who.ids, self.connection
        for name, (open_states, ended, day) in _ENDINGS.items():
            table = metadata.tables[name]
            theirs = and_(table.c.customer_id.in_(ids), table.c.state.in_(open_states))
            connection.execute(table.update().where(theirs).values({"state": ended, day: self.today}))
        feedback = metadata.tables["feedback"]
        for name in ("resolved_on", "confirmed_on"):
            theirs = and_(feedback.c.customer_id.in_(ids), feedback.c[name].is_(None))
            connection.execute(feedback.update().where(theirs).values({name: self.today}))
        self._end_referrals()
        tags = metadata.tables["customer_tag"]
        connection.execute(tags.delete().where(tags.c.customer_id.in_(ids)))
        connection.execute(
            CUSTOMER.update().where(CUSTOMER.c.id.in_(ids)).values(status="erased", keep_in_touch_days=None)
        )
        status = metadata.tables["customer_status"]
        now = journal.context_of(self.session).now
        last = {"status": "erased", "since": self._last_day(), "created_at": now}
        connection.execute(status.insert(), [{"customer_id": number, **last} for number in ids])

    def _end_referrals(self) -> None:
        """Nobody is to be contacted any more: open referrals of this person expire, and so does the contacting."""
        connection, context = self.connection, journal.context_of(self.session)
        table, events = metadata.tables["referral"], metadata.tables["referral_event"]
        items, anchors = metadata.tables["follow_up"], metadata.tables["follow_up_anchor"]
        query = select(table.c.id, table.c.state).where(table.c.id.in_(self.referred), table.c.state.in_(OPEN_STATES))
        ended = connection.execute(query).all()
        ids = [row.id for row in ended]
        now = {
            "on_day": self.today,
            "at": context.now,
            "created_at": context.now,
            "author": context.author,
            "reason": "",
        }
        common = {"to_state": ReferralState.EXPIRED, **now}
        if ended:
            connection.execute(
                events.insert(), [{"referral_id": row.id, "from_state": row.state, **common} for row in ended]
            )
        connection.execute(
            table.update().where(table.c.id.in_(ids)).values(state=ReferralState.EXPIRED, moved_on=self.today)
        )
        theirs = select(anchors.c.follow_up_id).where(
            anchors.c.anchor_table == "referral",
            anchors.c.anchor_id.in_(self.referred),
            anchors.c.step.in_(["contact", "introduction"]),
        )
        live = and_(items.c.id.in_(theirs), items.c.state.in_(["open", "held"]))
        connection.execute(items.update().where(live).values(state="cancelled", closed_on=self.today))

    def _last_day(self) -> date:
        status = metadata.tables["customer_status"]
        query = select(func.max(status.c.since)).where(status.c.customer_id.in_(self.who.ids))
        return max(self.today, self.connection.execute(query).scalar() or self.today)

    def _blot_mentions(self) -> None:
        """Blot the person's name, addresses and numbers out where others' rows mention them."""
        for name, columns in MENTIONS.items():
            table = metadata.tables[name]
            for found in self._mentioning(table, columns):
                values = {column: self._blot(found[column]) for column in columns if found[column]}
                self.connection.execute(table.update().where(table.c.id == found["id"]).values(values))
                self.counts[name] = self.counts.get(name, 0) + 1

    def _mentioning(self, table: Table, columns: Sequence[str]) -> list[Mapping[str, Any]]:
        if self.mention is None:
            return []
        conditions = [table.c[column].icontains(word, autoescape=True) for column in columns for word in self.mentioned]
        query = select(table.c.id, *(table.c[column] for column in columns)).where(or_(*conditions))
        return [dict(row) for row in self.connection.execute(query).mappings()]

    def _blot(self, text: str) -> str:
        return self.mention.sub(BLOT, text) if self.mention else text

    def _clear_journal(self) -> None:
        """Clear what the journal holds of the person's rows, those that are gone among them, and of mentions."""
        own = {name: set(ids) for name, ids in self.rows.items()}
        for name, ids in self._gone().items():
            own.setdefault(name, set()).update(ids)
        own.setdefault("referral", set()).update(self.referred)
        for name, ids in own.items():
            for some in bulk.in_lists(sorted(ids)):
                query = select(_CHANGE).where(_CHANGE.c.table_name == name, _CHANGE.c.row_id.in_(some))
                self._rewrite(self.connection.execute(query).mappings().all(), own=True)
        if self.mention is not None:
            words = [json.dumps(word, ensure_ascii=False)[1:-1] for word in self.mentioned]
            conditions = [
                _CHANGE.c[side].icontains(word, autoescape=True) for side in ("before", "after") for word in words
            ]
            query = select(_CHANGE).where(or_(*conditions))
            self._rewrite(self.connection.execute(query).mappings().all(), own=False)

    def _rewrite(self, changes: Iterable[RowMapping], *, own: bool) -> None:
        for change in map(dict, changes):
            sides = {side: self._scrubbed(change, side, own=own) for side in ("before", "after") if change[side]}
            if any(change[side] != words for side, words in sides.items()):
                self.connection.execute(_CHANGE.update().where(_CHANGE.c.id == change["id"]).values(sides))

    def _scrubbed(self, change: Mapping[str, Any], side: str, *, own: bool) -> str:
        name, values = change["table_name"], json.loads(change[side])
        if own:
            referred = name == "referral" and change["row_id"] in self.referred
            for column in REFERRED if referred else PERSONAL.get(name, ()):
                if values.get(column):
                    values[column] = None if metadata.tables[name].c[column].nullable else ""
        for column in MENTIONS.get(name, ()):
            if isinstance(values.get(column), str):
                values[column] = self._blot(values[column])
        return journal.as_json(values)

    def _gone(self) -> dict[str, set[int]]:
        """Return rows that were the person's and are there no more: the journal holds them as they were."""
        found: dict[str, set[int]] = {}
        for table in metadata.sorted_tables:
            for column in [*customer_links(table), *([CUSTOMER.c.id] if table is CUSTOMER else [])]:
                for number in self.who.ids:
                    part = f'%"{column.name}":{number}'
                    like = [_CHANGE.c[side].like(part + end) for side in ("before", "after") for end in (",%", "}")]
                    query = select(_CHANGE.c.row_id).where(_CHANGE.c.table_name == table.name, or_(*like))
                    ids = {row[0] for row in self.connection.execute(query)}
                    if ids and table is not CUSTOMER:
                        found.setdefault(table.name, set()).update(ids)
        return found
