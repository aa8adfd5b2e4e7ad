"""The fast way to read: what a reader sees while others write."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress

import psycopg
import pytest

from conftest import postgres_database
from refertrack.rules.errors import Busy
from refertrack.store.reader import open_reader
from refertrack.store.target import Target

INSERT = "INSERT INTO tag (created_at, name, name_key) VALUES ('2026-11-24 09:00:00', 'vip', 'vip')"


def write_beside(target: Target) -> None:
    """Write as another process does that waits for nobody."""
    if target.path is None:
        with psycopg.connect(target.url, autocommit=True) as connection:
            connection.execute(INSERT)
        return
    with closing(sqlite3.connect(target.path, timeout=0)) as file:
        file.execute(INSERT)
        file.commit()


def tags(target: Target, *, snapshot: bool) -> list[int]:
    """Count twice, with somebody who writes in between."""
    with open_reader(target, snapshot=snapshot) as reader:
        first = reader.value("SELECT count(*) FROM tag")
        with suppress(sqlite3.OperationalError):  # a file is held still while it is looked at
            write_beside(target)
        return [first, reader.value("SELECT count(*) FROM tag")]


@pytest.mark.parametrize(("snapshot", "seen"), [(True, [0, 0]), (False, [0, 1])])
def test_all_statements_of_a_snapshot_see_the_same_moment(target: Target, snapshot: bool, seen: list[int]) -> None:
    assert tags(target, snapshot=snapshot) == seen


def test_what_somebody_else_holds_is_waited_for_no_longer_than_on_a_file(
    server: str, postgres_template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("refertrack.store.reader.WAIT_SECONDS", 0.2)
    with postgres_database(server, postgres_template) as target, psycopg.connect(target.url) as other:
        other.execute("LOCK TABLE tag IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Busy, match="busy with somebody else's change"), open_reader(target) as reader:
            reader.value("SELECT count(*) FROM tag")
