"""Jobs, run now, and what came of them."""

from typing import Any

from sqlalchemy import select

from app.jobs import run_once
from app.models import JobRun, Notice
from tests.support.making import records
from tests.support.world import World


def told(world: World, name: str = "") -> list[Any]:
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


def run(world: World, name: str) -> Any:
    """One run of a job, now."""
    return run_once(world.app, name, world.clock())


def runs(world: World) -> list[tuple[Any, ...]]:
    """The runs on record: job, due, outcome, and whether it ended."""
    with records(world) as session:
        return [
            (one.job, one.due, one.outcome, one.ended_at is not None)
            for one in session.scalars(select(JobRun).order_by(JobRun.id))
        ]
