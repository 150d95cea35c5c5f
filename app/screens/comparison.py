"""An invoice set against its orders and receipts, as its page shows it. Source: TH-01."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask import g
from markupsafe import Markup
from sqlalchemy import func, select

from app.entities.document import State
from app.entities.payables import Invoice, InvoiceLine
from app.entities.receiving import Receipt, ReceiptLine
from app.extensions import db
from app.facts import Answers
from app.order_facts import SPENT
from app.rules.deeds import Deed
from app.rules.matching import LineMatch, match
from app.rules.payment import late_penalty, payment_plan, taken_on
from app.rules.terms import Penalty, Schedule
from app.scope import unscoped
from app.screens.gate import actor, office
from app.screens.matching import receipts_for
from app.screens.present import chip, money


@dataclass
class Counted(Answers):
    """The same answers for all lines of one invoice, counted in two queries and not line by line."""

    invoice_id: int = 0
    came: dict[int, tuple[Decimal, date]] = field(default_factory=dict)
    paid: dict[int, Decimal] = field(default_factory=dict)

    def received(self, order_line_id: int, besides: int | None) -> Decimal:
        if besides is not None:
            return super().received(order_line_id, besides)
        return self.came[order_line_id][0] if order_line_id in self.came else Decimal(0)

    def last_received_on(self, order_line_id: int) -> date | None:
        return self.came[order_line_id][1] if order_line_id in self.came else None

    def invoiced(self, order_line_id: int, besides: int | None) -> Decimal:
        if besides != self.invoice_id:
            return super().invoiced(order_line_id, besides)
        return self.paid.get(order_line_id, Decimal(0))


def facts_for(invoice: Invoice) -> Counted:
    """What the rules ask of an invoice's order lines, whoever looks."""
    session, facts = db.session(), Counted(db.session(), office(), invoice_id=invoice.id)
    wanted = [one.order_line_id for one in invoice.invoice_lines if one.order_line_id is not None]
    with unscoped(session):
        came = session.execute(
            select(ReceiptLine.order_line_id, func.sum(ReceiptLine.quantity), func.max(Receipt.received_on))
            .join(ReceiptLine.receipt)
            .where(ReceiptLine.order_line_id.in_(wanted), Receipt.state == State.RELEASED)
            .group_by(ReceiptLine.order_line_id)
        )
        facts.came = {key: (quantity, day) for key, quantity, day in came}
        paid = session.execute(
            select(InvoiceLine.order_line_id, func.sum(func.coalesce(InvoiceLine.paid_quantity, InvoiceLine.quantity)))
            .join(InvoiceLine.invoice)
            .where(InvoiceLine.order_line_id.in_(wanted), Invoice.state.in_(SPENT), Invoice.id != invoice.id)
            .group_by(InvoiceLine.order_line_id)
        )
        facts.paid = {key: quantity for key, quantity in paid if key is not None}
    return facts


@dataclass(frozen=True)
class Comparison:
    """Every line of an invoice with what it was compared with, and the sums in the invoice's head. `receipts` are the
    receiving reports within sight, by order line."""

    lines: Sequence[LineMatch]
    warnings: Sequence[str] = ()
    receipts: Mapping[int, Sequence[ReceiptLine]] = field(default_factory=dict)

    def came_with(self, found: LineMatch) -> Sequence[Receipt]:
        """The receiving reports that brought what a line bills (F19.03)."""
        return [one.receipt for one in self.receipts.get(found.line.order_line_id or 0, ())]

    @property
    def billed(self) -> Decimal:
        """What the vendor asks for."""
        return sum((one.billed for one in self.lines), Decimal("0.00"))

    @property
    def payable(self) -> Decimal:
        """What could be paid today."""
        return sum((one.payable for one in self.lines), Decimal("0.00"))

    @property
    def waiting(self) -> Sequence[LineMatch]:
        """The lines whose goods have not come."""
        return [one for one in self.lines if one.result == "waiting"]

    @property
    def failed(self) -> Sequence[LineMatch]:
        """The lines that do not agree with the order."""
        return [one for one in self.lines if not one.matched and one.result != "waiting"]

    @property
    def short(self) -> Sequence[LineMatch]:
        """The lines that are paid short."""
        return [one for one in self.lines if one.line.short_pay_reason]

    @property
    def disputed(self) -> Decimal:
        """What is asked for and not paid; what only waits for its goods is not in dispute."""
        return self.billed - self.payable - sum((one.billed for one in self.waiting), Decimal("0.00"))

    @property
    def can_be_short_paid(self) -> bool:
        """Whether a short payment would make something payable that is not."""
        return any(one.payable for one in self.failed)

    @property
    def reason(self) -> str:
        """Why it would be paid short, in the words of the match."""
        cut = [(one.line.position, "; ".join(one.reasons)) for one in self.failed if one.payable]
        return cut[0][1] if len(cut) == 1 else "; ".join(f"line {number}: {why}" for number, why in cut)

    @property
    def result(self) -> tuple[str, str]:
        """The tone and the words of the whole."""
        if not self.lines:
            return "neutral", "No lines"
        if self.failed:
            return "bad", "Match failed"
        return ("warn", "Waiting for receipt") if self.waiting else ("ok", "Matched")

    @property
    def chip(self) -> Markup:
        """The whole in a coloured pill."""
        tone, words = self.result
        return Markup('<span class="chip chip-{}">{}</span>').format(tone, words)

    def chip_of(self, found: LineMatch) -> Markup:
        """The result of one line in a coloured pill."""
        return chip(found.result, "Paid short" if found.matched and found.line.short_pay_reason else "")

    def checks(self) -> list[dict[str, Any]]:
        """What was found, line by line, the worst first."""
        ranked = sorted(self.lines, key=lambda one: (one.matched, one.result == "waiting", one.line.position))
        return [_check(one) for one in ranked] + [{"tone": "warn", "text": one} for one in self.warnings]


def _check(found: LineMatch) -> dict[str, Any]:
    line, why = found.line, "; ".join(found.reasons)
    if found.matched and line.short_pay_reason:
        return {
            "tone": "pass",
            "text": Markup("<b>Line {}, paid short.</b> {} of {}: {}").format(
                line.position, money(found.payable), money(found.billed), line.short_pay_reason
            ),
        }
    if found.matched:
        return {"tone": "pass", "text": f"Line {line.position} matched in full."}
    sentence = f"{why[:1].upper()}{why[1:]}."
    if found.result == "waiting":
        return {"tone": "warn", "text": Markup("<b>Line {} waits.</b> {}").format(line.position, sentence)}
    return {"tone": "block", "text": Markup("<b>Line {}, {}.</b> {}").format(line.position, found.result, sentence)}


def compare(invoice: Invoice) -> Comparison:
    """Match an invoice as of now. What was found stands for the rest of the request, unless `forget` is called."""
    if invoice.id not in g.setdefault("comparisons", {}):
        g.comparisons[invoice.id] = _compared(invoice)
    return g.comparisons[invoice.id]


def forget(invoice: Invoice) -> None:
    """The invoice was changed: match it anew."""
    g.setdefault("comparisons", {}).pop(invoice.id, None)


def _compared(invoice: Invoice) -> Comparison:
    facts = facts_for(invoice)
    with unscoped(db.session()):
        similar = facts.similar_invoices(invoice) if invoice.total else []
    warnings = [f"{one} is of the same vendor and nearly the same amount, within 30 days." for one in similar]
    return Comparison(match(invoice, facts), warnings, receipts_for(list(facts.came)))


def plan_for(invoice: Invoice) -> Schedule | None:
    """When and how much would be paid, as of today; nothing as long as nothing is to be paid."""
    if not invoice.invoice_lines or invoice.total <= 0:
        return None
    return payment_plan(invoice, deed_on(invoice))


def late_by_today(invoice: Invoice) -> Penalty | None:
    """What its payment costs more for being late, if it is made today; nothing, as long as it is none."""
    payment, today = invoice.payment, office().today()
    if payment is None or payment.paid_on is not None or payment.scheduled_on >= today:
        return None
    late = late_penalty(payment, taken_on(invoice, facts_for(invoice)), deed_on(invoice))
    return late if late.amount else None


def deed_on(invoice: Invoice, action: str = "release") -> Deed:
    """What a rule is given to judge an invoice on its page."""
    return Deed(action, actor(), office().now(), office().today(), facts_for(invoice))
