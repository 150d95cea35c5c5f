"""Needs that are split to stay below the amount from which somebody else has to sign. Source: WF-06.

Nothing is refused: two needs within a month may be two needs. Whoever sends the document and whoever signs it are told
what was asked for beside it, with the numbers, and which limit they pass together."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.entities.approvals import RoutingRule
from app.entities.document import Document
from app.rules.deeds import Deed, Problem
from app.rules.money import written
from app.rules.routing import case_of, reaches

MOST_NAMED = 4


@dataclass(frozen=True)
class Alike:
    """A document that the same office sent for the same class of goods, to the same vendor if there is one."""

    name: str
    total: Decimal


def not_split_to_stay_below(document: Document, deed: Deed) -> Iterator[Problem]:
    """A warning when a document alone stays below a limit of the office's signing policy, and with its like does not."""
    case = case_of(document)
    limits = {
        rule.amount_from: _signer(rule)
        for rule in deed.facts.routing_rules(document.kind)
        if rule.amount_from is not None and document.total < rule.amount_from and reaches(rule, case)
    }
    if not limits:
        return
    days = int(deed.facts.policy("split window"))
    alike = deed.facts.alike(document, deed.today, days)
    together = document.total + sum((one.total for one in alike), Decimal(0))
    passed = max((limit for limit in limits if limit <= together), default=None)
    if passed is not None:
        yield Problem(
            f"Within {days} days {document.organization.name} asked for goods of the same class on {_named(alike)} too: "
            f"{written(together)} together. From {written(passed)} on, {limits[passed]} signs as well. Ask whether "
            "it is one need; if it is, put it into one document.",
            "total",
            warning=True,
        )


def _signer(rule: RoutingRule) -> str:
    return f"{rule.user.first_name} {rule.user.last_name}" if rule.user is not None else f"the {rule.role}"


def _named(alike: list[Alike]) -> str:
    named = [f"{one.name} ({written(one.total)})" for one in alike[:MOST_NAMED]]
    more = len(alike) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")
