"""All that is known of one customer, read without SQLAlchemy: what is due, what was, what they said and want."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from refertrack.reports import asks as ask_list
from refertrack.reports import referral_list
from refertrack.reports.asks import AskFilter
from refertrack.reports.referral_list import ReferralFilter
from refertrack.rules.referrals import EXPIRES_AFTER_DAYS
from refertrack.rules.words import AskState, ReferralState
from refertrack.store.reader import Reader, Row


@dataclass(frozen=True)
class Event:
    """Something that happened: its day, its kind in a word, what it was, and what was noted."""

    on: str
    kind: str
    what: str
    note: str = ""
    id: int | None = None


@dataclass(frozen=True)
class Card:
    """All that a customer's card shows."""

    customer: Row
    purchases: list[Row]
    due: list[Row]
    timeline: list[Event]
    referrals: list[Row]
    asks: list[Row]
    opt_outs: list[Row]
    surveys: list[Row]
    feedback: list[Row]
    referred_by: Row | None
    last_contact: str | None
    tags: list[str]


# Each statement gives the rows of one kind; ``_EVENTS`` tells them as events.
_DUE = (
    "SELECT * FROM follow_up WHERE customer_id = :id AND state IN ('open', 'held')"
    " AND (ends_on IS NULL OR ends_on > :today) ORDER BY due_on, priority, id"
)
_TAGS = (
    "SELECT tag.name FROM customer_tag AS t JOIN tag ON tag.id = t.tag_id WHERE t.customer_id = :id"
    " ORDER BY tag.name_key"
)
_LAST = "SELECT max(on_day) FROM touch WHERE customer_id = :id AND two_way"


def card(reader: Reader, customer: Row, today: date) -> Card:
    """Return a customer's card."""
    number = customer["id"]
    purchases = reader.rows(
        "SELECT * FROM purchase_line WHERE customer_id = :id ORDER BY ordered_on DESC, id DESC", id=number
    )
    referrals, _ = referral_list.referrals(reader, today, ReferralFilter(referrer_id=number))
    asks, _ = ask_list.asks(reader, today, AskFilter(customer_id=number))
    feedback = reader.rows(
        "SELECT * FROM feedback_line WHERE customer_id = :id ORDER BY on_day DESC, id DESC", id=number
    )
    surveys = _surveys(reader, number)
    events = [
        *_bought(purchases),
        *_contacts(reader, number),
        *_done(reader, number),
        *_answered(surveys),
        *_said(feedback),
        *_asked(asks),
        *_referred(reader, referrals, number),
        *_wishes(reader, number),
    ]
    return Card(
        customer=customer,
        purchases=purchases,
        due=reader.rows(_DUE, id=number, today=today.isoformat()),
        timeline=sorted(events, key=lambda event: event.on, reverse=True),
        referrals=referrals,
        asks=asks,
        opt_outs=reader.rows(
            "SELECT channel, purpose, since, source FROM opt_out WHERE customer_id = :id ORDER BY since, id", id=number
        ),
        surveys=[row for row in surveys if row["answered_on"]],
        feedback=feedback,
        referred_by=reader.row(
            "SELECT * FROM referral_line WHERE customer_id = :id AND state = 'won' ORDER BY id LIMIT 1", id=number
        ),
        last_contact=reader.value(_LAST, id=number),
        tags=[row["name"] for row in reader.rows(_TAGS, id=number)],
    )


def thing(purchase: Mapping[str, Any]) -> str:
    """Return what was bought in a few words."""
    return str(purchase["product"] or (purchase["description"].splitlines() or ["order"])[0])


def _bought(purchases: list[Row]) -> Iterator[Event]:
    for row in purchases:
        yield Event(row["ordered_on"], "purchase", f"{thing(row)} ordered", id=row["id"])
        if row["delivered_on"]:
            yield Event(row["delivered_on"], "delivery", f"{thing(row)} delivered{kept(row)}", id=row["id"])
        if row["status"] in {"returned", "cancelled"} and row["ended_on"]:
            yield Event(row["ended_on"], "purchase", f"{thing(row)} {row['status']}", id=row["id"])


def kept(purchase: Mapping[str, Any]) -> str:
    """Say whether a delivery kept its promise: ", 2 days early"; nothing where none was given."""
    if not purchase["promised_on"] or not purchase["delivered_on"]:
        return ""
    days = (date.fromisoformat(purchase["delivered_on"]) - date.fromisoformat(purchase["promised_on"])).days
    if days == 0:
        return ", on the day"
    return f", {abs(days)} day{'s' if abs(days) != 1 else ''} {'late' if days > 0 else 'early'}"


def _contacts(reader: Reader, number: int) -> Iterator[Event]:
    """Tell contacts; the one that a closed item was is told with the item."""
    rows = reader.rows(
        "SELECT id, on_day, channel, direction, kind, two_way, note FROM touch WHERE customer_id = :id"
        " AND follow_up_id IS NULL",
        id=number,
    )
    for row in rows:
        about = "" if row["kind"] == "service" else f", {row['kind']}"
        unanswered = "" if row["two_way"] or row["channel"] in {"note", "post"} else ", not answered"
        theirs = " from them" if row["direction"] == "in" else ""
        yield Event(row["on_day"], "contact", f"{row['channel']}{theirs}{about}{unanswered}", row["note"], row["id"])


def _done(reader: Reader, number: int) -> Iterator[Event]:
    rows = reader.rows(
        "SELECT id, closed_on, what, state, outcome, reason FROM follow_up WHERE customer_id = :id"
        " AND state IN ('done', 'skipped') AND closed_on IS NOT NULL",
        id=number,
    )
    for row in rows:
        yield Event(row["closed_on"], row["state"], row["what"], row["outcome"] or row["reason"], row["id"])


def _surveys(reader: Reader, number: int) -> list[Row]:
    """Return a customer's surveys, newest first, each with its scores in words."""
    surveys = reader.rows(
        "SELECT id, invited_on, answered_on, lowest, most_important, why_us, improve, comment, has_recommended,"
        " recommended_whom, would_recommend FROM survey WHERE customer_id = :id"
        " ORDER BY answered_on DESC NULLS FIRST, id DESC",
        id=number,
    )
    scores = reader.rows(
        "SELECT a.survey_id, a.question, a.score FROM survey_answer AS a JOIN survey AS s ON s.id = a.survey_id"
        " WHERE s.customer_id = :id ORDER BY a.id",
        id=number,
    )
    for row in surveys:
        given = [each for each in scores if each["survey_id"] == row["id"]]
        row["scores"] = ", ".join(f"{each['question'].replace('_', ' ')} {each['score']}" for each in given)
        row["has_recommended"] = None if row["has_recommended"] is None else bool(row["has_recommended"])
    return surveys


def _answered(surveys: list[Row]) -> Iterator[Event]:
    for row in surveys:
        if row["answered_on"]:
            words = row["comment"] or row["improve"] or row["most_important"] or row["why_us"]
            scores = f": {row['scores']}" if row["scores"] else ""
            yield Event(row["answered_on"], "survey", f"answered{scores}", words, row["id"])
        elif row["invited_on"]:
            yield Event(row["invited_on"], "survey", "invited", "", row["id"])


def _said(feedback: list[Row]) -> Iterator[Event]:
    for row in feedback:
        yield Event(row["on_day"], row["kind"], row["words"], id=row["id"])
        for column, words in (("resolved_on", "put right"), ("confirmed_on", "confirmed")):
            if row[column]:
                note = row["resolution"] if column == "resolved_on" else ""
                yield Event(row[column], row["kind"], f"{words}: {row['words']}", note, row["id"])


def _asked(asks: list[Row]) -> Iterator[Event]:
    for row in asks:
        words = "cancelled:" if row["state"] == AskState.CANCELLED else "asked for"
        yield Event(row["sent_on"] or row["asked_on"], "ask", f"{words} {row['specific']}", id=row["id"])
        if row["answered_on"]:
            state = str(row["state"]).replace("_", " ")
            yield Event(row["answered_on"], "answer", f"{state}: {row['specific']}", row["reason"], row["id"])


def _referred(reader: Reader, referrals: list[Row], number: int) -> Iterator[Event]:
    for row in referrals:
        yield Event(row["received_on"], "referral", f"referred {row['name']}", id=row["id"])
        if row["state"] != "received":
            yield Event(_moved(row), "referral", f"{row['name']}: {row['state']}", row["reason"], row["id"])
    for row in reader.rows("SELECT id, told_on, whom, source FROM recommendation WHERE customer_id = :id", id=number):
        whom = f" to {row['whom']}" if row["whom"] else ""
        yield Event(row["told_on"], "recommendation", f"recommended you{whom}", row["source"], row["id"])
    for row in reader.rows("SELECT * FROM reward_line WHERE customer_id = :id", id=number):
        yield Event(row["accrued_on"], "reward", f"{row['words'] or row['rule']} for {row['referred']}", id=row["id"])
        if row["given_on"]:
            yield Event(row["given_on"], "reward", f"given: {row['words'] or row['rule']}", id=row["id"])


def _moved(referral: Row) -> str:
    """Return the day on which a referral came into its state; one expires by itself."""
    if referral["state"] != ReferralState.EXPIRED:
        return str(referral["moved_on"])
    return (date.fromisoformat(referral["moved_on"]) + timedelta(days=EXPIRES_AFTER_DAYS + 1)).isoformat()


def _wishes(reader: Reader, number: int) -> Iterator[Event]:
    """Tell opt-outs and changes of the status; the first status is how they came."""
    for row in reader.rows("SELECT id, channel, purpose, since FROM opt_out WHERE customer_id = :id", id=number):
        yield Event(row["since"], "opt-out", wish(row), id=row["id"])
    rows = reader.rows("SELECT id, status, since FROM customer_status WHERE customer_id = :id ORDER BY id", id=number)
    for place, row in enumerate(rows):
        yield Event(row["since"], "status", f"came as {row['status']}" if place == 0 else f"is {row['status']}")


def wish(opt_out: Mapping[str, Any]) -> str:
    """Say what a customer does not want, in words."""
    what = {"any": "nothing", "survey": "no surveys", "referral": "no requests for referrals"}.get(
        opt_out["purpose"], f"no {opt_out['purpose']}"
    )
    return what if opt_out["channel"] == "any" else f"{what} by {opt_out['channel']}"
