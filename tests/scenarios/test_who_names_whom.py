"""Who may name whom on a document, and when not; what it costs, and what is left of it.
Source: LIN-07, DOC-08, RB-01, WF-03."""

import pytest
from sqlalchemy import select

from app.audit import verify
from app.extensions import db
from app.models import (
    AuditEntry,
    PointOfContact,
    SuggestedVendor,
)
from tests.support.billing import count
from tests.support.counting import statements
from tests.support.making import (
    BENCH,
    PARKS,
    PRINTER,
    a_request,
    line_id,
    move,
    records,
)
from tests.support.pages import form_to, words
from tests.support.people import Person
from tests.support.rosters import add, in_place, may, said_of
from tests.support.world import World

# Who may not, and when not.
WAYS = (
    "contacts/add",
    "contacts/remove/1",
    "suggested/add",
    "acceptance-by/add?line={}",
    "acceptance-by/everywhere?line={}",
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("who, status", [("receiver", 403), ("auditor", 403), ("outsider", 404), ("stranger", 404)])
def test_who_may_not_write_may_not_name(world: World, sign_in, way, who, status) -> None:
    request = a_request(world)
    answer = sign_in(who).post(f"/purchase-request/roster/{request}/{way.format(line_id(world, request))}")
    assert answer.status_code == status


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("state", ["routed", "approved", "released", "cancelled"])
def test_what_was_sent_on_is_frozen(world: World, sign_in, way, state) -> None:
    request, rosa = a_request(world), sign_in("requester")
    add(rosa, "purchase-request", request, "contacts", name="Jane")
    steps = {"routed": 1, "approved": 2, "released": 3, "cancelled": 0}[state]
    way_on = (("route", "requester"), ("approve", "approver"), ("release", "approver"))[:steps]
    move(world, request, *(way_on or (("cancel", "requester"),)), comment="Not needed")
    data = {"contacts-name": "Zed", "suggested-vendor": str(world.ids["vendor A"])}
    answer = rosa.post(f"/purchase-request/roster/{request}/{way.format(line_id(world, request))}", **data)
    assert answer.status_code == 409
    page = rosa.get(f"/purchase-request/show/{request}").text
    assert "Jane" in words(page) and "Zed" not in words(page) and "/roster/" not in page


def test_the_approver_whose_turn_it_is_may_name(world: World, sign_in) -> None:
    request = a_request(world, "routed")
    amos, line = sign_in("approver"), line_id(world, request)
    assert add(amos, "purchase-request", request, "contacts", name="Jane").status_code == 200
    rex = world.ids["receiver"]
    named = add(amos, "purchase-request", request, "acceptance-by", line, user=rex, role="receiver")
    assert named.status_code == 200 and said_of(world, request) == ["receiver receiver"]
    chief = sign_in("chief")
    may_see = chief.get(f"/purchase-request/show/{request}").status_code
    assert may_see == 200 and add(chief, "purchase-request", request, "contacts", name="Joe").status_code in (200, 409)


def test_forged_ids_find_nothing(both: World) -> None:
    mine, other = a_request(both), a_request(both, "draft", BENCH, place=PARKS)
    with records(both) as session:
        foreign = PointOfContact(document_id=other, name="Park ranger")
        session.add(foreign)
        session.commit()
        ranger = foreign.id
    rosa, line, bench = Person(both.app, "requester"), line_id(both, mine), line_id(both, other)
    base = f"/purchase-request/roster/{mine}"
    for path in (
        f"{base}/contacts/remove/{ranger}",
        f"{base}/contacts/remove/{'9' * 40}",
        f"{base}/contacts/remove/nobody",
        f"{base}/authorities/add",
        f"{base}/preparers/add",
        f"{base}/acceptance-by/add",
        f"{base}/acceptance-by/add?line={bench}",
        f"{base}/acceptance-by/add?line=%00",
        f"{base}/contacts/add?line={line}",
        f"/purchase-request/roster/{other}/contacts/add",
        f"/purchase-request/roster/{'9' * 40}/contacts/add",
        "/purchase-request/roster/-1/contacts/add",
        f"/market-basket/roster/{mine}/contacts/add",
    ):
        answer = rosa.post(path, **{"contacts-name": "Zed"})
        assert answer.status_code in (403, 404), path
    page = add(rosa, "purchase-request", mine, "acceptance-by", line, user=both.ids["outsider"], role="receiver")
    assert page.status_code == 422 and words(page.text).count("Choose one from the list.") == 2
    page = add(rosa, "purchase-request", mine, "contacts", user=both.ids["stranger"])
    assert page.status_code == 422, "somebody of an office out of sight"
    page = add(rosa, "purchase-request", mine, "contacts", name="Jane", document_id=other, id=ranger)
    with records(both) as session:
        assert session.scalars(select(PointOfContact.name).where(PointOfContact.document_id == other)).all() == [
            "Park ranger"
        ]


def test_the_same_added_twice_at_once_is_added_once(both: World) -> None:
    """Two windows: the second finds the row that the first has written meanwhile."""
    from app.screens import rosters

    request, rosa = a_request(both), Person(both.app, "requester")
    vendor = both.ids["vendor A"]
    add(rosa, "purchase-request", request, "suggested", vendor=vendor)
    seen = rosters.Roster.same
    try:
        rosters.Roster.same = lambda self, one, other: False  # type: ignore[method-assign]
        answer = add(rosa, "purchase-request", request, "suggested", vendor=vendor)
    finally:
        rosters.Roster.same = seen  # type: ignore[method-assign]
    assert answer.status_code == 409 and count(both, SuggestedVendor) == 1


def test_ones_own_change_does_not_make_the_header_stale(world: World, sign_in) -> None:
    request, rosa = a_request(world), sign_in("requester")
    page = rosa.get(f"/purchase-request/show/{request}").text
    header = form_to(page, f"/purchase-request/edit/{request}")
    world.clock.on("2026-11-23", 15)
    version = header.fields["version"][0]
    piece = in_place(rosa, "purchase-request", request, "contacts/add", **{"contacts-name": "Jane", "version": version})
    assert f'value="{int(version) + 1}" hx-swap-oob' in piece.text
    saved = rosa.post(
        f"/purchase-request/edit/{request}", **header.sent(version=str(int(version) + 1), title="Label printers")
    )
    assert saved.status_code == 200 and "Label printers" in words(saved.text)
    stale = in_place(rosa, "purchase-request", request, "contacts/add", **{"contacts-name": "Joe", "version": version})
    assert stale.status_code == 200 and 'id="version"' not in stale.text, "a page that was overtaken stays so"


def test_a_page_asks_no_more_when_more_are_named(world: World, sign_in) -> None:
    request, rosa = a_request(world, "draft", PRINTER, PRINTER), sign_in("requester")
    line, asked = line_id(world, request), []
    people = ("receiver", "approver", "buyer", "fiscal", "manager", "chief")
    for name in people:
        may(world, name, "receive", "inspect")
    for number in range(3):
        pair = people[number * 2 : number * 2 + 2]
        for name in pair:
            user = world.ids[name]
            assert add(rosa, "purchase-request", request, "contacts", user=user).status_code == 200
            for role in ("receiver", "inspector"):
                add(rosa, "purchase-request", request, "acceptance-by", line, user=user, role=role)
        vendor = world.ids[f"vendor {('A', 'B', 'KCI')[number]}"]
        add(rosa, "purchase-request", request, "suggested", vendor=vendor)
        for path in (f"/purchase-request/show/{request}", f"/purchase-request/line/{request}/{line}/"):
            with statements(world.app) as said:
                assert rosa.get(path).status_code == 200
            asked.append(len(said))
    assert asked[2:4] == asked[4:6]
    assert asked[:2] == asked[2:4]


def test_nothing_of_it_is_left_in_the_session(world: World, sign_in) -> None:
    """A refused row is not written by what is saved next."""
    request, rosa = a_request(world), sign_in("requester")
    assert add(rosa, "purchase-request", request, "contacts", name="Jane", email="wrong").status_code == 422
    with world.app.app_context():
        db.session.remove()
    assert add(rosa, "purchase-request", request, "contacts", name="Joe").status_code == 200
    assert count(world, PointOfContact) == 1


def test_what_is_taken_off_stays_in_the_documents_history(both: World) -> None:
    """Also a line, a charge and a share of its funding: the trail of a document tells what is no longer there."""
    request, rosa = a_request(both, "draft", PRINTER, PRINTER), Person(both.app, "requester")
    first, second = line_id(both, request, 1), line_id(both, request, 2)
    base = f"/purchase-request/line/{request}"
    rosa.post(f"{base}/{second}/charge", kind="freight", description="Truck", amount="5")
    rosa.post(f"{base}/{second}/charge", remove="1")
    rosa.post(f"{base}/{second}/funding", basis="percent", strip=str(both.ids["S2"]), share="100")
    rosa.post(f"{base}/{first}/delete")
    with records(both) as session:
        gone = session.scalars(
            select(AuditEntry.entity).where(AuditEntry.document_id == request, AuditEntry.action == "remove")
        ).all()
        assert sorted(gone) == ["LineCharge", "LineFunding", "LineFunding", "LineItem"]
        assert verify(session) == []
    said = words(rosa.get(f"/purchase-request/show/{request}").text)
    assert "removed line “Label printer”" in said
