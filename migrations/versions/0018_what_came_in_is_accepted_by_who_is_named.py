"""What came in is accepted by who is named."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "acceptance",
        sa.Column("receipt_line_id", sa.Integer(), nullable=False),
        sa.Column(
            "quantity", sa.Numeric(precision=16, scale=4).with_variant(sa.BigInteger(), "sqlite"), nullable=False
        ),
        sa.Column("accepted_by_id", sa.Integer(), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_acceptance_quantity_is_positive")),
        sa.ForeignKeyConstraint(["accepted_by_id"], ["ab_user.id"], name=op.f("fk_acceptance_accepted_by_id")),
        sa.ForeignKeyConstraint(["receipt_line_id"], ["receipt_line.id"], name=op.f("fk_acceptance_receipt_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance")),
    )
    op.create_index("ix_acceptance_receipt_line_id", "acceptance", ["receipt_line_id"])


def downgrade() -> None:
    op.drop_index("ix_acceptance_receipt_line_id", "acceptance")
    op.drop_table("acceptance")
