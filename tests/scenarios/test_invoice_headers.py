"""An invoice's header, tab by tab, and what is paid short of a bill. Source: TH-02, PY-01 … PY-03, story 4."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import (
    Notice,
)
from tests.support.billing import bill, change, line_of, look, pk_of
from tests.support.pages import forms_of, words
from tests.support.purchases import KEYBOARDS, TONER, TOUCHPADS, Ordered, order, receive
from tests.support.world import World


def test_a_short_payment_pays_what_is_allowed_and_can_be_undone(world: World, sign_in) -> None:
    fay, ordered = sign_in("fiscal"), order(world, (KEYBOARDS, "12"), (TOUCHPADS, "3"))
    receive(world, ordered, "10", "3")
    pk = pk_of(bill(fay, ordered, "A-1"))
    change(world, fay, pk, 1, quantity="12", unit_price="45.99")
    change(world, fay, pk, 2, unit_price="94.99")
    said = words(fay.get(f"/invoice/show/{pk}").text)
    assert "Short-pay to $719.87" in said and "Pay $719.87 and dispute $116.98, because" in said
    assert "12 invoiced; 10 received; over by 2; price 45.99, order 44.99" in said
    assert "Say why less is paid" in words(fay.post(f"/invoice/billed/{pk}/short-pay", reason="  ").text)
    done = fay.post(f"/invoice/billed/{pk}/short-pay", reason="As ordered and received")
    assert "719.87 will be paid of 836.85." in words(done.text) and "As ordered and received" in words(done.text)
    first, second = line_of(world, pk, 1), line_of(world, pk, 2)
    assert [str(first[name]) for name in ("paid_quantity", "paid_price", "amount")] == ["10.0000", "44.9900", "449.90"]
    assert (second["paid_quantity"], str(second["paid_price"])) == (None, "89.9900")
    change(world, fay, pk, 2, unit_price="89.99")
    assert line_of(world, pk, 2)["short_pay_reason"] == "", "a row that is billed anew is paid as billed"
    assert line_of(world, pk, 1)["short_pay_reason"]
    assert "Undo short-pay" in words(fay.get(f"/invoice/show/{pk}").text)
    fay.post(f"/invoice/billed/{pk}/pay-in-full")
    assert line_of(world, pk, 1)["paid_quantity"] is None and look(world, pk, "total") == ("821.85",)


def test_what_has_not_come_is_not_paid_short(world: World, sign_in) -> None:
    fay, ordered = sign_in("fiscal"), order(world, (TONER, "7"))
    pk = pk_of(bill(fay, ordered, "B-1"))
    assert "Short-pay" not in words(fay.get(f"/invoice/show/{pk}").text)
    assert "Nothing can be paid" in words(fay.post(f"/invoice/billed/{pk}/short-pay", reason="x").text)
    assert line_of(world, pk)["short_pay_reason"] == ""


def test_who_waits_is_told_that_the_goods_came(world: World, sign_in) -> None:
    """TH-02: the bill was here before its goods."""
    fay, ordered = sign_in("fiscal"), order(world, (TONER, "7"))
    pk = pk_of(bill(fay, ordered, "B-1"))
    receive(world, ordered, "3")
    receive(world, ordered, "4")
    with world.app.app_context():
        told = list(
            db.session.scalars(
                select(Notice.text)
                .where(Notice.document_id == pk, Notice.user_id == world.ids["fiscal"])
                .order_by(Notice.id)
            )
        )
    assert told == [
        "Goods came for Invoice B-1, Bluegrass Toner: line 1 7 invoiced; 3 received; over by 4",
        "Goods came for Invoice B-1, Bluegrass Toner: it matches now",
    ]


@pytest.mark.parametrize(
    ("part", "fields", "said"),
    [
        ("details", {"net_days": "1000"}, "At most 999 days"),
        ("details", {"discount_percent": "2", "discount_days": "40"}, "longer than the"),
        ("details", {"discount_percent": "100"}, "from 0 to less than 100"),
        ("details", {"net_days": "-1"}, "from 0 to"),
        ("details", {"invoiced_on": "0026-01-01"}, "between 1900 and 2199"),
        ("details", {"invoiced_on": "x"}, "Enter a date"),
        ("details", {"remit_to_id": "1"}, "Not a valid choice"),
        ("details", {"vendor_invoice_number": "9" * 61}, "At most 60"),
        ("disbursement", {"disbursement": "gold"}, "Not a valid choice"),
        ("remarks", {"check_header": "x" * 201}, "At most 200"),
    ],
)
def test_a_tab_that_cannot_be_saved_says_why(
    world: World, toner: Ordered, sign_in, part: str, fields: dict[str, str], said: str
) -> None:
    fay = sign_in("fiscal")
    page = bill(fay, toner, "B-1")
    pk = pk_of(page)
    form = part_form(page.text, pk, part)
    answer = fay.post(form.action, **form.sent(**fields))
    assert answer.status_code == 422 and said in words(answer.text)
    assert look(world, pk, "net_days", "disbursement", "vendor_invoice_number") == ("30", "check", "B-1")


def part_form(html: str, pk: int, part: str) -> Any:
    """The form of one tab of the header."""
    return next(
        form for form in forms_of(html) if form.action.endswith(f"/invoice/edit/{pk}") and form.fields["part"] == [part]
    )


def test_each_tab_is_saved_by_itself(world: World, toner: Ordered, sign_in) -> None:
    fay = sign_in("fiscal")
    page = bill(fay, toner, "B-1")
    pk = pk_of(page)
    sent = {
        "details": {"net_days": "45", "discount_percent": "1", "discount_days": "5"},
        "disbursement": {"disbursement": "eft", "separate_check": "y"},
        "remarks": {"check_header": "Clinic", "check_footer": "Thank you", "remittance_remark": "B-1, toner"},
    }
    for part, fields in sent.items():
        world.clock.moment += timedelta(minutes=1)
        form = part_form(fay.get(f"/invoice/show/{pk}").text, pk, part)
        assert "Saved." in words(fay.post(form.action, **form.sent(**fields)).text)
    assert look(world, pk, "net_days", "disbursement", "separate_check", "enclosure", "check_footer") == (
        "45",
        "eft",
        "True",
        "False",
        "Thank you",
    )
    stale = fay.post(form.action, **form.sent(check_header="Too late"))
    assert stale.status_code == 409 and "Somebody else has changed this invoice" in words(stale.text)
    assert "Too late" in stale.text and look(world, pk, "check_header") == ("Clinic",)
