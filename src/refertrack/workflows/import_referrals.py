"""Rows of a file become referrals: credited, linked with customers, followed by events; a bad row changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from refertrack.models.customers import Customer, CustomerStatusChange
from refertrack.models.referrals import Ask, Referral
from refertrack.rules.errors import BadValue, RefertrackError
from refertrack.rules.import_words import meant
from refertrack.rules.names import email_key, key, phone_key, try_phone
from refertrack.rules.referrals import NEED_REASON, OPEN_STATES, Person, holds_claim, same_person
from refertrack.rules.text import NAME_LIMIT, NOTE_LIMIT, clean
from refertrack.rules.words import Consent, CustomerStatus, ReferralState
from refertrack.store import bulk
from refertrack.workflows import asks, beginnings, customers, entering, referrals
from refertrack.workflows.imports import (
    FileImport,
    Imported,
    Line,
    Lines,
    SourceFile,
    read_day,
    read_email,
    read_word,
)
from refertrack.workflows.known_customers import known_references
from refertrack.workflows.referral_book import ReferralBook, Row
from refertrack.workflows.suppression import Suppressed

_DAYS = ("received_on", "moved_on")
_CONSENTS = [consent.value for consent in Consent]
DISQUALIFIED, WON, REVERSED = (
    ReferralState.DISQUALIFIED.value, ReferralState.WON.value, ReferralState.REVERSED.value,
)  # fmt: skip
_CLAIM = ("id", "state", "moved_on", "received_on", "email_key", "phone_key")
_KNOWN = ("id", "state", "external_id")
_PERSON = ("id", "name", "email_key", "phone_key", "status", "joined_on")


@dataclass(frozen=True)
class Read:
    """A row that was read: what it is known by, its referral, and who or what it names elsewhere."""

    line: Line
    identity: tuple[str, str]
    row: Row
    referrer: str
    became: str
    ask: str


def import_referrals(session: Session, lines: Lines, file: SourceFile, *, strict: bool = False) -> Imported:
    """Add referrals from rows whose values stand under the fields' names, in the state that they have come to.

    The referrer, and the customer that somebody became, are named by external id or e-mail address. A referral
    is credited to the first claim by the day of its receipt; one for somebody who was a customer before is kept
    as disqualified. A known referral only moves on, as far as its states allow.

    Raises:
        BadValue: ``strict``, and a row is bad.

    """
    return _Import(session, file, strict=strict).run(lines)


class _Import(FileImport):
    kind, days = "referrals", _DAYS

    def __init__(self, session: Session, file: SourceFile, *, strict: bool) -> None:
        super().__init__(session, file, strict=strict)
        self.book = ReferralBook(session)
        self.forgotten = Suppressed(session)
        self.named: dict[int, date] = {}

    def _finish(self) -> None:
        self.result.rejected.sort()
        self.result.doubts.sort()
        asks.named(self.session, self.named)
        super()._finish()

    def _group(self, group: Sequence[Line], order: str) -> None:
        self.result.read += len(group)
        read: list[Read] = []
        for line in group:
            try:
                read.append(self._read(line, order))
            except RefertrackError as error:
                self.result.reject(line, error, strict=self.strict)
        read.sort(key=lambda each: (each.row["received_on"], each.line.number))
        facts = _Facts(self.session, self.file, read)
        fresh = sum(each.identity not in facts.known for each in read)
        ids = iter(bulk.allocate(self.session, Referral, fresh))
        rows: list[Row] = []
        people: list[tuple[Row, Row]] = []
        for each in read:
            try:
                known = facts.known.get(each.identity)
                if known is not None:
                    self._again(each, known)
                    continue
                row = {**each.row, "id": next(ids), "external_source": each.identity[0],
                       "external_id": each.identity[1], "import_batch_id": self.batch.key}  # fmt: skip
                person = self._place(each, row, facts)
            except RefertrackError as error:
                self.result.reject(each.line, error, strict=self.strict)
                continue
            facts.known[each.identity] = {"state": ""}
            facts.claim(row)
            rows.append(row)
            if row["ask_id"] is not None:
                self.named[row["ask_id"]] = max(row["received_on"], self.named.get(row["ask_id"], row["received_on"]))
            if row["state"] == DISQUALIFIED != each.row["state"]:
                self.result.doubts.append((each.line.number, f"kept as disqualified: {row['reason']}."))
            if person is not None:
                people.append((row, person))
        self._add_customers(people)
        self._activate(rows, facts)
        written = self.book.write(rows)
        self.result.added += len(rows)
        self.result.due += written.due
        self.result.left_out += written.left_out

    def _read(self, line: Line, order: str) -> Read:
        if line.problem:
            raise BadValue(line.problem)
        given = line.values
        for name in ("referrer", "name"):
            if not given.get(name, "").strip():
                raise BadValue(f"{name}: it is blank.", field=name)
        state = meant("referral", given.get("state") or "received", "state")
        days = {name: read_day(given[name], order, name) if given.get(name) else None for name in _DAYS}
        received_on = days["received_on"] or days["moved_on"] or self.context.today
        moved_on = received_on if state == ReferralState.RECEIVED else days["moved_on"] or received_on
        self._check_days(received_on, moved_on)
        name = clean(given["name"], field="name", limit=NAME_LIMIT)
        email = read_email(given["email"]) if given.get("email") else ""
        phone = self._phone(given.get("phone", ""))
        words = clean(given.get("reason", ""), field="reason", limit=NOTE_LIMIT)
        row: Row = {
            "referrer_id": 0, "ask_id": None, "name": name, "name_key": key(name),
            "company": clean(given.get("company", ""), field="company", limit=NAME_LIMIT),
            "email": email, "email_key": email_key(email), "phone": phone, "phone_key": phone_key(phone),
            "received_on": received_on, "moved_on": moved_on,
            "relation": clean(given.get("relation", ""), field="relation", limit=NAME_LIMIT),
            "consent": read_word(given["consent"], "consent", _CONSENTS) if given.get("consent") else _CONSENTS[0],
            "state": state, "reason": (words or f"as {self.file.name} says") if state in NEED_REASON else "",
            "customer_id": None, "first_claim_id": None,
        }  # fmt: skip
        return Read(
            line, self.file.identity(line), row, given["referrer"].strip(), given.get("became", "").strip(),
            given.get("ask", "").strip(),
        )  # fmt: skip

    def _check_days(self, received_on: date, moved_on: date) -> None:
        if moved_on < received_on:
            raise BadValue(f"moved_on: {moved_on} is before the referral was received ({received_on}).")
        if moved_on > self.context.today:
            raise BadValue(f"moved_on: {moved_on} has not come yet.")

    def _phone(self, text: str) -> str:
        if not text.strip():
            return ""
        found = try_phone(text, self.context.business.country)
        if found is None:
            self.result.phones_as_written += 1
            return clean(text, field="phone", limit=NAME_LIMIT)
        return found

    def _place(self, each: Read, row: Row, facts: _Facts) -> Row | None:
        """Decide who is credited and which customer it is; return a customer who is to be added, if any.

        Raises:
            BadValue: somebody or something named is not known, or the referral cannot be.

        """
        kind = self.forgotten.kind_of(row["email_key"], row["phone_key"])
        if kind:
            raise BadValue(f"{kind}: it is of somebody who asked to be forgotten.", field=kind)
        row["referrer_id"] = facts.customer(each.referrer, "referrer")
        row["ask_id"] = facts.ask(each.ask, row["referrer_id"])
        referrer = facts.people[row["referrer_id"]]
        if same_person(_person(referrer), Person(row["name"], "", row["email_key"], row["phone_key"])):
            raise BadValue("referrer: nobody can refer themselves: the e-mail or the phone is the same.")
        became = facts.people[facts.customer(each.became, "became")] if each.became else facts.same_customer(row)
        if became is not None and became["id"] == row["referrer_id"]:
            raise BadValue("became: nobody can refer themselves.")
        if _live(row):
            self._attribute(row, became, facts)
        if became is not None and row["state"] in {WON, REVERSED}:
            row["customer_id"] = became["id"]
        if row["state"] != WON:
            return None
        if became is None:
            return self._new_customer(row)
        if self.book.closes_circle(row["referrer_id"], became["id"]):
            raise BadValue(f"became: {became['name']} stands above the referrer: that would close a circle.")
        self.book.credit(row["id"], became["id"], row["referrer_id"])
        return None

    def _attribute(self, row: Row, became: Row | None, facts: _Facts) -> None:
        """Keep a claim that does not count as disqualified, with the reason."""
        first = facts.first_claim(row)
        if first is None and became is not None and row["state"] == WON:
            first = self.book.referral_of.get(became["id"])
        if first is not None:
            row.update(state=DISQUALIFIED, reason="already referred", first_claim_id=first)
        elif became is not None and _was_customer(became, row):
            row.update(state=DISQUALIFIED, reason="existing customer")

    def _new_customer(self, row: Row) -> Row:
        same = ("name", "company", "email", "phone", "name_key", "email_key", "phone_key")
        return {
            **{name: row[name] for name in same}, "company_key": key(row["company"]), "source": "referral",
            "joined_on": row["moved_on"], "status": CustomerStatus.ACTIVE.value, "import_batch_id": self.batch.key,
        }  # fmt: skip

    def _add_customers(self, people: Sequence[tuple[Row, Row]]) -> None:
        """Add those who became customers, and link their referrals with them."""
        ids = bulk.allocate(self.session, Customer, len(people))
        for (row, person), number in zip(people, ids, strict=True):
            row["customer_id"] = person["id"] = number
            self.book.credit(row["id"], number, row["referrer_id"])
        new = [person for _, person in people]
        bulk.insert(self.session, Customer, new)
        self._statuses([(person["id"], person["joined_on"]) for person in new])
        entering.enter(self.session, [{**entering.BLANK, **person} for person in new], since="joined_on")
        self.result.new_customers += len(new)

    def _activate(self, rows: Sequence[Row], facts: _Facts) -> None:
        """Turn prospects whose referral is won into customers."""
        prospects = {
            row["customer_id"]: row["moved_on"]
            for row in rows
            if row["state"] == WON and facts.status(row["customer_id"]) == CustomerStatus.PROSPECT
        }
        last = customers.statuses_since(self.session, list(prospects))
        self._statuses([(who, max(day, last[who])) for who, day in prospects.items()])
        bulk.update(self.session, Customer, [{"id": who, "status": CustomerStatus.ACTIVE.value} for who in prospects])
        beginnings.begin_by(self.session, prospects)

    def _statuses(self, since: Sequence[tuple[int, date]]) -> None:
        ids = bulk.allocate(self.session, CustomerStatusChange, len(since))
        rows = [
            {"id": number, "customer_id": who, "status": CustomerStatus.ACTIVE.value, "since": day}
            for number, (who, day) in zip(ids, since, strict=True)
        ]
        bulk.insert(self.session, CustomerStatusChange, rows)

    def _again(self, each: Read, known: Row) -> None:
        """Move a referral that is known already to the state that the file says, as by hand."""
        wanted, row = each.row["state"], each.row
        if not known["state"]:
            raise BadValue(f"external_id: {each.identity[1]} stands in an earlier line of this file, too.")
        if known["state"] in {wanted, DISQUALIFIED} or each.line.values.get("state", "").strip() == "":
            self.result.unchanged += 1
            return
        with self.session.begin_nested():
            if wanted == WON:
                found = known_references(self.session, [each.became], self.file.source) if each.became else {}
                customer_id = found.get(each.became)
                referrals.win(self.session, known["id"], on=row["moved_on"], customer_id=customer_id)
            else:
                reason = row["reason"] or f"as {self.file.name} says"
                to, on = ReferralState(wanted), row["moved_on"]
                referrals.move(self.session, known["id"], to, on=on, reason=reason)
        known["state"] = wanted
        self.result.updated += 1


class _Facts:
    """What the database knows of a group's rows, read in sets."""

    def __init__(self, session: Session, file: SourceFile, read: Sequence[Read]) -> None:
        self.session = session
        named = [name for each in read for name in (each.referrer, each.became)]
        self.references = known_references(session, named, file.source)
        emails = {each.row["email_key"] for each in read} - {""}
        phones = {each.row["phone_key"] for each in read} - {""}
        columns = bulk.table_of(Customer).c
        self.people: dict[int, Row] = {}
        wanted = ((columns.id, set(self.references.values())), (columns.email_key, emails), (columns.phone_key, phones))
        for column, values in wanted:
            for row in self._rows(Customer, _PERSON, column, values, columns.merged_into.is_(None)):
                self.people[row["id"]] = row
        self.same: dict[str, list[Row]] = {}
        for row in self.people.values():
            if row["status"] != CustomerStatus.ERASED:
                for value in {row["email_key"], row["phone_key"]} - {""}:
                    self.same.setdefault(value, []).append(row)
        self.claims: dict[str, list[Row]] = {}
        self._read_claims(emails, phones)
        self.known: dict[tuple[str, str], Row] = {}
        self._read_known(each.identity for each in read)
        self.asks = self._asks(file, {each.ask for each in read} - {""})

    def _read_claims(self, emails: set[str], phones: set[str]) -> None:
        table = bulk.table_of(Referral).c
        found: dict[int, Row] = {}
        for column, values in ((table.email_key, emails), (table.phone_key, phones)):
            found.update({row["id"]: row for row in self._rows(Referral, _CLAIM, column, values)})
        for _, row in sorted(found.items()):
            self.claim(row)

    def _read_known(self, identities: Iterable[tuple[str, str]]) -> None:
        table = bulk.table_of(Referral).c
        by_source: dict[str, set[str]] = {}
        for source, number in identities:
            by_source.setdefault(source, set()).add(number)
        for source, numbers in by_source.items():
            for row in self._rows(Referral, _KNOWN, table.external_id, numbers, table.external_source == source):
                self.known[source, row["external_id"]] = row

    def customer(self, text: str, name: str) -> int:
        """Return the customer whom a cell names; BadValue where nobody is known by it."""
        number = self.references.get(text)
        if number is None or number not in self.people:
            raise BadValue(f'{name}: nobody is known as "{text}".', field=name)
        return number

    def ask(self, text: str, referrer_id: int) -> int | None:
        """Return the ask that a cell names; BadValue where the referrer was asked nothing by that id."""
        if not text:
            return None
        number, customer_id = self.asks.get(text, (None, None))
        if number is None or customer_id != referrer_id:
            raise BadValue(f'ask: the referrer has no ask "{text}".', field="ask")
        return number

    def same_customer(self, row: Row) -> Row | None:
        """Return the one customer with the same e-mail address or phone number."""
        found = {one["id"]: one for value in (row["email_key"], row["phone_key"]) for one in self.same.get(value, ())}
        return next(iter(found.values())) if len(found) == 1 else None

    def status(self, customer_id: int | None) -> str:
        """Return a known customer's status."""
        return str(self.people.get(customer_id or 0, {}).get("status", ""))

    def claim(self, row: Row) -> None:
        """Remember a referral as a claim on the person referred."""
        for value in {row["email_key"], row["phone_key"]} - {""}:
            self.claims.setdefault(value, []).append(row)

    def first_claim(self, row: Row) -> int | None:
        """Return the referral that was there first for the same person, and had not come to nothing by then."""
        for value in (row["email_key"], row["phone_key"]):
            for other in self.claims.get(value, ()) if value else ():
                if holds_claim(other["state"], other["moved_on"], other["received_on"], row["received_on"]):
                    return int(other["id"])
        return None

    def _asks(self, file: SourceFile, wanted: set[str]) -> dict[str, tuple[int, int]]:
        columns = bulk.table_of(Ask).c
        names = ("id", "customer_id", "external_id")
        rows = self._rows(Ask, names, columns.external_id, wanted, columns.external_source == file.source)
        return {row["external_id"]: (row["id"], row["customer_id"]) for row in rows}

    def _rows(self, model: Any, names: Sequence[str], column: Any, values: set[Any], *conditions: Any) -> Iterable[Row]:
        table = bulk.table_of(model)
        query = select(*(table.c[name] for name in names)).where(*conditions)
        for some in bulk.in_lists(sorted(values)):
            for row in self.session.connection().execute(query.where(column.in_(some))):
                yield dict(zip(names, row, strict=True))


def _person(row: Mapping[str, Any]) -> Person:
    return Person(row["name"], "", row["email_key"], row["phone_key"])


def _live(row: Row) -> bool:
    """Whether a referral claims somebody: one that was lost or came to nothing claims nobody any more."""
    return row["state"] == WON or row["state"] in OPEN_STATES


def _was_customer(became: Row, row: Row) -> bool:
    """Whether somebody was a customer before the referral; without a day, one who is won became it by the referral."""
    if became["status"] in {CustomerStatus.PROSPECT, CustomerStatus.ERASED}:
        return False
    if became["joined_on"] is None:
        return bool(row["state"] != WON)
    return bool(became["joined_on"] < row["received_on"])
