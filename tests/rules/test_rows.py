"""Rows of a spreadsheet: headings, days, yes and no; and the cells of what is pasted, of CSV files and of workbooks."""

import zipfile
from datetime import date, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from app import cells
from app.rules.rows import HEADINGS, NotRead, columns_in_order, columns_named, has_headings, read_day, read_yes
from app.screens.changes import spoken


@pytest.mark.parametrize(
    "typed, day",
    [
        ("2026-11-23", "2026-11-23"),
        ("11/23/2026", "2026-11-23"),
        ("1/2/2027", "2027-01-02"),
        ("3/4/26", "2026-03-04"),
        ("11-23-2026", "2026-11-23"),
        ("Nov 23, 2026", "2026-11-23"),
        ("November 23 2026", "2026-11-23"),
        ("23 Nov 2026", "2026-11-23"),
        ("23-Nov-2026", "2026-11-23"),
        ("23-Nov-26", "2026-11-23"),
        ("2026-11-23 00:00:00", "2026-11-23"),
        ("2026-11-23T00:00:00", "2026-11-23"),
        ("  2026-02-28 ", "2026-02-28"),
    ],
)
def test_a_day_as_people_and_spreadsheets_write_it(typed, day):
    assert read_day(typed) == day


@pytest.mark.parametrize(
    "typed",
    ["soon", "23/11/2026", "2026-02-30", "11/23", "46349", "2026", "１１/２３/２０２６", "2026-11-23 14:05", "", "-"],
)
def test_what_is_no_day_is_refused_in_words(typed):
    with pytest.raises(NotRead, match="Enter a date like 2026-11-23 or 11/23/2026"):
        read_day(typed)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read_in_each_of_the_ways_that_are_shown(day):
    for written in (day.isoformat(), f"{day:%m/%d/%Y}", f"{day:%b} {day.day}, {day:%Y}"):
        assert read_day(written) == day.isoformat()


@pytest.mark.parametrize(
    "typed, means", [("yes", True), ("Y", True), ("x", True), ("1", True), ("no", False), ("0", False), ("", False)]
)
def test_yes_and_no(typed, means):
    assert read_yes(typed) is means


def test_maybe_is_neither():
    with pytest.raises(NotRead):
        read_yes("maybe")


@pytest.mark.parametrize(
    "row, named",
    [
        ("Description|Qty|UOM|Price", True),
        ("ITEM DESCRIPTION|Quantity|Unit of Measure|Unit Price ($)|Need by", True),
        ("Description", True),
        ("No.|Description|Amount", True),
        ("Chair|3|EA|12.50", False),
        ("Chair", False),
        ("Unit", True),
        ("Chair, price on request|3||", False),
        ("1|Chair|3", False),
        ("Widget|Qty", False),
    ],
)
def test_whether_the_first_row_names_the_columns(row, named):
    assert has_headings(row.split("|")) is named


@pytest.mark.parametrize(
    "row, columns",
    [
        ("Description|Qty|UOM|Price", "description|quantity|unit|unit_price"),
        ("Price|Quantity|What|Needed by", "unit_price|quantity|description|delivery_on"),
        ("Commodity Code|Item|Qty.|U/M|Unit price|Need by date", "commodity_code|description|quantity|unit|unit_price|delivery_on"),
        ("Item|Description|Qty", "|description|quantity"),
        ("No.|Description|Total|Shelf", "|description||"),
        ("Qty|Qty", "quantity|"),
        ("Code|NIGP code|Description", "commodity_code||description"),
        ("Mfr|Model No.|Part #|Colour", "manufacturer|model|part_number|color"),
    ],
)  # fmt: skip
def test_which_column_is_which(row, columns):
    assert columns_named(row.split("|"), HEADINGS) == columns.split("|")


def test_no_heading_means_two_fields_and_every_label_means_its_own():
    words = [word for known in HEADINGS.values() for word in known]
    assert len(words) == len(set(words))
    labels = [spoken(name) for name in HEADINGS]
    assert columns_named(labels, HEADINGS) == list(HEADINGS)


@pytest.mark.parametrize(
    "width, first, columns",
    [
        (4, "description", "description quantity unit unit_price"),
        (6, "commodity_code", "commodity_code description quantity unit unit_price delivery_on"),
        (2, "unit_price", "unit_price delivery_on"),
        (3, "delivery_on", "delivery_on  "),
        (2, "id", "description quantity"),
    ],
)
def test_without_headings_the_columns_follow_the_grid(width, first, columns):
    assert columns_in_order(width, first) == columns.split(" ")


# What is pasted.


@pytest.mark.parametrize(
    "text, rows",
    [
        ("a\tb\nc\td\n", [["a", "b"], ["c", "d"]]),
        ("a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]),
        ("a\t\tb\t", [["a", "", "b"]]),
        ("a\n\n\t\nb", [["a"], ["b"]]),
        ('"two\nlines"\tb', [["two\nlines", "b"]]),
        ('"a ""quoted"" word\twith tab"\tb', [['a "quoted" word\twith tab', "b"]]),
        ('3" pipe\t"Acme" bolts\t"half\nnext\tx', [['3" pipe', '"Acme" bolts', '"half'], ["next", "x", ""]]),
        ("Chair, oak\nDesk; pine", [["Chair, oak"], ["Desk; pine"]]),
        ("Description,Qty\nChair,2", [["Description", "Qty"], ["Chair", "2"]]),
        ("\ufeff a \u00a0\t b", [["a", "b"]]),
        ("=1+1\t@x\t-5", [["=1+1", "@x", "-5"]]),
        ("a\x00b\tc", [["ab", "c"]]),
    ],
)
def test_pasted_rows(text, rows):
    assert [list(row) for _, row in cells.of_text(text).rows] == rows


def test_rows_keep_the_numbers_of_the_spreadsheet():
    assert [number for number, _ in cells.of_text("a\tb\n\n\nc\td").rows] == [1, 4]


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "There are no rows."),
        (" \n\t\t\n", "There are no rows."),
        ("a\tb\n" * 2002, "More than 2,000 rows."),
        ("x" * 450_001, "More than 450,000 characters."),
        ("é" * 225_001, "More than 450,000 characters."),
        ("\t".join("x" * 41), "Row 1 has more than 40 columns."),
    ],
)
def test_what_is_too_much_or_nothing(text, said):
    with pytest.raises(cells.Unreadable, match=said):
        cells.of_text(text)


def test_the_most_that_is_taken():
    assert len(cells.of_text("a\tb\n" * 2001).rows) == 2001  # with its headings


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n"), max_size=12).map(str.strip)


@given(st.lists(st.lists(CELL, min_size=2, max_size=5), min_size=1, max_size=6))
def test_rows_come_back_as_they_were_written(table):
    rows = [row for row in table if any(row)]
    if rows:
        width = max(place for row in rows for place, cell in enumerate(row, 1) if cell)
        read = [list(row) for _, row in cells.of_text(cells.written(rows), csv_too=False).rows]
        assert read == [[*row[:width], *[""] * (width - len(row))] for row in rows]


@given(st.text(max_size=300))
def test_whatever_is_pasted_is_read_or_refused(text):
    try:
        assert cells.of_text(text).rows
    except cells.Unreadable as why:
        assert str(why)


@given(st.binary(max_size=300))
def test_whatever_a_file_holds_it_is_read_or_refused(content):
    for read in (cells.of_csv, cells.of_workbook):
        try:
            assert read(content).rows
        except cells.Unreadable as why:
            assert str(why)


# Files.


@pytest.mark.parametrize(
    "content, rows",
    [
        ("Description,Qty\r\nChair,2\r\n".encode("utf-8-sig"), [["Description", "Qty"], ["Chair", "2"]]),
        ("Description;Qty\nSessel größe;2".encode("cp1252"), [["Description", "Qty"], ["Sessel größe", "2"]]),
        (b'Description\tQty\n"3"" pipe"\t2', [["Description", "Qty"], ['3" pipe', "2"]]),
        (b"'=1+1,'-5\n''=x,'plain", [["=1+1", "-5"], ["'=x", "'plain"]]),
    ],
)
def test_a_csv_file(content, rows):
    assert [list(row) for _, row in cells.of_csv(content).rows] == rows


def workbook(*rows, change=None):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    "value, typed",
    [
        (12, "12"),
        (12.5, "12.5"),
        (0.1 + 0.2, "0.3"),
        (1234.55, "1234.55"),
        (1e15, "1000000000000000"),
        (0.00005, "0.00005"),
        (-3, "-3"),
        (True, "yes"),
        (datetime.fromisoformat("2026-11-23"), "2026-11-23"),
        (date(2026, 11, 23), "2026-11-23"),
        (" text ", "text"),
        ("'=1+1", "'=1+1"),
    ],
)
def test_a_cell_of_a_workbook_is_what_it_shows(value, typed):
    assert cells.of_workbook(workbook(["x", value])).rows == [(1, ["x", typed])]


def test_a_percentage_is_what_it_shows():
    def percent(book):
        book.active["B1"].number_format = "0.00%"

    assert cells.of_workbook(workbook(["x", 0.07], change=percent)).rows == [(1, ["x", "7%"])]


def test_text_that_looks_like_a_formula_is_text():
    def typed(book):
        book.active["A1"].data_type = "s"

    assert cells.of_workbook(workbook(["=1+1", "b"], change=typed)).rows == [(1, ["=1+1", "b"])]


def with_part(content, name, change):
    """A workbook with one of its parts changed."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = old.read(entry)
            new.writestr(entry.filename, change(part) if entry.filename == name else part)
    return made.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_formula_is_its_result_and_nothing_is_calculated():
    content = workbook(["Chair", "=2*21"])
    assert cells.of_workbook(content).rows == [(1, ["Chair", "a formula without a result"])]
    kept = with_part(
        content, SHEET, lambda part: part.replace(b"<v></v>", b"<v>42</v>").replace(b"<v />", b"<v>42</v>")
    )
    assert cells.of_workbook(kept).rows == [(1, ["Chair", "42"])]


def test_a_sheet_that_goes_on_for_a_million_rows_is_not_read_in_part():
    far = workbook(["Chair", 1], change=lambda book: book.active.cell(1_000_000, 1, "far away"))
    with pytest.raises(cells.Unreadable, match="beyond row 20,000"):
        cells.of_workbook(far)


def test_rows_far_apart_are_all_read():
    far = workbook(["Chair", 1], change=lambda book: book.active.cell(19_000, 1, "Lamp"))
    assert cells.of_workbook(far).rows == [(1, ["Chair", "1"]), (19_000, ["Lamp", ""])]


@pytest.mark.parametrize(
    "inside",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><x/>'.encode("utf-16"),
    ],
)
def test_a_workbook_that_declares_entities_is_not_opened(inside):
    with pytest.raises(cells.Unreadable, match="more than a spreadsheet program writes"):
        cells.of_workbook(with_part(workbook(["a"]), SHEET, lambda part: inside))


def test_a_workbook_that_is_large_inside_is_not_unpacked():
    bomb = with_part(workbook(["a"]), SHEET, lambda part: part + b" " * 20_000_001)
    with pytest.raises(cells.Unreadable, match="too large inside"):
        cells.of_workbook(bomb)


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "[Content_Types].xml"])
def test_a_broken_workbook_is_refused_in_words(part):
    broken = with_part(workbook(["a", 1]), part, lambda content: content[: len(content) // 2])
    with pytest.raises(cells.Unreadable, match="cannot be read"):
        cells.of_workbook(broken)
