"""RB on the desk: a container is its owner's alone, and what does not lie within sight is not filed. Source: DOC-02."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.models import ActiveContainer, FileCabinet, Filing, Folder
from tests.abuse.evidence import nothing_changes
from tests.conftest import ON_BOTH
from tests.support.desks import cabinet, folder, lying_in, put
from tests.support.making import BENCH, PARKS, a_basket, a_request, records
from tests.support.people import Person

OTHERS = ("approver", "admin", "auditor", "manager")


@pytest.mark.parametrize("name", OTHERS)
def test_somebody_elses_container_is_neither_seen_nor_touched(world, sign_in, name):
    rosa, other = sign_in("requester"), sign_in(name)
    request = a_request(world, "routed")
    projects = cabinet(rosa, "Secret projects")
    storm = folder(rosa, "Storm", projects)
    put(rosa, storm, request)
    spare = folder(other, "Spare")
    assert "Secret projects" not in other.get("/desk/").text
    with nothing_changes(world):
        for key in (projects, storm):
            assert other.client.get("/desk/", query_string={"at": key}).status_code == 404
            assert other.get(f"/desk/container/{key}").status_code == 404
            for deed, sent in (("rename", {"name": "Mine"}), ("shift", {"by": "up"}), ("delete", {"to": "0"})):
                assert other.post(f"/desk/container/{key}/{deed}", **sent).status_code == 404
            assert other.post("/desk/container/add", name="Inside", at=key).status_code == 404
            assert other.post("/desk/active", to=key).status_code == 404
            assert other.post("/desk/move", to=key, selected=str(request)).status_code == 404
            assert other.post(f"/desk/container/{spare}/delete", to=key).status_code == 404
        assert other.post("/purchase-request/add", title="x", container=projects).status_code in (403, 404)


@pytest.mark.parametrize(
    "to", ["inbox", "outbox", "INBOX", "0-1", "x", "-1", "7-0", "99999999999", "1;DROP TABLE folder"]
)
def test_nothing_is_moved_into_what_is_no_container(world, sign_in, to):
    rosa = sign_in("requester")
    lab, request = folder(rosa, "Laboratory"), a_request(world)
    put(rosa, lab, request)
    with nothing_changes(world):
        answer = rosa.post("/desk/move", to=to, selected=str(request))
        assert answer.status_code in (200, 404)
        assert rosa.post("/desk/active", to=to).status_code == 404
    assert lying_in(rosa, lab) == [request]


def test_what_is_out_of_sight_is_not_filed_and_neither_is_what_was_sent_with_it(world, sign_in):
    hidden, request = a_basket(world, "draft", BENCH, place=PARKS), a_request(world)
    rosa = sign_in("requester")
    lab = folder(rosa, "Laboratory")
    with nothing_changes(world):
        for forged in (str(hidden), "999999", "2147483647"):
            answer = rosa.post("/desk/move", to=lab, selected=[str(request), forged])
            assert answer.status_code == 404
        for nothing in ("", "0", "-1", "x", "1e3"):
            rosa.post("/desk/move", to=lab, selected=nothing)
        rosa.post("/desk/move", to=lab)
        rosa.post("/desk/move", selected=str(request))
    assert lying_in(rosa, "0") == [request]


def test_the_way_back_leads_nowhere_else(world, sign_in):
    rosa, request = sign_in("requester"), a_request(world)
    answer = rosa.post("/desk/move", follow=False, to="0", selected=str(request), at="//evil.example/")
    assert answer.headers["Location"].startswith("/desk/?at=")


def test_looking_writes_nothing_and_moving_needs_a_button(world, sign_in):
    rosa, request = sign_in("requester"), a_request(world)
    with nothing_changes(world):
        for path in ("/desk/", "/desk/?at=0", "/desk/container/0", f"/purchase-request/show/{request}"):
            assert rosa.get(path).status_code == 200
        for path in ("/desk/move", "/desk/active"):
            assert rosa.get(f"{path}?to=0&selected={request}").status_code == 405
        assert rosa.client.post("/desk/move", data={"to": "0", "selected": request}).status_code == 400, "no token"


@pytest.mark.parametrize("both", ON_BOTH, indirect=True)
@pytest.mark.parametrize(
    ("broken", "statement"),
    [
        ("in two places", "INSERT INTO filing (user_id, document_id, cabinet_id) VALUES (:rosa, :document, :cabinet)"),
        ("in another's cabinet", "UPDATE filing SET user_id = :amos"),
        ("in another cabinet's folder", "UPDATE filing SET cabinet_id = :other"),
        (
            "two of one name",
            "INSERT INTO folder (cabinet_id, user_id, name, position) VALUES (:cabinet, :rosa, 'Lab', 1)",
        ),
        ("without a name", "UPDATE folder SET name = ''"),
        ("in another's cabinet", "UPDATE folder SET user_id = :amos"),
        ("two main ones", "UPDATE file_cabinet SET main = (1 = 1) WHERE user_id = :rosa"),
        ("two active ones", "INSERT INTO active_container (user_id, cabinet_id) VALUES (:rosa, :cabinet)"),
        ("active in another's", "UPDATE active_container SET user_id = :amos"),
        ("gone with what lies in it", "DELETE FROM folder"),
    ],
)
def test_the_database_keeps_desks_apart_too(both, broken, statement):
    request = a_request(both)
    ids = {"rosa": both.ids["requester"], "amos": both.ids["approver"], "document": request}
    with records(both) as session:
        main = FileCabinet(user_id=ids["rosa"], name="My documents", main=True)
        other = FileCabinet(user_id=ids["rosa"], name="Projects", position=1)
        session.add_all([main, other])
        session.flush()
        lab = Folder(cabinet_id=main.id, user_id=ids["rosa"], name="Lab")
        session.add(lab)
        session.flush()
        session.add(Filing(user_id=ids["rosa"], document_id=request, cabinet_id=main.id, folder_id=lab.id))
        session.add(ActiveContainer(user_id=ids["rosa"], cabinet_id=main.id, folder_id=lab.id))
        session.commit()
        ids |= {"cabinet": main.id, "other": other.id}
    with records(both) as session:
        named = {name: value for name, value in ids.items() if f":{name}" in statement}
        with pytest.raises(IntegrityError):
            session.execute(text(statement), named)
        session.rollback()
        assert session.scalar(select(Filing.document_id)) == request, broken


def test_two_pages_at_once_make_one_main_cabinet(world):
    """What is written when it is first needed is written once."""
    requests = [a_request(world) for _ in range(2)]
    rosa, again = Person(world.app, "requester"), Person(world.app, "requester")
    put(rosa, "0", requests[0])
    put(again, "0", requests[1])
    with records(world) as session:
        assert len(session.scalars(select(FileCabinet.id)).all()) == 1
