"""A number that the office may set and nobody reads would be a promise without anything behind it."""

from pathlib import Path

import pytest

from app.rules.policies import SETTINGS

APP = Path(__file__).parents[2] / "app"
PROGRAM = [path.read_text() for path in sorted(APP.rglob("*.py")) if path != APP / "rules" / "policies.py"]


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_asked_for_somewhere(name):
    assert any(f'"{name}"' in source for source in PROGRAM), name
