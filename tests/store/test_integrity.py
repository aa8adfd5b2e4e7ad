"""A check finds what is not of its kind, which the engine itself takes as it comes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from conftest import Program
from refertrack.store.target import Target

ODD = {
    "no date": ("UPDATE purchase SET ordered_on = '2026-1q-02'", "row 1 of purchase holds no day in ordered_on"),
    "a day that is none": ("UPDATE purchase SET ordered_on = '2026-02-30'", "holds no day in ordered_on"),
    "no moment": ("UPDATE command SET at = '2026x11-24'", "of command holds no moment in at"),
    "no number": ("UPDATE purchase SET quantity = 'x'", "holds no number in quantity"),
    "no text": ("UPDATE customer SET notes = x'ff00'", "holds no text in notes"),
    "no JSON": (
        "UPDATE change SET after = substr(after, 3) WHERE id = 1",
        "of change holds no whole words in after",
    ),
    "no amount": ("UPDATE purchase SET amount_minor = 'x'", "holds no number in amount_minor"),
    "an id that is none": (
        "DELETE FROM follow_up_anchor; DELETE FROM follow_up; UPDATE purchase SET id = -1 WHERE id = 1",
        "row -1 of purchase holds no number in id",
    ),
    "the year 0": ("UPDATE purchase SET ordered_on = '0000-02-03'", "holds no day in ordered_on"),
    "a word of no list": ("UPDATE customer SET status = 'actixe'", "CHECK constraint failed in customer"),
    "no table": ("UPDATE change SET table_name = 'customeq'", "of change holds no table's name in table_name"),
    "no verb": ("UPDATE change SET verb = 'inserd'", "of change holds no word for a change in verb"),
    "no numbers": ("UPDATE change SET row_ids = '1D3'", "of change holds no numbers of rows in row_ids"),
    "no row's values": ("UPDATE change SET after = '[1]' WHERE after <> ''", "of change holds no whole words in after"),
    "no column's name": (
        "UPDATE change SET after = replace(after, '\"name\"', '\"nam}\"')",
        "of change holds no whole words in after",
    ),
    "no day in the history": (
        "UPDATE change SET after = replace(after, '2026-11-20', '2026-1q-20')",
        "of change holds no whole words in after",
    ),
    "letters of a view that are none": (
        "PRAGMA writable_schema=ON; UPDATE sqlite_master SET sql ="
        " replace(sql, 'AS customer', CAST(x'415320ff' AS TEXT) || 'ustomer')"
        " WHERE name = 'reward_line'; PRAGMA writable_schema=OFF",
        "the form of a table or a view holds letters that are none",
    ),
    "another letter of a view": (
        "PRAGMA writable_schema=ON; UPDATE sqlite_master SET sql = replace(sql, 'open', 'opeo')"
        " WHERE name = 'due_item'; PRAGMA writable_schema=OFF",
        "the view due_item is not as it was made",
    ),
    "no rule": ("UPDATE reward SET rule_copy = ''", "row 1 of reward holds no whole rule in rule_copy"),
    "no rule's trigger": ("UPDATE reward SET rule_copy = '[]'", "row 1 of reward holds no whole rule in rule_copy"),
    "no document": ("UPDATE setting SET document = '[]'", "row 1 of setting holds no whole words in document"),
    "no letters": ("UPDATE customer SET city = CAST(x'ff41' AS TEXT)", "a row of customer holds letters that are none"),
}


@pytest.mark.parametrize("case", ODD)
def test_a_value_that_is_not_of_its_kind_is_found_and_told(
    file_shop: Program, sqlite_target: Target, case: str
) -> None:
    path = sqlite_target.path
    assert isinstance(path, Path)
    file_shop("add-customer", "Hanna Berg")
    file_shop("add-purchase", "1", "--product", "pump", "--ordered", "2026-11-20")
    file_shop("set-incentive", "thanks", "--gives", "dinner for two", "--cost", "60")
    file_shop("refer", "1", "Rui Costa", "--email", "rui@costa.example", "--consent", "introduction")
    assert file_shop("won", "1", "--amount", "900").code == 0
    assert file_shop("check").code == 0
    statement, words = ODD[case]
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.executescript(statement)
    connection.close()
    found = file_shop("check", "--json")
    assert (found.code, found.json[0]["hint"]) == (1, "refertrack restore")
    assert any(words in row["words"] for row in found.json), found.out
    before = path.read_bytes()
    for line in (
        ("history", "1"),
        ("history",),
        ("rewards",),
        ("undo",),
        ("customer", "1"),
        ("report",),
        ("export-customer", "1"),
    ):
        result = file_shop(*line)
        assert result.code == 0 or ("refertrack check" in result.err and path.read_bytes() == before), (line, result)
        assert ("inside refertrack" in result.err, result.code == 2) == (False, False), (line, result)
        path.write_bytes(before)


def test_what_a_command_cannot_read_is_the_files_fault_only_where_the_file_is_damaged(
    file_shop: Program, sqlite_target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    from refertrack.reports import lists

    def breaks(*_values: object) -> None:
        raise ValueError("Hanna Berg is no day")

    assert sqlite_target.path is not None
    file_shop("add-customer", "Hanna Berg")
    monkeypatch.setattr(lists, "customers", breaks)
    for form in ([], ["--json"]):
        sound = file_shop("customers", *form)
        assert (sound.code, "inside refertrack (ValueError)" in sound.err) == (1, True)
    with sqlite3.connect(sqlite_target.path) as connection:
        connection.execute("UPDATE customer SET joined_on = '2026-1q-02'")
    connection.close()
    told = file_shop("customers")
    assert told.code == 1
    assert "holds something that refertrack did not write: row 1 of customer holds no day in joined_on" in told.err
    assert "refertrack check" in told.err
    assert "refertrack restore" in told.err
    assert "Hanna" not in told.err


def test_a_check_of_a_file_that_may_only_be_read_changes_nothing(file_shop: Program, sqlite_target: Target) -> None:
    path = sqlite_target.path
    assert path is not None
    file_shop("add-customer", "Hanna Berg")
    before, when = path.read_bytes(), path.stat().st_mtime_ns
    path.chmod(0o400)
    assert file_shop("check").code == 0
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, when)
    assert not path.with_name(f"{path.name}-journal").exists()


def test_what_a_file_holds_of_a_person_is_not_taken_for_what_was_typed(
    file_shop: Program, sqlite_target: Target
) -> None:
    assert sqlite_target.path is not None
    file_shop("add-customer", "Hanna Berg")
    file_shop("refer", "1", "Rui Costa", "--phone", "+351 21 123 45 67", "--consent", "introduction")
    with sqlite3.connect(sqlite_target.path) as connection:
        connection.execute("UPDATE referral SET phone = 'x'")
    connection.close()
    told = file_shop("won", "1")
    assert (told.code, "Correct it: refertrack edit-referral 1 --phone" in told.err) == (1, True), told
    assert file_shop("edit-referral", "1", "--phone", "+351 21 123 45 67").code == 0
    assert file_shop("won", "1").code == 0
