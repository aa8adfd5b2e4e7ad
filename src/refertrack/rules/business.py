"""The rules that a business sets for itself, read from its documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from refertrack.rules.errors import BadValue
from refertrack.rules.incentives import Rule, read_incentives
from refertrack.rules.listening import LIMITS, Limits
from refertrack.rules.playbooks import Playbook, read_playbooks
from refertrack.rules.readiness import WEIGHTS, read_weights
from refertrack.rules.segments import MOST_DAYS, Segments, read_segments
from refertrack.rules.surveys import SurveyForm, read_survey
from refertrack.rules.worth import Worth, read_worth

LINKS = ("review_link", "share_link", "linkedin_link", "card_link")
LIMIT_KEYS = ("acknowledge_days", "resolve_days")
BUSINESS_KEYS = ("name", "currency", "country", "zone", "language", *LINKS, "selling_words", *LIMIT_KEYS)


@dataclass(frozen=True)
class Business:
    """The business as its documents have it; the defaults ship with the program."""

    name: str = ""
    currency: str = "EUR"
    country: str = ""
    zone: str = ""
    language: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    selling_words: tuple[str, ...] = ()
    limits: Limits = LIMITS
    playbooks: Mapping[str, Playbook] = field(default_factory=dict)
    segments: Segments = field(default_factory=Segments)
    weights: Mapping[str, int] = field(default_factory=lambda: dict(WEIGHTS))
    incentives: Mapping[str, Rule] = field(default_factory=dict)
    survey: SurveyForm = field(default_factory=SurveyForm)
    worth: Worth = field(default_factory=Worth)

    @property
    def date_order(self) -> str:
        """The order in which 3/4/2026 is read: month first in the United States, elsewhere day first."""
        return "MDY" if self.country == "US" else "DMY"


def read_business(documents: Mapping[str, Mapping[str, Any]], *, currency: str = "EUR") -> Business:
    """Read a business from its parsed documents.

    Args:
        documents: each document by its name (``store.settings.NAMES``), parsed from TOML.
        currency: what holds until the business sets its own.

    Raises:
        BadValue: a document holds something that nobody can read.

    """
    own = documents.get("business", {})
    for key, value in own.items():
        if key not in BUSINESS_KEYS or not isinstance(value, str):
            raise BadValue(
                f'The business has no setting "{key}" like that.',
                f"Known are: {', '.join(BUSINESS_KEYS)}.",
                field=key,
            )
    return Business(
        name=own.get("name", ""),
        currency=own.get("currency") or currency,
        country=own.get("country", ""),
        zone=own.get("zone", ""),
        language=own.get("language", ""),
        links={name: own[name] for name in LINKS if own.get(name)},
        selling_words=tuple(word.strip() for word in own.get("selling_words", "").split(",") if word.strip()),
        limits=Limits(*(_days(own, name) for name in LIMIT_KEYS)),
        playbooks=read_playbooks(documents.get("playbooks", {})),
        segments=read_segments(documents.get("segments", {})),
        weights=read_weights(documents.get("weights", {})),
        incentives=read_incentives(documents.get("incentives", {}), own.get("currency") or currency),
        survey=read_survey(documents.get("survey", {})),
        worth=read_worth(documents.get("worth", {})),
    )


def _days(document: Mapping[str, Any], name: str) -> int:
    """Read within how many days something is to be done; 0 is the same day."""
    words = document.get(name) or str(getattr(LIMITS, name))
    if not words.isdecimal() or int(words[:9]) > MOST_DAYS:
        raise BadValue(
            f'The business has {name} = "{words}".', f"Write a number of days from 0 to {MOST_DAYS}.", field=name
        )
    return int(words)
