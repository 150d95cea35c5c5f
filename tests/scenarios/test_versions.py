"""What changed between two versions of a document: seen by the approver to whom it comes back. Source: F22.13."""

import re
from decimal import Decimal

import pytest
from sqlalchemy import inspect, select

from app import audit, totals
from app.models import AuditEntry, Document, LineFunding, LineItem
from app.rules.versions import NOTHING, standing
from app.screens.versions import _entry
from tests.conftest import ON_BOTH
from tests.support.making import BENCH, KEYBOARDS, PARKS, PRINTER, a_basket, a_request, line, move, records
from tests.support.pages import words
from tests.support.world import World


def later(world: World, day: int) -> None:
    world.clock.on(f"2026-11-{day}")


def corrected(world: World, request: int) -> None:
    """The requester halves the printers, funds them from two strips, drops the second line and adds a third."""
    with records(world) as session:
        session.info.update(actor=world.actor("requester"), now=world.clock())
        document = session.get_one(Document, request)
        first, second = document.lines
        first.quantity = Decimal(1)
        first.funding[0].share = Decimal(60)
        first.funding.append(LineFunding(position=2, strip_id=world.ids["S2"], share=Decimal(40)))
        document.lines.remove(second)
        document.lines.append(line(world, KEYBOARDS, position=3))
        document.title = "Fewer printers"
        session.flush()
        totals.settle(document)
        session.commit()


def returned_and_routed_again(world: World) -> int:
    request = a_request(world, "routed", PRINTER, BENCH_CLINIC)
    later(world, 24)
    move(world, request, ("disapprove", "approver"), comment="Half of it will do")
    later(world, 25)
    corrected(world, request)
    later(world, 26)
    return move(world, request, ("route", "requester"))


BENCH_CLINIC = type(BENCH)("Park bench", "1", "120.00", "7035")


@pytest.mark.parametrize("world", ON_BOTH, indirect=True)
def test_an_approver_sees_what_changed_since_they_returned_it(world, sign_in):
    request = returned_and_routed_again(world)
    amos = sign_in("approver")
    inbox = amos.get("/inbox/")
    assert "What changed since you returned it" in words(inbox.text)
    page = amos.get(f"/purchase-request/versions/{request}")
    said = words(page.text)
    assert "Returned: Half of it will do" in said
    for row in (
        "Title Printers Fewer printers",
        "Line 1 Label printer",
        "Quantity 2 1",
        "Amount 200.00 100.00",
        "Funding S1, share 100 60",
        "Funding S2, share nothing 40",
        "Line 2 Park bench Removed",
        "Line 2 Keyboard Added",
        "Unit price nothing 44.99",
    ):
        assert row in said
    assert "Compare versions" in words(amos.get(f"/purchase-request/show/{request}").text)


def test_any_two_versions_are_compared_in_either_order(world, sign_in):
    request = returned_and_routed_again(world)
    amos = sign_in("approver")
    path = f"/purchase-request/versions/{request}"
    with records(world) as session:
        changes = select(AuditEntry.seq).where(AuditEntry.document_id == request, AuditEntry.field == "state")
        routed, returned, again = session.scalars(changes.order_by(AuditEntry.seq)).all()
    options = amos.get(path).text
    values = sorted({int(one) for one in re.findall(r'<option value="(\d+)"', options)})
    created, first, back, _ = values
    assert created < routed <= first < returned <= back < again
    forward = words(amos.get(f"{path}?since={first}&until={back}").text)
    assert "Nothing differs" in forward
    assert words(amos.get(f"{path}?since={back}").text).count("Quantity 2 1") == 1
    for forged in ("since=999999", "since=x&until=y", "since=-1", "until=99999999999999", "since=1%27&until="):
        assert amos.get(f"{path}?{forged}").status_code == 200
    turned = words(amos.get(f"{path}?since={back}&until={first}").text)
    assert "Nothing differs" in turned


def test_a_first_draft_is_compared_with_its_beginning_and_others_see_nothing(world, sign_in):
    hidden = a_basket(world, "routed", BENCH, place=PARKS)
    request = a_request(world)
    rosa = sign_in("requester")
    assert rosa.get(f"/purchase-request/versions/{request}").status_code == 200
    assert rosa.get(f"/market-basket/versions/{hidden}").status_code == 404
    assert rosa.get(f"/market-basket/versions/{request}").status_code == 404
    assert sign_in("crc").get(f"/purchase-request/versions/{request}").status_code in (403, 404)


@pytest.mark.parametrize("world", ON_BOTH, indirect=True)
def test_the_trail_tells_what_stands_in_the_tables(world):
    """Every field of the request, its lines and their funding, as the trail would write it."""
    request = returned_and_routed_again(world)
    with records(world) as session:
        kept = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.document_id == request, AuditEntry.action.in_(("add", "change", "remove")))
            .order_by(AuditEntry.seq)
        )
        told = {part[:2]: fields for part, fields in standing(_entry(one) for one in kept).items()}
        document = session.get_one(Document, request)
        parts = [document, *document.lines, *(one for item in document.lines for one in item.funding)]
        assert len(parts) == 1 + 2 + 4
        for part in parts:
            stands = {
                column.key: text
                for column in inspect(type(part)).column_attrs
                if column.key not in audit.SILENT | {"id", "kind"}
                and (text := audit.kept_value(part, column.key, getattr(part, column.key)) or "") not in NOTHING
            }
            found = told[(type(part).__name__, part.id)]
            assert found == stands
        gone = {key for entity, key in told if entity == "LineItem"} - {one.id for one in document.lines}
        assert not gone and session.scalar(select(LineItem.id).where(LineItem.description == "Park bench")) is None
