"""What goes into an envelope, and that all of it goes its way or nothing does. Source: DOC-08."""

import re

import pytest
from sqlalchemy import select

from app.models import Document, Envelope, EnvelopeDocument, Preparer, Profile
from tests.support.envelopes import an_envelope, press, routed, states
from tests.support.making import Wanted, a_basket, a_request, records
from tests.support.pages import form_to, words
from tests.support.people import Person
from tests.support.world import PASSWORD


def test_what_one_document_lacks_stops_the_whole_and_is_said_of_it(both):
    whole, broken = a_request(both), a_request(both)
    with records(both) as session:
        session.get_one(Document, broken).lines[0].delivery_on = None
        session.commit()
    rosa = Person(both.app, "requester")
    envelope = an_envelope(rosa, whole, broken)
    answer = press(rosa, envelope, "route")
    assert answer.status_code == 409
    assert f"Draft {broken}: Line 1:" in words(answer.text) and f"Draft {whole}:" not in words(answer.text)
    assert states(both, whole, broken) == ["draft", "draft"]
    with records(both) as session:
        assert session.get_one(Envelope, envelope).routed_at is None
        assert session.get_one(Document, whole).number is None, "no number is taken"


def test_who_prepared_one_of_them_signs_none_of_them(both):
    request, basket = a_request(both), a_basket(both)
    envelope = routed(both, request, basket)
    with records(both) as session:
        session.add(Preparer(document_id=basket, user_id=both.ids["approver"]))
        session.commit()
    answer = press(Person(both.app, "approver"), envelope, "approve")
    assert answer.status_code == 409
    assert "You created or changed this document, so somebody else has to approve it." in words(answer.text)
    assert states(both, request, basket) == ["routed", "routed"]
    press(Person(both.app, "chief"), envelope, "approve")
    assert states(both, request, basket) == ["approved", "approved"]


def test_what_speaks_against_one_of_them_leads_to_its_field(world):
    clean, undated = a_request(world), a_request(world, "draft", Wanted(extra={"delivery_on": None}))
    rosa = Person(world.app, "requester")
    answer = press(rosa, an_envelope(rosa, clean, undated), "route")
    assert answer.status_code == 409
    leading = re.findall(r'<a href="(/[^"]*#[^"]*)">([^<]*)', answer.text)
    assert leading == [
        (f"/purchase-request/show/{undated}#line-1-delivery_on", f"Draft {undated}: Line 1: Enter a delivery date.")
    ]


def test_a_limit_holds_for_each_document_and_is_said_of_it(world):
    request, basket = a_request(world), a_basket(world)
    envelope = routed(world, request, basket)
    with records(world) as session:
        session.scalar(select(Profile).where(Profile.user_id == world.ids["approver"])).approval_limit = 300
        session.commit()
    answer = press(Person(world.app, "approver"), envelope, "approve")
    text = words(answer.text)
    assert answer.status_code == 409 and "MB-2027-000001: The total is" in text and "PR-2027-000001:" not in text
    assert states(world, request, basket) == ["routed", "routed"]


def test_what_lies_in_an_envelope_is_not_routed_or_signed_by_itself(both):
    request, basket = a_request(both), a_basket(both)
    rosa, amos = Person(both.app, "requester"), Person(both.app, "approver")
    envelope = an_envelope(rosa, request, basket)
    page = rosa.get(f"/purchase-request/show/{request}").text
    assert "In the envelope Room 12 : it is routed and approved with the rest of it." in words(page)
    assert f"/act/{request}/route" not in page
    answer = rosa.press("purchase-request", request, "route")
    assert answer.status_code == 409 and "Route the envelope, or take the document out of it." in words(answer.text)
    press(rosa, envelope, "route")
    answer = amos.press("purchase-request", request, "approve")
    assert answer.status_code == 409 and "Sign the envelope." in words(answer.text)
    answer = amos.post("/inbox/approve", selected=[str(request)], password=PASSWORD, key="k")
    assert ": This document is in the envelope" in words(answer.text)
    assert states(both, request, basket) == ["routed", "routed"]


def test_what_is_cancelled_before_it_is_routed_stays_behind(both):
    request, basket = a_request(both), a_basket(both)
    rosa = Person(both.app, "requester")
    envelope = an_envelope(rosa, request, basket)
    rosa.press("purchase-request", request, "cancel", comment="Not needed")
    press(rosa, envelope, "route")
    assert states(both, request, basket) == ["cancelled", "routed"]


def test_a_document_is_added_and_taken_out_while_it_is_being_filled(both):
    request, basket = a_request(both), a_basket(both)
    rosa = Person(both.app, "requester")
    envelope = an_envelope(rosa, request)
    page = rosa.post("/envelope/fill", selected=str(basket)).text
    rosa.post("/envelope/fill", **form_to(page, "/envelope/fill").sent(envelope=str(envelope)))
    rosa.post(f"/envelope/take-out/{envelope}/{request}")
    press(rosa, envelope, "route")
    assert states(both, request, basket) == ["draft", "routed"]
    assert "took it out of the envelope “Room 12”" in words(rosa.get(f"/purchase-request/show/{request}").text)
    answer = rosa.post("/envelope/fill", selected=str(request), envelope=str(envelope), do="fill")
    assert answer.status_code == 422 and "This envelope has been routed." in words(answer.text)


@pytest.mark.parametrize(
    ("state", "by", "said"),
    [("routed", "requester", "is routed; only what is a draft"), ("draft", "technician", "is not yours.")],
)
def test_what_does_not_fit_is_named_and_nothing_is_put_in(world, state, by, said):
    whole, other = a_request(world), a_request(world, state, by=by)
    rosa = Person(world.app, "requester")
    answer = rosa.post("/envelope/fill", selected=[str(whole), str(other)], subject="Room 12", do="fill")
    assert answer.status_code == 422 and said in words(answer.text) and 'value="Room 12"' in answer.text
    with records(world) as session:
        assert session.scalar(select(EnvelopeDocument.id)) is None and session.scalar(select(Envelope.id)) is None


def test_a_document_lies_in_one_envelope_at_a_time(both):
    request = a_request(both)
    rosa = Person(both.app, "requester")
    an_envelope(rosa, request)
    answer = rosa.post("/envelope/fill", selected=str(request), subject="Another", do="fill")
    assert answer.status_code == 422 and "is in the envelope “Room 12”. Take it out there." in words(answer.text)
