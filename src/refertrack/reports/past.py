"""What was known on a day: the status of customers and the state of referrals and asks, today or in the past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, CompoundSelect, FromClause, Subquery, and_, case, func, or_, select, union

from refertrack.reports import tables
from refertrack.reports.frame import View
from refertrack.rules.asks import no_response_before
from refertrack.rules.periods import NEVER
from refertrack.rules.referrals import EXPIRES_AFTER_DAYS, OPEN_STATES
from refertrack.rules.words import AskState, CustomerStatus, FeedbackKind, ReferralState

ACTIVE = (CustomerStatus.ACTIVE, CustomerStatus.DORMANT)
GONE = (CustomerStatus.FORMER, CustomerStatus.ERASED)
COMPLAINTS = (FeedbackKind.COMPLAINT, FeedbackKind.CLAIM)

_customer, _status = tables.customer, tables.customer_status
_referral, _event = tables.referral, tables.referral_event
_opt_out, _feedback, _ask = tables.opt_out, tables.feedback, tables.ask


def active(view: View) -> ColumnElement[bool]:
    """Return the condition that customers were active or dormant on the day."""
    if view.as_of >= view.today:
        return _customer.c.status.in_(ACTIVE)
    latest = (
        select(_status.c.status)
        .where(_status.c.customer_id == _customer.c.id, _status.c.since <= view.as_of)
        .order_by(_status.c.since.desc(), _status.c.id.desc())
        .limit(1)
    )
    return latest.correlate(_customer).scalar_subquery().in_(ACTIVE)


def with_leaving(
    people: FromClause, view: View, customer_id: ColumnElement[int]
) -> tuple[FromClause, ColumnElement[date]]:
    """Return customers joined with the day on which they left; ``NEVER`` for those who have not by the view's day.

    Who bought before they were written down was a customer all the same.
    """
    status = _status_at(view.as_of)
    left = case((status.c.status.in_(GONE), status.c.since), else_=NEVER)
    return people.outerjoin(status, status.c.customer_id == customer_id), left


def _status_at(as_of: date) -> Subquery:
    place = func.row_number().over(
        partition_by=_status.c.customer_id, order_by=(_status.c.since.desc(), _status.c.id.desc())
    )
    ranked = (
        select(_status.c.customer_id, _status.c.status, _status.c.since, place.label("place"))
        .where(_status.c.since <= as_of)
        .subquery()
    )
    return (
        select(ranked.c.customer_id, ranked.c.status, ranked.c.since).where(ranked.c.place == 1).subquery("status_at")
    )


@dataclass(frozen=True)
class Known:
    """Referrals as they stood on a day: what to select from, the state, and the day it was reached.

    ``open`` holds for those that had no end yet and had not expired for want of a move.
    """

    rows: FromClause
    state: ColumnElement[str]
    moved_on: ColumnElement[date]
    open: ColumnElement[bool]

    @property
    def valid(self) -> ColumnElement[bool]:
        """Whether it counts: all but the disqualified."""
        return self.state != ReferralState.DISQUALIFIED


def referrals_known(as_of: date, today: date) -> Known:
    """Return the referrals as they stood on a day."""
    rows: FromClause = _referral
    state: ColumnElement[str] = _referral.c.state
    moved_on: ColumnElement[date] = _referral.c.moved_on
    if as_of < today:
        latest = _latest_events(as_of)
        state, moved_on = latest.c.to_state, latest.c.on_day
        rows = _referral.join(latest, latest.c.referral_id == _referral.c.id)
    fresh = moved_on >= as_of - timedelta(days=EXPIRES_AFTER_DAYS)
    return Known(rows, state, moved_on, and_(state.in_(sorted(OPEN_STATES)), fresh))


def _latest_events(as_of: date) -> Subquery:
    place = func.row_number().over(
        partition_by=_event.c.referral_id, order_by=(_event.c.on_day.desc(), _event.c.id.desc())
    )
    ranked = (
        select(_event.c.referral_id, _event.c.to_state, _event.c.on_day, place.label("place"))
        .where(_event.c.on_day <= as_of)
        .subquery()
    )
    return select(ranked).where(ranked.c.place == 1).subquery("latest_event")


def ask_state(as_of: date) -> ColumnElement[str]:
    """Return an ask's state on a day: not answered yet then, and no response 14 days after its date."""
    unanswered = or_(
        _ask.c.state.in_([AskState.DRAFT, AskState.SENT, AskState.NO_RESPONSE]), _ask.c.answered_on > as_of
    )
    waited = _ask.c.time_specific < no_response_before(as_of)
    return case((and_(unanswered, waited), AskState.NO_RESPONSE), (unanswered, AskState.SENT), else_=_ask.c.state)


def not_to_be_asked(as_of: date) -> CompoundSelect[int | None]:
    """The ids of customers who wanted no requests for referrals on any channel, or whose complaint was open."""
    opted_out = select(_opt_out.c.customer_id).where(
        _opt_out.c.purpose.in_(["any", "referral"]), _opt_out.c.channel == "any", _opt_out.c.since <= as_of
    )
    complaining = select(_feedback.c.customer_id).where(
        _feedback.c.kind.in_(COMPLAINTS),
        _feedback.c.on_day <= as_of,
        or_(_feedback.c.resolved_on.is_(None), _feedback.c.resolved_on > as_of),
        _feedback.c.customer_id.is_not(None),
    )
    return union(opted_out, complaining)
