"""What customers and staff tell us: heard, answered, put right, and asked whether it is right now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, select

from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp
from refertrack.models.listening import Feedback
from refertrack.models.sales import Product, Purchase
from refertrack.reports.readiness import readiness_of
from refertrack.rules.dates import not_before
from refertrack.rules.errors import Ambiguous, BadValue, NotAllowed, NotFound
from refertrack.rules.listening import COMPLAINTS, RESOLVABLE, check_scale, quoted
from refertrack.rules.money import Money
from refertrack.rules.readiness import Verdict
from refertrack.rules.schedule import Event
from refertrack.rules.text import NAME_LIMIT, NOTE_LIMIT, clean
from refertrack.rules.words import Direction, FeedbackKind, Origin, PurchaseStatus, TouchChannel
from refertrack.store import bulk, journal
from refertrack.store.engine import session_reader
from refertrack.workflows import customers, holds, touches
from refertrack.workflows.purchases import words_for
from refertrack.workflows.scheduling import LIVE, Scheduled, trigger
from refertrack.workflows.touches import NewTouch


@dataclass(frozen=True)
class NewFeedback:
    """What was said, as it is typed.

    ``recovery`` says that a low answer or a "not ok" brought it to light: the customer is called on the next
    day, which is the acknowledgement too, and the contact is on record already.
    """

    words: str
    on_day: date | None = None
    purchase_id: int | None = None
    survey_id: int | None = None
    process: str = ""
    severity: int | None = None
    importance: int | None = None
    performance: int | None = None
    cost: Money | None = None
    owner: str = ""
    praised: str = ""
    origin: Origin = Origin.CUSTOMER
    recovery: bool = False
    because: str = ""


@dataclass(frozen=True)
class Heard:
    """Feedback that was recorded or moved on, the customer whose it is, what follows, and what to know of it."""

    feedback: Feedback
    customer: Customer | None
    scheduled: Scheduled = field(default_factory=Scheduled)
    notes: tuple[str, ...] = ()


def complain(session: Session, customer_id: int, new: NewFeedback) -> Heard:
    """Record a complaint; until it is put right and a week more, nothing asks or sells.

    Raises:
        NotFound: there is no such customer, or the purchase is not theirs.
        BadValue: it says nothing, a number is not on its scale, or its day cannot be.

    """
    return _open(session, customer_id, FeedbackKind.COMPLAINT, new)


def claim(session: Session, customer_id: int, new: NewFeedback) -> Heard:
    """Record a claim under guarantee; one after the guarantee's end is recorded with a note that says so.

    Raises:
        NotFound: there is no such customer, or the purchase is not theirs.
        Ambiguous: several purchases are under guarantee, and none is named.
        BadValue: it says nothing, a number is not on its scale, or its day cannot be.

    """
    return _open(session, customer_id, FeedbackKind.CLAIM, new)


def compliment(session: Session, customer_id: int, new: NewFeedback) -> Heard:
    """Record a compliment: say thanks on the same day and, if the customer is ready, ask for a referral.

    Raises:
        NotFound: there is no such customer, or the purchase is not theirs.
        BadValue: it says nothing, or its day cannot be.

    """
    customer = customers.get(session, customer_id)
    row = _record(session, FeedbackKind.COMPLIMENT, new, customer)
    ready = is_ready(session, customer.key) and customer.key not in about_to_ask(session, [customer.key])
    event = _event(row, "compliment", row.on_day, skip=frozenset({"thanks" if ready else "ask"}))
    return Heard(row, customer, trigger(session, [event]))


def share(session: Session, kind: FeedbackKind, new: NewFeedback, customer_id: int | None = None) -> Heard:
    """Record an idea, a gap between wish and performance, or a remarkable deed.

    Raises:
        NotFound: there is no such customer.
        BadValue: it says nothing, a number is not on its scale, or its day cannot be.

    """
    customer = customers.get(session, customer_id) if customer_id is not None else None
    return Heard(_record(session, kind, new, customer), customer)


def is_ready(session: Session, customer_id: int) -> bool:
    """Whether a customer can be asked for a referral now."""
    today = journal.context_of(session).today
    return readiness_of(session_reader(session), customer_id, today).verdict is Verdict.ASK_NOW


def about_to_ask(session: Session, customer_ids: Iterable[int]) -> set[int]:
    """Return the customers whom an item already says to thank and ask: they are not asked twice."""
    session.flush()
    table = bulk.table_of(FollowUp)
    query = select(table.c.customer_id).where(
        table.c.step == "ask", table.c.playbook.in_(("compliment", "survey_answered")), table.c.state.in_(LIVE)
    )
    return {
        row[0]
        for some in bulk.in_lists(customer_ids)
        for row in session.connection().execute(query.where(table.c.customer_id.in_(some)))
    }


def get(session: Session, number: int) -> Feedback:
    """Return feedback by id.

    Raises:
        NotFound: there is none.

    """
    row = session.get(Feedback, number)
    if row is None:
        raise NotFound(f"There is no feedback {number}.", "See: refertrack feedback")
    return row


def open_complaint(session: Session, customer_id: int) -> Feedback | None:
    """Return the customer's oldest complaint or claim that is not put right, if there is one."""
    return session.exec(
        select(Feedback)
        .where(
            Feedback.customer_id == customer_id,
            col(Feedback.kind).in_(COMPLAINTS),
            col(Feedback.resolved_on).is_(None),
            col(Feedback.confirmed_on).is_(None),
        )
        .order_by(col(Feedback.on_day), col(Feedback.id))
    ).first()


def _open(session: Session, customer_id: int, kind: FeedbackKind, new: NewFeedback) -> Heard:
    customer = customers.get(session, customer_id)
    notes: tuple[str, ...] = ()
    purchase_id = new.purchase_id
    if kind == FeedbackKind.CLAIM:
        purchase_id, notes = _claimed(session, customer, new)
    row = _record(session, kind, new, customer, purchase_id)
    held = holds.hold(session, [customer.key])
    if held:
        notes = (*notes, f"{held} other item{'s' if held > 1 else ''} held until it is put right")
    skip = frozenset({"acknowledge" if new.recovery else "recovery"})
    event = _event(row, "complaint", row.on_day, because=new.because, skip=skip)
    return Heard(row, customer, trigger(session, [event]), notes)


def _record(
    session: Session, kind: FeedbackKind, new: NewFeedback, customer: Customer | None, purchase_id: int | None = None
) -> Feedback:
    context = journal.context_of(session)
    words = clean(new.words, field="words", limit=NOTE_LIMIT)
    if not words:
        raise BadValue("What was said? The words are missing.", f'Like this: refertrack {_example(kind)} "…"')
    day = new.on_day or context.today
    if day > context.today:
        raise BadValue(f"{day.isoformat()} has not come yet.", "Give the day on which it was said.", field="on")
    row = Feedback(
        customer_id=customer.key if customer else None,
        purchase_id=_purchase_of(session, customer, purchase_id or new.purchase_id, day),
        survey_id=new.survey_id,
        kind=kind,
        origin=new.origin,
        on_day=day,
        words=words,
        process=clean(new.process, field="process", limit=NAME_LIMIT),
        severity=check_scale(new.severity, "severity", 1, 5),
        importance=check_scale(new.importance, "importance", 0, 5),
        performance=check_scale(new.performance, "performance", 0, 5),
        cost_minor=new.cost.amount_minor if new.cost else None,
        currency=new.cost.currency if new.cost else "",
        owner=clean(new.owner, field="owner", limit=NAME_LIMIT),
        praised=clean(new.praised, field="praised", limit=NAME_LIMIT),
    )
    session.add(row)
    session.flush()
    if customer and not new.recovery and new.origin == Origin.CUSTOMER and kind != FeedbackKind.REMARKABLE:
        touch = NewTouch(TouchChannel.NOTE, two_way=True, direction=Direction.IN, on_day=day, note=quoted(words))
        touches.record(session, customer.key, touch)
    return row


def _example(kind: FeedbackKind) -> str:
    return {
        FeedbackKind.COMPLAINT: "complain CUSTOMER",
        FeedbackKind.IDEA: "idea",
        FeedbackKind.REMARKABLE: "remarkable",
    }.get(kind, f"{kind} CUSTOMER")


def _event(row: Feedback, name: str, on: date, *, because: str = "", skip: frozenset[str] = frozenset()) -> Event:
    words = because or " ".join(part for part in (row.process, quoted(row.words)) if part)
    return Event(name, row.customer_id or 0, on, "feedback", row.key, words, row.owner, skip)


def _purchase_of(session: Session, customer: Customer | None, purchase_id: int | None, day: date) -> int | None:
    """See that a purchase is the customer's own, and that it was made before it was spoken of."""
    if purchase_id is None:
        return None
    purchase = session.get(Purchase, purchase_id)
    if purchase is None or customer is None or purchase.customer_id != customer.key:
        whose = customer.name if customer else "Nobody"
        raise NotFound(f"{whose} has no purchase {purchase_id}.", "See: refertrack customer CUSTOMER")
    if day < purchase.ordered_on:
        raise BadValue(
            f"{day.isoformat()} is before purchase {purchase_id}, ordered on {purchase.ordered_on.isoformat()}.",
            f"Correct --purchase. {not_before(purchase.ordered_on, journal.context_of(session).today)}",
            field="on",
        )
    return purchase.key


def _claimed(session: Session, customer: Customer, new: NewFeedback) -> tuple[int | None, tuple[str, ...]]:
    """Return the purchase that a claim is about, and what to know of its guarantee."""
    day = new.on_day or journal.context_of(session).today
    bought = session.exec(
        select(Purchase)
        .where(Purchase.customer_id == customer.key, Purchase.status == PurchaseStatus.DELIVERED)
        .order_by(col(Purchase.delivered_on).desc(), col(Purchase.id).desc())
    ).all()
    purchase = next((row for row in bought if row.key == new.purchase_id), None)
    if new.purchase_id is None:
        covered = [row for row in bought if row.guarantee_until and row.guarantee_until >= day]
        if len(covered) > 1:
            raise Ambiguous(
                f"{customer.name} has {len(covered)} purchases under guarantee:",
                "Say which: --purchase ID",
                candidates=tuple((row.key, f"{_what(session, row)}, delivered {row.delivered_on}") for row in covered),
            )
        purchase = covered[0] if covered else bought[0] if bought else None
    if purchase is None:
        return new.purchase_id, ("no delivered purchase is on record for it",)
    if purchase.guarantee_until is None:
        return purchase.key, (f"no guarantee is on record for {_what(session, purchase)}",)
    if purchase.guarantee_until < day:
        return purchase.key, (f"after the guarantee's end on {purchase.guarantee_until.isoformat()}",)
    return purchase.key, ()


def _what(session: Session, purchase: Purchase) -> str:
    product = session.get(Product, purchase.product_id) if purchase.product_id else None
    return words_for(product, purchase)


def check_resolvable(row: Feedback) -> None:
    """See that something can be put right or into practice.

    Raises:
        NotAllowed: it is a compliment or a remarkable deed.

    """
    if row.kind not in RESOLVABLE:
        raise NotAllowed(
            f"Feedback {row.key} is a {row.kind}: there is nothing to resolve.",
            f"Answered or praised: refertrack acknowledge {row.key} · see: refertrack feedback --kind complaint",
        )
