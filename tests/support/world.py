"""A small office for stories: the Clinic of Public Health, its people, strips, vendors and sources of supply.

Everything that is a document comes about through `workflow`, as it does in the program."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from flask import Flask
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from app import access, grants, ledger, people, totals, workflow
from app.entities.funds import Posting, PostingKind
from app.extensions import db
from app.models import (
    CatalogItem,
    CodeScheme,
    CommodityCode,
    FundingStrip,
    LineItem,
    MasterAgreement,
    Organization,
    OrganizationAddress,
    Profile,
    RoutingRule,
    StripBalance,
    Unit,
    Vendor,
    VendorAddress,
)

PASSWORD = "purser-demo"
HASH = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")  # cheap: stories sign in often
MONDAY = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)

CAST = {
    "requester": ("Rosa", "Requester", "Requester", "clinic"),
    "approver": ("Amos", "Approver", "Approver", "clinic"),
    "technician": ("Tess", "Technician", "Purchasing technician", "office"),
    "buyer": ("Bert", "Buyer", "Buyer", "office"),
    "chief": ("Carla", "Chief", "Approver", "office"),
    "evaluator": ("Eve", "Evaluator", "Evaluator", "office"),
    "crc": ("Cora", "Center", "CRC", "office"),
    "receiver": ("Rex", "Receiver", "Receiver", "clinic"),
    "fiscal": ("Fay", "Fiscal", "Fiscal", "health"),
    "manager": ("Mona", "Manager", "Manager", "health"),
    "its": ("Ivo", "Its", "ITS", "office"),
    "reviewer": ("Rita", "Reviewer", "Reviewer", "office"),
    "auditor": ("Otto", "Auditor", "Auditor", "office"),
    "admin": ("Ada", "Admin", "Admin", "office"),
    "outsider": ("Oda", "Outsider", "Requester", "parks"),
    "stranger": ("Sven", "Stranger", "Approver", "parks"),
}
"""User name → first name, last name, role, office."""


class Clock:
    """The office's clock in tests: it stands still until somebody moves it."""

    def __init__(self, moment: datetime = MONDAY) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def on(self, day: str, hour: int = 14) -> None:
        """Go on to a day, at an hour UTC."""
        self.moment = datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


@dataclass
class World:
    """What a story finds when it opens."""

    app: Flask
    clock: Clock
    ids: dict[str, int] = field(default_factory=dict)

    def name_things(self) -> None:
        """Learn the ids of what `build` made, in a copy of the database."""
        session = db.session()
        offices = {
            "STATE": "state",
            "CPO": "office",
            "DPH": "health",
            "CLINIC": "clinic",
            "PARKS": "parks",
            "KCI": "industries",
        }
        for one in session.scalars(select(Organization)):
            self.ids[offices[one.code]] = one.id
        for place in session.scalars(select(OrganizationAddress)):
            self.ids[f"{offices[place.organization.code]} dock"] = place.id
        self.ids |= dict(session.execute(select(User.username, User.id)).all())
        self.ids |= dict(session.execute(select(FundingStrip.code, FundingStrip.id)).all())
        self.ids |= dict(session.execute(select(CommodityCode.code, CommodityCode.id)).all())
        for vendor in session.scalars(select(Vendor)):
            key = vendor.number.removeprefix("VN-")
            self.ids[f"vendor {key}"], self.ids[f"remit {key}"] = vendor.id, vendor.addresses[0].id
        for agreement in session.scalars(select(MasterAgreement)):
            self.ids[f"MA-{agreement.vendor.number.removeprefix('VN-')}"] = agreement.id
        for item in session.scalars(select(CatalogItem)):
            self.ids["item desk" if item.source == "internal" else f"item {item.name}"] = item.id

    def actor(self, name: str) -> Any:
        """A person of the cast, as the rules see one."""
        user = db.session.scalar(select(User).where(User.username == name))
        return people.actor_for(db.session(), user, self.app.extensions["office"].today())

    def balance(self, strip: str, bfy: int = 2027) -> tuple[str, str, str, str]:
        """Pre-encumbered, encumbered, expended and available of a strip, as in the story's tables."""
        row = db.session.scalar(
            select(StripBalance)
            .join(FundingStrip)
            .where(FundingStrip.code == strip, StripBalance.bfy == bfy)
            .execution_options(populate_existing=True)
        )
        return tuple(
            f"{one:,.2f}"
            for one in (  # type: ignore[return-value]
                row.pre_encumbered,
                row.encumbered,
                row.expended,
                row.available,
            )
        )


def build(app: Flask, clock: Clock) -> World:
    """Fill an empty database. Call inside an application context."""
    world, session = World(app, clock), db.session()
    grants.sync(session, access.pairs())
    _offices(world)
    _people(world)
    _funds(world)
    _catalog(world)
    _vendors(world)
    session.commit()
    _agreements(world)
    _internal_provider(world)
    session.commit()
    return world


def _offices(world: World) -> None:
    session = db.session()
    tree = (
        ("state", None, "STATE", "Commonwealth"),
        ("office", "state", "CPO", "Central Purchasing Office"),
        ("health", "state", "DPH", "Public Health"),
        ("clinic", "health", "CLINIC", "Clinic"),
        ("parks", "state", "PARKS", "Parks"),
        ("industries", "state", "KCI", "Correctional Industries"),
    )
    made: dict[str, Organization] = {}
    for key, above, code, name in tree:
        one = made[key] = Organization(
            code=code,
            name=name,
            parent=made.get(above or ""),
            agency_code=code,
            issuing_office=key == "office",
            buying_entity=key in ("office", "health"),
            internal_provider=key == "industries",
        )
        session.add(one)
        session.flush()
        one.path = f"{one.parent.path if one.parent else '/'}{one.id}/"
        world.ids[key] = one.id
    for key in ("clinic", "parks"):
        place = OrganizationAddress(
            organization=made[key],
            name=f"{made[key].name} dock",
            street="1 Main St",
            city="Frankfort",
            region="KY",
            postal_code="40601",
            ship_to=True,
            deliver_to=True,
            invoice_to=True,
        )
        session.add(place)
        session.flush()
        world.ids[f"{key} dock"] = place.id


def _people(world: World) -> None:
    session = db.session()
    roles = {role.name: role for role in session.scalars(select(Role))}
    for name, (first, last, role, office) in CAST.items():
        user = User(
            username=name,
            first_name=first,
            last_name=last,
            email=f"{name}@example.org",
            active=True,
            password=HASH,
            roles=[roles[role]],
        )
        session.add(user)
        session.flush()
        place = "state" if office == "office" else office
        dock = world.ids.get(f"{office} dock")
        session.add(
            Profile(
                user_id=user.id,
                organization_id=world.ids[place],
                requesting_office_id=world.ids[office],
                issuing_office_id=world.ids["office"],
                ship_to_id=dock,
                deliver_to_id=dock,
                invoice_to_id=dock,
                may_receive=role == "Receiver",
            )
        )
        world.ids[name] = user.id
    for kind in ("market_basket", "purchase_request", "delivery_order", "invoice"):
        session.add(RoutingRule(kind=kind, step=1, role="Approver", reason="Every document"))
    session.add(RoutingRule(kind="master_agreement", step=1, user_id=world.ids["chief"], reason="Every agreement"))


def _funds(world: World) -> None:
    session = db.session()
    strips = (
        ("S1", "General fund, clinic supplies", "clinic", "3000.00"),
        ("S2", "Grant, clinic", "clinic", "2000.00"),
        ("P1", "Parks, general", "parks", "500.00"),
    )
    for code, name, office, allotted in strips:
        strip = FundingStrip(code=code, name=name, organization_id=world.ids[office])
        session.add(strip)
        session.flush()
        world.ids[code] = strip.id
        problems = ledger.post(
            session,
            [
                Posting(
                    strip_id=strip.id,
                    bfy=2027,
                    afy=2027,
                    afm=1,
                    kind=PostingKind.ALLOTMENT,
                    amount=Decimal(allotted),
                    memo="Budget",
                    at=world.clock(),
                )
            ],
        )
        assert not problems


def _catalog(world: World) -> None:
    session = db.session()
    scheme = CodeScheme(code="PSC", name="Product and Service Codes", class_length=2)
    session.add(scheme)
    session.add_all(
        Unit(code=code, name=name, common=True) for code, name in (("EA", "each"), ("BX", "box"), ("HUR", "hour"))
    )
    codes = (
        ("7110", "Office furniture"),
        ("7125", "Cabinets, lockers, bins and shelving"),
        ("7025", "ADP input/output and storage devices"),
        ("7035", "ADP support equipment"),
        ("7510", "Office supplies"),
        ("7105", "Household furniture"),
    )
    for code, name in codes:
        one = CommodityCode(scheme=scheme, code=code, name=name)
        session.add(one)
        session.flush()
        world.ids[code] = one.id


def _vendors(world: World) -> None:
    session = db.session()
    sellers = (
        ("A", "Adesso Supply", dict(discount_percent=Decimal(2), discount_days=10, net_days=30)),
        ("B", "Bluegrass Toner", dict(net_days=30)),
        ("KCI", "Correctional Industries", dict(organization_id=world.ids["industries"])),
    )
    for key, name, terms in sellers:
        vendor = Vendor(number=f"VN-{key}", name=name, approved_on=date(2026, 1, 2), **terms)
        vendor.addresses.append(
            VendorAddress(street=f"1 {name} Way", city="Louisville", region="KY", postal_code="40202")
        )
        session.add(vendor)
        session.flush()
        world.ids[f"vendor {key}"], world.ids[f"remit {key}"] = vendor.id, vendor.addresses[0].id


def _agreements(world: World) -> None:
    _agreement(
        world,
        "A",
        (
            ("Keyboard, wired USB, contoured", "7510", "44.99"),
            ("Keyboard, wireless with touchpad", "7510", "89.99"),
            ("Desk lamp stand, office furniture", "7110", "35.00"),
        ),
    )
    _agreement(world, "B", (("Toner cartridge, black", "7510", "61.15"),))


def _agreement(world: World, key: str, rows: tuple[tuple[str, str, str], ...]) -> None:
    session, office = db.session(), world.app.extensions["office"]
    buyer, vendor = world.actor("buyer"), session.get_one(Vendor, world.ids[f"vendor {key}"])
    agreement = workflow.start(
        session,
        office,
        MasterAgreement,
        buyer,
        title=f"{vendor.name}, catalog",
        vendor_id=vendor.id,
        organization_id=world.ids["state"],
        effective_on=date(2026, 7, 1),
        expires_on=date(2027, 6, 30),
        cited_authority="KRS 45A.080",
        discount_percent=vendor.discount_percent,
        discount_days=vendor.discount_days,
        net_days=vendor.net_days,
    )
    for position, (name, code, price) in enumerate(rows, 1):
        agreement.lines.append(
            LineItem(
                position=position,
                description=name,
                quantity=Decimal(1),
                unit_price=Decimal(price),
                commodity_code_id=world.ids[code],
                over_tolerance=Decimal(10) if name.startswith("Keyboard, wired") else 0,
            )
        )
    totals.settle(agreement)
    session.commit()
    for action, name in (("route", "buyer"), ("approve", "chief"), ("release", "buyer")):
        workflow.act(session, office, agreement, action, world.actor(name), proved=True)
    world.ids[f"MA-{key}"] = agreement.id
    for line in agreement.lines:
        item = CatalogItem(
            source="agreement",
            name=line.description,
            unit=line.unit,
            unit_price=line.unit_price,
            delivery_days=5,
            commodity_code_id=line.commodity_code_id,
            vendor_id=vendor.id,
            agreement_line_id=line.id,
        )
        session.add(item)
        session.flush()
        world.ids[f"item {line.description}"] = item.id


def _internal_provider(world: World) -> None:
    session = db.session()
    desk = CatalogItem(
        source="internal",
        name="Desk, oak, 60 inches",
        unit="EA",
        unit_price=Decimal("310.00"),
        delivery_days=14,
        commodity_code_id=world.ids["7110"],
        vendor_id=world.ids["vendor KCI"],
        organization_id=world.ids["industries"],
    )
    session.add(desk)
    session.flush()
    world.ids["item desk"] = desk.id
