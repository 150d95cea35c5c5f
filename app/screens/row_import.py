"""Lines from a spreadsheet: rows that were pasted, or a CSV file or workbook, looked at first and then added.

Rows that are right can be added while the others stay to be corrected in place; what was typed is never lost. Nothing of
the file is kept: the page carries the rows. Source: LIN-08, OP-03."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any

from flask import flash, redirect, request, send_file
from flask_appbuilder import expose
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app import cells, exports, totals
from app.cells import Table, Unreadable
from app.entities.lines import LineItem
from app.extensions import db
from app.rules.rows import HEADINGS, IN_ORDER, PASSED_OVER, columns_in_order, columns_named, has_headings, plain_heading
from app.screens.changes import spoken
from app.screens.exporting import as_file
from app.screens.gate import allowed
from app.screens.line_page import common_units
from app.screens.line_rows import Judge, Row, codes_named, offered
from app.screens.once import key_of_form, made_before, remember
from app.screens.present import document_url
from app.screens.uploads import Unacceptable, accept

FILES = {"csv": cells.of_csv, "txt": cells.of_csv, "xlsx": cells.of_workbook}
"""Ending → what reads it."""

MOST_SHOWN, MOST_FIELDS = 50, 700
"""Rows shown of those that are right; fields for correcting the others, which a request may carry at once."""


@dataclass(frozen=True)
class Sheet:
    """A table with the field that each column is, and its rows judged."""

    columns: Sequence[str]
    headings: Sequence[str]
    rows: Sequence[Row]

    @property
    def good(self) -> list[Row]:
        """Rows that can be added."""
        return [row for row in self.rows if not row.faults]

    @property
    def bad(self) -> list[Row]:
        """Rows that something stands against."""
        return [row for row in self.rows if row.faults]

    @property
    def in_place(self) -> list[tuple[int, Row]]:
        """Those of them that are corrected on the page, with their places; the rest comes when these are done."""
        wrong = [(at, row) for at, row in enumerate(self.rows) if row.faults]
        return wrong[: max(5, MOST_FIELDS // max(1, sum(map(bool, self.columns))))]

    @property
    def shown(self) -> list[Row]:
        """The first of the good ones."""
        return self.good[:MOST_SHOWN]

    @property
    def passed_over(self) -> list[str]:
        """Headings of columns that are not read and of which nobody would expect it."""
        named = zip(self.headings, self.columns, strict=False)
        return [text for text, name in named if not name and plain_heading(text) not in PASSED_OVER]

    @property
    def total(self) -> Decimal:
        """What the good rows come to."""
        return sum((row.amount for row in self.good), Decimal("0.00"))

    @property
    def text(self) -> str:
        """The rows as the page carries them."""
        return cells.written([row.cells for row in self.rows])

    @property
    def numbers(self) -> str:
        """Their numbers."""
        return ",".join(str(row.number) for row in self.rows)

    def place_name(self, place: int) -> str:
        """What a column is called in a report."""
        return spoken(self.columns[place]) if place >= 0 and self.columns[place] else ""


class RowImport:
    """What a document's screen does with rows from elsewhere."""

    load: Any
    page: Any
    settle: Any
    line_lookups: Any
    _writable: Any

    def ordered_from(self, document: Any) -> Any:
        """The agreement whose lines the rows name, for documents that order from one."""
        return None

    @expose("/rows/<pk>", methods=["GET", "POST"])
    @allowed("edit")
    def rows(self, pk: str) -> Any:
        """Paste rows or choose a file; look; correct; add."""
        document = self._writable(self.load(pk))
        if request.method == "GET":
            return self._rows_start(document)
        try:
            columns, headings, table = self._rows_sent(document)
        except (Unreadable, Unacceptable) as problem:
            return self._rows_start(document, str(problem)), 422
        sheet = self._judge_rows(document, columns, headings, table)
        deeds = {"add": self._add_rows, "report": self._report_rows}
        return deeds.get(request.form.get("do", ""), self._rows_page)(document, sheet)

    # Reading what was sent.

    def _rows_sent(self, document: Any) -> tuple[list[str], list[str], Table]:
        """The columns and the rows: of the page that was corrected, or fresh ones. Errors: Unreadable, Unacceptable."""
        form, names = request.form, offered(self.ordered_from(document))
        if "column" in form:
            return *_columns_of_form(names), _corrected(cells.of_text(form.get("text", ""), csv_too=False))
        table = self._fresh_rows()
        first, *others = table.rows
        if has_headings(first[1]):
            columns, headings, table = columns_named(first[1], names), list(first[1]), Table(others)
            if not others:
                raise Unreadable("There are headings, and no row below them.")
            return _wide(columns, table), headings, table
        start = form.get("first", "") or _guess(table)
        return columns_in_order(table.width, start), [""] * table.width, table

    def _fresh_rows(self) -> Table:
        upload = request.files.get("file")
        if upload is None or not upload.filename:
            return cells.of_text(request.form.get("text", ""))
        file = accept(upload.filename, upload.stream, FILES, encoding="latin-1")
        return FILES[file.name.rpartition(".")[2].lower()](file.content)

    def _judge_rows(self, document: Any, columns: list[str], headings: list[str], table: Table) -> Sheet:
        rows = [row for _, row in table.rows]
        with db.session.no_autoflush:
            judge = Judge(document, columns, rows, self.line_lookups, self.ordered_from(document))
            return Sheet(columns, headings, [judge.judged(number, row) for number, row in table.rows])

    # Answering.

    def _rows_start(self, document: Any, problem: str = "") -> Any:
        return self.page(
            "documents/rows.html",
            document=document,
            sheet=None,
            problem=problem,
            typed=request.form.get("text", ""),
            agreement=self.ordered_from(document),
            limits=cells,
            title=f"Rows for {document.name}",
        )

    def _rows_page(self, document: Any, sheet: Sheet, problem: str = "", key: str = "") -> Any:
        names = offered(self.ordered_from(document))
        return self.page(
            "documents/rows.html",
            document=document,
            sheet=sheet,
            problem=problem,
            names=[(name, spoken(name)) for name in names],
            units=common_units(),
            key=key or key_of_form(),
            title=f"Rows for {document.name}",
        )

    def _add_rows(self, document: Any, sheet: Sheet) -> Any:
        """The good rows become lines, all at once; the others stay."""
        key, good = key_of_form(), sheet.good
        page = f"{document_url(document)}#lines"
        if made_before(key) is not None:
            flash("These rows had been added already; nothing more happened.", "info")
            return redirect(page)
        if not good:
            return self._rows_page(document, sheet, "No row can be added yet. Correct them below."), 422
        try:
            with db.session.no_autoflush:
                for line in [one for one in document.lines if is_blank(one)]:
                    document.lines.remove(line)
                document.lines.extend(row.line for row in good)
                remember(key, document)
            self.settle(document)
        except totals.TooLarge as problem:
            db.session.rollback()
            return self._rows_page(document, sheet, str(problem)), 422
        except StaleDataError:
            db.session.rollback()
            return self._rows_page(
                document, sheet, "Somebody else has just saved this document. Add the rows again."
            ), 409
        except IntegrityError:  # the same form was sent twice at once, and the other one was faster
            db.session.rollback()
            return redirect(page)
        flash(f"{len(good)} line{'' if len(good) == 1 else 's'} added.", "success")
        if not sheet.bad:
            return redirect(page)
        return self._rows_page(document, Sheet(sheet.columns, sheet.headings, sheet.bad), key=f"{key[:50]}+{len(good)}")

    def _report_rows(self, document: Any, sheet: Sheet) -> Any:
        """What is wrong, row by row, as a file."""
        rows = [
            (row.number, sheet.place_name(fault.place), fault.read, fault.expected)
            for row in sheet.bad
            for fault in row.faults
        ]
        content = exports.as_csv(("Row", "Column", "Read", "Expected"), rows)
        return send_file(BytesIO(content), "text/csv", as_attachment=True, download_name="rows-to-correct.csv")

    @expose("/rows/<pk>/export/<ending>", methods=["POST"])
    @allowed("show")
    def export_lines(self, pk: str, ending: str) -> Any:
        """The lines as a file that can be pasted or imported again; on record."""
        document = self.load(pk)
        headings, rows = lines_as_rows(document.lines)
        return as_file(ending, f"Lines of {document.name}", headings, rows, name=f"{document.name} lines")


def _columns_of_form(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The columns as they were chosen, each field once, and their headings."""
    columns: list[str] = []
    for name in request.form.getlist("column")[: cells.MOST_COLUMNS]:
        columns.append(name if name in names and name not in columns else "")
    headings = [text[:200] for text in request.form.getlist("heading")[: len(columns)]]
    return columns, headings + [""] * (len(columns) - len(headings))


def _corrected(table: Table) -> Table:
    """The rows with what was corrected in place; a row that was emptied is gone. Errors: Unreadable."""
    numbers = [
        int(one)
        for one in request.form.get("numbers", "").split(",")
        if one.isascii() and one.isdigit() and len(one) < 9
    ]
    if len(numbers) != len(table.rows):
        numbers = [number for number, _ in table.rows]
    rows = []
    for at, (_, row) in enumerate(table.rows):
        fields = [(f"cell-{at}-{place}", text) for place, text in enumerate(row)]
        cells_now = [request.form.get(name, text).replace("\x00", "").strip() for name, text in fields]
        if any(cells_now):
            rows.append((numbers[at], cells_now))
    if not rows:
        raise Unreadable("No row is left.")
    return Table(rows)


def _wide(columns: list[str], table: Table) -> list[str]:
    return columns + [""] * (table.width - len(columns))


def _guess(table: Table) -> str:
    """Which column of the grid comes first, where neither a heading nor the cell that was pasted into says so: the code,
    when all are codes; otherwise the description."""
    texts = {row[0] for _, row in table.rows if row[0]}
    return "commodity_code" if table.width > 1 and texts and all(codes_named(texts).values()) else "description"


def is_blank(line: LineItem) -> bool:
    """A line of the grid into which nothing has been written yet: rows take its place."""
    return not line.description and line.commodity_code_id is None and not line.unit_price and not line.charges


def lines_as_rows(lines: Sequence[LineItem]) -> tuple[list[str], list[list[Any]]]:
    """Lines as a table: the grid's columns, and those of the others in which something is written."""
    blank = LineItem(description="")
    written = [
        name
        for name in HEADINGS
        if name in IN_ORDER
        or (name != "agreement_line" and any(getattr(line, name) != getattr(blank, name) for line in lines))
    ]
    return [spoken(name) for name in written], [[_as_cell(line, name) for name in written] for line in lines]


def _as_cell(line: LineItem, name: str) -> Any:
    code = line.commodity_code
    if name == "commodity_code":
        return f"{code.scheme.code} {code.code}" if code is not None else ""
    return getattr(line, name)
