"""When an invoice is paid, by whom, and what stops it."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import (
    Debarment,
    Payment,
    PaymentHold,
    Vendor,
    VendorHold,
)
from tests.support.billing import bill, count, look, pk_of, process, queued
from tests.support.pages import form_to, words
from tests.support.purchases import KEYBOARDS, TONER, Ordered, also, order, receive
from tests.support.world import World

# When it is paid.


@pytest.mark.parametrize(
    ("day", "reason", "said"),
    [
        ("2026-12-21", "", "Say why the payment date is not the computed one."),
        ("2026-11-20", "Late already", "The payment date 2026-11-20 is past; today is 2026-11-23."),
        ("2026-12-20", "A Sunday", "Nothing is paid on 2026-12-20: the office is closed. The next day is 2026-12-21."),
        ("soon", "As agreed", "Enter a date like"),
    ],
)
def test_a_day_of_ones_own_needs_a_reason(
    world: World, toner: Ordered, sign_in, day: str, reason: str, said: str
) -> None:
    """MO-17."""
    fay = sign_in("fiscal")
    pk = pk_of(bill(fay, toner, "B-1"))
    answer = fay.post(f"/invoice/schedule/{pk}", override_on=day, override_reason=reason)
    assert answer.status_code == 422 and said in words(answer.text)
    assert reason in answer.text and look(world, pk, "override_on", "scheduled_on") == ("None", "None")


def test_a_day_of_ones_own_is_kept_and_costs_the_discount(world: World, sign_in) -> None:
    fay, ordered = sign_in("fiscal"), order(world, (KEYBOARDS, "2"))
    receive(world, ordered, "2")
    pk = pk_of(bill(fay, ordered, "A-1"))
    fay.post(f"/invoice/schedule/{pk}")
    assert look(world, pk, "scheduled_on", "take_discount", "discount_amount") == ("2026-12-03", "True", "1.80")
    page = fay.post(f"/invoice/schedule/{pk}", override_on="2026-12-15", override_reason="Vendor asked for it")
    assert "To be paid on Dec 15, 2026." in words(page.text)
    assert look(world, pk, "scheduled_on", "take_discount", "discount_amount") == ("2026-12-15", "False", "0.00")
    process(world, fay, pk)
    with world.app.app_context():
        payment = db.session.scalar(select(Payment))
        assert (str(payment.amount), str(payment.discount), payment.scheduled_on) == (
            "89.98",
            "0.00",
            date(2026, 12, 15),
        )


def test_a_hold_stops_processing_and_payment_until_it_is_released(world: World, toner: Ordered, sign_in) -> None:
    fay = sign_in("fiscal")
    pk = pk_of(bill(fay, toner, "B-1"))
    assert "Say why it is not to be paid yet" in words(fay.post(f"/invoice/hold/{pk}", reason=" ").text)
    held = fay.post(f"/invoice/hold/{pk}", reason="Box was wet")
    assert "On hold since" in words(held.text) and count(world, PaymentHold) == 1
    fay.press("invoice", pk, "route")
    sign_in("approver").press("invoice", pk, "approve")
    refused = fay.press("invoice", pk, "release")
    assert refused.status_code == 409 and "On hold: Box was wet. Release the hold first." in words(refused.text)
    form = form_to(refused.text, f"/invoice/unhold/{pk}/1")
    assert "The hold is released." in words(fay.post(form.action, **form.sent()).text)
    assert fay.press("invoice", pk, "release").status_code == 200
    fay.post(f"/invoice/hold/{pk}", reason="Returned to the vendor")
    queue = words(fay.get("/payment/list/?view=held").text)
    assert "On hold: Returned to the vendor" in queue and "Held $428.05 1 payment" in queue
    world.clock.on("2026-12-31")
    fay = sign_in("fiscal")
    assert "No payment is due today" in words(fay.get("/payment/list/").text)
    refused = fay.post(f"/payment/pay/{queued(world, pk)}", reference="C-1")
    assert refused.status_code == 409 and "Returned to the vendor" in words(refused.text)
    fay.post(f"/invoice/unhold/{pk}/2")
    assert "Paid 428.05" in words(fay.post(f"/payment/pay/{queued(world, pk)}", reference="C-1").text)
    assert "nothing left to hold" in words(fay.post(f"/invoice/hold/{pk}", reason="Too late").text)
    assert count(world, PaymentHold) == 2


@pytest.mark.parametrize(
    ("stop", "said"),
    [
        (
            lambda vendor: vendor.holds.append(VendorHold(reason="Tax form missing", starts_on=date(2026, 12, 1))),
            "Bluegrass Toner is on hold (Tax form missing); it cannot be paid.",
        ),
        (
            lambda vendor: vendor.debarments.append(
                Debarment(reason="Fraud", starts_on=date(2026, 12, 1), expires_on=date(2027, 12, 1))
            ),
            "Bluegrass Toner is debarred until 2027-12-01 (Fraud); it cannot be paid.",
        ),
        (
            lambda vendor: setattr(vendor, "archived_on", date(2026, 12, 1)),
            "Bluegrass Toner is archived; it cannot be paid.",
        ),
        (lambda vendor: setattr(vendor, "approved_on", None), "Bluegrass Toner is in review; it cannot be paid."),
    ],
)
def test_a_vendor_that_may_not_be_paid_stops_the_queue(
    world: World, toner: Ordered, sign_in, stop: Any, said: str
) -> None:
    """MO-18: looked at again on the day of the payment."""
    fay = sign_in("fiscal")
    pk = pk_of(bill(fay, toner, "B-1"))
    process(world, fay, pk)
    with world.app.app_context():
        stop(db.session.get(Vendor, world.ids["vendor B"]))
        db.session.commit()
    world.clock.on("2026-12-23")
    fay = sign_in("fiscal")
    held = fay.get("/payment/list/?view=held")
    assert said in words(held.text) and "Held $428.05 1 payment" in words(held.text)
    assert f"/payment/pay/{queued(world, pk)}" not in held.text, "no button for what would be refused"
    assert "No payment is due today" in words(fay.get("/payment/list/").text)
    refused = fay.post(f"/payment/pay/{queued(world, pk)}", reference="C-1")
    assert refused.status_code == 409 and said in words(refused.text)
    assert said in words(fay.get(f"/invoice/show/{pk}").text)
    assert look(world, pk, "state") == ("released",)


def test_every_open_payment_is_in_one_view(world: World, toner: Ordered, sign_in) -> None:
    fay, ordered = sign_in("fiscal"), order(world, (KEYBOARDS, "2"))
    receive(world, ordered, "2")
    process(world, fay, pk_of(bill(fay, toner, "B-1")))
    process(world, fay, pk_of(bill(fay, ordered, "A-1")))
    world.clock.on("2026-12-03")
    fay = sign_in("fiscal")
    said = words(fay.get("/payment/list/?view=").text)
    assert "Due $88.18 1 payment" in said and "Scheduled $428.05 1 payment" in said and "Held $0.00 0 payments" in said
    assert fay.get("/payment/list/?view=never&_flt_0_vendor=x&page=z").status_code == 200


def test_duties_that_one_person_may_not_join(world: World, toner: Ordered, sign_in) -> None:
    """WF-14: receive and approve, enter and approve, approve and pay."""
    for role in ("Approver", "Fiscal"):
        also(world, "receiver", role)
    also(world, "approver", "Fiscal")
    rex = sign_in("receiver")
    pk = pk_of(bill(sign_in("fiscal"), toner, "B-1"))
    sign_in("fiscal").press("invoice", pk, "route")
    refused = rex.press("invoice", pk, "approve")
    assert refused.status_code == 409 and "somebody else has to approve its invoice" in words(refused.text)
    amos = sign_in("approver")
    own = order(world, (TONER, "1"))
    receive(world, own, "1")
    mine = pk_of(bill(amos, own, "B-2"))
    amos.press("invoice", mine, "route")
    assert "somebody else has to approve it" in words(amos.press("invoice", mine, "approve").text)
    assert amos.press("invoice", pk, "approve").status_code == 200
    assert sign_in("fiscal").press("invoice", pk, "release").status_code == 200
    world.clock.on("2026-12-31")
    refused = sign_in("approver").post(f"/payment/pay/{queued(world, pk)}", reference="x")
    assert refused.status_code == 409 and "somebody else has to pay it" in words(refused.text)
