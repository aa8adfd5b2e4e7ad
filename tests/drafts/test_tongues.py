"""A letter in the customer's language, and in the form that suits its way."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from refertrack.drafts.render import render
from refertrack.drafts.templates import copy_to_mine, find_letter, list_templates, template_info, variants
from refertrack.drafts.usage import check
from refertrack.rules.errors import BadValue
from refertrack.rules.languages import codes
from refertrack.rules.money import Money

FIELDS: dict[str, object] = {
    "today": date(2026, 11, 24),
    "customer": {"name": "Hanna Berg"},
    "purchase": {
        "what": "kettle",
        "promised_on": date(2026, 12, 1),
        "ordered_on": date(2025, 3, 3),
        "days_late": 3,
        "price": Money(123450, "SEK"),
    },
    "lists": {"three": ["a", "b", "c"]},
}
SOURCE = (
    "Subject: x\n\n{{ purchase.promised_on | day }}|{{ purchase.ordered_on | day }}|"
    "{{ purchase.promised_on | weekday }}"
    "|{{ purchase.days_late | days }}|{{ purchase.days_late | count_words }}|{{ purchase.price | money }}"
    "|{{ lists.three | list_words }}\n"
)


@pytest.mark.parametrize(
    ("language", "found"),
    [
        ("", ()),
        ("sv", ("sv",)),
        ("SV", ("sv",)),
        ("sv-SE", ("sv-se", "sv")),
        ("pt_BR", ("pt-br", "pt")),
        ("Swedish", ("sv",)),
        ("svenska", ("sv",)),
        ("Klingonese", ()),
        ("swe", ("sv",)),
        ("sv_SE.UTF-8", ("sv-se", "sv")),
        ("es MX", ("es-mx", "es")),
        ("French (France)", ("fr",)),
        ("français (Canada)", ("fr",)),
        ("francais", ("fr",)),
        ("fre", ("fr",)),
        ("Spanish; Castilian", ("es",)),
        ("Castellano", ("es",)),
        ("Französisch", ("fr",)),
        ("franska", ("fr",)),
        ("Brazilian Portuguese", ("pt-br", "pt")),
        ("suomi", ("fi",)),
        ("日本語", ("ja",)),
        ("old norse", ("non",)),
        ("qqx", ("qqx",)),
        ("(", ()),
        (" \t ", ()),
    ],
)
def test_codes_of_a_language(language: str, found: tuple[str, ...]) -> None:
    assert codes(language) == found


def test_the_closest_variant_comes_first() -> None:
    assert variants("phone", ["pt-br", "pt"]) == (
        *(".phone.pt-br", ".phone.pt", ".phone", ".pt-br", ".pt"),
    )  # fmt: skip
    assert variants("post", ["pt-br", "pt"]) == (".post.pt-br", ".post.pt", ".pt-br", ".pt", ".post")
    assert variants("", ["sv"]) == (".sv",)
    assert variants("email") == (".email",)
    assert variants() == ()


def written(folder: Path, **files: str) -> Path:
    (folder / "letters").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "letters" / f"{name.replace('__', '.')}.txt.j2").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("wanted", "subject"),
    [
        (variants("email", ["sv"]), "svenska"),
        (variants("phone", ["sv-se", "sv"]), "ring"),
        (variants("phone", ["de"]), "call"),
        (variants("email", ["de"]), "plain"),
        ((), "plain"),
    ],
)
def test_the_letter_that_fits_wins(wanted: tuple[str, ...], subject: str, tmp_path: Path) -> None:
    mine = written(
        tmp_path,
        hello="Subject: plain\n\nx\n",
        hello__sv="Subject: svenska\n\nx\n",
        hello__phone="Subject: call\n\nx\n",
        hello__phone__sv="Subject: ring\n\nx\n",
    )
    assert render("hello", {}, mine=mine, wanted=wanted).subject == subject
    assert render("hello.sv", {}, mine=mine, wanted=wanted).subject == "svenska"


def test_the_users_own_plain_letter_wins_over_a_shipped_call_sheet(tmp_path: Path) -> None:
    shipped = find_letter("delivery_check", tmp_path, variants("phone"))
    assert shipped.name == "delivery_check.phone.txt.j2"
    own = copy_to_mine("delivery_check", tmp_path)
    assert find_letter("delivery_check", tmp_path, variants("phone")) == own


def test_swedish_letters_write_swedish(tmp_path: Path) -> None:
    mine = written(tmp_path, own__sv=SOURCE)
    assert render("own", FIELDS, mine=mine, wanted=variants("", ["sv"])).body.replace("\xa0", " ") == (
        "1 december|3 mars 2025|tisdag 1 december|tre dagar|3|1 234,50 kr|a, b och c\n"
    )


def test_a_letter_can_say_its_language_itself(tmp_path: Path) -> None:
    mine = written(tmp_path, own="{# title: Hallo\n   language: de #}\n" + SOURCE)
    assert render("own", FIELDS, mine=mine).body.replace("\xa0", " ") == (
        "1. Dezember|3. März 2025|Dienstag, 1. Dezember|drei Tage|3|1.234,50 SEK|a, b und c\n"
    )
    assert template_info("own", mine).language == "de"


def test_a_language_that_nobody_knows_is_written_in_english(tmp_path: Path) -> None:
    mine = written(tmp_path, own__qqx=SOURCE)
    assert render("own.qqx", FIELDS, mine=mine).body.startswith("1 December|3 March 2025|Tuesday 1 December|three days")


def test_a_letter_is_taken_over_for_a_language(tmp_path: Path) -> None:
    own = copy_to_mine("thank_you_card", tmp_path, language="pt-BR")
    assert own.name == "thank_you_card.pt-br.txt.j2"
    part = copy_to_mine("_greeting", tmp_path, language="pt-BR")
    part.write_text("Caro {{ customer.nome }},\n", encoding="utf-8")
    (problem,) = check("thank_you_card.pt-br", tmp_path)
    assert problem.message == '_greeting.pt-br.txt.j2, line 1: there is no field "customer.nome".'
    part.write_text("Caro {{ customer.name }},\n", encoding="utf-8")
    assert check("thank_you_card.pt-br", tmp_path) == []
    (info,) = [info for info in list_templates(tmp_path) if info.mine]
    assert (info.name, info.base, info.language) == ("thank_you_card.pt-br", "thank_you_card", "pt-br")
    with pytest.raises(BadValue, match="is no language"):
        copy_to_mine("thank_you_card", tmp_path, language="../x")


@pytest.mark.parametrize(
    ("language", "one", "many", "day"),
    [
        ("de", "einen Tag", "zwölf Tage|13 Tage", "Freitag, 1. Dezember 2028"),
        ("sv", "en dag", "tolv dagar|13 dagar", "fredag 1 december 2028"),
        ("fr", "un jour", "douze jours|13 jours", "vendredi 1er décembre 2028"),
        ("es", "un día", "doce días|13 días", "viernes 1 de diciembre de 2028"),
        ("fi", "1 päivä", "12 päivää|13 päivää", "perjantaina 1. joulukuuta 2028"),
    ],
)
def test_days_and_dates_in_words(language: str, one: str, many: str, day: str, tmp_path: Path) -> None:
    source = "Subject: x\n\n{{ n.a | days }}|{{ n.b | days }}|{{ n.c | days }}|{{ n.on | weekday }}\n"
    fields = {"today": date(2026, 11, 24), "n": {"a": 1, "b": 12, "c": 13, "on": date(2028, 12, 1)}}
    body = render("own", fields, mine=written(tmp_path, **{f"own__{language}": source}), wanted=(f".{language}",)).body
    assert body.replace("\xa0", " ") == f"{one}|{many}|{day}\n"
