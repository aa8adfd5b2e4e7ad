"""The person referred: as they were named, and as one learns more of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from refertrack.models.customers import Customer
from refertrack.models.referrals import Ask, Referral
from refertrack.rules.errors import BadValue, NotAllowed
from refertrack.rules.names import email_key, key, parse_email, parse_phone, phone_key
from refertrack.rules.referrals import OPEN_STATES, state_today, warnings
from refertrack.rules.text import NAME_LIMIT, clean
from refertrack.rules.words import Consent, FollowUpState, ReferralState
from refertrack.store import journal
from refertrack.workflows import claims
from refertrack.workflows.moves import Moved, get, not_ahead, towards
from refertrack.workflows.scheduling import Scheduled, cancel
from refertrack.workflows.suppression import Suppressed


@dataclass(frozen=True)
class NewReferral:
    """A person referred, as typed."""

    name: str
    company: str = ""
    email: str = ""
    phone: str = ""
    relation: str = ""
    consent: Consent = Consent.NONE
    received_on: date | None = None
    override: str = ""
    may_tell: bool = False


@dataclass(frozen=True)
class Edit:
    """What is corrected or learned about a person referred; what is left out stays as it is."""

    name: str | None = None
    company: str | None = None
    email: str | None = None
    phone: str | None = None
    relation: str | None = None
    consent: Consent | None = None
    may_tell: bool | None = None
    came_anyway: bool | None = None


def new_referral(session: Session, referrer: Customer, new: NewReferral, ask: Ask | None) -> Referral:
    """Return a referral as it was typed; it is not stored yet."""
    values = checked(session, Edit(new.name, new.company, new.email, new.phone, new.relation))
    day = not_ahead(session, new.received_on)
    return Referral(
        referrer_id=referrer.key,
        ask_id=ask.key if ask else None,
        **values,
        received_on=day,
        moved_on=day,
        consent=new.consent,
        may_tell_referrer=new.may_tell,
    )


def checked(session: Session, new: Edit) -> dict[str, Any]:
    """Return the columns that what was typed gives.

    Raises:
        BadValue: a value is not of its kind.

    """
    found: dict[str, Any] = {}
    for name in ("name", "company", "relation"):
        if (text := getattr(new, name)) is not None:
            found[name] = clean(text, field=name, limit=NAME_LIMIT)
    if new.name is not None:
        found["name_key"] = key(found["name"])
        if not found["name"]:
            raise BadValue("The person referred needs a name.", 'Give one: --name "Rui Costa"', field="name")
    if new.email is not None:
        found["email"] = parse_email(new.email) if new.email else ""
        found["email_key"] = email_key(found["email"])
    if new.phone is not None:
        country = journal.context_of(session).business.country
        found["phone"] = parse_phone(new.phone, country) if new.phone else ""
        found["phone_key"] = phone_key(found["phone"])
    given = (("consent", new.consent), ("may_tell_referrer", new.may_tell), ("would_have_come_anyway", new.came_anyway))
    return found | {name: value for name, value in given if value is not None}


def edit(session: Session, number: int, new: Edit) -> Moved:
    """Correct what is known of a person referred; consent opens the way to them, and without it the way is closed.

    Raises:
        NotFound: there is no such referral.
        NotAllowed: it would be the referrer themselves, or somebody whom another has referred; or the consent is
            taken back of one with whom we speak already; or they asked to be forgotten.
        BadValue: a value is not of its kind.

    """
    referral, referrer = get(session, number)
    consent_before = referral.consent
    for name, value in checked(session, new).items():
        setattr(referral, name, value)
    claims.refuse_self(referrer, referral)
    if new.email or new.phone:
        Suppressed(session).refuse(referral.name, referral.email_key, referral.phone_key)
    state = state_today(referral.state, referral.moved_on, journal.context_of(session).today)
    if state in OPEN_STATES or (state == ReferralState.WON and (new.email or new.phone)):
        claims.check_free(session, referral)
    if referral.consent == Consent.NONE != consent_before and referral.state != ReferralState.RECEIVED:
        raise NotAllowed(
            f"Referral {number} is {referral.state}: the consent cannot be taken back.",
            f'If they want no more of it: refertrack lost {number} --reason "…"',
        )
    session.add(referral)
    session.flush()
    scheduled = Scheduled()
    if referral.state == ReferralState.RECEIVED and (referral.consent == Consent.NONE) != (
        consent_before == Consent.NONE
    ):
        closed = "introduction" if consent_before == Consent.NONE else "contact"
        became = FollowUpState.DONE if consent_before == Consent.NONE else FollowUpState.CANCELLED
        cancel(session, "referral", referral.key, f"consent: {referral.consent}", steps=(closed,), state=became)
        scheduled = towards(session, referral, journal.context_of(session).today)
    return Moved(referral, referrer, scheduled, tuple(warnings(claims.person(referrer), claims.person(referral))))
