"""The survey: which questions are asked, what an answer may be, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from refertrack.rules.errors import BadValue
from refertrack.rules.listening import check_scale, quoted
from refertrack.rules.sentences import day_words

THROTTLE_DAYS = 90
# Who says 0 to 6 of 10 would not recommend us: such a customer is thanked, and not asked to.
DETRACTOR_UP_TO = 6
TEXTS = ("most_important", "why_us", "improve", "comment")
_KEYS = {"name", "kind", "words"}


class Kind(StrEnum):
    """What a question is answered with."""

    SCORE = "score"
    TEXT = "text"
    RECOMMENDED = "recommended"
    LIKELIHOOD = "likelihood"


_NAMED = {Kind.TEXT: TEXTS, Kind.RECOMMENDED: ("recommended",), Kind.LIKELIHOOD: ("would_recommend",)}


class Meaning(StrEnum):
    """What the lowest answer calls for."""

    NONE = "none"
    LOW = "low"  # 0 to 2: a recovery call
    THREE = "three"  # what would make it a 5?
    HIGH = "high"  # every answer 4 or 5: thanks, and perhaps an ask


@dataclass(frozen=True)
class Question:
    """A question as it is asked."""

    name: str
    kind: Kind
    words: str


SCALES = {Kind.SCORE: "0 to 5", Kind.LIKELIHOOD: "0 to 10", Kind.RECOMMENDED: "yes or no, and to whom"}


@dataclass(frozen=True)
class SurveyForm:
    """The questions in their order, and how often a customer is asked them."""

    questions: tuple[Question, ...] = ()
    throttle_days: int = THROTTLE_DAYS

    @property
    def scores(self) -> tuple[str, ...]:
        """The names of the questions that are answered with 0 to 5."""
        return tuple(question.name for question in self.questions if question.kind is Kind.SCORE)

    @property
    def in_letters(self) -> tuple[str, ...]:
        """The questions with their scales, as a letter asks them."""
        return tuple(
            f"{question.words} ({SCALES[question.kind]})" if question.kind in SCALES else question.words
            for question in self.questions
        )


@dataclass(frozen=True)
class Answers:
    """What a customer answered; whatever is left out was not answered."""

    scores: Mapping[str, int] = field(default_factory=dict)
    most_important: str = ""
    why_us: str = ""
    improve: str = ""
    comment: str = ""
    has_recommended: bool | None = None
    whom: str = ""
    would_recommend: int | None = None

    @property
    def lowest(self) -> int | None:
        """The lowest score, None where none was given; how likely they are to recommend is kept apart."""
        return min(self.scores.values(), default=None)

    @property
    def empty(self) -> bool:
        """Whether nothing was answered."""
        return self == Answers()

    @property
    def said(self) -> str:
        """What they wrote that explains their scores best."""
        return self.comment or self.improve


def check_answers(answers: Answers, form: SurveyForm) -> None:
    """See that answers answer this survey, and lie on their scales.

    Raises:
        BadValue: nothing was answered, a question is not asked, or a score is off its scale.

    """
    for name, score in answers.scores.items():
        if name not in form.scores:
            raise BadValue(
                f'The survey does not ask for "{name}".', f"It asks for: {', '.join(form.scores)}.", field=name
            )
        check_scale(score, name, 0, 5)
    check_scale(answers.would_recommend, "would_recommend", 0, 10)
    if answers.empty:
        raise BadValue("Nothing was answered.", "Like this: --service 5 --communication 4 --performance 5")


def meaning(lowest: int | None) -> Meaning:
    """Return what the lowest answer calls for."""
    if lowest is None:
        return Meaning.NONE
    return Meaning.LOW if lowest <= 2 else Meaning.THREE if lowest == 3 else Meaning.HIGH


def delights(lowest: int | None, would_recommend: int | None) -> bool:
    """Whether answers are a sign of delight: every score 4 or 5, and not a word against recommending us."""
    return meaning(lowest) is Meaning.HIGH and (would_recommend is None or would_recommend > DETRACTOR_UP_TO)


def lowest_question(answers: Answers, form: SurveyForm) -> str:
    """Return the first question, in the order in which they are asked, that got the lowest score."""
    order = [name for name in form.scores if name in answers.scores]
    names = order or list(answers.scores)
    return next((name for name in names if answers.scores[name] == answers.lowest), "")


def because(answers: Answers, form: SurveyForm, on: date) -> str:
    """Say in a few words what the answers were: 5 5 5 on 21 Nov 2026, or: service 1/5 on 20 Nov 2026: "…"."""
    if answers.lowest is None:
        return f"answered on {day_words(on)}"
    if meaning(answers.lowest) is Meaning.HIGH:
        scores = " ".join(str(answers.scores[name]) for name in form.scores if name in answers.scores)
        return f"{scores} on {day_words(on)}"
    words = f"{lowest_question(answers, form).replace('_', ' ')} {answers.lowest}/5 on {day_words(on)}"
    return f"{words}: {quoted(answers.said)}" if answers.said else words


def read_survey(document: Mapping[str, Any]) -> SurveyForm:
    """Read the survey from a parsed TOML document.

    Raises:
        BadValue: a key or a value is not as the grammar has it; the sentence names the place.

    """
    unknown = sorted(set(document) - {"question", "throttle_days"})
    if unknown:
        raise _bad("", f'has a key "{unknown[0]}" that nobody reads', "Known are: question, throttle_days.")
    days = document.get("throttle_days", THROTTLE_DAYS)
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= 3650:
        raise _bad("", f"has throttle_days = {days!r}", "Write a number of days from 0 to 3650.")
    listed = document.get("question", [])
    if not isinstance(listed, list) or not all(isinstance(table, Mapping) for table in listed):
        raise _bad("", "has no list of questions", "Write [[question]] for each question.")
    questions = tuple(_question(number, table) for number, table in enumerate(listed, 1))
    names = [question.name for question in questions]
    double = next((name for name in names if names.count(name) > 1), None)
    if double:
        raise _bad("", f'asks "{double}" twice', "Give each question a name of its own.")
    return SurveyForm(questions, days)


def _question(number: int, table: Mapping[str, Any]) -> Question:
    place = f", question {number},"
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        raise _bad(place, f'has a key "{unknown[0]}" that nobody reads', f"Known are: {', '.join(sorted(_KEYS))}.")
    for key in ("name", "words"):
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise _bad(place, f"has no {key}", f'Write {key} = "…".')
    kind = table.get("kind", Kind.SCORE)
    if kind not in list(Kind):
        raise _bad(place, f'has kind = "{kind}"', f"Write one of: {', '.join(Kind)}.")
    name = table["name"].strip()
    allowed = _NAMED.get(Kind(kind))
    if allowed is not None and name not in allowed:
        raise _bad(place, f'is a {kind} called "{name}"', f"Call it: {', '.join(allowed)}.")
    if allowed is None and (name in TEXTS or not name.replace("_", "").isalnum()):
        raise _bad(place, f'is called "{name}"', "A name is one word of letters, digits and _.")
    return Question(name, Kind(kind), table["words"].strip())


def _bad(place: str, what: str, hint: str) -> BadValue:
    return BadValue(f"The survey{place} {what}.", hint, field="survey")


def unsaid(question: str, score: int | None) -> str:
    """Say what a low answer is about where the customer said nothing more: service 1 of 5."""
    return f"{question.replace('_', ' ')} {score} of 5"


def unsaid_score(words: str, question: str) -> int | None:
    """Return the answer in what ``unsaid`` has said; None for words of the customer's own."""
    return next((score for score in range(6) if words == unsaid(question, score)), None)
