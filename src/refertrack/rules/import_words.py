"""The words that files use for states, and which of ours they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refertrack.rules.errors import BadValue
from refertrack.rules.words import AskState, ReferralState, SpendKind

_REFERRALS = {
    ReferralState.RECEIVED: "new, open, pending, lead, referred, invited",
    ReferralState.CONTACTED: "in contact, called, in progress, working, reached",
    ReferralState.QUALIFIED: "interested, opportunity, accepted, meeting",
    ReferralState.WON: "converted, customer, closed won, successful, success, sold, bought, completed",
    ReferralState.LOST: "closed lost, unsuccessful, not interested, declined, failed",
    ReferralState.DISQUALIFIED: "invalid, rejected, duplicate, unqualified, spam",
    ReferralState.EXPIRED: "stale, closed, inactive",
    ReferralState.REVERSED: "cancelled, canceled, refunded, returned",
}
_ASKS = {
    AskState.DRAFT: "planned, to send, not sent",
    AskState.SENT: "asked, open, pending, waiting",
    AskState.NAMED: "gave a name, gave names, referred, yes, named someone",
    AskState.AGREED: "will do, promised, accepted, maybe",
    AskState.NO_ONE: "no one in mind, nobody, none, no one",
    AskState.DECLINED: "no, refused, rejected",
    AskState.NO_RESPONSE: "no answer, no reply, unanswered, silent",
    AskState.CANCELLED: "canceled, withdrawn",
}
_SPEND = {
    SpendKind.WINNING: "win, acquisition, new, new customers, marketing, advertising, ads",
    SpendKind.KEEPING: "keep, retention, existing, existing customers, service, loyalty",
}


def _table(words: Mapping[Any, str]) -> dict[str, str]:
    found = {str(state): str(state) for state in words}
    return found | {word: str(state) for state, listed in words.items() for word in listed.split(", ")}


TABLES: dict[str, dict[str, str]] = {
    "referral": _table(_REFERRALS),
    "ask": _table(_ASKS),
    "spend": _table(_SPEND),
}
_OWN = {"referral": ReferralState, "ask": AskState, "spend": SpendKind}


def meant(kind: str, text: str, field: str) -> str:
    """Return our word for a file's.

    Raises:
        BadValue: nobody knows it.

    """
    word = " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
    found = TABLES[kind].get(word) or TABLES[kind].get(word.replace(" ", "_"))
    if found is None:
        raise BadValue(f'{field}: "{text}" is none of {", ".join(_OWN[kind])}.', field=field)
    return found
