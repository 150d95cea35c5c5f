"""MO: money: overspending, numbers that are none, the same bill twice, paying whom one must not pay."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import IntegrityError

from app import ledger, workflow
from app.entities.document import Document
from app.extensions import db
from app.facts import Answers
from app.integrity import Frozen
from app.models import (
    AuditEntry,
    BankAccount,
    FundingStrip,
    Invoice,
    NumberSeries,
    Payment,
    Posting,
    PostingKind,
    StripBalance,
    Vendor,
)
from app.screens.base import SCREENS
from app.screens.forms import ExactField, WholeField
from tests.abuse.evidence import at_once, nothing_changes
from tests.abuse.matrix import furnish
from tests.support.around import a_bank_account, debar_vendor, give, hold_invoice, hold_vendor
from tests.support.making import (
    KEYBOARDS,
    Wanted,
    a_basket,
    a_processed_invoice,
    a_receipt,
    a_released_order,
    a_request,
    act,
    an_invoice,
    an_order,
    line_id,
    move,
    records,
)
from tests.support.offices import application
from tests.support.people import Person


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


# MO-05: numbers that are none.

NO_NUMBERS = (
    "-1",
    "-0.01",
    "NaN",
    "Infinity",
    "1e309",
    "1E5",
    "0x10",
    "1.123456789012",
    "１２",
    "٣",
    "1,23",
    "1.234,50",
    "--1",
    "1 000",
    "9" * 30,
    "1" * 5000,
    "one",
    "1;DROP TABLE posting",
    "1_000",
    "$",
    ".",
    "½",
)
"""What somebody may type where a number is wanted, and no field takes."""


def numeric_fields(screen) -> dict[str, type]:
    form = screen.form_class()
    return {
        name: field.field_class
        for name, field in vars(form).items()
        if getattr(field, "field_class", None) in (ExactField, WholeField)
    }


@pytest.mark.parametrize(
    "entity", [one for one in SCREENS if not issubclass(one, Document)], ids=lambda one: one.__name__
)
def test_mo_05_a_form_takes_only_numbers(world, entity):
    """Every numeric field of every form: the answer names the field, keeps what was typed and changes nothing."""
    furnish(world)
    people = {"Vendor": "crc", "CatalogItem": "buyer", "CommodityCode": "buyer", "FundingTemplatePart": "fiscal"}
    person = Person(world.app, people.get(entity.__name__, "admin"))
    screen = next(one for one in world.app.appbuilder.baseviews if getattr(one, "entity", None) is entity)
    with world.app.test_request_context():
        fields = numeric_fields(screen) if screen.edit_columns and "add" not in screen.exclude_route_methods else {}
    with nothing_changes(world):
        for name in fields:
            for typed in NO_NUMBERS:
                answer = person.post(f"{screen.route_base}/add", **{name: typed})
                assert answer.status_code == 422, (name, typed)
                field = answer.text[answer.text.index(f'name="{name}"') - 400 :][:1400]
                assert "error" in field or "invalid" in field, (name, typed)
                assert typed[:40] in answer.text, (name, typed)


@pytest.mark.parametrize("name", ["quantity", "unit_price"])
def test_mo_05_a_cell_of_the_grid_takes_only_numbers(both, name):
    basket = a_basket(both)
    line, person = line_id(both, basket), Person(both.app, "requester")
    with nothing_changes(both):
        for typed in NO_NUMBERS:
            answer = person.post(f"/market-basket/line/{basket}/{line}/save", **{name: typed})
            assert answer.status_code == 422, typed
            assert typed[:40] in answer.text


PERCENTS = ("discount_percent", "tax_percent")


@pytest.mark.parametrize(
    "name", ["quantity", "unit_price", "over_tolerance", "under_tolerance", *PERCENTS, "warranty_days"]
)
def test_mo_05_every_number_of_a_line_has_its_bounds(both, name):
    basket = a_basket(both)
    line, person = line_id(both, basket), Person(both.app, "requester")
    fields = {
        "description": "Keyboard",
        "quantity": "1",
        "unit_price": "1",
        "unit": "EA",
        "over_basis": "percent",
        "under_basis": "percent",
        "payment_requirement": "three-way",
    }
    with nothing_changes(both):
        for typed in NO_NUMBERS:
            answer = person.post(f"/market-basket/line/{basket}/{line}/", **(fields | {name: typed}))
            assert answer.status_code == 422, typed
            assert typed[:40] in answer.text
        too_much = ["999999", "99999999999"] if name in PERCENTS else ["99999999999999"]
        for typed in too_much:
            answer = person.post(f"/market-basket/line/{basket}/{line}/", **(fields | {name: typed}))
            assert answer.status_code == 422, typed


def test_mo_05_a_discount_is_never_more_than_the_price(both):
    """A line that costs less than nothing would give money to its strip."""
    basket = a_basket(both)
    line, person = line_id(both, basket), Person(both.app, "requester")
    fields = {
        "description": "Keyboard",
        "quantity": "1",
        "unit_price": "10",
        "unit": "EA",
        "over_basis": "percent",
        "under_basis": "percent",
        "payment_requirement": "three-way",
    }
    with nothing_changes(both):
        answer = person.post(f"/market-basket/line/{basket}/{line}/", **(fields | {"discount_percent": "100.01"}))
        assert answer.status_code == 422


def test_mo_05_what_multiplies_beyond_the_largest_amount_is_refused_and_kept(both):
    """Each factor fits its field and their product does not."""
    basket = a_basket(both)
    line, person = line_id(both, basket), Person(both.app, "requester")
    with nothing_changes(both):
        answer = person.post(f"/market-basket/line/{basket}/{line}/save", quantity="99999999", unit_price="99999999")
        assert answer.status_code == 422 and answer.text.count("99999999") >= 2
        answer = person.post(f"/market-basket/line/{basket}/{line}/charge", kind="freight", amount="999999999999.99")
        assert answer.status_code in (200, 422)


@pytest.mark.parametrize("typed", [*NO_NUMBERS, "", "0", "999999999999999"])
def test_mo_05_an_allotment_is_a_number_too(world, sign_in, typed):
    fiscal = sign_in("fiscal")
    with nothing_changes(world):
        answer = fiscal.post(f"/funding-strip/allot/{world.ids['S1']}", amount=typed, bfy="2027")
        assert answer.status_code == 200 and "Nothing was allotted" in answer.text


@pytest.mark.parametrize("typed", [one for one in NO_NUMBERS if one not in ("1_000",)])
def test_mo_05_a_share_of_the_funding_is_a_number_too(world, sign_in, typed):
    basket = a_basket(world)
    line, person = line_id(world, basket), sign_in("requester")
    with nothing_changes(world):
        answer = person.post(
            f"/market-basket/line/{basket}/{line}/funding",
            basis="percent",
            strip=str(world.ids["S1"]),
            strip_text="S1",
            share=typed,
        )
        assert answer.status_code == 422 and typed[:40] in answer.text


def test_mo_05_every_number_of_a_table_says_how_large_it_may_be():
    """A money column without a form still has its type's bounds: nothing is stored as a bare number."""
    for entity in SCREENS:
        for column in inspect(entity).columns:
            assert "FLOAT" not in str(column.type).upper() and "REAL" not in str(column.type).upper(), column


# MO-06: a bill that gives money back.


@pytest.mark.parametrize(
    "below", [{"quantity": "-1"}, {"unit_price": "-1000.00"}, {"quantity": "-1", "unit_price": "-1000.00"}]
)
def test_mo_06_no_line_of_a_bill_is_below_zero(both, below):
    """A credit is no bill: until there are credit memos, a line below zero is refused, past the screens too."""
    bill = an_invoice(both, a_released_order(both), {1: ("12", "44.99")})
    with records(both) as session:
        row = session.get_one(Invoice, bill).invoice_lines[0].id
    fiscal = Person(both.app, "fiscal")
    with nothing_changes(both):
        answer = fiscal.post(f"/invoice/billed/{bill}/{row}/save", **below)
        assert (answer.status_code, answer.text.count("At least 0")) == (422, len(below))
    with nothing_changes(both), records(both) as session:
        line = session.get_one(Invoice, bill).invoice_lines[0]
        for name, value in below.items():
            setattr(line, name, Decimal(value))
        with pytest.raises(IntegrityError, match="nothing_negative_is_billed"):
            session.flush()
        session.rollback()


# MO-07: the same bill twice.

SAME = ("a-1001", "A 1001", "A-1001 ", "A1001", "A-01001", "A-1OO1", "Ａ－１００１", "A.10/01")
"""Ways to write A-1001."""


@pytest.mark.parametrize("number", SAME)
def test_mo_07_a_number_is_billed_once_however_it_is_written(world, number):
    order = a_released_order(world)
    a_receipt(world, order, {1: "12"})
    an_invoice(world, order, {1: ("5", "44.99")}, "released", number="A-1001")
    again = an_invoice(world, order, {1: ("5", "44.99")}, number=number)
    with nothing_changes(world), records(world), pytest.raises(workflow.Refused, match="already billed"):
        act(world, again, "route", "fiscal")


def test_mo_07_nor_by_another_location_of_the_vendor(world):
    order = a_released_order(world)
    a_receipt(world, order, {1: "12"})
    an_invoice(world, order, {1: ("5", "44.99")}, "released", number="A-1001")
    with records(world) as session:
        first = session.get_one(Vendor, world.ids["vendor A"])
        session.add(
            Vendor(
                number=first.number,
                suffix="01",
                name="Adesso Supply, Lexington",
                parent_id=first.id,
                approved_on=first.approved_on,
            )
        )
        session.commit()
        world.ids["vendor A1"] = session.scalar(select(Vendor.id).where(Vendor.suffix == "01"))
        world.ids["remit A1"] = world.ids["remit A"]
    again = an_invoice(world, order, {1: ("5", "44.99")}, number="A-1001", vendor="A1")
    with nothing_changes(world), records(world), pytest.raises(workflow.Refused):
        act(world, again, "route", "fiscal")


def test_mo_07_two_at_once_and_one_of_them_is_told(both):
    order = a_released_order(both)
    a_receipt(both, order, {1: "12"})
    bills = [an_invoice(both, order, {1: ("1", "44.99")}, number=number) for number in ("A-1001", "a 1001", "A1001")]
    done = at_once(both, lambda number: act(both, bills[number], "route", "fiscal"), times=3)
    assert sum(isinstance(one, workflow.Done) for one in done) == 1, done
    assert all("billed" in str(one) for one in done if isinstance(one, workflow.Refused))


def test_mo_07_nearly_the_same_amount_within_a_month_is_pointed_out(world):
    order = a_released_order(world)
    a_receipt(world, order, {1: "12"})
    an_invoice(world, order, {1: ("5", "44.99")}, "released", number="A-1001")
    near = an_invoice(world, order, {1: ("5", "44.98")}, number="B-77")
    with records(world):
        done = act(world, near, "route", "fiscal")
        assert any("nearly the same amount" in str(one) for one in done.warnings)


# MO-09: the answer that never arrived.


def test_mo_09_a_deed_whose_answer_was_lost_is_done_once(both):
    """The worker dies after the commit and before the answer. The page is sent again, to another worker, with its key."""
    request = a_request(both, "approved")
    approver, path = Person(both.app, "approver"), f"/purchase-request/act/{request}/release"
    first = approver.post(path, key="lost on the way", follow=False)
    with nothing_changes(both):
        other = application(
            both.app.config["SQLALCHEMY_DATABASE_URI"].render_as_string(hide_password=False), both.clock
        )
        again = Person(other, "approver").post(path, key="lost on the way", follow=False)
        assert (again.status_code, again.headers["Location"]) == (first.status_code, first.headers["Location"])
        with other.app_context():
            db.engine.dispose()
    assert both.app.test_client().get("/login/").status_code == 200
    with records(both) as session:
        assert session.scalar(select(func.count(Posting.id)).where(Posting.kind == PostingKind.PRE_ENCUMBRANCE)) == 1
        assert ledger.reconcile(session) == []


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
