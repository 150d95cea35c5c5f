"""Lists: which rows, in which order, which page. Every argument of the address is checked against what the screen
offers; the rest of the address is ignored or answered with 400, never with an error page."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import abort, request
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Select,
    false,
    func,
    inspect,
    or_,
    select,
)
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.sql import visitors

from app.criteria import Loading
from app.entities.base import Exact, Moment
from app.entities.document import Document
from app.rules.numbers import LARGEST_KEY, NotANumber, read_decimal, read_key

COUNT_CAP = 10_000
PAGE_SIZES = (25, 50, 80, 100, 200)


def like(text: str) -> str:
    """A pattern for LIKE: `%` is the clerk's wildcard, `_` and the backslash mean themselves. Without a wildcard the
    text may stand anywhere."""
    escaped = text.replace("\\", "\\\\").replace("_", "\\_")
    return escaped if "%" in text else f"%{escaped}%"


def _matches(column: Any, pattern: str) -> ColumnElement[bool]:
    return column.ilike(pattern, escape="\\")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%")


@dataclass(frozen=True)
class Operator:
    """One way to compare a column, as the filter panel offers it."""

    words: str
    compare: Callable[[Any, Any], ColumnElement[bool]]


TEXT = (
    Operator("starts with", lambda column, value: _matches(column, f"{_escaped(value)}%")),
    Operator("ends with", lambda column, value: _matches(column, f"%{_escaped(value)}")),
    Operator("contains", lambda column, value: _matches(column, like(value))),
    Operator("is", lambda column, value: column == value),
    Operator("does not start with", lambda column, value: ~_matches(column, f"{_escaped(value)}%")),
    Operator("does not end with", lambda column, value: ~_matches(column, f"%{_escaped(value)}")),
    Operator("does not contain", lambda column, value: ~_matches(column, like(value))),
    Operator("is not", lambda column, value: column != value),
)
ORDERED = (
    Operator("is", lambda column, value: column == value),
    Operator("is above", lambda column, value: column > value),
    Operator("is below", lambda column, value: column < value),
    Operator("is not", lambda column, value: column != value),
)
EITHER = (
    Operator("is", lambda column, value: column == value),
    Operator("is not", lambda column, value: column != value),
)
DEFAULT = {TEXT: 2, ORDERED: 0, EITHER: 0}
"""Which comparison the panel offers first."""


def operators_for(entity: type, name: str) -> tuple[Operator, ...]:
    """The comparisons of a column or relation, by its type."""
    mapper: Any = inspect(entity)
    if name in mapper.relationships:
        return EITHER
    kind = mapper.columns[name].type
    if isinstance(kind, Boolean):
        return EITHER
    return ORDERED if isinstance(kind, Exact | Integer | Date | DateTime | Moment) else TEXT


def read_value(entity: type, name: str, text: str) -> Any:
    """What was typed, in the column's type; None when it cannot be one: such a filter matches nothing."""
    mapper: Any = inspect(entity)
    if name in mapper.relationships:
        return read_key(text) or None
    kind = mapper.columns[name].type
    try:
        if isinstance(kind, Boolean):
            return {"yes": True, "no": False, "1": True, "0": False, "true": True, "false": False}.get(text.lower())
        if isinstance(kind, Exact):
            return read_decimal(text, places=kind.places, at_most=Decimal(10) ** (kind.digits - kind.places) - 1)
        if isinstance(kind, Integer):
            return int(read_decimal(text, places=0, at_most=Decimal(LARGEST_KEY)))
        if isinstance(kind, Date | DateTime | Moment):
            return date.fromisoformat(text)
    except (NotANumber, ValueError):
        return None
    return text


@dataclass(frozen=True)
class Filter:
    """One condition of a list, as a chip that can be removed."""

    name: str
    label: str
    operator: int
    words: str
    value: str
    shown: str

    @property
    def argument(self) -> str:
        """Its name in the address."""
        return f"_flt_{self.operator}_{self.name}"


@dataclass
class Listing:
    """One page of a list, ready to be drawn."""

    rows: list[Any]
    count: int
    page: int
    size: int
    order: str
    descending: bool
    filters: list[Filter]
    search: str

    @property
    def capped(self) -> bool:
        """Whether there are more rows than are counted."""
        return self.count > COUNT_CAP

    @property
    def pages(self) -> int:
        """How many pages there are, as far as rows are counted."""
        return max(1, -(-min(self.count, COUNT_CAP) // self.size))


def wanted_filters(
    entity: type, columns: Sequence[str], labels: Mapping[str, str], named: Callable[[str, Any], str]
) -> list[Filter]:
    """The conditions in the address. Errors: 400 for a column that the screen does not offer (RB-05)."""
    found = []
    for argument in request.args:
        if not argument.startswith("_flt_"):
            continue
        number, _, name = argument.removeprefix("_flt_").partition("_")
        if name not in columns or not (number.isascii() and number.isdecimal()):
            abort(400)
        operators = operators_for(entity, name)
        if int(number) >= len(operators):
            abort(400)
        for text in request.args.getlist(argument)[:5]:
            if text.strip():
                found.append(
                    Filter(
                        name,
                        labels[name],
                        int(number),
                        operators[int(number)].words,
                        text.strip()[:200],
                        named(name, text.strip()),
                    )
                )
    return found


def condition(entity: Any, wanted: Filter) -> ColumnElement[bool]:
    """A filter as SQL."""
    mapper: Any = inspect(entity)
    value = read_value(entity, wanted.name, wanted.value)
    if value is None:
        return false()
    column = (
        next(iter(mapper.relationships[wanted.name].local_columns))
        if wanted.name in mapper.relationships
        else mapper.columns[wanted.name]
    )
    return operators_for(entity, wanted.name)[wanted.operator].compare(column, value)


def search_condition(entity: Any, columns: Sequence[str], text: str) -> ColumnElement[bool]:
    """Words in any of some columns; `%` is a wildcard, and `R%` means that it starts with R."""
    mapped = inspect(entity).columns
    return or_(*[_matches(mapped[name], like(text)) for name in columns])


def _of_header_only(statement: Select[Any], key: Any) -> bool:
    """Whether a statement asks for documents by what all documents have: then the header is enough to count them. The
    screens' statements join nothing (tests/conformance/test_traps.py)."""
    if not (issubclass(key.class_, Document) and statement.whereclause is not None):
        return False
    tables = {one.table for one in visitors.iterate(statement.whereclause) if isinstance(one, Column)}
    return tables == {Document.__table__}


def count_of(session: Session, statement: Select[Any], key: Any, cap: int = COUNT_CAP) -> int:
    """How many rows, counted no further than one beyond the cap."""
    key = Document.id if _of_header_only(statement, key) else key
    limited = statement.order_by(None).with_only_columns(key).limit(cap + 1).subquery()
    return session.scalar(select(func.count()).select_from(limited)) or 0


@dataclass(frozen=True)
class Wanted:
    """Which page of a list is asked for."""

    filters: Sequence[Filter]
    search: str
    order: str
    descending: bool
    page: int
    size: int


def wanted_of_address(
    entity: type,
    *,
    columns: Sequence[str],
    ordered: Sequence[str],
    base_order: tuple[str, bool],
    labels: Mapping[str, str],
    named: Callable[[str, Any], str],
    size: int,
) -> Wanted:
    """What the address asks for. Errors: 400 for a filter or an order that the screen does not offer (RB-05)."""
    order, descending = request.args.get("order", ""), request.args.get("dir") == "desc"
    if order and order not in ordered:
        abort(400)
    if not order:
        order, descending = base_order
    asked = request.args.get("size", type=int) or size
    return Wanted(
        filters=wanted_filters(entity, columns, labels, named),
        search=request.args.get("q", "").strip()[:100].replace("\x00", ""),
        order=order,
        descending=descending,
        page=max(request.args.get("page", 1, type=int), 1),
        size=min((one for one in PAGE_SIZES if one >= asked), default=PAGE_SIZES[-1]),
    )


def narrowed(entity: Any, statement: Select[Any], wanted: Wanted, searched: Sequence[str]) -> Select[Any]:
    """The rows that pass the filters and hold the words."""
    for one in wanted.filters:
        statement = statement.where(condition(entity, one))
    if wanted.search and searched:
        statement = statement.where(search_condition(entity, searched, wanted.search))
    return statement


def sorted_by(entity: Any, statement: Select[Any], wanted: Wanted) -> Select[Any]:
    """The rows in the order asked for; among equals the order of their keys, so that no page repeats another's."""
    root = inspect(entity).base_mapper.class_  # where the indexes are
    columns = [root.id] if wanted.order == "id" else [getattr(entity, wanted.order), root.id]
    return statement.order_by(*(column.desc() if wanted.descending else column.asc() for column in columns))


def page_of(
    session: Session,
    entity: Any,
    statement: Select[Any],
    wanted: Wanted,
    *,
    searched: Sequence[str],
    eager: Sequence[str],
) -> Listing:
    """One page of a list."""
    statement, count, page = cut(session, entity, statement, wanted, searched)
    rows = list(session.scalars(statement.options(loading(entity, tuple(eager)))))
    return Listing(rows, count, page, wanted.size, wanted.order, wanted.descending, list(wanted.filters), wanted.search)


@functools.cache
def loading(entity: Any, relations: tuple[str, ...]) -> Loading:
    """What loads relations with the rows: one query each, and not one for each row."""
    return Loading(selectinload(getattr(entity, name)) for name in relations)


def cut(
    session: Session, entity: Any, statement: Select[Any], wanted: Wanted, searched: Sequence[str]
) -> tuple[Select[Any], int, int]:
    """The rows of one page as a statement, how many there are in all, as far as they are counted, and which page it
    is: the last one there is, when a later one was asked for."""
    statement = narrowed(entity, statement, wanted, searched)
    count = count_of(session, statement, entity.id)
    page = min(wanted.page, max(1, -(-min(count, COUNT_CAP) // wanted.size)))
    return sorted_by(entity, statement, wanted).limit(wanted.size).offset((page - 1) * wanted.size), count, page
