"""MO: whom the money goes to: accounts that are swapped, swapped back, or cannot be."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import workflow
from app.facts import Answers
from app.integrity import Frozen
from app.models import (
    AuditEntry,
    BankAccount,
    Invoice,
)
from tests.abuse.evidence import at_once, nothing_changes
from tests.support.around import a_bank_account, give
from tests.support.making import (
    a_receipt,
    a_released_order,
    act,
    an_invoice,
    records,
)
from tests.support.people import Person

# MO-10: a bank account that is swapped.


@pytest.mark.parametrize("name", ["requester", "fiscal", "approver", "admin", "buyer"])
def test_mo_10_no_other_clerk_swaps_an_account_by_any_route(both, name):
    a_bank_account(both, confirmed="manager")
    person = Person(both.app, name)
    with nothing_changes(both):
        for path in ("add", "edit/1", "delete/1", "confirm/1", "retire/1"):
            answer = person.post(f"/bank-account/{path}", **A_NEW_ACCOUNT, vendor=str(both.ids["vendor A"]))
            assert answer.status_code in (403, 404), path
        for path in (f"/vendor/edit/{both.ids['vendor A']}", "/tax-id/add"):
            person.post(path, **A_NEW_ACCOUNT, account="1", bank_account="1")
    assert not [one.rule for one in both.app.url_map.iter_rules() if "/api/" in one.rule and "account" in one.rule]


def test_mo_10_who_enters_an_account_neither_confirms_nor_names_who_does(both):
    """One person of the center alone changes nothing: the form takes no confirmation, and the button is refused."""
    give(both, "crc", "Fiscal", "Approver", "Buyer")
    before = a_bank_account(both, confirmed="manager", entered="buyer")
    cora = Person(both.app, "crc")
    swapped = cora.post(
        "/bank-account/add",
        **A_NEW_ACCOUNT,
        vendor=str(both.ids["vendor A"]),
        confirmed_by=str(both.ids["manager"]),
        confirmed_by_id=str(both.ids["manager"]),
        confirmed_at="2026-01-01",
        entered_by=str(both.ids["manager"]),
        entered_by_id=str(both.ids["manager"]),
    )
    assert swapped.status_code == 200
    with records(both) as session:
        new = session.scalar(select(BankAccount).order_by(BankAccount.id.desc()))
        assert (new.entered_by_id, new.confirmed_by_id, new.confirmed_at) == (both.ids["crc"], None, None)
        key = new.id
    with nothing_changes(both):
        assert cora.post(f"/bank-account/confirm/{key}").status_code == 409
    with records(both) as session:
        assert Answers(session, both.app.extensions["office"]).account_in_force(both.ids["vendor A"]).id == before


def test_mo_10_several_who_confirm_and_retire_at_once_leave_one_outcome(both):
    for name in ("manager", "buyer"):
        give(both, name, "CRC")
    account = a_bank_account(both)
    people = [Person(both.app, name) for name in ("manager", "buyer", "manager", "buyer")]
    codes = at_once(
        both,
        lambda number: people[number].post(f"/bank-account/confirm/{account}", follow=False).status_code,
        times=4,
    )
    assert sorted(codes) == [302, 409, 409, 409], codes
    with records(both) as session:
        entries = session.scalars(select(AuditEntry.field).where(AuditEntry.entity == "BankAccount")).all()
        assert sorted(entries) == ["", "confirmed_at", "confirmed_by_id", "counts_from"]


def test_mo_10_who_swapped_the_account_is_not_who_pays(both):
    """Neither the requester of the change nor its second person pays; another one does."""
    for name in ("crc", "manager"):
        give(both, name, "CRC", "Fiscal")
    order = a_released_order(both)
    a_receipt(both, order, {1: "12"})
    invoice = an_invoice(both, order, {1: ("12", "44.99")}, "released", disbursement="eft")
    with records(both) as session:
        both.clock.on(f"{session.get_one(Invoice, invoice).scheduled_on:%Y-%m-%d}")
    a_bank_account(both, entered="crc", confirmed="manager")
    for name in ("crc", "manager"):
        with nothing_changes(both), records(both), pytest.raises(workflow.Refused, match="somebody else has to pay"):
            act(both, invoice, "close", name)
    with records(both):
        act(both, invoice, "close", "fiscal")


def test_mo_10_a_swapped_account_is_not_paid_for_a_week(both):
    """A forged letter and a second clerk who did not call: the money of the week goes where it always went, the vendor
    has seven days to notice, and the first payment to the new account is marked."""
    give(both, "manager", "CRC")
    old = a_bank_account(both, entered="crc", confirmed="manager")
    order = a_released_order(both)
    a_receipt(both, order, {1: "12"})
    bill = an_invoice(both, order, {1: ("12", "44.99")}, "released", disbursement="eft")
    with records(both) as session:
        payday = session.get_one(Invoice, bill).scheduled_on
    both.clock.on(f"{payday:%Y-%m-%d}")
    new = a_bank_account(both, "9988776655", entered="crc")
    assert Person(both.app, "manager").post(f"/bank-account/confirm/{new}").status_code == 409
    told = Person(both.app, "manager").post(f"/bank-account/confirm/{new}", comment="Ms Ray, 555-0100, today").text
    assert "First payment" not in Person(both.app, "fiscal").get("/payment/list/").text and "Counts soon" in told
    with records(both) as session:
        assert Answers(session, both.app.extensions["office"]).account_in_force(both.ids["vendor A"]).id == old
    both.clock.on(f"{payday + timedelta(days=7):%Y-%m-%d}")
    assert "First payment to a new account" in Person(both.app, "fiscal").get("/payment/list/").text
    with records(both) as session:
        assert Answers(session, both.app.extensions["office"]).account_in_force(both.ids["vendor A"]).id == new


def test_mo_10_retiring_the_old_account_does_not_hurry_the_new_one(both):
    """Until the week is over there is nowhere to pay to, and the queue says so."""
    give(both, "manager", "CRC")
    old = a_bank_account(both, entered="crc", confirmed="manager")
    new = a_bank_account(both, "9988776655", entered="crc")
    mona = Person(both.app, "manager")
    mona.post(f"/bank-account/confirm/{new}", comment="Ms Ray, 555-0100, today")
    mona.post(f"/bank-account/retire/{old}")
    with records(both) as session:
        assert Answers(session, both.app.extensions["office"]).account_in_force(both.ids["vendor A"]) is None


# MO-11: there and back.


def test_mo_11_an_account_that_comes_back_is_noticed_and_listed(both):
    """A, then B for one payment, then A again within thirty days: who confirms is told, and a list has it."""
    give(both, "manager", "CRC")
    first = a_bank_account(both, "4929817264055", entered="crc", confirmed="manager")
    both.clock.on("2026-12-01")
    a_bank_account(both, "9988776655", entered="crc", confirmed="manager")
    both.clock.on("2026-12-20")
    back = a_bank_account(both, "4929817264055", entered="crc")
    mona = Person(both.app, "manager")
    told = mona.post(f"/bank-account/confirm/{back}", comment="Ms Ray, 555-0100, today").text
    assert "this account was replaced by River Bank •••6655 on Dec 1, 2026 and now comes back" in told
    listed = mona.get("/bank-account/list/?view=changed-back").text
    assert f"/bank-account/show/{back}" in listed and f"/bank-account/show/{first}" not in listed
    with nothing_changes(both), records(both) as session:  # what has been paid to cannot be rewritten
        session.get_one(BankAccount, first).bank_name = "Another"
        with pytest.raises(Frozen):
            session.flush()
        session.rollback()


# MO-14: accounts that cannot be.
A_NEW_ACCOUNT = {
    "kind": "checking",
    "eft_format": "CCD",
    "routing_number": "083000137",
    "bank_name": "River Bank",
    "number": "660011223344",
    "number_again": "660011223344",
}


@pytest.mark.parametrize(
    "change, says",
    [
        ({"routing_number": "083000138"}, "has a mistyped digit"),
        ({"routing_number": "080300137"}, "has a mistyped digit"),
        ({"routing_number": "130000006"}, "No routing number begins with 1300"),
        ({"routing_number": "000000000"}, "No routing number begins with 0000"),
        ({"routing_number": "08300013"}, "has nine digits"),
        ({"routing_number": "0830001370"}, "At most 9 characters"),
        ({"routing_number": "\uff10\uff18\uff13000137"}, "has nine digits"),
        ({"routing_number": "'; DROP --"}, "At most 9 characters"),
        ({"number": "123", "number_again": "123"}, "4 to 17 digits"),
        ({"number": "1" * 5000, "number_again": "1" * 5000}, "4 to 17 digits"),
        ({"number": "0000000000", "number_again": "0000000000"}, "does not repeat one digit"),
        ({"number": "12\x0034567", "number_again": "12\x0034567"}, "4 to 17 digits"),
        (
            {"number": "\u0661\u0662\u0663\u0664\u0665", "number_again": "\u0661\u0662\u0663\u0664\u0665"},
            "4 to 17 digits",
        ),
    ],
)
def test_mo_14_garbage_is_no_account(world, change, says):
    cora = Person(world.app, "crc")
    with nothing_changes(world):
        answer = cora.post("/bank-account/add", **(A_NEW_ACCOUNT | {"vendor": str(world.ids["vendor A"])} | change))
        assert answer.status_code == 422 and says in answer.text
