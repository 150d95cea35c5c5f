"""Rules of the signing policy name one signer each and may speak of information technology; codes say what that is."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0009"

RULES = {
    "a_rule_names_a_role_or_a_person_and_not_both": "role = '' OR user_id IS NULL",
    "steps_count_from_one_to_twenty": "step >= 1 AND step <= 20",
    "amounts_are_not_negative": "amount_from IS NULL OR amount_from >= 0",
    "a_rule_has_a_reason": "reason <> ''",
}


def upgrade() -> None:
    # What the rules meant until now: a named person signs, and the role beside the name was not looked at.
    op.execute("UPDATE routing_rule SET role = '' WHERE user_id IS NOT NULL AND role <> ''")
    op.execute("UPDATE routing_rule SET reason = 'Signing policy' WHERE reason = ''")
    op.execute("UPDATE routing_rule SET step = 20 WHERE step > 20")
    with op.batch_alter_table("routing_rule", schema=None) as batch_op:
        batch_op.add_column(sa.Column("technology", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.drop_constraint(batch_op.f("ck_routing_rule_steps_count_from_one"), type_="check")
        for name, rule in RULES.items():
            batch_op.create_check_constraint(batch_op.f(f"ck_routing_rule_{name}"), rule)
    with op.batch_alter_table("commodity_code", schema=None) as batch_op:
        batch_op.add_column(sa.Column("technology", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(
        "UPDATE commodity_code SET technology = true WHERE (code LIKE '70%' OR code LIKE 'D3%') "
        "AND scheme_id IN (SELECT id FROM code_scheme WHERE code = 'PSC')"
    )


def downgrade() -> None:
    with op.batch_alter_table("commodity_code", schema=None) as batch_op:
        batch_op.drop_column("technology")
    with op.batch_alter_table("routing_rule", schema=None) as batch_op:
        for name in RULES:
            batch_op.drop_constraint(batch_op.f(f"ck_routing_rule_{name}"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_routing_rule_steps_count_from_one"), "step >= 1")
        batch_op.drop_column("technology")
