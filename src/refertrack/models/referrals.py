"""Asks, referrals, recommendations and what they earn."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from refertrack.models.base import Base, Editable, link, money, one_of, table_args
from refertrack.rules.words import AskState, Consent, ReferralState, RewardKind, RewardState


class Reason(Base, table=True):
    """Why a customer does not refer."""

    __tablename__ = "reason"
    __table_args__ = table_args(UniqueConstraint("code"))

    code: str
    words: str
    merged_into: int | None = Field(default=None, sa_column=link("reason", index=False, nullable=True))


class Ask(Editable, table=True):
    """A SMART request for a referral; it counts once it was sent."""

    __tablename__ = "ask"
    __table_args__ = table_args(
        Index("ix_ask_customer_id", "customer_id", "sent_on"),
        UniqueConstraint("external_source", "external_id"),
        CheckConstraint("measurable BETWEEN 1 AND 3", name="measurable"),
        one_of("state", AskState),
    )

    customer_id: int = Field(sa_column=link("customer", index=False))
    asked_on: date
    sent_on: date | None = None
    specific: str
    measurable: int
    attainable: str
    realistic: str
    time_specific: date
    incentive: str = ""
    anyway_reason: str = ""
    channel: str = ""
    language: str = ""
    state: str = AskState.DRAFT
    answered_on: date | None = None
    reason_id: int | None = Field(default=None, sa_column=link("reason", nullable=True))
    reason_words: str = ""
    promised_on: date | None = None
    external_source: str = ""
    external_id: str | None = None
    import_batch_id: int | None = Field(default=None, sa_column=link("import_batch", nullable=True, index=False))


class Referral(Editable, table=True):
    """A person whom a customer sent to us, followed to the end."""

    __tablename__ = "referral"
    __table_args__ = table_args(
        Index("ix_referral_referrer_id", "referrer_id", "received_on"),
        UniqueConstraint("external_source", "external_id"),
        Index("ix_referral_email_key", "email_key"),
        Index("ix_referral_phone_key", "phone_key"),
        one_of("state", ReferralState),
        one_of("consent", Consent),
    )

    referrer_id: int = Field(sa_column=link("customer", index=False))
    ask_id: int | None = Field(default=None, sa_column=link("ask", nullable=True))
    name: str
    company: str = ""
    email: str = ""
    phone: str = ""
    name_key: str = ""
    email_key: str = ""
    phone_key: str = ""
    received_on: date
    relation: str = ""
    consent: str = Consent.NONE
    may_tell_referrer: bool = False
    would_have_come_anyway: bool | None = None
    state: str = ReferralState.RECEIVED
    moved_on: date
    reason: str = ""
    override_reason: str = ""
    customer_id: int | None = Field(default=None, sa_column=link("customer", nullable=True))
    first_claim_id: int | None = Field(default=None, sa_column=link("referral", nullable=True))
    external_source: str = ""
    external_id: str | None = None
    import_batch_id: int | None = Field(default=None, sa_column=link("import_batch", nullable=True, index=False))


class ReferralEvent(Base, table=True):
    """A referral changed its state: when, by whom, why."""

    __tablename__ = "referral_event"
    __table_args__ = table_args(Index("ix_referral_event_referral_id", "referral_id", "on_day"))

    referral_id: int = Field(sa_column=link("referral", index=False))
    from_state: str
    to_state: str
    on_day: date
    at: datetime
    author: str
    reason: str = ""


class Recommendation(Base, table=True):
    """A customer told others about us: by their word, a review, a post."""

    __tablename__ = "recommendation"
    __table_args__ = table_args(Index("ix_recommendation_customer_id", "customer_id", "told_on"))

    customer_id: int = Field(sa_column=link("customer", index=False))
    ask_id: int | None = Field(default=None, sa_column=link("ask", nullable=True))
    told_on: date
    whom: str = ""
    source: str = "word"


class Reward(Editable, table=True):
    """What a referral earned, with the rule as it stood then."""

    __tablename__ = "reward"
    __table_args__ = table_args(
        UniqueConstraint("referral_id", "rule", "beneficiary", "line"),
        one_of("state", RewardState),
        one_of("kind", RewardKind),
    )

    referral_id: int = Field(sa_column=link("referral", index=False))
    customer_id: int = Field(sa_column=link("customer"))
    beneficiary: str
    rule: str
    rule_copy: str
    line: str = "reward"
    kind: str
    amount_minor: int = Field(default=0, sa_column=money(nullable=False))
    currency: str = ""
    words: str = ""
    state: str = RewardState.ACCRUED
    accrued_on: date
    hold_until: date | None = None
    valid_until: date | None = None
    approved_on: date | None = None
    given_on: date | None = None
    ended_on: date | None = None
    reason: str = ""
