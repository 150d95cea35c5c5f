"""MO: numbers that are none, and bills below zero, twice or lost on the way."""

from decimal import Decimal

import pytest
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import IntegrityError

from app import ledger, workflow
from app.entities.document import Document
from app.extensions import db
from app.models import (
    Invoice,
    Posting,
    PostingKind,
    Vendor,
)
from app.screens.base import SCREENS
from app.screens.forms import ExactField, WholeField
from tests.abuse.evidence import at_once, nothing_changes
from tests.abuse.matrix import furnish
from tests.support.making import (
    a_basket,
    a_receipt,
    a_released_order,
    a_request,
    act,
    an_invoice,
    line_id,
    records,
)
from tests.support.offices import application
from tests.support.people import Person

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
        assert answer.status_code == 422 and "Nothing was allotted" in answer.text


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
