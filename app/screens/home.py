"""Home: where the day begins. What waits, how the budget stands, and what needs attention. Source: RP-01."""

from typing import Any

from flask import g, render_template
from flask_appbuilder import IndexView, expose

from app import budget
from app.entities.requests import MarketBasket, PurchaseRequest
from app.extensions import db
from app.rules.calendar import period
from app.screens.gate import actor, office, signed_in
from app.screens.morning import Morning, matters, tiles
from app.screens.present import money

MONTHS = ("Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun")
"""The accounting periods of a fiscal year, in its order."""

MOST_BARS = 8
"""More strips than this are shown by office, and more offices than this as one last bar."""


class HomeScreen(IndexView):
    """The first page."""

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """Where the day begins."""
        it = Morning(db.session(), office(), actor())
        now = office().local(office().now())
        greeting = "Good morning" if now.hour < 12 else "Good afternoon" if now.hour < 18 else "Good evening"
        return render_template(
            "home.html",
            title="Home",
            appbuilder=self.appbuilder,
            greeting=f"{greeting}, {g.user.first_name}",
            subtitle=f"{now:%A}, {now:%B} {now.day}, {now.year} · Fiscal year {it.year}, period {period(it.today)}",
            year=it.year,
            tiles=tiles(it),
            matters=matters(it),
            spend=spend(it),
            standings=standings(it.strips),
            starts=[(entity, label) for entity, label in STARTS if actor().may("add", entity)][:1],
        )


STARTS = ((MarketBasket, "New basket"), (PurchaseRequest, "New purchase request"))
"""What one most often begins with."""


def spend(it: Morning) -> dict[str, Any] | None:
    """Spent and still encumbered by month, so far this fiscal year; None when there is nothing to show."""
    found = budget.by_month(it.session, it.year) if it.strips else {}
    if not found:
        return None
    rows = [
        (MONTHS[number - 1], *found.get(number, (budget.NOTHING, budget.NOTHING)))
        for number in range(1, max(period(it.today), *found) + 1)
    ]
    said = ", ".join(f"{month} {money(spent)} spent and {money(held)} encumbered" for month, spent, held in rows)
    return {
        "summary": f"Spend by month in dollars: {said}.",
        "head": ["Month", "Spent", "Still encumbered"],
        "rows": [(month, money(spent), money(held)) for month, spent, held in rows],
        "drawing": {
            "kind": "bar",
            "stacked": True,
            "unit": "$",
            "labels": [month for month, _, _ in rows],
            "series": [
                {"label": "Spent", "values": [str(spent) for _, spent, _ in rows]},
                {"label": "Still encumbered", "values": [str(held) for _, _, held in rows]},
            ],
        },
    }


COLUMNS = (
    ("Spent", "expended"),
    ("Encumbered", "encumbered"),
    ("Pre-encumbered", "pre_encumbered"),
    ("Available", "available"),
)


def standings(strips: list[budget.Standing]) -> dict[str, Any] | None:
    """How the money of each strip, or of each office, is used; None when there is none in sight."""
    if not strips:
        return None
    by_strip = len(strips) <= MOST_BARS
    bars = strips if by_strip else budget.by_office(strips)
    if len(bars) > MOST_BARS:
        rest = budget.Standing("All others")
        for one in bars[MOST_BARS - 1 :]:
            rest = rest.plus(one)
        bars = [*bars[: MOST_BARS - 1], rest]
    rows = [(one.name, *(money(getattr(one, name)) for _, name in COLUMNS)) for one in bars]
    said = "; ".join(
        f"{name}: {available} of {money(one.allotted)} available"
        for one, (name, *_, available) in zip(bars, rows, strict=True)
    )
    return {
        "by": "strip" if by_strip else "office",
        "summary": f"Use of the budget in dollars. {said}.",
        "head": ["Strip" if by_strip else "Office", *(label for label, _ in COLUMNS)],
        "rows": rows,
        "drawing": {
            "kind": "bar",
            "stacked": True,
            "sideways": True,
            "unit": "$",
            "labels": [one.name for one in bars],
            "series": [
                {"label": label, "values": [str(getattr(one, name)) for one in bars]} for label, name in COLUMNS
            ],
        },
    }
