"""Many lines at once: thirty pasted from a spreadsheet, one tab for all of them; with the clicks that it may take."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.models import LineItem, PurchaseRequest
from tests.support.browser import barriers, pick
from tests.support.making import PRINTER, Wanted, a_request, records
from tests.support.people import Person
from tests.support.world import World

pytestmark = pytest.mark.browser

HEADINGS = "Item description\tQty\tUOM\tUnit price\tNeed by"
THIRTY = [
    f"Chair, model {number}\t{number}\tEA\t$1,00{number % 10}.50\t12/{number % 20 + 1}/2026" for number in range(1, 31)
]


class Clicks:
    """Counts what the mouse presses."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, target: Locator) -> None:
        """One click."""
        target.click()
        self.count += 1


def copied(page: Page, *rows: str) -> None:
    """Rows copied in a spreadsheet."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", "\r\n".join(rows) + "\r\n")


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("html[data-ready]")


def arrived(page: Page, where: str) -> None:
    """The next page is there, with its scripts."""
    page.wait_for_url(where)
    page.wait_for_selector("html[data-ready]")


def descriptions(world: World, request: int) -> list[str]:
    with records(world) as session:
        return list(
            session.scalars(
                select(LineItem.description).where(LineItem.document_id == request).order_by(LineItem.position)
            )
        )


@pytest.fixture
def empty(world: World) -> int:
    """A request without lines."""
    Person(world.app, "requester").post("/purchase-request/add", title="Chairs")
    with records(world) as session:
        return session.scalar(select(PurchaseRequest.id)) or 0


def test_thirty_lines_from_a_spreadsheet_take_two_clicks(
    world: World, address: str, enter: Callable[[str], Page], empty: int
) -> None:
    page, clicks = enter("requester"), Clicks()
    opened(page, f"{address}/purchase-request/show/{empty}")
    copied(page, HEADINGS, *THIRTY)
    page.keyboard.press("Control+v")
    expect(page.get_by_text("30 rows are ready")).to_be_visible()
    clicks.on(page.get_by_role("button", name="Add 30 lines"))
    expect(page.get_by_text("30 lines added.")).to_be_visible()
    expect(page.locator("table.lines tbody tr")).to_have_count(30)
    assert clicks.count <= 2
    assert descriptions(world, empty) == [row.split("\t")[0] for row in THIRTY]


def test_the_keyboard_alone_pastes_and_adds(
    world: World, address: str, enter: Callable[[str], Page], empty: int
) -> None:
    page = enter("requester")
    opened(page, f"{address}/purchase-request/show/{empty}")
    copied(page, *THIRTY)
    page.keyboard.press("b")
    expect(page.locator("#line-1-description")).to_be_visible()
    page.locator("#line-1-description").focus()
    page.keyboard.press("Control+v")
    expect(page.get_by_role("button", name="Add 30 lines")).to_be_focused()
    assert barriers(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_text("30 lines added.")).to_be_visible()
    assert len(descriptions(world, empty)) == 30, "the blank line that was pasted into is one of them"


def test_what_is_typed_in_the_row_is_saved_before_rows_are_pasted(
    world: World, address: str, enter: Callable[[str], Page]
) -> None:
    request = a_request(world, "draft", PRINTER)
    page = enter("requester")
    opened(page, f"{address}/purchase-request/show/{request}")
    copied(page, "Chair\t2", "Desk\t1")
    page.fill("#line-1-quantity", "7")
    page.focus("#line-1-description")
    page.wait_for_load_state("networkidle")
    expect(page.locator("tr.saving")).to_have_count(0)
    page.keyboard.press("End")
    page.keyboard.type(", large")
    expect(page.locator("#line-1-description")).to_have_value("Label printer, large")
    page.keyboard.press("Control+v")
    expect(page.get_by_text("2 rows are ready")).to_be_visible()
    with records(world) as session:
        line = session.scalar(select(LineItem).where(LineItem.document_id == request))
        assert line is not None and (line.description, line.quantity) == ("Label printer, large", 7)


def test_a_single_cell_is_typed_into_its_field_as_ever(
    world: World, address: str, enter: Callable[[str], Page]
) -> None:
    request = a_request(world, "draft", PRINTER)
    page = enter("requester")
    opened(page, f"{address}/purchase-request/show/{request}")
    copied(page, "Label printer, colour")
    page.locator("#line-1-description").select_text()
    page.keyboard.press("Control+v")
    expect(page.locator("#line-1-description")).to_have_value("Label printer, colour")
    page.locator("#tab-papers").click()
    copied(page, "first line", "second line")
    page.locator("textarea[name=text]").first.focus()
    page.keyboard.press("Control+v")
    expect(page.locator("textarea[name=text]").first).to_have_value("first line\nsecond line\n")


def test_wrong_rows_are_corrected_where_they_stand(
    world: World, address: str, enter: Callable[[str], Page], empty: int, watch: Any
) -> None:
    page = enter("requester")
    opened(page, f"{address}/purchase-request/show/{empty}")
    copied(page, HEADINGS, "Chair\ttwo\tEA\t5.00\t12/1/2026", "Desk\t1\tEA\t80.00\t12/1/2026")
    page.keyboard.press("Control+v")
    cell = page.get_by_label("Row 2, Quantity")
    expect(cell).to_have_value("two")
    expect(cell).to_have_attribute("aria-invalid", "true")
    assert barriers(page) == []
    page.get_by_role("button", name="Add 1 line").click()
    expect(page.get_by_text("1 line added.")).to_be_visible()
    page.get_by_label("Row 2, Quantity").fill("2")
    page.get_by_role("button", name="Check again").click()
    page.get_by_role("button", name="Add 1 line").click()
    expect(page.locator("table.lines tbody tr")).to_have_count(2)
    assert descriptions(world, empty) == ["Desk", "Chair"]


def test_one_address_for_all_lines_takes_four_clicks(world: World, address: str, enter: Callable[[str], Page]) -> None:
    request = a_request(world, "draft", *[Wanted(f"Chair {number}", extra={"ship_to_id": None}) for number in range(8)])
    page, clicks = enter("requester"), Clicks()
    opened(page, f"{address}/purchase-request/show/{request}")
    clicks.on(page.get_by_role("link", name="Line 1, all its tabs"))
    arrived(page, "**/line/**")
    clicks.on(page.locator("#tab-address"))
    pick(page, "#ship_to", "Clinic dock")
    clicks.on(page.locator("#address").get_by_role("button", name="Apply to other lines"))
    expect(page.locator("ins", has_text="Clinic dock")).to_have_count(8)
    assert barriers(page) == []
    clicks.on(page.get_by_role("button", name="Apply to lines ticked: 8"))
    expect(page.get_by_text("Address: 8 lines changed.")).to_be_visible()
    assert clicks.count <= 4
    with records(world) as session:
        places = session.scalars(select(LineItem.ship_to_id).where(LineItem.document_id == request)).all()
    assert set(places) == {world.ids["clinic dock"]}


def test_one_funding_for_all_lines_takes_four_clicks(world: World, address: str, enter: Callable[[str], Page]) -> None:
    request = a_request(world, "draft", PRINTER, Wanted("Chair"), Wanted("Desk"))
    page, clicks = enter("requester"), Clicks()
    opened(page, f"{address}/purchase-request/show/{request}")
    clicks.on(page.get_by_text("Fund all lines alike"))
    for number, (strip, share) in enumerate((("S1", "60"), ("S2", "40")), 1):
        pick(page, f"#all-strip-{number}", strip)
        page.fill(f"#all-share-{number}", share)
    clicks.on(page.get_by_role("button", name="Preview for all 3 lines"))
    expect(page.get_by_text("S1 60 %, S2 40 %")).to_have_count(3)
    clicks.on(page.get_by_role("button", name="Apply to lines ticked: 3"))
    expect(page.get_by_text("Funding: 3 lines changed.")).to_be_visible()
    assert clicks.count <= 4


def test_ticks_follow_the_keyboard_and_the_preview_follows_the_ticks(
    world: World, address: str, enter: Callable[[str], Page]
) -> None:
    request = a_request(world, "draft", PRINTER, Wanted("Chair"), Wanted("Desk"))
    page = enter("requester")
    with records(world) as session:
        line = session.scalar(select(LineItem.id).where(LineItem.document_id == request))
    opened(page, f"{address}/purchase-request/line/{request}/{line}/#address")
    page.select_option("#fob", "Destination")
    page.fill("#markings", "Door 4")
    page.locator("#address").get_by_role("button", name="Apply to other lines").press("Enter")
    arrived(page, "**/change/**")
    expect(page.locator("ins", has_text="Destination")).to_have_count(3)
    page.get_by_label("FOB").press("Space")
    expect(page.locator("ins", has_text="Destination")).to_have_count(0)
    expect(page.get_by_label("FOB")).to_be_focused()
    page.get_by_label("Line 2", exact=True).press("Space")
    expect(page.get_by_role("button", name="Apply to lines ticked: 2")).to_be_visible()
    page.get_by_label("Line 2", exact=True).blur()
    page.keyboard.press("a")
    expect(page.get_by_text("Address: 2 lines changed.")).to_be_visible()
