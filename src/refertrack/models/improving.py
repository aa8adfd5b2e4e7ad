"""What the staff will do better."""

from datetime import date

from sqlmodel import Field

from refertrack.models import listening, referrals  # noqa: F401 - their tables are linked to
from refertrack.models.base import Editable, link, table_args


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
    due_on: date | None = None
    done_on: date | None = None
    measure: str = ""
    before: str = ""
    after: str = ""
