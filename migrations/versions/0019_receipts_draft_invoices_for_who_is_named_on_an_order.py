"""Receipts draft invoices for who is named on an order."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    with op.batch_alter_table("delivery_order") as table:
        table.add_column(sa.Column("invoice_clerk_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_delivery_order_invoice_clerk_id"), "ab_user", ["invoice_clerk_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("delivery_order") as table:
        table.drop_constraint(op.f("fk_delivery_order_invoice_clerk_id"), type_="foreignkey")
        table.drop_column("invoice_clerk_id")
