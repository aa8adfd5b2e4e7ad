"""Files as they come, small ones written here."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
from pathlib import Path

import pytest

from refertrack.exchange.csvread import CELL_LIMIT, Row, read_table
from refertrack.rules.errors import BadValue, FileTrouble


@pytest.fixture
def read(tmp_path):
    """Write bytes (or text as UTF-8) to a file and read it as a table."""

    def _read(content, **options):
        path = tmp_path / "customers.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path, **options)

    return _read


def cells(table):
    return [row.cells for row in table.rows()]


PEOPLE = "name,city\nZoë Dvořák,Kraków\nAteş,Malmö\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (PEOPLE.encode(), "utf-8"),
        (PEOPLE.encode("utf-8-sig"), "utf-8-sig"),
        (PEOPLE.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + PEOPLE.encode("utf-16-be"), "utf-16"),
        (PEOPLE.encode("utf-32"), "utf-32"),
    ],
)
def test_unicode_in_every_form(read, content, encoding):
    table = read(content)
    assert table.encoding == encoding
    assert table.columns == ("name", "city")
    assert cells(table) == [["Zoë Dvořák", "Kraków"], ["Ateş", "Malmö"]]
    assert table.sha256 == hashlib.sha256(content).hexdigest()
    assert table.size == len(content)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "name,city\nZoë,Orléans\n"),
        ("cp1252", "name,price\nRenée,5 €\n"),
        ("latin-1", "name,city\nJosé Müller,Malmö\n"),
        ("cp1251", "name,city\nИван Петров,Москва\nОльга Смирнова,Казань\n"),
        ("cp932", "name,city\n山田太郎,東京都\n株式会社ヤマダ,大阪市\n"),
    ],
)
def test_code_pages(read, encoding, text):
    table = read(text.encode(encoding))
    assert cells(table) == [line.split(",") for line in text.splitlines()[1:]]


def test_an_encoding_that_is_told(read):
    content = "name,city\nŁukasz,Kraków\n".encode("cp1250")
    assert cells(read(content, encoding="cp1250")) == [["Łukasz", "Kraków"]]
    with pytest.raises(FileTrouble, match=r"not all UTF-8: line 2, character 1\."):
        read(content, encoding="utf-8")
    for name in ("no-such", "hex", "rot13"):
        with pytest.raises(BadValue, match="is no encoding"):
            read(content, encoding=name)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(read, separator, end):
    lines = [["name", "words", "amount"], ["Anna", '"a, b; c | d\te"', "1"], ["Bo", '"two\nlines"', "2"]]
    table = read(end.join(separator.join(line) for line in lines))
    assert table.delimiter == separator
    assert list(table.rows()) == [
        Row(2, ["Anna", "a, b; c | d\te", "1"]),
        Row(3, ["Bo", "two\nlines", "2"]),
    ]


@pytest.mark.parametrize(
    ("text", "delimiter", "first"),
    [
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";", ["1,5", "2,5"]),
        ("name;address\nAnna;Street 1, City\nBo;Street 2, Town\n", ";", ["Anna", "Street 1, City"]),
        ("name\nEk, Anna\n", ",", ["Ek", " Anna"]),
        ("name\nAnna Ek\nBo Dahl\n", ",", ["Anna Ek"]),
        ("sep=|\na|b\n1;2|3\n", "|", ["1;2", "3"]),
        ("id,name\n4,'Daisy, the first'\n5,Bo\n", ",", ["4", "Daisy, the first"]),
        ("id,name\n'0123,Anna\n'0124,Bo\n", ",", ["'0123", "Anna"]),
        ("id,name\n1,'=2+2'\n", ",", ["1", "'=2+2'"]),
        ('name, city\nAnna, "Paris, France"\n', ",", ["Anna", "Paris, France"]),
        (" id  date  amount\r\n 01 19970101   11.77\r\n 02 19970112  5.00 \r\n", " ", ["01", "19970101", "11.77"]),
        ('a,b\n"say ""hi""",x\n', ",", ['say "hi"', "x"]),
        ('a,b\n5" pipe,x\n', ",", ['5" pipe', "x"]),
        ("a,b\n1,NULL\n", ",", ["1", ""]),
        ("a,b\n\\N,#N/A\n1,null\n", ",", None),
    ],
)
def test_what_the_layout_is(read, text, delimiter, first):
    table = read(text)
    rows = cells(table)
    assert table.delimiter == delimiter
    assert rows[0] == (first or ["1", "null"])


def test_a_delimiter_that_is_told(read):
    assert cells(read("a,b;c\n1,2;3\n", delimiter=";")) == [["1,2", "3"]]
    for wrong in (";;", '"', "\n"):
        with pytest.raises(BadValue, match="cannot separate"):
            read("a;b\n1;2\n", delimiter=wrong)


def test_words_for_nothing_can_be_kept(read):
    text = "a,b,c,d\nNULL,\\N,#N/A,None\nNULL\n"
    assert cells(read(text)) == [["", "", "", "None"]]
    assert cells(read(text, missing=frozenset({"None"}))) == [
        ["NULL", "\\N", "#N/A", ""],
        ["NULL", "", "", ""],
    ]


@pytest.mark.parametrize(
    ("above", "header"),
    [
        ("", "First Name,Last Name,URL,Email Address,Company,Position,Connected On"),
        (
            'Notes:\n"When exporting, you may notice, as others did, that some are missing."\n\n',
            "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
        ),
        ("Notes:\nSome are missing, others, too, are not, here\n\n", "First Name,Last Name,Email,City,Owner,Tags"),
        ("Customer list\nAcme AB\nAll dates\n\n", "Customer,Phone Numbers,Email,Full Name,Open Balance"),
        ("Customer list,,,,\nAcme AB,,,,\n\n", "alpha,beta,gamma,delta,epsilon"),
    ],
)
def test_lines_above_the_header(read, above, header):
    columns = tuple(header.split(","))
    row = [f"{i}" for i in range(len(columns))]
    table = read(f"{above}{header}\n{','.join(row)}\n{','.join(row)}\n")
    assert table.columns == columns
    assert table.preamble_lines == above.count("\n")
    line = table.preamble_lines + 2
    assert list(table.rows()) == [Row(line, row), Row(line + 1, row)]


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("Phone,Phone,Phone", ("Phone", "Phone (2)", "Phone (3)")),
        ("Phone,Phone (2),Phone", ("Phone", "Phone (2)", "Phone (3)")),
        ("id,,name", ("id", "column 2", "name")),
        (' id ,"two\nlines", b  c', ("id", "two lines", "b c")),
        ("'=id,name", ("=id", "name")),
    ],
)
def test_headers_become_usable_and_unique(read, header, columns):
    assert read(f"{header}\n{','.join('123'[: len(columns)])}\n").columns == columns


def test_ragged_rows(read):
    table = read("name,email,city\nAnna\nBo,NULL,Kraków, Poland\n\n,,\n   \nCy,cy@example.org,Rome\n,,,\n\n")
    good = [Row(2, ["Anna", "", ""]), Row(7, ["Cy", "cy@example.org", "Rome"])]
    bad = next(row for row in table.rows() if row.reason)
    assert bad.line == 3
    assert bad.cells == ["Bo", "NULL", "Kraków", " Poland"]
    assert bad.reason == "4 cells where the header has 3: a text with a separator in it needs quotation marks"
    assert [row for row in table.rows() if not row.reason] == good
    assert list(table.sample) == good


def test_a_short_row_without_separators_is_unsure(read):
    table = read("id  date  amount\n1  2  3\n1  2  3\n" + "1  2  3\n" * 300 + "1  3\n")
    assert [row for row in table.rows() if row.reason] == [Row(304, ["1", "3"], "2 cells where the header has 3")]


def test_a_separator_at_the_end_of_every_row_is_no_mistake(read):
    assert cells(read("a,b\n1,2,\n3,4,\n")) == [["1", "2", ""], ["3", "4", ""]]
    # In some rows only, it may come from a comma within a text.
    assert [bool(row.reason) for row in read("a,b\n1,2,\n3,4\n").rows()] == [True, False]


def test_long_cells(read):
    fits, too_long = "x" * CELL_LIMIT, "lines\n" * (CELL_LIMIT // 6 + 1)
    table = read(f'name,notes\nAnna,{fits}\nBo,"{too_long}"\nCy,short\nDi,{fits}y\n')
    rows = list(table.rows())
    assert [row.reason for row in rows] == [
        "",
        '"notes" has more than 100,000 characters',
        "",
        '"notes" has more than 100,000 characters',
    ]
    assert rows[0].cells == ["Anna", fits]
    assert rows[2].line == 3 + too_long.count("\n") + 1


def test_a_quotation_mark_that_is_never_closed(read):
    text = "name,notes\n" + "Anna,x\n" * 300
    table = read(text + 'Bo,"open\nCy,y\n')
    rows = table.rows()
    assert next(rows) == Row(2, ["Anna", "x"])
    with pytest.raises(FileTrouble, match='line 302: the quotation mark that opens "notes" is never closed') as e:
        list(rows)
    assert 'twice ("")' in e.value.hint


def test_a_cell_without_end(read):
    table = read("a,b\n1,2\n" * 100_000 + 'x,"' + "1234567\n" * 1_250_001)
    with pytest.raises(FileTrouble, match=r"line 200001: a cell has more than 10,000,000 characters"):
        sum(1 for _ in table.rows())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n \r\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b",,\n,,\n", "has no table in it"),
        (b"name,email\n", r"has a header and no rows \(name, email\)"),
        (b"name,email\n,\n\n", "has a header and no rows"),
        (b"PK\x03\x04\x14\x00\x06", "is a spreadsheet .* or a zip file, not CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an old Excel"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"\x1f\x8b\x08\x00", "is a compressed file"),
        (b"SQLite format 3\x00", "is a database"),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\n", "is a file of vCards"),
        (b"\n<!DOCTYPE html><table>", "is a web page"),
        (b'[\n  {"name": "Anna"}\n]', "is JSON"),
        (bytes(range(256)) * 20, "is no text"),
        (b"name,email\nAn\x00na,x\n", "has a NUL character: line 2, character 3"),
        ("name\nAn\x00na\n".encode("utf-16"), "has a NUL character: line 2, character 3"),
        (b"name,city\r\xc3\x85sa,Malm\xc3\xb6\rZo\xeb,x\r", "not all UTF-8: line 3, character 3"),
        ("name,city\nÅsa Öberg,Malmö\nZö".encode() + b"\xed\xa0\x80,x\n", "not all UTF-8: line 3, character 3"),
        ("name\nAnna\n".encode("utf-16")[:-1], "not all UTF-16"),
        (b"name,city\nZo\x81 and Ren\xe9e,x\n", "not all CP1252: line 2, character 3"),
    ],
)
def test_what_is_refused(read, content, message):
    with pytest.raises(FileTrouble, match=message) as caught:
        read(content)
    assert "customers.csv" in caught.value.message
    assert caught.value.hint.endswith((".", "FILE"))


def test_files_that_are_not_there(tmp_path, monkeypatch):
    with pytest.raises(FileTrouble, match="There is no file"):
        read_table(tmp_path / "nothing.csv")
    with pytest.raises(FileTrouble, match="is a folder"):
        read_table(tmp_path)
    path = tmp_path / "theirs.csv"
    path.write_text("a\n1\n")

    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(FileTrouble, match="may not be read by you"):
        read_table(path)

    def break_down(*_args, **_options):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", break_down)
    with pytest.raises(FileTrouble, match="cannot be read: Input/output error"):
        read_table(path)


def test_standard_input_is_read_once_and_can_be_repeated():
    table = read_table(io.BytesIO(b"name,city\nAnna,Rome\n"))
    assert table.name == "standard input"
    assert cells(table) == cells(table) == [["Anna", "Rome"]]


def test_a_file_can_be_read_twice_at_once(read):
    table = read("name\nAnna\nBo\n")
    one, other = table.rows(), table.rows()
    assert [next(one).cells, next(other).cells, next(one).cells, next(other).cells] == [
        ["Anna"],
        ["Anna"],
        ["Bo"],
        ["Bo"],
    ]


def test_rows_stream(tmp_path):
    path = tmp_path / "large.csv"
    path.write_text("id,name,notes\n" + "1,Anna,some words about her\n" * 60_000)
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_table(path).rows())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 60_000
    assert peak < 8_000_000  # all rows at once take three times that
