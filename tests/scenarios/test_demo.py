"""The demo: made in a minute, sound to the last cent, and good for a walk from need to payment."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select

from app import audit, ledger, migrate, workflow
from app.demo import NotEmpty, seed
from app.demo.files import FOLDER
from app.demo.reference import load_reference
from app.entities.document import State
from app.extensions import db
from app.models import (
    Attachment,
    AuditEntry,
    BankAccount,
    CatalogItem,
    CommodityCode,
    Delegation,
    DeliveryOrder,
    Document,
    FiscalYear,
    FundingStrip,
    Invoice,
    ItemPicture,
    MarketBasket,
    MasterAgreement,
    Organization,
    Payment,
    PaymentHold,
    PurchaseRequest,
    Receipt,
    RoutingRule,
    StickyNote,
    TaxId,
    Unit,
    Vendor,
)
from app.rules import payees
from app.rules.awards import phase
from app.rules.vendors import standing
from tests.support.demo_office import SATURDAY, actor_of
from tests.support.offices import application
from tests.support.world import Clock

JULY = datetime(2026, 7, 6, 13, 0, tzinfo=UTC)
"""In the first days of a fiscal year half of what the cast does falls into the year before."""


def test_it_takes_less_than_a_minute_and_says_what_it_does(demo, databases):
    notes = json.loads((databases.folder / "template-demo.db.json").read_text())
    assert notes["seconds"] < 60
    assert len(notes["said"]) >= 6 and all(len(line) < 160 for line in notes["said"])


def test_the_books_agree_and_the_trail_is_whole(both_demos):
    session = db.session()
    assert ledger.reconcile(session) == []
    assert audit.verify(session) == []
    assert session.scalar(select(func.count()).select_from(AuditEntry)) > 3_000


def test_it_is_made_on_any_day_of_the_year(databases):
    url = databases.empty("sqlite")
    app = application(url, Clock(JULY))
    migrate.upgrade(app)
    assert seed(app, lambda _: None)
    with app.app_context():
        years = set(db.session.scalars(select(Document.bfy).where(Document.kind == "delivery_order")))
        assert years == {2026, 2027}
        assert ledger.reconcile(db.session()) == [] and audit.verify(db.session()) == []
        db.session.remove()
        db.engine.dispose()
    databases.drop(url)


def test_the_second_time_it_says_so_and_changes_nothing(demo):
    def sizes() -> list[int]:
        return [
            db.session.scalar(select(func.count()).select_from(entity))
            for entity in (Document, AuditEntry, Vendor, User, Organization, CommodityCode, FundingStrip)
        ]

    before, said = sizes(), []
    db.session.remove()
    assert seed(demo, said.append) is False
    assert said == ["The demo is already here. Nothing was changed."]
    assert sizes() == before


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        ({"office": True}, "an office's records"),
        ({"production": True}, "not for production"),
    ],
)
def test_it_keeps_away_from_what_is_serious(prepare, words, databases):
    url = databases.empty("sqlite")
    app = application(url, Clock(SATURDAY))
    migrate.upgrade(app)
    app.config["PRODUCTION"] = bool(prepare.get("production"))
    with app.app_context():
        if prepare.get("office"):
            db.session.add(Organization(code="FIRE", name="Fire Department"))
            db.session.commit()
            db.session.remove()
        with pytest.raises(NotEmpty, match=words):
            seed(app, lambda _: None)
        assert db.session.scalar(select(func.count()).select_from(User)) == 0
        db.session.remove()
        db.engine.dispose()
    databases.drop(url)


# What there is.


@pytest.mark.parametrize(
    ("entity", "least", "most"),
    [
        (Organization, 150, 400),
        (FundingStrip, 200, 1_000),
        (Vendor, 880, 1_100),
        (MasterAgreement, 30, 60),
        (CatalogItem, 200, 1_000),
        (ItemPicture, 36, 400),
        (StickyNote, 10, 100),
        (Attachment, 10, 100),
        (Delegation, 2, 9),
        (Document, 150, 350),
        (PaymentHold, 1, 9),
        (Payment, 15, 80),
    ],
)
def test_there_is_enough_of_everything_and_not_too_much(entity, least, most, demo):
    assert least <= db.session.scalar(select(func.count()).select_from(entity)) <= most


@pytest.mark.parametrize(
    ("entity", "states"),
    [
        (MarketBasket, "draft routed disapproved approved released cancelled"),
        (PurchaseRequest, "draft routed disapproved approved released cancelled"),
        (MasterAgreement, "draft routed disapproved approved released terminated"),
        (DeliveryOrder, "draft routed disapproved approved released closed terminated"),
        (Receipt, "draft released cancelled"),
        (Invoice, "draft routed disapproved approved released closed"),
    ],
)
def test_documents_stand_in_every_state(entity, states, demo):
    assert set(states.split()) <= set(db.session.scalars(select(entity.state)))


def test_agreements_are_in_every_phase(demo):
    today = demo.extensions["office"].today()
    phases = Counter(phase(one, today) for one in db.session.scalars(select(MasterAgreement)))
    assert phases["in effect"] >= 20 and phases["not yet in effect"] >= 2 and phases["expired"] >= 2
    soon = [
        one
        for one in db.session.scalars(select(MasterAgreement).where(MasterAgreement.state == State.RELEASED))
        if today <= one.expires_on <= today + timedelta(days=30)
    ]
    assert len(soon) >= 3


def test_vendors_stand_in_every_standing_and_say_that_they_are_made_up(demo):
    today = demo.extensions["office"].today()
    vendors = db.session.scalars(select(Vendor)).all()
    standings = Counter(standing(one, today).value for one in vendors)
    assert standings["in review"] == 12 and standings["on hold"] == 3 and standings["debarred"] == 2
    assert standings["active"] > 850
    assert all("made up" in one.notes.lower() for one in vendors)
    assert all("fictitious" in one.name for one in vendors if one.holds or one.debarments)
    assert all(one.email.endswith(".example") and " 555-" in one.phone for one in vendors)
    assert {"AEC Group, Inc", "AEC Group, Inc."} <= {one.name for one in vendors}


def test_nobody_has_the_tax_ids_and_bank_accounts(demo):
    """Numbers that are never assigned, of banks that do not exist; and an electronic payment says where it went."""
    with demo.app_context():
        numbers, accounts = db.session.scalars(select(TaxId)).all(), db.session.scalars(select(BankAccount)).all()
        assert len(numbers) > 100 and len(accounts) > 100
        assert all("Made up" in one.label for one in (*numbers, *accounts))
        assert all(one.kind == "FEIN" and one.number.reveal()[:2] == "00" for one in numbers)
        for one in accounts:
            assert one.routing_number.startswith("0899") and list(payees.routing(one.routing_number)) == []
            assert list(payees.account_number(one.number.reveal())) == []
        assert 1 <= sum(one.confirmed_at is None for one in accounts) <= 5
        paid = db.session.scalars(select(Payment).where(Payment.method == "eft", Payment.paid_on.is_not(None))).all()
        assert paid and all(one.account is not None and one.account.vendor_id == one.vendor_id for one in paid)


def test_invoices_wait_and_fail_for_different_reasons(demo):
    session, office = db.session(), demo.extensions["office"]
    fiscal = actor_of(demo, "fiscal2")
    found = " ".join(
        str(problem)
        for invoice in session.scalars(select(Invoice).where(Invoice.state == State.DRAFT))
        for problem in workflow.validate(session, office, invoice, fiscal)
    )
    assert "nothing received" in found and "over by" in found and "tolerance" in found


def test_payments_are_queued_paid_late_and_stopped(demo):
    today, payments = demo.extensions["office"].today(), db.session.scalars(select(Payment)).all()
    queued = [one for one in payments if one.paid_on is None]
    assert any(one.discount and one.scheduled_on >= today for one in queued)
    assert any(one.scheduled_on < today for one in queued)
    assert any(standing(one.vendor, today) == "on hold" for one in queued)
    assert any(one.paid_on and one.discount for one in payments)


def test_blue_felt_pens_come_from_several_sources(demo):
    items = db.session.scalars(select(CatalogItem).where(CatalogItem.active.is_(True))).all()
    pens = [one for one in items if all(word in one.name.lower() for word in ("blue", "felt", "pen"))]
    assert {one.source for one in pens} == {"inventory", "internal", "catalog"} and len(pens) >= 6
    assert all(one.pictures and "not a photograph" in one.pictures[0].alternative_text for one in pens)


def test_what_waits_can_be_signed_today(demo):
    """Nothing on a desk has become impossible meanwhile: a delivery date that is past, an agreement that has ended."""
    session, office = db.session(), demo.extensions["office"]
    for document in session.scalars(select(Document).where(Document.state == State.ROUTED)):
        problems = [
            one for one in workflow.validate(session, office, document, actor_of(demo, "auditor")) if not one.warning
        ]
        assert not problems, (document, problems)


def test_the_files_are_small():
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 3_000_000


# What a real office starts with.


def test_an_empty_office_gets_codes_units_years_and_a_signing_policy(database_url):
    app = application(database_url, Clock(SATURDAY))
    migrate.upgrade(app)
    with app.app_context():
        session = db.session()
        first = load_reference(session, SATURDAY.date())
        assert first["commodity codes"] > 2_000 and first["units"] > 1_000 and first["routing rules"] >= 5
        common = set(session.scalars(select(Unit.code).where(Unit.common.is_(True))))
        assert {"EA", "BX", "HUR", "GLL", "LS"} <= common and len(common) < 60
        years = {one.year: one for one in session.scalars(select(FiscalYear))}
        assert set(years) == {2026, 2027, 2028}
        assert (str(years[2027].starts_on), str(years[2027].ends_on)) == ("2026-07-01", "2027-06-30")
        code = session.scalars(select(CommodityCode).where(CommodityCode.code == "7110")).one()
        assert (code.name, code.class_code, code.service, code.active) == ("Office Furniture", "71", False, True)
        group = session.scalars(select(CommodityCode).where(CommodityCode.code == "71")).one()
        assert group.active is False
        assert session.scalars(select(CommodityCode).where(CommodityCode.code == "R608")).one().service
        db.session.remove()
        db.engine.dispose()


def test_loading_again_keeps_what_the_office_has_made_of_it(demo):
    session = db.session()
    code = session.scalars(select(CommodityCode).where(CommodityCode.code == "7110")).one()
    code.name, code.active = "Desks and chairs", False
    session.query(RoutingRule).filter(RoutingRule.role == "ITS").delete()
    session.commit()
    assert set(load_reference(session, SATURDAY.date()).values()) == {0}
    assert (code.name, code.active) == ("Desks and chairs", False)
    assert session.scalar(select(RoutingRule.id).where(RoutingRule.role == "ITS")) is None
