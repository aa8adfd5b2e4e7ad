"""What changed, by which command; and the business's own rules."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from refertrack.models.base import Base, Editable, link, table_args


class Command(Base, table=True):
    """One command that changed something; undone as one thing."""

    __tablename__ = "command"
    __table_args__ = table_args()

    name: str
    author: str
    at: datetime
    revision: str
    undoes_id: int | None = Field(default=None, sa_column=link("command", nullable=True))
    undone_by_id: int | None = Field(default=None, sa_column=link("command", nullable=True, index=False))


class Change(Base, table=True):
    """One row (or a batch of inserted rows) that a command changed, as JSON before and after.

    ``row_ids`` is the row's id, or ranges such as ``1-5000,5003`` for inserts in bulk. Only what changed
    stands in ``before`` and ``after``.
    """

    __tablename__ = "change"
    __table_args__ = table_args(Index("ix_change_row", "table_name", "row_id"))

    command_id: int = Field(sa_column=link("command"))
    table_name: str
    row_id: int
    row_ids: str = ""
    verb: str
    before: str = ""
    after: str = ""


class Setting(Editable, table=True):
    """A validated TOML document that holds rules of the business, shared by all who share the database."""

    __tablename__ = "setting"
    __table_args__ = table_args(UniqueConstraint("name"))

    name: str
    document: str
