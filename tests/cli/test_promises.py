"""The promises about bad input, as tables, through the command line: names, notes, money, dates, files."""

from __future__ import annotations

import unicodedata
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from conftest import Program

NAMES = [
    "Hanna [red]Berg[/] [bold]",
    "Hanna [/]",
    "Hanna \x1b[2J\x1b]0;title\x07",
    "Hanna \x1b]8;;http://x.example\x1b\\link\x1b]8;;\x1b\\",
    "Hanna \x9b31m",
    "Hanna \u202eGREB\u202c",
    "Hanna\u200b Berg",
    "=HYPERLINK(\"http://x\")",
    "+46 Berg",
    "-2+3",
    "@SUM(A1)",
    "Zoe\u0308 Ame\u0301lie",
    "山田 太郎",
    "محمد",
    "Müller-Lüdenscheidt, Dr. Hans",
    "O'Neill \"Bob\" & <script>alert(1)</script>",
    "%_\\ Berg",
    "👩🏽‍🚒 Rosa",
    "N" * 200,
]  # fmt: skip
HARM = {"\x1b", "\x07", "\x9b", "\u202e", "\u202c", "\u200b", "\r"}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_is_kept_as_typed_found_again_and_shown_without_harm(file_shop: Program, name: str) -> None:
    added = file_shop("add-customer", "--json", "--", name)
    assert (added.code, added.json["name"]) == (0, name)
    for form in ([], ["--csv"], ["--json"]):
        shown = file_shop("customers", *form)
        assert shown.code == 0
        if form != ["--csv"]:
            assert not set(shown.out) & HARM - ({"\u202e", "\u202c", "\u200b"} if form else set())
    assert file_shop("customers", "--json").json[0]["name"] == name
    found = file_shop("customer", "--json", "--", unicodedata.normalize("NFC", name).upper())
    assert (found.code, found.json["name"] if found.code == 0 else found.err) == (0, name)
    shown = file_shop("customer", 1)
    assert (shown.code, set(shown.out) & HARM) == (0, set())
    said = file_shop("edit-customer", 1, "--note", "x")
    assert (said.code, set(said.err) & HARM) == (0, set())


@pytest.mark.parametrize("name", ["=1+1", "+A1", "-A1", "@x", "\t=1"])
def test_a_spreadsheet_shows_a_cell_and_never_runs_it(file_shop: Program, name: str) -> None:
    file_shop("add-customer", "--", name)
    kept = name.strip()
    safe, raw = file_shop("customers", "--csv").out, file_shop("customers", "--csv", "--raw").out
    assert f"'{kept}" in safe
    assert f"'{kept}" not in raw
    assert kept in raw


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (["add-customer", "N" * 201], "The name has 201 characters; the limit is 200."),
        (["add-customer", "Jo\x00"], "The name holds a NUL character."),
        (["add-customer", "Jo\udcff"], "holds half a character"),
        (["add-customer", " \t "], "Name is missing."),
        (["add-customer", "Jo", "--note", "x" * 20_001], "The notes has 20,001 characters; the limit is 20,000."),
        (["add-customer", "Jo", "--company", "x" * 201], "The company has 201 characters"),
        (["add-customer", "Jo", "--tag", "x" * 201], "The tag has 201 characters"),
        (["add-customer", "Jo", "--email", "a@b"], '"a@b" is no e-mail address.'),
        (["add-customer", "Jo", "--email", "a@b.example\nBcc: x@y.example"], "is no e-mail address."),
        (["add-customer", "Jo", "--phone", "12"], '"12" is no phone number.'),
        (["add-customer", "Jo", "--phone", "+46 12345"], "has too few or too many digits."),
        (["add-customer", "Jo", "--on", "0001-01-01"], '"0001-01-01" is no date.'),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_what_is_no_name_is_refused_with_its_field_and_limit(
    file_shop: Program, line: list[str], sentence: str
) -> None:
    result = file_shop(*line)
    assert (result.code, result.out) == (2, "")
    assert sentence in result.err
    assert file_shop("customers", "--json").json == []


@pytest.mark.parametrize(
    ("typed", "currency", "kept"),
    [
        ("4200", "EUR", "4200.00"), ("1,234.50", "EUR", "1234.50"), ("1.234,50", "EUR", "1234.50"),
        ("1 234,50", "EUR", "1234.50"), ("1'234.50", "CHF", "1234.50"), ("€ 12", "EUR", "12.00"),
        ("12 EUR", "EUR", "12.00"), ("1,234", "EUR", "1234.00"), ("1.234", "KWD", "1.234"), ("1500", "JPY", "1500"),
        ("12,34,567.89", "INR", "1234567.89"), ("0", "EUR", "0.00"), ("0.01", "EUR", "0.01"),
    ],
)  # fmt: skip
def test_money_is_read_as_people_write_it(file_shop: Program, typed: str, currency: str, kept: str) -> None:
    file_shop("add-customer", "Hanna")
    sold = file_shop("add-purchase", 1, "--amount", typed, "--currency", currency, "--json")
    assert (sold.code, sold.json["amount"], sold.json["currency"]) == (0, kept, currency)


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("1e400", "EUR"), ("NaN", "EUR"), ("Infinity", "EUR"), ("1234567890123456789", "EUR"), ("-1", "EUR"),
        ("1.2345", "KWD"), ("12.345,678", "EUR"), ("0.001", "EUR"), ("1.5", "JPY"),
        ("$ 5", "EUR"), ("5", "XXQ"), ("5", "EURO"), ("five", "EUR"), ("1.2.3", "EUR"),
        ("1,,2", "EUR"), ("", "EUR"), ("=1+1", "EUR"), ("12 SEK", "EUR"),
    ],
)  # fmt: skip
def test_what_is_no_money_is_refused(file_shop: Program, typed: str, currency: str) -> None:
    file_shop("add-customer", "Hanna")
    result = file_shop("add-purchase", 1, "--amount", typed, "--currency", currency)
    if typed == "":  # as good as left out
        assert result.code == 0
        return
    assert (result.code, result.out) == (2, "")
    assert result.err.count("\n") == 2
    assert file_shop("customer", 1, "--json").json["purchases"] == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2026-11-01", "2026-11-01"), ("1.11.2026", "2026-11-01"), ("1/11/2026", "2026-11-01"), ("today", "2026-11-24"),
        ("yesterday", "2026-11-23"), ("last friday", "2026-11-20"), ("friday", "2026-11-20"),
        ("3 days ago", "2026-11-21"), ("2 weeks ago", "2026-11-10"), ("1 November 2026", "2026-11-01"),
        ("Nov 1, 2026", "2026-11-01"), ("1st of November", None), ("20261101", "2026-11-01"),
        ("29.2.2024", "2024-02-29"),
    ],
)  # fmt: skip
def test_days_are_read_as_people_write_them(file_shop: Program, typed: str, kept: str | None) -> None:
    file_shop("add-customer", "Hanna")
    sold = file_shop("add-purchase", 1, "--ordered", typed, "--json")
    if kept is None:
        assert (sold.code, "Like this: 2026-12-01" in sold.err) == (2, True)
    else:
        assert (sold.code, sold.json["ordered_on"]) == (0, kept)


@pytest.mark.parametrize(
    "typed",
    ["2026-02-30", "30 February 2026", "29.2.2023", "31.2.", "2026-13-01", "0001-01-01", "1799-12-31", "soonish",
     "99999999", "next blursday", "in 99999 years", "10000-01-01", "2026-11", "-1"],
)  # fmt: skip
def test_what_is_no_day_is_refused_with_the_forms_that_are(file_shop: Program, typed: str) -> None:
    file_shop("add-customer", "Hanna")
    result = file_shop("add-purchase", 1, f"--ordered={typed}")
    assert (result.code, result.out) == (2, "")
    assert result.err == f'"{typed}" is no date.\nLike this: 2026-12-01, tomorrow, next friday, in 2 weeks.\n'


def test_a_day_far_off_is_asked_about(file_shop: Program) -> None:
    asked = file_shop("add-customer", "Hanna", "--on", "1890-01-01")
    assert (asked.code, "more than 120 years off" in asked.err, "--yes" in asked.err) == (1, True, True)
    assert file_shop("add-customer", "Hanna", "--on", "1890-01-01", "--yes").code == 0


def zip_of_something() -> bytes:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("a.xml", "x" * 1000)
    return whole.getvalue()[:60]


ROWS = "Name;Email;City\nHanna Berg;hanna@berg.example;Malmö\n"


@pytest.mark.parametrize(
    ("content", "city"),
    [
        (ROWS.encode(), "Malmö"),
        (b"\xef\xbb\xbf" + ROWS.encode(), "Malmö"),
        (ROWS.encode("utf-16"), "Malmö"),
        (ROWS.encode("cp1252"), "Malmö"),
        (ROWS.replace(";", ",").encode(), "Malmö"),
        (ROWS.replace(";", "\t").encode(), "Malmö"),
        (ROWS.replace("\n", "\r\n").encode(), "Malmö"),
        (ROWS.replace("Malmö", '"Malmö\nSödra"').encode(), "Malmö\nSödra"),
        (ROWS.replace("Malmö", '"Malmö; ""Södra"""').encode(), 'Malmö; "Södra"'),
        (ROWS.replace("Malmö", "'=Malmö").encode(), "=Malmö"),
    ],
    ids=["utf-8", "bom", "utf-16", "cp1252", "commas", "tabs", "crlf", "a line break in a cell", "quotes", "a prefix"],
)
def test_a_file_is_read_however_it_was_written(file_shop: Program, tmp_path: Path, content: bytes, city: str) -> None:
    file = tmp_path / "customers.csv"
    file.write_bytes(content)
    result = file_shop("import", "customers", file, "--json")
    assert (result.code, result.json["added"]) == (0, 1)
    (row,) = file_shop("customers", "--json").json
    assert (row["name"], " ".join(row["city"].split())) == ("Hanna Berg", " ".join(city.split()))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty."),
        (b" \n\n", "is empty."),
        (zip_of_something(), "not CSV."),
        (b"%PDF-1.7\n", "not CSV."),
        (bytes(range(256)) * 20, "is no text"),
        (b"Name,Email\nHanna,\xff\xfe\x00\n", ""),
        (b"\x00" * 100, ""),
    ],
    ids=["empty", "blank", "zip", "pdf", "bytes", "half a character", "nul"],
)
def test_a_file_that_cannot_be_read_changes_nothing(
    file_shop: Program, tmp_path: Path, content: bytes, sentence: str
) -> None:
    file = tmp_path / "customers.csv"
    file.write_bytes(content)
    result = file_shop("import", "customers", file)
    assert result.code in {1, 2}
    assert (result.out, "Traceback" in result.err, sentence in result.err) == ("", False, True)
    assert file_shop("customers", "--json").json == []


def test_files_that_are_none(file_shop: Program, tmp_path: Path) -> None:
    for path, sentence in ((tmp_path / "none.csv", "There is no file"), (tmp_path, "is a folder.")):
        result = file_shop("import", "customers", path)
        assert (result.code, sentence in result.err) == (1, True)


def test_a_cell_that_is_too_long_is_rejected_with_its_line(file_shop: Program, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(f"Name\nHanna\n{'x' * 100_000}\nJo\n")
    result = file_shop("import", "customers", file, "--json")
    assert (result.json["added"], [each["line"] for each in result.json["rejects"]]) == (2, [3])
    assert "100,000 characters; the limit is 200" in result.json["rejects"][0]["reason"]
