"""Referrals as they stand today, read without SQLAlchemy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from refertrack.rules.referrals import EXPIRES_AFTER_DAYS, OPEN_STATES
from refertrack.store.reader import Reader, Row

_OPEN = ", ".join(f"'{state}'" for state in sorted(OPEN_STATES))
# ``rules.referrals.state_today`` in SQL.
STATE = f"CASE WHEN r.state IN ({_OPEN}) AND r.moved_on < :expired_before THEN 'expired' ELSE r.state END"


@dataclass(frozen=True)
class ReferralFilter:
    """Which referrals are wanted; everything that is left out matches."""

    states: tuple[str, ...] = ()
    referrer_id: int | None = None
    since: date | None = None
    limit: int | None = None


def expired_before(today: date) -> str:
    """Return the day before which an open referral's last move must lie for it to have expired."""
    return (today - timedelta(days=EXPIRES_AFTER_DAYS)).isoformat()


def referrals(reader: Reader, today: date, wanted: ReferralFilter) -> tuple[list[Row], int]:
    """Return the referrals that match, the latest first, each in its state of today, and how many match in all."""
    parts, values = ["1 = 1"], dict[str, object]()
    if wanted.states:
        listed = ", ".join(f"'{state}'" for state in wanted.states)
        parts.append(f"state_today IN ({listed})")
    if wanted.referrer_id is not None:
        parts.append("referrer_id = :referrer_id")
        values["referrer_id"] = wanted.referrer_id
    if wanted.since:
        parts.append("received_on >= :since")
        values["since"] = wanted.since.isoformat()
    values["expired_before"] = expired_before(today)
    matching = f"FROM (SELECT r.*, {STATE} AS state_today FROM referral_line AS r) AS line WHERE {' AND '.join(parts)}"
    rows = reader.rows(
        f"SELECT * {matching} ORDER BY received_on DESC, id DESC LIMIT :limit",
        limit=wanted.limit or 1_000_000_000,
        **values,
    )
    for row in rows:
        _tidy(row, today)
    if wanted.limit is None or len(rows) < wanted.limit:
        return rows, len(rows)
    return rows, int(reader.value(f"SELECT count(*) {matching}", **values))


def _tidy(row: Row, today: date) -> None:
    row["state"] = row.pop("state_today")
    row["may_tell_referrer"] = bool(row["may_tell_referrer"])
    came = row["would_have_come_anyway"]
    row["would_have_come_anyway"] = None if came is None else bool(came)
    row["asked"] = row["ask_id"] is not None
    row["days_quiet"] = (today - date.fromisoformat(row["moved_on"])).days
