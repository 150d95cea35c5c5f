"""A new account is paid after a call to the vendor and some days."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("counts_from", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("called_back", sa.String(length=200), nullable=False, server_default=""))
    # What was confirmed before counted at once.
    op.execute("UPDATE bank_account SET counts_from = date(confirmed_at) WHERE confirmed_at IS NOT NULL")
    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.alter_column("called_back", server_default=None, existing_type=sa.String(length=200))
        batch_op.create_check_constraint(
            op.f("ck_bank_account_counts_once_confirmed"), "(confirmed_at IS NULL) = (counts_from IS NULL)"
        )


def downgrade() -> None:
    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_bank_account_counts_once_confirmed"), type_="check")
        batch_op.drop_column("called_back")
        batch_op.drop_column("counts_from")
