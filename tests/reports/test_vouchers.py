"""The voucher on paper: what is paid of a bill, when, by whom and from what. Source: story 4 and 5."""

from decimal import Decimal

import pytest

from app import totals
from app.models import Invoice
from app.reports import print_document
from tests.reports.conftest import ADDRESS, Printed
from tests.support.around import hold_invoice
from tests.support.making import (
    KEYBOARDS,
    TONER,
    a_receipt,
    a_released_order,
    an_invoice,
    an_order,
    bring,
    records,
)
from tests.support.papers import TOUCHPADS, says


@pytest.fixture
def bill(world):
    """The invoice of vendor A in the story, still a draft."""
    order = a_released_order(world, KEYBOARDS, TOUCHPADS)
    world.clock.on("2026-12-03")
    a_receipt(world, order, {1: "13", 2: "3"})
    world.clock.on("2026-12-07")
    return an_invoice(
        world,
        order,
        {1: ("13", "44.99"), 2: ("3", "89.99")},
        discount_percent=Decimal(2),
        discount_days=10,
        net_days=30,
        invoiced_on=world.clock().date().replace(day=4),
    )


PLAN = ("Due Jan 6, 2027", "Discount until Dec 14, 2026", "Discount 17.10", "Amount to pay 837.74")


def test_a_voucher_that_waits_for_approval_says_what_would_be_paid(world, printed, bill):
    says(
        printed(bill),
        "DO-2027-000001 line 1",
        "12 13 0 13 44.99 44.99 Matched 13 × 44.99 584.87",
        "3 3 0 3 89.99 89.99 Matched 3 × 89.99 269.97",
        "Vendor's invoice A-1001",
        "Billed 854.84",
        "Amount to pay, USD 854.84",
        "S1 General fund, clinic supplies 512.90",
        "S2 Grant, clinic 341.94",
        *PLAN,
        "Planned Dec 14, 2026",
        "worth 31.95 % a year",
        "Not paid yet",
    )


def test_a_processed_voucher_says_when_and_how_much(world, printed, bill):
    bring(world, bill, "released")
    says(
        printed(bill),
        "Processed for payment",
        "Discount taken -17.10 Amount to pay, USD 837.74",
        *PLAN,
        "Scheduled Dec 14, 2026",
        "Paid by Check",
        "Process Fay Fiscal Released",
    )


def test_a_paid_voucher_says_by_whom(world, printed, bill):
    bring(world, bill, "closed")
    says(printed(bill), "Paid · Dec 14, 2026", "Paid Dec 14, 2026 Fay Fiscal", "Mark as paid Fay Fiscal Closed")


def test_a_voucher_that_does_not_match_says_why(world, printed):
    order = an_order(world, "released", TONER, vendor="B", agreement="B")
    bill = an_invoice(world, order, {1: ("7", "62.15")}, vendor="B", number="B-77")
    says(printed(bill), "nothing received", "Waiting")
    a_receipt(world, order, {1: "7"})
    says(printed(bill), "price 62.15, order 61.15, tolerance 0 %, over by 1.00 each, 7.00 in all", "61.15 62.15 Price")
    with records(world) as session:
        line = session.get_one(Invoice, bill).invoice_lines[0]
        line.paid_price, line.short_pay_reason = Decimal("61.15"), "The order's price"
        totals.settle(line.invoice)
        session.commit()
    says(
        printed(bill),
        "Short paid: The order's price",
        "Matched 7 × 61.15 428.05",
        "Billed 435.05 Short paid -7.00",
        "Amount to pay, USD 428.05",
    )


def test_holds_and_remarks_for_the_check_stand_on_the_voucher(world, printed, bill):
    hold_invoice(world, bill, "Two keys are loose")
    with records(world) as session:
        invoice = session.get_one(Invoice, bill)
        invoice.check_header, invoice.check_footer = "Account 77", "Thank you"
        invoice.remittance_remark, invoice.separate_check = "For the keyboards", True
        session.commit()
    says(
        printed(bill),
        "Two keys are loose Fay Fiscal Dec 7, 2026, 9:00 AM EST Stands: not to be paid",
        "Check header Account 77",
        "Check footer Thank you",
        "Remittance remark For the keyboards",
        "Check, separate",
    )


def test_a_voucher_prints_without_the_records_of_receipts(world, bill):
    """A caller who has nothing but the document gets everything that the document says."""
    with records(world) as session:
        paper = Printed(print_document(session.get_one(Invoice, bill), world.app.extensions["office"], ADDRESS))
    says(paper, "Amount to pay, USD 854.84", "584.87", "Due Known when processed")
    assert "Matched" not in paper.text


def test_a_voucher_through_the_screen_knows_the_receipts(sign_in, bill):
    answer = sign_in("manager").get(f"/invoice/print/{bill}")
    says(Printed(answer.data), "12 13 0 13 44.99 44.99 Matched 13 × 44.99 584.87")
