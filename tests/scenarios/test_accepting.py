"""Acceptance: what came in counts for payment once who is named has looked at it. Source: RC-04, F15.12, F19.08."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.integrity import Frozen
from app.models import Acceptance, DeliveryOrder, Invoice, LineAcceptance, Notice, Receipt
from app.transactions import Refused
from app.workflow import Done
from tests.abuse.evidence import at_once
from tests.support.calls import Caller
from tests.support.making import KEYBOARDS, a_receipt, act, an_invoice, an_order, bring, records, state_of
from tests.support.pages import words
from tests.support.people import Person

ASKS = {"acceptance_required": True, "acceptance_instructions": "Try each key."}
LOOKED_AT = replace(KEYBOARDS, extra=ASKS)


def ordered(world, *lines, named=("requester",)):
    """A released order whose first line some people are named to accept."""
    order = an_order(world, "draft", *(lines or (LOOKED_AT,)))
    with records(world) as session:
        line = session.get_one(DeliveryOrder, order).lines[0]
        line.acceptances = [LineAcceptance(user_id=world.ids[one], role="acceptor") for one in named]
        session.commit()
    return bring(world, order, "released")


def accept(person, receipt, *quantities, comment=""):
    """The form of the acceptance; without quantities the button in the head, which takes everything."""
    sent = {}
    if quantities:
        keys = lines_of(person.app, receipt)
        sent = {"lines": "1"} | {f"accepted-{key}": one for key, one in zip(keys, quantities, strict=False)}
    return person.post(f"/receipt/act/{receipt}/accept", comment=comment, **sent)


def lines_of(app, receipt):
    with app.app_context():
        found = [one.id for one in db.session.get_one(Receipt, receipt).receipt_lines]
        db.session.remove()
    return found


def taken(world):
    with records(world) as session:
        return [(one.quantity, one.comment) for one in session.scalars(select(Acceptance).order_by(Acceptance.id))]


def told(world, name, kind):
    with records(world) as session:
        mine = select(Notice.text).where(Notice.user_id == world.ids[name], Notice.kind == kind).order_by(Notice.id)
        return list(session.scalars(mine))


def test_a_bill_waits_until_what_came_is_accepted(both):
    receipt = a_receipt(both, ordered(both), {1: "12"})
    with records(both) as session:
        order = session.get_one(Receipt, receipt).order_id
    invoice = an_invoice(both, order, {1: ("12", "44.99")})
    fay, rosa = Person(both.app, "fiscal"), Person(both.app, "requester")
    assert "12 received, nothing accepted" in words(fay.get(f"/invoice/show/{invoice}").text)
    assert "12 received, nothing accepted" in words(fay.get("/").text), "among what needs attention"
    assert fay.press("invoice", invoice, "route").status_code == 409
    assert told(both, "requester", "accept") == ["Look at what came of DO-2027-000001, and accept it: Keyboards"]

    page = rosa.get(f"/receipt/show/{receipt}").text
    assert "Try each key." in page and "0 of 12" in words(page)
    assert "RR-2027-000001" in rosa.get("/receipt/list/?view=accept").text
    refused = accept(rosa, receipt, "10")
    assert refused.status_code == 409
    assert "Line 1: 10 of 12 are accepted. Say in the comment why not all." in words(refused.text)
    assert 'value="10"' in refused.text and taken(both) == []
    both.clock.on("2026-11-25")
    rosa = Person(both.app, "requester")
    assert accept(rosa, receipt, "10", comment="Two are cracked").status_code == 200
    assert taken(both) == [(Decimal(10), "Two are cracked")]
    fay = Person(both.app, "fiscal")
    assert "12 invoiced; 10 accepted; over by 2" in words(fay.get(f"/invoice/show/{invoice}").text)
    assert told(both, "fiscal", "matched")[-1].startswith(
        "Goods were accepted for Invoice A-1001: line 1 12 invoiced; 10"
    )

    assert accept(rosa, receipt).status_code == 200, "the button takes what is left"
    assert taken(both)[1:] == [(Decimal(2), "")]
    assert told(both, "fiscal", "matched")[-1] == "Goods were accepted for Invoice A-1001: it matches now"
    page = words(rosa.get(f"/receipt/show/{receipt}").text)
    assert "12 of 12" in page and "Nothing is left to be accepted." in page
    assert "10 EA accepted by Rosa Requester on Nov 25, 2026 : Two are cracked" in page
    assert "RR-2027-000001" not in rosa.get("/receipt/list/?view=accept").text
    again = accept(rosa, receipt)
    assert again.status_code == 409 and "Nothing of this report is left to be accepted." in words(again.text)

    bring(both, invoice, "released")
    with records(both) as session:
        assert session.get_one(Invoice, invoice).due_on == date(2026, 12, 28), (
            "thirty days from the acceptance, a Monday"
        )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("13", "13 cannot be accepted: 12 came; at most 12 can be."),
        ("-1", "Enter a quantity above 0."),
        ("lots", "“lots” cannot be accepted."),
        ("1e9", "“1e9” cannot be accepted."),
        ("0", "Enter how much is accepted on at least one line."),
        ("", "Enter how much is accepted on at least one line."),
        ("0.00001", "“0.00001” cannot be accepted."),
    ],
)
def test_a_senseless_quantity_is_refused_and_kept(world, typed, said):
    receipt = a_receipt(world, ordered(world), {1: "12"})
    answer = accept(Person(world.app, "requester"), receipt, typed, comment="Why")
    assert answer.status_code == 409 and said in words(answer.text)
    assert f'value="{typed}"' in answer.text and taken(world) == []


def test_who_is_named_accepts_and_nobody_else(both):
    receipt = a_receipt(both, ordered(both, named=("technician",)), {1: "12"})
    rex = Person(both.app, "receiver")
    page = words(rex.get(f"/receipt/show/{receipt}").text)
    assert "Still to be accepted: line 1, by Tess Technician." in page and "Accept these" not in page
    assert "Others are named to accept these lines." in words(accept(rex, receipt).text)
    assert "Others are named" in words(accept(rex, receipt, "12").text)
    assert accept(Person(both.app, "outsider"), receipt).status_code == 404
    assert accept(Person(both.app, "fiscal"), receipt).status_code == 403
    assert taken(both) == []
    assert accept(Person(both.app, "technician"), receipt).status_code == 200
    assert taken(both) == [(Decimal(12), "")]


def test_who_ordered_does_not_accept_where_nobody_is_named(both):
    receipt = a_receipt(both, ordered(both, named=()), {1: "12"})
    answer = accept(Person(both.app, "buyer"), receipt)
    assert answer.status_code == 409 and "somebody else has to accept what came" in words(answer.text)
    assert accept(Person(both.app, "receiver"), receipt).status_code == 200, "who received may accept"


def test_a_line_that_does_not_ask_counts_when_it_came(world):
    receipt = a_receipt(world, ordered(world, LOOKED_AT, KEYBOARDS), {1: "12", 2: "7"})
    page = words(Person(world.app, "requester").get(f"/receipt/show/{receipt}").text)
    assert "not asked" in page and "0 of 12" in page
    assert accept(Person(world.app, "requester"), receipt, "12", "7").status_code == 409, "nobody asks for the second"
    assert accept(Person(world.app, "requester"), receipt).status_code == 200
    assert taken(world) == [(Decimal(12), "")]


def test_a_reversed_report_takes_its_acceptance_along(both):
    order = ordered(both)
    receipt = a_receipt(both, order, {1: "12"})
    accept(Person(both.app, "requester"), receipt)
    Person(both.app, "receiver").press("receipt", receipt, "reverse", comment="Wrong order")
    assert state_of(both, receipt) == "cancelled"
    a_receipt(both, order, {1: "12"})
    invoice = an_invoice(both, order, {1: ("12", "44.99")})
    assert "12 received, nothing accepted" in words(Person(both.app, "fiscal").get(f"/invoice/show/{invoice}").text)
    assert accept(Person(both.app, "requester"), receipt).status_code == 409


def test_at_one_moment_nothing_is_accepted_twice(both):
    receipt = a_receipt(both, ordered(both, named=("requester", "technician")), {1: "12"})
    names = ("requester", "technician") * 4
    outcomes = at_once(both, lambda number: act(both, receipt, "accept", names[number]), times=8)
    done = [one for one in outcomes if isinstance(one, Done)]
    assert len(done) == 1 and sum(isinstance(one, Refused) for one in outcomes) == 7, outcomes
    assert taken(both) == [(Decimal(12), "")]


def test_an_acceptance_is_never_changed(both):
    receipt = a_receipt(both, ordered(both), {1: "12"})
    accept(Person(both.app, "requester"), receipt)
    with records(both) as session:
        session.scalars(select(Acceptance)).one().quantity = Decimal(5)
        with pytest.raises(Frozen):
            session.commit()
        session.rollback()
        with pytest.raises(IntegrityError):
            session.execute(text("UPDATE acceptance SET quantity = 0"))
        session.rollback()


def test_a_program_accepts_and_the_paper_says_who_did(world):
    receipt = a_receipt(world, ordered(world), {1: "12"})
    rosa, (line,) = Caller(world.app, "requester"), lines_of(world.app, receipt)
    part = {"accepted": [{"line": line, "quantity": "10"}]}
    assert rosa.act("receipt", receipt, "accept", **part).status_code == 409, "without a reason"
    assert rosa.act("receipt", receipt, "accept", comment="Two cracked", **part).status_code == 200
    assert rosa.act("receipt", receipt, "accept", accepted=[{"line": line, "quantity": "-1"}]).status_code == 422
    assert rosa.act("receipt", receipt, "accept").status_code == 200
    assert taken(world) == [(Decimal(10), "Two cracked"), (Decimal(2), "")]
    printed = Person(world.app, "requester").get(f"/receipt/print/{receipt}")
    assert "10 accepted, Rosa Requester" in " ".join(PdfReader(BytesIO(printed.data)).pages[0].extract_text().split())
    history = words(Person(world.app, "requester").get(f"/receipt/history/{receipt}").text)
    assert "Rosa Requester accepted what came" in history and "Rosa Requester accepted 10 of line 1" in history
