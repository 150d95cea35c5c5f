"""Lists from elsewhere, through the page that takes them: whole or not at all, with a word for each row that is wrong.

Source: FND-02, IN-01, UP-01, MO-05."""

from decimal import Decimal
from io import BytesIO

import pytest

from app.extensions import db
from app.models import AuditEntry, CodeScheme, CommodityCode, FundingStrip, Posting, StripBalance

NIGP = "Class-Item,Title\n615-27,Felt pens\n61528,Fountain pens\n"
STRIPS = "Code;Name;Organization;Allotment;BFY\nCL-100;Clinic, linen;CLINIC;1,200.50;2027\nCL-101;Clinic, food;CLINIC;;2027\n"


def load(person, where, text, /, do="load", **more):
    """Send a file as the page does."""
    content = text if isinstance(text, bytes) else text.encode()
    return person.post(f"/{where}/import", file=(BytesIO(content), "list.csv"), do=do, **more)


def count(world, entity):
    """How many records there are."""
    with world.app.app_context():
        return db.session.scalar(db.select(db.func.count()).select_from(entity).execution_options(unscoped=True))


def test_a_list_of_codes_is_checked_and_then_loaded(world, sign_in):
    """Twice: the second time nothing is new, and a new title replaces the old one."""
    buyer = sign_in("buyer")
    assert "/commodity-code/import" in buyer.get("/commodity-code/list/").text
    before = count(world, CommodityCode)
    page = load(buyer, "commodity-code", NIGP, do="check", kind="NIGP")
    assert "2 would be added, 0 would be changed, 0 the same." in page.text
    assert count(world, CommodityCode) == before
    assert "list.csv: 2 added, 0 changed, 0 the same." in load(buyer, "commodity-code", NIGP, kind="NIGP").text
    again = load(buyer, "commodity-code", NIGP.replace("Felt pens", "Felt tip pens"), kind="NIGP")
    assert "0 added, 1 changed, 1 the same." in again.text
    assert "Felt tip pens" in buyer.get("/commodity-code/list/?q=61527").text
    with world.app.app_context():
        assert db.session.scalar(db.select(CodeScheme.class_length).where(CodeScheme.code == "NIGP")) == 3
        assert db.session.scalar(db.select(AuditEntry.id).where(AuditEntry.action == "import").limit(1))


WRONG = [
    (
        "Class-Item,Title\n61527,Felt pens\n6152,Pens\n61529,\n61527,Pens again\n",
        ["dropped a leading zero", "no title"],
    ),
    ("Price,Colour\n1,red\n", ["“Price” has not"]),
    ("", ["The file is empty."]),
    (b"PK\x03\x04\x00\x00", ["This is not a CSV file."]),
]


@pytest.mark.parametrize(("text", "words"), WRONG, ids=["rows", "headings", "empty", "binary"])
def test_a_wrong_file_of_codes_writes_nothing(world, sign_in, text, words):
    """Each row that is wrong is named, with what to do."""
    buyer = sign_in("buyer")
    before = count(world, CommodityCode)
    page = load(buyer, "commodity-code", text, kind="NIGP")
    assert page.status_code == 422
    for word in words:
        assert word in page.text
    assert count(world, CommodityCode) == before


def test_strips_are_loaded_with_their_allotments(world, sign_in):
    """The allotment is what the strip is to have in all: loading the file again posts nothing."""
    fiscal = sign_in("fiscal")
    before = count(world, Posting)
    assert "2 added, 0 changed, 0 the same." in load(fiscal, "funding-strip", STRIPS).text
    assert count(world, Posting) == before + 1
    assert "0 added, 0 changed, 2 the same." in load(fiscal, "funding-strip", STRIPS).text
    assert count(world, Posting) == before + 1
    more = load(fiscal, "funding-strip", STRIPS.replace("1,200.50", "1,300.50"))
    assert "0 added, 1 changed, 1 the same." in more.text
    with world.app.app_context():
        balance = (
            db.select(StripBalance.allotted)
            .join(FundingStrip, FundingStrip.id == StripBalance.strip_id)
            .where(FundingStrip.code == "CL-100")
        )
        assert db.session.scalar(balance.execution_options(unscoped=True)) == Decimal("1300.50")


@pytest.mark.parametrize("amount", ["-5", "NaN", "1e309", "１２", "12.345", "a lot"])
def test_an_amount_that_is_none_is_named_with_its_row(world, sign_in, amount):
    """As in every other number field."""
    fiscal = sign_in("fiscal")
    before = count(world, FundingStrip)
    page = load(fiscal, "funding-strip", f"Code;Name;Organization;Allotment\nX-1;Linen;CLINIC;{amount}\n")
    assert page.status_code == 422
    assert "Allotment" in page.text
    assert count(world, FundingStrip) == before


def test_a_strip_of_a_closed_year_or_of_nobody_is_refused(world, sign_in):
    """And nothing of the same file is kept."""
    fiscal = sign_in("fiscal")
    before = count(world, FundingStrip)
    text = "Code;Name;Organization;Allotment\nX-1;Linen;CLINIC;5\nX-2;Food;NOWHERE;5\nX-1;Linen;CLINIC;6\n"
    page = load(fiscal, "funding-strip", text)
    assert page.status_code == 422
    assert "There is no organization with the code" in page.text
    assert "stands in row 2 already" in page.text
    assert count(world, FundingStrip) == before


def test_who_may_not_change_the_list_may_not_load_it(world, sign_in):
    """Neither page nor file; and a form without a file says so."""
    rosa = sign_in("requester")
    assert "/import" not in rosa.get("/commodity-code/list/").text
    assert rosa.get("/commodity-code/import").status_code == 403
    assert load(rosa, "commodity-code", NIGP, kind="NIGP").status_code == 403
    assert load(sign_in("buyer"), "funding-strip", STRIPS).status_code == 403
    buyer = sign_in("buyer")
    assert "Choose the file." in buyer.post("/commodity-code/import", kind="NIGP", do="load").text
    assert load(buyer, "commodity-code", NIGP, kind="UNHEARD").status_code == 422
