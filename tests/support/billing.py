"""What tests of invoices do again and again."""

from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.models import (
    Invoice,
    InvoiceLine,
    Payment,
)
from tests.support.pages import form_to, words
from tests.support.people import Person
from tests.support.purchases import Ordered
from tests.support.world import World


def bill(person: Person, ordered: Ordered, number: str, **fields: Any) -> Any:
    """Open "New invoice" from an order and send it."""
    page = person.get(f"/invoice/add?order={ordered.id}")
    form = form_to(page.text, "/invoice/add")
    return person.post("/invoice/add", **form.sent(vendor_invoice_number=number, **fields))


def pk_of(answer: Any) -> int:
    """The invoice whose page this is."""
    assert answer.status_code == 200 and "/invoice/show/" in answer.request.path, words(answer.text)[:800]
    return int(answer.request.path.rsplit("/", 1)[1])


def look(world: World, pk: int, *names: str) -> tuple[str, ...]:
    """Some facts of an invoice, as text."""
    with world.app.app_context():
        invoice = db.session.get(Invoice, pk)
        return tuple(str(getattr(invoice, name)) for name in names)


def count(world: World, entity: type = Invoice) -> int:
    """How many there are."""
    with world.app.app_context():
        return db.session.scalar(select(func.count()).select_from(entity))


def queued(world: World, pk: int) -> int:
    """The payment of an invoice."""
    with world.app.app_context():
        return db.session.scalar(select(Payment.id).where(Payment.invoice_id == pk))


def process(world: World, fiscal: Person, pk: int) -> None:
    """Route, approve and process an invoice that matches."""
    for person, action in ((fiscal, "route"), (Person(world.app, "approver"), "approve"), (fiscal, "release")):
        answer = person.press("invoice", pk, action)
        assert answer.status_code == 200, words(answer.text)[:900]


def change(world: World, person: Person, pk: int, position: int = 1, **fields: str) -> Any:
    """Leave a row of the grid after typing."""
    with world.app.app_context():
        line = db.session.scalar(
            select(InvoiceLine).where(InvoiceLine.invoice_id == pk, InvoiceLine.position == position)
        )
        row = {"description": line.description, "quantity": str(line.quantity), "unit_price": str(line.unit_price)}
        line_id = line.id
    return person.post(f"/invoice/billed/{pk}/{line_id}/save", **(row | fields))


def line_of(world: World, pk: int, position: int = 1) -> dict[str, Any]:
    """What a line says now."""
    with world.app.app_context():
        line = db.session.scalar(
            select(InvoiceLine).where(InvoiceLine.invoice_id == pk, InvoiceLine.position == position)
        )
        return {
            name: getattr(line, name)
            for name in ("quantity", "unit_price", "paid_quantity", "paid_price", "short_pay_reason", "amount", "final")
        }
