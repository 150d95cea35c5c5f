"""Jobs: what the office does by itself at its times (`rules.schedule`), and how it is done exactly once.

One scheduler works, whatever the number of machines: it holds a lock. Even so a job is claimed in the database for
each time that it is due, in the same transaction as what it does: two runs at once do it once, and a run that dies has
done nothing and is done again. Source: OP-05."""

import fcntl
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from flask import Flask, current_app
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from app import audit_heads, engine, mailing, reminders
from app.backups import making
from app.entities.operations import JobRun
from app.extensions import db
from app.office import Office
from app.rules.schedule import SCHEDULE
from app.sampling import sample

log = logging.getLogger(__name__)

LOCK = 815003
"""PostgreSQL's number for the right to be the scheduler."""

ASK_AGAIN = 10  # seconds between two tries to become the scheduler
STILL_MINE = 60  # seconds between two looks whether the lock's connection lives


@dataclass(frozen=True)
class Job:
    """Something that is done by itself: when (minute, hour, day, month, weekday in UTC), and what it means. What takes long
    is done `apart`, outside of a transaction, so that nobody who writes waits for it; it may then be done twice, if it dies
    between its work and saying so."""

    name: str
    cron: str
    does: str
    run: Callable[[Session, Office], str]
    apart: bool = False

    @property
    def trigger(self) -> Any:
        """When it is due, as the scheduler wants it."""
        return CronTrigger.from_crontab(self.cron, timezone=UTC)


def nightly_backup(session: Session, office: Office) -> str:
    """A backup into the folder of PURSER_BACKUPS, where one is named."""
    settings = current_app.config
    return making.nightly(db.engine, settings["KEYS"], settings["BACKUPS"], settings["BACKUP_DAYS"], office.now())


def write_head(session: Session, office: Office) -> str:
    """The day's signed head of the audit trail."""
    return f"covers {audit_heads.head_of(session, office.today(), office.now()).entries:,} entries"


def look_at_rows(session: Session, office: Office) -> str:
    """What the database chooses its indexes by, anew."""
    sample(session.connection())
    return "looked at the rows"


def _job(name: str, run: Callable[[Session, Office], str], apart: bool = False) -> Job:
    return Job(name, *SCHEDULE[name], run, apart)


JOBS: dict[str, Job] = {
    job.name: job
    for job in (
        _job("forget", reminders.forget_stale),
        _job("head", write_head),
        _job("backup", nightly_backup, apart=True),
        _job("sample", look_at_rows),
        _job("books", reminders.compare_books),
        _job("approvals", reminders.late_approvals),
        _job("deliveries", reminders.late_deliveries),
        _job("agreements", reminders.ending_agreements),
        _job("addresses", reminders.unreached),
        _job("mail", mailing.send_queued),
    )
}


@dataclass(frozen=True)
class Ran:
    """What came of a run: done, already (it had been done for that time), busy (somebody is doing it) or failed."""

    job: str
    due: datetime
    state: str
    outcome: str = ""

    def __str__(self) -> str:
        return (
            f"{self.job}, due {self.due:%Y-%m-%d %H:%M} UTC: {self.state}{f', {self.outcome}' if self.outcome else ''}"
        )


def last_due(job: Job, now: datetime) -> datetime | None:
    """When a job was last due, at or before a moment."""
    for back in (timedelta(hours=2), timedelta(days=2), timedelta(days=40)):
        moment = job.trigger.get_next_fire_time(None, now - back)
        if moment is None or moment > now:
            continue
        while (following := job.trigger.get_next_fire_time(moment, now)) is not None and following <= now:
            moment = following
        return moment
    return None


def run_once(app: Flask, name: str, now: datetime) -> Ran:
    """Do a job for the time at which it was last due, unless that has been done. Errors: KeyError for a name that is no
    job; what goes wrong inside a job is logged and reported, and the job may be run again."""
    job = JOBS[name]
    due = last_due(job, now)
    if due is None:
        return Ran(name, now, "already", "not due in the last days")
    with app.app_context():
        session, office = db.session(), app.extensions["office"]
        try:
            return engine.retry(lambda: _claimed(session, office, job, due), tries=4)
        except Exception as error:
            if isinstance(error, DBAPIError) and engine.may_run_again(error):
                return Ran(name, due, "busy")
            return _failed(session, office, job, due, error)


def _claimed(session: Session, office: Office, job: Job, due: datetime) -> Ran:
    try:
        run = session.scalar(select(JobRun).where(JobRun.job == job.name, JobRun.due == due).with_for_update())
        if run is not None and run.ended_at is not None:
            session.rollback()
            return Ran(job.name, due, "already", run.outcome)
        if run is None:
            run = JobRun(job=job.name, due=due, started_at=office.now())
            if not _is_ours(session, run):
                return Ran(job.name, due, "already")
        if job.apart:
            session.commit()
        run.outcome, run.ended_at = job.run(session, office), office.now()
        session.commit()
        return Ran(job.name, due, "done", run.outcome)
    except BaseException:
        session.rollback()
        raise


def _is_ours(session: Session, run: JobRun) -> bool:
    """Write the claim; false when somebody has just written the same."""
    session.add(run)
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        return False
    return True


def _failed(session: Session, office: Office, job: Job, due: datetime, error: Exception) -> Ran:
    log.exception("job %s, due %s, failed", job.name, due)
    outcome = f"failed: {type(error).__name__}"
    try:  # on record, but not ended: the next start tries again
        run = session.scalar(select(JobRun).where(JobRun.job == job.name, JobRun.due == due))
        if run is None:
            session.add(JobRun(job=job.name, due=due, started_at=office.now(), outcome=outcome))
        else:
            run.outcome = outcome
        session.commit()
    except DBAPIError:
        session.rollback()
    return Ran(job.name, due, "failed", outcome)


# The scheduler.


def run_forever(app: Flask) -> None:
    """Be the scheduler, as soon as no other is: first what was missed, then everything when it is due. Ends with the
    process."""
    with app.app_context():
        database = db.engine
    while True:
        with only_one(database) as still_mine:
            if still_mine is not None:
                log.info("this process runs the jobs")
                _schedule(app, still_mine)
        time.sleep(ASK_AGAIN)


def _schedule(app: Flask, still_mine: Callable[[], bool]) -> None:
    office: Office = app.extensions["office"]

    def tick(name: str) -> None:
        log.info("%s", run_once(app, name, office.now()))

    for name in JOBS:
        tick(name)
    # Kept in memory and in this table alone: jobs that are stored would be stored as code.
    scheduler = BlockingScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in JOBS.values():
        scheduler.add_job(tick, job.trigger, args=(job.name,), id=job.name)
    scheduler.add_job(lambda: still_mine() or scheduler.shutdown(wait=False), "interval", seconds=STILL_MINE, id="lock")
    scheduler.start()


@contextmanager
def only_one(database: Engine) -> Iterator[Callable[[], bool] | None]:
    """The right to be the scheduler of a database: a way to ask whether it still holds, or None when another process
    has it. It ends with the process, however that ends."""
    if database.dialect.name == "postgresql":
        with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            mine = connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK})
            try:
                yield (lambda: _answers(connection)) if mine else None
            finally:
                if mine and _answers(connection):
                    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
        return
    if engine.in_memory(database.url):
        yield lambda: True
        return
    with closing(open(f"{database.url.database}.jobs.lock", "w")) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield lambda: True


def _answers(connection: Any) -> bool:
    try:
        return connection.scalar(text("SELECT 1")) == 1
    except SQLAlchemyError:
        log.warning("the connection that holds the scheduler's lock is gone")
        return False
