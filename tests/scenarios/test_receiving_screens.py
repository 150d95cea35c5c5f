"""The receiving dock: what is pending, the report of what came, and who may make it. Source: RC-01 … RC-05, story 3."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.models import Document, LineItem, Profile, Receipt, ReceiptLine
from tests.support.counting import statements
from tests.support.pages import form_to, words
from tests.support.people import Person
from tests.support.purchases import KEYBOARDS, TONER, TOUCHPADS, also, order, receive
from tests.support.world import World


def count(world: World, entity: type = Receipt) -> int:
    with world.app.app_context():
        return db.session.scalar(select(func.count()).select_from(entity))


def take_in(person: Person, ordered, do: str = "record", **fields):
    """Open the form of an order and send it with some fields changed; `l1` is the quantity of line 1."""
    form = form_to(person.get(f"/receipt/add?order={ordered.id}").text, "")
    quantities = {f"line-{name[1:]}-quantity": value for name, value in fields.items() if name[1:].isdecimal()}
    others = {name: value for name, value in fields.items() if not name[1:].isdecimal()}
    empty = {name: "" for name in form.fields if name.endswith("-quantity")}
    return person.post("/receipt/add", **form.sent(do=do, **(empty | quantities | others)))


@pytest.fixture
def keyboards(world: World):
    return order(world, (KEYBOARDS, "12"), (TOUCHPADS, "3"))


def test_the_goods_of_the_story_come_in(both: World) -> None:
    ordered = order(both, (KEYBOARDS, "12"), (TOUCHPADS, "3"))
    both.clock.on("2026-12-01")
    rex = Person(both.app, "receiver")
    first = take_in(rex, ordered, l1="10", carrier="UPS", freight_bills="1Z-1, 1Z-2")
    assert "you recorded it" in words(first.text) and first.request.path.startswith("/receipt/show/")
    assert "10 of 12" in words(rex.get(f"/delivery-order/show/{ordered.id}").text)
    both.clock.on("2026-12-03")
    rex = Person(both.app, "receiver")
    assert take_in(rex, ordered, l1="3").status_code == 200
    before = count(both)
    refused = take_in(rex, ordered, l1="1", carrier="FedEx", comments="On a pallet")
    said = words(refused.text)
    assert refused.status_code == 409
    assert said.count("14 received in all; 12 ordered, 10 % over allows 13.2; over by 0.8.") == 2, (
        "on top and at the line"
    )
    kept = form_to(refused.text, "").fields
    assert (kept["line-1-quantity"], kept["carrier"], kept["comments"][0].strip()) == (["1"], ["FedEx"], "On a pallet")
    assert count(both) == before, "what was refused leaves nothing behind"
    assert take_in(rex, ordered, l2="3").status_code == 200
    page = words(rex.get(f"/delivery-order/show/{ordered.id}").text)
    assert "13 of 12" in page and "3 of 3" in page and page.count("RR-2027-00000") >= 3


def test_pending_receipts_show_what_is_open_and_how_late(world: World, keyboards, sign_in) -> None:
    toner = order(world, (TONER, "7"), due="2026-12-01")
    receive(world, keyboards, "10", "3", on="2026-11-23")
    world.clock.on("2026-12-04")  # a Friday
    rex = sign_in("receiver")
    page = rex.get("/pending-receipts/list/")
    said = words(page.text)
    assert "2 lines" in said and KEYBOARDS in said and TONER in said and TOUCHPADS not in said
    assert "3 days late" in said and "Clinic dock" in said
    assert f'href="/receipt/add?order={keyboards.id}"' in page.text
    late = words(rex.get("/pending-receipts/list/?period=late").text)
    assert TONER in late and KEYBOARDS not in late
    file = rex.post("/pending-receipts/export/csv?period=late")
    assert file.headers["Content-Disposition"].endswith("pending-receipts-2026-12-04.csv")
    rows = list(csv.DictReader(StringIO(file.data.decode("utf-8-sig"))))
    assert [(row["Description"], row["Ordered"], row["Open"], row["Days late"]) for row in rows] == [
        (TONER, "7.0000", "7.0000", "3")
    ]
    assert rex.post("/pending-receipts/export/exe").status_code == 404
    assert "Nothing fits" in words(rex.get("/pending-receipts/list/?period=week").text)
    world.clock.on("2026-12-07")
    rex = sign_in("receiver")
    week = words(rex.get("/pending-receipts/list/?period=week").text)
    assert KEYBOARDS in week and TONER not in week
    between = words(rex.get("/pending-receipts/list/?first=2026-11-30&last=2026-12-02").text)
    assert TONER in between and KEYBOARDS not in between
    for nonsense in ("?first=soon&page=x", "?page=-3&period=never", "?number=%25%25%5C_'&page=999999"):
        assert rex.get(f"/pending-receipts/list/{nonsense}").status_code == 200
    assert toner.number in said


def test_a_line_is_complete_within_its_under_tolerance(world: World, sign_in) -> None:
    percent = order(world, (TONER, "10"), under_tolerance=10)
    exact = order(world, (TOUCHPADS, "10"), under_tolerance=2, under_basis="quantity")
    rex = sign_in("receiver")
    receive(world, percent, "8.9999")
    receive(world, exact, "7.9999")
    said = words(rex.get("/pending-receipts/list/").text)
    assert percent.number in said and exact.number in said
    receive(world, percent, "0.0001")
    receive(world, exact, "0.0001")
    assert "Nothing is pending" in words(rex.get("/pending-receipts/list/").text)


def test_the_work_list_is_one_query_however_long_it_is(world: World, sign_in) -> None:
    rex = sign_in("receiver")
    order(world, (TONER, "1"))
    asked = []
    for _ in range(2):
        rex.get("/pending-receipts/list/")
        with statements(world.app) as said:
            rex.get("/pending-receipts/list/")
        asked.append(len(said))
        order(world, *[(TONER, "1")] * 20)
    assert asked[0] == asked[1]


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("number=DO-2027%25", True),
        ("number=%2501", True),
        ("number=O-2027", True),
        ("number=DO%25x", False),
        ("number=DO_2027%25", False),
        ("vendor=adesso", True),
        ("vendor=A%25", True),
        ("vendor=%25VN-B", False),
        ("text=usb", True),
        ("text=K%25contoured", True),
        ("text=contoured%25K", False),
        ("paper=1Z-88%25", True),
        ("paper=88", True),
        ("paper=PL-7", True),
        ("paper=PL_7", False),
        ("paper=Z9", False),
        ("number=%27%3B--", False),
        ("text=%25%25%25", True),
        ("vendor=adesso&text=toner", False),
    ],
)
def test_find_match_finds_by_order_vendor_line_and_paper(
    world: World, keyboards, sign_in, typed: str, fits: bool
) -> None:
    rex = sign_in("receiver")
    assert take_in(rex, keyboards, l2="1", freight_bills="1Z-88213", packing_lists="PL-7").status_code == 200
    page = rex.get(f"/receipt/find?{typed}")
    assert page.status_code == 200
    assert (keyboards.number in words(page.text)) is fits


def test_find_match_leads_to_the_ticked_lines(world: World, keyboards, sign_in) -> None:
    rex, toner = sign_in("receiver"), order(world, (TONER, "7"))
    form = form_to(rex.get(f"/receipt/add?line={keyboards.lines[1]}").text, "")
    assert (form.fields["line-1-quantity"], form.fields["line-2-quantity"]) == ([""], ["3"])
    both_orders = rex.get(f"/receipt/add?line={keyboards.lines[0]}&line={toner.lines[0]}")
    assert "for one order" in words(both_orders.text)
    assert rex.get("/receipt/add").request.path == "/receipt/find"


def test_quantities_are_filled_in_with_what_is_open(world: World, keyboards, sign_in) -> None:
    receive(world, keyboards, "10")
    rex = sign_in("receiver")
    form = form_to(rex.get(f"/receipt/add?order={keyboards.id}").text, "")
    assert (form.fields["line-1-quantity"], form.fields["line-2-quantity"]) == (["2"], ["3"])
    emptied = form_to(rex.post("/receipt/add", **form.sent(do="none", carrier="DHL")).text, "")
    assert (emptied.fields["line-1-quantity"], emptied.fields["line-2-quantity"]) == ([""], [""])
    assert emptied.fields["carrier"] == ["DHL"]
    filled = form_to(rex.post("/receipt/add", **emptied.sent(do="all")).text, "")
    assert (filled.fields["line-1-quantity"], filled.fields["line-2-quantity"]) == (["2"], ["3"])
    done = rex.post("/receipt/add", **filled.sent(do="record"))
    assert "you recorded it" in words(done.text)
    assert "12 of 12" in words(rex.get(f"/delivery-order/show/{keyboards.id}").text)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("line-1-quantity", "abc", "Enter a number"),
        ("line-1-quantity", "-1", "At least 0"),
        ("line-1-quantity", "1e5", "Enter a number"),
        ("line-1-quantity", "NaN", "Enter a number"),
        ("line-1-quantity", "１２", "Enter a number"),
        ("line-1-quantity", "1.00001", "At most 4 decimals"),
        ("line-1-quantity", "99999999999999999", "At most"),
        ("line-1-freight_charge", "-5", "At least 0"),
        ("line-1-discrepancy", "Eaten", "Not a valid choice"),
        ("received_on", "someday", "Enter a date"),
        ("received_on", "", "Enter a value"),
        ("containers", "two", "Enter a whole number"),
        ("weight", "heavy", "Enter a number"),
        ("received_by_id", "999999", "Not a valid choice"),
        ("received_by_id", "me", ""),
        ("freight_payment", "Free", "Not a valid choice"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_stays(
    world: World, keyboards, sign_in, field: str, typed: str, said: str
) -> None:
    answer = take_in(sign_in("receiver"), keyboards, l2="2", **{field: typed, "shipper": "Kept words"})
    assert answer.status_code == 422 and said in words(answer.text)
    kept = form_to(answer.text, "").fields
    assert kept["shipper"] == ["Kept words"] and kept["line-2-quantity"] == ["2"]
    if "quantity" in field or field in ("weight", "line-1-freight_charge", "containers"):
        assert kept[field] == [typed]
    assert count(world) == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Enter how much came on at least one line"),
        ({"l1": "1", "received_on": "2026-11-24"}, "cannot come in on 2026-11-24; today is 2026-11-23"),
        ({"l1": "1", "received_on": "2026-11-22"}, "the order is of 2026-11-23"),
        ({"l2": "3.0001"}, "3.0001 received in all; 3 ordered, 0 % over allows 3; over by 0.0001"),
    ],
)
def test_the_rules_refuse_in_words(world: World, keyboards, sign_in, fields: dict, said: str) -> None:
    answer = take_in(sign_in("receiver"), keyboards, **fields)
    assert answer.status_code == 409 and said in words(answer.text)
    assert count(world) == 0


def test_a_tolerance_is_used_once_and_not_once_a_receipt(world: World, keyboards, sign_in) -> None:
    """MO-15: ten receipts of nine percent."""
    rex = sign_in("receiver")
    answers = [take_in(rex, keyboards, l1="1.08").status_code for _ in range(15)]
    assert answers == [200] * 12 + [409] * 3
    with world.app.app_context():
        assert str(db.session.scalar(select(func.sum(ReceiptLine.quantity)))) == "12.9600"


def test_a_draft_counts_nothing_until_it_is_recorded(world: World, keyboards, sign_in) -> None:
    rex = sign_in("receiver")
    saved = take_in(rex, keyboards, do="draft", l1="4", packing_lists="PL-1,PL-2", **{"line-1-discrepancy": "Damaged"})
    pk = int(saved.request.path.rsplit("/", 1)[1])
    assert "Saved as a draft" in words(saved.text) and "Damaged" in words(saved.text)
    assert "PL-1, PL-2" in words(saved.text)
    assert "12 EA" in words(rex.get("/pending-receipts/list/").text)
    form = form_to(rex.get(f"/receipt/edit/{pk}").text, "")
    world.clock.moment += timedelta(minutes=1)
    assert form.fields["line-1-quantity"] == ["4"] and form.fields["packing_lists"] == ["PL-1, PL-2"]
    again = rex.post(
        f"/receipt/edit/{pk}", **form.sent(do="draft", **{"line-1-quantity": "5", "packing_lists": "PL-2"})
    )
    assert again.status_code == 200
    stale = rex.post(f"/receipt/edit/{pk}", **form.sent(do="record", **{"line-1-quantity": "6", "carrier": "Typed"}))
    assert stale.status_code == 409 and "Somebody else has changed this report" in words(stale.text)
    assert form_to(stale.text, "").fields["carrier"] == ["Typed"]
    done = rex.post(f"/receipt/edit/{pk}", **form_to(rex.get(f"/receipt/edit/{pk}").text, "").sent(do="record"))
    assert "you recorded it" in words(done.text) and "5 EA" in words(done.text)
    later = rex.post(f"/receipt/edit/{pk}", **form.sent(do="record"))
    assert "is recorded and stays as it is" in words(later.text)
    with world.app.app_context():
        receipt = db.session.get(Receipt, pk)
        assert [(one.kind, one.number) for one in receipt.papers] == [("packing list", "PL-2")]
        assert [str(one.quantity) for one in receipt.receipt_lines] == ["5.0000"]


def test_the_same_form_twice_makes_one_report(world: World, keyboards, sign_in) -> None:
    rex = sign_in("receiver")
    form = form_to(rex.get(f"/receipt/add?order={keyboards.id}").text, "")
    sent = form.sent(do="record", **{"line-1-quantity": "4", "line-2-quantity": ""})
    first, second = rex.post("/receipt/add", **sent), rex.post("/receipt/add", **sent)
    assert first.request.path == second.request.path
    assert "had been saved already" in words(second.text)
    assert count(world) == 1


def test_who_orders_does_not_receive(world: World, keyboards, sign_in) -> None:
    """WF-14, DOC-06: neither themselves nor through somebody who records it for them."""
    assert sign_in("approver").get(f"/receipt/add?order={keyboards.id}").status_code == 403
    for name in ("approver", "requester"):
        also(world, name, "Receiver")
        refused = take_in(sign_in(name), keyboards, l1="1")
        assert refused.status_code == 409 and "somebody else has to receive it" in words(refused.text)
    with world.app.app_context():
        mine = db.session.scalar(select(Profile).where(Profile.user_id == world.ids["approver"]))
        mine.may_receive = True
        db.session.commit()
    refused = take_in(sign_in("receiver"), keyboards, l1="1", received_by_id=str(world.ids["approver"]))
    assert refused.status_code == 409 and "The receiver requested, approved or released" in words(refused.text)
    assert count(world) == 0


def test_another_office_sees_nothing_of_it(world: World, keyboards, sign_in) -> None:
    pk = receive(world, keyboards, "1")
    also(world, "outsider", "Receiver")
    oda = sign_in("outsider")
    assert "Nothing is pending" in words(oda.get("/pending-receipts/list/").text)
    assert keyboards.number not in words(oda.get("/receipt/find?number=%25").text)
    for path in (f"/receipt/add?order={keyboards.id}", f"/receipt/show/{pk}", f"/receipt/edit/{pk}"):
        assert oda.get(path).status_code == 404, path
    assert (
        oda.post(
            "/receipt/add",
            order=str(keyboards.id),
            do="record",
            received_on="2026-11-23",
            received_by_id=str(world.ids["outsider"]),
            **{"line-1-quantity": "1"},
        ).status_code
        == 404
    )
    assert oda.press("receipt", pk, "reverse", comment="x").status_code == 404
    for path in ("/receipt/add?order=abc", "/receipt/add?order=99999999999999", "/receipt/add?order=-1"):
        assert sign_in("receiver").get(path).status_code == 404, path


def test_those_who_only_read_find_no_button(world: World, keyboards, sign_in) -> None:
    pk = receive(world, keyboards, "1")
    for name in ("requester", "fiscal", "auditor", "manager"):
        reader = sign_in(name)
        assert "Receive</a>" not in reader.get("/pending-receipts/list/").text
        assert reader.get(f"/receipt/show/{pk}").status_code == 200
        assert reader.get(f"/receipt/add?order={keyboards.id}").status_code == 403
        assert reader.press("receipt", pk, "reverse", comment="x").status_code == 403


def test_a_mistake_is_reversed_with_a_reason(world: World, keyboards, sign_in) -> None:
    pk, rex = receive(world, keyboards, "10", "3"), sign_in("receiver")
    assert "Say why" in words(rex.press("receipt", pk, "reverse").text)
    done = rex.press("receipt", pk, "reverse", comment="Counted twice")
    assert done.status_code == 200 and "Reversed" in words(done.text)
    page = words(rex.get(f"/delivery-order/show/{keyboards.id}").text)
    assert "0 of 12" in page and "RR-2027-000001" not in page.partition("Receiving reports")[2].partition("History")[0]
    with world.app.app_context():
        assert db.session.scalar(select(Document.state).where(Document.id == pk)) == "cancelled"


def test_what_came_is_on_the_vendors_record_until_it_is_reversed(world: World, keyboards, sign_in) -> None:
    """RC-05: counted from the receipts, so that a reversal takes it off again."""
    with world.app.app_context():
        vendor = db.session.scalar(select(Document.vendor_id).where(Document.id == keyboards.id))
    pk, buyer, rex = receive(world, keyboards, "10", "3"), sign_in("buyer"), sign_in("receiver")
    page = words(buyer.get(f"/vendor/show/{vendor}").text)
    assert "Lines received 2 In time 100 %" in page and "Late none" in page
    rex.press("receipt", pk, "reverse", comment="Counted twice")
    assert "Nothing was received from it." in words(buyer.get(f"/vendor/show/{vendor}").text)


def test_a_receipt_has_no_lines_of_an_order_to_write_in(world: World, keyboards, sign_in) -> None:
    """The routes of a line grid and of copying belong to other documents."""
    rex = sign_in("receiver")
    pk = int(take_in(rex, keyboards, do="draft", l1="1").request.path.rsplit("/", 1)[1])
    lines = count(world, LineItem)
    for path in (
        f"/receipt/line/{pk}/add",
        f"/receipt/change/{pk}/funding",
        f"/receipt/copy/{pk}",
        f"/receipt/delete/{pk}",
    ):
        assert rex.post(path).status_code in (404, 405), path
    assert count(world, LineItem) == lines
