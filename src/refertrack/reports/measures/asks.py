"""What becomes of requests: sent, answered, and what they brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Subquery, and_, func, select

from refertrack.reports import tables
from refertrack.reports.frame import Definition, Figure, Group, Raw, Value, View, merged
from refertrack.reports.groups import counted
from refertrack.reports.past import ask_state
from refertrack.reports.tally import spread, tally
from refertrack.rules.asks import no_response_before
from refertrack.rules.statistics import Rate, median
from refertrack.rules.words import AskState
from refertrack.store.dialect import days_between

_ask, _referral, _recommendation = tables.ask, tables.referral, tables.recommendation
PUBLIC_FORMS = ("linkedin", "review")

FIGURES = (
    Figure("sent", "sent", "requests that were sent in the period"),
    Figure("named", "named", "answered with a name or an introduction"),
    Figure("agreed", "agreed", "answered that they will do it"),
    Figure("no_one", "no one", "answered that no one comes to mind"),
    Figure("declined", "declined", "answered with a no"),
    Figure("no_response", "silent", "no answer 14 days after the day by which it was asked for"),
    Figure("waiting", "waiting", "not answered, and that day is not past", detail=True),
    Figure("ask_yield", "brought someone", "of the matured requests for a name or an introduction (their date and 14"
           " days more are past, answered or not), those with a referral", "rate", of=("with_referral", "matured")),
    Figure("public_yield", "reviews", "of the matured requests for a review or a LinkedIn recommendation, those with"
           " a recommendation on record", "rate", detail=True, of=("with_recommendation", "matured_public")),
    Figure("days_to_answer", "days to answer", "median days from sent to answered", "days", detail=True),
)  # fmt: skip


def measure(view: View) -> dict[Group, Raw]:
    """Count the requests that were sent in the period by what had become of them."""
    brought, told = _brought(view), _told(view)
    rows = _ask.outerjoin(brought, brought.c.ask_id == _ask.c.id).outerjoin(told, told.c.ask_id == _ask.c.id)
    state = ask_state(view.as_of)
    matured = _ask.c.time_specific < no_response_before(view.as_of)
    public = _ask.c.attainable.in_(PUBLIC_FORMS)
    counts = {
        "sent": func.count(),
        **{name: counted(state == name) for name in ("named", "agreed", "no_one", "declined", "no_response")},
        "waiting": counted(state == AskState.SENT),
        "matured": counted(and_(matured, ~public)),
        "with_referral": counted(and_(matured, ~public, brought.c.ask_id.is_not(None))),
        "matured_public": counted(and_(matured, public)),
        "with_recommendation": counted(and_(matured, public, told.c.ask_id.is_not(None))),
    }
    sent = (_ask.c.sent_on.between(view.period.since, view.as_of), _ask.c.state != AskState.CANCELLED)
    days = days_between(_ask.c.answered_on, _ask.c.sent_on)
    return merged(
        tally(view, rows, _ask.c.customer_id, counts, *sent),
        spread(view, _ask, _ask.c.customer_id, "days", days, *sent, _ask.c.answered_on <= view.as_of),
    )


def _brought(view: View) -> Subquery:
    return (
        select(_referral.c.ask_id)
        .where(_referral.c.ask_id.is_not(None), _referral.c.received_on <= view.as_of)
        .group_by(_referral.c.ask_id)
        .subquery("brought_by_ask")
    )


def _told(view: View) -> Subquery:
    return (
        select(_recommendation.c.ask_id)
        .where(_recommendation.c.ask_id.is_not(None), _recommendation.c.told_on <= view.as_of)
        .group_by(_recommendation.c.ask_id)
        .subquery("told_after_ask")
    )


def values(raw: Raw) -> Mapping[str, Value]:
    """Make the figures of the counts."""
    return {
        **{name: count for name, count in raw.items() if isinstance(count, int)},
        "ask_yield": Rate(raw["with_referral"], raw["matured"]),
        "public_yield": Rate(raw["with_recommendation"], raw["matured_public"]),
        "days_to_answer": median(raw.get("days", Counter())),
    }


DEFINITION = Definition(
    "asks", "Requests", FIGURES, measure, values, main="ask_yield", stands_out="answers requests with a name"
)
