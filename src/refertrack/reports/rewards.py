"""What was earned by referring, as it stands today, and what is still owed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from refertrack.rules.incentives import OWED, state_on
from refertrack.store.reader import Reader, Row


@dataclass(frozen=True)
class RewardFilter:
    """Which rewards are wanted; everything that is left out matches. ``states`` are those of today."""

    states: frozenset[str] = frozenset()
    customer_id: int | None = None
    since: date | None = None
    limit: int | None = None


@dataclass(frozen=True)
class Owed:
    """What is still open in one currency: how many rewards, and their sum in minor units."""

    currency: str
    rewards: int
    amount_minor: int


def rewards(reader: Reader, today: date, wanted: RewardFilter) -> list[Row]:
    """Return rewards, the latest first, each in the state that it has today."""
    where, values = ["1 = 1"], dict[str, object]()
    if wanted.customer_id is not None:
        where.append("customer_id = :customer_id")
        values["customer_id"] = wanted.customer_id
    if wanted.since is not None:
        where.append("accrued_on >= :since")
        values["since"] = wanted.since.isoformat()
    sql = f"SELECT * FROM reward_line WHERE {' AND '.join(where)} ORDER BY accrued_on DESC, id DESC"  # noqa: S608
    found = _dated(reader.rows(sql, **values), today)
    rows = [row for row in found if not wanted.states or row["state"] in wanted.states][: wanted.limit]
    for row in rows:
        row["approval"] = bool(json.loads(row.pop("rule_copy")).get("approval"))
    return rows


def owed(reader: Reader, today: date) -> list[Owed]:
    """Return what is accrued, held or approved and not given yet: in kind at cost, each currency apart."""
    sql = "SELECT * FROM reward WHERE state IN ('accrued', 'held', 'approved')"
    sums: dict[str, list[int]] = defaultdict(list)
    for row in _dated(reader.rows(sql), today):
        if row["state"] in OWED:
            sums[row["currency"]].append(row["amount_minor"])
    return [Owed(currency, len(amounts), sum(amounts)) for currency, amounts in sorted(sums.items())]


def _dated(rows: Iterable[Row], today: date) -> Iterable[Row]:
    for row in rows:
        hold, valid = (date.fromisoformat(day) if day else None for day in (row["hold_until"], row["valid_until"]))
        yield {**row, "state": str(state_on(row["state"], hold, valid, today))}
