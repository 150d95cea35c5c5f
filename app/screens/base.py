"""House style for generated screens: list, show, add, edit, delete and look-up of any entity, in three to ten lines.

`class UnitScreen(Screen, of=Unit)` gives an entity its routes and permissions through Flask-AppBuilder. The pages
themselves are ours: they obey the sight of the session, keep what was typed, notice a stale form, cap their counts,
and answer bad arguments instead of failing. docs/decisions tells why."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseModelView
from sqlalchemy import Select, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.entities.document import Document
from app.extensions import db
from app.integrity import Frozen
from app.rules.numbers import read_key
from app.scope import OutOfSight, sees
from app.screens import listing, present
from app.screens.choices import LOOKED_UP, find_choices
from app.screens.clashes import clash_in_words
from app.screens.columns import Columns, spaced
from app.screens.exporting import Exporting
from app.screens.forms import RecordForm, fill, form_for
from app.screens.gate import actor, allowed
from app.screens.records import Records
from app.screens.saved_views import SavedViews, opens_views

SCREENS: dict[type, type["Screen"]] = {}
"""Entity → its screen, so that a look-up or a link finds the way."""


class Screen(Exporting, SavedViews, Columns, BaseModelView):
    """A generated screen. What it shows, searches, sorts and edits is always named, never everything."""

    title = ""
    plural = ""
    searched: Sequence[str] = ()
    fieldsets: Sequence[tuple[str, Sequence[str]]] = ()
    hints: Mapping[str, str] = {}
    related: Sequence[tuple[type, str]] = ()
    lookup_columns: Sequence[str] = ("name",)
    row_verbs: Sequence[str] = ()
    calls_may_write = True
    loading: Any = None
    list_template, show_template, form_template = "screens/list.html", "screens/show.html", "screens/form.html"

    def __init_subclass__(cls, of: type | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if of is not None:
            cls.entity, cls.datamodel = of, Records(of)
            cls.class_permission_name = of.__name__
            cls.route_base = f"/{of.__tablename__.replace('_', '-')}"  # type: ignore[attr-defined]
            cls.title = cls.title or spaced(of.__name__).capitalize()
            cls.plural = cls.plural or f"{cls.title}s"
            cls.show_columns = cls.show_columns or cls.edit_columns
            cls.order_columns = cls.order_columns or tuple(
                name for name in cls.list_columns if name in inspect(of).columns
            )
            SCREENS[of] = cls
            LOOKED_UP[of] = tuple(cls.lookup_columns)

    def _init_forms(self) -> None:
        """Forms are made by `form_class`; FAB's would load every row of every related table."""

    def _init_properties(self) -> None:
        self.base_filters: list[Any] = []
        self.label_columns = dict(self.labels)
        self._base_filters = self.datamodel.get_filters()

    # What the pages are made of.

    def statement(self) -> Select[Any]:
        """The rows of this screen, before filters. The session adds what the person may see."""
        return select(self.entity)

    def load(self, pk: str) -> Any:
        """One record within sight. Errors: 404."""
        return db.session.scalar(self.statement().where(self.entity.id == read_key(pk))) or abort(404)

    def may(self, verb: str) -> bool:
        """Whether the person may do something here."""
        return verb in self.verbs() and actor().may(verb, self.entity)

    @functools.cache  # noqa: B019  (a screen lives as long as its application)
    def verbs(self) -> frozenset[str]:
        """What this screen offers at all."""
        known = ("list", "show", "add", "edit", "delete", *self.row_verbs)
        return frozenset(name for name in known if name not in self.exclude_route_methods)

    def acts_on_rows(self) -> bool:
        """Whether the person may do something with the rows of a list."""
        return any(self.may(verb) for verb in ("edit", "delete", *self.row_verbs))

    def may_change(self, record: Any) -> bool:
        """Whether this record can be edited now."""
        return self.may("edit")

    def may_remove(self, record: Any) -> bool:
        """Whether this record can be deleted by this person."""
        return self.may("delete")

    def form_class(self) -> type[RecordForm]:
        """The form of the entity."""
        return form_for(
            self.entity,
            self.edit_columns,
            labels=self.all_labels(),
            hints=self.hints,
            choices=self.choices,
            lookups=self.field_lookup,
        )

    def field_lookup(self, name: str, target: type) -> dict[str, Any]:
        """Where a field of the form finds what it refers to, and what it takes."""
        return {
            "entity": target,
            "url": url_for(f"{type(self).__name__}.lookup", name=name),
            "narrow": lambda statement: self.narrow(name, statement),
        }

    def narrow(self, name: str, statement: Select[Any]) -> Select[Any]:
        """Which rows a field offers, beyond what the person sees anyway: active ones, for example."""
        target: Any = inspect(self.entity).relationships[name].mapper.class_
        return statement.where(target.active.is_(True)) if "active" in inspect(target).columns else statement

    def check(self, record: Any, form: RecordForm) -> None:
        """What must hold before a record is saved; problems are put on the form's fields."""

    def before_save(self, record: Any, new: bool) -> None:
        """Facts that the form does not ask for."""

    def page(self, template: str, **context: Any) -> str:
        """A page of this screen."""
        return render_template(template, screen=self, appbuilder=self.appbuilder, labels=self.all_labels(), **context)

    def url(self, name: str, **values: Any) -> str:
        """An address of this screen."""
        return url_for(f"{type(self).__name__}.{name}", **values)

    def row_buttons(self, record: Any) -> Sequence[Mapping[str, Any]]:
        """What can be done with a record beside editing and deleting it, as arguments of `post_button`."""
        return ()

    def show_url(self, record: Any) -> str | None:
        """Where a row leads, if the person may go there."""
        verb = next((one for one in ("show", "edit") if self.may(one)), None)
        return present.record_url(f"{type(self).__name__}.{verb}", record.id) if verb else None

    # The pages.

    @expose("/list/")
    @allowed("list")
    @opens_views
    def list(self) -> Any:
        """The list, with search, filters, order and pages."""
        return self.page(self.list_template, listing=self.find(self.in_view()), title=self.plural)

    def in_view(self) -> Select[Any]:
        """The rows of the view that the address opens; most lists have one."""
        return self.statement()

    def find(self, statement: Select[Any]) -> listing.Listing:
        """The page of the list that the address asks for."""
        found = listing.page_of(
            db.session(),
            self.entity,
            statement,
            self.wanted_page(),
            searched=self.searched,
            eager=self.relations_listed(),
        )
        self.prepare(found.rows)
        return found

    @expose("/show/<pk>")
    @allowed("show")
    def show(self, pk: str) -> Any:
        """One record, with the records that belong to it."""
        record = self.load(pk)
        return self.page(self.show_template, record=record, title=str(record), inner=self._inner(record))

    def _inner(self, record: Any) -> Sequence[tuple["Screen", str, Sequence[Any]]]:
        found = []
        for entity, relation in self.related:
            screen = next((one for one in self.appbuilder.baseviews if getattr(one, "entity", None) is entity), None)
            if screen is not None and screen.may("list"):
                key: Any = next(iter(inspect(entity).relationships[relation].local_columns))
                rows = db.session.scalars(select(entity).where(key == record.id).order_by(screen.entity.id).limit(200))
                found.append((screen, relation, list(rows)))
        return found

    @expose("/add", methods=["GET", "POST"])
    @allowed("add")
    def add(self) -> Any:
        """A new record. What was typed stays when something is wrong."""
        form = self.form_class()(data=self._prefilled() if request.method == "GET" else None)
        if request.method == "POST":
            record = self.entity()
            if self.save(form, record, new=True):
                flash(f"{self.title} added.", "success")
                return redirect(self._after(record))
            return self.page(self.form_template, form=form, record=None, title=f"Add {spaced(self.title)}"), 422
        return self.page(self.form_template, form=form, record=None, title=f"Add {spaced(self.title)}")

    def _prefilled(self) -> dict[str, Any]:
        """What the address already says: `?vendor=12` on "add an address"."""
        values = {}
        for name, relation in inspect(self.entity).relationships.items():
            if name in self.edit_columns and (key := read_key(request.args.get(name))):
                values[name] = db.session.get(relation.mapper.class_, key)
        return values

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @allowed("edit")
    def edit(self, pk: str) -> Any:
        """A changed record. A form that somebody else has overtaken says so and loses nothing."""
        record = self.load(pk)
        if not self.may_change(record):
            abort(403)
        form = self.form_class()(obj=record)
        title = f"Edit {spaced(self.title)}"
        if request.method == "GET":
            return self.page(self.form_template, form=form, record=record, title=title)
        version = str(getattr(record, "version", ""))
        if form.version.data != version:
            form.version.raw_data, form.version.data = [version], version
            form.form_errors.append(
                "Somebody else has changed this record since you opened it. Compare with the record, then save again."
            )
            return self.page(self.form_template, form=form, record=record, title=title, stale=True), 409
        if self.save(form, record, new=False):
            flash(f"{self.title} saved.", "success")
            return redirect(self._after(record))
        return self.page(self.form_template, form=form, record=record, title=title), 422

    def _after(self, record: Any) -> str:
        parent = next(
            (relation for screen in SCREENS.values() for entity, relation in screen.related if entity is self.entity),
            None,
        )
        owner = getattr(record, parent) if parent else None
        if owner is not None and type(owner) in SCREENS:
            return url_for(f"{SCREENS[type(owner)].__name__}.show", pk=owner.id)
        return self.url("show", pk=record.id) if self.may("show") else self.url("list")

    def save(self, form: RecordForm, record: Any, new: bool) -> bool:
        """Put a form onto a record and write it; False, with the reasons on the form, when that cannot be."""
        session = db.session()
        with session.no_autoflush:
            valid = form.validate()
            if valid:
                fill(form, record, self.edit_columns)
                self.check(record, form)
            if not valid or form.errors:
                session.expunge(record) if record in session.new else session.rollback()
                return False
        try:
            with session.no_autoflush:
                self.before_save(record, new)
            if new:
                session.add(record)
            session.flush()
            if not sees(session, self.entity, record.id):
                raise OutOfSight(self.title)  # nobody gives away a record to where they do not see it any more
            session.commit()
            return True
        except IntegrityError as clash:
            form.form_errors.append(clash_in_words(self, clash))
        except StaleDataError:
            form.form_errors.append("Somebody else has just changed this record. Open it again.")
        except OutOfSight:
            form.form_errors.append("One of the choices is not available to you. Choose from the lists.")
        except Frozen as frozen:
            form.form_errors.append(str(frozen))
        session.rollback()
        return False

    @expose("/delete/<pk>", methods=["POST"])
    @allowed("delete")
    def delete(self, pk: str) -> Any:
        """Remove a record that nothing refers to."""
        record = self.load(pk)
        back = self._after(record)
        if isinstance(record, Document) or not self.may_remove(record):
            abort(403)
        if not self.removed(record):
            flash(f"This {spaced(self.title)} is in use and stays on record.", "warning")
            return redirect(self.url("show", pk=pk))
        flash(f"{self.title} deleted.", "success")
        return redirect(back if "/show/" not in back or not back.endswith(f"/{pk}") else self.url("list"))

    def removed(self, record: Any) -> bool:
        """Delete a record; False when something refers to it."""
        db.session.delete(record)
        try:
            db.session.commit()
            return True
        except (IntegrityError, Frozen, OutOfSight):
            db.session.rollback()
            return False

    @expose("/lookup/<name>")
    @allowed("list")
    def lookup(self, name: str) -> Any:
        """What a field offers for what was typed: the first twenty, within sight (RB-06)."""
        relations = inspect(self.entity).relationships
        if name not in (*self.edit_columns, *self.search_columns) or name not in relations:
            abort(404)
        target: Any = relations[name].mapper.class_
        return jsonify(find_choices(target, request.args.get("q", ""), lambda one: self.narrow(name, one)))
