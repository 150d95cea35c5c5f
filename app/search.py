"""Item search: one question to stock, internal providers, catalogs, agreements and commodity codes.

`find` answers a page of it; `rebuild` and `catch_up` write the index anew or complete it, which the session otherwise
does by itself (`search_index`). Source: IN-01."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    FromClause,
    Select,
    func,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session, joinedload, selectinload

from app.entities.catalog import CatalogItem, CommodityCode
from app.entities.document import Document
from app.entities.lines import LineItem, Supply
from app.office import Office
from app.rules.deeds import Actor
from app.search_index import catch_up, rebuild
from app.search_orderable import code, item, line, open_agreements, orderable_by
from app.search_spelling import mend, spell_out
from app.search_tables import WHERE, SearchTable, search_table
from app.search_words import Term, fold, in_words, parse

MOST = 1_000
"""So many matches of each source are ranked; a search that has more says so."""

PAGE_SIZE = 24

SOURCES = (Supply.INVENTORY, Supply.INTERNAL, Supply.AGREEMENT, Supply.CATALOG, Supply.OPEN)
"""Where things come from, in the order in which sources are to be used; agreements and catalogs count alike."""

_ORIGINS = {one.value: one for one in Supply}
PRECEDENCE = {Supply.INVENTORY: 0, Supply.INTERNAL: 1, Supply.AGREEMENT: 2, Supply.CATALOG: 2, Supply.OPEN: 3}
NO_DAYS = 10_000


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
    orderable, corrections = orderable_by(connection, office.today(), by, within_days), list[tuple[str, str]]()
    spelled = spell_out(connection, terms)
    matches = _candidates(connection, index, spelled, orderable)
    if not any(matches.values()) and all(term.spellings for term in spelled):
        mended, corrections = mend(connection, index, terms)
        if mended != terms:
            terms, matches = mended, _candidates(connection, index, spell_out(connection, mended), orderable)
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


# Matches.

# For ordering alone: the piece's price need not be exact to compare.
_PRICE = type_coerce(item.c.unit_price, Float) / func.nullif(type_coerce(item.c.pack_quantity, Float), 0)


def _candidates(
    connection: Connection, index: SearchTable, terms: Sequence[Term], orderable: ColumnElement[bool]
) -> dict[Supply, list[_Candidate]]:
    """The matches of each source. Where there are too many to rank, a source that has too many is asked by itself, so
    that a few things in stock are not lost among a hundred thousand in catalogs."""
    found = dict[Supply, list[_Candidate]]((source, []) for source in SOURCES)
    if not all(term.spellings for term in terms):
        return found
    tables = (
        index.rows.outerjoin(item, item.c.id == index.key)
        .outerjoin(code, code.c.id == -index.key)
        .outerjoin(line, line.c.id == item.c.agreement_line_id)
    )
    statement = (
        select(
            index.key,
            origin,
            func.coalesce(item.c.name, code.c.name),
            _PRICE,
            func.coalesce(item.c.delivery_days, NO_DAYS),
        )
        .select_from(tables)
        .where(orderable)
    )
    few, many = _counted(connection, index, tables, terms)
    for source in many:
        alone = len(many) == 1
        asked = statement.where(origin == source) if alone else statement
        found[source] = _many(connection, index, asked, terms, () if alone else (source,))
    for one in _few(connection, index, statement, terms, few if many else ()) if few else ():
        found[one.source].append(one)
    return found


def _counted(
    connection: Connection, index: SearchTable, tables: FromClause, terms: Sequence[Term]
) -> tuple[list[Supply], list[Supply]]:
    """The sources that have some matches, and those that may have too many to rank. The source of the first match is
    not counted but taken for one of these: mostly it is the one that nearly everything comes from, and to find its rows
    among all is what takes long."""
    count = index.count(connection, terms, MOST)
    if count < MOST:
        return (list(SOURCES) if count else []), []
    first = connection.scalar(select(origin).select_from(tables).where(index.matches(terms, "anywhere")).limit(1))
    counts = index.counts(connection, terms, MOST, [source for source in SOURCES if source != first])
    few = [source for source in SOURCES if 0 < counts.get(source, 0) < MOST]
    return few, [source for source in SOURCES if counts.get(source, MOST) >= MOST]


origin = func.coalesce(item.c.source, Supply.OPEN.value)

PLACES = tuple(enumerate(zip(WHERE, ("", *WHERE), strict=False), 1))
"""Place → where all words stand, and where not all of them do."""


def _few(
    connection: Connection, index: SearchTable, statement: Select[Any], terms: Sequence[Term], sources: Sequence[str]
) -> list[_Candidate]:
    """All matches, or those of some sources, asked for at once."""
    asked = statement.add_columns(index.place(terms, sources)).where(index.matches(terms, "anywhere", sources))
    beginnings = _beginnings(terms)
    return [_candidate(row, row[-1], beginnings) for row in connection.execute(asked).all()]


def _many(
    connection: Connection, index: SearchTable, statement: Select[Any], terms: Sequence[Term], sources: Sequence[str]
) -> list[_Candidate]:
    """Matches with the best places first, until there are enough."""
    beginnings = _beginnings(terms)
    found: list[_Candidate] = []
    for place, (where, besides) in PLACES:
        room = MOST - len(found)
        asked = statement.where(index.matches(terms, where, sources, besides)).limit(room)
        found += [_candidate(row, place, beginnings) for row in (connection.execute(asked).all() if room else ())]
    return found


def _beginnings(terms: Sequence[Term]) -> tuple[str, ...]:
    # "Pen, blue" begins with a word of "blue pens": the plural does not count.
    return tuple({word[: max(3, len(word) - 2)] for term in terms for word in term.spellings})


def _candidate(row: Any, place: int, beginnings: tuple[str, ...]) -> _Candidate:
    key, origin, name, price, days = row[:5]
    best = place == 1 and fold(name[:40]).lstrip().startswith(beginnings)
    return _Candidate(abs(key), _ORIGINS[origin], 0 if best else place, price or 0, days, name)


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
