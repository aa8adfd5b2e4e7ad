"""When steps are due: a table of cases for every rule of section 1 and 2."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refertrack.rules.holidays import holiday_check, no_holiday
from refertrack.rules.playbooks import read_playbooks
from refertrack.rules.schedule import FLOOD_DAYS, is_past, plan, room


def due(after: str, on: str, country: str = "") -> tuple[str, str]:
    step = {"name": "s", "what": "something", "after": after}
    playbook = read_playbooks({"event": {"step": [step]}})["event"]
    (planned,) = plan(playbook, date.fromisoformat(on), holiday_check(country))
    return planned.nominal_due.isoformat(), planned.due_on.isoformat()


@pytest.mark.parametrize(
    ("after", "on", "nominal", "due_on"),
    [
        ("0 days", "2026-11-24", "2026-11-24", "2026-11-24"),
        ("0 days", "2026-11-21", "2026-11-21", "2026-11-23"),  # Saturday → Monday
        ("0 days", "2026-11-22", "2026-11-22", "2026-11-23"),  # Sunday → Monday
        ("7 days", "2026-11-16", "2026-11-23", "2026-11-23"),
        ("7 days", "2026-11-14", "2026-11-21", "2026-11-23"),
        ("1 day", "2026-11-20", "2026-11-21", "2026-11-23"),
        ("2 weeks", "2026-11-10", "2026-11-24", "2026-11-24"),
        ("1 month", "2026-01-31", "2026-02-28", "2026-03-02"),  # clamped, then rolled
        ("1 month", "2028-01-31", "2028-02-29", "2028-02-29"),
        ("1 month", "2026-11-16", "2026-12-16", "2026-12-16"),
        ("2 months", "2026-12-31", "2027-02-28", "2027-03-01"),
        ("12 months", "2028-02-29", "2029-02-28", "2029-02-28"),
        ("1 year", "2028-02-29", "2029-02-28", "2029-02-28"),
        ("90 days", "2026-11-24", "2027-02-22", "2027-02-22"),
    ],
)
def test_a_step_is_anchor_plus_offset_on_a_working_day(after: str, on: str, nominal: str, due_on: str) -> None:
    assert due(after, on) == (nominal, due_on)


@pytest.mark.parametrize(
    ("country", "on", "due_on"),
    [
        ("SE", "2026-12-25", "2026-12-28"),  # Christmas Day, Boxing Day on Saturday, Sunday
        ("DE", "2026-12-25", "2026-12-28"),
        ("US", "2026-11-26", "2026-11-27"),  # Thanksgiving
        ("SE", "2027-01-06", "2027-01-07"),  # Epiphany
        ("US", "2027-01-06", "2027-01-06"),
        ("", "2026-12-25", "2026-12-25"),
    ],
)
def test_a_holiday_rolls_forward(country: str, on: str, due_on: str) -> None:
    assert due("0 days", on, country)[1] == due_on


def test_later_steps_do_not_move_with_a_rolled_one() -> None:
    steps = [{"name": n, "what": n, "after": a} for n, a in (("card", "0 days"), ("check", "2 days"))]
    playbook = read_playbooks({"event": {"step": steps}})["event"]
    card, check = plan(playbook, date(2026, 11, 21), no_holiday)  # a Saturday
    assert (card.due_on, check.due_on) == (date(2026, 11, 23), date(2026, 11, 23))


def test_steps_that_do_not_apply_are_skipped() -> None:
    steps = [{"name": n, "what": n} for n in ("thanks", "contact")]
    playbook = read_playbooks({"event": {"step": steps}})["event"]
    assert [p.step.name for p in plan(playbook, date(2026, 11, 24), no_holiday, frozenset({"contact"}))] == ["thanks"]


@pytest.mark.parametrize(("days_ago", "past"), [(0, False), (30, False), (31, True), (-5, False), (400, True)])
def test_the_past_makes_no_work(days_ago: int, past: bool) -> None:
    today = date(2026, 11, 24)
    assert is_past(today - timedelta(days=days_ago), today) is past


@pytest.mark.parametrize(
    ("wanted", "notes", "due_on"),
    [
        ("2026-11-24", [], "2026-11-24"),
        ("2026-11-24", ["2026-11-24"], "2026-12-01"),
        ("2026-11-24", ["2026-11-17"], "2026-11-24"),
        ("2026-11-24", ["2026-11-18"], "2026-11-25"),
        ("2026-11-24", ["2026-11-20", "2026-11-27"], "2026-12-04"),
        ("2026-11-24", ["2026-11-25"], "2026-11-24"),  # the earlier one does not wait for the later
        ("2026-11-20", ["2026-11-14"], "2026-11-23"),  # seven days later is a Saturday
    ],
)
def test_at_most_one_note_in_seven_days(wanted: str, notes: list[str], due_on: str) -> None:
    days = [date.fromisoformat(note) for note in notes]
    assert room(date.fromisoformat(wanted), days, no_holiday).isoformat() == due_on


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(DAYS, st.lists(DAYS, max_size=6))
def test_room_never_comes_earlier_and_keeps_its_distance_from_all_before(wanted: date, notes: list[date]) -> None:
    found = room(wanted, notes, no_holiday)
    assert found >= wanted
    assert all(found - note >= timedelta(days=FLOOD_DAYS) for note in notes if note <= found)
