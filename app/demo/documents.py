"""Baskets, requests and orders: who asked for what, how many days ago, and how far it has come."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app import totals
from app.demo import courses, orders, papers, shopping
from app.demo.cast import HOUSEHOLDS, PURCHASING, Household
from app.demo.stage import Stage
from app.entities.awards import DeliveryOrder, MasterAgreement
from app.entities.document import Document
from app.entities.lines import LineAcceptance, LineItem
from app.entities.requests import MarketBasket, PurchaseRequest, SuggestedVendor

FATES = {
    "draft": "",
    "routed": "route",
    "returned": "route return",
    "corrected": "route return route sign release",
    "approved": "route sign",
    "cancelled": "route recall cancel",
    "released": "route sign release",
    "freed": "route sign release cancel",
    "half signed": "route first",
}
"""How far a basket or request comes → its steps."""

BASKETS: Sequence[tuple[str, str, Sequence[int]]] = (
    ("health", "draft", (1, 4)),
    ("health", "routed", (1, 1, 2, 2, 3, 5, 6, 8, 9)),
    ("health", "returned", (3, 7)),
    ("health", "approved", (4, 6)),
    ("health", "cancelled", (15,)),
    ("health", "corrected", (33,)),
    ("health", "released", (7, 12, 17, 20, 23, 26, 29, 36, 41, 47, 55, 62, 71)),
    ("north", "routed", (2,)),
    ("north", "released", (9, 27, 53)),
    ("parks", "draft", (3,)),
    ("parks", "routed", (6,)),
    ("parks", "returned", (5,)),
    ("parks", "released", (8, 25, 50)),
    ("works", "routed", (1,)),
    ("works", "approved", (4,)),
    ("works", "released", (15, 35, 58)),
    ("library", "routed", (4,)),
    ("library", "released", (10, 31, 60)),
    ("police", "cancelled", (20,)),
    ("police", "released", (21, 49)),
    ("airport", "routed", (2,)),
    ("airport", "released", (13, 42, 70)),
)
"""Household, fate, and for each basket how many days ago it was begun."""

REQUESTS: Sequence[tuple[str, str, str, int]] = (
    ("health", "visits", "half signed", 8),
    ("health", "clinic", "draft", 2),
    ("health", "clinic", "routed", 3),
    ("health", "it", "returned", 6),
    ("health", "clinic", "approved", 5),
    ("health", "clinic", "released", 18),
    ("health", "office", "freed", 40),
    ("north", "clinic", "released", 30),
    ("parks", "parks", "released", 26),
    ("parks", "parks", "routed", 4),
    ("works", "works", "released", 37),
    ("library", "library", "released", 22),
    ("police", "police", "released", 12),
    ("police", "it", "cancelled", 28),
)
"""Requests made without a basket: household, theme, fate, days ago."""

SERVICE_ORDERS: Sequence[tuple[str, str, str, int]] = (
    ("health", "ELEV", "paid", 68),
    ("library", "ELEV", "billed", 36),
    ("police", "FIRE", "received", 33),
    ("north", "PEST", "paid", 61),
    ("parks", "UNIF", "part", 44),
    ("works", "WIRE", "paid in parts", 72),
    ("library", "PARC", "open", 16),
    ("health", "SHRD", "routed", 5),
)
"""Orders that a purchasing technician writes straight from an agreement: household, agreement, course, days ago."""

BOUGHT: Sequence[tuple[str, str, str, int]] = (
    ("health", "TONR", "paid", 34),
    ("health", "OFF1", "in time", 11),
    ("north", "MED1", "in time", 12),
    ("library", "IT1", "in time", 10),
    ("health", "FUR2", "in time", 13),
    ("police", "OFF1", "in time", 9),
)
"""Baskets of one agreement: household, agreement, course of the order, days ago. The first waits for its payment when
its vendor is put on hold; the bills of the others are in time for their discount."""

REASONS = {
    "return": (
        "Please take the quantity down to a month's need.",
        "The second line belongs on the grant.",
        "Add the quote that the price comes from.",
        "Ask the technician whether stock has it first.",
    ),
    "cancel": ("Bought together with another office.", "The event was called off.", "No longer needed."),
}


@dataclass
class Errand:
    """A basket or a request on its way through the office."""

    stage: Stage
    household: Household
    document: MarketBasket | PurchaseRequest
    steps: list[str]
    age: int
    course: str = ""
    made: list[Document] = field(default_factory=list)

    def go_on(self) -> None:
        """Plan the next step, if there is one."""
        if self.steps:
            delay = {"sign": 1, "first": 1, "return": 1, "recall": 1, "cancel": 6}.get(self.steps[0], 0)
            self.stage.diary.later(delay, self.step)

    def step(self) -> None:
        """Take the next step."""
        stage, document, name = self.stage, self.document, self.steps.pop(0)
        if name in ("sign", "first"):
            stage.act(stage.signer(document), document, "approve")
            if document.state == "routed" and name == "sign":  # somebody else has to sign as well
                self.steps.insert(0, "sign")
        elif name == "return":
            stage.act(stage.signer(document), document, "disapprove", stage.dice.choice(REASONS["return"]))
        elif name == "release":
            self.made = stage.act(self.household.approver, document, "release")
            for made in self.made:
                self.follow(made)
        else:
            person = self.household.approver if document.state == "released" else self.household.requester
            stage.act(person, document, name, stage.dice.choice(REASONS["cancel"]) if name == "cancel" else "")
        self.go_on()

    def follow(self, made: Document) -> None:
        """What becomes of an order or a request that the release of a basket has made."""
        if isinstance(made, DeliveryOrder):
            orders.follow(
                self.stage, self.household, made, self.course or courses.course(self.stage, self.household, self.age)
            )
        elif isinstance(made, PurchaseRequest):
            fate = self.stage.dice.choice(("routed", "approved", "draft") if self.age < 12 else ("released",))
            Errand(self.stage, self.household, made, FATES[fate].split(), self.age).go_on()


def plan(stage: Stage) -> int:
    """Write everything into the diary that the cast begins. Returns how many errands."""
    diary = stage.diary
    for name, fate, days in BASKETS:
        for age in days:
            begin = _begin(stage, age)
            diary.plan(begin, lambda n=name, f=fate, a=age: _basket(stage, HOUSEHOLDS[n], f, a))
    for name, theme, fate, age in REQUESTS:
        diary.plan(_begin(stage, age), lambda n=name, t=theme, f=fate, a=age: _request(stage, HOUSEHOLDS[n], t, f, a))
    for name, key, course, age in SERVICE_ORDERS:
        diary.plan(_begin(stage, age), lambda n=name, k=key, c=course, a=age: _service(stage, HOUSEHOLDS[n], k, c, a))
    for name, key, course, age in BOUGHT:
        diary.plan(
            _begin(stage, age),
            lambda n=name, k=key, c=course, a=age: _basket(stage, HOUSEHOLDS[n], "released", a, k, c),
        )
    return sum(len(days) for *_, days in BASKETS) + len(REQUESTS) + len(SERVICE_ORDERS) + len(BOUGHT)


def _begin(stage: Stage, age: int) -> date:
    return stage.diary.calendar.previous_business_day(stage.diary.ago(age))


def _delivery(stage: Stage, age: int) -> date:
    """A day that can be met: what is still on somebody's desk has to be deliverable when it is signed today."""
    if age >= 40:
        return stage.diary.today + timedelta(days=stage.dice.randint(28, 38))
    return stage.diary.ago(-stage.dice.randint(9, 28))


def _basket(stage: Stage, household: Household, fate: str, age: int, agreement: str = "", course: str = "") -> None:
    theme = "office" if agreement else stage.dice.choice(household.themes)
    with stage.writing(household.requester):
        basket = stage.start(
            household.requester, MarketBasket, title=shopping.title(stage, theme), **_offices(stage, household)
        )
        key = stage.ids[f"agreement {agreement}"] if agreement else None
        basket.lines = shopping.chosen(stage, household, theme, _delivery(stage, age), key)
        if fate == "draft":
            basket.lines[-1].delivery_on = None  # a draft has something left to do
        totals.settle(basket)
        papers.pin(stage, basket, household.requester)
    Errand(stage, household, basket, FATES[fate].split(), age, course).go_on()


def _request(stage: Stage, household: Household, theme: str, fate: str, age: int) -> None:
    with stage.writing(household.requester):
        lines = shopping.needed(stage, household, theme, _delivery(stage, age), 2)
        request = stage.start(
            household.requester,
            PurchaseRequest,
            title=lines[0].description,
            type_of_action="new",
            suggested_contract_type="fixed price",
            class_code="",
            **_offices(stage, household),
        )
        request.lines = lines
        totals.settle(request)
        stage.session.flush()
        code = request.lines[0].commodity_code
        request.class_code = code.class_code if code is not None else ""
        vendors = [key for key in stage.ids if key.startswith("vendor ") and "fictitious" not in key]
        request.suggested_vendors = [
            SuggestedVendor(vendor_id=stage.ids[name], note="Has quoted before.")
            for name in stage.dice.sample(vendors, 2)
        ]
        request.contacts = [papers.contact(stage, household.receiver, "access to the building")]
        papers.pin(stage, request, household.requester, always=True)
    Errand(stage, household, request, FATES[fate].split(), age).go_on()


def _offices(stage: Stage, household: Household) -> dict[str, object]:
    agency = household.office.partition("-")[0]
    return {
        "organization_id": stage.ids[household.office],
        "requesting_office_id": stage.ids[household.office],
        "issuing_office_id": stage.ids[PURCHASING],
        "buying_entity_id": stage.ids[agency],
        "agency_code": agency,
    }


def _service(stage: Stage, household: Household, key: str, course: str, age: int) -> None:
    """The technician takes the agreement's terms and two of its lines; the office's approver signs."""
    agreement = stage.session.get_one(MasterAgreement, stage.ids[f"agreement {key}"])
    with stage.writing("technician"):
        lines: list[LineItem] = shopping.chosen(stage, household, "office", _delivery(stage, age), agreement.id)
        for line in lines:
            line.acceptances = [LineAcceptance(user_id=stage.ids[household.receiver], role="receiver")]
        order = stage.start(
            "technician",
            DeliveryOrder,
            title=f"{agreement.title}, {household.office}",
            agreement_id=agreement.id,
            vendor_id=agreement.vendor_id,
            organization_id=stage.ids[household.office],
            subtype="catalog",
            issuing_office_id=stage.ids[PURCHASING],
            discount_percent=agreement.discount_percent,
            discount_days=agreement.discount_days,
            net_days=agreement.net_days,
            quote_on=stage.diary.today,
        )
        order.lines = lines
        totals.settle(order)
    orders.follow(stage, household, order, course, by="technician", released_by="buyer")
