"""When not to write: opt-outs and holds."""

from __future__ import annotations

from collections.abc import Iterable

from refertrack.rules.words import OptOutChannel, OptOutPurpose, Purpose

# What an open complaint holds until it is put right; recovery and internal items go on.
HELD_BY_COMPLAINT = frozenset({Purpose.SURVEY, Purpose.REFERRAL, Purpose.CONTACT})

_CLOSED_BY: dict[str, str] = {
    Purpose.SERVICE: OptOutPurpose.SERVICE,
    Purpose.CONTACT: OptOutPurpose.SERVICE,
    Purpose.SURVEY: OptOutPurpose.SURVEY,
    Purpose.REFERRAL: OptOutPurpose.REFERRAL,
}


def opted_out(opt_outs: Iterable[tuple[str, str]], channel: str, purpose: str) -> bool:
    """Whether a customer's opt-outs, (channel, purpose) pairs, stop a message.

    Recovery of a complaint and internal items are no messages that a customer can be tired of: only an
    opt-out from every purpose on that channel stops a recovery; nothing stops an internal item.
    """
    if purpose == Purpose.INTERNAL:
        return False
    closing = {OptOutPurpose.ANY, _CLOSED_BY.get(purpose, OptOutPurpose.ANY)}
    return any(
        out_channel in {OptOutChannel.ANY, channel} and out_purpose in closing for out_channel, out_purpose in opt_outs
    )
