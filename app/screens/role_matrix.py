"""What each role may do: a matrix of records and deeds, to be ticked, beside what is built in. Source: ORG-03.

A change is on record right by right and holds from the next click of each person, whichever worker answers (decision
0024). Setting up and starting anew keep it (`app/grants.py`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import func, select

from app import access, audit, grants
from app.extensions import db
from app.rules.documents import KINDS
from app.screens.base import SCREENS
from app.screens.columns import spaced
from app.screens.gate import allowed
from app.screens.security import OfficeSecurity

COLUMNS = (("list", "View"), ("add", "Add"), ("edit", "Edit"), ("delete", "Delete"))
"""The deeds that have a column of their own; `list` stands for looking, at the list and at its records."""

WORDS = {"allot": "Allot", "reveal": "Reveal in full", "confirm": "Confirm", "retire": "Retire"}
BUTTONS = {
    (entity.__name__, move.action): move.button for entity, kind in KINDS.items() for move in kind.life
}  # fmt: skip
"""What the deeds beyond the columns are called: as on their buttons."""

STALE = (
    "Somebody else has changed this role since you opened it. What you ticked is still here; compare, and save again."
)


@dataclass(frozen=True)
class Cell:
    """One right: whether the role has it, and whether it has it by the built-in table."""

    value: str
    label: str
    held: bool
    built_in: bool

    @property
    def differs(self) -> str:
        """How it differs from what is built in, in words."""
        return "" if self.held == self.built_in else "added" if self.held else "taken away"


@dataclass(frozen=True)
class Row:
    """What a role may do with one kind of record; a deed that nobody can do with it has no cell."""

    entity: str
    name: str
    cells: Sequence[Cell | None]
    deeds: Sequence[Cell]


def areas() -> Mapping[str, str]:
    """Entity → the section of the menu in which it stands; what is reached from another stands with its own kind."""
    sections = OfficeSecurity.menu_sections
    places = {OfficeSecurity.menu_needs[one][1]: name for name, entries in sections.items() for one in entries}
    entities = {entity.__name__: entity for rights in access.ROLES.values() for _, entity in rights}
    modules = {entities[name].__module__: section for name, section in places.items() if name in entities}
    return {name: places.get(name) or modules.get(one.__module__, "Security") for name, one in entities.items()}


def matrix_of(role: str, held: set[grants.Pair]) -> Mapping[str, Sequence[Row]]:
    """The rights of a role, area by area in the order of the menu."""
    built_in, place = access.pairs().get(role, set()), areas()
    found: dict[str, list[Row]] = {section: [] for section in OfficeSecurity.menu_sections}
    for entity, verbs in grants.matrix(access.ROLES).items():

        def cell(verb: str, label: str, entity: str = entity) -> Cell:
            pair = (f"can_{verb}", entity)
            return Cell(f"can_{verb}:{entity}", label, pair in held, pair in built_in)

        named = {verb for verb, _ in COLUMNS} | {"show"}
        found[place[entity]].append(
            Row(
                entity,
                _called(entity),
                [cell(verb, label) if verb in verbs else None for verb, label in COLUMNS],
                [cell(verb, _deed(entity, verb)) for verb in verbs if verb not in named],
            )
        )
    return {section: sorted(rows, key=lambda row: row.name) for section, rows in found.items() if rows}


def _called(entity: str) -> str:
    """As the menu calls it; what has no entry there goes by its own name."""
    labels = [name for name, (_, of) in OfficeSecurity.menu_needs.items() if of == entity]
    screen = next((one for made, one in SCREENS.items() if made.__name__ == entity), None)
    if labels and screen is not None:
        return screen.plural
    return labels[0] if labels else spaced(entity).capitalize()


def _deed(entity: str, verb: str) -> str:
    return BUTTONS.get((entity, verb)) or WORDS.get(verb, verb.capitalize())


def ticked() -> set[grants.Pair]:
    """The rights that a form asks for, as far as there are such rights."""
    offered = grants.matrix(access.ROLES)
    known = {(f"can_{verb}", entity) for entity, verbs in offered.items() for verb in verbs}
    asked = {(verb, entity) for verb, _, entity in (one.partition(":") for one in request.form.getlist("grant"))}
    return access.whole(asked & known) & known


class RoleScreen(BaseView):
    """The roles, and the rights of each."""

    route_base = "/roles"
    default_view = "list"
    class_permission_name = "Role"

    @expose("/list/")
    @allowed("list")
    def list(self) -> Any:
        """The roles, with how many people hold each and how far each is from what is built in."""
        session, built_in = db.session(), access.pairs()
        rows = session.execute(
            select(Role, func.count(User.id)).outerjoin(Role.user).group_by(Role.id).order_by(Role.name)
        ).all()
        differing = {
            role.id: len(_shown(grants.of_role(session, role) ^ built_in[role.name]))
            for role, _ in rows
            if role.name in built_in
        }
        return self._page("accounts/roles.html", rows=rows, differing=differing, title="Roles")

    @expose("/show/<int:pk>", methods=["GET", "POST"])
    @allowed("edit")
    def show(self, pk: int) -> Any:
        """One role's rights, to be ticked."""
        if request.method == "GET":
            role = db.get_or_404(Role, pk)
            return self._matrix(role, grants.of_role(db.session(), role))
        role, before = self._locked(pk)
        wanted = ticked()
        stale = request.form.get("seen") != grants.fingerprint(before)
        problems = [STALE] if stale else list(access.refusals(role.name, before, wanted))
        if problems:
            return self._matrix(role, wanted, problems), 409 if stale else 422
        return self._changed(role, before, wanted, f"{role.name} saved.")

    @expose("/built-in/<int:pk>", methods=["POST"])
    @allowed("edit")
    def built_in(self, pk: int) -> Any:
        """Give a role back what is built in."""
        role, before = self._locked(pk)
        wanted = access.pairs().get(role.name)
        if wanted is None:
            flash(f"{role.name} is not a built-in role.", "warning")
            return redirect(url_for("RoleScreen.show", pk=pk))
        return self._changed(role, before, wanted, f"{role.name} is as it is built in.")

    def _locked(self, pk: int) -> tuple[Role, set[grants.Pair]]:
        """A role that nobody else changes meanwhile, and its rights."""
        role = db.one_or_404(select(Role).where(Role.id == pk).with_for_update())
        return role, grants.of_role(db.session(), role)

    def _changed(self, role: Role, before: set[grants.Pair], after: set[grants.Pair], said: str) -> Any:
        session = db.session()
        grants.set_role(session, role, after)
        for verb, entity in sorted(before ^ after):
            deed = f"{verb.removeprefix('can_')} {spaced(entity)}"
            audit.note(session, "grant" if (verb, entity) in after else "withdraw", role, deed)
        session.commit()
        flash(f"{said} It holds from the next click of each person.", "success")
        return redirect(url_for("RoleScreen.show", pk=role.id))

    def _matrix(self, role: Role, held: set[grants.Pair], problems: Sequence[str] = ()) -> str:
        now = grants.of_role(db.session(), role)
        differing = _shown(held ^ access.pairs().get(role.name, set()))
        return self._page(
            "accounts/role.html",
            role=role,
            matrix=matrix_of(role.name, held),
            columns=COLUMNS,
            seen=grants.fingerprint(now),
            differing=len(differing),
            known=role.name in access.ROLES,
            problems=[{"message": one, "anchor": ""} for one in problems],
            title=role.name,
        )

    def _page(self, template: str, **context: Any) -> str:
        return render_template(template, appbuilder=self.appbuilder, **context)


def _shown(pairs: set[grants.Pair]) -> set[grants.Pair]:
    """Rights as the matrix counts them: looking at a list and at its records is one."""
    return {("can_list" if verb == "can_show" else verb, entity) for verb, entity in pairs}
