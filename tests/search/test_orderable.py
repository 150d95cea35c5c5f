"""What the search shows is what may be ordered today, for whom; the same on both databases."""

from datetime import date

import pytest

from app.models import (
    CatalogItem,
    Debarment,
    OrderingAuthority,
    Vendor,
    VendorHold,
)
from app.rules.deeds import Deed
from app.rules.shopping import why_not
from app.scope import unscoped
from tests.support.shop import WIRED, WIRELESS


def expire(shop):
    shop.world.clock.on("2027-07-01")


def not_yet(shop):
    shop.world.clock.on("2026-06-30")


def terminate(shop):
    shop.change(shop.agreement("A"), state="terminated")


def close(shop):
    shop.change(shop.agreement("A"), state="closed")


def hold(shop):
    shop.session.add(VendorHold(vendor_id=shop.world.ids["vendor A"], reason="Insurance", starts_on=date(2026, 11, 1)))
    shop.session.commit()


def debar(shop):
    shop.session.add(
        Debarment(
            vendor_id=shop.world.ids["vendor A"],
            reason="Fraud",
            starts_on=date(2026, 11, 23),
            expires_on=date(2026, 11, 23),
        )
    )
    shop.session.commit()


def archive(shop):
    shop.change(shop.session.get(Vendor, shop.world.ids["vendor A"]), archived_on=date(2026, 11, 23))


def review(shop):
    shop.change(shop.session.get(Vendor, shop.world.ids["vendor A"]), approved_on=None)


def withdraw(shop):
    for item in shop.session.query(CatalogItem).filter(CatalogItem.vendor_id == shop.world.ids["vendor A"]):
        item.active = False
    shop.session.commit()


def restrict(shop):
    shop.change(shop.agreement("A"), authorities=[OrderingAuthority(organization_id=shop.world.ids["parks"])])


OBSTACLES = [expire, not_yet, terminate, close, hold, debar, archive, review, withdraw, restrict]


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_only_what_can_be_ordered_today(shop, obstacle):
    assert shop.items("keyboard") == [WIRED, WIRELESS]
    obstacle(shop)
    assert shop.items("keyboard") == []
    assert shop.find("keyboard").counts["agreement"] == 0


@pytest.mark.parametrize(
    "lifted",
    [
        lambda shop: shop.session.add(
            VendorHold(
                vendor_id=shop.world.ids["vendor A"],
                reason="Over",
                starts_on=date(2026, 1, 1),
                ends_on=date(2026, 11, 22),
            )
        ),
        lambda shop: shop.session.add(
            Debarment(
                vendor_id=shop.world.ids["vendor A"],
                reason="Not yet",
                starts_on=date(2026, 11, 24),
                expires_on=date(2027, 1, 1),
            )
        ),
        lambda shop: shop.change(shop.session.get(Vendor, shop.world.ids["vendor A"]), archived_on=date(2026, 11, 24)),
        lambda shop: shop.world.clock.on("2027-06-30"),
        lambda shop: shop.world.clock.on("2026-07-01"),
        lambda shop: shop.change(
            shop.agreement("A"), authorities=[OrderingAuthority(organization_id=shop.world.ids["health"])]
        ),
        lambda shop: shop.change(
            shop.agreement("A"),
            authorities=[
                OrderingAuthority(organization_id=shop.world.ids["parks"]),
                OrderingAuthority(user_id=shop.world.ids["requester"]),
            ],
        ),
    ],
)
def test_what_is_over_or_not_for_others_does_not_hinder(shop, lifted):
    lifted(shop)
    shop.session.commit()
    assert shop.items("keyboard") == [WIRED, WIRELESS]


def test_a_restricted_agreement_is_for_those_it_names(shop):
    restrict(shop)
    assert shop.names("keyboard", "requester") == []
    assert shop.names("keyboard", "outsider") == [WIRED, WIRELESS]


@pytest.mark.parametrize("obstacle", [None, *OBSTACLES])
@pytest.mark.parametrize("who", ["requester", "outsider", "buyer"])
def test_the_search_and_the_rule_agree(shop, obstacle, who):
    """The query says in SQL what `rules.shopping.why_not` says of one item."""
    shop.add("Loose end", source="catalog", agreement_line_id=None)
    if obstacle is not None:
        obstacle(shop)
    by = shop.world.actor(who)
    deed = Deed("order", by, shop.office.now(), shop.office.today(), None)
    allowed = {item.name for item in shop.session.query(CatalogItem) if not list(why_not(item, deed))}
    texts = ("keyboard", "toner", "desk", "loose", "office", "adesso", "bluegrass", "correctional")
    found = {hit.record.name for text in texts for hit in shop.find(text, who).hits if not hit.is_code}
    assert found == allowed


def test_the_search_looks_past_the_sight_of_a_session(shop):
    """Row sight is about documents; what is on offer is decided by the agreements."""
    from app import people, scope

    scope.look(shop.session, people.sight_of(shop.session, shop.world.actor("outsider")))
    assert shop.items("keyboard", who="outsider") == [WIRED, WIRELESS]
    with unscoped(shop.session):
        assert shop.items("keyboard", who="outsider") == [WIRED, WIRELESS]
