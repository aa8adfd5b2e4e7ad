"""Letters in the languages that ship: complete, true to the English ones, and with no English word of ours in them."""

from __future__ import annotations

import re
from datetime import date

import pytest
from letter_fields import full
from test_letters import assert_clean

from refertrack.drafts.render import Letter, render
from refertrack.drafts.templates import LETTERS, list_templates, plain_name, template_root
from refertrack.drafts.usage import check, fields_of
from refertrack.rules.evidence import Kind

ALL = list_templates()
ENGLISH = {info.name: info for info in ALL if not info.language}
TRANSLATED = [info for info in ALL if info.language]
NAMES = [info.name for info in TRANSLATED]
# A language may greet by the whole name, and say one by one what English leaves to a typed sentence.
FREE = re.compile(r"(customer|referral|referrer)\.(first_)?name|ask\.evidence.*")
FOLDER = template_root() / LETTERS


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
    """Return the English words of ours in a letter of another language."""
    found = re.findall(r"[a-z]+", f"{letter.subject}\n{letter.body}".casefold())
    return set(found) & {"the", "you", "your", "and", "of", "with", "we", "our", "is", "are", "kind", "regards", "dear"}


def foreign(**changes: object) -> dict[str, object]:
    """Return a full set of fields in which no English word stands, so that only ours can."""
    said = {"specific": "X", "where": "X", "because": "X", "incentive": "X", "form": "card", "count": 2}
    asked = {**said, "by": date(2026, 11, 30), "sent_on": date(2026, 11, 10), "agreed": False}
    return full(ask={**asked, **changes})


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.KNOWN])
@pytest.mark.parametrize("code", sorted({info.language for info in TRANSLATED}))
def test_every_sign_is_said_in_the_letters_language(code: str, kind: Kind) -> None:
    two = [{"kind": str(kind), "on": date(2026, 11, 12)}, {"kind": "contact", "on": date(2025, 12, 1)}]
    fields = foreign(evidence=two, because="you were happy with everything on 12 November")
    letter = render(f"smart_request.{code}", fields)
    assert english_words(letter) == set()
    assert "12" in letter.body
    assert "2025" in letter.body
    assert_clean(letter)


@pytest.mark.parametrize("year", [2019, None])
@pytest.mark.parametrize("code", sorted({info.language for info in TRANSLATED}))
def test_an_old_acquaintance_too(code: str, year: int | None) -> None:
    fields = foreign(evidence=[{"kind": "known", "year": year}], because="you have known our work", form="linkedin")
    letter = render(f"smart_request.{code}", fields)
    assert (english_words(letter), "2019" in letter.body) == (set(), year is not None)
    assert_clean(letter)


@pytest.mark.parametrize("code", sorted({info.language for info in TRANSLATED}))
def test_typed_words_stand_as_they_are(code: str) -> None:
    assert "ZZ top" in render(f"smart_request.{code}", foreign(because="ZZ top")).body
