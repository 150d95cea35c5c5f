"""A bill is taken once: its number, its look-alikes, and two people at once."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from app.extensions import db
from app.models import (
    Document,
    InvoiceNumber,
    Vendor,
    VendorAddress,
)
from tests.support.billing import bill, count, look, pk_of
from tests.support.pages import form_to, words
from tests.support.people import Person
from tests.support.purchases import KEYBOARDS, TONER, Ordered, order, receive
from tests.support.spending import run_all
from tests.support.world import World

# A number is billed once.


@pytest.mark.parametrize("again", ["A-1001", "a-1001", "A 1001", " A1001 ", "A-01001", "A-1OO1", "A–1001", "Ａ-1001"])
def test_the_same_number_is_refused_however_it_is_written(world: World, toner: Ordered, sign_in, again: str) -> None:
    fay = sign_in("fiscal")
    pk_of(bill(fay, toner, "A-1001"))
    refused = bill(fay, toner, again, comments="Kept words")
    assert refused.status_code == 422
    assert "Bluegrass Toner has already billed this number: Draft" in words(refused.text)
    assert form_to(refused.text, "/invoice/add").fields["comments"][0].strip() == "Kept words"
    assert count(world) == 1 and count(world, InvoiceNumber) == 1


def test_a_number_is_refused_on_the_details_tab_too(world: World, toner: Ordered, sign_in) -> None:
    fay = sign_in("fiscal")
    pk_of(bill(fay, toner, "B-1"))
    page = bill(fay, toner, "B-2")
    pk = pk_of(page)
    form = form_to(page.text, f"/invoice/edit/{pk}")
    refused = fay.post(form.action, **form.sent(vendor_invoice_number="b1", comments="Kept words"))
    assert refused.status_code == 422 and "has already billed this number" in words(refused.text)
    assert "Kept words" in refused.text and look(world, pk, "vendor_invoice_number") == ("B-2",)
    assert fay.post(form.action, **form.sent(vendor_invoice_number="B-3")).status_code == 200
    assert pk_of(bill(fay, toner, "B-2")), "the number that was corrected is free again"


def test_a_number_of_another_vendor_or_of_a_cancelled_invoice_is_free(world: World, toner: Ordered, sign_in) -> None:
    fay, keyboards = sign_in("fiscal"), order(world, (KEYBOARDS, "2"))
    first = pk_of(bill(fay, toner, "X-1"))
    assert pk_of(bill(fay, keyboards, "X-1"))
    assert bill(fay, toner, "X-1").status_code == 422
    assert fay.press("invoice", first, "cancel", comment="Wrong vendor").status_code == 200
    assert pk_of(bill(fay, toner, "X-1"))


def test_another_suffix_is_the_same_vendor(world: World, toner: Ordered, sign_in) -> None:
    fay = sign_in("fiscal")
    pk_of(bill(fay, toner, "X-1"))
    second = order(world, (TONER, "1"))
    with world.app.app_context():
        branch = Vendor(number="VN-B", suffix="01", name="Bluegrass Toner, Lexington", approved_on=date(2026, 1, 2))
        branch.addresses.append(VendorAddress(street="2 Side St", city="Lexington"))
        db.session.add(branch)
        db.session.flush()
        db.session.execute(update(Document).where(Document.id == second.id).values(vendor_id=branch.id))
        db.session.commit()
    refused = bill(fay, second, "x 1")
    assert refused.status_code == 422 and "Lexington has already billed this number" in words(refused.text)


def test_two_people_at_once_claim_a_number_once(both: World) -> None:
    toner = order(both, (TONER, "7"))
    people = [Person(both.app, "fiscal") for _ in range(4)]
    forms = [form_to(one.get(f"/invoice/add?order={toner.id}").text, "/invoice/add") for one in people]
    answers: list[Any] = []
    jobs = [
        lambda one=one, form=form: answers.append(
            one.post("/invoice/add", **form.sent(vendor_invoice_number="B-9")).status_code
        )
        for one, form in zip(people, forms, strict=True)
    ]
    assert run_all(*jobs) == []
    assert sorted(answers) == [200, 422, 422, 422]
    assert count(both) == 1


def test_nearly_the_same_bill_is_warned_of(world: World, toner: Ordered, sign_in) -> None:
    fay = sign_in("fiscal")
    pk_of(bill(fay, toner, "B-1"))
    second = order(world, (TONER, "7"))
    receive(world, second, "7")
    page = bill(fay, second, "B-1-COPY")
    assert words(page.text).count("is of the same vendor and nearly the same amount") == 2, "told once, and on the page"
    assert "Mind: Draft" in words(fay.press("invoice", pk_of(page), "route").text)


def test_the_same_form_twice_makes_one_invoice(world: World, toner: Ordered, sign_in) -> None:
    fay = sign_in("fiscal")
    form = form_to(fay.get(f"/invoice/add?order={toner.id}").text, "/invoice/add")
    sent = form.sent(vendor_invoice_number="")
    first, second = fay.post("/invoice/add", **sent), fay.post("/invoice/add", **sent)
    assert pk_of(first) == pk_of(second) and count(world) == 1
    assert "Enter the vendor's invoice number." in words(fay.press("invoice", pk_of(first), "route").text)
