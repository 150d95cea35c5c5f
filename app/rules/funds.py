"""Funds: what a document sets aside, spends and frees. Source: FND-03 … FND-06."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from app.entities.document import Document
from app.entities.funds import Posting, PostingKind
from app.entities.lines import LineItem
from app.rules.calendar import fiscal_year, period
from app.rules.deeds import Deed, Problem
from app.rules.money import written


def year_of(document: Document, deed: Deed) -> int:
    """The budget year that a document spends."""
    return document.bfy or fiscal_year(deed.today)


def posting(
    document: Document,
    deed: Deed,
    kind: PostingKind,
    strip_id: int,
    amount: Decimal,
    *,
    line_id: int | None = None,
    order_line_id: int | None = None,
    bfy: int | None = None,
    memo: str = "",
) -> Posting:
    """One movement, dated by the accounting year and month of the deed's day."""
    return Posting(
        strip_id=strip_id,
        bfy=bfy or year_of(document, deed),
        afy=document.afy or fiscal_year(deed.today),
        afm=document.afm or period(deed.today),
        kind=kind,
        amount=amount,
        document_id=document.id,
        line_id=line_id,
        order_line_id=order_line_id,
        memo=memo,
        by_id=deed.by.user_id,
        at=deed.at,
    )


def set_aside(document: Document, deed: Deed, kind: PostingKind) -> list[object]:
    """Each line's funding, set aside under its own line."""
    return [
        posting(
            document,
            deed,
            kind,
            part.strip_id,
            part.amount,
            line_id=line.id,
            order_line_id=line.id,
            memo=f"Line {line.position}",
        )
        for line in document.lines
        for part in line.funding
        if part.amount
    ]


def freed(
    document: Document,
    deed: Deed,
    line: LineItem,
    kind: PostingKind,
    memo: str,
    held: Mapping[tuple[int, int], Decimal],
    part: Mapping[tuple[int, int], Decimal] | None = None,
) -> Sequence[object]:
    """The reversal of what a line still holds: all of it, or a part by strip and year."""
    return [
        posting(
            document,
            deed,
            kind,
            strip_id,
            -min(held[strip_id, bfy], amount),
            line_id=line.id,
            order_line_id=line.id,
            bfy=bfy,
            memo=memo,
        )
        for (strip_id, bfy), amount in (part if part is not None else held).items()
        if min(held.get((strip_id, bfy), Decimal(0)), amount) > 0
    ]


def preencumber(document: Document, deed: Deed) -> Sequence[object]:
    """Release of a request sets its money aside (IN-09)."""
    return set_aside(document, deed, PostingKind.PRE_ENCUMBRANCE)


def encumber(document: Document, deed: Deed) -> Sequence[object]:
    """Release of an order commits its money and frees what its request had set aside (FND-03)."""
    commitments = set_aside(document, deed, PostingKind.ENCUMBRANCE)
    # Each line of a request once, however many lines of the order came from it.
    sources = list({line.source_line.id: line.source_line for line in document.lines if line.source_line}.values())
    return [
        *commitments,
        *_freed_of(document, deed, sources, PostingKind.PRE_ENCUMBRANCE, f"Ordered on {document.name}"),
    ]


def _freed_of(
    document: Document, deed: Deed, lines: Sequence[LineItem], kind: PostingKind, memo: str
) -> Sequence[object]:
    held = deed.facts.outstanding([line.id for line in lines], kind)
    return [one for line in lines for one in freed(document, deed, line, kind, memo, held.get(line.id, {}))]


def free_preencumbrance(document: Document, deed: Deed) -> Sequence[object]:
    """A cancelled request gives back what it still holds (IN-09)."""
    return _freed_of(document, deed, document.lines, PostingKind.PRE_ENCUMBRANCE, "Cancelled")


def free_encumbrance(document: Document, deed: Deed) -> Sequence[object]:
    """A terminated or closed order gives back what it still holds (FND-06)."""
    return _freed_of(document, deed, document.lines, PostingKind.ENCUMBRANCE, "Freed")


def year_is_open(document: Document, deed: Deed) -> Iterator[Problem]:
    """Nothing is posted into a closed fiscal year (WF-10)."""
    for year in sorted({document.afy or fiscal_year(deed.today), year_of(document, deed)}):
        if deed.facts.year_is_closed(year):
            yield Problem(f"FY{year} is closed. Choose an open fiscal year.", "bfy")


def demand(document: Document, deed: Deed) -> dict[int, Decimal]:
    """How much a document asks of each strip."""
    asked: dict[int, Decimal] = {}
    for line in document.lines:
        for part in line.funding:
            asked[part.strip_id] = asked.get(part.strip_id, Decimal(0)) + part.amount
    return asked


def short_of_funds(code: str, available: Decimal, asked: Decimal) -> str:
    """The refusal of FND-04, in the words that every screen uses."""
    return f"{code}: {written(available)} available, {written(asked)} asked, {written(asked - available)} short"


def funds_look_sufficient(document: Document, deed: Deed) -> Iterator[Problem]:
    """A look at the balances before anybody signs: a warning only, because the ledger decides at release, and other
    documents may come first. What the source of an order has set aside counts as available to it."""
    year = year_of(document, deed)
    held: dict[int, Decimal] = {}
    sources = [line.source_line_id for line in document.lines if line.source_line_id is not None]
    for parts in deed.facts.outstanding(sources, PostingKind.PRE_ENCUMBRANCE).values():
        for (strip_id, bfy), amount in parts.items():
            if bfy == year:
                held[strip_id] = held.get(strip_id, Decimal(0)) + amount
    for strip_id, amount in sorted(demand(document, deed).items()):
        room = deed.facts.room(strip_id, year)
        available = room.available + held.get(strip_id, Decimal(0))
        if amount > available:
            yield Problem(f"{short_of_funds(room.code, available, amount)}.", "funding", tab="funding", warning=True)
