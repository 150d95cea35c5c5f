"""What every office starts with: commodity codes, units, fiscal years, and a first signing policy.

Loaded by the setup command into a real office's database as well. Everything here is a record that the office edits:
what exists stays as it is, and only what is missing is added. Source: FND-01, IN-01, DOC-05."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app.demo.files import rows
from app.entities.approvals import RoutingRule
from app.entities.catalog import CodeScheme, CommodityCode, Unit
from app.entities.funds import FiscalYear
from app.rules.calendar import fiscal_year
from app.transfer import SCHEMES

SETUP_LOCK = 815004
"""Two setups at once take turns."""


TECHNOLOGY = ("70", "D3")
"""How product and service codes of information technology begin."""


@dataclass(frozen=True)
class Signing:
    """One line of the signing policy that an office starts with."""

    kinds: tuple[str, ...]
    step: int
    role: str
    reason: str
    conditions: Mapping[str, Any]


SIGNING: Sequence[Signing] = (
    Signing(
        ("market_basket", "purchase_request", "delivery_order", "master_agreement", "invoice"),
        1,
        "Approver",
        "Every document is approved",
        {},
    ),
    Signing(
        ("purchase_request",),
        2,
        "ITS",
        "Information technology from 10,000 on is looked at by ITS",
        {"technology": True, "amount_from": Decimal("10000.00")},
    ),
    Signing(
        ("purchase_request", "delivery_order"),
        3,
        "Manager",
        "From 50,000 on a manager signs as well",
        {"amount_from": Decimal("50000.00")},
    ),
    Signing(
        ("master_agreement",),
        2,
        "Reviewer",
        "Personal services are reviewed before they start",
        {"subtype": "personal service"},
    ),
    Signing(
        ("master_agreement",),
        2,
        "Reviewer",
        "Memoranda of agreement are reviewed before they start",
        {"subtype": "memorandum of agreement"},
    ),
)


def load_reference(session: Session, today: date | None = None) -> dict[str, int]:
    """Add what is missing of the built-in records and commit. Returns how many of each were added."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": SETUP_LOCK})
    added = {
        "code schemes": _add(
            session,
            CodeScheme,
            CodeScheme.code,
            [
                {"code": code, "name": scheme.name, "class_length": scheme.class_length}
                for code, scheme in SCHEMES.items()
            ],
        ),
        "commodity codes": _commodity_codes(session),
        "units": _add(session, Unit, Unit.code, [row | {"common": row["common"] == "yes"} for row in rows("units")]),
        "fiscal years": _fiscal_years(session, today or datetime.now(UTC).date()),
        "routing rules": _signing_policy(session),
    }
    session.commit()
    return added


def _add(session: Session, entity: Any, key: Any, records: Sequence[dict[str, Any]], *only: Any) -> int:
    known = set(session.scalars(select(key).where(*only)))
    missing = [record for record in records if record[key.key] not in known]
    if missing:
        session.execute(insert(entity), missing)
    return len(missing)


def _commodity_codes(session: Session) -> int:
    """A group, with its two characters, names a class; people choose one of the codes below it."""
    scheme_id = session.scalars(select(CodeScheme.id).where(CodeScheme.code == "PSC")).one()
    service = SCHEMES["PSC"].service
    records = [
        row
        | {
            "scheme_id": scheme_id,
            "service": service(row["code"]),
            "technology": row["code"].startswith(TECHNOLOGY),
            "active": len(row["code"]) > 2,
        }
        for row in rows("psc_codes")
    ]
    return _add(session, CommodityCode, CommodityCode.code, records, CommodityCode.scheme_id == scheme_id)


def _fiscal_years(session: Session, today: date) -> int:
    """Last year, for what is still to be paid from it; this one, and the next."""
    this = fiscal_year(today)
    return _add(
        session,
        FiscalYear,
        FiscalYear.year,
        [
            {"year": year, "starts_on": date(year - 1, 7, 1), "ends_on": date(year, 6, 30)}
            for year in (this - 1, this, this + 1)
        ],
    )


def _signing_policy(session: Session) -> int:
    """Only where there is none yet: what an office has taken out of its policy does not come back."""
    if session.scalar(select(RoutingRule.id).limit(1)) is not None:
        return 0
    policy = [
        {
            "kind": kind,
            "step": rule.step,
            "role": rule.role,
            "reason": rule.reason,
            "commodity_class": "",
            "subtype": "",
            "technology": False,
            "amount_from": None,
        }
        | dict(rule.conditions)
        for rule in SIGNING
        for kind in rule.kinds
    ]
    session.execute(insert(RoutingRule), policy)
    return len(policy)
