"""The day on one screen: what is due, whom to recover, whom to praise, whom to ask, and the week in figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from refertrack.reports.asks import MADE
from refertrack.reports.feedback import STILL_OPEN, with_facts
from refertrack.reports.lists import DueFilter, DueList, due
from refertrack.reports.readiness import Wanted, ready
from refertrack.rules.listening import LIMITS, Limits
from refertrack.rules.readiness import WEIGHTS, Verdict
from refertrack.store.reader import Reader, Row

SHOWN = 5
PRAISE_DAYS = 7

# What a week is counted by: a name, and a statement of the days from :since until :until.
_FIGURES = (
    ("contacts both ways", "SELECT count(*) FROM touch WHERE two_way AND on_day BETWEEN :since AND :until"),
    (
        "follow-ups done",
        "SELECT count(*) FROM follow_up WHERE state = 'done' AND closed_on BETWEEN :since AND :until",
    ),
    ("surveys answered", "SELECT count(*) FROM survey WHERE answered_on BETWEEN :since AND :until"),
    (
        "complaints and claims",
        "SELECT count(*) FROM feedback WHERE kind IN ('complaint', 'claim') AND on_day BETWEEN :since AND :until",
    ),
    (
        "put right",
        "SELECT count(*) FROM feedback WHERE kind IN ('complaint', 'claim') AND resolved_on BETWEEN :since AND :until",
    ),
    (
        "compliments",
        "SELECT count(*) FROM feedback WHERE kind = 'compliment' AND on_day BETWEEN :since AND :until",
    ),
    ("asks sent", f"SELECT count(*) FROM ask WHERE sent_on BETWEEN :since AND :until AND {MADE}"),  # noqa: S608 - constants
    (
        "referrals received",
        "SELECT count(*) FROM referral WHERE state <> 'disqualified' AND received_on BETWEEN :since AND :until",
    ),
    (
        "referrals won",
        "SELECT count(DISTINCT e.referral_id) FROM referral_event AS e JOIN referral AS r ON r.id = e.referral_id"
        " WHERE e.to_state = 'won' AND r.state = 'won' AND e.on_day BETWEEN :since AND :until",
    ),
)


@dataclass(frozen=True)
class Figure:
    """How often something happened this week, and in the whole week before."""

    name: str
    this_week: int
    week_before: int


@dataclass(frozen=True)
class Day:
    """What one screen shows; lists are cut to the first few, counts are not."""

    due: DueList
    recover: list[Row]
    open_complaints: int
    praise: list[Row]
    ready: list[Row]
    ready_count: int
    asks_waiting: int
    monday: date
    week: tuple[Figure, ...]


def day(
    reader: Reader,
    today: date,
    *,
    owner: str = "",
    weights: Mapping[str, int] = WEIGHTS,
    limits: Limits = LIMITS,
) -> Day:
    """Return the day; ``owner`` narrows the list, the complaints and the asks to one who looks after them."""
    complaints = _complaints(reader, today, owner, limits)
    asks = ready(reader, today, Wanted(owner=owner, limit=SHOWN), weights)
    first = [each.customer for each in asks.shown if each.readiness.verdict is Verdict.ASK_NOW]
    monday = today - timedelta(days=today.weekday())
    return Day(
        due=due(reader, today, DueFilter(owner=owner, limit=SHOWN)),
        recover=complaints[:SHOWN],
        open_complaints=len(complaints),
        praise=_praise(reader, today),
        ready=first,
        ready_count=asks.counts[Verdict.ASK_NOW],
        asks_waiting=int(reader.value("SELECT count(*) FROM ask WHERE state = 'sent'")),
        monday=monday,
        week=tuple(_figure(reader, name, sql, monday, today) for name, sql in _FIGURES),
    )


def _complaints(reader: Reader, today: date, owner: str, limits: Limits) -> list[Row]:
    """Return complaints and claims that are not settled: those that wait too long first, then the oldest."""
    narrowed = " AND owner = :owner" if owner else ""
    rows = reader.rows(
        f"SELECT * FROM feedback_line WHERE kind IN ('complaint', 'claim') AND {STILL_OPEN}{narrowed}"  # noqa: S608
        " ORDER BY on_day, id",
        **({"owner": owner} if owner else {}),
    )
    return sorted((with_facts(row, today, limits) for row in rows), key=lambda row: (not row["late"], row["on_day"]))


def _praise(reader: Reader, today: date) -> list[Row]:
    """Return deeds and compliments of the last days, and older ones that nobody has passed on."""
    return reader.rows(
        "SELECT * FROM feedback_line WHERE kind IN ('compliment', 'remarkable')"
        " AND (acknowledged_on IS NULL OR on_day > :since) AND on_day > :longest ORDER BY on_day DESC, id DESC"
        " LIMIT :most",
        most=SHOWN,
        since=(today - timedelta(days=PRAISE_DAYS)).isoformat(),
        longest=(today - timedelta(days=30)).isoformat(),
    )


def _figure(reader: Reader, name: str, sql: str, monday: date, today: date) -> Figure:
    def count(since: date, until: date) -> int:
        return int(reader.value(sql, since=since.isoformat(), until=until.isoformat()))

    return Figure(name, count(monday, today), count(monday - timedelta(days=7), monday - timedelta(days=1)))
