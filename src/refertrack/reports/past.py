"""What was known on a day: the status of customers and the state of referrals and asks, today or in the past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from refertrack.reports.frame import View
from refertrack.rules.asks import no_response_before
from refertrack.rules.periods import NEVER
from refertrack.rules.referrals import EXPIRES_AFTER_DAYS, OPEN_STATES
from refertrack.rules.words import AskState, CustomerStatus, FeedbackKind, ReferralState
from refertrack.store.dialect import day, listed

ACTIVE = listed(CustomerStatus.ACTIVE, CustomerStatus.DORMANT)
GONE = listed(CustomerStatus.FORMER, CustomerStatus.ERASED)
BY_REFERRAL = "referral"  # the source of customers whom a referral brought
COMPLAINTS = listed(FeedbackKind.COMPLAINT, FeedbackKind.CLAIM)


def active(view: View) -> str:
    """Return the condition that customers were active or dormant on the day."""
    if view.as_of >= view.today:
        return f"customer.status IN ({ACTIVE})"
    return (
        "(SELECT known.status FROM customer_status AS known WHERE known.customer_id = customer.id"
        f" AND known.since <= {day(view.as_of)} ORDER BY known.since DESC, known.id DESC LIMIT 1) IN ({ACTIVE})"
    )


def with_leaving(rows: str, view: View, customer_id: str) -> tuple[str, str]:
    """Return rows joined with the day on which their customers left; ``NEVER`` where they have not by the view's day.

    Who bought before they were written down was a customer all the same.
    """
    left = f"CASE WHEN status_at.status IN ({GONE}) THEN status_at.since ELSE {day(NEVER)} END"
    return f"{rows} LEFT JOIN {_status_at(view.as_of)} ON status_at.customer_id = {customer_id}", left


def _status_at(as_of: date) -> str:
    ranked = (
        "SELECT customer_id, status, since, row_number() OVER (PARTITION BY customer_id ORDER BY since DESC, id DESC)"
        f" AS place FROM customer_status WHERE since <= {day(as_of)}"
    )
    return f"(SELECT customer_id, status, since FROM ({ranked}) AS ranked WHERE place = 1) AS status_at"


@dataclass(frozen=True)
class Known:
    """Referrals as they stood on a day: what to select from, the state, and the day it was reached.

    ``open`` holds for those that had no end yet and had not expired for want of a move.
    """

    rows: str
    state: str
    moved_on: str
    open: str

    @property
    def valid(self) -> str:
        """Whether it counts: all but the disqualified."""
        return f"{self.state} <> '{ReferralState.DISQUALIFIED}'"

    @property
    def won(self) -> str:
        """Whether it was won."""
        return f"{self.state} = '{ReferralState.WON}'"


def referrals_known(as_of: date, today: date, *, later: bool = False) -> Known:
    """Return the referrals as they stood on a day; with ``later``, those received after it too, in no state."""
    rows, state, moved_on = "referral", "referral.state", "referral.moved_on"
    if as_of < today:
        state, moved_on = "latest_event.to_state", "latest_event.on_day"
        join = "LEFT JOIN" if later else "JOIN"
        rows = f"referral {join} {_latest_events(as_of)} ON latest_event.referral_id = referral.id"
    fresh = f"{moved_on} >= {day(as_of - timedelta(days=EXPIRES_AFTER_DAYS))}"
    return Known(rows, state, moved_on, f"({state} IN ({listed(*sorted(OPEN_STATES))}) AND {fresh})")


def _latest_events(as_of: date) -> str:
    ranked = (
        "SELECT referral_id, to_state, on_day, row_number() OVER (PARTITION BY referral_id ORDER BY on_day DESC,"
        f" id DESC) AS place FROM referral_event WHERE on_day <= {day(as_of)}"
    )
    return f"(SELECT referral_id, to_state, on_day FROM ({ranked}) AS ranked WHERE place = 1) AS latest_event"


def with_won_by_referral(rows: str, view: View, customer_id: str, name: str = "brought") -> tuple[str, str]:
    """Return rows joined with what referrals of their customers became, and the condition that one brought them.

    As known on the view's day. Where a customer has referrals on record they decide, so that a win taken back is
    none; where there are none, the source does.
    """
    known = referrals_known(view.as_of, view.today, later=True)
    brought = (
        f"(SELECT referral.customer_id, max(CASE WHEN {known.won} THEN 1 ELSE 0 END) AS won FROM {known.rows}"
        f" WHERE referral.customer_id IS NOT NULL GROUP BY referral.customer_id) AS {name}"
    )
    said = f"CASE WHEN customer.source = '{BY_REFERRAL}' THEN 1 ELSE 0 END"
    return f"{rows} LEFT JOIN {brought} ON {name}.customer_id = {customer_id}", f"coalesce({name}.won, {said}) = 1"


def ask_state(as_of: date) -> str:
    """Return an ask's state on a day: not answered yet then, and no response 14 days after its date."""
    unanswered = (
        f"(ask.state IN ({listed(AskState.DRAFT, AskState.SENT, AskState.NO_RESPONSE)})"
        f" OR ask.answered_on > {day(as_of)})"
    )
    waited = f"ask.time_specific < {day(no_response_before(as_of))}"
    return (
        f"CASE WHEN {unanswered} AND {waited} THEN '{AskState.NO_RESPONSE}' WHEN {unanswered} THEN '{AskState.SENT}'"
        " ELSE ask.state END"
    )


def not_to_be_asked(as_of: date) -> str:
    """Return the ids of customers who wanted no requests for referrals on any channel, or whose complaint was open."""
    return (
        "SELECT customer_id FROM opt_out WHERE purpose IN ('any', 'referral') AND channel = 'any'"
        f" AND since <= {day(as_of)}"
        f" UNION SELECT customer_id FROM feedback WHERE kind IN ({COMPLAINTS}) AND on_day <= {day(as_of)}"
        f" AND (resolved_on IS NULL OR resolved_on > {day(as_of)}) AND customer_id IS NOT NULL"
    )
