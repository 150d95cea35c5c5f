"""Traps of lists and rights: the number of statements does not grow with the number of rows."""

import pytest
from sqlalchemy import Table
from sqlalchemy.sql import visitors

from app.models import CommodityCode, Document, FundingStrip, Organization, OrganizationContact, Vendor
from app.screens import listing
from app.screens.base import SCREENS
from tests.support.counting import statements
from tests.support.making import PRINTER, a_basket, a_request, records
from tests.support.people import Person


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
