"""Vendors have tax ids and bank accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # First: PostgreSQL wants a unique index before it lets a table refer to the two columns.
    with op.batch_alter_table("vendor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vendor_id_suffix"), ["id", "suffix"], unique=True)

    op.create_table(
        "bank_account",
        sa.Column("vendor_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("eft_format", sa.String(length=3), nullable=False),
        sa.Column("routing_number", sa.String(length=9), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("bank_name", sa.String(length=200), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("eft_format IN ('CCD', 'PPD', 'CTX')", name=op.f("ck_bank_account_of_a_known_format")),
        sa.CheckConstraint("kind IN ('checking', 'savings')", name=op.f("ck_bank_account_checking_or_savings")),
        sa.CheckConstraint(
            "(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_bank_account_confirmed_by_somebody")
        ),
        sa.CheckConstraint(
            "confirmed_by_id <> entered_by_id", name=op.f("ck_bank_account_confirmed_by_a_second_person")
        ),
        sa.CheckConstraint("length(routing_number) = 9", name=op.f("ck_bank_account_a_routing_number_has_nine_digits")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["ab_user.id"], name=op.f("fk_bank_account_confirmed_by_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["ab_user.id"], name=op.f("fk_bank_account_entered_by_id")),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name=op.f("fk_bank_account_vendor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
    )
    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_account_number_index"), ["number_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_bank_account_vendor_id"), ["vendor_id"], unique=False)

    op.create_table(
        "tax_id",
        sa.Column("vendor_id", sa.Integer(), nullable=False),
        sa.Column("suffix", sa.String(length=4), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('FEIN', 'SSN', 'ITIN', 'foreign')", name=op.f("ck_tax_id_of_a_known_kind")),
        sa.ForeignKeyConstraint(
            ["vendor_id", "suffix"],
            ["vendor.id", "vendor.suffix"],
            name=op.f("fk_tax_id_vendor_id_suffix"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name=op.f("fk_tax_id_vendor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_id")),
        sa.UniqueConstraint("number_index", "suffix", name=op.f("uq_tax_id_number_index_suffix")),
    )
    with op.batch_alter_table("tax_id", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tax_id_vendor_id"), ["vendor_id"], unique=False)

    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("account_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_payment_account_id"), "bank_account", ["account_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_payment_account_id"), type_="foreignkey")
        batch_op.drop_column("account_id")

    with op.batch_alter_table("tax_id", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tax_id_vendor_id"))

    op.drop_table("tax_id")
    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_account_vendor_id"))
        batch_op.drop_index(batch_op.f("ix_bank_account_number_index"))

    op.drop_table("bank_account")

    with op.batch_alter_table("vendor", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vendor_id_suffix"))
