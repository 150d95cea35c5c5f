"""WF on envelopes: nobody reads, fills, sends or signs one that is not theirs to, and none of the rules of a document is
got around by sending it with others. Source: DOC-06, DOC-08."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app import envelopes, workflow
from app.extensions import db
from app.models import Document, Envelope, EnvelopeDocument, Signature
from app.transactions import Refused
from tests.abuse.evidence import at_once, nothing_changes, refusals
from tests.support.around import give
from tests.support.making import BENCH, PARKS, a_basket, a_request, records, state_of
from tests.support.people import Person
from tests.support.world import PASSWORD


def filled(world, *documents, by="requester", subject="Secret plans"):
    """An envelope that is not routed yet."""
    with records(world) as session:
        found = [session.get_one(Document, one) for one in documents]
        return envelopes.fill(session, world.app.extensions["office"], found, world.actor(by), subject=subject)


def routed(world, *documents, by="requester"):
    """An envelope under way."""
    envelope = filled(world, *documents, by=by)
    with records(world) as session:
        envelopes.route(session, world.app.extensions["office"], session.get_one(Envelope, envelope), world.actor(by))
    return envelope


ALL_DEEDS = ("route", "recall", "approve", "conditions", "disapprove")


@pytest.mark.parametrize("name", ["approver", "technician", "outsider", "manager"])
def test_somebody_elses_envelope_is_not_there_before_it_is_routed(world, sign_in, name):
    request, own = a_request(world), 0
    envelope, other = filled(world, request), sign_in(name)
    if name in ("technician", "outsider"):
        own = a_request(world, by=name) if name == "technician" else a_request(world, "draft", BENCH, place=PARKS)
    with nothing_changes(world):
        for path in (f"/envelope/show/{envelope}", f"/envelope/preview/{envelope}"):
            assert other.get(path).status_code == 404
        for deed in ALL_DEEDS:
            answer = other.post(f"/envelope/act/{envelope}/{deed}", password=PASSWORD, comment="x")
            assert answer.status_code == 404, deed
        assert other.post(f"/envelope/take-out/{envelope}/{request}").status_code == 404
        assert other.post(f"/envelope/return/{envelope}/{request}", comment="x").status_code == 404
        if own:
            sent = other.post("/envelope/fill", selected=str(own), envelope=str(envelope), do="fill")
            assert sent.status_code == 404


def test_an_approver_neither_routes_recalls_nor_repacks_it(world, sign_in):
    request, basket = a_request(world), a_basket(world)
    envelope, amos = routed(world, request, basket), sign_in("approver")
    with nothing_changes(world):
        for path in (f"act/{envelope}/route", f"act/{envelope}/recall", f"take-out/{envelope}/{request}"):
            assert amos.post(f"/envelope/{path}").status_code == 403
        assert amos.post(f"/envelope/act/{envelope}/release").status_code == 404
        assert amos.post("/envelope/fill", selected=str(request), envelope=str(envelope), do="fill").status_code == 403
    assert len(refusals(world)) == 4


@pytest.mark.parametrize("name", ["outsider", "stranger", "receiver", "auditor", "buyer"])
def test_nobody_signs_out_of_turn(world, sign_in, name):
    request, basket = a_request(world), a_basket(world)
    envelope, other = routed(world, request, basket), sign_in(name)
    with nothing_changes(world):
        for deed in ("approve", "conditions", "disapprove"):
            answer = other.post(f"/envelope/act/{envelope}/{deed}", password=PASSWORD, comment="x")
            assert answer.status_code in (404, 409), deed
        answer = other.post(f"/envelope/return/{envelope}/{request}", comment="x")
        assert answer.status_code in (403, 404, 409)


def test_the_sender_does_not_sign_their_own_envelope_whatever_roles_they_get(world, sign_in):
    request, basket = a_request(world), a_basket(world)
    give(world, "requester", "Approver")
    envelope, rosa = routed(world, request, basket), sign_in("requester")
    with nothing_changes(world):
        answer = rosa.post(f"/envelope/act/{envelope}/approve", password=PASSWORD)
        assert answer.status_code == 409 and "somebody else has to approve it" in answer.text


@pytest.mark.parametrize("password", ["", "wrong"])
def test_an_envelope_is_not_signed_without_the_password(world, sign_in, password):
    request, basket = a_request(world), a_basket(world)
    envelope, amos = routed(world, request, basket), sign_in("approver")
    with nothing_changes(world):
        assert amos.post(f"/envelope/act/{envelope}/approve", password=password).status_code in (409, 422)


def test_documents_out_of_sight_are_not_put_into_an_envelope(world, sign_in):
    hidden, request = a_basket(world, "draft", BENCH, place=PARKS), a_request(world)
    rosa = sign_in("requester")
    with nothing_changes(world):
        for forged in (str(hidden), "999999"):
            sent = {"selected": [str(request), forged], "subject": "Room 12"}
            assert rosa.post("/envelope/fill", **sent).status_code == 404
            assert rosa.post("/envelope/fill", do="fill", **sent).status_code == 404
        for nothing in ("", "x", "-1"):
            assert rosa.post("/envelope/fill", selected=nothing, subject="Room 12", do="fill").status_code == 200
        assert (
            rosa.post("/envelope/fill", selected=str(request), subject="x", envelope="99", do="fill").status_code == 404
        )


def test_a_document_that_is_not_in_it_is_not_returned_through_it(world, sign_in):
    request, basket, other = a_request(world), a_basket(world), a_request(world, "routed")
    envelope, amos = routed(world, request, basket), sign_in("approver")
    with nothing_changes(world):
        for forged in (str(other), "999999", "x"):
            assert amos.post(f"/envelope/return/{envelope}/{forged}", comment="x").status_code == 404


def test_looking_at_an_envelope_writes_nothing_and_a_press_needs_a_token(world, sign_in):
    request = a_request(world)
    envelope, rosa = filled(world, request), sign_in("requester")
    with nothing_changes(world):
        assert rosa.get(f"/envelope/show/{envelope}").status_code == 200
        assert rosa.get(f"/envelope/preview/{envelope}").status_code == 200
        assert rosa.post("/envelope/fill", selected=str(request)).status_code == 200, "it asks which one first"
        assert rosa.get(f"/envelope/act/{envelope}/route").status_code == 405
        assert rosa.client.post(f"/envelope/act/{envelope}/route").status_code == 400


@pytest.mark.parametrize("action", ["route", "approve", "conditions"])
def test_no_way_around_the_envelope_for_one_of_its_documents(world, action):
    """Not through the workflow either, and not with a word that a form could send along."""
    request = a_request(world)
    envelope = filled(world, request) if action == "route" else routed(world, request)
    by = "requester" if action == "route" else "approver"
    for extra in ({}, {"envelope": envelope + 1}, {"envelope": str(envelope)}, {"numbers": {}}):
        with records(world) as session, nothing_changes(world):
            document, office = session.get_one(Document, request), world.app.extensions["office"]
            with pytest.raises(Refused, match="in the envelope"):
                workflow.act(session, office, document, action, world.actor(by), proved=True, comment="x", extra=extra)


def test_many_presses_at_once_sign_each_document_once(both):
    documents = [a_request(both) for _ in range(3)]
    envelope = routed(both, *documents)

    def press(number):
        session, office = db.session(), both.app.extensions["office"]
        by = both.actor(("approver", "chief")[number % 2])
        return envelopes.sign(session, office, session.get_one(Envelope, envelope), "approve", by, proved=True)

    outcomes = at_once(both, press, 6)
    assert sum(isinstance(one, list) for one in outcomes) == 1
    assert all(isinstance(one, list | Refused) for one in outcomes), outcomes
    with records(both) as session:
        assert session.scalar(select(func.count(Signature.id)).where(Signature.document_id.in_(documents))) == 3
    assert {state_of(both, one) for one in documents} == {"approved"}


def test_what_is_filled_and_routed_at_the_same_moment_is_routed_whole_or_not_at_all(both):
    """Somebody's two windows: in one they route the envelope, in the other they put something more into it."""
    first, second = a_request(both), a_request(both)
    envelope = filled(both, first)

    def press(number):
        session, office, rosa = db.session(), both.app.extensions["office"], both.actor("requester")
        held = session.get_one(Envelope, envelope)
        if number % 2:
            return envelopes.route(session, office, held, rosa)
        return envelopes.fill(session, office, [session.get_one(Document, second)], rosa, into=held)

    outcomes = at_once(both, press, 4)
    assert all(not isinstance(one, Exception) or isinstance(one, Refused | workflow.IllegalMove) for one in outcomes)
    with records(both) as session:
        held = session.get_one(Envelope, envelope)
        assert held.routed_at is None or {one.document.state for one in held.contents} == {"routed"}


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO envelope_document (envelope_id, document_id) SELECT 2, document_id FROM envelope_document",
        "UPDATE envelope SET subject = ''",
        "UPDATE envelope SET sender_id = 999999",
        "UPDATE envelope_document SET sheet_id = 999999",
    ],
)
def test_the_database_keeps_envelopes_whole_too(both, statement):
    filled(both, a_request(both))
    filled(both, spare := a_request(both))
    with records(both) as session:
        session.execute(text("DELETE FROM envelope_document WHERE document_id = :spare"), {"spare": spare})
        session.commit()
        with pytest.raises(IntegrityError):
            session.execute(text(statement))
            session.flush()
            session.commit()
        session.rollback()
        assert session.scalar(select(func.count(EnvelopeDocument.id))) == 1


def test_a_stranger_does_not_learn_of_it_from_the_outbox(world):
    filled(world, a_request(world))
    assert "Secret plans" not in Person(world.app, "approver").get("/outbox/").text
