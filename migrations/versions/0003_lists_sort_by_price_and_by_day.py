"""Lists sort by price and by day."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("catalog_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_item_delivery_days_id"), ["delivery_days", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_catalog_item_unit_price_id"), ["unit_price", "id"], unique=False)

    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_amount_id"), ["amount", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_scheduled_on_id"), ["scheduled_on", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_scheduled_on_id"))
        batch_op.drop_index(batch_op.f("ix_payment_amount_id"))

    with op.batch_alter_table("catalog_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_catalog_item_unit_price_id"))
        batch_op.drop_index(batch_op.f("ix_catalog_item_delivery_days_id"))
