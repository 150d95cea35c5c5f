"""Find items: one search over all sources, items side by side, and the basket beside the results.

Each thing that is ticked or put into the basket is kept at once. Source: IN-01 … IN-04."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from sqlalchemy import select
from sqlalchemy.orm import selectinload, undefer

from app import search
from app.entities.awards import Consumption
from app.entities.catalog import CatalogItem, ItemPicture
from app.entities.lines import LineItem
from app.extensions import db
from app.rules.awards import has_authority
from app.rules.numbers import NotANumber, read_decimal, read_key
from app.rules.shopping import agreement_of, price_each, why_not
from app.screens import picks
from app.screens.adding import Adding, Entry
from app.screens.basket import deed, may_shop, summary
from app.screens.gate import actor, allowed, office

MEDIA_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
"""What is shown as a picture; anything else, drawings with scripts above all, is not."""

FEWEST, MOST = 2, 4
"""So many items stand side by side."""

SORTS = (("best", "Best match"), ("price", "Lowest price"), ("delivery", "Fastest delivery"), ("name", "Name"))


@dataclass(frozen=True)
class Asked:
    """What the address or the form of the results asks for."""

    text: str
    sources: Sequence[str]
    days_typed: str
    days: int | None
    problem: str
    sort: str
    page: int

    @classmethod
    def from_request(cls) -> "Asked":
        """Anything may stand in an address; what makes no sense is said or left out."""
        values, days, problem = request.values, None, ""
        typed = values.get("days", "").strip()[:20]
        if typed:
            try:
                days = int(read_decimal(typed, places=0, at_least=read_decimal("0", places=0)))
            except NotANumber as wrong:
                problem = f"{wrong}."
        page = values.get("page", "")
        return cls(
            values.get("q", "")[:2_000].replace("\x00", ""),
            [one for one in values.getlist("source") if one in list(search.SOURCES)],
            typed,
            days,
            problem,
            next((key for key, _ in SORTS if key == values.get("sort")), "best"),
            min(read_key(page), 1_000_000) or 1,
        )

    def address(self, page: int = 1, **changes: Any) -> str:
        """The address of these results."""
        wanted = {
            "q": self.text,
            "source": list(self.sources),
            "days": self.days_typed,
            "page": page,
            "sort": self.sort,
        } | changes
        plain = {"days": "", "page": 1, "sort": "best"}
        shown: dict[str, Any] = {key: value for key, value in wanted.items() if value != plain.get(key, [])}
        return url_for("FindItems.find", **shown)


class FindItems(Adding, BaseView):
    """The search, the comparison, and the pages of one item and one code."""

    route_base = "/items"
    default_view = "find"
    class_permission_name = "CatalogItem"

    def page(self, template: str, status: int = 200, **context: Any) -> Any:
        """A page with the search on top and the basket beside it."""
        context = {
            "basket": summary(),
            "picks": self.ticked(),
            "may_shop": may_shop(),
            "asked": Asked.from_request(),
            "back": self.back(),
            "here": request.full_path.rstrip("?"),
            "entry": Entry(),
        } | context
        return render_template(
            template, appbuilder=self.appbuilder, screen=self, nav_current="Find items", **context
        ), status

    def back(self) -> str:
        """The results that a page was reached from."""
        wanted = request.values.get("back", "")
        ours = wanted.startswith("/items/") and wanted.isprintable() and "\\" not in wanted
        return wanted if ours else url_for("FindItems.find")

    def ticked(self) -> list[tuple[CatalogItem, str]]:
        """What is ticked and may be seen, with the quantities typed for it."""
        kept = picks.picked()
        items = {one.id: one for one in self.items(list(kept))}
        return [(items[key], typed) for key, typed in kept.items() if key in items]

    def items(self, ids: Sequence[int]) -> list[CatalogItem]:
        """Items within sight, in the order asked for. Those of agreements that are for others do not exist."""
        found = {
            one.id: one
            for one in db.session.scalars(
                select(CatalogItem)
                .where(CatalogItem.id.in_(ids))
                .options(
                    selectinload(CatalogItem.vendor),
                    selectinload(CatalogItem.pictures),
                    selectinload(CatalogItem.commodity_code),
                    selectinload(CatalogItem.agreement_line).selectinload(LineItem.document),
                )
            )
        }
        return [found[one] for one in dict.fromkeys(ids) if one in found and self.within_sight(found[one])]

    def within_sight(self, item: CatalogItem) -> bool:
        """Whether the person may see an item: everybody, unless its agreement is for some."""
        agreement = agreement_of(item)
        return agreement is None or has_authority(agreement, actor())

    def item(self, pk: str) -> CatalogItem:
        """One item within sight. Errors: 404."""
        return next(iter(self.items(picks.numbers([pk]))), None) or abort(404)

    # The pages.

    @expose("/")
    @allowed("list")
    def find(self) -> Any:
        """What was found for the words in the address."""
        asked = Asked.from_request()
        found = search.find(
            db.session(),
            office(),
            asked.text,
            by=actor(),
            sources=asked.sources,
            within_days=asked.days,
            page=asked.page,
            sort=asked.sort,
        )
        here = asked.address(found.page)
        return self.page(
            "items/find.html",
            found=found,
            asked=asked,
            sorts=SORTS,
            most=search.MOST,
            back=here,
            here=here,
            title="Find items",
        )

    @expose("/pick", methods=["POST"])
    @allowed("list")
    def pick(self) -> Any:
        """Keep what is ticked, and go where the button leads: another page, another search, the comparison."""
        picks.remember(request.form)
        if request.headers.get("HX-Request"):
            return self.page("items/tray.html", here=self.back())
        asked = Asked.from_request()
        if request.form.get("compare"):
            return redirect(url_for("FindItems.compare", item=list(picks.picked()), back=self.back()))
        return redirect(asked.address(asked.page))

    @expose("/compare")
    @allowed("list")
    def compare(self) -> Any:
        """Two to four items side by side, as a table or as pictures. Source: IN-02."""
        chosen = self.items(picks.numbers(request.args.getlist("item"))[: 2 * MOST])
        if len(chosen) > MOST:
            flash(f"Side by side stand {MOST} items at most; these are the first {MOST}.", "info")
        chosen = chosen[:MOST]
        prices = [price_each(one) for one in chosen]
        days = [one.delivery_days for one in chosen if one.delivery_days is not None]
        return self.page(
            "items/compare.html",
            items=chosen,
            fewest=FEWEST,
            cheapest=min(prices, default=None),
            fastest=min(days, default=None),
            each=price_each,
            left=self.left_on_ceiling(chosen),
            reasons={one.id: list(why_not(one, deed())) for one in chosen},
            pictures=request.args.get("as") == "pictures",
            title="Compare items",
        )

    def left_on_ceiling(self, items: Sequence[CatalogItem]) -> dict[int, Any]:
        """What each item's agreement may still be ordered for, where it has a ceiling. Source: MA-06."""
        agreements = {one.id: agreement.id for one in items if (agreement := agreement_of(one)) is not None}
        meters = db.session.execute(
            select(Consumption.agreement_id, Consumption.amount_ceiling, Consumption.ordered_amount).where(
                Consumption.agreement_id.in_(agreements.values()), Consumption.line_id.is_(None)
            )
        )
        left = {key: ceiling - used for key, ceiling, used in meters if ceiling is not None}
        return {item: left[agreement] for item, agreement in agreements.items() if agreement in left}

    @expose("/show/<pk>")
    @allowed("show")
    def show(self, pk: str) -> Any:
        """All that is known of an item."""
        return self.item_page(self.item(pk))

    def item_page(self, item: CatalogItem, entry: Entry | None = None) -> Any:
        """The page of one item, with what was wrong with a quantity if something was."""
        entry = entry or Entry()
        return self.page(
            "items/show.html",
            422 if entry.problem else 200,
            item=item,
            agreement=agreement_of(item),
            reasons=list(why_not(item, deed())),
            each=price_each,
            entry=entry,
            title=item.name,
        )

    @expose("/picture/<pk>")
    @allowed("list")
    def picture(self, pk: str) -> Any:
        """A picture, as what it is and as nothing else."""
        key = next(iter(picks.numbers([pk])), 0)
        found = db.session.scalar(
            select(ItemPicture).where(ItemPicture.id == key).options(undefer(ItemPicture.content))
        )
        if found is None or found.media_type not in MEDIA_TYPES or not self.within_sight(found.item):
            abort(404)
        answer: Response = make_response(found.content)
        answer.content_type = found.media_type
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return answer
