"""Payments say from which account of the office they leave."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "source_bank",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("bank_name", sa.String(length=200), nullable=False),
        sa.Column("ends_in", sa.String(length=4), nullable=False),
        sa.Column("standard", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("active OR NOT standard", name=op.f("ck_source_bank_the_standard_one_is_used")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_bank")),
        sa.UniqueConstraint("code", name=op.f("uq_source_bank_code")),
    )
    op.create_index(
        "uq_source_bank_standard",
        "source_bank",
        ["standard"],
        unique=True,
        sqlite_where=sa.text("standard"),
        postgresql_where=sa.text("standard"),
    )
    for name in ("invoice", "payment"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("source_bank_id", sa.Integer(), nullable=True))
            table.create_foreign_key(op.f(f"fk_{name}_source_bank_id"), "source_bank", ["source_bank_id"], ["id"])
    op.create_index("ix_payment_source_bank_id", "payment", ["source_bank_id"])


def downgrade() -> None:
    op.drop_index("ix_payment_source_bank_id", "payment")
    for name in ("payment", "invoice"):
        with op.batch_alter_table(name) as table:
            table.drop_constraint(op.f(f"fk_{name}_source_bank_id"), type_="foreignkey")
            table.drop_column("source_bank_id")
    op.drop_index("uq_source_bank_standard", "source_bank")
    op.drop_table("source_bank")
