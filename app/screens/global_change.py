"""Global change: what stands on a tab of one line, put onto other lines of the document, after a look at what that does.

A tab's fields are those of `line_page.TABS`, judged by the same form as on the line's own page; its funding is the split
editor's. What a tab changes is a list of `Change`, so that preview and deed cannot differ. Source: DOC-13, F05.25."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request
from flask_appbuilder import expose
from sqlalchemy.orm.exc import StaleDataError

from app import totals
from app.entities.document import Document
from app.entities.lines import LineItem
from app.extensions import db
from app.rules.lines import funding_problems
from app.rules.numbers import read_key
from app.screens.changes import FUNDING, Change, Effect, effect_on, field_changes, funding_change
from app.screens.forms import RecordForm
from app.screens.funding import Split, read_split
from app.screens.gate import allowed
from app.screens.line_page import FIELDS, TABS, line_form
from app.screens.present import document_url

TAB_NAMES = {key: label for key, label, _ in TABS} | {FUNDING: "Funding"}
TAB_FIELDS = {key: tuple(names) for key, _, names in TABS}
SENT = {key: {*names, *(f"{one}_text" for one in names)} for key, names in TAB_FIELDS.items()} | {
    FUNDING: {"basis", "strip", "strip_text", "share", "template"}
}
"""Tab → what its form sends; the preview carries it along."""

CHANGED_MEANWHILE = "Somebody has changed these lines since you looked. Look at the preview again, then apply it."


@dataclass(frozen=True)
class Look:
    """What the preview shows, and what is done when it is confirmed."""

    document: Any
    source: LineItem | None
    tab: str
    changes: Sequence[Change]
    ticked: Sequence[Change]
    effects: Sequence[Effect]

    @property
    def taking(self) -> list[LineItem]:
        """The lines that will change."""
        return [one.line for one in self.effects if one.chosen and one.takes]

    @property
    def back(self) -> str:
        """Where it started."""
        page = document_url(self.document)
        if self.source is None:
            return f"{page}#lines"
        return f"{page.replace('/show/', '/line/')}/{self.source.id}/#{self.tab}"


class Wrong(Exception):
    """What was typed on the tab cannot be read; carries what shows it again."""

    def __init__(self, form: RecordForm | None = None, split: Split | None = None) -> None:
        super().__init__()
        self.form, self.split = form, split


class GlobalChange:
    """What a document's screen does to several lines at once."""

    load: Any
    editable: Any
    settle: Any
    page: Any
    line_page: Any
    line_lookups: Any
    document_page: Any

    @expose("/change/<pk>/<tab>", methods=["POST"])
    @allowed("edit")
    def global_change(self, pk: str, tab: str) -> Any:
        """This tab for other lines too: first what it would do to each, then, when confirmed, all of it at once."""
        document = self.load(pk)
        source = self._source(document, tab)
        if not self.editable(document):
            abort(409)
        try:
            changes = self._changes(document, tab, source)
        except Wrong as wrong:
            return self._typed_again(document, source, wrong)
        look = self._look(document, source, tab, changes)
        if request.form.get("change-do") != "apply":
            return self._preview(look)
        if request.form.get("change-version") != str(document.version):
            return self._preview(look, CHANGED_MEANWHILE, 409)
        if not look.taking:
            return self._preview(look, "Nothing would change. Tick fields and lines.", 422)
        try:
            return self._apply(look)
        except StaleDataError:  # at the same moment
            db.session.rollback()
            document = self.load(pk)
            source = self._source(document, tab)
            look = self._look(document, source, tab, self._changes(document, tab, source))
            return self._preview(look, CHANGED_MEANWHILE, 409)

    def _look(self, document: Any, source: LineItem | None, tab: str, changes: Sequence[Change]) -> Look:
        """The fields and lines that are ticked: at first all of them."""
        asked, wanted, keys = (
            request.form,
            {one.name for one in changes if one.ticked},
            {one.id for one in document.lines},
        )
        if "change-version" in asked:
            wanted = set(asked.getlist("change-field"))
            keys = {read_key(one) for one in asked.getlist("change-line")}
        ticked = [one for one in changes if one.name in wanted]
        effects = [effect_on(line, ticked, line.id in keys) for line in document.lines]
        return Look(document, source, tab, changes, ticked, effects)

    def _source(self, document: Any, tab: str) -> LineItem | None:
        """The line from whose page the change starts; funding may be given for all lines from the document's page."""
        key = read_key(request.args.get("line"))
        source = next((one for one in document.lines if one.id == key), None)
        if tab not in TAB_NAMES or (source is None and (key or tab != FUNDING)):
            abort(404)
        return source

    def _changes(self, document: Document, tab: str, source: LineItem | None) -> Sequence[Change]:
        if tab == FUNDING:
            split = read_split(request.form)
            if split.errors:
                raise Wrong(split=split)
            return [funding_change(split, source)]
        assert source is not None
        names = TAB_FIELDS[tab]
        form = line_form(document, self.line_lookups, names)(obj=source)
        with db.session.no_autoflush:
            if not form.validate():
                raise Wrong(form=line_form(document, self.line_lookups, FIELDS)(obj=source))
            return list(field_changes(form, names, source))

    def _typed_again(self, document: Any, source: LineItem | None, wrong: Wrong) -> Any:
        """The page where it was typed, with what is wrong."""
        split = wrong.split
        if source is None:
            assert split is not None
            return self.document_page(document, split.problems(), 422, split=split)
        if split is not None:
            form = line_form(document, self.line_lookups)(formdata=None, obj=source)
            return self.line_page(document, source, form, True, split=split, open_tab=FUNDING), 422
        assert wrong.form is not None
        wrong.form.validate()
        return self.line_page(document, source, wrong.form, True), 422

    def _preview(self, look: Look, problem: str = "", status: int = 200) -> Any:
        sent = [(name, text) for name, text in request.form.items(multi=True) if name in SENT[look.tab]]
        name = TAB_NAMES[look.tab]
        return self.page(
            "documents/global_change.html",
            document=look.document,
            look=look,
            tab_name=name,
            sent=sent,
            problem=problem,
            title=f"{name} for other lines of {look.document.name}",
        ), status

    def _apply(self, look: Look) -> Any:
        taking = look.taking
        with db.session.no_autoflush:
            for line in taking:
                for change in look.ticked:
                    change.put(line)
        try:
            self.settle(look.document)
        except totals.TooLarge as problem:
            db.session.rollback()
            return self._preview(look, str(problem), 422)
        left = sum(1 for line in taking if look.tab == FUNDING and any(funding_problems(line)))
        flash(*said(TAB_NAMES[look.tab], look.effects, len(taking), left))
        return redirect(look.back)


def said(tab: str, effects: Sequence[Effect], count: int, left: int) -> tuple[str, str]:
    """What was done, in a sentence, and its tone."""
    refused = sum(1 for one in effects if one.chosen and one.refusals)
    words = f"{tab}: {count} line{'' if count == 1 else 's'} changed."
    if refused:
        words += f" Refused for {refused}."
    if left:
        words += f" The funding of {left} does not cover the amount yet."
    return words, "warning" if refused or left else "success"
