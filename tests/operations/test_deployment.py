"""What is delivered for running Purser says nothing that is not so: commands, settings, ports, folders. Source: OP-05."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

import config
import run as supervisor
from app import migrate
from app.extensions import db
from tests.operations.conftest import command
from tests.operations.reading import PROJECT, UNITS, commands_in, known_settings, problem_with, settings_in, unit
from tests.support.offices import application
from tests.support.world import Clock

DOCKERFILE = (PROJECT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((PROJECT / "compose.yaml").read_text())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
DELIVERED = [
    PROJECT / "Dockerfile",
    PROJECT / "compose.yaml",
    PROJECT / "deploy" / "purser",
    PROJECT / "deploy" / "purser.env.example",
    *UNITS,
]
named = {"ids": lambda path: path.name}


def test_everything_that_is_delivered_is_looked_at():
    assert [path.name for path in UNITS] == [
        "purser-backup.service",
        "purser-backup.timer",
        "purser-scheduler.service",
        "purser-web.service",
    ]
    assert {"PURSER_VAR", "PURSER_BACKUPS", "PORT", "PURSER_HOST", "WEB_CONCURRENCY"} <= known_settings()


@pytest.mark.parametrize("path", DELIVERED, **named)
def test_settings_are_ones_that_the_program_reads(path):
    assert settings_in(path.read_text()) <= known_settings()


@pytest.mark.parametrize("path", DELIVERED, **named)
def test_commands_exist_with_their_options(path, world):
    assert not [problem for words in commands_in(path.read_text()) if (problem := problem_with(world.app, words))]
    for word in re.findall(r"run\.py\"?,? \"?(\w+)", path.read_text()):
        assert word in supervisor.APART, f"run.py knows no {word}"


def test_a_command_that_does_not_exist_would_be_noticed(world):
    text = "purser backup make --verfy\npurser bakup make\n  flask --app app setup now\npurser jobs list"
    found = [problem_with(world.app, words) for words in commands_in(text)]
    assert [bool(one) for one in found] == [True, True, True, False]


# Systemd.


@pytest.mark.parametrize("path", SERVICES, **named)
def test_a_service_is_run_by_nobody_who_matters_and_sees_little(path):
    lines = unit(path)
    assert (lines["User"], lines["Group"]) == (["purser"], ["purser"])
    for name in (
        "NoNewPrivileges",
        "ProtectHome",
        "PrivateTmp",
        "PrivateDevices",
        "RestrictSUIDSGID",
        "LockPersonality",
    ):
        assert lines[name] == ["true"], name
    assert (
        lines["ProtectSystem"] == ["strict"] and lines["CapabilityBoundingSet"] == [""] and lines["UMask"] == ["0077"]
    )
    assert lines["EnvironmentFile"] == ["/etc/purser/purser.env"] and lines["StateDirectoryMode"] == ["0700"]


@pytest.mark.parametrize("path", SERVICES, **named)
def test_a_service_keeps_its_records_where_it_may_write_and_its_keys_where_it_may_not(path):
    lines = unit(path)
    settings = dict(pair.split("=") for line in lines["Environment"] for pair in line.split())
    folders = {f"/var/lib/{name}" for name in lines["StateDirectory"][0].split()}
    assert settings["PURSER_ENV"] == "production" and settings["PURSER_VAR"] in folders
    assert settings["PURSER_KEY_FILE"] == "/etc/purser/keys.json"
    assert {settings[name] for name in ("PURSER_BACKUPS", "TMPDIR") if name in settings} <= folders
    assert lines["ExecStart"][0].startswith("/opt/purser/.venv/bin/python ")
    assert lines["WorkingDirectory"] == ["/opt/purser"]


def test_stopping_is_given_the_time_that_requests_are_given():
    assert int(unit(PROJECT / "deploy/systemd/purser-web.service")["TimeoutStopSec"][0]) > supervisor.STOP_WITHIN_APART


# Containers.


def test_the_image_holds_the_program_and_nobody_s_records():
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    kept = [line[1:] for line in ignored if line.startswith("!")]
    assert "*" in ignored and all((PROJECT / one).exists() for one in kept)
    assert not {"var", "tests", ".git", "purser.env", ".env", "deploy"} & set(kept)
    for name in ("app", "migrations", "config.py", "run.py", "requirements.txt"):
        assert name in kept


def test_the_image_runs_as_a_user_of_its_own_in_production():
    assert re.search(r"^USER purser$", DOCKERFILE, re.MULTILINE) and "useradd" in DOCKERFILE
    assert DOCKERFILE.index("USER purser") > DOCKERFILE.index("pip install")
    assert "PURSER_ENV=production" in DOCKERFILE and "PURSER_HOST=0.0.0.0" in DOCKERFILE
    assert re.search(r"^FROM python:3\.11-slim", DOCKERFILE, re.MULTILINE)


def test_all_speak_of_one_port(settings_of_nothing):
    port = str(settings_of_nothing["PORT"])
    assert f"EXPOSE {port}" in DOCKERFILE and f"PORT={port} " in DOCKERFILE
    assert COMPOSE["services"]["web"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f"127.0.0.1:{port}" in (PROJECT / "docs" / "operations.md").read_text()


@pytest.fixture
def settings_of_nothing(tmp_path, monkeypatch):
    import runpy

    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.setenv("PURSER_VAR", str(tmp_path))
    return runpy.run_path(str(PROJECT / "config.py"))


def test_compose_keeps_keys_apart_from_records_and_backups():
    assert set(COMPOSE["services"]) == {"database", "web", "scheduler", "office", "keys"}
    assert set(COMPOSE["volumes"]) == {"records", "office", "keys", "backups"}
    for name, service in COMPOSE["services"].items():
        mounts = dict(one.split(":")[:2] for one in service["volumes"])
        assert set(mounts) <= set(COMPOSE["volumes"])
        assert not ("keys" in mounts and "records" in mounts)
        if name == "database":
            assert list(mounts) == ["records"]
            continue
        assert mounts["keys"] in DOCKERFILE and mounts["office"] in DOCKERFILE
        if name != "keys":
            assert f"keys:{mounts['keys']}:ro" in service["volumes"], "only the making of keys may write them"
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["env_file"] == "purser.env"
        backups = service.get("environment", {}).get("PURSER_BACKUPS")
        assert backups == mounts.get("backups")
    assert COMPOSE["services"]["web"]["command"][-1] == "web"
    assert COMPOSE["services"]["scheduler"]["command"][-1] == "scheduler"


def test_the_server_is_not_newer_than_the_programs_of_the_image():
    release = re.search(r"FROM python:\S+-(\w+)", DOCKERFILE)[1]
    assert COMPOSE["services"]["database"]["image"].endswith(f"-{release}")
    assert "postgresql-client" in DOCKERFILE


# The processes apart.


@pytest.fixture
def installation(databases, tmp_path):
    """A production installation on this machine: keys, tables, a free port, and what the environment says."""
    url = databases.empty("sqlite")
    app = application(url, Clock())
    migrate.upgrade(app)
    with app.app_context():
        db.engine.dispose()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PURSER_")} | {
        "PURSER_VAR": str(tmp_path / "var"),
        "PURSER_DATABASE_URL": url,
        "PURSER_TRUSTED_HOSTS": "purser.example.gov",
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
    }
    subprocess.run([sys.executable, "-c", "import config"], cwd=PROJECT, env=environment, check=True)
    yield environment | {"PURSER_ENV": "production"}
    databases.drop(url)


def started(word: str, environment: dict[str, str], log: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "run.py", word],
        cwd=PROJECT,
        env=environment,
        stdout=log.open("w"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def until(holds, seconds=60):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.2)


def is_healthy(environment: dict[str, str]) -> bool:
    done = subprocess.run(
        [sys.executable, "run.py", "healthy"], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1) and done.stdout and not done.stderr, done.stderr
    return done.returncode == 0


def ended(process: subprocess.Popen) -> int:
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(40)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_the_pages_run_alone_tell_systemd_and_write_json(installation, tmp_path):
    assert not is_healthy(installation)
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(tmp_path / "notify"))
    told.settimeout(60)
    web = started("web", installation | {"NOTIFY_SOCKET": str(tmp_path / "notify")}, tmp_path / "log")
    try:
        assert b"READY=1" in told.recv(1000), "Type=notify waits for this"
        until(lambda: is_healthy(installation))
        asked = http.client.HTTPConnection("127.0.0.1", int(installation["PORT"]), timeout=20)
        asked.request("GET", "/login/?next=secret-plan", headers={"Host": "purser.example.gov"})
        answer = asked.getresponse()
        number = answer.headers["X-Request-ID"]
        assert answer.status == 200 and "Secure" in (answer.headers["Set-Cookie"] or "Secure")
        asked.close()
    finally:
        code = ended(web)
        told.close()
    assert code == 0
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    (line,) = [line for line in lines if line.get("request_id") == number]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/login/", 200)
    assert "secret-plan" not in (tmp_path / "log").read_text()
    assert not [line for line in lines if line.get("route") == "/healthz"]


def test_the_scheduler_runs_alone_and_makes_the_backup_of_the_night(installation, tmp_path):
    nights = tmp_path / "nights"
    scheduler = started("scheduler", installation | {"PURSER_BACKUPS": str(nights)}, tmp_path / "log")
    try:
        until(lambda: "agreements, due" in (tmp_path / "log").read_text())
    finally:
        code = ended(scheduler)
    assert code == 0
    assert len(list(nights.glob("purser-*Z.zip"))) == 1
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert {line["logger"] for line in lines} == {"app.jobs"}
    assert any("backup, due" in line["message"] and "done" in line["message"] for line in lines)


def test_a_word_that_is_not_known_is_refused():
    done = subprocess.run([sys.executable, "run.py", "wbe"], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "web | scheduler | healthy" in done.stderr


def test_the_script_for_commands_runs_them_with_the_settings(installation, tmp_path):
    program = tmp_path / "program"
    program.mkdir()
    for name in ("app", "migrations", "config.py", "run.py"):
        (program / name).symlink_to(PROJECT / name)
    (program / ".venv" / "bin").mkdir(parents=True)
    (program / ".venv" / "bin" / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (program / ".venv" / "bin" / "python").chmod(0o755)
    names = ("PURSER_VAR", "PURSER_DATABASE_URL")
    settings = [*(f"{name}={installation[name]}" for name in names), 'PURSER_OFFICE_NAME="Office of the Test"']
    settings.append(f"PURSER_KEY_FILE={installation['PURSER_VAR']}/keys.json")
    (tmp_path / "settings").write_text("\n".join(settings) + "\n")
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    done = subprocess.run(
        [
            shutil.which("sh") or "sh",
            PROJECT / "deploy" / "purser",
            "backup",
            "make",
            tmp_path / "made.zip",
            "--verify",
        ],
        env={
            "PATH": os.environ["PATH"],
            "PROGRAM": str(program),
            "SETTINGS": str(tmp_path / "settings"),
            "RUN_AS": user,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and "The backup is good." in done.stdout, done.stderr
    assert (tmp_path / "made.zip").exists()


def test_the_example_of_settings_is_one_that_starts(tmp_path, monkeypatch):
    import runpy

    for line in (PROJECT / "deploy" / "purser.env.example").read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            monkeypatch.setenv(name, value.strip('"'))
    monkeypatch.setenv("PURSER_VAR", str(tmp_path))
    read = runpy.run_path(str(PROJECT / "config.py"))
    assert read["TRUSTED_HOSTS"] == ["purser.example.gov"] and read["PROXY_HOPS"] == 1
    assert config.PROJECT == PROJECT


# Losing the second factor.


def test_a_lost_factor_is_taken_away_on_record_even_if_its_key_is_gone(both):
    from sqlalchemy import func, select, text

    from app import audit
    from app.models import AuditEntry, SecondFactor, SignIn
    from app.sealing import Secret
    from tests.support.making import records
    from tests.support.people import Person

    Person(both.app, "admin")
    with records(both) as session:
        session.add(
            SecondFactor(
                user_id=both.ids["admin"],
                secret=Secret("JBSWY3DPEHPK3PXP"),
                made_at=both.clock(),
                confirmed_at=both.clock(),
            )
        )
        session.commit()
        session.connection().execute(text("UPDATE second_factor SET secret = :other"), {"other": b"\x019" + b"x" * 40})
        session.commit()
    code, said = command(both.app, "lost-factor", "admin")
    assert code == 0 and "password alone" in said
    with records(both) as session:
        assert session.scalar(select(func.count(SecondFactor.id))) == session.scalar(select(func.count(SignIn.id))) == 0
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry.label == "admin" and "taken away by a command" in entry.new and audit.verify(session) == []
    Person(both.app, "admin")
    assert command(both.app, "lost-factor", "admin") == (1, "Error: admin has no second factor.\n")
    assert command(both.app, "lost-factor", "adam") == (1, "Error: Nobody is called adam.\n")
