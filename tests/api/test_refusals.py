"""What calls are told when they ask for what cannot be: the status, and words to act on. Source: OP-02, RB-05, RB-09."""

import io
from datetime import timedelta

import pytest
from flask_appbuilder.security.sqla.models import User

from app.extensions import db
from app.models import AuditEntry
from tests.support.calls import ROOT, Caller
from tests.support.making import KEYBOARDS, a_basket, a_request
from tests.support.people import Person
from tests.support.world import PASSWORD, World


@pytest.fixture
def rosa(world: World) -> Caller:
    return Caller(world.app, "requester")


def told(answer, status):
    """What a refusal says; every one is of the same form."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["title"] and answer.json["detail"]
    return answer.json


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/vendor?order=tax", "order"),
        ("/vendor?page=0", "page"),
        ("/vendor?page=abc", "page"),
        ("/vendor?size=201", "size"),
        ("/vendor?password.is=x", "password.is"),
        ("/vendor?name.resembles=x", "name.resembles"),
        ("/purchase-request?total.above=many", "total.above"),
        ("/purchase-request?owner.is=1", "owner.is"),
        ("/vendor?q=%00", "q"),
    ],
)
def test_a_list_takes_only_what_it_offers(rosa, address, field):
    assert field in told(rosa.get(address), 422)["fields"]


def test_a_list_is_filtered_searched_ordered_and_paged(world, rosa):
    for number in range(5):
        rosa.post("/purchase-request", {"title": f"Chair {number}"})
    rosa.post("/purchase-request", {"title": "Table"})
    found = rosa.get("/purchase-request?title.starts_with=Chair&order=-title&size=25").json
    assert [one["title"] for one in found["rows"]] == [f"Chair {number}" for number in (4, 3, 2, 1, 0)]
    assert (found["count"], found["more"]) == (5, False)
    assert [one["title"] for one in rosa.get("/purchase-request?q=table").json["rows"]] == ["Table"]
    second = rosa.get("/purchase-request?order=title&size=4&page=2").json
    assert [one["title"] for one in second["rows"]] == ["Chair 4", "Table"]
    assert second["pages"] == 2


@pytest.mark.parametrize(
    ("body", "place", "words"),
    [
        ({}, "", "title must be sent"),
        ({"title": ""}, "title", "Send a value"),
        ({"title": 7}, "title", "Send string"),
        ({"title": "x" * 201}, "title", "At most 200"),
        ({"title": "Chairs", "state": "released"}, "", "There is no state to be sent here"),
        ({"title": "Chairs", "total": "5"}, "", "There is no total"),
        ({"title": "Chairs", "issuing_office": 999}, "issuing_office", "Choose one from the list"),
        ({"title": "Chairs", "afy": -1}, "afy", "At least 0"),
        ([], "", "Send object"),
    ],
)
def test_every_field_is_checked_and_named(rosa, body, place, words):
    said = told(rosa.post("/purchase-request", body), 422)
    assert any(words in one for one in said["fields"][place]), said


@pytest.mark.parametrize("price", ["-1", "1,5", "NaN", "1e3", "0.00001", "1" * 13, "", "١٢"])
def test_a_price_is_exact_and_plain(world, rosa, price):
    request = a_request(world, "draft")
    said = told(rosa.post(f"/purchase-request/{request}/lines", {"description": "Lamp", "unit_price": price}), 422)
    assert said["fields"]["unit_price"][0].endswith(", not below 0.") is price.startswith("-")


def test_what_is_not_json_is_not_read(rosa):
    told(rosa.call("POST", "/purchase-request", data="{", content_type="application/json"), 400)
    told(rosa.call("POST", "/purchase-request", data='{"title": NaN}', content_type="application/json"), 400)
    told(rosa.call("POST", "/purchase-request", data="title=Chairs"), 415)
    told(
        rosa.call(
            "POST", "/purchase-request", data='{"title": "a", "afy": 1e999999999}', content_type="application/json"
        ),
        422,
    )


def test_a_change_says_of_which_version_it_is(rosa):
    made = rosa.post("/purchase-request", {"title": "Chairs"})
    path = f"/purchase-request/{made.json['id']}"
    told(rosa.call("PATCH", path, json={"title": "Tables"}), 428)
    changed = rosa.call("PATCH", path, json={"title": "Tables"}, headers={"If-Match": made.headers["ETag"]})
    assert changed.json["title"] == "Tables"
    told(rosa.call("PATCH", path, json={"title": "Desks"}, headers={"If-Match": made.headers["ETag"]}), 412)
    told(rosa.call("PATCH", path, json={"title": "Desks", "version": made.json["version"]}), 412)
    assert rosa.get(path).json["title"] == "Tables"


def test_what_is_signed_is_not_changed(world, rosa):
    basket = a_basket(world, "released", KEYBOARDS)
    line = rosa.get(f"/market-basket/{basket}/lines").json["rows"][0]["id"]
    path = f"/market-basket/{basket}"
    for answer in (
        rosa.change(path, {"title": "Other"}),
        rosa.post(f"{path}/lines", {"description": "One more"}),
        rosa.call("PATCH", f"{path}/lines/{line}", json={"quantity": "99"}),
        rosa.delete(f"{path}/lines/{line}"),
        rosa.post(f"{path}/named/contacts", {"name": "Ann"}),
    ):
        assert "cannot be changed" in told(answer, 409)["problems"][0]["message"]


def test_a_step_that_the_state_does_not_know(world, rosa):
    basket = a_basket(world)
    assert told(Caller(world.app, "approver").act("market-basket", basket, "release"), 409)["problems"]
    told(rosa.post(f"/market-basket/{basket}/actions/fly"), 404)


def test_who_signs_says_who_they_are(world):
    basket = a_basket(world, "routed")
    amos = Caller(world.app, "approver")
    assert "password" in str(told(amos.post(f"/market-basket/{basket}/actions/approve", {"password": "wrong"}), 422))
    told(amos.post(f"/market-basket/{basket}/actions/approve", {}), 409)
    assert amos.act("market-basket", basket, "approve").json["document"]["state"] == "approved"


def test_roles_are_asked_and_refusals_are_on_record(world, rosa):
    basket = a_basket(world, "routed")
    told(rosa.act("market-basket", basket, "approve"), 403)
    told(rosa.get("/user"), 403)
    told(rosa.post("/vendor", {"name": "Mine"}), 403)
    with world.app.app_context():
        refused = db.session.scalars(db.select(AuditEntry.label).where(AuditEntry.action == "denied")).all()
    assert any("/api/v1/user" in one for one in refused)


def test_documents_are_not_deleted_and_numbers_not_sent(rosa):
    made = rosa.post("/purchase-request", {"title": "Chairs"}).json["id"]
    answer = rosa.delete(f"/purchase-request/{made}")
    assert "button" not in told(answer, 405)["detail"], "a program presses none"
    assert answer.headers["Allow"] == "GET, PATCH"


def test_a_token_is_needed_and_a_cookie_is_none(world):
    client = world.app.test_client()
    told(client.get(f"{ROOT}/purchase-request"), 401)
    told(client.get(f"{ROOT}/purchase-request", headers={"Authorization": "Bearer x.y.z"}), 401)
    told(Person(world.app, "requester").client.get(f"{ROOT}/purchase-request"), 401)


@pytest.mark.parametrize("end", ["logout", "password", "deactivated", "late"])
def test_a_token_is_worth_nothing_once_the_sign_in_has_ended(world, rosa, end):
    assert rosa.get("/vendor").status_code == 200
    if end == "logout":
        assert rosa.post("/security/logout").status_code == 204
    elif end == "late":
        world.clock.moment += timedelta(days=1)
    else:
        with world.app.app_context():
            user = db.session.get(User, world.ids["requester"])
            if end == "password":
                user.password = "another"
            else:
                user.active = False
            db.session.info["untracked"] = True
            db.session.commit()
    told(rosa.get("/vendor"), 401)
    told(rosa.call("POST", "/security/refresh", token=rosa.tokens["refresh_token"]), 401)


def test_a_refresh_token_makes_access_tokens_and_nothing_else(rosa):
    told(rosa.get("/vendor", token=rosa.tokens["refresh_token"]), 401)
    told(rosa.post("/security/refresh"), 401)
    fresh = rosa.call("POST", "/security/refresh", token=rosa.tokens["refresh_token"]).json["access_token"]
    assert rosa.get("/vendor", token=fresh).status_code == 200


def test_sign_ins_by_calls_are_throttled_like_all(world):
    client = world.app.test_client(use_cookies=False)
    wrong = {"username": "requester", "password": "wrong"}
    for _ in range(5):
        told(client.post(f"{ROOT}/security/login", json=wrong), 401)
    answer = client.post(f"{ROOT}/security/login", json=wrong | {"password": PASSWORD})
    told(answer, 429)
    assert int(answer.headers["Retry-After"]) > 0


def test_a_call_leaves_no_cookie(rosa):
    assert "Set-Cookie" not in rosa.get("/vendor").headers
    assert "Set-Cookie" not in rosa.post("/purchase-request", {"title": "Chairs"}).headers


def test_a_file_is_pinned_read_and_taken_off(world, rosa):
    request = a_request(world, "draft")
    path = f"/purchase-request/{request}/attachments"
    wrong = rosa.call("POST", path, data={"file": (io.BytesIO(b"MZ\x00"), "run.exe")})
    assert "exe" in told(wrong, 422)["fields"]["file"][0]
    pinned = rosa.call("POST", path, data={"file": (io.BytesIO(b"Two chairs"), "need.txt")})
    assert pinned.status_code == 201, pinned.json
    assert pinned.json["public"] is False
    content = rosa.get(pinned.headers["Location"].removeprefix(ROOT))
    assert (content.data, content.headers["Content-Disposition"]) == (b"Two chairs", "attachment; filename=need.txt")
    assert rosa.delete(f"{path}/{pinned.json['id']}").status_code == 204
    assert rosa.get(path).json == {"rows": []}


def test_who_is_named_on_a_document(world, rosa):
    request = a_request(world, "draft")
    path = f"/purchase-request/{request}/named/suggested"
    added = rosa.post(path, {"vendor": world.ids["vendor A"], "note": "Cheapest"})
    assert added.status_code == 201, added.json
    assert "vendor" in told(rosa.post(path, {"vendor": world.ids["vendor A"]}), 422)["fields"]
    assert [one["note"] for one in rosa.get(path).json["rows"]] == ["Cheapest"]
    assert rosa.delete(f"{path}/{added.json['id']}").status_code == 204
    told(rosa.get(f"/purchase-request/{request}/named/nobody"), 404)
