"""The head of a document's page: its figures, its stepper, who would sign it, and what is wrong with it."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from app.entities.document import EDITABLE, State
from app.rules.approvals import current_steps, open_sheet, who
from app.rules.deeds import Problem
from app.rules.forecast import Seat
from app.screens.foresight import forecast_of
from app.screens.present import full_name, money

STEPS = (
    (State.DRAFT, "Draft"),
    (State.ROUTED, "Approval"),
    (State.APPROVED, "Approved"),
    (State.RELEASED, "Released"),
    (State.CLOSED, "Closed"),
)
"""The stepper of a routed document."""


class Head:
    """What stands above a document's tabs."""

    kind: Any
    label: Any

    def facts(self, document: Any) -> Sequence[tuple[Any, ...]]:
        """The figures in the head."""
        waiting = ", ".join(who(step) for step in current_steps(open_sheet(document)))
        total = Markup('$<span id="head-total">{}</span>').format(money(document.total))
        facts: list[tuple[Any, ...]] = [
            ("Total", total, "big"),
            ("Owner", full_name(document.owner)),
            ("Office", document.organization.name),
        ]
        if document.vendor is not None:
            facts.append(("Vendor", document.vendor.name))
        if document.due_on is not None:
            facts.append((self.label("due_on"), f"{document.due_on:%b} {document.due_on.day}, {document.due_on.year}"))
        return [*facts, ("Waiting for", waiting)] if waiting else facts

    def steps(self, document: Any) -> tuple[Sequence[tuple[str, str]], str]:
        """The stepper and where the document stands on it."""
        released = next((move.button for move in self.kind.life if move.action == "release"), "Released")
        names = {"Process": "Processed", "Record": "Recorded"}
        shown = [
            (state.value, names.get(released, label) if state is State.RELEASED else label)
            for state, label in STEPS
            if self.kind.signed or state in (State.DRAFT, State.RELEASED)
        ]
        state = State.DRAFT.value if document.state == State.DISAPPROVED else document.state
        return shown, state if state in dict(shown) else ""

    def will_sign(self, document: Any) -> Sequence[Seat]:
        """Who would be asked to sign a draft, and why."""
        if not self.kind.signed or document.state not in EDITABLE:
            return ()
        return forecast_of(document, self.kind).seats


def linked(problem: Problem) -> dict[str, Any]:
    """A problem for the summary: its words, and the place that they lead to."""
    groups = {"main": "Details", "lines": "Lines", "funding": "Funding", "address": "Addresses", "pricing": "Pricing"}
    return {
        "anchor": problem.anchor,
        "message": str(problem),
        "group": groups.get(problem.tab, ""),
        "warning": problem.warning,
    }
