"""When not to write: opt-outs and holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from refertrack.rules.words import Channel, OptOutChannel, OptOutPurpose, Purpose

# What an open complaint holds until it is put right; recovery and internal items go on.
HELD_BY_COMPLAINT = frozenset({Purpose.SURVEY, Purpose.REFERRAL, Purpose.CONTACT})
# What a complaint or a claim holds waits so long after it was put right, unless the customer confirms it before.
HOLD_DAYS = 7

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


def complaint_stands(resolved_on: date | None, confirmed_on: date | None, day: date) -> bool:
    """Whether a complaint or a claim still holds what asks: the one definition of "open" for every reader.

    It stands until the customer confirms that it is right, or until seven days after it was put right.
    """
    return confirmed_on is None and (resolved_on is None or day < resolved_on + timedelta(days=HOLD_DAYS))


def channel_for(preferred: str, email: str, phone: str) -> str:
    """Return the channel by which a customer would be written to: the one preferred, else what is known."""
    if preferred:
        return preferred
    return Channel.EMAIL if email else Channel.PHONE if phone else Channel.POST
