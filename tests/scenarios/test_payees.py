"""Tax ids and bank accounts, from the form to the database and on to the payment: masked everywhere, shown on request
and on record, confirmed by a second person, and kept apart from paying. Source: VR-02, VR-10, DOC-06."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import inspect, select, text
from sqlalchemy.engine import make_url

from app import audit, sealing
from app.extensions import db
from app.integrity import Frozen
from app.models import AuditEntry, BankAccount, TaxId, Vendor
from app.sealing import Secret, Unreadable
from tests.abuse.evidence import nothing_changes, refusals
from tests.support.around import a_bank_account, a_tax_id
from tests.support.making import a_processed_invoice, a_receipt, a_released_order, an_invoice, records
from tests.support.pages import words
from tests.support.payees import ACCOUNT, TIN, TYPED, enter
from tests.support.people import Person
from tests.support.world import PASSWORD, World


def pay_by_eft(world: World, *vendors: str) -> None:
    """From now on some vendors are paid electronically."""
    with records(world) as session:
        for vendor in vendors:
            session.get_one(Vendor, world.ids[f"vendor {vendor}"]).disbursement = "eft"
        session.commit()


def everything_stored(world: World) -> str:
    """All that the database holds, as bytes would show it: every row of every table, and SQLite's own files."""
    found = []
    with world.app.app_context(), db.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            if not table.startswith("item_search"):
                found += [repr(row) for row in connection.execute(text(f'SELECT * FROM "{table}"'))]
    url = make_url(world.app.config["SQLALCHEMY_DATABASE_URI"])
    if url.database and url.get_backend_name() == "sqlite":
        file = Path(url.database)
        found += [one.read_bytes().decode("latin-1") for one in file.parent.glob(f"{file.name}*")]
    return "\n".join(found)


def test_a_tax_id_and_an_account_are_masked_wherever_they_stand(both, cora, caplog):
    caplog.set_level("DEBUG")
    vendor = both.ids["vendor A"]
    answer = cora.post(
        "/tax-id/add", vendor=str(vendor), kind="FEIN", number="52-0098765", number_again="520098765", label="W-9"
    )
    assert answer.status_code == 200 and "•••8765" in answer.text and "52-0098765" not in answer.text
    account = enter(cora, both)
    order = a_released_order(both)
    a_receipt(both, order, {1: "12"})
    invoice = an_invoice(both, order, {1: ("12", "44.99")}, "released")
    for name in ("crc", "fiscal", "auditor"):
        person = Person(both.app, name)
        seen = ""
        for path in (
            f"/vendor/show/{vendor}",
            "/vendor/list/",
            f"/vendor/edit/{vendor}",
            "/tax-id/list/",
            "/tax-id/show/1",
            "/tax-id/add",
            "/bank-account/list/",
            "/bank-account/list/?view=waiting",
            f"/bank-account/list/?q={ACCOUNT}",
            f"/bank-account/show/{account}",
            "/bank-account/add",
            f"/bank-account/lookup/vendor?q={ACCOUNT}",
            "/lookup/vendor?q=Adesso",
            f"/search/?q={ACCOUNT}",
            f"/search/?q={TIN}",
            f"/delivery-order/show/{order}",
            f"/invoice/show/{invoice}",
            "/payment/list/",
        ):
            answer = person.get(path)
            assert answer.status_code in (200, 403), path
            body = re.sub(r'(value="|<mark>|“)[^"<”]*', "", answer.text)  # a search repeats what was asked
            assert ACCOUNT not in body and TIN not in body and "52-0098765" not in body, (name, path)
            seen += answer.text
        assert "•••4055" in seen and "•••8765" in seen
        assert f"/bank-account/show/{account}" in seen and "083000137" in seen
    fay = Person(both.app, "fiscal")
    for path in (f"/delivery-order/print/{order}", f"/invoice/print/{invoice}"):
        paper = fay.get(path)
        assert paper.data.startswith(b"%PDF")
        printed = "".join(page.extract_text() for page in PdfReader(BytesIO(paper.data)).pages)
        assert ACCOUNT not in printed and TIN not in printed
    stored = everything_stored(both)
    assert ACCOUNT not in stored and TIN not in stored and "River Bank" in stored
    assert ACCOUNT not in caplog.text and TIN not in caplog.text
    with records(both) as session:
        kept = session.scalars(select(AuditEntry).where(AuditEntry.entity.in_(("BankAccount", "TaxId")))).all()
        assert [("•••4055" in one.new, "•••8765" in one.new) for one in kept] == [(False, True), (True, False)]
        assert session.get_one(BankAccount, account).number == Secret(ACCOUNT)
        assert session.scalar(select(TaxId.number)) == Secret(TIN)
        assert audit.verify(session) == []


def test_a_wrong_form_comes_back_without_the_number(both, cora):
    fields = TYPED | {"vendor": str(both.ids["vendor A"]), "number": ACCOUNT, "number_again": ACCOUNT}
    for change, says in (
        ({"routing_number": "083000138"}, "has a mistyped digit"),
        ({"routing_number": "12345"}, "nine digits"),
        ({"number": "12", "number_again": "12"}, "4 to 17 digits"),
        ({"number_again": ACCOUNT[:-1] + "6"}, "The two numbers are not the same"),
        ({"number_again": ""}, "Type the number again"),
        ({"number": ""}, "Enter a value"),
        ({"bank_name": ""}, "Enter a value"),
        ({"eft_format": "XYZ"}, "Not a valid choice"),
        ({"vendor": "999999"}, "Choose one from the list"),
    ):
        with nothing_changes(both):
            answer = cora.post("/bank-account/add", **(fields | change))
            assert answer.status_code == 422 and says in answer.text, change
            assert ACCOUNT not in answer.text
    page = cora.get(f"/bank-account/add?vendor={both.ids['vendor A']}").text
    asked = re.findall(r"<input[^>]*name=\"number(?:_again)?\"[^>]*>", page)
    assert len(asked) == 2 and all('type="password"' in one and 'autocomplete="off"' in one for one in asked)


def test_revealing_asks_who_one_is_and_is_on_record(both, cora):
    account = a_bank_account(both, ACCOUNT)
    for wrong in ({}, {"password": "guess"}):
        answer = cora.post(f"/bank-account/reveal/{account}", **wrong)
        assert answer.status_code == 422 and "Nothing was shown" in answer.text and ACCOUNT not in answer.text
    answer = cora.post(f"/bank-account/reveal/{account}", password=PASSWORD)
    assert answer.status_code == 200 and ACCOUNT in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert cora.get(f"/bank-account/reveal/{account}").status_code in (404, 405)
    tin = a_tax_id(both, TIN)
    assert TIN in cora.post(f"/tax-id/reveal/{tin}", password=PASSWORD).text
    with records(both) as session:
        seen = session.scalars(select(AuditEntry).where(AuditEntry.action == "revealed").order_by(AuditEntry.id)).all()
        assert [(one.entity, one.entity_id, one.by_id, one.new) for one in seen] == [
            ("BankAccount", account, both.ids["crc"], "•••4055"),
            ("TaxId", tin, both.ids["crc"], "•••8765"),
        ]
        assert all(one.at == both.clock() for one in seen) and audit.verify(session) == []


def test_without_its_key_a_number_is_said_to_be_closed_and_everything_else_goes_on(both, cora, monkeypatch, caplog):
    account, tin = a_bank_account(both, confirmed="manager"), a_tax_id(both)
    pay_by_eft(both, "A")
    a_processed_invoice(both)
    caplog.set_level("ERROR", "app.entities.sealed")
    with monkeypatch.context() as lost:
        lost.setitem(sealing._rings, "field", sealing.Ring("new", {"new": bytes(32)}))
        for path in (f"/bank-account/show/{account}", "/bank-account/list/", f"/tax-id/show/{tin}"):
            answer = cora.get(path)
            assert answer.status_code == 200 and "cannot be read" in answer.text, path
        assert Person(both.app, "fiscal").get("/payment/list/?view=scheduled").status_code == 200
        answer = cora.post(f"/bank-account/reveal/{account}", password=PASSWORD)
        assert answer.status_code == 409 and "its key is not in the key file" in words(answer.text)
        assert "the key file lacks key" in caplog.text and ACCOUNT not in caplog.text
    assert ACCOUNT in cora.post(f"/bank-account/reveal/{account}", password=PASSWORD).text
    with records(both) as session:
        seen = session.scalars(select(AuditEntry).where(AuditEntry.action == "revealed")).all()
        assert [one.entity_id for one in seen] == [account]


@pytest.mark.parametrize("name", ["fiscal", "auditor", "admin", "buyer", "manager"])
def test_nobody_else_reveals_enters_confirms_or_retires(both, name):
    account, tin, person = a_bank_account(both), a_tax_id(both), Person(both.app, name)
    with nothing_changes(both):
        for path in (
            "/bank-account/add",
            f"/bank-account/reveal/{account}",
            f"/bank-account/confirm/{account}",
            f"/bank-account/retire/{account}",
            "/tax-id/add",
            f"/tax-id/reveal/{tin}",
            f"/tax-id/delete/{tin}",
        ):
            answer = person.post(path, password=PASSWORD)
            assert answer.status_code == 403 and ACCOUNT not in answer.text, path
    assert len(refusals(both)) == 7
    page = person.get(f"/vendor/show/{both.ids['vendor A']}").text
    reads = name in ("fiscal", "auditor")
    assert ("•••4055" in page) is reads and "Reveal" not in page
    assert person.get(f"/bank-account/show/{account}").status_code == (200 if reads else 403)


def test_a_second_person_confirms(both, cora, mona):
    account = enter(cora, both)
    answer = cora.post(f"/bank-account/confirm/{account}")
    assert answer.status_code == 409 and "You entered this account, so somebody else has to confirm it." in answer.text
    assert "to confirm" in words(mona.get("/bank-account/list/?view=waiting").text).lower()
    done = mona.post(f"/bank-account/confirm/{account}")
    assert done.status_code == 200 and "is confirmed" in done.text and "In force" in done.text
    assert "•••4055" not in mona.get("/bank-account/list/?view=waiting").text
    assert "confirmed already" in mona.post(f"/bank-account/confirm/{account}").text
    later = enter(cora, both, "77001122334455")
    assert "In force" in mona.get(f"/bank-account/show/{account}").text
    both.clock.on("2026-11-24")
    mona = Person(both.app, "manager")
    told = mona.post(f"/bank-account/confirm/{later}")
    assert told.status_code == 409 and "Call the vendor at a number that was on file before it came" in told.text
    told = mona.post(f"/bank-account/confirm/{later}", comment="Ms Ray, 555-0100 of 2025, today")
    assert "electronic payments go there from Dec 1, 2026 on" in told.text and "Counts soon" in told.text
    assert "Ms Ray, 555-0100" in mona.get(f"/bank-account/show/{later}").text
    assert "In force" in mona.get(f"/bank-account/show/{account}").text
    both.clock.on("2026-11-30")
    assert "In force" in Person(both.app, "manager").get(f"/bank-account/show/{account}").text
    both.clock.on("2026-12-01")
    mona = Person(both.app, "manager")
    assert "Replaced" in mona.get(f"/bank-account/show/{account}").text
    retired = mona.post(f"/bank-account/retire/{later}")
    assert "is retired" in retired.text and "no other one" not in retired.text
    assert "In force" in mona.get(f"/bank-account/show/{account}").text
    assert mona.post(f"/bank-account/retire/{later}").status_code == 409
    assert mona.post(f"/bank-account/confirm/{later}").status_code == 409


def test_an_account_is_never_edited(both, cora):
    account = a_bank_account(both, confirmed="manager")
    for path in (f"/bank-account/edit/{account}", f"/bank-account/delete/{account}"):
        assert cora.get(path).status_code == cora.post(path, routing_number="011000015").status_code == 404
    for name, value in (
        ("routing_number", "011000015"),
        ("number", Secret("123456789")),
        ("vendor_id", both.ids["vendor B"]),
        ("confirmed_by_id", both.ids["buyer"]),
    ):
        with records(both) as session, pytest.raises(Frozen, match="never edited"):
            one = session.get_one(BankAccount, account)
            assert getattr(one, name) != value
            setattr(one, name, value)
            session.commit()


def test_the_same_tax_id_stands_with_another_suffix_only(both, cora):
    with records(both) as session:
        session.add(Vendor(number="VN-A", suffix="01", name="Adesso, depot"))
        session.commit()
        depot = session.scalar(select(Vendor.id).where(Vendor.suffix == "01"))

    def add(vendor: int, number: str = TIN, kind: str = "FEIN"):
        return cora.post("/tax-id/add", vendor=str(vendor), kind=kind, number=number, number_again=number, label="")

    assert add(both.ids["vendor A"]).status_code == 200
    assert add(depot, "52-0098765").status_code == 200
    for vendor, says in (("vendor A", "has this tax id already"), ("vendor B", "one tax id belongs to one vendor")):
        answer = add(both.ids[vendor])
        assert answer.status_code == 422 and says in answer.text and TIN not in answer.text
    assert add(both.ids["vendor B"], "00-1234567").status_code == 422
    with records(both) as session:
        vendor = session.get_one(Vendor, both.ids["vendor B"])
        vendor.suffix = "07"
        session.commit()
    assert add(both.ids["vendor B"], "610987654").status_code == 200
    with records(both) as session:
        session.get_one(Vendor, both.ids["vendor B"]).suffix = "08"
        session.commit()
        assert session.scalars(select(TaxId.suffix).order_by(TaxId.id)).all() == ["00", "01", "08"]
        gone = session.scalar(select(TaxId.id).where(TaxId.suffix == "08"))
    assert cora.post(f"/tax-id/delete/{gone}").status_code == 200
    with records(both) as session:
        removed = session.scalar(select(AuditEntry).where(AuditEntry.entity == "TaxId", AuditEntry.action == "remove"))
        assert "•••7654" in removed.old and "610987654" not in removed.old


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bank_account SET confirmed_by_id = entered_by_id",
        "UPDATE bank_account SET confirmed_at = NULL",
        "UPDATE bank_account SET routing_number = '1'",
        "UPDATE bank_account SET eft_format = 'ZZZ'",
        "UPDATE tax_id SET suffix = '09'",
        "UPDATE tax_id SET kind = 'VAT'",
        "UPDATE payment SET account_id = 999",
        "INSERT INTO tax_id (vendor_id, suffix, kind, number, number_index, label) "
        "SELECT (SELECT id FROM vendor WHERE number = 'VN-B'), '00', kind, number, number_index, '' FROM tax_id",
    ],
)
def test_the_database_refuses_too(both, statement):
    from sqlalchemy.exc import DBAPIError

    a_tax_id(both)
    a_bank_account(both, confirmed="manager")
    a_processed_invoice(both)
    with both.app.app_context(), db.engine.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(statement))
        connection.commit()


@pytest.mark.parametrize("path", ["/bank-account/list/", "/tax-id/list/"])
def test_rb_05_no_filter_order_or_search_tells_a_number(both, cora, path):
    """Neither what is sealed nor its index can be asked for, however one asks."""
    for number, vendor in ((ACCOUNT, "A"), ("1100223344556", "B")):
        a_bank_account(both, number, vendor)
        a_tax_id(both, "52" + number[:7], vendor)
    for name in ("number", "number_index", "routing_number", "entered_by", "suffix", "version"):
        for operator in (0, 3):
            assert cora.client.get(path, query_string={f"_flt_{operator}_{name}": "4"}).status_code == 400, name

    def rows(page: str) -> list[str]:
        return list(dict.fromkeys(re.findall(r"•••\d{4}", page)))  # a button says again whose it is

    usual = rows(cora.get(path).text)
    assert len(usual) == 2
    for name in ("number", "number_index"):
        for direction in ("asc", "desc"):
            assert cora.get(f"{path}?order={name}&dir={direction}").status_code == 400
    for asked in (ACCOUNT, ACCOUNT[-4:], "•••4055", "%4055"):
        # What was typed comes back in the search's field and in the addresses of the export.
        found = rows(re.sub(r'(value|formaction)="[^"]*"', "", cora.get(f"{path}?q={asked}").text))
        assert found == ([] if "bank" in path else usual), asked
    assert len(rows(cora.get("/bank-account/list/?q=River").text)) == 2


def test_what_is_moved_in_the_database_does_not_open(both):
    """A number sealed as a tax id is no account number, whoever copies it there."""
    a_tax_id(both)
    account = a_bank_account(both)
    with both.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE bank_account SET number = (SELECT number FROM tax_id)"))
    with records(both) as session, pytest.raises(Unreadable, match="changed or belongs elsewhere"):
        session.get_one(BankAccount, account).number.reveal()


def test_a_sealed_number_is_not_compared_in_the_database():
    for wrong in (lambda: TaxId.number == "x", lambda: TaxId.number.like("5%"), lambda: TaxId.number.desc()):
        with pytest.raises(TypeError, match="blind index"):
            wrong()
