"""RB: getting around one's role through what Flask-AppBuilder offers: routes, forms, filters, choices, files."""

import json
from io import BytesIO

import pytest
from sqlalchemy import select, update

from app import scope
from app.models import (
    Attachment,
    Document,
    MarketBasket,
)
from app.screens.base import SCREENS, Screen
from tests.abuse.evidence import fingerprint, nothing_changes, refusals
from tests.abuse.matrix import ANONYMOUS, GOLDEN, ROLES, furnished, keys_of, merged, routes, walk
from tests.support.making import BENCH, PARKS, a_basket, a_request, line_id, records
from tests.support.pages import words
from tests.support.people import Person

MATRIX = json.loads(GOLDEN.read_text())


PUBLIC = {"GET /login/", "POST /login/"}


def of_role(role: str) -> dict[str, dict[str, str]]:
    """What the golden matrix promises one role."""
    return {
        route: {
            which: next(answer for answer, roles in answers.items() if role in roles)
            if any(role in roles for roles in answers.values())
            else next(answer for answer, roles in answers.items() if roles in ("all", "all others"))
            for which, answers in by_record.items()
        }
        for route, by_record in MATRIX.items()
    }


# RB-01: guessing addresses.


@pytest.mark.parametrize("role", ROLES)
def test_rb_01_every_route_answers_each_role_as_the_golden_matrix_says(databases, role):
    found, golden = walk(databases, role), of_role(role)
    assert {route: found[route] for route in found.keys() - golden.keys()} == {}, (
        "new routes: write the matrix anew (python -m tests.abuse.matrix) and read the difference"
    )
    assert golden.keys() - found.keys() == set(), "routes are gone: write the matrix anew"
    changed = {route: (golden[route], found[route]) for route in golden if golden[route] != found[route]}
    assert changed == {}, "promised, found"


def test_rb_01_without_signing_in_there_is_only_the_door():
    for route, answers in of_role(ANONYMOUS).items():
        assert set(answers.values()) <= {"sign in", "404"} or route in PUBLIC, (route, answers)


def test_rb_01_no_role_meets_an_error_page_anywhere():
    assert not [
        route
        for route, by_record in MATRIX.items()
        for answers in by_record.values()
        for answer in answers
        if answer.startswith("5")
    ]


NEAR = ("Requester", "Approver", "Receiver", "Fiscal", "Manager")
"""Roles whose people work in the clinic or its department, and see no further."""


KEPT_APART = (
    "market-basket",
    "purchase-request",
    "delivery-order",
    "receipt",
    "invoice",
    "payment",
    "funding-strip",
    "strip-balance",
    "posting",
    "funding-template",
    "funding-template-part",
    "profile",
    "organization-address",
    "delegation",
)


@pytest.mark.parametrize("role", NEAR)
def test_rb_01_and_03_nobody_reaches_a_record_of_another_office(role):
    """Whatever the role allows at home, the parks' records are answered like records that do not exist."""
    for route, answers in of_role(role).items():
        table = route.split()[1].split("/")[1]
        if table in KEPT_APART and "foreign" in answers:
            assert answers["foreign"] in ("403", "404"), (route, answers)


def test_rb_01_the_matrix_is_written_as_it_is_read():
    """What is folded into "all others" unfolds again."""
    walks = {role: {"GET /a": {"any": "200" if role == "Admin" else "403"}, "GET /b": {"any": "200"}} for role in ROLES}
    table = merged(walks)
    assert table == {"GET /a": {"any": {"403": "all others", "200": ["Admin"]}}, "GET /b": {"any": {"200": "all"}}}


def test_rb_01_a_refusal_is_on_record(world, sign_in):
    requester = sign_in("requester")
    assert requester.get("/posting/list/").status_code == 403
    assert requester.post("/vendor/add", name="Mine").status_code == 403
    assert refusals(world) == ["GET /posting/list/", "POST /vendor/add"]


# RB-02: reading that writes.


@pytest.mark.parametrize("name", ["admin", "buyer", "fiscal", "receiver"])
def test_rb_02_a_get_changes_nothing(databases, name):
    """Links and images can make a browser send any GET."""
    world, keys = furnished(databases), keys_of(databases)
    person = Person(world.app, name)
    with nothing_changes(world):
        for method, rule in routes(world.app):
            view = getattr(world.app.view_functions[rule.endpoint], "__self__", None)
            key = keys[view.entity.__tablename__][0] if isinstance(view, Screen) else 1
            path = world.app.url_map.bind("localhost").build(
                rule.endpoint,
                {"pk": key, "line_id": 1, "attachment_id": 1, "action": "cancel", "name": "vendor", "locale": "de"}
                | dict.fromkeys(rule.arguments - {"pk", "line_id", "attachment_id", "action", "name", "locale"}, 1),
                method=method,
            )
            answer = person.client.get(path)
            assert answer.status_code < 500, path
            if method == "POST" and "GET" not in rule.methods:
                # 308: read as the page of a line called "add", which is not there
                assert answer.status_code in (308, 404, 405), path
            answer.close()


@pytest.mark.parametrize("name", ["admin", "buyer", "fiscal", "crc", "receiver"])
def test_rb_02_a_form_without_its_token_changes_nothing(databases, name):
    world, keys = furnished(databases), keys_of(databases)
    person = Person(world.app, name)
    with nothing_changes(world):
        for method, rule in routes(world.app):
            if method == "POST" and rule.rule != "/logout/":
                view = getattr(world.app.view_functions[rule.endpoint], "__self__", None)
                key = keys[view.entity.__tablename__][0] if isinstance(view, Screen) else 1
                values = (
                    dict.fromkeys(rule.arguments, 1)
                    | {"action": "cancel", "name": "x"}
                    | ({"pk": key} if "pk" in rule.arguments else {})
                )
                path = world.app.url_map.bind("localhost").build(
                    rule.endpoint, {one: values[one] for one in rule.arguments}, method="POST"
                )
                assert person.client.post(path, data={"comment": "x"}).status_code == 400, path


# RB-03: somebody else's record by its number.


def test_rb_03_another_offices_document_does_not_exist_by_any_route(both):
    theirs = a_basket(both, "draft", BENCH, place=PARKS)
    line, mine = line_id(both, theirs), a_basket(both)
    with records(both) as session:
        session.add(
            Attachment(
                document_id=theirs,
                file_name="canary.txt",
                media_type="text/plain",
                size=1,
                digest="",
                content=b"x",
                added_by_id=both.ids["outsider"],
                added_at=both.clock(),
            )
        )
        session.commit()
        paper = session.scalar(select(Attachment.id))
    person = Person(both.app, "requester")
    with nothing_changes(both):
        for path in (
            f"show/{theirs}",
            f"edit/{theirs}",
            f"validate/{theirs}",
            f"print/{theirs}",
            f"line/{theirs}/{line}/",
            f"file/{theirs}/{paper}",
            f"file/{mine}/{paper}",
            f"line/{mine}/{line}/",
        ):
            answer = person.get(f"/market-basket/{path}")
            assert answer.status_code == 404, path
            assert "bench" not in answer.text.lower() and "canary" not in answer.text
        for path in (
            f"edit/{theirs}",
            f"act/{theirs}/route",
            f"copy/{theirs}",
            f"attach/{theirs}",
            f"note/{theirs}",
            f"line/{theirs}/add",
            f"line/{theirs}/{line}/save",
            f"line/{theirs}/{line}/delete",
            f"line/{theirs}/{line}/copy",
            f"line/{theirs}/{line}/funding",
            f"line/{theirs}/{line}/charge",
            f"change/{theirs}/funding",
            f"detach/{theirs}/{paper}",
            f"line/{mine}/{line}/save",
            f"line/{mine}/{line}/delete",
            f"detach/{mine}/{paper}",
        ):
            answer = person.post(
                f"/market-basket/{path}",
                text="x",
                comment="x",
                description="x",
                title="x",
                file=(BytesIO(b"abc"), "a.txt"),
            )
            assert answer.status_code == 404, (path, answer.status_code)
    listed = person.get("/market-basket/list/?q=bench").text + person.get("/market-basket/list/").text
    assert "Park bench" not in listed and f"/show/{theirs}" not in listed


def test_rb_03_lists_show_nothing_of_another_office(both):
    a_request(both, "released", BENCH, place=PARKS, title="Canary request")
    for name in ("requester", "approver", "fiscal", "manager"):
        person = Person(both.app, name)
        for path in (
            "/purchase-request/list/",
            "/posting/list/",
            "/funding-strip/list/",
            "/strip-balance/list/",
            "/profile/list/",
            "/organization-address/list/",
        ):
            text = words(person.get(path).text)
            assert "Canary" not in text and "P1 Parks" not in text and "Parks dock" not in text, (name, path)


def test_the_fingerprint_notices_a_change(world):
    before = fingerprint(world)
    basket = a_basket(world)
    changed = fingerprint(world)
    with records(world) as session:
        session.get_one(MarketBasket, basket).comments = "x"
        session.commit()
    assert len({before, changed, fingerprint(world)}) == 3


def test_everything_that_has_offices_is_kept_apart_in_this_file():
    """A table that gets an office, or hangs on a document, belongs into `scope.SCOPES` and above."""
    bases = {one.route_base.strip("/") for one in SCREENS.values() if one.entity in scope.SCOPES}
    assert bases <= set(KEPT_APART)


def test_rb_03_who_may_see_a_document_sees_which_funds_pay_for_it(world, sign_in):
    """An approver who was named from another office signs for what stands there, funds of that office included; the
    funds themselves stay out of their sight."""
    request = a_request(world, "draft", BENCH, place=PARKS)
    with records(world) as session:
        session.execute(
            update(Document.__table__).where(Document.__table__.c.id == request).values(owner_id=world.ids["requester"])
        )
        session.commit()
    rosa = sign_in("requester")
    page = rosa.get(f"/purchase-request/show/{request}")
    assert page.status_code == 200
    assert "P1" in page.text
    assert rosa.get(f"/purchase-request/validate/{request}").status_code == 200
    assert rosa.get(f"/funding-strip/show/{world.ids['P1']}").status_code == 404
