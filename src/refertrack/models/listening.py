"""What customers tell us: surveys, compliments, complaints, ideas, needs."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from refertrack.models.base import Base, Editable, link, money, one_of, open_index, table_args
from refertrack.rules.words import FeedbackKind


class Survey(Editable, table=True):
    """A customer was asked how we did, and perhaps answered."""

    __tablename__ = "survey"
    __table_args__ = table_args(
        UniqueConstraint("token"),
        UniqueConstraint("external_source", "external_id"),
        Index("ix_survey_customer_id", "customer_id", "answered_on"),
        CheckConstraint("would_recommend IS NULL OR would_recommend BETWEEN 0 AND 10", name="would_recommend"),
    )

    customer_id: int = Field(sa_column=link("customer", index=False))
    purchase_id: int | None = Field(default=None, sa_column=link("purchase", nullable=True))
    token: str
    invited_on: date | None = None
    answered_on: date | None = None
    taken_by: str = ""
    most_important: str = ""
    why_us: str = ""
    improve: str = ""
    comment: str = ""
    has_recommended: bool | None = None
    recommended_whom: str = ""
    would_recommend: int | None = None
    lowest: int | None = None
    undeliverable: bool = False
    shared_on: date | None = None
    external_source: str = ""
    external_id: str | None = None
    import_batch_id: int | None = Field(default=None, sa_column=link("import_batch", nullable=True, index=False))


class SurveyAnswer(Base, table=True):
    """The score that a customer gave to one question, 0 to 5."""

    __tablename__ = "survey_answer"
    __table_args__ = table_args(
        UniqueConstraint("survey_id", "question"), CheckConstraint("score BETWEEN 0 AND 5", name="score")
    )

    survey_id: int = Field(sa_column=link("survey", index=False))
    question: str
    score: int


class Feedback(Editable, table=True):
    """A compliment, complaint, claim, idea, gap or remarkable deed."""

    __tablename__ = "feedback"
    __table_args__ = table_args(
        Index("ix_feedback_customer_id", "customer_id", "kind"),
        open_index(
            "ix_feedback_open",
            "customer_id",
            where="confirmed_on IS NULL AND kind IN ('complaint', 'claim')",
        ),
        one_of("kind", FeedbackKind),
    )

    customer_id: int | None = Field(default=None, sa_column=link("customer", index=False, nullable=True))
    purchase_id: int | None = Field(default=None, sa_column=link("purchase", nullable=True))
    survey_id: int | None = Field(default=None, sa_column=link("survey", nullable=True))
    kind: str
    origin: str = "customer"
    on_day: date
    words: str
    process: str = ""
    severity: int | None = None
    importance: int | None = None
    performance: int | None = None
    cost_minor: int | None = Field(default=None, sa_column=money())
    currency: str = ""
    owner: str = ""
    acknowledged_on: date | None = None
    resolved_on: date | None = None
    resolution: str = ""
    confirmed_on: date | None = None
    praised: str = ""


class Opportunity(Editable, table=True):
    """A customer's issue, what it costs them, and how much it matters (0 to 5)."""

    __tablename__ = "opportunity"
    __table_args__ = table_args(CheckConstraint("importance BETWEEN 0 AND 5", name="importance"))

    customer_id: int = Field(sa_column=link("customer"))
    on_day: date
    issue: str
    impact: str = ""
    importance: int = 3
    value_minor: int | None = Field(default=None, sa_column=money())
    currency: str = ""
    state: str = "open"
    closed_on: date | None = None


class Action(Editable, table=True):
    """Something the staff will do better, why, and whether it moved the figure."""

    __tablename__ = "action"
    __table_args__ = table_args()

    title: str
    because: str = ""
    reason_id: int | None = Field(default=None, sa_column=link("reason", nullable=True))
    feedback_id: int | None = Field(default=None, sa_column=link("feedback", nullable=True))
    segment: str = ""
    owner: str = ""
    staff_incentive: str = ""
    added_on: date | None = None
    due_on: date | None = None
    done_on: date | None = None
    measure: str = ""
    before: str = ""
    after: str = ""
