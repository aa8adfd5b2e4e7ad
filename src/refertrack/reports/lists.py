"""The everyday lists, read through the views without SQLAlchemy: due, customers, a customer's card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from refertrack.reports.look_up import but_for_accents
from refertrack.rules.names import escape_like, key, phone_key
from refertrack.store.reader import Reader, Row

STALE_DAYS = 30
WEEK = 7
PHONE_DIGITS = 4
# From its last day on an item is listed no more: what time brings has taken its place.
_NOT_ENDED = "(ends_on IS NULL OR ends_on > :today)"
SORTS = {
    "name": "name_key, id",
    "id": "id",
    "newest": "id DESC",
    "joined": "joined_on DESC NULLS LAST, id DESC",
    "segment": "segment, name_key, id",
    "city": "city, name_key, id",
    "owner": "owner, name_key, id",
}


@dataclass(frozen=True)
class DueList:
    """The items to do, and how many there are in all, whatever the limit; ``held`` wait for a complaint."""

    items: list[Row]
    overdue: int
    today: int
    coming: int
    held: int = 0


@dataclass(frozen=True)
class DueFilter:
    """Which items are wanted; everything that is left out matches."""

    until: date | None = None
    overdue: bool = False
    customer_id: int | None = None
    segment: str = ""
    owner: str = ""
    limit: int | None = None


def due(reader: Reader, today: date, wanted: DueFilter) -> DueList:
    """Return the open follow-ups that are due until a day (today, if none is given), oldest first."""
    until = today - timedelta(days=1) if wanted.overdue else (wanted.until or today)
    where, values = _due_where(wanted)
    sql = (
        f"SELECT * FROM due_item WHERE due_on <= :until AND {_NOT_ENDED}{where}"  # noqa: S608
        " ORDER BY due_on, priority, id LIMIT :limit"
    )
    days = {"until": until.isoformat(), "today": today.isoformat()}
    items = reader.rows(sql, **days, limit=wanted.limit or 1_000_000_000, **values)
    for item in items:
        item["days_late"] = (today - date.fromisoformat(item["due_on"])).days
        item["stale"] = item["days_late"] > STALE_DAYS
    counted = _due_counts(reader, today, where, values)
    return DueList(items, *counted, _held(reader, until, where, values))


def _held(reader: Reader, until: date, where: str, values: dict[str, object]) -> int:
    """Count the items that would be due, were it not for an open complaint."""
    segment = " AND customer_id IN (SELECT id FROM customer WHERE segment = :segment)"
    where = where.replace(" AND segment = :segment", segment)
    sql = f"SELECT count(*) FROM follow_up WHERE state = 'held' AND due_on <= :until{where}"  # noqa: S608
    return int(reader.value(sql, until=until.isoformat(), **values))


def _due_where(wanted: DueFilter) -> tuple[str, dict[str, object]]:
    where, values = "", dict[str, object]()
    if wanted.customer_id is not None:
        where, values = (
            where + " AND customer_id = :customer_id",
            {**values, "customer_id": wanted.customer_id},
        )
    if wanted.owner:
        where, values = where + " AND owner = :owner", {**values, "owner": wanted.owner}
    if wanted.segment:
        where, values = where + " AND segment = :segment", {**values, "segment": wanted.segment}
    return where, values


def _due_counts(reader: Reader, today: date, where: str, values: dict[str, object]) -> tuple[int, int, int]:
    """Count overdue, today's and the coming seven days' items, without the join where no filter needs it."""
    table = (
        f"due_item WHERE {_NOT_ENDED}" if "segment" in values else f"follow_up WHERE state = 'open' AND {_NOT_ENDED}"
    )
    days = {"today": today.isoformat(), "week": (today + timedelta(days=WEEK)).isoformat()}
    row = reader.row(
        f"SELECT (SELECT count(*) FROM {table} AND due_on < :today{where}) AS overdue,"  # noqa: S608
        f" (SELECT count(*) FROM {table} AND due_on = :today{where}) AS today,"
        f" (SELECT count(*) FROM {table} AND due_on > :today AND due_on <= :week{where}) AS coming",
        **days,
        **values,
    )
    return (row["overdue"], row["today"], row["coming"]) if row else (0, 0, 0)


@dataclass(frozen=True)
class CustomerFilter:
    """Which customers are wanted; everything that is left out matches."""

    search: str = ""
    segment: str = ""
    status: str = ""
    owner: str = ""
    tag: str = ""
    city: str = ""
    country: str = ""
    sort: str = "name"
    limit: int | None = None


def customers(reader: Reader, wanted: CustomerFilter) -> tuple[list[Row], int]:
    """Return the customers that match, and how many match in all, whatever the limit.

    A search that finds nobody is made again without accents.
    """
    found = _matching(reader, wanted, _customer_where(wanted))
    if found[0] or not wanted.search:
        return found
    alike = but_for_accents(reader, wanted.search)
    return _matching(reader, wanted, _customer_where(wanted, alike)) if alike else found


def _matching(
    reader: Reader, wanted: CustomerFilter, sought: tuple[list[str], dict[str, object]]
) -> tuple[list[Row], int]:
    where, values = sought
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    rows = reader.rows(
        f"SELECT * FROM customer_card{condition} ORDER BY {SORTS[wanted.sort]} LIMIT :limit",  # noqa: S608
        limit=wanted.limit or 1_000_000_000,
        **values,
    )
    if wanted.limit is None or len(rows) < wanted.limit:
        return rows, len(rows)
    return rows, int(reader.value(f"SELECT count(*) FROM customer_card{condition}", **values))  # noqa: S608


def _customer_where(wanted: CustomerFilter, alike: Sequence[int] = ()) -> tuple[list[str], dict[str, object]]:
    """Return the conditions and their values; what no index holds is looked for first, in a list of ids.

    Customers who are ``alike`` stand in the place of a search.
    """
    where: list[str] = []
    values: dict[str, object] = {}
    if alike:
        where.append(f"id IN ({', '.join(map(str, alike))})")
    elif wanted.search:
        where.append(f"({' OR '.join(_search(wanted.search, values))})")
    if wanted.segment:
        where.append("segment = :segment")
        values["segment"] = wanted.segment
    plain = [f"{name} = :{name}" for name in ("status", "owner") if getattr(wanted, name)]
    plain += [f"lower({name}) = lower(:{name})" for name in ("city", "country") if getattr(wanted, name)]
    if plain:
        where.append(f"id IN (SELECT id FROM customer_card WHERE {' AND '.join(plain)})")  # noqa: S608
        values |= {name: value for name in ("status", "owner", "city", "country") if (value := getattr(wanted, name))}
    if wanted.tag:
        where.append(
            "id IN (SELECT t.customer_id FROM customer_tag AS t JOIN tag ON tag.id = t.tag_id"
            " WHERE tag.name_key = :tag)"
        )
        values["tag"] = key(wanted.tag)
    return where, values


def _search(text: str, values: dict[str, object]) -> list[str]:
    """Return the conditions that a search means: a part of the name, company or e-mail; digits of a phone, too."""
    values["part"] = f"%{escape_like(key(text))}%"
    found = [
        "name_key LIKE :part ESCAPE '\\'",
        "company_key LIKE :part ESCAPE '\\'",
        "id IN (SELECT id FROM customer WHERE email_key LIKE :part ESCAPE '\\')",
    ]
    digits = phone_key(text).lstrip("0")
    if len(digits) >= PHONE_DIGITS and not any(character.isalpha() for character in text):
        found.append("id IN (SELECT id FROM customer WHERE phone_key LIKE :digits)")
        values["digits"] = f"%{digits}%"
    return found


def tags(reader: Reader) -> list[Row]:
    """Return every tag and how many customers carry it."""
    return reader.rows(
        "SELECT tag.name, count(c.id) AS customers FROM tag LEFT JOIN customer_tag AS t ON t.tag_id = tag.id"
        " LEFT JOIN customer_card AS c ON c.id = t.customer_id"
        " GROUP BY tag.name, tag.name_key ORDER BY tag.name_key"
    )


def segment_sizes(reader: Reader) -> list[Row]:
    """Return how many customers each segment has; '' stands for those in none."""
    return reader.rows("SELECT segment, count(*) AS customers FROM customer_card GROUP BY segment ORDER BY segment")
