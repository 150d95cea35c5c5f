"""Field notes on Flask-AppBuilder, SQLAlchemy and SQLite: each trap that somebody has measured gets a test, so that
nobody steps into it again (docs: architecture, field notes)."""

import re
import threading

import pytest
from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu
from sqlalchemy import Table, func, insert, select
from sqlalchemy.sql import visitors

from app import access, grants
from app.extensions import db
from app.models import CommodityCode, Document, FundingStrip, MarketBasket, Organization, OrganizationContact, Vendor
from app.screens import listing
from app.screens.base import SCREENS, Records, Screen
from tests.abuse.evidence import at_once, nothing_changes
from tests.support.counting import statements
from tests.support.making import BENCH, PARKS, PRINTER, a_basket, a_request, line_id, records
from tests.support.people import Person


def versions_of(page: str) -> str:
    return re.search(r'name="version"[^>]*value="(\d+)"', page)[1]


# Default columns, relations in forms.


def test_a_form_with_a_reference_to_many_vendors_stays_small(world):
    """FAB's form writes every vendor into the page."""
    with records(world) as session:
        session.execute(
            insert(Vendor), [{"number": f"V{number:05}", "name": f"Vendor {number}"} for number in range(3000)]
        )
        session.commit()
    crc = Person(world.app, "crc")
    with statements(world.app) as asked:
        page = crc.get("/vendor-address/add")
    assert page.status_code == 200 and len(page.data) < 100_000
    assert len(asked) < 25


def test_a_lookup_answers_twenty_and_says_that_there_are_more(world):
    crc = Person(world.app, "crc")
    with records(world) as session:
        session.execute(
            insert(Vendor), [{"number": f"V{number:05}", "name": f"Vendor {number}"} for number in range(30)]
        )
        session.commit()
    answer = crc.client.get("/vendor-address/lookup/vendor?q=Vendor").json
    assert (len(answer["results"]), answer["more"]) == (20, True)
    answer = crc.client.get("/vendor-address/lookup/vendor?q=V00012").json
    assert [one["text"] for one in answer["results"]] == ["V00012 Vendor 12"] and answer["more"] is False
    assert crc.client.get("/vendor-address/lookup/notes?q=x").status_code == 404


# Actions, child lists, posted keys.


def test_flask_appbuilders_own_actions_and_downloads_are_not_there(world):
    """They load a record without asking what the person may see."""
    ends = {rule.endpoint.rpartition(".")[2] for rule in world.app.url_map.iter_rules()}
    assert not ends & {
        "action",
        "action_post",
        "download",
        "api",
        "api_read",
        "api_create",
        "api_update",
        "api_delete",
        "muldelete",
        "chart",
    }
    assert not [
        rule.rule
        for rule in world.app.url_map.iter_rules()
        if "/api/" in rule.rule and "menu" not in rule.rule and not rule.endpoint.startswith("api.")
    ]


def test_a_list_inside_a_page_obeys_sight(both):
    """A vendor is everybody's; the strips and postings on a strip's page are not."""
    from app.models import Posting, StripBalance

    a_request(both, "released", BENCH, place=PARKS)
    fiscal = Person(both.app, "fiscal")
    assert fiscal.get(f"/funding-strip/show/{both.ids['P1']}").status_code == 404
    page = fiscal.get(f"/organization/show/{both.ids['parks']}")
    assert page.status_code == 200 and "Parks dock" not in page.text
    with records(both) as session:
        balance = session.scalar(select(StripBalance.id).where(StripBalance.strip_id == both.ids["P1"]))
        posting = session.scalar(select(Posting.id).where(Posting.strip_id == both.ids["P1"]))
    assert fiscal.get(f"/strip-balance/show/{balance}").status_code == 404
    assert fiscal.get(f"/posting/show/{posting}").status_code == 404


# Saving: a state that is posted, an error that loses input, an error that shows SQL, a form that is stale.


def test_a_posted_state_thaws_nothing(both):
    request = a_request(both, "released")
    buyer = Person(both.app, "buyer")
    with nothing_changes(both):
        answer = buyer.post(f"/purchase-request/edit/{request}", state="draft", title="x", version="1")
        assert answer.status_code == 409


def test_a_stale_form_says_so_and_keeps_what_was_typed(both):
    crc = Person(both.app, "crc")
    path = f"/vendor/edit/{both.ids['vendor A']}"
    opened = versions_of(crc.get(path).text)
    fields = {"number": "VN-A", "suffix": "00", "net_days": "30", "disbursement": "check"}
    first = crc.post(path, version=opened, name="Adesso, renamed", follow=False, **fields)
    assert first.status_code == 302
    second = crc.post(path, version=opened, name="Adesso, mine", **fields)
    assert second.status_code == 409
    assert "Adesso, mine" in second.text and "Somebody else has changed this record" in second.text
    with records(both) as session:
        assert session.get_one(Vendor, both.ids["vendor A"]).name == "Adesso, renamed"
    third = crc.post(path, version=versions_of(second.text), name="Adesso, mine", follow=False, **fields)
    assert third.status_code == 302, "having compared, one saves again"


def test_a_stale_document_says_so_and_keeps_what_was_typed(both):
    basket, person = a_basket(both), Person(both.app, "requester")
    page = person.get(f"/market-basket/show/{basket}").text
    opened = versions_of(page)
    path = f"/market-basket/edit/{basket}"
    assert person.post(path, title="First", version=opened, follow=False).status_code == 302
    answer = person.post(path, title="Second", version=opened)
    assert answer.status_code == 409 and "Second" in answer.text
    with records(both) as session:
        assert session.get_one(MarketBasket, basket).title == "First"


def test_two_who_save_at_once_do_not_overwrite_each_other(both):
    """The version is asked again by the database."""
    people = [Person(both.app, "crc") for _ in range(4)]
    path = f"/vendor/edit/{both.ids['vendor A']}"
    opened = versions_of(people[0].get(path).text)
    fields = {"number": "VN-A", "suffix": "00", "net_days": "30", "disbursement": "check", "version": opened}
    codes = at_once(
        both,
        lambda number: people[number].post(path, name=f"Name {number}", follow=False, **fields).status_code,
        times=4,
    )
    assert sorted(codes)[0] == 302 and all(code in (409, 422) for code in sorted(codes)[1:]), codes


@pytest.mark.parametrize(
    "path, fields, says",
    [
        (
            "/vendor/add",
            {"number": "VN-A", "suffix": "00", "name": "Twin", "net_days": "30", "disbursement": "check"},
            "already has the same number and suffix",
        ),
        ("/vendor-commodity/add", {"vendor": "1", "commodity_code": "1"}, "already has the same"),
    ],
)
def test_what_the_database_refuses_is_said_in_words(both, path, fields, says):
    crc = Person(both.app, "crc")
    if "commodity" in path:
        crc.post(path, **fields)
    with nothing_changes(both):
        answer = crc.post(path, **fields)
        assert answer.status_code == 422
        assert says in answer.text
        for word in (
            "SELECT",
            "INSERT",
            "UNIQUE constraint",
            "IntegrityError",
            "psycopg",
            "sqlite3",
            "violates",
            "DETAIL",
        ):
            assert word not in answer.text
    assert fields.get("name", fields.get("reason", "")) in answer.text, "what was typed is still there"


def test_a_record_that_is_in_use_stays_and_the_page_says_so(both):
    buyer = Person(both.app, "buyer")
    with nothing_changes(both):
        answer = buyer.post(f"/commodity-code/delete/{both.ids['7510']}")
        assert answer.status_code == 200 and "in use and stays on record" in answer.text


# Filters belong to a request.


def test_two_people_at_once_do_not_see_each_others_filters(world):
    people = {"KCI": Person(world.app, "crc"), "Adesso": Person(world.app, "buyer")}
    names = {"KCI": "Correctional Industries", "Adesso": "Adesso Supply"}
    wrong: list[str] = []
    start = threading.Barrier(2)

    def look(word: str) -> None:
        start.wait()
        for _ in range(15):
            text = people[word].client.get("/vendor/list/", query_string={"_flt_2_name": names[word]}).text
            others = [name for name in names.values() if name != names[word] and f">{name}<" in text.replace("\n", "")]
            if others or names[word] not in text:
                wrong.append(f"{word} saw {others}")

    threads = [threading.Thread(target=look, args=(word,)) for word in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# Numbers of queries.


def test_rights_are_read_once_a_request(world, sign_in):
    """FAB asks the database about ninety times a page."""
    person = sign_in("buyer")
    person.get("/vendor/list/")
    with statements(world.app) as asked:
        person.get("/vendor/list/")
    assert len([one for one in asked if "ab_permission" in one]) <= 2
    assert len(asked) <= 20, asked


def more_rows(world, path: str, count: int) -> None:
    """Make so many more rows for a list."""
    makers = {
        "/market-basket/list/": lambda: [a_basket(world, "draft", PRINTER) for _ in range(count)],
        "/purchase-request/list/": lambda: [a_request(world, "draft") for _ in range(count)],
        "/vendor/list/": lambda: _rows(world, [Vendor(number=f"M{n}-{count}", name=f"More {n}") for n in range(count)]),
        "/funding-strip/list/": lambda: _rows(
            world,
            [
                FundingStrip(code=f"M{n}-{count}", name="More", organization_id=world.ids["clinic"])
                for n in range(count)
            ],
        ),
        "/organization-contact/list/": lambda: _rows(
            world, [OrganizationContact(organization_id=world.ids["clinic"], name=f"More {n}") for n in range(count)]
        ),
        "/commodity-code/list/": lambda: _rows(
            world, [CommodityCode(scheme_id=1, code=f"M{n}-{count}", name="More") for n in range(count)]
        ),
        "/organization/list/": lambda: _rows(
            world,
            [
                Organization(code=f"M{n}-{count}", name="More", parent_id=world.ids["state"], path="/1/")
                for n in range(count)
            ],
        ),
    }
    makers[path]()


def _rows(world, made: list) -> None:
    with records(world) as session:
        session.add_all(made)
        session.commit()


@pytest.mark.parametrize(
    "path, name",
    [
        ("/market-basket/list/", "requester"),
        ("/purchase-request/list/", "requester"),
        ("/vendor/list/", "crc"),
        ("/funding-strip/list/", "fiscal"),
        ("/organization-contact/list/", "admin"),
        ("/commodity-code/list/", "buyer"),
        ("/organization/list/", "admin"),
    ],
)
def test_fifty_rows_cost_as_many_queries_as_five(world, path, name):
    person = Person(world.app, name)
    more_rows(world, path, 5)
    person.get(path)
    with statements(world.app) as few:
        person.get(path)
    more_rows(world, path, 45)
    person.get(path)  # a new office renews the stamp of rights, which are then read once
    with statements(world.app) as many:
        page = person.get(path)
    assert page.text.count("<tr") >= 50
    assert len(many) <= len(few) + 1, [one[:120] for one in many]


def test_a_document_with_fifty_lines_costs_as_many_queries_as_one_with_five(world, sign_in):
    requester, asked = sign_in("requester"), {}
    for lines in (5, 50):
        basket = a_basket(world, "draft", *[PRINTER] * lines)
        requester.get(f"/market-basket/show/{basket}")
        with statements(world.app) as asked[lines]:
            assert requester.get(f"/market-basket/show/{basket}").status_code == 200
    assert len(asked[50]) <= len(asked[5]) + 2, [one[:120] for one in asked[50]]
    assert len(asked[50]) <= 60


def test_a_list_is_counted_no_further_than_the_cap(world, sign_in, monkeypatch):
    monkeypatch.setattr(listing, "COUNT_CAP", 10)
    _rows(world, [Vendor(number=f"C{number}", name=f"Vendor {number}") for number in range(30)])
    person = sign_in("crc")
    with statements(world.app) as asked:
        page = person.get("/vendor/list/?size=25")
    assert "10,000+" in page.text and "31 records" not in page.text
    counting = next(one for one in asked if "count(" in one.lower())
    assert "LIMIT" in counting


def test_a_list_names_the_type_of_document(world, sign_in):
    """Without it the database does not use the indexes of the header, and sorting a million takes a tenth of a second."""
    person = sign_in("requester")
    for query in ("", "?order=total", "?view=drafts", "?_flt_3_state=draft"):
        with statements(world.app) as asked:
            person.get(f"/market-basket/list/{query}")
        paged = [one for one in asked if "FROM document" in one and "LIMIT" in one]
        assert paged and all("document.kind = " in one for one in paged), paged


def test_the_lists_of_documents_join_nothing(world):
    """So that they are counted by the header alone, without a look at how their statement is put together."""
    screens = [one for one in SCREENS.values() if issubclass(one.entity, Document)]
    assert len(screens) > 5
    for screen in screens:
        with world.app.test_request_context():
            (asked,) = screen().statement().get_final_froms()
        tables = {one for one in visitors.iterate(asked) if isinstance(one, Table)}
        assert tables <= {Document.__table__, screen.entity.__table__}, screen


# Arguments of the address.


SENSELESS = (
    "page=abc", "page=-1", "page=999999999999999999999", "page=1.5", "size=1000000", "size=-5", "size=abc", "size=0",
    "order=", "dir=sideways", "dir=desc", "view=nonsense", "q=", "page=" + "9" * 5000, "size=" + "9" * 5000,
)  # fmt: skip


def test_a_senseless_argument_is_ignored(both):
    for name, path in (("requester", "/market-basket/list/"), ("crc", "/vendor/list/"), ("fiscal", "/posting/list/")):
        person = Person(both.app, name)
        for query in SENSELESS:
            answer = person.client.get(f"{path}?{query}")
            assert answer.status_code == 200 and answer.text.count("<tr") <= 201, (path, query)
        for order in ("nonsense", "password", "__class__", "id;DROP", "owner.password"):
            assert person.client.get(path, query_string={"order": order}).status_code == 400, (path, order)


def test_numbers_are_filtered_as_numbers(both):
    """FAB hands the text on, and PostgreSQL refuses to compare it with a number."""
    a_request(both, "draft", title="Two hundred")
    person = Person(both.app, "requester")
    readable, unreadable = ("200.00", "200", "$200"), ("199.99", "abc", "1e5", "9" * 40, "199.999")
    for value in (*readable, *unreadable):
        text = person.get(f"/purchase-request/list/?_flt_0_total={value}").text
        assert ("Two hundred" in text) == (value in readable), value


def test_numbers_dates_and_yes_and_no_are_compared(both):
    a_request(both, "draft", title="Two hundred")
    person, fiscal = Person(both.app, "requester"), Person(both.app, "fiscal")
    for query, found in (
        ("_flt_1_total=199.99", True),
        ("_flt_1_total=200", False),
        ("_flt_2_total=200.01", True),
        ("_flt_3_total=200", False),
        ("_flt_1_due_on=2026-01-01", True),
        ("_flt_2_due_on=2026-01-01", False),
        ("_flt_0_due_on=nonsense", False),
        ("_flt_3_state=draft", True),
        ("_flt_7_state=draft", False),
    ):
        assert ("Two hundred" in person.get(f"/purchase-request/list/?{query}").text) == found, query
    for query, found in (
        ("_flt_0_active=yes", True),
        ("_flt_0_active=no", False),
        ("_flt_1_active=no", True),
        ("_flt_0_active=maybe", False),
    ):
        assert ("General fund" in fiscal.get(f"/funding-strip/list/?{query}").text) == found, query


# Rights in the database.


def test_writing_the_rights_again_writes_nothing(both):
    with records(both) as session:
        before = [
            session.scalar(select(func.count()).select_from(one)) for one in (Permission, ViewMenu, PermissionView)
        ]
        with statements(both.app) as asked:
            assert grants.sync(session, access.pairs()) == 0
        assert not [one for one in asked if one.startswith(("INSERT", "UPDATE", "DELETE"))]
        assert before == [
            session.scalar(select(func.count()).select_from(one)) for one in (Permission, ViewMenu, PermissionView)
        ]


def test_rights_are_written_in_bulk_and_by_several_at_once(both):
    """FAB writes them row by row at every start, and workers that start together crash each other."""
    pairs = access.pairs() | {
        "Archivist": {(f"can_{verb}", f"Paper{number}") for verb in ("list", "show") for number in range(40)}
    }
    with statements(both.app) as asked:
        done = at_once(both, lambda _: grants.sync(db.session(), pairs), times=6)
    assert sorted(done) == [0, 0, 0, 0, 0, 80]
    assert len([one for one in asked if one.startswith("INSERT")]) <= 6
    with records(both) as session:
        role = session.scalar(select(Role).where(Role.name == "Archivist"))
        assert grants.of_role(session, role) == pairs["Archivist"]


def test_what_an_administrator_took_away_is_not_given_back_by_the_setup(world):
    with records(world) as session:
        role = session.scalar(select(Role).where(Role.name == "Receiver"))
        grants.set_role(session, role, {("can_list", "Receipt")})
        session.commit()
        grants.sync(session, access.pairs())
        assert grants.of_role(session, role) == {("can_list", "Receipt")}


def test_a_starting_worker_writes_no_rights_and_makes_no_tables(world):
    from app import create_app

    with statements(world.app) as asked:
        create_app(SQLALCHEMY_DATABASE_URI=str(world.app.config["SQLALCHEMY_DATABASE_URI"]))
    assert world.app.config["FAB_CREATE_DB"] is False and world.app.config["FAB_UPDATE_PERMS"] is False
    assert not [one for one in asked if one.startswith(("INSERT", "CREATE", "UPDATE"))]
    assert not [thread.name for thread in threading.enumerate() if "APScheduler" in thread.name]


def test_roles_match_no_patterns(world):
    assert "FAB_ROLES" not in world.app.config or world.app.config["FAB_ROLES"] == {}


# Classes and sessions.


def test_the_reference_of_a_child_list_is_found_for_a_joined_table(world):
    """FAB compares classes by identity, which misses every type of document."""
    from app.models import Attachment, LineItem

    assert Records(LineItem).get_related_fk(MarketBasket) is not None
    assert Records(Attachment).get_related_fk(MarketBasket) == "document"


def test_forms_are_not_made_by_flask_appbuilder(world):
    """Its forms load every row of every related table when the application starts."""
    for screen in world.app.appbuilder.baseviews:
        if isinstance(screen, Screen):
            assert not hasattr(screen, "add_form") or screen.add_form is None
            assert not hasattr(screen, "search_form") or screen.search_form is None


def test_every_request_starts_with_nobody(world, sign_in):
    """`g` and the session's sight leak from request to request under one context."""
    person = sign_in("auditor")
    assert person.get("/vendor/list/").status_code == 200
    with world.app.test_client() as client:
        assert client.get("/vendor/list/").headers["Location"].startswith("/login/")
    with records(world) as session:
        assert session.info.get("sight") is None and session.info.get("actor") is None


def test_a_get_waits_for_no_writer(databases, world, sign_in):
    """On SQLite a page that only reads is served while somebody writes."""
    person = sign_in("requester")
    person.get("/vendor/list/")
    with world.app.app_context(), db.engine.begin() as writer:
        writer.exec_driver_sql("UPDATE vendor SET notes = 'being written'")
        answers = []
        thread = threading.Thread(target=lambda: answers.append(person.client.get("/vendor/list/").status_code))
        thread.start()
        thread.join(timeout=8)
        assert answers == [200]


def test_a_line_of_somebody_elses_document_is_not_saved_through_mine(world, sign_in):
    mine, other = a_basket(world), a_basket(world)
    person = sign_in("requester")
    with nothing_changes(world):
        assert person.post(f"/market-basket/line/{mine}/{line_id(world, other)}/save", quantity="5").status_code == 404


def test_csrf_is_on_and_its_tokens_live_as_long_as_the_visit(world):
    assert world.app.config["WTF_CSRF_ENABLED"] is True
    assert "csrf" in world.app.extensions
    assert world.app.config["WTF_CSRF_TIME_LIMIT"] is None


def test_time_zones_have_their_data():
    from importlib.metadata import version
    from zoneinfo import ZoneInfo

    assert version("tzdata")
    assert ZoneInfo("America/New_York").key == "America/New_York"
