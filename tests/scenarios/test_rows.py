"""Lines from a spreadsheet: pasted or from a file, looked at, corrected in place, added (LIN-08, OP-03)."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.exports import meant_text
from app.models import AuditEntry, CodeScheme, CommodityCode, LineItem, PurchaseRequest
from tests.support.clashes import overtaken
from tests.support.counting import statements
from tests.support.drafts import PR, line, lines
from tests.support.making import BENCH, PARKS, PRINTER, a_request, an_agreement, an_order, records
from tests.support.pages import words
from tests.support.people import Person
from tests.support.rows import checked, pasted, press, table


def test_rows_with_headings_become_lines(rosa, world, draft):
    page = pasted(
        rosa,
        PR,
        draft,
        "Unit price|Qty|Item description|UOM|Need by|Commodity code|Shelf|Amount",
        "$1,234.50|2|Cabinet, steel|each|12/14/2026|7125|B4|2469.00",
        "0.0125|1,000|Staple|BX|Dec 20, 2026|7510||",
    )
    said = words(page.text)
    assert page.status_code == 200
    assert "2 rows are ready, 2,481.50 together. Nothing has been added yet." in said
    assert "Not read: Shelf." in said and "Dec 14, 2026" in said
    assert lines(world, draft) == []
    assert "2 lines added." in words(press(rosa, page).text)
    assert lines(world, draft) == [
        ("Cabinet, steel", 2, "EA", Decimal("1234.50"), date(2026, 12, 14)),
        ("Staple", 1000, "BX", Decimal("0.0125"), date(2026, 12, 20)),
    ]
    first, code, ship_to = line(world, draft)
    assert (code, ship_to, first.amount) == ("7125", world.ids["clinic dock"], Decimal("2469.00"))
    with records(world) as session:
        request = session.get(PurchaseRequest, draft)
        assert (request.total, request.due_on) == (Decimal("2481.50"), date(2026, 12, 14))
        added = select(func.count()).where(AuditEntry.document_id == draft, AuditEntry.action == "add")
        assert session.scalar(added.where(AuditEntry.entity == "LineItem")) == 2


@pytest.mark.parametrize(
    "rows, first, made",
    [
        ("Chair|2|EA|12.50|2026-12-14", "", ("Chair", 2, "EA", Decimal("12.5"), date(2026, 12, 14))),
        ("7125|Chair|2|EA|12.50|2026-12-14", "", ("Chair", 2, "EA", Decimal("12.5"), date(2026, 12, 14))),
        ("7125|Chair|2", "commodity_code", ("Chair", 2, "EA", 0, None)),
        ("Chair|2", "description", ("Chair", 2, "EA", 0, None)),
        ("Chair", "", ("Chair", 1, "EA", 0, None)),
    ],
)
def test_rows_without_headings_follow_the_grid(rosa, world, draft, rows, first, made):
    press(rosa, pasted(rosa, PR, draft, rows, first=first))
    assert lines(world, draft) == [made]


def test_a_column_can_be_named_on_the_page(rosa, world, draft):
    page = pasted(rosa, PR, draft, "Chair|A-7|2", "Lamp|B-2|3")
    assert checked(page.text).fields["column"] == ["description", "quantity", "unit"]
    page = press(rosa, page, "look", column=["description", "part_number", "quantity"])
    assert "2 rows are ready" in words(page.text)
    press(rosa, page)
    assert [one[:2] for one in lines(world, draft)] == [("Chair", 2), ("Lamp", 3)]
    assert line(world, draft)[0].part_number == "A-7"


BAD = [
    ("quantity", "four", "Enter a number, for example 12.50"),
    ("quantity", "-4", "At least 0"),
    ("quantity", "(4)", "Enter a number"),
    ("quantity", "1.23456", "At most 4 decimals"),
    ("quantity", "NaN", "Enter a number"),
    ("quantity", "1e9", "Enter a number"),
    ("quantity", "１２", "Enter a number"),
    ("unit_price", "12,50", "Write thousands as 1,234 and decimals with a point"),
    ("unit_price", "99999999999", "At most 9,999,999,999.99"),
    ("unit_price", "#REF!", "The spreadsheet could not work this cell out."),
    ("unit_price", "=SUM(A1:A9)", "Enter a number"),
    ("unit", "crate", "Enter the code or the name of a unit in use, for example EA."),
    ("delivery_on", "soon", "Enter a date like 2026-11-23 or 11/23/2026."),
    ("delivery_on", "31/12/2026", "Enter a date like"),
    ("commodity_code", "9999", "There is no such commodity code in use."),
    ("commodity_code", "'; DROP TABLE line_item", "There is no such commodity code in use."),
    ("description", "", "Enter a value."),
    ("description", "x" * 201, "At most 200 characters."),
]
COLUMNS = ("commodity_code", "description", "quantity", "unit", "unit_price", "delivery_on")
RIGHT = {
    "commodity_code": "",
    "description": "Chair",
    "quantity": "1",
    "unit": "EA",
    "unit_price": "1.00",
    "delivery_on": "2026-12-14",
}


@pytest.mark.parametrize("field, typed, said", BAD)
def test_what_is_wrong_is_said_at_its_cell_and_stays(rosa, world, draft, field, typed, said):
    row = "|".join((RIGHT | {field: typed})[name] for name in COLUMNS)
    page = pasted(rosa, PR, draft, "Code|Description|Qty|Unit|Price|Delivery", row)
    fields = checked(page.text).fields
    assert said in words(page.text)
    assert fields[f"cell-0-{COLUMNS.index(field)}"] == [typed]
    refused = press(rosa, page)
    assert refused.status_code == 422 and "No row can be added yet." in words(refused.text)
    assert checked(refused.text).fields[f"cell-0-{COLUMNS.index(field)}"] == [typed]
    report = table(press(rosa, page, "report"))
    assert report[0] == ["Row", "Column", "Read", "Expected"]
    assert report[1][0] == "2" and meant_text(report[1][2]) == typed and said in report[1][3]
    assert not report[1][2].startswith(("=", "+", "-", "@"))
    assert lines(world, draft) == []


def test_good_rows_are_added_and_the_others_stay_to_be_corrected(rosa, world, draft):
    page = pasted(rosa, PR, draft, "Description|Qty|Price", "Chair|2|10", "Lamp|lots|5", "Desk|1|ten", "Shelf|3|7")
    assert "2 rows are ready, 41.00 together. 2 to correct." in words(page.text)
    page = press(rosa, page)
    said = words(page.text)
    assert page.status_code == 200 and "2 lines added." in said and "0 rows are ready" in said
    assert [one[:2] for one in lines(world, draft)] == [("Chair", 2), ("Shelf", 3)]
    assert checked(page.text).fields["numbers"] == ["3,4"]
    page = press(rosa, page, "look", **{"cell-0-1": "12"})
    assert "1 row is ready, 60.00 together. 1 to correct." in words(page.text)
    page = press(rosa, page, **{"cell-1-2": "10.25"})
    assert "2 lines added." in words(page.text)
    assert [one[0] for one in lines(world, draft)] == ["Chair", "Shelf", "Lamp", "Desk"]


def test_a_row_that_is_emptied_is_gone(rosa, world, draft):
    page = pasted(rosa, PR, draft, "Description|Qty", "Chair|2", "Lamp|lots")
    page = press(rosa, page, **{"cell-1-0": "", "cell-1-1": " "})
    assert "1 line added." in words(page.text)
    assert [one[0] for one in lines(world, draft)] == ["Chair"]


def test_the_same_form_twice_adds_once(rosa, world, draft):
    page = pasted(rosa, PR, draft, "Chair|2", "Lamp|lots")
    press(rosa, page)
    again = press(rosa, page)
    assert "These rows had been added already; nothing more happened." in words(again.text)
    assert len(lines(world, draft)) == 1


def test_the_row_that_was_pasted_into_is_taken_and_others_stay(rosa, world):
    request = a_request(world, "draft", PRINTER)
    rosa.post(f"/{PR}/line/{request}/add")
    press(rosa, pasted(rosa, PR, request, "Chair|2", "Lamp|3", first="description"))
    assert [one[0] for one in lines(world, request)] == ["Label printer", "Chair", "Lamp"]


def test_formulas_and_markup_are_text(rosa, world, draft):
    wicked = ['=HYPERLINK("http://x")', "<script>alert(1)</script>", "@SUM(1)", "{{ 7*7 }}"]
    page = pasted(rosa, PR, draft, "Description|Qty", *[f"{one}|1" for one in wicked])
    assert "<script>alert" not in page.text
    press(rosa, page)
    assert [one[0] for one in lines(world, draft)] == wicked
    exported = table(rosa.post(f"/{PR}/rows/{draft}/export/csv"))
    assert [row[1] for row in exported[1:]] == [f"'{wicked[0]}", wicked[1], f"'{wicked[2]}", wicked[3]]


def test_a_line_or_a_total_beyond_the_books(rosa, world, draft):
    page = pasted(rosa, PR, draft, "Description|Qty|Price", "Gold|99999999|9999", "Chair|1|1")
    assert "The line would come to 999,899,990,001.00; it may come to 9,999,999,999.99 at most." in words(page.text)
    page = pasted(rosa, PR, draft, "Description|Qty|Price", "Gold|1|9,999,999,999", "Silver|1|2")
    refused = press(rosa, page)
    assert refused.status_code == 422
    assert "This comes to 10,000,000,001.00; a document carries at most" in words(refused.text)
    assert "Gold" in refused.text and lines(world, draft) == []


def test_a_code_of_two_schemes_asks_which(rosa, world, draft):
    with records(world) as session:
        other = CodeScheme(code="NIGP", name="NIGP", class_length=3)
        session.add_all([other, CommodityCode(scheme=other, code="7125", name="Lockers")])
        session.commit()
    page = pasted(rosa, PR, draft, "Code|Description", "7125|Locker")
    assert "This is a code of NIGP and PSC. Write which, for example" in words(page.text)
    press(rosa, page, **{"cell-0-0": "PSC 7125"})
    assert line(world, draft)[0].commodity_code_id == world.ids["7125"]


@pytest.mark.parametrize(
    "typed", ["7125", "7125 Cabinets, lockers, bins and shelving", "PSC 7125", "71-25", "psc 71.25"]
)
def test_a_code_as_people_write_it(rosa, world, draft, typed):
    press(rosa, pasted(rosa, PR, draft, "Code|Description", f"{typed}|Locker"))
    assert line(world, draft)[1] == "7125"


def test_a_code_alone_describes_itself(rosa, world, draft):
    press(rosa, pasted(rosa, PR, draft, "Code|Qty", "7125|3"))
    assert lines(world, draft)[0][:2] == ("Cabinets, lockers, bins and shelving", 3)


def test_a_code_out_of_use_is_refused(rosa, world, draft):
    with records(world) as session:
        session.get(CommodityCode, world.ids["7125"]).active = False
        session.commit()
    assert "There is no such commodity code in use." in words(pasted(rosa, PR, draft, "Code|Qty", "7125|3").text)


# Orders.


def test_an_order_names_the_lines_of_its_agreement(world, sign_in):
    order, buyer = an_order(world, "draft"), sign_in("buyer")
    page = pasted(
        buyer,
        "delivery-order",
        order,
        "Agreement line|Qty|Price",
        "2|5|",
        "9|1|",
        "1|1|45.00",
        "3|2|34.00",
        "|1|",
    )
    said = words(page.text)
    assert "2 rows are ready, 517.95 together. 3 to correct." in said
    assert said.count("Enter the number, or the item number, of a line of MA-") == 2
    assert "is above the agreed 44.99" in said
    press(buyer, page)
    assert [(one[0], one[1], one[3]) for one in lines(world, order)[1:]] == [
        ("Keyboard, wireless with touchpad", 5, Decimal("89.99")),
        ("Desk lamp stand, office furniture", 2, Decimal("34.00")),
    ]
    with records(world) as session:
        added = session.scalars(select(LineItem).where(LineItem.document_id == order, LineItem.position > 1)).all()
        assert {one.agreement_line.document_id for one in added} == {world.ids["MA-A"]}


def test_an_agreement_takes_rows_too(world, sign_in):
    agreement, buyer = an_agreement(world), sign_in("buyer")
    press(buyer, pasted(buyer, "master-agreement", agreement, "Description|Price", "Folder|1.25", "Clip|0.02"))
    assert [one[0] for one in lines(world, agreement)] == ["Binder", "Folder", "Clip"]


# Who, when, how much.


@pytest.mark.parametrize("state", ["routed", "approved", "released", "cancelled"])
def test_a_frozen_document_takes_no_rows(rosa, world, state):
    request = a_request(world, state)
    before = lines(world, request)
    assert rosa.get(f"/{PR}/rows/{request}").status_code == 409
    assert pasted(rosa, PR, request, "Chair|2", do="add", column=["description", "quantity"]).status_code == 409
    assert lines(world, request) == before


def test_strangers_and_readers(world, sign_in):
    theirs, ours = a_request(world, "draft", BENCH, place=PARKS), a_request(world)
    assert pasted(sign_in("requester"), PR, theirs, "Chair|2").status_code == 404
    assert sign_in("requester").post(f"/{PR}/rows/{theirs}/export/csv").status_code == 404
    assert pasted(sign_in("auditor"), PR, ours, "Chair|2").status_code == 403


def test_who_saved_at_the_same_moment_costs_no_row(both):
    person, request = Person(both.app, "requester"), a_request(both)
    page = pasted(person, PR, request, "Chair|2")
    with overtaken(both):
        late = press(person, page)
    assert late.status_code == 409 and "Somebody else has just saved this document." in words(late.text)
    assert "1 line added." in words(press(person, late).text)
    assert len(lines(both, request)) == 2


@pytest.mark.parametrize("kind", ["invoice", "receipt"])
def test_documents_without_lines_of_an_order_have_no_rows(world, sign_in, kind):
    assert sign_in("fiscal").get(f"/{kind}/rows/1").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"column": ["id", "document_id"]},
        {"column": ["quantity", "quantity"]},
        {"column": [""] * 500},
        {"numbers": "a,b"},
        {"numbers": "9" * 5000},
        {"text": ""},
        {"text": "x"},
        {"text": "a\tb\tc\td\te\tf"},
        {"key": "k" * 500},
        {"cell-0-0": "\x00", "cell-0-1": "x" * 5000},
        {"do": "everything"},
        {"heading": ["x" * 5000]},
    ],
)
def test_a_forged_page_never_breaks(rosa, world, draft, changes):
    page = pasted(rosa, PR, draft, "Chair|2", "Lamp|lots")
    form = checked(page.text)
    answer = rosa.post(form.action, **form.sent(**({"do": "add"} | changes)))
    assert answer.status_code in (200, 422), answer.status_code
    assert all(one[0] in ("Chair", "Lamp", "a", "x") for one in lines(world, draft))


def test_two_hundred_rows_take_no_more_statements_than_twenty(both):
    person, counts = Person(both.app, "requester"), {}
    for do in ("look", "add"):
        counts[do] = []
        for count in (20, 200):
            request = a_request(both)
            rows = [f"7125|Chair {number}|{number + 1}|EA|{number}.50|2026-12-14" for number in range(count)]
            page = pasted(person, PR, request, *rows)
            form = checked(page.text)
            with statements(both.app) as asked:
                answer = person.post(form.action, False, **form.sent(do=do))
            assert answer.status_code == (302 if do == "add" else 200)
            # SQLite writes line by line whatever one does.
            counts[do].append(sum(1 for one in asked if not one.startswith("INSERT INTO line_item")))
            if do == "add":
                assert len(lines(both, request)) == count + 1
    for asked in counts.values():
        assert asked[1] <= asked[0] + 5, counts


def test_two_thousand_rows_are_taken(rosa, world, draft):
    page = pasted(rosa, PR, draft, *[f"Chair {number}|1|EA|1.00" for number in range(2000)])
    assert "2,000 rows are ready" in words(page.text) or "2000 rows are ready" in words(page.text)
    assert len(page.data) < 400_000
    press(rosa, page)
    assert len(lines(world, draft)) == 2000


def test_a_thousand_wrong_rows_are_corrected_some_at_a_time(rosa, world, draft):
    page = pasted(rosa, PR, draft, "Description|Qty", *[f"Chair {number}|lots" for number in range(1000)])
    assert "650 more come when these are done." in words(page.text)
    assert len(table(press(rosa, page, "report"))) == 1001
    fixed = {name: "1" for name in checked(page.text).fields if name.startswith("cell-") and name.endswith("-1")}
    page = press(rosa, page, **fixed)
    assert len(lines(world, draft)) == len(fixed) == 350
    assert "650 to correct." in words(page.text)
