"""A late payment says which penalty it carries."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

SUM = "ck_payment_the_sum_is_right"
REASON = "ck_payment_a_penalty_has_a_reason"


def upgrade() -> None:
    money = sa.Numeric(precision=14, scale=2).with_variant(sa.BigInteger(), "sqlite")
    with op.batch_alter_table("payment") as table:
        table.add_column(sa.Column("penalty", money, server_default="0", nullable=False))
        table.add_column(sa.Column("penalty_reason", sa.Text(), server_default="", nullable=False))
        table.drop_constraint(op.f(SUM), type_="check")
        table.create_check_constraint(op.f(SUM), "amount = gross - discount + penalty AND amount > 0")
        table.create_check_constraint(op.f(REASON), "penalty >= 0 AND (penalty = 0 OR penalty_reason <> '')")


def downgrade() -> None:
    with op.batch_alter_table("payment") as table:
        table.drop_constraint(op.f(REASON), type_="check")
        table.drop_constraint(op.f(SUM), type_="check")
        table.create_check_constraint(op.f(SUM), "amount = gross - discount AND amount > 0")
        table.drop_column("penalty_reason")
        table.drop_column("penalty")
