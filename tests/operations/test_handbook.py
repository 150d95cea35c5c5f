"""What `docs/operations.md` tells an operator to type is there to be typed."""

import re

import pytest

from app.jobs import JOBS
from app.screens import health
from tests.operations.reading import PROJECT, UNITS, commands_in, known_settings, problem_with, settings_in

TEXT = (PROJECT / "docs" / "operations.md").read_text()
README = (PROJECT / "README.md").read_text()


@pytest.mark.parametrize("text", [TEXT, README], ids=["operations", "readme"])
def test_every_command_exists_with_its_options(world, text):
    commands = commands_in(text)
    assert not [problem for words in commands if (problem := problem_with(world.app, words))]


def test_the_commands_that_matter_are_told():
    told = {" ".join(words[:2]) for words in commands_in(TEXT)}
    wanted = {"backup make", "backup verify", "backup restore", "audit head", "audit verify", "setup", "first-admin"}
    assert wanted | {"reconcile", "jobs list", "lost-factor ada"} <= told


@pytest.mark.parametrize("text", [TEXT, README], ids=["operations", "readme"])
def test_every_setting_is_one_that_is_read(text):
    assert settings_in(text) <= known_settings() and settings_in(text)


def test_every_setting_of_backups_and_logs_is_told():
    assert {
        "PURSER_BACKUPS",
        "PURSER_LOG",
        "PURSER_TRUSTED_HOSTS",
        "PURSER_PROXY_HOPS",
        "PURSER_METRICS_TOKEN",
    } <= settings_in(TEXT)


def test_files_of_the_program_that_are_named_are_there():
    named = set(
        re.findall(r"(?<![\w/.-])((?:deploy|docs|app|tools)/[\w./-]+\w|config\.py|run\.py|compose\.yaml)", TEXT)
    )
    assert len(named) > 4
    assert not [name for name in named if not list(PROJECT.glob(name if "*" in name else f"{name}*"))]


def test_units_that_are_named_are_delivered():
    named = set(re.findall(r"purser-\w+\.(?:service|timer)", TEXT))
    assert named == {path.name for path in UNITS}
    for words in re.findall(r"systemctl (?:stop|start) ([\w -]+)", TEXT):
        assert {f"{word}.service" for word in words.split()} <= {path.name for path in UNITS}


def test_figures_and_addresses_that_are_to_be_watched_exist(world):
    client = world.app.test_client()
    figures = client.get("/metrics").text
    for name in set(re.findall(r"purser_[a-z]+_[a-z_]+", TEXT)):
        assert name in figures, name
    for path in set(re.findall(r"`(/[a-z]+)`", TEXT)):
        assert client.get(path).status_code == 200, path
    assert health.UNTOLD
    for job in set(re.findall(r'\{job="(\w+)"\}|for `(head|backup)`', TEXT)):
        assert "".join(job) in JOBS


def test_words_that_are_quoted_are_said(world):
    from tests.operations.conftest import command

    source = "\n".join(path.read_text() for path in (PROJECT / "app").rglob("*.py"))
    for words in ("NOT CHECKED", "Take the second factor away", "was changed"):
        assert words in TEXT.replace("\n", " ") and words in source
    assert command(world.app, "reconcile") == (0, "The books agree.\n")
    assert command(world.app, "audit", "verify") == (0, "The trail is whole.\n")
    assert command(world.app, "jobs", "list")[0] == 0
