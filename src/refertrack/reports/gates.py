"""Whether a customer may be written to: what they have closed, and whether a complaint is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from refertrack.rules.gates import HELD_BY_COMPLAINT, opted_out
from refertrack.rules.names import email_key, phone_key
from refertrack.rules.sentences import day_words
from refertrack.rules.words import Purpose
from refertrack.store.reader import Reader

SETTLED_DAYS = 7


@dataclass(frozen=True)
class Gates:
    """A customer's opt-outs as (channel, purpose) pairs, and since when a complaint holds what it holds."""

    opt_outs: tuple[tuple[str, str], ...]
    complaint_since: date | None

    def closed(self, channel: str, purpose: str) -> bool:
        """Whether the customer does not want this: nothing overrides it."""
        return opted_out(self.opt_outs, channel, purpose)

    def held(self, purpose: str) -> str:
        """Say why it has to wait; '' where it need not."""
        if self.complaint_since is None or purpose not in HELD_BY_COMPLAINT:
            return ""
        return f"a complaint of {day_words(self.complaint_since)} is not settled"


def gates_of(reader: Reader, customer_id: int, today: date) -> Gates:
    """Return what stops letters to a customer on a day; a complaint does until seven days after it was resolved."""
    closed = reader.rows("SELECT channel, purpose FROM opt_out WHERE customer_id = :id ORDER BY id", id=customer_id)
    since = reader.value(
        "SELECT min(on_day) FROM feedback WHERE customer_id = :id AND kind IN ('complaint', 'claim')"
        " AND confirmed_on IS NULL AND (resolved_on IS NULL OR resolved_on > :settled)",
        id=customer_id,
        settled=(today - timedelta(days=SETTLED_DAYS)).isoformat(),
    )
    return Gates(
        tuple((row["channel"], row["purpose"]) for row in closed),
        date.fromisoformat(since) if since else None,
    )


def closed_to_friend(reader: Reader, email: str, phone: str, channel: str) -> int | None:
    """Return the customer (by id) who has an address or number and wants no letter by a channel, if one has.

    Somebody's friend may be a customer of ours already, and have said that they want to hear nothing.
    """
    for column, found in (("email_key", email_key(email)), ("phone_key", phone_key(phone))):
        if not found:
            continue
        for row in reader.rows(
            f"SELECT c.id, o.channel, o.purpose FROM customer AS c JOIN opt_out AS o"  # noqa: S608
            f" ON o.customer_id = COALESCE(c.merged_into, c.id) WHERE c.{column} = :found ORDER BY c.id",
            found=found,
        ):
            if opted_out([(row["channel"], row["purpose"])], channel, Purpose.CONTACT):
                return int(row["id"])
    return None
