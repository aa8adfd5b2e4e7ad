"""Rows of a file become asks: whom, when, for what, and what they answered; a bad row changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from refertrack.models.referrals import Ask
from refertrack.rules.errors import BadValue, RefertrackError
from refertrack.rules.import_words import meant
from refertrack.rules.schedule import Event, is_past
from refertrack.rules.smart import MOST, check_attainable
from refertrack.rules.text import NAME_LIMIT, NOTE_LIMIT, clean
from refertrack.rules.words import AskState, Channel
from refertrack.store import bulk
from refertrack.workflows import asks, reasons
from refertrack.workflows.imports import (
    FileImport,
    Imported,
    Line,
    Lines,
    SourceFile,
    read_day,
    read_whole,
    read_word,
)
from refertrack.workflows.known_customers import known_references
from refertrack.workflows.scheduling import trigger

_DAYS = ("asked_on", "sent_on", "time_specific", "answered_on", "promised_on")
_TEXTS = ("specific", "realistic", "incentive")
_CHANNELS = [channel.value for channel in Channel]
# What an ask of the past is taken to have been where the file does not say.
_FORM, _COUNT, _DAYS_TO_ANSWER = "introduction", 1, 14
_UNANSWERED = frozenset({AskState.DRAFT, AskState.SENT, AskState.CANCELLED})
_ANSWER = ("state", "sent_on", "answered_on", "reason_id", "reason_words", "promised_on")
_OTHER = "other"

Row = dict[str, Any]


def import_asks(session: Session, lines: Lines, file: SourceFile, *, strict: bool = False) -> Imported:
    """Add asks from rows whose values stand under the fields' names, or let known ones have been answered.

    The customer is named by external id or e-mail address. An ask without a state was sent, and was declined
    where a reason stands with it. Reasons that are not on the list are kept in their own words under "other".

    Raises:
        BadValue: ``strict``, and a row is bad.

    """
    return _Import(session, file, strict=strict).run(lines)


class _Import(FileImport):
    kind, days = "asks", _DAYS

    def __init__(self, session: Session, file: SourceFile, *, strict: bool) -> None:
        super().__init__(session, file, strict=strict)
        self.reasons: dict[str, tuple[int, str]] = {}
        self.seen: set[tuple[str, str]] = set()
        self.answered: list[int] = []
        self.cancelled: list[int] = []

    def _group(self, group: Sequence[Line], order: str) -> None:
        self.result.read += len(group)
        customers = known_references(
            self.session, (line.values.get("customer", "").strip() for line in group), self.file.source
        )
        read: list[tuple[tuple[str, str], Row]] = []
        for line in group:
            try:
                identity = self.file.identity(line)
                row = self._row(line, order, customers)
                if identity in self.seen:
                    raise BadValue(f"external_id: {identity[1]} stands in an earlier line of this file, too.")
            except RefertrackError as error:
                self.result.reject(line, error, strict=self.strict)
                continue
            self.seen.add(identity)
            read.append((identity, row))
        known = self._known([identity for identity, _ in read])
        new, changed = [], []
        for identity, row in read:
            before = known.get(identity)
            if before is not None and row["state"] in _UNANSWERED and before["state"] not in _UNANSWERED:
                row.update({name: before[name] for name in _ANSWER})  # an answer is not taken back by an older file
            if before is None:
                new.append({**row, "external_source": identity[0], "external_id": identity[1],
                            "import_batch_id": self.batch.key})  # fmt: skip
            elif any(before[name] != value for name, value in row.items()):
                changed.append({"id": before["id"], **row})
                if before["state"] in _UNANSWERED and row["state"] not in _UNANSWERED:
                    self.answered.append(before["id"])
                elif row["state"] == AskState.CANCELLED:
                    self.cancelled.append(before["id"])
            else:
                self.result.unchanged += 1
        self._write(new, changed)

    def _write(self, new: list[Row], changed: list[Row]) -> None:
        for row, number in zip(new, bulk.allocate(self.session, Ask, len(new)), strict=True):
            row["id"] = number
        bulk.insert(self.session, Ask, new)
        bulk.update(self.session, Ask, changed)
        self.result.added += len(new)
        self.result.updated += len(changed)
        events = [event for row in new if (event := self._event(row)) is not None]
        scheduled = trigger(self.session, events)
        self.result.due += len(scheduled.made)
        self.result.left_out += scheduled.left_out

    def _finish(self) -> None:
        asks.close_items(self.session, self.answered)
        asks.close_items(self.session, self.cancelled, "cancelled")
        super()._finish()

    def _event(self, row: Row) -> Event | None:
        """Return what an ask calls for: to be sent, or to be reminded of on its day; None where that is over."""
        today, by = self.context.today, row["time_specific"]
        who = (row["customer_id"], row["id"], row["specific"], by)
        if row["state"] == AskState.DRAFT and by >= today:
            return asks.sending(*who, today, row["channel"])
        if row["state"] == AskState.SENT and not is_past(by, today):
            return asks.reminder(*who, row["channel"])
        return None

    def _row(self, line: Line, order: str, customers: Mapping[str, int]) -> Row:
        if line.problem:
            raise BadValue(line.problem)
        given = line.values
        reference = given.get("customer", "").strip()
        if reference not in customers:
            words = f'nobody is known as "{reference}".' if reference else "it is blank."
            raise BadValue(f"customer: {words}", field="customer")
        days = self._days(given, order)
        form = check_attainable(given["attainable"]) if given.get("attainable") else _FORM
        count = read_whole(given["measurable"], "measurable") if given.get("measurable") else _COUNT
        if count > MOST:
            raise BadValue(f"measurable: {count} is more than {MOST}.", field="measurable")
        channel = read_word(given["channel"], "channel", _CHANNELS) if given.get("channel") else ""
        texts = {name: clean(given.get(name, ""), field=name, limit=NOTE_LIMIT) for name in _TEXTS}
        return {
            "customer_id": customers[reference], **days, **texts, "measurable": count, "attainable": form,
            "channel": channel, **self._answer(given, days),
        }  # fmt: skip

    def _days(self, given: Mapping[str, str], order: str) -> dict[str, date | None]:
        days = {name: read_day(given[name], order, name) if given.get(name) else None for name in _DAYS}
        asked_on = days["asked_on"]
        if asked_on is None:
            raise BadValue("asked_on: it is blank.", field="asked_on")
        for name in ("asked_on", "sent_on", "answered_on"):
            day = days[name]
            if day is not None and not asked_on <= day <= self.context.today:
                words = "has not come yet" if day > self.context.today else "is before the ask"
                raise BadValue(f"{name}: {day} {words}.", field=name)
        by = days["time_specific"]
        if by is not None and by < asked_on:
            raise BadValue(f"time_specific: {by} is before the ask.", field="time_specific")
        days["time_specific"] = by or (days["sent_on"] or asked_on) + timedelta(_DAYS_TO_ANSWER)
        return days

    def _answer(self, given: Mapping[str, str], days: dict[str, date | None]) -> Row:
        """Read what came of an ask; one that was sent was sent on its own day, where the file tells no other."""
        reason = clean(given.get("reason", ""), field="reason", limit=NAME_LIMIT)
        fallback = AskState.DECLINED if reason else AskState.SENT
        state = meant("ask", given["state"], "state") if given.get("state") else fallback.value
        row: Row = {"state": state, "reason_id": None, "reason_words": ""}
        if state not in {AskState.DRAFT, AskState.CANCELLED}:
            row["sent_on"] = days["sent_on"] or days["asked_on"]
        if state in _UNANSWERED:
            return row | {"answered_on": None, "promised_on": None}
        if reason or state == AskState.NO_ONE:
            row["reason_id"], row["reason_words"] = self._reason(reason or "no_one")
        row["answered_on"] = days["answered_on"] or days["sent_on"] or days["asked_on"]
        return row

    def _reason(self, text: str) -> tuple[int, str]:
        if text not in self.reasons:
            try:
                found = reasons.find(self.session, text)
                self.reasons[text] = (found.key, found.words)
            except BadValue:
                self.reasons[text] = (reasons.find(self.session, _OTHER).key, text)
        return self.reasons[text]

    def _known(self, identities: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
        table = bulk.table_of(Ask)
        by_source: dict[str, list[str]] = {}
        for source, number in identities:
            by_source.setdefault(source, []).append(number)
        return {
            (source, row["external_id"]): dict(row)
            for source, numbers in by_source.items()
            for some in bulk.in_lists(numbers)
            for row in self.session.connection()
            .execute(select(table).where(table.c.external_source == source, table.c.external_id.in_(some)))
            .mappings()
        }
