"""Funding strips as a city has them: fund, department, program and object, with allotments made from what it paid."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import insert, select, update

from app import ledger
from app.demo.cast import HOUSEHOLDS
from app.demo.files import rows
from app.demo.stage import Stage
from app.entities.funds import (
    FiscalYear,
    FundingStrip,
    FundingTemplate,
    FundingTemplatePart,
    Posting,
    PostingKind,
)
from app.entities.organization import Organization, Profile
from app.entities.payables import SourceBank
from app.rules.calendar import fiscal_year

LEAST, MOST = Decimal(20_000), Decimal(2_500_000)
"""Bounds of an allotment: the payments are a sample, from a few dollars to hundreds of millions."""

OURS = Decimal(90_000)
"""What the strips of the demo's own people have at least, so that nobody runs dry while trying things out."""

SOURCES = (
    {"code": "GEN", "bank_name": "City treasury, general account", "ends_in": "2204", "standard": True},
    {"code": "GRANTS", "bank_name": "City treasury, grants", "ends_in": "7731"},
)
"""The accounts from which the demo's office pays. Made up."""

NEARLY_SPENT = "2SGNC-DPH-DHP-544"
"""A small grant of the clinic that a larger order does not fit into. Made up."""


@dataclass
class Total:
    """What was paid from one strip in the years of the list."""

    names: tuple[str, str, str]
    payments: int = 0
    amount: Decimal = Decimal(0)


def allot(stage: Stage) -> int:
    """Strips, their allotments for this year and the last, and templates. Returns the number of strips."""
    offices: dict[str, int] = dict(stage.session.execute(select(Organization.code, Organization.id)).all())
    ours = {code for household in HOUSEHOLDS.values() for code in household.strips}
    totals = {
        code: total
        for code, total in _totals().items()
        if _office(code) in offices and (total.payments >= 2 or code in ours)
    }
    strips = [_strip(code, total.names, offices) for code, total in totals.items()]
    strips.append(_strip(NEARLY_SPENT, ("Public Health Grants", "Vaccination", "Clinic supplies"), offices))
    stage.session.execute(insert(FundingStrip), strips)
    _post(stage, totals, ours)
    _templates(stage)
    stage.session.add_all(SourceBank(**one) for one in SOURCES)
    return len(strips)


def _office(strip: str) -> str:
    _, department, program, _ = strip.split("-")
    return f"{department}-{program}"


def _totals() -> dict[str, Total]:
    found: dict[str, Total] = {}
    for row in rows("city_payments"):
        code = "-".join(row[f"{part}_code"] for part in ("fund", "department", "program", "object"))
        total = found.setdefault(code, Total((row["fund"], row["program"], row["object"])))
        total.payments += 1
        total.amount += Decimal(row["vouchers_paid"])
    return found


def _strip(code: str, names: tuple[str, str, str], offices: dict[str, int]) -> dict[str, object]:
    fund, department, program, thing = code.split("-")
    return {
        "code": code,
        "name": ", ".join(names)[:200],
        "fund": fund,
        "agency": department,
        "unit": program,
        "program": program,
        "object": thing,
        "organization_id": offices[_office(code)],
    }


def _post(stage: Stage, totals: dict[str, Total], ours: set[str]) -> None:
    """Each strip's allotment, on the first day of the budget year. Last year's strips get theirs too: what was begun
    before July is paid from it."""
    ids: dict[str, int] = dict(stage.session.execute(select(FundingStrip.code, FundingStrip.id)).all())
    stage.ids |= {code: ids[code] for code in (*ours, NEARLY_SPENT)}
    years = sorted({fiscal_year(stage.diary.ago(120)), fiscal_year(stage.diary.last_day)})
    for year in years:
        stage.diary.open(min(date(year - 1, 7, 1), stage.diary.last_day))
        postings = []
        for code, total in totals.items():
            amount = min(max(total.amount, LEAST), MOST).quantize(Decimal("1E2"))
            amount = max(amount, OURS) if code in ours else amount
            amount = max(amount, 6 * OURS) if code.startswith("5AAAA-AIR-BG6") else amount
            postings.append(_posting(stage, ids[code], year, amount.quantize(Decimal("0.01"))))
        postings.append(_posting(stage, ids[NEARLY_SPENT], year, Decimal("640.00")))
        problems = ledger.post(stage.session, postings)
        assert not problems, problems
        stage.session.flush()
    first = years[0]
    stage.session.execute(update(FiscalYear).where(FiscalYear.year < first).values(closed=True))


def _posting(stage: Stage, strip_id: int, year: int, amount: Decimal) -> Posting:
    return Posting(
        strip_id=strip_id,
        bfy=year,
        afy=year,
        afm=1,
        kind=PostingKind.ALLOTMENT,
        amount=amount,
        memo="Budget as adopted",
        by_id=stage.ids["fiscal2"],
        at=stage.diary(),
    )


def _templates(stage: Stage) -> None:
    """60 % here and 40 % there, for every household, and as the usual funding of its people."""
    for household in HOUSEHOLDS.values():
        template = FundingTemplate(
            name=f"60/40 {household.strips[0]} and {household.strips[1][-3:]}",
            organization_id=stage.ids[household.office],
        )
        template.parts = [
            FundingTemplatePart(strip_id=stage.ids[code], percent=percent)
            for code, percent in zip(household.strips, (Decimal(60), Decimal(40)), strict=True)
        ]
        stage.session.add(template)
        stage.session.flush()
        stage.ids[f"{household.name} template"] = template.id
        stage.session.execute(
            update(Profile)
            .where(Profile.user_id == stage.ids[household.requester])
            .values(funding_template_id=template.id)
        )
