"""What an agreement has used: the meter, the ceiling, the orders."""

from decimal import Decimal

from sqlalchemy import select

from app.models import (
    Document,
    LineItem,
)
from tests.support.counting import statements
from tests.support.making import (
    an_agreement,
    an_order,
    records,
)
from tests.support.pages import words
from tests.support.people import Person
from tests.support.world import World

# What an agreement has used.


def test_the_meter_of_an_agreement(both: World) -> None:
    agreement = both.ids["MA-A"]
    rosa = Person(both.app, "requester")
    page = words(rosa.get(f"/master-agreement/show/{agreement}").text)
    assert "No line has been ordered yet." in page and "None that you may see." in page
    order = an_order(both, "released")
    an_order(both)
    said = words(rosa.get(f"/master-agreement/show/{agreement}").text)
    assert "Ordered $539.88" in said and "Ceiling None" in said and "Left No limit" in said
    assert "Keyboard, wired USB, contoured 12 EA 539.88 – – No ceiling" in said
    with records(both) as session:
        number = session.get_one(Document, order).number
    assert f"{number} Keyboards Nov 23, 2026 539.88" in said
    outside = words(Person(both.app, "outsider").get(f"/master-agreement/show/{agreement}").text)
    assert "Ordered $539.88" in outside, "the meter counts everything"
    assert str(number) not in outside and "None that you may see." in outside
    no_orders = words(Person(both.app, "crc").get(f"/master-agreement/show/{agreement}").text)
    assert "Orders under it" not in no_orders, "no right to orders, no list of them"


def test_a_ceiling_shows_what_is_left(both: World) -> None:
    from tests.support.making import Wanted

    binder = Wanted("Binder", "100", "3.50", "7510", funding={})
    agreement = an_agreement(both, "released", binder, subtype="blanket", ceiling=Decimal("400.00"))
    with records(both) as session:
        agreed = session.scalar(select(LineItem.id).where(LineItem.document_id == agreement))
    line = Wanted("Binder", "40", "3.50", "7510", extra={"agreement_line_id": agreed})
    both.ids["MA-BINDERS"] = agreement
    an_order(both, "released", line, vendor="B", agreement="BINDERS", title="Binders")
    page = Person(both.app, "requester").get(f"/master-agreement/show/{agreement}").text
    said = words(page)
    assert "Ordered $140.00" in said and "Ceiling $400.00" in said and "Left $260.00" in said
    assert "Binder 40 EA 140.00 100 60" in said
    assert 'aria-label="$140.00 of $400.00 ordered, 35 percent; $260.00 left"' in page
    assert 'aria-label="40 of 100 ordered, 40 percent; 60 left"' in page
    assert "Used so far" not in words(
        Person(both.app, "buyer").get(f"/master-agreement/show/{an_agreement(both)}").text
    )


def test_the_newest_orders_stand_there_and_the_list_has_the_rest(world: World, sign_in) -> None:
    agreement, rosa = world.ids["MA-A"], sign_in("requester")
    asked = []
    for orders in (2, 21):
        for number in range(orders):
            an_order(world, title=f"Keyboards {number}")
        with statements(world.app) as said:
            page = rosa.get(f"/master-agreement/show/{agreement}").text
        asked.append(len(said))
    assert page.count('class="docnum"') == 20 and "All 23 in the list" in words(page)
    assert asked[1] <= asked[0] + 1, "one more to count them"
    link = f"/delivery-order/list/?_flt_0_agreement={agreement}"
    assert link in page
    an_order(world, vendor="B", agreement="B", title="Not under it")
    listed = words(rosa.get(link).text)
    assert "Keyboards 20" in listed and "Not under it" not in listed
