"""The item search index as each database keeps it: FTS5 on SQLite, a tsvector with a GIN index on PostgreSQL.

One row per thing that can be found, under its key: an item's id, or minus a commodity code's. Both stem English words
(porter, snowball); what is asked and what is answered is the same. Source: IN-01."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    TableClause,
    and_,
    bindparam,
    case,
    cast,
    column,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from app.search_words import Term

COLUMNS = ("name", "own", "supplier", "codes")
"""Where a word may stand: in the name; in what the item says of itself besides; in its supplier and agreement; in its
commodity code."""

WHERE: Mapping[str, Sequence[str]] = {"name": COLUMNS[:1], "item": COLUMNS[:2], "anywhere": COLUMNS}
"""How far a search looks, from the best place to all of them."""

WORDS = table("item_search_word", column("word"))

Row = Mapping[str, Any]
"""A row to write: `key`, `source`, and the folded text of each column."""


@dataclass(frozen=True)
class SearchTable:
    """What both databases have in common."""

    rows: TableClause
    key: ColumnElement[Any]

    def matches(
        self, terms: Sequence[Term], where: str, sources: Sequence[str] = (), besides: str = ""
    ) -> ColumnElement[bool]:
        """Whether a row has all of the terms in some columns, but not `besides` in fewer, and comes from some source."""
        raise NotImplementedError

    def place(self, terms: Sequence[Term], sources: Sequence[str] = ()) -> ColumnElement[int]:
        """The place of a row that has all of the terms somewhere: 1 for the best of WHERE."""
        *narrow, _anywhere = WHERE
        return case(
            *((self.stands(terms, where, sources), number) for number, where in enumerate(narrow, 1)), else_=len(WHERE)
        )

    def stands(self, terms: Sequence[Term], where: str, sources: Sequence[str]) -> ColumnElement[bool]:
        """The same as `matches`, asked of rows that were found already."""
        raise NotImplementedError

    def put(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Write rows, over older ones of the same key."""
        raise NotImplementedError

    def tidy(self, connection: Connection) -> None:
        """After much was written."""

    def drop(self, connection: Connection, keys: Sequence[int]) -> None:
        """Take rows out."""
        if keys:
            connection.execute(delete(self.rows).where(self.key == bindparam("gone")), [{"gone": key} for key in keys])

    def clear(self, connection: Connection) -> None:
        """Take everything out."""
        connection.execute(delete(self.rows))
        connection.execute(delete(WORDS))

    def learn(self, connection: Connection, words: set[str]) -> None:
        """Add words to the vocabulary. In one order always, so that two who write do not wait for each other."""
        known = set(connection.scalars(select(WORDS.c.word).where(WORDS.c.word.in_(words)))) if words else set()
        if fresh := sorted(words - known):
            connection.execute(
                text("INSERT INTO item_search_word (word) VALUES (:word) ON CONFLICT DO NOTHING"),
                [{"word": word} for word in fresh],
            )

    def count(self, connection: Connection, terms: Sequence[Term], most: int) -> int:
        """In how many rows all of some terms stand; nobody counts further than `most`."""
        return connection.scalar(select(self._up_to(most, terms))) or 0

    def counts(
        self, connection: Connection, terms: Sequence[Term], most: int, sources: Sequence[str]
    ) -> dict[str, int]:
        """The same, for each of some sources."""
        row = connection.execute(select(*(self._up_to(most, terms, (source,)) for source in sources))).one()
        return dict(zip(sources, row, strict=True))

    def _up_to(self, most: int, terms: Sequence[Term], sources: Sequence[str] = ()) -> ScalarSelect[int]:
        found = select(self.key).select_from(self.rows).where(self.matches(terms, "anywhere", sources)).limit(most)
        return select(func.count()).select_from(found.subquery()).scalar_subquery()


class SqliteSearchTable(SearchTable):
    """FTS5."""

    def matches(
        self, terms: Sequence[Term], where: str, sources: Sequence[str] = (), besides: str = ""
    ) -> ColumnElement[bool]:
        query = _asked(terms, where, sources)
        if besides:
            query = f"({query}) NOT ({_asked(terms, besides)})"
        return literal_column("item_search").op("MATCH", is_comparison=True)(query)

    def stands(self, terms: Sequence[Term], where: str, sources: Sequence[str]) -> ColumnElement[bool]:
        # The index finds rows and cannot be asked of one: their keys are listed once, and each row is looked up there.
        inner = self.rows.alias("standing")
        found = literal_column("standing.item_search").op("MATCH", is_comparison=True)
        return self.key.in_(select(inner.c.rowid).where(found(_asked(terms, where, sources))))

    def put(self, connection: Connection, rows: Sequence[Row]) -> None:
        if rows:
            connection.execute(
                insert(self.rows).prefix_with("OR REPLACE"),
                [{"rowid" if name == "key" else name: value for name, value in row.items()} for row in rows],
            )

    def tidy(self, connection: Connection) -> None:
        connection.execute(text("INSERT INTO item_search (item_search) VALUES ('optimize')"))


def _asked(terms: Sequence[Term], where: str, sources: Sequence[str] = ()) -> str:
    each = " AND ".join(f"({' OR '.join(_fts5(term))})" for term in terms)
    query = f"{{{' '.join(WHERE[where])}}} : ({each})"
    return f"({query}) AND source : ({' OR '.join(sources)})" if sources else query


def _fts5(term: Term) -> list[str]:
    return [f'"{word}"' + " *" * term.open_end for word in term.spellings]


class PostgresSearchTable(SearchTable):
    """Two tsvectors: all words, whose weights A to D are the columns, and those of the name for themselves. In both the
    source is a word that no text has."""

    def matches(
        self, terms: Sequence[Term], where: str, sources: Sequence[str] = (), besides: str = ""
    ) -> ColumnElement[bool]:
        found = _has(terms, where, sources)
        return and_(found, ~_has(terms, besides)) if besides else found

    def stands(self, terms: Sequence[Term], where: str, sources: Sequence[str]) -> ColumnElement[bool]:
        return _has(terms, where)

    def put(self, connection: Connection, rows: Sequence[Row]) -> None:
        if rows:
            connection.execute(
                text(_UPSERT),
                sorted(({**row, "source": f"={row['source']}"} for row in rows), key=lambda one: one["key"]),
            )


_UPSERT = """
INSERT INTO item_search (id, name, words)
VALUES (:key, to_tsvector('item_search', :name) || array_to_tsvector(ARRAY[CAST(:source AS text)]),
        setweight(to_tsvector('item_search', :name), 'A') || setweight(to_tsvector('item_search', :own), 'B')
        || setweight(to_tsvector('item_search', :supplier), 'C') || setweight(to_tsvector('item_search', :codes), 'D')
        || array_to_tsvector(ARRAY[CAST(:source AS text)]))
ON CONFLICT (id) DO UPDATE SET name = excluded.name, words = excluded.words"""


def _has(terms: Sequence[Term], where: str, sources: Sequence[str] = ()) -> ColumnElement[bool]:
    weights = "AB" if where == "item" else ""
    asked = " & ".join(f"({' | '.join(_tsquery(term, weights))})" for term in terms)
    query: Any = func.to_tsquery(literal_column("'item_search'::regconfig"), asked)
    if sources:
        query = cast(literal(" | ".join(f"'={source}'" for source in sources)), TSQUERY).op("&&")(query)
    return (_POSTGRES.c.name if where == "name" else _POSTGRES.c.words).op("@@", is_comparison=True)(query)


def _tsquery(term: Term, weights: str) -> list[str]:
    label = "*" * term.open_end + weights
    return [f"{word}:{label}" if label else word for word in term.spellings]


_SQLITE = table("item_search", column("rowid"), *(column(name) for name in (*COLUMNS, "source")))
_POSTGRES = table("item_search", column("id"), column("name"), column("words"))


def search_table(dialect: str) -> SearchTable:
    """The index of a database."""
    if dialect == "sqlite":
        return SqliteSearchTable(_SQLITE, _SQLITE.c.rowid)
    return PostgresSearchTable(_POSTGRES, _POSTGRES.c.id)
