"""The main job: one purchase from need to payment, every figure of it, through the screens.

Rosa of the Clinic fills a basket; Amos approves and releases it, and the orders and requests that it makes; Rex receives;
Fay enters the invoices, Amos approves them, Fay processes and pays. Source: the story, sections 1 to 5."""

import re
from typing import Any

import pytest

from app import audit, ledger
from app.extensions import db
from app.models import DeliveryOrder, Document, Invoice, MarketBasket, Payment, PurchaseRequest, Receipt
from tests.support.global_change import fund_alike
from tests.support.making import a_basket, a_request
from tests.support.pages import form_to, words
from tests.support.people import Person
from tests.support.world import World

LINES = (
    ("Keyboard, wired USB, contoured", "12", "539.88", ("323.93", "215.95")),
    ("Keyboard, wireless with touchpad", "3", "269.97", ("161.98", "107.99")),
    ("desk", "2", "620.00", ("372.00", "248.00")),
    ("Toner cartridge, black", "7", "428.05", ("256.83", "171.22")),
    ("Credenza, laminate, 72 inches", "1", "850.00", ("500.00", "350.00")),
    ("Locker, steel", "4", "482.00", ("289.20", "192.80")),
    ("Label printer", "1", "299.01", ("179.41", "119.60")),
)
CODES = {
    "Credenza, laminate, 72 inches": ("7110", "850.00"),
    "Locker, steel": ("7125", "120.50"),
    "Label printer": ("7025", "299.01"),
}


def ids_in(world: World, entity: type[Document]) -> list[int]:
    """The documents of a type, oldest first."""
    with world.app.app_context():
        return list(db.session.scalars(db.select(entity.id).order_by(entity.id)))


def look(world: World, entity: Any, pk: int, *names: str) -> tuple[str, ...]:
    """Some facts of a record, as text."""
    with world.app.app_context():
        record = db.session.get(entity, pk)
        return tuple(str(getattr(record, name)) for name in names)


def balances(world: World) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Pre-encumbered, encumbered, expended, available of S1 and S2; and the books agree."""
    with world.app.app_context():
        assert ledger.reconcile(db.session()) == []
        return world.balance("S1"), world.balance("S2")


def line_ids(world: World, pk: int) -> list[int]:
    """A document's lines, in order."""
    with world.app.app_context():
        return [line.id for line in db.session.get(Document, pk).lines]


class Story:
    """The cast, and what has come about so far."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.signed_in: dict[tuple[str, Any], Person] = {}
        self.basket = self.first = self.second = 0
        self.orders: dict[str, int] = {}
        self.requests: dict[str, int] = {}

    def person(self, name: str) -> Person:
        """Somebody at work on this day; who comes back on another day signs in again."""
        today = (name, self.world.clock())
        if today not in self.signed_in:
            self.signed_in[today] = Person(self.world.app, name)
        return self.signed_in[today]

    rosa = property(lambda self: self.person("requester"))
    amos = property(lambda self: self.person("approver"))
    rex = property(lambda self: self.person("receiver"))
    fay = property(lambda self: self.person("fiscal"))

    def fill_the_basket(self) -> None:
        """Rosa shops, adds three lines by code, and funds them."""
        for name, count, _, _ in LINES[:4]:
            answer = self.rosa.post(f"/items/add/{self.world.ids[f'item {name}']}", quantity=count)
            assert answer.status_code == 200
        (self.basket,) = ids_in(self.world, MarketBasket)
        for name, count, _, _ in LINES[4:]:
            self.rosa.post(f"/market-basket/line/{self.basket}/add")
            code, price = CODES[name]
            row = line_ids(self.world, self.basket)[-1]
            saved = self.rosa.post(
                f"/market-basket/line/{self.basket}/{row}/save",
                description=name,
                quantity=count,
                unit="EA",
                unit_price=price,
                commodity_code=str(self.world.ids[code]),
                delivery_on="2026-12-14",
            )
            assert saved.status_code == 200, words(saved.text)
        funded = self.fund_all(("S1", "60"), ("S2", "40"))
        assert "Funding: 7 lines changed." in words(funded.text)

    def fund_all(self, *parts: tuple[str, str]) -> Any:
        """One split for every line."""
        return fund_alike(self.rosa, self.world, "market-basket", self.basket, *parts)

    def fund_line(self, number: int, basis: str, *parts: tuple[str, str]) -> Any:
        """The split of one line."""
        row = line_ids(self.world, self.basket)[number - 1]
        return self.rosa.post(
            f"/market-basket/line/{self.basket}/{row}/funding",
            basis=basis,
            strip=[str(self.world.ids[strip]) for strip, _ in parts],
            share=[share for _, share in parts],
        )

    def change_line(self, number: int, **fields: str) -> Any:
        """One line's page, sent as the browser sends it, with some fields changed."""
        row = line_ids(self.world, self.basket)[number - 1]
        address = f"/market-basket/line/{self.basket}/{row}/"
        form = form_to(self.rosa.get(address).text, "")
        return self.rosa.post(address, **form.sent(**fields))

    def route_and_release(self, kind: str, pk: int) -> None:
        """Amos routes, approves and releases a document that the basket made."""
        for action in ("route", "approve", "release"):
            answer = self.amos.press(kind, pk, action)
            assert answer.status_code == 200, words(answer.text).partition("There is a problem")[2][:800]


def test_the_main_job(both: World) -> None:
    story = Story(both)
    the_basket_is_refused_until_it_is_whole(story)
    the_basket_is_approved_and_released_once(story)
    requests_and_orders_set_the_money_aside(story)
    too_much_is_refused(story)
    the_goods_come_in(story)
    the_first_invoice_is_scheduled_for_its_discount(story)
    the_second_invoice_is_paid_short(story)
    holds_and_debarments_stop_the_payment(story)
    the_payments_leave(story)
    everything_can_be_printed_and_read(story)


def the_basket_is_refused_until_it_is_whole(story: Story) -> None:
    world, rosa = story.world, story.rosa
    story.fill_the_basket()
    with world.app.app_context():
        basket = db.session.get(MarketBasket, story.basket)
        assert [str(line.amount) for line in basket.lines] == [amount for _, _, amount, _ in LINES]
        assert str(basket.total) == "3488.91"
        assert str(basket.lines[0].over_tolerance.normalize()) == "1E+1"

    story.fund_line(5, "percent", ("S1", "60"), ("S2", "30"))
    story.change_line(6, ship_to="", ship_to_text="")
    story.change_line(7, delivery_on="")
    refused = rosa.press("market-basket", story.basket, "route")
    assert refused.status_code == 409
    said = words(refused.text)
    assert "Line 5: Class 71 is offered by an approved source" in said
    assert "Line 5: Funding adds up to 90 % of 100 %. Allocate the remaining 10 %, 85.00." in said
    assert "Line 6: Choose a ship-to address. Goods need one; services do not." in said
    assert "Line 7: Enter a delivery date." in said
    assert look(world, MarketBasket, story.basket, "state", "number") == ("draft", "None")

    story.change_line(5, justification="The agreement's credenza is 60 inches; the room needs 72.")
    story.change_line(6, ship_to=str(world.ids["clinic dock"]))
    story.change_line(7, delivery_on="2026-12-14")
    story.fund_line(5, "amount", ("S1", "500.00"), ("S2", "350.00"))
    with world.app.app_context():
        basket = db.session.get(MarketBasket, story.basket)
        assert [tuple(str(part.amount) for part in line.funding) for line in basket.lines] == [
            parts for _, _, _, parts in LINES
        ]
    preview = words(rosa.get(f"/market-basket/show/{story.basket}").text)
    for portion in (
        "Order to Adesso Supply 2 lines",
        "809.85",
        "Order to Correctional Industries 1 line",
        "Order to Bluegrass Toner 1 line",
        "Purchase request, class 71 2 lines",
        "1,332.00",
        "Purchase request, class 70 1 line",
    ):
        assert portion in preview


def the_basket_is_approved_and_released_once(story: Story) -> None:
    world, rosa, amos = story.world, story.rosa, story.amos
    assert "you routed it for approval" in words(rosa.press("market-basket", story.basket, "route").text)
    assert rosa.press("market-basket", story.basket, "approve").status_code == 403
    wrong = amos.press("market-basket", story.basket, "approve", password="not mine")
    assert wrong.status_code == 422 and "This is not your password" in words(wrong.text)
    assert look(world, MarketBasket, story.basket, "state") == ("routed",)
    amos.press("market-basket", story.basket, "approve")
    made = amos.press("market-basket", story.basket, "release", key="one click")
    assert "purchase request for 1,332.00" in words(made.text)
    for key in ("one click", "another session"):
        again = amos.press("market-basket", story.basket, "release", key=key)
        assert "nothing more happened" in words(again.text)
    with world.app.app_context():
        orders = list(db.session.scalars(db.select(DeliveryOrder).order_by(DeliveryOrder.id)))
        requests = list(db.session.scalars(db.select(PurchaseRequest).order_by(PurchaseRequest.id)))
        assert sorted((one.vendor.name, str(one.total), len(one.lines)) for one in orders) == [
            ("Adesso Supply", "809.85", 2),
            ("Bluegrass Toner", "428.05", 1),
            ("Correctional Industries", "620.00", 1),
        ]
        assert sorted((one.class_code, str(one.total), len(one.lines)) for one in requests) == [
            ("70", "299.01", 1),
            ("71", "1332.00", 2),
        ]
        assert {one.owner.username for one in (*orders, *requests)} == {"approver"}
        story.orders = {one.vendor.number.removeprefix("VN-"): one.id for one in orders}
        story.requests = {one.class_code: one.id for one in requests}
    assert balances(world)[0] == ("0.00", "0.00", "0.00", "3,000.00")


def requests_and_orders_set_the_money_aside(story: Story) -> None:
    for pk in story.requests.values():
        story.route_and_release("purchase-request", pk)
    assert balances(story.world) == (("968.61", "0.00", "0.00", "2,031.39"), ("662.40", "0.00", "0.00", "1,337.60"))
    for pk in story.orders.values():
        story.route_and_release("delivery-order", pk)
    assert balances(story.world) == (("968.61", "1,114.74", "0.00", "916.65"), ("662.40", "743.16", "0.00", "594.44"))


def too_much_is_refused(story: Story) -> None:
    """An eighth line of 920.00 on S1 alone."""
    world = story.world
    rosa, amos = story.rosa, story.amos
    page = rosa.post("/purchase-request/add", title="One more cabinet")
    pk = ids_in(world, PurchaseRequest)[-1]
    assert page.status_code == 200
    rosa.post(f"/purchase-request/line/{pk}/add")
    (row,) = line_ids(world, pk)
    rosa.post(
        f"/purchase-request/line/{pk}/{row}/save",
        description="Cabinet",
        quantity="1",
        unit="EA",
        unit_price="920.00",
        commodity_code=str(world.ids["7035"]),
        delivery_on="2026-12-14",
    )
    fund_alike(rosa, world, "purchase-request", pk, ("S1", "100"))
    assert "920.00 asked, 3.35 short" in words(rosa.press("purchase-request", pk, "route").text)
    amos.press("purchase-request", pk, "approve")
    refused = amos.press("purchase-request", pk, "release")
    assert refused.status_code == 409
    assert "S1: 916.65 available, 920.00 asked, 3.35 short" in words(refused.text)
    assert look(world, PurchaseRequest, pk, "state") == ("approved",)
    assert balances(world)[0] == ("968.61", "1,114.74", "0.00", "916.65")
    amos.press("purchase-request", pk, "cancel", comment="No money this year")


def receive(story: Story, order: str, day: str, **quantities: str) -> Any:
    """Rex records what came on a day; lines that he does not name stay empty."""
    story.world.clock.on(day)
    address = f"/receipt/add?order={story.orders[order]}"
    form = form_to(story.rex.get(address).text, "")
    rows = {name: "" for name in form.fields if re.fullmatch(r"line-\d+-quantity", name)}
    return story.rex.post(
        address,
        **form.sent(
            received_on=day,
            do="record",
            **(rows | {f"line-{line.removeprefix('line_')}-quantity": count for line, count in quantities.items()}),
        ),
    )


def the_goods_come_in(story: Story) -> None:
    world = story.world
    assert "you recorded it" in words(receive(story, "A", "2026-12-01", line_1="10").text)
    assert "you recorded it" in words(receive(story, "A", "2026-12-03", line_1="3").text)
    refused = receive(story, "A", "2026-12-03", line_1="1")
    assert refused.status_code == 409
    assert "14 received in all; 12 ordered, 10 % over allows 13.2; over by 0.8" in words(refused.text)
    assert "you recorded it" in words(receive(story, "A", "2026-12-03", line_2="3").text)
    page = words(story.rex.get(f"/delivery-order/show/{story.orders['A']}").text)
    assert "13 of 12" in page and "3 of 3" in page
    with world.app.app_context():
        assert len(ids_in(world, Receipt)) == 3
    assert story.amos.get(f"/receipt/add?order={story.orders['A']}").status_code == 403


def bill(story: Story, order: str, number: str, dated: str, **prices: str) -> int:
    """Fay enters an invoice for all lines of an order, and corrects the prices that the vendor billed."""
    address = f"/invoice/add?order={story.orders[order]}"
    form = form_to(story.fay.get(address).text, "/invoice/add")
    answer = story.fay.post(
        "/invoice/add",
        **form.sent(
            vendor_invoice_number=number, invoiced_on=dated, received_on=story.world.clock().date().isoformat()
        ),
    )
    assert answer.status_code == 200, words(answer.text).partition("There is a problem")[2][:800]
    pk = ids_in(story.world, Invoice)[-1]
    with story.world.app.app_context():
        rows = [line.id for line in db.session.get(Invoice, pk).invoice_lines]
    for line, values in prices.items():
        quantity, price = values.split("@")
        saved = story.fay.post(
            f"/invoice/billed/{pk}/{rows[int(line.removeprefix('line_')) - 1]}/save",
            quantity=quantity,
            unit_price=price,
        )
        assert saved.status_code == 200
    return pk


def the_first_invoice_is_scheduled_for_its_discount(story: Story) -> None:
    world = story.world
    world.clock.on("2026-12-07")
    fay, amos = story.fay, story.amos
    pk = bill(story, "A", "A-1001", "2026-12-04", line_1="13@44.99", line_2="3@89.99")
    assert look(world, Invoice, pk, "total") == ("854.84",)
    page = words(fay.get(f"/invoice/show/{pk}").text)
    assert "Matched" in page

    form = form_to(fay.get(f"/invoice/add?order={story.orders['A']}").text, "/invoice/add")
    twice = fay.post(
        "/invoice/add", **form.sent(vendor_invoice_number="a 1001", invoiced_on="2026-12-04", received_on="2026-12-07")
    )
    assert twice.status_code == 422 and "already" in words(twice.text)

    fay.press("invoice", pk, "route")
    assert fay.press("invoice", pk, "approve").status_code == 403
    amos.press("invoice", pk, "approve")
    processed = fay.press("invoice", pk, "release")
    assert processed.status_code == 200, words(processed.text).partition("There is a problem")[2][:800]
    assert look(world, Invoice, pk, "due_on", "discount_on", "discount_amount", "scheduled_on") == (
        "2027-01-06",
        "2026-12-14",
        "17.10",
        "2026-12-14",
    )
    assert "31.95 %" in look(world, Invoice, pk, "schedule_reason")[0]
    assert balances(world) == (("968.61", "628.83", "512.90", "889.66"), ("662.40", "419.22", "341.94", "576.44"))
    story.first = pk


def the_second_invoice_is_paid_short(story: Story) -> None:
    world, fay, amos = story.world, story.fay, story.amos
    pk = bill(story, "B", "B-77", "2026-12-04", line_1="7@62.15")
    assert look(world, Invoice, pk, "total") == ("435.05",)
    waits = fay.press("invoice", pk, "route")
    assert waits.status_code == 409 and "nothing received" in words(waits.text)
    receive(story, "B", "2026-12-08", line_1="7")
    fay, amos = story.fay, story.amos
    differs = fay.press("invoice", pk, "route")
    assert differs.status_code == 409
    assert "Line 1: price 62.15, order 61.15, tolerance 0 %, over by 1.00 each, 7.00 in all" in words(differs.text)
    fay.post(f"/invoice/billed/{pk}/short-pay", reason="The order says 61.15")
    assert look(world, Invoice, pk, "total") == ("428.05",)
    fay.press("invoice", pk, "route")
    amos.press("invoice", pk, "approve")
    fay.press("invoice", pk, "release")
    assert look(world, Invoice, pk, "state") == ("released",)
    assert balances(world) == (("968.61", "372.00", "769.73", "889.66"), ("662.40", "248.00", "513.16", "576.44"))
    story.second = pk
    other = bill(story, "KCI", "A-1001", "2026-12-07")
    assert look(world, Invoice, other, "vendor_invoice_number") == ("A-1001",)
    fay.press("invoice", other, "cancel", comment="Only to see that another vendor may use the number")


def holds_and_debarments_stop_the_payment(story: Story) -> None:
    world = story.world
    with world.app.app_context():
        queue = {
            one.invoice_id: (str(one.amount), one.scheduled_on.isoformat())
            for one in db.session.scalars(db.select(Payment))
        }
        second = db.session.get(Invoice, story.second)
        assert queue == {story.first: ("837.74", "2026-12-14"), story.second: ("428.05", second.due_on.isoformat())}
        due = second.due_on.isoformat()
    cora = story.person("crc")
    vendor = str(world.ids["vendor B"])
    cora.post("/vendor-hold/add", vendor=vendor, reason="Returned goods", starts_on="2026-12-01", ends_on="2026-12-31")
    cora.post("/debarment/add", vendor=vendor, reason="Collusion", starts_on="2027-01-01", expires_on="2027-01-31")
    world.clock.on("2026-12-14")
    early = story.fay.press("invoice", story.second, "close")
    assert early.status_code == 409 and f"scheduled for {due}" in words(early.text)
    assert "on hold (Returned goods)" in words(early.text)
    world.clock.on(due)
    barred = story.fay.press("invoice", story.second, "close")
    assert barred.status_code == 409 and "debarred until 2027-01-31" in words(barred.text)


def the_payments_leave(story: Story) -> None:
    world = story.world
    world.clock.on("2026-12-14")
    fay = story.fay
    fay.press("invoice", story.first, "close", reference="Check 10001")
    assert look(world, Invoice, story.first, "state") == ("closed",)
    assert balances(world) == (("968.61", "372.00", "759.47", "899.92"), ("662.40", "248.00", "506.32", "583.28"))
    again = fay.press("invoice", story.first, "close", reference="Check 10002")
    assert "nothing more happened" in words(again.text)
    world.clock.on("2027-02-01")
    excuse = "The vendor could not be paid until January 31"
    assert "Late: a penalty of $4.28" in words(story.fay.get(f"/invoice/show/{story.second}").text)
    story.fay.press("invoice", story.second, "close", reference="Check 10003", no_penalty=excuse)
    with world.app.app_context():
        paid = {
            one.invoice_id: (str(one.amount), one.reference, one.penalty_reason)
            for one in db.session.scalars(db.select(Payment))
        }
    assert paid == {story.first: ("837.74", "Check 10001", ""), story.second: ("428.05", "Check 10003", excuse)}
    balances(world)


def everything_can_be_printed_and_read(story: Story) -> None:
    world = story.world
    amos, fay = story.amos, story.fay
    for kind, entity, person in (
        ("market-basket", MarketBasket, amos),
        ("delivery-order", DeliveryOrder, amos),
        ("purchase-request", PurchaseRequest, amos),
        ("receipt", Receipt, fay),
        ("invoice", Invoice, fay),
    ):
        for pk in ids_in(world, entity):
            printed = person.get(f"/{kind}/print/{pk}")
            assert printed.status_code == 200 and printed.data.startswith(b"%PDF"), kind
    history = words(amos.get(f"/market-basket/show/{story.basket}").text)
    for sentence in ("Rosa Requester routed it for approval", "Amos Approver approved it", "Amos Approver released it"):
        assert sentence in history
    with world.app.app_context():
        assert audit.verify(db.session()) == []


@pytest.mark.parametrize("name", ["requester", "outsider"])
def test_only_the_office_sees_it(world: World, name: str) -> None:
    """A basket of the Clinic is there for the Clinic and not for Parks."""
    Person(world.app, "requester").post("/market-basket/add", title="Pens for the Clinic")
    (pk,) = ids_in(world, MarketBasket)
    someone = Person(world.app, name)
    assert someone.get(f"/market-basket/show/{pk}").status_code == (200 if name == "requester" else 404)
    assert ("Pens for the Clinic" in someone.get("/market-basket/list/").text) is (name == "requester")


@pytest.mark.parametrize("kind", ["purchase-request", "market-basket"])
def test_a_list_shows_the_status_as_a_pill(world, kind):
    """Coloured, and by its word for people: `routed` is what the database says."""
    (a_request if kind == "purchase-request" else a_basket)(world, "routed")
    page = Person(world.app, "approver").get(f"/{kind}/list/").text
    assert '<td><span class="chip chip-info">In approval</span></td>' in page
