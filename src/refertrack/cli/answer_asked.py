"""The answer to an ask, asked for on a terminal: what they said, whom they named, why not, by when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from refertrack.cli.desk import Desk
from refertrack.rules.asks import ANSWERABLE
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.words import AskState

if TYPE_CHECKING:
    from refertrack.workflows.referred import NewReferral

KINDS = {"named": "named", "agreed": "agreed", "no one": "no_one", "declined": "declined", "nothing": "no_response"}


@dataclass(frozen=True)
class Said:
    """What a customer answered; which fields count depends on the kind."""

    kind: str
    people: list[NewReferral] = field(default_factory=list)
    reason: str = ""
    note: str = ""
    on: date | None = None


def said(desk: Desk, number: int) -> Said:
    """Ask for an answer, one thing after the other.

    Raises:
        NotFound: there is no such ask.
        NotAllowed: it was answered already.

    """
    _check(desk, number)
    kind = KINDS[desk.asked(f"What did they say? {', '.join(KINDS)}", "named", _kind)]
    if kind == "named":
        return Said(kind, _people(desk))
    if kind == "declined":
        return _declined(desk)
    if kind == "agreed":
        return Said(kind, on=_day(desk))
    return Said(kind)


def reason(desk: Desk) -> str:
    """Ask why somebody declined, until it is on the list."""
    from refertrack.reports.asks import reasons

    with desk.reading() as reader:
        known = {name: row["code"] for row in reasons(reader) for name in (row["code"], row["words"].casefold())}
    words = list(dict.fromkeys(known.values()))

    def check(text: str) -> str:
        found = known.get(" ".join(text.casefold().split()))
        if found is None:
            raise BadValue(f'"{text}" is not on the list.', f"One of: {', '.join(words)}.", field="reason")
        return str(found)

    while True:
        if given := desk.asked(f"Why? {', '.join(words)}", check=check):
            return given


def _check(desk: Desk, number: int) -> None:
    with desk.reading() as reader:
        state = reader.value("SELECT state FROM ask WHERE id = :id", id=number)
    if state is None:
        raise NotFound(f"There is no ask {number}.", "See: refertrack asks")
    if state not in {*ANSWERABLE, AskState.NAMED}:
        raise NotAllowed(
            f"Ask {number} was answered: {state.replace('_', ' ')}.", "Take that back first: refertrack undo"
        )


def _kind(text: str) -> str:
    word = " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
    if word not in KINDS:
        raise BadValue(f'"{text}" is no answer.', f"One of: {', '.join(KINDS)}.", field="answer")
    return word


def _people(desk: Desk) -> list[NewReferral]:
    """Ask for names and their addresses until an empty name ends them."""
    from refertrack.rules.names import parse_email
    from refertrack.workflows.referred import NewReferral

    people: list[NewReferral] = []
    while True:
        name = desk.asked("Whom else? (nothing: that is all)" if people else "Whom did they name?")
        if name:
            people.append(
                NewReferral(name, email=desk.asked("Their e-mail address? (nothing: not known)", check=parse_email))
            )
        elif people:
            return people


def _declined(desk: Desk) -> Said:
    why = reason(desk)
    note = desk.asked("In which words?" if why == "other" else "In which words? (nothing: none)")
    return Said("declined", reason=why, note=note)


def _day(desk: Desk) -> date | None:
    def check(text: str) -> str:
        day = desk.day(text, field="on")
        return day.isoformat() if day else ""

    text = desk.asked("By when? (nothing: no day was said)", check=check)
    return date.fromisoformat(text) if text else None
