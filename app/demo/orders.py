"""Orders of the demonstration on their way from release to payment."""

from collections.abc import Callable, Mapping

from app.demo import bills, deliveries
from app.demo.cast import Household
from app.demo.courses import COURSES
from app.demo.purchase import Purchase
from app.demo.stage import Stage
from app.entities.awards import DeliveryOrder


def follow(
    stage: Stage,
    household: Household,
    order: DeliveryOrder,
    way: str,
    by: str = "",
    released_by: str = "",
) -> None:
    """Let an order take its course."""
    steps = COURSES[way].split()
    Purchase(
        stage,
        household,
        order,
        steps,
        by or household.approver,
        released_by or household.approver,
        WAYS,
        quick=way == "in time",
    ).go_on()


def _clerk(purchase: Purchase) -> None:
    """The fiscal officer wants bills drafted."""
    with purchase.stage.writing(purchase.by):
        purchase.order.invoice_clerk_id = purchase.stage.ids[purchase.household.fiscal]


def _ask(purchase: Purchase) -> None:
    """Somebody is to look at what comes of the first line before it is paid."""
    with purchase.stage.writing(purchase.by):
        line = purchase.order.lines[0]
        line.acceptance_required, line.acceptance_instructions = True, "Open one box of each pallet and compare."


def _route(purchase: Purchase) -> None:
    purchase.stage.act(purchase.by, purchase.order, "route")


def _sign(purchase: Purchase) -> None:
    purchase.stage.act(purchase.stage.signer(purchase.order), purchase.order, "approve")
    if purchase.order.state == "routed":
        purchase.steps.insert(0, "sign")


def _conditions(purchase: Purchase) -> None:
    purchase.stage.act(
        purchase.stage.signer(purchase.order),
        purchase.order,
        "conditions",
        "Deliver before noon; the dock is closed afterwards.",
    )


def _return(purchase: Purchase) -> None:
    purchase.stage.act(
        purchase.stage.signer(purchase.order),
        purchase.order,
        "disapprove",
        "The quote is older than the agreement's price list. Ask for a new one.",
    )


def _release(purchase: Purchase) -> None:
    purchase.stage.act(purchase.released_by, purchase.order, "release")


def _terminate(purchase: Purchase) -> None:
    purchase.stage.act(purchase.released_by, purchase.order, "terminate", "The vendor cannot deliver this year.")


def _close(purchase: Purchase) -> None:
    purchase.stage.act(purchase.released_by, purchase.order, "close", "The rest is no longer needed.")


WAYS: Mapping[str, Callable[[Purchase], None]] = {
    "clerk": _clerk,
    "ask": _ask,
    "route": _route,
    "sign": _sign,
    "conditions": _conditions,
    "return": _return,
    "release": _release,
    "terminate": _terminate,
    "close": _close,
    "receive": deliveries.receive,
    "part": deliveries.part,
    "rest": deliveries.receive,
    "count": deliveries.count,
    "reverse": deliveries.reverse,
    "accept": deliveries.accept,
    "bill": bills.bill,
    "early": bills.early,
    "overbill": bills.overbill,
    "shorten": bills.shorten,
    "file": bills.file,
    "approve": bills.approve,
    "refuse": bills.refuse,
    "process": bills.process,
    "hold": bills.hold,
    "pay": bills.pay,
}
