"""A stamp that is renewed whenever anything changes that rights and sight follow from."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

WATCHED = (
    "ab_role",
    "ab_user_role",
    "ab_permission_view",
    "ab_permission_view_role",
    "profile",
    "organization",
    "delegation",
    "policy",
    "holiday",
    "unit",
)
"""What `app/rights.py` keeps follows from these and from the day, from nothing else."""

FRESH = {
    "sqlite": "lower(hex(randomblob(16)))",
    "postgresql": "md5(random()::text || clock_timestamp()::text || txid_current()::text)",
}


def upgrade() -> None:
    op.create_table(
        "rights_stamp",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_stamp")),
    )
    dialect = op.get_bind().dialect.name
    renew = f"UPDATE rights_stamp SET value = {FRESH[dialect]}"
    op.execute(f"INSERT INTO rights_stamp (id, value) VALUES (1, {FRESH[dialect]})")
    if dialect == "postgresql":
        op.execute(
            f"CREATE FUNCTION renew_rights_stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {renew}; RETURN NULL; END $$"
        )
    for table in WATCHED:
        if dialect == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_renews_rights AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION renew_rights_stamp()"
            )
            continue
        for deed in ("INSERT", "UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_{deed.lower()}_renews_rights AFTER {deed} ON {table} BEGIN {renew}; END"
            )


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for table in WATCHED:
        if dialect == "postgresql":
            op.execute(f"DROP TRIGGER {table}_renews_rights ON {table}")
            continue
        for deed in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER {table}_{deed}_renews_rights")
    if dialect == "postgresql":
        op.execute("DROP FUNCTION renew_rights_stamp()")
    op.drop_table("rights_stamp")
