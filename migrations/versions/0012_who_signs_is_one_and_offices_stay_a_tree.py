"""Rules of the signing policy name one signer each and may speak of information technology; codes say what that is;
no office is below itself; and notices go out by e-mail to those who want that."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

RULES = {
    "a_rule_names_a_role_or_a_person_and_not_both": "role = '' OR user_id IS NULL",
    "steps_count_from_one_to_twenty": "step >= 1 AND step <= 20",
    "amounts_are_not_negative": "amount_from IS NULL OR amount_from >= 0",
    "a_rule_has_a_reason": "reason <> ''",
}


NO_CIRCLE = "ck_organization_no_office_is_below_itself"

POSTGRESQL = f"""
CREATE FUNCTION keep_offices_a_tree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- One move at a time: two that are each right could make a circle between them.
    PERFORM pg_advisory_xact_lock(815006);
    IF EXISTS (
        WITH RECURSIVE above (id, parent_id) AS (
            SELECT id, parent_id FROM organization WHERE id = NEW.parent_id
            UNION SELECT one.id, one.parent_id FROM organization one JOIN above ON one.id = above.parent_id
        ) SELECT 1 FROM above WHERE id = NEW.id
    ) OR NEW.parent_id = NEW.id THEN
        RAISE EXCEPTION '{NO_CIRCLE}' USING ERRCODE = 'check_violation', CONSTRAINT = '{NO_CIRCLE}';
    END IF;
    RETURN NEW;
END $$
"""

# A trigger of SQLite knows no recursion; the path of an office lists those above it.
SQLITE = f"""
CREATE TRIGGER organization_{{deed}}_stays_a_tree BEFORE {{when}} ON organization WHEN NEW.parent_id IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, '{NO_CIRCLE}') WHERE NEW.parent_id = NEW.id OR EXISTS (
        SELECT 1 FROM organization WHERE id = NEW.parent_id AND path LIKE '%/' || NEW.id || '/%'
    );
END
"""
DEEDS = {"insert": "INSERT", "update": "UPDATE OF parent_id"}


def upgrade() -> None:
    _rules()
    _notices()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRESQL)
        op.execute(
            "CREATE TRIGGER organization_stays_a_tree BEFORE INSERT OR UPDATE OF parent_id ON organization FOR EACH ROW "
            "WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION keep_offices_a_tree()"
        )
        return
    for deed, when in DEEDS.items():
        op.execute(SQLITE.format(deed=deed, when=when))


def _rules() -> None:
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


def _notices() -> None:
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=20), server_default="", nullable=False))
        batch_op.add_column(sa.Column("hidden", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "notice_preference",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_notice_preference_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_preference")),
        sa.UniqueConstraint("user_id", "kind", name=op.f("uq_notice_preference_user_id_kind")),
    )
    op.create_table(
        "mail",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_mail_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_mail_notice_id")),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mail_sent_at_given_up_at_due_at"), ["sent_at", "given_up_at", "due_at"], unique=False
        )


def downgrade() -> None:
    op.drop_table("mail")
    op.drop_table("notice_preference")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_column("hidden")
        batch_op.drop_column("kind")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER organization_stays_a_tree ON organization")
        op.execute("DROP FUNCTION keep_offices_a_tree()")
    else:
        for deed in DEEDS:
            op.execute(f"DROP TRIGGER organization_{deed}_stays_a_tree")
    with op.batch_alter_table("commodity_code", schema=None) as batch_op:
        batch_op.drop_column("technology")
    with op.batch_alter_table("routing_rule", schema=None) as batch_op:
        for name in RULES:
            batch_op.drop_constraint(batch_op.f(f"ck_routing_rule_{name}"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_routing_rule_steps_count_from_one"), "step >= 1")
        batch_op.drop_column("technology")
