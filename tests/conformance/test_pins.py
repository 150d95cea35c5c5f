"""Versions: what runs here was chosen, and what would break us is kept out."""

import re
from importlib.metadata import requires, version
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PINS = dict(
    re.findall(r"^([A-Za-z0-9_.\[\]-]+)==([^\s;\\]+)", (PROJECT / "requirements.txt").read_text(), re.MULTILINE)
)
PLAIN = {re.sub(r"\[.*\]", "", name).lower().replace("_", "-"): pin for name, pin in PINS.items()}


def test_requirements_are_pinned_to_one_version_each():
    lines = [
        line
        for line in (PROJECT / "requirements.txt").read_text().splitlines()
        if line.strip() and not line.lstrip().startswith(("#", "-", "--hash"))
    ]
    assert lines
    assert not [line for line in lines if "==" not in line]


@pytest.mark.parametrize(
    "name", ["flask-appbuilder", "wtforms", "sqlalchemy", "flask", "reportlab", "apscheduler", "alembic", "tzdata"]
)
def test_what_we_build_on_is_pinned_and_is_what_runs(name):
    assert PLAIN[name] == version(name)


def test_flask_appbuilder_is_the_one_that_we_measured():
    """The layer over it (screens/base.py, screens/security.py) was written against 5.3."""
    major, minor, *_ = map(int, version("flask-appbuilder").split("."))
    assert (major, minor) == (5, 3)


def test_wtforms_still_has_its_date_and_time_field():
    """WTForms 3.4 takes it away, and Flask-AppBuilder 5.3 does not forbid 3.4."""
    major, minor, *_ = map(int, version("wtforms").split("."))
    assert (major, minor) == (3, 3)
    assert any("wtforms" in one.lower() for one in requires("flask-appbuilder") or [])
