"""A request that was cancelled was not made: reports, readiness, the card and the list of requests agree on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conftest import Program
from refertrack.cli import desk as desk_module

CUSTOMERS = "external_id,name,email\nK1,Ada Lind,ada@x.example\nK2,Bo Berg,bo@x.example\nK3,Cy Holm,cy@x.example\n"
HEAD = "external_id,customer,asked_on,sent_on,specific,measurable,attainable,time_specific,state\n"
# One that was sent and then cancelled, one that was made, and one that was cancelled before it was sent.
ASKS = (
    "A1,K1,2026-11-01,2026-11-01,owners,2,introduction,2026-11-30,cancelled\n"
    "A2,K2,2026-11-01,2026-11-01,owners,2,introduction,2026-11-30,\n"
    "A3,K3,2026-11-01,,owners,2,introduction,2026-11-30,cancelled\n"
)
TODAY = "2026-11-24"
PERIOD = ("--by", "all", "--since", "2026-11-01", "--until", TODAY, "--json")


@pytest.fixture
def asked(shop: Program, tmp_path: Path) -> Program:
    customers = tmp_path / "customers.csv"
    customers.write_text(CUSTOMERS, encoding="utf-8")
    assert shop("import", "customers", customers, "--json", today=TODAY).json["added"] == 3
    known(shop, tmp_path, ASKS)
    return shop


def known(shop: Program, tmp_path: Path, rows: str) -> None:
    file = tmp_path / "asks.csv"
    file.write_text(HEAD + rows, encoding="utf-8")
    done = shop("import", "asks", file, "--json", today=TODAY)
    assert done.code == 0, done.err + done.out


def sent_on(shop: Program) -> dict[str, str | None]:
    return {row["customer"]: row["sent_on"] for row in shop("asks", "--json", today=TODAY).json}


def test_both_reports_count_the_requests_that_were_made(asked: Program) -> None:
    (referrals,) = asked("report", "referrals", *PERIOD, today=TODAY).json
    (requests,) = asked("report", "asks", *PERIOD, today=TODAY).json
    assert (referrals["asked"], referrals["eligible"], requests["sent"]) == (1, 3, 1)


def test_a_file_that_tells_of_no_sending_is_believed(asked: Program) -> None:
    assert sent_on(asked) == {"Ada Lind": "2026-11-01", "Bo Berg": "2026-11-01", "Cy Holm": None}


def test_the_list_says_whether_what_was_cancelled_had_been_sent(
    asked: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = desk_module.Environment.of_process
    monkeypatch.setattr(desk_module.Environment, "of_process", lambda: replace(real(), out_terminal=True))
    ends = {line.split("  ")[-1] for line in asked("asks", today=TODAY).out.splitlines()}
    assert ends > {"cancelled", "never sent"}


def test_who_was_not_asked_after_all_may_be_asked(asked: Program) -> None:
    reasons = {who: asked("customer", who, "--json", today=TODAY).json["readiness_reasons"] for who in (1, 2, 3)}
    assert [any("asked" in reason or "ask " in reason for reason in reasons[who]) for who in (1, 2, 3)] == [
        False, True, False,
    ]  # fmt: skip
    stopped = asked("ready", "--all", "--json", today=TODAY).json
    assert [row["id"] for row in stopped if row["verdict"] == "do not ask"] == [2]


def test_the_card_tells_that_it_was_cancelled(asked: Program) -> None:
    told = {
        who: [event["what"] for event in asked("customer", who, "--json", today=TODAY).json["history"]
              if event["kind"] == "ask"]
        for who in (1, 2)
    }  # fmt: skip
    assert told == {1: ["cancelled: owners"], 2: ["asked for owners"]}


def test_a_later_file_cancels_a_request_and_what_was_to_remind_of_it(asked: Program, tmp_path: Path) -> None:
    reminders = [
        item["what"] for item in asked("customer", 2, "--json", today=TODAY).json["due"] if "ask" in item["because"]
    ]
    assert reminders
    known(asked, tmp_path, ASKS.replace("2026-11-30,\n", "2026-11-30,cancelled\n"))
    due = asked("customer", 2, "--json", today=TODAY).json["due"]
    assert [item for item in due if "ask" in item["because"]] == []
    assert asked("report", "asks", *PERIOD, today=TODAY).json == []
    asked("undo", today=TODAY)
    assert asked("report", "asks", *PERIOD, today=TODAY).json[0]["sent"] == 1
