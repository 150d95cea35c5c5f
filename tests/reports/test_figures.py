"""The story of a purchase on paper: every figure of it stands where somebody looks for it. Source: story 1 … 5."""

from dataclasses import replace
from decimal import Decimal

from app import totals
from app.extensions import db
from app.models import DeliveryOrder, LineAcceptance, LineCharge, MasterAgreement, Receipt, ShippingPaper
from tests.reports.conftest import Printed
from tests.support.around import a_deputy, only_signer
from tests.support.making import (
    BENCH,
    KEYBOARDS,
    PRINTER,
    TONER,
    Wanted,
    a_basket,
    a_receipt,
    a_released_order,
    a_request,
    an_agreement,
    an_order,
    bring,
    move,
    records,
)
from tests.support.papers import TOUCHPADS, says

SPLIT = {"S1": "60", "S2": "40"}
DESKS = Wanted("Desk", "2", "310.00", "7110", "item desk", "internal", funding=SPLIT)
CREDENZA = Wanted(
    "Credenza",
    "1",
    "850.00",
    "7110",
    justification="The room needs 72 inches",
    funding={"S1": "500", "S2": "350"},
    extra={"funding_basis": "amount"},
)
LOCKERS = Wanted("Locker", "4", "120.50", "7125", justification="None of the stands locks", funding=SPLIT)
LABELS = replace(PRINTER, quantity="1", price="299.01", justification="None of the keyboards prints", funding=SPLIT)
BASKET = (KEYBOARDS, TOUCHPADS, DESKS, replace(TONER, funding=SPLIT), CREDENZA, LOCKERS, LABELS)


def test_a_basket_says_what_it_costs_whom_and_what_becomes_of_it(world, printed):
    paper = printed(a_basket(world, "draft", *BASKET))
    says(
        paper,
        "12 EA 44.99 539.88",
        "3 EA 89.99 269.97",
        "2 EA 310.00 620.00",
        "7 EA 61.15 428.05",
        "Total, USD 3,488.91",
        "S1 General fund, clinic supplies 2,083.35",
        "S2 Grant, clinic 1,405.56",
        "Justification: The room needs 72 inches",
        "Requested by Rosa Requester requester@example.org",
        "Delivery order Adesso Supply MA-2027-000001 2 809.85",
        "Delivery order Correctional Industries 1 620.00",
        "Delivery order Bluegrass Toner MA-2027-000002 1 428.05",
        "Purchase request Class 71 2 1,332.00",
        "Purchase request Class 70 1 299.01",
    )


def test_a_request_names_offices_class_and_signatures(world, printed):
    request = a_request(world, "draft", CREDENZA, LOCKERS)
    move(world, request, ("route", "requester"), ("approve", "approver"), ("release", "approver"))
    paper = printed(request)
    says(
        paper,
        "PR-2027-000001",
        "Total, USD 1,332.00",
        "S1 General fund, clinic supplies 789.20",
        "S2 Grant, clinic 542.80",
        "Requesting office Clinic",
        "Issuing office Central Purchasing Office",
        "Commodity class 70",
        "Approver, Clinic Every document Amos Approver Approved Nov 23, 2026, 9:00 AM EST",
        "Release Amos Approver Released Nov 23, 2026, 9:00 AM EST",
        "Quantities as ordered",
    )


def test_an_order_tells_the_vendor_all_it_needs(world, printed):
    paper = printed(an_order(world, "released", KEYBOARDS, TOUCHPADS))
    says(
        paper,
        "DO-2027-000001",
        "Order date Nov 23, 2026",
        "Deliver by Dec 10, 2026",
        "Payment terms 2 % 10 days, net 30 days",
        "Agreement MA-2027-000001",
        "Buyer Bert Buyer buyer@example.org",
        "Adesso Supply 1 Adesso Supply Way Louisville, KY 40202 Vendor VN-A",
        "Ship to Clinic dock 1 Main St Frankfort, KY 40601",
        "Send invoice to Clinic dock",
        "Subtotal 809.85 Tax 0.00 Total, USD 809.85",
        "S1 General fund, clinic supplies 485.91",
        "S2 Grant, clinic 323.94",
        "1 Shipment tolerance Up to 10 % more than ordered",
        "Funding, budget fiscal year 2027",
        "Agreement line 1",
        "as of Nov 23, 2026, 9:00 AM EST",
        "http://purchasing.example.org/delivery-order/show/",
    )


def test_discounts_charges_and_tax_lead_to_the_total(world, printed):
    order = an_order(
        world,
        "draft",
        replace(
            KEYBOARDS,
            quantity="10",
            extra={
                "discount_percent": Decimal(5),
                "tax_percent": Decimal(6),
                "manufacturer": "Cumberland",
                "model": "CF-220",
                "extended_description": "Black, with a cable of two metres",
            },
        ),
    )
    with records(world) as session:
        document = session.get_one(DeliveryOrder, order)
        document.lines[0].charges.append(LineCharge(kind="freight", description="By lorry", amount=Decimal("25.00")))
        totals.settle(document)
        session.commit()
    # 449.90 less 5 % is 427.41 (427.405 rounded up); with 25.00 freight 452.41; 6 % of it is 27.14.
    says(
        printed(order),
        "Subtotal 449.90",
        "Discounts -22.49",
        "Charges 25.00",
        "Tax 27.14",
        "Total, USD 479.55",
        "Manufacturer: Cumberland · Model: CF-220 · Less 5 % · Freight: By lorry 25.00 · Tax 6 %",
        "Black, with a cable of two metres",
    )


def test_what_several_lines_ask_for_stands_once(world, printed):
    care = {
        "special_handling": "Keep upright",
        "hazardous_materials": "Lithium cells",
        "packing": "One per box",
        "warranty_days": 1095,
        "under_tolerance": Decimal(2),
        "under_basis": "quantity",
    }
    lines = [
        replace(KEYBOARDS, extra=care),
        replace(TOUCHPADS, extra=care),
        replace(KEYBOARDS, extra=care),
        replace(KEYBOARDS, extra=care | {"packing": "On a pallet"}),
    ]
    order = an_order(world, "draft", *lines)
    with records(world) as session:
        document = session.get_one(DeliveryOrder, order)
        document.lines[1].acceptances.append(LineAcceptance(user_id=world.ids["receiver"], role="inspects"))
        session.commit()
    says(
        printed(order),
        "1–4 Special handling Keep upright",
        "1–4 Hazardous materials Lithium cells",
        "1–3 Packing One per box",
        "4 Packing On a pallet",
        "1–4 Warranty 1,095 days",
        "2 Accepted by Inspects: Rex Receiver",
        "2 Shipment tolerance Up to 2 EA less than ordered",
        "1, 3–4 Shipment tolerance Up to 10 % more than ordered, up to 2 EA less than ordered",
    )


def test_lines_that_go_to_different_places_say_so(world, printed):
    order = an_order(world, "draft", KEYBOARDS, replace(TOUCHPADS, extra={"ship_to_id": world.ids["parks dock"]}))
    says(
        printed(order),
        "Ship to See the list below",
        "Deliver to Clinic dock",
        "1 Ship to Clinic dock, 1 Main St, Frankfort",
        "2 Ship to Parks dock, 1 Main St, Frankfort",
    )


def test_missing_funds_are_shown(world, printed):
    order = an_order(world, "draft", replace(KEYBOARDS, funding={"S1": "60"}))
    says(printed(order), "S1 General fund, clinic supplies 323.93", "Not funded yet 215.95")


def test_an_agreement_says_prices_dates_and_who_may_order(world, printed):
    key = an_agreement(
        world, "released", ceiling=Decimal("50000.00"), subtype="blanket", discount_percent=Decimal(1), discount_days=15
    )
    says(
        printed(key),
        "Effective Jul 1, 2026",
        "Expires Jun 30, 2027",
        "Ceiling 50,000.00 USD",
        "Payment terms 1 % 15 days, net 30 days",
        "Cited authority KRS 45A.080",
        "Open to Every office",
        "Bluegrass Toner",
        "3.50",
        "Accepted for Bluegrass Toner",
        "Carla Chief Every agreement Carla Chief Approved",
        "Paid when Order, receipt and invoice agree",
    )


def test_an_order_to_be_signed_has_room_for_it(world, printed):
    order = an_order(world)
    assert "Accepted for" not in printed(order).text
    with records(world) as session:
        session.get_one(DeliveryOrder, order).signed_copies = 2
        session.commit()
    says(printed(order), "Accepted for Adesso Supply", "Return 2 signed copies to the buyer.")


def test_a_receiving_report_says_what_came_and_how(world, printed):
    order = a_released_order(world, KEYBOARDS, TOUCHPADS)
    world.clock.on("2026-12-01")
    receipt = a_receipt(world, order, {1: "10", 2: "3"}, "draft")
    with records(world) as session:
        document = session.get_one(Receipt, receipt)
        document.carrier, document.containers, document.weight, document.weight_unit = (
            "Blue Line",
            2,
            Decimal("8.5"),
            "kg",
        )
        document.papers.append(ShippingPaper(kind="packing list", number="PL-77"))
        first = document.receipt_lines[0]
        first.not_to_specification, first.discrepancy, first.comments = True, "damaged", "Two keys are loose"
        first.freight_charge = Decimal("12.40")
        session.commit()
    move(world, receipt, ("release", "receiver"))
    says(
        printed(receipt),
        "RR-2027-000001",
        "Recorded · Dec 1, 2026",
        "Order DO-2027-000001",
        "Received on Dec 1, 2026",
        "Received by Rex Receiver",
        "Carrier Blue Line",
        "Weight 8.5 kg",
        "Packing list PL-77",
        "Two keys are loose 12 10 EA Not to specification Damaged 12.40",
        "3 3 EA Good",
        "Freight charged, USD 12.40",
        "Record Rex Receiver Released Dec 1, 2026, 9:00 AM EST",
    )


def test_who_still_has_to_sign_and_who_stood_in(world, printed):
    only_signer(world, "purchase_request", "approver", "chief")
    a_deputy(world, of="approver", who="manager")
    request = a_request(world, "routed")
    says(printed(request), "Amos Approver Named Waiting", "Carla Chief Named Waiting", "In approval, not in force")
    move(world, request, ("approve", "manager"))
    says(printed(request), "Amos Approver Named Mona Manager, for Amos Approver Approved")


def test_only_the_last_routing_counts(world, printed):
    request = bring(world, a_request(world), "disapproved")
    says(printed(request), "Disapproved Not needed", "Returned, not in force")
    move(world, request, ("route", "requester"))
    paper = printed(request)
    says(paper, "Waiting")
    assert "Disapproved" not in paper.text


def test_an_office_is_named_with_its_address(world, printed):
    says(printed(a_request(world, "draft", BENCH)), "Central Purchasing Office")
    order = a_released_order(world)
    says(printed(a_receipt(world, order, {1: "1"})), "Clinic 1 Main St Frankfort, KY 40601 Receiving report")


def test_a_print_through_the_screen_is_the_same_paper(world, sign_in, printed):
    order = an_order(world, "released")
    answer = sign_in("buyer").get(f"/delivery-order/print/{order}")
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    says(Printed(answer.data), "DO-2027-000001", "Total, USD 539.88", "http://localhost/delivery-order/show/")


def test_the_agreement_of_the_story_prints(world, printed):
    with records(world):
        assert db.session.get_one(MasterAgreement, world.ids["MA-A"]).number
    says(printed(world.ids["MA-A"]), "Keyboard, wired USB, contoured", "44.99", "89.99", "35.00")
