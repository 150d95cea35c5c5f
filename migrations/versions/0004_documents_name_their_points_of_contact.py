"""Documents name their points of contact."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "point_of_contact",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_point_of_contact_a_contact_has_a_name")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_point_of_contact_document_id")),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_point_of_contact_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_of_contact")),
    )
    with op.batch_alter_table("point_of_contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_point_of_contact_document_id"), ["document_id"], unique=False)

    with op.batch_alter_table("delivery_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_order_agreement_id"), ["agreement_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("delivery_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_order_agreement_id"))

    with op.batch_alter_table("point_of_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_of_contact_document_id"))

    op.drop_table("point_of_contact")
