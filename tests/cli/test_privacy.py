"""A person sees all that is kept on them, is forgotten everywhere, and does not come back unnoticed."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from conftest import TODAY, Program
from refertrack.models.all import metadata
from refertrack.rules.errors import Busy, FileTrouble
from refertrack.rules.personal import KEPT, PERSONAL
from refertrack.store import backup as backups
from refertrack.store import engine
from refertrack.store.locks import one_at_a_time
from refertrack.store.persons import belonging_tables
from refertrack.store.target import Target

NAME, EMAIL, PHONE = "Hanna Zetterqvist", "hanna.z@berg.example", "+46701234567"
TRACES = ("zetterqvist", "hanna.z", "701234567", "secret")


def _value(table: Any, column: Any, number: int) -> Any:
    """A value for any column: text carries a secret, so that whatever is left can be found."""
    own = {
        ("follow_up", "state"): "open", ("customer", "status"): "active", ("purchase", "status"): "delivered",
        ("ask", "state"): "sent", ("ask", "measurable"): 2, ("referral", "state"): "won",
        ("referral", "consent"): "none", ("feedback", "kind"): "complaint", ("reward", "state"): "accrued",
        ("reward", "kind"): "in_kind", ("reward", "rule_copy"): '{"trigger":"won"}',
        ("opt_out", "channel"): "any", ("opt_out", "purpose"): "any",
        ("opportunity", "state"): "open", ("opportunity", "importance"): 3, ("survey_answer", "score"): 4,
        ("survey", "would_recommend"): 9, ("survey", "lowest"): 4,
        ("referral_event", "to_state"): "won", ("follow_up_anchor", "anchor_table"): "customer",
        ("purchase", "quantity"): 1, ("import_batch", "rows_read"): 4,
    }  # fmt: skip
    if (table.name, column.name) in own:
        return own[table.name, column.name]
    if column.name == "currency":
        return "EUR"
    kind = getattr(column.type, "impl_instance", column.type).python_type
    kept = column.name in KEPT.get(table.name, ())
    values = {str: f"word {number}" if kept else f"secret {table.name} {column.name} {number}", int: number, bool: True,
              date: TODAY, datetime: datetime.fromisoformat("2026-11-24T09:00:00+00:00")}  # fmt: skip
    return values[kind]


def fill(target: Target, who: int, friend: int) -> None:
    """Put a row into every table that belongs to a person, whatever tables there are."""
    with engine.create_engine(target).begin() as connection:
        ids: dict[str, int] = {"customer": who}
        for table in metadata.sorted_tables:
            if table.name in {"command", "change", "customer", "setting", "suppression"}:
                continue
            values = {}
            for column in table.columns:
                if column.name == "id":
                    continue
                links = [link.column.table.name for link in column.foreign_keys]
                if links:
                    values[column.name] = ids.get(links[0])
                elif column.name == "anchor_id":
                    values[column.name] = who
                else:
                    values[column.name] = _value(table, column, who)
            if table.name == "referral":
                values.update(referrer_id=friend, customer_id=who, name=NAME, email=EMAIL, phone=PHONE)
            key = connection.execute(table.insert().values(values)).inserted_primary_key
            assert key is not None
            ids[table.name] = key[0]


@pytest.fixture
def known(shop: Program, target: Target) -> Program:
    """Two customers, one of whom stands in every table, in a friend's notes and in the history."""
    shop("add-customer", NAME, "--email", EMAIL, "--phone", PHONE, "--note", "secret tea", "--city", "Secretville")
    shop("add-customer", "Jo Park", "--note", f"knows {NAME.upper()} and writes to {EMAIL}; likes tea")
    shop("add-purchase", 1, "--product", "pump", "--ordered", "2026-11-10", "--delivered", "2026-11-20")
    shop("done", "1", "--note", "secret words")
    shop("edit-customer", 1, "--company", "Secret Ltd")
    shop("undo")
    fill(target, 1, 2)
    return shop


def texts(target: Target) -> Iterator[tuple[str, str, str]]:
    with engine.create_engine(target, write=False).connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(table.select()).mappings():
                for name, value in row.items():
                    if isinstance(value, str):
                        yield table.name, name, value


def traces(target: Target) -> list[tuple[str, str, str]]:
    return [found for found in texts(target) if any(trace in found[2].lower() for trace in TRACES)]


def forget(shop: Program, *more: object) -> Any:
    result = shop("forget-customer", 1, "--confirm", NAME, *more, "--json")
    assert result.code == 0, result.err
    return result.json


def test_nothing_is_left_of_a_person_in_any_table(known: Program, target: Target) -> None:
    assert {name for name, _, _ in traces(target)} >= set(PERSONAL) | {"change"}
    forget(known)
    left = [found for found in traces(target) if found[0] in belonging_tables() | {"change", "command"}]
    assert left == []
    assert known("customer", 2, "--json").json["notes"] == "knows (erased) and writes to (erased); likes tea"
    assert [row["id"] for row in known("customers", "--json").json] == [2]
    assert known("due", "--customer", "2", "--json").code == 0
    assert [row for row in known("due", "--json").json if row["customer_id"] == 1] == []
    assert known("check", "--json").json == []


def test_no_undo_brings_a_person_back(known: Program, target: Target) -> None:
    forget(known)
    commands = [row["id"] for row in known("history", "--json").json]
    for number in commands:
        known("undo", number)
    assert traces(target) == [found for found in traces(target) if found[0] not in belonging_tables() | {"change"}]
    refused = known("undo", commands[0])
    assert (refused.code, "erased a person; that is not brought back" in refused.err) == (1, True)
    assert [row["name"] for row in known("customers", "--json").json if row["id"] == 1] == []


def test_the_bytes_are_gone_from_the_file_and_from_backups_written_anew(
    file_shop: Program, sqlite_target: Target, tmp_path: Path
) -> None:
    file_shop("add-customer", NAME, "--email", EMAIL, "--phone", PHONE)
    file_shop("add-customer", "Jo Park")
    file_shop("backup")
    path = sqlite_target.path
    assert path is not None
    result = forget(file_shop)
    assert len(result["backups_holding"]) == 1  # the day's backup was made before they came
    assert b"etterqvist" not in path.read_bytes()
    assert b"hanna.z" not in path.read_bytes()
    (holding,) = map(Path, result["backups_holding"])
    assert EMAIL.encode() in holding.read_bytes()
    again = file_shop("forget-customer", 1, "--purge-backups", "--json").json
    assert (again["backups_purged"], again["backups_holding"]) == ([str(holding)], [])
    for place in backups.folder_of(path).glob("*.db"):
        assert b"etterqvist" not in place.read_bytes(), place
    assert file_shop("restore", holding, "--yes").code == 0
    assert [row["name"] for row in file_shop("customers", "--json").json] == ["Jo Park"]


def test_a_person_who_was_forgotten_does_not_come_back_unnoticed(shop: Program, tmp_path: Path) -> None:
    shop("add-customer", NAME, "--email", EMAIL, "--phone", PHONE)
    forget(shop)
    refused = shop("add-customer", "H. Z.", "--email", EMAIL.upper())
    assert (refused.code, "asked to be forgotten" in refused.err, "--anyway" in refused.err) == (1, True, True)
    assert shop("add-customer", "H. Z.", "--phone", PHONE).code == 1
    shop("add-customer", "Jo Park")
    assert shop("refer", "jo", "H. Z.", "--email", EMAIL).code == 1
    file = tmp_path / "people.csv"
    file.write_text(f"Name,Email\nAnna Ek,anna@ek.example\nH. Z.,{EMAIL}\n")
    result = shop("import", "customers", file, "--json").json
    assert (result["added"], result["rejects"]) == (1, [{"line": 3, "reason": "The person asked to be forgotten."}])
    bought = tmp_path / "sales.csv"
    bought.write_text(f"Customer,Ordered,Product\n{EMAIL},2026-11-20,pump\n")
    shop("import", "purchases", bought, "--map", "customer=Customer", "--map", "ordered_on=Ordered", "--add-customers")
    assert {row["name"] for row in shop("customers", "--json").json} == {"Jo Park", "Anna Ek"}
    back = shop("add-customer", "H. Z.", "--email", EMAIL, "--anyway", "wrote to us today", "--json").json
    assert back["notes"] == "Asked to be forgotten once; taken in again: wrote to us today"


def test_only_hashes_that_need_the_key_are_kept(shop: Program, target: Target) -> None:
    import hashlib

    shop("add-customer", NAME, "--email", EMAIL, "--phone", PHONE)
    forget(shop)
    kept = [value for name, column, value in texts(target) if (name, column) == ("suppression", "digest")]
    plain = {hashlib.sha256(words.encode()).hexdigest() for words in (EMAIL, f"email:{EMAIL}", PHONE)}
    assert (len(kept), plain & set(kept)) == (2, set())


def test_a_namesake_is_left_alone(shop: Program) -> None:
    shop("add-customer", NAME, "--email", EMAIL)
    shop("add-customer", NAME, "--email", "other@x.example", "--note", f"not the other {NAME}")
    forget(shop)
    kept = shop("customer", 2, "--json").json
    assert (kept["name"], kept["email"], kept["notes"]) == (NAME, "other@x.example", f"not the other {NAME}")


def test_the_whole_name_is_typed_again(shop: Program) -> None:
    shop("add-customer", NAME)
    asked = shop("forget-customer", "hanna")
    assert (asked.code, f'--confirm "{NAME}"' in asked.err) == (2, True)
    wrong = shop("forget-customer", "hanna", "--confirm", "Hanna", "--yes")
    assert (wrong.code, "Nothing was changed." in wrong.err) == (1, True)
    assert len(shop("customers", "--json").json) == 1


def test_an_export_holds_every_table_that_belongs_to_a_person(known: Program, tmp_path: Path) -> None:
    place = tmp_path / "hanna.json"
    assert known("export-customer", "hanna", place).code == 0
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    kept = json.loads(place.read_text())
    assert set(kept) == belonging_tables() | {"history"}
    text = place.read_text().lower()
    for table in PERSONAL:
        for column in PERSONAL[table]:
            if column not in {"name_key", "company_key", "email_key", "phone_key"}:
                assert table == "customer" or f"secret {table} {column} 1" in text or table == "referral", (
                    table,
                    column,
                )
    assert (kept["customer"][0]["name"], kept["purchase"][0]["product"]) == (NAME, "pump")
    assert kept["history"][0]["command"] == "add-customer"
    assert known("export-customer", "hanna", place).code == 1  # nothing is written over
    assert json.loads(known("export-customer", "hanna").out) == kept


@pytest.fixture
def copies(file_shop: Program, sqlite_target: Target) -> list[Path]:
    """Three backups that hold a person: the day's one does not."""
    path = sqlite_target.path
    assert path is not None
    file_shop("add-customer", NAME, "--email", EMAIL, "--phone", PHONE)
    file_shop("add-customer", "Jo Park")
    places = [backups.folder_of(path) / f"{path.stem}-by-hand-{letter}.db" for letter in "abc"]
    for place in places:
        assert file_shop("backup", place).code == 0
    return places


def _cut_short(place: Path) -> None:
    place.write_bytes(place.read_bytes()[:-9000])


def _cut_short_without_a_digest(place: Path) -> None:
    _cut_short(place)
    backups.beside(place).unlink()


def _flip(place: Path) -> None:
    place.write_bytes(place.read_bytes()[:-1] + b"x")


def _another_programs(place: Path) -> None:
    place.write_bytes(b"hello" * 1000)
    backups.beside(place).unlink()


def _empty_digest(place: Path) -> None:
    backups.beside(place).write_bytes(b"")


def _odd_digest(place: Path) -> None:
    backups.beside(place).write_bytes(b"\xff\xfe")


def _link(place: Path) -> None:
    place.rename(place.with_name("elsewhere"))
    place.symlink_to("elsewhere")


@pytest.mark.parametrize(
    "spoil",
    [_cut_short, _cut_short_without_a_digest, _flip, _another_programs, _empty_digest, _odd_digest, _link],
    ids=lambda spoil: spoil.__name__.strip("_"),
)
def test_a_backup_that_cannot_be_written_anew_is_named_and_the_others_are_written(
    file_shop: Program, copies: list[Path], spoil: Any
) -> None:
    bad = copies[1]
    spoil(bad)
    before, digest = bad.read_bytes(), backups.beside(bad)
    noted = digest.read_bytes() if digest.exists() else None
    result = file_shop("forget-customer", 1, "--confirm", NAME, "--purge-backups", "--json")
    told = json.loads(result.err)
    assert (result.code, "Nothing was changed" in result.err) == (1, False)
    assert "Customer 1 is erased from the database" in told["message"]
    (line,) = [line for line in told["message"].splitlines() if line.startswith(f"{bad} ")]
    assert line.endswith(". It may still hold them.")
    assert told["hint"].endswith("refertrack forget-customer 1 --purge-backups")
    assert (set(result.json["backups_purged"]), result.json["backups_holding"]) == (
        {str(copies[0]), str(copies[2])}, [str(bad)],
    )  # fmt: skip
    assert [row["name"] for row in file_shop("customers", "--json").json] == ["Jo Park"]
    assert (bad.read_bytes(), digest.read_bytes() if digest.exists() else None) == (before, noted)
    bad.unlink()
    assert file_shop("forget-customer", 1, "--purge-backups").code == 0  # what the hint says to type works


@pytest.mark.parametrize("call", ["replace", "utime"])
def test_a_disk_that_refuses_leaves_a_backup_as_it_was(
    file_shop: Program, copies: list[Path], monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def refused(self: Any, *_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(self))

    before = {place: (place.read_bytes(), backups.beside(place).read_bytes()) for place in copies}
    with monkeypatch.context() as patch:
        if call == "utime":
            patch.setattr(os, "utime", refused)
        else:
            whole = Path.replace
            patch.setattr(Path, "replace", lambda own, to: (refused if to in copies else whole)(own, to))
        result = file_shop("forget-customer", 1, "--confirm", NAME, "--purge-backups")
    assert (result.code, "Nothing was changed" in result.err, "erased from the database" in result.err) == (
        1,
        False,
        True,
    )
    for place in copies:
        assert f"{place} cannot be written anew: No space left on device. It may still hold them." in result.err
        assert (place.read_bytes(), backups.beside(place).read_bytes()) == before[place]
    assert "refertrack forget-customer 1 --purge-backups" in result.err


def test_a_digest_that_cannot_be_noted_is_told_of_a_backup_that_holds_nobody_any_more(
    file_shop: Program, copies: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(place: Path, *_: Any, **__: Any) -> None:
        raise FileTrouble(f"{place} could not be written: No space left on device. Nothing was changed.")

    with monkeypatch.context() as patch:
        patch.setattr("refertrack.store.purge.safe_write", refused)
        result = file_shop("forget-customer", 1, "--confirm", NAME, "--purge-backups")
    assert (result.code, "Nothing was changed" in result.err) == (1, False)
    for place in copies:
        assert f"{place} is written anew without them, but its SHA-256 could not be noted." in result.err
        assert (b"etterqvist" in place.read_bytes(), backups.beside(place).exists()) == (False, False)
    assert file_shop("restore", copies[0], "--yes").code == 0


def test_no_other_command_touches_the_backups_while_they_are_written_anew(
    file_shop: Program, sqlite_target: Target, copies: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sqlite_target.path
    assert path is not None
    tried = []

    def another(*arguments: Any) -> None:
        with pytest.raises(Busy), one_at_a_time(backups.lock_of(path), wait=0):
            pass
        tried.append(1)
        backups.copy_pages(*arguments)

    monkeypatch.setattr("refertrack.store.purge.copy_pages", another)
    assert file_shop("forget-customer", 1, "--confirm", NAME, "--purge-backups").code == 0
    assert len(tried) == len(copies)


@pytest.mark.parametrize("named", ["", "plainly", "through a link"])
def test_a_backup_by_hand_waits_for_a_forgetting_and_a_forgetting_for_it(
    file_shop: Program, sqlite_target: Target, copies: list[Path], monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    path = sqlite_target.path
    assert path is not None
    held, whole = [], backups.copy_bytes

    def copying(*arguments: Any) -> str:
        with pytest.raises(Busy), one_at_a_time(backups.lock_of(path), wait=0):
            pass
        held.append(1)
        return whole(*arguments)

    monkeypatch.setattr(backups, "copy_bytes", copying)
    before = set(backups.folder_of(path).iterdir())
    folder = backups.folder_of(path)
    if named == "through a link":
        folder = path.parent / "linked"
        folder.symlink_to(backups.folder_of(path))
    place = [folder / f"{path.stem}-mine.db"] if named else []
    assert file_shop("backup", *place).code == 0
    assert held == [1]
    (made,) = [each for each in set(backups.folder_of(path).iterdir()) - before if each.suffix == ".db"]
    assert file_shop("forget-customer", 1, "--confirm", NAME, "--purge-backups").code == 0
    assert b"etterqvist" not in made.read_bytes()


def test_a_backup_elsewhere_needs_no_folder_of_backups(
    file_shop: Program, sqlite_target: Target, tmp_path: Path
) -> None:
    path = sqlite_target.path
    assert path is not None
    file_shop("add-customer", NAME)
    shutil.rmtree(backups.folder_of(path), ignore_errors=True)
    backups.folder_of(path).write_text("in the way")
    assert file_shop("backup", tmp_path / "stick.db").code == 0
    assert b"etterqvist" in (tmp_path / "stick.db").read_bytes()


def test_a_file_of_another_program_with_a_backup_like_name_is_told(file_shop: Program, sqlite_target: Target) -> None:
    file_shop("add-customer", NAME)
    path = sqlite_target.path
    assert path is not None
    odd = backups.folder_of(path) / f"{path.stem}-by-hand-odd.db"
    sqlite3.connect(odd).close()
    odd.write_bytes(b"hello" * 1000)
    result = file_shop("forget-customer", 1, "--confirm", NAME)
    assert (result.code, "is not a refertrack database" in result.err) == (1, True)
    assert file_shop("customers", "--json").json == []
