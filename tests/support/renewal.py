"""A PostgreSQL database put back to what it was, in place.

To drop a database and to copy it anew takes half a second, which is longer than most tests. Only the tables that somebody
has written into are filled again; where more than rows was changed, whoever asks copies it anew after all."""

from collections.abc import Mapping

import psycopg
from psycopg import sql

SHAPE = """
SELECT md5(string_agg(one, ' ' ORDER BY one)) FROM (
    SELECT concat_ws(' ', oid, relname, CASE WHEN relkind = 'S' THEN 0 ELSE relfilenode END) AS one FROM pg_class
    WHERE relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
    UNION ALL SELECT concat_ws(' ', oid, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat_ws(' ', oid, xmin) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', attrelid, attnum, xmin) FROM pg_attribute WHERE attnum > 0 AND attrelid IN (
        SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
) AS parts
"""
"""Tables, columns, indexes, triggers, functions; a table that was emptied has another file."""

WRITTEN = "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables"
"""How many rows have ever been written, as each connection says when it ends."""

OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class Original:
    """What a database held when it was new. Made on its first connection."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.shape = _value(connection, SHAPE)
        self.written = _pairs(connection, WRITTEN)
        self.rows = {table: _read(connection, table) for table in self.written}
        self.places = _places(connection)

    def put_back(self, connection: psycopg.Connection) -> bool:
        """Fill again what was written into. False, with nothing done, when more than rows is different."""
        _alone(connection)
        now = _pairs(connection, WRITTEN)
        if _value(connection, SHAPE) != self.shape or any(count < self.written[name] for name, count in now.items()):
            return False
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")  # no triggers, no order of tables
            for table, count in now.items():
                if count != self.written[table]:
                    count += _refill(connection, table, self.rows[table])
                self.written[table] = count
            for name, place in _places(connection).items():
                if place != self.places[name]:
                    connection.execute("SELECT setval(%s::regclass, %s, %s)", (name, *self.places[name]))
        return True


def _value(connection: psycopg.Connection, statement: str) -> object:
    row = connection.execute(statement).fetchone()
    return row[0] if row else None


def _pairs(connection: psycopg.Connection, statement: str) -> dict[str, int]:
    return dict(connection.execute(statement).fetchall())


def _alone(connection: psycopg.Connection) -> None:
    """Wait until nobody else is connected: only then is everything counted that was written."""
    connection.execute(f"SELECT pg_terminate_backend(pid) {OTHERS}")
    while _value(connection, f"SELECT count(*) {OTHERS}"):
        connection.execute("SELECT pg_sleep(0.002)")


def _read(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as rows:
        return b"".join(bytes(part) for part in rows)


def _refill(connection: psycopg.Connection, table: str, rows: bytes) -> int:
    """Put a table's rows back; how many rows that wrote."""
    cursor, name = connection.cursor(), sql.Identifier(table)
    cursor.execute(sql.SQL("DELETE FROM {}").format(name))
    written = cursor.rowcount
    if rows:
        with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(name)) as target:
            target.write(rows)
        written += cursor.rowcount
    return written


def _places(connection: psycopg.Connection) -> Mapping[str, tuple[int, bool]]:
    """Where each sequence stands: its value, and whether that was given out."""
    names = [name for (name,) in connection.execute("SELECT oid::regclass::text FROM pg_class WHERE relkind = 'S'")]
    if not names:
        return {}
    each = (f"SELECT '{name}', last_value, is_called FROM {name}" for name in names)
    return {name: (value, called) for name, value, called in connection.execute(" UNION ALL ".join(each))}
