"""The letters in French and Spanish are set, joined and put as these languages are, whatever the words in them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from letter_fields import full

from refertrack.drafts.render import render
from refertrack.drafts.templates import LETTERS, template_root
from refertrack.drafts.tongues import listed

FRENCH = sorted((template_root() / LETTERS).glob("*.fr.txt.j2"))
SPANISH = sorted((template_root() / LETTERS).glob("*.es.txt.j2"))


@pytest.mark.parametrize("path", FRENCH, ids=lambda path: path.name)
def test_french_is_set_with_blanks_that_no_line_breaks_at(path: Any) -> None:
    said = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    said = re.sub(r"\{%.*?%\}", "X", re.sub(r"\{%-? (?:if|elif|else|endif|for|endfor).*?%\}", "", said))
    said = said.replace("Subject:", "")
    assert re.findall(r".{0,9}[^\xa0?!][?!;:»]", said) == []
    assert re.findall(r"«[^\xa0].{0,9}", said) == []


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


@pytest.mark.parametrize(("language", "open_words"), [("fr", "n toute transparence"), ("es", "on toda transparencia")])
@pytest.mark.parametrize("name", ["smart_request", "smart_reminder", "lost_touch_5"])
def test_an_incentive_is_disclosed_and_nothing_public_is_paid_for(name: str, language: str, open_words: str) -> None:
    for form, told in (("card", True), ("introduction", True), ("linkedin", False), ("review", False)):
        body = render(f"{name}.{language}", full(ask__form=form)).body
        assert (open_words in body, "dinner for two" in body) == (told, told)
        assert open_words not in render(f"{name}.{language}", full(ask__form=form, ask__incentive=None)).body
