"""Awards: what an agreement must say, who may order from it, and what an order uses up. Source: MA-01 … DO-02."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from app.entities.awards import Consumption, DeliveryOrder, MasterAgreement, OrderingAuthority
from app.entities.document import Document, State
from app.entities.lines import LineItem
from app.rules.deeds import Actor, Deed, Problem, Use
from app.rules.money import written
from app.rules.vendors import may_be_ordered_from

CEILED = frozenset({"blanket", "personal service", "memorandum of agreement", "grant", "program administration"})
"""The subtypes whose orders and invoices cannot pass the total of the agreement (MA-01)."""

SUBTYPES = ("catalog", *sorted(CEILED))


def phase(agreement: MasterAgreement, day: object) -> str:
    """Where a released agreement stands by its dates; derived, so that no job has to keep it true."""
    if agreement.state != State.RELEASED:
        return agreement.state
    if agreement.effective_on and day < agreement.effective_on:  # type: ignore[operator]
        return "not yet in effect"
    if agreement.expires_on and day > agreement.expires_on:  # type: ignore[operator]
        return "expired"
    return "in effect"


# What an agreement must hold.


def agreement_is_complete(agreement: MasterAgreement, deed: Deed) -> Iterator[Problem]:
    """Vendor, dates, authority and prices (MA-02, MA-03)."""
    if agreement.effective_on is None:
        yield Problem("Enter the effective date.", "effective_on")
    if agreement.expires_on is None:
        yield Problem("Enter the expiry date.", "expires_on")
    elif agreement.effective_on and agreement.expires_on < agreement.effective_on:
        yield Problem(f"The agreement expires on {agreement.expires_on}, before it takes effect.", "expires_on")
    elif agreement.expires_on < deed.today:
        yield Problem(f"The agreement expired on {agreement.expires_on}. Enter a later date.", "expires_on")
    if not agreement.cited_authority.strip():
        yield Problem("Cite the authority for the agreement.", "cited_authority")
    if agreement.subtype in CEILED and agreement.ceiling is None and agreement.total == 0:
        yield Problem("Enter a ceiling, or lines that add up to one.", "ceiling")
    for line in agreement.lines:
        if not line.description.strip():
            yield Problem("Enter a description.", "description", line.position, "lines")
        if line.unit_price <= 0:
            yield Problem("Enter a unit price above 0.", "unit_price", line.position, "lines")
        if line.commodity_code_id is None:
            yield Problem("Choose a commodity code.", "commodity_code", line.position, "lines")


def vendor_may_be_awarded(document: Document, deed: Deed) -> Iterator[Problem]:
    """Nobody orders from a vendor in review, on hold, debarred or archived (VR-04)."""
    for why in may_be_ordered_from(document.vendor, deed.today):
        yield Problem(why, "vendor")


def open_consumption(agreement: MasterAgreement, deed: Deed) -> Sequence[object]:
    """The meter of an agreement: one for the whole, one for each line that has a quantity ceiling (MA-06)."""
    ceiling = agreement.ceiling
    if ceiling is None and agreement.subtype in CEILED:
        ceiling = agreement.total
    whole = Consumption(agreement_id=agreement.id, amount_ceiling=ceiling)
    return [whole] + [
        Consumption(
            agreement_id=agreement.id,
            line_id=line.id,
            quantity_ceiling=line.quantity if agreement.subtype != "catalog" and line.quantity else None,
        )
        for line in agreement.lines
    ]


# What an order must hold.


def may_order(agreement: MasterAgreement, deed: Deed) -> Iterator[str]:
    """Yields why this person cannot order from this agreement today: state, dates, vendor, authority (DO-01)."""
    if phase(agreement, deed.today) != "in effect":
        dates = f"{agreement.effective_on} to {agreement.expires_on}"
        yield f"{agreement.name} is {phase(agreement, deed.today)} (it runs {dates}). Choose another source."
    yield from may_be_ordered_from(agreement.vendor, deed.today)
    if not has_authority(agreement, deed.by):
        named = ", ".join(str(one) for one in agreement.authorities)
        yield f"{agreement.name} is for {named}. Ask its buyer for authority to order."


def has_authority(agreement: MasterAgreement, by: Actor) -> bool:
    """Whether an agreement is open to a person: to all, unless it names offices or people (MA-02)."""
    return not agreement.authorities or any(
        one.user_id == by.user_id or (one.organization is not None and by.path.startswith(one.organization.path))
        for one in agreement.authorities
    )


def one_authority(authority: OrderingAuthority) -> Iterator[Problem]:
    """An authority names an office or a person, one of the two (MA-02)."""
    if authority.organization is None and authority.user is None:
        yield Problem("Choose an office or a person.", "organization")
    elif authority.organization is not None and authority.user is not None:
        yield Problem("Choose either an office or a person, and add the other one by itself.", "user")


def price_is_agreed(line: LineItem, agreement: MasterAgreement) -> Iterator[Problem]:
    """A price may fall below the agreement's; it may rise only where the agreement fluctuates (DO-01)."""
    agreed = line.agreement_line.unit_price if line.agreement_line is not None else None
    if agreed is not None and line.unit_price > agreed and not agreement.fluctuating:
        yield Problem(
            f"Price {written(line.unit_price)} is above the agreed {written(agreed)}. Enter at most {written(agreed)}.",
            "unit_price",
            line.position,
            "lines",
        )


def order_follows_its_agreement(order: DeliveryOrder, deed: Deed) -> Iterator[Problem]:
    """Dates, authority and prices of the agreement hold on each order."""
    if order.agreement is None:
        return
    for why in may_order(order.agreement, deed):
        yield Problem(why, "agreement")
    for line in order.lines:
        yield from price_is_agreed(line, order.agreement)
        if line.agreement_line is None or line.agreement_line.document_id != order.agreement_id:
            yield Problem(
                f"This line is not on {order.agreement.name}. Remove it.", "description", line.position, "lines"
            )


def use_up(order: DeliveryOrder, deed: Deed) -> Sequence[object]:
    """What an order takes from its agreement's ceilings. Source: MA-06, WF-11."""
    return _uses(order, 1)


def give_back(order: DeliveryOrder, deed: Deed) -> Sequence[object]:
    """A terminated order gives back what nobody has received (F13.09)."""
    if order.agreement_id is None:
        return []
    kept: dict[int, Decimal] = {line.id: deed.facts.received(line.id, None) for line in order.lines}
    uses: list[object] = []
    for line in order.lines:
        if line.agreement_line_id is not None and line.quantity > kept[line.id]:
            left = line.quantity - kept[line.id]
            amount = (line.amount * left / line.quantity).quantize(Decimal("0.01"))
            uses += [
                Use(order.agreement_id, line.agreement_line_id, -left, -amount),
                Use(order.agreement_id, None, -left, -amount),
            ]
    return uses


def _uses(order: DeliveryOrder, sign: int) -> Sequence[object]:
    if order.agreement_id is None:
        return []
    quantity = sum((line.quantity for line in order.lines), Decimal(0))
    whole = Use(order.agreement_id, None, sign * quantity, sign * order.total)
    return [whole] + [
        Use(order.agreement_id, line.agreement_line_id, sign * line.quantity, sign * line.amount)
        for line in order.lines
        if line.agreement_line_id is not None
    ]


def date_of_order(order: DeliveryOrder, deed: Deed) -> Sequence[object]:
    """The order is placed on the day of its release."""
    order.ordered_on = deed.today
    return []


def nothing_is_underway(order: DeliveryOrder, deed: Deed) -> Iterator[Problem]:
    """An order whose receipts or invoices are still drafts is not pulled away from under them (WF-09)."""
    for kind, word in (("receipt", "receiving report"), ("invoice", "invoice")):
        for name in deed.facts.answers(order.id, kind):
            yield Problem(f"{name} is a {word} of this order that is not finished. Finish or discard it first.")
