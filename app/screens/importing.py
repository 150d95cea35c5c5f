"""Lists that are filled from a file: checked first if wished, taken whole or not at all. Source: FND-02, IN-01."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose
from wtforms import FileField, SelectField

from app import transfer
from app.csvfile import CsvSource, Report
from app.extensions import db
from app.screens.forms import RecordForm
from app.screens.gate import actor, allowed, office

MOST_SHOWN = 500
"""Rows that are wrong, as many as a page shows at once."""


@dataclass(frozen=True)
class Loading:
    """A kind of file. `columns` are headings with what stands below them; `kinds` are the lists that it may belong to.
    `read` takes the file, the chosen kind, and whether it is only to be checked."""

    verb: str
    columns: Sequence[tuple[str, str]]
    read: Callable[[CsvSource, str, bool], Report]
    kinds: Sequence[tuple[str, str]] = ()
    note: str = ""


def _codes(file: CsvSource, kind: str, dry_run: bool) -> Report:
    return transfer.import_codes(db.session(), kind, file, dry_run=dry_run)


def _strips(file: CsvSource, _kind: str, dry_run: bool) -> Report:
    return transfer.import_strips(db.session(), office(), actor(), file, dry_run=dry_run)


CODES = Loading(
    verb="add",
    kinds=[(code, f"{code}: {scheme.name}") for code, scheme in transfer.SCHEMES.items()],
    columns=(
        ("Code", "As the scheme writes it; format the column as text, so that no leading zero is lost"),
        ("Title", "What the code stands for"),
        ("Definition", "Longer words, if there are any"),
    ),
    read=_codes,
    note="New codes are added, new titles replace old ones, none is removed. NIGP and UNSPSC are licensed: load the list "
    "that your office holds.",
)
STRIPS = Loading(
    verb="allot",
    columns=(
        ("Code", "The strip's accounting code"),
        ("Name", "What it is called"),
        ("Organization", "The code of its office"),
        ("Allotment", "What the strip is to have in all for the budget year; empty leaves it as it is"),
        ("BFY", "The budget year, such as 2027; empty means the present one"),
        ("Fund, Agency, Unit, Program, Object", "Parts of the accounting string, if wished"),
    ),
    read=_strips,
    note="A strip that exists takes the file's values. Only the difference to what it has is posted, so that loading the "
    "same file again posts nothing.",
)


class LoadForm(RecordForm):
    """Which file, and to which list it belongs."""

    kind = SelectField("List")
    file = FileField("File (CSV)")


class Importing:
    """What a list's screen does with a file."""

    loading: Any
    title: str
    plural: str
    page: Any
    url: Any

    def load_from_file(self) -> Any:
        """The page that asks for a file, and what came of it."""
        form, report = LoadForm(), None
        form.kind.choices = list(self.loading.kinds)
        if not self.loading.kinds:
            del form.kind
        if request.method == "POST" and self._sent(form):
            kind = form.kind.data if self.loading.kinds else ""
            report = self.loading.read(form.file.data.stream, kind, request.form.get("do") != "load")
            if not report.errors and not report.dry_run:
                flash(f"{form.file.data.filename}: {report}", "success")
                here = self.url("list")
                return ("", 204, {"HX-Redirect": here}) if request.headers.get("HX-Request") else redirect(here)
        wrong = bool(form.errors or (report and report.errors))
        return self.page(
            "screens/import.html",
            title=f"Import {self.plural.lower()}",
            form=form,
            loading=self.loading,
            report=report,
            most=MOST_SHOWN,
        ), 422 if wrong else 200

    def _sent(self, form: LoadForm) -> bool:
        if form.validate() and not getattr(form.file.data, "filename", ""):
            form.file.errors = ["Choose the file."]
        return not form.errors


class ImportsCodes(Importing):
    """The list of commodity codes."""

    loading = CODES

    @expose("/import", methods=["GET", "POST"])
    @allowed("add")
    def import_file(self) -> Any:
        """Commodity codes of a scheme. Source: IN-01."""
        return self.load_from_file()


class ImportsStrips(Importing):
    """The list of funding strips."""

    loading = STRIPS

    @expose("/import", methods=["GET", "POST"])
    @allowed("allot")
    def import_file(self) -> Any:
        """Funding strips with their allotments. Source: FND-02."""
        return self.load_from_file()
