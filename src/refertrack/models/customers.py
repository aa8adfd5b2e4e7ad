"""Customers, how they are grouped, and what they do not want."""

from datetime import date

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from refertrack.models.base import Base, Editable, link, one_of, open_index, table_args
from refertrack.rules.words import CustomerStatus, OptOutChannel, OptOutPurpose

# The customers of the view customer_card; the indexes hold no others, so that lists and counts need nothing else.
LISTED = "status <> 'erased' AND merged_into IS NULL"


class Customer(Editable, table=True):
    """A person or a business that buys, bought or may buy.

    The ``*_key`` columns hold the normalised spellings that look-ups and imports match by.
    """

    __tablename__ = "customer"
    __table_args__ = table_args(
        UniqueConstraint("external_source", "external_id"),
        open_index("ix_customer_look_up", "name_key", "id", "company_key", where=LISTED),
        open_index("ix_customer_segment", "segment", "name_key", "id", where=LISTED),
        open_index("ix_customer_merged_into", "merged_into", where="merged_into IS NOT NULL"),
        one_of("status", CustomerStatus),
    )

    name: str
    company: str = ""
    email: str = ""
    phone: str = ""
    segment: str = ""
    owner: str = ""
    source: str = ""
    city: str = ""
    country: str = ""
    language: str = ""
    preferred_channel: str = ""
    joined_on: date | None = None
    status: str = CustomerStatus.ACTIVE
    keep_in_touch_days: int | None = None
    notes: str = ""
    external_source: str = ""
    external_id: str | None = None
    name_key: str
    company_key: str = ""
    email_key: str = Field(default="", index=True)
    phone_key: str = Field(default="", index=True)
    merged_into: int | None = Field(default=None, sa_column=link("customer", nullable=True, index=False))
    import_batch_id: int | None = Field(default=None, sa_column=link("import_batch", nullable=True, index=False))


class CustomerStatusChange(Base, table=True):
    """What a customer was from a day on, so that a report of the past is true."""

    __tablename__ = "customer_status"
    __table_args__ = table_args(Index("ix_customer_status_since", "customer_id", "since"))

    customer_id: int = Field(sa_column=link("customer", index=False))
    status: str
    since: date


class Tag(Base, table=True):
    """A free group beside the one segment."""

    __tablename__ = "tag"
    __table_args__ = table_args(UniqueConstraint("name_key"))

    name: str
    name_key: str


class CustomerTag(Base, table=True):
    """A customer carries a tag."""

    __tablename__ = "customer_tag"
    __table_args__ = table_args(UniqueConstraint("customer_id", "tag_id"))

    customer_id: int = Field(sa_column=link("customer", index=False))
    tag_id: int = Field(sa_column=link("tag"))


class OptOut(Base, table=True):
    """A customer does not want to hear from us this way, or about this."""

    __tablename__ = "opt_out"
    __table_args__ = table_args(
        UniqueConstraint("customer_id", "channel", "purpose"),
        one_of("channel", OptOutChannel),
        one_of("purpose", OptOutPurpose),
    )

    customer_id: int = Field(sa_column=link("customer", index=False))
    channel: str = OptOutChannel.ANY
    purpose: str = OptOutPurpose.ANY
    since: date
    source: str = ""


class Suppression(Base, table=True):
    """A keyed hash of an erased person's e-mail address or phone number."""

    __tablename__ = "suppression"
    __table_args__ = table_args(UniqueConstraint("digest"))

    kind: str
    digest: str


class ImportBatch(Base, table=True):
    """A file that was read in, and what became of its rows."""

    __tablename__ = "import_batch"
    __table_args__ = table_args()

    kind: str
    file_name: str
    file_hash: str
    rows_read: int = 0
    rows_added: int = 0
    rows_updated: int = 0
    rows_unchanged: int = 0
    rows_rejected: int = 0
