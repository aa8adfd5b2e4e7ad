"""The five letters of a SMART request, each with its check and what to write instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from refertrack.rules.errors import BadValue
from refertrack.rules.text import NOTE_LIMIT, clean

FORMS = {
    "introduction": "an introduction",
    "card": "passing on our card",
    "linkedin": "a LinkedIn recommendation",
    "review": "an online review",
}
# What the world reads: no incentive, and nobody is chosen for being delighted.
PUBLIC_FORMS = frozenset({"linkedin", "review"})
REVIEW = "review"
MOST = 3
LONGEST_DAYS = 60
_ANYBODY = r"(?:any|some|every)\s*(?:one|body|people|person)?|persons?|people|others"
_LIKELY = r"(?:who|that)\s+(?:(?:may|might|could|would|can)\s+)?(?:be\s+|is\s+|are\s+)?"
_WISH = r"(?:interested|needs? (?:us|it|help|this)|wants? (?:us|it|this)|use us|likes? (?:us|it|this))"
_FILLER = rf"(?:\s+(?:else|at all|you (?:know|like|can think of)|interested|really|like you|{_LIKELY}{_WISH}))*"
_GROUP = r"friends|family|relatives|contacts|acquaintances|colleagues|customers|clients|leads|prospects|referrals"
_KNOWN = rf"(?:an?\s+|the\s+|your\s+|my\s+|some\s+|any\s+|new\s+|more\s+|other\s+)*(?:friend|{_GROUP})"
_CROWD = rf"all|whoever|nobody|no one|{_KNOWN}(?:\s+(?:and|or)\s+(?:your\s+)?(?:{_GROUP}))*{_FILLER}"
# The same in the languages that letters ship in: somebody, whose they are, and crowds.
_ELSEWHERE = (
    (
        r"(?:irgend)?jemand(?:e[mn])?|irgendwe[nr]|jede[nr]?|alle|niemand|wer auch immer",
        "ihre|deine|eure|meine|andere|neue",
        "leute|menschen|personen|freunde|bekannte|verwandte|familie|kunden|kollegen|kontakte",
    ),
    (
        "alguien|cualquiera|todos|todo el mundo|nadie|quien sea",
        "sus|tus|mis|los|unos|otros|nuevos",
        "gente|personas|amigos|conocidos|familiares|clientes|colegas|contactos",
    ),
    (
        "quelqu['’]un|n['’]importe qui|tout le monde|tous|personne",
        "vos|tes|mes|les|des|d['’]autres|de nouveaux",
        "gens|personnes|amis|proches|connaissances|clients|collègues|contacts",
    ),
    (
        "någon(?: annan)?|vem som helst|alla|ingen",
        "dina|era|mina|andra|nya|några",
        "folk|människor|personer|vänner|bekanta|släktingar|familj|kunder|kollegor|kontakter",
    ),
)
_FOREIGN = "|".join(rf"{who}|(?:(?:{whose})\s+)?(?:{crowds})" for who, whose, crowds in _ELSEWHERE)
_SPOKEN = rf"(?:{_ANYBODY}){_FILLER}|{_CROWD}|{_FOREIGN}"
_NOBODY = re.compile(rf"(?:(?:just|really|maybe|simply)\s+)?(?:{_SPOKEN})[.!?]*$")


@dataclass(frozen=True)
class Smart:
    """A request: whom to look for, how many, in which form, why this customer can, and by when."""

    specific: str
    measurable: int
    attainable: str
    realistic: str
    time_specific: date


def check_specific(text: str) -> str:
    """Return whom to look for.

    Raises:
        BadValue: it brings no name to mind.

    """
    words = clean(text, field="specific", limit=NOTE_LIMIT)
    if not words:
        raise BadValue("Whom should they think of?", "Say a role, a trade or a situation.", field="specific")
    if _NOBODY.match(" ".join(words.casefold().split())):
        raise BadValue(f'"{words}" brings no name to mind.', "Say a role, a trade or a situation.", field="specific")
    return words


def check_measurable(count: int) -> int:
    """Return how many people to name, 1 to 3.

    Raises:
        BadValue: it is another number.

    """
    if not 1 <= count <= MOST:
        raise BadValue(f"{count} is no number that one can keep.", "Ask for 1, 2 or 3.", field="measurable")
    return count


def check_attainable(form: str) -> str:
    """Return the form of the request.

    Raises:
        BadValue: it is none of the forms.

    """
    word = form.strip().casefold()
    if word not in FORMS:
        raise BadValue(f'"{form}" is no form of asking.', f"One of: {', '.join(FORMS)}.", field="attainable")
    return word


def check_incentive(form: str, incentive: str) -> str:
    """Return what the customer gets for it, which the letter says in the open.

    Raises:
        BadValue: there is one for a public word: a review or a recommendation is not for sale.

    """
    words = clean(incentive, field="incentive", limit=NOTE_LIMIT)
    if words and form in PUBLIC_FORMS:
        raise BadValue(
            f"{FORMS[form][0].upper()}{FORMS[form][1:]} is public: nothing may be promised for it.",
            "Leave out --incentive, or ask for an introduction or to pass on your card.",
            field="incentive",
        )
    return words


def check_realistic(text: str) -> str:
    """Return why this customer can.

    Raises:
        BadValue: it is empty.

    """
    words = clean(text, field="realistic", limit=NOTE_LIMIT)
    if not words:
        raise BadValue("Why can this customer do it?", "Name what went well for them.", field="realistic")
    return words


def check_by(day: date, today: date) -> date:
    """Return the day by which it should happen, 1 to 60 days ahead.

    Raises:
        BadValue: it is not.

    """
    if not today < day <= today + timedelta(days=LONGEST_DAYS):
        last = (today + timedelta(days=LONGEST_DAYS)).isoformat()
        raise BadValue(
            f"{day.isoformat()} is no day to wait for.",
            f"Give one from tomorrow to {last}.",
            field="time_specific",
        )
    return day


def check(request: Smart, today: date) -> Smart:
    """Check all five letters.

    Raises:
        BadValue: one of them is not as it should be.

    """
    return Smart(
        check_specific(request.specific),
        check_measurable(request.measurable),
        check_attainable(request.attainable),
        check_realistic(request.realistic),
        check_by(request.time_specific, today),
    )
