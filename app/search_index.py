"""Keeps the item search index true: the session itself writes it, in the transaction of what it writes anyway.

In the index stands what may be ordered on some day: active items without an agreement or of a released one, and active
commodity codes. Dates, holds and authority change without anybody writing, so `search.find` asks them on the day.
docs/decisions/0020-item-search.md tells why the session and not triggers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, event, inspect, not_, or_, select
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.session import UOWTransaction

from app.entities.awards import MasterAgreement
from app.entities.catalog import CatalogItem, CommodityCode
from app.entities.document import Document, State
from app.entities.lines import LineItem, Supply
from app.entities.organization import Organization
from app.entities.vendors import Vendor
from app.search_tables import COLUMNS, Row, search_table
from app.search_words import joined, words_in

BATCH = 1_000
LONGEST_TEXT = 20_000

item, line, document = CatalogItem.__table__, LineItem.__table__, Document.__table__
vendor, organization, code = Vendor.__table__, Organization.__table__, CommodityCode.__table__

ORDERABLE_SOMEDAY = item.c.active & (item.c.agreement_line_id.is_(None) | (document.c.state == State.RELEASED))


@dataclass(frozen=True)
class Watch:
    """The columns of an entity that items are found by, and which items a record of it concerns."""

    columns: tuple[str, ...]
    items: Callable[[Any], ColumnElement[bool]]


WATCHED: dict[type, Watch] = {
    CatalogItem: Watch(
        (
            "source",
            "name",
            "description",
            "sku",
            "manufacturer",
            "model",
            "commodity_code_id",
            "vendor_id",
            "agreement_line_id",
            "organization_id",
            "active",
        ),
        lambda one: item.c.id == one.id,
    ),
    Vendor: Watch(("name",), lambda one: item.c.vendor_id == one.id),
    Organization: Watch(("name",), lambda one: item.c.organization_id == one.id),
    CommodityCode: Watch(("code", "name", "description", "active"), lambda one: item.c.commodity_code_id == one.id),
    MasterAgreement: Watch(
        ("number", "title", "state"),
        lambda one: item.c.agreement_line_id.in_(select(line.c.id).where(line.c.document_id == one.id)),
    ),
}


# What stands in the index.


def _items() -> Select[Any]:
    joins = (
        item.outerjoin(vendor, vendor.c.id == item.c.vendor_id)
        .outerjoin(organization, organization.c.id == item.c.organization_id)
        .outerjoin(code, code.c.id == item.c.commodity_code_id)
        .outerjoin(line, line.c.id == item.c.agreement_line_id)
        .outerjoin(document, document.c.id == line.c.document_id)
    )
    return (
        select(
            item.c.id,
            item.c.source,
            item.c.name,
            item.c.description,
            item.c.sku,
            item.c.manufacturer,
            item.c.model,
            vendor.c.name.label("vendor"),
            organization.c.name.label("organization"),
            document.c.number.label("number"),
            document.c.title.label("title"),
            code.c.code.label("code"),
            code.c.name.label("code_name"),
        )
        .select_from(joins)
        .where(ORDERABLE_SOMEDAY)
    )


def _codes() -> Select[Any]:
    return select(code.c.id, code.c.code, code.c.name, code.c.description).where(code.c.active)


def _text(*parts: str | None) -> str:
    return " ".join(words_in(" ".join(part[:LONGEST_TEXT] for part in parts if part)))


def _item_row(one: Any) -> Row:
    return {
        "key": one.id,
        "source": one.source,
        "name": _text(one.name),
        "own": _text(one.description, one.sku, one.manufacturer, one.model, joined(one.sku), joined(one.model)),
        "supplier": _text(one.vendor, one.organization, one.number, one.title),
        "codes": _text(one.code, one.code_name),
    }


def _code_row(one: Any) -> Row:
    return {
        "key": -one.id,
        "source": Supply.OPEN.value,
        "name": _text(one.name),
        "own": _text(one.description),
        "supplier": "",
        "codes": _text(one.code),
    }


def _vocabulary(rows: Sequence[Row], skus: Sequence[str]) -> set[str]:
    """What misspelt words are compared with: words of letters, no numbers and no parts of them."""
    numbers = {word for sku in skus for word in words_in(sku)}
    words = {word for row in rows for name in COLUMNS for word in row[name].split()}
    return {word for word in words - numbers if len(word) > 1 and word.isalpha()}


# Writing it.


class _Writer:
    """Writes into the index of one connection, and remembers which words it has taught it."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.index = connection, search_table(connection.dialect.name)
        self._taught: set[str] = set()

    def items(self, ids: Sequence[int]) -> None:
        """Bring items up to date, by their ids."""
        found = self.connection.execute(_items().where(item.c.id.in_(ids))).all()
        self._put([_item_row(one) for one in found], set(ids), [one.sku for one in found])

    def codes(self, ids: Sequence[int]) -> None:
        """Bring commodity codes up to date, by their ids."""
        found = self.connection.execute(_codes().where(code.c.id.in_(ids)))
        self._put([_code_row(one) for one in found], {-one for one in ids}, ())

    def _put(self, rows: Sequence[Row], keys: set[int], skus: Sequence[str]) -> None:
        self.index.drop(self.connection, sorted(keys - {row["key"] for row in rows}))
        self.index.put(self.connection, rows)
        words = _vocabulary(rows, skus) - self._taught
        self.index.learn(self.connection, words)
        self._taught |= words

    def in_batches(self, key: ColumnElement[int], which: Select[Any], write: Callable[[Sequence[int]], None]) -> int:
        """Write what a statement finds, however much it is; return how many."""
        last = written = 0
        while ids := self.connection.scalars(which.where(key > last).order_by(key).limit(BATCH)).all():
            write(ids)
            last, written = ids[-1], written + len(ids)
        return written


def rebuild(session: Session) -> int:
    """Write the whole index anew, and return how many things can be found. In the session's transaction."""
    connection = session.connection()
    search_table(connection.dialect.name).clear(connection)
    return catch_up(session)


def catch_up(session: Session) -> int:
    """Add what is missing and take out what is gone; return how many were added. For records that came in past the
    session, such as a restored table. A changed text is not noticed: `rebuild` writes it."""
    writer = _Writer(session.connection())
    index, added = writer.index, 0
    known = select(index.key).select_from(index.rows)
    for key, sign, found, write in ((item.c.id, 1, _items(), writer.items), (code.c.id, -1, _codes(), writer.codes)):
        missing = found.with_only_columns(key).where(~known.where(index.key == sign * key).exists())
        added += writer.in_batches(key, missing, write)
    kept = _items().with_only_columns(item.c.id).where(item.c.id == index.key).correlate(index.rows)
    coded = _codes().with_only_columns(code.c.id).where(code.c.id == -index.key).correlate(index.rows)
    index.drop(
        writer.connection, writer.connection.scalars(known.where(not_(or_(kept.exists(), coded.exists())))).all()
    )
    if added > BATCH:
        index.tidy(writer.connection)
    return added


@event.listens_for(Session, "after_flush")
def _follow(session: Session, _flush: UOWTransaction) -> None:
    """Write what a flush has changed of the words that items are found by."""
    touched = [one for one in (*session.new, *session.dirty) if type(one) in WATCHED and _concerned(session, one)]
    gone = [one for one in session.deleted if type(one) in (CatalogItem, CommodityCode)]
    if not touched and not gone:
        return
    writer = _Writer(session.connection())
    writer.index.drop(writer.connection, [one.id if isinstance(one, CatalogItem) else -one.id for one in gone])
    for write, entity in ((writer.items, CatalogItem), (writer.codes, CommodityCode)):
        ids = sorted(one.id for one in touched if isinstance(one, entity))
        for start in range(0, len(ids), BATCH):
            write(ids[start : start + BATCH])
    for one in touched:
        if not isinstance(one, CatalogItem) and one not in session.new:
            concerned = select(item.c.id).where(WATCHED[type(one)].items(one))
            writer.in_batches(item.c.id, concerned, writer.items)


def _concerned(session: Session, record: Any) -> bool:
    if record in session.new:
        return isinstance(record, CatalogItem | CommodityCode)
    state = inspect(record)
    return any(state.attrs[name].history.has_changes() for name in WATCHED[type(record)].columns)


@event.listens_for(Session, "do_orm_execute")
def _follow_bulk(state: ORMExecuteState) -> Any:
    """Many items inserted by one statement never become records of the session; they are found all the same."""
    mapper = state.bind_mapper
    if not state.is_insert or mapper is None or mapper.class_ not in (CatalogItem, CommodityCode):
        return None
    result = state.invoke_statement()
    catch_up(state.session)
    return result
