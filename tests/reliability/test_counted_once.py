"""What two lines name together is counted once: by the match, and by what is freed. Source: MO-15, IN-09."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app import workflow
from app.extensions import db
from app.models import Document, Invoice, InvoiceLine
from tests.abuse.evidence import nothing_changes
from tests.support import sightings
from tests.support.making import (
    PRINTER,
    a_receipt,
    a_released_order,
    a_request,
    act,
    an_invoice,
    an_order,
    bring,
    line_id,
    records,
)


def test_mo_15_one_order_line_is_not_billed_by_two_lines(both):
    """Each of them matches by itself: twelve came in, and twelve are billed, twice."""
    order = a_released_order(both)
    a_receipt(both, order, {1: "12"})
    bill = an_invoice(both, order, {1: ("12", "44.99")})
    with records(both) as session:
        invoice = session.get_one(Invoice, bill)
        first = invoice.invoice_lines[0]
        again = InvoiceLine(position=2, order_line_id=first.order_line_id, description="Again", quantity=Decimal(12),
                            unit_price=first.unit_price)  # fmt: skip
        invoice.invoice_lines.append(again)
        session.commit()
    with nothing_changes(both), records(both), pytest.raises(workflow.Refused) as refused:
        act(both, bill, "route", "fiscal")
    assert str(refused.value) == (
        "Line 2: Line 1 bills this order line already. Enter all of it there, and remove this line."
    )


def test_in_09_two_lines_of_an_order_free_their_request_once(both):
    """A line of an order is copied: both came from the same line of the request."""
    request = a_request(both, "released", PRINTER)
    other = a_request(both, "released", replace(PRINTER, quantity="9"))
    part = replace(PRINTER, quantity="1", extra={"source_line_id": line_id(both, request)})
    order = an_order(both, "draft", part, part)
    with records(both):
        db.session.get_one(Document, order).agreement_id = None
        db.session.commit()
    bring(both, order, "released")
    with records(both) as session:
        assert both.balance("S1")[:2] == ("900.00", "200.00")
        kept = {line: held for (column, line), held in sightings.held(session).items() if column == "pre-encumbrance"}
        assert kept == {session.get_one(Document, other).lines[0].id: {"S1": Decimal("900.00")}}
