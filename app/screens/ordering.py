"""Ordering from an agreement without a basket: find the agreement, pick its lines, and the draft order is made.

What was typed on one page of lines stays while others are looked at. Source: DO-01."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from app import reading, search, workflow
from app.entities.awards import Consumption, DeliveryOrder, MasterAgreement
from app.entities.catalog import CatalogItem
from app.entities.document import DocumentLink
from app.entities.lines import LineItem
from app.entities.vendors import Vendor
from app.extensions import db
from app.people import profile_of
from app.rules.awards import has_authority, may_order
from app.rules.deeds import Problem
from app.rules.numbers import LARGEST, NotANumber
from app.rules.shopping import line_from_agreement, read_quantity, with_usual_places
from app.screens.basket import deed
from app.screens.gate import actor, allowed, office
from app.screens.listing import search_condition
from app.screens.once import key_of_form, made_before, remember
from app.screens.picks import numbers
from app.screens.present import document_url, money

PAGE = 50
MOST_LINES = 300
SEARCHED = ("description", "catalog_number", "part_number", "manufacturer", "model")


@dataclass
class Picking:
    """What was typed on the pages of an agreement's lines: quantities by line, whatever page they stand on."""

    agreement: MasterAgreement
    text: str = ""
    title: str = ""
    page: int = 1
    typed: dict[int, str] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)

    @classmethod
    def from_request(cls, agreement: MasterAgreement) -> "Picking":
        """As it was sent."""
        values = request.values
        named = {
            name.removeprefix("quantity-"): text
            for name, text in request.form.items()
            if name.startswith("quantity-") and text.strip()
        }
        typed = {key: text.strip()[:20] for name, text in list(named.items())[:MOST_LINES] for key in numbers([name])}
        page = next(iter(numbers([values.get("page", "")])), 1)
        return cls(
            agreement,
            values.get("q", "").replace("\x00", "").strip()[:100],
            values.get("title", "").replace("\x00", "").strip()[:200],
            max(1, page),
            typed,
        )

    def statement(self) -> Select[Any]:
        """The lines looked for; those with a problem when there are any."""
        wanted = select(LineItem).where(LineItem.document_id == self.agreement.id)
        if self.problems:
            return wanted.where(LineItem.id.in_(list(self.problems)))
        for word in self.text.split()[:12]:
            wanted = wanted.where(search_condition(LineItem, SEARCHED, word))
        return wanted

    def quantities(self) -> dict[int, Decimal]:
        """What can be read; what cannot is noted with the reason."""
        found = {}
        for key, text in self.typed.items():
            try:
                found[key] = read_quantity(text)
            except NotANumber as wrong:
                self.problems[key] = f"{wrong}."
        return found


class OrderFrom:
    """The way from a released agreement to an order."""

    def extra_buttons(self, document: Any) -> Sequence[tuple[str, str, str]]:
        """An order can be made where the person may order today."""
        before = super().extra_buttons(document)  # type: ignore[misc]
        if not actor().may("add", DeliveryOrder) or any(may_order(document, deed())):
            return before
        return [
            *before,
            ("Order from this", url_for("DeliveryOrderScreen.add", agreement=document.id), "shopping-cart"),
        ]


class Ordering:
    """The beginning of a delivery order: its agreement, then its lines."""

    page: Any

    def ordered_from(self, document: Any) -> Any:
        """The agreement whose lines rows of a spreadsheet name."""
        return document.agreement

    @expose("/add", methods=["GET", "POST"])
    @allowed("add")
    def add(self) -> Any:
        """Pick lines of an agreement; a draft order is made of them."""
        key = next(iter(numbers([request.values.get("agreement", "")])), 0)
        agreement = db.session.scalar(select(MasterAgreement).where(MasterAgreement.id == key)) if key else None
        if agreement is None:
            return self._choose() if not key else abort(404)
        if not has_authority(agreement, actor()):
            abort(404)
        picking = Picking.from_request(agreement)
        reasons = list(may_order(agreement, deed()))
        if request.method == "POST" and request.form.get("do") == "make":
            return self._pick_page(picking, reasons, 409) if reasons else self._make(picking)
        return self._pick_page(picking, reasons)

    def _choose(self) -> Any:
        """The agreements that the person may order from today."""
        text = request.args.get("q", "").replace("\x00", "").strip()[:100]
        wanted = (
            select(MasterAgreement)
            .where(MasterAgreement.id.in_(search.open_agreements(office().today(), actor())))
            .outerjoin(Vendor, MasterAgreement.vendor)
        )
        for word in text.split()[:12]:
            wanted = wanted.where(
                search_condition(MasterAgreement, ("number", "title"), word) | search_condition(Vendor, ("name",), word)
            )
        rows = db.session.scalars(
            wanted.options(selectinload(MasterAgreement.vendor))
            .order_by(MasterAgreement.title, MasterAgreement.id)
            .limit(PAGE + 1)
        ).all()
        return self.page(
            "awards/choose.html",
            title="New delivery order",
            text=text,
            agreements=rows[:PAGE],  # type: ignore[attr-defined]
            more=len(rows) > PAGE,
        )

    def _pick_page(
        self, picking: Picking, reasons: Sequence[str] = (), status: int = 200, problems: Sequence[Problem] = ()
    ) -> Any:
        session, statement = db.session(), picking.statement()
        count = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
        pages = max(1, -(-count // PAGE))
        picking.page = min(picking.page, pages)
        lines = list(
            session.scalars(
                statement.options(selectinload(LineItem.commodity_code))
                .order_by(LineItem.position, LineItem.id)
                .limit(PAGE)
                .offset((picking.page - 1) * PAGE)
            )
        )
        wrong = session.scalars(select(LineItem).where(LineItem.id.in_(list(picking.problems))))
        names = {one.id: one.description for one in wrong}
        said = (
            [Problem(why) for why in reasons]
            + list(problems)
            + [
                Problem(f"{names.get(key, 'A line')}: {why}", f"quantity-{key}")
                for key, why in picking.problems.items()
            ]
        )
        return self.page(  # type: ignore[attr-defined]
            "awards/pick.html",
            title=f"Order from {picking.agreement.name}",
            picking=picking,
            agreement=picking.agreement,
            lines=lines,
            count=count,
            pages=pages,
            problems=said,
            elsewhere={key: text for key, text in picking.typed.items() if key not in {one.id for one in lines}},
            items=self._items_of(lines),
            left=self._left(lines),
            key=key_of_form(),
            may_make=not reasons,
        ), status

    def _items_of(self, lines: Sequence[LineItem]) -> dict[int, CatalogItem]:
        found = db.session.scalars(
            select(CatalogItem)
            .where(CatalogItem.agreement_line_id.in_([one.id for one in lines]), CatalogItem.active.is_(True))
            .order_by(CatalogItem.id.desc())
        )
        return {one.agreement_line_id: one for one in found if one.agreement_line_id is not None}

    def _left(self, lines: Sequence[LineItem]) -> dict[int, Decimal]:
        meters = db.session.scalars(
            select(Consumption).where(
                Consumption.line_id.in_([one.id for one in lines]), Consumption.quantity_ceiling.is_not(None)
            )
        )
        return {
            one.line_id: (one.quantity_ceiling or Decimal(0)) - one.ordered_quantity
            for one in meters
            if one.line_id is not None
        }

    def _make(self, picking: Picking) -> Any:
        quantities, key = picking.quantities(), key_of_form()
        if (made := made_before(key)) is not None:
            flash(f"{made.name} had been made already; nothing more happened.", "info")
            return redirect(document_url(made))
        if picking.problems:
            return self._pick_page(picking, status=422)
        lines = db.session.scalars(
            select(LineItem)
            .where(LineItem.document_id == picking.agreement.id, LineItem.id.in_(list(quantities)))
            .options(selectinload(LineItem.funding), selectinload(LineItem.charges), selectinload(LineItem.acceptances))
            .order_by(LineItem.position)
        ).all()
        if not lines:
            return self._pick_page(picking, status=422, problems=[Problem("Enter a quantity for at least one line.")])
        order = self.draft_order(picking, lines, quantities)
        if order.total > LARGEST:
            db.session.rollback()
            return self._pick_page(
                picking,
                status=422,
                problems=[Problem(f"An order comes to {money(LARGEST)} at most. Enter smaller quantities.")],
            )
        try:
            db.session.flush()
            remember(key, order)
            reading.commit(db.session())
        except IntegrityError:  # the same form was sent twice at once, and the other one was faster
            db.session.rollback()
            return redirect(document_url(made_before(key) or abort(409)))
        flash(
            f"A draft with {len(lines)} line{'s' if len(lines) > 1 else ''}, {money(order.total)} in all. "
            "Fund it and send it for approval.",
            "success",
        )
        return redirect(document_url(order))

    def draft_order(
        self, picking: Picking, lines: Sequence[LineItem], quantities: Mapping[int, Decimal]
    ) -> DeliveryOrder:
        """A draft with some lines of an agreement, under its terms."""
        session, agreement, by, when = db.session(), picking.agreement, actor(), deed()
        profile = profile_of(session, by.user_id or 0)
        order = workflow.start(
            session,
            office(),
            DeliveryOrder,
            by,
            title=picking.title or f"Order from {agreement.title}"[:200],
            agreement_id=agreement.id,
            agreement=agreement,
            vendor_id=agreement.vendor_id,
            subtype="catalog",
            currency=agreement.currency,
            issuing_office_id=profile.issuing_office_id if profile else None,
            discount_percent=agreement.discount_percent,
            discount_days=agreement.discount_days,
            net_days=agreement.net_days,
        )
        with session.no_autoflush:  # one write in the end, and not one for each line
            items, calendar = self._items_of(lines), when.facts.calendar()
            for line in lines:
                made = line_from_agreement(line, quantities[line.id], when.today, calendar, items.get(line.id))
                order.lines.append(with_usual_places(made, profile))
            order.sources.append(DocumentLink(source_id=agreement.id, relation="orders from"))
            self.before_save(order, True)  # type: ignore[attr-defined]
        return order
