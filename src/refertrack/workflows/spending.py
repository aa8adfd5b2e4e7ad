"""What winning and keeping customers costs, by month and channel: as typed, or from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, select

from refertrack.models.sales import Spend
from refertrack.reports.spelling import look
from refertrack.rules.errors import BadValue, RefertrackError
from refertrack.rules.import_words import meant
from refertrack.rules.money import MOST, Money, check_currency, parse_money
from refertrack.rules.months import parse_month
from refertrack.rules.names import key
from refertrack.rules.text import NAME_LIMIT, clean
from refertrack.rules.words import SpendKind
from refertrack.store import journal
from refertrack.store.engine import session_reader
from refertrack.workflows.imports import (
    Imported,
    Line,
    Lines,
    SourceFile,
    date_order,
    finish_batch,
    read_day,
    start_batch,
)

Place = tuple[date, str, str, str]  # month, the channel's key, kind, currency


@dataclass(frozen=True)
class Spent:
    """A month's spending in a channel as it stands now, and what stood there before (None where nothing did)."""

    spend: Spend
    before: int | None


def add(session: Session, month: date, channel: str, amount: Money, kind: str, *, instead: bool = False) -> Spent:
    """Record what was spent; more in the same month and channel adds up, or takes its place with ``instead``.

    The channel is spelt as customers' sources are, else as in earlier spending, where only capitals differ.

    Raises:
        BadValue: the month has not come yet, the channel has no name, or the sum is too large.

    """
    _check_month(month, journal.context_of(session).today)
    words = _Channels(session).read(channel)
    row = _found(session, month).get((month, key(words), kind, amount.currency))
    before = row.amount_minor if row else None
    total = amount.amount_minor + (0 if instead else before or 0)
    if total >= MOST:
        raise BadValue("The sum is too large an amount.", "Check the digits.", field="amount")
    if row is None:
        row = Spend(month=month, channel=words, kind=kind, amount_minor=total, currency=amount.currency)
    row.amount_minor = total
    session.add(row)
    session.flush()
    return Spent(row, before)


def import_spend(session: Session, lines: Lines, file: SourceFile, *, strict: bool = False) -> Imported:
    """Take a file's rows for what each month's channel cost in all: rows of one month and channel are added up.

    The sums take the place of what stood there, so the same file twice changes nothing.
    Channels are spelt as in ``add``.

    Raises:
        BadValue: ``strict``, and a row is bad.

    """
    context = journal.context_of(session)
    result = Imported()
    batch = start_batch(session, "spend", file)
    order = date_order(lines, ("month",), context.business.date_order)
    sums: dict[Place, tuple[str, int, int]] = {}
    channels = _Channels(session)
    for line in lines():
        result.read += 1
        try:
            place, channel, amount = _read(line, order, context.today, context.business.currency, channels)
            words, total, rows = sums.get(place, (channel, 0, 0))
            if total + amount >= MOST:
                raise BadValue("amount: the sum is too large an amount.", field="amount")
            sums[place] = (words, total + amount, rows + 1)
        except RefertrackError as error:
            result.reject(line, error, strict=strict)
    _replace(session, sums, result)
    finish_batch(session, batch, result)
    return result


def _replace(session: Session, sums: dict[Place, tuple[str, int, int]], result: Imported) -> None:
    found = _found(session)
    for place, (words, total, rows) in sorted(sums.items()):
        row = found.get(place)
        if row is None:
            month, _, kind, currency = place
            session.add(Spend(month=month, channel=words, kind=kind, amount_minor=total, currency=currency))
            result.added += rows
        elif row.amount_minor == total:
            result.unchanged += rows
        else:
            row.amount_minor = total
            session.add(row)
            result.updated += rows
    session.flush()


def _read(line: Line, order: str, today: date, currency: str, channels: _Channels) -> tuple[Place, str, int]:
    if line.problem:
        raise BadValue(line.problem)
    given = line.values
    for name in ("month", "channel", "amount"):
        if not given.get(name, "").strip():
            raise BadValue(f"{name}: it is blank.", field=name)
    try:
        month = parse_month(given["month"], today)
    except BadValue:
        month = read_day(given["month"], order, "month").replace(day=1)
    _check_month(month, today)
    channel = channels.read(given["channel"])
    code = check_currency(given["currency"]) if given.get("currency") else currency
    kind = meant("spend", given["kind"], "kind") if given.get("kind") else SpendKind.WINNING.value
    return (month, key(channel), kind, code), channel, parse_money(given["amount"], code, field="amount").amount_minor


def _check_month(month: date, today: date) -> None:
    if month > today:
        raise BadValue(f"{month:%Y-%m} has not come yet.", "Record what was spent, not what is planned.", field="month")


class _Channels:
    """How channels are spelt here, so that what was spent stands beside the customers it won."""

    def __init__(self, session: Session) -> None:
        self.reader = session_reader(session)
        self.read_before: dict[str, str] = {}
        self.spelt: dict[str, str] = {}  # the first spelling of those that are new

    def read(self, text: str) -> str:
        """Return a channel as it is spelt here.

        Raises:
            BadValue: it has no name, or one that is none.

        """
        words = clean(text, field="channel", limit=NAME_LIMIT)
        if not words:
            raise BadValue("The spending needs a channel.", "Like this: refertrack add-spend 2026-11 adverts 300")
        if words not in self.read_before:
            known = (look(self.reader, group, words)[0] for group in ("source", "channel"))
            found = next((each for each in known if each is not None), None)
            self.read_before[words] = found or self.spelt.setdefault(key(words), words)
        return self.read_before[words]


def _found(session: Session, month: date | None = None) -> dict[Place, Spend]:
    query = select(Spend) if month is None else select(Spend).where(Spend.month == month)
    rows: Sequence[Spend] = session.exec(query).all()
    return {(row.month, key(row.channel), row.kind, row.currency): row for row in rows}
