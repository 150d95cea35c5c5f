"""What the office did by itself, and what came of it. Source: OP-05."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, Select, func, select

from app.entities.operations import JobRun
from app.rules.schedule import SCHEDULE
from app.screens.base import Screen

FAILED = (JobRun.ended_at.is_(None), JobRun.outcome != "")

VIEWS: Mapping[str, tuple[str, Sequence[ColumnElement[bool]]]] = {
    "": ("Last run of each", (JobRun.id.in_(select(func.max(JobRun.id)).group_by(JobRun.job)),)),
    "failed": ("Failed", FAILED),
    "all": ("All", ()),
}


class JobRunScreen(Screen, of=JobRun):
    title, plural = "Job run", "Scheduled jobs"
    list_columns = ("job", "state", "outcome", "due", "does")
    show_columns = ("job", "does", "due", "started_at", "ended_at", "state", "outcome")
    search_columns = ("job", "outcome")
    searched = lookup_columns = ("job", "outcome")
    order_columns = ("id",)
    labels = {"does": "What it does", "due": "Was due", "started_at": "Began", "ended_at": "Ended"}
    exclude_route_methods = {"add", "edit", "delete", "lookup"}

    def cell(self, record: Any, name: str) -> Any:
        """What a job does is said in words, as its name alone tells little."""
        return SCHEDULE.get(record.job, ("", ""))[1] if name == "does" else super().cell(record, name)

    def views(self) -> Sequence[tuple[str, str]]:
        """Whether all goes well is seen from the last run of each job."""
        return [(key, label) for key, (label, _) in VIEWS.items()]

    def in_view(self) -> Select[Any]:
        """The runs of the view that is open."""
        return self.statement().where(*VIEWS.get(request.args.get("view", ""), VIEWS[""])[1])
