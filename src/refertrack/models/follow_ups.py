"""What is to be done for a customer, and what was done."""

from datetime import date

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from refertrack.models.base import Base, Editable, link, one_of, open_index, table_args
from refertrack.rules.words import FollowUpState

OPEN = "state = 'open'"
HELD = "state = 'held'"


class Touch(Base, table=True):
    """A contact with a customer; an attempt that nobody answered is not two-way."""

    __tablename__ = "touch"
    __table_args__ = table_args(Index("ix_touch_customer_id_on_day", "customer_id", "on_day"))

    customer_id: int = Field(sa_column=link("customer", index=False))
    on_day: date
    channel: str
    direction: str
    kind: str
    two_way: bool
    note: str = ""
    follow_up_id: int | None = Field(default=None, sa_column=link("follow_up", nullable=True))


class FollowUp(Editable, table=True):
    """One item of the daily list.

    Gates are written into the row (``state``, ``priority``, ``hold_until``), so that the list is a plain
    read in index order. ``nominal_due`` is what the playbook says, ``due_on`` what is listed. From ``ends_on``
    on an item is listed no more: something else that time brings has taken its place.
    """

    __tablename__ = "follow_up"
    __table_args__ = table_args(
        open_index("ix_follow_up_open", "due_on", "priority", "id", "ends_on", where=OPEN),
        open_index("ix_follow_up_open_owner", "owner", "due_on", "priority", "id", "ends_on", where=OPEN),
        open_index("ix_follow_up_held", "due_on", where=HELD),
        Index("ix_follow_up_customer_id", "customer_id", "state"),
        one_of("state", FollowUpState),
    )

    customer_id: int = Field(sa_column=link("customer", index=False))
    playbook: str
    step: str
    purpose: str
    channel: str
    template: str = ""
    what: str
    because: str = ""
    waits: str = ""
    nominal_due: date
    due_on: date
    priority: int = 50
    moved: bool = False
    hold_until: date | None = None
    ends_on: date | None = None
    state: str = FollowUpState.OPEN
    outcome: str = ""
    closed_on: date | None = None
    reason: str = ""
    owner: str = ""
    attempts: int = 0


class FollowUpAnchor(Base, table=True):
    """What a follow-up hangs on; one thing calls for one step of a playbook once."""

    __tablename__ = "follow_up_anchor"
    __table_args__ = table_args(UniqueConstraint("anchor_table", "anchor_id", "playbook", "step"))

    follow_up_id: int = Field(sa_column=link("follow_up"))
    playbook: str
    step: str
    anchor_table: str
    anchor_id: int
    anchor_on: date
