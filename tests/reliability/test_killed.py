"""kill -9 in the middle of releases, fifty times: nothing that was answered is lost, nothing is half done.

What this proves: whatever a process was doing when it was ended, the database holds whole transactions, each answer stood
behind a commit, and a caller who heard nothing asks again under the same key and gets what the first call brought about.
What it does not prove: that the disk kept its promise. A killed process leaves behind what the operating system has taken
over, so that a power cut, a full disk or a broken one is another matter; against the first stand `synchronous=FULL` on
SQLite and PostgreSQL's own defaults (which the tests switch off, for speed), against the others only a backup. Nor is
PostgreSQL's server killed here, only those who talk to it. Source: MO-09, DOC-07, DOC-11."""

import http.client
import json
import os
import queue
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import run as supervisor
from app import ledger
from app.entities.funds import Posting, PostingKind
from app.models import DocumentEvent
from app.rules.calendar import fiscal_year
from tests.support.making import KEYBOARDS, PRINTER, Wanted, a_basket, a_request, records
from tests.support.mortal import look
from tests.support.offices import disconnect
from tests.support.world import PASSWORD, World

PROJECT = Path(__file__).parents[2]
KILLS, KILLS_OF_THE_SERVER = 24, 1
"""On each database: of a worker that is already loaded, and of the whole server as it is delivered."""
CLIENTS = 32

SMALL = Wanted("Label printer", "1", "19.99", "7025", funding={"S1": "33.3333", "S2": "66.6667"})


def address(world: World) -> str:
    """Where the world's database is."""
    return str(world.app.config["SQLALCHEMY_DATABASE_URI"].render_as_string(hide_password=False))


def test_mo_09_a_worker_is_killed_in_the_middle_of_its_work(both):
    """A retry brings about what the lost call did; that some calls had been carried out unheard is what it is for."""
    small = Wanted("Keyboard", "1", "10.00", "7510", KEYBOARDS.item, "agreement", funding={"S2": "100"})
    documents = [("purchase-request", a_request(both, "draft", SMALL, SMALL)) for _ in range(28)]
    documents += [("market-basket", a_basket(both, "draft", small, SMALL)) for _ in range(28)]
    random.Random(3).shuffle(documents)
    disconnect(both.app)
    order = {"url": address(both), "documents": documents, "kills": KILLS, "seed": 9}
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.mortal", json.dumps(order)],
        cwd=PROJECT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["kills"], told["calls"]) == (KILLS, 3 * len(documents))
    assert told["unheard"] > 0, (
        "no call was lost between its commit and its answer: the kills came at the wrong moments"
    )


class Server:
    """The web workers as `run.py` starts them, in a process group of their own."""

    def __init__(self, world: World, log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = os.environ | {"PURSER_DATABASE_URL": address(world), "PORT": str(self.port)}
        self.log = log

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = supervisor.web_command("127.0.0.1", self.port)
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=PROJECT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        end = time.monotonic() + supervisor.READY_WITHIN
        while not supervisor.answers("127.0.0.1", self.port):
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()[-3000:]
            time.sleep(0.05)

    def kill(self) -> None:
        """End all of it at once, as the kernel does when memory runs out."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def call(self, path: str, body: dict[str, Any], **headers: str) -> tuple[int, dict[str, Any]]:
        """One call. Errors: OSError and HTTPException when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            sent = {"Content-Type": "application/json"} | headers
            connection.request("POST", f"/api/v1{path}", json.dumps(body), sent)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


@pytest.fixture
def server(both: World, tmp_path: Path) -> Iterator[Server]:
    """A server on the world's database, on the day that it is."""
    both.clock.moment = datetime.now(UTC)
    with records(both) as session:
        year = fiscal_year(both.app.extensions["office"].today())
        row = Posting(strip_id=both.ids["S1"], bfy=year, afy=year, afm=5, kind=PostingKind.ALLOTMENT,
                      amount=Decimal(50000), at=both.clock())  # fmt: skip
        assert ledger.post(session, [row]) == []
        session.commit()
    server = Server(both, tmp_path / "log")
    yield server
    with suppress(ProcessLookupError):
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()


def press_together(server: Server, token: dict[str, str], wanted: int) -> None:
    """32 clients press one button, each under a key of its own: one takes effect, the others hear that it is done."""
    together, answers = threading.Barrier(CLIENTS), []  # type: ignore[var-annotated]

    def press(number: int) -> None:
        together.wait()
        key = {"Idempotency-Key": f"client-{number}"}
        answers.append(server.call(f"/purchase-request/{wanted}/actions/release", {}, **token, **key))

    clients = [threading.Thread(target=press, args=(number,)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert [status for status, _ in answers] == [200] * CLIENTS
    assert sorted(body["repeated"] for _, body in answers) == [False] + [True] * (CLIENTS - 1)
    assert len({json.dumps(body["document"], sort_keys=True) for _, body in answers}) == 1


def test_mo_09_the_whole_server_is_killed_under_the_hands_of_its_clients(both, server):
    requests = [a_request(both, "approved", PRINTER) for _ in range(45)]
    wanted = a_request(both, "approved", PRINTER)
    disconnect(both.app)
    server.start()
    _, signed_in = server.call("/security/login", {"username": "approver", "password": PASSWORD})
    token = {"Authorization": f"Bearer {signed_in['access_token']}"}
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for key in requests:
        waiting.put(key)
    said: dict[int, tuple[int, dict[str, Any]]] = {}
    deadline = time.monotonic() + 150

    def release(key: int) -> tuple[int, dict[str, Any]]:
        return server.call(
            f"/purchase-request/{key}/actions/release", {}, **token, **{"Idempotency-Key": f"release-{key}"}
        )

    def be_a_client() -> None:
        while time.monotonic() < deadline and len(said) < len(requests):
            try:
                key = waiting.get(timeout=0.1)
            except queue.Empty:
                continue
            try:
                said[key] = release(key)
            except (OSError, http.client.HTTPException):  # no answer: the same again, under the same key
                waiting.put(key)
                time.sleep(0.1)

    clients = [threading.Thread(target=be_a_client) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    chance = random.Random(4)
    for number in range(1, KILLS_OF_THE_SERVER + 1):
        while len(said) < 10 * number + chance.randint(0, 10):
            assert time.monotonic() < deadline
            time.sleep(0.002)
        server.kill()
        look(both, {}, {})
        server.start()
    for client in clients:
        client.join()
    assert sorted(said) == sorted(requests)
    assert {(status, body.get("document", {}).get("state")) for status, body in said.values()} == {(200, "released")}
    again = {key: release(key)[1] for key in requests}
    assert all(again[key]["repeated"] and again[key]["document"] == said[key][1]["document"] for key in requests)
    press_together(server, token, wanted)
    server.kill()
    look(both, dict.fromkeys([*requests, wanted], "purchase-request"), {})
    with records(both) as session:
        released = select(func.count()).where(
            DocumentEvent.action == "release", DocumentEvent.document_id.in_(requests)
        )
        assert session.scalar(released) == len(requests)
        booked = select(func.count(), func.sum(Posting.amount)).where(Posting.kind == "pre-encumbrance")
        assert session.execute(booked).one() == (len(requests) + 1, Decimal(200) * (len(requests) + 1))
