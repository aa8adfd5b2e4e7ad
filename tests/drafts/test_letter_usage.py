"""Which fields a template uses, how much it needs them, and what is wrong with it before it is rendered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from refertrack.drafts.usage import Need, check, fields_of
from refertrack.rules.errors import LetterTrouble, NotFound

Write = Callable[..., Path]
A, S, O = Need.ALWAYS, Need.SOMETIMES, Need.OPTIONAL  # noqa: E741


@pytest.fixture
def write(tmp_path: Path) -> Write:
    (tmp_path / "letters").mkdir()

    def writer(body: str, name: str = "own.txt.j2", head: str = "Subject: Hello\n\n") -> Path:
        (tmp_path / "letters" / name).write_text(head + body, encoding="utf-8")
        return tmp_path

    return writer


def needs(mine: Path) -> dict[str, Need]:
    return {use.name: use.need for use in fields_of("own", mine)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("nothing", {}),
        ("{{ today }}", {"today": A}),
        ("{{ customer.name | title }}", {"customer.name": A}),
        ("{{ customer['name'] }}", {"customer.name": A}),
        ("{% if today %}x{% endif %}", {"today": O}),
        ("{% if today %}{{ today }}{% endif %}", {"today": O}),
        ("{% if today %}{{ links.card }}{% endif %}", {"today": O, "links.card": S}),
        ("{% if today %}{{ links.card }}{% else %}{{ links.share }}{% endif %}",
         {"today": O, "links.card": S, "links.share": A}),
        ("{% if not today %}{{ links.card }}{% else %}{{ today }}{% endif %}", {"today": O, "links.card": A}),
        ("{% if today is defined %}{{ today }}{% endif %}", {"today": O}),
        ("{% if today is undefined %}{{ links.card }}{% endif %}", {"today": O, "links.card": A}),
        ("{% if today %}a{% elif links.card %}{{ links.card }}{% else %}{{ links.share }}{% endif %}",
         {"today": O, "links.card": O, "links.share": A}),
        ("{% if today and links.card %}{{ links.card }}{% endif %}", {"today": O, "links.card": O}),
        ("{% if today or links.card %}{{ links.card }}{% endif %}", {"today": O, "links.card": S}),
        ("{% if ask.form == 'card' %}{{ links.card }}{% endif %}", {"ask.form": A, "links.card": S}),
        ("{% if ask.form == 'card' %}{{ today }}{% else %}{{ today }}{% endif %}", {"ask.form": A, "today": A}),
        ("{% if ask.form and ask.form == 'card' %}x{% endif %}", {"ask.form": O}),
        ("{{ today }}{% if today %}x{% endif %}", {"today": A}),
        ("{{ today or links.card }}", {"today": O, "links.card": A}),
        ("{{ today if today else links.card }}", {"today": O, "links.card": A}),
        ("{{ 'x' if today }}", {"today": O}),
        ("{{ today | default(links.card) }}", {"today": O, "links.card": A}),
        ("{% for x in purchases %}{{ x.what }}{% endfor %}", {"purchases": A, "purchases.what": A}),
        ("{% for x in purchases if x.what %}{{ today }}{% endfor %}",
         {"purchases": A, "purchases.what": O, "today": S}),
        ("{% for x in (1, 2) %}{{ loop.index }}{{ x }}{{ today }}{% endfor %}", {"today": S}),
        ("{% for x in purchases %}a{% else %}{{ today }}{% endfor %}", {"purchases": A, "today": S}),
        ("{{ purchases | list_words('what') }}", {"purchases": A, "purchases.what": A}),
        ("{{ purchases[0].what }}", {"purchases.what": A}),
        ("{% if purchases %}{{ purchases | list_words('what') }}{% endif %}", {"purchases": O, "purchases.what": S}),
        ("{% include '_greeting.txt.j2' %}", {"customer.name": A, "customer.first_name": O}),
        ("{% if customer.name %}{% include '_greeting.txt.j2' %}{% endif %}",
         {"customer.name": O, "customer.first_name": O}),
    ],
)  # fmt: skip
def test_how_much_a_field_is_needed(write: Write, source: str, expected: dict[str, Need]) -> None:
    assert needs(write(source)) == expected


def test_a_use_says_where(write: Write) -> None:
    uses = fields_of("own", write("x\n{{ today }}\n{{ today }}\n{% include '_greeting.txt.j2' %}"))
    assert [(use.name, use.file, use.line, use.required) for use in uses] == [
        ("customer.first_name", "_greeting.txt.j2", 1, False),
        ("customer.name", "_greeting.txt.j2", 1, True),
        ("today", "own.txt.j2", 4, True),
    ]


@pytest.mark.parametrize(
    ("source", "problems"),
    [
        ("{{ customer.name }}", []),
        ("{% if customer %}{{ customer.name }}{% endif %}", []),
        ("\n{{ customer.nmae }}", ['own.txt.j2, line 4: there is no field "customer.nmae".']),
        ("{{ a }}{{ b }}", [f'own.txt.j2, line 3: there is no field "{name}".' for name in "ab"]),
        ("{% if x %}", ["own.txt.j2, line 3: Unexpected end of template"]),
        ("{{ range(3) }}", ["own.txt.j2, line 3: a letter cannot use calls, as in name(…)."]),
        ("{{ 1 + 1 }}", ["own.txt.j2, line 3: a letter cannot use arithmetic."]),
        ("{% set x = 1 %}", ["own.txt.j2, line 3: a letter cannot use set."]),
        ("{{ today | no }}", ["own.txt.j2, line 3: No filter named 'no'."]),
        ("{% include '_no.txt.j2' %}", ['there is no file "_no.txt.j2".']),
        ("{% include 'own.txt.j2' %}", ["own.txt.j2: files include each other too deeply."]),
    ],
)
def test_what_is_wrong_is_told(write: Write, source: str, problems: list[str]) -> None:
    found = check("own", write(source))
    assert len(found) == len(problems)
    for problem, words in zip(found, problems, strict=True):
        assert words in problem.message
        assert problem.hint


def test_a_misspelled_field_gets_the_close_one(write: Write) -> None:
    (problem,) = check("own", write("{{ customer.nmae }}"))
    assert problem.hint.startswith("There is no such field. Close: customer.name")


def test_a_letter_without_a_subject_is_told(write: Write) -> None:
    (problem,) = check("own", write("Dear {{ customer.name }}", head=""))
    assert problem.message == 'own.txt.j2: no line begins with "Subject:".'


def test_what_is_wrong_in_an_included_part_is_told(write: Write) -> None:
    mine = write("{% include '_part.txt.j2' %}")
    write("\n{{ range(3) }}", name="_part.txt.j2", head="")
    (problem,) = check("own", mine)
    assert problem.message.startswith("_part.txt.j2, line 2: ")


def test_fields_of_a_broken_letter(write: Write) -> None:
    with pytest.raises(LetterTrouble, match="line 3"):
        fields_of("own", write("{{ customer."))


def test_a_letter_that_there_is_not() -> None:
    with pytest.raises(NotFound):
        check("no_such_letter")
