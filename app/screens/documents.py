"""The page of a document, the same for every type: head, steps, tabs, buttons, approvals and history.

A type adds what is its own in three to ten lines (`screens/requests.py` and the others). Every button goes through
`workflow.act`. Source: DOC-01 … DOC-14."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request
from flask_appbuilder import expose
from sqlalchemy import ColumnElement, Select, select

from app import reading, totals, workflow
from app.entities.document import Document, State
from app.extensions import db
from app.integrity import editable_by
from app.rules.approvals import current_steps, open_sheet, who
from app.rules.deeds import Problem
from app.rules.documents import KINDS
from app.rules.numbers import read_key
from app.scope import unscoped, within_sight
from app.screens import containers, security, trail
from app.screens.base import Screen
from app.screens.buttons import Buttons
from app.screens.chain import Chain, chain_of
from app.screens.document_head import Head, linked
from app.screens.foresight import WhoSigns
from app.screens.forms import fill, form_for
from app.screens.found import kinds_in_reach
from app.screens.gate import actor, allowed, office
from app.screens.line_page import LABELS
from app.screens.lines import LineGrid
from app.screens.naming import Naming
from app.screens.papers import Papers
from app.screens.present import cell, chip, document_url, words
from app.screens.versions import Versions

HEADER = Document.__table__.c
"""The columns that all documents share."""


@dataclass(frozen=True)
class Tab:
    """One tab of a document's page."""

    key: str
    label: str
    template: str = ""
    count: int | None = None


class DocumentScreen(Head, WhoSigns, Buttons, LineGrid, Naming, Papers, Versions, Screen):
    """A document type's screens: list, page and buttons."""

    list_columns: Sequence[str] = ("number", "title", "organization", "owner", "state", "due_on", "total")
    search_columns: Sequence[str] = ("number", "title", "state", "organization", "vendor", "total", "due_on")
    searched: Sequence[str] = ("number", "title")
    order_columns: Sequence[str] = ("number", "title", "due_on", "total")
    lookup_columns: Sequence[str] = ("number", "title")
    labels = {
        "owner": "Owner",
        "due_on": "Need by",
        "state": "Status",
        "organization": "Office",
        "bfy": "Budget year",
        "afy": "Accounting year",
        "afm": "Accounting period",
    }
    start_columns: Sequence[str] = ("title",)
    list_template, show_template, start_template = "documents/list.html", "documents/show.html", "documents/start.html"
    exclude_route_methods = {"delete"}
    has_lines = True
    shops = False
    funds_lines = True
    commits = True
    may_copy = True
    edit_in_list = False

    def __init_subclass__(cls, of: type | None = None, **kwargs: Any) -> None:
        if of is not None:
            cls.kind = KINDS[of]
            cls.title, cls.plural = cls.title or cls.kind.name, cls.plural or cls.kind.plural
            cls.choices = {"state": [(state.value, state.value) for state in State]} | dict(cls.choices)
        super().__init_subclass__(of=of, **kwargs)

    # Loading.

    def statement(self) -> Select[Any]:
        """Documents of this type; naming the type lets the database use the indexes of its lists. The table's own
        column, so that a count need not look into the type's table (`listing.count_of`)."""
        return select(self.entity).where(HEADER.kind == self.entity.__tablename__)

    def glance(self, pk: str) -> Any:
        """A document within sight, to be acted upon: what acts reads the rest, once it has locked it. Errors: 404."""
        return db.session.scalar(self.statement().where(self.entity.id == read_key(pk))) or abort(404)

    def load(self, pk: str, named: bool = True) -> Any:
        """A document within sight, with all that stands on it: who may look at a document may read whom it is bought
        from and which funds pay, whichever office those belong to. Errors: 404."""
        session, lists = db.session(), self.roster_loading() if named else ()
        one = self.statement().where(self.entity.id == read_key(pk), *within_sight(session, self.entity))
        with unscoped(session):
            return session.scalar(one.options(reading.whole(self.entity), *lists)) or abort(404)

    def editable(self, document: Any) -> bool:
        """Whether this person may write in the document now."""
        if not self.may("edit") or not editable_by(document, actor()):
            return False
        return document.state != State.ROUTED or bool(current_steps(open_sheet(document)))

    def may_change(self, record: Any) -> bool:
        return self.editable(record)

    # The list.

    def views(self) -> Sequence[tuple[str, str]]:
        mine = (("drafts", "My drafts"), ("returned", "Returned to me")) if self.kind.signed else ()
        return (
            ("", "All"),
            *((("waiting", "Waiting for approval"),) if self.kind.signed else ()),
            *mine,
            ("released", "Released"),
        )

    def view_conditions(self) -> Mapping[str, Sequence[ColumnElement[bool]]]:
        """Key of a view → which documents it shows."""
        mine = HEADER.owner_id == actor().user_id
        return {
            "waiting": (HEADER.state == State.ROUTED,),
            "drafts": (HEADER.state == State.DRAFT, mine),
            "returned": (HEADER.state == State.DISAPPROVED, mine),
            "released": (HEADER.state == State.RELEASED,),
        }

    def in_view(self) -> Select[Any]:
        return self.statement().where(*self.view_conditions().get(request.args.get("view", ""), ()))

    # The page.

    @expose("/show/<pk>")
    @allowed("show")
    def show(self, pk: str) -> Any:
        """A document's page."""
        return self.document_page(self.load(pk))

    def document_page(self, document: Any, problems: Sequence[Problem] = (), status: int = 200, **context: Any) -> Any:
        """The page, with problems at its head if there are any."""
        sheet = document.sheets[-1] if document.sheets else None
        editable = self.editable(document)
        tabs = [one for one in self.tabs(document) if one]
        told, earlier = self.history(document)
        form = context.pop("form", None) or (self.form_class()(formdata=None, obj=document) if editable else None)
        return self.page(
            self.show_template,
            document=document,
            title=f"{document.name} {document.title}",
            editable=editable,
            moves=workflow.possible(document, actor()),
            key=secrets.token_urlsafe(12),
            tabs=tabs,
            sheet=sheet,
            turn=current_steps(open_sheet(document)),
            who=who,
            facts=self.facts(document),
            steps=self.steps(document),
            problems=[linked(one) for one in problems],
            history=told,
            earlier=earlier,
            details=self.details(document),
            ask_password=not security.proves(""),
            form=form,
            preview=self.preview(document),
            filed=containers.filed(document),
            named=self.named_on(document, context.pop("named", None)),
            **context,
        ), status

    def tabs(self, document: Any) -> Sequence[Tab | None]:
        """The tabs of the page; a type may add its own."""
        return [
            Tab("lines", "Lines", "documents/lines.html", len(document.lines)) if self.has_lines else None,
            Tab("details", "Details", "documents/details.html"),
            *(Tab(one.key, one.title, count=len(one.rows(document))) for one in self.rosters if one.own_tab),
            Tab(
                "papers",
                "Attachments and notes",
                "documents/papers.html",
                len(document.attachments) + len(document.notes),
            ),
            Tab("related", "Related documents", "documents/related.html"),
            Tab("history", "History", "documents/history.html"),
        ]

    def details(self, document: Any) -> Sequence[tuple[str, Any]]:
        """The header's fields for those who only read."""
        return [(self.label(name), cell(document, name)) for name in self.edit_columns]

    def history(self, document: Any, most: int = trail.FIRST) -> tuple[Sequence[Any], bool]:
        """What happened, newest first, moves and changes together; and whether that is not all (DOC-09)."""
        return trail.history_of(db.session(), document, self.kind, self._called, most)

    @expose("/history/<pk>")
    @allowed("show")
    def whole_history(self, pk: str) -> Any:
        """Everything that ever happened to a document: in place of what its page shows of it, or as a page."""
        document = self.load(pk, named=False)
        rows, _ = self.history(document, trail.ALL)
        piece = bool(request.headers.get("HX-Request"))
        return self.page(
            "documents/history.html" if piece else "documents/whole_history.html",
            document=document,
            history=rows,
            earlier=False,
            title=f"History of {document.name}",
        )

    def _called(self, entity: str, field: str) -> str:
        name = field.removesuffix("_id")
        label = self.label(name) if entity == self.entity.__name__ else LABELS.get(name, "")
        # "in" and "to" stand beside another field on the form; alone they say nothing.
        label = label if len(label) > 2 else words(name)
        return label if label[:2].isupper() else label[:1].lower() + label[1:]

    def chain(self, document: Any) -> Chain:
        """The ancestors and descendants that the person may look up (DOC-10)."""
        return chain_of(db.session(), document, [name for name, _ in kinds_in_reach()])

    def head_chip(self, document: Any) -> Any:
        """The word behind the title."""
        return chip(document.state)

    def extra_buttons(self, document: Any) -> Sequence[tuple[str, str, str]]:
        """Ways on from here: label, address, icon."""
        return ()

    def preview(self, document: Any) -> Any:
        """What releasing will create, for types that create something."""
        return None

    # Making, changing and moving.

    @expose("/add", methods=["GET", "POST"])
    @allowed("add")
    def add(self) -> Any:
        """A new draft: a title, and straight to its page."""
        form = self.start_form()(data=self._prefilled() if request.method == "GET" else None)
        if request.method == "POST" and form.validate() and containers.chosen_in(form):
            document = workflow.start(db.session(), office(), self.entity, actor(), **self.defaults(form))
            fill(form, document, self.start_columns)
            self.before_save(document, True)
            db.session.commit()
            return redirect(document_url(document))
        status = 422 if request.method == "POST" else 200
        title, spots = f"New {self.title.lower()}", containers.mine()
        place = {"spots": spots, "active": containers.active(spots)}
        return self.page(self.start_template, form=form, record=None, title=title, **place), status

    def start_form(self) -> Any:
        """The form of a new draft."""
        return form_for(
            self.entity,
            self.start_columns,
            labels={one: self.label(one) for one in self.start_columns},
            hints=self.hints,
            choices=self.choices,
            lookups=self.field_lookup,
        )

    def defaults(self, form: Any) -> dict[str, Any]:
        """What a new draft starts with, from the person's profile."""
        return {}

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @allowed("edit")
    def edit(self, pk: str) -> Any:
        """Save the header. The form stands on the page's details tab."""
        document = self.load(pk)
        if request.method == "GET":
            return redirect(f"{document_url(document)}#details")
        if not self.editable(document):
            abort(409)
        form = self.form_class()(obj=document)
        problems = []
        if form.version.data != str(document.version):
            problems = ["Somebody else has changed this document since you opened it. Look at it and save again."]
            form.version.raw_data = [str(document.version)]
        elif self.save(form, document, new=False):
            flash("Saved.", "success")
            return redirect(f"{document_url(document)}#details")
        problems += [*form.form_errors, *(error for field in form for error in field.errors)]
        document = self.load(pk)
        return self.document_page(
            document, [Problem(one, "details") for one in problems], 422 if form.errors else 409, form=form
        )

    def before_save(self, record: Any, new: bool) -> None:
        """The totals follow, and the time of the last change."""
        totals.settle(record)
        record.changed_at = office().now()
