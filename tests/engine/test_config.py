"""The settings of an installation: sensible without any, strict in production, and kept between starts."""

import json
import os
import runpy
import stat
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
REAL_KEY = "0f3d5c7a9b1e2468ace013579bdf02468ace13579bdf02468ace13579bdf0246"


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """`settings(PORT="81")`: the settings that this environment gives, in an installation of its own."""
    for name in [name for name in os.environ if name.startswith("PURSER_") or name == "PORT"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PURSER_VAR", str(tmp_path / "var"))

    def read(**environment: str) -> dict:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            return runpy.run_path(str(PROJECT / "config.py"))

    return read


def refusal(settings, **environment: str) -> str:
    """The sentence with which a bad setting ends the program."""
    with pytest.raises(SystemExit) as refused:
        settings(**environment)
    assert isinstance(refused.value.code, str), "a number would say nothing to anybody"
    return refused.value.code


def test_nothing_set_is_a_working_installation(settings, tmp_path):
    config = settings()
    assert config["SQLALCHEMY_DATABASE_URI"].database == str(tmp_path / "var" / "purser.db")
    assert (config["PORT"], config["OFFICE_NAME"]) == (8080, "Central Purchasing Office")
    assert (config["TIME_ZONE"], config["HOLIDAYS"]) == ("America/New_York", "US-KY")
    assert config["SESSION_COOKIE_SECURE"] is False


def test_set_but_empty_is_not_set(settings):
    assert settings(PORT="", PURSER_TIME_ZONE=" ", PURSER_TRUSTED_HOSTS="")["TRUSTED_HOSTS"] is None


def test_settings_are_read(settings):
    config = settings(
        PURSER_DATABASE_URL="postgresql://clerk:pw@db/purser",
        PURSER_TRUSTED_HOSTS="purser.example.gov, buy.example.gov",
        PURSER_PROXY_HOPS="2",
        PORT="9000",
    )
    assert config["SQLALCHEMY_DATABASE_URI"].drivername == "postgresql+psycopg"
    assert "timezone=UTC" in config["SQLALCHEMY_ENGINE_OPTIONS"]["connect_args"]["options"]
    assert config["TRUSTED_HOSTS"] == ["purser.example.gov", "buy.example.gov"]
    assert (config["PROXY_HOPS"], config["PORT"]) == (2, 9000)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PURSER_PROXY_HOPS", "1.5"),
        ("PURSER_TIME_ZONE", "Mars/Olympus_Mons"),
        ("PURSER_TIME_ZONE", "../etc/passwd"),
    ],
)
def test_a_setting_without_sense_is_named(settings, name, value):
    message = refusal(settings, **{name: value})
    assert name in message
    assert value in message


def test_the_first_run_makes_keys_that_stay_and_are_private(settings, tmp_path):
    first, second = settings(), settings()
    assert first["SECRET_KEY"] == second["SECRET_KEY"]
    assert first["KEYS"] == second["KEYS"]
    assert set(first["KEYS"]) == {"field", "index", "audit", "bids"}
    every_key = [key for ring in first["KEYS"].values() for key in ring["keys"].values()]
    assert {len(key) for key in every_key} == {32}
    assert len(set(every_key)) == 4
    for file in ("secret_key", "keys.json"):
        assert stat.S_IMODE((tmp_path / "var" / file).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700
    assert sorted(file.name for file in (tmp_path / "var").iterdir()) == ["keys.json", "secret_key"]


def test_workers_that_start_together_agree_on_the_keys(tmp_path):
    show = "import config; print(config.SECRET_KEY, config.KEYS)"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PURSER_")}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", show],
            cwd=PROJECT,
            env=clean | {"PURSER_VAR": str(tmp_path / "var")},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    assert len({worker.communicate()[0] for worker in workers}) == 1
    assert [worker.returncode for worker in workers] == [0] * 4


def test_after_a_rotation_the_old_key_still_opens(settings, tmp_path):
    settings()
    file = tmp_path / "var" / "keys.json"
    rings = json.loads(file.read_text())
    rings["field"] = {"current": "2", "keys": {"1": rings["field"]["keys"]["1"], "2": rings["index"]["keys"]["1"]}}
    file.write_text(json.dumps(rings))
    ring = settings()["KEYS"]["field"]
    assert ring["current"] == "2"
    assert set(ring["keys"]) == {"1", "2"}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "not json",
        '{"field": {"current": "1", "keys": {"1": "c2hvcnQ="}}}',
        '{"field": {"current": "1", "keys": {"1": "***"}}}',
    ],
)
def test_a_broken_key_file_is_explained_and_not_replaced(settings, tmp_path, content):
    (tmp_path / "var").mkdir()
    file = tmp_path / "var" / "keys.json"
    file.write_text(content)
    message = refusal(settings)
    assert str(file) in message
    assert "32 bytes in base64" in message
    assert file.read_text() == content


def test_a_current_key_that_is_not_there_is_refused(settings, tmp_path):
    settings()
    file = tmp_path / "var" / "keys.json"
    file.write_text(file.read_text().replace('"current": "1"', '"current": "7"'))
    assert "'7'" in refusal(settings)


# --- production -----------------------------------------------------------------------------------


def test_production_invents_no_keys(settings, tmp_path):
    message = refusal(settings, PURSER_ENV="production")
    assert "secret_key" in message
    assert "make keys" in message
    message = refusal(settings, PURSER_ENV="production", PURSER_SECRET_KEY=REAL_KEY)
    assert "keys.json" in message
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    "key",
    ["short", "dev-only", "a" * 64, "please-change-me-please-change-me-0123", "0123456789-EXAMPLE-9876543210-abcdefgh"],
)
def test_production_refuses_sample_keys(settings, key):
    settings()  # the other keys are there
    assert "PURSER_SECRET_KEY" in refusal(settings, PURSER_ENV="production", PURSER_SECRET_KEY=key)
    assert settings(PURSER_SECRET_KEY=key)["SECRET_KEY"] == key


def test_production_refuses_a_sample_encryption_key(settings, tmp_path):
    settings()
    file = tmp_path / "var" / "keys.json"
    rings = json.loads(file.read_text())
    rings["audit"]["keys"]["1"] = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="  # 32 times the same letter
    file.write_text(json.dumps(rings))
    assert settings()["KEYS"]["audit"]["keys"]["1"] == b"k" * 32
    assert "sample" in refusal(settings, PURSER_ENV="production")


def test_production_with_keys_starts_and_wants_https(settings):
    made = settings()
    config = settings(PURSER_ENV="production", PURSER_SECRET_KEY=REAL_KEY)
    assert config["KEYS"] == made["KEYS"]
    assert config["SESSION_COOKIE_SECURE"] is True
    assert config["PREFERRED_URL_SCHEME"] == "https"


@pytest.mark.parametrize(
    ("environment", "form"), [({}, "text"), ({"PURSER_LOG": "json"}, "json"), ({"PURSER_ENV": "production"}, "json")]
)
def test_production_writes_its_log_as_json_unless_told_otherwise(settings, tmp_path, environment, form):
    settings()  # makes the keys that production wants to find
    assert settings(**environment)["LOG"] == form
    assert settings(**environment | {"PURSER_LOG": "text"})["LOG"] == "text"
    assert settings(**environment)["LOG_REQUESTS"] is bool(environment.get("PURSER_ENV"))


def test_backups_go_where_the_settings_say(settings, tmp_path):
    assert settings()["BACKUPS"] is None
    config = settings(PURSER_BACKUPS=str(tmp_path / "nights"), PURSER_BACKUP_DAYS="7")
    assert (config["BACKUPS"], config["BACKUP_DAYS"]) == (tmp_path / "nights", 7)
    assert "PURSER_BACKUP_DAYS" in refusal(settings, PURSER_BACKUP_DAYS="0")
    assert "PURSER_LOG" in refusal(settings, PURSER_LOG="xml")
