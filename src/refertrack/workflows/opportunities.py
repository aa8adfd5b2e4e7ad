"""What is in a customer's way: the issue, its impact, its importance, and what its solution is worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from refertrack.models.customers import Customer
from refertrack.models.listening import Opportunity
from refertrack.rules.dates import not_before
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.money import Money
from refertrack.rules.text import NOTE_LIMIT, clean
from refertrack.rules.words import OpportunityState
from refertrack.store import journal
from refertrack.workflows import customers


@dataclass(frozen=True)
class NewOpportunity:
    """An opportunity as it is typed; ``importance`` is the customer's, 0 to 5."""

    issue: str
    impact: str = ""
    importance: int = 3
    value: Money | None = None
    on_day: date | None = None


@dataclass(frozen=True)
class Noted:
    """An opportunity and the customer whose it is."""

    opportunity: Opportunity
    customer: Customer


def add(session: Session, customer_id: int, new: NewOpportunity) -> Noted:
    """Note what is in a customer's way.

    Raises:
        NotFound: there is no such customer.
        BadValue: the issue is missing, the importance is off its scale, or the day has not come.

    """
    context = journal.context_of(session)
    customer = customers.get(session, customer_id)
    issue = clean(new.issue, field="issue", limit=NOTE_LIMIT)
    if not issue:
        raise BadValue("The issue is missing.", 'Like this: --issue "loses two hours a day on invoices"', field="issue")
    if not 0 <= new.importance <= 5:
        raise BadValue(f"{new.importance} is not on the scale.", "Give 0 (none) to 5 (highest).", field="importance")
    day = new.on_day or context.today
    if day > context.today:
        raise BadValue(f"{day.isoformat()} has not come yet.", "Give the day on which you learned of it.", field="on")
    row = Opportunity(
        customer_id=customer.key,
        on_day=day,
        issue=issue,
        impact=clean(new.impact, field="impact", limit=NOTE_LIMIT),
        importance=new.importance,
        value_minor=new.value.amount_minor if new.value else None,
        currency=new.value.currency if new.value else "",
    )
    session.add(row)
    session.flush()
    return Noted(row, customer)


def close(session: Session, number: int, state: OpportunityState, *, on: date | None = None) -> Noted:
    """Close an opportunity as won or lost.

    Raises:
        NotFound: there is none.
        NotAllowed: it is closed already.
        BadValue: the day is before it was noted, or has not come.

    """
    row = session.get(Opportunity, number)
    if row is None:
        raise NotFound(f"There is no opportunity {number}.", "See: refertrack opportunities")
    if row.state != OpportunityState.OPEN:
        raise NotAllowed(f"Opportunity {number} is {row.state} already.", "Take that back: refertrack undo")
    today = journal.context_of(session).today
    day = on or today
    if day > today:
        raise BadValue(f"{day.isoformat()} has not come yet.", "Give the day on which it was closed.", field="on")
    if day < row.on_day:
        words = f"{day.isoformat()} is before it was noted, on {row.on_day.isoformat()}."
        raise BadValue(words, not_before(row.on_day, today), field="on")
    row.state, row.closed_on = state, day
    session.add(row)
    session.flush()
    return Noted(row, customers.get(session, row.customer_id))
