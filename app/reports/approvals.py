"""What the approval chain of a document looks like on paper: every routing of it, whom it asked and why, and what they
said, with how long each took. Source: DOC-04, RP (approval chain)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from reportlab.platypus import Flowable

from app.entities.approvals import ApprovalSheet, ApprovalStep
from app.entities.document import Document
from app.reports.paper import Form, Paper
from app.reports.sections import section
from app.reports.tables import Column, grid, ruled
from app.reports.text import STRONG, described, joined, paragraph, person, words
from app.rules.approvals import who
from app.rules.money import written


@dataclass(frozen=True)
class Row:
    """One signature that was asked for."""

    step: ApprovalStep
    since: datetime | None
    paper: Paper

    @property
    def result(self) -> Any:
        """What came of it."""
        signed = self.step.signature
        if signed is not None:
            return described(words(signed.verdict), signed.comment, STRONG)
        if self.step.sheet.closed_at is not None:
            return "Not asked any more"
        return "Waiting" if self.since is not None else "Later"

    @property
    def by(self) -> str:
        """Who signed, and for whom."""
        signed = self.step.signature
        if signed is None:
            return ""
        return joined(person(signed.by), f"for {person(signed.on_behalf_of)}" if signed.on_behalf_of else "")

    @property
    def when(self) -> str:
        """When, which version of the document, and how long it had waited for that."""
        signed = self.step.signature
        if signed is None:
            return ""
        waited = f"after {_length(signed.at - self.since)}" if self.since is not None else ""
        return joined(self.paper.moment(signed.at), f"version {signed.document_version}", waited, by="\n")


CHAIN = (
    Column("Step", lambda row: str(row.step.step), 0.45),
    Column("Asked", lambda row: described(who(row.step), row.step.reason)),
    Column("Signed by", lambda row: row.by, 1.5),
    Column("Result", lambda row: row.result, 1.7),
    Column("When", lambda row: row.when, 1.75),
)


def approval_chain(document: Document, paper: Paper) -> Iterator[Flowable]:
    """Every routing of a document, the first one first."""
    made = dict.fromkeys([document.created_by_id, *(one.user_id for one in document.preparers)])
    yield grid(
        [
            ("Subject", document.title),
            ("Total", f"{document.currency} {written(document.total)}"),
            ("Office", document.organization.name),
            ("Owner", person(document.owner)),
            ("Created or changed by", joined(*(_name_of(document, key) for key in made), by="\n")),
            ("Approved", paper.moment(document.approved_at) if document.approved_at else "Not yet"),
        ],
        paper.width,
    )
    if not document.sheets:
        yield paragraph("It has not been sent for approval.")
    for number, sheet in enumerate(document.sheets, 1):
        title = f"Routing {number}, {paper.moment(sheet.opened_at)}"
        yield from section(title, ruled(CHAIN, _rows(sheet, paper), paper.width))


def _rows(sheet: ApprovalSheet, paper: Paper) -> list[Row]:
    """The steps with the moment since when it was their turn: those before them were signed then."""
    rows: list[Row] = []
    since: datetime | None = sheet.opened_at
    for _, steps in groupby(sheet.steps, key=lambda step: step.step):
        beside: Sequence[ApprovalStep] = list(steps)
        rows += [Row(step, since, paper) for step in beside]
        signed = [step.signature.at for step in beside if step.signature is not None]
        since = max(signed) if len(signed) == len(beside) else None
    return rows


def _name_of(document: Document, user_id: int) -> str:
    if user_id == document.created_by_id:
        return person(document.created_by)
    return next(person(one.user) for one in document.preparers if one.user_id == user_id)


def _length(waited: timedelta) -> str:
    minutes = int(waited.total_seconds() // 60)
    for size, name in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            return f"{minutes // size} {name}{'' if minutes // size == 1 else 's'}"
    return "less than a minute"


APPROVALS = Form("Approval chain", CHAIN, approval_chain)
