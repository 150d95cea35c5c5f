"""The trail has a head for each day, and both are only added to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

ONLY_ADDED_TO = ("audit_entry", "daily_head")
"""A migration that rebuilds one of these on SQLite makes its triggers anew."""

WORDS = "the audit trail is only added to"


def upgrade() -> None:
    op.create_table(
        "daily_head",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_head")),
        sa.UniqueConstraint("day", name=op.f("uq_daily_head_day")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_to_change_the_trail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        for table in ONLY_ADDED_TO:
            op.execute(
                f"CREATE TRIGGER {table}_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_trail()"
            )
        return
    for table in ONLY_ADDED_TO:
        for deed in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{deed} BEFORE {deed.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in ONLY_ADDED_TO:
            op.execute(f"DROP TRIGGER {table}_is_only_added_to ON {table}")
        op.execute("DROP FUNCTION refuse_to_change_the_trail()")
    else:
        for table in ONLY_ADDED_TO:
            for deed in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_refuses_{deed}")
    op.drop_table("daily_head")
