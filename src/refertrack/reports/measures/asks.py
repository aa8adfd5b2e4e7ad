"""What becomes of requests: sent, answered, and what they brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from refertrack.reports.asks import MADE
from refertrack.reports.frame import Definition, Figure, Group, Raw, Value, View, merged
from refertrack.reports.past import ask_state
from refertrack.reports.tally import spread, tally
from refertrack.rules.asks import no_response_before
from refertrack.rules.statistics import Rate, median
from refertrack.rules.words import AskState
from refertrack.store.dialect import between, counted, day, listed

PUBLIC_FORMS = listed("linkedin", "review")

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
    rows = f"ask LEFT JOIN {_brought(view)} ON brought.ask_id = ask.id LEFT JOIN {_told(view)} ON told.ask_id = ask.id"
    state = ask_state(view.as_of)
    matured = f"ask.time_specific < {day(no_response_before(view.as_of))}"
    public = f"{matured} AND ask.attainable IN ({PUBLIC_FORMS})"
    private = f"{matured} AND ask.attainable NOT IN ({PUBLIC_FORMS})"
    counts = {
        "sent": "count(*)",
        **{name: counted(f"{state} = '{name}'") for name in ("named", "agreed", "no_one", "declined", "no_response")},
        "waiting": counted(f"{state} = '{AskState.SENT}'"),
        "matured": counted(private),
        "with_referral": counted(f"{private} AND brought.ask_id IS NOT NULL"),
        "matured_public": counted(public),
        "with_recommendation": counted(f"{public} AND told.ask_id IS NOT NULL"),
    }
    sent = (between("ask.sent_on", view.period.since, view.as_of), MADE)
    answered = f"ask.answered_on <= {day(view.as_of)}"
    days = view.reader.dialect.days_between("ask.answered_on", "ask.sent_on")
    return merged(
        tally(view, rows, "ask.customer_id", counts, *sent),
        spread(view, "ask", "ask.customer_id", "days", days, *sent, answered),
    )


def _brought(view: View) -> str:
    return f"(SELECT DISTINCT ask_id FROM referral WHERE received_on <= {day(view.as_of)}) AS brought"


def _told(view: View) -> str:
    return f"(SELECT DISTINCT ask_id FROM recommendation WHERE told_on <= {day(view.as_of)}) AS told"


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
