"""Rows of a spreadsheet on their way into a document, as a person sends them."""

import csv
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook

from tests.support.pages import Form, forms_of
from tests.support.people import Person


def pasted(person: Person, kind: str, document: int, *rows: str, **fields: Any) -> Any:
    """Rows with "|" between the cells, pasted."""
    return person.post(f"/{kind}/rows/{document}", text="\n".join(one.replace("|", "\t") for one in rows), **fields)


def sent_file(person: Person, kind: str, document: int, name: str, content: bytes) -> Any:
    """A file chosen."""
    return person.post(f"/{kind}/rows/{document}", file=(BytesIO(content), name))


def checked(html: str) -> Form:
    """The form of the page that shows what becomes of the rows."""
    (form,) = [one for one in forms_of(html) if "numbers" in one.fields]
    return form


def press(person: Person, page: Any, do: str = "add", **fields: Any) -> Any:
    """A button of that page: add, look, report."""
    form = checked(page.text)
    return person.post(form.action, **form.sent(do=do, **fields))


def table(answer: Any) -> list[list[str]]:
    """The rows of a CSV answer."""
    assert answer.status_code == 200, answer.text[:300]
    return list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))


def workbook(*rows: list[Any]) -> bytes:
    """A workbook with some rows."""
    book, content = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()
