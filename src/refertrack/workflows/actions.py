"""Improvement actions: why, by whom, until when, and whether the figure moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from refertrack.models.listening import Action, Feedback
from refertrack.reports.figures import REASON, figure
from refertrack.rules.actions import Effect, Measured, windows
from refertrack.rules.dates import not_before
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.listening import COMPLAINTS, RESOLVABLE, quoted
from refertrack.rules.periods import Period
from refertrack.rules.schedule import Event
from refertrack.rules.text import NAME_LIMIT, NOTE_LIMIT, clean
from refertrack.store import journal
from refertrack.store.engine import session_reader
from refertrack.workflows import feedback, reasons, recovery
from refertrack.workflows.scheduling import Scheduled, trigger


@dataclass(frozen=True)
class NewAction:
    """An action as it is typed; one of ``because``, ``reason``, ``feedback_id`` and ``measure`` says why.

    Without a ``measure`` one for a reason is measured by how often that reason is given.
    """

    title: str
    because: str = ""
    reason: str = ""
    feedback_id: int | None = None
    measure: str = ""
    segment: str = ""
    owner: str = ""
    due_on: date | None = None
    incentive: str = ""


@dataclass(frozen=True)
class Begun:
    """An action that was added, and its figure as it stands."""

    action: Action
    before: Measured | None


@dataclass(frozen=True)
class Finished:
    """An action that was finished, what became of its figure, and who hears of it."""

    action: Action
    effect: Effect | None
    scheduled: Scheduled


def add(session: Session, new: NewAction) -> Begun:
    """Add an action, and measure its figure over the last 90 days.

    Raises:
        BadValue: it has no title or no cause, a reason, figure or segment is unknown, or it is due in the past.
        NotFound: there is no such feedback.
        NotAllowed: an action for that reason and segment is open.

    """
    context = journal.context_of(session)
    title = clean(new.title, field="title", limit=NAME_LIMIT)
    if not title:
        raise BadValue("What will be done?", 'Like this: refertrack add-action "call the day before" --because "…"')
    said = feedback.get(session, new.feedback_id) if new.feedback_id is not None else None
    reason = reasons.find(session, new.reason) if new.reason.strip() else None
    because = clean(new.because, field="because", limit=NOTE_LIMIT)
    measure = clean(new.measure, field="measure", limit=NAME_LIMIT).replace(":", " ")
    if reason is not None and not measure:
        measure = f"{REASON} {reason.words}"
    if not (because or said or measure):
        raise BadValue("Why? An action has a cause.", "Give --because, --reason, --feedback ID or --measure FIGURE.")
    if new.due_on is not None and new.due_on < context.today:
        raise BadValue(f"{new.due_on.isoformat()} is past.", "Give a day from today on.", field="due")
    segment = clean(new.segment, field="segment", limit=NAME_LIMIT)
    if reason is not None:
        _check_alone(session, reason.key, segment, reason.words)
    before = _measured(session, measure, windows(context.today, date.max)[0], segment) if measure else None
    action = Action(
        title=title,
        because=because or (said.words if said else reason.words if reason else ""),
        reason_id=reason.key if reason else None,
        feedback_id=said.key if said else None,
        segment=segment,
        owner=clean(new.owner, field="owner", limit=NAME_LIMIT) or context.author,
        staff_incentive=clean(new.incentive, field="incentive", limit=NOTE_LIMIT),
        added_on=context.today,
        due_on=new.due_on,
        measure=measure,
        before=before.text if before else "",
    )
    session.add(action)
    session.flush()
    return Begun(action, before)


def finish(session: Session, number: int, *, on: date | None = None) -> Finished:
    """Close an action: its figure is measured again, over as many days as before.

    The customer whose words caused it hears what was done; their idea or need is resolved with that.

    Raises:
        NotFound: there is no such action.
        NotAllowed: it is finished already.
        BadValue: the day has not come, or is before the action was added.

    """
    context = journal.context_of(session)
    action = get(session, number)
    if action.done_on is not None:
        raise NotAllowed(
            f"Action {number} was finished on {action.done_on.isoformat()}.", "See: refertrack actions --all"
        )
    day = on or context.today
    added_on = action.added_on or action.created_at.date()
    if day > context.today:
        raise BadValue(f"{day.isoformat()} has not come yet.", "Give the day on which it was finished.", field="on")
    if day < added_on:
        raise BadValue(
            f"{day.isoformat()} is before it was added, on {added_on.isoformat()}.",
            not_before(added_on, context.today),
            field="on",
        )
    effect = _effect(session, action, added_on, day)
    action.done_on = day
    if effect is not None:
        action.before, action.after = effect.before.text, effect.after.text
    session.add(action)
    session.flush()
    return Finished(action, effect, _tell(session, action, day))


def get(session: Session, number: int) -> Action:
    """Return an action by id.

    Raises:
        NotFound: there is none.

    """
    action = session.get(Action, number)
    if action is None:
        raise NotFound(f"There is no action {number}.", "See: refertrack actions")
    return action


def _check_alone(session: Session, reason_id: int, segment: str, words: str) -> None:
    query = select(Action).where(
        Action.reason_id == reason_id, Action.segment == segment, col(Action.done_on).is_(None)
    )
    standing = session.exec(query).first()
    if standing is not None:
        group = f" in {segment}" if segment else ""
        raise NotAllowed(
            f'Action {standing.key} is open for "{words}"{group}: {standing.title}.',
            f"Finish it first: refertrack finish-action {standing.key}",
        )


def _measured(session: Session, measure: str, period: Period, segment: str) -> Measured:
    today = journal.context_of(session).today
    return Measured(figure(session_reader(session), measure, period, today, segment), period)


def _effect(session: Session, action: Action, added_on: date, day: date) -> Effect | None:
    """Measure before and after; nothing where there is no figure, or no day has passed to measure."""
    if not action.measure or not action.before or day <= added_on:
        return None
    before, after = windows(added_on, day)
    measured = [_measured(session, action.measure, period, action.segment) for period in (before, after)]
    return Effect(measured[0], measured[1])


def _tell(session: Session, action: Action, day: date) -> Scheduled:
    said = session.get(Feedback, action.feedback_id) if action.feedback_id is not None else None
    if said is None or said.customer_id is None or said.kind not in RESOLVABLE:
        return Scheduled()
    if said.kind not in COMPLAINTS and said.resolved_on is None:
        return recovery.resolve(session, said.key, action.title, on=max(day, said.on_day)).scheduled
    event = Event("idea_done", said.customer_id, day, "action", action.key, quoted(said.words), action.owner)
    return trigger(session, [event])
