"""The states of a referral, and who is credited with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from refertrack.rules.errors import NotAllowed
from refertrack.rules.names import email_domain, is_free_mail, key, surname
from refertrack.rules.words import Consent, ReferralState

EXPIRES_AFTER_DAYS = 180
WINDOW_DAYS = 365

RECEIVED, CONTACTED, QUALIFIED = ReferralState.RECEIVED, ReferralState.CONTACTED, ReferralState.QUALIFIED
OPEN_STATES = frozenset({RECEIVED, CONTACTED, QUALIFIED})
# To speak with the person referred takes their consent or an introduction.
NEED_CONSENT = frozenset({CONTACTED, QUALIFIED})
NEED_REASON = frozenset({ReferralState.LOST, ReferralState.DISQUALIFIED, ReferralState.REVERSED})

_ENDS = (ReferralState.WON, ReferralState.LOST, ReferralState.DISQUALIFIED, ReferralState.EXPIRED)
ALLOWED: Mapping[ReferralState, tuple[ReferralState, ...]] = {
    RECEIVED: (CONTACTED, QUALIFIED, *_ENDS),
    CONTACTED: (QUALIFIED, *_ENDS),
    QUALIFIED: _ENDS,
    ReferralState.WON: (ReferralState.REVERSED,),
    ReferralState.LOST: (RECEIVED,),
    ReferralState.DISQUALIFIED: (RECEIVED,),
    ReferralState.EXPIRED: (RECEIVED, ReferralState.WON),
    ReferralState.REVERSED: (),
}
_VERBS = {
    CONTACTED: "contacted",
    QUALIFIED: "qualify",
    ReferralState.WON: "won",
    ReferralState.LOST: "lost",
    ReferralState.DISQUALIFIED: "disqualify",
    ReferralState.REVERSED: "reverse",
    RECEIVED: "reopen",
}


def check_move(number: int, state: str, wanted: ReferralState, reason: str) -> None:
    """See that a referral may go from one state to another.

    Raises:
        NotAllowed: it may not (the hint names what may be done), or the reason that it needs is missing.

    """
    allowed = ALLOWED[ReferralState(state)]
    if wanted not in allowed:
        ways = [f"refertrack {_VERBS[each]} {number}" for each in allowed if each in _VERBS]
        raise NotAllowed(
            f"Referral {number} is {state} and cannot become {wanted}.",
            f"From here: {' · '.join(ways)}" if ways else "It has come to its end.",
        )
    reopening = wanted == RECEIVED
    if (wanted in NEED_REASON or reopening) and not reason.strip():
        raise NotAllowed(
            f"Why? A referral that is {'reopened' if reopening else wanted} needs a reason.", '--reason "…"'
        )


def expires_on(moved_on: date) -> date:
    """Return the day from which a referral has expired that nobody moves."""
    return moved_on + timedelta(days=EXPIRES_AFTER_DAYS + 1)


def state_today(state: str, moved_on: date, today: date) -> ReferralState:
    """Return the state as it is on a day: one that nobody moved for 180 days has expired."""
    if ReferralState(state) in OPEN_STATES and expires_on(moved_on) <= today:
        return ReferralState.EXPIRED
    return ReferralState(state)


def holds_claim(state: str, moved_on: date, received_on: date, today: date) -> bool:
    """Whether a referral still claims the person: no later one counts meanwhile.

    It does while it is open or won, and after it was lost until the window of 365 days is over.
    """
    now = state_today(state, moved_on, today)
    return (
        now in OPEN_STATES or now == ReferralState.WON or (now == ReferralState.LOST and in_window(received_on, today))
    )


def in_window(received_on: date, day: date) -> bool:
    """Whether a first purchase on a day is owed to a referral."""
    return received_on <= day <= received_on + timedelta(days=WINDOW_DAYS)


def check_consent(number: int, wanted: ReferralState, consent: str) -> None:
    """See that the person referred may be spoken with.

    Raises:
        NotAllowed: nobody introduced them, and they have not consented.

    """
    if wanted in NEED_CONSENT and consent == Consent.NONE:
        raise NotAllowed(
            f"Referral {number} has neither consent nor an introduction: the person may not be contacted.",
            f"If you have it now: refertrack {_VERBS[wanted]} {number} --consent introduction (or consent)",
        )


@dataclass(frozen=True)
class Person:
    """Who somebody is, as far as attribution looks: keys are normalised, '' where unknown."""

    name: str
    company: str = ""
    email_key: str = ""
    phone_key: str = ""


def same_person(one: Person, other: Person) -> bool:
    """Whether two have the same e-mail address or the same phone number."""
    return bool(
        (one.email_key and one.email_key == other.email_key) or (one.phone_key and one.phone_key == other.phone_key)
    )


def warnings(referrer: Person, referred: Person) -> list[str]:
    """Return what is worth a second look and no reason to refuse: colleagues and families refer each other."""
    found = []
    if surname(referrer.name) and key(surname(referrer.name)) == key(surname(referred.name)) != key(referrer.name):
        found.append(f"both are called {surname(referrer.name)}")
    domain = email_domain(referrer.email_key)
    if domain and domain == email_domain(referred.email_key) and not is_free_mail(domain):
        found.append(f"both write from {domain}")
    elif referrer.company and key(referrer.company) == key(referred.company):
        found.append(f"both are with {referrer.company}")
    return found
