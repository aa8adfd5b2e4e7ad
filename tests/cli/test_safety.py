"""Backups are made by themselves and by hand, restored and tried; a check says what is wrong."""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conftest import Program
from refertrack.cli.registry import BY_NAME
from refertrack.reports.invariants import INVARIANTS
from refertrack.store import backup as backups
from refertrack.store.target import Target


@pytest.fixture
def own(sqlite_target: Target) -> Path:
    assert sqlite_target.path is not None
    return sqlite_target.path


def names(shop: Program) -> list[str]:
    return [row["name"] for row in shop("customers", "--json").json]


def test_the_first_write_of_a_day_is_preceded_by_a_backup(file_shop: Program, own: Path) -> None:
    file_shop("add-customer", "Hanna Berg")
    file_shop("add-customer", "Jo Park")
    (made,) = file_shop("restore", "--json").json
    place = Path(made["path"])
    assert made["sha256"] == hashlib.sha256(place.read_bytes()).hexdigest()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert file_shop("restore", place, "--yes").code == 0
    assert names(file_shop) == []


@pytest.mark.parametrize("call", ["open", "stat"])
def test_a_backup_that_may_not_be_read_is_named(
    file_shop: Program, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    file_shop("add-customer", "Hanna Berg")
    copy, before = tmp_path / "copy.db", own.read_bytes()
    file_shop("backup", copy)
    really = getattr(Path, call)

    def refused(place: Path, *arguments: Any, **named: Any) -> Any:
        if place == copy:
            raise PermissionError(errno.EACCES, "Permission denied")
        return really(place, *arguments, **named)

    monkeypatch.setattr(Path, call, refused)
    told = file_shop("restore", copy, "--yes")
    assert (told.code, f"{copy} cannot be read: Permission denied." in told.err) == (1, True)
    assert ("Nothing was changed" in told.err, own.read_bytes() == before) == (True, True)


def test_through_a_link_the_backups_are_those_of_the_file(run: Program, own: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "mine.db"
    link.parent.mkdir()
    link.symlink_to(own)
    run("--db", own, "add-customer", "Hanna Berg")
    run("--db", link, "add-customer", "Jo Park")
    by_hand = run("--db", link, "backup", "--json").json["path"]
    assert backups.FOLDER not in [each.name for each in link.parent.iterdir()]
    listed = [row["path"] for row in run("--db", own, "restore", "--json").json]
    assert listed == [row["path"] for row in run("--db", link, "restore", "--json").json]
    assert (by_hand in listed, len(listed)) == (True, 2)
    earlier = link.parent / backups.FOLDER / "mine-2026-01-01.db"
    earlier.parent.mkdir()
    shutil.copy(by_hand, earlier)
    assert str(earlier) in [row["path"] for row in run("--db", link, "restore", "--json").json]
    gone = run("--db", link, "forget-customer", "1", "--confirm", "Hanna Berg", "--purge-backups", "--json")
    assert set(gone.json["backups_purged"]) == {str(earlier), by_hand}


def close(folder: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put something in the way of a folder of backups."""
    if way == "may not be looked into":
        looking = Path.iterdir

        def refused(place: Path) -> Iterator[Path]:
            if place == folder:
                raise PermissionError(errno.EACCES, "Permission denied")
            return looking(place)

        monkeypatch.setattr(Path, "iterdir", refused)
        return
    shutil.rmtree(folder)
    if way == "a file":
        folder.write_text("in the way")
    else:
        folder.symlink_to(folder.parent / "unplugged")


@pytest.mark.parametrize(
    ("way", "reason", "hint"),
    [
        ("may not be looked into", "Permission denied", "chmod u+rwx"),
        ("a file", "there is a file of that name", "mv "),
        ("a link", "where nothing is", "Connect that disk"),
    ],
)
def test_a_folder_of_backups_that_cannot_be_used_is_told_with_the_way_out(
    file_shop: Program, own: Path, monkeypatch: pytest.MonkeyPatch, way: str, reason: str, hint: str
) -> None:
    file_shop("add-customer", "Hanna Berg")
    close(backups.folder_of(own), way, monkeypatch)
    listed = file_shop("restore")
    assert (listed.code, "no backup yet" in listed.err) == (1, False)
    changed = file_shop("forget-customer", "1", "--confirm", "Hanna Berg")
    for told in (listed, changed):
        assert (told.code, reason in told.err, hint in told.err) == (1, True, True)
    if way == "may not be looked into":
        assert ("may still hold them" in changed.err, names(file_shop)) == (True, [])
    else:
        assert ("Nothing was changed" in changed.err, names(file_shop)) == (True, ["Hanna Berg"])


def test_what_a_restore_replaces_is_kept_and_comes_back(file_shop: Program, tmp_path: Path) -> None:
    file_shop("add-customer", "Hanna Berg")
    copy = tmp_path / "stick" / "copy.db"
    assert file_shop("backup", copy).code == 0
    file_shop("add-customer", "Jo Park")
    result = file_shop("restore", copy, "--yes", "--json").json
    assert names(file_shop) == ["Hanna Berg"]
    file_shop("restore", result["replaced"], "--yes")
    assert names(file_shop) == ["Hanna Berg", "Jo Park"]


def test_nothing_is_written_over_and_nobody_is_surprised(file_shop: Program, tmp_path: Path) -> None:
    file_shop("add-customer", "Hanna Berg")
    there = tmp_path / "there.db"
    there.write_text("mine")
    assert (file_shop("backup", there).code, there.read_text()) == (1, "mine")
    copy = tmp_path / "copy.db"
    file_shop("backup", copy)
    asked = file_shop("restore", copy)
    assert (asked.code, "Answer with --yes." in asked.err) == (1, True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not a refertrack database"),
        (b"hello" * 500, "is not a refertrack database"),
        (None, "There is no file"),
    ],
)
def test_what_is_no_backup_is_refused(
    file_shop: Program, own: Path, tmp_path: Path, content: bytes | None, words: str
) -> None:
    file_shop("add-customer", "Hanna Berg")
    place = tmp_path / "place.db"
    if content is not None:
        place.write_bytes(content)
    before = own.read_bytes()
    result = file_shop("restore", place, "--yes")
    assert (result.code != 0, words in result.err, own.read_bytes() == before) == (True, True, True), result.err


def test_a_backup_that_was_changed_is_refused(file_shop: Program, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    file_shop("backup", copy)
    data = bytearray(copy.read_bytes())
    data[-1] ^= 1
    copy.write_bytes(data)
    assert "its SHA-256 differs" in file_shop("restore", copy, "--yes").err


def test_a_damaged_file_is_told_and_replaced(file_shop: Program, own: Path, tmp_path: Path) -> None:
    file_shop("add-customer", "Hanna Berg")
    copy = tmp_path / "copy.db"
    file_shop("backup", copy)
    data = own.read_bytes()
    own.write_bytes(data[: len(data) // 3])
    told = file_shop("check")
    assert (told.code, "damaged" in told.err + told.out or "malformed" in told.err + told.out) == (1, True), told
    assert file_shop("restore", copy, "--yes").code == 0
    assert names(file_shop) == ["Hanna Berg"]
    assert file_shop("check").code == 0


def test_old_daily_backups_are_thinned_out_and_others_stay(file_shop: Program, own: Path) -> None:
    folder = backups.folder_of(own)
    file_shop("add-customer", "Hanna Berg")
    made = next(folder.glob("*.db"))
    for day in ("2026-01-01", "2026-01-02", "2026-01-03"):
        (folder / f"{own.stem}-{day}.db").write_bytes(made.read_bytes())
    (folder / f"{own.stem}-by-hand-20200101-000000.db").write_bytes(made.read_bytes())
    gone = backups.thin_out(own)
    assert gone == []  # a few days: all of them are among the last seven
    assert [path.name for path in backups.thin_out(own, share=0.0)] == [
        f"{own.stem}-2026-01-01.db", f"{own.stem}-2026-01-02.db", f"{own.stem}-2026-01-03.db",
    ]  # fmt: skip
    assert made.exists()


def test_what_is_no_backup_is_passed_over(file_shop: Program, own: Path) -> None:
    file_shop("add-customer", "Hanna Berg")
    folder = backups.folder_of(own)
    (made,) = folder.glob("*.db")
    (folder / f"{own.stem}-folder.db").mkdir()
    (folder / f"{own.stem}-nowhere.db").symlink_to("nowhere")
    (folder / f".{own.stem}-nowhere.db.0123abcd").symlink_to("nowhere")
    odd = folder / f"{own.stem}-2026-13-45.db"
    odd.write_bytes(made.read_bytes())
    empty, bytes_ = (folder / f"{own.stem}-by-hand-{name}.db" for name in ("empty", "bytes"))
    for place, digest in ((empty, b""), (bytes_, b"\xff")):
        place.write_bytes(made.read_bytes())
        backups.beside(place).write_bytes(digest)
    listed = {row["path"]: row["sha256"] for row in file_shop("restore", "--json").json}
    assert set(listed) == {str(made), str(odd), str(empty), str(bytes_)}
    assert (listed[str(empty)], listed[str(bytes_)]) == ("", "")
    for place in (empty, bytes_):
        refused = file_shop("restore", place, "--yes")
        assert (refused.code, "its SHA-256 differs" in refused.err) == (1, True)
    made.unlink()
    assert file_shop("add-customer", "Jo Park").code == 0  # which makes the day's backup, and thins out
    assert made.exists()
    assert backups.thin_out(own, share=0.0) == []
    assert file_shop("forget-customer", 1, "--confirm", "Hanna Berg", "--json").code == 1
    assert names(file_shop) == ["Jo Park"]


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_what_stands_in_the_way_of_the_days_backup_is_told(file_shop: Program, own: Path, kind: str) -> None:
    file_shop("add-customer", "Hanna Berg")
    (made,) = backups.folder_of(own).glob("*.db")
    made.unlink()
    made.mkdir() if kind == "folder" else made.symlink_to("nowhere")
    refused = file_shop("add-customer", "Jo Park")
    assert (refused.code, f"{made} is no backup" in refused.err) == (1, True)
    assert names(file_shop) == ["Hanna Berg"]


@pytest.mark.parametrize("name", ["d[1].db", "what?.db", "all*.db"])
def test_a_name_with_signs_of_patterns_has_its_backups(
    run: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("REFERTRACK_DB", str(tmp_path / name))
    run("add-customer", "Hanna Berg")
    run("backup")
    run("add-customer", "Jo Park")
    listed = [row["path"] for row in run("restore", "--json").json]
    assert len(listed) == 2
    forgotten = run("forget-customer", 1, "--confirm", "Hanna Berg", "--purge-backups", "--json").json
    assert forgotten["backups_purged"] == listed[:1]
    assert run("restore", listed[0], "--yes").code == 0
    assert names(run) == []


SURVEY = (
    "(created_at, version, customer_id, token, invited_on, answered_on, taken_by, most_important, why_us, improve,"
    " comment, recommended_whom, lowest, undeliverable, external_source)"
    " VALUES ('2026-11-24', 1, 1, 'x', '2026-11-20', '2026-11-22', '', '', '', '', '', '', 4, 0, '')"
)
REWARD = (
    "(created_at, version, referral_id, customer_id, beneficiary, rule, rule_copy, line, kind, amount_minor, currency,"
    " words, state, accrued_on, reason)"
    " VALUES ('2026-11-24', 1, 1, 1, 'referrer', 'other', '{\"trigger\":\"won\"}', 'reward', 'flat', 1, 'EUR',"
    " '', 'accrued', '2026-11-24', '')"
)
ASK = (
    "(created_at, version, customer_id, asked_on, specific, measurable, attainable,"
    " realistic, time_specific, incentive, anyway_reason, channel, state, reason_words, external_source, language)"
    " VALUES ('2026-11-24', 1, 1, '2026-11-24', 'x', 1, 'card', '', '2026-11-30', '', '', '', 'sent', '', '', '')"
)
BROKEN = {
    "purchase_days": "UPDATE purchase SET promised_on = '2020-01-01'",
    "purchase_states": "UPDATE purchase SET delivered_on = NULL",
    "item_states": "UPDATE follow_up SET closed_on = '2026-11-24' WHERE id = 1",
    "item_anchors": "DELETE FROM follow_up_anchor",
    "doubled_items": "UPDATE follow_up SET customer_id = 1 WHERE playbook = 'keep_in_touch'",
    "referral_customers": "UPDATE referral SET customer_id = NULL",
    "referral_events": "UPDATE referral SET state = 'lost'",
    "own_referrals": "UPDATE referral SET customer_id = referrer_id",
    "customer_states": "UPDATE customer SET status = 'former' WHERE id = 1",
    "customers_without_state": "DELETE FROM customer_status WHERE customer_id = 1",
    "journal_gaps": "DELETE FROM change WHERE command_id = 2; DELETE FROM command WHERE id = 2",
    "journal_empty": "DELETE FROM change WHERE command_id = 2",
    "referral_circles": "INSERT INTO referral SELECT 99, created_at, updated_at, version, 2, ask_id, name, company,"
    " email, phone, name_key, email_key, phone_key, received_on, relation, consent, may_tell_referrer,"
    " would_have_come_anyway, state, moved_on, reason, override_reason, 1, first_claim_id, external_source,"
    " 'x', import_batch_id FROM referral",
    "items_of_nobody": "UPDATE customer SET status = 'erased', name = '' WHERE id = 1",
    "lost_anchors": "UPDATE follow_up_anchor SET anchor_id = 99 WHERE anchor_table = 'purchase'",
    "merged_chains": "UPDATE customer SET merged_into = 1",
    "rows_of_merged": "UPDATE customer SET merged_into = 2 WHERE id = 1",
    "traces_of_erased": "UPDATE customer SET status = 'erased'",
    "survey_scores": f"INSERT INTO survey {SURVEY};"
    " INSERT INTO survey_answer VALUES (1, '2026-11-24', 1, 'service', 2)",
    "survey_days": f"INSERT INTO survey {SURVEY}; UPDATE survey SET answered_on = '2020-01-01'",
    "feedback_days": "INSERT INTO feedback (created_at, version, kind, origin, on_day, words, process, currency, owner,"
    " resolution, praised, confirmed_on) VALUES ('2026-11-24', 1, 'complaint', 'customer', '2026-11-24', '', '', '',"
    " '', '', '', '2026-11-24')",
    "reward_states": f"INSERT INTO reward {REWARD}; UPDATE reward SET state = 'given'",
    "reward_amounts": f"INSERT INTO reward {REWARD}; UPDATE reward SET amount_minor = -1",
    "reward_claims": f"INSERT INTO reward {REWARD}; UPDATE referral SET state = 'disqualified'",
    "ask_states": f"INSERT INTO ask {ASK}",
    "ask_days": f"INSERT INTO ask {ASK}; UPDATE ask SET state = 'named', sent_on = '2026-11-20'",
    "items_past_opt_outs": "INSERT INTO opt_out (created_at, customer_id, channel, purpose, since, source)"
    " VALUES ('2026-11-24', 1, 'any', 'any', '2026-11-24', '')",
    "import_counts": "INSERT INTO import_batch (created_at, kind, file_name, file_hash, rows_read, rows_added,"
    " rows_updated, rows_unchanged, rows_rejected) VALUES ('2026-11-24', 'customers', 'x', 'x', 3, 1, 0, 0, 1)",
    "unpaired_undos": "UPDATE command SET undoes_id = 3 WHERE id = 2; UPDATE command SET undone_by_id = 2 WHERE id = 1",
    "damage": "PRAGMA foreign_keys=OFF; DELETE FROM customer WHERE id = 1",
}


def test_every_rule_has_been_broken_once() -> None:
    assert set(BROKEN) == {name for name, *_ in INVARIANTS} | {"referral_circles", "damage"}


@pytest.mark.parametrize("name", BROKEN)
def test_a_check_says_what_is_wrong_and_what_to_type(file_shop: Program, own: Path, name: str) -> None:
    file_shop("add-customer", "Hanna Berg")
    file_shop("add-customer", "Jo Park", "--referred-by", "hanna")
    file_shop("add-purchase", "1", "--product", "pump", "--delivered", "2026-11-20", "--ordered", "2026-11-10")
    assert file_shop("check").code == 0
    connection = sqlite3.connect(own)
    connection.executescript(BROKEN[name])
    connection.close()
    before = own.read_bytes()
    result = file_shop("check", "--json")
    found = {row["name"]: row for row in result.json}
    assert (result.code, name in found) == (1, True), result.out
    told = file_shop("check").out
    assert (found[name]["words"] in told, found[name]["hint"] in told) == (True, True), told
    for row in result.json:  # what to type is a command that there is
        for typed in re.findall(r"refertrack ([\w-]+)", row["hint"]):
            assert typed in BY_NAME, row["hint"]
        assert row["hint"].startswith("refertrack ")
    assert own.read_bytes() == before  # it never repairs by itself


def test_a_server_has_its_own_tools(shop: Program, target: Target) -> None:
    result = shop("backup")
    assert result.code == (0 if target.is_sqlite else 1)
    assert target.is_sqlite or "pg_dump" in result.err
    assert shop("check").code == 0


def test_the_backup_just_made_stays_where_a_clock_was_wrong_before(own: Path) -> None:
    folder = backups.folder_of(own)
    folder.mkdir()
    for day in range(1, 29):
        shutil.copy(own, folder / f"{own.stem}-2036-01-{day:02}.db")
    made = backups.daily(own, date(2026, 11, 25))
    assert made is not None
    assert made.exists()
    assert backups.thin_out(own, share=0.0, just_made=made)
    assert [each.name for each in sorted(folder.glob("*.db"))] == [made.name]
