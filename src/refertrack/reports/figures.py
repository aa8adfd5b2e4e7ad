"""Single figures by name, so many of so many: what an action measures before and after, what a page mentions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refertrack.reports.catalogue import definition, prepared
from refertrack.reports.frame import Line, View, run
from refertrack.rules.close import close_to
from refertrack.rules.errors import BadValue
from refertrack.rules.periods import Period
from refertrack.rules.reasons import SHIPPED
from refertrack.rules.statistics import Rate

if TYPE_CHECKING:
    from datetime import date

    from refertrack.store.reader import Reader

SATISFIED, REASON = "satisfied", "reason"
_SPACES = str.maketrans("-_:", "   ")
OTHER_QUESTIONS = ("would recommend", "has recommended", "response", "without an invitation", "said, not done")
# name → the report, the key of its figure, and the survey's question where it is about one
FIGURES: dict[str, tuple[str, str, str]] = {
    "participation": ("referrals", "participation_rate", ""),
    "ask rate": ("referrals", "ask_rate", ""),
    "conversion": ("referrals", "net_conversion", ""),
    "spontaneous share": ("referrals", "spontaneous_share", ""),
    "ask yield": ("asks", "ask_yield", ""),
    "on time": ("service", "on_time_rate", ""),
    "complaint recovery": ("complaints", "recovery_rate", ""),
    "new by referral": ("growth", "referred_share", ""),
    SATISFIED: ("surveys", "share", SATISFIED),
    "response": ("surveys", "share", "response"),
    "has recommended": ("surveys", "share", "has recommended"),
}


def figure(reader: Reader, name: str, period: Period, today: date, segment: str = "") -> Rate:
    """Return a figure for a period: of all customers, or of one segment.

    ``satisfied`` is of all questions together, ``satisfied communication`` of one. ``reason privacy`` is, of
    the requests that were answered with a no, the share for which that reason was given.

    Raises:
        BadValue: there is no such figure, reason or segment.

    """
    reason = _reason(reader, name)
    report, key, question = ("reasons", "share", "") if reason else _named(name)
    where = (("segment", segment),) if segment else ()
    found = definition(report)
    rows = run(found, prepared(found, View(reader, period, today, (), where))).rows
    if reason:
        given = {_plain(line.group[-1]): line.values["share"] for line in rows}
        shares = [share for share in given.values() if isinstance(share, Rate)]
        own = given.get(reason)
        return Rate(own.k if isinstance(own, Rate) else 0, shares[0].n if shares else 0)
    rates = [line.values.get(key) for line in rows if not question or _about(line, question)]
    known = [rate for rate in rates if isinstance(rate, Rate)]
    return Rate(sum(rate.k for rate in known), sum(rate.n for rate in known))


def _plain(name: str) -> str:
    return " ".join(name.casefold().translate(_SPACES).split())


def _reason(reader: Reader, name: str) -> str:
    """Return the words of the reason that a figure is about, "" where it is about none."""
    word, about = _plain(name), f"{REASON} "
    if not word.startswith(about):
        return ""
    wanted = word.removeprefix(about)
    for code, words, standing in _reasons(reader):
        if wanted in {_plain(code), _plain(words)}:
            return _plain(standing)
    raise BadValue(f'There is no reason "{wanted}".', "See: refertrack reasons", field="measure")


def _reasons(reader: Reader) -> list[tuple[str, str, str]]:
    """Return the reasons' codes and words, and the words of those that they go by now."""
    rows = reader.tuples(
        "SELECT reason.code, reason.words, coalesce(kept.words, reason.words) FROM reason"
        " LEFT JOIN reason AS kept ON kept.id = reason.merged_into"
    )
    if not rows:  # nobody has given one yet
        return [(code, words, words) for code, words in SHIPPED.items()]
    return rows


def _named(name: str) -> tuple[str, str, str]:
    word = _plain(name)
    if word in FIGURES:
        return FIGURES[word]
    if word.startswith(f"{SATISFIED} "):
        return "surveys", "share", word.removeprefix(f"{SATISFIED} ")
    close = close_to(word, list(FIGURES))
    raise BadValue(
        f'There is no figure "{name}".{f" Close: {close[0]}." if close else ""}',
        f"Say one of: {', '.join(FIGURES)}, satisfied QUESTION, reason CODE.",
        field="measure",
    )


def _about(line: Line, question: str) -> bool:
    own = line.group[-1]
    return own not in OTHER_QUESTIONS if question == SATISFIED else own.casefold() == question
