"""Clocks that jump, days that are skipped or come twice, and zones that change: no item is lost, moved or doubled."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from conftest import Program
from refertrack.cli.environment import Environment
from refertrack.store import engine
from refertrack.store.target import Target

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Rows = list[tuple[Any, ...]]
_ITEMS = """
    SELECT f.id, f.customer_id, f.playbook, f.step, f.state, f.nominal_due, f.due_on, a.anchor_table, a.anchor_id
    FROM follow_up AS f LEFT JOIN follow_up_anchor AS a ON a.follow_up_id = f.id
    WHERE f.state IN ('open', 'held') ORDER BY f.id, a.id
"""


class Clock:
    """The one clock, which a test turns as it likes."""

    moment = datetime(2026, 3, 25, 12, tzinfo=UTC)


@pytest.fixture
def clock(home: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Let the program read a clock of the test's; the machine stands in UTC."""
    found = Clock()
    monkeypatch.setattr(Environment, "now", lambda _self: found.moment)
    monkeypatch.delenv("REFERTRACK_TODAY")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield found
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def items(target: Target) -> Callable[[], Rows]:
    """Read every open or held item: its id, whose and what it is, its days, and what it hangs on."""

    def read() -> Rows:
        with engine.reading(target) as connection:
            return [tuple(row) for row in connection.execute(text(_ITEMS))]

    return read


def doubled(rows: Rows) -> list[tuple[Any, ...]]:
    """Return what is to be done twice: of one customer and one thing, the same step."""
    counted = Counter((row[1], row[2], row[3], row[7], row[8]) for row in rows)
    return [each for each, count in counted.items() if count > 1]


def settle(shop: Program, *lines: tuple[object, ...]) -> list[str]:
    """Run command lines; return what was refused, in words."""
    said = [(line, shop(*line)) for line in lines]
    assert all(result.code in {0, 1, 2} and "refertrack (" not in result.err for _, result in said), said
    return [result.err.splitlines()[0] for _, result in said if result.code]


def stock(shop: Program, clock: Clock, moment: datetime) -> None:
    """Give the shop two customers with something to do for each, from ten days before a moment on."""
    clock.moment = moment - 10 * DAY
    day = clock.moment.date()
    assert settle(
        shop,
        ("add-customer", "Hanna Berg", "--email", "hanna@x.example"),
        ("add-customer", "Jo Park", "--email", "jo@x.example"),
        ("add-purchase", "1", "--product", "pump", "--ordered", day - 3 * DAY, "--promised", day + 11 * DAY),
        ("add-purchase", "2", "--product", "filter", "--ordered", day - 9 * DAY, "--delivered", day - DAY),
        ("complain", "2", "it drips"),
    ) == []  # fmt: skip


ZONES = [
    pytest.param("Europe/Stockholm", "2026-03-29T01:00", id="an hour is skipped"),
    pytest.param("Europe/Stockholm", "2026-10-25T01:00", id="an hour comes twice"),
    pytest.param("Australia/Lord_Howe", "2026-04-04T15:00", id="half an hour comes twice"),
    pytest.param("America/Havana", "2026-03-08T05:00", id="midnight is skipped"),
    pytest.param("America/Havana", "2026-11-01T05:00", id="midnight comes twice"),
    pytest.param("Pacific/Kiritimati", "2026-03-29T10:00", id="UTC+14"),
    pytest.param("Etc/GMT+12", "2026-03-29T12:00", id="UTC-12"),
    pytest.param("Asia/Kathmandu", "2026-03-29T18:15", id="a quarter of an hour"),
]


@pytest.mark.parametrize(("zone", "moment"), ZONES)
def test_around_a_change_of_the_clocks_each_thing_is_on_one_day(
    shop: Program, clock: Clock, items: Callable[[], Rows], zone: str, moment: str
) -> None:
    middle = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    stock(shop, clock, middle)
    shop("config", "set", "zone", zone)
    before = items()
    made: Counter[str] = Counter()
    for hours in (-26, -13, -2.5, -1, -0.5, -0.1, 0, 0.1, 0.5, 1, 2.5, 13, 26):
        clock.moment = middle + hours * HOUR
        said = shop("log", 1, "--note", f"hour {hours}", "--json")
        assert (said.code, said.json["on"]) == (0, clock.moment.astimezone(ZoneInfo(zone)).date().isoformat())
        made[said.json["on"]] += 1
    assert items() == before
    for day, count in made.items():
        assert len(shop("history", "--since", day, "--until", day, "--command", "log", "--json").json) == count
    assert shop("check").code == 0


AFTER = (
    ("edit-customer", "3", "--status", "active"),
    ("acknowledge", "1"), ("resolve", "1", "--note", "mended"), ("confirm", "1"),
    ("deliver", "1"), ("log", "1", "--call", "--note", "again"), ("snooze", "5", "in 2 weeks"),
    ("survey", "2", "--service", "5", "--communication", "5", "--performance", "5", "--recommend", "9"),
    ("answer", "1", "--named", "Ben Alt", "--email", "ben@alt.example", "--consent", "introduction"),
    ("undo",), ("undo",),
)  # fmt: skip
ASK = ("ask", "1", "--specific", "owners of guest houses", "--count", "2", "--form", "card", "--by", "in 6 days",
       "--anyway", "trust")  # fmt: skip


@pytest.mark.parametrize("days", [-400, -1, 0, 1, 400])
def test_a_clock_that_was_put_right_loses_nothing(
    shop: Program, clock: Clock, items: Callable[[], Rows], days: int
) -> None:
    """Work is done by a clock that is wrong; then it is put right, and work goes on."""
    noon = datetime(2026, 3, 25, 12, tzinfo=UTC)
    stock(shop, clock, noon)
    clock.moment = noon
    first = settle(
        shop, ("log", "1", "--call"), ("compliment", "1", "so quiet"), ("add-customer", "Ola New"), ASK,
        ("edit-customer", "3", "--status", "former"),
    )  # fmt: skip
    before = items()
    sent = next(row[0] for row in before if row[7] == "ask")
    assert (first, settle(shop, ("done", sent))) == ([], [])
    before = items()
    clock.moment = noon + days * DAY
    assert (shop("due").code, items()) == (0, before)
    refused = settle(shop, *AFTER)
    assert all(" before " in words or "not resolved" in words for words in refused), refused
    assert refused == [] or days < 0
    assert shop("check").code == 0, shop("check", "--json").out
    assert doubled(items()) == []
    numbers = [row["id"] for row in shop("history", "--limit", "100", "--json").json]
    assert numbers == list(range(len(numbers), 0, -1))


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("Pacific/Kiritimati", "Pacific/Honolulu"),  # the same hour, a day apart
        ("Pacific/Honolulu", "Pacific/Kiritimati"),
        ("Europe/Stockholm", "America/Los_Angeles"),
    ],
)
def test_another_zone_moves_no_item(
    shop: Program, clock: Clock, items: Callable[[], Rows], here: str, there: str
) -> None:
    evening = datetime(2026, 3, 25, 23, tzinfo=UTC)
    shop("config", "set", "zone", here)
    stock(shop, clock, evening)
    clock.moment = evening
    settle(shop, ("log", "1", "--call"), ("compliment", "1", "so quiet"))
    before = items()
    assert (shop("config", "set", "zone", there).code, items()) == (0, before)
    assert (
        shop("log", "2", "--note", "x", "--json").json["on"] == evening.astimezone(ZoneInfo(there)).date().isoformat()
    )
    first = before[0][0]
    assert shop("snooze", first, "in 3 days").code == 0
    assert [row for row in items() if row[0] != first] == before[1:]
    assert (
        settle(shop, ("acknowledge", "1"), ("resolve", "1", "--note", "mended"), ("done", "5"), ("deliver", "1")) == []
    )
    assert (doubled(items()), shop("check").code) == ([], 0)
    assert settle(shop, ("undo",), ("config", "set", "zone", here)) == []
    assert shop("check").code == 0


def test_the_machines_own_zone_is_followed_where_the_business_names_none(
    shop: Program, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(shop, clock, clock.moment)
    clock.moment = datetime(2026, 3, 29, 23, 30, tzinfo=UTC)
    days = []
    for zone in ("UTC", "Europe/Stockholm", "Pacific/Kiritimati", "Etc/GMT+12"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        days.append(shop("log", "1", "--note", zone, "--json").json["on"])
    assert days == ["2026-03-29", "2026-03-30", "2026-03-30", "2026-03-29"]


@pytest.mark.parametrize(
    ("first", "line"),
    [
        ((ASK,), ("answer", "1", "--no-one")),
        ((("refer", "1", "Ben Alt", "--consent", "introduction"), ("contacted", "1")), ("won", "1")),
        ((("refer", "1", "Ben Alt", "--consent", "introduction"),), ("lost", "1", "--reason", "price")),
        ((("complain", "1", "it drips"),), ("resolve", "1", "--note", "mended")),
        ((("add-opportunity", "1", "--issue", "too slow", "--impact", "waits"),), ("close-opportunity", "1", "--won")),
        ((("add-action", "ring back", "--because", "callers wait"),), ("finish-action", "1")),
        ((("add-purchase", "1", "--product", "pump", "--ordered", "today"),), ("deliver", "1")),
        ((("add-purchase", "1", "--product", "pump", "--ordered", "today"),), ("return-purchase", "1")),
    ],
    ids=lambda value: value[0] if isinstance(value[0], str) else "",
)
def test_where_the_clock_was_put_back_it_is_said_what_to_type(
    shop: Program, clock: Clock, first: tuple[tuple[object, ...], ...], line: tuple[str, ...]
) -> None:
    """The hint, typed, does what was refused; so does the one for a day that was mistyped."""
    assert settle(shop, ("add-customer", "Hanna Berg"), *first) == []
    right = clock.moment.date().isoformat()
    clock.moment -= DAY
    refused = shop(*line)
    assert (refused.code, refused.err.splitlines()[-1]) == (
        2, f"Today is 2026-03-24 here. If it is not, put the clock right, or add: --today {right}",
    )  # fmt: skip
    assert shop(*line, "--today", right).code == 0
    shop("undo", "--today", right)
    clock.moment += 3 * DAY
    mistyped = shop(*line, "--on", "2026-03-24")
    assert (mistyped.code, mistyped.err.splitlines()[-1]) == (2, f"Give that day or a later one: --on {right}")
    assert shop(*line, "--on", right).code == 0


def test_a_leap_day_is_a_day_like_any_other(shop: Program, clock: Clock, items: Callable[[], Rows]) -> None:
    clock.moment = leap = datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert settle(
        shop, ("add-customer", "Hanna Berg"), ("add-product", "filter", "--lifetime", "1 year"),
        ("add-purchase", "1", "--product", "filter", "--ordered", "today", "--delivered", "today"),
    ) == []  # fmt: skip
    assert {(row[2], row[3]): str(row[5]) for row in items()}["delivered", "survey"] == "2028-03-29"
    assert shop("snooze", "1", "in 1 year", "--json").json["due_on"] == "2029-02-28"
    before = items()
    lists = (("due", "--until", "in 4 years"), ("report",), ("report", "growth"), ("report", "--since", "1 year ago"),
             ("today",), ("agenda",))  # fmt: skip
    for day in (leap - DAY, leap, leap + DAY, leap + 365 * DAY, leap + 366 * DAY):
        clock.moment = day
        assert settle(shop, *lists) == []
        assert items() == before
    assert len(shop("history", "--since", "2028-02-29", "--until", "2028-02-29", "--json").json) == 4
    assert shop("log", "1", "--call", "--on", "2029-02-29").code == 2
    assert shop("check").code == 0


def test_a_month_after_the_end_of_january_is_the_end_of_february(
    shop: Program, clock: Clock, items: Callable[[], Rows]
) -> None:
    due = {}
    for year in (2027, 2028):
        for day in (29, 30, 31):
            clock.moment = datetime(year, 1, day, 12, tzinfo=UTC)
            name = f"Person {year} {day}"
            line = ("add-purchase", name, "--product", "pump", "--ordered", "today", "--delivered", "today")
            assert settle(shop, ("add-customer", name), line) == []
            due[year, day] = max(str(row[5]) for row in items() if row[2:4] == ("delivered", "survey"))
    assert set(due.values()) == {"2027-02-28", "2028-02-29"}
    assert all(day.startswith(str(year)) for (year, _), day in due.items())


@pytest.mark.parametrize("year", [1, 1969, 9000, 9999])
def test_a_clock_that_is_far_off_is_told_and_changes_nothing(
    file_shop: Program, monkeypatch: pytest.MonkeyPatch, year: int
) -> None:
    right = Environment.clock
    monkeypatch.setattr(Environment, "clock", lambda _: datetime(year, 12, 31, 23, 30, tzinfo=UTC))
    monkeypatch.delenv("REFERTRACK_TODAY")
    told = file_shop("add-customer", "Hanna Berg")
    assert (told.code, told.err.splitlines()[0]) == (1, f"The clock of this machine says {year:04}-12-31.")
    monkeypatch.setattr(Environment, "clock", right)
    assert file_shop("customers", "--json").json == []


def test_a_zone_that_is_none_is_not_shown_as_the_machines(file_shop: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    for named, shown in (("Foo/Bar", ""), ("Pacific/Kiritimati", "Pacific/Kiritimati"), ("Foo/../../x", "")):
        monkeypatch.setenv("TZ", named)
        assert file_shop("config", "get", "zone").out.strip() == shown
