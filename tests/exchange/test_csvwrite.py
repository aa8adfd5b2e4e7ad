"""What goes out is shown by a spreadsheet, never run, and comes back as it was."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from refertrack.exchange.csvread import read_table
from refertrack.exchange.csvwrite import needs_prefix, prefix, unprefix, write_rows
from refertrack.rules.errors import BadValue


def written(columns, rows, **options):
    stream = io.StringIO()
    write_rows(columns, rows, stream, **options)
    return stream.getvalue()


FORMULAS = [
    "=1+1",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|'/C x'!A0",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "=",
    "-",
    "-5,00",
    "+1 555 0123 ext 4",
    "'=1+1",
    "''@x",
    "-1\n",
]
PLAIN = [
    "",
    "Anna",
    "a=b",
    "-1",
    "-5.00",
    "+46 (0)8 123-45.67",
    "+1/2",
    "(171) 555-7788",
    "O'Hara",
    "'t Hooft",
    "'",
    "''",
    "'1 555 0123",
    " =1+1",
    "\u200b=1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_get_one_apostrophe(text):
    assert needs_prefix(text)
    assert prefix(text) == "'" + text
    assert unprefix(prefix(text)) == text


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_and_numbers_are_left_alone(text):
    assert prefix(text) == text
    assert unprefix(text) == text


@given(st.text())
def test_unprefix_undoes_prefix(text):
    assert unprefix(prefix(text)) == text


@given(st.text())
def test_nothing_that_goes_out_begins_a_formula_but_numbers(text):
    out = prefix(text)
    assert out[:1] not in set("=@\t\r\n＝＋－＠")
    if out[:1] in {"+", "-"}:
        assert set(out[1:]) <= set("0123456789 ()./-")


def test_an_apostrophe_of_the_persons_own_stays():
    assert unprefix("'+1 555 0123") == "'+1 555 0123"
    assert prefix("'+1 555 0123") == "''+1 555 0123"
    assert unprefix("'00123") == "'00123"


def test_values_are_written_as_imports_read_them():
    moment = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    row = [None, True, False, 3, Decimal("-1E+3"), 0.5, date(2026, 11, 23), moment, "-5,00"]
    columns = [f"c{place}" for place in range(len(row))]
    assert written(columns, [row]).splitlines()[1] == (
        """,yes,no,3,-1000,0.5,2026-11-23,2026-11-23T08:30:00+00:00,"'-5,00\""""
    )


def test_only_text_columns_where_told_and_none_when_raw():
    row = ["=1", "-5,50"]
    assert written(["name", "amount"], [row]) == """name,amount\n"'=1","'-5,50"\n"""
    assert written(["name", "amount"], [row], text_columns={"name"}) == """name,amount\n"'=1","-5,50"\n"""
    assert written(["=name", "amount"], [row], raw=True) == """=name,amount\n=1,"-5,50"\n"""
    assert written(["=name"], [["x"]]) == """"'=name"\nx\n"""


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("plain", "plain"),
        ('say "hi"', '"say ""hi"""'),
        ("a,b", '"a,b"'),
        ("a;b", '"a;b"'),
        ("a|b", '"a|b"'),
        ("a\tb", '"a\tb"'),
        ("two\nlines", '"two\nlines"'),
        ("lone\rreturn", '"lone\rreturn"'),
        (" blank before", '" blank before"'),
        ("two  blanks", '"two  blanks"'),
        ("'quoted'", "\"'quoted'\""),
        ("", '""'),
    ],
)
def test_quoting(cell, line):
    assert written(["a"], [[cell]]) == f"a\n{line}\n"
    assert written(["a", "b"], [[cell, "x"]]) == f"a,b\n{line if cell else ''},x\n"


def test_the_number_of_rows_and_of_cells():
    stream = io.StringIO()
    assert write_rows(["a", "b"], iter([["1", "2"], ["3", "4"]]), stream) == 2
    with pytest.raises(BadValue, match="3 cells where the header has 2"):
        write_rows(["a", "b"], [["1", "2", "3"]], stream)


TEXT = st.text(alphabet=st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=30)
TRICKY = st.sampled_from(
    ["=1+1", "'=1'", "'a'", '"', "a;b;c", "x|y", "\r", "a\r\nb", "  ", "NULL", "sep=;", "\ufeff", *FORMULAS]
)


@given(st.data(), st.integers(1, 4))
def test_round_trip(data, width):
    columns = ["name", "email", "notes", "x"][:width]
    row = st.lists(st.one_of(TEXT, TRICKY), min_size=width, max_size=width)
    rows = data.draw(st.lists(row, min_size=1, max_size=5))
    rows = [row for row in rows if any(row)]  # a row without anything in it is no record
    assume(rows)
    content = written(columns, rows).encode()
    table = read_table(io.BytesIO(content), missing=frozenset())
    assert table.columns == tuple(columns)
    assert [[unprefix(cell) for cell in found.cells] for found in table.rows()] == rows
    assert not any(found.reason for found in table.rows())


@given(st.lists(st.lists(st.one_of(TEXT, TRICKY), min_size=2, max_size=2).filter(any), min_size=1, max_size=5))
def test_round_trip_raw(rows):
    content = written(["name", "notes"], rows, raw=True).encode()
    assert [row.cells for row in read_table(io.BytesIO(content), missing=frozenset()).rows()] == rows
