"""Lists as files: CSV for programs, a workbook for people. Nothing in them is a formula, whatever somebody typed.

Source: RB-10, IN-01 of the abuse cases, F22.20."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

BEGINS_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""Signs with which a spreadsheet takes text for a formula or a command."""

WIDEST = 60

KEPT = (bool, int, Decimal, date)
"""What stays what it is in a file; the rest is text."""


def safe_text(text: str) -> str:
    """Text that every spreadsheet shows as text: an apostrophe before what would begin a formula, also behind blanks and
    behind other apostrophes, so that `meant_text` finds the way back."""
    plain = "".join(sign for sign in text if sign in "\n\t" or ord(sign) >= 32)
    return f"'{plain}" if _like_a_formula(plain) or text.startswith(("\t", "\r")) else plain


def meant_text(text: str) -> str:
    """What `safe_text` was given: text without the apostrophe that kept it from being a formula."""
    return text[1:] if text.startswith("'") and _like_a_formula(text[1:]) else text


def _like_a_formula(text: str) -> bool:
    return text.lstrip(" '\u00a0\ufeff").startswith(BEGINS_FORMULAS)


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV file in UTF-8 with a mark that spreadsheets know it by."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe_text(one) for one in headings])
    for row in rows:
        writer.writerow([_plain(value) for value in row])
    return text.getvalue().encode("utf-8-sig")


def _plain(value: Any) -> str:
    """Numbers and days stay what they are; the rest is text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return safe_text(str(value))


def as_workbook(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """An Excel workbook: the heading stays in view, numbers can be added, days sorted; text is typed as text."""
    from openpyxl import Workbook  # here and below: loaded by the first who wants a workbook, not by every worker
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet("".join(sign for sign in title if sign not in "[]:*?/\\")[:31] or "List")
    sheet.freeze_panes = "A2"
    for place, heading in enumerate(headings, 1):
        sheet.column_dimensions[get_column_letter(place)].width = min(WIDEST, max(12, len(heading) + 4))
    sheet.append([_cell(sheet, heading, Font(bold=True)) for heading in headings])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _cell(sheet: Any, value: Any, font: Any = None) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
    elif value is not None and not isinstance(value, bool | int | Decimal | date):
        value = "".join(sign for sign in str(value) if sign in "\n\t" or ord(sign) >= 32)[:32_000]
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"  # said, not guessed: "=1+1" is what somebody typed
        cell.quotePrefix = value.startswith(BEGINS_FORMULAS)
    if isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, Decimal):
        cell.number_format = "#,##0.00##"
    if font is not None:
        cell.font = font
    return cell


FORMATS = {
    "csv": ("text/csv", lambda title, headings, rows: as_csv(headings, rows)),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_workbook),
}
"""Ending → media type, and what makes the file."""
