"""The same business on both engines: every report, by every group, gives the same answers to the last unit."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import TODAY, make_context, postgres_database
from refertrack.cli.report_page import records
from refertrack.reports import catalogue
from refertrack.reports.frame import View
from refertrack.rules.periods import period
from refertrack.store import engine, settings
from refertrack.store.reader import open_reader
from refertrack.store.target import Target
from refertrack.workflows import demo

GROUPS = ("segment", "product", "referred", "all", "joined-quarter,quarter", "quarter")


def answers(target: Target) -> dict[tuple[str, str], list[Any]]:
    """Let the sample business live there, and ask everything."""
    business = settings.load_business({"business": demo.BUSINESS, "segments": demo.SEGMENTS})
    with engine.writing(target, make_context(business=business)) as session:
        demo.build(session)
    found = {}
    with open_reader(target, snapshot=True) as reader:
        for name in catalogue.NAMES:
            for by in GROUPS:
                report = catalogue.ask(name, by, View(reader, period(None, None, TODAY), TODAY))
                found[name, by] = [*records(report, detail=True).records, report.sentences, report.following]
    return found


def test_both_engines_give_the_same_answers(
    sqlite_target: Target, request: pytest.FixtureRequest, postgres_template: str
) -> None:
    with postgres_database(request.getfixturevalue("server"), postgres_template) as server:
        there = answers(server)
    here = answers(sqlite_target)
    assert len(here) == 11 * len(GROUPS)
    assert sum(len(rows) > 2 for rows in here.values()) > 60  # most have rows
    assert [key for key, rows in here.items() if rows != there[key]] == []
