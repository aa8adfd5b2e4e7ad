"""What is known for a letter: the fields of ``drafts.catalogue``, read for a follow-up or for a customer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from refertrack.rules.errors import NotFound
from refertrack.rules.names import first_name
from refertrack.store.reader import Reader, Row


def for_item(reader: Reader, number: int, today: date, sender: Mapping[str, object]) -> tuple[Row, dict[str, Any]]:
    """Return a follow-up and the fields of its letter.

    Raises:
        NotFound: there is no such follow-up.

    """
    item = reader.row("SELECT * FROM follow_up WHERE id = :id", id=number)
    if item is None:
        raise NotFound(f"There is no item {number}.", "See: refertrack due")
    anchors = reader.rows(
        "SELECT anchor_table, anchor_id FROM follow_up_anchor WHERE follow_up_id = :id ORDER BY id", id=number
    )
    fields = for_customer(reader, item["customer_id"], today, sender)
    ids = {name: [row["anchor_id"] for row in anchors if row["anchor_table"] == name] for name in _READERS}
    for name, read in _READERS.items():
        if ids[name]:
            fields.update(read(reader, ids[name]))
    return item, fields


def for_customer(reader: Reader, customer_id: int, today: date, sender: Mapping[str, object]) -> dict[str, Any]:
    """Return the fields that are known of a customer alone, with the last purchase and the last ask.

    Raises:
        NotFound: there is no such customer.

    """
    customer = reader.row("SELECT * FROM customer_card WHERE id = :id", id=customer_id)
    if customer is None:
        raise NotFound(f"There is no customer {customer_id}.", "See: refertrack customers")
    fields: dict[str, Any] = {
        "today": today,
        "customer": {
            "id": customer["id"],
            "name": customer["name"],
            "first_name": first_name(customer["name"]),
            "company": customer["company"],
            "email": customer["email"],
            "phone": customer["phone"],
        },
        "sender": {name: value for name, value in sender.items() if not name.endswith("_link")},
        "links": {name.removesuffix("_link"): value for name, value in sender.items() if name.endswith("_link")},
    }
    last = reader.value(
        "SELECT id FROM purchase WHERE customer_id = :id AND status IN ('ordered', 'delivered')"
        " ORDER BY ordered_on DESC, id DESC LIMIT 1",
        id=customer_id,
    )
    if last is not None:
        fields.update(_purchases(reader, [last]))
    ask = reader.value("SELECT id FROM ask WHERE customer_id = :id ORDER BY id DESC LIMIT 1", id=customer_id)
    if ask is not None:
        fields.update(_asks(reader, [ask]))
    return fields


def _purchases(reader: Reader, ids: list[int]) -> dict[str, Any]:
    rows = [reader.row("SELECT * FROM purchase_line WHERE id = :id", id=number) for number in ids]
    found = [_purchase(row) for row in rows if row]
    return {"purchase": found[0], "purchases": found if len(found) > 1 else []} if found else {}


def _purchase(row: Row) -> dict[str, Any]:
    promised_on, delivered_on = _day(row["promised_on"]), _day(row["delivered_on"])
    early = (promised_on - delivered_on).days if promised_on and delivered_on else 0
    return {
        "what": row["product"] or (row["description"].splitlines() or ["order"])[0],
        "ordered_on": _day(row["ordered_on"]),
        "promised_on": promised_on,
        "delivered_on": delivered_on,
        "days_early": early if early > 0 else None,
        "days_late": -early if early < 0 else None,
    }


def _asks(reader: Reader, ids: list[int]) -> dict[str, Any]:
    row = reader.row("SELECT * FROM ask_line WHERE id = :id", id=ids[0])
    if row is None:
        return {}
    return {
        "ask": {
            "specific": row["specific"],
            "count": row["measurable"],
            "form": row["attainable"],
            "because": row["realistic"],
            "by": _day(row["time_specific"]),
            "incentive": row["incentive"],
            "sent_on": _day(row["sent_on"]),
        }
    }


def _referrals(reader: Reader, ids: list[int]) -> dict[str, Any]:
    row = reader.row("SELECT * FROM referral_line WHERE id = :id", id=ids[0])
    if row is None:
        return {}
    return {
        "referral": {
            "name": row["name"],
            "first_name": first_name(row["name"]),
            "company": row["company"],
            "email": row["email"],
            "phone": row["phone"],
            "basis": row["consent"] if row["consent"] != "none" else "",
        },
        "referrer": {"name": row["referrer"], "first_name": first_name(row["referrer"])},
    }


_READERS = {"purchase": _purchases, "ask": _asks, "referral": _referrals}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
