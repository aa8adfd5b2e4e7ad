"""The catalogue of fields, and headers as plain words."""

from __future__ import annotations

import pytest

from refertrack.exchange.fields import FIELDS, STANDS_IN, header_key


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("customerID", "customer id"),
        ("Customer_Id", "customer id"),
        ("customer-id", "customer id"),
        ("CUSTOMER ID", "customer id"),
        (" orderDate ", "order date"),
        ("E-mail 1 - Value", "email 1 value"),
        ("eMail", "email"),
        ("e_mail address", "email address"),
        ("Business Country/Region", "business country region"),
        ("Company / Account", "company account"),
        ("HTTPServer2Name", "http server2 name"),
        ("Pre\u0301nom", "prénom"),
        ("Straße", "strasse"),
        ("名前", "名前"),
        ("???", ""),
        ("", ""),
    ],
)
def test_header_key(header, key):
    assert header_key(header) == key


@pytest.mark.parametrize("kind", FIELDS)
def test_every_word_can_be_met_by_a_header_and_stands_for_one_field(kind):
    words = [word for field in FIELDS[kind] for word in field.words]
    assert [header_key(word) for word in words] == words
    # Two fields may share a word only on purpose: e-mail addresses link purchases, too.
    assert sorted({word for word in words if words.count(word) > 1}) == []


@pytest.mark.parametrize("kind", FIELDS)
def test_every_field_is_found_by_its_own_name(kind):
    assert [field.name for field in FIELDS[kind] if field.name.replace("_", " ") not in field.words] == []


def test_required_fields():
    assert [field.name for field in FIELDS["customers"] if field.required] == ["name"]
    assert [field.name for field in FIELDS["purchases"] if field.required] == ["customer", "ordered_on"]
    assert set(STANDS_IN["name"]) <= {field.name for field in FIELDS["customers"]}
