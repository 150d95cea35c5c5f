"""Lists from elsewhere: commodity codes, and funding strips with their allotments.

A file is taken whole or not at all: while any row is wrong nothing is written, and the report says which row, which
column and what to do. A dry run does everything and takes it back. Source: IN-01, FND-02."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app import audit, ledger
from app.csvfile import CsvSource, Report, read
from app.entities.catalog import CodeScheme, CommodityCode
from app.entities.funds import FiscalYear, FundingStrip, Posting, PostingKind, StripBalance
from app.entities.organization import Organization
from app.office import Office
from app.rules.calendar import fiscal_year, period
from app.rules.deeds import Actor
from app.rules.numbers import NotANumber, read_decimal
from app.scope import unscoped
from app.workflow import Forbidden


@dataclass(frozen=True)
class Scheme:
    """A system of codes that the importer knows: how long a class is, what a code looks like, which are services."""

    name: str
    class_length: int
    pattern: re.Pattern[str]
    looks: str
    service: Callable[[str], bool]


SCHEMES: Mapping[str, Scheme] = {
    "PSC": Scheme(
        "Product and Service Codes",
        2,
        re.compile(r"[A-Z0-9]{2}|[A-Z0-9]{4}"),
        "two or four letters or digits",
        lambda code: code[0].isalpha(),
    ),
    "NIGP": Scheme(
        "NIGP commodity and services code",
        3,
        re.compile(r"\d{3}|\d{5}|\d{7}|\d{11}"),
        "3, 5, 7 or 11 digits",
        lambda code: code[:3] >= "900",
    ),
    "UNSPSC": Scheme(
        "United Nations Standard Products and Services Code",
        4,
        re.compile(r"\d{8}|\d{10}"),
        "8 or 10 digits",
        lambda code: "70" <= code[:2] <= "94",
    ),
}
"""Scheme → what is known of it. NIGP and UNSPSC are licensed: an office loads its own list."""

CODE_COLUMNS = {
    "code": (
        "code",
        "commoditycode",
        "nigpcode",
        "nigp",
        "unspsc",
        "unspsccode",
        "psc",
        "psccode",
        "classitem",
        "number",
    ),
    "name": (
        "title",
        "name",
        "commoditytitle",
        "commodityname",
        "commodity",
        "commoditydescription",
        "shortdescription",
        "description",
    ),
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


def import_codes(session: Session, scheme_code: str, source: CsvSource, *, dry_run: bool = False) -> Report:
    """Load a list of commodity codes: new codes are added, new names replace old ones, none is removed.

    The columns are found by their headings (code; title or description); a file without headings has them in this
    order. Errors: KeyError for a scheme that is not in `SCHEMES`."""
    scheme, report = SCHEMES[scheme_code.upper()], Report(dry_run=dry_run)
    fresh = _codes(read(source, CODE_COLUMNS, ("code", "name"), report, headings=False), scheme, report)
    if report.errors:
        return report
    record = session.scalar(select(CodeScheme).where(CodeScheme.code == scheme_code.upper()))
    known = (
        {}
        if record is None
        else {
            one.code: one for one in session.scalars(select(CommodityCode).where(CommodityCode.scheme_id == record.id))
        }
    )
    new = {code: values for code, values in fresh.items() if code not in known}
    changed = [
        (known[code], values)
        for code, values in fresh.items()
        if code in known and (known[code].name, known[code].description) != tuple(values.values())
    ]
    report.added, report.changed = len(new), len(changed)
    report.unchanged = len(fresh) - len(new) - len(changed)
    if dry_run:
        return report
    if record is None:
        record = CodeScheme(code=scheme_code.upper(), name=scheme.name, class_length=scheme.class_length)
        session.add(record)
        session.flush()
    if new:
        session.execute(
            insert(CommodityCode),
            [
                {"scheme_id": record.id, "code": code, "service": scheme.service(code), **values}
                for code, values in new.items()
            ],
        )
    for code, values in changed:  # one by one, so that the trail has the old name and the search the new one
        code.name, code.description = values["name"], values["description"]
    audit.note(session, "import", record, str(report))
    session.commit()
    return report


def _codes(rows: Iterable[tuple[int, dict[str, str]]], scheme: Scheme, report: Report) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    lines: dict[str, int] = {}
    for line, row in rows:
        code, name = re.sub(r"[\s.-]", "", row["code"]).upper(), row["name"]
        if not scheme.pattern.fullmatch(code):
            report.wrong(
                line,
                "code",
                f"“{row['code'][:40]}” has not {scheme.looks}. A spreadsheet may have dropped a "
                "leading zero: format the column as text and save again.",
            )
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
    session: Session,
    office: Office,
    by: Actor,
    source: CsvSource,
    *,
    bfy: int | None = None,
    dry_run: bool = False,
) -> Report:
    """Load funding strips with their allotments of one budget year.

    Columns: code, name, organization (its code), allotment; fund, agency, unit, program, object and bfy if wished.
    A strip that exists takes the file's values. The allotment is what the strip is to have in all: the difference to
    what it has is posted, so that loading a file again posts nothing. Errors: Forbidden. Source: FND-02, FND-03."""
    if not by.may("allot", FundingStrip):
        raise Forbidden("Your roles do not allow you to allot funds.")
    report = Report(dry_run=dry_run)
    year = bfy or fiscal_year(office.today())
    seen: dict[tuple[str, int], int] = {}
    with unscoped(session):
        offices = {one.code.upper(): one for one in session.scalars(select(Organization))}
        closed = set(session.scalars(select(FiscalYear.year).where(FiscalYear.closed.is_(True))))
        attempt = session.begin_nested()
        for line, row in read(source, STRIP_COLUMNS, ("code", "name", "organization"), report):
            wanted = _strip_row(line, row, offices, by, year, report)
            if wanted is None:
                continue
            key = (wanted.values["code"].upper(), wanted.bfy)
            if wanted.bfy in closed:
                report.wrong(line, "bfy", f"FY{wanted.bfy} is closed. Choose an open fiscal year.")
            elif key in seen:
                report.wrong(
                    line, "code", f"Strip {row['code']} stands in row {seen[key]} already. Remove one of the two."
                )
            else:
                seen[key] = line
                _take(session, office, by, wanted, report)
        if report.errors or dry_run:
            attempt.rollback()
            session.expire_all()
        else:
            session.commit()
    return report


@dataclass(frozen=True)
class StripRow:
    """A row of a file of strips, read and found to be sound. `allotment` None leaves the balance as it is."""

    line: int
    values: Mapping[str, Any]
    bfy: int
    allotment: Decimal | None


SEGMENTS = ("fund", "agency", "unit", "program", "object")


def _strip_row(
    line: int,
    row: Mapping[str, str],
    offices: Mapping[str, Organization],
    by: Actor,
    year: int,
    report: Report,
) -> StripRow | None:
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
    allotment = _number(line, row, "allotment", report, places=2)
    named_year = _number(line, row, "bfy", report, places=0, at_least=Decimal(1900), at_most=Decimal(2999))
    if len(report.errors) > before or organization is None:
        return None
    segments = {segment: row[segment] for segment in SEGMENTS if segment in row}
    values = {"code": row["code"], "name": row["name"], "organization_id": organization.id, **segments}
    return StripRow(line, values, int(named_year or year), allotment)


def _number(line: int, row: Mapping[str, str], name: str, report: Report, **how: Any) -> Decimal | None:
    if not row.get(name):
        return None
    try:
        return read_decimal(row[name], **({"at_least": Decimal(0)} | how))
    except NotANumber as problem:
        report.wrong(line, name, f"{problem}.")
        return None


def _take(session: Session, office: Office, by: Actor, row: StripRow, report: Report) -> None:
    strip = session.scalar(select(FundingStrip).where(FundingStrip.code == row.values["code"]))
    if strip is None:
        strip = FundingStrip(**row.values)
        session.add(strip)
        session.flush()
        report.added += 1
        _allot(session, office, by, strip, row, report)
        return
    differs = [name for name, value in row.values.items() if getattr(strip, name) != value]
    for name in differs:
        setattr(strip, name, row.values[name])
    if _allot(session, office, by, strip, row, report) or differs:
        report.changed += 1
    else:
        report.unchanged += 1


def _allot(session: Session, office: Office, by: Actor, strip: FundingStrip, row: StripRow, report: Report) -> bool:
    """Post what the row allots beyond what the strip has; says whether there was anything to post."""
    has = session.scalar(
        select(StripBalance.allotted).where(StripBalance.strip_id == strip.id, StripBalance.bfy == row.bfy)
    ) or Decimal(0)
    if row.allotment is None or row.allotment == has:
        return False
    today = office.today()
    for refused in ledger.post(
        session,
        [
            Posting(
                strip_id=strip.id,
                bfy=row.bfy,
                afy=fiscal_year(today),
                afm=period(today),
                kind=PostingKind.ALLOTMENT,
                amount=row.allotment - has,
                memo="Loaded from a file",
                by_id=by.user_id,
                at=office.now(),
            )
        ],
    ):
        report.wrong(row.line, "allotment", refused.message)
    return True
