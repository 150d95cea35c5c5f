"""What an approver has to see before signing: the figures, what was checked, the lines, and what will come of it.

The same checks as at routing and signing are asked, so that nobody learns from a refusal what the page could have
said. Source: DOC-04, DOC-14, IN-07."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import abort
from flask_appbuilder import AppBuilder
from sqlalchemy import select

from app import rights, workflow, worklists
from app.entities.awards import DeliveryOrder, MasterAgreement
from app.entities.document import Document, State
from app.entities.lines import Supply
from app.entities.payables import Invoice
from app.entities.requests import MarketBasket, PurchaseRequest
from app.extensions import db
from app.facts import Answers
from app.rules.approvals import current_steps, open_sheet, place_of
from app.rules.deeds import Deed, Problem
from app.rules.documents import judge, kind_named
from app.rules.lifecycle import Move
from app.rules.money import written
from app.rules.numbers import read_key
from app.rules.requests import portions
from app.scope import unscoped
from app.screens import security
from app.screens.gate import actor, office
from app.screens.present import chip, day, document_url, full_name, moment, money, quantity

MOST_LINES = 30
"""How many lines a preview shows; the document's page has them all."""


@dataclass(frozen=True)
class Row:
    """One line of the document."""

    position: int
    description: str
    chip: Any
    quantity: str
    price: str
    amount: str


@dataclass(frozen=True)
class Preview:
    """Everything that the right side of the inbox shows."""

    document: Document
    screen: Any
    kind: str
    facts: Sequence[tuple[Any, ...]] = ()
    checks: Sequence[Mapping[str, str]] = ()
    rows: Sequence[Row] = ()
    more: int = 0
    creates: Sequence[str] = ()
    moves: Mapping[str, Move] = field(default_factory=dict)
    reason: str = ""
    key: str = ""
    ask_password: bool = True
    sheet: Any = None
    came_back: str = ""
    turn: Sequence[Any] = ()

    @property
    def opens(self) -> bool:
        """Whether the person may read more than its name."""
        return self.screen is not None


def preview_of(appbuilder: AppBuilder, pk: str) -> Preview:
    """The preview of a document within sight. Errors: 404."""
    session, key = db.session(), read_key(pk)
    kind = kind_named(session.scalar(select(Document.kind).where(Document.id == key)) or abort(404))
    screen = next((one for one in appbuilder.baseviews if kind and getattr(one, "entity", None) is kind.entity), None)
    if kind is None or screen is None or not screen.may("show"):
        return Preview(session.get_one(Document, key), None, kind.name if kind else "Document")
    document = screen.load(pk, named=False)
    rows, sheet = rows_of(document), document.sheets[-1] if document.sheets else None
    return Preview(
        document,
        screen,
        kind.name,
        facts=_facts(document),
        checks=checks_of(document, screen),
        rows=rows[:MOST_LINES],
        more=max(len(rows) - MOST_LINES, 0),
        creates=creates_of(document),
        moves={move.action: move for move in workflow.possible(document, actor())},
        reason=_reason(document),
        key=secrets.token_urlsafe(12),
        ask_password=not security.proves(""),
        sheet=sheet,
        came_back=_came_back(document),
        turn=current_steps(open_sheet(document)),
    )


def _facts(document: Document) -> list[tuple[Any, ...]]:
    facts: list[tuple[Any, ...]] = [("Total", f"${money(document.total)}", "big")]
    if document.due_on is not None:
        facts.append(("Due" if isinstance(document, Invoice) else "Need by", day(document.due_on)))
    if document.vendor is not None:
        facts.append(("Vendor", document.vendor.name))
    if document.routed_at is not None:
        facts.append(("Routed", moment(document.routed_at)))
    if document.state == State.ROUTED and (place := place_of(document, actor())).user_id != actor().user_id:
        facts.append(("You sign for", place.name))
    return facts


def _reason(document: Document) -> str:
    """Why a document came back: what its last signature says."""
    if document.state != State.DISAPPROVED:
        return ""
    refusals = [
        step.signature
        for sheet in document.sheets[-1:]
        for step in sheet.steps
        if step.signature and step.signature.verdict == "disapproved"
    ]
    return f"{full_name(refusals[-1].by)}: {refusals[-1].comment}" if refusals else ""


def _came_back(document: Document) -> str:
    """Since when an approver asks what is new: of a document that was returned once and is routed again."""
    if document.state != State.ROUTED:
        return ""
    refusals = [
        step.signature
        for sheet in document.sheets[:-1]
        for step in sheet.steps
        if step.signature and step.signature.verdict == "disapproved"
    ]
    if not refusals:
        return ""
    last = max(refusals, key=lambda one: one.id)
    return "since you returned it" if last.by_id == actor().user_id else f"since {full_name(last.by)} returned it"


# What was checked.


def checks_of(document: Document, screen: Any) -> list[dict[str, str]]:
    """What speaks against the document, and, where nothing does, what was looked at."""
    problems = problems_of(document)
    mine = screen.editable(document)
    found = [_check(one, document, mine) for one in problems]
    if not any(one.tab == "funding" for one in problems):
        found = [*_funds(document, screen), *found]
    if not problems:
        found.append({"tone": "pass", "text": "Everything that has to be filled in is there, and nothing contradicts."})
    return [*found, *_sources(document)]


def _check(problem: Problem, document: Document, fixed_here: bool) -> dict[str, str]:
    """A problem, with the way to its field for who may write there."""
    said = {"tone": "warn" if problem.warning else "block", "text": str(problem)}
    if not (fixed_here and problem.anchor):
        return said
    return said | {"fix_url": f"{document_url(document)}#{problem.anchor}", "fix_label": "Fix"}


def problems_of(document: Document) -> list[Problem]:
    """Everything that would refuse the next step, each thing once."""
    found: dict[str, Problem] = {}
    facts = Answers(db.session(), office())
    for by, action in _asked(document):
        deed = Deed(action, by, office().now(), office().today(), facts, proved=True)
        with unscoped(db.session()):  # as it will be judged when the button is pressed
            for problem in judge(document, deed):
                found.setdefault(str(problem), problem)
    return sorted(found.values(), key=lambda one: one.warning)


def _asked(document: Document) -> Iterable[tuple[Any, str]]:
    """By whom and for what the document is judged: at approval both what its sender had to fill in and what the
    approver may sign."""
    if document.state == State.ROUTED:
        sender = rights.actor_of(db.session(), document.owner, office().today())
        return ((sender, "route"), (actor(), "approve"))
    return ((actor(), "release" if document.state == State.APPROVED else "route"),)


def _funds(document: Document, screen: Any) -> list[dict[str, str]]:
    """What each strip has, beside what the document asks of it."""
    if not (screen.has_lines and screen.funds_lines):
        return []
    carried = any(line.source_line_id for line in document.lines)
    beside = " beside what its request has set aside" if carried else ""
    return [
        {
            "tone": "pass",
            "text": f"{row['strip'].code}: {written(row['amount'])} asked, "
            f"{written(row['available'])} available{beside}",
        }
        for row in screen.funding_summary(document)
    ]


def _sources(document: Document) -> list[dict[str, str]]:
    """Where a basket's lines come from, and why some come from the open market."""
    if not isinstance(document, MarketBasket) or not document.lines:
        return []
    agreed = [line for line in document.lines if line.supply != Supply.OPEN]
    number = (
        "Every line comes"
        if len(agreed) == len(document.lines)
        else f"{len(agreed)} of {len(document.lines)} lines come"
    )
    found = (
        [{"tone": "pass", "text": f"{number} from stock, an office of the government or an agreement"}]
        if agreed
        else []
    )
    return found + [
        {"tone": "warn", "text": f"Line {line.position} is bought on the open market. Reason: “{line.justification}”"}
        for line in document.lines
        if line.supply == Supply.OPEN and line.justification
    ]


# What it says, and what comes of it.


def rows_of(document: Document) -> list[Row]:
    """The lines; an invoice's with what the match says of each."""
    if isinstance(document, Invoice):
        ((_, found),) = worklists.matches(db.session(), office(), [document])
        return [
            Row(
                one.line.position,
                one.line.description,
                chip(one.result),
                f"{quantity(one.quantity)} {one.line.unit}",
                money(one.price),
                money(one.line.amount),
            )
            for one in found
        ]
    return [
        Row(
            line.position,
            line.description,
            chip(line.supply),
            f"{quantity(line.quantity)} {line.unit}",
            money(line.unit_price),
            money(line.amount),
        )
        for line in document.lines
    ]


def _orders_and_requests(basket: Any) -> list[str]:
    return [
        f"An order to {one.vendor.name} for ${money(one.total)}"
        if one.vendor is not None
        else f"A purchase request for class {one.class_code or 'not chosen'}, ${money(one.total)}"
        for one in portions(basket)
    ]


def _of_invoice(invoice: Any) -> list[str]:
    return [
        f"${money(invoice.total)} is spent, and a payment to {invoice.vendor.name} is queued."
        if invoice.vendor
        else f"${money(invoice.total)} is spent."
    ]


CREATES: Mapping[type[Document], Callable[[Any], list[str]]] = {
    MarketBasket: _orders_and_requests,
    PurchaseRequest: lambda request: [f"${money(request.total)} is set aside on its strips until an order is made."],
    MasterAgreement: lambda agreement: [f"Offices may order until {day(agreement.expires_on)}."],
    DeliveryOrder: lambda order: [
        f"${money(order.total)} is committed{f' to {order.vendor.name}' if order.vendor else ''}."
    ],
    Invoice: _of_invoice,
}
"""Type → what its release brings about, in words."""


def creates_of(document: Document) -> list[str]:
    """What will come of the document once it is released."""
    underway = document.state in (State.DRAFT, State.DISAPPROVED, State.ROUTED, State.APPROVED)
    return CREATES[type(document)](document) if underway and type(document) in CREATES else []
