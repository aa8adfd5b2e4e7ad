"""Items that end by themselves, the day a purchase or an opportunity ended, and announcements."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


OPEN = sa.text("state = 'open'")
LISTED = sa.text("status <> 'erased' AND merged_into IS NULL")
MERGED = sa.text("merged_into IS NOT NULL")
HELD = sa.text("state = 'held'")


def upgrade() -> None:
    """Bring the schema one step forward."""
    with op.batch_alter_table("follow_up") as batch_op:
        batch_op.add_column(sa.Column("ends_on", sa.Date(), nullable=True))
    for name, columns in (("ix_follow_up_open", []), ("ix_follow_up_open_owner", ["owner"])):
        op.drop_index(name, "follow_up")
        listed = [*columns, "due_on", "priority", "id", "ends_on"]
        op.create_index(name, "follow_up", listed, sqlite_where=OPEN, postgresql_where=OPEN)
    for name, columns, where in (
        ("ix_customer_look_up", ["name_key", "id", "company_key"], LISTED),
        ("ix_customer_segment", ["segment", "name_key", "id"], LISTED),
        ("ix_customer_merged_into", ["merged_into"], MERGED),
    ):
        op.drop_index(name, "customer")
        op.create_index(name, "customer", columns, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_follow_up_held", "follow_up", ["due_on"], sqlite_where=HELD, postgresql_where=HELD)
    with op.batch_alter_table("purchase") as batch_op:
        batch_op.add_column(sa.Column("ended_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("lifetime_days", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_purchase_early",
            ["delivered_on", "customer_id", "status"],
            sqlite_where=sa.text("delivered_on < promised_on"),
            postgresql_where=sa.text("delivered_on < promised_on"),
        )
    with op.batch_alter_table("ask") as batch_op:
        batch_op.add_column(sa.Column("language", AutoString(), nullable=False, server_default=""))
    # What is made anew must not use an id twice either.
    with op.batch_alter_table("ask", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.alter_column("language", server_default=None)
    with op.batch_alter_table("action") as batch_op:
        batch_op.add_column(sa.Column("added_on", sa.Date(), nullable=True))
    with op.batch_alter_table("opportunity") as batch_op:
        batch_op.add_column(sa.Column("closed_on", sa.Date(), nullable=True))
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("title", AutoString(), nullable=False),
        sa.Column("text", AutoString(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("link", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_announcement_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_announcement_product_id", "announcement", ["product_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["announcement_id"], ["announcement.id"], name=op.f("fk_notice_announcement_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_notice_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("announcement_id", "customer_id", name=op.f("uq_notice_announcement_id_customer_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notice_customer_id", "notice", ["customer_id"], unique=False)
