"""RB: what a list tells, a form takes and a search finds beyond what the person may see or change."""

import re

import pytest
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import inspect, select

from app import people, scope
from app.models import (
    Document,
    FundingStrip,
    LineFunding,
    LineItem,
    MarketBasket,
    OrganizationAddress,
    Vendor,
)
from app.screens.base import SCREENS
from tests.abuse.evidence import nothing_changes
from tests.abuse.matrix import furnish
from tests.support.making import BENCH, PARKS, PRINTER, a_basket, a_request, line_id, records
from tests.support.people import Person

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
    assert names("&order=username&dir=desc") == usual[::-1]
    for column in ("password", "profile.approval_limit", "id; DROP TABLE vendor", "%27"):
        for way in ("", "&dir=desc"):
            assert person.get(f"/ab-user/list/?order={column}{way}").status_code == 400, column
            assert person.post(f"/ab-user/export/csv?order={column}{way}").status_code == 400, column


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
        for path in (f"/market-basket/line/{basket}/{line}/funding", f"/market-basket/change/{basket}/funding"):
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
