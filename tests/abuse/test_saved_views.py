"""RB on saved views: a view is its owner's alone, and saves nothing but what its list understands."""

import pytest

from app.models import SavedView
from tests.abuse.evidence import nothing_changes
from tests.support.making import a_request, records

OTHERS = ("approver", "buyer", "auditor", "manager")


def a_view(world, owner: str = "requester", name: str = "Secret plan", standard: bool = True) -> int:
    with records(world) as session:
        view = SavedView(
            user_id=world.ids[owner],
            list_name="purchase_request",
            name=name,
            query="q=Printers",
            standard=standard,
        )
        session.add(view)
        session.commit()
        return view.id


@pytest.mark.parametrize("name", OTHERS)
def test_somebody_elses_view_is_neither_seen_nor_touched(world, sign_in, name):
    a_request(world)
    key, other = a_view(world), sign_in(name)
    for path in ("/purchase-request/list/", f"/purchase-request/list/?saved={key}"):
        page = other.get(path)
        assert page.status_code == 200 and "Secret plan" not in page.text
    with nothing_changes(world):
        for deed in ("change", "delete"):
            assert other.post(f"/views/{deed}/{key}", name="Mine", query="q=x").status_code == 404
        for forged in ("0", "-1", "x", "999999", "99999999999", "1%27"):
            assert other.post(f"/views/change/{forged}", name="Mine", query="q=x").status_code == 404
            assert other.get(f"/purchase-request/list/?saved={forged}").status_code == 200


def test_reading_a_list_writes_nothing(world, sign_in):
    a_view(world)
    rosa = sign_in("requester")
    with nothing_changes(world):
        rosa.get("/purchase-request/list/")
        for path in ("/views/add/purchase_request", "/views/change/1", "/views/delete/1"):
            assert rosa.client.get(path).status_code == 405


def test_a_view_is_of_a_list_that_the_person_may_open(world, sign_in):
    rosa = sign_in("requester")
    assert rosa.post("/views/add/invoice", name="Mine", query="q=x").status_code == 403
    for nothing in ("", "nothing", "saved_view", "../vendor", "audit_entry"):
        assert rosa.post(f"/views/add/{nothing}", name="Mine", query="q=x").status_code in (403, 404, 405)
    stranger = world.app.test_client().post("/views/add/purchase_request", data={"name": "Mine"})
    assert stranger.status_code in (302, 400)


@pytest.mark.parametrize(
    "query",
    [
        "_flt_0_password=x",
        "_flt_0_owner.password=x",
        "order=version",
        "view=everything",
        "next=https://evil.example/",
        "saved=1&page=9",
        "",
        "&&&===",
        "_flt_=x&_flt_0_=y&_flt_x_title=z",
        "q=%00",
    ],
)
def test_what_the_list_does_not_understand_is_not_saved(world, sign_in, query):
    rosa = sign_in("requester")
    with nothing_changes(world):
        answer = rosa.post("/views/add/purchase_request", name="Mine", query=query)
        assert answer.status_code == 422 and "There is nothing to save" in answer.text


def test_a_name_is_words_and_nothing_else(world, sign_in):
    rosa = sign_in("requester")
    name = "<script>alert(1)</script>\x00 & “q”"
    page = rosa.post("/views/add/purchase_request", name=name, query="q=x&_flt_2_title=<b>")
    assert page.status_code == 200 and "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “q”" in page.text


def test_endless_queries_and_names_are_refused(world, sign_in):
    rosa = sign_in("requester")
    long = "&".join(f"_flt_2_title={'x' * 199}" for _ in range(40))
    with nothing_changes(world):
        assert rosa.post("/views/add/purchase_request", name="Mine", query=long).status_code == 422
        assert rosa.post("/views/add/purchase_request", name="n" * 100_000, query="q=x").status_code == 422
