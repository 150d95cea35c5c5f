"""People save views of lists."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("list_name", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=2000), nullable=False),
        sa.Column("standard", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("list_name <> ''", name=op.f("ck_saved_view_a_view_is_of_a_list")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_saved_view_a_view_has_a_name")),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_saved_view_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("user_id", "list_name", "name", name=op.f("uq_saved_view_user_id_list_name_name")),
    )
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.create_index(
            "uq_saved_view_standard",
            ["user_id", "list_name"],
            unique=True,
            sqlite_where=sa.text("standard"),
            postgresql_where=sa.text("standard"),
        )


def downgrade() -> None:
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_saved_view_standard", sqlite_where=sa.text("standard"), postgresql_where=sa.text("standard")
        )

    op.drop_table("saved_view")
