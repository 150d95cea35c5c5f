"""RB: getting around one's role through what Flask-AppBuilder offers: routes, forms, filters, choices, files."""

import json
import re
from io import BytesIO

import pytest
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import inspect, select

from app import people, scope
from app.models import (
    Attachment,
    AuditEntry,
    Document,
    FundingStrip,
    LineFunding,
    LineItem,
    MarketBasket,
    OrganizationAddress,
    Posting,
    StripBalance,
    Vendor,
)
from app.screens.base import SCREENS, Screen
from tests.abuse.evidence import fingerprint, nothing_changes, refusals
from tests.abuse.matrix import ANONYMOUS, GOLDEN, PEOPLE, ROLES, furnish, furnished, keys_of, merged, routes, walk
from tests.support.around import a_deputy, only_signer
from tests.support.making import BENCH, PARKS, PRINTER, a_basket, a_request, act, line_id, records
from tests.support.pages import words
from tests.support.people import Person
from tests.support.world import PASSWORD

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
            f"fund/{theirs}",
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


# RB-05: a hidden column as an oracle.


@pytest.mark.parametrize("screen", SCREENS.values(), ids=lambda one: one.__name__)
def test_rb_05_only_what_is_offered_can_be_filtered(world, screen):
    with records(world) as session:
        person = session.scalar(select(User).where(User.username == "auditor"))
        person.roles = list(session.scalars(select(Role)))
        session.commit()
    person = Person(world.app, "auditor")
    mapper = inspect(screen.entity)
    hidden = {*mapper.columns.keys(), *mapper.relationships.keys()} - {*screen.search_columns}
    for name in [*sorted(hidden), "password", "owner.password", "__class__", "id; DROP TABLE vendor"]:
        for operator in (0, 3):
            answer = person.client.get(f"{screen.route_base}/list/", query_string={f"_flt_{operator}_{name}": "a"})
            if name not in screen.search_columns:
                assert answer.status_code == 400, name
    for argument in ("_flt_99_" + screen.search_columns[0], "_flt__", "_flt_x_" + screen.search_columns[0], "_flt_0_"):
        assert person.client.get(f"{screen.route_base}/list/", query_string={argument: "a"}).status_code == 400, (
            argument
        )


def test_rb_05_a_hidden_column_does_not_order_a_list(world):
    """Otherwise the order of the rows would tell what the column holds."""
    person = Person(world.app, "admin")

    def names(query: str) -> list[str]:
        return re.findall(r'class="docnum"[^>]*>([^<]+)', person.get(f"/ab-user/list/?size=200{query}").text)

    usual = names("")
    assert len(usual) > 10
    assert names("&order=password") == names("&order=password&dir=desc") == usual
    assert names("&order=username&dir=desc") == usual[::-1]


# RB-06: choices that tell too much.


def test_rb_06_a_choice_list_is_short_and_obeys_sight(both):
    with records(both) as session:
        session.add_all(Vendor(number=f"VN-{number:04}", name=f"Vendor {number}") for number in range(120))
        session.commit()
    requester, crc = Person(both.app, "requester"), Person(both.app, "crc")
    found = requester.client.get("/lookup/vendor?q=Vendor").json
    assert len(found["results"]) == 20 and found["more"] is True
    for path, hidden in (
        ("/lookup/funding_strip?q=", "P1"),
        ("/lookup/organization_address?q=", "Parks"),
        ("/lookup/funding_strip?q=P1", "P1"),
        ("/lookup/organization_address?q=dock", "Parks"),
    ):
        assert hidden not in requester.client.get(path).text, path
    page = crc.get("/vendor-address/add").text
    assert page.count("<option") < 20 and "Vendor 7" not in page
    assert requester.client.get("/lookup/profile?q=").status_code == 403
    assert requester.client.get("/lookup/ab_user?q=").status_code == 404


def test_rb_06_no_form_lists_whole_tables(world):
    furnish(world)
    for name in ("admin", "buyer", "crc", "fiscal", "requester"):
        person = Person(world.app, name)
        for screen in SCREENS.values():
            answer = person.get(f"{screen.route_base}/add")
            if answer.status_code == 200:
                longest = max(
                    (
                        select_.count("<option")
                        for select_ in re.findall(r"<select.*?</select>", answer.text, re.DOTALL)
                    ),
                    default=0,
                )
                assert longest <= 100, (screen.__name__, longest)


# RB-07: a choice that was never offered.


def test_rb_07_a_strip_of_another_office_cannot_fund_a_line(both):
    basket = a_basket(both)
    line, person = line_id(both, basket), Person(both.app, "requester")
    with nothing_changes(both):
        for path in (f"/market-basket/line/{basket}/{line}/funding", f"/market-basket/fund/{basket}"):
            answer = person.post(path, basis="percent", strip=str(both.ids["P1"]), share="100", strip_text="P1")
            assert answer.status_code == 422
            assert "choose a funding strip from the list" in answer.text


def test_rb_07_an_address_of_another_office_cannot_be_chosen(both):
    basket = a_basket(both)
    line, person = line_id(both, basket), Person(both.app, "requester")
    fields = {"description": "Keyboard", "quantity": "1", "unit_price": "1", "unit": "EA"}
    with nothing_changes(both):
        for forged in (both.ids["parks dock"], 999_999, "1 OR 1=1", -1, "9" * 30):
            answer = person.post(f"/market-basket/line/{basket}/{line}/", **(fields | {"ship_to": str(forged)}))
            assert answer.status_code == 422, forged
            assert "Choose one from the list" in answer.text


def test_rb_07_the_session_itself_refuses_a_reference_out_of_sight(both):
    """Whatever a screen forgets: by key and by object."""
    basket = a_basket(both)
    with records(both) as session:
        user = session.scalar(select(User).where(User.username == "requester"))
        actor = people.actor_for(session, user, both.clock().date())
        strip, dock = (
            session.get_one(FundingStrip, both.ids["P1"]),
            session.get_one(OrganizationAddress, both.ids["parks dock"]),
        )
        session.info.update(actor=actor, now=both.clock())
        scope.look(session, people.sight_of(session, actor))
        for forge in (
            lambda line: setattr(line, "ship_to_id", dock.id),
            lambda line: setattr(line, "ship_to", dock),
            lambda line: line.funding.append(LineFunding(strip_id=strip.id, share=1, position=9)),
            lambda line: line.funding.append(LineFunding(strip=strip, share=1, position=9)),
        ):
            line = session.get_one(MarketBasket, basket).lines[0]
            forge(line)
            with pytest.raises(scope.OutOfSight):
                session.flush()
            session.rollback()


def test_rb_07_a_closed_year_and_an_unknown_approver_are_refused(world, sign_in):
    from datetime import date

    from app.models import FiscalYear

    with records(world) as session:
        session.add(FiscalYear(year=2026, starts_on=date(2025, 7, 1), ends_on=date(2026, 6, 30), closed=True))
        session.commit()
    request, person = a_request(world), sign_in("requester")
    with records(world) as session:
        session.get_one(Document, request).bfy = 2026
        session.commit()
    with nothing_changes(world):
        answer = person.press("purchase-request", request, "route")
        assert answer.status_code == 409 and "FY2026 is closed" in answer.text
    basket = a_basket(world)
    with nothing_changes(world):
        for forged in ("999999", "0"):
            answer = person.press("market-basket", basket, "route", approvers=forged)
            assert answer.status_code == 409, forged


# RB-09: fields that no form has.

FORGED = {
    "id": "1",
    "state": "approved",
    "number": "PR-1",
    "kind": "invoice",
    "owner_id": "2",
    "owner": "2",
    "created_by_id": "2",
    "created_by": "2",
    "organization_id": "5",
    "organization": "5",
    "total": "0.01",
    "version_id": "99",
    "released_at": "2026-01-01",
    "approved_at": "2026-01-01",
    "class_code": "99",
    "position": "7",
    "amount": "0.01",
    "source_line_id": "1",
    "agreement_line_id": "1",
    "agreement_line": "1",
    "vendor_id": "2",
    "document_id": "1",
    "document": "1",
    "supply": "agreement",
    "catalog_item_id": "1",
    "password": "x",
    "login_count": "99",
    "path": "/1/",
    "placed_by_id": "1",
    "approval_limit": "999999",
}


def test_rb_09_only_the_forms_own_fields_are_taken(world, sign_in):
    request, person = a_request(world), sign_in("requester")
    line = line_id(world, request)

    def kept() -> tuple:
        with records(world) as session:
            one, first = session.get_one(Document, request), session.get_one(LineItem, line)
            return (
                one.state,
                one.number,
                one.kind,
                one.owner_id,
                one.created_by_id,
                one.organization_id,
                one.total,
                one.released_at,
                one.class_code,
                first.amount,
                first.source_line_id,
                first.agreement_line_id,
                first.vendor_id,
                first.document_id,
                first.supply,
                first.position,
                first.catalog_item_id,
            )

    before = kept()
    page = person.get(f"/purchase-request/show/{request}").text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)[1]
    answer = person.post(
        f"/purchase-request/edit/{request}",
        follow=False,
        **(
            FORGED
            | {
                "title": "Printers, two",
                "version": version,
                "type_of_action": "new",
                "bfy": "2027",
                "afy": "2027",
                "afm": "5",
            }
        ),
    )
    assert answer.status_code == 302
    answer = person.post(f"/purchase-request/line/{request}/{line}/save", **(FORGED | {"quantity": "2"}))
    assert answer.status_code == 200
    assert kept() == before
    with records(world) as session:
        assert session.get_one(Document, request).title == "Printers, two"


def test_rb_09_a_new_document_belongs_to_who_made_it(world, sign_in):
    person = sign_in("requester")
    answer = person.post("/market-basket/add", follow=False, **(FORGED | {"title": "Chairs"}))
    assert answer.status_code == 302
    with records(world) as session:
        made = session.scalar(select(MarketBasket).where(MarketBasket.title == "Chairs"))
        assert (made.state, made.owner_id, made.created_by_id, made.organization_id, made.number) == (
            "draft",
            world.ids["requester"],
            world.ids["requester"],
            world.ids["clinic"],
            None,
        )


def test_rb_09_a_state_cannot_be_posted_onto_a_document(world, sign_in):
    """FAB copies a form onto the record before anybody asks whether it may be changed."""
    request = a_request(world, "approved")
    person = sign_in("requester")
    with nothing_changes(world):
        answer = person.post(f"/purchase-request/edit/{request}", state="draft", title="Thawed", version="1")
        assert answer.status_code == 409


# RB-11: searching for what one may not see.


def test_rb_11_searching_finds_no_title_of_another_office(both):
    a_basket(both, "routed", BENCH, place=PARKS, title="Zanzibar benches")
    a_basket(both, "draft", PRINTER, title="Zanzibar printers")
    person = Person(both.app, "requester")
    paths = {rule.rule for rule in both.app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments}
    asked = 0
    for path in sorted(paths - {"/login/"}):
        answer = person.client.get(path, query_string={"q": "Zanzibar", "search": "Zanzibar", "text": "Zanzibar"})
        assert "benches" not in answer.text.lower().replace("zanzibar benches?", ""), path
        asked += "Zanzibar printers" in answer.text
    assert asked >= 1
    assert "benches" not in person.client.get("/purchase-request/lookup/agreement?q=Zanzibar").text


# RB-13: helping oneself to rights.


def test_rb_13_nobody_but_administrators_touches_accounts_and_roles(world):
    for role, name in PEOPLE.items():
        if role == "Admin":
            continue
        person = Person(world.app, name)
        me = world.ids[name]
        with nothing_changes(world):
            for path in (
                f"/ab-user/edit/{me}",
                "/ab-user/add",
                "/roles/show/1",
                f"/profile/edit/{me}",
                "/profile/add",
                "/routing-rule/add",
                "/policy/add",
            ):
                answer = person.post(
                    path,
                    roles_chosen="1",
                    approval_limit="99999999",
                    grant="can_edit:User",
                    username="x",
                    first_name="x",
                    last_name="x",
                    email="x@example.org",
                )
                assert answer.status_code == 403, (name, path)
    for path in (
        "/users/list/",
        "/userinfoeditview/form",
        "/resetpassword/form",
        "/resetmypassword/form",
        "/registeruser/list/",
        "/api/v1/security/login",
        "/api/v1/security/refresh",
        "/swagger/v1",
    ):
        assert Person(world.app, "admin").get(path).status_code in (404, 405), path


def test_rb_13_an_administrator_holds_no_business_role(world, sign_in):
    admin = sign_in("admin")
    with records(world) as session:
        ids = dict(session.execute(select(Role.name, Role.id)).all())
    with nothing_changes(world):
        answer = admin.post(
            f"/ab-user/edit/{world.ids['admin']}",
            version="",
            username="admin",
            first_name="Ada",
            last_name="Admin",
            email="admin@example.org",
            active="y",
            roles_chosen=[str(ids["Admin"]), str(ids["Approver"])],
        )
        assert answer.status_code == 422 and "Admin is held alone" in answer.text
        answer = admin.post(
            f"/ab-user/edit/{world.ids['admin']}",
            version="",
            username="admin",
            first_name="Ada",
            last_name="Admin",
            email="admin@example.org",
            active="y",
            roles_chosen=[str(ids["Approver"])],
        )
        assert answer.status_code == 422 and "lock yourself out" in answer.text


def test_rb_13_nothing_is_granted_to_the_public(world):
    with records(world) as session:
        public = session.scalar(select(Role).where(Role.name == "Public"))
        assert public is None or public.permissions == []


def test_rb_13_rights_are_compared_whole_and_not_by_their_beginning(world):
    """`Vendor` grants nothing on `VendorHold`; FAB's role patterns would match it."""
    with records(world):
        receiver = world.actor("receiver")
        assert receiver.may("list", "Vendor")
        assert not receiver.may("list", "VendorHold") and not receiver.may("list", "Vend")
        assert not receiver.may("edit", "Receip") and not receiver.may("edi", "Receipt")
    assert not world.app.config.get("FAB_ROLES")


# RB-14: the books by hand.


def test_rb_14_no_route_writes_to_the_books_or_the_trail(world):
    own = {Posting: "posting", StripBalance: "strip-balance"}
    for rule in world.app.url_map.iter_rules():
        for base in own.values():
            if rule.rule.startswith(f"/{base}/"):
                assert "POST" not in rule.methods, rule.rule
    assert AuditEntry not in SCREENS
    a_request(world, "released")
    for name in ("admin", "fiscal", "auditor"):
        person = Person(world.app, name)
        with nothing_changes(world):
            for base in (
                "posting",
                "strip-balance",
                "audit-entry",
                "audit-head",
                "number-series",
                "sign-in",
                "payment",
            ):
                for path in ("add", "edit/1", "delete/1"):
                    assert person.post(f"/{base}/{path}", amount="1", new="x").status_code in (404, 405), (base, path)


@pytest.mark.parametrize(("path", "data"), [("attach", {"file": True}), ("note", {"text": "Looked at."})])
def test_rb_14_who_only_reads_leaves_no_mark_on_a_document(world, sign_in, path, data):
    """Pair 16 of the duties: an auditor writes nothing, a note or a paper neither."""
    request, auditor = a_request(world, "routed"), sign_in("auditor")
    page = auditor.get(f"/purchase-request/show/{request}").text
    assert f"/purchase-request/{path}/" not in page
    sent = {"file": (BytesIO(b"x"), "x.txt")} if "file" in data else data
    with nothing_changes(world):
        assert auditor.post(f"/purchase-request/{path}/{request}", **sent).status_code == 403
    assert f"/purchase-request/{path}/" in sign_in("requester").get(f"/purchase-request/show/{request}").text


# RB-15: files by name.


def test_rb_15_a_file_is_sent_only_with_its_own_document(world, sign_in):
    mine, other = a_basket(world), a_request(world)
    person = sign_in("requester")
    person.post(f"/market-basket/attach/{mine}", file=(BytesIO(b"mine"), "mine.txt"))
    with records(world) as session:
        paper = session.scalar(select(Attachment.id))
    assert person.get(f"/market-basket/file/{mine}/{paper}").data == b"mine"
    for path in (
        f"/purchase-request/file/{other}/{paper}",
        f"/market-basket/file/{mine}/{paper + 1}",
        f"/market-basket/file/{mine}/..%2f..%2fapp.db",
        f"/market-basket/file/{mine}/mine.txt",
        "/market-basket/download/mine.txt",
        f"{world.app.static_url_path}/../../config.py",
        f"{world.app.static_url_path}/..%2f..%2fconfig.py",
        f"{world.app.static_url_path}/%2e%2e/%2e%2e/config.py",
        "/uploads/mine.txt",
        f"/market-basket/file/{mine}/{'9' * 40}",
    ):
        assert person.get(path).status_code == 404, path
    assert not [
        rule.rule for rule in world.app.url_map.iter_rules() if "download" in rule.rule or "action" in rule.endpoint
    ]


# RB-17: rights that were taken away.


def test_rb_17_a_demoted_person_loses_the_right_with_the_next_click(world, sign_in):
    approver = sign_in("approver")
    request = a_request(world, "routed")
    with records(world) as session:
        user = session.scalar(select(User).where(User.username == "approver"))
        user.roles = list(session.scalars(select(Role).where(Role.name == "Evaluator")))
        session.commit()
    with nothing_changes(world):
        assert approver.press("purchase-request", request, "approve").status_code in (403, 409)
        assert approver.get("/funding-strip/list/").status_code == 403


def test_rb_17_a_deactivated_person_is_out_at_once(world, sign_in):
    approver = sign_in("approver")
    assert approver.get("/profile/").status_code == 200
    admin = sign_in("admin")
    with records(world) as session:
        role = session.scalar(select(Role.id).where(Role.name == "Approver"))
    answer = admin.post(
        f"/ab-user/edit/{world.ids['approver']}",
        follow=False,
        version="",
        username="approver",
        first_name="Amos",
        last_name="Approver",
        email="approver@example.org",
        roles_chosen=str(role),
    )
    assert answer.status_code == 302
    assert approver.client.get("/profile/").headers["Location"].startswith("/login/")
    with pytest.raises(AssertionError):
        Person(world.app, "approver", PASSWORD)


def test_rb_17_a_right_that_is_taken_from_a_role_is_gone_for_all_its_people(world, sign_in):
    receiver, admin = sign_in("receiver"), sign_in("admin")
    with records(world) as session:
        role = session.scalar(select(Role.id).where(Role.name == "Receiver"))
    assert receiver.get("/delivery-order/list/").status_code == 200
    admin.post(f"/roles/show/{role}", grant=["can_list:Receipt", "can_show:Receipt"])
    assert receiver.get("/delivery-order/list/").status_code == 403
    with records(world):
        assert world.actor("receiver").grants == {("can_list", "Receipt"), ("can_show", "Receipt")}


def test_rb_17_there_is_no_other_door(world):
    """No token, no API, no basic authentication."""
    client = world.app.test_client()
    for how in ({"headers": {"Authorization": "Bearer x"}}, {"auth": ("admin", PASSWORD)}):
        answer = client.get("/vendor/list/", **how)
        assert answer.headers["Location"].startswith("/login/")
    assert not [
        rule.rule
        for rule in world.app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.endpoint != "MenuApi.get_menu_data"
    ]


# RB-18: deputies.


def test_rb_18_a_deputy_of_a_deputy_signs_nothing_and_an_absence_ends(world):
    only_signer(world, "purchase_request", "manager")
    request = a_request(world, "routed")
    a_deputy(world, "manager", "approver")
    a_deputy(world, "approver", "stranger")
    from app.workflow import Refused

    with records(world), pytest.raises(Refused, match="not your turn"):
        act(world, request, "approve", "stranger")
    world.clock.on("2026-12-05")
    with records(world), pytest.raises(Refused, match="not your turn"):
        act(world, request, "approve", "approver")
    world.clock.on("2026-11-24")
    with records(world):
        act(world, request, "approve", "approver")


def test_rb_18_nobody_takes_another_persons_deputy_away(world, sign_in):
    """An absence is arranged by who is absent."""
    from app.models import Delegation

    a_deputy(world, "approver", "buyer")
    with records(world) as session:
        key = session.scalar(select(Delegation.id))
    person = sign_in("requester")
    with nothing_changes(world):
        for path, fields in ((f"/delegation/edit/{key}", {"ends_on": "2026-11-23"}), (f"/delegation/delete/{key}", {})):
            assert person.post(
                path, version="1", starts_on="2026-11-23", to_user=str(world.ids["requester"]), **fields
            ).status_code in (403, 404), path


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
