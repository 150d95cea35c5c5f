"""The stamp of rights is renewed, too, when an account is closed, opened or renamed: nobody stands in for who has left, and
whom a signature is open to is told by name."""

from alembic import op

revision = "0015"
down_revision = "0014"

TRIGGER = "ab_user_renews_rights"
COLUMNS = "active, first_name, last_name"
FRESH = "UPDATE rights_stamp SET value = lower(hex(randomblob(16)))"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {TRIGGER} AFTER UPDATE OF {COLUMNS} ON ab_user "
            "FOR EACH STATEMENT EXECUTE FUNCTION renew_rights_stamp()"
        )
    else:
        op.execute(f"CREATE TRIGGER {TRIGGER} AFTER UPDATE OF {COLUMNS} ON ab_user BEGIN {FRESH}; END")


def downgrade() -> None:
    on_table = " ON ab_user" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(f"DROP TRIGGER {TRIGGER}{on_table}")
