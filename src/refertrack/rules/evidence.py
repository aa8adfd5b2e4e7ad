"""Why this customer can refer, as the letter says it after "I ask you because".

The sentence is kept in English with the request. It is ours, so it can be read again, clause by clause, and said in
the language of the letter; words that a person typed in its place stand as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from refertrack.rules.sentences import spoken_day


class Kind(StrEnum):
    """What speaks for a customer, as the letters in other languages ask for it."""

    COMPLIMENT = "compliment"
    ALL_FIVES = "all_fives"
    ALL_GOOD = "all_good"
    PUT_RIGHT = "put_right"
    PROMISE = "promise"
    REFERRED = "referred"
    BACK = "back"
    CONTACT = "contact"
    KNOWN = "known"


_CLAUSES = {
    Kind.COMPLIMENT: "you paid us a compliment on",
    Kind.ALL_FIVES: "you were happy with everything on",
    Kind.ALL_GOOD: "you were happy with our work on",
    Kind.PUT_RIGHT: "you saw that we put things right on",
    Kind.PROMISE: "we delivered earlier than promised, on",
    Kind.REFERRED: "you recommended us before, on",
    Kind.BACK: "we are in touch again since",
    Kind.CONTACT: "we spoke on",
}
_KNOWN = "you have known our work"
_AND = " and "
_MONTHS = [f"{date(2000, month, 1):%B}" for month in range(1, 13)]
_CLAUSE = re.compile(
    rf"(?P<clause>{'|'.join(map(re.escape, _CLAUSES.values()))})"
    rf" (?P<day>\d{{1,2}}) (?P<month>{'|'.join(_MONTHS)})(?: (?P<year>\d{{4}}))?"
)
_SINCE = re.compile(rf"{_KNOWN}(?: since (?P<year>\d{{4}}))?")


def clause(kind: Kind, on: date, today: date) -> str:
    """Say one thing that speaks for a customer, with its day."""
    return f"{_CLAUSES[kind]} {spoken_day(on, today)}"


def known(joined_on: date | None) -> str:
    """Say of somebody who shows no sign yet that they know our work."""
    return f"{_KNOWN} since {joined_on.year}" if joined_on else _KNOWN


def sentence(clauses: Iterable[str]) -> str:
    """Join clauses to what follows "because"."""
    return _AND.join(clauses)


def read(text: str, asked_on: date) -> list[dict[str, object]]:
    """Return the kinds and days of a sentence that was made here, empty for one that a person typed.

    Args:
        text: what stands after "because".
        asked_on: the day on which it was written; a day without a year is of that year.

    """
    since = _SINCE.fullmatch(text)
    if since:
        return [{"kind": str(Kind.KNOWN), "year": int(since["year"]) if since["year"] else None}]
    found = [_CLAUSE.fullmatch(part) for part in text.split(_AND)]
    kinds = {words: kind for kind, words in _CLAUSES.items()}
    signs: list[dict[str, object]] = []
    for match in found:
        on = _day(match, asked_on) if match else None
        if match is None or on is None:
            return []
        signs.append({"kind": str(kinds[match["clause"]]), "on": on})
    return signs


def _day(match: re.Match[str], asked_on: date) -> date | None:
    """Return a clause's day, None where the calendar has none such."""
    try:
        return date(int(match["year"] or asked_on.year), _MONTHS.index(match["month"]) + 1, int(match["day"]))
    except ValueError:
        return None
