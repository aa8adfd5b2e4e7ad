"""Rows of a file become purchases of customers; what happened lately calls for its follow-ups."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from refertrack.models.customers import Customer, CustomerStatusChange
from refertrack.models.sales import Product, Purchase
from refertrack.rules.errors import BadValue, RefertrackError
from refertrack.rules.money import check_currency, digits, parse_money
from refertrack.rules.names import email_key, key
from refertrack.rules.schedule import Event, is_past
from refertrack.rules.sentences import delivered_because, ordered_because, promised_because
from refertrack.rules.text import NAME_LIMIT, NOTE_LIMIT, clean
from refertrack.rules.words import CustomerStatus, PurchaseStatus
from refertrack.store import bulk
from refertrack.workflows import beginnings, customers, entering, moves, rewards
from refertrack.workflows.aftercare import concerns, imported, lasting_products
from refertrack.workflows.corrections import redate
from refertrack.workflows.imports import (
    FileImport,
    Imported,
    Line,
    Lines,
    SourceFile,
    read_day,
    read_email,
    read_whole,
)
from refertrack.workflows.known_customers import known_references
from refertrack.workflows.purchases import check_days, give_up, question_day
from refertrack.workflows.scheduling import cancel, trigger
from refertrack.workflows.suppression import Suppressed

_DAYS = ("ordered_on", "promised_on", "delivered_on")
_COLUMNS = (
    "id", "customer_id", "product_id", "description", "quantity", "amount_minor", "list_amount_minor", "currency",
    *_DAYS, "status", "ended_on", "external_source", "external_id",
)  # fmt: skip
_ENDED = {
    "cancelled": PurchaseStatus.CANCELLED, "canceled": PurchaseStatus.CANCELLED, "voided": PurchaseStatus.CANCELLED,
    "returned": PurchaseStatus.RETURNED, "refunded": PurchaseStatus.RETURNED,
}  # fmt: skip
_PLAIN_AMOUNT = re.compile(r"(\d{1,12})(?:\.(\d{1,2}))?")


def import_purchases(
    session: Session, lines: Lines, file: SourceFile, *, strict: bool = False, add_customers: bool = False
) -> Imported:
    """Add or update purchases from rows whose values stand under the fields' names.

    A purchase is known by its external id, else by the file's digest and its line. Its customer is named by
    external id or e-mail address; ``add_customers`` adds those whom nobody knows. Steps of a playbook that
    would be born more than 30 days overdue are not made.

    Raises:
        BadValue: ``strict``, and a row is bad.

    """
    return _Import(session, file, strict=strict, add_customers=add_customers).run(lines)


class _Import(FileImport):
    """One import: what the database knew before, and the rows that are to be written."""

    kind, days = "purchases", _DAYS

    def __init__(self, session: Session, file: SourceFile, *, strict: bool, add_customers: bool) -> None:
        super().__init__(session, file, strict=strict)
        self.add_customers = add_customers
        products = bulk.table_of(Product)
        query = select(products.c.id, products.c.name_key)
        self.products: dict[str, int] = {name_key: number for number, name_key in session.connection().execute(query)}
        self.lasting = lasting_products(session)
        self.cared: list[int] = []  # deliveries that call for more than the check-in
        self.nobody: dict[str, RefertrackError] = {}  # references that no customer can have
        self.currencies: dict[str, str] = {}
        self.first_order: dict[int, date] = {}
        self.corrected_order: dict[int, date] = {}  # the first day of those that were known already
        self.seen: set[tuple[str, str]] = set()
        self.tells_deliveries = False  # a file without any delivery does not say that nothing was delivered

    def _finish(self) -> None:
        self._backdate()
        self.result.due += imported(self.session, self.cared)
        super()._finish()

    def _group(self, group: Sequence[Line], order: str) -> None:
        self.result.read += len(group)
        customers = self._customers(group)
        read: list[tuple[tuple[str, str], dict[str, Any]]] = []
        for line in group:
            try:
                identity = self.file.identity(line)
                values = self._values(line, order, customers)
                if identity in self.seen:
                    raise BadValue(f"external_id: {identity[1]} stands in an earlier line of this file, too.")
            except RefertrackError as error:
                self.result.reject(line, error, strict=self.strict)
                continue
            self.seen.add(identity)
            self.tells_deliveries = self.tells_deliveries or values["delivered_on"] is not None
            read.append((identity, values))
        known = self._known([identity for identity, _ in read])
        new: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for identity, values in read:
            row = known.get(identity)
            merged = _merged(row, values, self.context.today) if row else values
            if row is None:
                new.append({**values, "external_source": identity[0], "external_id": identity[1]})
            elif any(row[name] != value for name, value in merged.items()):
                changed.append({**row, **merged})
            else:
                self.result.unchanged += 1
        self._write(new, changed)

    def _values(self, line: Line, order: str, customers: dict[str, int]) -> dict[str, Any]:
        if line.problem:
            raise BadValue(line.problem)
        given = line.values
        reference = given.get("customer", "").strip()
        if not reference:
            raise BadValue("customer: it is blank.", field="customer")
        if reference in self.nobody:
            raise self.nobody[reference]
        if reference not in customers:
            self.result.unknown_customers.add(reference)
            raise BadValue(f'customer: nobody is known as "{reference}".', field="customer")
        if not given.get("ordered_on", "").strip():
            raise BadValue("ordered_on: it is blank.", field="ordered_on")
        days = {name: read_day(given[name], order, name) if given.get(name) else None for name in _DAYS}
        ordered_on = days["ordered_on"]
        if ordered_on is None:
            raise BadValue("ordered_on: it is blank.", field="ordered_on")
        check_days(ordered_on, days["promised_on"], days["delivered_on"])
        if ordered_on > self.context.today or (days["delivered_on"] or ordered_on) > self.context.today:
            raise BadValue("It was ordered or delivered after today.", field="ordered_on")
        currency = self._currency(given.get("currency", ""))
        return {
            "customer_id": customers[reference],
            "product_id": self._product(given.get("product", "")),
            "description": clean(given.get("description", ""), field="description", limit=NOTE_LIMIT),
            "quantity": read_whole(given["quantity"], "quantity") if given.get("quantity") else 1,
            "amount_minor": self._amount(given.get("amount", ""), currency, "amount"),
            "list_amount_minor": self._amount(given.get("list_amount", ""), currency, "list_amount"),
            "currency": currency,
            **days,
            "ended_on": None,
            "status": _status(given.get("status", ""), days["delivered_on"]),
        }

    def _currency(self, text: str) -> str:
        code = text.strip() or self.context.business.currency
        if code not in self.currencies:
            self.currencies[code] = check_currency(code)
        return self.currencies[code]

    @staticmethod
    def _amount(text: str, currency: str, name: str) -> int | None:
        words = text.strip()
        if not words:
            return None
        plain = _PLAIN_AMOUNT.fullmatch(words)
        if plain and digits(currency) == 2:
            return int(plain[1]) * 100 + int((plain[2] or "0").ljust(2, "0"))
        return parse_money(words, currency, field=name).amount_minor

    def _product(self, text: str) -> int | None:
        name = clean(text, field="product", limit=NAME_LIMIT)
        if not name:
            return None
        name_key = key(name)
        if name_key not in self.products:
            product = Product(name=name, name_key=name_key)
            self.session.add(product)
            self.session.flush()
            self.products[name_key] = product.key
        return self.products[name_key]

    def _customers(self, group: Sequence[Line]) -> dict[str, int]:
        references: dict[str, Line] = {line.values.get("customer", "").strip(): line for line in reversed(group)}
        found = known_references(self.session, references, self.file.source)
        if self.add_customers:
            known = Suppressed(self.session)
            missing: dict[str, list[str]] = defaultdict(list)  # one address may be spelled in several ways
            for reference in reversed(references):  # as they stand in the file
                same = email_key(reference) if "@" in reference else reference
                if reference and reference not in found and not known.kind_of(same, ""):
                    missing[same].append(reference)
            added = self._add_customers([references[some[0]] for some in missing.values()])
            for first, *others in missing.values():
                if first in added:
                    found.update(dict.fromkeys((first, *others), added[first]))
                else:
                    self.nobody.update(dict.fromkeys(others, self.nobody[first]))
        return found

    def _add_customers(self, lines: Sequence[Line]) -> dict[str, int]:
        """Add customers who are known by their reference alone: an e-mail address, or an id."""
        rows: list[dict[str, Any]] = []
        added: dict[str, int] = {}
        today = self.context.today
        for line, number in zip(lines, bulk.allocate(self.session, Customer, len(lines)), strict=True):
            reference = line.values["customer"].strip()
            try:
                row = self._customer(line, reference)
            except RefertrackError as error:
                self.nobody[reference] = error
                continue
            added[reference] = number
            rows.append({"id": number, **row, "import_batch_id": self.batch.key})
        bulk.insert(self.session, Customer, rows)
        status_ids = bulk.allocate(self.session, CustomerStatusChange, len(rows))
        changes = [
            {"id": each, "customer_id": row["id"], "status": CustomerStatus.ACTIVE, "since": today}
            for row, each in zip(rows, status_ids, strict=True)
        ]
        bulk.insert(self.session, CustomerStatusChange, changes)
        active = {"status": CustomerStatus.ACTIVE, "since": None}
        entering.enter(self.session, [{**entering.BLANK, **active, **row} for row in rows])
        self.result.new_customers += len(rows)
        return added

    def _customer(self, line: Line, reference: str) -> dict[str, Any]:
        by_email = "@" in reference
        name = line.values.get("customer_name", "").strip() or (reference if by_email else f"Customer {reference}")
        email = read_email(reference) if by_email else ""
        return {
            "name": clean(name, field="name", limit=NAME_LIMIT),
            "name_key": key(name),
            "email": email,
            "email_key": email_key(email),
            "external_source": self.file.source,
            "external_id": None if by_email else clean(reference, field="customer", limit=NAME_LIMIT),
        }

    def _known(self, identities: Sequence[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
        table = bulk.table_of(Purchase)
        query = select(*(table.c[name] for name in _COLUMNS))
        return {
            (row["external_source"], row["external_id"]): dict(row)
            for some in bulk.in_lists(sorted({identity[1] for identity in identities}))
            for row in self.session.connection().execute(query.where(table.c.external_id.in_(some))).mappings()
        }

    def _write(self, new: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
        for row, number in zip(new, bulk.allocate(self.session, Purchase, len(new)), strict=True):
            row["id"] = number
            row["import_batch_id"] = self.batch.key
        bulk.insert(self.session, Purchase, new)
        bulk.update(self.session, Purchase, changed)
        self.cared += [row["id"] for row in (*new, *changed) if concerns(row, self.lasting, self.context.today)]
        self.result.added += len(new)
        self.result.updated += len(changed)
        names = {number: name for name, number in self.products.items()}
        self._correct(changed, names)
        events = [event for row in (*new, *changed) for event in self._events(row, names)]
        scheduled = trigger(self.session, events)
        self.result.left_out += scheduled.left_out
        won = moves.bought(self.session, {row["customer_id"] for row in new})
        written = [*new, *changed]
        earned = rewards.bought(self.session, {row["customer_id"] for row in written}, {row["id"] for row in written})
        self.result.won += len(won)
        made = (scheduled, earned.scheduled, *(moved.scheduled for moved in won))
        self.result.due += sum(len(each.made) for each in made)
        for rows, first in ((new, self.first_order), (changed, self.corrected_order)):
            for row in rows:
                who, day = row["customer_id"], row["ordered_on"]
                first[who] = min(day, first.get(who, day))

    def _correct(self, changed: list[dict[str, Any]], names: dict[int, str]) -> None:
        """Let open items follow days that the file corrects, and close those of what came to nothing."""
        redate(self.session, [event for row in changed for event in self._events(row, names)])
        for row in changed:
            if row["status"] in _ENDED.values():
                give_up(self.session, row["id"], f"{row['status']}, as {self.file.name} says")
            elif row["delivered_on"] is not None:
                cancel(self.session, "purchase", row["id"], "delivered", steps=("question",))

    def _events(self, row: dict[str, Any], names: dict[int, str]) -> list[Event]:
        if row["status"] in _ENDED.values():
            return []
        what = names.get(row["product_id"] or 0) or (row["description"].splitlines() or ["order"])[0]
        who, number, ordered_on, delivered_on = (row["customer_id"], row["id"], row["ordered_on"], row["delivered_on"])
        events = [Event("order", who, ordered_on, "purchase", number, ordered_because(what, ordered_on))]
        if delivered_on is not None:
            because = delivered_because(what, delivered_on, row["promised_on"])
            events.append(Event("delivered", who, delivered_on, "purchase", number, because))
        elif row["promised_on"] is not None or self.tells_deliveries:
            asked_on = question_day(ordered_on, row["promised_on"])
            because = promised_because(what, row["promised_on"], ordered_on)
            if not is_past(asked_on, self.context.today):
                events.append(Event("undelivered", who, asked_on, "purchase", number, because))
        return events

    def _backdate(self) -> None:
        """Let customers be customers since their first order; a prospect becomes one with it."""
        table = bulk.table_of(Customer)
        query = select(table.c.id).where(table.c.status == CustomerStatus.PROSPECT)
        prospects = [
            (who, self.first_order[who])
            for some in bulk.in_lists(sorted(self.first_order))
            for who in self.session.connection().execute(query.where(table.c.id.in_(some))).scalars()
        ]
        self._activate(prospects)
        for days in (self.first_order, self.corrected_order):
            beginnings.begin_by(self.session, days)

    def _activate(self, prospects: list[tuple[int, date]]) -> None:
        """Turn prospects into customers with their first purchase."""
        ids = bulk.allocate(self.session, CustomerStatusChange, len(prospects))
        last = customers.statuses_since(self.session, [who for who, _ in prospects])
        rows = [
            {"id": number, "customer_id": who, "status": CustomerStatus.ACTIVE, "since": max(since, last[who])}
            for number, (who, since) in zip(ids, prospects, strict=True)
        ]
        bulk.insert(self.session, CustomerStatusChange, rows)
        bulk.update(self.session, Customer, [{"id": who, "status": CustomerStatus.ACTIVE} for who, _ in prospects])


def _merged(row: Mapping[str, Any], values: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return what a known purchase becomes: a blank cell changes nothing, nor does it undo a delivery or an end."""
    merged = {name: row[name] if value in (None, "") else value for name, value in values.items()}
    if values["status"] in _ENDED.values():
        merged["ended_on"] = row["ended_on"] or today
    elif row["status"] in _ENDED.values():
        merged["status"] = row["status"]
    elif merged["delivered_on"] is not None:
        merged["status"] = PurchaseStatus.DELIVERED
    return merged


def _status(text: str, delivered_on: date | None) -> str:
    ended = _ENDED.get(text.strip().casefold())
    if ended is not None:
        return ended
    return PurchaseStatus.DELIVERED if delivered_on else PurchaseStatus.ORDERED
