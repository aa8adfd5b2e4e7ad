"""What is sold: how it was delivered, how long it lasts, and how often customers come back for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from refertrack.rules.errors import Ambiguous, NotFound
from refertrack.rules.names import escape_like, key
from refertrack.rules.promises import OWN_PURCHASES, Kept, days_for, kept_within, own_interval
from refertrack.store.reader import Reader, Row

SHOWN = 8


def find(reader: Reader, text: str) -> Row:
    """Return the product that a person means: by id, name, or a part of it.

    Raises:
        NotFound: there is none; the sentence names close spellings.
        Ambiguous: several are meant.

    """
    wanted = key(text)
    if text.strip().isdecimal() and len(text.strip()) < 18:
        row = reader.row("SELECT * FROM product WHERE id = :id", id=int(text))
        if row is not None:
            return row
    row = reader.row("SELECT * FROM product WHERE name_key = :key", key=wanted)
    if row is not None:
        return row
    found = reader.rows(
        "SELECT * FROM product WHERE name_key LIKE :part ESCAPE '\\' ORDER BY name_key LIMIT :limit",
        part=f"%{escape_like(wanted)}%" if wanted else "",
        limit=SHOWN + 1,
    )
    if len(found) == 1:
        return found[0]
    if not found:
        close = _close(reader, wanted)
        words = f" Close: {', '.join(close)}." if close else ""
        raise NotFound(f'No product is called "{text}".{words}', "See: refertrack products")
    raise Ambiguous(
        f'"{text}" fits {"several" if len(found) > SHOWN else len(found)} products:',
        "Give the id, or the whole name.",
        candidates=tuple((row["id"], row["name"]) for row in found[:SHOWN]),
    )


def _close(reader: Reader, wanted: str) -> list[str]:
    from rapidfuzz import process

    names = {row["name_key"]: row["name"] for row in reader.rows("SELECT name, name_key FROM product")}
    return [names[near] for near, _, _ in process.extract(wanted, list(names), limit=3, score_cutoff=65)]


def history(reader: Reader, product_id: int | None) -> tuple[Counter[int], Counter[int]]:
    """Return deliveries by the days that they took from the order: the product's, and all."""
    own: Counter[int] = Counter()
    every: Counter[int] = Counter()
    for row in reader.rows(
        "SELECT product_id, ordered_on, delivered_on, count(*) AS n FROM purchase WHERE status = 'delivered'"
        " AND delivered_on IS NOT NULL GROUP BY product_id, ordered_on, delivered_on"
    ):
        days = (date.fromisoformat(row["delivered_on"]) - date.fromisoformat(row["ordered_on"])).days
        every[days] += row["n"]
        if product_id is not None and row["product_id"] == product_id:
            own[days] += row["n"]
    return own, every


def kept(reader: Reader, product: Row | None, days: int) -> Kept:
    """Return how often a promise of so many days would have been kept, for a product (or for all).

    Raises:
        BadValue: the days are none.

    """
    own, every = history(reader, product["id"] if product else None)
    return kept_within(days, product["name"] if product else "", own, every)


def products(reader: Reader) -> list[Row]:
    """Return the products with their sales, the days that 90 % of their deliveries needed, and their lifetimes.

    ``own_interval_days`` is the middle of the median intervals of ``regulars`` (customers with three purchases of it
    or more): what may stand for a lifetime where none is given.
    """
    rows = reader.rows(
        "SELECT r.id, r.name, r.lifetime_days, r.guarantee_days, r.margin, count(p.id) AS purchases,"
        " count(DISTINCT p.customer_id) AS customers,"
        " sum(CASE WHEN p.delivered_on IS NOT NULL AND p.promised_on IS NOT NULL THEN 1 ELSE 0 END) AS promised,"
        " sum(CASE WHEN p.delivered_on <= p.promised_on THEN 1 ELSE 0 END) AS kept"
        " FROM product AS r LEFT JOIN purchase AS p ON p.product_id = r.id AND p.status IN ('ordered', 'delivered')"
        " GROUP BY r.id, r.name, r.name_key, r.lifetime_days, r.guarantee_days, r.margin ORDER BY r.name_key, r.id"
    )
    needed = _needed(reader)
    offered = _offered(reader)
    for row in rows:
        row["promised"], row["kept"] = int(row["promised"] or 0), int(row["kept"] or 0)
        row["days_for_90_percent"] = needed.get(row["id"])
        interval, regulars = offered.get(row["id"], (None, 0)) if row["lifetime_days"] is None else (None, 0)
        row["own_interval_days"], row["regulars"] = interval, regulars
    return rows


def _needed(reader: Reader) -> dict[int, int | None]:
    by_product: dict[int, Counter[int]] = defaultdict(Counter)
    for row in reader.rows(
        "SELECT product_id, ordered_on, delivered_on, count(*) AS n FROM purchase WHERE status = 'delivered'"
        " AND delivered_on IS NOT NULL AND product_id IS NOT NULL GROUP BY product_id, ordered_on, delivered_on"
    ):
        days = (date.fromisoformat(row["delivered_on"]) - date.fromisoformat(row["ordered_on"])).days
        by_product[row["product_id"]][days] += row["n"]
    return {number: days_for(0.9, counts) for number, counts in by_product.items()}


def _offered(reader: Reader) -> dict[int, tuple[int, int]]:
    """Return, for each product without a lifetime, the middle of its regulars' own intervals, and how many they are."""
    rows = reader.rows(
        "SELECT p.product_id, p.customer_id, p.ordered_on FROM purchase AS p"
        " JOIN (SELECT q.product_id, q.customer_id FROM purchase AS q JOIN product AS r ON r.id = q.product_id"
        " WHERE r.lifetime_days IS NULL AND q.status IN ('ordered', 'delivered') GROUP BY q.product_id, q.customer_id"
        " HAVING count(DISTINCT q.ordered_on) >= :least) AS regular"
        " ON regular.product_id = p.product_id AND regular.customer_id = p.customer_id"
        " WHERE p.status IN ('ordered', 'delivered')",
        least=OWN_PURCHASES,
    )
    days: dict[tuple[int, int], list[date]] = defaultdict(list)
    for row in rows:
        days[row["product_id"], row["customer_id"]].append(date.fromisoformat(row["ordered_on"]))
    intervals: dict[int, list[int]] = defaultdict(list)
    for (product_id, _), bought in days.items():
        interval = own_interval(bought)
        if interval:
            intervals[product_id].append(interval)
    return {number: (int(median(each)), len(each)) for number, each in intervals.items()}


@dataclass(frozen=True)
class Rhythm:
    """How often a customer buys: a product, or anything (``product`` is empty)."""

    product_id: int | None
    product: str
    purchases: int
    interval_days: int | None
    last_on: date
    lifetime_days: int | None

    @property
    def next_on(self) -> date | None:
        """The day on which the next purchase is likely, where there are three or more."""
        return self.last_on + timedelta(days=self.interval_days) if self.interval_days else None


def rhythms(reader: Reader, customer_id: int) -> list[Rhythm]:
    """Return how often a customer buys each product, and anything at all, which comes first."""
    rows = reader.rows(
        "SELECT p.product_id, p.ordered_on, r.name, r.lifetime_days FROM purchase AS p"
        " LEFT JOIN product AS r ON r.id = p.product_id WHERE p.customer_id = :id"
        " AND p.status IN ('ordered', 'delivered') ORDER BY p.ordered_on, p.id",
        id=customer_id,
    )
    if not rows:
        return []
    by_product: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row["product_id"] is not None:
            by_product[row["product_id"]].append(row)
    found = [_rhythm(bought, bought[0]) for bought in by_product.values()]
    return [_rhythm(rows, {}), *sorted(found, key=lambda each: key(each.product))]


def own_rhythm(reader: Reader, customer_id: int, product_id: int | None) -> Rhythm | None:
    """Return what may stand for a lifetime: the customer's interval for a product, else for all that they buy.

    None where neither has three days of purchase.
    """
    found = rhythms(reader, customer_id)
    for each in (*(each for each in found if product_id is not None and each.product_id == product_id), *found[:1]):
        if each.interval_days:
            return each
    return None


def _rhythm(bought: Iterable[Row], product: Mapping[str, Any]) -> Rhythm:
    days = [date.fromisoformat(row["ordered_on"]) for row in bought]
    return Rhythm(
        product_id=product.get("product_id"),
        product=product.get("name") or "",
        purchases=len(set(days)),
        interval_days=own_interval(days) or None,
        last_on=max(days),
        lifetime_days=product.get("lifetime_days"),
    )
