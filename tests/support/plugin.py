"""What every test may ask for: databases of both kinds, a browser, and a folder of the run's own.

Where PostgreSQL or Chromium is missing, the tests that need it are left out and the last lines say
so. With CI=true nothing is left out: those tests run, fail and say what is missing.
"""

import gc
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from . import browser, postgres
from .databases import KINDS, Databases

FOLDER = pytest.StashKey[Path]()
LEFT_OUT = pytest.StashKey[dict[str, int]]()

SLOW = ("tests/browser/", "tests/engine/test_run.py", "tests/scenarios/test_demo")
"""What drives a browser, starts the whole program or fills a demonstration."""

KEPT_SETTINGS = {"PURSER_CHROMIUM", "PURSER_POSTGRES_BIN"}

MARKERS = (
    "postgres: needs a PostgreSQL server; a throwaway one is started for the run",
    "browser: needs Chromium",
)

# marker: (what it is, is it here, how to get it)
NEEDS = {
    "postgres": ("PostgreSQL", postgres.find_binaries, postgres.HOW_TO_ADD),
    "browser": ("Chromium", browser.find_chromium, browser.HOW_TO_ADD),
}


def pytest_configure(config: pytest.Config) -> None:
    """One folder for the run, shared by its processes; Purser's own files go there, never into var/."""
    config.stash[LEFT_OUT] = {}
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if hasattr(config, "workerinput"):
        folder = Path(config.workerinput["purser_folder"])
    else:
        sweep()
        # Not pytest's own temporary folder: a socket's path may have 107 characters at most.
        folder = Path(tempfile.mkdtemp(prefix="purser-tests-", dir="/tmp"))
        folder.chmod(0o755)
        (folder / "owner").write_text(str(os.getpid()))
    config.stash[FOLDER] = folder
    for name in [name for name in os.environ if name.startswith("PURSER_") and name not in KEPT_SETTINGS]:
        del os.environ[name]  # the tests must never meet the database of an office
    os.environ["PURSER_VAR"] = str(folder / "var")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: "pytest.Item") -> None:
    node.workerinput["purser_folder"] = str(node.config.stash[FOLDER])  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    if FOLDER in config.stash and not hasattr(config, "workerinput"):
        remove(config.stash[FOLDER])


def stays() -> None:
    """What is in memory now stays as long as the run. To look through it for what is of no use took a tenth of the run."""
    gc.collect()
    gc.freeze()


def sweep() -> None:
    """Clean up after runs that were killed before they could."""
    for folder in Path("/tmp").glob("purser-tests-*"):
        with suppress(OSError, ValueError):
            owner = int((folder / "owner").read_text())
            if folder.stat().st_uid == os.geteuid() and not alive(owner):
                remove(folder)


def alive(pid: int) -> bool:
    """Is there still a process of this number?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def remove(folder: Path) -> None:
    """Stop the server that runs in the folder of a run and delete it."""
    postgres.Cluster(folder).stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # What takes longest comes early, dealt out in turns, so that no process is left with it alone at the end. Of two
    # processes the second has a share of quick ones first: otherwise it would only wait for the demonstration, which the
    # first one makes for both.
    slow = [item for item in items if any(part in item.nodeid for part in SLOW)]
    quick = [item for item in items if item not in set(slow)]
    middle, share = len(quick) // 2, len(quick) // 6
    items[:] = [*slow[::2], *quick[:middle], *quick[middle : middle + share], *slow[1::2], *quick[middle + share :]]
    if os.environ.get("CI") == "true":
        return
    missing = {marker for marker, (_, is_here, _) in NEEDS.items() if not is_here()}
    needs = {item: missing & {mark.name for mark in item.iter_markers()} for item in items}
    if out := [item for item in items if needs[item]]:
        config.stash[LEFT_OUT] = dict(Counter(marker for item in out for marker in needs[item]))
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if not needs[item]]


def pytest_collection_finish() -> None:
    stays()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["purser_left_out"] = session.config.stash[LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: "pytest.Item") -> None:
    # Each worker collects all tests, so that each one tells of the same.
    told = getattr(node, "workeroutput", None) or {}
    node.config.stash[LEFT_OUT].update(told.get("purser_left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for marker, count in sorted(config.stash[LEFT_OUT].items()):
        name, _, how = NEEDS[marker]
        terminalreporter.section(f"{name} was not found", yellow=True)
        terminalreporter.line(f"{count} test{'s need' if count > 1 else ' needs'} {name} and did not run.")
        terminalreporter.line(f"To run {'them' if count > 1 else 'it'}: {how}.")


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases:
    """New databases of either kind; see `Databases`."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return Databases(request.config.stash[FOLDER], worker)


@pytest.fixture(params=[pytest.param(kind, marks=[pytest.mark.postgres] * (kind == "postgres")) for kind in KINDS])
def database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """An empty database; the test runs once on SQLite and once on PostgreSQL."""
    url = databases.empty(request.param)
    yield url
    databases.drop(url)


@pytest.fixture
def is_postgres(database_url: str) -> bool:
    """Is `database_url` the PostgreSQL one?"""
    return make_url(database_url).get_backend_name() == "postgresql"
