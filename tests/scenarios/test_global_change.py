"""Global change: a tab of one line put onto others, after a preview that says for each line what it would do (DOC-13)."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.models import AuditEntry, LineItem, PurchaseRequest
from tests.support.clashes import overtaken
from tests.support.counting import statements
from tests.support.global_change import confirmed, fund_alike, preview_form, split_sent, tab_sent
from tests.support.making import BENCH, PARKS, PRINTER, Wanted, a_request, line_id, records
from tests.support.pages import words
from tests.support.people import Person

PR = "purchase-request"
CHAIR = Wanted("Chair", "10", "50.00", extra={"fob": "Origin", "packing": "Box"})
LAMP = Wanted("Lamp", "5", "20.00", extra={"fob": "Destination"})


def lines(world, request):
    """The lines of a request, by name of the field."""
    with records(world) as session:
        found = session.scalars(select(LineItem).where(LineItem.document_id == request).order_by(LineItem.position))
        return [{name: getattr(one, name) for name in FIELDS} | {"funding": funding(one)} for one in found]


FIELDS = ("description", "quantity", "fob", "packing", "warranty_days", "ship_to_id", "amount", "unit_price", "service")


def funding(line):
    return (line.funding_basis, [(one.strip.code, one.share, one.amount) for one in line.funding])


def test_the_preview_says_what_each_line_would_get_and_changes_nothing(rosa, world):
    request = a_request(world, "draft", CHAIR, LAMP, PRINTER)
    before = lines(world, request)
    seen = tab_sent(rosa, PR, request, line_id(world, request), "address", fob="Destination", markings="Door 4")
    said = words(seen.text)
    assert seen.status_code == 200
    assert "1 Chair (this line) FOB Origin → becomes Destination Markings – → becomes Door 4" in said.replace(
        "Additional markings", "Markings"
    )
    assert "2 Lamp" in said and "3 Label printer" in said
    assert lines(world, request) == before


def test_all_lines_get_the_tab_at_once_and_the_history_says_so(rosa, world):
    request = a_request(world, "draft", CHAIR, LAMP, PRINTER)
    seen = tab_sent(rosa, PR, request, line_id(world, request), "address", fob="Destination", markings="Door 4")
    done = confirmed(rosa, seen)
    assert "Address: 3 lines changed." in words(done.text)
    assert [one["fob"] for one in lines(world, request)] == ["Destination"] * 3
    with records(world) as session:
        fobs = session.execute(
            select(AuditEntry.old, AuditEntry.new).where(AuditEntry.document_id == request, AuditEntry.field == "fob")
        ).all()
    assert set(fobs) == {("Origin", "Destination"), (None, "Destination")}


def test_only_the_ticked_fields_and_lines_change(rosa, world):
    request = a_request(world, "draft", CHAIR, LAMP, PRINTER)
    seen = tab_sent(rosa, PR, request, line_id(world, request), "address", fob="Destination", markings="Door 4")
    third = line_id(world, request, 3)
    confirmed(rosa, seen, **{"change-field": ["fob"], "change-line": [str(third)]})
    assert [one["fob"] for one in lines(world, request)] == ["Origin", "Destination", "Destination"]
    with records(world) as session:
        assert session.scalars(select(LineItem.markings).where(LineItem.document_id == request)).all() == ["", "", ""]


def test_what_is_empty_here_empties_nobody_elses_unless_it_is_ticked(rosa, world):
    request = a_request(world, "draft", PRINTER, CHAIR)
    seen = tab_sent(rosa, PR, request, line_id(world, request), "instructions", warranty_days="365")
    assert preview_form(seen.text).fields["change-field"] == ["warranty_days"]
    confirmed(rosa, seen)
    assert [(one["packing"], one["warranty_days"]) for one in lines(world, request)] == [("", 365), ("Box", 365)]
    seen = tab_sent(rosa, PR, request, line_id(world, request), "instructions")
    confirmed(rosa, seen, **{"change-field": ["packing"]})
    assert [one["packing"] for one in lines(world, request)] == ["", ""]


def test_what_was_just_emptied_is_ticked(rosa, world):
    request = a_request(world, "draft", CHAIR, LAMP)
    seen = tab_sent(rosa, PR, request, line_id(world, request), "instructions", packing="")
    assert preview_form(seen.text).fields["change-field"] == ["packing"]


def test_what_makes_a_line_itself_is_not_ticked_beforehand(rosa, world):
    request = a_request(world, "draft", CHAIR, LAMP)
    seen = tab_sent(
        rosa, PR, request, line_id(world, request), "detail", project_number="P-7", delivery_on="2026-12-20"
    )
    assert sorted(preview_form(seen.text).fields["change-field"]) == ["delivery_on", "project_number"]
    done = confirmed(rosa, seen, **{"change-field": ["quantity", "unit_price"]})
    assert "Detail: 1 line changed." in words(done.text)
    _chair, lamp = lines(world, request)
    assert (lamp["description"], lamp["quantity"], lamp["amount"]) == ("Lamp", Decimal(10), Decimal("500.00"))
    with records(world) as session:
        assert session.get(PurchaseRequest, request).total == Decimal("1000.00")
    assert lamp["funding"] == ("percent", [("S1", Decimal(100), Decimal("500.00"))])


@pytest.mark.parametrize(
    "tab, typed, said",
    [
        ("address", {"ship_to": "999999"}, "Choose one from the list."),
        ("pricing", {"tax_percent": "a lot"}, "Enter a number"),
        ("pricing", {"discount_percent": "101"}, "At most 100"),
        ("detail", {"delivery_on": "soon"}, "Enter a date like 2026-11-23."),
        ("instructions", {"warranty_days": "-3"}, "Enter a whole number"),
        ("address", {"markings": "x" * 121}, "At most 120 characters."),
    ],
)
def test_what_cannot_be_read_comes_back_on_the_line_page_as_it_was_typed(rosa, world, tab, typed, said):
    request = a_request(world, "draft", CHAIR, LAMP)
    answer = tab_sent(rosa, PR, request, line_id(world, request), tab, **typed, project_number="kept too")
    assert answer.status_code == 422
    assert said in words(answer.text) and 'value="kept too"' in answer.text
    assert next(iter(typed.values())) in answer.text or tab == "address"


def test_an_amount_beyond_the_books_is_refused_for_its_line_alone(rosa, world):
    request = a_request(world, "draft", CHAIR, Wanted("Steel", "99999999", "1.00"))
    seen = tab_sent(rosa, PR, request, line_id(world, request), "detail", unit_price="9999.00")
    form = preview_form(seen.text)
    again = rosa.post(form.action, **form.sent(**{"change-field": ["unit_price"]}))
    assert "The line would come to 999,899,990,001.00; a line carries at most 9,999,999,999.99." in words(again.text)
    done = confirmed(rosa, again)
    assert "Detail: 1 line changed. Refused for 1." in words(done.text)
    assert [one["unit_price"] for one in lines(world, request)] == [Decimal("9999"), Decimal("1")]


def test_a_total_beyond_the_books_changes_nothing(rosa, world):
    request = a_request(world, "draft", CHAIR, *[Wanted("Steel", "99999", "1.00")] * 2)
    seen = tab_sent(rosa, PR, request, line_id(world, request, 2), "detail", unit_price="90000.00")
    done = confirmed(rosa, seen, **{"change-field": ["unit_price"]})
    assert done.status_code == 422
    assert "a document carries at most 9,999,999,999.99" in words(done.text)
    assert [one["unit_price"] for one in lines(world, request)] == [Decimal(50), Decimal(1), Decimal(1)]


# Funding.


def test_one_split_for_all_lines_from_the_document_page(rosa, world):
    request = a_request(world, "draft", CHAIR, LAMP)
    seen = split_sent(rosa, world, PR, request, (("S1", "60"), ("S2", "40")))
    assert "Funding S1 100 % → becomes S1 60 %, S2 40 %" in words(seen.text)
    done = confirmed(rosa, seen)
    assert "Funding: 2 lines changed." in words(done.text)
    assert [one["funding"] for one in lines(world, request)] == [
        ("percent", [("S1", 60, Decimal("300.00")), ("S2", 40, Decimal("200.00"))]),
        ("percent", [("S1", 60, Decimal("60.00")), ("S2", 40, Decimal("40.00"))]),
    ]


def test_a_split_by_quantity_becomes_percent_where_the_quantity_is_another(rosa, world):
    request = a_request(world, "draft", CHAIR, LAMP, CHAIR)
    parts = (("S1", "7"), ("S2", "3"))
    seen = split_sent(rosa, world, PR, request, parts, "quantity", line_id(world, request))
    assert "In percent, because the line's quantity or amount is another" in words(seen.text)
    confirmed(rosa, seen)
    assert [one["funding"][0] for one in lines(world, request)] == ["quantity", "percent", "quantity"]
    assert lines(world, request)[1]["funding"][1] == [("S1", 70, Decimal("70.00")), ("S2", 30, Decimal("30.00"))]


def test_a_split_by_amount_for_all_lines_is_refused_where_it_does_not_fit(rosa, world):
    request = a_request(world, "draft", CHAIR, LAMP)
    seen = split_sent(rosa, world, PR, request, (("S1", "60.00"), ("S2", "40.00")), "amount")
    assert "The shares add up to 100.00; the line's amount is 500.00. Divide by percent" in words(seen.text)
    done = confirmed(rosa, seen)
    assert "Funding: 1 line changed. Refused for 1." in words(done.text)
    assert [one["funding"][0] for one in lines(world, request)] == ["percent", "amount"]


def test_a_split_that_leaves_something_open_says_how_much(rosa, world):
    request = a_request(world, "draft", CHAIR, LAMP)
    seen = split_sent(rosa, world, PR, request, (("S1", "60"),))
    assert "40 left open" in words(seen.text)
    assert "The funding of 2 does not cover the amount yet." in words(confirmed(rosa, seen).text)


def test_a_split_that_cannot_be_read_stays_as_typed(rosa, world):
    request = a_request(world, "draft", CHAIR, LAMP)
    for line in (None, line_id(world, request)):
        answer = split_sent(rosa, world, PR, request, (("S1", "sixty"),), line=line)
        assert answer.status_code == 422
        assert "Row 1: Enter a number" in words(answer.text) and 'value="sixty"' in answer.text


# Who, when, and what happened meanwhile.


def test_a_change_from_another_window_is_not_overwritten(rosa, world):
    request = a_request(world, "draft", CHAIR, LAMP)
    seen = tab_sent(rosa, PR, request, line_id(world, request), "address", fob="Destination")
    world.clock.on("2026-11-24")
    rosa = type(rosa)(world.app, "requester")
    rosa.post(f"/{PR}/line/{request}/{line_id(world, request, 2)}/save", description="Lamp, tall")
    late = confirmed(rosa, seen)
    assert late.status_code == 409
    assert "Somebody has changed these lines since you looked." in words(late.text)
    assert [one["fob"] for one in lines(world, request)] == ["Origin", "Destination"]
    assert "Address: 1 line changed." in words(confirmed(rosa, _as_shown(late)).text)
    assert [one["fob"] for one in lines(world, request)] == ["Destination", "Destination"]


def test_a_change_at_the_same_moment_is_not_overwritten_either(both):
    person, request = Person(both.app, "requester"), a_request(both, "draft", CHAIR, LAMP)
    seen = tab_sent(person, PR, request, line_id(both, request), "address", fob="Destination")
    with overtaken(both):
        late = confirmed(person, seen)
    assert late.status_code == 409 and "Somebody has changed these lines since you looked." in words(late.text)
    assert [one["fob"] for one in lines(both, request)] == ["Origin", "Destination"]
    assert "Address: 1 line changed." in words(confirmed(person, _as_shown(late)).text)


def _as_shown(answer):
    answer.status_code = 200
    return answer


@pytest.mark.parametrize("state", ["routed", "approved", "released", "cancelled"])
def test_a_frozen_document_refuses(rosa, world, state):
    request = a_request(world, state, CHAIR, LAMP)
    before = lines(world, request)
    line = line_id(world, request)
    for tab, query in (("address", f"?line={line}"), ("funding", "")):
        answer = rosa.post(f"/{PR}/change/{request}/{tab}{query}", **{"change-do": "apply", "fob": "Destination"})
        assert answer.status_code == 409, tab
    assert lines(world, request) == before


def test_nothing_ticked_is_said(rosa, world):
    request = a_request(world, "draft", CHAIR, LAMP)
    seen = tab_sent(rosa, PR, request, line_id(world, request), "address", fob="Destination")
    for ticks in ({"change-field": []}, {"change-line": []}):
        answer = confirmed(rosa, seen, **ticks)
        assert answer.status_code == 422 and "Nothing would change." in words(answer.text)


@pytest.mark.parametrize(
    "tab, query, code",
    [
        ("nothing", "", 404),
        ("address", "", 404),
        ("address", "?line=x", 404),
        ("address", "?line=999999", 404),
        ("funding", "?line=999999", 404),
        ("charges", "", 404),
    ],
)
def test_what_is_no_tab_or_no_line_is_not_found(rosa, world, tab, query, code):
    request = a_request(world, "draft", CHAIR, LAMP)
    assert rosa.post(f"/{PR}/change/{request}/{tab}{query}", fob="Destination").status_code == code


def test_a_document_or_line_of_another_office_is_not_found(rosa, world):
    theirs, ours = a_request(world, "draft", BENCH, BENCH, place=PARKS), a_request(world, "draft", CHAIR, LAMP)
    foreign = line_id(world, theirs)
    for document, line in ((theirs, foreign), (ours, foreign)):
        assert rosa.post(f"/{PR}/change/{document}/address?line={line}", fob="Origin").status_code == 404


def test_who_may_only_read_may_not_change(world, sign_in):
    request = a_request(world, "draft", CHAIR, LAMP)
    answer = sign_in("auditor").post(f"/{PR}/change/{request}/address?line={line_id(world, request)}", fob="Origin")
    assert answer.status_code == 403


def test_forged_ticks_do_nothing(rosa, world):
    """Fields of other tabs, lines of other documents, and what was never offered."""
    request, other = a_request(world, "draft", CHAIR, LAMP), a_request(world, "draft", CHAIR)
    seen = tab_sent(rosa, PR, request, line_id(world, request), "address", fob="Destination", packing="Forged")
    forged = [str(line_id(world, other)), "x", "-1", "9" * 30]
    answer = confirmed(rosa, seen, **{"change-field": ["packing", "document_id", "id"], "change-line": forged})
    assert answer.status_code == 422
    assert [one["packing"] for one in lines(world, request) + lines(world, other)] == ["Box", "", "Box"]


def test_two_hundred_lines_take_no_more_statements_than_twenty(both, sign_in):
    person, counts = Person(both.app, "requester"), []
    for count in (20, 200):
        request = a_request(both, "draft", *[CHAIR] * count)
        seen = tab_sent(person, PR, request, line_id(both, request), "address", fob="Destination", markings="Door 4")
        form = preview_form(seen.text)
        with statements(both.app) as asked:
            answer = person.post(form.action, False, **form.sent(**{"change-do": "apply"}))
        assert answer.status_code == 302
        counts.append(len(asked))
        with records(both) as session:
            where = (LineItem.document_id == request, LineItem.markings == "Door 4")
            assert session.scalar(select(func.count()).where(*where)) == count
    assert counts[1] <= counts[0] + 5, counts


def test_funding_alike_through_the_helper_is_what_the_screens_do(rosa, world):
    request = a_request(world, "draft", CHAIR)
    assert "Funding: 1 line changed." in words(fund_alike(rosa, world, PR, request, ("S2", "100")).text)
