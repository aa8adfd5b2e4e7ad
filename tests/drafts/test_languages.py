"""Letters in the languages that ship: complete, true to the English ones, and with no English word of ours in them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from letter_fields import full
from test_letters import assert_clean

from refertrack.drafts.render import Letter, render
from refertrack.drafts.templates import LETTERS, list_templates, plain_name, template_root
from refertrack.drafts.tongues import scaled
from refertrack.drafts.usage import check, fields_of
from refertrack.reports.letter_fields import YOUR_SHARE
from refertrack.rules.errors import LetterTrouble
from refertrack.rules.evidence import Kind
from refertrack.rules.money import Money
from refertrack.rules.sentences import ORDER
from refertrack.rules.surveys import SCALES, unsaid
from refertrack.store.settings import load_business

BUSINESS = load_business({})
ALL = list_templates()
ENGLISH = {info.name: info for info in ALL if not info.language}
TRANSLATED = [info for info in ALL if info.language]
NAMES = [info.name for info in TRANSLATED]
SPOKEN = "smart_request.phone"  # a call sheet with what to say to the customer
READ = [info for info in TRANSLATED if info.to != "us"]
# A language may greet by the whole name, and say one by one what English leaves to a typed sentence.
FREE = re.compile(r"complaint\.(score|process)|(customer|referral|referrer)\.(first_)?name|ask\.evidence.*")
FOLDER = template_root() / LETTERS
LANGUAGES = ("de", "es", "fr", "sv")
FORMS = ["card", "introduction", "linkedin", "review"]


def conditions(name: str) -> set[str]:
    """Return the fields that a letter and its parts use, but for those that a language may use its own way."""
    return {use.name for use in fields_of(name) if not FREE.fullmatch(use.name)}


@pytest.mark.parametrize("info", TRANSLATED, ids=NAMES)
def test_says_the_same_of_the_same(info) -> None:
    english = ENGLISH[plain_name(info)]
    assert (info.title, info.about, info.to, info.purpose) == (
        english.title,
        english.about,
        english.to,
        english.purpose,
    )
    assert conditions(info.name) == conditions(english.name)
    assert [str(problem) for problem in check(info.name)] == []


@pytest.mark.parametrize("path", sorted(FOLDER.glob("_*.*.txt.j2")), ids=lambda path: path.name)
def test_every_part_of_a_language_is_a_part_of_ours(path) -> None:
    assert (FOLDER / f"{path.name.partition('.')[0]}.txt.j2").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_with_every_field(name: str) -> None:
    assert_clean(render(name, full()))


def english_words(letter: Letter) -> set[str]:
    """Return the English words of ours in a letter of another language: those that no other language has."""
    found = re.findall(r"\w+", f"{letter.subject}\n{letter.body}".casefold())
    return set(found) & OURS


OURS = frozenset({
    *("the", "and", "of", "with", "we", "our", "is", "are", "you", "your", "would", "could", "please", "thank"),
    "thanks",
    *("that", "this", "have", "not", "what", "when", "it", "for", "from", "were", "been", "who", "how", "regards"),
    *("dear", "order", "day", "days", "because", "small", "share"),
})  # fmt: skip
KEPT = frozenset({"form", "basis", "kind"})


def foreign(**changes: object) -> dict[str, Any]:
    """Return a full set of fields in which no English word stands, so that only ours can."""
    return {name: _foreign(name, value) for name, value in full(**changes).items()}


def _foreign(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _foreign(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_foreign(name, inner) for inner in value]
    return "Xx" if isinstance(value, str) and name not in KEPT and value not in WORDS else value


# What refertrack itself says where nobody has said it otherwise; the letters know it in their language.
WORDS = frozenset(
    {
        ORDER,
        YOUR_SHARE,
        *(rule.what for rule in BUSINESS.incentives.values()),
        *BUSINESS.survey.scores,
        unsaid("service", 0),
        unsaid("service", 2),
    }
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_is_there(language: str) -> None:
    wanted = {info.name for info in ENGLISH.values() if info.to != "us"} | {SPOKEN}
    assert {plain_name(info) for info in TRANSLATED if info.language == language} == wanted
    parts = {path.name.partition(".")[0] for path in FOLDER.glob("_*.txt.j2")}
    assert {path.name.partition(".")[0] for path in FOLDER.glob(f"_*.{language}.txt.j2")} == parts


def test_sheets_for_us_stay_in_english_but_what_is_said_in_a_request() -> None:
    assert {plain_name(info) for info in TRANSLATED if info.to == "us"} == {SPOKEN}


@pytest.mark.parametrize("info", TRANSLATED, ids=NAMES)
def test_no_english_word_of_ours_is_left(info) -> None:
    for changes in VARIANTS:
        fields = foreign(**changes)
        if refused(plain_name(info), fields):
            assert refused(info.name, fields), changes
            continue
        letter = render(info.name, fields)
        assert english_words(letter) == set(), changes
        assert_clean(letter)


def refused(name: str, fields: dict[str, Any]) -> str:
    """Say what a letter misses."""
    try:
        render(name, fields)
    except LetterTrouble as error:
        return error.message
    return ""


VARIANTS: list[dict[str, Any]] = [
    {},
    *({"ask__form": form, "ask__agreed": agreed} for form in FORMS for agreed in (True, False)),
    *({"ask__count": count, "ask__incentive": ""} for count in (1, 2, 3)),
    {"ask__where": None, "ask__sent_on": None, "ask__specific": None},
    {"purchases": None},
    {"purchases": None, "purchase__what": ORDER, "purchase__days_late": None},
    {"purchases": None, "purchase__days_early": 1, "purchase__days_late": None},
    {"purchases": None, "purchase__days_early": 30, "purchase__days_late": None},
    {"purchase__delivered_on": None, "purchases": None, "purchase__promised_on": date(2027, 1, 1)},
    {"purchase__expected_on": None, "purchase__promised_on": date(2027, 1, 1)},
    {"survey__link": None},
    {"survey__link": None, "survey__questions": None},
    {"links__share": None, "links__share_email": None},
    {"sender__signature": None, "sender__phone": None},
    {"talk__on": None, "talk__next_on": None},
    {"referrals": None, "referral__may_tell": False, "referral__basis": "introduction", "referral__about": None},
    {"reward__what": YOUR_SHARE, "reward__from_on": None},
    {"reward__what": "a small present"},
    {"reward__what": Money(250_00, "SEK")},
    *({"complaint__process": process} for process in (*BUSINESS.survey.scores, None)),
    *(
        {"complaint__text": unsaid("service", score), "complaint__score": score, "complaint__process": "service"}
        for score in (0, 2)
    ),
    {"complaint__owner": None, "complaint__answer_by": None, "complaint__resolution": None, "complaint__on": None},
    {"compliment__praised": None, "remarkable__who": None, "opportunity__impact": None, "meeting__about": None},
    {"opportunity": None, "meeting__on": None, "meeting__next": None, "announcement__from_on": None},
    {"customer__first_name": None, "referral__first_name": None, "referrer__first_name": None},
]


@pytest.mark.parametrize("info", READ, ids=lambda info: info.name)
def test_is_as_long_as_a_letter(info) -> None:
    letter = render(info.name, full(sender__signature="ZZ"))
    assert 45 <= len(re.findall(r"\w+", re.sub(r"\S+://\S+|mailto:\S+", "", letter.body))) <= 175
    assert letter.body.endswith("\nZZ\n")


def asked(**changes: object) -> dict[str, Any]:
    """Return a full set of fields for a request."""
    return foreign(**{f"ask__{name}": value for name, value in changes.items()})


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.KNOWN])
@pytest.mark.parametrize("code", sorted({info.language for info in TRANSLATED}))
def test_every_sign_is_said_in_the_letters_language(code: str, kind: Kind) -> None:
    two = [{"kind": str(kind), "on": date(2026, 11, 12)}, {"kind": "contact", "on": date(2025, 12, 1)}]
    fields = asked(evidence=two, because="you were happy with everything on 12 November")
    letter = render(f"smart_request.{code}", fields)
    assert english_words(letter) == set()
    assert "12" in letter.body
    assert "2025" in letter.body
    assert_clean(letter)


@pytest.mark.parametrize("year", [2019, None])
@pytest.mark.parametrize("code", sorted({info.language for info in TRANSLATED}))
def test_an_old_acquaintance_too(code: str, year: int | None) -> None:
    fields = asked(evidence=[{"kind": "known", "year": year}], because="you have known our work", form="linkedin")
    letter = render(f"smart_request.{code}", fields)
    assert (english_words(letter), "2019" in letter.body) == (set(), year is not None)
    assert_clean(letter)


@pytest.mark.parametrize("code", sorted({info.language for info in TRANSLATED}))
def test_typed_words_stand_as_they_are(code: str) -> None:
    assert "ZZ top" in render(f"smart_request.{code}", {**asked(), "ask": {**asked()["ask"], "because": "ZZ top"}}).body


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_questions_stand_in_the_letter(language: str) -> None:
    body = render(f"survey_invitation.{language}", full(survey__link=None, survey__questions=None)).body
    assert len(re.findall(r"^\d\. ", body, re.MULTILINE)) == len(BUSINESS.survey.questions)
    scales = [len(re.findall(rf"\b{most}\b[^(]*\)$", body, re.MULTILINE)) for most in (5, 10)]
    assert scales == [len(BUSINESS.survey.scores), 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_own_questions_are_answered_in_the_letters_language(language: str) -> None:
    said = [scaled(f"Xx? ({scale})", language) for scale in SCALES.values()]
    assert len(set(said)) == len(SCALES)
    assert not any(scale in text for text in said for scale in SCALES.values())
    assert scaled("Xx? (0 to 5)", "fi") == scaled("Xx? (0 to 5)", "en") == "Xx? (0 to 5)"
    assert scaled("0 to 5", language) == "0 to 5"


GREETINGS = {"de": "Guten Tag {},\n\n", "es": "Hola, {}:\n\n", "fr": "Bonjour {},\n\n", "sv": "Hej {}!\n\n"}


@pytest.mark.parametrize("info", READ, ids=lambda info: info.name)
def test_greets_whoever_reads_it(info) -> None:
    whole = full(customer__first_name=None, referral__first_name=None)
    greeting = GREETINGS[info.language].format("Rui Costa" if info.to == "referred" else "Marta Oliveira")
    assert render(info.name, whole).body.startswith(greeting)
