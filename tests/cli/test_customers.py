"""Customers are corrected, tagged, found and filtered, through the command line."""

from __future__ import annotations

import pytest

from conftest import Program


@pytest.fixture
def stocked(shop: Program) -> Program:
    shop("add-customer", "Hanna Berg", "--email", "hanna@berg.example", "--segment", "Private", "--tag", "vip",
         "--city", "Malmö", "--country", "Sweden")  # fmt: skip
    shop("add-customer", "Johanna Ek", "--company", "Ek Print", "--segment", "Retail", "--owner", "Nora")
    shop("add-customer", "Bo Dahl", "--prospect", "--city", "Lund", "--country", "sweden")
    return shop


def names(shop: Program, *line: str) -> list[str]:
    return [row["name"] for row in shop("customers", *line, "--json").json]


def test_every_field_can_be_corrected_and_taken_back(stocked: Program) -> None:
    before = stocked("customer", 1, "--json").json
    corrected = {
        "name": "Hanna Berg-Lind", "company": "Berg Print", "email": "hanna@print.example", "phone": "+46701234567",
        "segment": "Guest house", "owner": "Nora", "source": "fair", "city": "Lund", "country": "Norway",
        "language": "sv", "notes": "likes tea", "status": "dormant", "external_source": "hubspot", "external_id": "77",
    }  # fmt: skip
    options = {"notes": "note", "external_source": "external-source", "external_id": "external-id"}
    line = [part for field, value in corrected.items() for part in (f"--{options.get(field, field)}", value)]
    line += ["--channel", "phone", "--on", "2020-01-31", "--keep-in-touch", "30", "--tag", "fair", "--untag", "VIP"]
    changed = stocked("edit-customer", "hanna@berg.example", *line, "--json").json
    assert {field: changed[field] for field in corrected} == corrected
    assert (changed["preferred_channel"], changed["joined_on"], changed["keep_in_touch_days"]) == (
        "phone",
        "2020-01-31",
        30,
    )
    assert (changed["tags"], changed["version"] > before["version"]) == (["fair"], True)
    assert names(stocked, "print") == ["Hanna Berg-Lind", "Johanna Ek"]
    assert stocked("undo").code == 0
    after = stocked("customer", 1, "--json").json
    assert after.pop("version") > before.pop("version")  # whoever saw the change is told, too
    assert after == before


def test_a_change_is_told_with_what_was_before(stocked: Program) -> None:
    told = stocked("edit-customer", 1, "--email", "", "--segment", "Retail")
    assert told.err == "Changed: 1, Hanna Berg: email hanna@berg.example → none; segment Private → Retail.\n"
    again = stocked("edit-customer", 1, "--segment", "Retail")
    assert (again.code, again.err) == (0, "Nothing to change: 1, Hanna Berg is like that already.\n")


def test_the_second_of_two_people_is_told(stocked: Program) -> None:
    seen = stocked("customer", 1, "--json").json["version"]
    assert stocked("edit-customer", 1, "--city", "Lund", "--if-version", seen).code == 0
    late = stocked("edit-customer", 1, "--city", "Ystad", "--if-version", seen, "--json")
    assert (late.code, late.out) == (1, "")
    assert '"code": "conflict"' in late.err
    assert stocked("customer", 1, "--json").json["city"] == "Lund"


def test_who_is_no_customer_any_more_is_not_followed_up(stocked: Program) -> None:
    stocked("add-purchase", 1, "--ordered", "2026-11-24")
    assert len(stocked("due", "--json").json) == 1
    told = stocked("edit-customer", 1, "--status", "former")
    assert told.err.endswith("status active → former. 2 open items closed.\n")
    assert stocked("due", "--json").json == []
    stocked("undo")
    assert len(stocked("due", "--json").json) == 1


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        ([], 2, "What is to be changed is missing."),
        (["--name", " "], 2, "A customer needs a name."),
        (["--email", "hanna"], 2, '"hanna" is no e-mail address.'),
        (["--keep-in-touch", "0"], 2, "0 days cannot be kept."),
        (["--keep-in-touch", "often"], 2, '"often" is no number of days.'),
        (["--status", "erased"], 2, "not erased by a status"),
        (["--untag", "nobody"], 3, 'carries no tag "nobody"'),
        (["--tag", " "], 2, "A tag needs a name."),
        (["--on", "2026-02-30"], 2, '"2026-02-30" is no date.'),
        (["--note", "x" * 20_001], 2, "the limit is 20,000"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    stocked: Program, line: list[str], code: int, sentence: str
) -> None:
    before = stocked("history", "--json").out
    result = stocked("edit-customer", 1, *line)
    assert (result.code, sentence in result.err) == (code, True)
    assert stocked("history", "--json").out == before


def test_an_external_id_is_one_customers(stocked: Program) -> None:
    stocked("edit-customer", 1, "--external-source", "crm", "--external-id", "7")
    taken = stocked("edit-customer", 2, "--external-source", "crm", "--external-id", "7")
    assert (taken.code, 'Hanna Berg (1) has the external id "7" already.' in taken.err) == (1, True)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (["hanna"], ["Hanna Berg", "Johanna Ek"]),
        (["BERG.example"], ["Hanna Berg"]),
        (["--segment", "Retail"], ["Johanna Ek"]),
        (["--status", "prospect"], ["Bo Dahl"]),
        (["--owner", "Nora"], ["Johanna Ek"]),
        (["--tag", "VIP"], ["Hanna Berg"]),
        (["--city", "lund"], ["Bo Dahl"]),
        (["--country", "sweden", "--sort", "newest"], ["Bo Dahl", "Hanna Berg"]),
        (["--sort", "city"], ["Johanna Ek", "Bo Dahl", "Hanna Berg"]),
        (["--limit", "1"], ["Bo Dahl"]),
        (["nobody"], []),
        (["%"], []),
    ],
)
def test_customers_are_filtered_and_sorted(stocked: Program, line: list[str], found: list[str]) -> None:
    assert names(stocked, *line) == found


def test_tags_are_counted(stocked: Program) -> None:
    stocked("edit-customer", 2, "--tag", "vip", "--tag", "fair")
    assert stocked("tags").lines == [["fair", "1"], ["vip", "2"]]
    assert stocked("tags", "--json").json == [{"name": "fair", "customers": 1}, {"name": "vip", "customers": 2}]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("customers", "--segment", "Retial"), 'No customer has the segment "Retial". Close: Retail.'),
        (("due", "--segment", "privte"), 'No customer has the segment "privte". Close: Private.'),
        (("due", "--owner", "Noar"), 'No customer has the owner "Noar". Close: Nora.'),
        (("ready", "--segment", "[red]"), 'No customer has the segment "[red]".'),
        (("asks", "--segment", "Retial"), 'No customer has the segment "Retial". Close: Retail.'),
        (("draft", "--all", "--segment", "Retial"), 'No customer has the segment "Retial". Close: Retail.'),
        (("customers", "--tag", "vpi"), 'No customer has the tag "vpi". Close: vip.'),
        (("customers", "--city", "Malmo"), 'No customer has the city "Malmo". Close: Malmö.'),
    ],
)
def test_a_list_of_a_group_that_nobody_is_in_names_the_nearest(
    stocked: Program, line: tuple[str, ...], said: str
) -> None:
    found = stocked(*line)
    assert (found.code, found.out, found.err.splitlines()[0]) == (0, "", said)


def test_a_group_is_found_however_it_is_written(stocked: Program) -> None:
    assert names(stocked, "--segment", "retail") == names(stocked, "--owner", "nora") == ["Johanna Ek"]
    assert names(stocked, "--city", "MALMÖ") == names(stocked, "--tag", "VIP") == ["Hanna Berg"]
    stocked("segments", "set", "Hotel", "--keep-in-touch", 30)
    empty = stocked("customers", "--segment", "hotel", "--json")  # it has settings, and nobody yet
    assert (empty.code, empty.json) == (0, [])


def test_a_new_customer_joins_the_segment_that_is_there(stocked: Program) -> None:
    assert stocked("add-customer", "Ida Falk", "--segment", "RETAIL", "--json").json["segment"] == "Retail"
    assert stocked("edit-customer", "bo", "--segment", "private", "--json").json["segment"] == "Private"
    slip = stocked("add-customer", "Eva Ros", "--segment", "Retial")
    assert slip.err.splitlines()[0] == 'Added: 5, Eva Ros. "Retial" is a new segment; was Retail meant?'
    assert stocked("add-customer", "Per Lund", "--segment", "School").err.startswith("Added: 6, Per Lund.\n")


def test_whose_list_is_empty_learns_why(stocked: Program) -> None:
    asked = stocked("due", "--mine", "--owner", "Nora")
    assert (asked.code, asked.err.splitlines()[0]) == (2, "--mine and --owner contradict each other.")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("nunez", 1),
        ("Jose Nunez", 1),
        ("Núñez", 1),
        ("jose", 2),
        ("josé", 1),
        ("zurich", 3),
        ("Rosé", None),
        ("\u0301", None),
    ],
)
def test_accents_need_not_be_typed(shop: Program, typed: str, found: int | None) -> None:
    for name, company in (("José Núñez", ""), ("Jose Rojas", ""), ("Ann Ek", "Käse Zürich")):
        shop("add-customer", name, "--company", company)
    shown = shop("customer", typed, "--json")
    assert (shown.json["id"] if shown.code == 0 else None) == found
    listed = shop("customers", typed, "--json").json
    assert [row["id"] for row in listed] == ([] if found is None else [found])
    assert [row["id"] for row in shop("customers", typed, "--limit", 1, "--status", "former", "--json").json] == []
