"""The chain of a document: what it came from and what came of it, as far as the person sees, in words and as a picture.
Source: DOC-10."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, true, union
from sqlalchemy.orm import Session

from app.entities.document import Document, DocumentLink
from app.entities.lines import LineItem
from app.entities.payables import InvoiceLine
from app.entities.receiving import Receipt

DEEPEST, MOST, MOST_DRAWN = 8, 200, 24
WIDE, HIGH = 176, 62
"""A box of the picture, in its units."""

APART, BELOW = 56, 14
"""Between two columns of boxes, and between a box and the next one below."""

Step = tuple[Document, int]
"""A document, and how many steps it is away."""


@dataclass(frozen=True)
class Box:
    """A document in the picture, and where its box begins."""

    document: Document
    x: int
    y: int


@dataclass(frozen=True)
class Picture:
    """The chain from left to right: what was first, this document, what came last."""

    boxes: Sequence[Box]
    ways: Sequence[str]
    width: int
    height: int
    wide: int = WIDE
    high: int = HIGH


@dataclass(frozen=True)
class Chain:
    """What a document came from, and what it led to, with the links that lead from one to the next."""

    document: Document
    came_from: Sequence[Step]
    led_to: Sequence[Step]
    links: frozenset[tuple[int, int]]

    @property
    def parts(self) -> Sequence[tuple[str, Sequence[Step]]]:
        """The parts that have something in them, as the page calls them."""
        return [(title, rows) for title, rows in (("Came from", self.came_from), ("Led to", self.led_to)) if rows]

    @property
    def is_drawn(self) -> bool:
        """Whether there are so few that a picture says more than the list."""
        return 0 < len(self.came_from) + len(self.led_to) <= MOST_DRAWN

    @property
    def picture(self) -> Picture:
        """Each step a column; in it every document as near to what it is linked with as its neighbours allow."""
        columns: dict[int, list[Document]] = {0: [self.document]}
        for sign, rows in ((-1, self.came_from), (1, self.led_to)):
            for one, depth in rows:
                columns.setdefault(sign * depth, []).append(one)
        rank: dict[int, int] = {}
        for column in sorted(columns, key=abs):
            columns[column].sort(key=lambda one: (self._place(one.id, rank), one.id))
            rank |= {one.id: row for row, one in enumerate(columns[column])}
        first, most = min(columns), max(len(documents) for documents in columns.values())
        height = most * (HIGH + BELOW) - BELOW
        at: dict[int, Box] = {
            one.id: Box(
                one,
                (column - first) * (WIDE + APART),
                (height - len(documents) * (HIGH + BELOW) + BELOW) // 2 + row * (HIGH + BELOW),
            )
            for column, documents in columns.items()
            for row, one in enumerate(documents)
        }
        ways = [_way(at[source], at[target]) for source, target in sorted(self.links)]
        return Picture(list(at.values()), ways, len(columns) * (WIDE + APART) - APART, height)

    def _place(self, key: int, rank: Mapping[int, int]) -> int:
        near = [rank[other] for pair in self.links if key in pair for other in pair if other != key and other in rank]
        return 100 * sum(near) // len(near) if near else 0


def _way(source: Box, target: Box) -> str:
    """From the right side of one box to the left side of the next."""
    begin, end, y, to = source.x + WIDE, target.x, source.y + HIGH // 2, target.y + HIGH // 2
    half = (begin + end) // 2
    return f"M{begin} {y}C{half} {y} {half} {to} {end} {to}"


_link, _receipt, _billed, _line = (one.__table__.c for one in (DocumentLink, Receipt, InvoiceLine, LineItem))
LINKS = (
    (_link.source_id, _link.document_id, true()),
    (_receipt.order_id, _receipt.id, true()),
    (_line.document_id, _billed.invoice_id, _line.id == _billed.order_line_id),
)
"""What says that one document came of another: the source, the document, and what joins them. A receipt knows its
order; an invoice knows the lines of the orders that it bills."""


def chain_of(session: Session, document: Document, kinds: Collection[str]) -> Chain:
    """Ancestors and descendants of some types with their distance, by generations and not document by document."""
    came_from, older = _walk(session, document.id, kinds, 1)
    led_to, newer = _walk(session, document.id, kinds, 0)
    return Chain(document, came_from, led_to, frozenset({(far, near) for near, far in older} | newer))


def _walk(session: Session, start: int, kinds: Collection[str], near: int) -> tuple[list[Step], set[tuple[int, int]]]:
    """The documents on the far side of the links, again and again; `near` says which side the walk begins on."""
    seen, front = {start}, [start]
    rows: list[Step] = []
    links: set[tuple[int, int]] = set()
    for depth in range(1, DEEPEST + 1):
        each = (select(ends[near], ends[1 - near]).where(ends[near].in_(front), joined) for *ends, joined in LINKS)
        steps = union(*each).subquery()  # each once: an invoice bills an order line by line
        newest = session.execute(select(steps).order_by(steps.c[1].desc()).limit(MOST))
        pairs = {(begin, end) for begin, end in newest if end not in seen}
        wanted = select(Document).where(Document.id.in_({end for _, end in pairs}), Document.kind.in_(kinds))
        fresh = {one.id: one for one in session.scalars(wanted.order_by(Document.id))} if pairs else {}
        links |= {(begin, end) for begin, end in pairs if end in fresh}
        rows += [(one, depth) for one in fresh.values()]
        front = list(fresh)
        seen |= fresh.keys()
        if not front:
            break
    return rows, links
