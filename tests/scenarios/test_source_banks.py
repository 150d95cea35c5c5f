"""From which account of the office a payment leaves. Source: PY-03, F19.06."""

from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.models import Invoice, Payment, SourceBank
from tests.support.making import a_receipt, a_released_order, an_invoice, bring, records, state_of
from tests.support.pages import forms_of, words
from tests.support.people import Person

GENERAL = {"code": "GEN", "bank_name": "First Bank", "ends_in": "4321", "standard": "y", "active": "y"}
GRANTS = {"code": "GRA", "bank_name": "Farmers Bank", "ends_in": "0087", "active": "y"}


@pytest.fixture
def admin(both):
    return Person(both.app, "admin")


def banks(world):
    with records(world) as session:
        rows = session.execute(select(SourceBank.code, SourceBank.standard, SourceBank.id).order_by(SourceBank.code))
        return {code: (standard, pk) for code, standard, pk in rows}


def a_bill(world, **values):
    order = a_released_order(world)
    a_receipt(world, order, {1: "12"})
    return an_invoice(world, order, {1: ("12", "44.99")}, **values)


def source_of(world):
    with records(world) as session:
        return str(session.scalars(select(Payment)).one().source_bank)


def test_the_standard_account_pays_what_names_no_other(both, admin):
    admin.post("/source-bank/add", **GENERAL)
    admin.post("/source-bank/add", **GRANTS)
    invoice = bring(both, a_bill(both), "released")
    assert source_of(both) == "GEN First Bank •••4321"
    fay = Person(both.app, "fiscal")
    assert "From GEN First Bank •••4321" in words(fay.get(f"/invoice/show/{invoice}").text)
    voucher = fay.get(f"/invoice/print/{invoice}").data
    assert "GEN First Bank" in "".join(page.extract_text() for page in PdfReader(BytesIO(voucher)).pages)
    assert "1 payment" in words(fay.get(f"/payment/list/?view=&_flt_0_source_bank={banks(both)['GEN'][1]}").text)
    assert "0 payments" in words(fay.get(f"/payment/list/?view=&_flt_0_source_bank={banks(both)['GRA'][1]}").text)


def test_fiscal_chooses_another_for_one_invoice(both, admin):
    for one in (GENERAL, GRANTS):
        admin.post("/source-bank/add", **one)
    invoice, fay = a_bill(both), Person(both.app, "fiscal")
    page = fay.get(f"/invoice/show/{invoice}").text
    assert "The standard account" in page
    tab = next(one for one in forms_of(page) if "source_bank_id" in one.fields)
    fay.post(f"/invoice/edit/{invoice}", **tab.sent(source_bank_id=banks(both)["GRA"][1]))
    bring(both, invoice, "released")
    assert source_of(both) == "GRA Farmers Bank •••0087"


def test_an_account_that_was_given_up_pays_nothing_new(both, admin):
    admin.post("/source-bank/add", **GRANTS)
    pk = banks(both)["GRA"][1]
    invoice = a_bill(both, source_bank_id=pk)
    admin.post(f"/source-bank/edit/{pk}", version="1", **(GRANTS | {"active": ""}))
    fay = Person(both.app, "fiscal")
    refused = fay.press("invoice", invoice, "route")
    assert refused.status_code == 409 and state_of(both, invoice) == "draft"
    assert "GRA Farmers Bank •••0087 is not used any more. Choose another account to pay from." in words(refused.text)
    assert "Farmers" not in str(next(one for one in forms_of(fay.get(f"/invoice/show/{invoice}").text)).fields)
    tab = next(one for one in forms_of(refused.text) if "source_bank_id" in one.fields)
    assert fay.post(f"/invoice/edit/{invoice}", **tab.sent(source_bank_id=pk)).status_code == 422


def test_a_new_standard_account_takes_the_place_of_the_old_one(both, admin):
    admin.post("/source-bank/add", **GENERAL)
    admin.post("/source-bank/add", **(GRANTS | {"standard": "y"}))
    assert {code: standard for code, (standard, _) in banks(both).items()} == {"GEN": False, "GRA": True}
    pk = banks(both)["GEN"][1]
    with records(both) as session:
        version = session.get_one(SourceBank, pk).version
    assert admin.post(f"/source-bank/edit/{pk}", version=str(version), **GENERAL).status_code == 200
    assert {code: standard for code, (standard, _) in banks(both).items()} == {"GEN": True, "GRA": False}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ends_in": "12"}, "Enter the last four digits of the account's number."),
        ({"ends_in": "12a4"}, "Enter the last four digits of the account's number."),
        ({"ends_in": "٣٤٥٦"}, "Enter the last four digits of the account's number."),
        ({"active": ""}, "The standard account is in use. Make another one the standard first."),
        ({"code": ""}, "Enter a value."),
    ],
)
def test_what_does_not_fit_is_said(world, change, said):
    sent = {name: value for name, value in (GENERAL | change).items() if value or name != "active"}
    refused = Person(world.app, "admin").post("/source-bank/add", **sent)
    assert refused.status_code == 422 and said in words(refused.text)
    assert banks(world) == {}


def test_fiscal_sees_them_and_changes_none(world):
    Person(world.app, "admin").post("/source-bank/add", **GENERAL)
    fay = Person(world.app, "fiscal")
    assert "First Bank" in fay.get("/source-bank/list/").text
    assert fay.client.get("/source-bank/add").status_code == 403
    assert Person(world.app, "requester").client.get("/source-bank/list/").status_code == 403


def test_the_database_knows_one_standard_account(both):
    with records(both) as session, pytest.raises(IntegrityError):
        for code in "AB":
            session.add(SourceBank(code=code, bank_name="Bank", ends_in="0001", standard=True))
        session.flush()


def test_without_accounts_nothing_is_asked(world):
    invoice = bring(world, a_bill(world), "released")
    assert source_of(world) == "None"
    with records(world) as session:
        assert session.get_one(Invoice, invoice).source_bank_id is None
