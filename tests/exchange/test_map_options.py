"""--map: what the person says about columns wins over every guess."""

from __future__ import annotations

import pytest

from refertrack.exchange.map_options import MapOption, parse_map_options, with_options
from refertrack.exchange.mapping import guess
from refertrack.rules.errors import BadValue

COLUMNS = ("Name", "Organization Name", "Größe", "a=b", "NOTES", "notes")


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("segment=Organization Name", MapOption("segment", column=1)),
        (" segment = organization name ", MapOption("segment", column=1)),
        ("segment=GRÖSSE", MapOption("segment", column=2)),
        ("segment=a=b", MapOption("segment", column=3)),
        ("notes=notes", MapOption("notes", column=5)),
        ("segment:=Retail", MapOption("segment", constant="Retail")),
        ("segment:=a=b", MapOption("segment", constant="a=b")),
        ("keep-in-touch-days:=30", MapOption("keep_in_touch_days", constant="30")),
        ("notes=", MapOption("notes")),
    ],
)
def test_forms(option, expected):
    assert parse_map_options("customers", COLUMNS, [option]) == (expected,)


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (["segment"], '"segment" does not say', "Like this: --map segment="),
        (["=Name"], '"=Name" does not say', "Like this"),
        (["segment:="], '"segment:=" does not say', "Like this"),
        (["segmnt=Name"], 'Customers have no field "segmnt". Close: "segment".', "The fields: external_id, "),
        (["xyzzy=Name"], 'Customers have no field "xyzzy".', "The fields: external_id, "),
        (["segment=Organisation"], 'no column "Organisation". Close: "Organization Name".', "The columns: Name, "),
        (["segment=Notes"], 'no column "Notes". Close: "', "The columns: Name, "),
        (["segment=Name", "segment=Größe"], '"segment" is mapped twice', "Leave one"),
        (["segment=Name", "segment:=x"], '"segment" is mapped twice', "Leave one"),
    ],
)
def test_refused(options, message, hint):
    with pytest.raises(BadValue) as caught:
        parse_map_options("customers", COLUMNS, options)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.field == "map"


def sources(mapping):
    return {name: [mapping.columns[at] for at in places] for name, places in mapping.sources.items()}


def test_the_person_takes_a_column_from_a_guess():
    guessed = guess("customers", ("Name", "Company", "Notes", "Segment"), [])
    told = with_options(guessed, ["city=Company", "notes=", "owner:=Nora"])
    assert sources(told) == {"name": ["Name"], "segment": ["Segment"], "city": ["Company"]}
    assert told.constants == {"owner": "Nora"}
    assert told.told == {"city", "notes", "owner"}
    assert with_options(guessed, []) == guessed


def test_two_fields_share_a_column_only_where_the_person_says_so():
    guessed = guess("customers", ("Name", "Phone", "Mobile"), [])
    told = with_options(guessed, ["name=Phone", "company=Phone"])
    assert sources(told) == {"name": ["Phone"], "company": ["Phone"]}


def test_one_of_several_columns_can_be_taken():
    columns = ("First Name", "Last Name", "E-mail Address", "E-mail 2 Address", "Home Phone")
    told = with_options(guess("customers", columns, []), ["notes=E-mail Address"])
    assert sources(told)["email"] == ["E-mail 2 Address"]


def test_a_constant_of_a_preset_can_be_replaced():
    columns = ("Lead Owner", "First Name", "Last Name", "Rating")
    guessed = guess("customers", columns, [])
    assert guessed.constants == {"status": "prospect"}
    assert with_options(guessed, ["status:=active"]).constants == {"status": "active"}
    told = with_options(guessed, ["status=Rating"])
    assert (told.constants, sources(told)["status"]) == ({}, ["Rating"])


def test_a_whole_name_replaces_its_parts():
    guessed = guess("customers", ("First Name", "Last Name", "Card"), [])
    assert sources(with_options(guessed, ["name=Card"])) == {"name": ["Card"]}
