"""What programs write in their own way, put right: one function a preset, each on one row's values.

Each takes the values of a row by field and changes them in place; fields that are not there stay away.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from refertrack.rules.words import CustomerStatus, PurchaseStatus

if TYPE_CHECKING:
    from collections.abc import Callable

_DELETED = " (deleted)"
_PHONE = re.compile(r"\+?[(0-9][0-9 ()./-]{4,}[0-9]")
# "Acme, Inc." is a company; "Smith, John" is John Smith.
_LEGAL_FORMS = frozenset(
    {"inc", "llc", "ltd", "co", "corp", "plc", "llp", "lp", "gmbh", "ag", "kg", "ab", "as", "bv", "sa", "srl", "sarl"}
)
_BOUGHT = frozenset({"customer", "evangelist"})
_ORDER_STATES = {"refunded": PurchaseStatus.RETURNED, "voided": PurchaseStatus.CANCELLED}


def labels(values: dict[str, str]) -> None:
    """Google: of "* myContacts ::: VIP ::: Retail" the first label of the user's own is the segment, the rest tags."""
    found = [label.strip() for label in values.get("segment", "").split(":::")]
    own = [label for label in found if label and not label.startswith("*")]
    if "segment" in values:
        values["segment"] = own[0] if own else ""
    if own[1:]:
        values["tags"] = ", ".join(filter(None, [values.get("tags", ""), *own[1:]]))


def hubspot(values: dict[str, str]) -> None:
    """HubSpot: who has not bought yet by the lifecycle stage is a prospect."""
    stage = values.get("status", "").casefold()
    if stage:
        values["status"] = CustomerStatus.ACTIVE if stage in _BOUGHT else CustomerStatus.PROSPECT


def quickbooks(values: dict[str, str]) -> None:
    """QuickBooks: "Parent:Sub", "Smith, John" and "Old Mill (deleted)" in one column, and labelled phones."""
    shown = values.get("company", "")
    if shown.endswith(_DELETED):
        shown = shown.removesuffix(_DELETED).strip()
        values["status"] = CustomerStatus.FORMER
    parent, _, own = shown.rpartition(":")
    person = _in_order(own.strip())
    values["name"] = values.get("name", "") or person
    is_person = person in (values["name"], "") and person != own.strip()
    values["company"] = parent.split(":")[0].strip() or ("" if is_person or own == values["name"] else own.strip())
    phone = _PHONE.search(values.get("phone", ""))
    if phone:
        values["phone"] = phone.group(0)


def shopify_order(values: dict[str, str]) -> None:
    """Shopify: the status is the day of the cancellation, or else how the payment stands."""
    if "status" in values:
        said = values["status"].casefold()
        values["status"] = PurchaseStatus.CANCELLED if said[:1].isdecimal() else _ORDER_STATES.get(said, "")


CLEANERS: dict[str, Callable[[dict[str, str]], None]] = {
    "labels": labels,
    "hubspot": hubspot,
    "quickbooks": quickbooks,
    "shopify_order": shopify_order,
}


def _in_order(name: str) -> str:
    """Turn "Smith, John" into "John Smith"; leave companies and all else as they are."""
    last, comma, first = name.partition(",")
    first = first.strip()
    if not comma or not first or "," in first or first.rstrip(".").casefold() in _LEGAL_FORMS:
        return name
    return f"{first} {last.strip()}"
