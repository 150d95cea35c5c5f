"""The database's shape: brought up to date, compared with the entities, and changed by a migration.

Migrations are files named after what they do, `migrations/versions/0007_a_sentence.py`, numbered in
the order in which they run. `make migration m="a sentence"` writes the next one; read it before use.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata, renderers
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import ops
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import (
    CheckConstraint,
    Connection,
    Engine,
    ForeignKeyConstraint,
    MetaData,
    TypeDecorator,
    create_engine,
    inspect,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from .engine import engine_options, install
from .sampling import sample

SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"

# Two setups at once take turns: any number will do, as long as nothing else uses it.
SETUP_LOCK = 815003

# The search index of the items is SQLite's own kind of table, made by hand in its migration.
NOT_OURS = "item_search"


def upgrade(app: Flask, revision: str = "head") -> None:
    """Bring the application's database up to date: all of the pending migrations or none of them."""
    with app.app_context():
        upgrade_engine(app.extensions["sqlalchemy"].engine, revision)


def upgrade_engine(engine: Engine, revision: str = "head") -> None:
    """The same for a database without an application around it."""
    with alone(engine) as connection:
        before = MigrationContext.configure(connection).get_current_revision()
        command.upgrade(alembic(connection), revision)
        if MigrationContext.configure(connection).get_current_revision() != before:
            sample(connection)


def head() -> str:
    """The revision that this version of the program needs."""
    found = ScriptDirectory(str(SCRIPTS)).get_current_head()
    assert found is not None, "there are migrations"
    return found


def knows(revision: str) -> bool:
    """Is this a revision that this version of the program can bring up to date? A newer one is not."""
    return any(script.revision == revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions())


def compare(app: Flask) -> list[Any]:
    """How the entities differ from the database; an empty list when migrations and entities agree.

    Alembic's differences, and besides a `("add_check" | "remove_check", table, name)` for each rule
    in a table that only one side knows.
    """
    with app.app_context(), app.extensions["sqlalchemy"].engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options())
        return [*compare_metadata(context, metadata()), *compare_checks(connection, metadata())]


def revision(message: str) -> Path:
    """Write the next migration, from what the entities have and the migrations so far do not."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/draft.db"
        engine = create_engine(url, **engine_options(url))
        install(engine)
        try:
            upgrade_engine(engine)
            with engine.connect() as connection:
                script = command.revision(alembic(connection), message=message, autogenerate=True)
        finally:
            engine.dispose()
    return Path(script.path)  # type: ignore[union-attr]  # one revision was asked for, and not a list


def metadata() -> MetaData:
    """All tables: Purser's and those of Flask-AppBuilder's people and permissions."""
    import_module("app.models")  # first: it says how constraints are named
    import_module("flask_appbuilder.security.sqla.models")
    return import_module("flask_appbuilder").Model.metadata


def options() -> dict[str, Any]:
    """How Alembic compares and writes; for `compare` and for migrations/env.py alike."""
    return {
        "target_metadata": metadata(),
        "compare_type": True,
        "include_object": is_ours,
        "render_as_batch": True,  # SQLite changes a table by making a new one
        "transactional_ddl": True,  # so does ours, since we begin transactions ourselves
        "process_revision_directives": finish,
        "render_item": render,
    }


def is_ours(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Does Alembic look after this table or index?"""
    table = name if kind == "table" else getattr(getattr(item, "table", None), "name", None)
    return not (table or "").startswith(NOT_OURS) and not (name or "").startswith(NOT_OURS)


def finish(context: MigrationContext, revisions: Any, directives: list[Any]) -> None:
    """Number the next migration by its place in the row, 0001, 0002, …, and close circles of references."""
    for script in directives:
        script.rev_id = f"{len(list((SCRIPTS / 'versions').glob('[0-9]*_*.py'))) + 1:04d}"
        created = [op.to_table() for op in script.upgrade_ops.ops if isinstance(op, ops.CreateTableOp)]
        circles = [key for table in created for key in table.foreign_key_constraints if key.use_alter]
        script.upgrade_ops.ops.extend(CloseCircle(key, opened=False) for key in circles)
        script.downgrade_ops.ops[:0] = [CloseCircle(key, opened=True) for key in circles]


class CloseCircle(ops.MigrateOperation):
    """A foreign key between tables that refer to each other (`use_alter`).

    SQLite takes it with the first table; PostgreSQL wants the other one to exist, and Alembic forgets it.
    """

    def __init__(self, key: ForeignKeyConstraint, opened: bool):
        self.key = key
        self.opened = opened

    def lines(self) -> list[str]:
        """The migration's own words for it."""
        name, table = str(self.key.name), self.key.table.name
        other = self.key.elements[0].target_fullname.rsplit(".", 1)[0]
        columns, others = self.key.column_keys, [part.target_fullname.rsplit(".", 1)[1] for part in self.key.elements]
        do = f'op.create_foreign_key(op.f("{name}"), "{table}", "{other}", {columns!r}, {others!r})'
        undo = f'op.drop_constraint(op.f("{name}"), "{table}", type_="foreignkey")'
        return ['if op.get_bind().dialect.name != "sqlite":', undo if self.opened else do, ""]


@renderers.dispatch_for(CloseCircle)
def write_circle(context: Any, circle: CloseCircle) -> list[str]:
    """How Alembic writes it into the file."""
    return circle.lines()


def render(kind: str, item: Any, context: Any) -> str | bool:
    """Write our own types as what they are in the database, so that an old migration outlives a renamed class."""
    if kind != "type" or not isinstance(item, TypeDecorator) or not type(item).__module__.startswith("app."):
        return False
    dialects = (postgresql.dialect(), sqlite.dialect())
    usual, small = (f"sa.{item.load_dialect_impl(dialect).as_generic()!r}" for dialect in dialects)
    return usual if usual == small else f'{usual}.with_variant({small}, "sqlite")'


def alembic(connection: Connection) -> Config:
    """Alembic's settings: there is no alembic.ini, the connection comes from us."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(SCRIPTS / "versions").replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("truncate_slug_length", "80")
    config.attributes["connection"] = connection
    return config


@contextmanager
def alone(engine: Engine) -> Iterator[Connection]:
    """One transaction in which nobody else changes the database's shape."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # A migration of a large table takes as long as it takes; only waiting for others has an end.
            with connection.begin():
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SET LOCAL lock_timeout = '60s'"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": SETUP_LOCK})
                yield connection
            return
        # SQLite remakes a table by copying and dropping it: with foreign keys on, dropping would delete
        # what refers to it. They cannot be switched inside a transaction; we check them before we commit.
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                    tables = ", ".join(sorted({f"{row[0]} to {row[2]}" for row in broken}))
                    raise RuntimeError(f"The migration leaves references that lead nowhere, from {tables}.")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def compare_checks(connection: Connection, tables: MetaData) -> list[tuple[str, str, str]]:
    """Alembic overlooks CHECK constraints, and ours are walls: compare them by name."""
    inspector = inspect(connection)
    existing = set(inspector.get_table_names())
    differences: list[tuple[str, str, str]] = []
    for table in tables.sorted_tables:
        if table.name not in existing or table.name.startswith(NOT_OURS):
            continue
        rules = [*table.constraints, *(rule for column in table.columns for rule in column.constraints)]
        wanted = {str(rule.name) for rule in rules if isinstance(rule, CheckConstraint) and rule.name}
        found = {str(check["name"]) for check in inspector.get_check_constraints(table.name) if check["name"]}
        differences += [("add_check", table.name, name) for name in sorted(wanted - found)]
        differences += [("remove_check", table.name, name) for name in sorted(found - wanted)]
    return differences


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["revision", message]:
            print(revision(message))
        case _:
            sys.exit('usage: python -m app.migrate revision "a sentence"')
