"""Products and purchases, with what was promised and what was kept."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from refertrack.models.base import Base, Editable, link, money, one_of, open_index, table_args
from refertrack.rules.words import PurchaseStatus


class Product(Editable, table=True):
    """What is sold; ``margin`` is a share of the price in percent."""

    __tablename__ = "product"
    __table_args__ = table_args(
        UniqueConstraint("name_key"),
        CheckConstraint("lifetime_days IS NULL OR lifetime_days > 0", name="lifetime_days"),
        CheckConstraint("guarantee_days IS NULL OR guarantee_days > 0", name="guarantee_days"),
    )

    name: str
    name_key: str
    lifetime_days: int | None = None
    guarantee_days: int | None = None
    margin: int | None = None


class Purchase(Editable, table=True):
    """Something bought: ordered, promised, delivered. Amounts are in minor units of the currency.

    ``ended_on`` is the day on which it was cancelled or returned; ``lifetime_days`` is how long this one lasts,
    where that differs from the product.
    """

    __tablename__ = "purchase"
    __table_args__ = table_args(
        UniqueConstraint("external_source", "external_id"),
        Index("ix_purchase_customer_id_ordered_on", "customer_id", "ordered_on"),
        Index("ix_purchase_ordered_on", "ordered_on"),
        open_index("ix_purchase_early", "delivered_on", "customer_id", "status", where="delivered_on < promised_on"),
        CheckConstraint("quantity > 0", name="quantity"),
        one_of("status", PurchaseStatus),
    )

    customer_id: int = Field(sa_column=link("customer", index=False))
    product_id: int | None = Field(default=None, sa_column=link("product", nullable=True))
    description: str = ""
    quantity: int = 1
    amount_minor: int | None = Field(default=None, sa_column=money())
    list_amount_minor: int | None = Field(default=None, sa_column=money())
    currency: str = ""
    ordered_on: date
    promised_on: date | None = None
    delivered_on: date | None = None
    guarantee_until: date | None = None
    status: str = PurchaseStatus.ORDERED
    ended_on: date | None = None
    lifetime_days: int | None = None
    external_source: str = ""
    external_id: str | None = None
    import_batch_id: int | None = Field(default=None, sa_column=link("import_batch", nullable=True, index=False))


class Announcement(Base, table=True):
    """News about a product, for those who own it."""

    __tablename__ = "announcement"
    __table_args__ = table_args()

    product_id: int = Field(sa_column=link("product"))
    on_day: date
    title: str
    text: str = ""
    from_on: date | None = None
    link: str = ""


class Notice(Base, table=True):
    """An announcement for one owner of the product: what the follow-up that tells them hangs on."""

    __tablename__ = "notice"
    __table_args__ = table_args(UniqueConstraint("announcement_id", "customer_id"))

    announcement_id: int = Field(sa_column=link("announcement", index=False))
    customer_id: int = Field(sa_column=link("customer"))


class Spend(Editable, table=True):
    """Money spent in a month on winning or keeping customers."""

    __tablename__ = "spend"
    __table_args__ = table_args(UniqueConstraint("month", "channel", "kind", "currency"))

    month: date
    channel: str
    kind: str
    amount_minor: int = Field(sa_column=money(nullable=False))
    currency: str
