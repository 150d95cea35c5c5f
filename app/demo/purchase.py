"""One order of the demonstration on its way: what is still to happen, and what has come of it so far."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.demo.cast import Household
from app.demo.courses import DELAYS
from app.demo.stage import Stage
from app.entities.awards import DeliveryOrder
from app.entities.payables import Invoice
from app.entities.receiving import Receipt


@dataclass
class Purchase:
    """One order, and all that comes of it."""

    stage: Stage
    household: Household
    order: DeliveryOrder
    steps: list[str]
    by: str
    released_by: str
    ways: Mapping[str, Callable[["Purchase"], None]]
    quick: bool = False
    receipts: list[Receipt] = field(default_factory=list)
    invoice: Invoice | None = None

    def go_on(self) -> None:
        """Plan the next step; a payment on its own day."""
        if not self.steps:
            return
        if self.steps[0] == "pay":
            assert self.invoice is not None and self.invoice.payment is not None
            self.stage.diary.plan(self.invoice.payment.scheduled_on, self.step)
        else:
            least, most = DELAYS[self.steps[0]]
            self.stage.diary.later(least if self.quick else self.stage.dice.randint(least, most), self.step)

    def step(self) -> None:
        """Take the next step."""
        name = self.steps.pop(0)
        self.ways[name](self)
        self.go_on()

    @property
    def bill(self) -> Invoice:
        """The invoice, once there is one."""
        assert self.invoice is not None
        return self.invoice
