"""Who receives, inspects and accepts a line, and who may say so."""

import io

import pytest
from flask_appbuilder.security.sqla.models import User
from pypdf import PdfReader
from sqlalchemy import select

from app.models import (
    AuditEntry,
    Document,
    LineAcceptance,
)
from tests.support.making import (
    PRINTER,
    a_request,
    line_id,
    records,
)
from tests.support.pages import words
from tests.support.people import Person
from tests.support.rosters import add, in_place, may, said_of
from tests.support.world import World

# Who receives, inspects and accepts.


def test_a_line_names_who_takes_it_in(both: World) -> None:
    request = a_request(both, "draft", PRINTER, PRINTER, PRINTER)
    rosa, line = Person(both.app, "requester"), line_id(both, request)
    page = rosa.get(f"/purchase-request/line/{request}/{line}/")
    assert "Nobody is named: whoever may receive for the office does." in words(page.text)
    rex = both.ids["receiver"]
    done = add(rosa, "purchase-request", request, "acceptance-by", line, user=rex, role="receiver")
    assert done.status_code == 200 and done.request.path == f"/purchase-request/line/{request}/{line}/"
    assert "Rex Receiver Receiver" in words(done.text)
    assert said_of(both, request) == ["receiver receiver"]
    twice = add(rosa, "purchase-request", request, "acceptance-by", line, user=rex, role="receiver")
    assert twice.status_code == 422
    assert words(twice.text).count("Rex Receiver as receiver is named here already.") == 2
    history = words(rosa.get(f"/purchase-request/show/{request}").text)
    assert "added acceptance by “Rex Receiver as receiver”" in history
    printed = PdfReader(io.BytesIO(rosa.get(f"/purchase-request/print/{request}").data))
    assert "Receiver: Rex Receiver" in " ".join(page.extract_text() for page in printed.pages)


def test_the_same_people_on_all_lines(both: World) -> None:
    request = a_request(both, "draft", PRINTER, PRINTER, PRINTER)
    rosa, rex = Person(both.app, "requester"), both.ids["receiver"]
    may(both, "receiver", "inspect")
    first, third = line_id(both, request, 1), line_id(both, request, 3)
    add(rosa, "purchase-request", request, "acceptance-by", third, user=rex, role="inspector")
    add(rosa, "purchase-request", request, "acceptance-by", first, user=rex, role="receiver")
    add(rosa, "purchase-request", request, "acceptance-by", first, user=rex, role="inspector")
    page = rosa.get(f"/purchase-request/line/{request}/{first}/").text
    assert "Put on all 3 lines" in words(page)
    for _ in range(2):
        piece = in_place(rosa, "purchase-request", request, f"acceptance-by/everywhere?line={first}")
        assert piece.status_code == 200 and "All 3 lines name them now." in piece.headers["HX-Trigger"]
    with records(both) as session:
        roles = [sorted(one.role for one in line.acceptances) for line in session.get_one(Document, request).lines]
        gone = session.scalars(select(LineAcceptance.id).where(LineAcceptance.line_id == first)).first()
        labels = session.scalars(select(AuditEntry.label).where(AuditEntry.entity == "LineAcceptance")).all()
    assert roles == [["inspector", "receiver"]] * 3, "nobody twice"
    assert {one.partition(" as ")[0] for one in labels} == {"Rex Receiver"}, "also where only the key was written"
    rosa.post(f"/purchase-request/roster/{request}/acceptance-by/remove/{gone}?line={first}")
    assert said_of(both, request) == ["receiver inspector"]
    assert rosa.post(f"/purchase-request/roster/{request}/contacts/everywhere").status_code == 404


@pytest.mark.parametrize(
    "who, role, reason",
    [
        ("requester", "acceptor", "Rosa Requester wrote or signed Draft {}, so somebody else has to accept"),
        ("requester", "receiver", "Rosa Requester wrote or signed Draft {}, so somebody else has to receive"),
        ("receiver", "acceptor", "Rex Receiver is not set up to accept goods."),
        ("receiver", "inspector", "Rex Receiver is not set up to inspect goods."),
        ("receiver", "owner", "Not a valid choice"),
        ("approver", "receiver", "Choose one from the list."),
        ("its", "receiver", ""),
        ("requester", "inspector", ""),
    ],
)
def test_who_can_be_named_for_the_acceptance(world: World, sign_in, who, role, reason) -> None:
    """One person cannot both order and accept (DOC-06); a role at the dock comes from the profile (LIN-07)."""
    may(world, "requester", "accept", "inspect", "receive")
    may(world, "its", "receive")
    request, rosa = a_request(world), sign_in("requester")
    line = line_id(world, request)
    page = add(rosa, "purchase-request", request, "acceptance-by", line, user=world.ids[who], role=role)
    assert page.status_code == (422 if reason else 200)
    assert reason.format(request) in words(page.text)
    assert said_of(world, request) == ([] if reason else [f"{who} {role}"])


def test_people_are_offered_who_work_near_and_are_there(world: World, sign_in) -> None:
    rosa = sign_in("requester")
    with records(world) as session:
        session.scalar(select(User).where(User.username == "fiscal")).active = False
        session.commit()
    found = {one["text"] for one in rosa.get("/lookup/person?q=").json["results"]}
    assert {"Rex Receiver", "Amos Approver", "Bert Buyer"} <= found
    assert not found & {"Oda Outsider", "Sven Stranger", "Fay Fiscal"}
    assert [one["text"] for one in rosa.get("/lookup/acceptor?q=rex").json["results"]] == ["Rex Receiver"]
    assert rosa.get("/lookup/acceptor?q=amos").json["results"] == []
    assert world.app.test_client().get("/lookup/person").status_code == 302
