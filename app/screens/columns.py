"""The columns of a generated screen: how they are called, shown, compared and filtered."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import url_for
from markupsafe import Markup
from sqlalchemy import Boolean, Date, DateTime, inspect

from app.entities.base import Exact, Moment
from app.extensions import db
from app.rules.numbers import read_key
from app.screens import listing, present

PLAIN, RIGHT, WHOLE, NAME = Markup(""), Markup(' class="n"'), Markup(' class="nowrap"'), Markup(' class="name"')
"""Attributes of a cell: text, a number, what is read wrong when it stands on two lines, and the name of a row."""

LINK = Markup('<a class="docnum" href="{}">{}</a>')
"""What stands in the first cell of a row."""

NUMBERED = frozenset({"code", "number", "sku", "vendor_number", "phone", "fax"})
"""Columns that hold what people call by its number."""


def spaced(name: str) -> str:
    """`PurchaseRequest` → "purchase request", `unit_price` → "unit price"."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).replace("_", " ").lower()


class Columns:
    """What a list, a form and a page of one record ask of a screen's columns."""

    entity: Any
    list_columns: Sequence[str] = ()
    search_columns: Sequence[str] = ()
    show_columns: Sequence[str] = ()
    order_columns: Sequence[str] = ()
    base_sort: tuple[str, bool] = ("id", True)
    page_size = 50
    edit_columns: Sequence[str] = ()
    show_url: Callable[[Any], str | None]
    labels: Mapping[str, str] = {}
    choices: Mapping[str, Sequence[tuple[str, str]]] = {}
    exclude_route_methods: set[str] = set()

    def label(self, name: str) -> str:
        """How a column is called."""
        return self.labels.get(name) or spaced(name.split(".")[-1]).capitalize()

    def all_labels(self) -> dict[str, str]:
        """Every column's label that the screen needs."""
        wanted = (*self.list_columns, *self.search_columns, *self.show_columns, *self.edit_columns)
        return {name: self.label(name) for name in wanted}

    edit_in_list = True

    def cell(self, record: Any, name: str) -> Any:
        """One value, as lists and pages show it: a choice by its words, if it has others than its own."""
        value = getattr(record, name) if name in self.choices else None
        worded = dict(self.choices[name]).get(value) if value else None
        return worded if worded and worded != value else present.cell(record, name)

    def row_name(self, record: Any, name: str) -> Any:
        """What the link of a row says: its first value, or the record's own name where that is still empty, like the
        number of a draft."""
        return present.cell(record, name) if getattr(record, name) else getattr(record, "name", str(record))

    def cells(self, record: Any, attributes: Mapping[str, Markup]) -> list[tuple[Markup, Any]]:
        """The cells of a row: their attributes and what stands in them. The first leads to the record."""
        link, first = self.show_url(record), self.list_columns[0]
        row = [(attributes[name], self.cell(record, name)) for name in self.list_columns]
        if link:
            row[0] = (attributes[first], LINK.format(link, self.row_name(record, first)))
        return row

    def attributes(self) -> dict[str, Markup]:
        """How the cells of each column stand: numbers to the right; numbers of records and days on one line."""
        return {name: self._attribute(name) for name in self.list_columns}

    def _attribute(self, name: str) -> Markup:
        column = inspect(self.entity).columns.get(name)
        kept = column.type if column is not None else None
        if name == "available" or isinstance(kept, Exact):
            return RIGHT
        if name in NUMBERED or isinstance(kept, Date | DateTime | Moment):
            return WHOLE
        return NAME if name == self.list_columns[0] else PLAIN

    def operators(self, name: str) -> Sequence[listing.Operator]:
        """How a column can be compared."""
        return listing.operators_for(self.entity, name)

    def first_operator(self, name: str) -> int:
        """Which comparison is offered first."""
        return 3 if name in self.choices else listing.DEFAULT[listing.operators_for(self.entity, name)]

    def filter_kind(self, name: str) -> str:
        """Which field asks for the value of a filter."""
        if name in inspect(self.entity).relationships:
            return "relation"
        kind = inspect(self.entity).columns[name].type
        if name in self.choices:
            return "choice"
        return "yes" if isinstance(kind, Boolean) else "date" if isinstance(kind, Date) else "text"

    def filter_url(self, name: str) -> str:
        """Where the picker of a filter looks."""
        return (
            url_for(f"{type(self).__name__}.lookup", name=name)
            if "lookup" not in self.exclude_route_methods
            else f"/lookup/{inspect(self.entity).relationships[name].mapper.class_.__tablename__}"
        )

    def wanted_page(self) -> listing.Wanted:
        """Which page of the list the address asks for. Errors: 400."""
        return listing.wanted_of_address(
            self.entity,
            columns=self.search_columns,
            ordered=self.order_columns,
            base_order=self.base_sort,
            labels=self.all_labels(),
            named=self.in_words,
            size=self.page_size,
        )

    def in_words(self, name: str, text: str) -> str:
        """A value of a filter as its chip says it."""
        relations = inspect(self.entity).relationships
        if name in relations and (key := read_key(text)):
            target = db.session.get(relations[name].mapper.class_, key)
            return str(target) if target is not None else "nothing"
        return dict(self.choices.get(name, ())).get(text, text)

    def relations_listed(self) -> Sequence[str]:
        """What a list shows of other tables, by the name of the relation."""
        relations = inspect(self.entity).relationships
        names = (name.split(".")[0] for name in (*self.list_columns, *self.eager()))
        return tuple(dict.fromkeys(name for name in names if name in relations))

    def eager(self) -> Sequence[str]:
        """Relations that the list needs beside its columns."""
        return ()

    def prepare(self, records: Sequence[Any]) -> None:
        """Ask once what the cells of all these rows need; most need nothing."""
