"""A person's drafts and a month's spending are found at once, however many there are."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_document_kind_owner_id_state_id"), ["kind", "owner_id", "state", "id"], unique=False
        )

    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_posting_strip_id_afy_kind_afm_amount"),
            ["strip_id", "afy", "kind", "afm", "amount"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_posting_strip_id_afy_kind_afm_amount"))

    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_kind_owner_id_state_id"))
