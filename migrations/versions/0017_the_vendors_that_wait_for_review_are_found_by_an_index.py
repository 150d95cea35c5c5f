"""The vendors that wait for review are found by an index."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_index("ix_vendor_approved_on", "vendor", ["approved_on"])


def downgrade() -> None:
    op.drop_index("ix_vendor_approved_on", "vendor")
