"""Whom to ask for a referral, and why: facts of a customer in, a verdict with its reasons out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from refertrack.rules import evidence
from refertrack.rules.errors import BadValue
from refertrack.rules.evidence import Kind
from refertrack.rules.sentences import day_words
from refertrack.rules.surveys import delights
from refertrack.rules.words import CustomerStatus

ASKED_DAYS = 90
COMPLIMENT_DAYS = 30
DELIGHT_DAYS = 180
MOST_POINTS = 100

COMPLIMENT = "compliment"
ANSWERS = "all answers 4 or 5"
PUT_RIGHT = "complaint put right"
PROMISE = "promise beaten"
REFERRED = "referred before"
CONTACT = "contact that sold nothing"
BACK = "back in touch"
# The points of each sign; the business's document `weights` changes them.
WEIGHTS: Mapping[str, int] = {
    COMPLIMENT: 3,
    ANSWERS: 4,
    PUT_RIGHT: 3,
    PROMISE: 2,
    REFERRED: 4,
    CONTACT: 1,
    BACK: 1,
}
DELIGHTS = frozenset({ANSWERS, PUT_RIGHT, PROMISE, REFERRED})


class Verdict(StrEnum):
    """What to do about asking a customer."""

    ASK_NOW = "ask now"
    NOT_YET = "not yet"
    DO_NOT_ASK = "do not ask"


@dataclass(frozen=True)
class Facts:
    """What is known of a customer on a day; every day is the latest of its kind, None where there is none."""

    status: str = CustomerStatus.ACTIVE
    opted_out: str = ""
    complaint_since: date | None = None
    complaint_about: str = ""
    asked_on: date | None = None
    pending_ask: int | None = None
    draft_ask: int | None = None
    compliment_on: date | None = None
    purchase_on: date | None = None
    service_contact_on: date | None = None
    answers_on: date | None = None
    answers_lowest: int | None = None
    answers_lowest_about: str = ""
    answers_would: int | None = None
    confirmed_on: date | None = None
    early_on: date | None = None
    late_on: date | None = None
    referred_on: date | None = None
    lost_touch_step: str = ""
    back_on: date | None = None


@dataclass(frozen=True)
class Sign:
    """A named reason with its points and the evidence's day; ``clause`` says it to the customer."""

    name: str
    words: str
    on: date
    points: int
    clause: str = ""


@dataclass(frozen=True)
class Readiness:
    """A verdict; ``reasons`` in words, ``signs`` with the points that make the score.

    ``barred`` says that no reason to ask all the same can help: the customer does not want it.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    signs: tuple[Sign, ...] = field(default=())
    barred: bool = False

    @property
    def score(self) -> int:
        """The plain sum of the signs' points."""
        return sum(sign.points for sign in self.signs)

    @property
    def evidence(self) -> str:
        """Why this customer can refer, as the letter says it after "I ask you because": the two best signs."""
        best = [sign for sign in strongest(self.signs) if sign.name != CONTACT] or list(self.signs)
        return evidence.sentence(sign.clause for sign in best[:2])


def strongest(signs: tuple[Sign, ...]) -> list[Sign]:
    """Return signs, those with the most points first, the later before the earlier."""
    return sorted(signs, key=lambda sign: (-sign.points, -sign.on.toordinal()))


def judge(facts: Facts, today: date, weights: Mapping[str, int] = WEIGHTS) -> Readiness:
    """Say whether a customer can be asked on a day, and why.

    A compliment of the last 30 days is enough, and so is the last step of lost touch; else it takes an
    answered contact since the last purchase that sold nothing, and a sign of delight of the last 180 days.
    """
    stops = _stops(facts, today)
    if stops:
        return Readiness(Verdict.DO_NOT_ASK, tuple(stops), barred=bool(facts.opted_out))
    signs = tuple(_signs(facts, today, weights))
    names = {sign.name for sign in signs}
    served = is_served(facts.service_contact_on, facts.purchase_on)
    delighted = not names.isdisjoint(DELIGHTS)
    enough = not names.isdisjoint({COMPLIMENT, BACK})
    if may_ask(enough=enough, delighted=delighted, served=served, lost=bool(facts.lost_touch_step)):
        return Readiness(Verdict.ASK_NOW, tuple(sign.words for sign in strongest(signs)), signs)
    return Readiness(Verdict.NOT_YET, tuple(_missing(facts, today, served=served, delighted=delighted)), signs)


def may_ask(*, enough: bool, delighted: bool, served: bool, lost: bool) -> bool:
    """Whether what is known suffices to ask a customer whom nothing stops."""
    return enough or (served and delighted and not lost)


def is_served(contact: date | str | None, purchase: date | str | None) -> bool:
    """Whether a contact that sold nothing came with or after the last purchase; both of one kind, or None."""
    return contact is not None and (purchase is None or str(contact) >= str(purchase))


def read_weights(document: Mapping[str, Any]) -> dict[str, int]:
    """Read the points of the signs from a parsed TOML document; a sign that it leaves out keeps its points.

    Raises:
        BadValue: a sign is unknown, or its points are not a whole number from 0 to 100.

    """
    for name, points in document.items():
        if name not in WEIGHTS:
            raise BadValue(f'No sign is called "{name}".', f"Known are: {', '.join(WEIGHTS)}.", field="weights")
        if isinstance(points, bool) or not isinstance(points, int) or not 0 <= points <= MOST_POINTS:
            raise BadValue(
                f'The sign "{name}" cannot count {points!r} points.',
                f"Give a whole number from 0 to {MOST_POINTS}.",
                field="weights",
            )
    return {**WEIGHTS, **document}


def _within(day: date | None, today: date, days: int) -> bool:
    return day is not None and today - timedelta(days=days) <= day <= today


def _stops(facts: Facts, today: date) -> list[str]:
    found = []
    if facts.status == CustomerStatus.FORMER:
        found.append("is a customer no more")
    if facts.opted_out:
        found.append(facts.opted_out)
    if facts.complaint_since is not None:
        about = f" ({facts.complaint_about})" if facts.complaint_about else ""
        found.append(f"a complaint is open since {day_words(facts.complaint_since)}{about}")
    if facts.pending_ask is not None:
        waits = "is not sent yet" if facts.pending_ask == facts.draft_ask else "waits for an answer"
        found.append(f"ask {facts.pending_ask} {waits}")
    elif _within(facts.asked_on, today, ASKED_DAYS) and facts.asked_on is not None:
        again = day_words(facts.asked_on + timedelta(days=ASKED_DAYS + 1))
        found.append(f"was asked on {day_words(facts.asked_on)}, may be asked again from {again}")
    return found


def _signs(facts: Facts, today: date, weights: Mapping[str, int]) -> list[Sign]:
    found: list[Sign] = []

    def sign(name: str, words: str, kind: Kind, on: date | None, days: int = DELIGHT_DAYS) -> None:
        if on is not None and _within(on, today, days):
            points, said = weights.get(name, WEIGHTS[name]), evidence.clause(kind, on, today)
            found.append(Sign(name, f"{words} {day_words(on)}", on, points, said))

    sign(COMPLIMENT, "a compliment on", Kind.COMPLIMENT, facts.compliment_on, COMPLIMENT_DAYS)
    if delights(facts.answers_lowest, facts.answers_would):
        every, happy = ("every answer 5 on", Kind.ALL_FIVES)
        if facts.answers_lowest == 4:
            every, happy = ("every answer 4 or 5 on", Kind.ALL_GOOD)
        sign(ANSWERS, every, happy, facts.answers_on)
    sign(PUT_RIGHT, "a complaint put right, confirmed", Kind.PUT_RIGHT, facts.confirmed_on)
    sign(PROMISE, "delivered early on", Kind.PROMISE, facts.early_on)
    sign(REFERRED, "referred somebody on", Kind.REFERRED, facts.referred_on)
    sign(BACK, "back in touch, the request is due since", Kind.BACK, facts.back_on)
    if is_served(facts.service_contact_on, facts.purchase_on):
        sign(CONTACT, "a contact that sold nothing on", Kind.CONTACT, facts.service_contact_on)
    return found


def _missing(facts: Facts, today: date, *, served: bool, delighted: bool) -> list[str]:
    found = []
    if facts.status == CustomerStatus.PROSPECT:
        found.append("has not bought yet")
    if facts.lost_touch_step:
        step = facts.lost_touch_step
        found.append(step if step.startswith("lost touch") else f"lost touch, {step}")
    if not served:
        found.append("sees you only when you sell: log a call")
    if delighted:
        return found
    lowest = facts.answers_lowest
    if lowest is not None and lowest < 4 and facts.answers_on is not None:
        about = f" on {facts.answers_lowest_about.replace('_', ' ')}" if facts.answers_lowest_about else ""
        found.append(f"last answer {lowest}{about} on {day_words(facts.answers_on)}")
    elif facts.answers_on is not None and not delights(lowest, facts.answers_would) and lowest is not None:
        found.append(f"would not recommend us: {facts.answers_would} of 10 on {day_words(facts.answers_on)}")
    if facts.late_on is not None and _within(facts.late_on, today, DELIGHT_DAYS):
        found.append(f"delivered late on {day_words(facts.late_on)} and not made good")
    if lowest is None or not _within(facts.answers_on, today, DELIGHT_DAYS):
        found.append("no answer yet: invite to the survey" if lowest is None else _stale(facts.answers_on))
    return found or ["no sign of delight yet"]


def _stale(answers_on: date | None) -> str:
    since = f" since {day_words(answers_on)}" if answers_on else ""
    return f"no answer{since}: invite to the survey"
