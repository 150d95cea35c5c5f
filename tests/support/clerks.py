"""An office in which everybody does anything at any time: what the state machine plays with, and what it knows of it.

Each deed is done through the program's own doors, as its screens do it; what is done is written into `Books` only when
the program said yes, and what must not be done is known here on its own account."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app import ledger, totals, workflow
from app.integrity import Frozen
from app.models import (
    CatalogItem,
    DeliveryOrder,
    Document,
    Invoice,
    InvoiceLine,
    LineFunding,
    LineItem,
    MarketBasket,
    MasterAgreement,
    Posting,
    PostingKind,
    PurchaseRequest,
    Receipt,
    ReceiptLine,
)
from app.rules.lines import carried
from tests.abuse.evidence import fingerprint
from tests.support import sightings
from tests.support.books import Books, Paper, Row, split, to_the_cent
from tests.support.making import act, records
from tests.support.world import World

ENTITIES: dict[str, type[Document]] = {
    one.__tablename__: one for one in (MarketBasket, PurchaseRequest, MasterAgreement, DeliveryOrder, Receipt, Invoice)
}
AUTHORS = {"market_basket": "requester", "purchase_request": "requester", "invoice": "fiscal", "receipt": "receiver"}
SIGNERS = {"master_agreement": ("chief",)}
RELEASES = {"master_agreement": "buyer", "invoice": "fiscal", "receipt": "receiver"}
NO = (workflow.Refused, workflow.Forbidden, workflow.IllegalMove, workflow.Gone, Frozen, totals.TooLarge)
"""How the program says no."""


class Clerks:
    """The office, its documents and the second set of books."""

    def __init__(self, world: World) -> None:
        self.world, self.papers, self.books = world, {}, Books()  # type: ignore[var-annotated]
        self.received: dict[int, Decimal] = {}
        self.billed: dict[int, Decimal] = {}
        self.spent: dict[int, list[tuple[str, Decimal]]] = {}
        self.done: list[str] = []
        self.refused: list[str] = []
        with records(world) as session:
            for strip, sums in sightings.booked(session).items():
                self.books.book("allotment", strip, sums["allotment"])
            self.frozen = sightings.frozen_lines(session)
            # What the office began with is known by its table alone.
            self.there = sightings.states(session)
        self.digest = fingerprint(world)

    # Doing, and being refused.

    def attempt(self, name: str, deed: Callable[[Session], Any]) -> Any:
        """Do something in a transaction of its own; None when the program says no, and then nothing has changed."""
        try:
            with records(self.world) as session:
                came_of_it = deed(session)
        except NO as why:
            self.refused.append(f"{name}: {why}")
            assert fingerprint(self.world) == self.digest, f"{name} was refused and yet changed something: {why}"
            assert name.startswith("allot") or "reconcile" not in str(why), f"{name} would free what is not held: {why}"
            return None
        self.done.append(name)
        self.digest = fingerprint(self.world)
        return came_of_it

    def press(self, paper: Paper, action: str, person: str) -> workflow.Done | None:
        """One button of a document, by anybody."""
        name = f"{action} {paper.kind} {paper.key} ({paper.state}) by {person}"
        before = self.digest
        done = self.attempt(name, lambda _: act(self.world, paper.key, action, person, comment="Because"))
        if done is None:
            return None
        if done.repeated:
            assert self.digest == before, f"{name}: what had been done already was done again"
            return done
        after = paper.after(action)
        assert after is not None, f"{name} is no step of its life"
        if action in ("approve", "conditions"):
            assert person not in paper.wrote, f"{name}: who wrote it has signed it"
            paper.signed.add(person)
        if action == "release" and paper.kind not in ("receipt", "invoice"):
            assert paper.kind in ("market_basket", "master_agreement") or all(row.funded for row in paper.rows), name
        getattr(self, f"_{action}_{paper.kind}", lambda *_: None)(paper, done)
        paper.state = after
        return done

    # What follows what, in the second set of books.

    def _release_purchase_request(self, paper: Paper, _done: Any) -> None:
        for row in paper.rows:
            self.books.hold("pre-encumbrance", row)

    def _cancel_purchase_request(self, paper: Paper, _done: Any) -> None:
        for row in paper.rows:
            self.books.free("pre-encumbrance", row.key)

    _close_purchase_request = _cancel_purchase_request

    def _release_delivery_order(self, paper: Paper, _done: Any) -> None:
        for row in paper.rows:
            self.books.hold("encumbrance", row)
            if row.source is not None:
                self.books.free("pre-encumbrance", row.source)

    def _close_delivery_order(self, paper: Paper, _done: Any) -> None:
        for row in paper.rows:
            self.books.free("encumbrance", row.key)

    _terminate_delivery_order = _close_delivery_order

    def _release_market_basket(self, paper: Paper, done: workflow.Done) -> None:
        with records(self.world) as session:
            made = [session.get_one(Document, one.id) for one in done.made]
            sources = sorted(line.source_line_id or 0 for one in made for line in one.lines)
            assert sources == sorted(row.key for row in paper.rows), (
                "each line of a basket is ordered or asked for once"
            )
            rows = {row.key: row for row in paper.rows}
            for one in made:
                mine = [rows[line.source_line_id or 0] for line in one.lines]
                copies = [
                    Row(**{**vars(row), "key": line.id, "source": row.key})
                    for row, line in zip(mine, one.lines, strict=True)
                ]
                self.papers[one.id] = Paper(
                    one.id, one.kind, "approver", rows=copies, wrote={paper.author, *paper.wrote}
                )

    def _release_receipt(self, paper: Paper, _done: Any) -> None:
        ordered = {row.key: row.quantity for row in self.papers[paper.order].rows}
        for row in paper.rows:
            assert row.source is not None
            came = self.received[row.source] = self.received.get(row.source, Decimal(0)) + row.quantity
            assert came <= ordered[row.source] * Decimal("1.1"), "more came in than order and tolerance allow"

    def _reverse_receipt(self, paper: Paper, _done: Any) -> None:
        for row in paper.rows:
            assert row.source is not None
            self.received[row.source] -= row.quantity
            assert self.received[row.source] >= self.billed.get(row.source, Decimal(0)), (
                "what was billed was taken back"
            )

    def _release_invoice(self, paper: Paper, _done: Any) -> None:
        rows = {row.key: row for row in self.papers[paper.order].rows}
        for bill in paper.rows:
            assert bill.source is not None
            row = rows[bill.source]
            billed = self.billed[row.key] = self.billed.get(row.key, Decimal(0)) + bill.quantity
            assert billed <= self.received.get(row.key, Decimal(0)), "more is paid for than came in"
            amount = to_the_cent(bill.quantity * bill.price)
            parts = dict(zip(row.parts, split(amount, list(row.parts.values())), strict=True))
            final = bill.final or billed >= row.quantity
            self.books.free("encumbrance", row.key, None if final else parts)
            for strip, money in parts.items():
                self.books.book("expenditure", strip, money)
                self.spent.setdefault(paper.key, []).append((strip, money))

    def _close_invoice(self, paper: Paper, _done: Any) -> None:
        with records(self.world) as session:
            payment = session.get_one(Invoice, paper.key).payment
            assert payment is not None and payment.paid_on is not None
            total = sum(to_the_cent(row.quantity * row.price) for row in paper.rows)
            assert payment.amount + payment.discount - payment.penalty == payment.gross == total
            assert not (payment.discount and payment.penalty), "who is late takes no discount"
            sign = 1 if payment.penalty else -1
            changes = split(payment.penalty or payment.discount, [money for _, money in self.spent[paper.key]])
        for (strip, _), change in zip(self.spent[paper.key], changes, strict=True):
            self.books.book("expenditure", strip, sign * change)

    # Making and changing.

    def begin(self, kind: str, rows: list[Row], person: str, source: Row | None = None, agreed: bool = False) -> None:
        """A draft; an order is from agreement A, or answers a line of a request, or is by itself."""
        world, office = self.world, self.world.app.extensions["office"]

        def deed(session: Session) -> tuple[int, list[int]]:
            values: dict[str, Any] = {"title": "Anything", "organization_id": world.ids["clinic"]}
            if kind in ("market_basket", "purchase_request"):
                values |= {"requesting_office_id": world.ids["clinic"], "issuing_office_id": world.ids["office"],
                           "agency_code": "CLINIC"}  # fmt: skip
            if kind in ("delivery_order", "master_agreement"):
                values["vendor_id"] = world.ids["vendor A"]
            if kind == "master_agreement":
                today = office.today()
                values |= {"effective_on": today, "expires_on": today + timedelta(days=90), "cited_authority": "KRS"}
            if kind == "delivery_order" and agreed:
                values["agreement_id"] = world.ids["MA-A"]
            document = workflow.start(session, office, ENTITIES[kind], world.actor(person), **values)
            document.lines = [self._line(row, source, agreed) for row in rows]
            session.flush()
            totals.settle(document)
            session.commit()
            return document.id, [line.id for line in document.lines]

        made = self.attempt(f"begin {kind} by {person}", deed)
        if made is not None:
            key, lines = made
            mine = [
                Row(**{**vars(row), "key": line, "source": source.key if source else None})
                for row, line in zip(rows, lines, strict=True)
            ]
            self.papers[key] = Paper(key, kind, person, rows=mine, wrote={person})

    def _line(self, row: Row, source: Row | None, agreed: bool) -> LineItem:
        ids, today = self.world.ids, self.world.app.extensions["office"].today()
        line = LineItem(
            position=1, description="Thing", commodity_code_id=ids["7510" if agreed else "7025"],
            delivery_on=today + timedelta(days=200), ship_to_id=ids["clinic dock"], deliver_to_id=ids["clinic dock"],
            invoice_to_id=ids["clinic dock"], source_line_id=source.key if source else None,
        )  # fmt: skip
        if agreed:
            with records(self.world) as session:
                item = session.get_one(CatalogItem, ids["item Keyboard, wired USB, contoured"])
                line.agreement_line_id, line.vendor_id, line.supply = (
                    item.agreement_line_id,
                    item.vendor_id,
                    "agreement",
                )
        self._write(line, row)
        return line

    def _write(self, line: LineItem, row: Row) -> None:
        line.quantity, line.unit_price, line.funding_basis = row.quantity, row.price, row.basis
        line.discount_percent, line.tax_percent = row.discount, row.tax
        line.over_tolerance = Decimal(10)
        line.funding = [
            LineFunding(position=number, strip_id=self.world.ids[strip], share=share)
            for number, (strip, share) in enumerate(row.shares.items(), 1)
        ]

    def change(self, paper: Paper, what: str, number: int, row: Row, person: str) -> None:
        """Add, change, copy or delete a line, as the grid does, whoever and whenever."""
        if not paper.rows and what != "add":
            return
        place = number % max(1, len(paper.rows))

        def deed(session: Session) -> list[int]:
            session.info.update(actor=self.world.actor(person), now=self.world.clock())
            document = session.get_one(Document, paper.key)
            if what == "add":
                document.lines.append(self._line(row, None, False))
            elif what == "copy":
                old = document.lines[place]
                document.lines.append(carried(old, len(document.lines) + 1, source_line_id=old.source_line_id))
            elif what == "delete":
                document.lines.remove(document.lines[place])
            else:
                document.lines[place].funding.clear()
                session.flush()
                self._write(document.lines[place], row)
            totals.settle(document)
            session.commit()
            return [line.id for line in document.lines]

        keys = self.attempt(f"{what} a line of {paper.kind} {paper.key} ({paper.state}) by {person}", deed)
        if keys is None:
            return
        signs = person in SIGNERS.get(paper.kind, ("approver", "chief"))
        assert paper.state in ("draft", "disapproved") or (paper.state == "routed" and signs), (
            "what is frozen was changed"
        )
        if paper.state != "routed":
            paper.wrote.add(person)
        if what in ("add", "copy"):
            new = row if what == "add" else paper.rows[place]
            paper.rows.append(Row(**{**vars(new), "source": new.source if what == "copy" else None}))
        elif what == "delete":
            del paper.rows[place]
        else:
            old = paper.rows[place]
            paper.rows[place] = Row(**{**vars(row), "key": old.key, "source": old.source})
        for one, key in zip(paper.rows, keys, strict=True):
            one.key = key

    def allot(self, strip: str, amount: Decimal) -> None:
        """More for a strip, or less."""

        def deed(session: Session) -> bool:
            row = Posting(
                strip_id=self.world.ids[strip], bfy=2027, afy=2027, afm=5, kind=PostingKind.ALLOTMENT, amount=amount,
                memo="Allotted", at=self.world.clock(),
            )  # fmt: skip
            problems = ledger.post(session, [row])
            if problems:
                raise workflow.Refused(problems)
            session.commit()
            return True

        if self.attempt(f"allot {amount} to {strip}", deed):
            self.books.book("allotment", strip, amount)

    def receive(self, order: Paper, came: list[Decimal]) -> None:
        """A receiving report of an order: what came of each line; recorded at once, if it may be."""
        rows = [Row(quantity, Decimal(0), source=row.key) for quantity, row in zip(came, order.rows, strict=False)]

        def deed(session: Session) -> int:
            document = session.get_one(Document, order.key)
            office = self.world.app.extensions["office"]
            receipt = workflow.start(
                session, office, Receipt, self.world.actor("receiver"), title="Goods", order_id=order.key,
                vendor_id=document.vendor_id, organization_id=document.organization_id,
                received_by_id=self.world.ids["receiver"], received_on=office.today(),
            )  # fmt: skip
            receipt.receipt_lines = [ReceiptLine(order_line_id=row.source, quantity=row.quantity) for row in rows]
            session.commit()
            return receipt.id

        key = self.attempt(f"begin receipt of {order.key}", deed)
        if key is not None:
            paper = self.papers[key] = Paper(key, "receipt", "receiver", rows=rows, order=order.key)
            self.press(paper, "release", "receiver")

    def bill(self, order: Paper, rows: list[Row], number: str) -> None:
        """A vendor's bill for lines of an order, to be paid today."""

        def deed(session: Session) -> int:
            document, office = session.get_one(Document, order.key), self.world.app.extensions["office"]
            invoice = workflow.start(
                session, office, Invoice, self.world.actor("fiscal"), title="Bill", vendor_id=document.vendor_id,
                organization_id=document.organization_id, vendor_invoice_number=number, invoiced_on=office.today(),
                received_on=office.today(), remit_to_id=self.world.ids["remit A"], net_days=30, discount_days=10,
                discount_percent=Decimal(2), override_on=office.today(), override_reason="Asked for",
            )  # fmt: skip
            invoice.invoice_lines = [
                InvoiceLine(position=place, order_line_id=row.source, description="Thing", quantity=row.quantity,
                            unit_price=row.price, final=row.final)
                for place, row in enumerate(rows, 1)
            ]  # fmt: skip
            session.flush()
            totals.settle(invoice)
            session.commit()
            return invoice.id

        key = self.attempt(f"begin invoice {number} of {order.key}", deed)
        if key is not None:
            self.papers[key] = Paper(key, "invoice", "fiscal", rows=rows, wrote={"fiscal"}, order=order.key)
