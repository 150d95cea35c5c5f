"""Files from elsewhere: lists of commodity codes, and funding strips with their allotments.

A file is taken whole or not at all: while any row is wrong nothing is written, and the report says which row, which
column and what to do. A dry run does everything and takes it back. Source: IN-01, FND-02."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import IO, Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app import audit, ledger
from app.entities.catalog import CodeScheme, CommodityCode
from app.entities.funds import FundingStrip, Posting, PostingKind, StripBalance
from app.entities.organization import Organization
from app.office import Office
from app.rules.calendar import fiscal_year, period
from app.rules.deeds import Actor
from app.rules.numbers import NotANumber, read_decimal
from app.scope import unscoped
from app.workflow import Forbidden

LARGEST = 20_000_000
"""Bytes of the largest file that is taken; the longest list of codes has a fifth of it."""

CsvSource = Path | IO[bytes] | IO[str]


@dataclass(frozen=True)
class RowError:
    """One thing that is wrong in a file. `row` counts the file's lines from 1, the heading included."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        where = f"Row {self.row}, {self.column}" if self.column else f"Row {self.row}"
        return f"{where}: {self.message}"


@dataclass
class Report:
    """What came of a file. Nothing was written when there are errors, or when it was a dry run."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    dry_run: bool = False

    def wrong(self, row: int, column: str, message: str) -> None:
        """Note what is wrong with a row."""
        self.errors.append(RowError(row, column, message))

    def __str__(self) -> str:
        if self.errors:
            return f"Nothing was loaded: {len(self.errors)} rows are wrong."
        would = "would be " if self.dry_run else ""
        return f"{self.added} {would}added, {self.changed} {would}changed, {self.unchanged} the same."


@dataclass(frozen=True)
class Scheme:
    """A system of codes that the importer knows: how long a class is, what a code looks like, which are services."""

    name: str
    class_length: int
    pattern: re.Pattern[str]
    looks: str
    service: Callable[[str], bool]


SCHEMES: Mapping[str, Scheme] = {
    "PSC": Scheme("Product and Service Codes", 2, re.compile(r"[A-Z0-9]{2}|[A-Z0-9]{4}"), "two or four letters or digits",
                  lambda code: code[0].isalpha()),
    "NIGP": Scheme("NIGP commodity and services code", 3, re.compile(r"\d{3}|\d{5}|\d{7}|\d{11}"), "3, 5, 7 or 11 digits",
                   lambda code: code[:3] >= "900"),
    "UNSPSC": Scheme("United Nations Standard Products and Services Code", 4, re.compile(r"\d{8}|\d{10}"),
                     "8 or 10 digits", lambda code: "70" <= code[:2] <= "94"),
}
"""Scheme → what is known of it. NIGP and UNSPSC are licensed: an office loads its own list."""

CODE_COLUMNS = {
    "code": ("code", "commoditycode", "nigpcode", "nigp", "unspsc", "unspsccode", "psc", "psccode", "classitem", "number"),
    "name": ("title", "name", "commoditytitle", "commodityname", "commodity", "commoditydescription", "shortdescription",
             "description"),
    "description": ("definition", "longdescription", "fulldescription", "notes", "description"),
}
STRIP_COLUMNS = {
    "code": ("code", "strip", "fundingstrip", "accountingstring", "account"),
    "name": ("name", "title", "description"),
    "organization": ("organization", "organizationcode", "office", "department"),
    "allotment": ("allotment", "allotted", "budget", "amount"),
    "bfy": ("bfy", "budgetfiscalyear", "budgetyear", "fiscalyear"),
    **{name: (name, f"{name}code") for name in ("fund", "agency", "unit", "program", "object")},
}
"""Column → what its heading may be, letters and digits alone; of several that fit, each is used once."""


def import_codes(session: Session, scheme_code: str, source: CsvSource, *, dry_run: bool = False) -> Report:
    """Load a list of commodity codes: new codes are added, new names replace old ones, none is removed.

    The columns are found by their headings (code; title or description); a file without headings has them in this
    order. Errors: KeyError for a scheme that is not in `SCHEMES`."""
    scheme, report = SCHEMES[scheme_code.upper()], Report(dry_run=dry_run)
    rows = list(_read(source, CODE_COLUMNS, ("code", "name"), report, heads=lambda first: not _fits(scheme, first)))
    fresh = _codes(rows, scheme, report)
    if report.errors:
        return report
    record = session.scalar(select(CodeScheme).where(CodeScheme.code == scheme_code.upper()))
    known = {} if record is None else {code.code: (code.id, code.name, code.description) for code in session.execute(
        select(CommodityCode.id, CommodityCode.code, CommodityCode.name, CommodityCode.description)
        .where(CommodityCode.scheme_id == record.id))}
    new = {code: values for code, values in fresh.items() if code not in known}
    changed = [{"id": known[code][0], **values} for code, values in fresh.items()
               if code in known and known[code][1:] != (values["name"], values["description"])]
    report.added, report.changed = len(new), len(changed)
    report.unchanged = len(fresh) - len(new) - len(changed)
    if dry_run:
        return report
    if record is None:
        record = CodeScheme(code=scheme_code.upper(), name=scheme.name, class_length=scheme.class_length)
        session.add(record)
        session.flush()
    _write_codes(session, record.id, scheme, new, changed)
    audit.note(session, "import", record, str(report))
    session.commit()
    return report


def _write_codes(
    session: Session, scheme_id: int, scheme: Scheme, new: Mapping[str, dict[str, str]], changed: list[dict[str, Any]],
) -> None:
    if new:
        session.execute(insert(CommodityCode), [
            {"scheme_id": scheme_id, "code": code, "service": scheme.service(code), "active": True, "version": 1, **values}
            for code, values in new.items()])
    if changed:
        session.execute(update(CommodityCode), changed)


def _fits(scheme: Scheme, text: str) -> bool:
    return scheme.pattern.fullmatch(re.sub(r"[\s.-]", "", text).upper()) is not None


def _codes(rows: Iterable[tuple[int, dict[str, str]]], scheme: Scheme, report: Report) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    lines: dict[str, int] = {}
    for line, row in rows:
        code, name = re.sub(r"[\s.-]", "", row["code"]).upper(), row["name"]
        if not scheme.pattern.fullmatch(code):
            report.wrong(line, "code", f"“{row['code'][:40]}” has not {scheme.looks}. A spreadsheet may have dropped a "
                                       "leading zero: format the column as text and save again.")
        elif not name:
            report.wrong(line, "name", f"Code {code} has no title. Fill it in or remove the row.")
        elif code in lines:
            report.wrong(line, "code", f"Code {code} stands in row {lines[code]} already. Remove one of the two.")
        else:
            # A title that is longer than a list can show goes on in the description.
            rest = row.get("description", "") or (name if len(name) > 200 else "")
            lines[code], found[code] = line, {"name": name[:200], "description": rest[:4000]}
    return found


def import_strips(
    session: Session, office: Office, by: Actor, source: CsvSource, *, bfy: int | None = None, dry_run: bool = False,
) -> Report:
    """Load funding strips with their allotments of one budget year.

    Columns: code, name, organization (its code), allotment; fund, agency, unit, program, object and bfy if wished.
    A strip that exists takes the file's values. The allotment is what the strip is to have in all: the difference to
    what it has is posted, so that loading a file again posts nothing. Errors: Forbidden. Source: FND-02, FND-03."""
    if not by.may("allot", FundingStrip):
        raise Forbidden("Your roles do not allow you to allot funds.")
    report = Report(dry_run=dry_run)
    rows = list(_read(source, STRIP_COLUMNS, ("code", "name", "organization"), report))
    with unscoped(session):
        offices = {one.code.upper(): one for one in session.scalars(select(Organization))}
        attempt = session.begin_nested()
        seen: dict[tuple[str, str], int] = {}
        for line, row in rows:
            key = (row["code"].upper(), row.get("bfy", ""))
            if key in seen:
                report.wrong(line, "code", f"Strip {row['code']} stands in row {seen[key]} already. Remove one of the two.")
            elif (values := _strip_values(line, row, offices, by, report)) is not None:
                seen[key] = line
                _take_strip(session, office, by, line, row, values, bfy or fiscal_year(office.today()), report)
        if report.errors or dry_run:
            attempt.rollback()
            session.expire_all()
        else:
            session.commit()
    return report


SEGMENTS = ("fund", "agency", "unit", "program", "object")


def _strip_values(
    line: int, row: Mapping[str, str], offices: Mapping[str, Organization], by: Actor, report: Report,
) -> dict[str, Any] | None:
    before = len(report.errors)
    organization = offices.get(row["organization"].upper())
    for name, limit in (("code", 60), ("name", 200), *((segment, 20) for segment in SEGMENTS)):
        if len(row.get(name, "")) > limit:
            report.wrong(line, name, f"“{row[name][:40]}…” is longer than {limit} characters.")
    for name in ("code", "name"):
        if not row[name]:
            report.wrong(line, name, f"Enter the strip's {name}.")
    if organization is None:
        report.wrong(line, "organization", f"There is no organization with the code “{row['organization'][:40]}”.")
    elif not by.is_system and not organization.path.startswith(by.path):
        report.wrong(line, "organization", f"{organization} is not below your own office. Ask its fiscal office.")
    if len(report.errors) > before or organization is None:
        return None
    segments = {segment: row[segment] for segment in SEGMENTS if segment in row}
    return {"code": row["code"], "name": row["name"], "organization_id": organization.id, **segments}


def _take_strip(
    session: Session, office: Office, by: Actor, line: int, row: Mapping[str, str], values: dict[str, Any], bfy: int,
    report: Report,
) -> None:
    strip = session.scalar(select(FundingStrip).where(FundingStrip.code == values["code"]))
    fresh = strip is None
    if strip is None:
        strip = FundingStrip(**values)
        session.add(strip)
        session.flush()
    differs = [name for name, value in values.items() if getattr(strip, name) != value]
    for name in differs:
        setattr(strip, name, values[name])
    try:
        year = int(read_decimal(row["bfy"], places=0, at_least=Decimal(1900))) if row.get("bfy") else bfy
        more = _more(session, strip.id, year, row)
    except NotANumber as problem:
        report.wrong(line, "allotment" if row.get("allotment") else "bfy", f"{problem}.")
        return
    if more:
        for refused in ledger.post(session, [Posting(
                strip_id=strip.id, bfy=year, afy=fiscal_year(office.today()), afm=period(office.today()),
                kind=PostingKind.ALLOTMENT, amount=more, memo="Allotment loaded from a file", by_id=by.user_id,
                at=office.now())]):
            report.wrong(line, "allotment", refused.message)
    report.added += fresh
    report.changed += not fresh and bool(differs or more)
    report.unchanged += not fresh and not differs and not more


def _more(session: Session, strip_id: int, bfy: int, row: Mapping[str, str]) -> Decimal:
    """How much the file allots beyond what the strip has."""
    if not row.get("allotment"):
        return Decimal(0)
    wanted = read_decimal(row["allotment"], places=2, at_least=Decimal(0))
    has = session.scalar(select(StripBalance.allotted).where(StripBalance.strip_id == strip_id, StripBalance.bfy == bfy))
    return wanted - (has or Decimal(0))


def _read(
    source: CsvSource, columns: Mapping[str, Sequence[str]], wanted: Sequence[str], report: Report,
    heads: Callable[[str], bool] = lambda first: True,
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a file with their line numbers, by the names of our columns; empty lines are passed over. `heads`
    says whether the first cell belongs to a heading; without one, columns come in the order of `columns`."""
    text = _text(source, report)
    first = text.split("\n", 1)[0]
    reader = csv.reader(StringIO(text), delimiter=max(",;\t|", key=first.count))
    places: dict[str, int] | None = None
    try:
        for cells in reader:
            row = [cell.strip() for cell in cells]
            if not any(row):
                continue
            if places is None:
                places = _places(row, columns) if heads(row[0]) else dict(zip(columns, range(len(row)), strict=False))
                if missing := [name for name in wanted if name not in places]:
                    report.wrong(reader.line_num, "", f"There is no column for {' and '.join(missing)}. The headings are: "
                                                      f"{', '.join(row)[:200]}.")
                    return
                if heads(row[0]):
                    continue
            yield reader.line_num, {name: row[place] if place < len(row) else "" for name, place in places.items()}
    except csv.Error as problem:
        report.wrong(reader.line_num, "", f"The file cannot be read from here on ({problem}). Save it again as CSV.")
    if places is None and not report.errors:
        report.wrong(1, "", "The file is empty.")


def _text(source: CsvSource, report: Report) -> str:
    content = source.read_bytes() if isinstance(source, Path) else source.read(LARGEST + 1)
    if len(content) > LARGEST:
        report.wrong(1, "", f"The file is larger than {LARGEST:,} bytes. Load it in parts.")
        return ""
    if isinstance(content, bytes):
        try:
            content = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            content = content.decode("cp1252", "replace")      # what spreadsheets write when nobody asks for UTF-8
    if "\x00" in content:
        report.wrong(1, "", "This is not a CSV file. Save the table as CSV and load that.")
        return ""
    return content.replace("\r\n", "\n").replace("\r", "\n")


def _places(heading: Sequence[str], columns: Mapping[str, Sequence[str]]) -> dict[str, int]:
    plain = [re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in heading]
    found: dict[str, int] = {}
    for name, headings in columns.items():
        place = next((plain.index(one) for one in headings if one in plain and plain.index(one) not in found.values()), None)
        if place is not None:
            found[name] = place
    return found
