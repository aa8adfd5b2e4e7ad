"""What answers to the survey bring about: one way for a single interview and for a form's ten thousand rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp, FollowUpAnchor
from refertrack.models.listening import Feedback
from refertrack.models.referrals import Recommendation
from refertrack.reports.readiness_facts import facts
from refertrack.rules.listening import COMPLAINTS, quoted
from refertrack.rules.readiness import Verdict, judge
from refertrack.rules.schedule import Event, is_past
from refertrack.rules.surveys import Answers, Meaning, because, delights, lowest_question, meaning, unsaid
from refertrack.rules.words import Direction, FeedbackKind, FollowUpState, Origin, Purpose, TouchChannel
from refertrack.store import bulk, journal
from refertrack.store.engine import session_reader
from refertrack.workflows import holds, touches
from refertrack.workflows.feedback import about_to_ask
from refertrack.workflows.scheduling import LIVE, Scheduled, trigger
from refertrack.workflows.touches import NewTouch

# Who answers again within so many days is thanked once.
THANKED_DAYS = 14
STEPS = {Meaning.HIGH: "ask", Meaning.THREE: "five"}


@dataclass(frozen=True)
class Answered:
    """A survey that was answered: its row's id, whose it is, when, and what was said."""

    survey_id: int
    customer_id: int
    purchase_id: int | None
    on: date
    answers: Answers


@dataclass
class Followed:
    """What became of answers: complaints by survey, what is to be done, and what was held or closed."""

    complaints: dict[int, int] = field(default_factory=dict)
    open_before: dict[int, int] = field(default_factory=dict)
    held: int = 0
    closed: int = 0
    scheduled: Scheduled = field(default_factory=Scheduled)


def follow(session: Session, answered: Sequence[Answered], *, contacts: bool = True) -> Followed:
    """Draw the consequences of answers.

    Every answer is a contact both ways and gets the same letter of thanks, once in a fortnight. "I recommended
    you" is a recommendation on record. A low answer opens a complaint with a recovery call, unless one is open; a 3
    calls for a call; where every answer is 4 or 5 and the customer is ready, a referral is asked for. What
    is more than 30 days past brings no complaint and no work.
    """
    found = Followed()
    if contacts:
        _record_contacts(session, answered)
    found.closed = _close_invitations(session, answered)
    opened = _open_complaints(session, answered, found)
    asking = _asking(session, [row for row in answered if _delights(row.answers)])
    thanking = _thanking(session, answered, asking)
    events = [*opened, *(_event(session, row, asking, thanking) for row in answered)]
    found.scheduled = trigger(session, events)
    return found


def _delights(answers: Answers) -> bool:
    return delights(answers.lowest, answers.would_recommend)


def _event(session: Session, row: Answered, asking: set[int], thanking: set[int]) -> Event:
    form = journal.context_of(session).business.survey
    means = meaning(row.answers.lowest)
    skip = {"thanks", "ask", "five"} - {STEPS.get(means, "")}
    if row.survey_id not in asking:
        skip |= {"ask"}
    if row.survey_id in thanking:
        skip -= {"thanks"}
    words = because(row.answers, form, row.on)
    return Event("survey_answered", row.customer_id, row.on, "survey", row.survey_id, words, skip=frozenset(skip))


def _record_contacts(session: Session, answered: Sequence[Answered]) -> None:
    touches.record_many(
        session,
        (
            (
                row.customer_id,
                NewTouch(
                    TouchChannel.SURVEY,
                    two_way=True,
                    direction=Direction.IN,
                    on_day=row.on,
                    note=quoted(row.answers.said),
                ),
            )
            for row in answered
        ),
    )
    told = [
        {"customer_id": row.customer_id, "told_on": row.on, "whom": row.answers.whom, "source": "word"}
        for row in answered
        if row.answers.has_recommended
    ]
    rows = [{"id": number, **row} for row, number in zip(told, _ids(session, Recommendation, told), strict=True)]
    bulk.insert(session, Recommendation, rows)


def _ids(session: Session, model: type[Any], rows: Sequence[Any]) -> Sequence[int]:
    return bulk.allocate(session, model, len(rows))


def _close_invitations(session: Session, answered: Sequence[Answered]) -> int:
    """Close live invitations of those who have answered: they are not asked again."""
    context = journal.context_of(session)
    latest: dict[int, date] = {}
    for row in answered:
        latest[row.customer_id] = max(row.on, latest.get(row.customer_id, row.on))
    session.flush()
    table = bulk.table_of(FollowUp)
    query = select(table.c.id, table.c.customer_id, table.c.due_on).where(
        table.c.state.in_(LIVE), table.c.purpose == Purpose.SURVEY
    )
    closed = [
        {
            "id": item["id"],
            "state": FollowUpState.CANCELLED,
            "closed_on": context.today,
            "reason": f"answered on {latest[item['customer_id']].isoformat()}",
        }
        for some in bulk.in_lists(latest)
        for item in session.connection().execute(query.where(table.c.customer_id.in_(some))).mappings()
        if (item["due_on"] - latest[item["customer_id"]]).days < context.business.survey.throttle_days
    ]
    bulk.update(session, FollowUp, closed)
    return len(closed)


def _open_complaints(session: Session, answered: Sequence[Answered], found: Followed) -> list[Event]:
    """Open a complaint for each customer whose latest answers are low, unless one is open."""
    context = journal.context_of(session)
    low = {
        row.customer_id: row
        for row in sorted(answered, key=lambda row: row.on)
        if meaning(row.answers.lowest) is Meaning.LOW and not is_past(row.on, context.today)
    }
    found.open_before = _complaining(session, low)
    rows: list[dict[str, Any]] = []
    events = []
    new = [row for who, row in low.items() if who not in found.open_before]
    owners = _owners(session, new)
    for row, number in zip(new, bulk.allocate(session, Feedback, len(new)), strict=True):
        question = lowest_question(row.answers, context.business.survey)
        owner = owners[row.customer_id] or context.author
        found.complaints[row.survey_id] = number
        rows.append(
            {
                "id": number,
                "customer_id": row.customer_id,
                "purchase_id": row.purchase_id,
                "survey_id": row.survey_id,
                "kind": FeedbackKind.COMPLAINT,
                "origin": Origin.CUSTOMER,
                "on_day": row.on,
                "words": row.answers.said or unsaid(question, row.answers.lowest),
                "process": question,
                "owner": owner,
            }
        )
        words = because(row.answers, context.business.survey, row.on)
        skip = frozenset({"acknowledge"})
        events.append(Event("complaint", row.customer_id, row.on, "feedback", number, words, owner, skip))
    bulk.insert(session, Feedback, rows)
    found.held = holds.hold(session, [row["customer_id"] for row in rows])
    return events


def _complaining(session: Session, customer_ids: Any) -> dict[int, int]:
    """Return the customers who have a complaint or claim that is not put right, with its id."""
    table = bulk.table_of(Feedback)
    query = select(table.c.customer_id, table.c.id).where(
        table.c.kind.in_(COMPLAINTS), table.c.resolved_on.is_(None), table.c.confirmed_on.is_(None)
    )
    return {
        who: number
        for some in bulk.in_lists(customer_ids)
        for who, number in session.connection().execute(query.where(table.c.customer_id.in_(some)))
    }


def _owners(session: Session, rows: Sequence[Answered]) -> dict[int, str]:
    table = bulk.table_of(Customer)
    return {
        number: owner
        for some in bulk.in_lists([row.customer_id for row in rows])
        for number, owner in session.connection().execute(select(table.c.id, table.c.owner).where(table.c.id.in_(some)))
    }


def _asking(session: Session, rows: Sequence[Answered]) -> set[int]:
    """Return the answers after which to ask for a referral: the last one of each customer who is ready for it."""
    context = journal.context_of(session)
    ids = sorted({row.customer_id for row in rows if not is_past(row.on, context.today)})
    known = facts(session_reader(session), context.today, ids)
    ready = {who for who in ids if who in known and judge(known[who], context.today).verdict is Verdict.ASK_NOW}
    wanted = ready - about_to_ask(session, ready)
    last = {row.customer_id: row.survey_id for row in sorted(rows, key=lambda row: (row.on, row.survey_id))}
    return {survey for who, survey in last.items() if who in wanted}


def _thanking(session: Session, answered: Sequence[Answered], asking: set[int]) -> set[int]:
    """Return the answers that get a letter of thanks of their own: one for all that a customer gave in a fortnight.

    What asks for a referral thanks as well.
    """
    thanked = _thanked(session, {row.customer_id for row in answered})
    found = set()
    for row in sorted(answered, key=lambda row: (row.survey_id not in asking, -row.on.toordinal(), -row.survey_id)):
        days = thanked[row.customer_id]
        near = any(abs((row.on - day).days) <= THANKED_DAYS for day in days)
        if row.survey_id not in asking and not near:
            found.add(row.survey_id)
        days.append(row.on)
    return found


def _thanked(session: Session, customer_ids: Collection[int]) -> dict[int, list[date]]:
    """Return the days of answers for which a letter of thanks is due, or has gone out."""
    table, anchor = bulk.table_of(FollowUp), bulk.table_of(FollowUpAnchor)
    query = (
        select(table.c.customer_id, anchor.c.anchor_on)
        .join(anchor, anchor.c.follow_up_id == table.c.id)
        .where(
            table.c.playbook == "survey_answered",
            table.c.step.in_(("thanks", "ask")),
            table.c.state.in_((*LIVE, FollowUpState.DONE)),
        )
    )
    found: dict[int, list[date]] = {number: [] for number in customer_ids}
    for some in bulk.in_lists(sorted(customer_ids)):
        for number, day in session.connection().execute(query.where(table.c.customer_id.in_(some))):
            found[number].append(day)
    return found
