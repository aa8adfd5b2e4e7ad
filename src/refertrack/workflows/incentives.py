"""The business changes what referrals earn, without an editor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, select

from refertrack.models.journal import Setting
from refertrack.rules.incentives import Rule
from refertrack.rules.money import check_currency
from refertrack.store import journal
from refertrack.store.settings import default_document, load_business, parse_document, save_document

DOCUMENT = "incentives"


def set_rule(session: Session, name: str, values: Mapping[str, Any]) -> Rule:
    """Change a rule, or add one; what is not named stays as it is, and so do rewards that were earned before.

    Raises:
        BadValue: the rule would not be as its grammar has it.

    """
    import tomlkit

    row = session.exec(select(Setting).where(Setting.name == DOCUMENT)).first()
    text = row.document if row else default_document(DOCUMENT)
    document = tomlkit.parse(text)
    if name not in document:
        standing = parse_document(DOCUMENT, default_document(DOCUMENT)).get(name, {})
        document[name] = tomlkit.item(dict(standing))
    table: Any = document[name]
    if values.get("kind", table.get("kind")) != table.get("kind"):
        table.pop("cost", None)
    for key, value in values.items():
        table[key] = value
    changed = tomlkit.dumps(document)
    check_currencies(changed)
    save_document(session, DOCUMENT, changed)
    currency = journal.context_of(session).business.currency
    return load_business({DOCUMENT: changed}, currency=currency).incentives[name]


def check_currencies(text: str) -> None:
    """See that the currencies of a document's rules exist.

    Raises:
        BadValue: one does not.

    """
    for rule in load_business({DOCUMENT: text}).incentives.values():
        check_currency(rule.currency)
