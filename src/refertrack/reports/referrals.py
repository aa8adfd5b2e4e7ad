"""Who refers: asked, took part, referrals, won, by group (``docs/metrics.md`` defines each figure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Subquery, and_, case, func, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from refertrack.models.customers import Customer, CustomerStatusChange, CustomerTag, OptOut, Tag
from refertrack.models.listening import Feedback
from refertrack.models.referrals import Ask, Referral, ReferralEvent
from refertrack.rules.errors import BadValue
from refertrack.rules.periods import Period
from refertrack.rules.referrals import EXPIRES_AFTER_DAYS, OPEN_STATES
from refertrack.rules.statistics import Rate
from refertrack.rules.words import CustomerStatus, FeedbackKind, ReferralState
from refertrack.store.bulk import table_of

DIMENSIONS = ("segment", "source", "owner", "country", "tag", "month")
ACTIVE = (CustomerStatus.ACTIVE, CustomerStatus.DORMANT)
ALL = "all"

_customer, _status = table_of(Customer), table_of(CustomerStatusChange)
_ask, _referral, _event = table_of(Ask), table_of(Referral), table_of(ReferralEvent)
_opt_out, _feedback = table_of(OptOut), table_of(Feedback)
_tag, _customer_tag = table_of(Tag), table_of(CustomerTag)


@dataclass(frozen=True)
class ReferralRow:
    """One group's counts; the rates carry numerator, denominator and interval."""

    group: str
    customers: int = 0
    eligible: int = 0
    asked: int = 0
    took_part: int = 0
    referrals: int = 0
    won: int = 0
    still_open: int = 0

    @property
    def ask_rate(self) -> Rate:
        """Of the eligible, those asked in the period."""
        return Rate(self.asked, self.eligible)

    @property
    def participation(self) -> Rate:
        """Of the active customers, those who made a valid referral in the period."""
        return Rate(self.took_part, self.customers)

    @property
    def net_conversion(self) -> Rate:
        """Of the valid referrals, the won."""
        return Rate(self.won, self.referrals)


@dataclass(frozen=True)
class ReferralReport:
    """The groups in order, and all customers together (groups of many values need not sum to it)."""

    by: str
    period: Period
    rows: tuple[ReferralRow, ...]
    total: ReferralRow


def referral_report(connection: Connection, period: Period, by: str, today: date) -> ReferralReport:
    """Count who was asked, who took part and what became of it, for each group of customers.

    A group is the customer's (the referrer's) today. ``by`` month gives each month of the period as a
    period of its own.

    Raises:
        BadValue: there is no such dimension.

    """
    if by not in DIMENSIONS:
        raise BadValue(f'Referrals cannot be grouped by "{by}".', f"Say one of: {', '.join(DIMENSIONS)}.", field="by")
    total = _rows(connection, period, None, today)
    if by == "month":
        rows = [
            ReferralRow(f"{month.since:%Y-%m}", *_counts(row))
            for month in period.months()
            for row in _rows(connection, month, None, today)
        ]
    else:
        rows = _rows(connection, period, by, today)
    return ReferralReport(by, period, tuple(rows), total[0] if total else ReferralRow(ALL))


def _counts(row: ReferralRow) -> Sequence[int]:
    return (row.customers, row.eligible, row.asked, row.took_part, row.referrals, row.won, row.still_open)


def _rows(connection: Connection, period: Period, by: str | None, today: date) -> list[ReferralRow]:
    """Group first, then join: one row a customer from each side, then counts by group."""
    as_of = min(period.until, today)
    status, referred, asked = _status_at(as_of, today), _referred(period, as_of, today), _asked(period)
    opted_out, complaining = _opted_out(as_of), _complaining(as_of)
    group, source = _group(by)
    active = status.c.status.in_(ACTIVE)
    eligible = and_(active, opted_out.c.customer_id.is_(None), complaining.c.customer_id.is_(None))
    joined = (
        source.join(status, status.c.customer_id == _customer.c.id)
        .outerjoin(referred, referred.c.customer_id == _customer.c.id)
        .outerjoin(asked, asked.c.customer_id == _customer.c.id)
        .outerjoin(opted_out, opted_out.c.customer_id == _customer.c.id)
        .outerjoin(complaining, complaining.c.customer_id == _customer.c.id)
    )
    query = (
        select(
            group.label("name"),
            _count(active).label("customers"),
            _count(eligible).label("eligible"),
            _count(and_(eligible, asked.c.customer_id.is_not(None))).label("asked"),
            _count(and_(active, referred.c.customer_id.is_not(None))).label("took_part"),
            func.coalesce(func.sum(referred.c.referrals), 0).label("referrals"),
            func.coalesce(func.sum(referred.c.won), 0).label("won"),
            func.coalesce(func.sum(referred.c.still_open), 0).label("still_open"),
        )
        .select_from(joined)
        .where(_customer.c.merged_into.is_(None))
        .group_by(group)
    )
    if by is not None:
        query = query.order_by(func.lower(group), group)
    found = [ReferralRow(row[0] or "", *(int(value or 0) for value in row[1:])) for row in connection.execute(query)]
    return [row for row in found if by is None or row.customers or row.referrals]


def _group(by: str | None) -> tuple[ColumnElement[str], Any]:
    if by is None:
        return literal(ALL), _customer
    if by == "tag":
        tagged = _customer.join(_customer_tag, _customer_tag.c.customer_id == _customer.c.id)
        return _tag.c.name, tagged.join(_tag, _tag.c.id == _customer_tag.c.tag_id)
    return _customer.c[by], _customer


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _status_at(as_of: date, today: date) -> Subquery:
    """Return each customer's status on a day; one who was not there yet has none."""
    if as_of >= today:
        return select(_customer.c.id.label("customer_id"), _customer.c.status).subquery("status_at")
    ranked = (
        select(
            _status.c.customer_id,
            _status.c.status,
            func.row_number()
            .over(partition_by=_status.c.customer_id, order_by=(_status.c.since.desc(), _status.c.id.desc()))
            .label("place"),
        )
        .where(_status.c.since <= as_of)
        .subquery()
    )
    return select(ranked.c.customer_id, ranked.c.status).where(ranked.c.place == 1).subquery("status_at")


def _asked(period: Period) -> Subquery:
    return (
        select(_ask.c.customer_id)
        .where(_ask.c.sent_on.between(period.since, period.until))
        .group_by(_ask.c.customer_id)
        .subquery("asked")
    )


def _opted_out(as_of: date) -> Subquery:
    return (
        select(_opt_out.c.customer_id)
        .where(_opt_out.c.purpose.in_(["any", "referral"]), _opt_out.c.channel == "any", _opt_out.c.since <= as_of)
        .group_by(_opt_out.c.customer_id)
        .subquery("opted_out")
    )


def _complaining(as_of: date) -> Subquery:
    return (
        select(_feedback.c.customer_id)
        .where(
            _feedback.c.kind.in_([FeedbackKind.COMPLAINT, FeedbackKind.CLAIM]),
            _feedback.c.on_day <= as_of,
            or_(_feedback.c.resolved_on.is_(None), _feedback.c.resolved_on > as_of),
            _feedback.c.customer_id.is_not(None),
        )
        .group_by(_feedback.c.customer_id)
        .subquery("complaining")
    )


def _referred(period: Period, as_of: date, today: date) -> Subquery:
    """Return, for each referrer, the valid referrals of the period as they stood on a day."""
    if as_of >= today:
        state: Any = _referral.c.state
        moved_on: Any = _referral.c.moved_on
        source: Any = _referral
    else:
        latest = _latest_events(as_of)
        state, moved_on = latest.c.to_state, latest.c.on_day
        source = _referral.join(latest, latest.c.referral_id == _referral.c.id)
    fresh = moved_on >= as_of - timedelta(days=EXPIRES_AFTER_DAYS)
    return (
        select(
            _referral.c.referrer_id.label("customer_id"),
            func.count().label("referrals"),
            _count(state == ReferralState.WON).label("won"),
            _count(and_(state.in_(sorted(OPEN_STATES)), fresh)).label("still_open"),
        )
        .select_from(source)
        .where(_referral.c.received_on.between(period.since, period.until), state != ReferralState.DISQUALIFIED)
        .group_by(_referral.c.referrer_id)
        .subquery("referred")
    )


def _latest_events(as_of: date) -> Subquery:
    ranked = (
        select(
            _event.c.referral_id,
            _event.c.to_state,
            _event.c.on_day,
            func.row_number()
            .over(partition_by=_event.c.referral_id, order_by=(_event.c.on_day.desc(), _event.c.id.desc()))
            .label("place"),
        )
        .where(_event.c.on_day <= as_of)
        .subquery()
    )
    return select(ranked).where(ranked.c.place == 1).subquery("latest_event")
