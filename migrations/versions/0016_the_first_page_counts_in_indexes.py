"""What every page counts stands in indexes: open orders within sight, what came for a line, what orders still bind, and
whose turn it is to sign."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

ADDED = (
    ("ix_document_sight", "document", ["kind", "state", "organization_id", "owner_id", "created_by_id", "id"]),
    ("ix_document_kind_organization_id_routed_at", "document", ["kind", "organization_id", "routed_at"]),
    ("ix_posting_of_orders", "posting", ["strip_id", "bfy", "kind", "order_line_id", "afy", "afm", "amount"]),
    (
        "ix_receipt_line_order_line_id_receipt_id_quantity",
        "receipt_line",
        ["order_line_id", "receipt_id", "quantity"],
    ),
    (
        "ix_approval_step_turn",
        "approval_step",
        ["sheet_id", "step", "role", "organization_id", "user_id", "document_id"],
    ),
)
OPEN = ("ix_approval_sheet_open", "approval_sheet", ["closed_at", "id", "document_id"])
REPLACED = (
    ("ix_receipt_line_order_line_id", "receipt_line", ["order_line_id"]),
    ("ix_approval_step_sheet_id", "approval_step", ["sheet_id"]),
    ("ix_receipt_line_receipt_id", "receipt_line", ["receipt_id"]),
)
"""The first two begin others now; the third begins the one that keeps a line from being received twice."""


def upgrade() -> None:
    for name, table, columns in ADDED:
        op.create_index(name, table, columns)
    still_open = sa.text("closed_at IS NULL")
    op.create_index(*OPEN, sqlite_where=still_open, postgresql_where=still_open)
    for name, table, _ in REPLACED:
        op.drop_index(name, table)


def downgrade() -> None:
    for name, table, columns in REPLACED:
        op.create_index(name, table, columns)
    for name, table, _ in (*ADDED, OPEN):
        op.drop_index(name, table)
