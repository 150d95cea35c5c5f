"""Every list as a file: the same rows, in the same order, with the same columns as the list shows. Source: RB-10, ux."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from flask import abort, flash, redirect, send_file
from flask_appbuilder import expose
from markupsafe import Markup

from app import audit_notes, exports
from app.extensions import db
from app.screens import listing
from app.screens.addresses import this_page
from app.screens.gate import actor, allowed, office

MOST = 20_000
"""Rows of the largest file. Who needs more narrows the list down, or reads it by calls."""


def as_file(ending: str, title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]], name: str = "") -> Any:
    """Rows as CSV or as a workbook; on record, with their number. Errors: 404 for another ending."""
    media_type, make = exports.FORMATS.get(ending) or abort(404)
    content = make(title, headings, rows)
    audit_notes.exported(db.session(), actor(), f"{len(rows)} {title} as {ending}", office().now())
    db.session.commit()
    name = name or f"{title} {office().today():%Y-%m-%d}"
    file_name = f"{name.lower().replace(' ', '-')}.{ending}"
    return send_file(BytesIO(content), mimetype=media_type, as_attachment=True, download_name=file_name)


def too_many(at: str) -> Any:
    """Back to the list, as it was narrowed down, with the words to narrow it down further."""
    flash(f"These are more than {MOST:,} rows. Narrow the list down with a filter, then export it.", "warning")
    return redirect(this_page(at=at))


class Exporting:
    """What every list's screen does with its export."""

    entity: Any
    list_columns: Any
    cell: Any
    in_view: Any
    relations_listed: Any
    prepare: Any

    @expose("/export/<ending>", methods=["POST"])
    @allowed("list")
    def export(self, ending: str) -> Any:
        """The list as CSV or as a workbook; on record, with the number of rows."""
        if ending not in exports.FORMATS:
            abort(404)
        wanted, entity = self.wanted_page(), self.entity  # type: ignore[attr-defined]
        statement = listing.narrowed(entity, self.in_view(), wanted, self.searched)  # type: ignore[attr-defined]
        count = listing.count_of(db.session(), statement, entity.id, MOST)
        if count > MOST:
            return too_many(self.url("list"))  # type: ignore[attr-defined]
        statement = listing.sorted_by(entity, statement, wanted)
        records = db.session.scalars(statement.options(listing.loading(entity, tuple(self.relations_listed())))).all()
        self.prepare(records)
        labels = self.all_labels()  # type: ignore[attr-defined]
        rows = [[self._exported(record, name) for name in self.list_columns] for record in records]
        return as_file(ending, str(self.plural), [labels[name] for name in self.list_columns], rows)  # type: ignore[attr-defined]

    def export_url(self, ending: str) -> str:
        """The address of the list as a file, narrowed down and ordered as it is on the page."""
        return this_page(at=self.url("export", ending=ending))  # type: ignore[attr-defined]

    def _exported(self, record: Any, name: str) -> Any:
        """A value as a file holds it: what the list shows, without its looks; numbers and days as such. What the entity
        has no attribute for is derived by its cell."""
        if not hasattr(record, name.split(".")[0]):
            return Markup(str(self.cell(record, name))).striptags()
        value: Any = record
        for part in name.split("."):
            value = getattr(value, part, None) if value is not None else None
        if isinstance(value, datetime):
            return office().local(value if value.tzinfo else value.replace(tzinfo=UTC))
        if isinstance(value, exports.KEPT):
            return value
        return Markup(str(self.cell(record, name))).striptags() if value not in (None, "") else ""
