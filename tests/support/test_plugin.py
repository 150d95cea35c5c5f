"""What the plug-in promises of a whole run: nothing is left out in silence, and in CI nothing at all."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.support.processes import is_running

PROJECT = Path(__file__).parents[2]

TESTS = """
import pytest

@pytest.mark.postgres
def test_needs_postgres(databases):
    assert databases.empty("postgres")

@pytest.mark.browser
def test_needs_a_browser(page):
    pass

def test_needs_both_kinds(database_url):
    assert database_url

def test_needs_nothing():
    pass
"""

PAGE = """
import pytest

@pytest.mark.browser
def test_page(page):
    page.goto("data:text/html,<script>console.error('no funding strip')</script>")
"""


def run(folder: Path, tests: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run tests in a run of their own, which has this plug-in and nothing else of the project's."""
    file = folder / "test_sample.py"
    file.write_text(tests)
    plugins = ["-p", "tests.support.browser", "-p", "tests.support.plugin", "-p", "no:cacheprovider"]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "PURSER_")) and k != "CI"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "-o", "addopts=", f"--rootdir={folder}", *arguments, str(file)],
        cwd=PROJECT,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


NOTHING = {"PURSER_CHROMIUM": "/nowhere", "PURSER_POSTGRES_BIN": "/nowhere"}


@pytest.mark.parametrize("parallel", [(), ("-n", "2")], ids=["alone", "two-processes"])
def test_what_cannot_run_is_left_out_and_named(tmp_path, parallel):
    done = run(tmp_path, TESTS, *parallel, **NOTHING)
    assert done.returncode == 0, done.stdout
    assert re.search(r"\b2 passed", done.stdout)
    assert "2 tests need PostgreSQL and did not run." in done.stdout
    assert "1 test needs Chromium and did not run." in done.stdout
    assert "apt-get install postgresql" in done.stdout
    assert "apt-get install chromium" in done.stdout


def test_in_ci_what_cannot_run_fails(tmp_path):
    done = run(tmp_path, TESTS, CI="true", **NOTHING)
    assert done.returncode == 1
    assert re.search(r"\b1 failed, 2 passed, 2 errors", done.stdout)
    assert "PostgreSQL was not found" in done.stdout
    assert "Chromium was not found" in done.stdout


@pytest.mark.browser
def test_an_error_in_the_console_fails_the_test(tmp_path):
    done = run(tmp_path, PAGE)
    assert done.returncode == 1
    assert re.search(r"\b1 failed", done.stdout)
    assert "console: no funding strip" in done.stdout


@pytest.mark.postgres
def test_a_run_leaves_nothing_behind(tmp_path):
    tests = "def test_where(databases):\n    print('URL', databases.empty('postgres'))\n"
    done = run(tmp_path, tests, "-s")
    assert done.returncode == 0, done.stdout
    folder = Path(re.search(r"host=(\S+)", done.stdout)[1])
    assert folder.name == "postgres"
    assert not folder.parent.exists()


@pytest.mark.postgres
@pytest.mark.parametrize("server_too", [False, True], ids=["the-run", "the-run-and-its-server"])
def test_a_killed_run_is_cleaned_up_by_the_next(tmp_path, server_too):
    tests = (
        "import os, signal\n\n"
        "def test_where(databases):\n"
        "    print('URL', databases.empty('postgres'), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = run(tmp_path, tests, "-s")
    assert done.returncode == -9
    folder = Path(re.search(r"host=(\S+)", done.stdout)[1])
    server = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    assert is_running(server)
    if server_too:
        os.killpg(os.getpgid(server), signal.SIGKILL)
    assert run(tmp_path, "def test_nothing():\n    pass\n").returncode == 0
    assert not folder.exists()
    assert not is_running(server)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_copied_database_is_filled_once(databases, kind):
    filled = []

    def fill(url: str) -> None:
        filled.append(url)
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE strip (id INTEGER)"))
            connection.execute(text("INSERT INTO strip VALUES (1)"))
        engine.dispose()

    urls = [databases.copy(kind, f"sample_{kind}", fill) for _ in range(2)]
    assert len(set(urls)) == 2
    assert len(filled) == 1
    for url in urls:
        engine = create_engine(url)
        with engine.begin() as connection:
            assert connection.execute(text("DELETE FROM strip")).rowcount == 1
        engine.dispose()
        databases.drop(url)


CHANGES = (
    "INSERT INTO thing (name) VALUES ('another')",
    "UPDATE thing SET name = 'other'",
    "DELETE FROM thing",
    "TRUNCATE thing",
    "ALTER TABLE thing ADD more integer",
    "DROP TABLE thing",
    "CREATE TABLE beside (id integer)",
    "DROP INDEX thing_name",
    "ALTER TABLE thing DISABLE TRIGGER USER",
    "SELECT nextval('thing_id_seq')",
    "SELECT 1",
)


def a_thing(url: str) -> None:
    """A table with a row, a counter, an index and a trigger."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in (
            "CREATE TABLE thing (id serial PRIMARY KEY, name text)",
            "CREATE INDEX thing_name ON thing (name)",
            "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
            "CREATE TRIGGER watch BEFORE INSERT ON thing FOR EACH ROW EXECUTE FUNCTION nothing()",
            "INSERT INTO thing (name) VALUES ('first')",
        ):
            connection.execute(text(statement))
    engine.dispose()


@pytest.mark.postgres
def test_a_database_is_put_back_whatever_was_done_to_it(databases):
    url = databases.copy("postgres", "thing", a_thing)
    for change in (*CHANGES, *CHANGES):
        databases.renew(url, "thing", a_thing)
        engine = create_engine(url)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT id, name FROM thing")).all() == [(1, "first")], change
            assert connection.scalar(text("SELECT last_value FROM thing_id_seq")) == 1
            tables = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname"
            assert connection.scalars(text(tables)).all() == ["thing", "thing_id_seq", "thing_name", "thing_pkey"]
            assert connection.scalars(text("SELECT tgenabled FROM pg_trigger")).all() == ["O"]
            columns = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'thing'::regclass AND attnum > 0"
            assert connection.scalar(text(columns)) == 2
        with engine.begin() as connection:
            connection.execute(text(change))
        engine.dispose()
