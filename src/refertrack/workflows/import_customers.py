"""Rows of a file become customers: validated, matched, added or updated; a bad row never stops the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from refertrack.models.customers import Customer, CustomerStatusChange, OptOut
from refertrack.models.referrals import Referral
from refertrack.reports import look_up
from refertrack.rules.errors import BadValue, RefertrackError
from refertrack.rules.names import country_code, email_key, key, phone_key, try_phone
from refertrack.rules.text import NAME_LIMIT, NOTE_LIMIT, clean
from refertrack.rules.words import Channel, CustomerStatus, OptOutChannel, OptOutPurpose
from refertrack.store import bulk, journal
from refertrack.store.engine import session_reader
from refertrack.workflows import customers, referrals
from refertrack.workflows.imports import (
    Imported,
    Line,
    Lines,
    SourceFile,
    date_order,
    finish_batch,
    read_day,
    read_email,
    read_whole,
    read_word,
    start_batch,
)

_TEXT_FIELDS = ("company", "segment", "owner", "source", "city", "country", "language")
_COLUMNS = (
    "id", "name", "company", "email", "phone", "segment", "owner", "source", "city", "country", "language",
    "preferred_channel", "joined_on", "status", "keep_in_touch_days", "notes", "external_source", "external_id",
    "name_key", "company_key", "email_key", "phone_key",
)  # fmt: skip
_BLANK: dict[str, Any] = {
    **dict.fromkeys(_COLUMNS[1:], ""),
    "joined_on": None,
    "keep_in_touch_days": None,
    "external_id": None,
    "status": CustomerStatus.ACTIVE,
}
_EXTRAS = ("opt_out", "tags", "referred_by")


def import_customers(session: Session, lines: Lines, file: SourceFile, *, strict: bool = False) -> Imported:
    """Add or update customers from rows whose values stand under the fields' names.

    A row is known by its external id, else by the file's digest and its line, else by an e-mail address that
    one customer had before: the same file twice changes nothing, equal rows of one file stay apart. Blank
    cells change nothing; an opt-out is only ever added.

    Raises:
        BadValue: ``strict``, and a row is bad.

    """
    return _Import(session, file, strict=strict).run(lines)


class _Import:
    """One import: what the database knew before, and the rows that are to be written."""

    def __init__(self, session: Session, file: SourceFile, *, strict: bool) -> None:
        self.session = session
        self.context = journal.context_of(session)
        self.file = file
        self.strict = strict
        self.result = Imported()
        self.regions: dict[str, str] = {}
        self.batch = start_batch(session, "customers", file)
        self.empty = session.connection().execute(select(bulk.table_of(Customer).c.id).limit(1)).first() is None
        self.added: dict[tuple[str, str], dict[str, Any]] = {}
        self.extras: list[tuple[dict[str, Any], dict[str, str]]] = []

    def run(self, lines: Lines) -> Imported:
        order = date_order(lines, ("joined_on",), "MDY" if self.context.business.country == "US" else "DMY")
        for group in bulk.batches(lines(), bulk.BATCH):
            self._group(group, order)
        for row, values in self.extras:
            self._extra(row["id"], values)
        finish_batch(self.session, self.batch, self.result)
        return self.result

    def _group(self, group: Sequence[Line], order: str) -> None:
        read = []
        for line in group:
            self.result.read += 1
            try:
                read.append((line, self.file.identity(line), self._values(line, order)))
            except RefertrackError as error:
                self.result.reject(line, error, strict=self.strict)
        by_id, by_email = ({}, {}) if self.empty else self._known([(identity, values) for _, identity, values in read])
        new: list[dict[str, Any]] = []
        changed: dict[int, dict[str, Any]] = {}
        for line, identity, values in read:
            row = self.added.get(identity)
            if row is not None:  # the same id twice in one file: what the later row says is added
                self._twice(row, values, changed, written="id" in row)
            else:
                row = by_id.get(identity) or by_email.get(values.get("email_key", ""))
                if row is None:
                    row = {**_BLANK, **values, "external_source": identity[0], "external_id": identity[1]}
                    self.added[identity] = row
                    new.append(row)
                else:
                    self._update(row, values, identity, changed)
            extras = {name: line.values[name] for name in _EXTRAS if line.values.get(name)}
            if extras:
                self.extras.append((row, extras))
        self._insert(new)
        bulk.update(self.session, Customer, list(changed.values()))

    def _values(self, line: Line, order: str) -> dict[str, Any]:
        if line.problem:
            raise BadValue(line.problem)
        given = line.values
        name = clean(given.get("name") or given.get("company") or "", field="name", limit=NAME_LIMIT)
        if not name:
            raise BadValue("name: it is blank.", field="name")
        found: dict[str, Any] = {"name": name, "name_key": key(name)}
        for column in _TEXT_FIELDS:
            if given.get(column):
                found[column] = clean(given[column], field=column, limit=NAME_LIMIT)
        if "company" in found:
            found["company_key"] = key(found["company"])
        if given.get("notes"):
            found["notes"] = clean(given["notes"], field="notes", limit=NOTE_LIMIT, multiline=True)
        if given.get("email"):
            found["email"] = read_email(given["email"])
            found["email_key"] = email_key(found["email"])
        if given.get("phone"):
            found["phone"] = self._phone(given["phone"], given.get("country", ""))
            found["phone_key"] = phone_key(found["phone"])
        found.update(_choices(given))
        if given.get("joined_on"):
            found["joined_on"] = read_day(given["joined_on"], order, "joined_on")
        return found

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
        self, rows: Sequence[tuple[tuple[str, str], dict[str, Any]]]
    ) -> tuple[dict[tuple[str, str], dict[str, Any]], dict[str, dict[str, Any]]]:
        """Return the customers that these rows may be, by identity and (where one only has it) by e-mail."""
        table = bulk.table_of(Customer)
        query = select(*(table.c[name] for name in _COLUMNS)).where(
            table.c.merged_into.is_(None), table.c.status != CustomerStatus.ERASED
        )
        by_id: dict[tuple[str, str], dict[str, Any]] = {}
        by_email: dict[str, dict[str, Any]] = {}
        seen: dict[int, dict[str, Any]] = {}
        doubtful: set[str] = set()
        ids = sorted({identity[1] for identity, _ in rows})
        emails = sorted({values["email_key"] for _, values in rows if values.get("email_key")})
        for column, wanted in ((table.c.external_id, ids), (table.c.email_key, emails)):
            for some in bulk.in_lists(wanted):
                for found in self.session.connection().execute(query.where(column.in_(some))).mappings():
                    row = seen.setdefault(found["id"], dict(found))
                    by_id[row["external_source"], row["external_id"]] = row
        ours = {row["id"] for row in self.added.values() if "id" in row}
        for row in seen.values():
            if row["id"] in ours or not row["email_key"]:
                continue
            if row["email_key"] in by_email:
                doubtful.add(row["email_key"])
            by_email[row["email_key"]] = row
        return by_id, {email: row for email, row in by_email.items() if email not in doubtful}

    def _update(
        self, row: dict[str, Any], values: dict[str, Any], identity: tuple[str, str], changed: dict[int, dict[str, Any]]
    ) -> None:
        fresh = {name: value for name, value in values.items() if name != "status" and row[name] != value}
        if row["external_id"] is None and not identity[0].startswith("file:"):
            fresh["external_source"], fresh["external_id"] = identity
        if not fresh:
            self.result.unchanged += 1
            return
        row.update(fresh)
        self.result.updated += row["id"] not in changed
        changed[row["id"]] = row

    def _twice(
        self, row: dict[str, Any], values: dict[str, Any], changed: dict[int, dict[str, Any]], *, written: bool
    ) -> None:
        self.result.unchanged += 1
        row.update(values)
        if written:
            changed[row["id"]] = {name: row[name] for name in _COLUMNS}

    def _insert(self, new: list[dict[str, Any]]) -> None:
        ids = bulk.allocate(self.session, Customer, len(new))
        for row, number in zip(new, ids, strict=True):
            row["id"] = number
            row["import_batch_id"] = self.batch.key
        bulk.insert(self.session, Customer, new)
        today = self.context.today
        status_ids = bulk.allocate(self.session, CustomerStatusChange, len(new))
        changes = [
            {"id": each, "customer_id": row["id"], "status": row["status"], "since": row["joined_on"] or today}
            for row, each in zip(new, status_ids, strict=True)
        ]
        bulk.insert(self.session, CustomerStatusChange, changes)
        self.result.added += len(new)

    def _extra(self, customer_id: int, values: dict[str, str]) -> None:
        """Write what needs every customer's id: opt-outs, tags and who referred whom."""
        customer = customers.get(self.session, customer_id)
        if values.get("opt_out"):
            self._opt_out(customer_id, read_word(values["opt_out"], "opt_out", list(OptOutChannel)))
        if values.get("tags"):
            names = [name.strip() for name in values["tags"].replace(";", ",").split(",")]
            customers.add_tags(self.session, customer, [name for name in names if name])
        if values.get("referred_by") and not self._referred(customer_id):
            referrer = self._referrer(values["referred_by"].strip())
            if referrer is not None:
                referrals.arrived(self.session, referrer, customer)

    def _opt_out(self, customer_id: int, channel: str) -> None:
        table = bulk.table_of(OptOut)
        query = select(table.c.id).where(
            table.c.customer_id == customer_id, table.c.channel == channel, table.c.purpose == OptOutPurpose.ANY
        )
        if self.session.connection().execute(query).first() is None:
            source = f"import of {self.file.name}"
            since = self.context.today
            self.session.add(OptOut(customer_id=customer_id, channel=channel, since=since, source=source))
            self.session.flush()

    def _referred(self, customer_id: int) -> bool:
        table = bulk.table_of(Referral)
        query = select(table.c.id).where(table.c.customer_id == customer_id).limit(1)
        return self.session.connection().execute(query).first() is not None

    def _referrer(self, text: str) -> int | None:
        """Return the customer whom a cell names: by external id, else as look-ups do; None where nobody is."""
        table = bulk.table_of(Customer)
        query = select(table.c.id).where(table.c.external_source == self.file.source, table.c.external_id == text)
        found = self.session.connection().execute(query).scalar()
        if found is not None:
            return int(found)
        try:
            return int(look_up.customer(session_reader(self.session), text)["id"])
        except RefertrackError:
            return None


def _choices(given: Mapping[str, str]) -> dict[str, Any]:
    """Read the cells that hold a number or one of some words."""
    found: dict[str, Any] = {}
    if given.get("keep_in_touch_days"):
        found["keep_in_touch_days"] = read_whole(given["keep_in_touch_days"], "keep_in_touch_days")
    if given.get("preferred_channel"):
        found["preferred_channel"] = read_word(given["preferred_channel"], "preferred_channel", list(Channel))
    if given.get("status"):
        allowed = [status.value for status in CustomerStatus if status != CustomerStatus.ERASED]
        found["status"] = read_word(given["status"], "status", allowed)
    return found


def known_references(session: Session, references: Iterable[str], source: str) -> dict[str, int]:
    """Return the customers that other rows name, by external id (of the same source first) or by e-mail."""
    table = bulk.table_of(Customer)
    wanted = sorted({reference for reference in references if reference})
    found: dict[str, list[tuple[bool, int]]] = {}
    connection = session.connection()
    standing = table.c.status != CustomerStatus.ERASED
    for some in bulk.in_lists(wanted):
        query = select(table.c.id, table.c.external_source, table.c.external_id, table.c.merged_into)
        for number, own_source, reference, merged in connection.execute(
            query.where(table.c.external_id.in_(some), standing)
        ):
            if not own_source.startswith("file:"):
                found.setdefault(reference, []).append((own_source != source, merged or number))
    by_email: dict[str, str] = {email_key(reference): reference for reference in wanted if "@" in reference}
    for some in bulk.in_lists(sorted(by_email)):
        query = select(table.c.id, table.c.email_key, table.c.merged_into)
        for row in connection.execute(query.where(table.c.email_key.in_(some), standing)).mappings():
            found.setdefault(by_email[row["email_key"]], []).append((False, row["merged_into"] or row["id"]))
    return {reference: min(several)[1] for reference, several in found.items()}
