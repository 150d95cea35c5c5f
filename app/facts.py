"""What rules ask beyond the document in their hands, answered from the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import joinedload

from app import people, rights
from app.entities.approvals import RoutingRule
from app.entities.catalog import CatalogItem, CommodityCode
from app.entities.document import Document, State
from app.entities.funds import FiscalYear, FundingStrip, Posting, StripBalance
from app.entities.lines import LineItem
from app.entities.payables import Invoice, InvoiceNumber, SourceBank
from app.entities.payees import BankAccount
from app.entities.vendors import Vendor
from app.order_facts import OrderFacts
from app.rules import payees, policies
from app.rules.calendar import BusinessCalendar
from app.rules.deeds import AccountWork, Actor, Offer, Room
from app.rules.splitting import Alike


@dataclass
class Answers(OrderFacts):
    """The office's records, as rules ask them (`rules.deeds.Facts`). One is made for each deed and remembers what it
    has looked up only for that long."""

    def policy(self, name: str) -> Decimal:
        """The office's number of that name, as it holds today."""
        if "policies" not in self._known:
            self._known["policies"] = rights.policies_of(self.session)
        return policies.value_of(name, self._known["policies"], self.office.today())

    def calendar(self) -> BusinessCalendar:
        """The office's business days."""
        if "calendar" not in self._known:
            self._known["calendar"] = self.office.calendar(rights.holidays_of(self.session))
        return self._known["calendar"]

    def offers_in_class(self, scheme_id: int, class_code: str) -> list[Offer]:
        """What agreements in effect, internal providers and stock offer in a class of goods (IN-04)."""
        today = self.office.today()
        items = self.session.scalars(
            select(CatalogItem)
            .join(CommodityCode, CatalogItem.commodity_code_id == CommodityCode.id)
            .where(
                CommodityCode.scheme_id == scheme_id,
                CommodityCode.code.startswith(class_code, autoescape=True),
                CatalogItem.active.is_(True),
            )
            .options(
                joinedload(CatalogItem.vendor), joinedload(CatalogItem.agreement_line).joinedload(LineItem.document)
            )
            .order_by(CatalogItem.id)
            .limit(50)
        )
        return [Offer(item.name, item.source, _supplier(item)) for item in items if _on_offer(item, today)]

    def room(self, strip_id: int, bfy: int) -> Room:
        """What a strip still has in a budget year."""
        code, *columns = self.session.execute(
            select(
                FundingStrip.code,
                StripBalance.allotted,
                StripBalance.pre_encumbered,
                StripBalance.encumbered,
                StripBalance.expended,
            )
            .outerjoin(StripBalance, (StripBalance.strip_id == FundingStrip.id) & (StripBalance.bfy == bfy))
            .where(FundingStrip.id == strip_id),
            # Whoever sees a document sees whether its money is there, whichever office the strip belongs to.
            execution_options={"skip_scope": True},
        ).one()
        allotted, *used = (column or Decimal("0.00") for column in columns)
        return Room(code, allotted - sum(used, Decimal(0)))

    def year_is_closed(self, fiscal_year: int) -> bool:
        """Whether the office has closed a fiscal year."""
        return bool(self.session.scalar(select(FiscalYear.closed).where(FiscalYear.year == fiscal_year)))

    def spent_by(self, document_id: int) -> Mapping[tuple[int, int, int | None], Decimal]:
        """What an invoice has expended, by strip, budget year and order line."""
        rows = self.session.execute(
            select(Posting.strip_id, Posting.bfy, Posting.order_line_id, func.sum(Posting.amount))
            .where(Posting.document_id == document_id, Posting.kind == "expenditure")
            .group_by(Posting.strip_id, Posting.bfy, Posting.order_line_id)
            .order_by(Posting.strip_id, Posting.bfy, Posting.order_line_id)
        )
        return {(strip_id, bfy, line_id): amount for strip_id, bfy, line_id, amount in rows if amount}

    def payee(self, vendor_id: int) -> int:
        """The first of a vendor's locations: it stands for all that bear its number, whatever their suffix."""
        number = select(Vendor.number).where(Vendor.id == vendor_id).scalar_subquery()
        return self.session.scalar(select(func.min(Vendor.id)).where(Vendor.number == number)) or vendor_id

    def invoice_with_number(self, vendor_id: int, normal_number: str, besides: int | None) -> str | None:
        """The invoice that has claimed a vendor's number, if another one has."""
        found = self.session.scalar(
            select(Invoice)
            .join(InvoiceNumber, InvoiceNumber.invoice_id == Invoice.id)
            .where(
                InvoiceNumber.vendor_id == self.payee(vendor_id),
                InvoiceNumber.normal_number == normal_number,
                Invoice.id != (besides or 0),
            )
        )
        return str(found) if found is not None else None

    def similar_invoices(self, invoice: Any) -> list[str]:
        """Invoices of the same vendor within a percent of the amount and thirty days (TH-03)."""
        near, apart = invoice.total / 100, timedelta(days=30)
        number = select(Vendor.number).where(Vendor.id == invoice.vendor_id).scalar_subquery()
        found = self.session.scalars(
            select(Invoice)
            .where(
                Invoice.kind == Invoice.__tablename__,  # the indexes begin with it
                Invoice.vendor_id.in_(select(Vendor.id).where(Vendor.number == number)),
                Invoice.id != invoice.id,
                Invoice.state != State.CANCELLED,
                Invoice.total.between(invoice.total - near, invoice.total + near),
                Invoice.total > 0,
                Invoice.invoiced_on.between(invoice.invoiced_on - apart, invoice.invoiced_on + apart),
            )
            .limit(5)
        )
        return [f"{one} ({one.vendor_invoice_number})" for one in found]

    def signatories(self, role: str, user_id: int | None, path: str) -> list[Actor]:
        """Whom a signature is open to today: the person named, or the holders of the role at or above an office, and
        who stands in for them."""
        return rights.signatories(self.session, role, user_id, path, self.office.today())

    def enters_invoices(self, user_id: int) -> bool:
        """Whether a person's roles let them enter invoices."""
        return user_id in people.allowed_to(self.session, "add", Invoice)

    def routing_rules(self, kind: str) -> list[RoutingRule]:
        """The office's signing policy for a type of document, with what is switched off: a rule says so itself."""
        if ("routing", kind) not in self._known:
            self._known["routing", kind] = self.session.scalars(
                select(RoutingRule)
                .where(RoutingRule.kind == kind)
                .options(joinedload(RoutingRule.organization), joinedload(RoutingRule.user))
                .order_by(RoutingRule.step, RoutingRule.id)
            ).all()
        return list(self._known["routing", kind])

    def alike(self, document: Any, today: date, days: int) -> list[Alike]:
        """What the same office sent within some days for the same classes of goods, to the same vendor (WF-06)."""
        classes = {line.commodity_code.class_code for line in document.lines if line.commodity_code}
        if not classes:
            return []
        asked = ("alike", document.id, document.vendor_id, frozenset(classes), days)
        if asked not in self._known:
            self._known[asked] = self._alike(document, classes, today, days)
        return list(self._known[asked])

    def _alike(self, document: Any, classes: set[str], today: date, days: int) -> list[Alike]:
        lines, codes = LineItem.__table__, CommodityCode.__table__
        of_class = exists().where(
            lines.c.document_id == Document.id,
            lines.c.commodity_code_id == codes.c.id,
            or_(*(codes.c.code.startswith(one, autoescape=True) for one in sorted(classes))),
        )
        since = datetime.combine(today - timedelta(days=days), time(), self.office.zone).astimezone(UTC)
        found = self.session.scalars(
            select(Document)
            .where(
                Document.kind == document.kind,
                Document.organization_id == document.organization_id,
                Document.vendor_id == document.vendor_id,  # of none: IS NULL, which an index knows
                Document.id != document.id,
                Document.state.in_((State.ROUTED, State.APPROVED, State.RELEASED, State.CLOSED)),
                Document.routed_at >= since,
                of_class,
            )
            .order_by(Document.total.desc(), Document.id)
            .limit(50)
        )
        return [Alike(one.name, one.total) for one in found]

    def account_work(self, vendor_id: int) -> list[AccountWork]:
        """Who entered and who confirmed the accounts of a vendor that are not retired."""
        return [
            AccountWork(
                user.id,
                f"{user.first_name} {user.last_name}",
                did,
                str(one.number),
                one.vendor.name,
                self.office.day_of(at),
            )
            for one in self._accounts(vendor_id)
            for did, user, at in (
                ("entered", one.entered_by, one.entered_at),
                ("confirmed", one.confirmed_by, one.confirmed_at),
            )
            if user is not None and at is not None
        ]

    def account_in_force(self, vendor_id: int) -> BankAccount | None:
        """The account to which a vendor is paid electronically."""
        return payees.in_force(self._accounts(vendor_id), self.office.today())

    def standard_bank(self) -> SourceBank | None:
        """The account from which the office pays what names no other."""
        return self.session.scalar(select(SourceBank).where(SourceBank.standard.is_(True)))

    def _accounts(self, vendor_id: int) -> list[BankAccount]:
        accounts = self.session.scalars(
            select(BankAccount)
            .where(
                BankAccount.vendor_id == vendor_id,
                or_(BankAccount.retired_on.is_(None), BankAccount.retired_on > self.office.today()),
            )
            .options(
                joinedload(BankAccount.vendor),
                joinedload(BankAccount.entered_by),
                joinedload(BankAccount.confirmed_by),
            )
            .order_by(BankAccount.id)
        )
        return list(accounts)


def _on_offer(item: CatalogItem, today: date) -> bool:
    agreement: Any = item.agreement_line.document if item.agreement_line is not None else None
    return agreement is None or (
        agreement.state == State.RELEASED and agreement.effective_on <= today <= agreement.expires_on
    )


def _supplier(item: CatalogItem) -> str:
    agreement: Document | None = item.agreement_line.document if item.agreement_line is not None else None
    seller = item.vendor.name if item.vendor is not None else "stock"
    return f"{agreement.name}, {seller}" if agreement is not None else seller
