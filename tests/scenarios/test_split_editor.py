"""The split editor: what it says while somebody types. Source: LIN-04."""

from tests.abuse.evidence import nothing_changes
from tests.support.making import a_basket, line_id


def test_the_split_that_is_typed_says_what_it_leaves_open_and_writes_nothing(world, sign_in):
    """By percent, by amount, and with a share that is no number."""
    basket = a_basket(world)
    line, strip, rosa = line_id(world, basket), str(world.ids["S1"]), sign_in("requester")
    place = f"/market-basket/line/{basket}/{line}/split"
    with nothing_changes(world):
        half = rosa.get(f"{place}?basis=percent&strip={strip}&strip_text=S1&share=50").text
        assert "Funding adds up to 50 % of 100 %. Allocate the remaining 50 %" in half
        some = rosa.get(f"{place}?basis=amount&strip={strip}&strip_text=S1&share=1.00").text
        assert "Allocate the remaining" in some and 'id="split-amount-1"' in some and ">1.00</span>" in some
        assert "covers" in rosa.get(f"{place}?basis=percent&strip={strip}&strip_text=S1&share=100").text
        assert "Enter a number" in rosa.get(f"{place}?basis=percent&strip={strip}&strip_text=S1&share=half").text
        assert "Choose at least one funding strip." in rosa.get(place).text
        assert sign_in("auditor").get(place).status_code in (403, 404)
