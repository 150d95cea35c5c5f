"""IN: text that wants to be something else: markup, a query, an address."""

import pytest
from sqlalchemy import inspect
from wtforms import StringField, TextAreaField

from app.entities.document import Document
from app.models import LineItem, Vendor
from app.rules.formats import FORMATS
from app.screens.base import Screen
from app.screens.lookups import LOOKUPS
from tests.abuse.evidence import nothing_changes
from tests.support.crawling import crawled
from tests.support.making import a_basket, an_order, bring, line_id, move, records
from tests.support.people import Person

CANARY = "<img src=x onerror=alert(1)>\"'`{{7*7}}"


RAW = ("<img src=x", "onerror=alert(1)>", "{{49")


# IN-02: paper. IN-03 is in tests/reports/test_text_is_text.py, with every field of every form.


@pytest.mark.parametrize(
    "text",
    [
        "A & B <script>alert(1)</script>",
        "<b>bold and never closed",
        "</para>",
        "&#x41;&bogus;",
        CANARY,
        "<font color=\"[[[getattr(pow, Word('__globals__'))['os'].system('touch marker') for Word in []]]]\">x</font>",
        "<img src='file:///etc/passwd'/>",
        "<a href='http://example.org'>x</a>",
        "\u202egnp.exe",
        "x" * 180,
        "\u043a\u0430\u0448\u0430 \u4e2d\u6587 \u0627\u0644\u0639",
    ],
)
def test_in_02_a_name_prints_as_it_is_written(world, sign_in, text):
    """Markup in a name is no markup, and the order prints."""
    order = an_order(world)
    with records(world) as session:
        session.get_one(Vendor, world.ids["vendor A"]).name = text[:200]
        document = session.get_one(Document, order)
        document.title, document.comments = text[:200], text
        document.lines[0].description, document.lines[0].extended_description = text[:200], text
        session.commit()
    bring(world, order, "released")
    answer = sign_in("buyer").get(f"/delivery-order/print/{order}")
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF-")
    assert not (world.app.root_path and __import__("pathlib").Path("marker").exists())


# IN-05: pages.


def test_in_05_text_of_a_vendor_is_shown_as_text(world, sign_in):
    crc = sign_in("crc")
    screen = next(one for one in world.app.appbuilder.baseviews if getattr(one, "entity", None) is Vendor)
    with world.app.test_request_context():
        fields = {name: field for name, field in vars(screen.form_class()).items() if hasattr(field, "field_class")}
    texts = [name for name, field in fields.items() if field.field_class in (StringField, TextAreaField)]
    assert len(texts) >= 6
    lengths = {name: getattr(inspect(Vendor).columns[name].type, "length", None) or 200 for name in texts}
    typed = {name: CANARY[: lengths[name]] for name in texts}
    refused = crc.post("/vendor/add", net_days="30", disbursement="check", **typed)
    assert refused.status_code == 422 and CANARY not in refused.text, "an address has a shape; it is shown as text"
    typed |= dict.fromkeys(FORMATS, "")
    answer = crc.post("/vendor/add", net_days="30", disbursement="check", **typed)
    assert answer.status_code == 200, "added, and shown"
    with records(world) as session:
        key = session.query(Vendor.id).filter(Vendor.name == CANARY).scalar()
    for entity, more in (
        ("vendor-address", {"street": CANARY, "city": CANARY}),
        ("vendor-contact", {"name": CANARY}),
        ("vendor-hold", {"reason": CANARY, "starts_on": "2026-11-23"}),
    ):
        assert crc.post(f"/{entity}/add", vendor=str(key), **more).status_code == 200, entity
    assert (
        clean(
            crawled(
                crc,
                [
                    f"/vendor/show/{key}",
                    f"/vendor/edit/{key}",
                    "/vendor/list/",
                    "/vendor-hold/list/",
                    f"/vendor/list/?q={CANARY}",
                    f"/vendor/list/?_flt_2_name={CANARY}",
                ],
                60,
            )
        )
        >= 4
    )


def clean(pages: dict[str, str]) -> int:
    """How many of the pages show the canary, none of them alive."""
    shown = 0
    for path, text in pages.items():
        for raw in RAW:
            assert raw not in text, (path, raw)
        shown += "&lt;img src=x" in text
    return shown


def test_in_05_text_of_a_document_is_shown_as_text(world, sign_in):
    requester, approver = sign_in("requester"), sign_in("approver")
    basket = a_basket(world)
    line = line_id(world, basket)
    with records(world) as session:
        document, first = session.get_one(Document, basket), session.get_one(LineItem, line)
        for record in (document, first):
            for column in inspect(type(record)).columns:
                if type(column.type).__name__ in ("String", "Text") and column.key not in (
                    "state",
                    "kind",
                    "number",
                    "currency",
                    "supply",
                    "unit",
                    "over_basis",
                    "under_basis",
                    "funding_basis",
                    "payment_requirement",
                    "fob",
                    "freight_payment",
                    "shipment_method",
                ):
                    setattr(record, column.key, CANARY[: getattr(column.type, "length", None) or 200])
        session.commit()
    requester.post(f"/market-basket/note/{basket}", text=CANARY)
    requester.post(f"/market-basket/line/{basket}/{line}/charge", kind="freight", description=CANARY, amount="1")
    requester.post("/market-basket/add", title=CANARY)
    saved = requester.post(f"/market-basket/line/{basket}/{line}/save", description=CANARY, quantity=CANARY)
    assert saved.status_code == 422
    kept = requester.post(f"/market-basket/edit/{basket}", title=CANARY, version="0")
    split = requester.post(
        f"/market-basket/change/{basket}/funding", basis="percent", strip="x", strip_text=CANARY, share=CANARY
    )
    move(world, basket, ("route", "requester"))
    returned = approver.post(f"/market-basket/act/{basket}/disapprove", comment=CANARY)
    pages = crawled(
        requester,
        [
            f"/market-basket/show/{basket}",
            f"/market-basket/line/{basket}/{line}/",
            "/",
            "/market-basket/list/",
            f"/market-basket/list/?q={CANARY}",
        ],
        40,
    )
    pages |= crawled(approver, ["/", f"/market-basket/show/{basket}", "/market-basket/list/"], 20)
    pages |= {"saved": saved.text, "kept": kept.text, "split": split.text, "returned": returned.text}
    assert clean(pages) >= 6


def test_in_05_a_flash_and_a_title_are_text_too(world, sign_in):
    fiscal = sign_in("fiscal")
    answer = fiscal.post(f"/funding-strip/allot/{world.ids['S1']}", amount=CANARY, bfy="2027")
    assert clean({"flash": answer.text}) in (0, 1)
    from io import BytesIO

    requester, basket = sign_in("requester"), a_basket(world)
    answer = requester.post(f"/market-basket/attach/{basket}", file=(BytesIO(b"x"), f"{CANARY}.svg"))
    assert clean({"file": answer.text}) in (0, 1)
    answer = requester.post(f"/market-basket/attach/{basket}", file=(BytesIO(b"x"), f"{CANARY}.txt"))
    assert clean({"file": answer.text}) == 1


def test_in_05_a_choice_and_a_lookup_are_json_and_text(world, sign_in):
    crc = sign_in("crc")
    crc.post("/vendor/add", number="VN-9", suffix="00", name=CANARY, net_days="30", disbursement="check")
    answer = crc.client.get("/lookup/vendor?q=img")
    assert (
        answer.headers["Content-Type"] == "application/json" and answer.headers["X-Content-Type-Options"] == "nosniff"
    )
    assert answer.json["results"][0]["text"].endswith(CANARY)


# IN-06: queries.
NASTY = (
    "'",
    "''",
    '"',
    "\\",
    "\\'",
    "%",
    "_",
    "%" * 1000,
    "';DROP TABLE vendor;--",
    "' OR '1'='1",
    "1) OR 1=1--",
    "\x00",
    "a\x00b",
    "\u202e",
    "\ud7ff",
    "\uffff",
    "\U0001f600",
    "{{7*7}}",
    "${7*7}",
    "%s%s%s%n",
    "%(name)s",
    ":x",
    "a" * 5000,
    "-1",
    "0",
    "1e309",
    "NaN",
    "9" * 40,
    "\u0661",
    "null",
    "None",
    "[]",
    "{}",
    "../../etc/passwd",
    "*",
    '"*"',
    "a AND b OR NEAR(c d)",
    "a*b^c:d(e",
    "\t\r\n",
    "[a-z]*",
    "(?i)x{1,9999999}",
    "true",
    "2026-13-45",
    "0000-00-00",
)


def lists(world, person: Person) -> list[Screen]:
    return [
        one
        for one in world.app.appbuilder.baseviews
        if isinstance(one, Screen) and person.get(f"{one.route_base}/list/").status_code == 200
    ]


@pytest.mark.parametrize("name", ["auditor", "admin", "crc"])
def test_in_06_no_search_and_no_filter_is_a_query(both, name):
    """Whatever is typed: an answer, no error page, no row more than the words find."""
    person = Person(both.app, name)
    # Who sees every list has asked most of them already; the others ask what is left.
    asked = lists(both, Person(both.app, "auditor")) if name != "auditor" else []
    with nothing_changes(both):
        for screen in [one for one in lists(both, person) if one not in asked]:
            for number, text in enumerate(NASTY):
                column = screen.search_columns[number % len(screen.search_columns)]
                operator = number % len(screen.operators(column)) if hasattr(screen, "operators") else 0
                answer = person.client.get(
                    f"{screen.route_base}/list/",
                    query_string={
                        "q": text,
                        f"_flt_{operator}_{column}": text,
                        "order": text,
                        "dir": text,
                        "page": text,
                        "size": text,
                        "view": text,
                    },
                )
                assert answer.status_code in (200, 400), (screen.route_base, column, text, answer.status_code)
                assert "sqlite" not in answer.text.lower() and "psycopg" not in answer.text.lower()


def test_in_06_every_column_takes_every_nasty_word(both):
    person = Person(both.app, "auditor")
    for screen in lists(both, person):
        for column in screen.search_columns:
            for text in ("'", "9" * 40, "\x00", "%", "2026-13-45", "-1", "\u0661"):
                answer = person.client.get(f"{screen.route_base}/list/", query_string={f"_flt_0_{column}": text})
                assert answer.status_code in (200, 400), (screen.route_base, column, text)


@pytest.mark.parametrize(
    "pk",
    [
        "0",
        "-1",
        "9" * 40,
        "999999999999",
        "1'",
        "1 OR 1=1",
        "abc",
        "1.0",
        "%00",
        "\u0661",
        "1e3",
        "..%2f1",
        "None",
        "0x1",
    ],
)
def test_in_06_a_key_is_a_number_or_nothing(both, pk):
    person = Person(both.app, "buyer")
    basket = a_basket(both)
    for path in (
        f"/market-basket/show/{pk}",
        f"/vendor/show/{pk}",
        f"/delivery-order/edit/{pk}",
        f"/vendor/edit/{pk}",
        f"/market-basket/line/{basket}/{pk}/",
        f"/market-basket/file/{basket}/{pk}",
        f"/catalog-item/edit/{pk}",
        f"/purchase-request/print/{pk}",
    ):
        assert person.get(path).status_code in (403, 404), path
    for path in (
        f"/delivery-order/act/{pk}/route",
        f"/catalog-item/delete/{pk}",
        f"/purchase-request/copy/{pk}",
        f"/delivery-order/detach/{pk}/{pk}",
        f"/delivery-order/line/{pk}/{pk}/save",
    ):
        assert person.post(path, comment="x").status_code in (403, 404), path


def test_in_06_a_percent_sign_is_the_clerks_wildcard_and_an_underscore_is_none(both):
    with records(both) as session:
        session.add_all(
            Vendor(number=f"VN-X{number}", name=name)
            for number, name in enumerate(("Under_score Ltd", "Underscore Ltd", "Back\\slash Inc", "100% Paper"))
        )
        session.commit()
    crc = Person(both.app, "crc")

    def found(**query: str) -> set[str]:
        text = crc.client.get("/vendor/list/", query_string=query).text
        return {name for name in ("Under_score Ltd", "Underscore Ltd", "Back\\slash Inc", "100% Paper") if name in text}

    assert found(q="under_") == {"Under_score Ltd"}
    assert found(q="Under%Ltd") == {"Under_score Ltd", "Underscore Ltd"}
    assert found(q="k\\s") == {"Back\\slash Inc"}
    assert found(_flt_0_name="Under_") == {"Under_score Ltd"}
    assert found(q="UNDERSCORE") == {"Underscore Ltd"}


def test_in_06_pickers_too(both):
    requester = Person(both.app, "requester")
    for name in LOOKUPS:
        for text in NASTY:
            answer = requester.client.get(f"/lookup/{name}", query_string={"q": text, "for": text, "vendor": text})
            assert answer.status_code in (200, 400, 403), (name, text, answer.status_code)
    assert requester.client.get("/lookup/../ab_user").status_code == 404


@pytest.mark.parametrize("text", [one for one in NASTY if one.strip()])
def test_in_06_a_form_keeps_a_nasty_word_or_says_why_not(both, text):
    crc = Person(both.app, "crc")
    answer = crc.post(
        "/vendor/add",
        number="VN-N",
        suffix="00",
        name=text,
        net_days="30",
        disbursement="check",
        notes=text,
    )
    assert answer.status_code in (200, 422), answer.status_code
    if answer.status_code == 200:
        with records(both) as session:
            assert session.query(Vendor.name).filter(Vendor.number == "VN-N").scalar() == text.strip().replace(
                "\x00", ""
            )


def test_the_canary_would_be_noticed():
    with pytest.raises(AssertionError):
        clean({"/": f"<p>{CANARY}</p>"})
