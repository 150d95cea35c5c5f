"""Jobs: due once, done once, by one scheduler; and what each of them tells whom. Source: OP-05, DOC-15."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from app import jobs, reminders
from app.extensions import db
from app.jobs import JOBS, Job, last_due, run_once
from app.models import (
    Document,
    IdempotencyKey,
    JobRun,
    MasterAgreement,
    Notice,
    Policy,
    Preparer,
    SignIn,
    SignInAttempt,
    StripBalance,
)
from tests.support.around import a_deputy, only_signer
from tests.support.making import (
    BENCH,
    PARKS,
    TONER,
    Wanted,
    a_basket,
    a_receipt,
    a_request,
    an_agreement,
    an_order,
    move,
    records,
)
from tests.support.people import Person
from tests.support.processes import is_running

PROJECT = Path(__file__).parents[2]


def told(world, name=""):
    """What people have been told: all of it, or one person's, without what signing and releasing tells."""
    with records(world) as session:
        wanted = select(Notice.user_id, Notice.text).order_by(Notice.id)
        names = {
            key: one
            for one, key in world.ids.items()
            if one
            in (
                "requester",
                "approver",
                "buyer",
                "chief",
                "fiscal",
                "admin",
                "manager",
                "stranger",
                "technician",
                "evaluator",
            )
        }
        rows = [
            (names.get(user_id, str(user_id)), words)
            for user_id, words in session.execute(wanted)
            if not any(done in words for done in (" it: ",))
        ]
    return [words for who, words in rows if who == name] if name else rows


def run(world, name):
    """One run of a job, now."""
    return run_once(world.app, name, world.clock())


def runs(world):
    """The runs on record: job, due, outcome, and whether it ended."""
    with records(world) as session:
        return [
            (one.job, one.due, one.outcome, one.ended_at is not None)
            for one in session.scalars(select(JobRun).order_by(JobRun.id))
        ]


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
        until(lambda: len(runs(both)) == len(JOBS))
        assert {job for job, _, _, ended in runs(both) if ended} == set(JOBS), "what was missed is done at the start"
        second = scheduler(both, tmp_path, "second")
        time.sleep(4)
        assert "runs the jobs" not in (tmp_path / "second").read_text()
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 0
        until(lambda: "runs the jobs" in (tmp_path / "second").read_text())
        until(lambda: (tmp_path / "second").read_text().count("already") == len(JOBS))
    finally:
        for process in (first, second):
            if process is not None and is_running(process.pid):
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


# What each of them does.


def test_approvers_are_reminded_once_a_day_of_what_is_late(both):
    a_basket(both, "routed", title="Chairs")
    both.clock.on("2026-11-26")
    assert run(both, "approvals").outcome == "0 documents are late, 0 reminders"
    both.clock.on("2026-11-27")
    assert run(both, "approvals").outcome == "1 documents are late, 2 reminders"
    both.clock.on("2026-11-27", 20)
    assert run(both, "approvals").state == "already"
    both.clock.on("2026-11-28")
    run(both, "approvals")
    assert told(both, "approver") == [
        f"MB-2027-000001 has waited {days} days for your signature: Chairs" for days in (4, 5)
    ]
    assert told(both, "chief") == told(both, "approver"), "he holds the role above the clinic"
    assert told(both, "stranger") == [] and told(both, "requester") == []


def test_a_reminder_that_is_there_is_not_written_twice(world):
    """Though the record of the run were lost."""
    a_basket(world, "routed")
    world.clock.on("2026-11-30")
    run(world, "approvals")
    with records(world) as session:
        session.execute(text("DELETE FROM job_run"))
        session.commit()
    assert run(world, "approvals").outcome == "1 documents are late, 0 reminders"


def test_who_made_it_is_not_reminded_and_deputies_are(world):
    only_signer(world, "purchase_request", "manager")
    request = a_request(world, "routed", title="Lamps")
    with records(world) as session:
        session.add(Preparer(document_id=request, user_id=world.ids["manager"]))
        session.commit()
    world.clock.on("2026-11-30")
    a_deputy(world, "manager", "technician")
    run(world, "approvals")
    assert told(world) == [("technician", "PR-2027-000001 has waited 7 days for your signature: Lamps")]


def test_the_office_says_after_how_many_days_it_is_late(world):
    with records(world) as session:
        session.add(Policy(name="overdue approval", value=Decimal(10), effective_from=date(2026, 1, 1)))
        session.commit()
    a_basket(world, "routed")
    world.clock.on("2026-12-03")
    assert run(world, "approvals").outcome == "0 documents are late, 0 reminders"
    world.clock.on("2026-12-04")
    assert run(world, "approvals").outcome == "1 documents are late, 2 reminders"


def test_each_office_is_reminded_of_its_own(world):
    a_basket(world, "routed", BENCH, place=PARKS, title="Bench")
    world.clock.on("2026-11-30")
    run(world, "approvals")
    assert {who for who, _ in told(world)} == {"stranger", "chief"}


def test_a_step_whose_turn_has_not_come_reminds_nobody(world):
    only_signer(world, "market_basket", "manager", "chief")
    basket = a_basket(world, "routed")
    world.clock.on("2026-11-30")
    run(world, "approvals")
    assert {who for who, _ in told(world)} == {"manager"}
    move(world, basket, ("approve", "manager"))
    world.clock.on("2026-12-01")
    run(world, "approvals")
    assert {who for who, _ in told(world)} == {"manager"}, "the chief's days count from the signature before"


def test_the_owner_learns_once_that_a_delivery_is_late(both):
    order = an_order(both, "released", TONER, vendor="B", agreement="B", title="Toner")
    both.clock.on("2026-12-10")
    assert run(both, "deliveries").outcome == "0 lines are late, 0 notices", "the day itself is in time"
    for day in ("2026-12-11", "2026-12-12"):
        both.clock.on(day)
        run(both, "deliveries")
    assert told(both, "buyer") == ["DO-2027-000001 was to be delivered on 2026-12-10 and has not come in full: Toner"]
    a_receipt(both, order, {1: "7"})
    both.clock.on("2026-12-13")
    assert run(both, "deliveries").outcome == "0 lines are late, 0 notices"


def test_what_came_within_the_tolerance_is_not_late(both):
    line = Wanted(
        "Toner",
        "100",
        "1.15",
        "7510",
        "item Toner cartridge, black",
        "agreement",
        funding={"S1": "100"},
        extra={"under_tolerance": Decimal(5), "under_basis": "percent"},
    )
    order = an_order(both, "released", line, vendor="B", agreement="B")
    a_receipt(both, order, {1: "94"})
    both.clock.on("2026-12-20")
    assert run(both, "deliveries").outcome == "1 lines are late, 1 notices"
    a_receipt(both, order, {1: "1"})
    both.clock.on("2026-12-21")
    assert run(both, "deliveries").outcome == "0 lines are late, 0 notices"


def test_the_owner_of_an_agreement_is_warned_twice_and_again_when_its_end_moves(both):
    agreement = an_agreement(both, "released", expires_on=date(2027, 2, 1), title="Binders")
    for day in (
        "2026-12-02",
        "2026-12-03",
        "2026-12-04",
        "2027-01-01",
        "2027-01-02",
        "2027-01-03",
        "2027-02-01",
        "2027-02-02",
    ):
        both.clock.on(day)
        run(both, "agreements")
    assert told(both, "buyer") == [
        f"MA-2027-000003 ends on 2027-02-01, within {days} days: Binders" for days in (60, 30)
    ]
    with records(both) as session:
        session.execute(
            update(MasterAgreement.__table__)
            .where(MasterAgreement.__table__.c.id == agreement)
            .values(expires_on=date(2027, 3, 1))
        )
        session.commit()
    both.clock.on("2027-02-03")
    run(both, "agreements")
    assert told(both, "buyer")[-1] == "MA-2027-000003 ends on 2027-03-01, within 30 days: Binders"


def test_books_that_differ_are_told_to_fiscal_and_administrators(both):
    a_request(both, "released")
    assert run(both, "books").outcome == "the books agree"
    with records(both) as session:
        session.execute(
            update(StripBalance.__table__)
            .where(StripBalance.__table__.c.strip_id == both.ids["S1"])
            .values(pre_encumbered=Decimal("150.00"))
        )
        session.commit()
    both.clock.on("2026-11-24")
    assert run(both, "books").outcome == "1 balances differ"
    said = "The books of 2026-11-24 differ. S1 BFY2027 pre-encumbrance: balance 150.00, postings 200.00"
    assert sorted(told(both)) == [("admin", said), ("fiscal", said)]


def test_a_night_of_many_differences_does_not_flood_anybody(world):
    with records(world) as session:
        session.execute(text("UPDATE strip_balance SET pre_encumbered = 100, encumbered = 100, expended = 100"))
        session.commit()
    assert run(world, "books").outcome == "9 balances differ"
    assert len(told(world, "fiscal")) == reminders.MOST_DIFFERENCES + 1
    assert "differ on 9 balances in all" in told(world, "fiscal")[-1]


def test_what_has_had_its_time_is_forgotten_and_the_rest_stays(both):
    fresh = Person(both.app, "requester")
    with records(both) as session:
        now, document = both.clock(), session.scalar(select(func.min(Document.id)))
        for age in (timedelta(0), timedelta(minutes=59), timedelta(minutes=61), timedelta(days=2), timedelta(days=31)):
            session.add_all(
                [
                    SignIn(
                        token_digest=str(age),
                        user_id=both.ids["buyer"],
                        password_mark="",
                        started_at=now - age,
                        seen_at=now - age,
                        proved_at=now - age,
                    ),
                    SignInAttempt(account="buyer", network="10.0.0.1", at=now - age),
                    IdempotencyKey(key=str(age), document_id=document, action="route", at=now - age),
                ]
            )
        session.add(JobRun(job="books", due=now - timedelta(days=200), started_at=now))
        session.commit()
    assert (
        run(both, "forget").outcome == "forgot 3 sign-ins, 2 failed tries, 1 request keys, 1 records of jobs, 0 mails"
    )
    assert fresh.get("/inbox/").status_code == 200, "who is at work stays signed in"
    assert run(both, "forget").state == "already"


def test_the_database_looks_at_its_rows_at_night(both):
    """It chooses its indexes by what it saw; SQLite never looks by itself."""
    asked = {
        "sqlite": "SELECT count(*) FROM sqlite_stat1 WHERE idx = 'ix_document_sight'",
        "postgresql": "SELECT count(*) FROM pg_stats WHERE tablename = 'document' AND attname = 'state'",
    }
    a_request(both, "routed")
    assert run(both, "sample").outcome == "looked at the rows"
    with records(both) as session:
        assert session.scalar(text(asked[session.get_bind().dialect.name])) == 1


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
