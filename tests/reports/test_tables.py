"""The light tables of reports are parts of the models' tables, and reports load no models."""

import subprocess
import sys

import pytest
from sqlalchemy import TableClause, TypeDecorator

from refertrack.models.all import metadata
from refertrack.reports import tables
from refertrack.reports.catalogue import NAMES

LIGHT = {name: table for name, table in vars(tables).items() if isinstance(table, TableClause)}


@pytest.mark.parametrize("name", LIGHT)
def test_columns_are_those_of_the_models(name: str) -> None:
    whole = metadata.tables[name]
    assert LIGHT[name].name == name
    for column in LIGHT[name].c:
        kind = whole.c[column.name].type
        assert isinstance(kind.impl if isinstance(kind, TypeDecorator) else kind, type(column.type)), column.name


@pytest.mark.parametrize("report", NAMES)
def test_a_report_loads_neither_models_nor_their_mapper(report: str) -> None:
    code = (
        "import sys\nfrom refertrack.reports.catalogue import definition\nfrom refertrack.store.engine import reading\n"
        f"definition({report!r})\n"
        "print([name for name in sys.modules if name in ('sqlmodel', 'pydantic', 'sqlalchemy.orm')"
        " or name.startswith('refertrack.models.')])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
