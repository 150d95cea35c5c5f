"""The offices as a tree: level by level, with what belongs to the chosen one beside it. Source: ORG-01."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from sqlalchemy import select

from app import offices
from app.entities.organization import Organization, OrganizationAddress, OrganizationContact
from app.extensions import db
from app.rules.numbers import read_key
from app.rules.organization import ids_of
from app.screens.gate import actor, allowed
from app.screens.listing import search_condition

MOST_BELOW = 300
"""How many offices of one level are shown; the search finds the rest."""

MOST_FOUND = 50

FLAGS = (
    ("buying_entity", "Buys in its own name"),
    ("requesting_office", "Requests"),
    ("issuing_office", "Issues orders"),
    ("internal_provider", "Sells to other offices"),
)


@dataclass
class Branch:
    """An office in the tree: whether anything is below it, and what of that is shown."""

    office: Organization
    has_more: bool
    below: list["Branch"] = field(default_factory=list)
    is_open: bool = False


def branches(keys: Sequence[int | None]) -> Mapping[int | None, list[Branch]]:
    """What is directly below some offices; None is the top."""
    wanted = [key for key in keys if key is not None]
    of = Organization.parent_id.in_(wanted) | (Organization.parent_id.is_(None) if None in keys else False)  # type: ignore[operator]
    rows = list(
        db.session.scalars(select(Organization).where(of).order_by(Organization.code).limit(MOST_BELOW * len(keys)))
    )
    parents = select(Organization.parent_id).where(Organization.parent_id.in_([one.id for one in rows])).distinct()
    full = set(db.session.scalars(parents))
    found: dict[int | None, list[Branch]] = {key: [] for key in keys}
    for one in rows:
        found[one.parent_id].append(Branch(one, one.id in full))
    return found


def opened_to(path: str) -> list[Branch]:
    """The tree from the top, opened along a path."""
    keys: list[int | None] = [None, *ids_of(path)]
    found = branches(keys)
    for below in found.values():
        for branch in below:
            branch.is_open = branch.has_more and branch.office.id in keys
            branch.below = found.get(branch.office.id, []) if branch.is_open else []
    return found[None]


class OfficeTree(BaseView):
    """The tree of offices, and moving one in it."""

    route_base = "/offices"
    default_view = "index"
    class_permission_name = "Organization"
    plural = "Organization tree"

    @expose("/")
    @allowed("list")
    def index(self) -> Any:
        """The tree, opened to one office; or what a search finds."""
        asked = request.args.get("at", "")
        at = self._office(asked) if asked else None
        words = request.args.get("q", "")[:60].replace("\x00", "").strip()
        tree = opened_to(at.path if at is not None else "")
        if at is None and len(tree) == 1:
            at = tree[0].office
            tree = opened_to(at.path)
        return self._page("organization/tree.html", tree=tree, at=at, words=words, found=self._found(words))

    @expose("/below/<pk>")
    @allowed("list")
    def below(self, pk: str) -> Any:
        """What is directly below an office: a level of the tree."""
        office = self._office(pk)
        level = len(ids_of(office.path)) + 1
        return self._page("organization/level.html", below=branches([office.id])[office.id], level=level, at=None)

    @expose("/panel/<pk>")
    @allowed("show")
    def panel(self, pk: str) -> Any:
        """What belongs to an office: the right side alone."""
        return self._page("organization/panel.html", at=self._office(pk))

    @expose("/move/<pk>", methods=["GET", "POST"])
    @allowed("edit")
    def move(self, pk: str) -> Any:
        """Choose where an office goes; read what goes along; then move it."""
        office = self._office(pk)
        typed = request.values.get("to", "").strip()
        top = bool(request.values.get("top"))
        to = db.session.get(Organization, read_key(typed)) if typed and not top else None
        asked = "to" in request.values
        problem = "Choose an office from the list, or the top." if asked and not top and to is None else ""
        foreseen = None
        if (to is not None or top) and not problem:
            try:
                if request.method == "POST":
                    moved = offices.move(
                        db.session(), office.id, to.id if to else None, request.form.get("version", "")
                    )
                    flash(
                        f"{moved.name} is now {f'below {moved.parent.name}' if moved.parent else 'at the top'}.",
                        "success",
                    )
                    return redirect(url_for("OfficeTree.index", at=moved.id))
                foreseen = offices.foreseen(db.session(), office, to)
            except offices.Immovable as why:
                problem = str(why)
            except offices.Stale:
                problem = "Somebody else has changed this office meanwhile. Look at what would move, and move it again."
        elif request.method == "POST":
            problem = problem or "Choose an office from the list, or the top."
        office = self._office(pk)
        page = self._page(
            "organization/move.html",
            office=office,
            to=to,
            top=top,
            foreseen=foreseen,
            problem=problem,
            typed=str(to or request.values.get("to_text", "")),
        )
        return page, 422 if problem else 200

    def _office(self, pk: str) -> Organization:
        return db.session.get(Organization, read_key(pk)) or abort(404)

    def _found(self, words: str) -> Sequence[Organization]:
        statement = select(Organization)
        for word in words.split():
            statement = statement.where(search_condition(Organization, ("code", "name", "agency_code"), word))
        return db.session.scalars(statement.order_by(Organization.code).limit(MOST_FOUND)).all() if words else ()

    def _page(self, template: str, **context: Any) -> str:
        at = context.get("at")
        return render_template(
            template,
            title=self.plural,
            appbuilder=self.appbuilder,
            flags=FLAGS,
            above=_above(at) if at is not None else (),
            addresses=_of(OrganizationAddress, at) if at is not None else (),
            contacts=_of(OrganizationContact, at) if at is not None else (),
            most=MOST_BELOW,
            **context,
        )


def _above(office: Organization) -> Sequence[Organization]:
    keys = ids_of(office.path)[:-1]
    return db.session.scalars(select(Organization).where(Organization.id.in_(keys)).order_by(Organization.path)).all()


def _of(entity: Any, office: Organization) -> Sequence[Any]:
    """The addresses or people to ask of an office, as far as the person sees them."""
    if not actor().may("list", entity):
        return ()
    return db.session.scalars(
        select(entity).where(entity.organization_id == office.id).order_by(entity.id).limit(MOST_FOUND)
    ).all()
