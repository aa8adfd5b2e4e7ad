"""A customer's card: for people on a terminal, and for scripts."""

from __future__ import annotations

import textwrap
from datetime import date
from typing import TYPE_CHECKING, Any

from refertrack.cli.desk import Desk
from refertrack.cli.tables import CUSTOMER_FIELDS
from refertrack.reports.card import kept, thing, wish
from refertrack.rules.listening import quoted, state_of
from refertrack.rules.sentences import day_words

if TYPE_CHECKING:
    from refertrack.cli.screen import Record, Screen
    from refertrack.reports.card import Card
    from refertrack.rules.readiness import Readiness

PURCHASE_KEYS = ("id", "product", "description", "quantity", "ordered_on", "promised_on", "delivered_on", "status")
ASK_KEYS = (
    "id", "asked_on", "sent_on", "specific", "measurable", "attainable", "realistic", "time_specific", "state",
)  # fmt: skip
REFERRAL_KEYS = ("id", "name", "received_on", "state", "customer_id")
SURVEY_KEYS = (
    "id", "answered_on", "lowest", "improve", "comment", "has_recommended", "recommended_whom", "would_recommend",
    "scores", "most_important", "why_us",
)  # fmt: skip
_TEXTS = (("improve", "to do better:"), ("most_important", "matters most:"), ("why_us", "came to us:"))
FEEDBACK_KEYS = (
    "id", "kind", "on_day", "words", "process", "severity", "acknowledged_on", "resolved_on", "confirmed_on",
)  # fmt: skip
DUE_KEYS = ("id", "due_on", "what", "because", "state")
SHOWN = 12


def card_record(card: Card, readiness: Readiness, *, today: date) -> dict[str, Any]:
    """Return a customer's card for JSON: the customer's fields, and a list for each thing on it."""
    return {
        **{name: card.customer[name] for name in (*CUSTOMER_FIELDS, "version")},
        "tags": card.tags,
        "referred_by_id": card.referred_by["referrer_id"] if card.referred_by else None,
        "referred_by": card.referred_by["referrer"] if card.referred_by else None,
        "last_contact_on": card.last_contact,
        "readiness": str(readiness.verdict),
        "readiness_reasons": list(readiness.reasons),
        "opt_outs": [dict(row) for row in card.opt_outs],
        "due": [{**{key: row[key] for key in DUE_KEYS}, "days_late": _late(row, today)} for row in card.due],
        "purchases": [_purchase(row) for row in card.purchases],
        "asks": [{key: row[key] for key in ASK_KEYS} for row in card.asks],
        "referrals": [{key: row[key] for key in REFERRAL_KEYS} for row in card.referrals],
        "surveys": [{key: row[key] for key in SURVEY_KEYS} for row in card.surveys],
        "feedback": [{**{key: row[key] for key in FEEDBACK_KEYS}, "state": _state(row)} for row in card.feedback],
        "history": [
            {"on": each.on, "kind": each.kind, "what": each.what, "note": each.note, "id": each.id}
            for each in card.timeline
        ],
    }


def _late(item: Record, today: date) -> int:
    return (today - date.fromisoformat(item["due_on"])).days


def _purchase(row: Record) -> dict[str, Any]:
    from refertrack.rules.money import to_decimal_string

    minor = row["amount_minor"]
    amount = to_decimal_string(minor, row["currency"]) if minor is not None else None
    return {**{key: row[key] for key in PURCHASE_KEYS}, "amount": amount, "currency": row["currency"]}


def show_card(desk: Desk, card: Card, readiness: Readiness) -> None:
    """Paint a customer's card on a terminal."""
    screen, row = desk.screen, card.customer
    screen.heading(f"{row['name']}{' · ' + row['company'] if row['company'] else ''} ({row['id']})")
    for line in _facts(desk, card):
        screen.line(line)
    if card.opt_outs:
        screen.line(f"Wants {', '.join(wish(each) for each in card.opt_outs)}.")
    _wrapped(screen, f"Referrals: {readiness.verdict}. {_reasons(readiness)}", "")
    _section(screen, "Due", [_due_line(item, desk.today) for item in card.due])
    _section(screen, "Purchases", [_purchase_line(each) for each in card.purchases])
    _section(
        screen,
        "Asks",
        [f"{ask['asked_on']}  {ask['specific']}: {_words(ask['state'])} ({ask['id']})" for ask in card.asks],
    )
    _section(
        screen,
        "Referrals",
        [f"{each['received_on']}  {each['name']}: {each['state']} ({each['id']})" for each in card.referrals],
    )
    _section(screen, "Answers", [_answers_line(each) for each in card.surveys])
    _section(screen, "What they said", [_said_line(each) for each in card.feedback])
    _section(screen, "Timeline", [_event_line(each.on, each.kind, each.what, each.note) for each in card.timeline])
    screen.hint(_next(card))


def _facts(desk: Desk, card: Card) -> list[str]:
    """Return the lines that say who the customer is, where they stand and how to reach them."""
    row = card.customer
    where = ", ".join(part for part in (row["city"], row["country"]) if part)
    who = [
        row["segment"],
        row["status"],
        where,
        f"since {row['joined_on']}" if row["joined_on"] else "",
        f"sent by {card.referred_by['referrer']}" if card.referred_by else row["source"],
        f"looked after by {row['owner']}" if row["owner"] else "",
        ", ".join(f"#{tag}" for tag in card.tags),
    ]
    reach = [row["email"], row["phone"], f"by {row['preferred_channel']}, please" if row["preferred_channel"] else ""]
    days = row["keep_in_touch_days"] or desk.business.segments.of(row["segment"]).keep_in_touch_days
    contact = day_words(date.fromisoformat(card.last_contact)) if card.last_contact else "never"
    lines = [" · ".join(part for part in parts if part) for parts in (who, reach)]
    lines += [f"Last heard of: {contact} · in touch every {days} days", *row["notes"].splitlines()]
    return [line for line in lines if line]


def _reasons(readiness: Readiness) -> str:
    return f"{', '.join(readiness.reasons)}." if readiness.reasons else ""


def _words(state: str) -> str:
    return state.replace("_", " ")


def _due_line(item: Record, today: date) -> str:
    late = _late(item, today)
    when = f"{late} d late" if late > 0 else "today" if late == 0 else item["due_on"]
    held = " (held)" if item["state"] == "held" else ""
    because = f": {item['because']}" if item["because"] else ""
    return f"{when:<10}  {item['what']} ({item['id']}){held}{because}"


def _purchase_line(row: Record) -> str:
    from refertrack.rules.money import format_money

    parts = [f"{row['ordered_on']}  {thing(row)} ({row['id']})"]
    if row["amount_minor"] is not None:
        parts.append(format_money(row["amount_minor"], row["currency"]))
    if row["status"] == "ordered":
        parts.append(f"promised for {row['promised_on']}, not delivered" if row["promised_on"] else "not delivered yet")
    elif row["status"] == "delivered":
        parts.append(f"delivered {row['delivered_on']}{kept(row)}")
    else:
        parts.append(row["status"])
    return ", ".join(parts)


def _answers_line(row: Record) -> str:
    whom, would = row["recommended_whom"], row["would_recommend"]
    told = f"recommended us to {whom}" if whom else "recommended us"
    words = [
        row["scores"],
        told if row["has_recommended"] else "",
        f"would recommend us: {would} of 10" if would is not None else "",
        quoted(row["comment"]),
        *(f"{title} {quoted(row[name])}" for name, title in _TEXTS if row[name]),
    ]
    return f"{row['answered_on']}  {'; '.join(part for part in words if part)}"


def _said_line(row: Record) -> str:
    return f"{row['on_day']}  {row['kind']} ({row['id']}), {_state(row)}  {quoted(row['words'])}"


def _state(row: Record) -> str:
    return state_of(row["acknowledged_on"], row["resolved_on"], row["confirmed_on"])


def _event_line(on: str, kind: str, what: str, note: str) -> str:
    words = " ".join(f"{what}{': ' if note else ''}{note}".split())
    return f"{on}  {kind:<10}  {words}"


def _section(screen: Screen, title: str, lines: list[str]) -> None:
    if not lines:
        return
    screen.line()
    screen.heading(title)
    for line in lines[:SHOWN]:
        _wrapped(screen, f"  {line.rstrip()}", " " * 14)
    if len(lines) > SHOWN:
        screen.line(f"  … and {len(lines) - SHOWN} more (--json shows all)")


def _wrapped(screen: Screen, line: str, indent: str) -> None:
    """Print a line, wrapped to the screen's width with what follows set in."""
    width = max(screen.width, 40)
    for part in textwrap.wrap(line, width, subsequent_indent=indent, break_on_hyphens=False, drop_whitespace=True):
        screen.line(part)


def _next(card: Card) -> str:
    number = card.customer["id"]
    first = card.due[0]["id"] if card.due else None
    words = f"draft {first} · refertrack done {first}" if first else f"add-purchase {number} · refertrack ask {number}"
    return f"refertrack {words} · refertrack edit-customer {number}"
