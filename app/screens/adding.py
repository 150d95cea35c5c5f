"""Putting things into the basket, from the results, a page, the comparison, or all that is ticked at once.

What cannot be read stays where it was typed, with the reason beside it. Source: IN-03, IN-04."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, request
from flask_appbuilder import expose
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.entities.catalog import CatalogItem, CommodityCode
from app.entities.lines import LineItem
from app.entities.requests import MarketBasket
from app.extensions import db
from app.rules.deeds import Offer
from app.rules.numbers import NotANumber, read_decimal
from app.rules.shopping import line_from_code, line_from_item, read_quantity, why_not
from app.screens import picks
from app.screens.basket import NotPut, deed, open_basket, put, summary, take_out
from app.screens.gate import allowed
from app.screens.present import quantity as shown

LONGEST_REASON = 2_000


@dataclass(frozen=True)
class Entry:
    """What was typed to put one thing into the basket, and what is wrong with it."""

    quantity: str = ""
    problem: str = ""
    description: str = ""
    price: str = ""
    price_problem: str = ""
    justification: str = ""
    reason_problem: str = ""
    added: str = ""

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "Entry":
        """As it was sent."""
        typed = {name: form.get(name, "").replace("\x00", "") for name in ("quantity", "description", "price")}
        return cls(
            **{name: text[:200] for name, text in typed.items()},
            justification=form.get("justification", "").replace("\x00", "")[:LONGEST_REASON],
        )

    @property
    def wrong(self) -> bool:
        """Whether something must be typed again."""
        return bool(self.problem or self.price_problem or self.reason_problem)


def read(typed: str) -> tuple[Decimal | None, str]:
    """A quantity, or why it is none."""
    try:
        return read_quantity(typed), ""
    except NotANumber as wrong:
        return None, f"{wrong}."


class Adding:
    """What the search's screen does with the basket."""

    item: Any
    items: Any
    item_page: Any
    page: Any
    ticked: Any
    back: Any

    @expose("/add/<pk>", methods=["POST"])
    @allowed("add", MarketBasket)
    def add(self, pk: str) -> Any:
        """An item into the basket, in the quantity typed beside it."""
        item: CatalogItem = self.item(pk)  # type: ignore[attr-defined]
        entry = Entry.from_form(request.form)
        count, problem = read(entry.quantity)
        problem = problem or " ".join(why_not(item, deed()))
        line = None
        if count is not None and not problem:
            line, problem = self._put(item, count)
        if line is None:
            return self._answer(item, replace(entry, problem=problem))
        kept = picks.picked()
        if kept.pop(item.id, None) is not None:
            picks.keep(kept)
        return self._answer(item, Entry(added=f"{shown(count)} {line.unit} {line.description}"))

    def _put(self, item: CatalogItem, count: Decimal) -> tuple[LineItem | None, str]:
        when = deed()
        try:
            return put(lambda: line_from_item(item, count, when.today, when.facts.calendar())), ""
        except NotPut as wrong:
            return None, str(wrong)

    def _answer(self, item: CatalogItem, entry: Entry) -> Any:
        """The item's own form and the basket where the page stays; otherwise the page again."""
        if request.headers.get("HX-Request"):
            return self._piece("items/added.html", entry, item=item)
        if entry.wrong:
            return self.item_page(item, entry)  # type: ignore[attr-defined]
        flash(f"In your basket: {entry.added}.", "success")
        return redirect(self.back())  # type: ignore[attr-defined]

    def _piece(self, template: str, entry: Entry, **context: Any) -> Response:
        page = render_template(
            template,
            basket=summary(),
            picks=self.ticked(),
            may_shop=True,
            entry=entry,  # type: ignore[attr-defined]
            here=self.back(),
            **context,
        )  # type: ignore[attr-defined]
        answer = make_response(page, 422 if entry.wrong else 200)
        if entry.added:
            answer.headers["HX-Trigger"] = json.dumps({"toast": {"message": f"In your basket: {entry.added}."}})
        return answer

    @expose("/add-picked", methods=["POST"])
    @allowed("add", MarketBasket)
    def add_picked(self) -> Any:
        """All that is ticked; what cannot be added stays ticked, and the page says why."""
        picks.remember(request.form)
        kept, added = picks.picked(), 0
        for item in self.items(list(kept)):  # type: ignore[attr-defined]
            count, problem = read(kept[item.id])
            problem = problem or " ".join(why_not(item, deed()))
            if count is not None and not problem:
                line, problem = self._put(item, count)
                if line is not None:
                    added += 1
                    kept.pop(item.id)
            if problem:
                flash(f"{item.name} is not in the basket yet. {problem}", "warning")
        picks.keep(kept)
        if added:
            flash(f"{added} item{'s' if added > 1 else ''} put into your basket.", "success")
        elif not kept:
            flash("Tick what you want first.", "info")
        return redirect(self.back())  # type: ignore[attr-defined]

    @expose("/drop/<line_id>", methods=["POST"])
    @allowed("edit", MarketBasket)
    def drop(self, line_id: str) -> Any:
        """Take a line out of the basket."""
        name = take_out(next(iter(picks.numbers([line_id])), 0))
        if request.headers.get("HX-Request"):
            return render_template("items/basket.html", basket=summary(), may_shop=True, here=self.back())  # type: ignore[attr-defined]
        flash(f"{name} is out of the basket." if name else "That line is out of the basket already.", "info")
        return redirect(self.back())  # type: ignore[attr-defined]

    # Commodity codes.

    @expose("/code/<pk>")
    @allowed("list", CommodityCode)
    def code(self, pk: str) -> Any:
        """A code, and what approved sources offer in its class."""
        return self._code_page(self._code(pk), Entry())

    def _code(self, pk: str) -> CommodityCode:
        key = next(iter(picks.numbers([pk])), 0)
        return db.session.scalar(
            select(CommodityCode)
            .where(CommodityCode.id == key, CommodityCode.active.is_(True))
            .options(selectinload(CommodityCode.scheme))
        ) or abort(404)

    def _code_page(self, code: CommodityCode, entry: Entry) -> Any:
        return self.page(
            "items/code.html",
            422 if entry.wrong else 200,
            code=code,
            entry=entry,  # type: ignore[attr-defined]
            offers=_offers(code),
            title=code.name,
        )

    @expose("/add-code/<pk>", methods=["POST"])
    @allowed("add", MarketBasket)
    def add_code(self, pk: str) -> Any:
        """A bare code into the basket. Where an approved source offers its class, a reason is asked in place."""
        code, entry = self._code(pk), Entry.from_form(request.form)
        count, problem = read(entry.quantity)
        price, price_problem = _estimate(entry.price)
        offers = _offers(code)
        asks = bool(offers) and not entry.justification.strip() and not _reason_given(code)
        entry = replace(
            entry,
            problem=problem,
            price_problem=price_problem,
            reason_problem=("Say why what is offered does not serve." if asks else ""),
        )
        if count is not None and not entry.wrong:
            try:
                line = put(lambda: _open_line(code, count, price, entry))
                entry = Entry(added=f"{shown(count)} {line.description}")
            except NotPut as wrong:
                entry = replace(entry, problem=str(wrong))
        if request.headers.get("HX-Request"):
            return self._piece("items/code_added.html", entry, code=code, offers=offers)
        if entry.wrong:
            return self._code_page(code, entry)
        flash(f"In your basket: {entry.added}.", "success")
        return redirect(self.back())  # type: ignore[attr-defined]


def _offers(code: CommodityCode) -> list[Offer]:
    return deed().facts.offers_in_class(code.scheme_id, code.class_code)


def _reason_given(code: CommodityCode) -> bool:
    """One reason serves a class, because the class becomes one request (rules.lines.sources_are_respected)."""
    basket = open_basket()
    return basket is not None and any(
        line.commodity_code is not None
        and line.justification.strip()
        and (line.commodity_code.scheme_id, line.commodity_code.class_code) == (code.scheme_id, code.class_code)
        for line in basket.lines
    )


def _estimate(typed: str) -> tuple[Decimal, str]:
    if not typed.strip():
        return Decimal(0), ""
    try:
        return read_decimal(typed, places=4, at_least=Decimal(0)), ""
    except NotANumber as wrong:
        return Decimal(0), f"{wrong}."


def _open_line(code: CommodityCode, count: Decimal, price: Decimal, entry: Entry) -> LineItem:
    line = line_from_code(code, count, entry.description, entry.justification)
    line.unit_price = price
    return line
