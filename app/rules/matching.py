"""The three-way match: order, receipts and invoice, line by line, each with its numbers. Source: TH-01."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.entities.lines import LineItem, PaymentRequirement
from app.entities.payables import Invoice, InvoiceLine
from app.rules.deeds import Facts
from app.rules.money import line_amount
from app.rules.numbers import plain
from app.rules.receiving import over_tolerance, under_tolerance
from app.rules.tolerance import Tolerance, excess_of, least, most, overpriced


@dataclass(frozen=True)
class LineMatch:
    """What one invoice line was compared with, and what came of it.
    `result` is matched, waiting (nothing received yet), quantity, price, or not ordered."""

    line: InvoiceLine
    ordered: Decimal
    received: Decimal
    invoiced_before: Decimal
    quantity: Decimal
    allowed: Decimal
    order_price: Decimal
    price: Decimal
    result: str
    reasons: tuple[str, ...]

    @property
    def matched(self) -> bool:
        """Whether the line may be paid as it stands."""
        return self.result == "matched"

    @property
    def payable(self) -> Decimal:
        """What could be paid of the line today: all of it where it matches, else the allowed quantity at no more than
        the order's price."""
        if self.matched:
            return line_amount(self.quantity, self.price)
        return line_amount(min(self.quantity, self.allowed), min(self.price, self.order_price))

    @property
    def billed(self) -> Decimal:
        """What the vendor asks for the line, before anything is paid short."""
        return line_amount(self.line.quantity, self.line.unit_price)


def quantity_to_pay(line: InvoiceLine) -> Decimal:
    """The billed quantity, or what a short payment makes of it."""
    return line.quantity if line.paid_quantity is None else line.paid_quantity


def price_to_pay(line: InvoiceLine) -> Decimal:
    """The billed price, or what a short payment makes of it."""
    return line.unit_price if line.paid_price is None else line.paid_price


def amount_to_pay(line: InvoiceLine) -> Decimal:
    """What is paid for an invoice line."""
    return line_amount(quantity_to_pay(line), price_to_pay(line))


def price_of(line: LineItem) -> Decimal:
    """The unit price that an order line stands for, its discount taken off."""
    return line.unit_price * (100 - line.discount_percent) / 100


def match(invoice: Invoice, facts: Facts) -> list[LineMatch]:
    """Every line of an invoice against its order line and all its receipts and other invoices."""
    tolerance = Tolerance("percent", facts.policy("price tolerance"))
    return [_match(line, invoice, facts, tolerance) for line in invoice.invoice_lines]


def billed_twice(invoice: Invoice) -> Iterator[tuple[InvoiceLine, InvoiceLine]]:
    """The lines of an invoice that bill an order line which an earlier one bills already, each with the earlier one. Each
    would match by itself, and what came in once would be paid twice. Source: MO-15."""
    first: dict[int, InvoiceLine] = {}
    for line in invoice.invoice_lines:
        if line.order_line_id is not None and first.setdefault(line.order_line_id, line) is not line:
            yield first[line.order_line_id], line


def _match(line: InvoiceLine, invoice: Invoice, facts: Facts, tolerance: Tolerance) -> LineMatch:
    quantity, price, ordered = quantity_to_pay(line), price_to_pay(line), line.order_line
    nothing = Decimal(0)
    if ordered is None:
        return LineMatch(
            line,
            nothing,
            nothing,
            nothing,
            quantity,
            nothing,
            nothing,
            price,
            "not ordered",
            ("no order line stands behind it; find the order, or remove the line",),
        )
    received, before = facts.received(ordered.id, None), facts.invoiced(ordered.id, invoice.id)
    limit, against = _counted(ordered, received, facts)
    allowed = max(limit - before, nothing)
    reasons, result = [], "matched"
    if not limit:
        result = "waiting"
        reasons = [f"{plain(received)} received, nothing accepted" if received else "nothing received"]
    elif quantity > allowed:
        result = "quantity"
        earlier = f", {plain(before)} invoiced before" if before else ""
        reasons.append(
            f"{plain(quantity)} invoiced; {plain(limit)} {against}{earlier}; over by {plain(quantity - allowed)}"
        )
    spare = _spare(invoice, ordered, quantity, price, facts)
    for why in () if result == "waiting" else overpriced(price, price_of(ordered), quantity, tolerance, spare):
        result = "price" if result == "matched" else result
        reasons.append(why)
    return LineMatch(
        line, ordered.quantity, received, before, quantity, allowed, price_of(ordered), price, result, tuple(reasons)
    )


def _spare(invoice: Invoice, ordered: LineItem, quantity: Decimal, price: Decimal, facts: Facts) -> Decimal:
    """How much money a line may cost above its order, over all its invoices together, so that the tolerance is used
    once and not with each bill (MO-15)."""
    spare = facts.policy("amount tolerance")
    if not spare or excess_of(price, price_of(ordered), quantity) <= 0:
        return spare
    return max(spare - facts.excess_paid(ordered, invoice.id), Decimal(0))


def _counted(ordered: LineItem, received: Decimal, facts: Facts) -> tuple[Decimal, str]:
    """Against what a line is matched, and how that is called: what was ordered, what came, or what was accepted of it."""
    if ordered.payment_requirement == PaymentRequirement.TWO_WAY:
        return most(ordered.quantity, over_tolerance(ordered)), "ordered"
    if ordered.acceptance_required:
        return min(received, facts.accepted(ordered.id)), "accepted"
    return received, "received"


def short_pay(found: LineMatch, reason: str) -> bool:
    """Pay of a line that does not match what the order and the receipts allow, and say why. Returns whether anything
    can be paid of it: a line that waits for its goods, or has no order, is left as it is. Source: TH-01; story 4."""
    if found.matched or not found.payable:
        return False
    line = found.line
    if found.quantity > found.allowed:
        line.paid_quantity = found.allowed
    if found.price > found.order_price:
        line.paid_price = found.order_price
    line.short_pay_reason = reason
    return True


def pay_in_full(line: InvoiceLine) -> None:
    """Take a short payment back: the line is to be paid as it was billed."""
    line.paid_quantity = line.paid_price = None
    line.short_pay_reason = ""


def is_final(line: InvoiceLine, invoiced_before: Decimal) -> bool:
    """Whether nothing more will be billed for the order line: fiscal says so, or all of it has been invoiced."""
    ordered = line.order_line
    if line.final or ordered is None:
        return line.final
    return invoiced_before + quantity_to_pay(line) >= least(ordered.quantity, under_tolerance(ordered))
