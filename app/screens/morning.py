"""What a person finds in the morning: a few numbers, each leading to its work list, and what needs attention.

Which of it appears follows from the person's rights; which rows count, from their sight. Source: RP-01, DOC-03."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import Select, distinct, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app import budget, turns, worklists
from app.entities.awards import DeliveryOrder, MasterAgreement
from app.entities.document import Document, State
from app.entities.funds import StripBalance
from app.entities.lines import LineItem
from app.entities.payables import Invoice, Payment
from app.entities.receiving import Receipt
from app.entities.vendors import Vendor
from app.office import Office
from app.rules.calendar import fiscal_year
from app.rules.deeds import Actor
from app.rules.documents import KINDS
from app.rules.matching import LineMatch
from app.rules.money import written
from app.scope import within_sight
from app.screens import matching
from app.screens.desk import age, late_before, my_counts
from app.screens.present import day, full_name, money

MOST_TILES = 4
MOST_OF_EACH = 5
"""How many matters of one sort the first page shows; the work lists have them all."""


@dataclass(frozen=True)
class Tile:
    """A number and where it leads. `late` marks a note that should worry."""

    name: str
    value: str
    note: str
    url: str
    late: bool = False


@dataclass(frozen=True)
class Matter:
    """Something that needs attention: which document, why, whose it is, and since or until when."""

    document: Document
    why: str
    owner: str
    when: str
    tone: str


class Morning:
    """What is looked up for one first page; each question is asked once, and only if something shows its answer."""

    def __init__(self, session: Session, office: Office, actor: Actor) -> None:
        self.session, self.office, self.actor, self.today = session, office, actor, office.today()
        self.year = fiscal_year(self.today)
        self.counts = my_counts(late_before())

    def may(self, verb: str, *entities: type) -> bool:
        """Whether the person may do something with any of some types."""
        return any(self.actor.may(verb, entity) for entity in entities)

    @cached_property
    def strips(self) -> list[budget.Standing]:
        """The balances of the fiscal year."""
        return budget.by_strip(self.session, self.year) if self.may("list", StripBalance) else []

    @cached_property
    def unmatched(self) -> list[tuple[Invoice, list[LineMatch]]]:
        """The invoices that wait or do not match."""
        return worklists.unmatched(self.session, self.office) if self.may("route", Invoice) else []

    @cached_property
    def expiring(self) -> list[MasterAgreement]:
        """The agreements that end soon, of the person and of the offices that their roles reach."""
        if not self.may("edit", MasterAgreement):
            return []
        near = or_(Document.owner_id == self.actor.user_id, Document.organization_id.in_(turns.below(self.actor)))
        return worklists.expiring(self.session, self.today, near)

    def _to_come(self, *columns: Any) -> Select[Any]:
        """Of the lines that are still to come of orders within sight. Who sees an order sees its lines: they are not
        asked for each of them again."""
        return (
            select(*columns)
            .select_from(LineItem)
            .join(LineItem.document)
            .where(
                Document.kind.in_(matching.ORDERS),
                Document.state == State.RELEASED,
                *within_sight(self.session, Document),
                matching.still_to_come(LineItem.id),
            )
            .execution_options(skip_scope=True)
        )

    @cached_property
    def to_receive(self) -> tuple[int, int]:
        """How many orders have goods to come, and how many of them are late."""
        orders = distinct(LineItem.document_id)
        number, late = self.session.execute(
            self._to_come(func.count(orders), func.count(orders).filter(LineItem.delivery_on < self.today))
        ).one()
        return number, late

    @cached_property
    def late_deliveries(self) -> list[tuple[Document, date, int]]:
        """The orders whose goods should be here, the latest first: since when, and how many lines are to come."""
        if not self.may("list", DeliveryOrder):
            return []
        first, lines = func.min(LineItem.delivery_on), func.count(LineItem.id)
        late = self.session.execute(
            self._to_come(LineItem.document_id, first, lines)
            .where(LineItem.delivery_on < self.today)
            .group_by(LineItem.document_id)
            .order_by(first, LineItem.document_id)
            .limit(MOST_OF_EACH)
        ).all()
        named = select(Document).where(Document.id.in_([key for key, *_ in late])).options(joinedload(Document.owner))
        orders = {one.id: one for one in self.session.scalars(named)} if late else {}
        return [(orders[key], since, number) for key, since, number in late if since and key in orders]

    def whose(self, document: Document) -> str:
        """Whose a document is, as the reader says it."""
        return "You" if document.owner_id == self.actor.user_id else full_name(document.owner)


# Tiles.


def _to_sign(it: Morning) -> Tile:
    late = it.counts.late
    return Tile(
        "Waiting for your signature",
        str(it.counts.sign),
        f"{late} overdue" if late else "None overdue",
        "/inbox/?view=sign",
        bool(late),
    )


def _invoices(it: Morning) -> Tile:
    held = sum((invoice.total for invoice, _ in it.unmatched), Decimal(0))
    return Tile("Invoices that do not match", str(len(it.unmatched)), f"${money(held)} held", "/invoice/list/")


def _payments(it: Morning) -> Tile:
    number, late, amount = worklists.payments_due(it.session, it.today)
    return Tile(
        "Payments due", str(number), f"${money(amount)}{f', {late} late' if late else ''}", "/payment/list/", bool(late)
    )


def _receipts(it: Morning) -> Tile:
    number, late = it.to_receive
    return Tile(
        "Orders to receive",
        str(number),
        f"{late} late" if late else "None late",
        f"/pending-receipts/list/{'?period=late' if late else ''}",
        bool(late),
    )


def _returned(it: Morning) -> Tile:
    return Tile(
        "Returned to you",
        str(it.counts.returned),
        "Correct and route again" if it.counts.returned else "Nothing came back",
        "/inbox/?view=returned",
    )


def _to_release(it: Morning) -> Tile:
    return Tile(
        "To release",
        str(it.counts.release),
        "Approved by everybody" if it.counts.release else "Nothing waits",
        "/inbox/?view=release",
    )


def _agreements(it: Morning) -> Tile:
    first = it.expiring[0] if it.expiring else None
    return Tile(
        "Agreements that end soon",
        str(len(it.expiring)),
        f"Next: {first.name}, {day(first.expires_on)}" if first else f"None within {worklists.EXPIRES_WITHIN} days",
        "/master-agreement/list/?order=expires_on&dir=asc",
    )


def _to_review(it: Morning) -> Tile:
    number = worklists.vendors_in_review(it.session, it.today)
    return Tile(
        "Vendors to review",
        str(number),
        "None may be ordered from yet" if number else "Nobody waits",
        "/vendor/list/?view=review",
    )


def _encumbered(it: Morning) -> Tile:
    held = sum((one.encumbered for one in it.strips), Decimal(0))
    allotted = sum((one.allotted for one in it.strips), Decimal(0))
    share = f"{held * 100 / allotted:.0f}% of the FY{it.year % 100:02} budget" if allotted else "No budget in sight"
    return Tile("Open encumbrances", short(held), share, "/strip-balance/list/")


SIGNED = tuple(entity for entity, kind in KINDS.items() if kind.signed)

TILES: tuple[tuple[str, tuple[type, ...], Callable[[Morning], Tile]], ...] = (
    ("approve", SIGNED, _to_sign),
    ("route", (Invoice,), _invoices),
    ("close", (Invoice,), _payments),
    ("add", (Receipt,), _receipts),
    ("route", SIGNED, _returned),
    ("release", SIGNED, _to_release),
    ("list", (Payment,), _payments),
    ("edit", (MasterAgreement,), _agreements),
    ("edit", (Vendor,), _to_review),
)
"""Verb and entities of which a person needs one, and the tile that they then get; the first ones that fit."""


def tiles(it: Morning) -> list[Tile]:
    """A person's tiles: what they do first, and the money last."""
    made = [("list", (StripBalance,), _encumbered)] if it.may("list", StripBalance) else []
    fitting = dict.fromkeys(make for verb, entities, make in TILES if it.may(verb, *entities))
    return [make(it) for make in [*fitting][: MOST_TILES - len(made)]] + [make(it) for _, _, make in made]


def short(amount: Decimal) -> str:
    """Money for a tile: $1.84M, $18.4k, $950.00."""
    for size, letter in ((Decimal(1_000_000), "M"), (Decimal(10_000), "k")):
        if amount >= size:
            unit = Decimal(1000) if letter == "k" else size
            return f"${(amount / unit).quantize(Decimal('0.01') if letter == 'M' else Decimal('0.1'))}{letter}"
    return f"${written(amount)}"


# What needs attention.


def matters(it: Morning) -> list[Matter]:
    """The few things that should not wait, the worrying ones first."""
    found = [one for look in (_late_approvals, _late_deliveries, _came_back, _mismatches, _ending) for one in look(it)]
    return sorted(found, key=lambda one: one.tone != "bad")


def _late_approvals(it: Morning) -> Iterator[Matter]:
    waiting = turns.to_sign(it.session, it.actor, late_before(), MOST_OF_EACH) if it.counts.late else []
    for one in waiting:
        if one.late:
            yield Matter(one.document, "Waits for your signature", it.whose(one.document), age(one.since), "bad")


def _late_deliveries(it: Morning) -> Iterator[Matter]:
    for order, first, lines in it.late_deliveries:
        days = (it.today - first).days
        yield Matter(
            order,
            f"Delivery late by {days} day{'' if days == 1 else 's'}, {lines} line{'' if lines == 1 else 's'} to come",
            it.whose(order),
            day(first),
            "bad",
        )


def _came_back(it: Morning) -> Iterator[Matter]:
    if it.counts.returned:
        for one in turns.standing(it.session, turns.returned_to(it.actor), MOST_OF_EACH):
            yield Matter(one.document, "Returned to you, to be corrected", "You", age(one.since), "info")


def _mismatches(it: Morning) -> Iterator[Matter]:
    for invoice, lines in it.unmatched[:MOST_OF_EACH]:
        first = lines[0]
        yield Matter(
            invoice,
            f"Line {first.line.position}: {'; '.join(first.reasons)}",
            it.whose(invoice),
            day(invoice.received_on),
            "warn",
        )


def _ending(it: Morning) -> Iterator[Matter]:
    for agreement in it.expiring[:MOST_OF_EACH]:
        left: int = (agreement.expires_on - it.today).days if agreement.expires_on else 0
        vendor: Any = agreement.vendor
        yield Matter(
            agreement,
            f"Agreement{f' with {vendor.name}' if vendor else ''} ends in {left} day{'' if left == 1 else 's'}",
            it.whose(agreement),
            day(agreement.expires_on),
            "warn",
        )
