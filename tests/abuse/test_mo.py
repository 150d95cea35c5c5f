"""MO: money: overspending, numbers that are none, the same bill twice, paying whom one must not pay."""

import random
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app import ledger, workflow
from app.extensions import db
from app.models import (
    FundingStrip,
    Invoice,
    NumberSeries,
    Payment,
    Posting,
    PostingKind,
    StripBalance,
)
from tests.abuse.evidence import at_once, nothing_changes
from tests.support.around import debar_vendor, give, hold_invoice, hold_vendor
from tests.support.making import (
    KEYBOARDS,
    Wanted,
    a_processed_invoice,
    a_receipt,
    a_released_order,
    a_request,
    act,
    an_invoice,
    an_order,
    move,
    records,
)


def book(world, strip: str, amount: str, kind: PostingKind = PostingKind.ENCUMBRANCE) -> bool:
    """One posting in a transaction of its own; whether the strip had room for it."""
    return book_all(world, [strip], amount, kind)


def book_all(world, strips: list[str], amount: str, kind: PostingKind = PostingKind.ENCUMBRANCE) -> bool:
    problems = ledger.post(
        db.session(),
        [
            Posting(
                strip_id=world.ids[strip],
                bfy=2027,
                afy=2027,
                afm=5,
                kind=kind,
                amount=Decimal(amount),
                memo="Race",
                at=world.clock(),
            )
            for strip in strips
        ],
    )
    db.session.rollback() if problems else db.session.commit()
    return not problems


# MO-01 … MO-03: many at once.


def test_mo_01_a_strip_is_never_overspent(both):
    """32 clerks ask for three times what there is, at once."""
    done = at_once(both, lambda number: [book(both, "S1", f"{97 + number % 7}.00") for _ in range(3)])
    assert not [one for one in done if isinstance(one, Exception)], done
    with records(both) as session:
        balance = session.scalar(select(StripBalance).where(StripBalance.strip_id == both.ids["S1"]))
        booked = session.scalar(
            select(func.sum(Posting.amount)).where(Posting.strip_id == both.ids["S1"], Posting.kind == "encumbrance")
        )
        assert balance.encumbered == booked <= 3000
        assert 0 <= balance.available < 104, "what is left is less than the largest wish"
        assert ledger.reconcile(session) == []


def test_mo_01_nor_by_requests_that_are_released_at_once(both):
    """Ten requests of $500 against $3,000: six go through."""
    wanted = Wanted("Printer", "5", "100.00", "7025", funding={"S1": "100"})
    requests = [a_request(both, "approved", wanted) for _ in range(10)]
    done = at_once(both, lambda number: act(both, requests[number], "release", "approver"), times=10)
    assert sum(isinstance(one, workflow.Done) for one in done) == 6
    assert all(isinstance(one, workflow.Done | workflow.Refused) for one in done), done
    assert all(
        "0.00 available, 500.00 asked, 500.00 short" in str(one) or "used these funds" in str(one)
        for one in done
        if isinstance(one, workflow.Refused)
    )
    with records(both) as session:
        assert both.balance("S1") == ("3,000.00", "0.00", "0.00", "0.00")
        assert ledger.reconcile(session) == []


def test_mo_02_documents_on_several_strips_do_not_lock_each_other_out(both):
    """32 clerks, each with three of ten strips in any order: strips are always taken in the order of their ids."""
    with records(both) as session:
        for number in range(10):
            strip = FundingStrip(code=f"R{number}", name="Race", organization_id=both.ids["clinic"])
            session.add(strip)
            session.flush()
            both.ids[strip.code] = strip.id
        session.commit()
        for number in range(10):
            book(both, f"R{number}", "100000.00", PostingKind.ALLOTMENT)
    chance = random.Random(7)
    wishes = [[chance.sample([f"R{number}" for number in range(10)], 3) for _ in range(3)] for _ in range(32)]
    done = at_once(both, lambda number: [book_all(both, strips, "1.00") for strips in wishes[number]])
    assert done == [[True, True, True]] * 32
    with records(both) as session:
        assert session.scalar(select(func.sum(StripBalance.encumbered))) == 32 * 3 * 3
        assert ledger.reconcile(session) == []


def test_mo_03_no_update_is_lost(both):
    """24 clerks add a dollar, each ten times; and take the next number of a series, each once."""
    done = at_once(both, lambda _: [book(both, "S1", "1.00") for _ in range(10)], times=24)
    assert done == [[True] * 10] * 24

    def number(_: int) -> str:
        for _try in range(20):
            try:
                taken = workflow.take_number(db.session(), "XX", 2027)
                db.session.commit()
                return taken
            except Exception:  # two at once begin the series: the door tries again
                db.session.rollback()
        raise AssertionError("no number after twenty tries")

    numbers = at_once(both, number, times=24)
    assert sorted(numbers) == [f"XX-2027-{one:06}" for one in range(1, 25)]
    with records(both) as session:
        assert both.balance("S1")[1] == "240.00"
        assert session.scalar(select(NumberSeries.next_number).where(NumberSeries.series == "XX")) == 25
        assert ledger.reconcile(session) == []


# MO-15: more than was ordered.


def test_mo_15_a_tolerance_is_used_once_however_many_receipts(world):
    """Ten percent more may come of twelve: 13.2 in all, and not ten percent of each receipt."""
    order = a_released_order(world)
    for _ in range(11):
        a_receipt(world, order, {1: "1.2"})
    over = a_receipt(world, order, {1: "0.01"}, "draft")
    with nothing_changes(world), records(world), pytest.raises(workflow.Refused, match=r"over by 0\.01"):
        act(world, over, "release", "receiver")


def test_mo_15_many_receipts_at_once_use_it_once_too(both):
    order = a_released_order(both)
    drafts = [a_receipt(both, order, {1: "6.6"}, "draft") for _ in range(4)]
    done = at_once(both, lambda number: act(both, drafts[number], "release", "receiver"), times=4)
    assert sum(isinstance(one, workflow.Done) for one in done) == 2, done


def test_mo_15_who_ordered_does_not_receive_and_who_received_does_not_approve_the_bill(world):
    for name in ("buyer", "approver"):
        give(world, name, "Receiver")
    give(world, "receiver", "Approver")
    order = a_released_order(world)
    for name in ("buyer", "approver"):
        mine = a_receipt(world, order, {1: "1"}, "draft", by=name)
        with (
            nothing_changes(world),
            records(world),
            pytest.raises(workflow.Refused, match="somebody else has to receive"),
        ):
            act(world, mine, "release", name)
        move(world, mine, ("cancel", name))
    a_receipt(world, order, {1: "12"})
    invoice = an_invoice(world, order, {1: ("12", "44.99")}, "routed")
    with nothing_changes(world), records(world), pytest.raises(workflow.Refused, match="somebody else has to approve"):
        act(world, invoice, "approve", "receiver")


def test_mo_15_more_is_not_paid_than_came_at_the_orders_price(world):
    order = a_released_order(world, Wanted(**{**vars(KEYBOARDS), "extra": {"discount_percent": Decimal(0)}}))
    a_receipt(world, order, {1: "10"})
    for quantity, price, why in (("10.01", "44.99", "over by 0.01"), ("10", "45.00", "45.00")):
        invoice = an_invoice(world, order, {1: (quantity, price)}, number=f"X-{quantity}-{price}")
        with nothing_changes(world), records(world), pytest.raises(workflow.Refused) as refused:
            act(world, invoice, "route", "fiscal")
        assert why in str(refused.value)


# MO-17: paying on another day.


@pytest.mark.parametrize("reason", ["", "   "])
def test_mo_17_another_payment_day_has_a_reason(world, reason):
    order = a_released_order(world)
    a_receipt(world, order, {1: "12"})
    from datetime import date

    invoice = an_invoice(world, order, {1: ("12", "44.99")}, override_on=date(2026, 12, 1), override_reason=reason)
    with nothing_changes(world), records(world), pytest.raises(workflow.Refused, match="Say why the payment date"):
        act(world, invoice, "route", "fiscal")


def test_mo_17_nor_a_day_that_is_past_and_nobody_pays_early(world):
    from datetime import date

    order = a_released_order(world)
    a_receipt(world, order, {1: "12"})
    invoice = an_invoice(world, order, {1: ("11", "44.99")}, override_on=date(2026, 11, 20), override_reason="Hurry")
    with records(world), pytest.raises(workflow.Refused, match="is past"):
        act(world, invoice, "route", "fiscal")
    good = an_invoice(world, order, {1: ("1", "44.99")}, "released", number="A-2")
    with nothing_changes(world), records(world), pytest.raises(workflow.Refused, match="scheduled for"):
        act(world, good, "close", "fiscal")


# MO-18: paying whom one must not pay.


@pytest.mark.parametrize("stop", [hold_vendor, debar_vendor])
def test_mo_18_what_stops_a_vendor_after_queueing_stops_the_payment(world, stop):
    invoice = a_processed_invoice(world)
    with records(world) as session:
        due = session.get_one(Invoice, invoice).scheduled_on
    world.clock.on(f"{due:%Y-%m-%d}")
    stop(world)
    with nothing_changes(world), records(world), pytest.raises(workflow.Refused, match="it cannot be paid"):
        act(world, invoice, "close", "fiscal")


def test_mo_18_and_a_hold_on_the_invoice_too_and_its_approver_does_not_pay(world):
    give(world, "approver", "Fiscal")
    invoice = a_processed_invoice(world)
    with records(world) as session:
        due = session.get_one(Invoice, invoice).scheduled_on
    world.clock.on(f"{due:%Y-%m-%d}")
    with records(world), pytest.raises(workflow.Refused, match="somebody else has to pay"):
        act(world, invoice, "close", "approver")
    hold_invoice(world, invoice)
    with nothing_changes(world), records(world), pytest.raises(workflow.Refused, match="On hold: Goods disputed"):
        act(world, invoice, "close", "fiscal")


def test_mo_18_it_is_paid_once(both):
    invoice = a_processed_invoice(both)
    with records(both) as session:
        due = session.get_one(Invoice, invoice).scheduled_on
    both.clock.on(f"{due:%Y-%m-%d}")
    done = at_once(both, lambda _: act(both, invoice, "close", "fiscal"), times=8)
    assert sorted(one.repeated for one in done) == [False] + [True] * 7
    with records(both) as session:
        payment = session.scalar(select(Payment))
        assert payment.paid_on == due
        assert ledger.reconcile(session) == []


def test_mo_18_nothing_is_ordered_from_who_is_held(world):
    order = an_order(world, "approved")
    hold_vendor(world)
    with nothing_changes(world), records(world), pytest.raises(workflow.Refused, match="on hold"):
        act(world, order, "release", "approver")
