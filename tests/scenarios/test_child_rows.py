"""Who is named on a document: contacts, suggested vendors, who may order, who accepts; and what an agreement has used.
Source: LIN-07, DOC-08, IN-08, MA-02, MA-06, DO-01."""

import io
import re

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.models import (
    AuditEntry,
    Document,
    OrderingAuthority,
    PointOfContact,
    SuggestedVendor,
)
from tests.support.billing import count
from tests.support.making import (
    KEYBOARDS,
    PRINTER,
    a_basket,
    a_request,
    an_agreement,
    an_order,
    line_id,
    move,
    records,
)
from tests.support.pages import form_to, words
from tests.support.people import Person
from tests.support.rosters import HTMX, add, in_place
from tests.support.world import World

# Points of contact.


def test_a_request_names_whom_to_ask(both: World) -> None:
    request = a_request(both)
    rosa = Person(both.app, "requester")
    assert "Questions go to the owner" in words(rosa.get(f"/purchase-request/show/{request}").text)
    page = add(
        rosa,
        "purchase-request",
        request,
        "contacts",
        name="Jane Doe",
        purpose="the wiring",
        phone="555-0100",
        email="jane@example.org",
    )
    assert page.status_code == 200 and page.request.path == f"/purchase-request/show/{request}"
    add(rosa, "purchase-request", request, "contacts", user=both.ids["receiver"], purpose="deliveries")
    said = words(rosa.get(f"/purchase-request/show/{request}").text)
    assert "Jane Doe the wiring 555-0100 jane@example.org" in said
    assert "Rex Receiver deliveries receiver@example.org" in said, "a person of the office brings the address along"
    assert "added point of contact “Jane Doe”" in said, "the history tells"
    printed = PdfReader(io.BytesIO(rosa.get(f"/purchase-request/print/{request}").data))
    paper = " ".join(page.extract_text() for page in printed.pages)
    assert "Points of contact" in paper and "jane@example.org" in paper
    with records(both) as session:
        gone = session.scalar(select(PointOfContact.id).where(PointOfContact.name == "Jane Doe"))
    answer = rosa.post(f"/purchase-request/roster/{request}/contacts/remove/{gone}")
    assert "Removed Jane Doe" in words(answer.text)
    assert count(both, PointOfContact) == 1
    with records(both) as session:
        trail = session.scalars(
            select(AuditEntry).where(AuditEntry.entity == "PointOfContact", AuditEntry.document_id == request)
        ).all()
        assert [one.action for one in trail] == ["add", "add", "remove"]
        assert {one.by_id for one in trail} == {both.ids["requester"]}


@pytest.mark.parametrize(
    "kind, make",
    [
        ("market-basket", lambda world: (a_basket(world), "requester")),
        ("master-agreement", lambda world: (an_agreement(world), "buyer")),
        ("delivery-order", lambda world: (an_order(world), "buyer")),
    ],
)
def test_every_type_that_is_written_has_contacts(world: World, sign_in, kind, make) -> None:
    document, who = make(world)
    person = sign_in(who)
    page = add(person, kind, document, "contacts", name="Jane Doe")
    assert "Jane Doe" in words(page.text) and count(world, PointOfContact) == 1


def test_contacts_go_along_by_copy_and_by_release(both: World) -> None:
    basket = a_basket(both, "draft", KEYBOARDS, PRINTER)
    rosa = Person(both.app, "requester")
    add(rosa, "market-basket", basket, "contacts", name="Jane Doe", purpose="the wiring")
    rosa.post(f"/market-basket/copy/{basket}")
    with records(both) as session:
        copies = session.scalars(select(PointOfContact).order_by(PointOfContact.id)).all()
        assert [(one.name, one.purpose) for one in copies] == [("Jane Doe", "the wiring")] * 2
        assert copies[1].document_id != basket
    move(both, basket, ("route", "requester"), ("approve", "approver"), ("release", "approver"))
    with records(both) as session:
        kinds = session.scalars(select(Document.kind).join(PointOfContact).order_by(Document.kind)).all()
    assert kinds == ["delivery_order", "market_basket", "market_basket", "purchase_request"]


@pytest.mark.parametrize(
    "fields, reason",
    [
        ({}, "Choose a person of the office, or enter a name."),
        ({"name": "   "}, "Choose a person of the office, or enter a name."),
        ({"name": "Jane", "email": "not an address"}, "Enter an e-mail address like name@example.org."),
        ({"name": "J" * 201}, "At most 200 characters."),
        ({"name": "Jane", "phone": "5" * 41}, "At most 40 characters."),
        ({"user": "999999"}, "Choose one from the list."),
        ({"user": "9" * 30}, "Choose one from the list."),
        ({"user": "1 OR 1=1"}, "Choose one from the list."),
        ({"user": "", "user_text": "Rex"}, "Choose one from the list."),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(world, sign_in, fields, reason) -> None:
    request, rosa = a_request(world), sign_in("requester")
    sent = {"purpose": "the wiring <b>", **fields}
    page = add(rosa, "purchase-request", request, "contacts", **sent)
    assert page.status_code == 422 and count(world, PointOfContact) == 0
    assert words(page.text).count(reason) == 2, "on top, and at the field"
    kept = form_to(page.text, "/contacts/add").fields
    assert kept["contacts-purpose"] == ["the wiring <b>"]
    assert all(kept[f"contacts-{name}"] == [value] for name, value in fields.items() if name not in ("user",))
    header = form_to(page.text, f"/purchase-request/edit/{request}").fields
    assert header["requesting_office"] == [str(world.ids["clinic"])], "the other form of the page keeps its choices"
    piece = in_place(
        rosa,
        "purchase-request",
        request,
        "contacts/add",
        **{f"contacts-{name}": value for name, value in sent.items()},
    )
    assert piece.status_code == 422 and words(piece.text).count(reason) == 2
    assert "<html" not in piece.text and 'id="roster-contacts"' in piece.text


def test_what_is_typed_stays_text(world, sign_in) -> None:
    request, rosa = a_request(world), sign_in("requester")
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>{{ 7 * 7 }}'
    add(rosa, "purchase-request", request, "contacts", name=evil, purpose=evil[:100], phone="555-0100", email="")
    add(rosa, "purchase-request", request, "suggested", vendor=world.ids["vendor A"], note=evil)
    page = rosa.get(f"/purchase-request/show/{request}").text
    assert "<script>alert" not in page and "<img src=x" not in page and "&lt;script&gt;alert(1)" in page
    assert "{{ 7 * 7 }}" in page
    piece = in_place(
        rosa, "purchase-request", request, "contacts/add", **{"contacts-name": evil, "contacts-email": evil}
    )
    assert piece.status_code == 422 and "<script>alert" not in piece.text and "<img src=x" not in piece.text


# Suggested vendors.


def test_a_requester_suggests_vendors(both: World) -> None:
    request = a_request(both)
    rosa = Person(both.app, "requester")
    piece = in_place(
        rosa,
        "purchase-request",
        request,
        "suggested/add",
        **{"suggested-vendor": str(both.ids["vendor A"]), "suggested-note": "Has quoted before."},
    )
    assert piece.status_code == 200 and "Adesso Supply Has quoted before." in words(piece.text)
    assert 'id="count-suggested" hx-swap-oob="true">1<' in piece.text
    assert piece.headers["HX-Trigger"] == '{"toast": {"message": "Added VN-A Adesso Supply"}}'
    assert form_to(piece.text, "/suggested/add").fields["suggested-note"][0].strip() == "", "the form is empty again"
    add(rosa, "purchase-request", request, "suggested", vendor=both.ids["vendor B"])
    twice = add(rosa, "purchase-request", request, "suggested", vendor=both.ids["vendor A"], note="Again")
    assert twice.status_code == 422 and "VN-A Adesso Supply is named here already." in words(twice.text)
    page = rosa.get(f"/purchase-request/show/{request}").text
    assert "“None”" not in page
    assert "Suggested vendors 2" in words(page) and "added suggested vendor “VN-A Adesso Supply”" in words(page)
    with records(both) as session:
        first = session.scalars(select(SuggestedVendor.id).order_by(SuggestedVendor.id)).first()
    piece = in_place(rosa, "purchase-request", request, f"suggested/remove/{first}")
    assert piece.status_code == 200 and "Adesso" not in words(piece.text) and "autofocus" in piece.text
    gone = in_place(rosa, "purchase-request", request, f"suggested/remove/{first}")
    assert gone.status_code == 404, "somebody else has taken it off already"
    rosa.post(f"/purchase-request/copy/{request}")
    assert count(both, SuggestedVendor) == 2, "the copy suggests the same"


def test_a_list_has_an_end(world, sign_in, monkeypatch) -> None:
    from app.screens import rosters

    monkeypatch.setattr(rosters, "MOST", 2)
    request, rosa = a_request(world), sign_in("requester")
    for name in ("One", "Two"):
        assert add(rosa, "purchase-request", request, "contacts", name=name).status_code == 200
    page = add(rosa, "purchase-request", request, "contacts", name="Three")
    assert page.status_code == 422 and "2 are named here; more cannot be." in words(page.text)


# Who may order.


def test_an_agreement_says_who_may_order(both: World) -> None:
    agreement = an_agreement(both)
    bert = Person(both.app, "buyer")
    assert "Open to all offices." in words(bert.get(f"/master-agreement/show/{agreement}").text)
    add(bert, "master-agreement", agreement, "authorities", organization=both.ids["clinic"])
    add(bert, "master-agreement", agreement, "authorities", user=both.ids["technician"])
    said = words(bert.get(f"/master-agreement/show/{agreement}").text)
    assert "Clinic This office and those below it" in said and "Tess Technician This person" in said
    assert "Who may order 2" in said and "Open to all offices" not in said
    assert "added authority to order of “CLINIC Clinic”" in said
    move(both, agreement, ("route", "buyer"), ("approve", "chief"), ("release", "buyer"))
    also_technician = Person(both.app, "technician")
    assert also_technician.get(f"/delivery-order/add?agreement={agreement}").status_code == 200
    assert bert.get(f"/delivery-order/add?agreement={agreement}").status_code == 404, "the buyer is not named"
    reader = Person(both.app, "outsider").get(f"/master-agreement/show/{agreement}")
    assert "Clinic This office and those below it" in words(reader.text), "everybody may read it"
    assert "/roster/" not in reader.text, "and only read"


@pytest.mark.parametrize(
    "chosen, reason",
    [
        ((), "Choose an office or a person."),
        (("organization", "user"), "Choose either an office or a person, and add the other one by itself."),
    ],
)
def test_an_authority_is_an_office_or_a_person(world, sign_in, chosen, reason) -> None:
    agreement, bert = an_agreement(world), sign_in("buyer")
    ids = {"organization": world.ids["clinic"], "user": world.ids["requester"]}
    page = add(bert, "master-agreement", agreement, "authorities", **{name: ids[name] for name in chosen})
    assert page.status_code == 422 and words(page.text).count(reason) == 2 and count(world, OrderingAuthority) == 0


def test_an_office_is_named_once(world, sign_in) -> None:
    agreement, bert = an_agreement(world), sign_in("buyer")
    for status in (200, 422):
        page = add(bert, "master-agreement", agreement, "authorities", organization=world.ids["clinic"])
        assert page.status_code == status
    assert "CLINIC Clinic is named here already." in words(page.text) and count(world, OrderingAuthority) == 1


# The page's version.
def save_in_place(person: Person, basket: int, line: int, **fields):
    """A row of the grid as htmx sends it."""
    data = {"csrf_token": person.token, "description": "Chair", "quantity": "3", "unit_price": "2.00"} | fields
    return person.client.post(f"/market-basket/line/{basket}/{line}/save", data=data, headers=HTMX)


def test_ones_own_line_does_not_make_the_details_stale(world, sign_in):
    """A page that knows the document as it is learns its next version with the saved row; one that does not stays
    behind, and its details are refused."""
    basket, rosa = a_basket(world), sign_in("requester")
    line = line_id(world, basket)
    header = form_to(rosa.get(f"/market-basket/show/{basket}").text, f"/market-basket/edit/{basket}")
    before = header.fields["version"][0]
    answer = save_in_place(rosa, basket, line, version=before)
    raised = re.search(r'id="version" name="version" value="(\d+)"', answer.text)
    assert raised is not None and int(raised[1]) > int(before)
    again = save_in_place(rosa, basket, line, quantity="4", version=before)
    assert again.status_code == 200 and 'id="version"' not in again.text
    stale = rosa.post(f"/market-basket/edit/{basket}", **header.sent(version=raised[1], title="Chairs"))
    assert stale.status_code == 409 and "Somebody else has changed" in words(stale.text)
    with records(world) as session:
        now = str(session.get_one(Document, basket).version)
    saved = rosa.post(f"/market-basket/edit/{basket}", **header.sent(version=now, title="Chairs"))
    assert saved.status_code == 200 and "Chairs" in words(saved.text)
