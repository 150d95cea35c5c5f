"""A list as a file: the rows and columns of the list, nothing that a spreadsheet would carry out, and on record.

Source: RB-10, IN-01."""

import csv
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from app import exports
from app.extensions import db
from app.models import AuditEntry, BankAccount, Vendor
from tests.support.around import a_bank_account
from tests.support.making import BENCH, PARKS, a_request, records
from tests.support.people import Person

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1+1", "|calc", '=HYPERLINK("http://x","y")', "\u00a0=1"]


def table(answer):
    """The rows of a CSV answer."""
    assert answer.status_code == 200, answer.text[:300]
    return list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))


def sheet(answer):
    """The cells of a workbook."""
    return load_workbook(BytesIO(answer.data)).active


def test_a_file_holds_what_the_list_shows_and_no_more(world, sign_in):
    """Parks' request is out of the clinic's sight, in the list and in the file."""
    for name in ("Chairs", "Desks"):
        sign_in("requester").post("/purchase-request/add", title=name)
    a_request(world, "draft", BENCH, place=PARKS)
    rosa = sign_in("requester")
    rows = table(rosa.post("/purchase-request/export/csv"))
    assert rows[0] == ["Number", "Title", "Office", "Owner", "Status", "Need by", "Total"]
    assert sorted(row[1] for row in rows[1:]) == ["Chairs", "Desks"]


def test_filters_words_order_and_views_hold_for_the_file_too(world, sign_in):
    rosa = sign_in("requester")
    for name in ("Chair A", "Chair B", "Desk"):
        rosa.post("/purchase-request/add", title=name)
    for address, found in (
        ("?q=chair&order=title&dir=desc", ["Chair B", "Chair A"]),
        ("?_flt_0_title=Desk", ["Desk"]),
        ("?view=released", []),
    ):
        assert [row[1] for row in table(rosa.post(f"/purchase-request/export/csv{address}"))[1:]] == found


@pytest.mark.parametrize("text", FORMULAS)
def test_nothing_that_somebody_typed_becomes_a_formula(world, sign_in, text):
    with records(world) as session:
        session.get(Vendor, world.ids["vendor A"]).name = text
        session.commit()
    crc = sign_in("crc")
    cells = [cell for row in table(crc.post("/vendor/export/csv")) for cell in row]
    assert not [cell for cell in cells if cell.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "|", "\t"))]
    book = sheet(crc.post("/vendor/export/xlsx"))
    assert all(cell.data_type != "f" for row in book.iter_rows() for cell in row)


@given(st.text(max_size=20))
def test_whatever_is_typed_no_cell_begins_like_a_formula(text):
    assert not exports.safe_text(text).lstrip(" \u00a0\ufeff").startswith(exports.BEGINS_FORMULAS)


@pytest.mark.parametrize(("name", "standings"), [("vendor", {"Active", "In review"}), ("bank-account", {"To confirm"})])
def test_what_is_derived_stands_in_the_file_too(world, sign_in, name, standings):
    """Where a vendor or an account stands is kept nowhere, and still is the column that people export the list for."""
    a_bank_account(world)
    with records(world) as session:
        session.get(Vendor, world.ids["vendor A"]).approved_on = None
        session.commit()
    heading, *rows = table(sign_in("crc").post(f"/{name}/export/csv"))
    assert {row[heading.index("Standing")] for row in rows} == standings


def test_numbers_stay_numbers_and_days_stay_days(world, sign_in):
    a_request(world, "released")
    book = sheet(sign_in("buyer").post("/purchase-request/export/xlsx"))
    heading = [cell.value for cell in book[1]]
    row = dict(zip(heading, [cell.value for cell in book[2]], strict=True))
    assert Decimal(str(row["Total"])) == Decimal("200.00")
    assert row["Need by"].year == 2026
    assert book.freeze_panes == "A2"


def test_sealed_numbers_are_exported_masked(world, sign_in):
    a_bank_account(world)
    rows = table(sign_in("crc").post("/bank-account/export/csv"))
    assert [cell for cell in rows[1] if cell.startswith("•••")]
    with records(world) as session:
        whole = session.scalars(db.select(BankAccount)).one().number.reveal()
    assert not [cell for row in rows for cell in row if whole in cell]


def test_each_export_is_on_record_with_its_rows(world, sign_in):
    sign_in("crc").post("/vendor/export/csv")
    with records(world) as session:
        told = session.scalars(db.select(AuditEntry.label).where(AuditEntry.action == "export")).all()
    assert told == ["3 Vendors as csv"]


def test_too_many_rows_are_not_exported_in_silence(world, sign_in, monkeypatch):
    monkeypatch.setattr("app.screens.exporting.MOST", 2)
    page = sign_in("crc").post("/vendor/export/csv")
    assert "more than 2 rows" in page.text


def test_who_may_not_see_a_list_may_not_take_it_away(world):
    rosa = Person(world.app, "requester")
    assert rosa.post("/bank-account/export/csv").status_code == 403
    assert rosa.post("/vendor/export/exe").status_code == 404
    assert rosa.get("/vendor/export/csv").status_code == 405
