"""Whom to ask, whom not yet and whom not: all customers sorted by sets, and the reasons of those who are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from refertrack.reports.asks import MADE
from refertrack.reports.readiness_facts import (
    ASK_PENDING,
    COMPLAINT_STANDS,
    LATEST_SURVEY,
    LOST_TOUCH,
    LOST_TOUCH_ASKS,
    days_of,
    facts,
    read,
)
from refertrack.rules import readiness as rule
from refertrack.rules.readiness import WEIGHTS, Facts, Readiness, Verdict, is_served, judge, may_ask
from refertrack.rules.surveys import DETRACTOR_UP_TO
from refertrack.store.reader import Reader, Row

GROUPS = ("segment", "owner", "country", "source")
_CUSTOMERS = "c.merged_into IS NULL AND c.status NOT IN ('former', 'erased')"
_WINDOW = "BETWEEN :delight_since AND :today"
# Every sign of every customer: its name, and who has it.
_SIGNS = (
    (
        rule.COMPLIMENT,
        "SELECT DISTINCT customer_id FROM feedback WHERE kind = 'compliment' AND customer_id IS NOT NULL"
        " AND on_day BETWEEN :compliment_since AND :today",
    ),
    (
        rule.ANSWERS,
        "SELECT s.customer_id FROM survey AS s WHERE s.lowest >= 4 AND coalesce(s.would_recommend, 10) >"
        f" {DETRACTOR_UP_TO} AND s.answered_on {_WINDOW} AND {LATEST_SURVEY}",
    ),
    (
        rule.PUT_RIGHT,
        "SELECT DISTINCT customer_id FROM feedback WHERE kind IN ('complaint', 'claim')"
        f" AND customer_id IS NOT NULL AND confirmed_on {_WINDOW}",
    ),
    (
        rule.PROMISE,
        "SELECT DISTINCT customer_id FROM purchase WHERE status IN ('ordered', 'delivered')"
        f" AND delivered_on < promised_on AND delivered_on {_WINDOW}",
    ),
    (
        rule.REFERRED,
        "SELECT DISTINCT referrer_id AS customer_id FROM referral WHERE state <> 'disqualified'"
        f" AND received_on {_WINDOW}",
    ),
    (
        rule.BACK,
        f"SELECT DISTINCT customer_id FROM follow_up WHERE {LOST_TOUCH_ASKS} AND due_on >= :delight_since",
    ),
)
_STOPS = (
    "SELECT o.customer_id FROM opt_out AS o JOIN customer AS c ON c.id = o.customer_id"
    " WHERE o.purpose IN ('any', 'referral') AND o.channel IN ('any', CASE WHEN c.preferred_channel <> ''"
    " THEN c.preferred_channel WHEN c.email <> '' THEN 'email' WHEN c.phone <> '' THEN 'phone' ELSE 'post' END)",
    f"SELECT customer_id FROM feedback WHERE {COMPLAINT_STANDS} AND customer_id IS NOT NULL",
    f"SELECT customer_id FROM ask WHERE sent_on BETWEEN :asked_since AND :today AND {MADE}",
    f"SELECT customer_id FROM ask WHERE {ASK_PENDING}",
)
# Of one customer: the last contact that sold nothing, the last purchase, whether touch is lost; index steps all.
_SERVED = (
    "(SELECT t.on_day FROM touch AS t WHERE t.customer_id = c.id AND t.two_way AND t.kind <> 'selling'"
    " ORDER BY t.on_day DESC LIMIT 1) AS contact_on,"
    " (SELECT p.ordered_on FROM purchase AS p WHERE p.customer_id = c.id AND p.status IN ('ordered', 'delivered')"
    " ORDER BY p.ordered_on DESC LIMIT 1) AS purchase_on,"
    f" EXISTS (SELECT 1 FROM follow_up AS f WHERE f.customer_id = c.id AND {LOST_TOUCH}) AS lost"
)
# Whether a customer had a contact lately that sold nothing, and bought nothing since.
_SPOKEN = (
    "EXISTS (SELECT 1 FROM touch AS t WHERE t.customer_id = c.id AND t.two_way AND t.kind <> 'selling'"
    f" AND t.on_day {_WINDOW} AND NOT EXISTS (SELECT 1 FROM purchase AS p WHERE p.customer_id = c.id"
    " AND p.status IN ('ordered', 'delivered') AND p.ordered_on > t.on_day))"
)


@dataclass(frozen=True)
class Wanted:
    """Which customers are wanted; everything that is left out matches. ``limit`` is for each of the sections."""

    segment: str = ""
    owner: str = ""
    limit: int | None = None


@dataclass(frozen=True)
class Judged:
    """A customer and what was found."""

    customer: Row
    readiness: Readiness


@dataclass(frozen=True)
class Sorted:
    """The customers of each section that are shown, best first, and how many each has in all."""

    shown: tuple[Judged, ...]
    counts: Mapping[Verdict, int]


def readiness_of(
    reader: Reader, customer_id: int, today: date, weights: Mapping[str, int] = WEIGHTS, channel: str = ""
) -> Readiness:
    """Say whether one customer can be asked, and why; by ``channel``, where it is not the one they like best."""
    found = facts(reader, today, [customer_id], channel)
    return judge(found.get(customer_id, Facts()), today, weights)


def ready(reader: Reader, today: date, wanted: Wanted, weights: Mapping[str, int] = WEIGHTS) -> Sorted:
    """Sort all customers into ask now, not yet and do not ask."""
    found = _found(reader, today, wanted, weights)
    sections: dict[Verdict, list[tuple[int, int]]] = {verdict: [] for verdict in Verdict}
    for each in found.values():
        sections[each.verdict].append((-each.score, each.id))
    ids: list[int] = []
    for verdict, section in sections.items():
        shown = [number for _, number in sorted(section)[: wanted.limit]]
        more = None if wanted.limit is None else wanted.limit - len(shown)
        if verdict is Verdict.NOT_YET and more != 0:
            shown += _others(reader, today, wanted, found, more, weights)
        ids += shown
    counts = {verdict: len(section) for verdict, section in sections.items()}
    counts[Verdict.NOT_YET] += _total(reader, wanted) - len(found)
    return Sorted(_judged(reader, today, ids, weights), counts)


def ready_by(
    reader: Reader, today: date, by: str, wanted: Wanted, weights: Mapping[str, int] = WEIGHTS
) -> list[tuple[str, Mapping[Verdict, int]]]:
    """Count the sections for each group of customers, by one of ``GROUPS``."""
    where, values = _where(wanted)
    totals = reader.rows(f"SELECT c.{by} AS name, count(*) AS n FROM customer AS c WHERE {where} GROUP BY 1", **values)
    counts = {row["name"]: {**dict.fromkeys(Verdict, 0), Verdict.NOT_YET: row["n"]} for row in totals}
    for each in _found(reader, today, wanted, weights, by).values():
        counts[each.group][Verdict.NOT_YET] -= 1
        counts[each.group][each.verdict] += 1
    return sorted(counts.items(), key=lambda pair: (pair[0].casefold(), pair[0]))


@dataclass(frozen=True, slots=True)
class _Found:
    """Somebody who shows a sign or must not be asked; all others are not yet ready, without a point."""

    id: int
    verdict: Verdict
    score: int
    group: str


def _found(
    reader: Reader, today: date, wanted: Wanted, weights: Mapping[str, int], by: str = "segment"
) -> dict[int, _Found]:
    where, values = _where(wanted)
    days = {
        **days_of(today),
        "compliment_since": _before(today, rule.COMPLIMENT_DAYS),
        "delight_since": _before(today, rule.DELIGHT_DAYS),
        "asked_since": _before(today, rule.ASKED_DAYS),
    }
    found = {}
    for row in read(reader, _signs_sql(weights, where, by), days, **values):
        served = is_served(row["contact_on"], row["purchase_on"])
        asks = may_ask(
            enough=bool(row["enough"]), delighted=bool(row["delighted"]), served=served, lost=bool(row["lost"])
        )
        spoke = served and row["contact_on"] >= days["delight_since"]
        score = row["points"] + (weights[rule.CONTACT] if spoke else 0)
        found[row["id"]] = _Found(row["id"], Verdict.ASK_NOW if asks else Verdict.NOT_YET, score, row["name"])
    stops = (
        f"SELECT DISTINCT c.id, c.{by} AS name FROM ({' UNION ALL '.join(_STOPS)}) AS stop"
        f" JOIN customer AS c ON c.id = stop.customer_id WHERE {where}"
    )
    for row in read(reader, stops, days, **values):
        found[row["id"]] = _Found(row["id"], Verdict.DO_NOT_ASK, 0, row["name"])
    return found


def _signs_sql(weights: Mapping[str, int], where: str, by: str) -> str:
    signs = " UNION ALL ".join(
        f"SELECT customer_id, {weights[name]} AS points, {int(name in {rule.COMPLIMENT, rule.BACK})} AS enough,"
        f" {int(name in rule.DELIGHTS)} AS delighted FROM ({sql}) AS sign_{place}"
        for place, (name, sql) in enumerate(_SIGNS)
    )
    return (
        f"WITH sign AS ({signs}), scored AS (SELECT customer_id, sum(points) AS points, max(enough) AS enough,"
        f" max(delighted) AS delighted FROM sign GROUP BY customer_id)"
        f" SELECT c.id, c.{by} AS name, s.points, s.enough, s.delighted, {_SERVED}"
        f" FROM scored AS s JOIN customer AS c ON c.id = s.customer_id WHERE {where}"
    )


def _where(wanted: Wanted) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {name: value for name in ("segment", "owner") if (value := getattr(wanted, name))}
    return _CUSTOMERS + "".join(f" AND c.{name} = :{name}" for name in values), values


def _total(reader: Reader, wanted: Wanted) -> int:
    where, values = _where(wanted)
    return int(reader.value(f"SELECT count(*) FROM customer AS c WHERE {where}", **values))


def _others(
    reader: Reader,
    today: date,
    wanted: Wanted,
    found: Mapping[int, _Found],
    most: int | None,
    weights: Mapping[str, int],
) -> list[int]:
    """Return customers without a sign, who are not yet ready either: all of them, or the first few.

    Those whom we have spoken with come first, for a contact that sold nothing has its points, too.
    """
    where, values = _where(wanted)
    limit = "" if most is None else f" LIMIT {most + len(found)}"
    spoken = (f" AND {_SPOKEN}", "") if most is not None and weights[rule.CONTACT] else ("",)
    ids: dict[int, None] = {}
    for more in spoken:
        sql = f"SELECT c.id FROM customer AS c WHERE {where}{more} ORDER BY c.id{limit}"
        days = {"today": today.isoformat(), "delight_since": _before(today, rule.DELIGHT_DAYS)} if more else {}
        ids |= dict.fromkeys(row["id"] for row in reader.rows(sql, **values, **days) if row["id"] not in found)
        if most is not None and len(ids) >= most:
            break
    return list(ids)[:most]


def _judged(reader: Reader, today: date, ids: Sequence[int], weights: Mapping[str, int]) -> tuple[Judged, ...]:
    """Return customers with the reasons of each, in the order of the sections and of their points."""
    many = len(ids) > 5_000
    known = facts(reader, today, None if many else ids)
    customers = _customers(reader, None if many else ids)
    judged = [Judged(customers[number], judge(known.get(number, Facts()), today, weights)) for number in ids]
    order = list(Verdict)
    return tuple(
        sorted(
            judged, key=lambda each: (order.index(each.readiness.verdict), -each.readiness.score, each.customer["id"])
        )
    )


def _customers(reader: Reader, ids: Sequence[int] | None) -> dict[int, Row]:
    columns = "id, name, company, segment, owner, email, phone, preferred_channel, language, status"
    if ids is not None and not ids:
        return {}
    which = "1 = 1" if ids is None else f"id IN ({', '.join(str(number) for number in ids)})"
    return {row["id"]: row for row in reader.rows(f"SELECT {columns} FROM customer WHERE {which}")}


def _before(today: date, days: int) -> str:
    return (today - timedelta(days=days)).isoformat()
