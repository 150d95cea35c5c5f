"""Electronic payments: not without an account that a second person confirmed, nor by who keeps it (PY-04, DOC-06)."""

import pytest
from alembic import command
from sqlalchemy import inspect, select

from app import migrate
from app.extensions import db
from app.models import BankAccount, Invoice, Payment
from tests.abuse.evidence import nothing_changes
from tests.support.around import a_bank_account
from tests.support.making import a_processed_invoice, a_receipt, a_released_order, an_invoice, move, records
from tests.support.pages import words
from tests.support.payees import enter
from tests.support.people import Person
from tests.support.world import World


def due(world: World, invoice: int) -> None:
    """The day of an invoice's payment comes."""
    with records(world) as session:
        world.clock.on(f"{session.get_one(Invoice, invoice).scheduled_on:%Y-%m-%d}")


def test_an_electronic_payment_waits_for_an_account_and_then_names_it(both, cora, mona):
    order = a_released_order(both)
    a_receipt(both, order, {1: "12"})
    invoice = an_invoice(both, order, {1: ("12", "44.99")}, "released", disbursement="eft")
    enter(cora, both)
    due(both, invoice)
    fay = Person(both.app, "fiscal")
    held = words(fay.get("/payment/list/?view=held").text)
    assert "has no confirmed bank account. Ask the Customer Resource Center" in held
    assert "Adesso" not in words(fay.get("/payment/list/?view=due").text).partition("Payment queue")[2]
    with nothing_changes(both):
        answer = fay.post("/payment/pay/1", reference="T-1")
        assert answer.status_code == 409 and "no confirmed bank account" in answer.text
    account = enter(Person(both.app, "crc"), both, "77001122334455")
    Person(both.app, "manager").post(f"/bank-account/confirm/{account}")
    assert "no confirmed bank account" not in fay.get("/payment/list/?view=held").text
    assert "Paid" in fay.post("/payment/pay/1", reference="T-1").text
    with records(both) as session:
        payment = session.scalar(select(Payment))
        assert (payment.paid_on, payment.account_id) == (both.clock().date(), account)
    assert "•••4455" in fay.get(f"/invoice/show/{invoice}").text
    assert "•••4455" not in Person(both.app, "approver").get(f"/invoice/show/{invoice}").text


def test_a_check_needs_no_account_and_names_none(both):
    a_bank_account(both, confirmed="manager")
    invoice = a_processed_invoice(both)
    due(both, invoice)
    assert "Paid" in Person(both.app, "fiscal").post("/payment/pay/1").text
    with records(both) as session:
        assert session.scalar(select(Payment)).account_id is None


STEPS = (("draft", "approve", "approver"), ("approved", "release", "fiscal"), ("released", "close", "fiscal"))


@pytest.mark.parametrize("how", ["entered", "confirmed"])
@pytest.mark.parametrize("state, action, who", STEPS, ids=[one[1] for one in STEPS])
def test_who_keeps_the_account_neither_approves_nor_pays(both, how, state, action, who):
    people = {"entered": (who, "crc"), "confirmed": ("crc", who)}[how]
    account = a_bank_account(both, entered=people[0], confirmed=people[1])
    order = a_released_order(both)
    a_receipt(both, order, {1: "12"})
    invoice = an_invoice(both, order, {1: ("12", "44.99")}, "draft")
    if action == "approve":
        move(both, invoice, ("route", "fiscal"))
    else:
        with records(both) as session:  # as if nobody had kept an account until now
            session.get_one(BankAccount, account).retired_on = both.clock().date()
            session.commit()
        move(both, invoice, ("route", "fiscal"), ("approve", "approver"))
        if action == "close":
            move(both, invoice, ("release", "fiscal"))
            due(both, invoice)
        a_bank_account(both, "6600112233", entered=people[0], confirmed=people[1])
    person, verb = Person(both.app, who), {"approve": "approve", "release": "process", "close": "pay"}[action]
    with nothing_changes(both):
        answer = person.press("invoice", invoice, action)
        assert answer.status_code == 409
        name = {"approver": "Amos Approver", "fiscal": "Fay Fiscal"}[who]
        digits = "•••4055" if action == "approve" else "•••2233"
        told = f"{name} {how} the bank account {digits} of Adesso Supply on {both.clock():%Y-%m-%d}, so somebody else has to {verb} this invoice."
        assert told in words(answer.text)


def test_who_stands_in_for_them_does_not_approve_either(both):
    from tests.support.around import a_deputy, only_signer

    only_signer(both, "invoice", "approver")
    a_deputy(both, "approver", "manager")
    a_bank_account(both, entered="approver")
    order = a_released_order(both)
    a_receipt(both, order, {1: "12"})
    invoice = an_invoice(both, order, {1: ("12", "44.99")}, "routed")
    answer = Person(both.app, "manager").press("invoice", invoice, "approve")
    assert answer.status_code == 409 and "Amos Approver entered the bank account •••4055" in words(answer.text)


def test_the_migration_can_be_taken_back(both):
    with both.app.app_context():
        for revision, do in (("0003", command.downgrade), ("head", command.upgrade)):
            with migrate.alone(db.engine) as connection:
                do(migrate.alembic(connection), revision)
            tables = inspect(db.engine).get_table_names()
            assert ("bank_account" in tables and "tax_id" in tables) is (revision == "head")
    assert migrate.compare(both.app) == []
