"""Envelopes: several documents are routed together, and each approver signs once for all of them. Source: DOC-08."""

from sqlalchemy import select

from app import audit, scope, turns
from app.extensions import db
from app.facts import Answers
from app.models import AuditEntry, Document, RoutingRule, Signature
from app.people import sight_of
from app.rules.approvals import turn_of
from tests.support.around import a_deputy
from tests.support.counting import statements
from tests.support.envelopes import add_rules, an_envelope, press, routed, states
from tests.support.making import a_basket, a_request, move, records, state_of
from tests.support.pages import form_to, words
from tests.support.people import Person
from tests.support.world import CAST, PASSWORD


def test_two_documents_go_their_way_together(both):
    """From the desk to the signature: filled, routed, one line in the inbox, signed once, each with its history."""
    request, basket = a_request(both), a_basket(both)
    rosa = Person(both.app, "requester")
    page = rosa.post("/envelope/fill", selected=[str(request), str(basket)])
    assert "Put into an envelope" in words(page.text) and "Printers" in page.text
    filled = form_to(page.text, "/envelope/fill").sent(subject="Room 12")
    page = rosa.post("/envelope/fill", **filled)
    envelope = int(page.request.path.split("/")[-1])
    assert "Room 12 Being filled" in words(page.text) and states(both, request, basket) == ["draft", "draft"]

    answer = press(rosa, envelope, "route")
    assert "you routed it for approval" in words(answer.text) and "Underway" in words(answer.text)
    assert states(both, request, basket) == ["routed", "routed"]
    assert "Room 12 2 documents Underway" in words(rosa.get("/outbox/").text)

    amos = Person(both.app, "approver")
    inbox = amos.get("/inbox/").text
    assert "1 to sign" in words(inbox) and "Envelope with 2 · CLINIC · Rosa Requester" in words(inbox)
    assert inbox.count('class="item"') == 1
    answer = amos.post(f"/envelope/act/{envelope}/approve", password=PASSWORD, key="k", **{"from": "inbox"})
    assert answer.request.path == "/inbox/" and "2 to release" in words(answer.text)
    assert states(both, request, basket) == ["approved", "approved"]
    assert "Room 12 Done" in words(rosa.get(f"/envelope/show/{envelope}").text)
    with records(both) as session:
        for one in (request, basket):
            assert len(session.scalars(select(Signature).where(Signature.document_id == one)).all()) == 1
    assert "put it into the envelope “Room 12”" in words(rosa.get(f"/purchase-request/show/{request}").text)


def test_a_second_press_signs_nothing_more(both):
    documents = [a_request(both), a_request(both)]
    envelope = routed(both, *documents)
    amos = Person(both.app, "approver")
    press(amos, envelope, "approve", key="once")
    answer = press(amos, envelope, "approve", key="once")
    assert "This had been done already; nothing more happened." in words(answer.text)
    assert "It is not your turn to sign" in words(press(amos, envelope, "approve", key="again").text)
    with records(both) as session:
        assert len(session.scalars(select(Signature).where(Signature.document_id.in_(documents))).all()) == 2


def test_each_document_asks_whom_its_rules_ask_and_each_of_them_signs_once(both):
    """The manager comes before the approvers on baskets, the buyer after them on requests: together it is manager,
    approvers, buyer, though the request by itself would begin with the approvers."""
    with records(both) as session:
        rule = session.scalar(select(RoutingRule).where(RoutingRule.kind == "market_basket"))
        rule.step = 2
        session.commit()
    add_rules(both, "market_basket", (1, {"role": "Manager"}))
    add_rules(both, "purchase_request", (2, {"role": "Buyer"}))
    request, basket = a_request(both), a_basket(both)
    envelope = routed(both, request, basket)
    amos, mona, bert = (Person(both.app, one) for one in ("approver", "manager", "buyer"))
    page = words(Person(both.app, "requester").get(f"/envelope/show/{envelope}").text)
    assert page.index("Manager, Clinic") < page.index("Approver, Clinic") < page.index("Buyer, Clinic")

    assert "Room 12" not in amos.get("/inbox/").text, "the request waits for the basket's manager"
    answer = amos.press("purchase-request", request, "approve")
    assert answer.status_code == 409
    assert "It is not your turn to sign" in words(press(amos, envelope, "approve").text)
    assert "1 of 2 documents wait for you" in words(mona.get(f"/envelope/show/{envelope}").text)
    press(mona, envelope, "approve")
    press(amos, envelope, "approve")
    assert states(both, request, basket) == ["routed", "approved"], "nobody else has to sign the basket"
    press(bert, envelope, "approve")
    assert states(both, request, basket) == ["approved", "approved"]
    with records(both) as session:
        who = session.execute(select(Signature.document_id, Signature.by_id).order_by(Signature.id)).all()
    ids = both.ids
    assert [one for one in who if one[0] in (request, basket)] == [
        (basket, ids["manager"]), *sorted([(request, ids["approver"]), (basket, ids["approver"])]), (request, ids["buyer"]),
    ]  # fmt: skip


def test_the_query_asks_of_envelopes_what_the_rules_ask(both):
    """For every person and document, in every place an envelope can be in."""
    add_rules(both, "purchase_request", (2, {"role": "Buyer"}), (3, {"user_id": both.ids["chief"]}))
    add_rules(both, "market_basket", (2, {"role": "Manager"}))
    routed(both, a_request(both), a_basket(both), subject="First")
    half = routed(both, a_request(both), a_basket(both), a_basket(both), subject="Half")
    press(Person(both.app, "approver"), half, "approve")
    late = routed(both, a_request(both), a_basket(both), subject="Late")
    press(Person(both.app, "approver"), late, "approve")
    press(Person(both.app, "manager"), late, "approve")
    alone = a_request(both)
    returned = routed(both, alone, a_basket(both), subject="One came back")
    Person(both.app, "approver").post(f"/envelope/return/{returned}/{alone}", comment="Which room?")
    a_request(both, "routed")
    a_deputy(both, "chief", "technician")
    found = 0
    with records(both) as session:
        everything = list(session.scalars(db.select(Document)))
        for name in CAST:
            actor = both.actor(name)
            scope.look(session, sight_of(session, actor))
            expected = {one.id for one in everything if turn_of(one, actor)}
            late_before = turns.late_before(
                both.app.extensions["office"], Answers(session, both.app.extensions["office"])
            )
            waiting = turns.to_sign(session, actor, late_before, 200)
            seen = [document.id for one in waiting for document in (one.document, *one.with_it)]
            assert sorted(seen) == sorted(expected & set(seen)) and set(seen) == expected, name
            assert turns.counts(session, actor, late_before).sign == len(waiting), name
            found += len(seen)
            scope.look(session, None)
    assert found >= 12


def test_returning_returns_all_with_the_reason(both):
    request, basket = a_request(both), a_basket(both)
    envelope = routed(both, request, basket)
    answer = press(Person(both.app, "approver"), envelope, "disapprove")
    assert answer.status_code == 409 and "Say why" in words(answer.text)
    press(Person(both.app, "approver"), envelope, "disapprove", comment="Which room?")
    assert states(both, request, basket) == ["disapproved", "disapproved"]
    rosa = Person(both.app, "requester")
    assert words(rosa.get("/inbox/?view=returned").text).count("Clinic office") >= 1
    page = rosa.get(f"/envelope/show/{envelope}").text
    again = form_to(page, "/envelope/fill").sent(do="fill")
    answer = rosa.post("/envelope/fill", **again)
    second = int(answer.request.path.split("/")[-1])
    assert second != envelope and "Being filled" in words(answer.text)
    press(rosa, second, "route")
    press(Person(both.app, "approver"), second, "approve")
    assert states(both, request, basket) == ["approved", "approved"]


def test_one_document_is_returned_alone_and_the_rest_goes_on(both):
    request, basket = a_request(both), a_basket(both)
    envelope = routed(both, request, basket)
    amos = Person(both.app, "approver")
    answer = amos.post(f"/envelope/return/{envelope}/{request}", comment="Which room?")
    assert "no longer in it" in words(answer.text)
    press(amos, envelope, "approve")
    assert states(both, request, basket) == ["disapproved", "approved"]
    rosa = Person(both.app, "requester")
    rosa.press("purchase-request", request, "route")
    assert state_of(both, request) == "routed", "by itself now"


def test_returning_the_document_that_others_waited_for_lets_them_go_on(both):
    add_rules(both, "market_basket", (1, {"role": "Manager"}))
    with records(both) as session:
        session.scalar(
            select(RoutingRule).where(RoutingRule.kind == "market_basket", RoutingRule.role == "Approver")
        ).step = 2
        session.commit()
    request, basket = a_request(both), a_basket(both)
    envelope = routed(both, request, basket)
    Person(both.app, "manager").post(f"/envelope/return/{envelope}/{basket}", comment="Not this year")
    press(Person(both.app, "approver"), envelope, "approve")
    assert states(both, request, basket) == ["approved", "disapproved"]


def test_the_sender_recalls_what_is_under_way(both):
    request, basket = a_request(both), a_basket(both)
    envelope = routed(both, request, basket)
    answer = press(Person(both.app, "requester"), envelope, "recall")
    assert states(both, request, basket) == ["draft", "draft"] and "Done" in words(answer.text)


def test_a_document_may_be_recalled_and_cancelled_out_of_it(both):
    request, basket, third = a_request(both), a_basket(both), a_request(both)
    envelope = routed(both, request, basket, third)
    rosa = Person(both.app, "requester")
    rosa.press("purchase-request", request, "recall")
    rosa.press("purchase-request", third, "cancel", comment="Not needed")
    press(Person(both.app, "approver"), envelope, "approve")
    assert states(both, request, basket, third) == ["draft", "approved", "cancelled"]


def test_conditions_stand_on_every_document(world):
    request, basket = a_request(world), a_basket(world)
    envelope = routed(world, request, basket)
    press(Person(world.app, "approver"), envelope, "conditions", comment="Ask for three quotes")
    with records(world) as session:
        said = session.scalars(select(Signature.comment).where(Signature.document_id.in_((request, basket)))).all()
    assert said == ["Ask for three quotes"] * 2 and states(world, request, basket) == ["approved", "approved"]


def test_one_more_approver_signs_all_of_it_last(world):
    request, basket = a_request(world), a_basket(world)
    rosa = Person(world.app, "requester")
    envelope = an_envelope(rosa, request, basket)
    press(rosa, envelope, "route", approvers=str(world.ids["manager"]))
    press(Person(world.app, "approver"), envelope, "approve")
    assert states(world, request, basket) == ["routed", "routed"]
    press(Person(world.app, "manager"), envelope, "approve")
    assert states(world, request, basket) == ["approved", "approved"]


def test_the_trail_agrees_afterwards(world):
    move(world, a_request(world), ("route", "requester"))
    envelope = routed(world, a_request(world), a_basket(world))
    press(Person(world.app, "approver"), envelope, "approve")
    with records(world) as session:
        assert audit.verify(session) == []
        kinds = set(session.scalars(select(AuditEntry.entity)))
    assert {"Envelope", "EnvelopeDocument", "Signature"} <= kinds


def test_the_page_of_an_envelope_asks_the_same_however_much_is_in_it(world):
    rosa = Person(world.app, "requester")
    small = an_envelope(rosa, a_request(world), a_basket(world))
    large = an_envelope(rosa, *(a_request(world) for _ in range(8)))

    def asked(envelope):
        rosa.get(f"/envelope/show/{envelope}")
        with statements(world.app) as said:
            rosa.get(f"/envelope/show/{envelope}")
        return len(said)

    assert asked(large) <= asked(small)
    for envelope in (small, large):
        press(rosa, envelope, "route")
    assert asked(large) <= asked(small)
