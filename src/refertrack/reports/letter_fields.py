"""What is known for a letter: the fields of ``drafts.catalogue``, read for a follow-up or for a customer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import Any

from refertrack.rules import evidence
from refertrack.rules.errors import NotFound
from refertrack.rules.money import Money, format_money
from refertrack.rules.names import first_name
from refertrack.rules.sentences import ORDER
from refertrack.rules.sharing import ways_to_share
from refertrack.rules.surveys import unsaid_score
from refertrack.rules.words import AskState, Consent, ReferralState, RewardKind
from refertrack.store.reader import Reader, Row

# Words of ours that letters in other languages know and say in their own.
YOUR_SHARE = "your share"


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


def for_customer(
    reader: Reader, customer_id: int, today: date, sender: Mapping[str, object], *, without: Collection[str] = ()
) -> dict[str, Any]:
    """Return the fields that are known of a customer alone, with the last purchase and the last ask.

    ``without`` names what is not looked for by itself: the letter that tells of a win names its reward its own way.

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
            "language": customer["language"],
            "channel": customer["preferred_channel"],
        },
        "sender": {name: value for name, value in sender.items() if not name.endswith("_link")},
        "links": _links(sender),
    }
    for name, sql in _LATEST.items():
        latest = reader.value(sql, id=customer_id) if name not in without else None
        if latest is not None:
            fields.update(_READERS[name](reader, [latest]))
    fields["talk"] = _talk(reader, customer_id, today)
    return fields


def _links(sender: Mapping[str, object]) -> dict[str, object]:
    """Return the business's links, and those by which its page is shared where people are."""
    links = {name.removesuffix("_link"): value for name, value in sender.items() if name.endswith("_link")}
    ways = ways_to_share(str(links["share"])) if links.get("share") else {}
    return links | {f"share_{name}": address for name, address in ways.items()}


# What a letter speaks of where no item says it: the customer's latest of each kind.
_LATEST = {
    "purchase": "SELECT id FROM purchase WHERE customer_id = :id AND status IN ('ordered', 'delivered')"
    " ORDER BY ordered_on DESC, id DESC LIMIT 1",
    "ask": "SELECT id FROM ask WHERE customer_id = :id ORDER BY id DESC LIMIT 1",
    "survey": "SELECT id FROM survey WHERE customer_id = :id AND answered_on IS NOT NULL"
    " ORDER BY answered_on DESC, id DESC LIMIT 1",
    "feedback": "SELECT id FROM feedback WHERE customer_id = :id AND kind IN ('complaint', 'claim')"
    " ORDER BY on_day DESC, id DESC LIMIT 1",
    "compliment": "SELECT id FROM feedback WHERE customer_id = :id AND kind = 'compliment'"
    " ORDER BY on_day DESC, id DESC LIMIT 1",
    "remarkable": "SELECT id FROM feedback WHERE customer_id = :id AND kind = 'remarkable'"
    " ORDER BY on_day DESC, id DESC LIMIT 1",
    "touch": "SELECT id FROM touch WHERE customer_id = :id AND channel = 'meeting' AND two_way"
    " ORDER BY on_day DESC, id DESC LIMIT 1",
    "opportunity": "SELECT id FROM opportunity WHERE customer_id = :id AND state = 'open' ORDER BY id DESC LIMIT 1",
    "referral": "SELECT id FROM referral WHERE referrer_id = :id"
    " ORDER BY CASE state WHEN 'disqualified' THEN 1 ELSE 0 END, received_on DESC, id DESC LIMIT 1",
    "reward": "SELECT id FROM reward WHERE customer_id = :id AND state IN ('accrued', 'held', 'approved', 'given')"
    " ORDER BY id DESC LIMIT 1",
}


def _purchases(reader: Reader, ids: list[int]) -> dict[str, Any]:
    rows = [reader.row("SELECT * FROM purchase_line WHERE id = :id", id=number) for number in ids]
    found = [_purchase(row) for row in rows if row]
    if len(found) == 1:
        lifetime = reader.value(
            "SELECT coalesce(p.lifetime_days, r.lifetime_days) FROM purchase AS p"
            " LEFT JOIN product AS r ON r.id = p.product_id WHERE p.id = :id",
            id=ids[0],
        )
        delivered_on = found[0]["delivered_on"]
        found[0]["lasts_until"] = delivered_on + timedelta(days=lifetime) if delivered_on and lifetime else None
    # A letter that several share names those that have a name; "your pump and order" helps nobody.
    known = [purchase for purchase in found if purchase["what"] != ORDER] or found[:1]
    return {"purchase": known[0], "purchases": known if len(known) > 1 else []} if known else {}


def _purchase(row: Row) -> dict[str, Any]:
    promised_on, delivered_on = _day(row["promised_on"]), _day(row["delivered_on"])
    early = (promised_on - delivered_on).days if promised_on and delivered_on else 0
    return {
        "what": row["product"] or (row["description"].splitlines() or [ORDER])[0],
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
            "evidence": evidence.read(row["realistic"], date.fromisoformat(row["asked_on"])),
            "by": _day(row["time_specific"]),
            "incentive": row["incentive"],
            "sent_on": _day(row["sent_on"]),
            "agreed": row["state"] == AskState.AGREED,
        }
    }


# The person said no, or is somebody whom we know otherwise: nobody writes to them as to one referred.
_OVER = frozenset({ReferralState.LOST, ReferralState.DISQUALIFIED, ReferralState.REVERSED})


def _referrals(reader: Reader, ids: list[int]) -> dict[str, Any]:
    """Return the first of some referrals, and the names of all where one letter thanks for several."""
    names = [reader.value("SELECT name FROM referral WHERE id = :id", id=number) for number in ids]
    return {
        **_referral(reader, ids[0]),
        "referrals": [{"name": name} for name in names if name] if len(ids) > 1 else [],
    }


def _referral(reader: Reader, number: int) -> dict[str, Any]:
    row = reader.row("SELECT * FROM referral_line WHERE id = :id", id=number)
    if row is None:
        return {}
    told = reader.value("SELECT may_tell_referrer FROM referral WHERE id = :id", id=number)
    reward = reader.value(
        "SELECT id FROM reward WHERE referral_id = :id AND customer_id = :referrer"
        " AND state IN ('accrued', 'held', 'approved', 'given') ORDER BY id LIMIT 1",
        id=number,
        referrer=row["referrer_id"],
    )
    return {
        "referral": {
            "name": row["name"],
            "first_name": first_name(row["name"]),
            "company": row["company"],
            "email": row["email"],
            "phone": row["phone"],
            "basis": row["consent"] if row["consent"] != Consent.NONE and row["state"] not in _OVER else "",
            "may_tell": bool(told) and row["state"] != ReferralState.DISQUALIFIED,
        },
        "referrer": {"name": row["referrer"], "first_name": first_name(row["referrer"])},
        "reward": _promised(reader, reward) if reward is not None else None,
    }


def _promised(reader: Reader, number: int) -> dict[str, Any]:
    """Return a reward as the letter that tells of the win names it: a share would give the friend's purchase away."""
    share = reader.value("SELECT kind FROM reward WHERE id = :id", id=number) == RewardKind.PERCENT
    reward: dict[str, Any] = _rewards(reader, [number])["reward"]
    return {**reward, "what": YOUR_SHARE} if share else reward


def _surveys(reader: Reader, ids: list[int]) -> dict[str, Any]:
    row = reader.row("SELECT lowest, answered_on, comment, improve FROM survey WHERE id = :id", id=ids[0])
    if row is None:
        return {}
    about = reader.rows(
        "SELECT question FROM survey_answer WHERE survey_id = :id AND score = :lowest ORDER BY id",
        id=ids[0],
        lowest=row["lowest"],
    )
    return {
        "survey": {
            "question": " and ".join(each["question"].replace("_", " ") for each in about),
            "score": row["lowest"],
            "answered_on": _day(row["answered_on"]),
            "words": row["comment"] or row["improve"],
        }
    }


def _feedback(reader: Reader, ids: list[int]) -> dict[str, Any]:
    row = reader.row("SELECT * FROM feedback WHERE id = :id", id=ids[0])
    if row is None:
        return {}
    if row["kind"] == "compliment":
        return {"compliment": {"text": row["words"], "praised": row["praised"]}}
    if row["kind"] in {"idea", "gap"}:
        return {"action": {"said": row["words"], "did": row["resolution"], "done_on": _day(row["resolved_on"])}}
    if row["kind"] == "remarkable":
        return {"remarkable": {"text": row["words"], "who": row["praised"]}}
    found: dict[str, Any] = {
        "complaint": {
            "text": row["words"],
            "score": unsaid_score(row["words"], row["process"]) if row["survey_id"] is not None else None,
            "on": _day(row["on_day"]),
            "process": row["process"].replace("_", " "),
            "owner": row["owner"],
            "resolved_on": _day(row["resolved_on"]),
            "resolution": row["resolution"],
        }
    }
    if row["survey_id"] is not None:
        found.update(_surveys(reader, [row["survey_id"]]))
    if row["purchase_id"] is not None:
        found.update(_purchases(reader, [row["purchase_id"]]))
    return found


def _touches(reader: Reader, ids: list[int]) -> dict[str, Any]:
    row = reader.row("SELECT channel, on_day, note FROM touch WHERE id = :id", id=ids[0])
    if row is None or row["channel"] != "meeting":
        return {}
    about = (row["note"].splitlines() or [""])[0].strip()
    # A note that is a sentence does not follow "we spoke about".
    return {"meeting": {"on": _day(row["on_day"]), "about": "" if about.endswith((".", "!", "?")) else about}}


def _talk(reader: Reader, customer_id: int, today: date) -> dict[str, Any]:
    """Return the last contact both ways, what was written down of it, and the day of the next."""
    row = reader.row(
        "SELECT on_day, note FROM touch WHERE customer_id = :id AND two_way ORDER BY on_day DESC, id DESC LIMIT 1",
        id=customer_id,
    )
    next_on = reader.value(
        "SELECT min(due_on) FROM follow_up WHERE customer_id = :id AND state = 'open' AND purpose = 'contact'"
        " AND due_on > :today",
        id=customer_id,
        today=today.isoformat(),
    )
    shared = [part.strip() for part in (row["note"] if row else "").replace(";", "\n").splitlines()]
    return {"on": _day(row["on_day"]) if row else None, "shared": shared, "next_on": _day(next_on)}


def _opportunities(reader: Reader, ids: list[int]) -> dict[str, Any]:
    row = reader.row("SELECT issue, impact, importance FROM opportunity WHERE id = :id", id=ids[0])
    return {"opportunity": row} if row else {}


def _rewards(reader: Reader, ids: list[int]) -> dict[str, Any]:
    row = reader.row("SELECT words, amount_minor, currency, hold_until FROM reward WHERE id = :id", id=ids[0])
    if row is None:
        return {}
    what, amount = row["words"], row["amount_minor"]
    if amount and what in {"", format_money(amount, row["currency"])}:
        what = Money(amount, row["currency"])  # each language writes it its own way
    return {"reward": {"what": what, "from_on": _day(row["hold_until"])}}


def _actions(reader: Reader, ids: list[int]) -> dict[str, Any]:
    row = reader.row("SELECT title, because, done_on FROM action WHERE id = :id", id=ids[0])
    return {"action": {"said": row["because"], "did": row["title"], "done_on": _day(row["done_on"])}} if row else {}


def _announcements(reader: Reader, ids: list[int]) -> dict[str, Any]:
    row = reader.row("SELECT title, text, from_on, link FROM announcement WHERE id = :id", id=ids[0])
    return {"announcement": {**row, "from_on": _day(row["from_on"])}} if row else {}


def _notices(reader: Reader, ids: list[int]) -> dict[str, Any]:
    number = reader.value("SELECT announcement_id FROM notice WHERE id = :id", id=ids[0])
    return _announcements(reader, [number]) if number is not None else {}


_READERS: dict[str, Callable[[Reader, list[int]], dict[str, Any]]] = {
    "purchase": _purchases,
    "ask": _asks,
    "referral": _referrals,
    "survey": _surveys,
    "feedback": _feedback,
    "compliment": _feedback,
    "remarkable": _feedback,
    "touch": _touches,
    "opportunity": _opportunities,
    "reward": _rewards,
    "action": _actions,
    "announcement": _announcements,
    "notice": _notices,
}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
