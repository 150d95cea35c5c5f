"""Rows from elsewhere judged as lines: the form of a line decides about each of them, as when a row of the grid is saved.

What many rows share is asked for once: codes, units, usual places, the lines of an agreement. Source: LIN-08, OP-03."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Boolean, Date, func, inspect, or_, select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.datastructures import MultiDict

from app.entities.awards import MasterAgreement
from app.entities.catalog import CatalogItem, CommodityCode
from app.entities.lines import LineItem
from app.extensions import db
from app.facts import Answers
from app.people import profile_of
from app.rules.awards import price_is_agreed
from app.rules.lines import amount_of
from app.rules.money import written
from app.rules.numbers import LARGEST
from app.rules.rows import HEADINGS, SPOILED, NotRead, read_day, read_yes
from app.rules.shopping import line_from_agreement, with_usual_places
from app.screens.changes import in_words
from app.screens.forms import RecordForm, fill
from app.screens.gate import actor, office
from app.screens.line_page import common_units, line_form

NO_TOKEN = {"csrf": False}
"""The request has shown its token; the form of each row need not."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a row: in which column (-1: the row), what was read, what is expected."""

    place: int
    read: str
    expected: str


@dataclass
class Row:
    """A row of the spreadsheet, and the line that it makes or what stands against it."""

    number: int
    cells: Sequence[str]
    line: LineItem | None = None
    amount: Decimal = Decimal(0)
    faults: list[Fault] = field(default_factory=list)

    def wrong(self, place: int, expected: str) -> None:
        """Note what is wrong with a cell."""
        self.faults.append(Fault(place, self.cells[place] if place >= 0 else "", expected))

    def said(self, place: int) -> str:
        """What is wrong with a cell, in one text."""
        return " ".join(one.expected for one in self.faults if one.place == place)

    def shown(self, name: str) -> Any:
        """What a field of the line will be."""
        return in_words(self.line, name) if self.line is not None else ""


@dataclass(frozen=True)
class Agreed:
    """The lines of the agreement that rows may name, by number and by item number."""

    agreement: MasterAgreement
    lines: Mapping[str, Sequence[LineItem]]
    items: Mapping[int, CatalogItem]


class Judge:
    """Makes lines of the rows of one table."""

    def __init__(
        self, document: Any, columns: Sequence[str], rows: Sequence[Sequence[str]], lookups: Any, agreement: Any
    ) -> None:
        self.document, self.columns = document, columns
        self.profile = profile_of(db.session(), actor().user_id or 0)
        self.today, self.calendar = office().today(), Answers(db.session(), office()).calendar()
        self.units = {word.upper(): unit.code for unit in common_units() for word in (unit.name, unit.code)}
        self.codes = codes_named(self._texts("commodity_code", rows))
        known = {one.id: one for found in self.codes.values() for one in found}
        self.lookups = lambda name, target: lookups(name, target) | {"known": known}
        self.agreed = agreed_lines(agreement, self._texts("agreement_line", rows)) if agreement is not None else None
        self.forms: dict[tuple[str, ...], type[RecordForm]] = {}
        self.readers: Mapping[str, Callable[[str], str]] = {
            name: self._reader(name) for name in columns if name not in ("", "agreement_line")
        }

    def _texts(self, name: str, rows: Sequence[Sequence[str]]) -> set[str]:
        if name not in self.columns:
            return set()
        place = self.columns.index(name)
        return {row[place] for row in rows if place < len(row) and row[place]}

    def _reader(self, name: str) -> Callable[[str], str]:
        """How the cells of a column become what a form is sent."""
        own = {"commodity_code": self._code, "unit": self._unit}
        column = inspect(LineItem).columns.get(name)
        kinds = {Date: read_day, Boolean: lambda text: "y" if read_yes(text) else ""}
        plain = (lambda text: text.removesuffix("%")) if name.endswith("percent") else str
        return own.get(name) or kinds.get(type(column.type) if column is not None else None, plain)  # type: ignore[arg-type]

    def _code(self, text: str) -> str:
        found = self.codes.get(text, ())
        if len(found) > 1:
            schemes = " and ".join(sorted(one.scheme.code for one in found))
            raise NotRead(f"This is a code of {schemes}. Write which, for example {found[0].scheme.code} {text}.")
        if not found:
            raise NotRead(
                "There is no such commodity code in use. A spreadsheet may have dropped a leading zero: format the "
                "column as text."
            )
        return str(found[0].id)

    def _unit(self, text: str) -> str:
        if text.upper() not in self.units:
            raise NotRead("Enter the code or the name of a unit in use, for example EA.")
        return self.units[text.upper()]

    def judged(self, number: int, cells: Sequence[str]) -> Row:
        """One row."""
        row = Row(number, [*cells, *[""] * (len(self.columns) - len(cells))])
        line, typed = self._begun(row), self._typed(row)
        if line is None:
            return row
        names = tuple(name for name in typed if typed[name] or line.agreement_line_id is None)
        if names not in self.forms:
            self.forms[names] = line_form(self.document, self.lookups, names)
        sent = MultiDict({name: text for name, text in typed.items() if text or name not in self._ticks})
        form = self.forms[names](formdata=sent, meta=NO_TOKEN)
        if not form.validate():
            for name, errors in form.errors.items():
                row.wrong(self._place(name), " ".join(map(str, errors)))
        fill(form, line, [name for name in names if not form[name].errors])
        self._complete(row, line)
        row.line = None if row.faults else line
        return row

    @property
    def _ticks(self) -> set[str]:
        return {name for name in self.columns if name and isinstance(_type_of(name), Boolean)}

    def _begun(self, row: Row) -> LineItem | None:
        """A blank line, or, in an order under an agreement, the line of it that the row names."""
        if self.agreed is None:
            return LineItem(description="")
        name = self.agreed.agreement.name
        place = self._place("agreement_line")
        text = row.cells[place] if place >= 0 else ""
        found = self.agreed.lines.get(text.upper(), ())
        if len(found) != 1:
            said = f"This names {len(found)} lines of {name}. Enter the number of one." if found else ""
            row.wrong(place, said or f"Enter the number, or the item number, of a line of {name}.")
            return None
        return line_from_agreement(found[0], Decimal(1), self.today, self.calendar, self.agreed.items.get(found[0].id))

    def _typed(self, row: Row) -> dict[str, str]:
        """What the row's cells are as a form is sent; what cannot be read is noted and left out."""
        typed: dict[str, str] = {}
        for place, name in enumerate(self.columns):
            if name not in self.readers:
                continue
            text = row.cells[place]
            try:
                if text in SPOILED:
                    raise NotRead(SPOILED[text])
                typed[name] = self.readers[name](text) if text else ""
            except NotRead as expected:
                row.wrong(place, str(expected))
        if not typed.get("description") and typed.get("commodity_code"):
            typed["description"] = self.codes[row.cells[self._place("commodity_code")]][0].name
        return typed

    def _place(self, name: str) -> int:
        return self.columns.index(name) if name in self.columns else -1

    def _complete(self, row: Row, line: LineItem) -> None:
        """What the grid does for a new line, and what no cell says by itself."""
        with_usual_places(line, self.profile)
        if not line.description and "description" not in self.columns:
            row.wrong(-1, "Enter a description.")
        row.amount = amount_of(line)
        price = self._place("unit_price")
        if row.amount > LARGEST:
            row.wrong(
                price, f"The line would come to {written(row.amount)}; it may come to {written(LARGEST)} at most."
            )
        if self.agreed is not None:
            for problem in price_is_agreed(line, self.agreed.agreement):
                row.wrong(price, problem.message)


def _type_of(name: str) -> Any:
    column = inspect(LineItem).columns.get(name)
    return column.type if column is not None else None


def offered(agreement: Any) -> list[str]:
    """The fields that columns may be."""
    return [name for name in HEADINGS if name != "agreement_line" or agreement is not None]


def codes_named(texts: set[str]) -> dict[str, list[CommodityCode]]:
    """Text → the codes in use that it may mean: "7510", "7510 Office supplies", "PSC 7510", "005-05"."""
    keys = {text: _ways_to_read(text) for text in texts}
    wanted = {code for ways in keys.values() for _, code in ways}
    if not wanted:
        return {}
    found: dict[str, list[CommodityCode]] = {}
    for one in db.session.scalars(
        select(CommodityCode)
        .where(CommodityCode.active.is_(True), CommodityCode.code.in_(wanted))
        .options(joinedload(CommodityCode.scheme))
    ):
        found.setdefault(one.code, []).append(one)
    fits = partial(_that_fit, found)
    return {text: next(filter(None, map(fits, ways)), []) for text, ways in keys.items()}


def _ways_to_read(text: str) -> list[tuple[str, str]]:
    """(scheme or "", code) in the order in which they are tried."""
    plain = text.strip().upper()
    first, _, rest = plain.partition(" ")
    tight = re.sub(r"[\s.-]", "", plain)
    return [("", plain), (first, rest.strip()), ("", tight), (first, re.sub(r"[\s.-]", "", rest)), ("", first)]


def _that_fit(found: Mapping[str, list[CommodityCode]], way: tuple[str, str]) -> list[CommodityCode]:
    scheme, code = way
    return [one for one in found.get(code, ()) if scheme in ("", one.scheme.code.upper())]


def agreed_lines(agreement: MasterAgreement, texts: set[str]) -> Agreed:
    """The lines of an agreement that texts name by position, catalog number, part number, or item number."""
    session, keys = db.session(), {text.upper() for text in texts}
    positions = [int(text) for text in keys if text.isascii() and text.isdigit() and len(text) < 7]
    mine = LineItem.document_id == agreement.id
    lists = (selectinload(LineItem.funding), selectinload(LineItem.charges), selectinload(LineItem.acceptances))
    entries = session.scalars(
        select(CatalogItem)
        .join(CatalogItem.agreement_line)
        .where(
            mine, CatalogItem.active.is_(True), func.upper(CatalogItem.sku).in_(keys) | LineItem.position.in_(positions)
        )
        .order_by(CatalogItem.id)
    ).all()
    named = or_(
        LineItem.position.in_(positions),
        func.upper(LineItem.catalog_number).in_(keys),
        func.upper(LineItem.part_number).in_(keys),
        LineItem.id.in_([one.agreement_line_id for one in entries]),
    )
    lines = session.scalars(select(LineItem).where(mine, named).options(*lists)).all() if keys else []
    items = {one.agreement_line_id: one for one in entries if one.agreement_line_id is not None}
    by_text: dict[str, list[LineItem]] = {}
    for line in lines:
        skus = {one.sku.upper() for one in entries if one.agreement_line_id == line.id}
        for text in ({str(line.position), line.catalog_number.upper(), line.part_number.upper()} | skus) - {""}:
            by_text.setdefault(text, []).append(line)
    return Agreed(agreement, by_text, items)
