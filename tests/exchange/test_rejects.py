"""Rejected rows go to a file that can be put right and imported again."""

from __future__ import annotations

import pytest

from refertrack.exchange.csvread import Row, read_table
from refertrack.exchange.csvwrite import unprefix
from refertrack.exchange.rejects import rejects_path, write_rejects
from refertrack.rules.errors import FileTrouble


def test_columns_line_and_reason(tmp_path):
    path = tmp_path / "customers.rejects.csv"
    rejects = [
        Row(3, ["Bo", "Kraków", " Poland"], "3 cells where the header has 2"),
        Row(7, ["=1+1", ""], '"=1+1" is no name'),
    ]
    assert write_rejects(path, ("name", "city"), rejects) == 2
    assert path.read_text(encoding="utf-8") == (
        "name,city,beyond 1,line,reason\n"
        'Bo,Kraków," Poland",3,3 cells where the header has 2\n'
        '"\'=1+1",,,7,"\'""=1+1"" is no name"\n'.replace('"\'""=1', '"""=1')
    )
    assert path.stat().st_mode & 0o777 == 0o600


def test_read_again(tmp_path):
    path = tmp_path / "again.csv"
    write_rejects(path, ("name", "line", "reason"), [Row(2, ["-x", "12", "why"], "bad")])
    table = read_table(path)
    assert table.columns == ("name", "line", "reason", "line (import)", "reason (import)")
    assert [unprefix(cell) for cell in next(table.rows()).cells] == ["-x", "12", "why", "2", "bad"]


def test_no_rejects_no_file(tmp_path):
    assert write_rejects(tmp_path / "none.csv", ("name",), []) == 0
    assert not (tmp_path / "none.csv").exists()


def test_a_free_name_beside_the_file(tmp_path):
    source = tmp_path / "customers.csv"
    first = rejects_path(source)
    assert first == tmp_path / "customers.rejects.csv"
    write_rejects(first, ("name",), [Row(2, ["x"], "bad")])
    with pytest.raises(FileTrouble, match="is there already"):
        write_rejects(first, ("name",), [Row(2, ["x"], "bad")])
    assert rejects_path(source) == tmp_path / "customers.rejects-2.csv"
