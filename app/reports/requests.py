"""What a request looks like on paper: the market basket and the purchase request. Source: IN-05 … IN-09."""

from collections.abc import Iterator
from typing import Any

from reportlab.platypus import Flowable

from app.entities.lines import LineItem
from app.entities.requests import MarketBasket, PurchaseRequest
from app.reports.lines import AMOUNT, CODE, POSITION, PRICE, QUANTITY, UNIT, description, strips_of, totals
from app.reports.paper import Paper
from app.reports.parties import destinations, scattered
from app.reports.sections import approvals, contacts, funding, instructions, remarks, section
from app.reports.tables import Column, Pair, beside, grid, ruled
from app.reports.text import SUBJECT, day, joined, paragraph, person, words
from app.rules.documents import KINDS
from app.rules.money import written
from app.rules.requests import portions


def _justified(line: LineItem) -> str:
    return f"Justification: {line.justification.strip()}" if line.justification.strip() else ""


def _source(line: LineItem) -> str:
    agreement = line.agreement_line.document.name if line.agreement_line is not None else ""
    where = {"open": "Open market", "inventory": "Stock"}.get(line.supply, words(line.supply))
    return joined(where, agreement, line.vendor.name if line.vendor is not None else "", by="\n")


DESCRIPTION = Column("Description", lambda line: description(line, _justified(line)))

BASKET_LINES = (
    POSITION, CODE, Column("Description", lambda line: description(
        line, f"Needed {day(line.delivery_on)}" if line.delivery_on else "", _justified(line))),
    Column("From", _source, 1.15), QUANTITY, UNIT, PRICE, AMOUNT,
)  # fmt: skip

REQUEST_LINES = (
    POSITION, CODE, DESCRIPTION, Column("Needed", lambda line: day(line.delivery_on), 0.9), QUANTITY, UNIT,
    Column("Estimated price", PRICE.of, 0.8, figures=True), AMOUNT,
)  # fmt: skip


def _offices(request: MarketBasket | PurchaseRequest) -> list[Pair]:
    named = (
        ("Requesting office", request.requesting_office),
        ("Issuing office", request.issuing_office),
        ("Buying entity", request.buying_entity),
    )
    return [
        ("Requested by", joined(person(request.created_by), request.created_by.email, by="\n")),
        *((label, office.name if office is not None else "") for label, office in named),
        ("Agency", request.agency_code),
        ("Needed by", day(request.due_on)),
        ("Stock replenishment", request.stock_replenishment_code),
        ("Budget fiscal year", str(request.bfy or "")),
    ]


def _body(request: Any, columns: tuple[Column, ...], paper: Paper) -> Iterator[Flowable]:
    yield beside(destinations(request), paper.width)
    yield ruled(columns, request.lines, paper.width)
    yield totals(request)
    yield from scattered(request, paper)
    yield from funding(request, strips_of(request.lines), request.total, paper)


def market_basket(basket: MarketBasket, paper: Paper) -> Iterator[Flowable]:
    """What a requester picked, what it costs whom, and which orders and requests it becomes."""
    yield paragraph(basket.title, style=SUBJECT)
    yield grid(_offices(basket), paper.width)
    yield from _body(basket, BASKET_LINES, paper)
    rows = [
        (
            KINDS[one.entity].name,
            one.vendor.name if one.vendor is not None else joined("Class", one.class_code, by=" "),
            one.agreement.name if one.agreement is not None else "",
            str(len(one.lines)),
            written(one.total),
        )
        for one in portions(basket)
    ]
    if rows:
        columns = (
            Column("Becomes", lambda row: row[0], 1.4),
            Column("With", lambda row: row[1]),
            Column("Agreement", lambda row: row[2], 1.4),
            Column("Lines", lambda row: row[3], 0.6, figures=True),
            Column("Total", lambda row: row[4], 0.9, figures=True),
        )
        yield from section("Orders and requests", ruled(columns, rows, paper.width))
    yield from _end(basket, paper)


def purchase_request(request: PurchaseRequest, paper: Paper) -> Iterator[Flowable]:
    """What is to be bought on the market, for whom, from which money, and whom to ask."""
    yield paragraph(request.title, style=SUBJECT)
    agreement = request.agreement.name if request.agreement is not None else ""
    yield grid(
        [
            *_offices(request),
            ("Commodity class", request.class_code),
            ("Type of action", words(request.type_of_action)),
            ("Suggested contract type", words(request.suggested_contract_type)),
            ("Preference program", request.preference_program),
            ("Agreement", agreement),
            ("Officer representative", request.officer_representative),
        ],
        paper.width,
    )
    yield from _body(request, REQUEST_LINES, paper)
    if request.suggested_vendors:
        columns = (
            Column("Number", lambda row: row.vendor.number, 1.1),
            Column("Vendor", lambda row: row.vendor.name, 2.6),
            Column("Why", lambda row: row.note),
        )
        yield from section("Suggested vendors", ruled(columns, request.suggested_vendors, paper.width))
    yield from _end(request, paper)


def _end(request: MarketBasket | PurchaseRequest, paper: Paper) -> Iterator[Flowable]:
    yield from instructions(request, paper)
    yield from contacts(request, paper)
    yield from remarks(request)
    yield from approvals(request, paper)
