"""Whatever was typed is printed as it was typed: no markup, no code, no letter lost. Source: IN-02, IN-03."""

import ast
import time
import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from flask_appbuilder import Model
from sqlalchemy import String, UniqueConstraint, text
from sqlalchemy.exc import IntegrityError

from app.models import DeliveryOrder, Document, Invoice, MarketBasket, Receipt
from app.reports.fonts import BOLD, FILES, HERE, OTHERS, REGULAR, runs, tidy
from app.reports.fonts.righttoleft import turned
from app.reports.text import LONGEST, MOST_LINES, paragraph, passages
from tests.support.around import hold_invoice
from tests.support.making import (
    KEYBOARDS,
    a_basket,
    a_receipt,
    a_released_order,
    a_request,
    an_agreement,
    an_invoice,
    records,
)

MARKUP = [
    "A & B <script>alert(1)</script>",
    "<b>never closed",
    "</para></font>]]>&#0;&nosuch;",
    "<font color=\"[[getattr(pow, '__globals__')['os'].system('touch {marker}') for x in 'a'] and 'red']\">x</font>",
    '<img src="file:///etc/passwd"/><a href="javascript:1">x</a>',
    "%s %(x)s {0} {x} \\ ( ) \\101 stream endobj",
]
"""What a vendor might call itself."""

FIXED = {
    "kind",
    "state",
    "path",
    "password",
    "disbursement",
    "method",
    "verdict",
    "currency",
    "supply",
    "funding_basis",
    "over_basis",
    "under_basis",
    "payment_requirement",
    "media_type",
    "digest",
    "series",
    "alpha",
    "username",
}
"""Columns that hold a word of the program's own, not what somebody typed."""


def write_everywhere(session, words):
    """Put words into every column of text of every table, past the program: what is there is printed."""
    for table in Model.metadata.sorted_tables:
        if (
            table.name.startswith(("alembic", "audit", "sign_in", "routing_rule", "policy"))
            or "id" not in table.columns
        ):
            continue
        kept_apart = {
            name
            for one in (*table.indexes, *table.constraints)
            if isinstance(one, UniqueConstraint) or getattr(one, "unique", False)
            for name in [*one.columns.keys()]
        }
        for column in table.columns:
            if isinstance(column.type, String) and column.name not in FIXED and not column.foreign_keys:
                value = ":words || id" if column.name in kept_apart or column.unique else ":words"
                with suppress(IntegrityError), session.begin_nested():  # a check may say which words a column takes
                    session.execute(text(f'UPDATE {table.name} SET "{column.name}" = {value}'), {"words": words})
    session.commit()


@pytest.fixture
def everything(world):
    """One document of each type, with something in every list."""
    basket, request, agreement = a_basket(world), a_request(world, "released"), an_agreement(world, "released")
    order = a_released_order(world, KEYBOARDS)
    receipt = a_receipt(world, order, {1: "12"})
    invoice = an_invoice(world, order, {1: ("12", "44.99")}, "released")
    hold_invoice(world, invoice)
    return [basket, request, agreement, order, receipt, invoice]


@pytest.mark.parametrize("words", MARKUP, ids=["script", "unclosed", "closing", "expression", "image", "template"])
def test_in_03_markup_in_every_field_is_printed_as_it_stands(world, printed, everything, tmp_path, words):
    marker = tmp_path / "it ran"
    words = words.replace("{marker}", str(marker))
    with records(world) as session:
        write_everywhere(session, words)
    for key in everything:
        paper = printed(key)
        assert paper.unbroken.count("".join(words.split())) >= 5, paper.text
    assert not marker.exists()


def test_no_paragraph_is_made_from_markup():
    """ReportLab reads markup only from its first argument, and only one place in the project makes paragraphs."""
    makers = {}
    for path in HERE.parents[1].rglob("*.py"):
        calls = [
            node
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Paragraph"
        ]
        if calls:
            makers[path] = calls
    [calls] = makers.values()
    assert list(makers) == [HERE.parent / "text.py"]
    assert all(isinstance(call.args[0], ast.Constant) and call.args[0].value is None for call in calls)


LETTERS = {
    "Polish, Turkish, Vietnamese": "Żółć i Şirketi, Nguyễn Thị",
    "Greek": "Ελληνικά Γραφεία",
    "Cyrillic": "Канцелярські товари",
    "Hebrew": "שלום",
    "Arabic": "شركة",
    "Armenian": "Հայաստան",
    "Georgian": "საქართველო",
    "Chinese": "上海办公用品有限公司",
    "Japanese": "東京オフィスサプライ",
    "Korean": "한국 사무용품",
    "signs": "½ × 3 ≤ 5 → ✓ € № “quoted” – it’s",
}


@pytest.mark.parametrize("name", LETTERS.values(), ids=LETTERS.keys())
def test_a_vendor_of_any_script_prints(world, printed, name):
    order = a_released_order(world)
    with records(world) as session:
        session.get_one(DeliveryOrder, order).vendor.name = name
        session.commit()
    expected, found = (
        unicodedata.normalize("NFKC", words) for words in ("".join(name.split()), printed(order).unbroken)
    )
    assert expected in found


@pytest.mark.parametrize("name", LETTERS.values(), ids=LETTERS.keys())
@pytest.mark.parametrize("font", [REGULAR, BOLD])
def test_each_letter_is_drawn_by_a_font_that_has_it(name, font):
    pieces = list(runs(name, font))
    assert "".join(piece for _, piece in pieces) == turned(name)
    assert {used for used, _ in pieces} <= {font, *OTHERS}
    assert "[U+" not in "".join(piece for _, piece in pieces)


def test_a_letter_that_no_font_has_is_printed_as_its_number():
    assert "".join(piece for _, piece in runs("ไทย A", REGULAR)) == "[U+0E44][U+0E17][U+0E22] A"


@pytest.mark.parametrize(
    "typed, drawn",
    [
        ("plain", "plain"),
        ("שלום", "םולש"),
        ("Beit שלום Ltd", "Beit םולש Ltd"),
        ("שלום 45.5 שלום", "םולש 45.5 םולש"),
        ("שלום (שלום) שלום", "םולש (םולש) םולש"),
        ("שָלום", "םולשָ"),
        ("شركة", "\ufe94\ufedb\ufeae\ufeb7"),
        ("لا", "\ufefb"),
        ("سلام", "\ufee1\ufefc\ufeb3"),
        ("دار", "\ufead\ufe8d\ufea9"),
    ],
)
def test_right_to_left_names_are_turned_and_joined(typed, drawn):
    assert turned(typed) == drawn


@pytest.mark.parametrize(
    "typed, tidied",
    [
        ("Cafe\u0301", "Café"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\tb", "a b"),
        ("nul\x00bell\x07", "nulbell"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\ufeffA\u200bB\u00adC", "ABC"),
        ("", ""),
    ],
)
def test_marks_without_a_shape_are_left_out(typed, tidied):
    assert tidy(typed) == tidied


def test_lone_surrogates_do_not_break_a_print():
    assert "".join(piece for _, piece in runs("a\ud800b", REGULAR)) == "a[U+D800]b"


def test_line_ends_are_kept():
    lines = paragraph("one\ntwo\n\nfour").breakLines(200).lines
    assert len(lines) == 4


LONG = {
    "a word of 3,000 letters": "W" * 3000,
    "a text of 20,000 words": "a fairly ordinary word " * 5000,
    "3,000 lines": "line\n" * 3000,
    "a word of 3,000 Chinese letters": "办" * 3000,
}


@pytest.mark.parametrize("words", LONG.values(), ids=LONG.keys())
def test_very_long_words_and_texts_wrap_and_go_on_on_the_next_page(world, printed, words):
    order = a_released_order(world)
    with records(world) as session:
        for column in ("extended_description", "special_handling"):
            session.connection().execute(text(f"UPDATE line_item SET {column} = :words"), {"words": words})
        session.connection().execute(text("UPDATE document SET comments = :words"), {"words": words})
        session.commit()
    started = time.process_time()
    paper = printed(order)
    assert time.process_time() - started < 20
    whole = "".join(words.split())
    assert all(paper.unbroken.count(letter) >= 3 * whole.count(letter) for letter in set(whole))
    assert len(paper.pages) >= 3
    assert "Page 1 of" in paper.text and "Total, USD 539.88" in paper.text


@pytest.mark.parametrize("words", LONG.values(), ids=LONG.keys())
def test_a_long_text_is_cut_without_losing_a_letter(words):
    pieces = passages(words)
    assert all(len(piece) <= LONGEST and piece.count("\n") < MOST_LINES for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(words.split())


def test_a_text_is_cut_where_a_sentence_ends():
    first, second = passages("Handle with care. " * 60 + "Nothing else. " * 20)
    assert first.endswith(".") and second.startswith(("Handle", "Nothing"))


def test_everything_stays_on_the_paper(world, printed):
    """No text starts left of the margin, above it or below it, however long names and figures are."""
    order = a_released_order(world)
    bill = an_invoice(world, order, {1: ("12", "44.99")})
    receipt = a_receipt(world, order, {1: "1"}, "draft")
    with records(world) as session:
        session.connection().execute(
            text(
                "UPDATE line_item SET quantity = 9999999999999999, unit_price = 9999999999999999, "
                "amount = 99999999999999, unit = 'WWWWWWWWWW', description = :long"
            ),
            {"long": "W" * 200},
        )
        session.connection().execute(
            text("UPDATE invoice_line SET quantity = 9999999999999999, unit_price = 99999999999")
        )
        session.connection().execute(text("UPDATE vendor SET name = :long"), {"long": "M" * 200})
        session.commit()
    for key in (order, bill, receipt):
        paper = printed(key)
        for page in paper.reader.pages:
            places = starts_of(page)
            assert len(places) > 10
            assert all(40 <= x <= float(page.mediabox.width) - 43 for x, _, _ in places), places
            assert all(20 <= y <= float(page.mediabox.height) - 30 for _, y, _ in places), places


def starts_of(page):
    """Where each text starts, from the left and from below; the mark across the page apart."""
    places = []

    def note(words, around, at, _font, _size):
        if words.strip() and around[1] == 0:
            places.append(
                (
                    around[0] * at[4] + around[2] * at[5] + around[4],
                    around[1] * at[4] + around[3] * at[5] + around[5],
                    words,
                )
            )

    page.extract_text(visitor_text=note)
    return places


def test_all_fonts_are_on_board_and_embedded(world, printed):
    assert set(FILES.values()) == {str(path.relative_to(HERE)) for path in HERE.rglob("*.ttf")}
    order = a_released_order(world)
    with records(world) as session:
        session.get_one(DeliveryOrder, order).vendor.name = " ".join(LETTERS.values())
        session.commit()
    fonts = {}
    for page in printed(order).reader.pages:
        for font in page["/Resources"]["/Font"].values():
            fonts[font["/BaseFont"]] = font.get("/FontDescriptor", {})
    assert len(fonts) >= 4
    assert all("/FontFile2" in descriptor for descriptor in fonts.values()), fonts


def test_the_documents_above_are_of_every_type(world, everything):
    with records(world) as session:
        kinds = {type(session.get_one(Document, key)) for key in everything}
    assert {MarketBasket, DeliveryOrder, Receipt, Invoice} < kinds and len(kinds) == 6
    assert Path(HERE, "README.md").exists()
