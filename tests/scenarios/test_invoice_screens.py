"""The fiscal office: a bill entered from its orders, matched, scheduled, processed and paid.
Source: TW-02, TH-01 … TH-03, PY-01 … PY-04, story 4 and 5."""

import pytest

from app.extensions import db
from app.models import (
    Invoice,
    LineItem,
)
from tests.support.billing import bill, change, count, line_of, look, pk_of, process, queued
from tests.support.counting import statements
from tests.support.pages import form_to, words
from tests.support.people import Person
from tests.support.purchases import KEYBOARDS, TONER, TOUCHPADS, Ordered, also, order, receive
from tests.support.world import World

# The story.


def test_the_invoices_of_the_story(both: World) -> None:
    keyboards, toner = order(both, (KEYBOARDS, "12"), (TOUCHPADS, "3")), order(both, (TONER, "7"))
    both.clock.on("2026-12-03")
    receive(both, keyboards, "13", "3")
    both.clock.on("2026-12-07")
    fay = Person(both.app, "fiscal")
    page = bill(fay, keyboards, "A-1001", invoiced_on="2026-12-04")
    first, said = pk_of(page), words(page.text)
    assert "Invoice A-1001, Adesso Supply" in said and "Matched" in said
    assert "$854.84" in said and "2/10 net 30, discount ends Dec 14, 2026" in said
    assert "Line 1 matched in full." in said and "Line 2 matched in full." in said
    assert "pay 837.74 on 2026-12-14" in said and "31.95 % a year" in said
    assert "To be paid on Dec 14, 2026." in words(fay.post(f"/invoice/schedule/{first}").text)
    process(both, fay, first)
    with both.app.app_context():
        assert [both.balance(strip)[1:] for strip in ("S1", "S2")] == [
            ("256.83", "512.90", "2,230.27"),
            ("171.22", "341.94", "1,486.84"),
        ]
    assert look(both, first, "due_on", "discount_on", "discount_amount", "scheduled_on") == (
        "2027-01-06",
        "2026-12-14",
        "17.10",
        "2026-12-14",
    )

    assert "has already billed this number" in words(bill(fay, keyboards, "A-1001").text)
    second = pk_of(bill(fay, toner, "A-1001"))
    assert fay.press("invoice", second, "cancel", comment="Only to see").status_code == 200
    second = pk_of(bill(fay, toner, "B-77", invoiced_on="2026-12-04"))
    assert change(both, fay, second, unit_price="62.15").status_code == 200
    page = fay.get(f"/invoice/show/{second}")
    assert "Waiting for receipt" in words(page.text) and "Nothing received." in words(page.text)
    assert "nothing received" in words(fay.press("invoice", second, "route").text)
    both.clock.on("2026-12-08")
    receive(both, toner, "7")
    fay = Person(both.app, "fiscal")
    page = fay.get(f"/invoice/show/{second}")
    assert "Why it failed" in words(page.text)
    assert "Price 62.15, order 61.15, tolerance 0 %, over by 1.00 each, 7.00 in all." in words(page.text)
    refused = words(fay.press("invoice", second, "route").text)
    assert "Line 1: price 62.15, order 61.15, tolerance 0 %, over by 1.00 each, 7.00 in all." in refused
    short = form_to(page.text, "/short-pay")
    assert short.fields["reason"][0].strip() == (
        "price 62.15, order 61.15, tolerance 0 %, over by 1.00 each, 7.00 in all"
    )
    paid_short = fay.post(short.action, **short.sent())
    assert "428.05 will be paid of 435.05." in words(paid_short.text) and "Paid short" in words(paid_short.text)
    process(both, fay, second)
    with both.app.app_context():
        assert [both.balance(strip)[1:] for strip in ("S1", "S2")] == [
            ("0.00", "769.73", "2,230.27"),
            ("0.00", "513.16", "1,486.84"),
        ]
    queue = words(fay.get("/payment/list/?view=scheduled").text)
    assert "837.74" in queue and "Dec 14, 2026" in queue and "428.05" in queue and "Jan 7, 2027" in queue
    assert "$1,265.79 2 payments" in queue

    payment = queued(both, first)
    early = fay.post(f"/payment/pay/{payment}", reference="C-1")
    assert early.status_code == 409 and "scheduled for 2026-12-14; today is 2026-12-08" in words(early.text)
    both.clock.on("2026-12-14")
    fay = Person(both.app, "fiscal")
    due = fay.get("/payment/list/")
    assert "$837.74 1 payment" in words(due.text)
    form = form_to(due.text, f"/payment/pay/{payment}?view=due")
    assert "Paid 837.74 to Adesso Supply on Dec 14, 2026." in words(
        fay.post(form.action, **form.sent(reference="C-1001")).text
    )
    again = fay.post(form.action, **form.sent(reference="C-1002"))
    assert "had been paid already" in words(again.text)
    fresh = fay.post(form.action, reference="C-1003")
    assert "had been paid already" in words(fresh.text)
    assert "C-1001" in words(fay.get("/payment/list/?view=paid").text)
    with both.app.app_context():
        assert [both.balance(strip)[2] for strip in ("S1", "S2")] == ["759.47", "506.32"]


# Lines.


def test_lines_come_along_with_what_came_and_is_not_billed_yet(world: World, sign_in) -> None:
    fay, ordered = sign_in("fiscal"), order(world, (KEYBOARDS, "12"), (TOUCHPADS, "3"))
    receive(world, ordered, "10")
    pk = pk_of(bill(fay, ordered, "A-1"))
    assert [str(line_of(world, pk)[name]) for name in ("quantity", "unit_price", "amount")] == [
        "10.0000",
        "44.9900",
        "449.90",
    ]
    with world.app.app_context():
        assert len(db.session.get(Invoice, pk).invoice_lines) == 1, "what has not come is not billed"
    receive(world, ordered, "2", "3")
    second = pk_of(bill(fay, ordered, "A-2"))
    assert [str(line_of(world, second, position)["quantity"]) for position in (1, 2)] == ["2.0000", "3.0000"]
    assert look(world, second, "discount_percent", "net_days", "disbursement", "remit_to_id") == (
        "2.0000",
        "30",
        "check",
        str(world.ids["remit A"]),
    )


def test_lines_of_other_orders_of_the_same_vendor_are_added(world: World, sign_in) -> None:
    fay = sign_in("fiscal")
    first, second, other = order(world, (KEYBOARDS, "2")), order(world, (TOUCHPADS, "3")), order(world, (TONER, "1"))
    for one, quantity in ((first, "2"), (second, "3"), (other, "1")):
        receive(world, one, quantity)
    pk = pk_of(bill(fay, first, "A-1"))
    found = fay.get(f"/invoice/find?invoice={pk}")
    assert second.number in words(found.text) and other.number not in words(found.text)
    assert f'value="{first.lines[0]}"' not in found.text, "what is on the invoice already is left out"
    form = form_to(found.text, f"/invoice/billed/{pk}/add")
    page = fay.post(form.action, **form.sent(line=str(second.lines[0])))
    assert first.number in words(page.text) and second.number in words(page.text)
    assert look(world, pk, "total") == ("359.95",)
    with world.app.app_context():
        links = {one.source_id for one in db.session.get(Invoice, pk).sources}
    assert links == {first.id, second.id}
    foreign = fay.post(form.action, line=[str(other.lines[0]), str(second.lines[0])])
    assert "Only lines of orders to Adesso Supply" in words(foreign.text)
    assert look(world, pk, "total") == ("359.95",)
    process(world, fay, pk)


def test_an_invoice_is_of_one_vendor(world: World, toner: Ordered, sign_in) -> None:
    keyboards = order(world, (KEYBOARDS, "2"))
    answer = sign_in("fiscal").get(f"/invoice/add?line={toner.lines[0]}&line={keyboards.lines[0]}")
    assert answer.request.path == "/invoice/find" and "of one vendor" in words(answer.text)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quantity": "-7"}, "At least 0"),
        ({"unit_price": "abc"}, "Enter a number"),
        ({"quantity": "1e9"}, "Enter a number"),
        ({"unit_price": "-0.01"}, "At least 0"),
        ({"quantity": "1.23456"}, "At most 4 decimals"),
        ({"unit_price": "９"}, "Enter a number"),
        ({"description": "x" * 201}, "At most 200 characters"),
    ],
)
def test_a_row_says_what_is_wrong_and_keeps_it(
    world: World, toner: Ordered, sign_in, fields: dict[str, str], said: str
) -> None:
    """MO-05, MO-06: nothing negative is billed."""
    fay = sign_in("fiscal")
    pk = pk_of(bill(fay, toner, "B-1"))
    answer = change(world, fay, pk, **fields)
    assert answer.status_code == 422 and said in words(answer.text)
    (typed,) = fields.values()
    assert f'value="{typed}"' in answer.text and 'aria-invalid="true"' in answer.text
    assert look(world, pk, "total") == ("428.05",)


def test_a_saved_row_brings_new_sums_and_a_new_match(world: World, toner: Ordered, sign_in) -> None:
    fay = sign_in("fiscal")
    pk = pk_of(bill(fay, toner, "B-1"))
    answer = change(world, fay, pk, quantity="8", final="y")
    assert answer.status_code == 200 and answer.text.lstrip().startswith("<tr")
    for piece in (
        'id="grid-total" hx-swap-oob="true">489.20<',
        'id="fact-disputed" class="ba-i" hx-swap-oob="true">$61.15<',
        'id="match-panel" hx-swap-oob="true"',
        'id="version-details"',
        "8 invoiced; 7 received; over by 1",
    ):
        assert piece in answer.text.replace("&#39;", "'"), piece
    assert line_of(world, pk)["final"] is True
    assert change(world, fay, pk).status_code == 200 and line_of(world, pk)["final"] is False


def test_a_line_is_taken_off(world: World, sign_in) -> None:
    fay, ordered = sign_in("fiscal"), order(world, (KEYBOARDS, "2"), (TOUCHPADS, "3"))
    receive(world, ordered, "2", "3")
    page = bill(fay, ordered, "A-1")
    pk = pk_of(page)
    with world.app.app_context():
        first = db.session.get(Invoice, pk).invoice_lines[0].id
    assert f"Took {KEYBOARDS} off." in words(fay.post(f"/invoice/billed/{pk}/{first}/remove").text)
    assert look(world, pk, "total") == ("269.97",) and str(line_of(world, pk)["quantity"]) == "3.0000"


def test_writing_ends_with_routing(world: World, toner: Ordered, sign_in) -> None:
    fay = sign_in("fiscal")
    pk = pk_of(bill(fay, toner, "B-1"))
    assert fay.press("invoice", pk, "route").status_code == 200
    assert change(world, fay, pk, quantity="8").status_code == 409
    for path in (
        f"/invoice/billed/{pk}/short-pay",
        f"/invoice/billed/{pk}/add",
        f"/invoice/schedule/{pk}",
        f"/invoice/edit/{pk}",
        f"/invoice/billed/{pk}/pay-in-full",
    ):
        assert fay.post(path, reason="x").status_code == 409, path
    assert fay.get(f"/invoice/find?invoice={pk}").status_code == 409
    assert look(world, pk, "total") == ("428.05",)


# Who may.


def test_rights_and_sight(world: World, toner: Ordered, sign_in) -> None:
    fay = sign_in("fiscal")
    pk = pk_of(bill(fay, toner, "B-1"))
    assert fay.press("invoice", pk, "route").status_code == 200
    assert fay.press("invoice", pk, "approve").status_code == 403, "fiscal may not approve"
    assert sign_in("receiver").get(f"/invoice/show/{pk}").status_code == 403
    for name in ("outsider", "stranger"):
        also(world, name, "Fiscal")
        other = sign_in(name)
        for path in (f"/invoice/show/{pk}", f"/invoice/find?invoice={pk}", f"/invoice/edit/{pk}"):
            assert other.get(path).status_code == 404, path
        for path in (
            f"/invoice/billed/{pk}/add",
            f"/invoice/hold/{pk}",
            f"/invoice/schedule/{pk}",
            f"/invoice/billed/{pk}/1/save",
            f"/invoice/act/{pk}/release",
        ):
            assert other.post(path, reason="x").status_code == 404, path
        assert "Find the orders" in words(other.get(f"/invoice/add?order={toner.id}").text)
    otto = sign_in("auditor")
    assert otto.get(f"/invoice/show/{pk}").status_code == 200
    for path in (f"/invoice/hold/{pk}", f"/invoice/billed/{pk}/add", f"/invoice/edit/{pk}", "/invoice/add"):
        assert otto.post(path, reason="x").status_code == 403, path
    assert sign_in("approver").press("invoice", pk, "approve").status_code == 200
    assert fay.press("invoice", pk, "release").status_code == 200
    payment = queued(world, pk)
    for name, code in (("approver", 403), ("requester", 403), ("manager", 403), ("auditor", 403), ("outsider", 404)):
        assert sign_in(name).post(f"/payment/pay/{payment}", reference="x").status_code == code, name
    assert look(world, pk, "state") == ("released",)


def test_an_invoice_has_no_lines_of_an_order_to_write_in(world: World, toner: Ordered, sign_in) -> None:
    fay = sign_in("fiscal")
    pk, lines = pk_of(bill(fay, toner, "B-1")), count(world, LineItem)
    for path in (
        f"/invoice/line/{pk}/add",
        f"/invoice/change/{pk}/funding",
        f"/invoice/copy/{pk}",
        f"/invoice/delete/{pk}",
    ):
        assert fay.post(path).status_code in (404, 405), path
    assert count(world, LineItem) == lines


def test_a_page_asks_no_more_for_more_lines(world: World, sign_in) -> None:
    fay, asked = sign_in("fiscal"), []
    for number, rows in (("A-1", 2), ("A-2", 12)):
        ordered = order(world, *[(KEYBOARDS, "1")] * rows)
        receive(world, ordered, *["1"] * rows)
        pk = pk_of(bill(fay, ordered, number))
        fay.get(f"/invoice/show/{pk}")
        with statements(world.app) as said:
            assert fay.get(f"/invoice/show/{pk}").status_code == 200
        asked.append(len(said))
    assert asked[0] == asked[1]
