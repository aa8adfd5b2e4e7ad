"""A customer does not want to hear from us: this way, or about this."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from refertrack.models.customers import Customer, OptOut
from refertrack.models.follow_ups import FollowUp
from refertrack.models.journal import Change
from refertrack.rules.errors import NotAllowed, NotFound
from refertrack.rules.gates import opted_out
from refertrack.rules.text import NAME_LIMIT, clean
from refertrack.rules.words import FollowUpState, OptOutChannel, OptOutPurpose
from refertrack.store import bulk, journal
from refertrack.workflows import customers
from refertrack.workflows.known import LIVE, Known


@dataclass(frozen=True)
class Gate:
    """An opt-out that was set or lifted, all that stand now, and the items that were closed with it."""

    customer: Customer
    channel: str
    purpose: str
    standing: tuple[OptOut, ...]
    closed: tuple[FollowUp, ...] = ()


def standing(session: Session, customer_id: int) -> tuple[OptOut, ...]:
    """Return a customer's opt-outs."""
    query = select(OptOut).where(OptOut.customer_id == customer_id).order_by(col(OptOut.id))
    return tuple(session.exec(query).all())


def put(
    session: Session, customer_id: int, channel: OptOutChannel, purpose: OptOutPurpose, *, source: str = ""
) -> Gate:
    """Close a channel or a purpose for a customer; the open items that it stops are cancelled.

    Raises:
        NotFound: there is no such customer.
        NotAllowed: it is closed already.

    """
    customer = customers.get(session, customer_id)
    if _find(session, customer_id, channel, purpose) is not None:
        raise NotAllowed(
            f"{customer.name} has opted out of that already ({channel}, {purpose}).",
            f"See: refertrack customer {customer.id}",
        )
    session.add(
        OptOut(
            customer_id=customer_id,
            channel=channel,
            purpose=purpose,
            since=journal.context_of(session).today,
            source=clean(source, field="source", limit=NAME_LIMIT),
        )
    )
    session.flush()
    closed = _close(session, customer_id)
    return Gate(customer, channel, purpose, standing(session, customer_id), closed)


def lift(session: Session, customer_id: int, channel: OptOutChannel, purpose: OptOutPurpose) -> Gate:
    """Open a channel or a purpose again; what was cancelled stays so.

    Raises:
        NotFound: there is no such customer, or no such opt-out.

    """
    customer = customers.get(session, customer_id)
    found = _find(session, customer_id, channel, purpose)
    if found is None:
        stand = "; ".join(
            f"--channel {each.channel} --purpose {each.purpose}" for each in standing(session, customer_id)
        )
        raise NotFound(
            f"{customer.name} has no such opt-out ({channel}, {purpose}).",
            f"There is: {stand}" if stand else f"See: refertrack customer {customer.id}",
        )
    session.delete(found)
    session.flush()
    return Gate(customer, channel, purpose, standing(session, customer_id))


def _find(session: Session, customer_id: int, channel: str, purpose: str) -> OptOut | None:
    same = (OptOut.customer_id == customer_id, OptOut.channel == channel, OptOut.purpose == purpose)
    return session.exec(select(OptOut).where(*same)).first()


def close_many(session: Session, customer_ids: Iterable[int]) -> int:
    """Cancel the live items of many customers that their opt-outs stop; return how many."""
    known = Known(session, journal.context_of(session), customer_ids)
    table = bulk.table_of(FollowUp)
    query = select(table.c.id, table.c.customer_id, table.c.channel, table.c.purpose)
    today, rows = known.context.today, []
    for some in bulk.in_lists(sorted(known.customers)):
        live = query.where(table.c.customer_id.in_(some), table.c.state.in_(LIVE))
        for number, customer_id, channel, purpose in session.connection().execute(live):
            if opted_out(known.opt_outs[customer_id], channel, purpose):
                rows.append({"id": number, "state": FollowUpState.CANCELLED, "closed_on": today, "reason": "opted out"})
    bulk.update(session, FollowUp, rows)
    return len(rows)


def keep_closed(session: Session, command_id: int) -> int:
    """Cancel the live items that a taking back has opened and an opt-out of today stops; return how many."""
    item, change, out = (bulk.table_of(model) for model in (FollowUp, Change, OptOut))
    if session.connection().execute(select(out.c.id).limit(1)).first() is None:
        return 0
    query = (
        select(out.c.customer_id)
        .join(item, item.c.customer_id == out.c.customer_id)
        .join(change, (change.c.row_id == item.c.id) & (change.c.table_name == item.name))
        .where(change.c.command_id == command_id, item.c.state.in_(LIVE))
        .distinct()
    )
    found = [row[0] for row in session.connection().execute(query)]
    return close_many(session, found) if found else 0


def _close(session: Session, customer_id: int) -> tuple[FollowUp, ...]:
    """Cancel the live items that the customer's opt-outs stop."""
    today = journal.context_of(session).today
    pairs = [(each.channel, each.purpose) for each in standing(session, customer_id)]
    query = select(FollowUp).where(FollowUp.customer_id == customer_id, col(FollowUp.state).in_(LIVE))
    closed = [item for item in session.exec(query).all() if opted_out(pairs, item.channel, item.purpose)]
    for item in closed:
        item.state, item.closed_on, item.reason = FollowUpState.CANCELLED, today, "opted out"
        session.add(item)
    session.flush()
    return tuple(closed)
