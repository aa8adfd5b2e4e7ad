"""Rows of a file become customers: validated, matched, added or updated; a bad row never stops the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select
from sqlmodel import Session

from refertrack.models.customers import Customer, CustomerStatusChange
from refertrack.rules.errors import BadValue, NotAllowed, RefertrackError
from refertrack.rules.keeping import Rhythm, rhythm
from refertrack.rules.names import country_code, email_key, key, phone_key, try_phone
from refertrack.rules.text import NAME_LIMIT, NOTE_LIMIT, clean
from refertrack.rules.words import Channel, CustomerStatus
from refertrack.store import bulk
from refertrack.workflows import beginnings, entering, rhythms
from refertrack.workflows.import_extras import Extras, read_extras
from refertrack.workflows.import_referrers import credit
from refertrack.workflows.imports import (
    FileImport,
    Imported,
    Line,
    Lines,
    SourceFile,
    read_day,
    read_email,
    read_whole,
    read_word,
)
from refertrack.workflows.merged_customers import MergedCustomers
from refertrack.workflows.suppression import ANYWAY, Suppressed, taken_in_again

# Columns that say the same in many rows: each spelling is looked at once.
_SHARED = ("segment", "owner", "source", "city", "country", "language")
_COLUMNS = (
    "id", "name", "company", "email", "phone", "segment", "owner", "source", "city", "country", "language",
    "preferred_channel", "joined_on", "status", "keep_in_touch_days", "notes", "external_source", "external_id",
    "name_key", "company_key", "email_key", "phone_key",
)  # fmt: skip
_ordered = itemgetter(*_COLUMNS)
_BLANK: dict[str, Any] = {
    **dict.fromkeys(_COLUMNS[1:], ""),
    "joined_on": None,
    "keep_in_touch_days": None,
    "external_id": None,
    "status": CustomerStatus.ACTIVE.value,
}
_CHANNELS = [channel.value for channel in Channel]
_STATES = [status.value for status in CustomerStatus if status != CustomerStatus.ERASED]
# Columns that are seldom there.
_READERS: dict[str, Callable[[str], Any]] = {
    "company": partial(clean, field="company", limit=NAME_LIMIT),
    "notes": partial(clean, field="notes", limit=NOTE_LIMIT),
    "keep_in_touch_days": partial(read_whole, name="keep_in_touch_days"),
    "preferred_channel": partial(read_word, name="preferred_channel", allowed=_CHANNELS),
    "status": partial(read_word, name="status", allowed=_STATES),
}

Identity = tuple[str, str]
Row = dict[str, Any]


def import_customers(
    session: Session, lines: Lines, file: SourceFile, *, strict: bool = False, anyway: str = ""
) -> Imported:
    """Add or update customers from rows whose values stand under the fields' names.

    A row is known by its external id, else by the file's digest and its line, else by an e-mail address that
    one customer had before: the same file twice changes nothing, equal rows of one file stay apart. Blank
    cells change nothing; an opt-out is only ever added. Who was merged leads to whom they are part of, where
    only blanks are filled. Who asked to be forgotten is rejected, unless ``anyway`` says why not.

    Raises:
        BadValue: ``strict``, and a row is bad.

    """
    return _Import(session, file, strict=strict, anyway=anyway).run(lines)


class _Import(FileImport):
    """One import: what is known of the rows so far. What is kept does not grow with the file but for its ids."""

    kind, days = "customers", ("joined_on",)

    def __init__(self, session: Session, file: SourceFile, *, strict: bool, anyway: str) -> None:
        super().__init__(session, file, strict=strict)
        self.anyway = anyway
        self.suppressed = Suppressed(session)
        self.merged = MergedCustomers(session)
        self.was: dict[int, Rhythm] = {}  # the intervals of customers, before the file changed them
        self.joined: dict[int, date] = {}  # the joining days that the file changed
        self.regions: dict[str, str] = {}
        self.shared: dict[str, dict[str, str]] = {name: {} for name in _SHARED}
        self.last_before = session.connection().execute(select(func.max(bulk.table_of(Customer).c.id))).scalar() or 0
        # Hashes of the identities of earlier groups: one that comes again is then looked up.
        self.seen: set[int] = set()
        self.extras = Extras(session, file)

    def _finish(self) -> None:
        self.result.doubts.extend(credit(self.session, self.file, self.extras.referred))
        super()._finish()

    def _group(self, group: Sequence[Line], order: str) -> None:
        read: list[tuple[Identity, Row, dict[str, Any], int]] = []
        for line in group:
            try:
                read.append(
                    (self.file.identity(line), self._values(line, order), read_extras(line.values), line.number)
                )
            except RefertrackError as error:
                self.result.reject(line, error, strict=self.strict)
        self.result.read += len(group)
        by_id, by_email = self._known(read)
        parts = self._parts(read, by_id, by_email) if self.merged.stays else {}
        new: dict[Identity, Row] = {}
        changed: dict[int, Row] = {}
        extras: list[tuple[Row, dict[str, Any], int]] = []
        for identity, values, more, number in read:
            row = new.get(identity) or by_id.get(identity) or by_email.get(values.get("email_key", ""))
            if row is None and (part := parts.get(identity) or parts.get(values.get("email_key", ""))):
                row = part
                self._fill(row, values, changed)
            elif row is None:
                row = self._new(identity, values, number)
                if row is None:
                    continue
                new[identity] = row
            elif row.get("id", self.last_before + 1) > self.last_before:
                self._twice(row, values, changed)
            else:
                self._update(row, values, identity, changed)
            if more:
                extras.append((row, more, number))
        self.seen.update(map(hash, new))
        self._insert(list(new.values()))
        bulk.update(self.session, Customer, list(changed.values()))
        rhythms.follow(self.session, {number: (was, self._rhythm(changed[number])) for number, was in self.was.items()})
        self.was.clear()
        beginnings.begin_by(self.session, self.joined)
        self.joined.clear()
        told = self.extras.write([(row["id"], more, number) for row, more, number in extras])
        only_told = sum(number <= self.last_before and number not in changed for number in told)
        self.result.updated += only_told
        self.result.unchanged -= only_told

    def _values(self, line: Line, order: str) -> Row:
        if line.problem:
            raise BadValue(line.problem)
        given = line.values
        name = clean(given.get("name") or given.get("company") or "", field="name", limit=NAME_LIMIT)
        if not name:
            raise BadValue("name: it is blank.", field="name")
        found: Row = {"name": name, "name_key": key(name)}
        for column, text in given.items():
            if not text:
                continue
            if (known := self.shared.get(column)) is not None:
                found[column] = known.get(text) or self._shared(column, text)
            elif column == "joined_on":
                found["joined_on"] = read_day(text, order, "joined_on")
            elif column in _READERS:
                found[column] = _READERS[column](text)
        if "company" in found:
            found["company_key"] = key(found["company"])
        self._addresses(given, found)
        return found

    def _addresses(self, given: Mapping[str, str], found: Row) -> None:
        if email := given.get("email"):
            found["email"] = read_email(email)
            found["email_key"] = email_key(found["email"])
        if phone := given.get("phone"):
            found["phone"] = self._phone(phone, given.get("country", ""))
            found["phone_key"] = phone_key(found["phone"])

    def _shared(self, column: str, text: str) -> str:
        kept = clean(text, field=column, limit=NAME_LIMIT)
        if len(self.shared[column]) < bulk.BATCH:
            self.shared[column][text] = kept
        return kept

    def _phone(self, text: str, country: str) -> str:
        region = self.regions.get(country)
        if region is None:
            region = (country_code(country) if country else None) or self.context.business.country
            self.regions[country] = region
        found = try_phone(text, region)
        if found is None:
            self.result.phones_as_written += 1
            return clean(text, field="phone", limit=NAME_LIMIT)
        return found

    def _known(
        self, rows: Sequence[tuple[Identity, Row, dict[str, Any], int]]
    ) -> tuple[dict[Identity, Row], dict[str, Row]]:
        """Return the customers that these rows may be, by identity and (where one only has it) by e-mail.

        Where there was no customer before, only an id that came in an earlier group is looked for.
        """
        wanted: dict[str, list[str]] = {}
        for (source, number), *_ in rows:
            if self.last_before or hash((source, number)) in self.seen:
                wanted.setdefault(source, []).append(number)
        by_id: dict[Identity, Row] = {}
        columns = bulk.table_of(Customer).c
        for source, numbers in wanted.items():
            for row in self._rows(columns.external_id, numbers, columns.external_source == source):
                by_id[source, row["external_id"]] = row
        if not self.last_before:
            return by_id, {}
        own = {row["id"]: row for row in by_id.values()}
        by_email: dict[str, Row] = {}
        doubtful: set[str] = set()
        emails = sorted({values["email_key"] for _, values, *_ in rows if values.get("email_key")})
        for row in self._rows(columns.email_key, emails, columns.id <= self.last_before):
            if row["email_key"] in by_email:
                doubtful.add(row["email_key"])
            by_email[row["email_key"]] = own.get(row["id"], row)
        return by_id, {email: row for email, row in by_email.items() if email not in doubtful}

    def _parts(
        self,
        rows: Sequence[tuple[Identity, Row, dict[str, Any], int]],
        by_id: Mapping[Identity, Row],
        by_email: Mapping[str, Row],
    ) -> dict[Identity | str, Row]:
        """Return the customers into whom those were merged whom these rows name."""
        emails = (values["email_key"] for _, values, *_ in rows if values.get("email_key"))
        by_identity = self.merged.by_identity(identity for identity, *_ in rows)
        found: dict[Identity | str, int] = {
            place: number for part in (self.merged.by_email(emails), by_identity) for place, number in part.items()
        }
        known = {row["id"]: row for row in (*by_email.values(), *by_id.values())}
        missing = sorted(set(found.values()) - set(known))
        table = bulk.table_of(Customer)
        query = select(*(table.c[name] for name in _COLUMNS))
        for some in bulk.in_lists(missing):
            for each in self.session.connection().execute(query.where(table.c.id.in_(some))):
                row = dict(zip(_COLUMNS, each, strict=True))
                known[row["id"]] = row
        return {place: known[number] for place, number in found.items()}

    def _fill(self, row: Row, values: Row, changed: dict[int, Row]) -> None:
        """Fill what a customer has blank from a row of one who is part of them."""
        fresh = {name: value for name, value in values.items() if name != "status" and not row[name]}
        row.update(fresh)
        if not fresh:
            self.result.unchanged += 1
            return
        self._change(row, fresh, changed)

    def _change(self, row: Row, fresh: Row, changed: dict[int, Row]) -> None:
        """Keep a row that a line of the file changed, and the joining day that it told."""
        self.result.updated += row["id"] not in changed
        changed[row["id"]] = row
        if fresh.get("joined_on"):
            self.joined[row["id"]] = fresh["joined_on"]

    def _new(self, identity: Identity, values: Row, line: int) -> Row | None:
        """Return the row of a new customer; None where they asked to be forgotten."""
        row = {**_BLANK, **values, "external_source": identity[0], "external_id": identity[1]}
        if self.suppressed.kind_of(row["email_key"], row["phone_key"]):
            if not self.anyway:
                error = NotAllowed("The person asked to be forgotten.", ANYWAY)
                self.result.reject(Line(line, {}), error, strict=self.strict)
                return None
            row["notes"] = taken_in_again(row["notes"], self.anyway)
        return row

    def _rows(self, column: ColumnElement[str], values: Iterable[str], condition: ColumnElement[bool]) -> Iterable[Row]:
        table = bulk.table_of(Customer)
        query = select(*(table.c[name] for name in _COLUMNS)).where(
            condition, table.c.merged_into.is_(None), table.c.status != CustomerStatus.ERASED
        )
        for some in bulk.in_lists(values):
            for row in self.session.connection().execute(query.where(column.in_(some))):
                yield dict(zip(_COLUMNS, row, strict=True))

    def _update(self, row: Row, values: Row, identity: Identity, changed: dict[int, Row]) -> None:
        fresh = {name: value for name, value in values.items() if name != "status" and row[name] != value}
        if row["external_id"] is None and not identity[0].startswith("file:"):
            fresh["external_source"], fresh["external_id"] = identity
        if not fresh:
            self.result.unchanged += 1
            return
        if fresh.keys() & {"segment", "keep_in_touch_days"}:
            self.was.setdefault(row["id"], self._rhythm(row))
        row.update(fresh)
        self._change(row, fresh, changed)

    def _rhythm(self, row: Row) -> Rhythm:
        return rhythm(self.context.business.segments, row["segment"], row["keep_in_touch_days"])

    def _twice(self, row: Row, values: Row, changed: dict[int, Row]) -> None:
        """Let a later row of one id in the same file say more about the customer that the earlier one added."""
        self.result.unchanged += 1
        row.update(values)
        if "id" in row:
            changed[row["id"]] = row
            if values.get("joined_on"):
                self.joined[row["id"]] = values["joined_on"]

    def _insert(self, new: list[Row]) -> None:
        ids = bulk.allocate(self.session, Customer, len(new))
        for row, number in zip(new, ids, strict=True):
            row["id"] = number
        batch = {"import_batch_id": self.batch.key}
        bulk.insert_tuples(self.session, Customer, _COLUMNS, [_ordered(row) for row in new], same=batch)
        table = bulk.table_of(Customer)
        bulk.insert_from(
            self.session,
            CustomerStatusChange,
            bulk.allocate(self.session, CustomerStatusChange, len(new)),
            {
                "customer_id": table.c.id,
                "status": table.c.status,
                "since": func.coalesce(table.c.joined_on, literal(self.context.today)),
            },
            table,
            ids,
        )
        entering.enter(self.session, new, since="joined_on")
        self.result.added += len(new)
