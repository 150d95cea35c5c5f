"""Field notes on Flask-AppBuilder, SQLAlchemy and SQLite: each trap that somebody has measured gets a test, so that
nobody steps into it again (docs: architecture, field notes)."""

import re
import threading

import pytest
from sqlalchemy import insert, select

from app.extensions import db
from app.models import MarketBasket, Vendor
from app.screens.base import Records, Screen
from tests.abuse.evidence import at_once, nothing_changes
from tests.support.counting import statements
from tests.support.making import BENCH, PARKS, a_basket, a_request, line_id, records
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
