"""`python run.py` keeps two processes: it ends both or none, leaves nobody behind, and says what happened."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import run as supervisor
from tests.support.processes import is_running

PROJECT = Path(__file__).parents[2]

# The real supervisor with small programs in place of the web workers and the scheduler. Each writes its
# number down, so that we can look for it afterwards; the web program has a worker of its own.
PROGRAM = """
import signal
import sys
import run

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests themselves may have been started under nohup

def note(name):
    return f"import os, sys; open(sys.argv[1], 'a').write(f'{name} {{os.getpid()}}\\\\n');"

serve = "from http.server import *; HTTPServer(('127.0.0.1', int(sys.argv[2])), SimpleHTTPRequestHandler).serve_forever()"
sleep = "import time; time.sleep(300)"
worker = note("worker") + sleep
deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" if sys.argv[3] == "deaf" else ""
web = note("web") + deaf + f"import subprocess; subprocess.Popen([sys.executable, '-c', {worker!r}, sys.argv[1]]);" + serve
jobs = note("scheduler") + {"brief": "import time; time.sleep(1.5); sys.exit(3)"}.get(sys.argv[3], sleep)
run.STOP_WITHIN = int(sys.argv[4])
run.web_command = lambda host, port: [sys.executable, "-c", web, sys.argv[1], str(port)]
run.jobs_command = lambda: [sys.executable, "-c", jobs, sys.argv[1]]
sys.exit(run.serve("127.0.0.1", int(sys.argv[2]), "sqlite://", demo=True))
"""


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def start(tmp_path, port):
    """`start()` runs the supervisor until it says where it is; returns it and the numbers of its processes."""
    notes = tmp_path / "processes"
    started = []

    def begin(kind: str = "", patience: int = 10) -> tuple[subprocess.Popen, dict[str, int]]:
        run = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(notes), str(port), kind, str(patience)],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        started.append(run)
        for line in run.stdout:
            if "Purser is at" in line:
                assert f"http://127.0.0.1:{port}" in line
                break
        while len(lines := notes.read_text().splitlines()) < 3:
            time.sleep(0.05)
        return run, {name: int(number) for name, number in map(str.split, lines)}

    yield begin
    for run in started:
        run.kill()
    for line in notes.read_text().splitlines() if notes.exists() else []:
        if is_running(number := int(line.split()[1])):
            os.kill(number, signal.SIGKILL)
    for run in started:
        run.communicate()


def left_after(seconds: float, processes: dict[str, int]) -> list[str]:
    """Those who are still there when the time is over."""
    end = time.monotonic() + seconds
    while (left := [name for name, number in processes.items() if is_running(number)]) and time.monotonic() < end:
        time.sleep(0.1)
    return left


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_asked_to_stop_it_ends_all_and_reports_success(start, number):
    run, processes = start()
    run.send_signal(number)
    said, _ = run.communicate(timeout=15)
    assert run.returncode == 0
    assert "Stopping" in said
    assert left_after(5, processes) == []


def test_who_does_not_listen_is_ended_when_the_time_is_up(start):
    run, processes = start("deaf", patience=1)
    run.send_signal(signal.SIGTERM)
    run.communicate(timeout=15)
    assert left_after(5, processes) == []


def test_it_is_patient_for_less_than_five_seconds():
    assert supervisor.STOP_WITHIN < 5


def test_asked_twice_it_does_not_wait(start):
    run, processes = start("deaf", patience=60)
    run.send_signal(signal.SIGINT)
    time.sleep(1)
    assert run.poll() is None, "once is a request, and whoever is busy may finish"
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=15)
    assert left_after(5, processes) == []


def test_when_one_dies_it_says_so_and_stops_the_other(start):
    run, processes = start("brief")
    said, _ = run.communicate(timeout=15)
    assert run.returncode == 1
    assert "The scheduler process ended with exit code 3, so everything stops." in said
    assert left_after(5, processes) == []


def test_when_the_web_is_killed_its_workers_go_too(start):
    run, processes = start()
    os.kill(processes["web"], signal.SIGKILL)
    said, _ = run.communicate(timeout=15)
    assert run.returncode == 1
    assert left_after(5, processes) == []
    assert "The web process was ended by signal SIGKILL, so everything stops." in said


def test_when_it_is_killed_itself_nobody_stays_behind(start):
    """Linux tells the two; ending their own workers is up to them, as gunicorn does."""
    run, processes = start()
    run.kill()
    del processes["worker"]
    assert left_after(3, processes) == []


def test_a_taken_port_is_named(port, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        environment = os.environ | {"PORT": str(port), "PURSER_VAR": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "run.py"], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert f"PORT={port + 1} make run" in done.stderr
