"""What every command needs to know, built once and handed down."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from refertrack.rules.business import Business


@dataclass(frozen=True)
class Context:
    """The day, the moment, who types, which command it is, and the rules of the business."""

    today: date
    now: datetime
    author: str
    command: str
    business: Business = field(default_factory=Business)
