"""Serves Purser: web workers and the one scheduler, until Ctrl+C.

`python run.py web` and `python run.py scheduler` run one of them, for who starts and watches over each by itself (systemd,
containers); `python run.py healthy` asks the web workers how they are. Without a word both are run. The two are children in
process groups of their own, so that stopping leaves nobody behind. When one of them dies by itself, the other is stopped too:
a purchasing office without its scheduler closes no bids, and should notice.
"""

import ctypes
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

import config

PROJECT = Path(__file__).resolve().parent
READY_WITHIN = 60  # seconds for the first answer
STOP_WITHIN = 3  # seconds for a request under way to finish; then it is cut off
STOP_WITHIN_APART = 30  # the same where nobody waits at a terminal

DEMO_LOGINS = (
    "requester approver technician buyer evaluator crc receiver fiscal manager its reviewer auditor admin"
).split()
DEMO_PASSWORD = "purser-demo"


def web_command(host: str, port: int, patience: int = STOP_WITHIN - 1) -> list[str]:
    """The web workers. Threads, because a clerk's request mostly waits for the database."""
    return [
        *(sys.executable, "-m", "gunicorn", "app:served()", "--preload"),
        *("--bind", f"{host}:{port}", "--worker-class", "gthread"),
        *("--workers", os.environ.get("WEB_CONCURRENCY") or "2", "--threads", "4"),
        *("--graceful-timeout", str(patience), "--timeout", "60", "--log-level", "warning"),
        *("--logger-class", "app.log_server.ServerLines", "--no-control-socket"),
    ]


def jobs_command() -> list[str]:
    """The scheduler. It takes a lock, so that a second one elsewhere waits instead of working twice."""
    return [sys.executable, "-m", "flask", "--app", "app", "jobs", "run"]


def end_with_parent() -> None:
    """On Linux a child is told when we are gone, even if we were killed and could not tell it."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


class Child:
    """A process that we started, with all that it starts."""

    def __init__(self, name: str, command: list[str]):
        self.name = name
        self.process = subprocess.Popen(command, cwd=PROJECT, start_new_session=True, preexec_fn=end_with_parent)

    def send(self, number: int) -> None:
        """Send a signal to the whole group, of which the first may already be gone."""
        with suppress(ProcessLookupError, PermissionError):  # macOS says "permission" of a group of zombies
            os.killpg(self.process.pid, number)

    def death(self) -> str | None:
        """How it ended, or None while it lives."""
        code = self.process.poll()
        if code is None:
            return None
        return f"was ended by signal {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def say(sentence: str) -> None:
    """Tell the terminal, if it is still there: we also stop because its window was closed."""
    with suppress(OSError):
        print(sentence, flush=True)


class Asked:
    """How often somebody asked us to stop: a number and no threading.Event, which a signal handler may not touch
    while its own thread waits for it."""

    def __init__(self) -> None:
        self.times = 0
        signal.signal(signal.SIGINT, self)
        signal.signal(signal.SIGTERM, self)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means it
            signal.signal(signal.SIGHUP, self)

    def __call__(self, number: int, frame: object) -> None:
        self.times += 1


def stop(children: list[Child], asked: Asked) -> None:
    """Ask all to finish, wait a little, end what is left. Asked once more (Ctrl+C), do not wait."""
    for child in children:
        child.send(signal.SIGTERM)
    deadline = time.monotonic() + STOP_WITHIN
    while any(child.death() is None for child in children) and time.monotonic() < deadline and asked.times < 2:
        time.sleep(0.05)
    for child in children:
        child.send(signal.SIGKILL)
        child.process.wait()


def fresh_folder(folder: Path) -> Path:
    """An empty folder: where the workers count what they answer, from nought at each start."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def is_taken(host: str, port: int) -> bool:
    """Does somebody listen there already?"""
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def answers(host: str, port: int) -> bool:
    """Does a worker answer there, be it with a refusal? The port is open before the workers are ready."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("HEAD", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def dead(children: list[Child]) -> Child | None:
    """The first child that ended although nobody asked it to."""
    return next((child for child in children if child.death() is not None), None)


def demo_logins(url: str) -> list[str]:
    """Which of the demo's people are in this database."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            people = set(connection.execute(text("SELECT username FROM ab_user WHERE active")).scalars())
    except SQLAlchemyError:
        return []
    finally:
        engine.dispose()
    return [name for name in DEMO_LOGINS if name in people]


def greeting(address: str, logins: list[str]) -> str:
    """What the person who started us wants to know."""
    lines = ["", f"  Purser is at {address}   (Ctrl+C stops it)", ""]
    if logins:
        lines += [f"  Sign in with the password {DEMO_PASSWORD} as one of", f"    {', '.join(logins)}", ""]
    return "\n".join(lines)


def serve(host: str, port: int, url: str, demo: bool) -> int:
    """Run until told to stop; the exit code is 0 if we were told and 1 if a child died."""
    asked = Asked()
    in_terminal = os.isatty(0)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(fresh_folder(config.VAR / "metrics"))
    children = [Child("web", web_command(host, port))]
    lost = None
    try:
        deadline = time.monotonic() + READY_WITHIN
        while not (asked.times or dead(children) or answers(host, port)) and time.monotonic() < deadline:
            time.sleep(0.1)
        if not asked.times and not dead(children):
            # Only now, so that the pages come up sooner.
            children.append(Child("scheduler", jobs_command()))
            say(greeting(f"http://{host}:{port}", demo_logins(url) if demo else []))
        while not asked.times and not (lost := dead(children)):
            time.sleep(0.2)
            if in_terminal and not os.isatty(0):  # its window was closed, and make kept that to itself
                break
    finally:
        if lost:
            say(f"The {lost.name} process {lost.death()}, so everything stops. Its last words are above.")
        else:
            say("\nStopping …")
        stop(children, asked)
    return 1 if lost else 0


def become(command: list[str]) -> int:
    """Go on as another program under the same number, so that signals and exit codes are its own."""
    os.chdir(PROJECT)
    sys.stdout.flush()
    os.execv(command[0], command)


def web() -> int:
    """Be the web workers."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(fresh_folder(config.VAR / "metrics"))
    return become(web_command(config.HOST, config.PORT, STOP_WITHIN_APART))


def scheduler() -> int:
    """Be the scheduler."""
    return become(jobs_command())


def healthy() -> int:
    """Ask the web workers on this machine whether they answer: 0 if they do, 1 if not."""
    host = "127.0.0.1" if config.HOST in ("0.0.0.0", "::") else config.HOST
    name = (config.TRUSTED_HOSTS or [host])[0].lstrip(".")
    connection = http.client.HTTPConnection(host, config.PORT, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": name})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        say(f"Nobody answers at {host}:{config.PORT}: {error}")
        return 1
    finally:
        connection.close()
    say(f"http://{host}:{config.PORT}/healthz answers {status}")
    return 0 if status == 200 else 1


APART = {"web": web, "scheduler": scheduler, "healthy": healthy}
"""What may be asked for by a word."""


def main() -> int:
    """Serve as the settings say, unless the port is taken."""
    if sys.argv[1:]:
        if len(sys.argv) > 2 or sys.argv[1] not in APART:
            print(f"usage: python run.py [{' | '.join(APART)}]", file=sys.stderr)
            return 2
        return APART[sys.argv[1]]()
    host = config.HOST
    if is_taken(host, config.PORT):
        print(f"Port {config.PORT} is taken. Choose another one: PORT={config.PORT + 1} make run", file=sys.stderr)
        return 1
    demo = os.environ.get("DEMO") != "0" and not config.PRODUCTION
    url = config.SQLALCHEMY_DATABASE_URI.render_as_string(hide_password=False)
    return serve(host, config.PORT, url, demo)


if __name__ == "__main__":
    sys.exit(main())
