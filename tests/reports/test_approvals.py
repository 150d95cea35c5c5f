"""The approval chain on paper: every routing, whom it asked and why, and what they said."""

from io import BytesIO

from pypdf import PdfReader

from tests.support.around import a_deputy
from tests.support.making import a_receipt, a_released_order, a_request, move
from tests.support.people import Person


def words_of(answer):
    """What a printed answer says."""
    assert answer.mimetype == "application/pdf"
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages).split())


def test_every_routing_is_told_with_its_signatures(world, sign_in):
    request = a_request(world, "routed", title="Chairs for the hall")
    world.clock.on("2026-11-25", hour=16)
    move(world, request, ("disapprove", "approver"), comment="Ask for the new price")
    move(world, request, ("route", "requester"))
    a_deputy(world, "approver", "manager")
    world.clock.on("2026-11-25", hour=19)
    move(world, request, ("approve", "manager"))
    told = words_of(sign_in("approver").get(f"/purchase-request/print/{request}?paper=approvals"))
    first, second = told.split("Routing 2")
    assert "Approval chain" in first and "Chairs for the hall" in first and "Rosa Requester" in first
    assert "Disapproved Ask for the new price" in first and "after 2 days" in first
    assert "Mona Manager, for Amos Approver" in second and "Approved" in second and "after 3 hours" in second
    assert "NOT RELEASED" in told


def test_what_waits_and_what_is_not_asked_any_more(world, sign_in):
    request = a_request(world, "routed")
    person = sign_in("requester")
    address = f"/purchase-request/print/{request}?paper=approvals"
    assert "Waiting" in words_of(person.get(address))
    move(world, request, ("recall", "requester"))
    assert "Not asked any more" in words_of(person.get(address))


def test_a_draft_has_none_yet(world, sign_in):
    draft = a_request(world, "draft")
    address = f"/purchase-request/print/{draft}?paper=approvals"
    assert "It has not been sent for approval." in words_of(sign_in("requester").get(address))


def test_what_is_not_signed_has_no_chain(world):
    receipt = a_receipt(world, a_released_order(world), {1: "12"})
    receiver = Person(world.app, "receiver")
    assert receiver.get(f"/receipt/print/{receipt}?paper=approvals").status_code == 404
    assert receiver.get(f"/receipt/print/{receipt}?paper=other").status_code == 404
