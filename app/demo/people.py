"""Accounts and profiles of the cast, and who stands in for whom."""

from decimal import Decimal

from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import select

from app.demo.cast import CAST, HOUSEHOLDS, PURCHASING, TOP
from app.demo.stage import Stage
from app.entities.approvals import Delegation
from app.entities.organization import OrganizationAddress, Profile


def enter(stage: Stage, password_hash: str) -> int:
    """Accounts and profiles. Returns the number of people."""
    session, ids = stage.session, stage.ids
    roles = {role.name: role for role in session.scalars(select(Role))}
    docks = _addresses(stage)
    for name, first, last, role, office, limit in CAST:
        user = User(
            username=name,
            first_name=first,
            last_name=last,
            email=f"{name}@city.example",
            active=True,
            password=password_hash,
            roles=[roles[role]],
        )
        session.add(user)
        session.flush()
        ids[name] = user.id
        ship_to, deliver_to, invoice_to = docks.get(office, (None, None, None))
        session.add(
            Profile(
                user_id=user.id,
                organization_id=ids[office],
                requesting_office_id=ids[PURCHASING if office == TOP else office],
                issuing_office_id=ids[PURCHASING],
                ship_to_id=ship_to,
                deliver_to_id=deliver_to,
                invoice_to_id=invoice_to,
                approval_limit=Decimal(limit) if limit else None,
                may_receive=role == "Receiver",
                may_inspect=role == "Receiver",
                may_accept=role in ("Receiver", "Requester"),
            )
        )
    session.flush()
    return len(CAST)


def _addresses(stage: Stage) -> dict[str, tuple[int | None, int | None, int | None]]:
    """Office → its ship-to, deliver-to and invoice-to addresses, or those of the nearest office above."""
    found: dict[int, dict[str, int]] = {}
    for address in stage.session.scalars(select(OrganizationAddress).order_by(OrganizationAddress.id)):
        for purpose in ("ship_to", "deliver_to", "invoice_to"):
            if getattr(address, purpose):
                found.setdefault(address.organization_id, {}).setdefault(purpose, address.id)

    def nearest(code: str, purpose: str) -> int | None:
        while code:
            if (place := found.get(stage.ids.get(code, 0), {}).get(purpose)) is not None:
                return place
            code = code.rpartition("-")[0]
        return None

    offices = {office for *_, office, _ in CAST} | {one.office for one in HOUSEHOLDS.values()}
    for code in offices:
        for purpose in ("ship_to", "deliver_to", "invoice_to"):
            place = nearest(code, purpose)
            if place is not None:
                stage.ids[f"{code} {purpose}"] = place
    return {
        code: (nearest(code, "ship_to"), nearest(code, "deliver_to"), nearest(code, "invoice_to")) for code in offices
    }


def absences(stage: Stage) -> int:
    """Who stands in for whom: one absence that is over, one that goes on, one to come."""
    diary = stage.diary
    away = (("approver", "approver2", 42, 33), ("manager", "approver2", 1, -6), ("chief", "manager2", -8, -15))
    for absent, deputy, first, last in away:
        stage.session.add(
            Delegation(
                from_user_id=stage.ids[absent],
                to_user_id=stage.ids[deputy],
                starts_on=diary.ago(first),
                ends_on=diary.ago(last),
            )
        )
    stage.session.flush()
    return len(away)
