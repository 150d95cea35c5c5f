"""What the database believes of its own rows: how many there are, and how many are alike. It chooses its indexes by that.

SQLite never looks by itself, and takes an index that it has not looked into for a very good one: a list of a large
office then sorted 200,000 documents for each page. PostgreSQL looks often enough, but not right after a migration."""

from sqlalchemy import Connection, text

ROWS = 1_000
"""So many rows of each index are looked at: some milliseconds, however large the office is."""


def sample(connection: Connection) -> None:
    """Have the database look at its rows."""
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"PRAGMA analysis_limit = {ROWS}"))
    connection.execute(text("ANALYZE"))
