"""Postings and events of documents are only added to: a correction is a reversal, whoever writes."""

from alembic import op

revision = "0013"
down_revision = "0012"

ONLY_ADDED_TO = {"posting": "the ledger is only added to", "document_event": "the history is only added to"}
"""A migration that rebuilds one of these on SQLite makes its triggers anew."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, words in ONLY_ADDED_TO.items():
            op.execute(
                f"CREATE FUNCTION refuse_to_change_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION '{words}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {table}_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_{table}()"
            )
        return
    for table, words in ONLY_ADDED_TO.items():
        for deed in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{deed} BEFORE {deed.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )


def downgrade() -> None:
    for table in ONLY_ADDED_TO:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {table}_is_only_added_to ON {table}")
            op.execute(f"DROP FUNCTION refuse_to_change_{table}()")
        else:
            for deed in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_refuses_{deed}")
