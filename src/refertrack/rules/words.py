"""The words of the trade as the tables, the options and the documents spell them."""

from __future__ import annotations

from enum import StrEnum


class CustomerStatus(StrEnum):
    """Where a customer stands; ``former`` and ``erased`` count in no figure of today."""

    PROSPECT = "prospect"
    ACTIVE = "active"
    DORMANT = "dormant"
    FORMER = "former"
    ERASED = "erased"


class Channel(StrEnum):
    """How a customer is reached."""

    EMAIL = "email"
    PHONE = "phone"
    POST = "post"
    MEETING = "meeting"


class OptOutChannel(StrEnum):
    """The channels that a customer can close."""

    EMAIL = "email"
    PHONE = "phone"
    POST = "post"
    ANY = "any"


class Purpose(StrEnum):
    """What a follow-up is for: it decides which opt-out and which hold stops it."""

    SERVICE = "service"
    SURVEY = "survey"
    REFERRAL = "referral"
    CONTACT = "contact"
    RECOVERY = "recovery"
    INTERNAL = "internal"


class OptOutPurpose(StrEnum):
    """The purposes that a customer can close."""

    SERVICE = "service"
    SURVEY = "survey"
    REFERRAL = "referral"
    ANY = "any"


class FollowUpState(StrEnum):
    """The life of a follow-up; only ``open`` ones are listed as due."""

    OPEN = "open"
    HELD = "held"
    DONE = "done"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


class PurchaseStatus(StrEnum):
    """A purchase stands, or was cancelled before or returned after the delivery."""

    ORDERED = "ordered"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class TouchKind(StrEnum):
    """What a contact was about; only one that sold nothing earns an ask."""

    SERVICE = "service"
    SELLING = "selling"
    SOCIAL = "social"


class TouchChannel(StrEnum):
    """The form that a contact took."""

    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    POST = "post"
    NOTE = "note"
    SURVEY = "survey"


class Direction(StrEnum):
    """Who began the contact."""

    OUT = "out"
    IN = "in"


class AskState(StrEnum):
    """An ask is a draft until it is sent, and open until it is answered."""

    DRAFT = "draft"
    SENT = "sent"
    NAMED = "named"
    AGREED = "agreed"
    NO_ONE = "no_one"
    DECLINED = "declined"
    NO_RESPONSE = "no_response"
    CANCELLED = "cancelled"


class RecommendationSource(StrEnum):
    """How we know that a customer recommended us: from their own word, or because it can be read."""

    WORD = "word"
    REVIEW = "review"
    LINKEDIN = "linkedin"


class ReferralState(StrEnum):
    """The life of a referral; which changes are allowed stands in ``rules.referrals``."""

    RECEIVED = "received"
    CONTACTED = "contacted"
    QUALIFIED = "qualified"
    WON = "won"
    LOST = "lost"
    DISQUALIFIED = "disqualified"
    EXPIRED = "expired"
    REVERSED = "reversed"


class Consent(StrEnum):
    """On what ground the person referred may be written to."""

    NONE = "none"
    CONSENT = "consent"
    INTRODUCTION = "introduction"


class FeedbackKind(StrEnum):
    """What customers and staff tell us."""

    COMPLIMENT = "compliment"
    COMPLAINT = "complaint"
    CLAIM = "claim"
    IDEA = "idea"
    GAP = "gap"
    REMARKABLE = "remarkable"


class Origin(StrEnum):
    """Whose idea it is, or who saw what was done."""

    CUSTOMER = "customer"
    OURS = "ours"
    STAFF = "staff"
    BEST_PRACTICE = "best-practice"


class RewardState(StrEnum):
    """The life of a reward."""

    ACCRUED = "accrued"
    HELD = "held"
    APPROVED = "approved"
    GIVEN = "given"
    VOIDED = "voided"
    CLAWED_BACK = "clawed_back"
    EXPIRED = "expired"


class RewardKind(StrEnum):
    """What a reward is made of."""

    FLAT = "flat"
    PERCENT = "percent"
    IN_KIND = "in_kind"


class Trigger(StrEnum):
    """How far a referral must have come to earn something, in this order."""

    RECEIVED = "received"
    QUALIFIED = "qualified"
    WON = "won"


class Beneficiary(StrEnum):
    """Who is rewarded."""

    REFERRER = "referrer"
    REFERRED = "referred"


class SpendKind(StrEnum):
    """What money was spent on: winning new customers, or keeping those we have."""

    WINNING = "winning"
    KEEPING = "keeping"


class OpportunityState(StrEnum):
    """An opportunity waits, or has become a sale, or not."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
