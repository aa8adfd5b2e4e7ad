"""Whom to ask for a referral, and why: facts of a customer in, a verdict with its reasons out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from refertrack.rules.sentences import day_words

ASKED_DAYS = 90
COMPLIMENT_DAYS = 30
DELIGHT_DAYS = 180

# The points of each sign; `weights` in the business's documents changes them.
WEIGHTS: Mapping[str, int] = {
    "compliment": 3,
    "all answers 4 or 5": 4,
    "complaint put right": 3,
    "promise beaten": 2,
    "referred before": 4,
    "contact that sold nothing": 1,
}


class Verdict(StrEnum):
    """What to do about asking a customer."""

    ASK_NOW = "ask now"
    NOT_YET = "not yet"
    DO_NOT_ASK = "do not ask"


@dataclass(frozen=True)
class Facts:
    """What is known of a customer on a day; every day is the latest of its kind, None where there is none."""

    opted_out: bool = False
    complaint_since: date | None = None
    asked_on: date | None = None
    pending_ask: int | None = None
    compliment_on: date | None = None
    purchase_on: date | None = None
    service_contact_on: date | None = None
    answers_on: date | None = None
    answers_lowest: int | None = None
    answers_lowest_about: str = ""
    confirmed_on: date | None = None
    early_on: date | None = None
    late_on: date | None = None
    referred_on: date | None = None
    lost_touch_step: str = ""


@dataclass(frozen=True)
class Sign:
    """A named reason with its points and the evidence's day."""

    name: str
    words: str
    on: date
    points: int


@dataclass(frozen=True)
class Readiness:
    """A verdict; ``reasons`` in words, ``signs`` with the points that make the score."""

    verdict: Verdict
    reasons: tuple[str, ...]
    signs: tuple[Sign, ...] = field(default=())

    @property
    def score(self) -> int:
        """The plain sum of the signs' points."""
        return sum(sign.points for sign in self.signs)

    @property
    def evidence(self) -> str:
        """Why this customer can refer, in words for the ask's Realistic."""
        best = sorted(self.signs, key=lambda sign: (-sign.points, -sign.on.toordinal()))
        return ", ".join(sign.words for sign in best)


def judge(facts: Facts, today: date, weights: Mapping[str, int] = WEIGHTS) -> Readiness:
    """Say whether a customer can be asked on a day, and why.

    A compliment of the last 30 days is enough; else it takes an answered contact since the last purchase
    that sold nothing, and a sign of delight of the last 180 days.
    """
    stops = _stops(facts, today)
    if stops:
        return Readiness(Verdict.DO_NOT_ASK, tuple(stops))
    signs = tuple(_signs(facts, today, weights))
    served = _served(facts)
    fresh_compliment = facts.compliment_on is not None and _within(facts.compliment_on, today, COMPLIMENT_DAYS)
    delighted = any(sign.name not in {"compliment", "contact that sold nothing"} for sign in signs)
    if fresh_compliment or (served and delighted):
        return Readiness(Verdict.ASK_NOW, tuple(sign.words for sign in signs), signs)
    return Readiness(Verdict.NOT_YET, tuple(_missing(facts, today, served=served, delighted=delighted)), signs)


def _within(day: date | None, today: date, days: int) -> bool:
    return day is not None and today - timedelta(days=days) <= day <= today


def _served(facts: Facts) -> bool:
    contact = facts.service_contact_on
    return contact is not None and (facts.purchase_on is None or contact >= facts.purchase_on)


def _stops(facts: Facts, today: date) -> list[str]:
    found = []
    if facts.opted_out:
        found.append("does not want to be asked")
    if facts.complaint_since is not None:
        found.append(f"a complaint is open since {day_words(facts.complaint_since)}")
    if facts.pending_ask is not None:
        found.append(f"ask {facts.pending_ask} waits for an answer")
    elif _within(facts.asked_on, today, ASKED_DAYS) and facts.asked_on is not None:
        found.append(f"was asked on {day_words(facts.asked_on)}")
    return found


def _signs(facts: Facts, today: date, weights: Mapping[str, int]) -> list[Sign]:
    found: list[Sign] = []

    def sign(name: str, words: str, on: date | None, days: int) -> None:
        if on is not None and _within(on, today, days):
            found.append(Sign(name, f"{words} {day_words(on)}", on, weights.get(name, WEIGHTS[name])))

    sign("compliment", "a compliment on", facts.compliment_on, COMPLIMENT_DAYS)
    if facts.answers_lowest is not None and facts.answers_lowest >= 4:
        every = "every answer 5 on" if facts.answers_lowest == 5 else "every answer 4 or 5 on"
        sign("all answers 4 or 5", every, facts.answers_on, DELIGHT_DAYS)
    sign("complaint put right", "a complaint put right, confirmed", facts.confirmed_on, DELIGHT_DAYS)
    sign("promise beaten", "delivered early on", facts.early_on, DELIGHT_DAYS)
    sign("referred before", "referred somebody on", facts.referred_on, DELIGHT_DAYS)
    if _served(facts):
        sign(
            "contact that sold nothing",
            "a contact that sold nothing on",
            facts.service_contact_on,
            DELIGHT_DAYS,
        )
    return found


def _missing(facts: Facts, today: date, *, served: bool, delighted: bool) -> list[str]:
    found = []
    if facts.lost_touch_step:
        found.append(f"lost touch, {facts.lost_touch_step}")
    if not served:
        found.append("sees you only when you sell: log a call")
    if delighted:
        return found
    lowest = facts.answers_lowest
    if lowest is not None and lowest < 4 and facts.answers_on is not None:
        about = f" on {facts.answers_lowest_about}" if facts.answers_lowest_about else ""
        found.append(f"last answer {lowest}{about} on {day_words(facts.answers_on)}")
    if facts.late_on is not None and _within(facts.late_on, today, DELIGHT_DAYS):
        found.append(f"delivered late on {day_words(facts.late_on)} and not made good")
    if lowest is None or not _within(facts.answers_on, today, DELIGHT_DAYS):
        found.append("no answer yet: invite to the survey")
    return found or ["no sign of delight yet"]
