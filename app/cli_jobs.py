"""Commands for the jobs: `flask --app app jobs run | once NAME | list`."""

import logging
import signal
import sys
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import func, select

from app.entities.operations import JobRun
from app.extensions import db
from app.jobs import JOBS, last_due, run_forever, run_once


def register(group: Any) -> None:
    """Add the commands to a group."""
    jobs = AppGroup("jobs", help="What the office does by itself.")
    jobs.add_command(run)
    jobs.add_command(once)
    jobs.add_command(list_jobs)
    group.add_command(jobs)


def _app() -> Any:
    return current_app._get_current_object()  # type: ignore[attr-defined]


commands = AppGroup()


@commands.command("run")
def run() -> None:
    """Run the jobs when they are due, until stopped. A second one waits for the first to end."""
    logging.getLogger("app.jobs").setLevel(logging.INFO)
    # A job under way finishes; what is not committed by the time we are killed has not happened.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    try:
        run_forever(_app())
    except KeyboardInterrupt:
        sys.exit(0)


@commands.command("once")
@click.argument("name", type=click.Choice(sorted(JOBS)))
def once(name: str) -> None:
    """Do one job now, if it has not been done for the last time at which it was due."""
    ran = run_once(_app(), name, current_app.extensions["office"].now())
    click.echo(str(ran))
    sys.exit(1 if ran.state in ("failed", "busy") else 0)


@commands.command("list")
def list_jobs() -> None:
    """Say what is done when, and what came of the last time."""
    now = current_app.extensions["office"].now()
    latest = select(func.max(JobRun.id)).group_by(JobRun.job)
    runs = {run.job: run for run in db.session.scalars(select(JobRun).where(JobRun.id.in_(latest)))}
    for job in JOBS.values():
        ran = runs.get(job.name)
        click.echo(f"{job.name:<12} {job.cron:<14} {job.does}")
        due = last_due(job, now)
        click.echo(
            f"{'':<12} due {due:%Y-%m-%d %H:%M} UTC; "
            + (f"last done for {ran.due:%Y-%m-%d %H:%M}: {ran.outcome}" if ran else "never done")
            if due
            else ""
        )
