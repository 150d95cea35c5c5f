"""Records that the office keeps up: what is refused names its field, and what was typed stays."""

import pytest

from app.extensions import db
from app.models import Document, FundingStrip, Posting, Vendor
from tests.support.making import an_agreement

BACKWARDS = [
    ("crc", "/vendor-hold/add", {"reason": "Two complaints"}, "ends_on"),
    ("crc", "/debarment/add", {"reason": "Fraud"}, "expires_on"),
    ("fiscal", "/fiscal-year/add", {"year": "2031"}, "ends_on"),
]


@pytest.mark.parametrize(("who", "path", "more", "last"), BACKWARDS)
def test_nothing_ends_before_it_starts(world, sign_in, who, path, more, last):
    """The last day is named, with the first day that it may be."""
    with world.app.app_context():
        vendor = db.session.scalar(db.select(Vendor.id).limit(1))
    days = {"starts_on": "2030-07-02", last: "2030-07-01"}
    page = sign_in(who).post(path, vendor=str(vendor), **more, **days)
    assert page.status_code == 422
    assert "Enter 2030-07-02 or later." in page.text
    assert 'value="2030-07-01"' in page.text


def test_an_agreement_expires_after_it_takes_effect(world, sign_in):
    """On the document's own page, at its field."""
    agreement = an_agreement(world)
    with world.app.app_context():
        versions = db.select(Document.version).where(Document.id == agreement).execution_options(unscoped=True)
        version = str(db.session.scalar(versions))
    page = sign_in("buyer").post(
        f"/master-agreement/edit/{agreement}",
        version=version,
        title="Paper",
        subtype="catalog",
        effective_on="2027-07-02",
        expires_on="2027-07-01",
    )
    assert page.status_code == 422
    assert "Enter 2027-07-02 or later." in page.text


def test_an_allotment_that_is_refused_keeps_what_was_typed(world, sign_in):
    """Amount, year, direction and memo stand in the form again."""
    fiscal, strip = sign_in("fiscal"), world.ids["S1"]
    page = fiscal.post(
        f"/funding-strip/allot/{strip}", amount="9999999", bfy="2027", direction="less", memo="Back to B"
    )
    assert page.status_code == 422
    assert "Nothing was allotted." in page.text
    for kept in ('value="9999999"', 'value="2027"', 'value="less" selected', 'value="Back to B"'):
        assert kept in page.text
    with world.app.app_context():
        memos = db.select(Posting.memo).where(Posting.memo == "Back to B").execution_options(unscoped=True)
        assert db.session.scalar(memos) is None
        name = db.select(FundingStrip.name).where(FundingStrip.id == strip).execution_options(unscoped=True)
        assert db.session.scalar(name) in page.text


def test_a_choice_is_shown_by_its_words(world, sign_in):
    """In the ledger and in the list of agreements, and in their files."""
    an_agreement(world)
    fiscal = sign_in("fiscal")
    assert "<td>Allotment</td>" in fiscal.get("/posting/list/").text
    assert ",Allotment," in fiscal.post("/posting/export/csv").text
    assert "<td>Catalog</td>" in sign_in("buyer").get("/master-agreement/list/").text
