"""People save what a list shows, open the list with it, call it otherwise and delete it. Source: ux, list page."""

import pytest
from sqlalchemy import select

from app.models import SavedView
from app.rules.saved_views import MOST
from tests.conftest import ON_BOTH
from tests.support.making import a_processed_invoice, a_request, records
from tests.support.pages import form_to, words
from tests.support.people import Person

REQUESTS = "/purchase-request/list/"


def save(person: Person, path: str, name: str, **fields: str):
    """Open a list at an address and save it under a name, as its menu does."""
    form = form_to(person.get(path).text, "/views/add/" + path.split("/")[1].replace("-", "_"))
    return person.post(form.action, **form.sent(name=name, **fields))


def saved(world) -> list[tuple[str, str, bool]]:
    with records(world) as session:
        rows = session.scalars(select(SavedView).order_by(SavedView.name))
        return [(one.name, one.query, one.standard) for one in rows]


def tabs(page: str) -> str:
    return words(page.partition('aria-label="Saved views"')[2].partition("</nav>")[0])


@pytest.mark.parametrize("world", ON_BOTH, indirect=True)
def test_filters_search_and_order_are_saved_and_opened_again(world, sign_in):
    for title in ("Printers", "Benches", "Printers, second room"):
        a_request(world, title=title)
    rosa = sign_in("requester")
    answer = save(rosa, f"{REQUESTS}?q=Printers&_flt_0_title=Pr&order=title&dir=desc&page=1&junk=1", "Printers first")
    assert answer.status_code == 200 and "“Printers first” is saved" in words(answer.text)
    assert saved(world) == [("Printers first", "q=Printers&_flt_0_title=Pr&order=title&dir=desc", False)]
    page = rosa.get(REQUESTS).text
    assert "Printers first" in tabs(page) and "Benches" in page, "without a default, the list shows everything"
    opened = rosa.get(answer.request.full_path).text
    assert "Benches" not in opened and opened.index("Printers, second room") < opened.index(">Printers<")
    assert 'aria-current="page">Printers first' in opened


@pytest.mark.parametrize("world", ON_BOTH, indirect=True)
def test_the_list_opens_with_the_view_of_ones_choice_and_all_is_one_click_away(world, sign_in):
    a_request(world, title="Printers")
    a_request(world, "routed", title="Benches")
    rosa = sign_in("requester")
    save(rosa, f"{REQUESTS}?view=waiting", "Underway", standard="yes")
    opened = rosa.get(REQUESTS)
    assert "saved=" in opened.request.full_path and "Benches" in opened.text and "Printers" not in opened.text
    assert f'href="{REQUESTS}?view="' in opened.text
    assert "Printers" in rosa.get(f"{REQUESTS}?view=").text
    save(rosa, f"{REQUESTS}?view=drafts", "Mine", standard="yes")
    assert [(name, standard) for name, _, standard in saved(world)] == [("Mine", True), ("Underway", False)]
    assert "Benches" not in rosa.get(REQUESTS).text
    assert "Benches" in Person(world.app, "approver").get(REQUESTS).text, "it is nobody else's default"


def test_a_view_is_called_otherwise_filled_anew_and_deleted(world, sign_in):
    a_request(world, title="Printers")
    rosa = sign_in("requester")
    where = save(rosa, f"{REQUESTS}?q=Printers", "Old name").request.full_path
    form = form_to(rosa.get(where).text, "/views/change/1")
    answer = rosa.post(form.action, **form.sent(name="New name"))
    assert saved(world) == [("New name", "q=Printers", False)]
    changed = rosa.get(answer.request.full_path + "&_flt_2_title=room")
    assert "changed" in words(changed.text)
    form = form_to(changed.text, "/views/change/1")
    rosa.post(form.action, **form.sent(), **{"with": "filters"})
    assert saved(world) == [("New name", "q=Printers&_flt_2_title=room", False)]
    answer = rosa.post("/views/delete/1")
    assert "The view “New name” is deleted" in words(answer.text) and saved(world) == []
    assert "Printers" in rosa.get(where).text, "an old address still filters"


def test_what_a_list_no_longer_has_is_left_out_and_named(world, sign_in):
    a_request(world, title="Printers")
    query = "_flt_0_colour=red&_flt_2_title=Print&_flt_99_title=x&view=purple&order=weight&dir=desc"
    with records(world) as session:
        session.add(
            SavedView(
                user_id=world.ids["requester"],
                list_name="purchase_request",
                name="Old",
                query=query,
                standard=True,
            )
        )
        session.commit()
    rosa = sign_in("requester")
    opened = rosa.get(REQUESTS)
    said = words(opened.text)
    assert opened.status_code == 200 and "Printers" in said
    for lost in ("the filter “red” on colour", "the filter “x” on title", "the view “purple”", "the order by weight"):
        assert lost in said
    assert rosa.get(f"{REQUESTS}?{query}&saved=1").status_code == 200, "an address that somebody kept"
    form = form_to(opened.text, "/views/change/1")
    again = rosa.post(form.action, **form.sent(), **{"with": "filters"})
    assert "no longer has" not in words(again.text)
    assert saved(world) == [("Old", "_flt_2_title=Print&dir=desc", True)]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Give the view a name"),
        ("   ", "Give the view a name"),
        ("x" * 61, "The name has 61 characters; a view's may have 60"),
        ("all", "“all” is a view that everybody has"),
        ("My Drafts", "is a view that everybody has"),
        ("TAKEN", "You have a view “TAKEN” of this list already"),
    ],
)
def test_a_name_that_does_not_fit_is_refused_and_kept_on_the_page(world, sign_in, name, said):
    rosa = sign_in("requester")
    save(rosa, f"{REQUESTS}?q=a", "Taken")
    answer = save(rosa, f"{REQUESTS}?q=printers", name)
    assert answer.status_code == 422 and said in words(answer.text)
    form = form_to(answer.text, "/views/add/purchase_request")
    assert form.fields["name"] == [name] and form.fields["query"] == ["q=printers"]
    assert [one for one, _, _ in saved(world)] == ["Taken"]
    assert "“Better” is saved" in words(rosa.post(form.action, **form.sent(name="Better")).text)


def test_there_are_no_more_views_of_a_list_than_one_finds_ones_way_in(world, sign_in):
    rosa = sign_in("requester")
    for number in range(MOST):
        save(rosa, f"{REQUESTS}?q=a", f"View {number}")
    answer = save(rosa, f"{REQUESTS}?q=a", "One more")
    assert answer.status_code == 422 and f"You have {MOST} views of this list" in words(answer.text)
    assert save(rosa, "/market-basket/list/?q=a", "Another list").status_code == 200


def test_every_kind_of_list_keeps_views(world, sign_in):
    """A list of records, the queue of payments with its own first view, and the bank accounts with theirs."""
    a_processed_invoice(world)
    fay = sign_in("fiscal")
    assert save(fay, "/vendor/list/?q=Adesso", "Adesso").status_code == 200
    page = fay.get("/vendor/list/?saved=1&q=Adesso").text
    assert "Adesso" in tabs(page) and "Bluegrass" not in page
    with records(world) as session:
        assert session.scalar(select(SavedView.list_name)) == "vendor"
    assert save(fay, "/payment/list/?view=scheduled", "Soon", standard="yes").status_code == 200
    assert "saved=2" in fay.get("/payment/list/").request.full_path
    assert "saved" not in fay.get("/payment/list/?view=due").request.full_path
    assert save(fay, "/bank-account/list/?view=waiting", "New ones").status_code == 200


def test_the_views_of_invoices_show_what_they_say(world, sign_in):
    a_processed_invoice(world, "A-1001")
    fay = sign_in("fiscal")
    seen = {view: "A-1001" in fay.get(f"/invoice/list/?view={view}").text for view in ("approved", "released", "paid")}
    assert seen == {"approved": False, "released": True, "paid": False}
