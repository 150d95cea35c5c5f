"""The main job by calls alone, as another program would do it: from the need to the payment. Source: OP-02."""

from typing import Any

import pytest

from app import ledger
from app.extensions import db
from tests.support.calls import Caller
from tests.support.world import World


class Cast:
    """Whoever is needed, with a token."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known: dict[str, Caller] = {}

    def __getattr__(self, name: str) -> Caller:
        if name not in self._known:
            self._known[name] = Caller(self.world.app, name)
        return self._known[name]


@pytest.fixture
def cast(both: World) -> Cast:
    return Cast(both)


def balance(cast: Cast, strip: str) -> tuple[str, ...]:
    """Pre-encumbered, encumbered, expended."""
    with cast.world.app.app_context():
        return cast.world.balance(strip)[:3]


def good(answer: Any, status: int = 200) -> Any:
    """What a call answers, when it does what it should."""
    assert answer.status_code == status, answer.json
    return answer.json


def through(cast: Cast, kind: str, pk: int, *steps: tuple[str, str]) -> Any:
    """Some steps of a document, each by somebody."""
    said = None
    for who, action in steps:
        said = good(getattr(cast, who).act(kind, pk, action))
    return said


def a_funded_basket(cast: Cast) -> int:
    ids = cast.world.ids
    basket = good(cast.requester.post("/market-basket", {"title": "Desks and keys"}), 201)["id"]
    for name, quantity in (("Keyboard, wired USB, contoured", "12"), ("Keyboard, wireless with touchpad", "3")):
        line = {"item": ids[f"item {name}"], "quantity": quantity}
        line["funding"] = {
            "basis": "percent",
            "parts": [{"strip": ids["S1"], "share": "60"}, {"strip": ids["S2"], "share": "40"}],
        }
        good(cast.requester.post(f"/market-basket/{basket}/lines", line), 201)
    return basket


def test_from_the_need_to_the_payment(cast: Cast):
    basket = a_funded_basket(cast)
    assert good(cast.requester.get(f"/market-basket/{basket}"))["total"] == "809.85"
    assert good(cast.requester.get(f"/market-basket/{basket}/problems")) == {"problems": []}
    released = through(
        cast, "market-basket", basket, ("requester", "route"), ("approver", "approve"), ("approver", "release")
    )
    (made,) = released["made"]
    assert (made["kind"], made["total"]) == ("delivery-order", "809.85")
    assert released["document"]["state"] == "released"

    order = made["id"]
    through(cast, "delivery-order", order, ("approver", "route"), ("approver", "approve"), ("approver", "release"))
    assert balance(cast, "S1") == ("0.00", "485.91", "0.00")
    lines = good(cast.receiver.get(f"/delivery-order/{order}/lines"))["rows"]
    assert [(one["quantity"], one["amount"]) for one in lines] == [("12.0000", "539.88"), ("3.0000", "269.97")]

    came = {
        "order": order,
        "carrier": "UPS",
        "lines": [{"order_line": one["id"], "quantity": one["quantity"]} for one in lines],
    }
    receipt = good(cast.receiver.post("/receipt", came), 201)["id"]
    through(cast, "receipt", receipt, ("receiver", "release"))

    bill = {"order": order, "vendor_invoice_number": "A-100", "invoiced_on": "2026-11-23"}
    invoice = good(cast.fiscal.post("/invoice", bill), 201)
    assert invoice["total"] == "809.85"
    through(
        cast,
        "invoice",
        invoice["id"],
        ("fiscal", "route"),
        ("approver", "approve"),
        ("fiscal", "release"),
    )
    assert balance(cast, "S1") == ("0.00", "0.00", "485.91")
    payments = good(cast.fiscal.get("/payment"))["rows"]
    assert len(payments) == 1
    with cast.world.app.app_context():
        assert ledger.reconcile(db.session()) == []
    texts = [one["text"] for one in good(cast.fiscal.get(f"/invoice/{invoice['id']}/history"))["rows"]]
    assert any("routed it for approval" in one for one in texts)


def test_an_order_of_an_agreements_lines(cast: Cast):
    ids = cast.world.ids
    agreement = good(cast.buyer.get("/master-agreement?vendor.is=" + str(ids["vendor A"])))["rows"][0]
    line = good(cast.buyer.get(f"/master-agreement/{agreement['id']}/lines"))["rows"][0]
    wanted = {"agreement": agreement["id"], "lines": [{"agreement_line": line["id"], "quantity": "2"}]}
    order = good(cast.buyer.post("/delivery-order", wanted), 201)
    (made,) = good(cast.buyer.get(f"/delivery-order/{order['id']}/lines"))["rows"]
    assert (made["description"], made["quantity"]) == (line["description"], "2.0000")
    assert order["vendor"]["id"] == ids["vendor A"]

    twice = {**wanted, "lines": wanted["lines"] * 2}
    refused = cast.buyer.post("/delivery-order", twice)
    assert refused.status_code == 422
    assert "lines.1.agreement_line" in refused.json["fields"]


def test_an_invoice_is_corrected_line_by_line_and_paid_short(cast: Cast):
    from tests.support.making import a_receipt, a_released_order

    order = a_released_order(cast.world)
    a_receipt(cast.world, order, {1: "10"})
    bill = {"order": order, "vendor_invoice_number": "A-7", "invoiced_on": "2026-11-23"}
    invoice = good(cast.fiscal.post("/invoice", bill), 201)["id"]
    (line,) = good(cast.fiscal.get(f"/invoice/{invoice}/lines"))["rows"]
    changed = good(cast.fiscal.call("PATCH", f"/invoice/{invoice}/lines/{line['id']}", json={"quantity": "12"}))
    assert changed["amount"] == "539.88"
    refused = cast.fiscal.act("invoice", invoice, "route")
    assert refused.status_code == 409
    assert refused.json["problems"][0]["line"] == 1
    good(cast.fiscal.post(f"/invoice/{invoice}/actions/short-pay", {"comment": "Two are missing"}))
    assert good(cast.fiscal.get(f"/invoice/{invoice}"))["total"] == "449.90"
    good(cast.fiscal.act("invoice", invoice, "route"))


def test_what_is_sent_twice_is_done_once(cast: Cast):
    name = {"Idempotency-Key": "till-7-0001"}
    first = cast.requester.post("/purchase-request", {"title": "Chairs"}, headers=name)
    again = cast.requester.post("/purchase-request", {"title": "Chairs"}, headers=name)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["id"] == again.json["id"]
    assert again.json["repeated"]
    other = cast.buyer.post("/purchase-request", {"title": "Chairs"}, headers=name)
    assert other.status_code == 201, "a name is the person's own"

    basket = a_funded_basket(cast)
    for expected in (False, True):
        said = good(cast.requester.act("market-basket", basket, "route", headers=name))
        assert said["repeated"] is expected
    events = [
        one for one in good(cast.requester.get(f"/market-basket/{basket}/history"))["rows"] if "routed" in one["text"]
    ]
    assert len(events) == 1
