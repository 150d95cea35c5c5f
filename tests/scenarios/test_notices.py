"""Notices: what people should know, once, and what it leads to. Source: DOC-15, VR-05."""

import re

from app.extensions import db
from app.models import Notice, Vendor
from tests.support.around import give
from tests.support.calls import Caller
from tests.support.making import (
    BENCH,
    PARKS,
    a_basket,
    records,
)
from tests.support.pages import words
from tests.support.people import Person


def test_notices_tell_once_and_are_ones_own(world, sign_in):
    basket = a_basket(world, "approved")
    rosa = sign_in("requester")
    text = words(rosa.get("/notices/").text)
    assert "1 unread" in text and "Amos Approver approved it: MB-2027-000001 Clinic office" in text
    with records(world) as session:
        (notice,) = session.scalars(db.select(Notice).where(Notice.user_id == world.ids["requester"]))
    assert sign_in("approver").post(f"/notices/open/{notice.id}").status_code == 404, "not his"
    opened = rosa.post(f"/notices/open/{notice.id}", follow=False)
    assert opened.location == f"/market-basket/show/{basket}"
    assert "All read." in words(rosa.get("/notices/").text)
    assert sign_in("approver").post("/notices/read").status_code == 200


def test_all_notices_are_read_at_once(world, sign_in):
    for _ in range(3):
        a_basket(world, "approved")
    rosa = sign_in("requester")
    assert "3 unread" in words(rosa.get("/notices/").text)
    assert "All read." in words(rosa.post("/notices/read").text)
    for address in ("?before=abc", "?before=-1", "?before=99999999999999999999", "?before=1"):
        assert rosa.get(f"/notices/{address}").status_code == 200, address
    assert rosa.post("/notices/read", notice="x").status_code == 404


def test_a_notice_of_something_out_of_sight_leads_nowhere(world, sign_in):
    bench = a_basket(world, "routed", BENCH, place=PARKS)
    with records(world) as session:
        session.add(Notice(user_id=world.ids["requester"], document_id=bench, text="About a bench", at=world.clock()))
        session.commit()
    page = sign_in("requester").get("/notices/").text
    assert "About a bench" in page and "/notices/open/" not in page


# A vendor that somebody entered.


def enter(cora, **more):
    return cora.post("/vendor/add", number="V000900", suffix="00", name="Hexagon Supply", net_days="30", **more)


def texts_of(world, name):
    with records(world) as session:
        mine = db.select(Notice).where(Notice.user_id == world.ids[name], Notice.kind == "review")
        return [one.text for one in session.scalars(mine)]


def test_who_may_approve_a_vendor_hears_of_it_and_finds_it_in_the_queue(both):
    give(both, "evaluator", "CRC")
    cora = Person(both.app, "crc")
    enter(cora)
    assert texts_of(both, "evaluator") == ["V000900 Hexagon Supply waits for review"]
    assert texts_of(both, "crc") == [] == texts_of(both, "requester"), "who entered it knows, others may not approve it"

    eva = Person(both.app, "evaluator")
    page = eva.get("/notices/").text
    opened = eva.post(re.search(r'action="(/notices/open/\d+)"', page)[1])
    assert opened.request.path == "/vendor/list/"
    said = words(opened.text)
    assert "Hexagon Supply" in said and "1 record" in said and "Adesso" not in said
    assert "Vendors to review 1 None may be ordered from yet" in words(eva.get("/").text)
    assert "Hexagon Supply" in eva.post("/vendor/export/csv?view=review").text

    with records(both) as session:
        session.scalar(db.select(Vendor).where(Vendor.number == "V000900")).approved_on = both.clock().date()
        session.commit()
    assert "Hexagon" not in eva.get("/vendor/list/?view=review").text
    assert "Vendors to review 0 Nobody waits" in words(eva.get("/").text)


def test_an_approved_vendor_and_one_that_is_refused_are_no_news(world):
    give(world, "evaluator", "CRC")
    cora = Person(world.app, "crc")
    assert enter(cora, approved_on="2026-11-23").status_code == 200
    assert enter(cora).status_code == 422, "the number is taken"
    assert texts_of(world, "evaluator") == []


def test_a_program_that_enters_a_vendor_is_heard_of_too(world):
    give(world, "evaluator", "CRC")
    made = Caller(world.app, "crc").post("/vendor", {"number": "V000901", "suffix": "00", "name": "Octagon Supply"})
    assert made.status_code == 201, made.text
    assert texts_of(world, "evaluator") == ["V000901 Octagon Supply waits for review"]
