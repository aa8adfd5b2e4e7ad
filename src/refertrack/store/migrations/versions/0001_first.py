"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step forward."""
    op.create_table(
        "command",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("author", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("revision", AutoString(), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["undoes_id"], ["command.id"], name=op.f("fk_command_undoes_id")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["command.id"], name=op.f("fk_command_undone_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_command")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("command", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_command_undoes_id"), ["undoes_id"], unique=False)

    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("file_name", AutoString(), nullable=False),
        sa.Column("file_hash", AutoString(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("rows_added", sa.Integer(), nullable=False),
        sa.Column("rows_updated", sa.Integer(), nullable=False),
        sa.Column("rows_unchanged", sa.Integer(), nullable=False),
        sa.Column("rows_rejected", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "product",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("name_key", AutoString(), nullable=False),
        sa.Column("lifetime_days", sa.Integer(), nullable=True),
        sa.Column("guarantee_days", sa.Integer(), nullable=True),
        sa.Column("margin", sa.Integer(), nullable=True),
        sa.CheckConstraint("guarantee_days IS NULL OR guarantee_days > 0", name=op.f("ck_product_guarantee_days")),
        sa.CheckConstraint("lifetime_days IS NULL OR lifetime_days > 0", name=op.f("ck_product_lifetime_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("name_key", name=op.f("uq_product_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("code", AutoString(), nullable=False),
        sa.Column("words", AutoString(), nullable=False),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["merged_into"], ["reason.id"], name=op.f("fk_reason_merged_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reason")),
        sa.UniqueConstraint("code", name=op.f("uq_reason_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "setting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("document", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting")),
        sa.UniqueConstraint("name", name=op.f("uq_setting_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "spend",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spend")),
        sa.UniqueConstraint("month", "channel", "kind", "currency", name=op.f("uq_spend_month_channel_kind_currency")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "suppression",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("digest", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
        sa.UniqueConstraint("digest", name=op.f("uq_suppression_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("name_key", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("name_key", name=op.f("uq_tag_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("command_id", sa.Integer(), nullable=False),
        sa.Column("table_name", AutoString(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("row_ids", AutoString(), nullable=False),
        sa.Column("verb", AutoString(), nullable=False),
        sa.Column("before", AutoString(), nullable=False),
        sa.Column("after", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_change_command_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_command_id"), ["command_id"], unique=False)
        batch_op.create_index("ix_change_row", ["table_name", "row_id"], unique=False)

    op.create_table(
        "customer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("company", AutoString(), nullable=False),
        sa.Column("email", AutoString(), nullable=False),
        sa.Column("phone", AutoString(), nullable=False),
        sa.Column("segment", AutoString(), nullable=False),
        sa.Column("owner", AutoString(), nullable=False),
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("city", AutoString(), nullable=False),
        sa.Column("country", AutoString(), nullable=False),
        sa.Column("language", AutoString(), nullable=False),
        sa.Column("preferred_channel", AutoString(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("status", AutoString(), nullable=False),
        sa.Column("keep_in_touch_days", sa.Integer(), nullable=True),
        sa.Column("notes", AutoString(), nullable=False),
        sa.Column("external_source", AutoString(), nullable=False),
        sa.Column("external_id", AutoString(), nullable=True),
        sa.Column("name_key", AutoString(), nullable=False),
        sa.Column("company_key", AutoString(), nullable=False),
        sa.Column("email_key", AutoString(), nullable=False),
        sa.Column("phone_key", AutoString(), nullable=False),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.Column("import_batch_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status IN ('prospect', 'active', 'dormant', 'former', 'erased')", name=op.f("ck_customer_status")
        ),
        sa.ForeignKeyConstraint(["import_batch_id"], ["import_batch.id"], name=op.f("fk_customer_import_batch_id")),
        sa.ForeignKeyConstraint(["merged_into"], ["customer.id"], name=op.f("fk_customer_merged_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("external_source", "external_id", name=op.f("uq_customer_external_source_external_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_email_key"), ["email_key"], unique=False)
        batch_op.create_index("ix_customer_look_up", ["name_key", "company_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_merged_into"), ["merged_into"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_phone_key"), ["phone_key"], unique=False)
        batch_op.create_index("ix_customer_segment", ["segment", "name_key"], unique=False)

    op.create_table(
        "ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("specific", AutoString(), nullable=False),
        sa.Column("measurable", sa.Integer(), nullable=False),
        sa.Column("attainable", AutoString(), nullable=False),
        sa.Column("realistic", AutoString(), nullable=False),
        sa.Column("time_specific", sa.Date(), nullable=False),
        sa.Column("incentive", AutoString(), nullable=False),
        sa.Column("anyway_reason", AutoString(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("reason_id", sa.Integer(), nullable=True),
        sa.Column("reason_words", AutoString(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("external_source", AutoString(), nullable=False),
        sa.Column("external_id", AutoString(), nullable=True),
        sa.Column("import_batch_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'sent', 'named', 'agreed', 'no_one', 'declined', 'no_response', 'cancelled')",
            name=op.f("ck_ask_state"),
        ),
        sa.CheckConstraint("measurable BETWEEN 1 AND 3", name=op.f("ck_ask_measurable")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_ask_customer_id")),
        sa.ForeignKeyConstraint(["import_batch_id"], ["import_batch.id"], name=op.f("fk_ask_import_batch_id")),
        sa.ForeignKeyConstraint(["reason_id"], ["reason.id"], name=op.f("fk_ask_reason_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask")),
        sa.UniqueConstraint("external_source", "external_id", name=op.f("uq_ask_external_source_external_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("ask", schema=None) as batch_op:
        batch_op.create_index("ix_ask_customer_id", ["customer_id", "sent_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_ask_reason_id"), ["reason_id"], unique=False)

    op.create_table(
        "customer_status",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("status", AutoString(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_status_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_status")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("customer_status", schema=None) as batch_op:
        batch_op.create_index("ix_customer_status_since", ["customer_id", "since"], unique=False)

    op.create_table(
        "customer_tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_tag_customer_id")),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_customer_tag_tag_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_tag")),
        sa.UniqueConstraint("customer_id", "tag_id", name=op.f("uq_customer_tag_customer_id_tag_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("customer_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_tag_tag_id"), ["tag_id"], unique=False)

    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("playbook", AutoString(), nullable=False),
        sa.Column("step", AutoString(), nullable=False),
        sa.Column("purpose", AutoString(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("template", AutoString(), nullable=False),
        sa.Column("what", AutoString(), nullable=False),
        sa.Column("because", AutoString(), nullable=False),
        sa.Column("waits", AutoString(), nullable=False),
        sa.Column("nominal_due", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("hold_until", sa.Date(), nullable=True),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("outcome", AutoString(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("owner", AutoString(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'held', 'done', 'skipped', 'cancelled', 'suppressed')",
            name=op.f("ck_follow_up_state"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_follow_up_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.create_index("ix_follow_up_customer_id", ["customer_id", "state"], unique=False)
        batch_op.create_index(
            "ix_follow_up_open",
            ["due_on", "priority", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_follow_up_open_owner",
            ["owner", "due_on", "priority", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "opportunity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("issue", AutoString(), nullable=False),
        sa.Column("impact", AutoString(), nullable=False),
        sa.Column("importance", sa.Integer(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.CheckConstraint("importance BETWEEN 0 AND 5", name=op.f("ck_opportunity_importance")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_opportunity_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opportunity_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "opt_out",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("purpose", AutoString(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("source", AutoString(), nullable=False),
        sa.CheckConstraint("channel IN ('email', 'phone', 'post', 'any')", name=op.f("ck_opt_out_channel")),
        sa.CheckConstraint("purpose IN ('service', 'survey', 'referral', 'any')", name=op.f("ck_opt_out_purpose")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_opt_out_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_out")),
        sa.UniqueConstraint("customer_id", "channel", "purpose", name=op.f("uq_opt_out_customer_id_channel_purpose")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "purchase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("description", AutoString(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("list_amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", AutoString(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("guarantee_until", sa.Date(), nullable=True),
        sa.Column("status", AutoString(), nullable=False),
        sa.Column("external_source", AutoString(), nullable=False),
        sa.Column("external_id", AutoString(), nullable=True),
        sa.Column("import_batch_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status IN ('ordered', 'delivered', 'cancelled', 'returned')", name=op.f("ck_purchase_status")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_purchase_quantity")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_purchase_customer_id")),
        sa.ForeignKeyConstraint(["import_batch_id"], ["import_batch.id"], name=op.f("fk_purchase_import_batch_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_purchase_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint("external_source", "external_id", name=op.f("uq_purchase_external_source_external_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("purchase", schema=None) as batch_op:
        batch_op.create_index("ix_purchase_customer_id_ordered_on", ["customer_id", "ordered_on"], unique=False)
        batch_op.create_index("ix_purchase_ordered_on", ["ordered_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchase_product_id"), ["product_id"], unique=False)

    op.create_table(
        "follow_up_anchor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("follow_up_id", sa.Integer(), nullable=False),
        sa.Column("playbook", AutoString(), nullable=False),
        sa.Column("step", AutoString(), nullable=False),
        sa.Column("anchor_table", AutoString(), nullable=False),
        sa.Column("anchor_id", sa.Integer(), nullable=False),
        sa.Column("anchor_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["follow_up_id"], ["follow_up.id"], name=op.f("fk_follow_up_anchor_follow_up_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_anchor")),
        sa.UniqueConstraint(
            "anchor_table",
            "anchor_id",
            "playbook",
            "step",
            name=op.f("uq_follow_up_anchor_anchor_table_anchor_id_playbook_step"),
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("follow_up_anchor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_up_anchor_follow_up_id"), ["follow_up_id"], unique=False)

    op.create_table(
        "recommendation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("ask_id", sa.Integer(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("whom", AutoString(), nullable=False),
        sa.Column("source", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name=op.f("fk_recommendation_ask_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_recommendation_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("recommendation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recommendation_ask_id"), ["ask_id"], unique=False)
        batch_op.create_index("ix_recommendation_customer_id", ["customer_id", "told_on"], unique=False)

    op.create_table(
        "referral",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("referrer_id", sa.Integer(), nullable=False),
        sa.Column("ask_id", sa.Integer(), nullable=True),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("company", AutoString(), nullable=False),
        sa.Column("email", AutoString(), nullable=False),
        sa.Column("phone", AutoString(), nullable=False),
        sa.Column("name_key", AutoString(), nullable=False),
        sa.Column("email_key", AutoString(), nullable=False),
        sa.Column("phone_key", AutoString(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("relation", AutoString(), nullable=False),
        sa.Column("consent", AutoString(), nullable=False),
        sa.Column("may_tell_referrer", sa.Boolean(), nullable=False),
        sa.Column("would_have_come_anyway", sa.Boolean(), nullable=True),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("override_reason", AutoString(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("first_claim_id", sa.Integer(), nullable=True),
        sa.Column("external_source", AutoString(), nullable=False),
        sa.Column("external_id", AutoString(), nullable=True),
        sa.Column("import_batch_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("consent IN ('none', 'consent', 'introduction')", name=op.f("ck_referral_consent")),
        sa.CheckConstraint(
            "state IN ('received', 'contacted', 'qualified', 'won', 'lost', 'disqualified', 'expired', 'reversed')",
            name=op.f("ck_referral_state"),
        ),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name=op.f("fk_referral_ask_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_referral_customer_id")),
        sa.ForeignKeyConstraint(["first_claim_id"], ["referral.id"], name=op.f("fk_referral_first_claim_id")),
        sa.ForeignKeyConstraint(["import_batch_id"], ["import_batch.id"], name=op.f("fk_referral_import_batch_id")),
        sa.ForeignKeyConstraint(["referrer_id"], ["customer.id"], name=op.f("fk_referral_referrer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint("external_source", "external_id", name=op.f("uq_referral_external_source_external_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referral_ask_id"), ["ask_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_referral_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_referral_email_key", ["email_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_referral_first_claim_id"), ["first_claim_id"], unique=False)
        batch_op.create_index("ix_referral_phone_key", ["phone_key"], unique=False)
        batch_op.create_index("ix_referral_referrer_id", ["referrer_id", "received_on"], unique=False)

    op.create_table(
        "survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("purchase_id", sa.Integer(), nullable=True),
        sa.Column("token", AutoString(), nullable=False),
        sa.Column("invited_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("taken_by", AutoString(), nullable=False),
        sa.Column("most_important", AutoString(), nullable=False),
        sa.Column("why_us", AutoString(), nullable=False),
        sa.Column("improve", AutoString(), nullable=False),
        sa.Column("comment", AutoString(), nullable=False),
        sa.Column("has_recommended", sa.Boolean(), nullable=True),
        sa.Column("recommended_whom", AutoString(), nullable=False),
        sa.Column("would_recommend", sa.Integer(), nullable=True),
        sa.Column("lowest", sa.Integer(), nullable=True),
        sa.Column("undeliverable", sa.Boolean(), nullable=False),
        sa.Column("shared_on", sa.Date(), nullable=True),
        sa.Column("external_source", AutoString(), nullable=False),
        sa.Column("external_id", AutoString(), nullable=True),
        sa.Column("import_batch_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "would_recommend IS NULL OR would_recommend BETWEEN 0 AND 10",
            name=op.f("ck_survey_would_recommend"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_survey_customer_id")),
        sa.ForeignKeyConstraint(["import_batch_id"], ["import_batch.id"], name=op.f("fk_survey_import_batch_id")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase.id"], name=op.f("fk_survey_purchase_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("external_source", "external_id", name=op.f("uq_survey_external_source_external_id")),
        sa.UniqueConstraint("token", name=op.f("uq_survey_token")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("survey", schema=None) as batch_op:
        batch_op.create_index("ix_survey_customer_id", ["customer_id", "answered_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_survey_purchase_id"), ["purchase_id"], unique=False)

    op.create_table(
        "touch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("direction", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("two_way", sa.Boolean(), nullable=False),
        sa.Column("note", AutoString(), nullable=False),
        sa.Column("follow_up_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_touch_customer_id")),
        sa.ForeignKeyConstraint(["follow_up_id"], ["follow_up.id"], name=op.f("fk_touch_follow_up_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touch")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("touch", schema=None) as batch_op:
        batch_op.create_index("ix_touch_customer_id_on_day", ["customer_id", "on_day"], unique=False)
        batch_op.create_index(batch_op.f("ix_touch_follow_up_id"), ["follow_up_id"], unique=False)

    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("purchase_id", sa.Integer(), nullable=True),
        sa.Column("survey_id", sa.Integer(), nullable=True),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("origin", AutoString(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("words", AutoString(), nullable=False),
        sa.Column("process", AutoString(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=True),
        sa.Column("importance", sa.Integer(), nullable=True),
        sa.Column("performance", sa.Integer(), nullable=True),
        sa.Column("cost_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", AutoString(), nullable=False),
        sa.Column("owner", AutoString(), nullable=False),
        sa.Column("acknowledged_on", sa.Date(), nullable=True),
        sa.Column("resolved_on", sa.Date(), nullable=True),
        sa.Column("resolution", AutoString(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("praised", AutoString(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('compliment', 'complaint', 'claim', 'idea', 'gap', 'remarkable')",
            name=op.f("ck_feedback_kind"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_feedback_customer_id")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase.id"], name=op.f("fk_feedback_purchase_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_feedback_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index("ix_feedback_customer_id", ["customer_id", "kind"], unique=False)
        batch_op.create_index(
            "ix_feedback_open",
            ["customer_id"],
            unique=False,
            sqlite_where=sa.text("confirmed_on IS NULL AND kind IN ('complaint', 'claim')"),
            postgresql_where=sa.text("confirmed_on IS NULL AND kind IN ('complaint', 'claim')"),
        )
        batch_op.create_index(batch_op.f("ix_feedback_purchase_id"), ["purchase_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_survey_id"), ["survey_id"], unique=False)

    op.create_table(
        "referral_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("from_state", AutoString(), nullable=False),
        sa.Column("to_state", AutoString(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("author", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_referral_event_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_event")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("referral_event", schema=None) as batch_op:
        batch_op.create_index("ix_referral_event_referral_id", ["referral_id", "on_day"], unique=False)

    op.create_table(
        "reward",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("beneficiary", AutoString(), nullable=False),
        sa.Column("rule", AutoString(), nullable=False),
        sa.Column("rule_copy", AutoString(), nullable=False),
        sa.Column("line", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", AutoString(), nullable=False),
        sa.Column("words", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("accrued_on", sa.Date(), nullable=False),
        sa.Column("hold_until", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("given_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("reason", AutoString(), nullable=False),
        sa.CheckConstraint("kind IN ('flat', 'percent', 'in_kind')", name=op.f("ck_reward_kind")),
        sa.CheckConstraint(
            "state IN ('accrued', 'held', 'approved', 'given', 'voided', 'clawed_back', 'expired')",
            name=op.f("ck_reward_state"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_reward_customer_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_reward_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward")),
        sa.UniqueConstraint(
            "referral_id",
            "rule",
            "beneficiary",
            "line",
            name=op.f("uq_reward_referral_id_rule_beneficiary_line"),
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("reward", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reward_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "survey_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("question", AutoString(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 5", name=op.f("ck_survey_answer_score")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_answer_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answer")),
        sa.UniqueConstraint("survey_id", "question", name=op.f("uq_survey_answer_survey_id_question")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", AutoString(), nullable=False),
        sa.Column("because", AutoString(), nullable=False),
        sa.Column("reason_id", sa.Integer(), nullable=True),
        sa.Column("feedback_id", sa.Integer(), nullable=True),
        sa.Column("segment", AutoString(), nullable=False),
        sa.Column("owner", AutoString(), nullable=False),
        sa.Column("staff_incentive", AutoString(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("measure", AutoString(), nullable=False),
        sa.Column("before", AutoString(), nullable=False),
        sa.Column("after", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_action_feedback_id")),
        sa.ForeignKeyConstraint(["reason_id"], ["reason.id"], name=op.f("fk_action_reason_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("action", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_action_feedback_id"), ["feedback_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_action_reason_id"), ["reason_id"], unique=False)
