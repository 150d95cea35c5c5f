"""What a start finds out before it loads the application: is there anything to set up?"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path):
    """A small project with two migrations, in a folder with a space."""
    folder = tmp_path / "our purser"
    for name in ("tools", "app", "migrations/versions", "var"):
        (folder / name).mkdir(parents=True)
    shutil.copy(PROJECT / "tools" / "state.py", folder / "tools")
    for name in ("app/models.py", "migrations/versions/0001_first.py", "migrations/versions/0002_second.py"):
        (folder / name).write_text("")
    return folder


@pytest.fixture
def ask(project, database_url):
    """`ask()` for the state of the database, or `ask("done")`."""

    def answer(*arguments: str) -> str:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PURSER_")}
        done = subprocess.run(
            [sys.executable, "tools/state.py", *arguments],
            cwd=project,
            env=clean | {"PURSER_DATABASE_URL": database_url.replace("+psycopg", "")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return answer


@pytest.fixture
def migrated_to(database_url):
    """`migrated_to("0002")`: pretend that the migrations up to this one have run."""

    def migrate(number: str) -> None:
        engine = create_engine(database_url)
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:number)"), {"number": number})
        engine.dispose()

    return migrate


def test_an_empty_database_is_set_up(ask, project):
    before = sorted(project.rglob("*"))
    assert ask() == "first"
    assert sorted(project.rglob("*")) == before


def test_once_set_up_nothing_is_to_do(ask, migrated_to):
    migrated_to("0002")
    assert ask() == "stale"  # set up, but nobody noted by what
    ask("done")
    assert ask() == "current"


def test_an_interrupted_first_start_is_one_again(ask, migrated_to, project):
    migrated_to("0002")
    ask("done")
    (project / "var" / "first-start-unfinished").touch()
    assert ask() == "first"


@pytest.mark.parametrize("file", ["app/models.py", "app/new.py", "migrations/versions/0003_third.py"])
def test_another_version_of_purser_is_set_up(ask, migrated_to, project, file):
    migrated_to("0002")
    ask("done")
    (project / file).write_text("changed = True\n")
    assert ask() == "stale"


def test_a_restored_older_database_is_set_up(ask, migrated_to):
    migrated_to("0002")
    ask("done")
    migrated_to("0001")
    assert ask() == "stale"
