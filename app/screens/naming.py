"""Naming somebody on a document: the lists of `rosters.py`, shown, added to and shortened in place.

Whoever may write in the document may name and remove; for all others the lists stand to be read. Without scripts every
button answers with the page. Source: LIN-07, MA-02, IN-08, DOC-08."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, flash, g, make_response, redirect, render_template, request
from flask_appbuilder import expose
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from app.entities.document import Document
from app.entities.lines import LineItem
from app.extensions import db
from app.rules.deeds import Problem
from app.screens.forms import RecordForm, fill
from app.screens.gate import allowed, office
from app.screens.line_page import line_form
from app.screens.present import document_url
from app.screens.rosters import CONTACTS, OF_LINES, Roster


@dataclass(frozen=True)
class Part:
    """A list as a page shows it: of which document or line, and the form of one more for who may write."""

    roster: Roster
    owner: Any
    line: LineItem | None
    form: RecordForm | None

    @property
    def rows(self) -> list[Any]:
        """Who is named."""
        return self.roster.rows(self.owner)

    @property
    def where(self) -> dict[str, Any]:
        """What its addresses say of it."""
        return {"roster": self.roster.key, **({"line": self.line.id} if self.line is not None else {})}


class Naming:
    """What a document's screen does with the lists of who is named."""

    entity: Any
    load: Any
    editable: Any
    document_page: Any
    line_page: Any
    line_lookups: Any
    rosters: Sequence[Roster] = (CONTACTS,)

    def roster_loading(self) -> Sequence[Any]:
        """The document's lists with whom they name, in as many queries as there are tables."""
        return [
            selectinload(getattr(self.entity, roster.relation)).selectinload(getattr(roster.entity, name))
            for roster in self.rosters
            for name in roster.found_by
        ]

    def named_on(
        self, document: Any, form: tuple[str, RecordForm] | None = None, line: LineItem | None = None
    ) -> dict[str, list[Part]]:
        """Tab → the lists that stand on it. `form` is what was sent and refused: list and form."""
        editable = self.editable(document)
        found: dict[str, list[Part]] = {}
        for roster in OF_LINES if line is not None else self.rosters:
            owner = document if line is None else line
            shown = form[1] if form and form[0] == roster.key else roster.form(formdata=None) if editable else None
            found.setdefault(roster.tab, []).append(Part(roster, owner, line, shown))
        return found

    @expose("/roster/<pk>/<roster>/add", methods=["POST"])
    @allowed("edit")
    def name_one(self, pk: str, roster: str) -> Any:
        """One more on a list."""
        document, part = self._part(pk, roster)
        kind, form = part.roster, part.roster.form()
        row = row_of(kind, document, part.owner, form)
        if row is None:
            return self._refused(document, part, form)
        part.rows.append(row)
        self._keep_named(document)
        return self._answer(document, part, f"Added {row}")

    @expose("/roster/<pk>/<roster>/remove/<row_id>", methods=["POST"])
    @allowed("edit")
    def unname(self, pk: str, roster: str, row_id: str) -> Any:
        """Take one off a list."""
        document, part = self._part(pk, roster)
        row = next((one for one in part.rows if str(one.id) == row_id), None) or abort(404)
        said = f"Removed {row}"
        part.rows.remove(row)
        self._keep_named(document)
        return self._answer(document, part, said, focus=True)

    @expose("/roster/<pk>/<roster>/everywhere", methods=["POST"])
    @allowed("edit")
    def name_everywhere(self, pk: str, roster: str) -> Any:
        """Everybody on this line's list onto the other lines too; who stands there stays. Source: DOC-13."""
        document, part = self._part(pk, roster)
        if part.line is None:
            abort(404)
        for line in document.lines:
            there = part.roster.rows(line)
            there += [
                part.roster.again(one) for one in part.rows if not any(part.roster.same(one, other) for other in there)
            ]
        self._keep_named(document)
        return self._answer(document, part, f"All {len(document.lines)} lines name them now.")

    def _part(self, pk: str, key: str) -> tuple[Any, Part]:
        """A list of a document that may be edited. Errors: 404, 409."""
        document, line = self.load(pk), None
        if "line" in request.args:
            line = next((one for one in document.lines if str(one.id) == request.args["line"]), None) or abort(404)
        known: Mapping[str, Roster] = {one.key: one for one in (OF_LINES if line is not None else self.rosters)}
        if key not in known:
            abort(404)
        if not self.editable(document):
            abort(409)
        return document, Part(known[key], document if line is None else line, line, None)

    def _keep_named(self, document: Document) -> None:
        g.seen = request.form.get("version") == str(document.version)
        document.changed_at = office().now()
        try:
            db.session.commit()
        except IntegrityError:  # the same was added in another window at the same moment
            db.session.rollback()
            abort(409)

    def _refused(self, document: Any, part: Part, form: RecordForm) -> Any:
        if request.headers.get("HX-Request"):
            return self._piece(document, part, form, refused=True), 422
        sent, line = (part.roster.key, form), part.line
        if line is not None:
            empty = line_form(document, self.line_lookups)(formdata=None, obj=line)
            return self.line_page(document, line, empty, True, named=sent), 422
        problems = [Problem(f"{field.label.text}: {text}", field.id) for field in form for text in field.errors]
        return self.document_page(document, problems, 422, named=sent)

    def _answer(self, document: Any, part: Part, said: str, focus: bool = False) -> Any:
        if request.headers.get("HX-Request"):
            version = document.version if g.seen else ""
            empty = part.roster.form(formdata=None)
            answer = make_response(self._piece(document, part, empty, version=version, focus=focus))
            answer.headers["HX-Trigger"] = json.dumps({"toast": {"message": said}})
            return answer
        flash(said, "success")
        page = document_url(document)
        if part.line is not None:
            page = f"{page.replace('/show/', '/line/')}/{part.line.id}/"
        return redirect(f"{page}#{part.roster.tab}")

    def _piece(self, document: Any, part: Part, form: RecordForm, **how: Any) -> str:
        shown = replace(part, form=form)
        return render_template("documents/roster_changed.html", document=document, part=shown, screen=self, **how)


def row_of(roster: Roster, document: Document, owner: Any, form: RecordForm) -> Any:
    """One more of a list, as its form says; None, with the reasons on the form, when it cannot be added."""
    with db.session.no_autoflush:
        if not form.validate():
            return None
        row = roster.entity()
        fill(form, row, roster.asked)
        _follow_references(row)
        roster.complete(row)
        for problem in roster.problems(document, owner, row):
            form[problem.field].errors = [*form[problem.field].errors, problem.message]
        return None if form.errors else row


def _follow_references(row: Any) -> None:
    """The ids of what was chosen, which the database would only give when the row is written."""
    for relation in inspect(type(row)).relationships:
        chosen = getattr(row, relation.key)
        if relation.direction.name == "MANYTOONE" and chosen is not None:
            (local,) = relation.local_columns
            setattr(row, local.key, chosen.id)
