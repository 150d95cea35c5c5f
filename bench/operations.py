"""What is measured: the day's work of an office, as a browser or a program asks for it."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.client import Answer, Browser, Program, Session, today


@dataclass(frozen=True)
class Operation:
    """One row of the table. `run` is timed; what it needs is made before by `prepare`, which hands it over."""

    name: str
    goal: float
    run: Callable[[Any], list[Answer]]
    prepare: Callable[[], Any] = lambda: None
    most_statements: int = 0
    times: int = 30


class Work:
    """The people who work, signed in, and the documents that they work on."""

    def __init__(self, address: str) -> None:
        self.address, self.count = address, itertools.count(1)
        names = ("requester", "approver", "buyer", "receiver", "fiscal", "admin", "manager")
        self.at: dict[str, Browser] = {name: Browser(address, name) for name in names}
        self.by: dict[str, Program] = {name: Program(address, name) for name in names}
        for one in (*self.at.values(), *self.by.values()):
            one.sign_in()
        self._sign_for_a_while()
        self.strip = self.by["requester"].get("/funding-strip?active.is=true").json["rows"][0]["id"]
        self.code = self.by["requester"].get("/commodity-code?active.is=true").json["rows"][0]["id"]
        self.agreement, self.lines = self._agreement()
        self.items = self._items()
        self.large, self.small = self._request(50, routed=True), self._request(10, routed=False)
        self.busiest = self.by["buyer"].get("/delivery-order?order=-total&size=1").json["rows"][0]["vendor"]["id"]

    def _sign_for_a_while(self) -> None:
        """A password is good for some minutes: otherwise its hash, slow on purpose, would be what is measured."""
        self.by["admin"].post("/policy", name="signature window", value="60", effective_from="2020-01-01")

    def _agreement(self) -> tuple[int, list[int]]:
        buyer = self.by["buyer"]
        for one in buyer.get("/master-agreement?state.is=released&size=200").json["rows"]:
            lines = [row["id"] for row in buyer.get(f"/master-agreement/{one['id']}/lines").json["rows"]]
            if len(lines) >= 3:
                try:
                    self._order_by_call(one["id"], lines[:3])
                    return one["id"], lines[:3]
                except RuntimeError:
                    continue
        raise RuntimeError("There is no agreement to order from.")

    def _order_by_call(self, agreement: int, lines: list[int]) -> int:
        rows = [{"agreement_line": one, "quantity": "1"} for one in lines]
        return self.by["buyer"].post("/delivery-order", agreement=agreement, lines=rows).json["id"]

    def _request(self, lines: int, routed: bool) -> int:
        requester = self.by["requester"]
        made = requester.post("/purchase-request", title=f"A need of {lines} lines").json["id"]
        for number in range(lines):
            requester.post(
                f"/purchase-request/{made}/lines",
                description=f"Thing {number}",
                quantity="2",
                unit_price="1.50",
                commodity_code=self.code,
                delivery_on="2027-03-01",
                justification="Nothing else fits",
                funding={"basis": "percent", "parts": [{"strip": self.strip, "share": "100"}]},
            )
        if routed:
            requester.act("purchase-request", made, "route")
        return made

    # The documents that the timed steps need: orders of three lines, as a released basket makes them.

    def _items(self) -> list[int]:
        """Three items of one vendor that may be ordered today."""
        requester, found = self.by["requester"], dict[int, list[int]]()
        trial = requester.post("/market-basket", title="Trial").json["id"]
        for one in requester.get("/catalog-item?source.is=catalog&size=200").json["rows"]:
            try:
                requester.post(f"/market-basket/{trial}/lines", item=one["id"], quantity="1")
            except RuntimeError:
                continue
            found.setdefault(one["vendor"]["id"], []).append(one["id"])
            if len(found[one["vendor"]["id"]]) == 3:
                return found[one["vendor"]["id"]]
        raise RuntimeError("There are no three items of one vendor to order.")

    def drafted(self) -> int:
        """An order of three lines, funded."""
        requester, approver = self.by["requester"], self.by["approver"]
        basket = requester.post("/market-basket", title="Three things").json["id"]
        funding = {"basis": "percent", "parts": [{"strip": self.strip, "share": "100"}]}
        for item in self.items:
            requester.post(f"/market-basket/{basket}/lines", item=item, quantity="1", funding=funding)
        requester.act("market-basket", basket, "route")
        approver.act("market-basket", basket, "approve")
        return approver.act("market-basket", basket, "release").json["made"][0]["id"]

    def routed(self) -> int:
        """The same, waiting for a signature."""
        order = self.drafted()
        self.by["approver"].act("delivery-order", order, "route")
        return order

    def ordered(self) -> int:
        """The same, released."""
        order = self.routed()
        for action in ("approve", "release"):
            self.by["approver"].act("delivery-order", order, action)
        return order

    def received(self) -> int:
        """The same, received."""
        order = self.ordered()
        rows = [{"order_line": one["id"], "quantity": one["quantity"]} for one in self.lines_of(order)]
        made = self.by["receiver"].post("/receipt", order=order, lines=rows).json["id"]
        self.by["receiver"].act("receipt", made, "release")
        return order

    def lines_of(self, order: int) -> list[dict[str, Any]]:
        """The lines of an order."""
        return self.by["approver"].get(f"/delivery-order/{order}/lines").json["rows"]


def _opens(person: Session, path: str) -> Callable[[Any], list[Answer]]:
    return lambda _: [person.get(path)]


def pages(work: Work) -> Iterator[Operation]:
    """What is looked at."""
    buyer, caller = work.at["buyer"], work.by["buyer"]
    lists = (
        ("newest first", "", ""),
        ("filtered by vendor", f"_flt_0_vendor={work.busiest}&", f"vendor.is={work.busiest}&"),
        ("sorted by amount", "order=total&dir=desc&", "order=-total&"),
        ("page 100", "page=100&", "page=100&"),
    )
    for name, page, call in lists:
        yield Operation(
            f"list, {name}: page", 15, _opens(buyer, f"/delivery-order/list/?{page}size=80"), most_statements=12
        )
        yield Operation(f"list, {name}: call", 8, _opens(caller, f"/delivery-order?{call}size=80"), most_statements=12)
    yield Operation(
        "open a document of 50 lines", 25, lambda _: [work.at["requester"].get(f"/purchase-request/show/{work.large}")]
    )
    yield Operation("inbox", 25, lambda _: [work.at["approver"].get("/inbox/")])
    yield Operation("home", 25, lambda _: [work.at["approver"].get("/")])
    searches = itertools.cycle(
        ("toner", "stainless valve", "black office chair", "magnetic", "recycled paper", "digital scanner premium")
    )
    misspelt = itertools.cycle(("conrete", "asphlat pipe", "keybord", "ergnomic chair"))
    yield Operation(
        "item search", 15, lambda _: [work.at["requester"].get(f"/items/?q={next(searches).replace(' ', '+')}")]
    )
    yield Operation(
        "item search, misspelt",
        15,
        lambda _: [work.at["requester"].get(f"/items/?q={next(misspelt).replace(' ', '+')}")],
    )


def deeds(work: Work) -> Iterator[Operation]:
    """What is done."""
    requester = work.at["requester"]
    line = work.by["requester"].get(f"/purchase-request/{work.small}/lines").json["rows"][0]["id"]
    prices = itertools.count(100)
    yield Operation(
        "save one line, with totals",
        12,
        lambda _: [
            requester.post(
                f"/purchase-request/line/{work.small}/{line}/save",
                description="Thing",
                quantity="2",
                unit="EA",
                unit_price=str(next(prices)),
            )
        ],
    )
    buyer, approver = work.at["buyer"], work.at["approver"]
    quantities = {f"quantity-{one}": "1" for one in work.lines}
    yield Operation(
        "create an order of 3 lines",
        20,
        lambda _: [
            buyer.post(
                "/delivery-order/add", agreement=str(work.agreement), do="make", title="Three lines", **quantities
            )
        ],
    )
    yield Operation(
        "approve and release an order",
        30,
        lambda order: [approver.post(f"/delivery-order/act/{order}/{one}") for one in ("approve", "release")],
        work.routed,
        times=15,
    )
    receiver = work.at["receiver"]
    yield Operation(
        "receive 3 lines", 25, lambda known: [receiver.post("/receipt/add", **known)], lambda: _receipt(work), times=15
    )
    yield Operation("invoice: create, match, process", 40, lambda order: _invoice(work, order), work.received, times=15)
    order = work.ordered()
    yield Operation("order as PDF", 60, lambda _: [buyer.get(f"/delivery-order/print/{order}")])
    yield Operation(
        "sign in",
        120,
        lambda person: [person.post("/login/", username="buyer2", password="purser-demo")],
        lambda: _visitor(work),
        times=10,
    )


def _receipt(work: Work) -> dict[str, str]:
    order = work.ordered()
    page = work.at["receiver"].get(f"/receipt/add?order={order}").text
    by = page.partition('name="received_by_id"')[2].partition('value="')[2].partition('"')[0]
    rows = {
        f"line-{one['position']}-{name}": one[name] for one in work.lines_of(order) for name in ("quantity", "unit")
    }
    day = today().isoformat()
    return {"order": str(order), "received_on": day, "received_by_id": by, "do": "record", **rows}


def _invoice(work: Work, order: int) -> list[Answer]:
    """The signature between routing and processing is not counted."""
    fiscal, day = work.at["fiscal"], today().isoformat()
    number, page = f"BENCH-{next(work.count)}-{order}", work.at["fiscal"].get(f"/invoice/add?order={order}").text
    place = page.partition('name="remit_to_id"')[2].partition("<option")[2].partition('value="')[2].partition('"')[0]
    fields = {"vendor_invoice_number": number, "invoiced_on": day, "received_on": day, "remit_to_id": place}
    made = fiscal.post("/invoice/add", order=str(order), **fields)
    invoice = made.location.rpartition("/")[2]
    matched = fiscal.post(f"/invoice/act/{invoice}/route")
    work.at["approver"].post(f"/invoice/act/{invoice}/approve")
    return [made, matched, fiscal.post(f"/invoice/act/{invoice}/release")]


def _visitor(work: Work) -> Browser:
    person = Browser(work.address, "buyer2")
    person.csrf = person.read_token(person.get("/login/"))
    return person
