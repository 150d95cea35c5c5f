"""Item search: one question to stock, internal providers, catalogs, agreements and commodity codes.

`find` answers a page of it; `rebuild` and `catch_up` write the index anew or complete it, which the session otherwise
does by itself (`search_index`). Source: IN-01."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Select,
    and_,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session, joinedload, selectinload

from app.entities.awards import MasterAgreement, OrderingAuthority
from app.entities.catalog import CatalogItem, CommodityCode, ItemSource
from app.entities.document import Document, State
from app.entities.lines import LineItem, Supply
from app.entities.vendors import Debarment, Vendor, VendorHold
from app.office import Office
from app.rules.deeds import Actor
from app.search_index import catch_up, rebuild
from app.search_spelling import mend, spell_out
from app.search_tables import WHERE, SearchTable, search_table
from app.search_words import Term, fold, in_words, parse

MOST = 2_000
"""So many matches of each source are ranked; a search that has more says so."""

PAGE_SIZE = 24

SOURCES = (Supply.INVENTORY, Supply.INTERNAL, Supply.AGREEMENT, Supply.CATALOG, Supply.OPEN)
"""Where things come from, in the order in which sources are to be used; agreements and catalogs count alike."""

PRECEDENCE = {Supply.INVENTORY: 0, Supply.INTERNAL: 1, Supply.AGREEMENT: 2, Supply.CATALOG: 2, Supply.OPEN: 3}
NO_DAYS = 10_000

item, line, code = CatalogItem.__table__, LineItem.__table__, CommodityCode.__table__


@dataclass(frozen=True)
class Hit:
    """One thing found: an item that can be ordered today, or a bare commodity code."""

    source: Supply
    record: Any

    @property
    def is_code(self) -> bool:
        """Whether it is no item but a class of goods, to be bought on the open market."""
        return self.source is Supply.OPEN


@dataclass(frozen=True)
class Found:
    """One page of what was found. `counts` says how much each source has, up to MOST, whichever sources are shown."""

    text: str
    understood: str = ""
    hits: Sequence[Hit] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    count: int = 0
    capped: bool = False
    page: int = 1
    pages: int = 1
    corrections: Sequence[tuple[str, str]] = ()
    cut: bool = False

    @property
    def asked(self) -> bool:
        """Whether there was a word to search for."""
        return bool(self.understood)


class _Candidate(NamedTuple):
    key: int
    source: Supply
    place: int
    price: float
    days: int
    name: str


SORTS: Mapping[str, Callable[[_Candidate], tuple[Any, ...]]] = {
    "best": lambda one: (one.place, PRECEDENCE[one.source], one.price, one.days, one.key),
    "price": lambda one: (one.price, PRECEDENCE[one.source], one.days, one.key),
    "delivery": lambda one: (one.days, PRECEDENCE[one.source], one.price, one.key),
    "name": lambda one: (one.name.casefold(), PRECEDENCE[one.source], one.price, one.key),
}
"""The orders that people may choose; open codes come last in each."""


def find(
    session: Session,
    office: Office,
    text: str,
    *,
    by: Actor,
    sources: Iterable[str] = (),
    within_days: int | None = None,
    page: int = 1,
    size: int = PAGE_SIZE,
    sort: str = "best",
) -> Found:
    """What a person can order today that has all of the words, a page of it. No input is an error.

    Every word must stand somewhere: in the name, the description, the maker, model or number, the supplier, the
    agreement or the commodity code; the last one may be unfinished. So each added word narrows. A word that occurs
    nowhere is corrected, and `corrections` says so.

    Ranking: first what has all the words in its name, and begins with one of them; then all in the name; then in the
    item's own words; then with the help of supplier, agreement or code. Among equals approved sources come in their
    order: stock, internal providers, agreements and catalogs alike; then the cheapest by the piece, then the quickest.
    Bare codes come last, whatever the order. Of each source the first MOST matches are ranked, those with the words in
    their names before others.

    Shown is only what this person may order today: active items, of agreements released, in effect and open to the
    person, from active vendors. `within_days` leaves out slower items, and codes. Source: IN-01, IN-02, DO-01."""
    connection = session.connection()
    index = search_table(connection.dialect.name)
    terms, cut = parse(text)
    shown = "".join(sign for sign in text if sign.isprintable())[:200].strip()
    if not terms:
        return Found(shown)
    terms, corrections = spell_out(connection, terms), list[tuple[str, str]]()
    orderable = _orderable(connection, office.today(), by, within_days)
    matches = _candidates(connection, index, terms, orderable)
    if not any(matches.values()) and all(term.spellings for term in terms):
        mended, corrections = mend(connection, index, terms)
        if mended != terms:
            terms, matches = mended, _candidates(connection, index, mended, orderable)
    chosen = {source for source in SOURCES if source.value in set(sources)} or set(SOURCES)
    ranked = sorted(
        (one for source in chosen for one in matches[source]),
        key=lambda one: (one.source is Supply.OPEN, *SORTS.get(sort, SORTS["best"])(one)),
    )
    size = max(1, size)
    pages = max(1, -(-len(ranked) // size))
    page = min(max(1, page), pages)
    return Found(
        shown,
        in_words(terms),
        _load(session, ranked[(page - 1) * size : page * size]),
        {source.value: len(matches[source]) for source in SOURCES},
        len(ranked),
        any(len(matches[source]) >= MOST for source in chosen),
        page,
        pages,
        corrections,
        cut,
    )


# What can be ordered today.


def _active(day: date) -> ColumnElement[bool]:
    """A vendor that can be ordered from, as `rules.vendors.standing` says."""
    vendor, hold, debarment = Vendor.__table__.c, VendorHold.__table__.c, Debarment.__table__.c
    held = exists().where(
        hold.vendor_id == vendor.id, hold.starts_on <= day, or_(hold.ends_on.is_(None), hold.ends_on >= day)
    )
    debarred = exists().where(debarment.vendor_id == vendor.id, debarment.starts_on <= day, debarment.expires_on >= day)
    return and_(
        vendor.approved_on <= day, or_(vendor.archived_on.is_(None), vendor.archived_on > day), ~held, ~debarred
    )


def open_agreements(day: date, by: Actor) -> Select[Any]:
    """The ids of the agreements that a person may order from on a day, as `rules.awards.may_order` says."""
    agreement, document = MasterAgreement.__table__, Document.__table__
    authority, vendor = OrderingAuthority.__table__.c, Vendor.__table__
    granted = exists().where(authority.agreement_id == agreement.c.id)
    above = [int(part) for part in by.path.split("/") if part.isdecimal()]
    mine = granted.where(or_(authority.user_id == by.user_id, authority.organization_id.in_(above)))
    return (
        select(agreement.c.id)
        .select_from(
            agreement.join(document, document.c.id == agreement.c.id).join(vendor, vendor.c.id == document.c.vendor_id)
        )
        .where(
            document.c.state == State.RELEASED,
            or_(agreement.c.effective_on.is_(None), agreement.c.effective_on <= day),
            or_(agreement.c.expires_on.is_(None), agreement.c.expires_on >= day),
            _active(day),
            or_(~granted, mine),
        )
    )


def _orderable(connection: Connection, day: date, by: Actor, within_days: int | None) -> ColumnElement[bool]:
    agreements = connection.scalars(open_agreements(day, by)).all()
    vendor = Vendor.__table__.c
    seller = exists().where(vendor.id == item.c.vendor_id, _active(day)).correlate(item)
    in_house = item.c.source.in_((ItemSource.INVENTORY, ItemSource.INTERNAL))
    without = and_(item.c.agreement_line_id.is_(None), in_house, or_(item.c.vendor_id.is_(None), seller))
    quick = item.c.delivery_days <= within_days if within_days is not None else literal(True)
    items = and_(item.c.active, or_(line.c.document_id.in_(agreements), without), quick)
    return or_(items, and_(code.c.active, literal(within_days is None)))


# Matches.

# For ordering alone: the piece's price need not be exact to compare.
_PRICE = type_coerce(item.c.unit_price, Float) / func.nullif(type_coerce(item.c.pack_quantity, Float), 0)


def _candidates(
    connection: Connection, index: SearchTable, terms: Sequence[Term], orderable: ColumnElement[bool]
) -> dict[Supply, list[_Candidate]]:
    """The matches of each source. Where there are too many to rank, each source is asked by itself, so that a few
    things in stock are not lost among a hundred thousand in catalogs."""
    if not all(term.spellings for term in terms):
        return {source: [] for source in SOURCES}
    tables = (
        index.rows.outerjoin(item, item.c.id == index.key)
        .outerjoin(code, code.c.id == -index.key)
        .outerjoin(line, line.c.id == item.c.agreement_line_id)
    )
    statement = (
        select(
            index.key,
            func.coalesce(item.c.source, Supply.OPEN.value),
            func.coalesce(item.c.name, code.c.name),
            _PRICE,
            func.coalesce(item.c.delivery_days, NO_DAYS),
        )
        .select_from(tables)
        .where(orderable)
    )
    count = index.count(connection, terms, MOST)
    if count < MOST:
        found = _few(connection, index, statement, terms) if count else []
        return {source: [one for one in found if one.source == source] for source in SOURCES}
    return {source: _many(connection, index, statement, terms, source) for source in SOURCES}


PLACES = tuple(enumerate(zip(WHERE, ("", *WHERE), strict=False), 1))
"""Place → where all words stand, and where not all of them do."""


def _few(connection: Connection, index: SearchTable, statement: Select[Any], terms: Sequence[Term]) -> list[_Candidate]:
    """All matches, asked for at once."""
    each = (
        statement.add_columns(literal_column(str(place))).where(index.matches(terms, where, "", besides))
        for place, (where, besides) in PLACES
    )
    beginnings = _beginnings(terms)
    return [_candidate(row, row[-1], beginnings) for row in connection.execute(union_all(*each))]


def _many(
    connection: Connection, index: SearchTable, statement: Select[Any], terms: Sequence[Term], source: str
) -> list[_Candidate]:
    """Matches with the best places first, until there are enough."""
    beginnings = _beginnings(terms)
    found: list[_Candidate] = []
    for place, (where, besides) in PLACES:
        room = MOST - len(found)
        asked = statement.where(index.matches(terms, where, source, besides)).limit(room)
        found += [_candidate(row, place, beginnings) for row in (connection.execute(asked) if room else ())]
    return found


def _beginnings(terms: Sequence[Term]) -> tuple[str, ...]:
    # "Pen, blue" begins with a word of "blue pens": the plural does not count.
    return tuple({word[: max(3, len(word) - 2)] for term in terms for word in term.spellings})


def _candidate(row: Any, place: int, beginnings: tuple[str, ...]) -> _Candidate:
    key, origin, name, price, days = row[:5]
    best = place == 1 and fold(name[:40]).lstrip().startswith(beginnings)
    return _Candidate(abs(key), Supply(origin), 0 if best else place, price or 0, days, name)


def _load(session: Session, page: Sequence[_Candidate]) -> list[Hit]:
    items = select(CatalogItem).options(
        joinedload(CatalogItem.vendor),
        joinedload(CatalogItem.organization),
        joinedload(CatalogItem.commodity_code),
        joinedload(CatalogItem.agreement_line).joinedload(LineItem.document).joinedload(Document.vendor),
        selectinload(CatalogItem.pictures),
    )
    codes = select(CommodityCode).options(joinedload(CommodityCode.scheme))
    found: dict[tuple[bool, int], Any] = {}
    for is_code, entity, wanted in ((False, CatalogItem, items), (True, CommodityCode, codes)):
        keys = [one.key for one in page if (one.source is Supply.OPEN) is is_code]
        if keys:
            found |= {(is_code, one.id): one for one in session.scalars(wanted.where(entity.id.in_(keys)))}
    return [Hit(one.source, found[one.source is Supply.OPEN, one.key]) for one in page]


__all__ = ["Found", "Hit", "catch_up", "find", "open_agreements", "rebuild"]
