"""The desk: cabinets and folders, what lies in them, and where new documents go. Source: DOC-02, F22.01, F22.03."""

import re

import pytest
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import func, select

from app.models import DeliveryOrder, Document, Filing, Profile
from tests.support.calls import Caller
from tests.support.counting import statements
from tests.support.desks import cabinet, containers, folder, lying_in, put, tree
from tests.support.making import BENCH, PARKS, a_basket, a_released_order, a_request, bring, move, records
from tests.support.pages import form_to, words
from tests.support.people import Person


def works_as(world, name, role, office):
    """Somebody changes role and office."""
    with records(world) as session:
        person = session.scalar(select(User).where(User.username == name))
        person.roles = list(session.scalars(select(Role).where(Role.name == role)))
        session.scalar(select(Profile).where(Profile.user_id == person.id)).organization_id = world.ids[office]
        session.commit()


def made_last(world, entity=Document):
    with records(world) as session:
        return session.scalar(select(func.max(entity.id)))


def test_everybody_has_a_first_cabinet_and_looking_at_it_writes_nothing(both):
    request = a_request(both)
    rosa = Person(both.app, "requester")
    assert lying_in(rosa) == [request]
    assert "My documents" in words(rosa.get("/desk/").text)
    assert tree(rosa) == {"0": "1"}
    rosa.get("/desk/container/0")
    rosa.get(f"/purchase-request/show/{request}")
    assert containers(both) == (0, 0)


def test_a_colleagues_documents_are_not_in_mine(world, rosa):
    a_request(world, by="requester")
    assert lying_in(Person(world.app, "approver")) == []
    assert len(lying_in(rosa)) == 1


def test_documents_are_moved_in_bulk_between_ones_own_containers(both):
    requests = [a_request(both, title=f"Printers {number}") for number in range(4)]
    rosa = Person(both.app, "requester")
    lab, storm = folder(rosa, "Laboratory"), folder(rosa, "Storm", cabinet(rosa, "Projects"))
    answer = put(rosa, lab, *requests[:3])
    assert "3 documents moved to My documents / Laboratory." in words(answer.text)
    assert sorted(lying_in(rosa, lab)) == requests[:3] and lying_in(rosa, "0") == requests[3:]
    assert "One document moved to Projects / Storm." in words(put(rosa, storm, requests[0]).text)
    assert sorted(lying_in(rosa, lab)) == requests[1:3] and lying_in(rosa, storm) == requests[:1]
    put(rosa, "0", requests[1])
    assert sorted(lying_in(rosa, "0")) == [requests[1], requests[3]]
    with records(both) as session:
        found = session.scalars(select(Filing.document_id)).all()
    assert len(found) == len(set(found)) == 3, "each in one place"


def test_a_colleagues_document_is_filed_and_taken_out_again(world, rosa):
    request = a_request(world, "routed")
    approver = Person(world.app, "approver")
    watch = folder(approver, "To watch")
    put(approver, watch, request)
    page = words(approver.client.get("/desk/", query_string={"at": watch}).text)
    assert "Rosa Requester" in page and lying_in(approver, watch) == [request]
    assert lying_in(rosa) == [request], "it lies where its owner has it, too"
    put(approver, "off", request)
    assert lying_in(approver, watch) == [] and lying_in(approver, "0") == []


def test_what_one_takes_out_of_ones_folders_lies_in_the_main_cabinet(world, rosa):
    request = a_request(world)
    lab = folder(rosa, "Laboratory")
    put(rosa, lab, request)
    put(rosa, "off", request)
    assert lying_in(rosa, lab) == [] and lying_in(rosa, "0") == [request]


def test_what_one_no_longer_sees_is_not_shown_and_comes_back_with_the_sight(world):
    """Filed by somebody who sees all offices, and who then works in one alone."""
    basket = a_basket(world, "routed", BENCH, place=PARKS)
    auditor = Person(world.app, "auditor")
    desk = folder(auditor, "Samples")
    put(auditor, desk, basket)
    assert lying_in(auditor, desk) == [basket] and tree(auditor)[desk] == "1"
    works_as(world, "auditor", "Evaluator", "clinic")
    assert lying_in(auditor, desk) == [] and tree(auditor)[desk] == "0"
    works_as(world, "auditor", "Auditor", "state")
    assert lying_in(auditor, desk) == [basket]


# The active container.


def test_new_documents_go_where_one_works(both):
    rosa = Person(both.app, "requester")
    lab = folder(rosa, "Laboratory")
    assert "New documents go to My documents / Laboratory." in words(rosa.post("/desk/active", to=lab).text)
    rosa.post("/purchase-request/add", title="Centrifuge")
    assert lying_in(rosa) == lying_in(rosa, lab) == [made_last(both)]
    assert lying_in(Person(both.app, "requester")) == [made_last(both)], "remembered, not kept in the browser"
    rosa.post("/desk/active", to="0")
    rosa.post("/purchase-request/add", title="Chairs")
    assert lying_in(rosa, "0") == [made_last(both)]


def test_the_page_for_a_new_document_asks_where_it_goes(world, rosa):
    lab = folder(rosa, "Laboratory")
    sent = form_to(rosa.get("/purchase-request/add").text, "").sent(title="Centrifuge", container=lab)
    rosa.post("/purchase-request/add", **sent)
    assert lying_in(rosa, lab) == [made_last(world)]
    page = rosa.get("/market-basket/add").text
    assert re.search(rf'<option value="{lab}" selected>My documents / Laboratory', page), "remembered"


@pytest.mark.parametrize("box", ["inbox", "outbox"])
def test_nothing_is_made_in_the_inbox_or_the_outbox(world, rosa, box):
    answer = rosa.post("/purchase-request/add", title="Centrifuge", container=box)
    assert answer.status_code == 422
    assert f"Nothing lies in the {box}: it lists what waits." in words(answer.text)
    assert 'value="Centrifuge"' in answer.text, "what was typed stays"
    assert made_last(world) is None or lying_in(rosa) == []


def test_every_way_of_making_a_document_files_it(world):
    """The form, a basket, a copy, an order of an agreement, a receipt, an invoice and a call: one door."""
    order = a_released_order(world)
    ways = {
        "requester": ["form", "basket", "copy", "call"],
        "buyer": ["order"],
        "receiver": ["receipt"],
        "fiscal": ["invoice"],
    }
    for name, wanted in ways.items():
        person = Person(world.app, name)
        here = folder(person, "Here")
        person.post("/desk/active", to=here)
        for way in wanted:
            before = made_last(world)
            _make(world, person, way, order)
            assert made_last(world) > before, way
            assert made_last(world) in lying_in(person, here), way


def _make(world, person, way, order):
    if way == "form":
        person.post("/purchase-request/add", title="Centrifuge")
    elif way == "basket":
        person.post(f"/items/add/{world.ids['item desk']}", quantity="1")
    elif way == "copy":
        person.post(f"/purchase-request/copy/{a_request(world)}")
    elif way == "call":
        assert Caller(world.app, "requester").post("/purchase-request", {"title": "By call"}).status_code == 201
    elif way == "order":
        agreement = world.ids["MA-A"]
        page = person.get(f"/delivery-order/add?agreement={agreement}").text
        line = re.search(r'name="(quantity-\d+)"', page)[1]
        person.post("/delivery-order/add", agreement=agreement, do="make", **{line: "2"})
    elif way == "receipt":
        form = form_to(person.get(f"/receipt/add?order={order}").text, "")
        person.post("/receipt/add", **form.sent(do="save"))
    else:
        form = form_to(person.get(f"/invoice/add?order={order}").text, "/invoice/add")
        person.post("/invoice/add", **form.sent(vendor_invoice_number="77"))


def test_what_a_release_makes_lies_in_the_main_cabinet_of_who_released_it(both):
    """IN-07: the final approver finds the orders in the cabinet that everybody has, wherever they work just now."""
    approver = Person(both.app, "approver")
    approver.post("/desk/active", to=folder(approver, "This week"))
    bring(both, a_basket(both), "released")
    with records(both) as session:
        (order,) = session.scalars(select(DeliveryOrder.id).where(DeliveryOrder.owner_id == both.ids["approver"]))
    assert lying_in(approver, "0") == [order]


# The document's page.


def test_the_documents_page_says_where_it_lies_and_moves_it(world, rosa):
    request = a_request(world)
    lab = folder(rosa, "Laboratory")
    page = rosa.get(f"/purchase-request/show/{request}").text
    assert "Lies in My documents ." in words(page)
    form = form_to(page, "/desk/move")
    answer = rosa.post("/desk/move", **form.sent(to=lab))
    assert answer.request.path == f"/purchase-request/show/{request}"
    assert "Lies in My documents / Laboratory ." in words(answer.text)


def test_a_colleague_reads_that_it_is_in_none_of_theirs(world):
    request = a_request(world, "routed")
    assert "In none of your folders." in words(
        Person(world.app, "approver").get(f"/purchase-request/show/{request}").text
    )


# The containers themselves.


def test_a_container_is_renamed_and_ordered(both):
    rosa = Person(both.app, "requester")
    first, second = folder(rosa, "First"), folder(rosa, "Second")
    rosa.post(f"/desk/container/{first}/rename", name="  Laboratory   2027 ")
    rosa.post(f"/desk/container/{second}/shift", by="up")
    page = words(rosa.get("/desk/").text)
    assert page.index("Second") < page.index("Laboratory 2027")
    rosa.post(f"/desk/container/{second}/shift", by="down")
    page = words(rosa.get("/desk/").text)
    assert page.index("Laboratory 2027") < page.index("Second")


def test_the_main_cabinet_may_be_renamed_and_stays(both):
    request = a_request(both)
    rosa = Person(both.app, "requester")
    rosa.post("/desk/container/0/rename", name="Desk drawer")
    assert "Desk drawer" in words(rosa.get("/desk/").text)
    assert lying_in(rosa, "0") == [request], "the key of before still leads there"
    answer = rosa.post("/desk/container/0/delete", to=cabinet(rosa, "Projects"))
    assert answer.status_code == 422 and "“Desk drawer” stays" in words(answer.text)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Give the folder a name."),
        ("laboratory", "There is already a folder called “laboratory” here."),
        ("Inbox", "is what the list of waiting documents is called"),
        ("n" * 81, "The name has 81 characters"),
        ("N\x00", ""),
    ],
)
def test_a_name_that_does_not_fit_is_refused_and_stays_typed(rosa, name, said):
    folder(rosa, "Laboratory")
    answer = rosa.post("/desk/container/add", name=name, at="0")
    assert answer.status_code == (422 if said else 200)
    assert said in words(answer.text)
    assert f'value="{name}"' in answer.text or not said


def test_the_same_name_may_stand_in_another_cabinet(rosa):
    projects = cabinet(rosa, "Projects")
    assert folder(rosa, "2027") != folder(rosa, "2027", projects)
    answer = rosa.post("/desk/container/add", name="My documents")
    assert answer.status_code == 422, "the first cabinet has that name already, written or not"


def test_there_are_two_levels_and_no_more(rosa):
    """A folder asked for inside a folder stands beside it."""
    lab = folder(rosa, "Laboratory")
    inner = folder(rosa, "Deeper", lab)
    assert inner.split("-")[0] == lab.split("-")[0]


def test_deleting_a_folder_loses_nothing(both):
    requests = [a_request(both) for _ in range(3)]
    rosa = Person(both.app, "requester")
    lab = folder(rosa, "Laboratory")
    put(rosa, lab, *requests)
    rosa.post("/desk/active", to=lab)
    page = rosa.get(f"/desk/container/{lab}").text
    form = form_to(page, "/delete")
    assert form.fields["to"] == [lab.split("-")[0]], "the cabinet itself is offered first"
    answer = rosa.post(f"/desk/container/{lab}/delete", **form.sent())
    assert "“Laboratory” is deleted; what lay in it lies in My documents now." in words(answer.text)
    assert sorted(lying_in(rosa, "0")) == requests and containers(both) == (1, 0)
    rosa.post("/purchase-request/add", title="Centrifuge")
    assert made_last(both) in lying_in(rosa, "0"), "new documents follow"


def test_deleting_a_cabinet_moves_what_lies_in_it_and_in_its_folders(both):
    requests = [a_request(both) for _ in range(2)]
    rosa = Person(both.app, "requester")
    projects, archive = cabinet(rosa, "Projects"), cabinet(rosa, "Archive")
    storm = folder(rosa, "Storm", projects)
    put(rosa, projects, requests[0])
    put(rosa, storm, requests[1])
    for inside in (projects, storm):
        answer = rosa.post(f"/desk/container/{projects}/delete", to=inside)
        assert answer.status_code == 422 and "has to move somewhere else" in words(answer.text)
    rosa.post(f"/desk/container/{projects}/delete", to=archive)
    assert sorted(lying_in(rosa, archive)) == requests and containers(both) == (1, 0)


# However much lies there.


def test_a_page_of_the_desk_asks_the_same_number_of_times_however_much_lies_there(both):
    rosa = Person(both.app, "requester")

    def asked():
        rosa.get("/desk/")
        with statements(both.app) as said:
            rosa.get("/desk/?at=0")
        return len(said)

    a_request(both)
    few = asked()
    for number in range(4):
        put(rosa, folder(rosa, f"Folder {number}", cabinet(rosa, f"Cabinet {number}")), a_request(both))
    for _ in range(6):
        a_request(both)
    assert asked() <= few + 1, "one more for the folders"


def test_the_list_is_searched_sorted_and_paged(world, rosa):
    requests = [a_request(world, title=f"Printer {number:02}") for number in range(28)]
    move(world, requests[3], ("route", "requester"))
    assert lying_in(rosa, "0", q="Printer 07") == [requests[7]]
    assert lying_in(rosa, "0", order="title", size="25") == requests[:25]
    assert lying_in(rosa, "0", order="title", size="25", page="2") == requests[25:]
    assert lying_in(rosa, "0", q="PR-2027%") == [requests[3]]
