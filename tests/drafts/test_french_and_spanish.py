"""The letters in French and Spanish: all there, clean in every branch, with no English word, set as people do."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from letter_fields import full, only
from test_letters import assert_clean, needed

from refertrack.drafts.compose import shipped_questions
from refertrack.drafts.render import Letter, render
from refertrack.drafts.templates import LETTERS, list_templates, template_root
from refertrack.drafts.tongues import listed, scaled
from refertrack.drafts.usage import fields_of
from refertrack.rules.evidence import Kind
from refertrack.rules.surveys import SCALES

LANGUAGES = ("es", "fr")
SHIPPED = [info.name for info in list_templates() if not info.language and info.to != "us"]
SIGNATURE = {"es": "Un cordial saludo,", "fr": "Bien cordialement,"}
GREETING = {"es": "Hola, {}:\n\n", "fr": "Bonjour {},\n\n"}
# Words of English that are none of French or Spanish.
ENGLISH = re.compile(
    r"\b(?:the|you|your|yours|and|of|with|we|our|is|are|was|were|will|would|have|has|had|not|for|from|this|that|it|i|to"
    r"|by|in|at|if|then|what|when|who|please|thanks?|thank|days?|order|share|present|performance|delivery|poor|excellent|yes|or|regards)\b",
    re.IGNORECASE,
)
ALSO_OURS = {"fr": {"excellent"}, "es": set()}
WORDLESS = {
    "customer": {"name": "Xx Yy", "first_name": "Xx", "id": 1},
    "sender": {"name": "Xx", "business": "Yy", "phone": "+1 2", "email": "x@y.example"},
    "complaint": {"text": "Xx", "on": date(2026, 11, 1), "process": "communication", "owner": "Xx", "resolution": "Xx",
                  "answer_by": date(2026, 12, 1)},
    "compliment": {"text": "Xx", "praised": "Yy"},
    "meeting": {"on": date(2026, 11, 1), "about": "Xx", "next": "Yy"},
    "talk": {"on": date(2026, 11, 1), "shared": ["Xx", "Yy"], "next_on": date(2026, 12, 1)},
    "opportunity": {"issue": "Xx", "impact": "Yy", "importance": 4},
    "remarkable": {"text": "Xx", "who": "Yy"},
    "action": {"said": "Xx", "did": "Yy", "done_on": date(2026, 11, 1)},
    "announcement": {"title": "Xx", "text": "Yy", "from_on": date(2026, 12, 1), "link": "https://example.org/x"},
    "referral": {"name": "Xx Yy", "first_name": "Xx", "about": "Yy", "basis": "consent", "may_tell": True},
    "referrals": [{"name": "Xx"}, {"name": "Yy"}],
    "referrer": {"name": "Xx Yy", "first_name": "Xx"},
    "purchases": None,
}  # fmt: skip


def foreign(**changes: Any) -> dict[str, Any]:
    """Return every field, with words that are none of any language where a person would type some."""
    fields = full(**WORDLESS)
    fields["purchase"] = {**fields["purchase"], "what": "Xx"}
    fields["reward"] = {"what": "Xx", "from_on": date(2026, 12, 1)}
    fields["ask"] = {**fields["ask"], "specific": "Xx", "where": "Yy", "because": "Zz", "incentive": "Ww"}
    fields["survey"] = {**fields["survey"], "questions": None}
    for name, value in changes.items():
        group, _, field = name.partition("__")
        fields[group] = {**fields[group], field: value} if field else value
    return fields


BRANCHES: list[dict[str, Any]] = [
    {},
    {"purchases": [{"what": "Xx"}, {"what": "Yy"}]},
    {"purchase__what": "order", "purchase__days_late": None, "purchase__days_early": 1},
    {"purchase__days_late": 1, "purchase__promised_on": None, "purchase__expected_on": None},
    {"purchase__delivered_on": None},
    {"purchase__delivered_on": None, "purchase__expected_on": None},
    {"sender__phone": None, "talk": None, "opportunity": None, "links": None, "survey__link": None},
    {"links__share": None, "links__share_email": None, "complaint__owner": None, "complaint__answer_by": None},
    {"complaint__on": None, "complaint__resolution": None, "compliment__praised": None, "remarkable__who": None},
    {"complaint__process": "service", "meeting__about": None, "meeting__next": None, "meeting__on": None},
    {"complaint__process": "delivery", "action__done_on": None, "announcement__from_on": None},
    {"complaint__process": "performance", "referral__may_tell": False, "reward__what": "your share"},
    {"referral__basis": "introduction", "referral__about": None, "reward__what": "a small present"},
    {"referrals": None, "reward__from_on": None, "talk__on": None, "talk__next_on": None},
    *({"ask__form": form, "ask__agreed": agreed} for form in ("card", "introduction", "linkedin", "review")
      for agreed in (True, False)),
    *({"ask__count": count, "ask__sent_on": None, "ask__where": None} for count in (1, 2, 3)),
    *({"ask__evidence": [{"kind": str(kind), "on": date(2026, 11, 1)}, {"kind": "contact", "on": date(2025, 11, 1)}]}
      for kind in Kind if kind is not Kind.KNOWN),
    *({"ask__evidence": [{"kind": "known", "year": year}]} for year in (2019, None)),
]  # fmt: skip


def written(name: str, language: str, changes: dict[str, Any]) -> Letter | None:
    """Return a letter with some fields changed, None where one that it cannot do without is among them."""
    fields = foreign(**changes)
    without = [use.name for use in fields_of(f"{name}.{language}") if use.required and not _has(fields, use.name)]
    if without or (not fields["links"] and fields["ask"]["form"] in {"linkedin", "review"}):
        return None
    return render(f"{name}.{language}", fields)


def _has(fields: dict[str, Any], name: str) -> bool:
    group, _, field = name.partition(".")
    value = fields.get(group)
    return bool(value.get(field)) if isinstance(value, dict) else bool(value)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHIPPED)
def test_every_letter_to_a_customer_or_a_friend_is_there(name: str, language: str) -> None:
    letter = render(f"{name}.{language}", full())
    assert (letter.language, letter.template) == (language, f"{name}.{language}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHIPPED)
def test_every_branch_is_clean_and_holds_no_english_word(name: str, language: str) -> None:
    seen = set()
    for changes in BRANCHES:
        letter = written(name, language, changes)
        if letter is None:
            continue
        assert_clean(letter)
        text = re.sub(r"\S+://\S+|mailto:\S+", "", f"{letter.subject}\n{letter.body}")
        found = {word.lower() for word in ENGLISH.findall(text)} - ALSO_OURS[language]
        assert found == set(), text
        seen.add(text)
    assert seen


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHIPPED)
def test_greets_and_signs_as_people_do(name: str, language: str) -> None:
    first, whole = (
        ("Rui", "Rui Costa") if name in {"contact_referred", "introduction_email"} else ("Marta", "Marta Oliveira")
    )
    assert render(f"{name}.{language}", full()).body.startswith(GREETING[language].format(first))
    unknown = full(customer__first_name=None, referral__first_name=None, referrer__first_name=None)
    assert render(f"{name}.{language}", unknown).body.startswith(GREETING[language].format(whole))
    signed = render(f"{name}.{language}", full(sender__signature=None)).body
    assert signed.endswith(f"\n\n{SIGNATURE[language]}\nNora Lind · Lind Heating · +46 8 123 45 67\n")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHIPPED)
def test_is_of_a_letters_length(name: str, language: str) -> None:
    """These languages need more words than English, and no letter needs many more."""
    for fields in (full(), only(needed(f"{name}.{language}"))):
        body = render(f"{name}.{language}", fields).body.partition(f"\n{SIGNATURE[language]}\n")[0].partition("\n")[2]
        told = re.sub(r"\w+:\S+|^\d\. .*", "link", body, flags=re.MULTILINE)
        assert 45 <= len(re.findall(r"\w[\w’'-]*", told)) <= 145


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHIPPED)
def test_needs_what_the_english_letter_needs(name: str, language: str) -> None:
    ours, theirs = ({use.name for use in fields_of(each) if use.required} for each in (name, f"{name}.{language}"))
    assert theirs == ours


FRENCH = sorted((template_root() / LETTERS).glob("*.fr.txt.j2"))
SPANISH = sorted((template_root() / LETTERS).glob("*.es.txt.j2"))


@pytest.mark.parametrize("path", FRENCH, ids=lambda path: path.name)
def test_french_is_set_with_blanks_that_no_line_breaks_at(path: Any) -> None:
    said = re.sub(r"\{[%#].*?[%#]\}|\S+://", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    said = said.replace("Subject:", "")
    assert re.findall(r".{9}[^\xa0?!][?!;:»]", said) == []
    assert re.findall(r"«[^\xa0].{9}", said) == []


@pytest.mark.parametrize("path", FRENCH, ids=lambda path: path.name)
def test_french_elides_nothing_before_a_word_that_it_does_not_know(path: Any) -> None:
    said = path.read_text(encoding="utf-8")
    words = r"\b(?:de|du|des|que|jusque|le|la|les|au|aux|ce|je|me|ne|se|te) \{\{ .*?\}\}"
    known = re.compile(r"\| (?:day|weekday|days) \}\}|sender\.phone")
    assert [found for found in re.findall(words, said) if not known.search(found)] == []


@pytest.mark.parametrize("path", SPANISH, ids=lambda path: path.name)
def test_spanish_opens_its_questions_and_joins_no_word_that_it_does_not_know(path: Any) -> None:
    said = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert said.count("¿") == said.count("?")
    assert re.findall(r"\b(?:y|o|el|la|los|las|un|una) \{\{ (?![^}]*\| (?:day|weekday) ).*?\}\}", said) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_questions_stand_in_the_letter(language: str) -> None:
    body = render(f"survey_invitation.{language}", full(survey__link=None, survey__questions=None)).body
    assert len(re.findall(r"^\d\. ", body, re.MULTILINE)) == len(shipped_questions())
    assert (body.count("0"), body.count("10")) == (5, 1)


@pytest.mark.parametrize("language", ["de", "es", "fr", "sv"])
def test_own_questions_are_answered_in_the_letters_language(language: str) -> None:
    said = [scaled(f"Xx? ({scale})", language) for scale in SCALES.values()]
    assert len(set(said)) == len(SCALES)
    assert not any(scale in text for text in said for scale in SCALES.values())
    assert scaled("Xx? (0 to 5)", "fi") == scaled("Xx? (0 to 5)", "en") == "Xx? (0 to 5)"
    assert scaled("0 to 5", language) == "0 to 5"


@pytest.mark.parametrize(
    ("words", "joined"),
    [
        (["Ana", "Iñaki"], "Ana e Iñaki"),
        (["Ana", "Rui", "Íñigo"], "Ana, Rui e Íñigo"),
        (["agua", "hielo"], "agua y hielo"),
        (["padres", "hijos"], "padres e hijos"),
        (["a", "Yolanda"], "a y Yolanda"),
        (["Ana y Bea", "Rui"], "Ana y Bea y Rui"),
        (["Iñaki"], "Iñaki"),
        ([], ""),
    ],
)
def test_spanish_lists(words: list[str], joined: str) -> None:
    assert listed(words, "es") == listed(words, "es-mx") == joined


@pytest.mark.parametrize(("language", "subject"), [("fr", "Comment allez-vous\xa0?"), ("es", "¿Qué tal le va?")])
def test_a_subject_keeps_its_blank(language: str, subject: str) -> None:
    assert render(f"keep_in_touch.{language}", full()).subject == subject


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "le mardi 1er décembre."), ("es", "el martes 1 de diciembre.")],
)
def test_a_day_within_a_sentence(language: str, words: str) -> None:
    assert words in render(f"late_apology.{language}", full(purchase__delivered_on=None)).body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["smart_request", "smart_reminder", "lost_touch_5"])
def test_an_incentive_is_disclosed_and_nothing_public_is_paid_for(name: str, language: str) -> None:
    open_words = {"fr": "En toute transparence", "es": "Con toda transparencia"}[language]
    for form, told in (("card", True), ("introduction", True), ("linkedin", False), ("review", False)):
        body = render(f"{name}.{language}", foreign(ask__form=form)).body
        assert (open_words.lower() in body.lower(), "Ww" in body) == (told, told)
        assert open_words.lower() not in render(f"{name}.{language}", foreign(ask__incentive=None)).body.lower()
