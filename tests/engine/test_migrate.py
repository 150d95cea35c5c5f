"""Migrations: they make what the entities say, all or nothing, and differences do not go unnoticed."""

import importlib.util
import shutil
import sqlite3
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    TypeDecorator,
    create_engine,
    inspect,
    text,
)
from sqlalchemy.exc import IntegrityError

from app import migrate
from app.engine import engine_options, install

PROJECT = Path(__file__).parents[2]


class Exact(TypeDecorator[Decimal]):
    """A type of our own that is not the same on both databases."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else Numeric(14, 2))


Exact.__module__ = "app.entities.base"


def tables(*more) -> MetaData:
    """A basket and its lines, which know each other; `more` is added to the basket."""
    metadata = MetaData()
    Table(
        "basket",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("total", Exact, nullable=False),
        CheckConstraint("total >= 0", name="total_is_not_negative"),
        Column("first_line_id", ForeignKey("line.id", name="fk_first_line", use_alter=True)),
        *more,
    )
    Table(
        "line",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("basket_id", ForeignKey("basket.id", ondelete="CASCADE"), nullable=False),
    )
    return metadata


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """A folder of migrations of its own, and entities that a test may choose."""
    shutil.copytree(PROJECT / "migrations", tmp_path / "migrations", ignore=shutil.ignore_patterns("0*", "__pycache__"))
    (tmp_path / "migrations" / "versions").mkdir(exist_ok=True)
    monkeypatch.setattr(migrate, "SCRIPTS", tmp_path / "migrations")
    monkeypatch.setattr(migrate, "metadata", tables)
    return tmp_path / "migrations" / "versions"


@pytest.fixture
def app(database_url):
    """As much of an application as a migration needs."""
    engine = create_engine(database_url, **engine_options(database_url))
    install(engine)
    app = Flask(__name__)
    app.extensions["sqlalchemy"] = type("Database", (), {"engine": engine})
    yield app
    engine.dispose()


@pytest.fixture
def engine(app):
    return app.extensions["sqlalchemy"].engine


def execute(engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_pursers_migrations_make_what_the_entities_say(app):
    migrate.upgrade(app)
    assert migrate.compare(app) == []


def test_migrations_are_named_by_number_and_sentence(scripts):
    first = migrate.revision("A basket has lines")
    second = migrate.revision("A basket has a buyer")
    assert [first.name, second.name] == ["0001_a_basket_has_lines.py", "0002_a_basket_has_a_buyer.py"]
    assert 'down_revision = "0001"' in second.read_text().replace("'", '"')


def test_a_migration_makes_the_same_on_both_databases(scripts, app, engine, is_postgres):
    file = migrate.revision("A basket has lines")
    assert "app." not in file.read_text()  # an old migration must not depend on a class that may be renamed
    migrate.upgrade(app)
    assert migrate.compare(app) == []
    with pytest.raises(IntegrityError):
        execute(engine, "INSERT INTO basket VALUES (1, 0, 99)")
    with pytest.raises(IntegrityError):
        execute(engine, "INSERT INTO basket VALUES (1, -1, NULL)")
    total = inspect(engine).get_columns("basket")[1]["type"]
    assert isinstance(total, Numeric if is_postgres else BigInteger)


def test_upgrading_twice_changes_nothing(scripts, app):
    migrate.revision("A basket has lines")
    migrate.upgrade(app)
    migrate.upgrade(app)
    assert migrate.compare(app) == []


def test_two_setups_at_once_take_turns(scripts, database_url):
    migrate.revision("A basket has lines")
    errors = []

    def setup() -> None:
        engine = create_engine(database_url, **engine_options(database_url))
        install(engine)
        try:
            migrate.upgrade_engine(engine)
        except Exception as error:
            errors.append(error)
        engine.dispose()

    threads = [threading.Thread(target=setup) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ("ALTER TABLE basket ADD COLUMN note VARCHAR(10)", "remove_column"),
        ("CREATE TABLE stray (id INTEGER)", "remove_table"),
        ("CREATE INDEX by_total ON basket (total)", "remove_index"),
        ("DROP TABLE line", "add_table"),
    ],
)
def test_a_database_that_somebody_changed_by_hand_is_noticed(scripts, app, engine, is_postgres, change, difference):
    migrate.revision("A basket has lines")
    migrate.upgrade(app)
    execute(engine, change + " CASCADE" * (is_postgres and change.startswith("DROP")))
    assert difference in str(migrate.compare(app))


@pytest.mark.parametrize(
    ("more", "difference"),
    [
        (lambda: Column("title", String(80)), "add_column"),
        (lambda: CheckConstraint("total < 9", name="total_is_small"), "('add_check', 'basket', 'total_is_small')"),
        # Alembic does not write a rule that stands with its column, so that this is what its author is told.
        (
            lambda: Column("n", Integer, CheckConstraint("n < 9", name="n_is_small")),
            "('add_check', 'basket', 'n_is_small')",
        ),
    ],
)
def test_an_entity_without_its_migration_is_noticed(scripts, app, monkeypatch, more, difference):
    migrate.revision("A basket has lines")
    migrate.upgrade(app)
    monkeypatch.setattr(migrate, "metadata", lambda: tables(more()))
    assert difference in str(migrate.compare(app))


def test_the_search_index_is_left_alone(scripts, app, engine):
    migrate.revision("A basket has lines")
    migrate.upgrade(app)
    execute(engine, "CREATE TABLE item_search_data (id INTEGER)", "CREATE INDEX item_search_x ON basket (total)")
    assert migrate.compare(app) == []


def write(folder: Path, number: int, body: str) -> None:
    """A migration as somebody might write it by hand."""
    before = f'"{number - 1:04d}"' if number > 1 else "None"
    (folder / f"{number:04d}_by_hand.py").write_text(
        f'"""By hand."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = "{number:04d}"\n'
        f"down_revision = {before}\n\n\ndef upgrade():\n    {body}\n"
    )


def test_a_failed_migration_leaves_nothing_behind(scripts, app, engine):
    write(scripts, 1, 'op.create_table("basket", sa.Column("id", sa.Integer, primary_key=True))')
    write(scripts, 2, 'op.execute("CREATE TABLE other (id INTEGER)"); op.execute("INSERT INTO nowhere VALUES (1)")')
    with pytest.raises(Exception, match="nowhere"):
        migrate.upgrade(app)
    assert inspect(engine).get_table_names() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_remaking_a_table_deletes_nothing_that_refers_to_it(scripts, app, engine, database_url):
    """SQLite changes a column by copying the table and dropping the old one, which would cascade."""
    migrate.revision("A basket has lines")
    migrate.upgrade(app)
    execute(engine, "INSERT INTO basket VALUES (1, 5, NULL)", "INSERT INTO line VALUES (7, 1)")
    remake = (
        'with op.batch_alter_table("basket", recreate="always") as batch: batch.add_column(sa.Column("note", sa.Text))'
    )
    write(scripts, 2, remake)
    migrate.upgrade(app)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT id, basket_id FROM line")).all() == [(7, 1)]
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_migration_that_orphans_rows_is_refused(scripts, app, engine, database_url):
    migrate.revision("A basket has lines")
    migrate.upgrade(app)
    execute(engine, "INSERT INTO basket VALUES (1, 5, NULL)", "INSERT INTO line VALUES (7, 1)")
    write(scripts, 2, 'op.execute("DELETE FROM basket")')
    with pytest.raises(RuntimeError, match="line to basket"):
        migrate.upgrade(app)
    with sqlite3.connect(engine.url.database) as outside:
        assert outside.execute("SELECT count(*) FROM basket").fetchone() == (1,)
    outside.close()


def test_every_migration_is_numbered_in_order():
    files = sorted((PROJECT / "migrations" / "versions").glob("*.py"))
    revisions = []
    for file in files:
        spec = importlib.util.spec_from_file_location(file.stem, file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        revisions.append((module.revision, module.down_revision))
    names = [f"{number:04d}" for number in range(1, len(files) + 1)]
    assert [file.name[:4] for file in files] == names
    assert revisions == list(zip(names, [None, *names], strict=False))
