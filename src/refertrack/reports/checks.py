"""What may be wrong in a database, in words: the program's own invariants."""

from __future__ import annotations

from dataclasses import dataclass

from refertrack.store.reader import Reader

SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be: in words, how often, some ids, and what to type."""

    name: str
    words: str
    count: int
    ids: tuple[int, ...]
    hint: str


# name, words, the statement that gives the ids of what is wrong, what to type
_INVARIANTS: tuple[tuple[str, str, str, str], ...] = (
    (
        "purchase_days",
        "purchases were promised or delivered before they were ordered",
        "SELECT id FROM purchase WHERE promised_on < ordered_on OR delivered_on < ordered_on",
        "refertrack history, or correct them: refertrack customer CUSTOMER",
    ),
    (
        "purchase_states",
        "purchases are delivered without a day, or have a day and are not delivered",
        "SELECT id FROM purchase WHERE (status = 'delivered') <> (delivered_on IS NOT NULL)"
        " AND status IN ('ordered', 'delivered')",
        "refertrack deliver CUSTOMER --purchase ID --on DAY",
    ),
    (
        "item_states",
        "closed items have no day, or open ones have one",
        "SELECT id FROM follow_up WHERE (state IN ('open', 'held')) = (closed_on IS NOT NULL)",
        "refertrack history",
    ),
    (
        "item_anchors",
        "items hang on nothing",
        "SELECT f.id FROM follow_up AS f LEFT JOIN follow_up_anchor AS a ON a.follow_up_id = f.id WHERE a.id IS NULL"
        " AND f.playbook NOT IN ('keep_in_touch', 'lost_touch')",
        "refertrack history",
    ),
    (
        "doubled_items",
        "items to keep in touch, or steps of lost touch, stand twice for one customer",
        "SELECT min(id) FROM follow_up WHERE playbook IN ('keep_in_touch', 'lost_touch') AND state IN ('open', 'held')"
        " GROUP BY customer_id, playbook, step HAVING count(*) > 1",
        "refertrack history",
    ),
    (
        "referral_customers",
        "referrals are won without a customer",
        "SELECT id FROM referral WHERE state = 'won' AND customer_id IS NULL",
        "refertrack history",
    ),
    (
        "referral_events",
        "referrals are in another state than their last event says",
        "SELECT r.id FROM referral AS r JOIN referral_event AS e ON e.referral_id = r.id"
        " WHERE e.to_state <> r.state"
        " AND e.id = (SELECT max(l.id) FROM referral_event AS l WHERE l.referral_id = r.id)",
        "refertrack history",
    ),
    (
        "own_referrals",
        "customers referred themselves",
        "SELECT id FROM referral WHERE customer_id = referrer_id",
        "refertrack customer CUSTOMER",
    ),
    (
        "ask_days",
        "asks were sent or answered before they were made",
        "SELECT id FROM ask WHERE sent_on < asked_on OR answered_on < asked_on",
        "refertrack history",
    ),
    (
        "customer_states",
        "customers have another status than their last change says",
        "SELECT c.id FROM customer AS c WHERE c.merged_into IS NULL AND c.status <> (SELECT s.status"
        " FROM customer_status AS s WHERE s.customer_id = c.id ORDER BY s.since DESC, s.id DESC LIMIT 1)",
        "refertrack edit-customer CUSTOMER --status …",
    ),
    (
        "customers_without_state",
        "customers have no status on record",
        "SELECT c.id FROM customer AS c LEFT JOIN customer_status AS s ON s.customer_id = c.id"
        " WHERE s.id IS NULL AND c.merged_into IS NULL",
        "refertrack history",
    ),
    (
        "journal_gaps",
        "commands of the history are gone",
        "SELECT c.id FROM command AS c WHERE c.id > 1 AND NOT EXISTS"
        " (SELECT 1 FROM command AS b WHERE b.id = c.id - 1)",
        "refertrack restore",
    ),
    (
        "journal_empty",
        "commands of the history changed nothing",
        "SELECT c.id FROM command AS c LEFT JOIN change AS h ON h.command_id = c.id WHERE h.id IS NULL",
        "refertrack restore",
    ),
)


def findings(reader: Reader) -> list[Finding]:
    """Return everything that breaks an invariant, referral circles included."""
    found = []
    for name, words, sql, hint in _INVARIANTS:
        ids = [next(iter(row.values())) for row in reader.rows(sql)]
        if ids:
            found.append(Finding(name, words, len(ids), tuple(ids[:SHOWN]), hint))
    circle = _circle(reader)
    if circle:
        words, hint = "customers brought each other in a circle", f"refertrack customer {circle[0]}"
        found.append(Finding("referral_circles", words, len(circle), circle[:SHOWN], hint))
    return found


def _circle(reader: Reader) -> tuple[int, ...]:
    """Return the customers of one circle of referrals, or nothing."""
    brought_by = {
        row["customer_id"]: row["referrer_id"]
        for row in reader.rows(
            "SELECT customer_id, referrer_id FROM referral WHERE state = 'won' AND customer_id IS NOT NULL ORDER BY id"
        )
    }
    cleared: set[int] = set()
    for start in brought_by:
        path: list[int] = []
        current: int | None = start
        while current is not None and current not in cleared:
            if current in path:
                return tuple(path[path.index(current) :])
            path.append(current)
            current = brought_by.get(current)
        cleared.update(path)
    return ()
