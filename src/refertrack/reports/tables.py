"""The columns that reports read, as SQLAlchemy's light tables.

The models hold everything about a table, and loading them takes longer than most reports: a test sees that each
column here is one of theirs, of the same type.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Integer, String, TableClause, column, table
from sqlalchemy.types import TypeEngine

_TYPES: dict[str, type[TypeEngine[Any]]] = {
    "number": Integer,
    "amount": BigInteger,
    "text": String,
    "day": Date,
    "yes": Boolean,
}


def _table(name: str, **columns: str) -> TableClause:
    """Return a table with the columns that are named, by kind."""
    found = (column(each, _TYPES[kind]) for kind, names in columns.items() for each in names.split())
    return table(name, *found)


customer = _table("customer", number="id merged_into", text="name company segment owner source country status",
                  day="joined_on")  # fmt: skip
customer_status = _table("customer_status", number="id customer_id", text="status", day="since")
customer_tag = _table("customer_tag", number="customer_id tag_id")
tag = _table("tag", number="id", text="name")
opt_out = _table("opt_out", number="customer_id", text="channel purpose", day="since")
product = _table("product", number="id margin", text="name")
purchase = _table("purchase", number="id customer_id product_id", amount="amount_minor list_amount_minor",
                  text="currency status", day="ordered_on promised_on delivered_on ended_on")  # fmt: skip
follow_up = _table("follow_up", number="customer_id", text="purpose state", day="closed_on")
survey = _table("survey", number="id customer_id purchase_id would_recommend", day="invited_on answered_on",
                yes="has_recommended undeliverable")  # fmt: skip
survey_answer = _table("survey_answer", number="survey_id score", text="question")
feedback = _table("feedback", number="customer_id purchase_id", amount="cost_minor", text="kind process currency",
                  day="on_day acknowledged_on resolved_on confirmed_on")  # fmt: skip
reason = _table("reason", number="id merged_into", text="code words")
ask = _table("ask", number="id customer_id reason_id", text="attainable state reason_words",
             day="sent_on time_specific answered_on promised_on")  # fmt: skip
referral = _table("referral", number="id referrer_id ask_id customer_id", text="state override_reason",
                  day="received_on moved_on", yes="would_have_come_anyway")  # fmt: skip
referral_event = _table("referral_event", number="id referral_id", text="to_state", day="on_day")
recommendation = _table("recommendation", number="customer_id ask_id", day="told_on")
reward = _table("reward", number="referral_id", amount="amount_minor", text="currency state",
                day="accrued_on valid_until given_on ended_on")  # fmt: skip
spend = _table("spend", text="channel kind currency", amount="amount_minor", day="month")
