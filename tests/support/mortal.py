"""A server that is killed over and over: the program is loaded once, a child serves, is killed with SIGKILL in the middle of
its work, and another child goes on.

To load the program takes seconds and to kill it takes none, so the parent loads it and never touches the database while a
child lives. A child opens connections of its own and answers calls in four threads, as a web worker does; what it has
answered it says through a pipe, which outlives it. Run as `python -m tests.support.mortal <json>`."""

import copy
import json
import os
import queue
import random
import signal
import sys
import threading
import time
from collections import Counter
from typing import Any

from flask import Flask
from sqlalchemy import func, select, text

from app import audit, ledger
from app.models import Document, DocumentEvent, DocumentLink, LineItem, Posting
from tests.abuse.evidence import fingerprint
from tests.support import sightings
from tests.support.calls import Caller
from tests.support.making import records
from tests.support.offices import application, disconnect
from tests.support.world import Clock, World

STEPS = (("route", "requester"), ("approve", "approver"), ("release", "approver"))
REACHED = ["draft", "routed", "approved", "released"]
THREADS = 4

Answer = dict[str, Any]


def serve(app: Flask, callers: dict[str, Caller], waiting: list[tuple[str, int]], said: Answer, pipe: int) -> None:
    """Be a worker until killed, or until there is nothing left to do."""
    work: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
    for one in waiting:
        work.put(one)

    def answer_calls() -> None:
        mine = {name: copy.copy(caller) for name, caller in callers.items()}
        for caller in mine.values():
            caller.client = app.test_client(use_cookies=False)
        while True:
            try:
                kind, key = work.get_nowait()
            except queue.Empty:
                return
            for action, person in STEPS:
                if f"{action} {key}" not in said:
                    os.write(pipe, (json.dumps(one_call(mine[person], kind, key, action)) + "\n").encode())

    threads = [threading.Thread(target=answer_calls) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def one_call(caller: Caller, kind: str, key: int, action: str) -> Answer:
    """One step of a document under its key, and what came back."""
    answer = caller.act(kind, key, action, {"Idempotency-Key": f"{action}-{key}"})
    body = answer.json or {}
    document = body.get("document", {})
    return {
        "call": f"{action} {key}",
        "status": answer.status_code,
        "repeated": body.get("repeated"),
        "state": document.get("state"),
        "number": document.get("number"),
        "made": len(body.get("made", ())),
        "problem": None if answer.status_code == 200 else answer.get_data(as_text=True)[:400],
    }


class Life:
    """One child from its birth to its end, and what it answered."""

    def __init__(self, app: Flask, callers: dict[str, Caller], waiting: list[tuple[str, int]], said: Answer) -> None:
        self.lines, pipe = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.lines)
            serve(app, callers, waiting, said, pipe)
            os._exit(0)
        os.close(pipe)
        self.heard, self.rest = [], b""  # type: ignore[var-annotated]

    def listen(self, until: int = 10**6) -> None:
        """Hear answers until there are so many, or no more will come."""
        while len(self.heard) < until and (more := os.read(self.lines, 65536)):
            *whole, self.rest = (self.rest + more).split(b"\n")
            self.heard += [json.loads(line) for line in whole]

    def end(self, by: int = 0) -> list[Answer]:
        """Kill it, if a signal is named; what it had answered by then."""
        if by:
            os.kill(self.pid, by)
        self.listen()
        os.waitpid(self.pid, 0)
        os.close(self.lines)
        return self.heard


def look(world: World, kinds: dict[int, str], said: Answer) -> None:
    """What holds whenever a server was killed: nothing answered is lost, nothing is half done, the books agree."""
    with records(world) as session:
        if session.get_bind().dialect.name == "postgresql":  # a backend finishes what it was told before it notices
            others = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            while session.scalar(text(others)):
                session.rollback()
                time.sleep(0.01)
        drafts = session.execute(select(Document.id, Document.state).where(Document.id.in_(kinds)))
        states: dict[int, str] = dict(drafts.all())
        for call, answer in said.items():
            reached = REACHED.index(states[int(call.split()[1])])
            assert reached >= REACHED.index(answer["state"]), f"{call} was answered, and is lost"
        happened = select(DocumentEvent.document_id, DocumentEvent.action)
        events = Counter((key, action) for key, action in session.execute(happened))
        for key, state in states.items():
            done = [action for action, _ in STEPS[: REACHED.index(state)]]
            assert [events[key, action] for action, _ in STEPS] == [int(action in done) for action, _ in STEPS], key
        _whole(session, kinds, states)
        assert ledger.reconcile(session) == []
        assert sightings.balances(session) == sightings.booked(session)
        assert sightings.wrong_numbers(session) == []
        assert sightings.wrong_steps(session) == []
        assert audit.verify(session) == []
    disconnect(world.app)


def _whole(session: Any, kinds: dict[int, str], states: dict[int, str]) -> None:
    """A request is booked in full or not at all; of a basket all that it turns into is there, or nothing."""
    totals = dict(session.execute(select(Document.id, Document.total)).all())
    booked = dict(
        session.execute(select(Posting.document_id, func.sum(Posting.amount)).group_by(Posting.document_id)).all()
    )
    carried = Counter(
        session.scalars(
            select(DocumentLink.source_id).join(LineItem, LineItem.document_id == DocumentLink.document_id)
        ).all()
    )
    lines = dict(session.execute(select(LineItem.document_id, func.count()).group_by(LineItem.document_id)).all())
    for key, state in states.items():
        released = state == "released"
        if kinds[key] == "market-basket":
            assert carried[key] == (lines[key] if released else 0), f"basket {key} is half ordered"
        else:
            assert booked.get(key) == (totals[key] if released else None), f"request {key} is half booked"


def main(url: str, documents: list[tuple[str, int]], kills: int, seed: int) -> dict[str, int]:
    """Kill as often as asked, finish what is left, and ask everything once more."""
    world, chance, said = World(application(url, Clock()), Clock()), random.Random(seed), {}  # type: ignore[var-annotated]
    callers = {name: Caller(world.app, name) for _, name in STEPS}
    kinds, done, unheard = {key: kind for kind, key in documents}, 0, 0
    disconnect(world.app)
    while waiting := [one for one in documents if f"release {one[1]}" not in said]:
        life = Life(world.app, callers, waiting, said)
        if done < kills:
            life.listen(chance.randint(1, 4))
            time.sleep(chance.random() * 0.03)
        heard = life.end(signal.SIGKILL if done < kills else 0)
        done += 1
        for answer in heard:
            assert answer["status"] == 200, answer
            unheard += answer["repeated"]
            said[answer["call"]] = answer
        look(world, kinds, said)
    assert done > kills, f"all was done after {done} lives: more documents are needed for {kills} kills"
    before = fingerprint(world)
    for kind, key in documents:
        for action, person in STEPS:
            again, first = one_call(callers[person], kind, key, action), said[f"{action} {key}"]
            assert (again["status"], again["repeated"], again["number"]) == (200, True, first["number"]), (first, again)
    assert fingerprint(world) == before, "asked again, something was done again"
    disconnect(world.app)
    return {"kills": kills, "calls": len(said), "unheard": unheard}


if __name__ == "__main__":
    print(json.dumps(main(**json.loads(sys.argv[1]))))
