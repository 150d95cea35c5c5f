"""The paper itself: page heads and feet, repeated heads of tables, the QR code, many lines, and how quickly it goes."""

import hashlib
import itertools
import json
import threading
import time
from collections import Counter
from datetime import UTC, datetime

import pytest
from pypdf.generic import ContentStream
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

from app.models import DeliveryOrder, Invoice
from app.reports import FORMS, print_document
from app.reports.base import QR_SIZE
from app.reports.fonts import HERE
from app.reports.text import day, moment, ranges
from tests.reports.conftest import ADDRESS, Printed, paper_of
from tests.support.making import (
    KEYBOARDS,
    Wanted,
    a_basket,
    a_receipt,
    a_released_order,
    an_invoice,
    an_order,
    records,
)


def many(count):
    return [
        Wanted(
            f"Chair number {number}",
            "2",
            "184.50",
            "7110",
            funding={"S1": "60", "S2": "40"},
            extra={"manufacturer": "Cumberland", "model": f"CF-{number}"},
        )
        for number in range(1, count + 1)
    ]


def test_five_hundred_lines_print_each_once_under_a_repeated_head(world, printed):
    paper = printed(an_order(world, "draft", *many(500)))
    pages = paper.pages
    assert len(pages) > 10
    for number in range(1, 501):
        assert paper.text.count(f"Chair number {number} ") == 1
    with_lines = [page for page in pages if "Chair number" in page]
    assert all(
        page.count("Line Code Description Deliver by Quantity Unit Unit price Amount") == 1 for page in with_lines
    )
    assert "Total, USD 184,500.00" in paper.text


def test_every_page_says_what_it_is_and_which(world, printed):
    order = an_order(world, "draft", *many(60))
    pages = printed(order).pages
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert f"Draft {order} · as of Nov 23, 2026, 9:00 AM EST · version" in page
        assert ("continued · Adesso Supply" in page) == (number > 1)


def test_thirty_pages_a_second(world):
    """Counted in processor time, the records at hand, the best of three: a busy machine is not a slow print."""
    order, spent = an_order(world, "draft", *many(200)), []
    with records(world) as session:
        document, office = session.get_one(DeliveryOrder, order), world.app.extensions["office"]
        pages = len(Printed(print_document(document, office, ADDRESS)).reader.pages)
        for _ in range(3):
            started = time.process_time()
            print_document(document, office, ADDRESS)
            spent.append(time.process_time() - started)
    assert pages / min(spent) > 30, f"{pages / min(spent):.0f} pages a second"


@pytest.mark.parametrize(
    "entity, across", [(entity, entity is Invoice) for entity in FORMS], ids=lambda one: getattr(one, "__name__", one)
)
def test_the_paper_is_turned_for_more_than_eight_columns(entity, across):
    form = FORMS[entity]
    assert (len(form.columns) > 8) == across
    assert form.size == ((792, 612) if across else (612, 792)), "Letter"


def test_the_voucher_lies_across(world, printed):
    order = a_released_order(world)
    a_receipt(world, order, {1: "12"})
    page = printed(an_invoice(world, order, {1: ("12", "44.99")})).reader.pages[0]
    assert (page.mediabox.width, page.mediabox.height) == (792, 612)


@pytest.mark.parametrize(
    "address", ["http://purchasing.example.org/", "https://po.example.org", "http://127.0.0.1:8080/"]
)
def test_the_qr_code_leads_to_the_document(world, address):
    """The dark squares on the page are those of the document's address, and of no other."""
    order = a_released_order(world)
    paper = paper_of(world, order, address)
    link = f"{address.rstrip('/')}/delivery-order/show/{order}"
    assert link in paper.text
    assert drawn(paper) == squares(link)
    assert drawn(paper) != squares(f"{link}1")


def drawn(paper):
    """The rows of dark bars on the first page, in modules: (place, length)."""
    boxes = [
        tuple(map(float, operands))
        for operands, operator in ContentStream(paper.reader.pages[0].get_contents(), paper.reader).operations
        if operator == b"re"
    ]
    bar = Counter(height for *_, height in boxes).most_common(1)[0][0]
    rows = {}
    for x, y, width, height in boxes:
        if height == bar:
            rows.setdefault(y, []).append((round(x * 1.05 / bar), round(width * 1.05 / bar)))
    return [sorted(rows[y]) for y in sorted(rows, reverse=True)]


def squares(link):
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(link)
    code.make()
    rows = []
    for row in code.modules:
        place, bars = 2, []
        for dark, group in itertools.groupby(map(bool, row)):
            length = len(list(group))
            bars += [(place, length)] if dark else []
            place += length
        rows.append(bars)
    assert QR_SIZE / (len(rows) + 4) > 1.2, "too fine to be read by a camera"
    return rows


def test_the_file_says_what_it_is(world, printed):
    world.clock.on("2026-12-01", hour=16)
    basket = a_basket(world, "draft")
    reader = printed(basket).reader
    found = reader.metadata
    assert found.title == f"Market basket Draft {basket}" and found.author == "Central Purchasing Office"
    assert found.creation_date == found.modification_date == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert reader.trailer["/Root"]["/Lang"] == "en-US"


def test_two_prints_at_once_do_not_mix(world):
    """Fonts are read from one open file: prints of several threads must not disturb each other."""
    orders = [a_released_order(world, KEYBOARDS) for _ in range(3)]
    alone = [paper_of(world, order).content for order in orders]
    found = {}

    def work(place, order):
        for _ in range(4):
            found.setdefault(place, set()).add(paper_of(world, order).content)

    threads = [threading.Thread(target=work, args=one) for one in enumerate(orders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[place] for place in range(3)] == [{content} for content in alone]


def test_moments_are_the_offices(world):
    office = world.app.extensions["office"]
    assert moment(datetime(2026, 7, 4, 3, 5, tzinfo=UTC), office) == "Jul 3, 2026, 11:05 PM EDT"
    assert moment(datetime(2026, 12, 1, 5, 0, tzinfo=UTC), office) == "Dec 1, 2026, 12:00 AM EST"
    assert moment(None, office) == day(None) == ""


@pytest.mark.parametrize(
    "numbers, said",
    [([], ""), ([4], "4"), ([1, 2, 3], "1–3"), ([3, 1, 7, 2], "1–3, 7"), ([2, 4, 6], "2, 4, 6"), ([1, 1, 2], "1–2")],
)
def test_line_numbers_are_drawn_together(numbers, said):
    assert ranges(numbers) == said


def test_the_fonts_are_those_that_were_taken_over():
    listed = {
        file["file"]: file["sha256"]
        for package in json.loads((HERE / "fonts.json").read_text())["packages"]
        for file in package["files"]
    }
    there = {str(path.relative_to(HERE)): hashlib.sha256(path.read_bytes()).hexdigest() for path in HERE.glob("*-*/*")}
    assert listed == there
    readme = (HERE / "README.md").read_text()
    assert all(digest in readme for name, digest in listed.items() if name.endswith(".ttf"))
