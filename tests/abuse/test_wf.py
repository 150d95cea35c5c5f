"""WF: getting around the way that documents go: approving one's own, skipping steps, doing a thing twice."""

from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import pytest
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select

from app import access, audit, ledger, workflow
from app.entities.document import Document
from app.extensions import db
from app.integrity import Frozen
from app.models import DocumentEvent, LineFunding, Posting
from app.rules.documents import KINDS
from tests.abuse.evidence import at_once, nothing_changes, refusals
from tests.support.around import a_deputy, give, only_signer
from tests.support.making import (
    PRINTER,
    a_basket,
    a_processed_invoice,
    a_receipt,
    a_released_order,
    a_request,
    act,
    an_invoice,
    line_id,
    make,
    move,
    records,
    state_of,
)
from tests.support.people import Person
from tests.support.world import PASSWORD

# WF-01: approving one's own.


def test_wf_01_whoever_made_it_does_not_approve_it(world, sign_in):
    give(world, "requester", "Approver")
    request, person = a_request(world, "routed"), sign_in("requester")
    with nothing_changes(world):
        answer = person.press("purchase-request", request, "approve")
        assert answer.status_code == 409 and "somebody else has to approve it" in answer.text


def test_wf_01_nor_by_being_the_deputy_of_the_approver(world, sign_in):
    only_signer(world, "purchase_request", "approver")
    a_deputy(world, "approver", "requester")
    give(world, "requester", "Approver")
    request, person = a_request(world, "routed"), sign_in("requester")
    with nothing_changes(world):
        assert person.press("purchase-request", request, "approve").status_code == 409


def test_wf_01_nor_does_the_deputy_of_whoever_made_it(world, sign_in):
    """The approver named by the rule wrote the request; the deputy signs for nobody else."""
    give(world, "approver", "Requester")
    only_signer(world, "purchase_request", "approver")
    a_deputy(world, "approver", "chief")
    request, deputy = a_request(world, "draft", by="approver"), sign_in("chief")
    move(world, request, ("route", "approver"))
    with nothing_changes(world):
        answer = deputy.press("purchase-request", request, "approve")
        assert answer.status_code == 409 and "You stand in for a person who created" in answer.text


def test_wf_01_whoever_wrote_in_it_before_it_was_routed_does_not_approve_it(world, sign_in):
    request, approver = a_request(world), sign_in("approver")
    line = line_id(world, request)
    assert approver.post(f"/purchase-request/line/{request}/{line}/save", quantity="3").status_code == 200
    move(world, request, ("route", "requester"))
    with nothing_changes(world):
        answer = approver.press("purchase-request", request, "approve")
        assert answer.status_code == 409 and "created or changed this document" in answer.text


def test_wf_01_a_note_does_not_make_a_preparer(world, sign_in):
    """Whoever pins a note to a draft has not written in it, and may approve it."""
    request, approver = a_request(world), sign_in("approver")
    approver.post(f"/purchase-request/note/{request}", text="Looks fine")
    approver.post(f"/purchase-request/attach/{request}", file=(BytesIO(b"abc"), "quote.txt"))
    move(world, request, ("route", "requester"))
    assert approver.press("purchase-request", request, "approve").status_code == 200
    assert state_of(world, request) == "approved"


def test_wf_01_nor_with_a_role_that_came_midway(world, sign_in):
    """The requester becomes an approver while the request is under way."""
    request, person = a_request(world, "routed"), sign_in("requester")
    give(world, "requester", "Approver")
    with records(world) as session:
        user = session.scalar(select(User).where(User.username == "requester"))
        user.roles = [one for one in user.roles if one.name == "Approver"]
        session.commit()
    with nothing_changes(world):
        assert person.press("purchase-request", request, "approve").status_code == 409


def test_wf_01_what_a_basket_turns_into_is_not_approved_by_who_wrote_the_basket(world):
    give(world, "requester", "Approver")
    basket = a_basket(world, "approved")
    with records(world):
        made = act(world, basket, "release", "approver").made
        order = made[0].id
    move(world, order, ("route", "approver"))
    with records(world), pytest.raises(workflow.Refused, match="somebody else has to approve it"):
        act(world, order, "approve", "requester")


def test_wf_01_a_signature_wants_the_password(world, sign_in):
    request, approver = a_request(world, "routed"), sign_in("approver")
    with nothing_changes(world):
        for password in ("", "wrong", PASSWORD.upper()):
            answer = approver.post(f"/purchase-request/act/{request}/approve", password=password)
            assert answer.status_code in (409, 422), password
    assert approver.press("purchase-request", request, "approve").status_code == 200


# WF-02: every action from every state.

STATES = {
    "market_basket": ("draft", "routed", "disapproved", "approved", "released", "cancelled", "closed"),
    "purchase_request": ("draft", "routed", "disapproved", "approved", "released", "cancelled", "closed"),
    "delivery_order": ("draft", "routed", "disapproved", "approved", "released", "cancelled", "closed", "terminated"),
    "master_agreement": ("draft", "routed", "disapproved", "approved", "released", "cancelled", "closed", "terminated"),
    "invoice": ("draft", "routed", "disapproved", "approved", "released", "cancelled", "closed"),
    "receipt": ("draft", "released", "cancelled"),
}


ACTIONS = sorted({row.action for kind in KINDS.values() for row in kind.life})
EVERY_RIGHT = frozenset(pair for pairs in access.pairs().values() for pair in pairs) | {
    (f"can_{action}", entity.__name__) for action in ACTIONS for entity in KINDS
}


def test_wf_02_the_table_above_has_every_state_of_every_life():
    lives = {
        entity.__tablename__: {"draft"} | {str(move.after) for move in kind.life} for entity, kind in KINDS.items()
    }
    assert {kind: set(states) for kind, states in STATES.items()} == lives


@pytest.mark.parametrize("kind", STATES)
def test_wf_02_only_what_the_life_allows_is_possible(world, kind):
    """Somebody with every right tries every action from every state: the illegal ones change nothing."""
    entity = next(one for one in KINDS if one.__tablename__ == kind)
    for state in STATES[kind]:
        document_id = make(world, kind, state)
        legal = {move.action for move in KINDS[entity].life if state in move.before}
        with nothing_changes(world), records(world) as session:
            almighty = replace(world.actor("auditor"), grants=EVERY_RIGHT)
            document = session.get_one(Document, document_id)
            for action in [one for one in ACTIONS if one not in legal]:
                with pytest.raises(workflow.IllegalMove):
                    workflow.act(
                        session, world.app.extensions["office"], document, action, almighty, comment="x", proved=True
                    )
            for nonsense in ("delete", "", "RELEASE", "release ", "__class__"):
                with pytest.raises(workflow.Forbidden):
                    workflow.act(session, world.app.extensions["office"], document, nonsense, almighty)


def test_wf_02_the_screen_says_why_a_step_is_impossible(world, sign_in):
    approver = sign_in("approver")
    for state in ("draft", "disapproved", "routed", "cancelled"):
        request = a_request(world, state)
        with nothing_changes(world):
            answer = approver.press("purchase-request", request, "release")
            assert answer.status_code == 409, state
            assert f"This document is {state}" in answer.text


@pytest.mark.parametrize("action", ["approve", "release", "route", "close", "cancel"])
def test_wf_02_an_action_without_the_right_is_refused_and_on_record(world, sign_in, action):
    request, receiver = a_request(world, "routed"), sign_in("auditor")
    with nothing_changes(world):
        answer = receiver.press("purchase-request", request, action, comment="x")
        assert answer.status_code == 403
    assert any(action in one and "Otto Auditor" in one for one in refusals(world))


# WF-03: changing what was approved.

WRITES = {
    "edit/{d}": {"title": "Other", "version": "1", "bfy": "2027"},
    "line/{d}/add": {},
    "line/{d}/{l}/save": {"quantity": "99", "unit_price": "0.01", "description": "Other"},
    "line/{d}/{l}/delete": {},
    "line/{d}/{l}/copy": {},
    "line/{d}/{l}/": {"description": "Other", "quantity": "99", "unit_price": "1", "unit": "EA"},
    "line/{d}/{l}/funding": {"basis": "percent", "strip": "2", "share": "100"},
    "line/{d}/{l}/charge": {"kind": "freight", "amount": "5"},
    "change/{d}/funding": {"basis": "percent", "strip": "2", "share": "100", "change-do": "apply"},
    "detach/{d}/{a}": {},
}


@pytest.mark.parametrize("state", ["routed", "approved", "released", "cancelled"])
def test_wf_03_what_was_sent_for_approval_is_not_edited(world, sign_in, state):
    from app.models import Attachment

    request, requester = a_request(world), sign_in("requester")
    requester.post(f"/purchase-request/attach/{request}", file=(BytesIO(b"abc"), "quote.txt"))
    from tests.support.making import bring

    bring(world, request, state)
    with records(world) as session:
        paper = session.scalar(select(Attachment.id))
    people = [
        requester,
        *(Person(world.app, name) for name in (("approver", "buyer") if state != "routed" else ("buyer",))),
    ]
    with nothing_changes(world):
        for path, fields in WRITES.items():
            path = path.format(d=request, l=line_id(world, request), a=paper)
            for person in people:
                answer = person.post(f"/purchase-request/{path}", **fields)
                assert answer.status_code == 409, (state, path, person.name, answer.status_code)


@pytest.mark.parametrize("state", ["routed", "approved", "released"])
def test_wf_03_nor_past_the_screens(world, state):
    """The session itself refuses, whoever writes: header, line, funding, charge, a line more or less, the state."""
    request = a_request(world, state)

    def attempts(document):
        first = document.lines[0]
        yield lambda: setattr(document, "title", "Other")
        yield lambda: setattr(document, "vendor_id", world.ids["vendor A"])
        yield lambda: setattr(document, "state", "draft")
        yield lambda: setattr(first, "quantity", Decimal(99))
        yield lambda: setattr(first.funding[0], "strip_id", world.ids["S2"])
        yield lambda: first.funding.append(LineFunding(strip_id=world.ids["S2"], position=2, share=Decimal(1)))
        yield lambda: first.funding.clear()
        yield lambda: document.lines.clear()
        yield lambda: db.session.delete(first)

    with nothing_changes(world):
        for number in range(9):
            with records(world) as session:
                session.info.update(actor=world.actor("requester"), now=world.clock())
                list(attempts(session.get_one(Document, request)))[number]()
                with pytest.raises(Frozen):
                    session.commit()
                session.rollback()


def test_wf_03_a_note_and_a_paper_may_be_added_to_what_was_released(world, sign_in):
    order, buyer = a_released_order(world), sign_in("buyer")
    assert "Call the vendor" in buyer.post(f"/delivery-order/note/{order}", text="Call the vendor").text
    answer = buyer.post(f"/delivery-order/attach/{order}", file=(BytesIO(b"abc"), "shipping.txt"))
    assert answer.status_code == 200 and "shipping.txt" in answer.text


def test_wf_03_what_was_returned_is_signed_again_by_everybody(world):
    only_signer(world, "purchase_request", "approver", "manager")
    request = a_request(world, "routed")
    move(world, request, ("approve", "approver"))
    move(world, request, ("disapprove", "manager"), comment="Too many")
    with records(world) as session:
        session.get_one(Document, request).lines[0].quantity = Decimal(9)
        session.info.update(actor=world.actor("requester"), now=world.clock())
        session.commit()
    move(world, request, ("route", "requester"), ("approve", "approver"))
    assert state_of(world, request) == "routed"
    move(world, request, ("approve", "manager"))
    assert state_of(world, request) == "approved"


# WF-05: the same thing twice.


def test_wf_05_pressed_32_times_at_once_it_happens_once(both):
    requests = [a_request(both, "approved") for _ in range(2)]
    for request in requests:
        done = at_once(both, lambda _, request=request: act(both, request, "release", "approver"))
        assert not [one for one in done if isinstance(one, Exception)]
        assert sorted(one.repeated for one in done) == [False] + [True] * 31
    with records(both) as session:
        assert (
            session.scalar(
                select(func.count())
                .select_from(DocumentEvent)
                .where(DocumentEvent.action == "release", DocumentEvent.document_id.in_(requests))
            )
            == 2
        )
        booked = list(session.scalars(select(Posting.amount).where(Posting.kind == "pre-encumbrance")))
        assert booked == [Decimal("200.00"), Decimal("200.00")]
        numbers = set(session.scalars(select(Document.number).where(Document.id.in_(requests))))
        assert len(numbers) == 2 and None not in numbers
        assert (ledger.reconcile(session), audit.verify(session)) == ([], [])
        assert both.balance("S1") == ("400.00", "0.00", "0.00", "2,600.00")


def test_wf_05_the_back_button_and_an_impatient_finger(both):
    """The same form sent again, with its key; and the button pressed again, on a page loaded before."""
    request, approver = a_request(both, "approved"), Person(both.app, "approver")
    first = approver.post(f"/purchase-request/act/{request}/release", key="once", follow=False)
    assert first.status_code == 302
    with nothing_changes(both):
        for key in ("once", "", "another"):
            again = approver.post(f"/purchase-request/act/{request}/release", key=key, follow=False)
            assert (again.status_code, again.headers["Location"]) == (302, first.headers["Location"]), key


def test_wf_05_two_people_at_once_and_one_of_them_is_told(both):
    """Buyer and approver both may release; the second one hears that it has been done, and nothing is booked twice."""
    request = a_request(both, "approved")
    done = at_once(both, lambda number: act(both, request, "release", ("approver", "buyer")[number % 2]), times=8)
    assert sum(isinstance(one, workflow.Done) and not one.repeated for one in done) == 1
    assert all(isinstance(one, workflow.Done | workflow.IllegalMove) for one in done)
    with records(both):
        assert both.balance("S1")[0] == "200.00"


def test_wf_05_a_basket_released_twice_makes_its_orders_once(both):
    basket = a_basket(both, "approved", PRINTER)
    done = at_once(both, lambda _: act(both, basket, "release", "approver"), times=8)
    assert not [one for one in done if isinstance(one, Exception)]
    with records(both) as session:
        assert (
            session.scalar(select(func.count()).select_from(Document).where(Document.kind == "purchase_request")) == 1
        )


# WF-09: pulling the ground away.


def test_wf_09_what_was_received_or_billed_is_not_pulled_away(world):
    order = a_released_order(world)
    draft = a_receipt(world, order, {1: "2"}, "draft")
    with records(world):
        for action in ("terminate", "close"):
            with pytest.raises(workflow.Refused, match="not finished"):
                act(world, order, action, "approver", comment="x")
    move(world, draft, ("cancel", "receiver"))
    receipt = a_receipt(world, order, {1: "12"})
    invoice = an_invoice(world, order, {1: ("12", "44.99")})
    with records(world), pytest.raises(workflow.Refused, match="not finished"):
        act(world, order, "terminate", "approver", comment="x")
    move(world, invoice, ("route", "fiscal"), ("approve", "approver"), ("release", "fiscal"))
    with nothing_changes(world), records(world), pytest.raises(workflow.Refused, match="Cancel the invoice first"):
        act(world, receipt, "reverse", "receiver", comment="x")


def test_wf_09_a_released_invoice_or_order_is_not_cancelled(world):
    invoice = a_processed_invoice(world)
    with records(world) as session:
        order = session.scalar(select(Document.id).where(Document.kind == "delivery_order"))
        for document, by in ((invoice, "fiscal"), (order, "approver")):
            with pytest.raises(workflow.IllegalMove):
                act(world, document, "cancel", by, comment="x")
