"""Who is paid late is paid more: a percentage for each month begun after the working days that the law allows, charged to
the strips that paid, unless the payer says why none is owed. Source: KRS 45.453, PY-01, F19.10."""

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.models import Payment, Posting, StripBalance, Vendor
from tests.abuse.evidence import nothing_changes
from tests.support.around import decide
from tests.support.calls import Caller
from tests.support.making import a_processed_invoice, a_receipt, a_released_order, an_invoice, bring, records
from tests.support.pages import words
from tests.support.people import Person

IN_TIME, FIRST_MONTH, SECOND_MONTH = "2027-01-08", "2027-01-11", "2027-02-09"
"""Thirty working days after Monday, November 23, without the holidays; the next one; and the day after a month."""


def paid(world):
    with records(world) as session:
        one = session.scalars(select(Payment)).one()
        return one.penalty, one.amount, one.penalty_reason


def spent(world):
    with records(world) as session:
        mine = (StripBalance.strip_id.in_((world.ids["S1"], world.ids["S2"])), StripBalance.bfy == 2027)
        return list(session.scalars(select(StripBalance.expended).where(*mine).order_by(StripBalance.strip_id)))


def charged(world):
    with records(world) as session:
        late = select(Posting.amount).where(Posting.memo.startswith("Penalty")).order_by(Posting.id)
        return list(session.scalars(late))


@pytest.mark.parametrize(
    ("day", "penalty"), [(IN_TIME, "0.00"), (FIRST_MONTH, "5.40"), ("2027-02-08", "5.40"), (SECOND_MONTH, "10.80")]
)
def test_each_month_begun_costs_one_percent(world, day, penalty):
    """$539.88, paid on the last day, on the day after, and a month later."""
    a_processed_invoice(world)
    world.clock.on(day)
    said = words(Person(world.app, "fiscal").post("/payment/pay/1", reference="CHK 1").text)
    total = Decimal("539.88") + Decimal(penalty)
    assert f"Paid {total:,.2f} to Adesso Supply" in said
    assert (f"{penalty} of it as a penalty for being late" in said) == (penalty != "0.00")
    assert paid(world)[:2] == (Decimal(penalty), total)
    assert sum(charged(world)) == Decimal(penalty)


def test_it_is_seen_before_it_is_paid_and_found_afterwards(both):
    invoice = a_processed_invoice(both)
    both.clock.on(FIRST_MONTH)
    fay = Person(both.app, "fiscal")
    assert "545.28 5.40 penalty" in words(fay.get("/payment/list/").text)
    page = words(fay.get(f"/invoice/show/{invoice}").text)
    assert "Late: a penalty of $5.40 is paid along and charged to the same strips." in page
    assert "30 working days after 2026-11-23; 2027-01-11 is in month 1 after that" in page
    before = spent(both)
    fay.post("/payment/pay/1", reference="CHK 1")
    assert [after - earlier for after, earlier in zip(spent(both), before, strict=True)] == [
        Decimal("3.24"),
        Decimal("2.16"),
    ]
    both.clock.on("2027-06-01")
    fay = Person(both.app, "fiscal")
    page = words(fay.get(f"/invoice/show/{invoice}").text)
    assert "Penalty $5.40" in page and "1 × 1 % of 539.88 is 5.40" in page, "as it was on the day of the payment"
    assert "545.28 5.40 penalty" in words(fay.get("/payment/list/?view=paid").text)
    heading, row = fay.post("/payment/export/csv?view=paid").data.decode("utf-8-sig").splitlines()[:2]
    assert "Penalty" in heading and "5.40" in row


def test_a_dispute_is_a_reason_to_pay_none_and_stays_on_record(both):
    invoice = a_processed_invoice(both)
    both.clock.on(SECOND_MONTH)
    fay = Person(both.app, "fiscal")
    fay.press("invoice", invoice, "close", reference="CHK 1", no_penalty="Half came broken; settled on February 15")
    assert paid(both) == (Decimal("0.00"), Decimal("539.88"), "Half came broken; settled on February 15")
    assert charged(both) == []
    assert "Half came broken" in fay.get(f"/invoice/show/{invoice}").text


def test_calls_say_it_too(world):
    invoice = a_processed_invoice(world)
    world.clock.on(FIRST_MONTH)
    done = Caller(world.app, "fiscal").act("invoice", invoice, "close", no_penalty="Agreed with the vendor")
    assert done.status_code == 200, done.text
    assert paid(world)[2] == "Agreed with the vendor"


def test_the_time_runs_from_the_goods_when_the_bill_came_before_them(world):
    order = a_released_order(world)
    invoice = an_invoice(world, order, {1: ("12", "44.99")})
    world.clock.on("2026-12-21")
    a_receipt(world, order, {1: "12"})
    bring(world, invoice, "released")
    world.clock.on(SECOND_MONTH)
    fay = Person(world.app, "fiscal")
    assert "5.40 penalty" in words(fay.get("/payment/list/").text)
    assert "30 working days after 2026-12-21" in words(fay.get(f"/invoice/show/{invoice}").text)
    fay.post("/payment/pay/1")
    assert paid(world)[0] == Decimal("5.40"), "the first month only"


def test_the_office_decides_how_long_and_how_much(world):
    decide(world, "prompt payment", 45)
    decide(world, "late penalty", "1.50")
    a_processed_invoice(world)
    world.clock.on(FIRST_MONTH)
    assert "5.40 penalty" not in words(Person(world.app, "fiscal").get("/payment/list/").text)
    world.clock.on(SECOND_MONTH)
    Person(world.app, "fiscal").post("/payment/pay/1")
    assert paid(world)[0] == Decimal("8.10")


def test_offices_owe_each_other_nothing(world):
    a_processed_invoice(world)
    with records(world) as session:
        session.get_one(Vendor, world.ids["vendor A"]).organization_id = world.ids["parks"]
        session.commit()
    world.clock.on(SECOND_MONTH)
    Person(world.app, "fiscal").post("/payment/pay/1")
    assert paid(world)[:2] == (Decimal("0.00"), Decimal("539.88"))


def test_a_strip_without_money_says_so_and_nothing_is_paid(world):
    a_processed_invoice(world)
    with records(world) as session:
        balance = session.get_one(StripBalance, 1)
        balance.allotted = balance.expended + balance.encumbered + balance.pre_encumbered
        session.commit()
    world.clock.on(FIRST_MONTH)
    with nothing_changes(world):
        refused = Person(world.app, "fiscal").post("/payment/pay/1", reference="CHK 1")
        assert refused.status_code == 409 and "5.40" in words(refused.text)


def test_the_database_wants_the_reason(world):
    a_processed_invoice(world)
    with records(world) as session, pytest.raises(IntegrityError, match="a_penalty_has_a_reason"):
        one = session.scalars(select(Payment)).one()
        one.penalty, one.amount = Decimal(1), one.gross + 1
        session.flush()
