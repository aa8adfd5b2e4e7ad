"""What is in customers' way, read for the list."""

from __future__ import annotations

from refertrack.rules.money import to_decimal_string
from refertrack.store.reader import Reader, Row


def listed(
    reader: Reader, *, everything: bool = False, customer_id: int | None = None, limit: int | None = None
) -> list[Row]:
    """Return opportunities with their customers, the most important first; open ones, unless all are wanted."""
    where, values = "", dict[str, object]()
    if not everything:
        where += " AND o.state = 'open'"
    if customer_id is not None:
        where, values = f"{where} AND o.customer_id = :customer_id", {"customer_id": customer_id}
    rows = reader.rows(
        "SELECT o.id, o.customer_id, c.name AS customer, c.company, o.on_day, o.issue, o.impact, o.importance,"  # noqa: S608
        " o.value_minor, o.currency, o.state, o.closed_on FROM opportunity AS o JOIN customer AS c"
        f" ON c.id = o.customer_id WHERE c.status <> 'erased'{where}"
        " ORDER BY o.importance DESC, o.value_minor DESC NULLS LAST, o.id LIMIT :limit",
        limit=limit or 1_000_000_000,
        **values,
    )
    for row in rows:
        minor = row.pop("value_minor")
        row["value"] = to_decimal_string(minor, row["currency"]) if minor is not None else None
        row["on"] = row.pop("on_day")
    return rows
