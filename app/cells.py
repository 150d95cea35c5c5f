"""Tables from elsewhere as rows of text: pasted from a spreadsheet, a CSV file, an Excel workbook.

Every cell comes out as a person would type it; nothing is calculated and nothing is judged here. Source: LIN-08, OP-03,
UP-02, IN-01."""

import re
import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from app import csvfile
from app.exports import meant_text
from app.rules.rows import FORMULA_ALONE, has_headings

MOST_ROWS, MOST_COLUMNS, MOST_BYTES = 2_000, 40, 450_000
FARTHEST = 20_000
"""The last row of a sheet that is looked at; most of them are empty."""

MOST_UNPACKED = 20_000_000
"""Bytes of a workbook's parts, unpacked; two thousand lines have a tenth of it."""

_QUOTED = re.compile(r'"((?:[^"]|"")*+)"(?=\t|\n|\Z)')
_BREAK = re.compile(r"[\t\n]")


class Unreadable(Exception):
    """Why a table cannot be read, and what to do."""


@dataclass(frozen=True)
class Table:
    """Rows of text, all of one width and none of them empty, each with its number in the spreadsheet."""

    rows: Sequence[tuple[int, Sequence[str]]]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.rows[0][1]) if self.rows else 0


def of_text(text: str, csv_too: bool = True) -> Table:
    """What was pasted: cells between tabs. Text without a tab is one column, unless it has the headings of a CSV file.
    Errors: Unreadable."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").removeprefix("\ufeff")
    if (
        csv_too
        and "\t" not in plain
        and has_headings(next(csvfile.cells(StringIO(plain), csvfile.Report()), (0, [""]))[1][:99])
    ):
        return of_csv(plain.encode())
    return _within_bounds((number, row) for number, row in enumerate(_pasted_rows(plain), 1))


def of_csv(content: bytes) -> Table:
    """A CSV file, as any of the programs that people use writes it. Errors: Unreadable."""
    report = csvfile.Report()
    table = _within_bounds(
        (number, [meant_text(cell) for cell in row]) for number, row in csvfile.cells(BytesIO(content), report)
    )
    if report.errors:
        raise Unreadable(str(report.errors[0]))
    return table


def of_workbook(content: bytes) -> Table:
    """The first sheet of an Excel workbook. A formula counts as the result that the workbook keeps with it; Purser
    calculates nothing. Errors: Unreadable."""
    _look_inside(content)
    try:
        shown, formulas = _sheet(content, results=False)
        if formulas:
            shown, _ = _sheet(content, results=True, formulas=formulas)
    except Unreadable:
        raise
    except Exception:  # whatever a broken file does to its reader
        raise Unreadable("The workbook cannot be read. Save it again, or save the sheet as CSV.") from None
    return _within_bounds((number, row) for number, row in enumerate(shown, 1))


def written(table: Sequence[Sequence[str]]) -> str:
    """Rows as they would be pasted; `of_text` reads them back."""
    return "\n".join("\t".join(_one_cell(cell) for cell in row) for row in table)


def _one_cell(cell: str) -> str:
    # A cell that begins with a quotation mark is quoted too: otherwise it would be taken for the beginning of one.
    return '"' + cell.replace('"', '""') + '"' if "\t" in cell or "\n" in cell or cell.startswith('"') else cell


def _within_bounds(rows: Iterator[tuple[int, Sequence[str]]]) -> Table:
    found: list[tuple[int, Sequence[str]]] = []
    length = 0
    for number, row in rows:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        found.append((number, cells))
        length += sum(len(cell.encode()) for cell in cells) + len(cells)
        if len(found) > MOST_ROWS + 1:  # the headings are one
            raise Unreadable(f"More than {MOST_ROWS:,} rows. Add them in parts.")
        if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
            raise Unreadable(f"Row {number} has more than {MOST_COLUMNS} columns. Copy only those that lines have.")
        if length > MOST_BYTES:
            raise Unreadable(f"More than {MOST_BYTES:,} characters. Add the rows in parts.")
    if not found:
        raise Unreadable("There are no rows. Copy them in the spreadsheet first, headings and all if it has any.")
    width = max(place for _, row in found for place, cell in enumerate(row, 1) if cell)
    return Table([(number, [*row[:width], *[""] * (width - len(row))]) for number, row in found])


def _pasted_rows(text: str) -> Iterator[list[str]]:
    """Rows between line ends, cells between tabs. A cell is quoted when it holds one of these itself; a quotation mark
    that only stands at its beginning (3" pipe, "Acme" bolts) is text."""
    at, row = 0, list[str]()
    while at < len(text):
        quoted = _QUOTED.match(text, at) if text[at] == '"' else None
        if quoted and re.search(r'[\t\n]|""', quoted[1]):
            row.append(quoted[1].replace('""', '"'))
            at = quoted.end()
        else:
            end = _BREAK.search(text, at)
            stop = end.start() if end else len(text)
            row.append(text[at:stop])
            at = stop
        if at >= len(text) or text[at] == "\n":
            yield row
            row = []
        elif at == len(text) - 1:  # a tab at the very end: an empty cell after it
            yield [*row, ""]
            row = []
        at += 1
    if row:
        yield row


def _look_inside(content: bytes) -> None:
    """A workbook is small inside, and its parts declare nothing that a reader would have to unfold (UP-02)."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise Unreadable("The workbook is too large inside. Copy the rows into a new one, or save it as CSV.")
            for entry in entries:
                if entry.filename.lower().endswith((".xml", ".rels")):
                    part = archive.read(entry)
                    if b"<!" in part.replace(b"<![CDATA[", b"").replace(b"<!--", b"") or b"\x00" in part:
                        raise Unreadable("The workbook holds more than a spreadsheet program writes. Save it as CSV.")
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        raise Unreadable("The workbook cannot be read. Save it again, or save the sheet as CSV.") from None


Places = Collection[tuple[int, int]]


def _sheet(content: bytes, *, results: bool, formulas: Places = ()) -> tuple[list[list[str]], Places]:
    """The cells of the first sheet, and where there are formulas. With `results`, formulas as what they came to."""
    from openpyxl import load_workbook  # loaded by the first who brings a workbook, not by every worker

    book = load_workbook(BytesIO(content), read_only=True, data_only=results, keep_links=False)
    try:
        if not book.worksheets:
            raise Unreadable("The workbook has no sheet. Save it again.")
        sheet, rows, found = book.worksheets[0], list[list[str]](), set[tuple[int, int]]()
        if (sheet.max_row or 0) > FARTHEST:
            raise Unreadable(f"The sheet reaches beyond row {FARTHEST:,}. Copy the rows into a new one.")
        for y, row in enumerate(sheet.iter_rows(max_row=FARTHEST, max_col=MOST_COLUMNS + 1)):
            cells = []
            for x, cell in enumerate(row):
                if cell.data_type == "f":
                    found.add((y, x))
                text = _as_typed(cell)
                cells.append(FORMULA_ALONE if (y, x) in formulas and not text else text)
            rows.append(cells)
        return rows, found
    finally:
        book.close()


def _as_typed(cell: Any) -> str:
    """What a cell shows. A number has the fifteen digits that a spreadsheet keeps: 0.1 + 0.2 is 0.3."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, int | float):
        percent = "%" in (cell.number_format or "")
        return _digits(value * 100 if percent else value) + ("%" if percent else "")
    return str(value)


def _digits(value: float) -> str:
    return f"{Decimal(f'{value:.15g}'):f}"
