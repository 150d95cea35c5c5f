"""Jobs: due once, done once, by one scheduler; and what each of them tells whom. Source: OP-05, DOC-15."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from app import jobs
from app.extensions import db
from app.jobs import JOBS, Job, last_due
from app.models import (
    JobRun,
    Notice,
)
from tests.support.jobs import run, runs, told
from tests.support.making import (
    a_basket,
)
from tests.support.processes import is_running

PROJECT = Path(__file__).parents[2]


# When.


@pytest.mark.parametrize(
    ("cron", "now", "due"),
    [
        ("17 * * * *", "2026-11-23 14:16", "2026-11-23 13:17"),
        ("17 * * * *", "2026-11-23 14:17", "2026-11-23 14:17"),
        ("17 * * * *", "2026-11-23 14:18", "2026-11-23 14:17"),
        ("0 11 * * *", "2026-11-23 10:59", "2026-11-22 11:00"),
        ("0 11 * * *", "2026-11-23 23:00", "2026-11-23 11:00"),
        ("30 2 * * *", "2026-11-01 07:00", "2026-11-01 02:30"),
        ("30 2 * * *", "2027-03-14 12:00", "2027-03-14 02:30"),
        ("0 6 1 * *", "2026-11-23 14:00", "2026-11-01 06:00"),
    ],
)
def test_a_job_was_last_due_at_the_latest_time_of_its_table(cron, now, due):
    job = Job("some", cron, "", lambda session, office: "")
    assert last_due(job, datetime.fromisoformat(now).replace(tzinfo=UTC)) == datetime.fromisoformat(due).replace(
        tzinfo=UTC
    )


def test_what_is_not_due_for_weeks_was_not_due():
    job = Job("yearly", "0 6 1 1 *", "", lambda session, office: "")
    assert last_due(job, datetime(2026, 11, 23, tzinfo=UTC)) is None


def test_every_job_says_what_it_does_and_knows_its_hour():
    for name, job in JOBS.items():
        assert name == job.name and len(job.does) > 20 and job.trigger.timezone is UTC
        assert last_due(job, datetime(2026, 11, 23, 14, tzinfo=UTC)) is not None


# Once.


def test_a_job_is_done_once_for_each_time_that_it_is_due(both):
    assert run(both, "books").state == "done"
    assert run(both, "books").state == "already"
    both.clock.on("2026-11-24", 6)
    assert run(both, "books").state == "already", "not due before seven"
    both.clock.on("2026-11-24", 8)
    assert run(both, "books").state == "done"
    assert [(job, due.day, outcome, ended) for job, due, outcome, ended in runs(both)] == [
        ("books", 23, "the books agree", True),
        ("books", 24, "the books agree", True),
    ]


def test_an_unknown_job_is_an_error(world):
    with pytest.raises(KeyError):
        run(world, "nonsense")


def test_many_at_once_do_it_once(both, monkeypatch):
    """Six start the same job at the same moment, on one database; one does it and the others see that it is done."""
    a_basket(both, "routed")
    both.clock.on("2026-11-30")
    slow = JOBS["approvals"]

    def slowly(session, office):
        outcome = slow.run(session, office)
        time.sleep(0.3)
        return outcome

    monkeypatch.setitem(JOBS, "approvals", Job(slow.name, slow.cron, slow.does, slowly))
    start, states = threading.Barrier(6), []

    def one():
        start.wait()
        states.append(run(both, "approvals").state)

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(states) == ["already"] * 5 + ["done"]
    assert len(runs(both)) == 1 and len(told(both, "approver")) == 1


def test_a_job_that_fails_has_done_nothing_and_is_done_again(both, monkeypatch):
    good = JOBS["books"]

    def broken(session, office):
        session.add(Notice(user_id=both.ids["fiscal"], text="Half done", at=office.now()))
        session.flush()
        raise RuntimeError("the roof is leaking")

    monkeypatch.setitem(JOBS, "books", Job("books", good.cron, good.does, broken))
    assert run(both, "books").outcome == "failed: RuntimeError"
    assert told(both) == [] and [(outcome, ended) for _, _, outcome, ended in runs(both)] == [
        ("failed: RuntimeError", False)
    ]
    assert run(both, "books").state == "failed", "it was not done, so it may be tried again"
    monkeypatch.setitem(JOBS, "books", good)
    assert run(both, "books").state == "done"
    assert [(outcome, ended) for _, _, outcome, ended in runs(both)] == [("the books agree", True)]


def test_a_clash_inside_a_job_is_a_failure_and_not_a_finished_run(both, monkeypatch):
    good = JOBS["books"]

    def clashing(session, office):
        session.add(JobRun(job="x", due=office.now(), started_at=office.now()))
        session.add(JobRun(job="x", due=office.now(), started_at=office.now()))
        session.flush()
        return "never"

    monkeypatch.setitem(JOBS, "books", Job("books", good.cron, good.does, clashing))
    assert run(both, "books").state == "failed"


# One scheduler.


def test_only_one_process_is_the_scheduler(both):
    with both.app.app_context():
        engine = db.engine
    with jobs.only_one(engine) as first:
        assert first is not None and first()
        with jobs.only_one(engine) as second:
            assert second is None
    with jobs.only_one(engine) as third:
        assert third is not None


@pytest.mark.postgres
def test_a_scheduler_whose_connection_is_gone_knows_it(databases):
    from tests.support.offices import open_world

    world = open_world("postgres", databases)
    with world.app.app_context():
        engine = db.engine
    with jobs.only_one(engine) as still_mine:
        assert still_mine()
        with engine.connect() as other:
            other.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        assert not still_mine()
    with jobs.only_one(engine) as next_one:
        assert next_one is not None
    engine.dispose()


def scheduler(world, folder, name):
    """`flask jobs run` in a process of its own, on the same database."""
    with world.app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
        db.engine.dispose()
    log = (folder / name).open("w")
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "jobs", "run"],
        cwd=PROJECT,
        stdout=log,
        stderr=log,
        env=os.environ | {"PURSER_DATABASE_URL": url, "PURSER_VAR": str(folder)},
        start_new_session=True,
    )


SAID = re.compile(r"(\w+), due ([\d-]+ [\d:]+) UTC: (\w+)")


def said(log):
    """What a scheduler's log says: job and due moment → what came of it."""
    return {(job, due): what for job, due, what in SAID.findall(log.read_text())}


def until(holds, seconds=60):
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.2)


def test_the_scheduler_catches_up_and_a_second_one_waits(both, tmp_path):
    first = scheduler(both, tmp_path, "first")
    second = None
    try:
        until(lambda: {job for job, _ in said(tmp_path / "first")} == set(JOBS))
        assert {job for job, _, _, ended in runs(both) if ended} == set(JOBS), "what was missed is done at the start"
        second = scheduler(both, tmp_path, "second")
        time.sleep(4)
        assert "runs the jobs" not in (tmp_path / "second").read_text()
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 0
        until(lambda: "runs the jobs" in (tmp_path / "second").read_text())
        until(lambda: {job for job, _ in said(tmp_path / "second")} == set(JOBS))
        # The clock goes on meanwhile: what has become due between the two is done by the second.
        done, again = said(tmp_path / "first"), said(tmp_path / "second")
        both_times = done.keys() & again.keys()
        assert both_times and {again[one] for one in both_times} == {"already"}
    finally:
        for process in (first, second):
            if process is not None and is_running(process.pid):
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


# Commands.


def command(world, *words, typed=None):
    """A command of the program; its exit code and what it says."""
    answer = world.app.test_cli_runner().invoke(args=list(words), input=typed)
    return answer.exit_code, answer.output


def test_commands_run_and_list_jobs(world):
    assert command(world, "jobs", "once", "books") == (0, "books, due 2026-11-23 07:10 UTC: done, the books agree\n")
    assert command(world, "jobs", "once", "books")[0] == 0
    code, said = command(world, "jobs", "list")
    assert (
        code == 0
        and "last done for 2026-11-23 07:10: the books agree" in said
        and said.count("never done") == len(JOBS) - 1
    )
    assert command(world, "jobs", "once", "nonsense")[0] == 2
