"""Names, addresses and numbers: as typed, and as keys."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refertrack.rules import names
from refertrack.rules.errors import BadValue


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zoë", "zoe\u0308"),
        ("STRASSE", "straße"),
        ("  Hanna   Berg ", "hanna berg"),
        ("Ålesund", "A\u030alesund"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert names.key(one) == names.key(other)


@given(st.text())
def test_a_key_is_the_same_for_both_normal_forms_and_for_itself(text: str) -> None:
    key = names.key(text)
    assert key == names.key(unicodedata.normalize("NFC", text)) == names.key(unicodedata.normalize("NFD", text))
    assert names.key(key) == key


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("hanna@example.org", "hanna@example.org"),
        (" Hanna@EXAMPLE.org ", "Hanna@example.org"),
        ("a.b+c@mail.example.co.uk", "a.b+c@mail.example.co.uk"),
        ("jö@exämple.org", "jö@exämple.org"),
    ],
)
def test_an_address_is_read(text: str, parsed: str) -> None:
    assert names.parse_email(text) == parsed


@pytest.mark.parametrize(
    "text", ["", "hanna", "hanna@", "@example.org", "a b@example.org", "a@b@c.example", "a\n@b.example"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="is no e-mail address"):
        names.parse_email(text)


@pytest.mark.parametrize(
    ("text", "country", "parsed"),
    [
        ("+46 8 123 45 67", "", "+4681234567"),
        ("08-123 45 67", "SE", "+4681234567"),
        ("030-0074321", "DE", "+49300074321"),
        ("(206) 555-0100", "US", "+12065550100"),
        ("0046 8 123 45 67", "SE", "+4681234567"),
    ],
)
def test_a_number_is_put_into_the_international_form(text: str, country: str, parsed: str) -> None:
    assert names.parse_phone(text, country) == parsed
    assert names.phone_key(parsed) == parsed[1:]


@pytest.mark.parametrize(("text", "country"), [("08-123 45 67", ""), ("call me", "SE"), ("12", "SE"), ("+99999", "")])
def test_what_is_no_number_is_refused_and_an_import_keeps_it_as_written(text: str, country: str) -> None:
    with pytest.raises(BadValue):
        names.parse_phone(text, country)
    assert names.try_phone(text, country) is None


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Hanna Berg", "Hanna", "Berg"),
        ("Berg, Hanna", "Hanna", "Berg"),
        ("Dr. Hanna Maria Berg", "Hanna", "Berg"),
        ("Cher", "Cher", ""),
        ("Herr Otto Lind", "Otto", "Lind"),
        ("Maria Sa", "Maria", "Sa"),
        ("Johanna Ek", "Johanna", "Ek"),
        ("Hotel", "Hotel", ""),
        ("Old Mill Hotel", "", "Hotel"),
        ("Lind Heating AB", "", "AB"),
        ("Berg & Sons", "", "Sons"),
        ("Hanna and Per Berg", "", "Berg"),
        ("Müller GmbH", "", "GmbH"),
        ("Holm S.A.", "", "S.A."),
        ("M. Dupont", "", ""),
        ("Mme Claire Dupont", "Claire", "Dupont"),
        ("Mr Smith", "", ""),
        ("Dupont, M.", "", "Dupont"),
        ("Dupont, Mme Claire", "Claire", "Dupont"),
        ("Maître Jean Roy", "Jean", "Roy"),
        ("Sra. Ana García", "Ana", "García"),
        ("Señora García", "", ""),
        ("Don Pedro Gil", "Pedro", "Gil"),
        ("Don Johnson", "Don", "Johnson"),
        ("Dña. Ana Gil", "Ana", "Gil"),
        ("D. Pedro Gil", "", "Gil"),
        ("J. Smith", "", "Smith"),
        ("José María Núñez", "José", "Núñez"),
        ("Boulangerie Petit", "", "Petit"),
        ("Panaderia López", "", "López"),
        ("Clínica Dental Sol", "", "Sol"),
        ("L’Atelier du Pont", "", "Pont"),
        ("La Petite Faim", "", "Faim"),
        ("Los Arcos", "", "Arcos"),
        ("Les Paul", "Les", "Paul"),
        ("Dupont et Fils", "", "Fils"),
        ("Ana y Luis Gil", "", "Gil"),
        ("José Ortega y Gasset", "José", "Gasset"),
        ("Obras Gil S.L.", "", "S.L."),
        ("Sinéad O’Connor", "Sinéad", "O’Connor"),
        ("", "", ""),
    ],
)
def test_how_to_address_somebody(name: str, first: str, last: str) -> None:
    assert (names.first_name(name), names.surname(name)) == (first, last)


@pytest.mark.parametrize(
    ("text", "code"),
    [("Germany", "DE"), ("Deutschland", "DE"), ("UK", "GB"), ("usa", "US"), ("se", "SE"), ("Sverige", "SE"), ("", None),
     ("Atlantis", None)],
)  # fmt: skip
def test_a_country_is_known_by_its_names(text: str, code: str | None) -> None:
    assert names.country_code(text) == code


def test_shared_domains_mean_nothing_where_everybody_has_them() -> None:
    assert names.is_free_mail(names.email_domain("a@GMAIL.com"))
    assert not names.is_free_mail(names.email_domain("a@berg.example"))
    assert names.email_domain("none") == ""


def test_like_patterns_hold_their_signs_as_letters() -> None:
    assert names.escape_like("50%_\\") == "50\\%\\_\\\\"
