"""Writing many rows quickly, past the program: prepared statements on SQLite, COPY on PostgreSQL.

A `Rows` takes the values that differ from row to row; what the entity has by default is said once. Values come in one
spelling for both databases: money and quantities as whole counts of their smallest unit, days and moments as ISO text."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

from sqlalchemy import Boolean, DateTime, Engine, Table

from app.entities.base import Exact, Moment

BATCH = 20_000


class Rows:
    """Rows of one table, gathered and written in batches."""

    def __init__(self, engine: Engine, table: Table, columns: Sequence[str]) -> None:
        self.table, self.columns = table, list(columns)
        defaults: dict[str, Any] = {column.name: column.default for column in table.columns}
        self._gathered: list[tuple[Any, ...]] = []
        fixed = {
            name: default.arg
            for name, default in defaults.items()
            if name not in columns and default is not None and default.is_scalar
        }
        missing = [
            column.name
            for column in table.columns
            if column.name not in columns and column.name not in fixed and not column.nullable
        ]
        assert not missing, f"{table.name} needs {missing}"
        self._write = _to_postgres if engine.dialect.name == "postgresql" else _to_sqlite
        self._fixed = {name: _stored(table.columns[name], value) for name, value in fixed.items()}

    def add(self, *values: Any) -> None:
        """One row; the values in the order of the columns."""
        self._gathered.append(values)

    def flush(self, raw: Any, least: int = BATCH) -> None:
        """Write what was gathered, if it is worth it."""
        if len(self._gathered) >= least:
            self._write(raw, self.table, self.columns, self._fixed, self._gathered)
            self._gathered = []


def _stored(column: Any, value: Any) -> Any:
    if isinstance(column.type, Exact):
        return (
            int(value.scaleb(column.type.places)) if hasattr(value, "scaleb") else int(value * 10**column.type.places)
        )
    return str(value) if isinstance(value, str) else value


def _to_sqlite(
    raw: Any, table: Table, columns: Sequence[str], fixed: dict[str, Any], rows: Iterable[tuple[Any, ...]]
) -> None:
    names = [*columns, *fixed]
    marks = [*("?" for _ in columns), *(_literal(value) for value in fixed.values())]
    into = ", ".join(f'"{one}"' for one in names)
    raw.executemany(f"INSERT INTO {table.name} ({into}) VALUES ({', '.join(marks)})", rows)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _to_postgres(
    raw: Any, table: Table, columns: Sequence[str], fixed: dict[str, Any], rows: Iterable[tuple[Any, ...]]
) -> None:
    spell = [_spelling(table.columns[name]) for name in columns]
    tail = "".join(f"\t{_spelling(table.columns[name])(value)}" for name, value in fixed.items()) + "\n"
    names = ", ".join(f'"{one}"' for one in (*columns, *fixed))
    with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            values = ["\\N" if value is None else say(value) for say, value in zip(spell, row, strict=True)]
            copy.write("\t".join(values) + tail)


def _spelling(column: Any) -> Callable[[Any], str]:
    if isinstance(column.type, Exact):
        unit, places = 10**column.type.places, column.type.places
        return lambda value: f"{'-' * (value < 0)}{abs(value) // unit}.{abs(value) % unit:0{places}}"
    if isinstance(column.type, Boolean):
        return lambda value: "t" if value else "f"
    if isinstance(column.type, DateTime | Moment):
        return lambda value: f"{value}+00"
    return str


class Load:
    """A connection with its tables, without the checks that the program makes itself for each row."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.tables = engine, dict[str, Rows]()

    def __enter__(self) -> Self:
        self._connection = self.engine.raw_connection()
        self.raw: Any = self._connection.driver_connection
        postgres = self.engine.dialect.name == "postgresql"
        settings = (
            ("SET session_replication_role = replica", "SET statement_timeout = 0", "SET synchronous_commit = off")
            if postgres
            else ("PRAGMA foreign_keys=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000")
        )
        raw: Any = self.raw
        for one in settings:
            raw.execute(one)
        if not postgres:
            raw.execute("BEGIN IMMEDIATE")
        return self

    def rows(self, table: Any, *columns: str) -> Rows:
        """Rows of an entity's table."""
        made = Rows(self.engine, table.__table__, columns)
        self.tables[table.__table__.name] = made
        return made

    def flush(self, least: int = BATCH) -> None:
        """Write what is gathered, in all tables."""
        for rows in self.tables.values():
            rows.flush(self.raw, least)

    def __exit__(self, kind: Any, *_: object) -> None:
        if kind is None:
            self.flush(1)
            self.raw.commit()
        self._connection.invalidate()
