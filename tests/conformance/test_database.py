"""The migrations build what the entities say, on both databases; and the database keeps its own walls."""

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from app import audit, audit_heads, ledger, migrate
from app.extensions import db
from tests.support.databases import past_the_walls
from tests.support.making import a_processed_invoice, records


def test_migrations_and_entities_agree(both):
    assert migrate.compare(both.app) == []


def test_taking_a_line_out_reads_no_whole_table(world):
    """Clerks delete lines of drafts: whatever refers to a line is found through an index."""
    may_be_read = {"consumption.line_id"}  # as many rows as agreements have lines
    with world.app.app_context():
        inspector = inspect(db.engine)
        missing = set()
        for table in inspector.get_table_names():
            led = {one["column_names"][0] for one in inspector.get_indexes(table)}
            led |= {one["column_names"][0] for one in inspector.get_unique_constraints(table)}
            for key in inspector.get_foreign_keys(table):
                if key["referred_table"] == "line_item" and key["constrained_columns"][0] not in led:
                    missing.add(f"{table}.{key['constrained_columns'][0]}")
    assert missing <= may_be_read


WALLS = {
    "a strip cannot be overdrawn": "UPDATE strip_balance SET expended = 99999999",
    "no column of a balance is negative": "UPDATE strip_balance SET encumbered = -1",
    "a vendor bills a number once": "INSERT INTO invoice_number (vendor_id, normal_number, invoice_id) "
    "SELECT vendor_id, normal_number, invoice_id FROM invoice_number",
    "a payment's sum is right": "UPDATE payment SET amount = amount - 1",
    "nothing is billed below zero": "UPDATE invoice_line SET quantity = -1",
    "nothing is ordered below zero": "UPDATE line_item SET quantity = -1",
    "a number is given once": "UPDATE document SET number = 'IN-2027-000001'",
    "a posting is of a known kind": "INSERT INTO posting (strip_id, bfy, afy, afm, kind, amount, memo, at) "
    "SELECT strip_id, bfy, afy, afm, 'gift', amount, memo, at FROM posting WHERE id = 1",
    "a posting is not edited": "UPDATE posting SET amount = 0 WHERE id = 1",
    "a posting is not deleted": "DELETE FROM posting WHERE id = 1",
    "an event of a document is not edited": "UPDATE document_event SET comment = 'no' WHERE id = 1",
    "an event of a document is not deleted": "DELETE FROM document_event WHERE id = 1",
    "an entry of the trail is not edited": "UPDATE audit_entry SET new = 'nothing' WHERE id = 1",
    "an entry of the trail is not deleted": "DELETE FROM audit_entry WHERE id = 1",
    "a head of a day is not edited": "UPDATE daily_head SET entries = 0",
    "a head of a day is not deleted": "DELETE FROM daily_head",
    "a line belongs to a document": "UPDATE line_item SET document_id = 999999",
}
"""What must hold even for somebody who writes past the program → the statement that tries."""


@pytest.mark.parametrize("statement", WALLS.values(), ids=WALLS.keys())
def test_the_database_refuses_too(both, statement):
    a_processed_invoice(both)
    with records(both) as session:
        audit_heads.head_of(session, both.clock().date(), both.clock())
        session.commit()
    with both.app.app_context(), db.engine.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(statement))
        connection.commit()


def test_a_posting_and_an_entry_of_the_trail_are_not_edited(both):
    """The program has no way to do it, and the trail notices who does it past the program."""
    a_processed_invoice(both)
    with records(both) as session:
        assert (ledger.reconcile(session), audit.verify(session)) == ([], [])
        past_the_walls(session.connection())
        session.connection().execute(text("UPDATE posting SET amount = amount + 1 WHERE id = 1"))
        session.connection().execute(text("UPDATE audit_entry SET new = 'nothing' WHERE id = 1"))
        assert ledger.reconcile(session) and audit.verify(session)
