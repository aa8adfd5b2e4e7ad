"""A letter for an item of the list, or of any kind for a customer: gates, fields, the fitting template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from refertrack.drafts.given import with_given
from refertrack.drafts.render import Letter, render
from refertrack.drafts.templates import TemplateInfo, bare_name, base_of, find_letter, info_of, variants
from refertrack.drafts.tongues import scaled
from refertrack.reports import letter_fields
from refertrack.reports.gates import closed_to_friend, gates_of
from refertrack.rules.errors import LetterTrouble, NotAllowed
from refertrack.rules.gates import channel_for
from refertrack.rules.languages import ENGLISH, codes
from refertrack.rules.words import Channel, FollowUpState, Purpose
from refertrack.store.reader import Reader, Row
from refertrack.store.settings import load_business


@dataclass(frozen=True)
class Stationery:
    """What all letters of a command have in common: the day, who signs, own templates, the survey's questions.

    ``language`` is what customers read of whom no language is known.
    """

    today: date
    sender: Mapping[str, object]
    mine: Path | None = None
    selling: Sequence[str] | None = None
    questions: Sequence[str] = ()
    language: str = ""


@dataclass(frozen=True)
class Wish:
    """How this letter is wanted: for a channel, with fields given by hand, though a complaint is open."""

    channel: str = ""
    given: Mapping[str, object] = field(default_factory=dict)
    anyway: bool = False


@dataclass(frozen=True)
class Draft:
    """A letter that can go out, and to whom; ``to`` is as in ``TemplateInfo``.

    ``email_closed`` says that it may not go by e-mail, whatever channel it was drafted for. ``missing`` is the code
    of the language that its reader reads, where there is no such letter in it; ``unknown`` is what stands for their
    language, where that is none.
    """

    letter: Letter
    to: str
    to_name: str
    to_email: str
    customer_id: int
    customer: str
    channel: str
    email_closed: bool = False
    item: Row | None = None
    missing: str = ""
    unknown: str = ""

    @property
    def kind(self) -> str:
        """The letter's name without its variant."""
        return self.letter.template.partition(".")[0]


def for_item(reader: Reader, number: int, stationery: Stationery, wish: Wish) -> Draft:
    """Return the letter of a follow-up.

    Raises:
        NotFound: there is no such item, or no such letter.
        NotAllowed: it is closed, has no letter, or the customer must not be written to.
        LetterTrouble: a field is missing; the hint says how to give it.

    """
    item, fields = letter_fields.for_item(reader, number, stationery.today, stationery.sender)
    if item["state"] not in {FollowUpState.OPEN, FollowUpState.HELD}:
        raise NotAllowed(f"Item {number} is {item['state']}: there is nothing to write.", "See: refertrack due")
    if item["ends_on"] and item["ends_on"] <= stationery.today.isoformat():
        raise NotAllowed(f"Item {number}, {item['what']}, is over since {item['ends_on']}.", "See: refertrack due")
    if not item["template"]:
        raise NotAllowed(f"Item {number}, {item['what']}, has no letter.", f"Do it, then: refertrack done {number}")
    return _compose(reader, item["template"], fields, stationery, wish, item)


# Letters that name a reward as their referral has it: without an amount that gives the friend's purchase away.
_OWN_WAY = {"referral_won_thanks": ("reward",)}


def for_customer(reader: Reader, kind: str, customer_id: int, stationery: Stationery, wish: Wish) -> Draft:
    """Return a letter of any kind for a customer, from what is known of them.

    Raises:
        NotFound: there is no such customer, or no such letter.
        NotAllowed: the customer must not be written to.
        LetterTrouble: a field is missing; the hint says how to give it.

    """
    without = _OWN_WAY.get(base_of(bare_name(kind)), ())
    fields = letter_fields.for_customer(reader, customer_id, stationery.today, stationery.sender, without=without)
    return _compose(reader, kind, fields, stationery, wish, None)


def _compose(
    reader: Reader, kind: str, fields: dict[str, Any], stationery: Stationery, wish: Wish, item: Row | None
) -> Draft:
    customer = fields["customer"]
    channel = (
        wish.channel
        or (item["channel"] if item else "")
        or channel_for(*(str(customer[name] or "") for name in ("channel", "email", "phone")))
    )
    said = str(customer["language"] or "").strip()
    read = codes(said) or codes(stationery.language)
    fitting = variants(channel, read)
    info = info_of(find_letter(kind, stationery.mine, fitting))
    purpose = item["purpose"] if item else Purpose.INTERNAL if info.to == "referred" else info.purpose
    gates = gates_of(reader, customer["id"], stationery.today)
    held = gates.held(purpose) or (item["reason"] if item and item["state"] == FollowUpState.HELD else "")
    if gates.closed(channel, purpose):
        raise _opted_out(customer, channel, purpose)
    if held and not wish.anyway:
        raise NotAllowed(
            f"{customer['name']} should not be written to about this now: {held}.",
            f'See: refertrack customer {customer["id"]} · write all the same: --anyway "why"',
        )
    filled = with_given({**fields, **_asked(fields, stationery, info)}, wish.given)
    if info.to == "referred":
        _check_welcome(reader, filled.get("referral") or {}, customer["id"], wish.channel)
    try:
        letter = render(kind, filled, mine=stationery.mine, wanted=fitting, selling=stationery.selling)
    except LetterTrouble as error:
        typed = f"draft {item['id']} --set" if item else f"draft {info.base} {customer['id']} --set"
        raise LetterTrouble(error.message, error.hint.replace("draft ID --set", typed)) from error
    name, email = _reader_of(info, filled)
    return Draft(
        letter=letter,
        to=info.to,
        to_name=name,
        to_email=email,
        customer_id=customer["id"],
        customer=customer["name"],
        channel=channel,
        email_closed=gates.closed(Channel.EMAIL, purpose),
        item=item,
        missing=_missing(info, read),
        unknown=said if said and not codes(said) and info.to != "us" else "",
    )


def _asked(fields: Mapping[str, Any], stationery: Stationery, info: TemplateInfo) -> dict[str, Any]:
    """Return the questions of the survey; the shipped ones stand in the letters of each language themselves."""
    questions = [scaled(question, info.language) for question in stationery.questions]
    if info.language not in {"", ENGLISH} and tuple(stationery.questions) == shipped_questions():
        questions = []
    return {"survey": {**fields.get("survey", {}), "questions": questions}}


def _missing(info: TemplateInfo, read: Sequence[str]) -> str:
    """Return the language that a letter is missing in: a shipped one for a reader of another language."""
    written = (info.language or ENGLISH).partition("-")[0]
    unfit = bool(read) and not info.mine and info.to != "us" and written != read[-1]
    return read[-1] if unfit else ""


@lru_cache(maxsize=1)
def shipped_questions() -> tuple[str, ...]:
    """Return the questions that are asked until the business sets its own."""
    return load_business({}).survey.in_letters


def _opted_out(customer: Mapping[str, Any], channel: str, purpose: str) -> NotAllowed:
    """Say that a customer does not want this letter; there is no way round it."""
    return NotAllowed(
        f"{customer['name']} has opted out: no {_PURPOSES.get(purpose, 'letters')} by {_WAYS.get(channel, channel)}.",
        f"See: refertrack customer {customer['id']}",
    )


def _check_welcome(reader: Reader, person: Mapping[str, Any], referrer_id: int, wished: str) -> None:
    """See that the person referred has agreed to hear from us, and has not closed that way as one whom we know.

    Raises:
        NotAllowed: they have not.

    """
    name = str(person.get("name") or "The person referred")
    if person and not person.get("basis"):
        raise NotAllowed(
            f"{name} may not be written to: no consent and no introduction stands on record.",
            f"See: refertrack referrals --referrer {referrer_id}"
            " · once there is one: refertrack edit-referral ID --consent introduction",
        )
    email, phone = str(person.get("email") or ""), str(person.get("phone") or "")
    channel = wished or channel_for("", email, phone)
    known = closed_to_friend(reader, email, phone, channel)
    if known is not None:
        raise NotAllowed(f"{name} has opted out of {_WAYS.get(channel, channel)}.", f"See: refertrack customer {known}")


_PURPOSES: dict[str, str] = {
    Purpose.SURVEY: "surveys",
    Purpose.REFERRAL: "requests to refer us",
}
_WAYS: dict[str, str] = {
    Channel.EMAIL: "e-mail",
    Channel.PHONE: "phone",
    Channel.POST: "post",
    Channel.MEETING: "a meeting",
}


def _reader_of(info: TemplateInfo, fields: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name and the address of whoever reads the letter."""
    group = {"us": "sender", "referred": "referral"}.get(info.to, "customer")
    found = fields.get(group) or fields["customer"]
    return str(found.get("name") or ""), str(found.get("email") or "")
