"""Lines from files: workbooks and CSV, what is not taken, and the way there and back (LIN-08, OP-03)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.cells import written
from app.models import AuditEntry, LineItem, PurchaseRequest
from app.screens.row_import import lines_as_rows
from tests.support.drafts import PR, lines
from tests.support.making import Wanted, a_request, records
from tests.support.pages import words
from tests.support.rows import press, sent_file, table, workbook

# Files.


def test_a_workbook_and_a_csv_file_come_to_the_same(rosa, world, draft):
    rows = [["Description", "Qty", "Price", "Need by"], ["Chair", 2, 12.35, date(2026, 12, 14)], ["Lamp", "x", 1, None]]
    for name, content in (
        ("rows.xlsx", workbook(*rows)),
        ("rows.csv", "\r\n".join(",".join("" if c is None else str(c) for c in row) for row in rows).encode()),
        ("Rows.TXT", "\n".join("\t".join("" if c is None else str(c) for c in row) for row in rows).encode("cp1252")),
    ):
        page = sent_file(rosa, PR, draft, name, content)
        assert "1 row is ready, 24.70 together. 1 to correct." in words(page.text), name
    press(rosa, page)
    assert lines(world, draft) == [("Chair", 2, "EA", Decimal("12.35"), date(2026, 12, 14))]


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"


@pytest.mark.parametrize(
    "name, content, said",
    [
        ("rows.pdf", PDF, "Files of type “pdf” are not taken. Attach csv, txt, xlsx."),
        ("rows.csv", PDF, "is not what its ending says"),
        ("rows.xlsx", b"Description,Qty\nChair,2", "is not what its ending says"),
        ("rows.xlsx", b"", "is empty"),
        ("rows.csv", b"a,b\n" * 1_000_001, "larger than 4,000,000 bytes"),
        ("rows.csv", b"a,b\n" * 2_002, "More than 2,000 rows."),
        ("rows.csv", b"a\x00b", "is not what its ending says"),
        ("rows.csv", b'Description,Qty\n"' + b"x" * 140_000, "cannot be read from here on"),
        ("rows.csv", b"Description,Qty\n", "There are headings, and no row below them."),
        ("rows.exe", b"MZ", "Files of type “exe” are not taken."),
        ("rows", b"a,b", "Files of type “rows” are not taken."),
    ],
)
def test_a_file_that_is_not_taken_is_answered_in_words(rosa, world, draft, name, content, said):
    answer = sent_file(rosa, PR, draft, name, content)
    assert answer.status_code == 422 and said in words(answer.text)
    assert lines(world, draft) == []


def test_a_file_of_ten_megabytes_and_one_of_thirty(rosa, draft):
    assert sent_file(rosa, PR, draft, "rows.csv", b"a,b\n" * 2_500_000).status_code == 422
    assert sent_file(rosa, PR, draft, "rows.csv", b"a,b\n" * 7_500_000).status_code == 413


# There and back again.

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30).map(str.strip)
LONG = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=60).map(str.strip)
LINE = st.fixed_dictionaries(
    {
        "description": TEXT.filter(bool),
        "quantity": st.decimals(0, 99_999, places=4),
        "unit": st.sampled_from(["EA", "BX", "HUR"]),
        "unit_price": st.decimals(0, 99_999, places=4),
        "delivery_on": st.none() | st.dates(date(1900, 1, 1), date(2199, 12, 31)),
        "extended_description": LONG,
        "manufacturer": TEXT,
        "part_number": TEXT,
        "service": st.booleans(),
        "tax_percent": st.decimals(0, 100, places=4),
        "warranty_days": st.none() | st.integers(0, 9999),
    }
)


@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(LINE, min_size=1, max_size=4), st.sampled_from(["csv", "xlsx", "paste"]))
def test_what_was_exported_comes_back_as_the_same_lines(rosa, world, draft, wanted, way):
    with records(world) as session:
        request = session.get(PurchaseRequest, draft)
        request.lines[:] = [LineItem(position=at, **one) for at, one in enumerate(wanted, 1)]
        session.commit()
    if way == "paste":
        with records(world) as session:
            headings, rows = lines_as_rows(session.get(PurchaseRequest, draft).lines)
        page = rosa.post(
            f"/{PR}/rows/{draft}", text=written([headings, *[[_typed(one) for one in row] for row in rows]])
        )
    else:
        page = sent_file(rosa, PR, draft, f"lines.{way}", rosa.post(f"/{PR}/rows/{draft}/export/{way}").data)
    assert "to correct" not in words(page.text).partition("Nothing has been added yet")[0], words(page.text)[:1500]
    press(rosa, page)
    with records(world) as session:
        request = session.get(PurchaseRequest, draft)
        found = [{name: getattr(one, name) for name in wanted[0]} for one in request.lines]
        request.lines.clear()
        session.commit()
    assert found == [*wanted, *wanted]


def _typed(value):
    return "" if value is None else "yes" if value is True else "no" if value is False else str(value)


def test_the_lines_as_a_file_are_on_record_and_hold_what_is_written(world, sign_in):
    request = a_request(world, "released", Wanted("Chair", "2", "10.00", "7025", extra={"brand": "Acme"}))
    rows = table(sign_in("buyer").post(f"/{PR}/rows/{request}/export/csv"))
    assert rows == [
        ["Commodity code", "Description", "Quantity", "Unit", "Unit price", "Delivery date", "Brand"],
        ["PSC 7025", "Chair", "2.0000", "EA", "10.0000", "2026-12-10", "Acme"],
    ]
    with records(world) as session:
        assert session.scalar(select(AuditEntry.id).where(AuditEntry.label.like("1 lines of PR-% as csv")))
