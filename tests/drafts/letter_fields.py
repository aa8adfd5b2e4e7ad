"""A full set of fields, as letters may use them."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

from refertrack.rules.sharing import ways_to_share

_FULL: dict[str, Any] = {
    "today": date(2026, 11, 24),
    "customer": {
        "id": 31,
        "name": "Marta Oliveira",
        "first_name": "Marta",
        "company": "Casa do Mar",
        "email": "marta@example.org",
        "phone": "+351 21 000 00 00",
        "language": "pt",
        "channel": "email",
    },
    "sender": {
        "name": "Nora Lind",
        "business": "Lind Heating",
        "phone": "+46 8 123 45 67",
        "email": "nora@example.org",
        "signature": "Nora Lind\nLind Heating, Harbour Lane 3",
    },
    "purchase": {
        "what": "heat pump",
        "ordered_on": date(2026, 10, 1),
        "promised_on": date(2026, 11, 12),
        "delivered_on": date(2026, 11, 15),
        "days_early": None,
        "days_late": 3,
        "expected_on": date(2026, 12, 1),
        "lasts_until": date(2027, 1, 10),
    },
    "purchases": [
        {"what": "heat pump", "delivered_on": date(2026, 11, 15)},
        {"what": "thermostat", "delivered_on": date(2026, 11, 17)},
        {"what": "radiator", "delivered_on": date(2026, 11, 18)},
    ],
    "survey": {
        "link": "https://example.org/s/abc",
        "questions": ["How was our service, 0 to 5?", "Would you come again?"],
        "question": "service",
        "score": 3,
        "answered_on": date(2026, 11, 20),
        "words": "Nobody called back.",
    },
    "ask": {
        "specific": "owners of guest houses",
        "count": 2,
        "form": "card",
        "where": "from the hoteliers’ table",
        "because": "you gave us full marks in November",
        "by": date(2026, 11, 30),
        "incentive": "dinner for two",
        "sent_on": date(2026, 11, 10),
        "agreed": False,
    },
    "referral": {
        "name": "Rui Costa",
        "first_name": "Rui",
        "company": "Casa Costa",
        "email": "rui@example.org",
        "phone": "+351 21 111 11 11",
        "basis": "consent",
        "about": "the heating of a guest house",
        "may_tell": True,
    },
    "referrals": [{"name": "Rui Costa"}, {"name": "Ana Reis"}],
    "referrer": {"name": "Marta Oliveira", "first_name": "Marta"},
    "reward": {"what": "dinner for two", "from_on": date(2026, 12, 24)},
    "links": {
        "review": "https://example.org/review",
        "share": "https://example.org/share",
        **{f"share_{name}": way for name, way in ways_to_share("https://example.org/share").items()},
        "linkedin": "https://example.org/linkedin",
        "card": "https://example.org/card",
    },
    "complaint": {
        "text": "The radiator in the hall stays cold.",
        "on": date(2026, 11, 20),
        "process": "installation",
        "owner": "Sven Ek",
        "answer_by": date(2026, 11, 26),
        "resolved_on": date(2026, 11, 23),
        "resolution": "Sven changed the valve",
    },
    "compliment": {"text": "The quietest pump that I have ever not heard.", "praised": "Sven Ek"},
    "meeting": {"on": date(2026, 11, 23), "about": "the annexe", "next": "send you two drawings by Friday"},
    "talk": {
        "on": date(2026, 11, 19),
        "shared": ["The annexe opens in May.", "The old boiler stays as a reserve."],
        "next_on": date(2026, 12, 7),
    },
    "opportunity": {"issue": "Guests complain of cold rooms", "impact": "two refunds a month", "importance": 4},
    "remarkable": {"text": "On Sunday the night porter fetched a guest with her own car", "who": "Ana Reis"},
    "action": {"said": "Nobody called back", "did": "We call back in four hours", "done_on": date(2026, 11, 2)},
    "announcement": {
        "title": "We are open on Saturdays",
        "text": "From December on we are in the workshop on Saturdays too.",
        "from_on": date(2026, 12, 5),
        "link": "https://example.org/news",
    },
}


def full(**changes: Any) -> dict[str, Any]:
    """Return every field, some of them changed: ``full(ask__form="review", purchases=None)``."""
    fields = deepcopy(_FULL)
    for name, value in changes.items():
        group, _, field = name.partition("__")
        if field:
            fields[group][field] = value
        else:
            fields[group] = value
    return fields


def only(names: set[str]) -> dict[str, Any]:
    """Return these fields alone, named as in the catalogue."""
    fields: dict[str, Any] = {}
    for name in names:
        group, _, field = name.partition(".")
        if not field:
            fields.setdefault(group, _FULL[group])
        elif isinstance(_FULL[group], list):
            fields[group] = [{**item} for item in _FULL[group]]
        else:
            fields.setdefault(group, {})[field] = _FULL[group][field]
    return fields
