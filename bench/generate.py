"""An office after many years: vendors, items, and purchases from the basket to the paid invoice, as many as asked for.

They are added to the demo, whose people then sign in and work between them. The books agree: each amount that was spent
had been allotted. Always the same, whatever the machine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from app import search_index
from app.entities.approvals import ApprovalSheet, ApprovalStep, Signature
from app.entities.awards import DeliveryOrder
from app.entities.catalog import CatalogItem, CommodityCode
from app.entities.document import Document, DocumentEvent, DocumentLink, NumberSeries, Preparer
from app.entities.funds import FundingStrip, Posting, StripBalance
from app.entities.lines import LineFunding, LineItem
from app.entities.organization import Organization, Profile
from app.entities.payables import Invoice, InvoiceLine, InvoiceNumber, Payment
from app.entities.receiving import Receipt, ReceiptLine
from app.entities.requests import MarketBasket, PurchaseRequest
from app.entities.vendors import Vendor, VendorAddress
from app.rules.calendar import fiscal_year
from bench.load import Load

KINDS = (MarketBasket, PurchaseRequest, DeliveryOrder, Receipt, Invoice)
SERIES = ("MB", "PR", "DO", "RR", "IN")
LINES = 5
ROUTED_EVERY, DRAFT_EVERY, OPEN_EVERY = 400, 60, 25
"""Of how many purchases one waits for a signature, is still a draft, or is not received yet."""

GOODS = (
    "paper pen chair desk toner lamp cable battery glove filter brush paint ladder pump valve hose wrench drill printer "
    "monitor keyboard scanner camera tape folder binder envelope stapler cabinet shelf carpet blind heater fan mower "
    "shovel rake asphalt concrete gravel pipe fitting gasket bearing motor tire seat mirror bulb switch breaker sensor"
).split()
KINDS_OF_GOODS = (
    "black blue white heavy light industrial office portable recycled stainless galvanized ergonomic wireless laminated "
    "insulated waterproof adjustable folding magnetic digital standard premium compact double single narrow wide"
).split()
MAKERS = "Acorn Birch Cedar Dogwood Elm Fir Gingko Hazel Ironwood Juniper Larch Maple Oakley Pine Redwood".split()


@dataclass
class Ground:
    """What the demo already has and what is built on."""

    offices: Sequence[int]
    people: Sequence[tuple[int, int, str]]
    strips: Sequence[int]
    codes: Sequence[int]
    first: dict[str, int]


class Office:
    """Fills one database."""

    def __init__(self, engine: Engine, documents: int, today: date) -> None:
        self.engine, self.today, self.dice = engine, today, Random(1999)
        self.purchases, self.vendors, self.items = documents // len(KINDS), documents // 5, documents
        self.spent: dict[tuple[int, int], int] = {}

    def fill(self) -> None:
        """All of it, and then the counters, the statistics and the sums that the program keeps."""
        with Session(self.engine) as session:
            ground = _ground(session)
        with Load(self.engine) as load:
            self._vendors(load, ground)
            self._items(load, ground)
            self._purchases(load, ground)
        self._settle(ground)

    def _vendors(self, load: Load, ground: Ground) -> None:
        vendors = load.rows(Vendor, "id", "number", "name", "email", "approved_on", "net_days")
        addresses = load.rows(VendorAddress, "id", "vendor_id", "street", "city", "region", "postal_code")
        start, place = ground.first["vendor"], ground.first["vendor_address"]
        for number in range(self.vendors):
            name = f"{self.dice.choice(MAKERS)} {self.dice.choice(GOODS).title()} {number:06} Inc"
            vendors.add(start + number, f"B{number:07}", name, f"sales{number}@example.com", "2020-01-02", 30)
            addresses.add(place + number, start + number, f"{number} Main St", "Frankfort", "KY", "40601")
            load.flush()

    def _items(self, load: Load, ground: Ground) -> None:
        rows = load.rows(
            CatalogItem, "id", "source", "name", "description", "sku", "manufacturer", "model", "unit_price",
            "delivery_days", "commodity_code_id", "vendor_id",
        )  # fmt: skip
        dice, start, vendor = self.dice, ground.first["catalog_item"], ground.first["vendor"]
        for number in range(self.items):
            maker, model = dice.choice(MAKERS), f"{dice.choice('ABCDEFGH')}{dice.randrange(100, 9999)}"
            name = f"{dice.choice(KINDS_OF_GOODS)} {dice.choice(KINDS_OF_GOODS)} {dice.choice(GOODS)}"
            rows.add(
                start + number, "inventory", name.capitalize(), f"By {maker}, pack of {number % 24 + 1}", f"S{number:08}", maker,
                model, dice.randrange(50, 90_000) * 100, dice.randrange(1, 30), dice.choice(ground.codes),
                vendor + number % self.vendors,
            )  # fmt: skip
            load.flush()

    def _purchases(self, load: Load, ground: Ground) -> None:
        paper = Paper(load, ground, self)
        for number in range(self.purchases):
            paper.purchase(number)
            load.flush()

    def _settle(self, ground: Ground) -> None:
        postgres = self.engine.dialect.name == "postgresql"
        with self.engine.begin() as connection:
            if postgres:
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                for table in ground.first:
                    connection.execute(
                        text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
                    )
            for series in SERIES:
                counter = NumberSeries.__table__
                connection.execute(
                    counter.update()
                    .where(counter.c.series == series)
                    .values(next_number=counter.c.next_number + self.purchases)
                )
            for (strip, year), amount in self.spent.items():
                _spend(connection, strip, year, amount)
        with Session(self.engine) as session:
            if postgres:
                session.execute(text("SET statement_timeout = 0"))
            search_index.catch_up(session)
            session.commit()
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if postgres:
                connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM ANALYZE" if postgres else "ANALYZE"))


def _spend(connection: Any, strip: int, year: int, cents: int) -> None:
    """What was spent had been allotted."""
    balance, amount = StripBalance.__table__, Decimal(cents) / 100
    found = connection.execute(
        balance.update()
        .where(balance.c.strip_id == strip, balance.c.bfy == year)
        .values(allotted=balance.c.allotted + amount, expended=balance.c.expended + amount)
    )
    if not found.rowcount:
        zero = Decimal(0)
        connection.execute(
            balance.insert().values(
                strip_id=strip, bfy=year, allotted=amount, pre_encumbered=zero, encumbered=zero, expended=amount
            )
        )
    connection.execute(
        Posting.__table__.insert().values(
            strip_id=strip, bfy=year, afy=year, afm=1, kind="allotment", amount=amount, memo="Bench",
            at=datetime.fromisoformat("2020-07-01T00:00:00+00:00"),
        )
    )  # fmt: skip


def _ground(session: Session) -> Ground:
    people = session.execute(
        select(User.id, Profile.organization_id, User.username)
        .join(Profile, Profile.user_id == User.id)
        .order_by(User.id)
    ).all()
    tables = (
        Vendor, VendorAddress, CatalogItem, Document, LineItem, LineFunding, ReceiptLine, InvoiceLine, DocumentEvent,
        ApprovalSheet, ApprovalStep, Signature, Preparer, DocumentLink, Posting, Payment, InvoiceNumber,
    )  # fmt: skip
    first = {one.__table__.name: (session.scalar(select(func.max(one.__table__.c.id))) or 0) + 1 for one in tables}
    return Ground(
        offices=list(session.scalars(select(Organization.id).order_by(Organization.id))),
        people=[tuple(one) for one in people],
        strips=list(session.scalars(select(FundingStrip.id).order_by(FundingStrip.id))),
        codes=list(session.scalars(select(CommodityCode.id).order_by(CommodityCode.id).limit(500))),
        first=first,
    )


class Paper:
    """The five documents of one purchase, with all that hangs on them."""

    def __init__(self, load: Load, ground: Ground, office: Office) -> None:
        self.ground, self.office, self.dice = ground, office, office.dice
        self.next = dict(ground.first)
        self.numbers = dict.fromkeys(SERIES, 0)
        self.requesters = [one for one in ground.people if "requester" in one[2]]
        self.approver = next(one[0] for one in ground.people if one[2] == "approver")
        rows = load.rows
        self.documents = rows(
            Document, "id", "kind", "number", "title", "state", "owner_id", "created_by_id", "organization_id",
            "vendor_id", "total", "afy", "afm", "bfy", "due_on", "created_at", "changed_at", "routed_at", "approved_at",
            "released_at",
        )  # fmt: skip
        self.own = {
            MarketBasket: rows(MarketBasket, "id"),
            PurchaseRequest: rows(PurchaseRequest, "id"),
            DeliveryOrder: rows(DeliveryOrder, "id", "ordered_on"),
            Receipt: rows(Receipt, "id", "order_id", "received_by_id", "received_on"),
            Invoice: rows(Invoice, "id", "vendor_invoice_number", "invoiced_on", "received_on"),
        }
        self.lines = rows(
            LineItem, "id", "document_id", "position", "source_line_id", "description", "quantity", "unit_price", "amount",
            "commodity_code_id", "vendor_id", "delivery_on",
        )  # fmt: skip
        self.funding = rows(LineFunding, "id", "line_id", "strip_id", "share", "amount")
        self.received = rows(ReceiptLine, "id", "receipt_id", "order_line_id", "quantity")
        self.billed = rows(
            InvoiceLine,
            "id",
            "invoice_id",
            "position",
            "order_line_id",
            "description",
            "quantity",
            "unit_price",
            "amount",
        )
        self.events = rows(DocumentEvent, "id", "document_id", "action", "before", "after", "by_id", "at")
        self.sheets = rows(ApprovalSheet, "id", "document_id", "opened_at", "closed_at")
        self.steps = rows(ApprovalStep, "id", "sheet_id", "document_id", "step", "role", "organization_id", "reason")
        self.signatures = rows(Signature, "id", "step_id", "document_id", "verdict", "by_id", "at", "document_version")
        self.preparers = rows(Preparer, "id", "document_id", "user_id")
        self.links = rows(DocumentLink, "id", "document_id", "source_id", "relation")
        self.postings = rows(
            Posting, "id", "strip_id", "bfy", "afy", "afm", "kind", "amount", "document_id", "line_id", "order_line_id",
            "by_id", "at",
        )  # fmt: skip
        self.claims = rows(InvoiceNumber, "id", "vendor_id", "normal_number", "invoice_id")
        self.payments = rows(
            Payment,
            "id",
            "invoice_id",
            "vendor_id",
            "organization_id",
            "gross",
            "amount",
            "scheduled_on",
            "method",
            "paid_on",
            "paid_by_id",
        )

    def _id(self, table: Any) -> int:
        name = table.__table__.name
        found = self.next[name]
        self.next[name] = found + 1
        return found

    def purchase(self, number: int) -> None:
        """One purchase, as far as it has come."""
        dice, ground = self.dice, self.ground
        day = self.office.today - timedelta(days=1_000 - 999 * number // self.office.purchases)
        owner, home, _ = dice.choice(self.requesters)
        place = home if number % 5 else dice.choice(ground.offices)
        vendor = ground.first["vendor"] + int(self.office.vendors * dice.random() ** 3)
        strip, year = dice.choice(ground.strips), fiscal_year(day)
        goods = [
            (f"{dice.choice(KINDS_OF_GOODS)} {dice.choice(GOODS)}", dice.randrange(1, 50), dice.randrange(100, 40_000))
            for _ in range(LINES)
        ]
        total = sum(quantity * price for _, quantity, price in goods)
        stage = (
            1
            if number % ROUTED_EVERY == 7
            else 0
            if number % DRAFT_EVERY == 3
            else 3
            if number % OPEN_EVERY == 5
            else 5
        )
        made: dict[Any, int] = {}
        for step, kind in enumerate(KINDS):
            reached = (
                "closed"
                if stage == 5 and kind is not Receipt
                else "released"
                if step < stage or stage == 5
                else "routed"
                if stage == 1 and step == 1
                else "draft"
            )
            if stage < 5 and step > stage:
                reached = "draft"
            made[kind] = self._document(
                kind, SERIES[step], day + timedelta(days=step * 3), owner, place, vendor, total, year, reached, goods
            )
        self._lines(made, goods, strip, day, vendor)
        self._own(made, day, vendor, number)
        if stage == 5:
            self._spent(made, vendor, strip, year, total, day, owner)

    def _document(
        self, kind: Any, series: str, day: date, owner: int, place: int, vendor: int, total: int, year: int, state: str,
        goods: Sequence[tuple[str, int, int]],
    ) -> int:  # fmt: skip
        key, at = self._id(Document), f"{day} 14:00:00.000000"
        self.numbers[series] += 1
        number = f"{series}-B{year}-{self.numbers[series]:07}" if state != "draft" else None
        signed = at if state != "draft" else None
        released = at if state in ("released", "closed") else None
        self.documents.add(
            key, kind.__tablename__, number, f"{goods[0][0]} and {LINES - 1} more", state, owner, owner, place,
            vendor if kind is not MarketBasket else None, total, year, (day.month - 7) % 12 + 1, year,
            str(day + timedelta(days=20)), at, at, signed, released, released,
        )  # fmt: skip
        self.preparers.add(self._id(Preparer), key, owner)
        if state == "draft":
            return key
        sheet, step = self._id(ApprovalSheet), self._id(ApprovalStep)
        self.sheets.add(sheet, key, at, released)
        self.steps.add(step, sheet, key, 1, "Approver", place, "Every request")
        self.events.add(self._id(DocumentEvent), key, "route", "draft", "routed", owner, at)
        if released is not None:
            self.signatures.add(self._id(Signature), step, key, "approved", self.approver, at, 1)
            self.events.add(self._id(DocumentEvent), key, "approve", "routed", "approved", self.approver, at)
            self.events.add(self._id(DocumentEvent), key, "release", "approved", "released", self.approver, at)
        return key

    def _lines(
        self, made: dict[Any, int], goods: Sequence[tuple[str, int, int]], strip: int, day: date, vendor: int
    ) -> None:
        due, source = str(day + timedelta(days=20)), [None] * LINES
        for kind in (MarketBasket, PurchaseRequest, DeliveryOrder):
            keys: list[Any] = []
            for place, (name, quantity, price) in enumerate(goods):
                line, amount = self._id(LineItem), quantity * price
                self.lines.add(
                    line, made[kind], place + 1, source[place], name, quantity * 10_000, price * 100, amount,
                    self.ground.codes[(vendor + place) % len(self.ground.codes)], vendor, due,
                )  # fmt: skip
                self.funding.add(self._id(LineFunding), line, strip, 1_000_000, amount)
                keys.append(line)
            source = keys
        for place, (name, quantity, price) in enumerate(goods):
            self.received.add(self._id(ReceiptLine), made[Receipt], source[place], quantity * 10_000)
            self.billed.add(
                self._id(InvoiceLine), made[Invoice], place + 1, source[place], name, quantity * 10_000, price * 100,
                quantity * price,
            )  # fmt: skip
        self._order_lines = source

    def _own(self, made: dict[Any, int], day: date, vendor: int, number: int) -> None:
        order, receipt, invoice = made[DeliveryOrder], made[Receipt], made[Invoice]
        self.own[MarketBasket].add(made[MarketBasket])
        self.own[PurchaseRequest].add(made[PurchaseRequest])
        self.own[DeliveryOrder].add(order, str(day))
        self.own[Receipt].add(receipt, order, self.approver, str(day))
        self.own[Invoice].add(invoice, f"V-{number}", str(day), str(day))
        self.claims.add(self._id(InvoiceNumber), vendor, f"V{number}", invoice)
        pairs = (
            (PurchaseRequest, MarketBasket),
            (DeliveryOrder, PurchaseRequest),
            (Receipt, DeliveryOrder),
            (Invoice, DeliveryOrder),
        )
        for later, earlier in pairs:
            self.links.add(self._id(DocumentLink), made[later], made[earlier], "came from")

    def _spent(
        self, made: dict[Any, int], vendor: int, strip: int, year: int, total: int, day: date, owner: int
    ) -> None:
        at, month = f"{day} 14:00:00.000000", (day.month - 7) % 12 + 1
        order, line = made[DeliveryOrder], self._order_lines[0]
        for kind, sign, document in (
            ("encumbrance", 1, order),
            ("encumbrance", -1, made[Invoice]),
            ("expenditure", 1, made[Invoice]),
        ):
            self.postings.add(
                self._id(Posting), strip, year, year, month, kind, sign * total, document, line, line, owner, at
            )
        self.office.spent[strip, year] = self.office.spent.get((strip, year), 0) + total
        self.payments.add(
            self._id(Payment),
            made[Invoice],
            vendor,
            self.ground.offices[0],
            total,
            total,
            str(day),
            "check",
            str(day),
            self.approver,
        )


def counts(engine: Engine) -> Iterator[tuple[str, int]]:
    """How much there is of what."""
    with engine.connect() as connection:
        for one in (Document, LineItem, Vendor, CatalogItem):
            yield one.__table__.name, connection.scalar(select(func.count()).select_from(one.__table__)) or 0
