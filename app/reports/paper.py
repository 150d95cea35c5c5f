"""What a paper is: its form, what its story is told, what its state is called, and where its document lives."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reportlab.lib.pagesizes import landscape, letter
from reportlab.platypus import Flowable

from app.entities.document import Document, State
from app.office import Office
from app.reports.tables import Column
from app.reports.text import moment
from app.rules.deeds import Facts

PORTRAIT_COLUMNS = 8
"""A table with more columns than this lies across: the paper is turned."""

STANDING: Mapping[str, tuple[str, str]] = {
    State.DRAFT: ("Draft, not in force", "DRAFT"),
    State.ROUTED: ("In approval, not in force", "NOT APPROVED"),
    State.DISAPPROVED: ("Returned, not in force", "RETURNED"),
    State.APPROVED: ("Approved, not released yet", "NOT RELEASED"),
    State.RELEASED: ("Released", ""),
    State.CLOSED: ("Closed", ""),
    State.CANCELLED: ("Cancelled", "CANCELLED"),
    State.TERMINATED: ("Terminated", "TERMINATED"),
    State.SUPERSEDED: ("Superseded", "SUPERSEDED"),
}
"""State → what the letterhead says, and what stands across every page of a paper that is not in force."""


@dataclass(frozen=True)
class Paper:
    """What a story is told besides the document: the office, the width to fill, and what its records know of receipts
    and other bills (None: nothing is said about them)."""

    office: Office
    width: float
    facts: Facts | None = None

    def moment(self, at: datetime | None) -> str:
        """A moment by the office's clock."""
        return moment(at, self.office)


@dataclass(frozen=True)
class Form:
    """One type of paper: its title, the columns of its lines, and the story that fills it. `words` names states that
    are called otherwise on this paper."""

    title: str
    columns: tuple[Column, ...]
    story: Callable[[Any, Paper], Iterator[Flowable]]
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> tuple[float, float]:
        """Letter, turned when the columns need it."""
        return landscape(letter) if len(self.columns) > PORTRAIT_COLUMNS else letter


def path_of(document: Document) -> str:
    """Where the document's page is, below the office's address."""
    return f"{document.kind.replace('_', '-')}/show/{document.id}"


def link_to(document: Document, address: str) -> str:
    """The document's address, for the QR code and the foot of the page."""
    return f"{address.rstrip('/')}/{path_of(document)}"
