"""What changes the office around a test: holds, debarments, accounts, deputies, roles, limits, rules and closed years."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import select

from app.entities.approvals import Delegation, RoutingRule
from app.entities.payables import PaymentHold
from app.models import BankAccount, Debarment, FiscalYear, Policy, Preparer, Profile, TaxId, Vendor, VendorHold
from app.sealing import Secret, blind_index
from tests.support.making import records
from tests.support.world import CAST, World


def give(world: World, name: str, *roles: str) -> None:
    """Give a person more roles."""
    with records(world) as session:
        user = session.scalars(select(User).where(User.username == name)).one()
        user.roles = [*user.roles, *session.scalars(select(Role).where(Role.name.in_(roles)))]
        session.commit()


def an_account(name: str, *roles: int, active: bool = True, **changed: Any) -> dict[str, Any]:
    """The form of somebody's account, as the administrator finds it, with other roles or fields."""
    first, last, *_ = CAST[name]
    kept = {"version": "", "username": name, "first_name": first, "last_name": last, "email": f"{name}@example.org"}
    return kept | ({"active": "y"} if active else {}) | {"roles_chosen": [str(one) for one in roles]} | changed


def limit(world: World, name: str, amount: str) -> None:
    """Up to which amount a person signs."""
    with records(world) as session:
        profile = session.scalars(select(Profile).where(Profile.user_id == world.ids[name])).one()
        profile.approval_limit = Decimal(amount)
        session.commit()


def decide(world: World, name: str, value: int | str) -> None:
    """The office sets one of its numbers."""
    with records(world) as session:
        session.add(Policy(name=name, value=Decimal(value), effective_from=date(2026, 1, 1)))
        session.commit()


def close_year(world: World, year: int) -> None:
    """From now on nothing is booked into a fiscal year."""
    with records(world) as session:
        session.add(FiscalYear(year=year, starts_on=date(year - 1, 7, 1), ends_on=date(year, 6, 30), closed=True))
        session.commit()


def hold_vendor(world: World, vendor: str = "A", reason: str = "Late deliveries") -> None:
    """From today nothing is awarded or paid to a vendor."""
    with records(world) as session:
        session.add(
            VendorHold(
                vendor_id=world.ids[f"vendor {vendor}"], reason=reason, starts_on=world.app.extensions["office"].today()
            )
        )
        session.commit()


def debar_vendor(world: World, vendor: str = "A", until: date = date(2027, 11, 23)) -> None:
    """Shut a vendor out from today."""
    with records(world) as session:
        session.add(
            Debarment(
                vendor_id=world.ids[f"vendor {vendor}"],
                reason="Fraud",
                starts_on=world.app.extensions["office"].today(),
                expires_on=until,
            )
        )
        session.commit()


def a_tax_id(world: World, digits: str = "520098765", vendor: str = "A", kind: str = "FEIN") -> int:
    """A tax id of a vendor."""
    with records(world) as session:
        owner = session.get_one(Vendor, world.ids[f"vendor {vendor}"])
        made = TaxId(
            vendor=owner,
            suffix=owner.suffix,
            kind=kind,
            number=Secret(digits),
            number_index=blind_index(digits, "tax_id.number"),
        )
        session.add(made)
        session.commit()
        return made.id


def a_bank_account(
    world: World, digits: str = "4929817264055", vendor: str = "A", *, entered: str = "crc", confirmed: str = ""
) -> int:
    """A bank account of a vendor, entered now, and confirmed at once where a second person is named."""
    with records(world) as session:
        made = BankAccount(
            vendor_id=world.ids[f"vendor {vendor}"],
            routing_number="083000137",
            number=Secret(digits),
            number_index=blind_index(digits, "bank_account.number"),
            bank_name="River Bank",
            entered_by_id=world.ids[entered],
            entered_at=world.clock(),
            confirmed_by_id=world.ids[confirmed] if confirmed else None,
            confirmed_at=world.clock() if confirmed else None,
            counts_from=world.app.extensions["office"].today() if confirmed else None,
        )
        session.add(made)
        session.commit()
        return made.id


def hold_invoice(world: World, invoice_id: int, reason: str = "Goods disputed") -> None:
    """A reason not to pay an invoice yet."""
    with records(world) as session:
        session.add(
            PaymentHold(invoice_id=invoice_id, reason=reason, placed_by_id=world.ids["fiscal"], placed_at=world.clock())
        )
        session.commit()


def a_deputy(world: World, of: str, who: str) -> None:
    """Let somebody sign for somebody else, this week."""
    today = world.app.extensions["office"].today()
    with records(world) as session:
        session.add(
            Delegation(
                from_user_id=world.ids[of],
                to_user_id=world.ids[who],
                starts_on=today,
                ends_on=today + timedelta(days=7),
            )
        )
        session.commit()


def only_signer(world: World, kind: str, *steps: str) -> None:
    """Replace the office's signing policy for a type of document by named persons, one step each."""
    with records(world) as session:
        for rule in session.scalars(select(RoutingRule).where(RoutingRule.kind == kind)):
            rule.active = False
        session.add_all(
            RoutingRule(kind=kind, step=number, user_id=world.ids[name], reason="Named")
            for number, name in enumerate(steps, 1)
        )
        session.commit()


def let_write(world: World, document_id: int, name: str) -> None:
    """Somebody has had a hand in a document before it was routed."""
    with records(world) as session:
        session.add(Preparer(document_id=document_id, user_id=world.ids[name]))
        session.commit()
